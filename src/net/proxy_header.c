#include "base/platform.h"

#include "base/number.h"
#include "net/proxy_header.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

/* Version 1: "PROXY TCP4 203.0.113.9 192.0.2.1 50512 8888" and CR LF. */

static const char line_start[] = "PROXY ";
enum { LINE_START_BYTES = sizeof line_start - 1 };

/* Version 2: signature, version and command, family and protocol, length of the rest; the rest. */

static const unsigned char signature[] = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D,
                                          0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
enum {
    SIGNATURE_BYTES = sizeof signature,
    COMMAND_PLACE = SIGNATURE_BYTES,
    FAMILY_PLACE,
    LENGTH_PLACE,
    FIXED_BYTES = LENGTH_PLACE + 2,
    COMMAND_LOCAL = 0x20,
    COMMAND_PROXY = 0x21,
    FAMILY_TCP_IPV4 = 0x11, /* the family above, the transport below */
    FAMILY_TCP_IPV6 = 0x21,
    FAMILY_MAX = 3,    /* that of unix sockets */
    TRANSPORT_MAX = 2, /* datagrams */
    IPV4_BYTES = 12,   /* both addresses with their ports */
    IPV6_BYTES = 36
};

_Static_assert(FIXED_BYTES + (int)IPV6_BYTES <= (int)PROXY_HEADER_KEPT, "both addresses are kept");
_Static_assert((int)PROXY_HEADER_KEPT <= (int)PROXY_HEADER_LINE_MAX, "and fit");

static void tell_ipv4(struct proxy_header *header, const void *address, uint16_t port)
{
    struct sockaddr_in source = {.sin_family = AF_INET, .sin_port = htons(port)};
    memcpy(&source.sin_addr, address, sizeof source.sin_addr);
    memcpy(&header->source, &source, sizeof source);
    header->told = true;
}

static void tell_ipv6(struct proxy_header *header, const void *address, uint16_t port)
{
    struct sockaddr_in6 source = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memcpy(&source.sin6_addr, address, sizeof source.sin6_addr);
    memcpy(&header->source, &source, sizeof source);
    header->told = true;
}

/*
 * Version 1.
 */

enum { FIELDS = 4 }; /* two addresses, two ports */

/* Cuts the text into fields, between which there is one blank each. Returns false for others. */
static bool split(char *text, char *fields[FIELDS])
{
    for (size_t i = 0; i < FIELDS; i++) {
        char *blank = strchr(text, ' ');
        if ((blank == NULL) != (i == FIELDS - 1))
            return false;
        fields[i] = text;
        if (blank == NULL)
            break;
        *blank = '\0';
        text = blank + 1;
    }
    return true;
}

/* A zero in front of a number makes it octal for some readers: the protocol has none there. */
static bool read_port(const char *text, uint64_t *port)
{
    return (text[0] != '0' || text[1] == '\0') && number_parse(text, 0, UINT16_MAX, port);
}

static bool read_fields(struct proxy_header *header, char *text, int family)
{
    char *fields[FIELDS];
    unsigned char source[sizeof(struct in6_addr)], target[sizeof(struct in6_addr)];
    uint64_t source_port, target_port;
    if (!split(text, fields) || inet_pton(family, fields[0], source) != 1 ||
        inet_pton(family, fields[1], target) != 1 || !read_port(fields[2], &source_port) ||
        !read_port(fields[3], &target_port))
        return false;
    if (family == AF_INET)
        tell_ipv4(header, source, (uint16_t)source_port);
    else
        tell_ipv6(header, source, (uint16_t)source_port);
    return true;
}

/* Reads a line without its end. */
static bool read_line(struct proxy_header *header, char *text)
{
    static const char ipv4[] = "TCP4 ", ipv6[] = "TCP6 ", unknown[] = "UNKNOWN";
    text += LINE_START_BYTES;
    if (strncmp(text, ipv4, sizeof ipv4 - 1) == 0)
        return read_fields(header, text + sizeof ipv4 - 1, AF_INET);
    if (strncmp(text, ipv6, sizeof ipv6 - 1) == 0)
        return read_fields(header, text + sizeof ipv6 - 1, AF_INET6);
    if (strncmp(text, unknown, sizeof unknown - 1) != 0)
        return false;
    text += sizeof unknown - 1;
    return *text == '\0' || *text == ' '; /* what follows is to be ignored */
}

static enum proxy_header_state take_line(struct proxy_header *header, unsigned char byte)
{
    size_t before = header->taken - 1;
    if (byte == '\n') {
        if (before <= LINE_START_BYTES || header->bytes[before - 1] != '\r')
            return PROXY_HEADER_MALFORMED;
        header->bytes[before - 1] = '\0';
        return read_line(header, (char *)header->bytes) ? PROXY_HEADER_WHOLE
                                                        : PROXY_HEADER_MALFORMED;
    }
    if (byte == '\0' || header->taken == PROXY_HEADER_LINE_MAX)
        return PROXY_HEADER_MALFORMED;
    return PROXY_HEADER_UNFINISHED;
}

/*
 * Version 2.
 */

static uint16_t read_16(const unsigned char *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* Reads the addresses. What a family tells that is not TCP's, and what stands behind, is ignored.
 */
static enum proxy_header_state read_rest(struct proxy_header *header, size_t rest)
{
    const unsigned char *addresses = header->bytes + FIXED_BYTES;
    unsigned char family = header->bytes[FAMILY_PLACE];
    if (header->bytes[COMMAND_PLACE] == COMMAND_LOCAL)
        return PROXY_HEADER_WHOLE;
    if ((family == FAMILY_TCP_IPV4 && rest < IPV4_BYTES) ||
        (family == FAMILY_TCP_IPV6 && rest < IPV6_BYTES))
        return PROXY_HEADER_MALFORMED;
    if (family == FAMILY_TCP_IPV4)
        tell_ipv4(header, addresses, read_16(addresses + 8));
    else if (family == FAMILY_TCP_IPV6)
        tell_ipv6(header, addresses, read_16(addresses + 32));
    return PROXY_HEADER_WHOLE;
}

/* Whether the protocol has this family and transport. With LOCAL they mean nothing. */
static bool is_family(const struct proxy_header *header, unsigned char byte)
{
    return header->bytes[COMMAND_PLACE] == COMMAND_LOCAL ||
           (byte >> 4 <= FAMILY_MAX && (byte & 0xF) <= TRANSPORT_MAX);
}

static enum proxy_header_state take_binary(struct proxy_header *header, unsigned char byte)
{
    size_t place = header->taken - 1;
    if (place < SIGNATURE_BYTES)
        return byte == signature[place] ? PROXY_HEADER_UNFINISHED : PROXY_HEADER_MALFORMED;
    if (place == COMMAND_PLACE && byte != COMMAND_LOCAL && byte != COMMAND_PROXY)
        return PROXY_HEADER_MALFORMED;
    if (place == FAMILY_PLACE && !is_family(header, byte))
        return PROXY_HEADER_MALFORMED;
    if (place < FIXED_BYTES - 1)
        return PROXY_HEADER_UNFINISHED;
    size_t rest = read_16(header->bytes + LENGTH_PLACE);
    return header->taken == FIXED_BYTES + rest ? read_rest(header, rest) : PROXY_HEADER_UNFINISHED;
}

static enum proxy_header_state take(struct proxy_header *header, unsigned char byte)
{
    size_t place = header->taken++;
    if (place < PROXY_HEADER_LINE_MAX)
        header->bytes[place] = byte;
    if (header->bytes[0] == signature[0])
        return take_binary(header, byte);
    if (place < LINE_START_BYTES)
        return byte == (unsigned char)line_start[place] ? PROXY_HEADER_UNFINISHED
                                                        : PROXY_HEADER_MALFORMED;
    return take_line(header, byte);
}

enum proxy_header_state proxy_header_take(struct proxy_header *header, const void *bytes,
                                          size_t length, size_t *used)
{
    enum proxy_header_state state = PROXY_HEADER_UNFINISHED;
    *used = 0;
    while (*used < length && state == PROXY_HEADER_UNFINISHED)
        state = take(header, ((const unsigned char *)bytes)[(*used)++]);
    return state;
}
