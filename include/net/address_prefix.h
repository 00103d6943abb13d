/*
 * address_prefix: a range of IPv4 or IPv6 addresses, those that begin with the same bits (CIDR, RFC
 * 4632): "203.0.113.0/24", "2001:db8::/48". A single address is the range of all its bits. An IPv4
 * address that is mapped into IPv6 (::ffff:a.b.c.d) is that IPv4 address, so ranges of the two
 * families have no address in common.
 *
 * Values are always canonical: bits behind the prefix are 0, and so are unused bytes. The interface
 * of a link-local address is no part of it.
 */
#ifndef NET_ADDRESS_PREFIX_H
#define NET_ADDRESS_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr_storage;

enum {
    ADDRESS_PREFIX_BYTES = 16,
    ADDRESS_PREFIX_SIZE = 48, /* bytes of a formatted prefix with the NUL */
    ADDRESS_PREFIX_IPV4_BITS = 32,
    ADDRESS_PREFIX_IPV6_BITS = 128
};

enum address_family { ADDRESS_NONE, ADDRESS_IPV4, ADDRESS_IPV6 };

/* All zero is no address at all, as of a unix socket; no range contains it. */
struct address_prefix {
    uint8_t family; /* enum address_family */
    uint8_t bits;   /* the length of the prefix */
    unsigned char bytes[ADDRESS_PREFIX_BYTES];
};

/* The forms that address_prefix_parse() reads, for a person. */
#define ADDRESS_PREFIX_FORMS "203.0.113.9, 203.0.113.0/24, 2001:db8::1 or 2001:db8::/48"

/*
 * Reads a text of `length` bytes: an address, or an address, '/' and a number of bits. Bits of the
 * address behind the prefix are dropped, as 203.0.113.9/24 is meant for 203.0.113.0/24. Returns
 * false, with *prefix unchanged, for anything else, also for names of hosts and interfaces.
 */
bool address_prefix_parse(const char *text, size_t length, struct address_prefix *prefix);

/* Returns the one address of a socket; no address for a family other than IPv4 and IPv6. */
struct address_prefix address_prefix_of(const struct sockaddr_storage *address);

/* Returns the range of all addresses that begin as `prefix`, up to at most `bits`. */
struct address_prefix address_prefix_cut(const struct address_prefix *prefix, unsigned bits);

/*
 * Returns the range of a host's addresses: of an IPv6 address its /64 network, because every
 * customer is given at least a /64 and can use all its addresses; of an IPv4 address that address.
 */
struct address_prefix address_prefix_host(const struct address_prefix *address);

/* Whether all addresses of `part` are in `range`. */
bool address_prefix_contains(const struct address_prefix *range, const struct address_prefix *part);

/* An order among prefixes: below, equal to or above 0, as memcmp(). 0: they are equal. */
int address_prefix_compare(const struct address_prefix *left, const struct address_prefix *right);

/*
 * Writes the canonical form: "203.0.113.9" for a single address, "203.0.113.0/24" for a range, ""
 * for no address.
 */
void address_prefix_format(const struct address_prefix *prefix, char text[ADDRESS_PREFIX_SIZE]);

#endif
