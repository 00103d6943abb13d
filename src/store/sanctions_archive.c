#include "base/platform.h"

#include "archive/key.h"
#include "store/sanctions_archive.h"
#include "store/threads.h"

#include <string.h>

static enum archive_result of(bool well)
{
    return well ? ARCHIVE_OK : ARCHIVE_FAILED;
}

/*
 * Both names and addresses are found by their folded form: it leaves an address as it is, and no
 * name has its ':' or '/', or is digits and dots alone with an address's meaning to anybody.
 */
static void bind_target(struct query *query, struct key *key, struct words target)
{
    query_bind_string(query, key_make(key, target) ? key->folded : "");
}

/* A sanction as it is posted: its words are behind it, in the order target, by, reason. */
static enum archive_result write_sanction(void *context, struct database *database)
{
    struct archive_sanction sanction;
    struct query query;
    struct key key;
    memcpy(&sanction, context, sizeof sanction);
    sanction.target.bytes = (const char *)context + sizeof sanction;
    sanction.by.bytes = sanction.target.bytes + sanction.target.length;
    sanction.reason.bytes = sanction.by.bytes + sanction.by.length;
    query_begin(&query, database,
                "INSERT OR REPLACE INTO sanction"
                " (kind, is_address, target, folded, until, time, by, reason)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    query_bind_number(&query, sanction.kind);
    query_bind_number(&query, sanction.is_address);
    query_bind_words(&query, sanction.target);
    bind_target(&query, &key, sanction.target);
    query_bind_number(&query, sanction.until);
    query_bind_number(&query, sanction.time);
    query_bind_words(&query, sanction.by);
    query_bind_words(&query, sanction.reason);
    return of(query_finish(&query));
}

static enum archive_result remove_sanction(void *context, struct database *database)
{
    struct archive_sanction sanction;
    struct query query;
    struct key key;
    memcpy(&sanction, context, sizeof sanction);
    sanction.target.bytes = (const char *)context + sizeof sanction;
    query_begin(&query, database, "DELETE FROM sanction WHERE kind = ? AND folded = ?");
    query_bind_number(&query, sanction.kind);
    bind_target(&query, &key, sanction.target);
    return of(query_finish(&query));
}

/* Posts a copy. On the stack, as this is called with locks held, by whoever imposes a sanction. */
static bool post(struct archive *archive, job_run *run, const struct archive_sanction *sanction)
{
    char copy[sizeof *sanction + NAME_BYTES_MAX * 2 + ARCHIVE_REASON_BYTES_MAX];
    char *end = copy + sizeof *sanction;
    if (sanction->target.length > NAME_BYTES_MAX || sanction->by.length > NAME_BYTES_MAX ||
        sanction->reason.length > ARCHIVE_REASON_BYTES_MAX)
        return false;
    memcpy(copy, sanction, sizeof *sanction);
    memcpy(end, sanction->target.bytes, sanction->target.length);
    end += sanction->target.length;
    memcpy(end, sanction->by.bytes, sanction->by.length);
    end += sanction->by.length;
    memcpy(end, sanction->reason.bytes, sanction->reason.length);
    end += sanction->reason.length;
    return writer_post(threads_of(archive)->writer, run, copy, (size_t)(end - copy));
}

static bool add(struct archive *archive, const struct archive_sanction *sanction)
{
    return post(archive, write_sanction, sanction);
}

static bool remove_one(struct archive *archive, enum archive_sanction_kind kind,
                       struct words target)
{
    const struct archive_sanction sanction = {
        .kind = kind, .target = target, .by = {"", 0}, .reason = {"", 0}};
    return post(archive, remove_sanction, &sanction);
}

struct listing {
    int64_t now;
    archive_visit_sanction *visit;
    void *context;
};

static enum archive_result read_sanctions(void *context, struct database *database)
{
    const struct listing *listing = context;
    struct query query;
    query_begin(&query, database,
                "SELECT kind, is_address, target, until, time, by, reason FROM sanction"
                " WHERE until = 0 OR until > ? ORDER BY id");
    query_bind_number(&query, listing->now);
    while (query_step(&query)) {
        const struct archive_sanction sanction = {
            .kind = query_number(&query, 0) == ARCHIVE_BAN ? ARCHIVE_BAN : ARCHIVE_MUTE,
            .is_address = query_number(&query, 1) != 0,
            .target = query_words(&query, 2),
            .until = query_number(&query, 3),
            .time = query_number(&query, 4),
            .by = query_words(&query, 5),
            .reason = query_words(&query, 6)};
        listing->visit(listing->context, &sanction);
    }
    return of(query_end(&query));
}

static enum archive_result remove_ended(void *context, struct database *database)
{
    const struct listing *listing = context;
    struct query query;
    query_begin(&query, database, "DELETE FROM sanction WHERE until <> 0 AND until <= ?");
    query_bind_number(&query, listing->now);
    return of(query_finish(&query));
}

static enum archive_result list(struct archive *archive, int64_t now, archive_visit_sanction *visit,
                                void *context)
{
    struct listing listing = {now, visit, context};
    writer_ask(threads_of(archive)->writer, remove_ended, &listing);
    return worker_ask(threads_of(archive)->reader, read_sanctions, &listing);
}

const struct archive_sanctions sanctions_archive = {.add = add, .remove = remove_one, .list = list};
