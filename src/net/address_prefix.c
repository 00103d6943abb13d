#include "base/platform.h"

#include "base/number.h"
#include "net/address_prefix.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* How an IPv4 address is mapped into IPv6 (RFC 4291, section 2.5.5.2). */
static const unsigned char mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

enum { MAPPED_BYTES = sizeof mapped, MAPPED_BITS = MAPPED_BYTES * 8, IPV4_BYTES = 4 };

enum { HOST_BITS = 64 }; /* of an IPv6 address; an IPv4 address has fewer anyway */

static unsigned all_bits(enum address_family family)
{
    if (family == ADDRESS_NONE)
        return 0;
    return family == ADDRESS_IPV4 ? ADDRESS_PREFIX_IPV4_BITS : ADDRESS_PREFIX_IPV6_BITS;
}

static struct address_prefix make_ipv4(const void *bytes, unsigned bits)
{
    struct address_prefix prefix = {.family = ADDRESS_IPV4, .bits = ADDRESS_PREFIX_IPV4_BITS};
    memcpy(prefix.bytes, bytes, IPV4_BYTES);
    return address_prefix_cut(&prefix, bits);
}

static struct address_prefix make_ipv6(const unsigned char *bytes, unsigned bits)
{
    struct address_prefix prefix = {.family = ADDRESS_IPV6, .bits = ADDRESS_PREFIX_IPV6_BITS};
    if (bits >= MAPPED_BITS && memcmp(bytes, mapped, MAPPED_BYTES) == 0)
        return make_ipv4(bytes + MAPPED_BYTES, bits - MAPPED_BITS);
    memcpy(prefix.bytes, bytes, sizeof prefix.bytes);
    return address_prefix_cut(&prefix, bits);
}

struct address_prefix address_prefix_of(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET) {
        struct sockaddr_in ipv4;
        memcpy(&ipv4, address, sizeof ipv4);
        return make_ipv4(&ipv4.sin_addr, ADDRESS_PREFIX_IPV4_BITS);
    }
    if (address->ss_family == AF_INET6) {
        struct sockaddr_in6 ipv6;
        memcpy(&ipv6, address, sizeof ipv6);
        return make_ipv6(ipv6.sin6_addr.s6_addr, ADDRESS_PREFIX_IPV6_BITS);
    }
    return (struct address_prefix){.family = ADDRESS_NONE};
}

struct address_prefix address_prefix_cut(const struct address_prefix *prefix, unsigned bits)
{
    struct address_prefix cut = *prefix;
    if (bits >= prefix->bits)
        return cut;
    cut.bits = (uint8_t)bits;
    for (unsigned i = 0; i < ADDRESS_PREFIX_BYTES; i++) {
        unsigned kept = bits > i * 8 ? bits - i * 8 : 0;
        if (kept < 8)
            cut.bytes[i] &= (unsigned char)(0xFF00U >> kept);
    }
    return cut;
}

struct address_prefix address_prefix_host(const struct address_prefix *address)
{
    return address_prefix_cut(address, HOST_BITS);
}

/* Reads the number of bits behind the slash: digits alone, without zeros in front. */
static bool read_bits(const char *text, unsigned high, unsigned *bits)
{
    uint64_t number;
    bool padded = text[0] == '0' && text[1] != '\0';
    if (padded || !number_parse(text, 0, high, &number))
        return false;
    *bits = (unsigned)number;
    return true;
}

bool address_prefix_parse(const char *text, size_t length, struct address_prefix *prefix)
{
    char address[ADDRESS_PREFIX_SIZE];
    struct in_addr ipv4;
    struct in6_addr ipv6;
    if (length >= sizeof address || memchr(text, '\0', length) != NULL)
        return false;
    memcpy(address, text, length);
    address[length] = '\0';
    char *slash = strchr(address, '/');
    if (slash != NULL)
        *slash = '\0';
    bool is_ipv4 = inet_pton(AF_INET, address, &ipv4) == 1;
    if (!is_ipv4 && inet_pton(AF_INET6, address, &ipv6) != 1)
        return false;
    unsigned bits = all_bits(is_ipv4 ? ADDRESS_IPV4 : ADDRESS_IPV6);
    if (slash != NULL && !read_bits(slash + 1, bits, &bits))
        return false;
    *prefix = is_ipv4 ? make_ipv4(&ipv4, bits) : make_ipv6(ipv6.s6_addr, bits);
    return true;
}

bool address_prefix_contains(const struct address_prefix *range, const struct address_prefix *part)
{
    if (range->family == ADDRESS_NONE || range->family != part->family || part->bits < range->bits)
        return false;
    struct address_prefix cut = address_prefix_cut(part, range->bits);
    return memcmp(cut.bytes, range->bytes, sizeof cut.bytes) == 0;
}

int address_prefix_compare(const struct address_prefix *left, const struct address_prefix *right)
{
    if (left->family != right->family)
        return left->family < right->family ? -1 : 1;
    int order = memcmp(left->bytes, right->bytes, sizeof left->bytes);
    return order != 0 ? order : (int)left->bits - (int)right->bits;
}

void address_prefix_format(const struct address_prefix *prefix, char text[ADDRESS_PREFIX_SIZE])
{
    int family = prefix->family == ADDRESS_IPV4 ? AF_INET : AF_INET6;
    *text = '\0';
    if (prefix->family == ADDRESS_NONE ||
        inet_ntop(family, prefix->bytes, text, INET6_ADDRSTRLEN) == NULL)
        return;
    size_t length = strlen(text);
    if (prefix->bits < all_bits((enum address_family)prefix->family))
        snprintf(text + length, ADDRESS_PREFIX_SIZE - length, "/%d", prefix->bits);
}
