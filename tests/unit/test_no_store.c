#include "suites.h"

#include "store/store.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

/* A build without SQLite: the tests of the store are left out, but for what is said instead of it.
 */
static void without_sqlite(void)
{
    char features[STORE_FEATURES_SIZE];
    char fault[STORE_FAULT_SIZE];
    const struct store_config config = {.path = "/nowhere"};
    printf("[skipped: the store itself, as this build lacks SQLite] ");
    CU_ASSERT_FALSE(store_is_available());
    CU_ASSERT_STRING_EQUAL(store_features(features), "without SQLite");
    CU_ASSERT_PTR_NULL(store_open(&config, fault));
    CU_ASSERT_PTR_NOT_NULL(strstr(fault, "lacks SQLite"));
}

static const struct test tests[] = {
    {"a build without SQLite says so", without_sqlite},
};

void add_store_suite(void)
{
    SUITE_ADD("store", tests);
}
