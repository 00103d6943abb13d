#include "base/platform.h"

#include "store/key.h"
#include "store/sanctions_archive.h"
#include "store/threads.h"

static enum archive_result of(bool well)
{
    return well ? ARCHIVE_OK : ARCHIVE_FAILED;
}

/*
 * Both names and addresses are found by their folded form: it leaves an address as it is, and no
 * name has its ':' or '/', or is digits and dots alone with an address's meaning to anybody.
 */
static bool bind_target(struct query *query, struct key *key, struct words target)
{
    bool valid = key_make(key, target);
    query_bind_string(query, valid ? key->folded : "");
    return valid;
}

static enum archive_result write_sanction(void *context, struct database *database)
{
    const struct archive_sanction *sanction = context;
    struct query query;
    struct key key;
    query_begin(&query, database,
                "INSERT OR REPLACE INTO sanction"
                " (kind, is_address, target, folded, until, time, by, reason)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    query_bind_number(&query, sanction->kind);
    query_bind_number(&query, sanction->is_address);
    query_bind_words(&query, sanction->target);
    bool valid = bind_target(&query, &key, sanction->target);
    query_bind_number(&query, sanction->until);
    query_bind_number(&query, sanction->time);
    query_bind_words(&query, sanction->by);
    query_bind_words(&query, sanction->reason);
    if (!valid) {
        query_end(&query);
        return ARCHIVE_NONE;
    }
    return of(query_finish(&query));
}

static enum archive_result add(struct archive *archive, const struct archive_sanction *sanction)
{
    struct archive_sanction copy = *sanction;
    return writer_ask(threads_of(archive)->writer, write_sanction, &copy);
}

struct removal {
    enum archive_sanction_kind kind;
    struct words target;
};

static enum archive_result remove_sanction(void *context, struct database *database)
{
    const struct removal *removal = context;
    struct query query;
    struct key key;
    query_begin(&query, database, "DELETE FROM sanction WHERE kind = ? AND folded = ?");
    query_bind_number(&query, removal->kind);
    bind_target(&query, &key, removal->target);
    if (!query_finish(&query))
        return ARCHIVE_FAILED;
    return database_changes(database) > 0 ? ARCHIVE_OK : ARCHIVE_NONE;
}

static enum archive_result remove_one(struct archive *archive, enum archive_sanction_kind kind,
                                      struct words target)
{
    struct removal removal = {kind, target};
    return writer_ask(threads_of(archive)->writer, remove_sanction, &removal);
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
