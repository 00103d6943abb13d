#include "suites.h"

#include "chat/operators.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

static void the_names_are_those_given(void)
{
    static const char *const names[] = {"Olga", "Zo\xc3\xab"};
    static const char *const others[] = {"Bob"};
    struct operators operators;
    char *former;
    CU_ASSERT_EQUAL_FATAL(operators_init(&operators, names, 2), 0);
    CU_ASSERT_TRUE(operators_have(&operators, "olga"));
    CU_ASSERT_TRUE(operators_have(&operators, "ZO\xc3\x8b"));
    CU_ASSERT_FALSE(operators_have(&operators, "Bob"));
    CU_ASSERT_TRUE_FATAL(operators_set(&operators, others, 1, &former));
    CU_ASSERT_EQUAL(memcmp(former, "Olga\0Zo\xc3\xab\0", 11), 0);
    free(former);
    CU_ASSERT_FALSE(operators_have(&operators, "Olga"));
    CU_ASSERT_TRUE(operators_have(&operators, "Bob"));
    CU_ASSERT_TRUE_FATAL(operators_set(&operators, NULL, 0, &former));
    CU_ASSERT_EQUAL(memcmp(former, "Bob\0", 5), 0);
    free(former);
    CU_ASSERT_FALSE(operators_have(&operators, "Bob"));
    operators_destroy(&operators);
}

static const struct test tests[] = {
    {"the names are those that were given last", the_names_are_those_given},
};

void add_operators_suite(void)
{
    SUITE_ADD("operators", tests);
}
