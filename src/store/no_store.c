/*
 * The store of a build without SQLite: there is none.
 */
#include "base/platform.h"

#include "store/people_export.h"
#include "store/store.h"

#include <assert.h>
#include <stdio.h>

const struct metric_table store_metrics = {.count = 0};

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

void store_retain(struct store *store, unsigned days)
{
    (void)store;
    (void)days;
}

struct archive *store_archive(struct store *store)
{
    (void)store;
    assert(false); /* no store was opened */
    return NULL;
}

struct people_export *people_export_open(const char *path, char fault[STORE_FAULT_SIZE])
{
    snprintf(fault, STORE_FAULT_SIZE, "cannot open the data file %s: this build lacks SQLite",
             path);
    return NULL;
}

bool people_export_visit(struct people_export *people, archive_visit_person *visit, void *context)
{
    (void)people;
    (void)visit;
    (void)context;
    return false;
}

int64_t people_export_count_rooms(struct people_export *people)
{
    (void)people;
    return -1;
}

int64_t people_export_count_sanctions(struct people_export *people)
{
    (void)people;
    return -1;
}

void people_export_close(struct people_export *people)
{
    (void)people;
}

void store_stop(struct store *store)
{
    (void)store;
}

void store_free(struct store *store)
{
    (void)store;
}
