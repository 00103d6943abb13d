/*
 * CUnit: what the unit tests use of CUnit, for a machine that has a compiler and no CUnit, such as
 * one that is only emulated. The names and their meaning are CUnit's.
 *
 *     make unit CPPFLAGS=-Itests/unit/shim CUNIT_LIBS=
 *
 * There is nothing to link: the code is in Basic.h, which only main.c includes.
 */
#ifndef TESTS_UNIT_SHIM_CUNIT_H
#define TESTS_UNIT_SHIM_CUNIT_H

#include <string.h>

typedef int CU_BOOL;

#define CU_FALSE 0
#define CU_TRUE  1

/*
 * Counts an assertion, and reports it if it does not hold; a fatal one then also ends the test. The
 * strings must live until the run ends. Returns `holds`. Only for the thread that runs the tests.
 */
CU_BOOL CU_assertImplementation(CU_BOOL holds, unsigned line, const char *condition,
                                const char *file, const char *function, CU_BOOL fatal);

#define SHIM_ASSERT(holds, condition, fatal)                                                       \
    ((void)CU_assertImplementation((holds) ? CU_TRUE : CU_FALSE, __LINE__, condition, __FILE__,    \
                                   "", fatal))
#define SHIM_CHECK(holds)                     SHIM_ASSERT(holds, #holds, CU_FALSE)
#define SHIM_WANT(holds)                      SHIM_ASSERT(holds, #holds, CU_TRUE)

#define CU_PASS(reason)                       SHIM_ASSERT(CU_TRUE, reason, CU_FALSE)
#define CU_FAIL(reason)                       SHIM_ASSERT(CU_FALSE, reason, CU_FALSE)
#define CU_FAIL_FATAL(reason)                 SHIM_ASSERT(CU_FALSE, reason, CU_TRUE)

#define CU_ASSERT(value)                      SHIM_CHECK(value)
#define CU_ASSERT_FATAL(value)                SHIM_WANT(value)
#define CU_ASSERT_TRUE(value)                 SHIM_CHECK(value)
#define CU_ASSERT_TRUE_FATAL(value)           SHIM_WANT(value)
#define CU_ASSERT_FALSE(value)                SHIM_CHECK(!(value))
#define CU_ASSERT_FALSE_FATAL(value)          SHIM_WANT(!(value))
#define CU_ASSERT_EQUAL(got, wanted)          SHIM_CHECK((got) == (wanted))
#define CU_ASSERT_EQUAL_FATAL(got, wanted)    SHIM_WANT((got) == (wanted))
#define CU_ASSERT_NOT_EQUAL(got, other)       SHIM_CHECK((got) != (other))
#define CU_ASSERT_NOT_EQUAL_FATAL(got, other) SHIM_WANT((got) != (other))

#define CU_ASSERT_PTR_EQUAL(got, wanted)      SHIM_CHECK((const void *)(got) == (const void *)(wanted))
#define CU_ASSERT_PTR_EQUAL_FATAL(got, wanted)                                                     \
    SHIM_WANT((const void *)(got) == (const void *)(wanted))
#define CU_ASSERT_PTR_NOT_EQUAL(got, other)       SHIM_CHECK((const void *)(got) != (const void *)(other))
#define CU_ASSERT_PTR_NULL(pointer)               SHIM_CHECK((pointer) == NULL)
#define CU_ASSERT_PTR_NULL_FATAL(pointer)         SHIM_WANT((pointer) == NULL)
#define CU_ASSERT_PTR_NOT_NULL(pointer)           SHIM_CHECK((pointer) != NULL)
#define CU_ASSERT_PTR_NOT_NULL_FATAL(pointer)     SHIM_WANT((pointer) != NULL)

#define CU_ASSERT_STRING_EQUAL(got, wanted)       SHIM_CHECK(strcmp(got, wanted) == 0)
#define CU_ASSERT_STRING_EQUAL_FATAL(got, wanted) SHIM_WANT(strcmp(got, wanted) == 0)
#define CU_ASSERT_STRING_NOT_EQUAL(got, other)    SHIM_CHECK(strcmp(got, other) != 0)
#define CU_ASSERT_NSTRING_EQUAL(got, wanted, count)                                                \
    SHIM_CHECK(strncmp(got, wanted, (size_t)(count)) == 0)

#endif
