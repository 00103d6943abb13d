#include "suites.h"
#include "base/platform.h"

#include "net/address_prefix.h"

#include <CUnit/CUnit.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define ROWS(table) (sizeof table / sizeof *table)

static bool parse(const char *text, struct address_prefix *prefix)
{
    return address_prefix_parse(text, strlen(text), prefix);
}

static struct address_prefix of(const char *text)
{
    struct address_prefix prefix = {.family = ADDRESS_NONE};
    EXPECT(parse(text, &prefix), "'%s' is refused", text);
    return prefix;
}

static void has_one_canonical_form(void)
{
    static const struct {
        const char *text, *canonical;
    } rows[] = {
        {"203.0.113.9", "203.0.113.9"},
        {"203.0.113.0/24", "203.0.113.0/24"},
        {"203.0.113.9/24", "203.0.113.0/24"},
        {"203.0.113.9/32", "203.0.113.9"},
        {"203.0.113.255/25", "203.0.113.128/25"},
        {"203.0.113.255/31", "203.0.113.254/31"},
        {"203.0.113.255/1", "128.0.0.0/1"},
        {"203.0.113.255/0", "0.0.0.0/0"},
        {"2001:db8::1", "2001:db8::1"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8::/48", "2001:db8::/48"},
        {"2001:db8:1:2:3::/47", "2001:db8::/47"},
        {"2001:db8::ffff/128", "2001:db8::ffff"},
        {"ffff:ffff::/0", "::/0"},
        {"::", "::"},
        {"::ffff:203.0.113.9", "203.0.113.9"},
        {"::ffff:cb00:7109", "203.0.113.9"},
        {"::ffff:203.0.113.9/120", "203.0.113.0/24"},
        {"::ffff:203.0.113.9/96", "0.0.0.0/0"},
        {"fe80::1", "fe80::1"},
        {"2001:0db8:1111:2222:3333:4444:5555:6666/127",
         "2001:db8:1111:2222:3333:4444:5555:6666/127"},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[ADDRESS_PREFIX_SIZE];
        struct address_prefix prefix = of(rows[i].text);
        address_prefix_format(&prefix, text);
        EXPECT(strcmp(text, rows[i].canonical) == 0, "'%s' becomes '%s'", rows[i].text, text);
        struct address_prefix again = of(text);
        CU_ASSERT_EQUAL(address_prefix_compare(&prefix, &again), 0);
    }
}

static void refuses_other_texts(void)
{
    static const char *const rows[] = {
        "",
        "/",
        "/24",
        "203.0.113",
        "203.0.113.9/",
        "203.0.113.9/33",
        "203.0.113.9/-1",
        "203.0.113.9/+8",
        "203.0.113.9/ 8",
        "203.0.113.9/08",
        "203.0.113.9/8/8",
        "203.0.113.256",
        "203.0.113.9 ",
        " 203.0.113.9",
        "203.0.113.9:80",
        "[2001:db8::1]",
        "2001:db8::1/129",
        "2001:db8::1/",
        "2001:db8:::1",
        "fe80::1%lo",
        "localhost",
        "Bob",
        "3405803785",
        "0x7f.1",
        "203.0.113.9/255.255.255.0",
        "203.0.113.9/18446744073709551640",
        "2001:0db8:1111:2222:3333:4444:5555:6666:7777:8888:9999",
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct address_prefix prefix = {.bits = 99};
        EXPECT(!parse(rows[i], &prefix), "'%s' is read", rows[i]);
        CU_ASSERT_EQUAL(prefix.bits, 99);
    }
    struct address_prefix prefix;
    CU_ASSERT_FALSE(address_prefix_parse("::1\0/8", 6, &prefix));
    CU_ASSERT_TRUE(address_prefix_parse("203.0.113.9 spam", 11, &prefix));
}

static void contains_what_begins_so(void)
{
    static const struct {
        const char *range, *part;
        bool contains;
    } rows[] = {
        {"203.0.113.9", "203.0.113.9", true},
        {"203.0.113.9", "203.0.113.8", false},
        {"203.0.113.0/24", "203.0.113.255", true},
        {"203.0.113.0/24", "203.0.114.0", false},
        {"203.0.113.0/24", "203.0.113.0/25", true},
        {"203.0.113.0/24", "203.0.113.0/23", false},
        {"203.0.113.128/25", "203.0.113.127", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "::ffff:203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "2001:db8::1", true},
        {"::/0", "203.0.113.9", false},
        {"::/0", "::ffff:203.0.113.9", false},
        {"2001:db8::/48", "2001:db8:0:ffff::1", true},
        {"2001:db8::/48", "2001:db8:1::1", false},
        {"2001:db8::/47", "2001:db8:1::1", true},
        {"2001:db8::1", "2001:db8::1", true},
        {"2001:db8::1", "2001:db8::2", false},
        {"::ffff:203.0.113.0/120", "203.0.113.7", true},
        {"cb00:7109::/32", "203.0.113.9", false}, /* the same bytes in front */
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct address_prefix range = of(rows[i].range), part = of(rows[i].part);
        EXPECT(address_prefix_contains(&range, &part) == rows[i].contains, "%s in %s", rows[i].part,
               rows[i].range);
    }
}

static void reads_sockets(void)
{
    struct sockaddr_storage address = {0};
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = 7};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = 7, .sin6_scope_id = 3};
    struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "/tmp/socket"};
    inet_pton(AF_INET, "203.0.113.9", &ipv4.sin_addr);
    memcpy(&address, &ipv4, sizeof ipv4);
    struct address_prefix first = address_prefix_of(&address), same = of("203.0.113.9");
    CU_ASSERT_EQUAL(address_prefix_compare(&first, &same), 0);
    inet_pton(AF_INET6, "::ffff:203.0.113.9", &ipv6.sin6_addr);
    memcpy(&address, &ipv6, sizeof ipv6);
    struct address_prefix second = address_prefix_of(&address);
    CU_ASSERT_EQUAL(address_prefix_compare(&second, &same), 0);
    inet_pton(AF_INET6, "fe80::1", &ipv6.sin6_addr);
    memcpy(&address, &ipv6, sizeof ipv6);
    struct address_prefix third = address_prefix_of(&address), local = of("fe80::1");
    CU_ASSERT_EQUAL(address_prefix_compare(&third, &local), 0);
    memset(&address, 0, sizeof address);
    memcpy(&address, &path, sizeof path);
    struct address_prefix none = address_prefix_of(&address), all = of("::/0");
    char text[ADDRESS_PREFIX_SIZE] = "x";
    address_prefix_format(&none, text);
    CU_ASSERT_STRING_EQUAL(text, "");
    CU_ASSERT_FALSE(address_prefix_contains(&all, &none));
    CU_ASSERT_FALSE(address_prefix_contains(&none, &none));
}

static void finds_the_host(void)
{
    static const struct {
        const char *address, *host;
    } rows[] = {
        {"203.0.113.9", "203.0.113.9"},
        {"::ffff:203.0.113.9", "203.0.113.9"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:db8::/48", "2001:db8::/48"},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct address_prefix address = of(rows[i].address), expected = of(rows[i].host);
        struct address_prefix host = address_prefix_host(&address);
        EXPECT(address_prefix_compare(&host, &expected) == 0, "the host of %s", rows[i].address);
    }
}

static const struct test tests[] = {
    {"each prefix has one form, in which it is written and read again", has_one_canonical_form},
    {"what is no address and no prefix is refused", refuses_other_texts},
    {"a range contains what begins with its bits, and nothing of another family",
     contains_what_begins_so},
    {"a socket's address is read, a mapped one as IPv4, and a path is none", reads_sockets},
    {"a host is an IPv4 address or an IPv6 /64", finds_the_host},
};

void add_address_prefix_suite(void)
{
    SUITE_ADD("address_prefix", tests);
}
