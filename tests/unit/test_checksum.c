#include "suites.h"

#include "base/checksum.h"

#include <CUnit/CUnit.h>

/* The value that the descriptions of CRC-32 give, so that others can check our messages. */
static void test_known_value(void)
{
    CU_ASSERT_EQUAL(checksum_of("123456789", 9), 0xCBF43926);
    CU_ASSERT_EQUAL(checksum_of("", 0), 0);
}

void add_checksum_suite(void)
{
    static const struct test tests[] = {
        {"it is the CRC-32 of ISO 3309", test_known_value},
    };
    suite_add("checksum", tests, sizeof tests / sizeof *tests);
}
