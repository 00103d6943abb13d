#include "base/platform.h"

#include "archive/key.h"
#include "base/clock.h"
#include "cluster/accounts_inside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* How long the bucket is asked before it is looked whether the accounts stop. */
#define SLICE           CLOCK_SECOND

#define REPORT_INTERVAL (60 * CLOCK_SECOND)

int64_t accounts_deadline(const struct accounts *accounts)
{
    return clock_now() + accounts->config.patience;
}

uint64_t accounts_mark(struct accounts *accounts)
{
    do
        accounts->mark++;
    while (accounts->mark == 0);
    return accounts->mark;
}

/*
 * Keys
 */

/* Letters and digits stand for themselves; other bytes are written as =XX. */
static void encode(const char *look, char *key)
{
    static const char digits[] = "0123456789ABCDEF";
    for (; *look != '\0'; look++) {
        unsigned char byte = (unsigned char)*look;
        bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= '0' && byte <= '9');
        if (plain) {
            *key++ = *look;
            continue;
        }
        *key++ = '=';
        *key++ = digits[byte >> 4];
        *key++ = digits[byte & 0xF];
    }
    *key = '\0';
}

bool accounts_write_key(char key[ACCOUNTS_KEY_SIZE], enum accounts_key kind, struct words name)
{
    char copy[NAME_SIZE];
    char look[NAME_LOOK_SIZE];
    if (!key_copy_name(copy, name))
        return false;
    name_look(copy, kind == ACCOUNTS_CLAIM ? NAME_AS_TYPED : NAME_CASELESS, look);
    key[0] = (char)kind;
    key[1] = '.';
    encode(look, key + 2);
    return *look != '\0';
}

/*
 * Reading
 */

/* Whether an operation that may last until `deadline` still may. */
static bool may_go_on(const struct accounts *accounts, int64_t deadline)
{
    int64_t now = clock_now();
    return now < deadline &&
           !(atomic_load(&accounts->stopping) && now >= atomic_load(&accounts->end));
}

/* Until when the bucket is asked at once. */
static int64_t slice(int64_t deadline)
{
    int64_t end = clock_now() + SLICE;
    return end < deadline ? end : deadline;
}

static void report(struct accounts *accounts, const char *key, enum sealed_result result)
{
    char sentence[ACCOUNTS_KEY_SIZE + 128];
    int64_t now = clock_now();
    if (accounts->reported != 0 && now - accounts->reported < REPORT_INTERVAL)
        return;
    accounts->reported = now;
    snprintf(sentence, sizeof sentence, "The account record '%s' in the cluster %s.", key,
             result == SEALED_NEWER     ? "was written by a newer version: install that here"
             : result == SEALED_FOREIGN ? "is not from a partyline"
                                        : "is garbled");
    accounts->config.report(accounts->config.context, sentence);
}

/* A record under another key than its own is none. */
static bool is_at_home(const struct account_record *record, const char *key)
{
    static const struct {
        char kind;
        enum account_record_kind record;
    } kinds[] = {{ACCOUNTS_ACCOUNT, ACCOUNT_RECORD_ACCOUNT},
                 {ACCOUNTS_CLAIM, ACCOUNT_RECORD_CLAIM},
                 {ACCOUNTS_IGNORED, ACCOUNT_RECORD_IGNORED},
                 {ACCOUNTS_KEPT, ACCOUNT_RECORD_KEPT}};
    char own[ACCOUNTS_KEY_SIZE];
    size_t i = 0;
    while (kinds[i].kind != *key)
        i++;
    if (record->kind != kinds[i].record)
        return false;
    return record->name.length == 0 ||
           (accounts_write_key(own, (enum accounts_key) * key, record->name) &&
            strcmp(own, key) == 0);
}

enum archive_result accounts_fetch(struct accounts *accounts, const char *key, int64_t deadline,
                                   struct accounts_entry *entry)
{
    int error = ETIMEDOUT;
    while (error == ETIMEDOUT && may_go_on(accounts, deadline))
        error = bucket_get(accounts->config.bucket, key, slice(deadline), &entry->value,
                           &entry->revision);
    if (error == ENOENT)
        return ARCHIVE_NONE;
    if (error != 0)
        return ARCHIVE_FAILED;
    enum sealed_result result = account_record_read(&entry->record, buffer_bytes(&entry->value),
                                                    buffer_length(&entry->value));
    if (result == SEALED_OK && !is_at_home(&entry->record, key))
        result = SEALED_GARBLED;
    if (result == SEALED_OK)
        return ARCHIVE_OK;
    report(accounts, key, result);
    return ARCHIVE_FAILED;
}

/*
 * Changing
 */

/* A change that is under way. */
struct change {
    const char *key;
    uint64_t mark; /* by which a record is known that was written for it */
    bool unsure;   /* one may have been written */
    uint64_t over; /* in place of the record with this revision */
    bool removing; /* and that was none */
    struct accounts_entry entry;
};

/* Whether what was written for the change is there. */
static bool is_done(const struct change *change, enum archive_result fetched)
{
    if (!change->unsure)
        return false;
    if (change->removing)
        return fetched == ARCHIVE_NONE;
    return fetched == ARCHIVE_OK && change->entry.record.mark == change->mark;
}

/* Writes what the editor has made. Returns as bucket_put(), or EMSGSIZE. */
static int write_edit(struct accounts *accounts, struct change *change, struct accounts_edit *edit,
                      int64_t deadline)
{
    struct buffer value = {0};
    edit->next.mark = change->mark;
    if (buffer_length(&edit->listed) > 0)
        edit->next.listed =
            (struct words){buffer_bytes(&edit->listed), buffer_length(&edit->listed)};
    int error = edit->removed ? 0 : account_record_write(&value, &edit->next);
    if (error == 0)
        error = bucket_put(accounts->config.bucket, change->key, edit->removed ? NULL : &value,
                           change->entry.revision, slice(deadline));
    buffer_wipe(&value);
    change->removing = edit->removed;
    change->over = change->entry.revision;
    return error;
}

/* Tries once. Returns false if it is to be tried again. */
static bool change_once(struct accounts *accounts, struct change *change, int64_t deadline,
                        accounts_editor *editor, void *context, enum archive_result *result)
{
    struct accounts_edit edit = {.next = {.mark = 0}};
    *result = accounts_fetch(accounts, change->key, deadline, &change->entry);
    if (*result != ARCHIVE_OK && *result != ARCHIVE_NONE) {
        *result = change->unsure ? ARCHIVE_UNSURE : *result;
        return true;
    }
    if (is_done(change, *result)) {
        *result = ARCHIVE_OK;
        return true;
    }
    *result =
        editor(accounts, context, *result == ARCHIVE_OK ? &change->entry.record : NULL, &edit);
    if (*result == ARCHIVE_OK && edit.once && change->unsure &&
        change->over != change->entry.revision)
        *result = ARCHIVE_UNSURE; /* who has changed it since may have found it done */
    int error = 0;
    if (*result == ARCHIVE_OK && !edit.unchanged)
        error = write_edit(accounts, change, &edit, deadline);
    buffer_free(&edit.listed);
    if (error == ETIMEDOUT || error == ECANCELED)
        change->unsure = true;
    else if (error != 0 && error != EAGAIN)
        *result = error == EMSGSIZE ? ARCHIVE_FULL : ARCHIVE_FAILED;
    return error != ETIMEDOUT && error != ECANCELED && error != EAGAIN;
}

enum archive_result accounts_change(struct accounts *accounts, const char *key, int64_t deadline,
                                    accounts_editor *editor, void *context)
{
    struct change change = {.key = key, .mark = accounts_mark(accounts)};
    enum archive_result result = ARCHIVE_FAILED;
    bool over = false;
    while (!over && may_go_on(accounts, deadline))
        over = change_once(accounts, &change, deadline, editor, context, &result);
    buffer_wipe(&change.entry.value);
    if (over)
        return result;
    return change.unsure ? ARCHIVE_UNSURE : ARCHIVE_FAILED;
}
