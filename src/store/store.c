#include "base/platform.h"

#include "store/data_file.h"
#include "archive/hashing.h"
#include "store/people_archive.h"
#include "store/room_row.h"
#include "store/rooms_archive.h"
#include "store/sanctions_archive.h"
#include "store/store.h"
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
static const char *cause_of(const struct database *database)
{
    int error = database->error;
    if (database_errno(database) == ENOSPC)
        return "the disk is full; make room on it";
    return error == SQLITE_BUSY || error == SQLITE_LOCKED
               ? "another program has locked it; wait until that is done, or stop it"
               : sqlite3_errstr(error);
}

/* Prepares what needs the open file. Returns false, with the cause in `fault`. */
static bool start(struct store *store, const struct store_config *config,
                  char fault[STORE_FAULT_SIZE])
{
    const char *cause = NULL;
    if (!room_rows_recover(&store->file.database))
        cause = cause_of(&store->file.database);
    else if (!database_open(&store->reading, store->file.path))
        cause = cause_of(&store->reading);
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

/* What one machine has in its file must not be out of use without anybody's knowledge. */
static bool may_be_used(struct store *store, const struct store_config *config,
                        char fault[STORE_FAULT_SIZE])
{
    static const char count[] = "SELECT (SELECT count(*) FROM account)"
                                " + (SELECT count(*) FROM kept_room)"
                                " + (SELECT count(*) FROM sanction)";
    if (!config->only_talk || database_number(&store->file.database, count) == 0)
        return true;
    snprintf(fault, STORE_FAULT_SIZE,
             "cannot use the data file %s in a cluster: it has accounts, kept rooms or bans of one "
             "machine; bring them into the cluster with --cluster-import, and give another file",
             config->path);
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
    store->threads.archive.talk = &talk_archive;
    if (!config->only_talk) {
        store->threads.archive.rooms = &rooms_archive;
        store->threads.archive.people = &people_archive;
        store->threads.archive.sanctions = &sanctions_archive;
    }
    if (data_file_open(&store->file, config->path, fault)) {
        if (may_be_used(store, config, fault) && start(store, config, fault))
            return store;
        data_file_close(&store->file);
    }
    free(store);
    return NULL;
}

void store_retain(struct store *store, unsigned days)
{
    writer_retain(store->threads.writer, days * DAY_MILLISECONDS);
}

struct archive *store_archive(struct store *store)
{
    return &store->threads.archive;
}

/*
 * Figures.
 */

struct store_figures {
    struct writer_status writer;
    struct metric_series jobs;
};

static void read_store(void *owner, void *place)
{
    struct store *store = owner;
    struct store_figures *figures = place;
    writer_read(store->threads.writer, &figures->writer);
    metric_series_add(&figures->jobs, "writer", figures->writer.jobs);
    metric_series_add(&figures->jobs, "reader", worker_count(store->threads.reader));
    metric_series_add(&figures->jobs, "hasher", worker_count(store->threads.hasher));
}

#define AT(member) offsetof(struct store_figures, member)

static const struct metric rows[] = {
    {"partyline_store_up", METRIC_GAUGE, "", NULL, METRIC_NUMBER, AT(writer.up),
     "1 while the data file can be written"},
    {"partyline_store_queue_bytes", METRIC_GAUGE, "bytes", NULL, METRIC_NUMBER, AT(writer.queued),
     "Messages that wait to be stored; 8 MiB may"},
    {"partyline_store_jobs", METRIC_GAUGE, "", "thread", METRIC_SERIES, AT(jobs),
     "Requests that wait for a thread of the store"},
    {"partyline_store_messages", METRIC_COUNTER, "", NULL, METRIC_NUMBER, AT(writer.stored),
     "Messages, and what else nobody waits for, that were stored"},
    {"partyline_store_lost_messages", METRIC_COUNTER, "", NULL, METRIC_NUMBER, AT(writer.missing),
     "Messages that are missing in the data file, as it could not be written in time"},
    {"partyline_store_failures", METRIC_COUNTER, "", NULL, METRIC_NUMBER, AT(writer.failures),
     "Transactions that failed"},
};

const struct metric_table store_metrics = {rows, sizeof rows / sizeof *rows,
                                           sizeof(struct store_figures), read_store};

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
