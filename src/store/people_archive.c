#include "base/platform.h"

#include "base/secret.h"
#include "archive/key.h"
#include "archive/hashing.h"
#include "store/people_archive.h"
#include "store/threads.h"

#include <stdlib.h>
#include <string.h>

static enum archive_result of(bool well)
{
    return well ? ARCHIVE_OK : ARCHIVE_FAILED;
}

static enum archive_result write_file(struct archive *archive, job_run *run, void *context)
{
    return writer_ask(threads_of(archive)->writer, run, context);
}

static enum archive_result read_file(struct archive *archive, job_run *run, void *context)
{
    return worker_ask(threads_of(archive)->reader, run, context);
}

/*
 * Finding an account
 */

/* The forms of a name. Only made on threads of the store, whose stacks are large. */
struct forms {
    char name[NAME_SIZE];
    struct key key;
    char looks[NAME_VIEWS][NAME_LOOK_SIZE];
};

static bool make_forms(struct forms *forms, struct words name)
{
    if (!key_copy_name(forms->name, name) || !key_make(&forms->key, name))
        return false;
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++)
        name_look(forms->name, view, forms->looks[view]);
    return forms->looks[NAME_CASELESS][0] != '\0' && forms->looks[NAME_AS_TYPED][0] != '\0';
}

/*
 * Finds the account that has the name or looks like it, and visits it if `visit` is not NULL. An
 * account of that very name goes first. Stores the id and whether it has that name.
 */
static enum archive_result find_like(struct database *database, const struct forms *forms,
                                     int64_t *id, bool *same, archive_visit_account *visit,
                                     void *context)
{
    struct query query;
    query_begin(&query, database,
                "SELECT id, name, folded = ?1, operator, created, seen FROM account"
                " WHERE folded = ?1 OR looks_caseless = ?2 OR looks_typed = ?3"
                " ORDER BY folded = ?1 DESC LIMIT 1");
    query_bind_string(&query, forms->key.folded);
    query_bind_string(&query, forms->looks[NAME_CASELESS]);
    query_bind_string(&query, forms->looks[NAME_AS_TYPED]);
    bool found = query_step(&query);
    if (found) {
        *id = query_number(&query, 0);
        *same = query_number(&query, 2) != 0;
        const struct archive_account account = {.name = query_words(&query, 1),
                                                .same = *same,
                                                .is_operator = query_number(&query, 3) != 0,
                                                .created = query_number(&query, 4),
                                                .seen = query_number(&query, 5)};
        if (visit != NULL)
            visit(context, &account);
    }
    if (!query_end(&query))
        return ARCHIVE_FAILED;
    return found ? ARCHIVE_OK : ARCHIVE_NONE;
}

/* Finds the account of that name. */
static enum archive_result find_account(struct database *database, struct words name, int64_t *id)
{
    struct query query;
    struct key key;
    if (!key_make(&key, name))
        return ARCHIVE_NONE;
    query_begin(&query, database, "SELECT id FROM account WHERE folded = ?");
    query_bind_string(&query, key.folded);
    bool found = query_step(&query);
    if (found)
        *id = query_number(&query, 0);
    if (!query_end(&query))
        return ARCHIVE_FAILED;
    return found ? ARCHIVE_OK : ARCHIVE_NONE;
}

struct lookup {
    struct words name;
    archive_visit_account *visit;
    void *context;
};

static enum archive_result look_up(void *context, struct database *database)
{
    const struct lookup *lookup = context;
    struct forms forms;
    int64_t id;
    bool same;
    if (!make_forms(&forms, lookup->name))
        return ARCHIVE_NONE;
    return find_like(database, &forms, &id, &same, lookup->visit, lookup->context);
}

static enum archive_result find(struct archive *archive, struct words name,
                                archive_visit_account *visit, void *context)
{
    struct lookup lookup = {name, visit, context};
    return read_file(archive, look_up, &lookup);
}

static enum archive_result read_operators(void *context, struct database *database)
{
    const struct lookup *lookup = context;
    struct query query;
    query_begin(&query, database,
                "SELECT name, created, seen FROM account WHERE operator ORDER BY folded");
    while (query_step(&query)) {
        const struct archive_account account = {.name = query_words(&query, 0),
                                                .same = true,
                                                .is_operator = true,
                                                .created = query_number(&query, 1),
                                                .seen = query_number(&query, 2)};
        lookup->visit(lookup->context, &account);
    }
    return of(query_end(&query));
}

static enum archive_result operators(struct archive *archive, archive_visit_account *visit,
                                     void *context)
{
    struct lookup lookup = {.visit = visit, .context = context};
    return read_file(archive, read_operators, &lookup);
}

/*
 * Passwords. A password is checked against a hash that was read before, and the account changed
 * only if it still has that hash.
 */

/* On the heap, as callers have small stacks; wiped before it is freed. */
struct credentials {
    struct words name, password;
    int64_t time;
    char stored[HASHING_SIZE]; /* the hash that the file has */
    char made[HASHING_SIZE];   /* the hash of `password` */
};

static struct credentials *credentials_begin(struct words name, struct words password)
{
    struct credentials *credentials = calloc(1, sizeof *credentials);
    if (credentials != NULL) {
        credentials->name = name;
        credentials->password = password;
    }
    return credentials;
}

static void credentials_end(struct credentials *credentials)
{
    secret_wipe(credentials, sizeof *credentials);
    free(credentials);
}

static enum archive_result hash(void *context, struct database *database)
{
    struct credentials *credentials = context;
    (void)database;
    return of(hashing_make(credentials->password, credentials->made));
}

static enum archive_result compare(void *context, struct database *database)
{
    const struct credentials *credentials = context;
    (void)database;
    return hashing_matches(credentials->password, credentials->stored) ? ARCHIVE_OK : ARCHIVE_WRONG;
}

static enum archive_result read_hash(void *context, struct database *database)
{
    struct credentials *credentials = context;
    struct query query;
    int64_t id;
    enum archive_result result = find_account(database, credentials->name, &id);
    if (result != ARCHIVE_OK)
        return result;
    query_begin(&query, database, "SELECT password FROM account WHERE id = ?");
    query_bind_number(&query, id);
    if (query_step(&query)) {
        struct words stored = query_words(&query, 0);
        if (stored.length < sizeof credentials->stored)
            memcpy(credentials->stored, stored.bytes, stored.length);
    }
    return of(query_end(&query));
}

/* Whether the password is that of the account; the hash is then in `stored`. */
static enum archive_result prove(struct archive *archive, struct credentials *credentials)
{
    enum archive_result result = read_file(archive, read_hash, credentials);
    if (result == ARCHIVE_OK)
        result = worker_ask(threads_of(archive)->hasher, compare, credentials);
    return result;
}

static enum archive_result check(struct archive *archive, struct words name, struct words password)
{
    struct credentials *credentials = credentials_begin(name, password);
    if (credentials == NULL)
        return ARCHIVE_FAILED;
    enum archive_result result = prove(archive, credentials);
    credentials_end(credentials);
    return result;
}

static enum archive_result insert_account(void *context, struct database *database)
{
    const struct credentials *credentials = context;
    struct forms forms;
    struct query query;
    int64_t id;
    bool same;
    if (!make_forms(&forms, credentials->name))
        return ARCHIVE_NONE;
    enum archive_result result = find_like(database, &forms, &id, &same, NULL, NULL);
    if (result != ARCHIVE_NONE)
        return result == ARCHIVE_OK ? ARCHIVE_TAKEN : result;
    query_begin(&query, database,
                "INSERT INTO account (name, folded, looks_caseless, looks_typed, password, created,"
                " seen) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)");
    query_bind_words(&query, credentials->name);
    query_bind_string(&query, forms.key.folded);
    query_bind_string(&query, forms.looks[NAME_CASELESS]);
    query_bind_string(&query, forms.looks[NAME_AS_TYPED]);
    query_bind_string(&query, credentials->made);
    query_bind_number(&query, credentials->time);
    return of(query_finish(&query));
}

/* The name is looked up before hashing, which costs so much more; and again when it is inserted. */
static enum archive_result enroll(struct archive *archive, struct words name, struct words password,
                                  int64_t time)
{
    enum archive_result result = find(archive, name, NULL, NULL);
    if (result != ARCHIVE_NONE)
        return result == ARCHIVE_OK ? ARCHIVE_TAKEN : result;
    if (password.length == 0 || password.length > HASHING_PASSWORD_MAX)
        return ARCHIVE_WRONG;
    struct credentials *credentials = credentials_begin(name, password);
    if (credentials == NULL)
        return ARCHIVE_FAILED;
    credentials->time = time;
    result = worker_ask(threads_of(archive)->hasher, hash, credentials);
    if (result == ARCHIVE_OK)
        result = write_file(archive, insert_account, credentials);
    credentials_end(credentials);
    return result;
}

/* Finds the account whose password was proved, unless it has another one meanwhile. */
static enum archive_result find_proved(struct database *database,
                                       const struct credentials *credentials, int64_t *id)
{
    struct query query;
    enum archive_result result = find_account(database, credentials->name, id);
    if (result != ARCHIVE_OK)
        return result;
    query_begin(&query, database, "SELECT 1 FROM account WHERE id = ? AND password = ?");
    query_bind_number(&query, *id);
    query_bind_string(&query, credentials->stored);
    bool found = query_step(&query);
    if (!query_end(&query))
        return ARCHIVE_FAILED;
    return found ? ARCHIVE_OK : ARCHIVE_WRONG;
}

static enum archive_result replace_hash(void *context, struct database *database)
{
    const struct credentials *credentials = context;
    struct query query;
    int64_t id;
    enum archive_result result = find_proved(database, credentials, &id);
    if (result != ARCHIVE_OK)
        return result;
    query_begin(&query, database, "UPDATE account SET password = ? WHERE id = ?");
    query_bind_string(&query, credentials->made);
    query_bind_number(&query, id);
    return of(query_finish(&query));
}

static enum archive_result change_password(struct archive *archive, struct words name,
                                           struct words old_password, struct words new_password)
{
    if (new_password.length == 0 || new_password.length > HASHING_PASSWORD_MAX)
        return ARCHIVE_WRONG;
    struct credentials *credentials = credentials_begin(name, old_password);
    if (credentials == NULL)
        return ARCHIVE_FAILED;
    enum archive_result result = prove(archive, credentials);
    credentials->password = new_password;
    if (result == ARCHIVE_OK)
        result = worker_ask(threads_of(archive)->hasher, hash, credentials);
    if (result == ARCHIVE_OK)
        result = write_file(archive, replace_hash, credentials);
    credentials_end(credentials);
    return result;
}

/* What refers to the account goes with it. */
static enum archive_result delete_account(void *context, struct database *database)
{
    const struct credentials *credentials = context;
    struct query query;
    int64_t id;
    enum archive_result result = find_proved(database, credentials, &id);
    if (result != ARCHIVE_OK)
        return result;
    query_begin(&query, database, "DELETE FROM account WHERE id = ?");
    query_bind_number(&query, id);
    return of(query_finish(&query));
}

static enum archive_result unregister(struct archive *archive, struct words name,
                                      struct words password)
{
    struct credentials *credentials = credentials_begin(name, password);
    if (credentials == NULL)
        return ARCHIVE_FAILED;
    enum archive_result result = prove(archive, credentials);
    if (result == ARCHIVE_OK)
        result = write_file(archive, delete_account, credentials);
    credentials_end(credentials);
    return result;
}

/*
 * Facts about an account
 */

struct fact {
    struct words name;
    int64_t value;
};

static enum archive_result write_fact(const struct fact *fact, struct database *database,
                                      const char *sql)
{
    struct query query;
    int64_t id;
    enum archive_result result = find_account(database, fact->name, &id);
    if (result != ARCHIVE_OK)
        return result;
    query_begin(&query, database, sql);
    query_bind_number(&query, fact->value);
    query_bind_number(&query, id);
    return of(query_finish(&query));
}

/* A fact as it is posted: its name is behind it. An account that is gone is not seen. */
static enum archive_result write_seen(void *context, struct database *database)
{
    struct fact fact;
    memcpy(&fact, context, sizeof fact);
    fact.name.bytes = (const char *)context + sizeof fact;
    enum archive_result result =
        write_fact(&fact, database, "UPDATE account SET seen = ? WHERE id = ?");
    return result == ARCHIVE_FAILED ? ARCHIVE_FAILED : ARCHIVE_OK;
}

static enum archive_result write_operator(void *context, struct database *database)
{
    return write_fact(context, database, "UPDATE account SET operator = ? WHERE id = ?");
}

static bool set_seen(struct archive *archive, struct words name, int64_t time)
{
    const struct fact fact = {{NULL, name.length}, time};
    char copy[sizeof fact + NAME_BYTES_MAX];
    if (name.length > NAME_BYTES_MAX)
        return false;
    memcpy(copy, &fact, sizeof fact);
    memcpy(copy + sizeof fact, name.bytes, name.length);
    return writer_post(threads_of(archive)->writer, write_seen, copy, sizeof fact + name.length);
}

static enum archive_result set_operator(struct archive *archive, struct words name,
                                        bool is_operator)
{
    struct fact fact = {name, is_operator};
    return write_file(archive, write_operator, &fact);
}

/*
 * Ignored names
 */

struct ignoring {
    struct words name, ignored;
    archive_visit_name *visit;
    void *context;
};

static enum archive_result count_of(struct database *database, const char *sql, int64_t account,
                                    int64_t *count)
{
    struct query query;
    *count = 0;
    query_begin(&query, database, sql);
    query_bind_number(&query, account);
    if (query_step(&query))
        *count = query_number(&query, 0);
    return of(query_end(&query));
}

static enum archive_result add_ignored(void *context, struct database *database)
{
    const struct ignoring *ignoring = context;
    struct query query;
    struct key key;
    int64_t id, count;
    if (!key_make(&key, ignoring->ignored))
        return ARCHIVE_NONE;
    enum archive_result result = find_account(database, ignoring->name, &id);
    if (result == ARCHIVE_OK)
        result = count_of(database, "SELECT count(*) FROM ignored WHERE account = ?", id, &count);
    if (result != ARCHIVE_OK)
        return result;
    if (count >= ARCHIVE_IGNORED_MAX)
        return ARCHIVE_FULL;
    query_begin(&query, database,
                "INSERT OR IGNORE INTO ignored (account, folded, name) VALUES (?, ?, ?)");
    query_bind_number(&query, id);
    query_bind_string(&query, key.folded);
    query_bind_words(&query, ignoring->ignored);
    return of(query_finish(&query));
}

static enum archive_result remove_ignored(void *context, struct database *database)
{
    const struct ignoring *ignoring = context;
    struct query query;
    struct key key;
    int64_t id;
    if (!key_make(&key, ignoring->ignored))
        return ARCHIVE_NONE;
    enum archive_result result = find_account(database, ignoring->name, &id);
    if (result != ARCHIVE_OK)
        return result;
    query_begin(&query, database, "DELETE FROM ignored WHERE account = ? AND folded = ?");
    query_bind_number(&query, id);
    query_bind_string(&query, key.folded);
    if (!query_finish(&query))
        return ARCHIVE_FAILED;
    return database_changes(database) > 0 ? ARCHIVE_OK : ARCHIVE_NONE;
}

static enum archive_result read_ignored(void *context, struct database *database)
{
    const struct ignoring *ignoring = context;
    struct query query;
    int64_t id;
    enum archive_result result = find_account(database, ignoring->name, &id);
    if (result != ARCHIVE_OK)
        return result;
    query_begin(&query, database, "SELECT name FROM ignored WHERE account = ? ORDER BY folded");
    query_bind_number(&query, id);
    while (query_step(&query))
        ignoring->visit(ignoring->context, query_words(&query, 0));
    return of(query_end(&query));
}

static enum archive_result ignore(struct archive *archive, struct words name, struct words ignored)
{
    struct ignoring ignoring = {.name = name, .ignored = ignored};
    return write_file(archive, add_ignored, &ignoring);
}

static enum archive_result unignore(struct archive *archive, struct words name,
                                    struct words ignored)
{
    struct ignoring ignoring = {.name = name, .ignored = ignored};
    return write_file(archive, remove_ignored, &ignoring);
}

static enum archive_result list_ignored(struct archive *archive, struct words name,
                                        archive_visit_name *visit, void *context)
{
    struct ignoring ignoring = {.name = name, .visit = visit, .context = context};
    return read_file(archive, read_ignored, &ignoring);
}

/*
 * Kept messages
 */

struct keeping {
    struct words name, author, text;
    int64_t time;
    archive_visit_message *visit;
    void *context;
};

/* How many messages are kept for an account, and of whom. */
struct kept_count {
    int64_t all;
    int64_t own;       /* of the author */
    int64_t strangers; /* of authors whose names are not registered */
    int64_t bytes;     /* of all texts */
    bool is_stranger;  /* the author is one */
};

static enum archive_result count_kept(struct database *database, int64_t account,
                                      struct words author, struct kept_count *count)
{
    struct query query;
    *count = (struct kept_count){.all = 0};
    query_begin(&query, database,
                "SELECT count(*), ifnull(sum(author = ?2), 0), count(*) - count(account.id),"
                " NOT EXISTS (SELECT 1 FROM account WHERE name = ?2),"
                " ifnull(sum(length(CAST(text AS BLOB))), 0)"
                " FROM kept LEFT JOIN account ON account.name = author WHERE kept.account = ?1");
    query_bind_number(&query, account);
    query_bind_words(&query, author);
    if (query_step(&query)) {
        count->all = query_number(&query, 0);
        count->own = query_number(&query, 1);
        count->strangers = query_number(&query, 2);
        count->is_stranger = query_number(&query, 3) != 0;
        count->bytes = query_number(&query, 4);
    }
    return of(query_end(&query));
}

/* Names cost nothing, so all who have not registered theirs share what they may fill. */
static bool is_full(const struct kept_count *count, size_t more)
{
    return count->all >= ARCHIVE_KEPT_MAX ||
           count->bytes + (int64_t)more > ARCHIVE_KEPT_BYTES_MAX ||
           count->own >= ARCHIVE_KEPT_OF_ONE_MAX ||
           (count->is_stranger && count->strangers >= ARCHIVE_KEPT_OF_STRANGERS_MAX);
}

static enum archive_result find_ignored(struct database *database, int64_t account,
                                        struct words author)
{
    struct query query;
    struct key key;
    if (!key_make(&key, author))
        return ARCHIVE_NONE;
    query_begin(&query, database, "SELECT 1 FROM ignored WHERE account = ? AND folded = ?");
    query_bind_number(&query, account);
    query_bind_string(&query, key.folded);
    bool found = query_step(&query);
    if (!query_end(&query))
        return ARCHIVE_FAILED;
    return found ? ARCHIVE_OK : ARCHIVE_NONE;
}

/* What an ignored author says takes nobody's place, and it is not told so. */
static enum archive_result add_message(void *context, struct database *database)
{
    const struct keeping *keeping = context;
    struct kept_count count;
    struct query query;
    int64_t id;
    enum archive_result result = find_account(database, keeping->name, &id);
    if (result == ARCHIVE_OK)
        result = count_kept(database, id, keeping->author, &count);
    if (result != ARCHIVE_OK)
        return result;
    if (is_full(&count, keeping->text.length))
        return ARCHIVE_FULL;
    result = find_ignored(database, id, keeping->author);
    if (result != ARCHIVE_NONE)
        return result;
    query_begin(&query, database,
                "INSERT INTO kept (account, author, time, text) VALUES (?, ?, ?, ?)");
    query_bind_number(&query, id);
    query_bind_words(&query, keeping->author);
    query_bind_number(&query, keeping->time);
    query_bind_words(&query, keeping->text);
    return of(query_finish(&query));
}

static enum archive_result keep_message(struct archive *archive, struct words name,
                                        struct words author, int64_t time, struct words text)
{
    struct keeping keeping = {.name = name, .author = author, .text = text, .time = time};
    return write_file(archive, add_message, &keeping);
}

static enum archive_result remove_messages(void *context, struct database *database)
{
    const struct keeping *keeping = context;
    struct query query;
    int64_t id;
    enum archive_result result = find_account(database, keeping->name, &id);
    if (result != ARCHIVE_OK)
        return result;
    query_begin(&query, database,
                "SELECT id, author, time, text FROM kept WHERE account = ? ORDER BY id");
    query_bind_number(&query, id);
    while (query_step(&query)) {
        const struct archive_message message = {.kind = ARCHIVE_SAY,
                                                .id = (uint64_t)query_number(&query, 0),
                                                .time = query_number(&query, 2),
                                                .room = {"", 0},
                                                .author = query_words(&query, 1),
                                                .text = query_words(&query, 3)};
        keeping->visit(keeping->context, &message);
    }
    if (!query_end(&query))
        return ARCHIVE_FAILED;
    query_begin(&query, database, "DELETE FROM kept WHERE account = ?");
    query_bind_number(&query, id);
    return of(query_finish(&query));
}

static enum archive_result take_messages(struct archive *archive, struct words name,
                                         archive_visit_message *visit, void *context)
{
    struct keeping keeping = {.name = name, .visit = visit, .context = context};
    return write_file(archive, remove_messages, &keeping);
}

const struct archive_people people_archive = {.enroll = enroll,
                                              .check = check,
                                              .change_password = change_password,
                                              .unregister = unregister,
                                              .find = find,
                                              .set_seen = set_seen,
                                              .set_operator = set_operator,
                                              .operators = operators,
                                              .ignore = ignore,
                                              .unignore = unignore,
                                              .ignored = list_ignored,
                                              .keep_message = keep_message,
                                              .take_messages = take_messages};
