#include "base/platform.h"

#include "store/room_row.h"
#include "store/talk.h"

#include <string.h>

void talk_forget(struct talk *talk)
{
    talk->room = 0;
    talk->name_length = 0;
}

bool talk_flush(struct talk *talk, struct database *database)
{
    bool well = talk->room == 0 || room_row_write_numbers(database, talk->room, &talk->numbers);
    talk_forget(talk);
    return well;
}

static bool enter_room(struct talk *talk, struct database *database, struct words room)
{
    if (talk->room != 0 && talk->name_length == room.length &&
        memcmp(talk->name, room.bytes, room.length) == 0)
        return true;
    if (!talk_flush(talk, database) || !room_row_make(database, room, &talk->room) ||
        !room_row_read_numbers(database, talk->room, &talk->numbers))
        return false;
    key_copy_name(talk->name, room);
    talk->name_length = room.length;
    return true;
}

bool talk_add(struct talk *talk, struct database *database, const struct archive_message *message)
{
    struct room_numbers *numbers = &talk->numbers;
    struct query query;
    if (!enter_room(talk, database, message->room))
        return false;
    query_begin(&query, database,
                "INSERT OR IGNORE INTO message (room, seq, time, kind, author, text)"
                " VALUES (?, ?, ?, ?, ?, ?)");
    query_bind_number(&query, talk->room);
    query_bind_number(&query, (int64_t)message->seq);
    query_bind_number(&query, message->time);
    query_bind_number(&query, message->kind);
    query_bind_words(&query, message->author);
    query_bind_words(&query, message->text);
    if (message->seq > numbers->last)
        numbers->last = message->seq;
    if (numbers->given)
        numbers->reserved = numbers->last;
    else if (numbers->reserved < numbers->last + ROOM_ROW_RESERVED / 2)
        numbers->reserved = numbers->last + ROOM_ROW_RESERVED;
    return query_finish(&query);
}

bool talk_index(struct database *database)
{
    return database_run(database,
                        "INSERT INTO words (rowid, place, text) SELECT id, place, text"
                        " FROM message_words WHERE id > (SELECT last FROM indexed) ORDER BY id;"
                        "UPDATE indexed SET last = (SELECT max(id) FROM message)"
                        " WHERE last < (SELECT max(id) FROM message)");
}

/* Finds a room that begins with a message that is older than `time`; *room is 0 without one. */
static bool find_old_room(struct database *database, int64_t time, int64_t *room)
{
    struct query query;
    *room = 0;
    query_begin(&query, database,
                "SELECT id FROM room WHERE (SELECT time FROM message WHERE message.room = room.id"
                " ORDER BY seq LIMIT 1) < ? LIMIT 1");
    query_bind_number(&query, time);
    if (query_step(&query))
        *room = query_number(&query, 0);
    return query_end(&query);
}

/* Finds the last one of the old messages at the beginning of a room, among the first `limit`. */
static bool find_end_of_old(struct database *database, int64_t room, int64_t time, int limit,
                            int64_t *seq)
{
    struct query query;
    *seq = 0;
    query_begin(&query, database,
                "SELECT seq, time FROM message WHERE room = ? ORDER BY seq LIMIT ?");
    query_bind_number(&query, room);
    query_bind_number(&query, limit);
    while (query_step(&query) && query_number(&query, 1) < time)
        *seq = query_number(&query, 0);
    return query_end(&query);
}

/* Removes the beginning of a room, up to a seq. Returns how many messages; -1 if that fails. */
static int remove_beginning(struct database *database, int64_t room, int64_t seq)
{
    struct query query;
    query_begin(&query, database, "DELETE FROM message WHERE room = ? AND seq <= ?");
    query_bind_number(&query, room);
    query_bind_number(&query, seq);
    if (!query_finish(&query))
        return -1;
    int removed = database_changes(database);
    query_begin(&query, database, "DELETE FROM restart WHERE room = ? AND last <= ?");
    query_bind_number(&query, room);
    query_bind_number(&query, seq);
    return query_finish(&query) && room_row_forget_gone(database, room) ? removed : -1;
}

int talk_retire(struct database *database, int64_t time, int limit)
{
    int64_t room, seq;
    if (!find_old_room(database, time, &room))
        return -1;
    if (room == 0)
        return 0;
    return find_end_of_old(database, room, time, limit, &seq)
               ? remove_beginning(database, room, seq)
               : -1;
}
