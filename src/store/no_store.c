/*
 * The store of a build without SQLite: there is none.
 */
#include "base/platform.h"

#include "store/store.h"

#include <assert.h>
#include <stdio.h>

bool store_is_available(void)
{
    return false;
}

const char *store_features(char features[STORE_FEATURES_SIZE])
{
    snprintf(features, STORE_FEATURES_SIZE, "without SQLite");
    return features;
}

struct store *store_open(const struct store_config *config, char fault[STORE_FAULT_SIZE])
{
    snprintf(fault, STORE_FAULT_SIZE, "cannot open the data file %s: this build lacks SQLite",
             config->path);
    return NULL;
}

struct archive *store_archive(struct store *store)
{
    (void)store;
    assert(false); /* no store was opened */
    return NULL;
}

void store_stop(struct store *store)
{
    (void)store;
}

void store_free(struct store *store)
{
    (void)store;
}
