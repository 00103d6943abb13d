#include "base/platform.h"

#include "store/key.h"
#include "store/rooms_archive.h"
#include "store/talk.h"
#include "store/threads.h"

static enum archive_result of(bool well)
{
    return well ? ARCHIVE_OK : ARCHIVE_FAILED;
}

/*
 * Settings
 */

static enum archive_result write_room(void *context, struct database *database)
{
    const struct archive_room *room = context;
    struct query query;
    int64_t id;
    if (!talk_make_room(database, room->name, &id))
        return ARCHIVE_FAILED;
    query_begin(
        &query, database,
        "INSERT INTO kept_room (room, owner, topic, key, hidden, members_only)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (room) DO UPDATE SET owner = excluded.owner,"
        " topic = excluded.topic, key = excluded.key, hidden = excluded.hidden,"
        " members_only = excluded.members_only");
    query_bind_number(&query, id);
    query_bind_words(&query, room->owner);
    query_bind_words(&query, room->topic);
    query_bind_words(&query, room->key);
    query_bind_number(&query, room->hidden);
    query_bind_number(&query, room->members_only);
    return of(query_finish(&query));
}

static enum archive_result keep(struct archive *archive, const struct archive_room *room)
{
    struct archive_room copy = *room;
    return writer_ask(threads_of(archive)->writer, write_room, &copy);
}

static enum archive_result remove_room(void *context, struct database *database)
{
    const struct words *room = context;
    struct query query;
    int64_t id;
    if (!talk_find_room(database, *room, &id))
        return ARCHIVE_FAILED;
    query_begin(&query, database, "DELETE FROM kept_room WHERE room = ?");
    query_bind_number(&query, id);
    if (!query_finish(&query))
        return ARCHIVE_FAILED;
    return database_changes(database) > 0 ? ARCHIVE_OK : ARCHIVE_NONE;
}

static enum archive_result forget(struct archive *archive, struct words room)
{
    return writer_ask(threads_of(archive)->writer, remove_room, &room);
}

struct reading {
    struct words room; /* empty: all */
    archive_visit_room *visit;
    void *context;
    size_t count;
};

static enum archive_result read_rooms(void *context, struct database *database)
{
    struct reading *reading = context;
    struct query query;
    int64_t id = 0;
    if (reading->room.length > 0 && !talk_find_room(database, reading->room, &id))
        return ARCHIVE_FAILED;
    query_begin(&query, database,
                "SELECT name, owner, topic, key, hidden, members_only FROM kept_room"
                " JOIN room ON room.id = kept_room.room WHERE ? OR room.id = ? ORDER BY folded");
    query_bind_number(&query, reading->room.length == 0);
    query_bind_number(&query, id);
    while (query_step(&query)) {
        const struct archive_room room = {.name = query_words(&query, 0),
                                          .owner = query_words(&query, 1),
                                          .topic = query_words(&query, 2),
                                          .key = query_words(&query, 3),
                                          .hidden = query_number(&query, 4) != 0,
                                          .members_only = query_number(&query, 5) != 0};
        reading->visit(reading->context, &room);
        reading->count++;
    }
    return of(query_end(&query));
}

static enum archive_result find(struct archive *archive, struct words room,
                                archive_visit_room *visit, void *context)
{
    struct reading reading = {.room = room, .visit = visit, .context = context};
    if (room.length == 0)
        return ARCHIVE_NONE;
    enum archive_result result = worker_ask(threads_of(archive)->reader, read_rooms, &reading);
    return result == ARCHIVE_OK && reading.count == 0 ? ARCHIVE_NONE : result;
}

static enum archive_result list(struct archive *archive, archive_visit_room *visit, void *context)
{
    struct reading reading = {.visit = visit, .context = context};
    return worker_ask(threads_of(archive)->reader, read_rooms, &reading);
}

/*
 * Invited names
 */

struct invitation {
    struct words room, name;
    archive_visit_name *visit;
    void *context;
};

/* Finds a room that is kept. */
static enum archive_result find_kept(struct database *database, struct words room, int64_t *id)
{
    struct query query;
    if (!talk_find_room(database, room, id))
        return ARCHIVE_FAILED;
    query_begin(&query, database, "SELECT 1 FROM kept_room WHERE room = ?");
    query_bind_number(&query, *id);
    bool found = query_step(&query);
    if (!query_end(&query))
        return ARCHIVE_FAILED;
    return found ? ARCHIVE_OK : ARCHIVE_NONE;
}

static enum archive_result count_invited(struct database *database, int64_t room, int64_t *count)
{
    struct query query;
    *count = 0;
    query_begin(&query, database, "SELECT count(*) FROM invited WHERE room = ?");
    query_bind_number(&query, room);
    if (query_step(&query))
        *count = query_number(&query, 0);
    return of(query_end(&query));
}

static enum archive_result add_invited(void *context, struct database *database)
{
    const struct invitation *invitation = context;
    struct query query;
    struct key key;
    int64_t room, count;
    if (!key_make(&key, invitation->name))
        return ARCHIVE_NONE;
    enum archive_result result = find_kept(database, invitation->room, &room);
    if (result == ARCHIVE_OK)
        result = count_invited(database, room, &count);
    if (result != ARCHIVE_OK)
        return result;
    if (count >= ARCHIVE_INVITED_MAX)
        return ARCHIVE_FULL;
    query_begin(&query, database,
                "INSERT OR IGNORE INTO invited (room, folded, name) VALUES (?, ?, ?)");
    query_bind_number(&query, room);
    query_bind_string(&query, key.folded);
    query_bind_words(&query, invitation->name);
    return of(query_finish(&query));
}

static enum archive_result remove_invited(void *context, struct database *database)
{
    const struct invitation *invitation = context;
    struct query query;
    struct key key;
    int64_t room;
    if (!key_make(&key, invitation->name))
        return ARCHIVE_NONE;
    enum archive_result result = find_kept(database, invitation->room, &room);
    if (result != ARCHIVE_OK)
        return result;
    query_begin(&query, database, "DELETE FROM invited WHERE room = ? AND folded = ?");
    query_bind_number(&query, room);
    query_bind_string(&query, key.folded);
    if (!query_finish(&query))
        return ARCHIVE_FAILED;
    return database_changes(database) > 0 ? ARCHIVE_OK : ARCHIVE_NONE;
}

static enum archive_result read_invited(void *context, struct database *database)
{
    const struct invitation *invitation = context;
    struct query query;
    int64_t room;
    enum archive_result result = find_kept(database, invitation->room, &room);
    if (result != ARCHIVE_OK)
        return result;
    query_begin(&query, database, "SELECT name FROM invited WHERE room = ? ORDER BY folded");
    query_bind_number(&query, room);
    while (query_step(&query))
        invitation->visit(invitation->context, query_words(&query, 0));
    return of(query_end(&query));
}

static enum archive_result invite(struct archive *archive, struct words room, struct words name)
{
    struct invitation invitation = {.room = room, .name = name};
    return writer_ask(threads_of(archive)->writer, add_invited, &invitation);
}

static enum archive_result uninvite(struct archive *archive, struct words room, struct words name)
{
    struct invitation invitation = {.room = room, .name = name};
    return writer_ask(threads_of(archive)->writer, remove_invited, &invitation);
}

static enum archive_result invited(struct archive *archive, struct words room,
                                   archive_visit_name *visit, void *context)
{
    struct invitation invitation = {.room = room, .visit = visit, .context = context};
    return worker_ask(threads_of(archive)->reader, read_invited, &invitation);
}

const struct archive_rooms rooms_archive = {.keep = keep,
                                            .forget = forget,
                                            .find = find,
                                            .list = list,
                                            .invite = invite,
                                            .uninvite = uninvite,
                                            .invited = invited};
