#include "base/platform.h"

#include "archive/key.h"
#include "cluster/accounts_inside.h"

#include <string.h>

bool accounts_is_name(struct words left, struct words right)
{
    struct key own, other;
    return key_make(&own, left) && key_make(&other, right) && strcmp(own.folded, other.folded) == 0;
}

enum archive_result accounts_find(struct accounts *accounts, struct words name, int64_t deadline,
                                  struct accounts_entry *entry)
{
    char key[ACCOUNTS_KEY_SIZE];
    if (!accounts_write_key(key, ACCOUNTS_ACCOUNT, name))
        return ARCHIVE_NONE;
    enum archive_result result = accounts_fetch(accounts, key, deadline, entry);
    if (result == ARCHIVE_OK && !accounts_is_name(entry->record.name, name))
        return ARCHIVE_NONE;
    return result;
}

/* Finds the account that a claim speaks of. ARCHIVE_NONE: the claim means nothing any more. */
static enum archive_result find_claimer(struct accounts *accounts,
                                        const struct account_record *claim, int64_t deadline,
                                        struct accounts_entry *entry)
{
    enum archive_result result = accounts_find(accounts, claim->name, deadline, entry);
    if (result == ARCHIVE_OK && entry->record.serial != claim->serial)
        return ARCHIVE_NONE;
    return result;
}

enum archive_result accounts_find_like(struct accounts *accounts, struct words name,
                                       int64_t deadline, struct accounts_entry *entry)
{
    char key[ACCOUNTS_KEY_SIZE];
    struct accounts_entry claim = {.revision = 0};
    if (!accounts_write_key(key, ACCOUNTS_ACCOUNT, name))
        return ARCHIVE_NONE;
    enum archive_result result = accounts_fetch(accounts, key, deadline, entry);
    if (result != ARCHIVE_NONE)
        return result;
    if (!accounts_write_key(key, ACCOUNTS_CLAIM, name))
        return ARCHIVE_NONE;
    result = accounts_fetch(accounts, key, deadline, &claim);
    if (result == ARCHIVE_OK)
        result = find_claimer(accounts, &claim.record, deadline, entry);
    buffer_free(&claim.value);
    return result;
}

/*
 * Registering. How the name looks as typed is claimed first, then the account is made, and then the
 * claim is confirmed. A claim whose account is not there gives way to another one; who finds at the
 * end that its own has done so takes its account back. So of two machines one wins, and what was
 * left behind by one that died does not keep a name from anybody.
 */

struct addition {
    const struct accounts_person *person;
    uint64_t serial;
    int64_t deadline;
    bool confirmed;
};

static enum archive_result edit_claim(struct accounts *accounts, void *context,
                                      const struct account_record *now, struct accounts_edit *edit)
{
    const struct addition *addition = context;
    struct accounts_entry other = {.revision = 0};
    if (now != NULL && now->serial != addition->serial) {
        enum archive_result result = find_claimer(accounts, now, addition->deadline, &other);
        buffer_wipe(&other.value);
        if (result != ARCHIVE_NONE)
            return result == ARCHIVE_OK ? ARCHIVE_TAKEN : result;
    }
    edit->next.kind = ACCOUNT_RECORD_CLAIM;
    edit->next.serial = addition->serial;
    edit->next.confirmed = addition->confirmed;
    edit->next.name = addition->person->name;
    return ARCHIVE_OK;
}

static enum archive_result edit_new(struct accounts *accounts, void *context,
                                    const struct account_record *now, struct accounts_edit *edit)
{
    const struct addition *addition = context;
    const struct accounts_person *person = addition->person;
    (void)accounts;
    if (now != NULL)
        return ARCHIVE_TAKEN;
    edit->next = (struct account_record){.kind = ACCOUNT_RECORD_ACCOUNT,
                                         .serial = addition->serial,
                                         .created = person->created,
                                         .seen = person->seen,
                                         .is_operator = person->is_operator,
                                         .name = person->name,
                                         .hash = person->hash};
    return ARCHIVE_OK;
}

/* Removes what has the serial that `context` points to. */
static enum archive_result edit_away(struct accounts *accounts, void *context,
                                     const struct account_record *now, struct accounts_edit *edit)
{
    const uint64_t *serial = context;
    (void)accounts;
    edit->unchanged = now == NULL || now->serial != *serial;
    edit->removed = true;
    return ARCHIVE_OK;
}

static enum archive_result take_away(struct accounts *accounts, enum accounts_key kind,
                                     struct words name, uint64_t serial, int64_t deadline)
{
    char key[ACCOUNTS_KEY_SIZE];
    return accounts_write_key(key, kind, name)
               ? accounts_change(accounts, key, deadline, edit_away, &serial)
               : ARCHIVE_NONE;
}

static enum archive_result claim(struct accounts *accounts, struct addition *addition)
{
    char key[ACCOUNTS_KEY_SIZE];
    if (!accounts_write_key(key, ACCOUNTS_CLAIM, addition->person->name))
        return ARCHIVE_NONE;
    return accounts_change(accounts, key, addition->deadline, edit_claim, addition);
}

/* The account is there. Whether it stays depends on the claim. */
static enum archive_result confirm(struct accounts *accounts, struct addition *addition)
{
    addition->confirmed = true;
    enum archive_result result = claim(accounts, addition);
    if (result == ARCHIVE_OK)
        return ARCHIVE_OK;
    if (result != ARCHIVE_TAKEN || take_away(accounts, ACCOUNTS_ACCOUNT, addition->person->name,
                                             addition->serial, addition->deadline) != ARCHIVE_OK)
        return ARCHIVE_UNSURE;
    return ARCHIVE_TAKEN;
}

enum archive_result accounts_add(struct accounts *accounts, const struct accounts_person *person,
                                 int64_t deadline)
{
    struct addition addition = {
        .person = person, .serial = accounts_mark(accounts), .deadline = deadline};
    char key[ACCOUNTS_KEY_SIZE];
    if (!accounts_write_key(key, ACCOUNTS_ACCOUNT, person->name))
        return ARCHIVE_NONE;
    enum archive_result result = claim(accounts, &addition);
    if (result != ARCHIVE_OK)
        return result == ARCHIVE_UNSURE ? ARCHIVE_FAILED : result; /* no account was made */
    result = accounts_change(accounts, key, deadline, edit_new, &addition);
    if (result == ARCHIVE_OK)
        return confirm(accounts, &addition);
    if (result != ARCHIVE_UNSURE)
        take_away(accounts, ACCOUNTS_CLAIM, person->name, addition.serial, deadline);
    return result;
}

/*
 * Changing
 */

struct account_change {
    struct words name;
    accounts_editor *editor;
    void *context;
};

static enum archive_result edit_account(struct accounts *accounts, void *context,
                                        const struct account_record *now,
                                        struct accounts_edit *edit)
{
    const struct account_change *change = context;
    if (now == NULL || !accounts_is_name(now->name, change->name))
        return ARCHIVE_NONE;
    edit->next = *now;
    return change->editor(accounts, change->context, now, edit);
}

enum archive_result accounts_change_account(struct accounts *accounts, struct words name,
                                            int64_t deadline, accounts_editor *editor,
                                            void *context)
{
    struct account_change change = {name, editor, context};
    char key[ACCOUNTS_KEY_SIZE];
    if (!accounts_write_key(key, ACCOUNTS_ACCOUNT, name))
        return ARCHIVE_NONE;
    return accounts_change(accounts, key, deadline, edit_account, &change);
}

void accounts_clear(struct accounts *accounts, struct words name, uint64_t serial, int64_t deadline)
{
    take_away(accounts, ACCOUNTS_CLAIM, name, serial, deadline);
    take_away(accounts, ACCOUNTS_IGNORED, name, serial, deadline);
    take_away(accounts, ACCOUNTS_KEPT, name, serial, deadline);
}
