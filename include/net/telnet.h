/*
 * telnet: takes telnet's commands out of what a peer sends (RFC 854, RFC 855), and refuses every
 * option once, TIMING-MARK each time (RFC 1143: an answer is given only where something would
 * change, so two sides can never answer each other for ever). Bytes in, bytes out; it knows nothing
 * of sockets.
 *
 * A parser belongs to one thread. All zero is a parser that has seen nothing.
 */
#ifndef NET_TELNET_H
#define NET_TELNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Commands (RFC 854, "TELNET COMMAND STRUCTURE"). */
enum {
    TELNET_SE = 240,
    TELNET_SB = 250,
    TELNET_WILL = 251,
    TELNET_WONT = 252,
    TELNET_DO = 253,
    TELNET_DONT = 254,
    TELNET_IAC = 255
};

enum {
    TELNET_TIMING_MARK = 6, /* the one option that is special here (RFC 860) */
    TELNET_REPLY_BYTES = 3
};

struct telnet {
    unsigned char state;    /* where in a command the next byte falls */
    unsigned char verb;     /* WILL, WONT, DO or DONT, its option to come */
    bool spoken;            /* the peer sent a command: it speaks telnet */
    uint8_t refused[2][32]; /* one bit an option: ours (DO) and the peer's (WILL) */
};

/* Sends one command of TELNET_REPLY_BYTES bytes to the peer. */
typedef void telnet_reply(void *context, const unsigned char command[TELNET_REPLY_BYTES]);

/*
 * Takes the commands out of `bytes`, in place, whatever cuts the stream was read in, and returns
 * how many bytes of text remain. Refusals go to `reply`. IAC IAC is the byte 255.
 */
size_t telnet_receive(struct telnet *telnet, char *bytes, size_t length, telnet_reply *reply,
                      void *context);

#endif
