#include "base/platform.h"

#include "base/buffer.h"
#include "store/data_file.h"
#include "store/people_export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct people_export {
    struct data_file file;
};

struct people_export *people_export_open(const char *path, char fault[STORE_FAULT_SIZE])
{
    struct people_export *people = NULL;
    if (access(path, R_OK | W_OK) != 0 || (people = calloc(1, sizeof *people)) == NULL) {
        snprintf(fault, STORE_FAULT_SIZE, "cannot open the data file %s: %s", path,
                 strerror(errno));
        return NULL;
    }
    if (data_file_open(&people->file, path, fault))
        return people;
    free(people);
    return NULL;
}

/* What belongs to the account that is being visited. The words are in the bytes. */
struct belongings {
    struct words ignored[ARCHIVE_IGNORED_MAX];
    struct archive_message kept[ARCHIVE_KEPT_MAX];
    size_t ignored_count, kept_count;
    struct buffer bytes;
};

/* Copies words behind the others; they get their place when all are there. */
static bool copy(struct belongings *belongings, struct words *words)
{
    bool whole =
        buffer_append(&belongings->bytes, words->length > 0 ? words->bytes : "", words->length);
    words->bytes = NULL;
    return whole;
}

static bool read_ignored(struct database *database, int64_t account, struct belongings *belongings)
{
    struct query query;
    bool whole = true;
    query_begin(&query, database, "SELECT name FROM ignored WHERE account = ? ORDER BY folded");
    query_bind_number(&query, account);
    while (whole && belongings->ignored_count < ARCHIVE_IGNORED_MAX && query_step(&query)) {
        struct words *name = &belongings->ignored[belongings->ignored_count++];
        *name = query_words(&query, 0);
        whole = copy(belongings, name);
    }
    return query_end(&query) && whole;
}

static bool read_kept(struct database *database, int64_t account, struct belongings *belongings)
{
    struct query query;
    bool whole = true;
    query_begin(&query, database,
                "SELECT author, time, text FROM kept WHERE account = ? ORDER BY id");
    query_bind_number(&query, account);
    while (whole && belongings->kept_count < ARCHIVE_KEPT_MAX && query_step(&query)) {
        struct archive_message *message = &belongings->kept[belongings->kept_count++];
        *message = (struct archive_message){.kind = ARCHIVE_SAY,
                                            .time = query_number(&query, 1),
                                            .room = {"", 0},
                                            .author = query_words(&query, 0),
                                            .text = query_words(&query, 2)};
        whole = copy(belongings, &message->author) && copy(belongings, &message->text);
    }
    return query_end(&query) && whole;
}

/* Has all words point to the bytes, which do not move any more. */
static void settle(struct belongings *belongings)
{
    const char *at = buffer_bytes(&belongings->bytes);
    for (size_t i = 0; i < belongings->ignored_count; i++) {
        belongings->ignored[i].bytes = at;
        at += belongings->ignored[i].length;
    }
    for (size_t i = 0; i < belongings->kept_count; i++) {
        struct archive_message *message = &belongings->kept[i];
        message->author.bytes = at;
        message->text.bytes = at + message->author.length;
        at += message->author.length + message->text.length;
    }
}

static bool read_belongings(struct database *database, int64_t account,
                            struct belongings *belongings)
{
    belongings->ignored_count = belongings->kept_count = 0;
    buffer_truncate(&belongings->bytes, 0);
    if (!read_ignored(database, account, belongings) || !read_kept(database, account, belongings))
        return false;
    settle(belongings);
    return true;
}

static bool visit_accounts(struct database *database, struct belongings *belongings,
                           archive_visit_person *visit, void *context)
{
    struct query query;
    bool well = true;
    query_begin(&query, database,
                "SELECT id, name, password, created, seen, operator FROM account ORDER BY folded");
    while (well && query_step(&query)) {
        well = read_belongings(database, query_number(&query, 0), belongings);
        const struct archive_person person = {.name = query_words(&query, 1),
                                              .password = query_words(&query, 2),
                                              .created = query_number(&query, 3),
                                              .seen = query_number(&query, 4),
                                              .is_operator = query_number(&query, 5) != 0,
                                              .ignored = belongings->ignored,
                                              .ignored_count = belongings->ignored_count,
                                              .kept = belongings->kept,
                                              .kept_count = belongings->kept_count};
        if (well)
            visit(context, &person);
    }
    return query_end(&query) && well;
}

bool people_export_visit(struct people_export *people, archive_visit_person *visit, void *context)
{
    struct belongings *belongings = calloc(1, sizeof *belongings);
    if (belongings == NULL)
        return false;
    bool well = visit_accounts(&people->file.database, belongings, visit, context);
    buffer_free(&belongings->bytes);
    free(belongings);
    return well;
}

int64_t people_export_count_rooms(struct people_export *people)
{
    return database_number(&people->file.database, "SELECT count(*) FROM kept_room");
}

int64_t people_export_count_sanctions(struct people_export *people)
{
    return database_number(&people->file.database, "SELECT count(*) FROM sanction");
}

void people_export_close(struct people_export *people)
{
    data_file_close(&people->file);
    free(people);
}
