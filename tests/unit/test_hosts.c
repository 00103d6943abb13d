#include "suites.h"
#include "base/platform.h"

#include "base/clock.h"
#include "net/hosts.h"

#include <CUnit/CUnit.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* The address that a connection from `text` has, whose port is nobody's business. */
static struct sockaddr_storage address_of(const char *text, unsigned scope)
{
    static in_port_t port;
    struct sockaddr_storage address = {0};
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = ++port};
    struct sockaddr_in6 ipv6 = {
        .sin6_family = AF_INET6, .sin6_port = ++port, .sin6_scope_id = scope};
    if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1)
        memcpy(&address, &ipv4, sizeof ipv4);
    else if (inet_pton(AF_INET6, text, &ipv6.sin6_addr) == 1)
        memcpy(&address, &ipv6, sizeof ipv6);
    else
        CU_FAIL_FATAL("no address");
    return address;
}

#define NOW (1000 * CLOCK_SECOND)

static void leave(struct hosts *hosts, struct host *host)
{
    hosts_leave(hosts, host, NOW);
}

static struct host *enter(struct hosts *hosts, const char *text, unsigned limit)
{
    struct sockaddr_storage address = address_of(text, 0);
    return hosts_enter(hosts, &address, limit, NOW);
}

static void counts_to_the_limit(void)
{
    struct hosts hosts = {0};
    struct host *host[3];
    for (int i = 0; i < 3; i++) {
        host[i] = enter(&hosts, "192.0.2.1", 3);
        CU_ASSERT_PTR_NOT_NULL_FATAL(host[i]);
    }
    errno = 0;
    CU_ASSERT_PTR_NULL(enter(&hosts, "192.0.2.1", 3));
    CU_ASSERT_EQUAL(errno, EAGAIN);
    leave(&hosts, host[2]);
    host[2] = enter(&hosts, "192.0.2.1", 3);
    CU_ASSERT_PTR_NOT_NULL(host[2]);
    CU_ASSERT_PTR_NULL(enter(&hosts, "192.0.2.1", 3));
    for (int i = 0; i < 3; i++)
        leave(&hosts, host[i]);
    hosts_clear(&hosts);
}

static void hosts_are_apart(void)
{
    struct hosts hosts = {0};
    struct host *first = enter(&hosts, "192.0.2.1", 1);
    struct host *second = enter(&hosts, "192.0.2.10", 1);
    struct host *third = enter(&hosts, "2001:db8::1", 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(first);
    CU_ASSERT_PTR_NOT_NULL_FATAL(second);
    CU_ASSERT_PTR_NOT_NULL_FATAL(third);
    CU_ASSERT_PTR_NULL(enter(&hosts, "192.0.2.1", 1));
    leave(&hosts, first);
    CU_ASSERT_PTR_NULL(enter(&hosts, "192.0.2.10", 1));
    leave(&hosts, second);
    leave(&hosts, third);
    hosts_clear(&hosts);
}

static void forgets_who_left(void)
{
    struct hosts hosts = {0};
    struct host *host[500];
    char address[32];
    for (int i = 0; i < 500; i++) {
        snprintf(address, sizeof address, "10.0.%d.%d", i / 250, i % 250);
        host[i] = enter(&hosts, address, 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(host[i]);
    }
    for (int i = 0; i < 500; i++)
        leave(&hosts, host[i * 7 % 500]);
    hosts_clear(&hosts);
    CU_ASSERT_PTR_NULL(hosts.tree);
}

/* Two addresses, each on a network interface of that number, and whether they are one host. */
static const struct pair {
    const char *left;
    unsigned left_scope;
    const char *right;
    unsigned right_scope;
    bool same;
} pairs[] = {
    {"2001:db8::1", 0, "2001:db8::2", 0, true},
    {"2001:db8:1:2::", 0, "2001:db8:1:2:ffff:ffff:ffff:ffff", 0, true},
    {"2001:db8:1:2::1", 0, "2001:db8:1:3::1", 0, false},
    {"2001:db8:1:2::1", 0, "2001:db8:1:102::1", 0, false},
    {"2001:db8::1", 0, "2002:db8::1", 0, false},
    {"2001:db8::1", 1, "2001:db8::2", 2, true}, /* these are the same everywhere */
    {"192.0.2.1", 0, "192.0.2.2", 0, false},
    {"192.0.2.1", 0, "::ffff:192.0.2.1", 0, true},
    {"::ffff:192.0.2.1", 0, "::ffff:192.0.2.2", 0, false},
    {"::ffff:192.0.2.1", 0, "::1", 0, false},
    {"192.0.2.1", 0, "c000:201::", 0, false}, /* the same bytes in front */
    {"fe80::1", 2, "fe80::1", 2, true},
    {"fe80::1", 2, "fe80::1", 3, false},
};

static void networks_are_hosts(void)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const struct pair *pair = &pairs[i];
        struct hosts hosts = {0};
        struct sockaddr_storage left = address_of(pair->left, pair->left_scope);
        struct sockaddr_storage right = address_of(pair->right, pair->right_scope);
        struct host *first = hosts_enter(&hosts, &left, 1, NOW);
        struct host *second = hosts_enter(&hosts, &right, 1, NOW);
        CU_ASSERT_PTR_NOT_NULL_FATAL(first);
        EXPECT((second == NULL) == pair->same, "%s and %s", pair->left, pair->right);
        leave(&hosts, first);
        if (second != NULL)
            leave(&hosts, second);
        hosts_clear(&hosts);
        CU_ASSERT_PTR_NULL(hosts.tree);
    }
}

/* Who comes and goes all the time is made to wait, after a while; other hosts are not. */
static void visits_are_metered(void)
{
    struct hosts hosts = {0};
    struct host *quiet = enter(&hosts, "192.0.2.2", 0);
    struct host *host = NULL;
    for (int i = 0; i < 2 * HOST_VISITS_BURST; i++) {
        host = enter(&hosts, "192.0.2.1", 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(host);
        CU_ASSERT_EQUAL(host_debt(host, NOW) > 0, i > HOST_VISITS_BURST);
        leave(&hosts, host);
    }
    CU_ASSERT_EQUAL(host_debt(quiet, NOW), 0);
    int64_t later = NOW + 2 * HOST_VISITS_BURST * CLOCK_SECOND / HOST_VISITS_PER_SECOND;
    CU_ASSERT_EQUAL(host_debt(host, later), 0);
    leave(&hosts, quiet);
    hosts_clear(&hosts);
}

/* However many there were: who made them may have an address in common with others. */
static void nobody_waits_for_ever(void)
{
    struct hosts hosts = {0};
    struct host *host = enter(&hosts, "192.0.2.1", 0);
    for (int i = 0; i < 100 * HOST_VISITS_BURST; i++)
        leave(&hosts, enter(&hosts, "192.0.2.1", 0));
    CU_ASSERT_TRUE(host_debt(host, NOW) > 0);
    CU_ASSERT_TRUE(host_debt(host, NOW) <= HOST_DEBT_MAX + CLOCK_SECOND / HOST_VISITS_PER_SECOND);
    leave(&hosts, host);
    hosts_clear(&hosts);
}

/* A host that has gone is forgotten when its visits count no more, and not before. */
static void visits_are_forgotten(void)
{
    struct hosts hosts = {0};
    struct sockaddr_storage one = address_of("192.0.2.1", 0);
    struct sockaddr_storage other = address_of("192.0.2.9", 0);
    for (int i = 0; i <= HOST_VISITS_BURST; i++)
        leave(&hosts, enter(&hosts, "192.0.2.1", 0));
    for (int i = 0; i < 4; i++)
        leave(&hosts, enter(&hosts, "192.0.2.9", 0));
    struct host *host = enter(&hosts, "192.0.2.1", 0);
    CU_ASSERT_TRUE(host_debt(host, NOW) > 0);
    leave(&hosts, host);
    int64_t later = NOW + 1000 * CLOCK_SECOND;
    for (int i = 0; i < 4; i++)
        hosts_leave(&hosts, hosts_enter(&hosts, &other, 0, later), later);
    /* As of then it would have to wait still, if it were known. */
    host = hosts_enter(&hosts, &one, 0, NOW);
    CU_ASSERT_EQUAL(host_debt(host, NOW), 0);
    leave(&hosts, host);
    hosts_clear(&hosts);
    CU_ASSERT_PTR_NULL(hosts.tree);
}

static const struct test tests[] = {
    {"a host has as many connections as allowed, and not one more", counts_to_the_limit},
    {"one host's connections do not count for another", hosts_are_apart},
    {"a host that left owns no memory", forgets_who_left},
    {"an IPv6 network of 64 bits is one host, and so is an IPv4 address", networks_are_hosts},
    {"visits are metered, and who makes too many waits", visits_are_metered},
    {"nobody waits for ever for visits of others", nobody_waits_for_ever},
    {"visits are forgotten when they count no more", visits_are_forgotten},
};

void add_hosts_suite(void)
{
    SUITE_ADD("hosts", tests);
}
