/*
 * proxy_header: the header of the PROXY protocol, in which a proxy tells whose connection it passes
 * on, before anything of it: version 1, a line of text, and version 2, binary ("The PROXY
 * protocol", haproxy's doc/proxy-protocol.txt, sections 2.1 and 2.2).
 *
 * The header is untrusted input. Nothing behind it is taken. No function here takes a lock.
 */
#ifndef NET_PROXY_HEADER_H
#define NET_PROXY_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { PROXY_HEADER_KEPT = 56 }; /* bytes of a header of version 2 that matter: the addresses */

enum { PROXY_HEADER_LINE_MAX = 107 }; /* bytes of one of version 1, with its end */

/* Reads one header. All zero at the beginning. */
struct proxy_header {
    unsigned char bytes[PROXY_HEADER_LINE_MAX + 1];
    size_t taken; /* bytes of the header so far */

    /* Once the header is whole: */
    bool told;                      /* it tells who the client is, */
    struct sockaddr_storage source; /* by this address */
};

enum proxy_header_state {
    PROXY_HEADER_UNFINISHED,
    PROXY_HEADER_WHOLE,
    PROXY_HEADER_MALFORMED /* it is none */
};

/*
 * Takes what belongs to the header of bytes that follow those before. Stores how many that are: all
 * of them while it is unfinished.
 */
enum proxy_header_state proxy_header_take(struct proxy_header *header, const void *bytes,
                                          size_t length, size_t *used);

#endif
