/*
 * Basic: the registry and the runner of the CUnit that the shim stands for. It defines functions,
 * so one source file of a program includes it, and no header does.
 */
#ifndef TESTS_UNIT_SHIM_BASIC_H
#define TESTS_UNIT_SHIM_BASIC_H

#include <CUnit/CUnit.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct shim_test {
    const char *name;
    void (*run)(void);
    struct shim_test *next;
};

struct shim_suite {
    const char *name;
    struct shim_test *tests, **tests_end;
    struct shim_suite *next;
};

typedef struct shim_test *CU_pTest;
typedef struct shim_suite *CU_pSuite;
typedef enum { CUE_SUCCESS, CUE_NOMEMORY } CU_ErrorCode;
typedef enum { CU_BRM_VERBOSE } CU_BasicRunMode;

/* The registry, in the order in which suites were added, and how the run stands. */
static struct {
    struct shim_suite *suites, **suites_end;
    jmp_buf test_end; /* where a fatal assertion goes */
    unsigned suites_run, tests_run, assertions, failures;
    const char *suite, *test; /* that are run */
    char failed[4096];        /* what failed, as far as there is room: a test may capture stdout */
    size_t failed_length;
} shim;

static void shim_note_failure(const char *file, unsigned line, const char *condition)
{
    size_t room = sizeof shim.failed - shim.failed_length;
    int length = snprintf(shim.failed + shim.failed_length, room, "%s, %s\n    %s:%u: %s\n",
                          shim.suite, shim.test, file, line, condition);
    shim.failed_length += length < 0 || (size_t)length >= room ? 0 : (size_t)length;
    shim.failed[shim.failed_length] = '\0';
}

CU_BOOL CU_assertImplementation(CU_BOOL holds, unsigned line, const char *condition,
                                const char *file, const char *function, CU_BOOL fatal)
{
    (void)function;
    shim.assertions++;
    if (holds)
        return CU_TRUE;
    shim.failures++;
    shim_note_failure(file, line, condition);
    if (fatal)
        longjmp(shim.test_end, 1);
    return CU_FALSE;
}

static inline CU_ErrorCode CU_initialize_registry(void)
{
    shim.suites_end = &shim.suites;
    return CUE_SUCCESS;
}

static inline void CU_cleanup_registry(void)
{
    while (shim.suites != NULL) {
        struct shim_suite *suite = shim.suites;
        shim.suites = suite->next;
        while (suite->tests != NULL) {
            struct shim_test *test = suite->tests;
            suite->tests = test->next;
            free(test);
        }
        free(suite);
    }
}

static inline const char *CU_get_error_msg(void)
{
    return "out of memory";
}

/* Suites need nothing set up or cleaned up here: both functions are NULL. Returns NULL without
 * memory. */
static inline CU_pSuite CU_add_suite(const char *name, int (*set_up)(void), int (*clean_up)(void))
{
    (void)set_up;
    (void)clean_up;
    struct shim_suite *suite = calloc(1, sizeof *suite);
    if (suite == NULL)
        return NULL;
    suite->name = name;
    suite->tests_end = &suite->tests;
    *shim.suites_end = suite;
    shim.suites_end = &suite->next;
    return suite;
}

static inline CU_pTest CU_add_test(CU_pSuite suite, const char *name, void (*run)(void))
{
    struct shim_test *test = calloc(1, sizeof *test);
    if (test == NULL)
        return NULL;
    test->name = name;
    test->run = run;
    *suite->tests_end = test;
    suite->tests_end = &test->next;
    return test;
}

static inline CU_pSuite CU_get_suite(const char *name)
{
    struct shim_suite *suite = shim.suites;
    while (suite != NULL && strcmp(suite->name, name) != 0)
        suite = suite->next;
    return suite;
}

static inline void CU_basic_set_mode(CU_BasicRunMode mode)
{
    (void)mode; /* There is but one. */
}

static inline void shim_run_suite(const struct shim_suite *suite)
{
    printf("\nSuite: %s", suite->name);
    shim.suites_run++;
    for (const struct shim_test *test = suite->tests; test != NULL; test = test->next) {
        printf("\n  Test: %s ...", test->name);
        fflush(stdout); /* Should the test crash, this is the one. */
        shim.tests_run++;
        shim.suite = suite->name;
        shim.test = test->name;
        unsigned failures = shim.failures;
        if (setjmp(shim.test_end) == 0)
            test->run();
        printf(shim.failures == failures ? "passed" : "FAILED");
    }
}

static inline void shim_summarize(void)
{
    printf("\n\n%s%u suites, %u tests, %u assertions, %u failures\n", shim.failed, shim.suites_run,
           shim.tests_run, shim.assertions, shim.failures);
}

static inline CU_ErrorCode CU_basic_run_suite(CU_pSuite suite)
{
    shim_run_suite(suite);
    shim_summarize();
    return CUE_SUCCESS;
}

static inline CU_ErrorCode CU_basic_run_tests(void)
{
    for (const struct shim_suite *suite = shim.suites; suite != NULL; suite = suite->next)
        shim_run_suite(suite);
    shim_summarize();
    return CUE_SUCCESS;
}

static inline unsigned CU_get_number_of_tests_run(void)
{
    return shim.tests_run;
}

static inline unsigned CU_get_number_of_failures(void)
{
    return shim.failures;
}

static inline unsigned CU_get_number_of_suites_failed(void)
{
    return 0; /* for want of their setting up, which none has */
}

#endif
