#include "base/platform.h"

#include "base/buffer.h"
#include "archive/key.h"
#include "store/room_row.h"
#include "store/rooms_archive.h"
#include "store/threads.h"

#include <stdlib.h>

static enum archive_result of(bool well)
{
    return well ? ARCHIVE_OK : ARCHIVE_FAILED;
}

/*
 * Keeping
 */

static bool write_settings(struct database *database, int64_t id, const struct archive_room *room)
{
    struct query query;
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
    return query_finish(&query);
}

static bool remove_invited(struct database *database, int64_t id)
{
    struct query query;
    query_begin(&query, database, "DELETE FROM invited WHERE room = ?");
    query_bind_number(&query, id);
    return query_finish(&query);
}

/* What is no name is left out. */
static bool add_invited(struct database *database, int64_t id, struct words name)
{
    struct query query;
    struct key key;
    if (!key_make(&key, name))
        return true;
    query_begin(&query, database,
                "INSERT OR IGNORE INTO invited (room, folded, name) VALUES (?, ?, ?)");
    query_bind_number(&query, id);
    query_bind_string(&query, key.folded);
    query_bind_words(&query, name);
    return query_finish(&query);
}

static enum archive_result write_room(void *context, struct database *database)
{
    const struct archive_room *room = context;
    int64_t id;
    bool well = room_row_make(database, room->name, &id) && write_settings(database, id, room) &&
                remove_invited(database, id);
    for (size_t i = 0; i < room->invited_count && well; i++)
        well = add_invited(database, id, room->invited[i]);
    return of(well);
}

static enum archive_result keep(struct archive *archive, const struct archive_room *room)
{
    struct archive_room copy = *room;
    return writer_ask(threads_of(archive)->writer, write_room, &copy);
}

/*
 * The invited names go with their room. Who comes in by its name when it is gone, and its key with
 * it, reads nothing of it.
 */
static enum archive_result remove_room(void *context, struct database *database)
{
    const struct words *room = context;
    struct query query;
    int64_t id;
    if (!room_row_find(database, *room, &id))
        return ARCHIVE_FAILED;
    query_begin(&query, database, "DELETE FROM kept_room WHERE room = ?");
    query_bind_number(&query, id);
    if (!query_finish(&query))
        return ARCHIVE_FAILED;
    if (database_changes(database) == 0)
        return ARCHIVE_NONE;
    return room_row_guard(database, *room, true);
}

static enum archive_result forget(struct archive *archive, struct words room)
{
    return writer_ask(threads_of(archive)->writer, remove_room, &room);
}

/*
 * Listing
 */

/* Names that were read, one behind the other. */
struct names {
    struct buffer bytes;
    size_t count;
};

static bool read_invited(struct database *database, int64_t id, struct names *names)
{
    struct query query;
    bool whole = true;
    query_begin(&query, database, "SELECT name FROM invited WHERE room = ? ORDER BY folded");
    query_bind_number(&query, id);
    while (whole && query_step(&query)) {
        struct words name = query_words(&query, 0);
        whole = buffer_append(&names->bytes, name.bytes, name.length) &&
                buffer_append(&names->bytes, "", 1);
        names->count++;
    }
    return query_end(&query) && whole;
}

/* Returns an array of the names, to be freed; NULL when memory is out. */
static struct words *point_at(const struct names *names)
{
    struct words *list = malloc((names->count + 1) * sizeof *list);
    const char *place = buffer_bytes(&names->bytes);
    for (size_t i = 0; i < names->count && list != NULL; i++) {
        list[i] = words_of(place);
        place += list[i].length + 1;
    }
    return list;
}

struct listing {
    archive_visit_room *visit;
    void *context;
};

/* Visits a room with whom is invited into it. */
static bool visit_room(const struct listing *listing, struct database *database, int64_t id,
                       struct archive_room *room)
{
    struct names names = {0};
    struct words *invited = NULL;
    bool well = read_invited(database, id, &names) && (invited = point_at(&names)) != NULL;
    room->invited = invited;
    room->invited_count = names.count;
    if (well)
        listing->visit(listing->context, room);
    free(invited);
    buffer_free(&names.bytes);
    return well;
}

static enum archive_result read_rooms(void *context, struct database *database)
{
    const struct listing *listing = context;
    struct query query;
    bool well = true;
    query_begin(&query, database,
                "SELECT name, owner, topic, key, hidden, members_only, room.id FROM kept_room"
                " JOIN room ON room.id = kept_room.room ORDER BY folded");
    while (well && query_step(&query)) {
        struct archive_room room = {.name = query_words(&query, 0),
                                    .owner = query_words(&query, 1),
                                    .topic = query_words(&query, 2),
                                    .key = query_words(&query, 3),
                                    .hidden = query_number(&query, 4) != 0,
                                    .members_only = query_number(&query, 5) != 0};
        well = visit_room(listing, database, query_number(&query, 6), &room);
    }
    return of(query_end(&query) && well);
}

static enum archive_result list(struct archive *archive, archive_visit_room *visit, void *context)
{
    struct listing listing = {.visit = visit, .context = context};
    return worker_ask(threads_of(archive)->reader, read_rooms, &listing);
}

const struct archive_rooms rooms_archive = {.keep = keep, .forget = forget, .list = list};
