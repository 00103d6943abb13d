/*
 * accounts_inside: what accounts consist of, for the files that they are made of: accounts,
 * accounts_names (who has a name), accounts_lists (what belongs to an account) and accounts_bucket
 * (reading and changing a record). Others see them through accounts.h.
 *
 * But for those of the archive, functions are for the thread that has the bucket.
 */
#ifndef CLUSTER_ACCOUNTS_INSIDE_H
#define CLUSTER_ACCOUNTS_INSIDE_H

#include "archive/worker.h"
#include "chat/archive.h"
#include "chat/name.h"
#include "cluster/account_record.h"
#include "cluster/accounts_config.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { ACCOUNTS_KEY_SIZE = 3 * NAME_LOOK_SIZE + 4 };

struct accounts {
    struct archive archive; /* first: its operations are given a pointer to it */
    struct accounts_config config;
    struct worker *keeper, *hasher;
    uint64_t mark;        /* that was given last; of the keeper's thread, as the next */
    int64_t reported;     /* when something could not be read (clock_now()); 0: never */
    atomic_bool stopping; /* `end` counts */
    _Atomic int64_t end;  /* clock_now(): nothing is waited for any longer */
};

static inline struct accounts *accounts_of(struct archive *archive)
{
    return (struct accounts *)(void *)archive;
}

/* Returns the deadline of an operation that begins now. For any thread. */
int64_t accounts_deadline(const struct accounts *accounts);

/* Returns a number that no other call on any machine returns. Not 0. */
uint64_t accounts_mark(struct accounts *accounts);

/*
 * Keys of records: of the account of a name, and of the claim of how the name looks as typed.
 */
enum accounts_key {
    ACCOUNTS_ACCOUNT = 'a',
    ACCOUNTS_CLAIM = 't',
    ACCOUNTS_IGNORED = 'i',
    ACCOUNTS_KEPT = 'k'
};

/* Writes the key for a name. Returns false for what is no name. */
bool accounts_write_key(char key[ACCOUNTS_KEY_SIZE], enum accounts_key kind, struct words name);

/* Whether two names are the same, as name_equals() has it. For any thread. */
bool accounts_is_name(struct words left, struct words right);

/* A record as the bucket has it. All zero is empty; freed by buffer_free(&entry.value). */
struct accounts_entry {
    struct account_record record;
    struct buffer value;
    uint64_t revision;
};

/*
 * Reads the record under a key. Returns ARCHIVE_OK; ARCHIVE_NONE if there is none; ARCHIVE_FAILED
 * if the bucket does not answer, or the record cannot be read.
 */
enum archive_result accounts_fetch(struct accounts *accounts, const char *key, int64_t deadline,
                                   struct accounts_entry *entry);

/* What is to become of a record. */
struct accounts_edit {
    struct account_record next; /* its mark is set by accounts_change() */
    struct buffer listed;       /* for the list of `next` */
    bool removed;               /* there is to be none */
    bool unchanged;             /* it is to stay as it is */
    bool once;                  /* to make it twice would do harm */
};

/*
 * Decides what is to become of a record: `now` is what there is, or NULL. With another result than
 * ARCHIVE_OK nothing is changed. What it is given lives until the record is written.
 */
typedef enum archive_result accounts_editor(struct accounts *accounts, void *context,
                                            const struct account_record *now,
                                            struct accounts_edit *edit);

/*
 * Changes the record under a key as the editor says, which is called again if another machine has
 * changed it meanwhile.
 */
enum archive_result accounts_change(struct accounts *accounts, const char *key, int64_t deadline,
                                    accounts_editor *editor, void *context);

/*
 * Finds the account that has a name; it is in the entry. ARCHIVE_NONE also for one that only looks
 * like it.
 */
enum archive_result accounts_find(struct accounts *accounts, struct words name, int64_t deadline,
                                  struct accounts_entry *entry);

/* Finds that, or else the one that looks like it. */
enum archive_result accounts_find_like(struct accounts *accounts, struct words name,
                                       int64_t deadline, struct accounts_entry *entry);

/*
 * Makes an account. Returns as enroll() of the archive.
 */
struct accounts_person {
    struct words name, hash;
    int64_t created, seen;
    bool is_operator;
};
enum archive_result accounts_add(struct accounts *accounts, const struct accounts_person *person,
                                 int64_t deadline);

/*
 * Changes the record of the account that has a name: the editor's `now` is never NULL.
 */
enum archive_result accounts_change_account(struct accounts *accounts, struct words name,
                                            int64_t deadline, accounts_editor *editor,
                                            void *context);

/* Removes what belongs to an account that is gone. */
void accounts_clear(struct accounts *accounts, struct words name, uint64_t serial,
                    int64_t deadline);

/* Operations of the archive on what belongs to an account. */
enum archive_result accounts_ignore(struct archive *archive, struct words name,
                                    struct words ignored);
enum archive_result accounts_unignore(struct archive *archive, struct words name,
                                      struct words ignored);
enum archive_result accounts_ignored(struct archive *archive, struct words name,
                                     archive_visit_name *visit, void *context);
enum archive_result accounts_keep_message(struct archive *archive, struct words name,
                                          struct words author, int64_t time, struct words text);
enum archive_result accounts_take_messages(struct archive *archive, struct words name,
                                           archive_visit_message *visit, void *context);

#endif
