#include "suites.h"

#include "tls/tls.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

/* A build without OpenSSL: the tests of TLS are left out, but for what is said instead of it. */
static void without_openssl(void)
{
    char features[TLS_FEATURES_SIZE];
    struct tls_reading reading;
    const struct tls_config config = {.certificate = "/nowhere", .key = "/nowhere"};
    printf("[skipped: TLS itself, as this build lacks OpenSSL] ");
    CU_ASSERT_FALSE(tls_is_available());
    CU_ASSERT_STRING_EQUAL(tls_features(features), "without OpenSSL");
    CU_ASSERT_PTR_NULL(tls_open(&config, &reading));
    CU_ASSERT_PTR_NOT_NULL(strstr(reading.faults[TLS_NO_FILE], "lacks OpenSSL"));
}

static const struct test tests[] = {
    {"a build without OpenSSL says so", without_openssl},
};

void add_tls_suite(void)
{
    SUITE_ADD("tls", tests);
}
