#include "suites.h"

#include <CUnit/CUnit.h>
#include <stdio.h>

/* A build without libnats: accounts of a cluster are left out. */
static void without_nats(void)
{
    printf("[skipped: accounts of a cluster, as this build lacks libnats] ");
    CU_ASSERT_TRUE(true);
}

static const struct test tests[] = {
    {"a build without libnats has no accounts of a cluster", without_nats},
};

void add_accounts_suite(void)
{
    SUITE_ADD("accounts", tests);
}
