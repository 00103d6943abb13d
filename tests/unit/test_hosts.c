#include "suites.h"

#include "net/hosts.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void counts_to_the_limit(void)
{
    struct hosts hosts = {0};
    struct host *host[3];
    for (int i = 0; i < 3; i++) {
        host[i] = hosts_enter(&hosts, "192.0.2.1", 3);
        CU_ASSERT_PTR_NOT_NULL_FATAL(host[i]);
    }
    errno = 0;
    CU_ASSERT_PTR_NULL(hosts_enter(&hosts, "192.0.2.1", 3));
    CU_ASSERT_EQUAL(errno, EAGAIN);
    hosts_leave(&hosts, host[2]);
    host[2] = hosts_enter(&hosts, "192.0.2.1", 3);
    CU_ASSERT_PTR_NOT_NULL(host[2]);
    CU_ASSERT_PTR_NULL(hosts_enter(&hosts, "192.0.2.1", 3));
    for (int i = 0; i < 3; i++)
        hosts_leave(&hosts, host[i]);
}

static void hosts_are_apart(void)
{
    struct hosts hosts = {0};
    struct host *first = hosts_enter(&hosts, "192.0.2.1", 1);
    struct host *second = hosts_enter(&hosts, "192.0.2.10", 1);
    struct host *third = hosts_enter(&hosts, "2001:db8::1", 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(first);
    CU_ASSERT_PTR_NOT_NULL_FATAL(second);
    CU_ASSERT_PTR_NOT_NULL_FATAL(third);
    CU_ASSERT_PTR_NULL(hosts_enter(&hosts, "192.0.2.1", 1));
    hosts_leave(&hosts, first);
    CU_ASSERT_PTR_NULL(hosts_enter(&hosts, "192.0.2.10", 1));
    hosts_leave(&hosts, second);
    hosts_leave(&hosts, third);
}

static void forgets_who_left(void)
{
    struct hosts hosts = {0};
    struct host *host[500];
    char address[32];
    for (int i = 0; i < 500; i++) {
        snprintf(address, sizeof address, "10.0.%d.%d", i / 250, i % 250);
        host[i] = hosts_enter(&hosts, address, 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(host[i]);
    }
    for (int i = 0; i < 500; i++)
        hosts_leave(&hosts, host[i * 7 % 500]);
    CU_ASSERT_PTR_NULL(hosts.tree);
}

static void address_is_copied(void)
{
    struct hosts hosts = {0};
    char address[] = "198.51.100.7";
    struct host *host = hosts_enter(&hosts, address, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(host);
    memset(address, 'x', strlen(address));
    CU_ASSERT_PTR_NULL(hosts_enter(&hosts, "198.51.100.7", 1));
    hosts_leave(&hosts, host);
}

static const struct test tests[] = {
    {"a host has as many connections as allowed, and not one more", counts_to_the_limit},
    {"one host's connections do not count for another", hosts_are_apart},
    {"a host that left owns no memory", forgets_who_left},
    {"the caller's address may change", address_is_copied},
};

void add_hosts_suite(void)
{
    SUITE_ADD("hosts", tests);
}
