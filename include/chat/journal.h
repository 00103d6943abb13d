/*
 * journal: the event log, to the console and to a file, written by a thread of its own from a
 * bounded queue, so that a slow disk or terminal never slows the chat. What the queue cannot
 * hold, or the disk cannot take, is missing from the log, and the log says so in place.
 */
#ifndef CHAT_JOURNAL_H
#define CHAT_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct journal;

enum journal_kind {
    JOURNAL_EVENT, /* who comes and goes, and what befalls the server */
    JOURNAL_TALK   /* what people say; not on a quiet console */
};

struct journal_config {
    const char *program; /* how warnings on stderr begin */
    const char *path;    /* of the log file; NULL: none. Must outlive the journal */
    bool quiet;          /* no talk on the console */
};

/* Opens the file and starts the thread. Returns 0 and the journal, or an errno. */
int journal_start(struct journal **journal, const struct journal_config *config);

/*
 * Logs whole lines, each with its LF, as of now. Never waits. Takes the journal lock, the last in
 * the order.
 */
void journal_write(struct journal *journal, enum journal_kind kind, const char *lines,
                   size_t length);

/* Logs one line, made as printf() makes it, without its LF and at most 383 bytes long. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void journal_print(struct journal *journal, enum journal_kind kind, const char *format, ...);

/* Opens the file anew by its name, as logrotate(8) wants; the old one stays if that fails. */
void journal_reopen(struct journal *journal);

/*
 * Writes what is queued, for at most so many nanoseconds, and ends the thread; what is logged from
 * then on is dropped. Returns false if the console or the disk did not take it all in time.
 */
bool journal_stop(struct journal *journal, int64_t patience);

/* Frees a journal that journal_stop() has stopped in time, and that nobody uses any more. */
void journal_free(struct journal *journal);

#endif
