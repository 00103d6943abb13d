/*
 * journal: the event log, to the console and to a file. Each of the two has a log_writer, with a
 * thread and a bounded queue of its own, so a slow disk or terminal delays neither the chat nor the
 * other one. What one of them cannot take is missing there, and its log says so in place.
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

/* Opens the file and starts the threads. Returns 0 and the journal, or an errno. */
int journal_start(struct journal **journal, const struct journal_config *config);

/*
 * Logs whole lines, each with its LF, as of now. Copies them once for each writer that wants them.
 * Never waits and allocates nothing. Takes the journal lock, the last in the order, unless no
 * writer wants them.
 */
void journal_write(struct journal *journal, enum journal_kind kind, const char *lines,
                   size_t length);

/* Logs one line, made as printf() makes it, without its LF and at most 383 bytes long. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void journal_print(struct journal *journal, enum journal_kind kind, const char *format, ...);

/*
 * Has the file's thread open the file anew by its name, as logrotate(8) wants. The old one stays if
 * that fails. Does nothing without a file. Never waits. Takes the journal lock.
 */
void journal_reopen(struct journal *journal);

/*
 * Has both writers write what is queued and end, and waits for them, for at most so many
 * nanoseconds. A writer that is stuck keeps the other one from nothing. What is logged from then on
 * may be dropped. Returns false if the console or the disk did not take it all in time; its thread
 * then still uses the journal.
 */
bool journal_stop(struct journal *journal, int64_t patience);

/* Frees a journal that journal_stop() has stopped in time, and that nobody uses any more. */
void journal_free(struct journal *journal);

#endif
