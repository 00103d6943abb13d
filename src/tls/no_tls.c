/*
 * The TLS of a build without OpenSSL: there is none.
 */
#include "base/platform.h"

#include "tls/tls.h"

#include <assert.h>
#include <stdio.h>

const struct metric_table tls_metrics = {.count = 0};

bool tls_is_available(void)
{
    return false;
}

const char *tls_features(char features[TLS_FEATURES_SIZE])
{
    snprintf(features, TLS_FEATURES_SIZE, "without OpenSSL");
    return features;
}

struct tls *tls_open(const struct tls_config *config, struct tls_reading *reading)
{
    *reading = (struct tls_reading){.faults = {""}};
    snprintf(reading->faults[TLS_NO_FILE], TLS_FAULT_SIZE,
             "cannot use the certificate %s: this build lacks OpenSSL", config->certificate);
    return NULL;
}

bool tls_reload(struct tls *tls, const struct tls_config *config, struct tls_reading *reading)
{
    (void)tls;
    (void)config;
    *reading = (struct tls_reading){.faults = {""}};
    return true;
}

struct filter_maker *tls_maker(struct tls *tls)
{
    (void)tls;
    assert(false); /* none was opened */
    return NULL;
}

void tls_close(struct tls *tls)
{
    (void)tls;
}
