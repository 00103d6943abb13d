#include "base/platform.h"

#include "store/data_file.h"
#include "store/hashing.h"
#include "store/people_archive.h"
#include "store/rooms_archive.h"
#include "store/sanctions_archive.h"
#include "store/store.h"
#include "store/talk.h"
#include "store/talk_archive.h"
#include "store/threads.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MILLISECONDS INT64_C(86400000)

struct store {
    struct threads threads; /* the first, as the archive is in it */
    struct data_file file;
    struct database reading;
};

_Static_assert((int)STORE_FAULT_SIZE >= (int)DATA_FILE_FAULT_SIZE, "a fault has room");

bool store_is_available(void)
{
    return true;
}

const char *store_features(char features[STORE_FEATURES_SIZE])
{
    const char *scheme = hashing_scheme();
    snprintf(features, STORE_FEATURES_SIZE, "with SQLite %s, %s", sqlite3_libversion(),
             scheme != NULL ? scheme : "no hashes of passwords");
    return features;
}

static int start_writer(struct store *store, const struct store_config *config)
{
    const struct writer_config writer = {.database = &store->file.database,
                                         .retain = config->retain_days * DAY_MILLISECONDS,
                                         .report = config->report,
                                         .context = config->context};
    return writer_start(&store->threads.writer, &writer);
}

/* Returns 0, or an errno with no thread started. */
static int start_threads(struct store *store, const struct store_config *config)
{
    int error = worker_start(&store->threads.reader, &store->reading);
    if (error != 0)
        return error;
    error = worker_start(&store->threads.hasher, NULL);
    if (error != 0)
        goto no_hasher;
    error = start_writer(store, config);
    if (error == 0)
        return 0;
    worker_stop(store->threads.hasher);
    worker_free(store->threads.hasher);
no_hasher:
    worker_stop(store->threads.reader);
    worker_free(store->threads.reader);
    return error;
}

/* What an error of SQLite's says, and what to do where that is known. */
static const char *cause_of(int error)
{
    return error == SQLITE_BUSY || error == SQLITE_LOCKED
               ? "another program has locked it; wait until that is done, or stop it"
               : sqlite3_errstr(error);
}

/* Prepares what needs the open file. Returns false, with the cause in `fault`. */
static bool start(struct store *store, const struct store_config *config,
                  char fault[STORE_FAULT_SIZE])
{
    const char *cause = NULL;
    if (!talk_recover(&store->file.database))
        cause = cause_of(store->file.database.error);
    else if (!database_open(&store->reading, store->file.path))
        cause = cause_of(store->reading.error);
    if (cause == NULL) {
        int error = start_threads(store, config);
        if (error != 0)
            cause = strerror(error);
    }
    if (cause == NULL)
        return true;
    snprintf(fault, STORE_FAULT_SIZE, "cannot use the data file %s: %s", config->path, cause);
    database_close(&store->reading);
    return false;
}

struct store *store_open(const struct store_config *config, char fault[STORE_FAULT_SIZE])
{
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        snprintf(fault, STORE_FAULT_SIZE, "cannot open the data file %s: %s", config->path,
                 strerror(ENOMEM));
        return NULL;
    }
    store->threads.archive = (struct archive){.talk = &talk_archive,
                                              .rooms = &rooms_archive,
                                              .people = &people_archive,
                                              .sanctions = &sanctions_archive};
    if (data_file_open(&store->file, config->path, fault)) {
        if (start(store, config, fault))
            return store;
        data_file_close(&store->file);
    }
    free(store);
    return NULL;
}

struct archive *store_archive(struct store *store)
{
    return &store->threads.archive;
}

/* The writer last: what the others still do may ask it. */
void store_stop(struct store *store)
{
    worker_stop(store->threads.hasher);
    worker_stop(store->threads.reader);
    writer_stop(store->threads.writer);
}

void store_free(struct store *store)
{
    worker_free(store->threads.hasher);
    worker_free(store->threads.reader);
    writer_free(store->threads.writer);
    database_close(&store->reading);
    data_file_close(&store->file);
    free(store);
}
