#include "base/platform.h"

#include "archive/hashing.h"
#include "base/clock.h"
#include "base/lock.h"
#include "base/secret.h"
#include "cluster/accounts.h"
#include "cluster/accounts_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STOP_PATIENCE (2 * CLOCK_SECOND)

/* On the heap, as callers have small stacks; wiped before it is freed. */
struct request {
    struct accounts *accounts;
    int64_t deadline;
    struct words name, password;
    int64_t time;
    bool is_operator;
    char stored[HASHING_SIZE]; /* the hash that the account has */
    char made[HASHING_SIZE];   /* the hash of `password` */
    uint64_t serial;
    archive_visit_account *visit;
    void *context;
};

static struct request *request_begin(struct archive *archive, struct words name,
                                     struct words password)
{
    struct request *request = calloc(1, sizeof *request);
    if (request == NULL)
        return NULL;
    request->accounts = accounts_of(archive);
    request->deadline = accounts_deadline(request->accounts);
    request->name = name;
    request->password = password;
    return request;
}

static enum archive_result request_end(struct request *request, enum archive_result result)
{
    secret_wipe(request, sizeof *request);
    free(request);
    return result;
}

static enum archive_result ask_bucket(job_run *run, struct request *request)
{
    return worker_ask(request->accounts->keeper, run, request);
}

static enum archive_result ask_hasher(job_run *run, struct request *request)
{
    enum archive_result result = worker_ask(request->accounts->hasher, run, request);
    /* Passwords wait for each other; the bucket is given its time all the same. */
    request->deadline = accounts_deadline(request->accounts);
    return result;
}

/*
 * Finding
 */

static enum archive_result run_find(void *context, struct database *none)
{
    const struct request *request = context;
    struct accounts_entry entry = {.revision = 0};
    const struct account_record *found = &entry.record;
    (void)none;
    enum archive_result result =
        accounts_find_like(request->accounts, request->name, request->deadline, &entry);
    if (result == ARCHIVE_OK && request->visit != NULL) {
        const struct archive_account account = {
            .name = found->name,
            .same = accounts_is_name(found->name, request->name),
            .is_operator = found->is_operator,
            .created = found->created,
            .seen = found->seen,
        };
        request->visit(request->context, &account);
    }
    buffer_wipe(&entry.value);
    return result;
}

static enum archive_result find(struct archive *archive, struct words name,
                                archive_visit_account *visit, void *context)
{
    struct request *request = request_begin(archive, name, (struct words){"", 0});
    if (request == NULL)
        return ARCHIVE_FAILED;
    request->visit = visit;
    request->context = context;
    return request_end(request, ask_bucket(run_find, request));
}

/*
 * Passwords. A password is checked against a hash that was read before, and the account changed
 * only if it still has that hash.
 */

static enum archive_result run_read_hash(void *context, struct database *none)
{
    struct request *request = context;
    struct accounts_entry entry = {.revision = 0};
    (void)none;
    enum archive_result result =
        accounts_find(request->accounts, request->name, request->deadline, &entry);
    _Static_assert((int)ACCOUNT_RECORD_HASH_MAX < (int)HASHING_SIZE, "a hash has room");
    if (result == ARCHIVE_OK)
        memcpy(request->stored, entry.record.hash.bytes, entry.record.hash.length);
    buffer_wipe(&entry.value);
    return result;
}

static enum archive_result run_compare(void *context, struct database *none)
{
    const struct request *request = context;
    (void)none;
    return hashing_matches(request->password, request->stored) ? ARCHIVE_OK : ARCHIVE_WRONG;
}

static enum archive_result run_hash(void *context, struct database *none)
{
    struct request *request = context;
    (void)none;
    return hashing_make(request->password, request->made) ? ARCHIVE_OK : ARCHIVE_FAILED;
}

/* Whether the password is that of the account; the hash is then in `stored`. */
static enum archive_result prove(struct request *request)
{
    enum archive_result result = ask_bucket(run_read_hash, request);
    return result == ARCHIVE_OK ? ask_hasher(run_compare, request) : result;
}

static enum archive_result check(struct archive *archive, struct words name, struct words password)
{
    struct request *request = request_begin(archive, name, password);
    return request == NULL ? ARCHIVE_FAILED : request_end(request, prove(request));
}

static enum archive_result run_add(void *context, struct database *none)
{
    const struct request *request = context;
    const struct accounts_person person = {.name = request->name,
                                           .hash = {request->made, strlen(request->made)},
                                           .created = request->time,
                                           .seen = request->time};
    (void)none;
    return accounts_add(request->accounts, &person, request->deadline);
}

/* The name is looked up before hashing, which costs so much more; and again when it is added. */
static enum archive_result enroll(struct archive *archive, struct words name, struct words password,
                                  int64_t time)
{
    enum archive_result result = find(archive, name, NULL, NULL);
    if (result != ARCHIVE_NONE)
        return result == ARCHIVE_OK ? ARCHIVE_TAKEN : result;
    if (password.length == 0 || password.length > HASHING_PASSWORD_MAX)
        return ARCHIVE_WRONG;
    struct request *request = request_begin(archive, name, password);
    if (request == NULL)
        return ARCHIVE_FAILED;
    request->time = time;
    result = ask_hasher(run_hash, request);
    if (result == ARCHIVE_OK)
        result = ask_bucket(run_add, request);
    return request_end(request, result);
}

/* An account that comes from elsewhere. */
struct importation {
    struct accounts *accounts;
    const struct archive_person *person;
};

static enum archive_result run_import(void *context, struct database *none)
{
    const struct importation *importation = context;
    const struct archive_person *from = importation->person;
    const struct accounts_person person = {.name = from->name,
                                           .hash = from->password,
                                           .created = from->created,
                                           .seen = from->seen,
                                           .is_operator = from->is_operator};
    struct accounts *accounts = importation->accounts;
    struct accounts_entry entry = {.revision = 0};
    int64_t deadline = accounts_deadline(accounts);
    (void)none;
    enum archive_result result = accounts_find_like(accounts, from->name, deadline, &entry);
    buffer_wipe(&entry.value);
    if (result != ARCHIVE_NONE)
        return result == ARCHIVE_OK ? ARCHIVE_TAKEN : result;
    return accounts_add(accounts, &person, deadline);
}

enum archive_result accounts_import(struct accounts *accounts, const struct archive_person *person)
{
    struct importation importation = {accounts, person};
    return worker_ask(accounts->keeper, run_import, &importation);
}

static bool has_hash(const struct account_record *record, const char *hash)
{
    return record->hash.length == strlen(hash) &&
           memcmp(record->hash.bytes, hash, record->hash.length) == 0;
}

static enum archive_result edit_hash(struct accounts *accounts, void *context,
                                     const struct account_record *now, struct accounts_edit *edit)
{
    const struct request *request = context;
    (void)accounts;
    if (!has_hash(now, request->stored))
        return ARCHIVE_WRONG;
    edit->next.hash = (struct words){request->made, strlen(request->made)};
    return ARCHIVE_OK;
}

static enum archive_result run_replace_hash(void *context, struct database *none)
{
    struct request *request = context;
    (void)none;
    return accounts_change_account(request->accounts, request->name, request->deadline, edit_hash,
                                   request);
}

static enum archive_result change_password(struct archive *archive, struct words name,
                                           struct words old_password, struct words new_password)
{
    if (new_password.length == 0 || new_password.length > HASHING_PASSWORD_MAX)
        return ARCHIVE_WRONG;
    struct request *request = request_begin(archive, name, old_password);
    if (request == NULL)
        return ARCHIVE_FAILED;
    enum archive_result result = prove(request);
    request->password = new_password;
    if (result == ARCHIVE_OK)
        result = ask_hasher(run_hash, request);
    if (result == ARCHIVE_OK)
        result = ask_bucket(run_replace_hash, request);
    return request_end(request, result);
}

static enum archive_result edit_gone(struct accounts *accounts, void *context,
                                     const struct account_record *now, struct accounts_edit *edit)
{
    struct request *request = context;
    (void)accounts;
    request->serial = now->serial;
    edit->removed = true;
    return has_hash(now, request->stored) ? ARCHIVE_OK : ARCHIVE_WRONG;
}

static enum archive_result run_remove(void *context, struct database *none)
{
    struct request *request = context;
    (void)none;
    enum archive_result result = accounts_change_account(request->accounts, request->name,
                                                         request->deadline, edit_gone, request);
    if (result == ARCHIVE_OK)
        accounts_clear(request->accounts, request->name, request->serial, request->deadline);
    return result;
}

static enum archive_result unregister(struct archive *archive, struct words name,
                                      struct words password)
{
    struct request *request = request_begin(archive, name, password);
    if (request == NULL)
        return ARCHIVE_FAILED;
    enum archive_result result = prove(request);
    if (result == ARCHIVE_OK)
        result = ask_bucket(run_remove, request);
    return request_end(request, result);
}

/*
 * Facts about an account
 */

static enum archive_result edit_operator(struct accounts *accounts, void *context,
                                         const struct account_record *now,
                                         struct accounts_edit *edit)
{
    const struct request *request = context;
    (void)accounts;
    edit->next.is_operator = request->is_operator;
    edit->unchanged = now->is_operator == request->is_operator;
    return ARCHIVE_OK;
}

static enum archive_result run_set_operator(void *context, struct database *none)
{
    struct request *request = context;
    (void)none;
    return accounts_change_account(request->accounts, request->name, request->deadline,
                                   edit_operator, request);
}

static enum archive_result set_operator(struct archive *archive, struct words name,
                                        bool is_operator)
{
    struct request *request = request_begin(archive, name, (struct words){"", 0});
    if (request == NULL)
        return ARCHIVE_FAILED;
    request->is_operator = is_operator;
    return request_end(request, ask_bucket(run_set_operator, request));
}

/* When the person of an account was here, as it is posted: the name is behind it. */
struct sight {
    struct accounts *accounts;
    int64_t deadline;
    int64_t time;
    size_t length;
};

static enum archive_result edit_seen(struct accounts *accounts, void *context,
                                     const struct account_record *now, struct accounts_edit *edit)
{
    const struct sight *sight = context;
    (void)accounts;
    edit->next.seen = sight->time;
    edit->unchanged = now->seen >= sight->time;
    return ARCHIVE_OK;
}

static enum archive_result run_set_seen(void *context, struct database *none)
{
    struct sight *sight = context;
    const struct words name = {(const char *)(sight + 1), sight->length};
    (void)none;
    return accounts_change_account(sight->accounts, name, sight->deadline, edit_seen, sight);
}

static bool set_seen(struct archive *archive, struct words name, int64_t time)
{
    struct accounts *accounts = accounts_of(archive);
    const struct sight sight = {accounts, accounts_deadline(accounts), time, name.length};
    char copy[sizeof sight + NAME_BYTES_MAX];
    if (name.length > NAME_BYTES_MAX)
        return false;
    memcpy(copy, &sight, sizeof sight);
    memcpy(copy + sizeof sight, name.bytes, name.length);
    return worker_post(accounts->keeper, run_set_seen, copy, sizeof sight + name.length);
}

static const struct archive_people people = {.enroll = enroll,
                                             .check = check,
                                             .change_password = change_password,
                                             .unregister = unregister,
                                             .find = find,
                                             .set_seen = set_seen,
                                             .set_operator = set_operator,
                                             .ignore = accounts_ignore,
                                             .unignore = accounts_unignore,
                                             .ignored = accounts_ignored,
                                             .keep_message = accounts_keep_message,
                                             .take_messages = accounts_take_messages};

/*
 * Opening
 */

int accounts_open(struct accounts **result, const struct accounts_config *config)
{
    struct accounts *accounts = calloc(1, sizeof *accounts);
    if (accounts == NULL)
        return ENOMEM;
    accounts->archive.people = &people;
    accounts->config = *config;
    accounts->mark = config->seed;
    atomic_init(&accounts->end, 0);
    atomic_init(&accounts->stopping, false);
    int error = worker_start(&accounts->keeper, NULL);
    if (error != 0)
        goto no_keeper;
    error = worker_start(&accounts->hasher, NULL);
    if (error != 0)
        goto no_hasher;
    *result = accounts;
    return 0;
no_hasher:
    worker_stop(accounts->keeper);
    worker_free(accounts->keeper);
no_keeper:
    free(accounts);
    return error;
}

struct archive *accounts_archive(struct accounts *accounts)
{
    return &accounts->archive;
}

void accounts_hurry(struct accounts *accounts)
{
    atomic_store(&accounts->end, clock_now() + STOP_PATIENCE);
    atomic_store(&accounts->stopping, true);
}

/* The keeper last: what the hasher still does may ask it. */
void accounts_stop(struct accounts *accounts)
{
    lock_assert_none_held();
    accounts_hurry(accounts);
    worker_stop(accounts->hasher);
    worker_stop(accounts->keeper);
}

void accounts_free(struct accounts *accounts)
{
    if (accounts == NULL)
        return;
    worker_free(accounts->hasher);
    worker_free(accounts->keeper);
    free(accounts);
}
