/*
 * store: an archive (chat/archive.h) in an SQLite file. In a build without SQLite there is no
 * store, and these functions say so.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/metric.h"
#include "chat/archive.h"

#include <stdbool.h>
#include <stddef.h>

struct store;

enum { STORE_FAULT_SIZE = 8192, STORE_FEATURES_SIZE = 80 };

struct store_config {
    const char *path;
    unsigned retain_days; /* how long messages are kept; 0: for ever */
    bool only_talk;       /* what else there is, several machines have together, elsewhere */

    /*
     * Is told, as a sentence, that the file cannot be written and that it can be again. Called by a
     * thread of the store, with no lock held.
     */
    void (*report)(void *context, const char *sentence);
    void *context;
};

/* Whether this build has a store. */
bool store_is_available(void);

/* Writes what the build has: "with SQLite 3.40.1, yescrypt" or "without SQLite". Returns its place.
 */
const char *store_features(char features[STORE_FEATURES_SIZE]);

/*
 * Opens the file and starts the threads. Returns the store; or NULL, with the file, the cause and
 * the remedy in `fault`. The file is locked until the process ends or the store is freed.
 */
struct store *store_open(const struct store_config *config, char fault[STORE_FAULT_SIZE]);

/* Changes how long messages are kept; 0: for ever. For any thread. */
void store_retain(struct store *store, unsigned days);

/* Returns the store's archive, valid until the store is freed. */
struct archive *store_archive(struct store *store);

/* What the store tells of itself. The owner is a store, until it is freed. */
extern const struct metric_table store_metrics;

/*
 * Writes what is queued and ends the threads. The archive may still be called, and returns
 * ARCHIVE_FAILED. May wait for the disk.
 */
void store_stop(struct store *store);

/* Closes the file, and frees a store that has been stopped and that no thread calls any more. */
void store_free(struct store *store);

#endif
