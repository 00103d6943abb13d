#include "base/platform.h"

#include "store/room_row.h"

bool room_row_find(struct database *database, struct words room, int64_t *id)
{
    struct key key;
    struct query query;
    *id = 0;
    if (!key_make(&key, room))
        return true;
    query_begin(&query, database, "SELECT id FROM room WHERE folded = ?");
    query_bind_string(&query, key.folded);
    if (query_step(&query))
        *id = query_number(&query, 0);
    return query_end(&query);
}

bool room_row_make(struct database *database, struct words room, int64_t *id)
{
    struct key key;
    struct query query;
    if (!key_make(&key, room))
        return false;
    query_begin(&query, database, "INSERT OR IGNORE INTO room (name, folded) VALUES (?, ?)");
    query_bind_words(&query, room);
    query_bind_string(&query, key.folded);
    return query_finish(&query) && room_row_find(database, room, id) && *id != 0;
}

bool room_row_read_numbers(struct database *database, int64_t room, struct room_numbers *numbers)
{
    struct query query;
    *numbers = (struct room_numbers){0, 0, false};
    query_begin(&query, database, "SELECT last, reserved, life FROM room WHERE id = ?");
    query_bind_number(&query, room);
    if (query_step(&query))
        *numbers =
            (struct room_numbers){(uint64_t)query_number(&query, 0),
                                  (uint64_t)query_number(&query, 1), query_number(&query, 2) != 0};
    return query_end(&query);
}

bool room_row_write_numbers(struct database *database, int64_t room,
                            const struct room_numbers *numbers)
{
    struct query query;
    query_begin(&query, database, "UPDATE room SET last = ?, reserved = ? WHERE id = ?");
    query_bind_number(&query, (int64_t)numbers->last);
    query_bind_number(&query, (int64_t)numbers->reserved);
    query_bind_number(&query, room);
    return query_finish(&query);
}

/* Notes that the numbers up to `end` are nobody's. */
static bool skip(struct database *database, int64_t room, struct room_numbers *numbers,
                 uint64_t end)
{
    struct query query;
    query_begin(&query, database, "INSERT INTO restart (room, first, last) VALUES (?, ?, ?)");
    query_bind_number(&query, room);
    query_bind_number(&query, (int64_t)numbers->last + 1);
    query_bind_number(&query, (int64_t)end);
    numbers->last = end;
    return query_finish(&query);
}

/*
 * Takes the name from a room that is gone, unless it is kept, or there is nothing of it: its key
 * becomes one that no name has. What was said there stays until it is retired. Returns whether the
 * room has lost its name in *taken.
 */
static bool take_name(struct database *database, int64_t room, bool *taken)
{
    struct query query;
    query_begin(&query, database,
                "UPDATE room SET guarded = 0 WHERE id = ?"
                " AND NOT EXISTS (SELECT 1 FROM kept_room WHERE room = room.id)");
    query_bind_number(&query, room);
    if (!query_finish(&query))
        return false;
    query_begin(&query, database,
                "UPDATE room SET folded = '#' || id, reserved = last WHERE id = ?"
                " AND EXISTS (SELECT 1 FROM message WHERE room = room.id)"
                " AND NOT EXISTS (SELECT 1 FROM kept_room WHERE room = room.id)");
    query_bind_number(&query, room);
    bool well = query_finish(&query);
    *taken = well && database_changes(database) > 0;
    return well;
}

/* Makes another room in place of one that is gone, unless it is kept. The numbers go on. */
static bool replace(struct database *database, struct words room, int64_t *id,
                    const struct room_numbers *numbers)
{
    bool taken;
    if (!take_name(database, *id, &taken))
        return false;
    return !taken ||
           (room_row_make(database, room, id) && room_row_write_numbers(database, *id, numbers));
}

static bool is_guarded(struct database *database, int64_t room, bool *guarded)
{
    struct query query;
    query_begin(&query, database, "SELECT guarded FROM room WHERE id = ?");
    query_bind_number(&query, room);
    *guarded = query_step(&query) && query_number(&query, 0) != 0;
    return query_end(&query);
}

bool room_row_forget_gone(struct database *database, int64_t room)
{
    struct query query;
    query_begin(&query, database,
                "DELETE FROM room WHERE id = ? AND folded GLOB '#*'"
                " AND NOT EXISTS (SELECT 1 FROM message WHERE room = room.id)"
                " AND NOT EXISTS (SELECT 1 FROM restart WHERE room = room.id)");
    query_bind_number(&query, room);
    return query_finish(&query);
}

/* Takes the name from a room in any case. One of which nothing is left is removed. */
static bool take_name_anyway(struct database *database, int64_t room)
{
    struct query query;
    query_begin(&query, database,
                "UPDATE room SET folded = '#' || id, reserved = last, guarded = 0 WHERE id = ?");
    query_bind_number(&query, room);
    return query_finish(&query) && room_row_forget_gone(database, room);
}

static bool find_life(struct database *database, int64_t life, int64_t *id)
{
    struct query query;
    *id = 0;
    query_begin(&query, database, "SELECT id FROM room WHERE life = ?");
    query_bind_number(&query, life);
    if (query_step(&query))
        *id = query_number(&query, 0);
    return query_end(&query);
}

/* Gives a room its name again, or makes it if `id` is 0. */
static bool name_life(struct database *database, struct words room, const struct key *key,
                      int64_t life, int64_t id)
{
    struct query query;
    query_begin(&query, database,
                id != 0 ? "UPDATE room SET name = ?1, folded = ?2 WHERE life = ?3"
                        : "INSERT INTO room (name, folded, life) VALUES (?1, ?2, ?3)");
    query_bind_words(&query, room);
    query_bind_string(&query, key->folded);
    query_bind_number(&query, life);
    return query_finish(&query);
}

/* Removes what a room has above a number. */
static bool cut(struct database *database, int64_t room, uint64_t last)
{
    struct query query;
    query_begin(&query, database, "DELETE FROM message WHERE room = ? AND seq > ?");
    query_bind_number(&query, room);
    query_bind_number(&query, (int64_t)last);
    if (!query_finish(&query))
        return false;
    query_begin(&query, database,
                "UPDATE room SET last = min(last, ?1), reserved = min(reserved, ?1) WHERE id = ?2");
    query_bind_number(&query, (int64_t)last);
    query_bind_number(&query, room);
    return query_finish(&query);
}

enum archive_result room_row_live(struct database *database, struct words room, uint64_t life,
                                  uint64_t last)
{
    struct key key;
    int64_t named, living;
    if (!key_make(&key, room))
        return ARCHIVE_NONE;
    if (!room_row_find(database, room, &named) || !find_life(database, (int64_t)life, &living))
        return ARCHIVE_FAILED;
    if (living != 0 && !cut(database, living, last))
        return ARCHIVE_FAILED;
    if (living != 0 && living == named)
        return ARCHIVE_OK;
    bool well = (named == 0 || take_name_anyway(database, named)) &&
                name_life(database, room, &key, (int64_t)life, living);
    return well ? ARCHIVE_OK : ARCHIVE_FAILED;
}

/* Removes a room in which nothing was ever said, unless it is kept. */
static bool forget_unused(struct database *database, int64_t room)
{
    struct query query;
    query_begin(&query, database,
                "DELETE FROM room WHERE id = ? AND last = 0 AND life = 0"
                " AND NOT EXISTS (SELECT 1 FROM message WHERE room = room.id)"
                " AND NOT EXISTS (SELECT 1 FROM restart WHERE room = room.id)"
                " AND NOT EXISTS (SELECT 1 FROM kept_room WHERE room = room.id)");
    query_bind_number(&query, room);
    return query_finish(&query);
}

enum archive_result room_row_end(struct database *database, struct words room, bool missing)
{
    int64_t id;
    struct room_numbers numbers;
    if (!room_row_find(database, room, &id))
        return ARCHIVE_FAILED;
    if (id == 0)
        return ARCHIVE_NONE;
    bool well = room_row_read_numbers(database, id, &numbers) &&
                replace(database, room, &id, &numbers) && (missing || forget_unused(database, id));
    return well ? ARCHIVE_OK : ARCHIVE_FAILED;
}

enum archive_result room_row_guard(struct database *database, struct words room, bool guarded)
{
    int64_t id;
    struct query query;
    if (!room_row_make(database, room, &id))
        return ARCHIVE_FAILED;
    query_begin(&query, database, "UPDATE room SET guarded = ? WHERE id = ?");
    query_bind_number(&query, guarded);
    query_bind_number(&query, id);
    return query_finish(&query) ? ARCHIVE_OK : ARCHIVE_FAILED;
}

bool room_rows_find_spare(struct database *database, uint64_t *behind)
{
    struct query query;
    query_begin(&query, database, "SELECT behind FROM spare");
    *behind = query_step(&query) ? (uint64_t)query_number(&query, 0) : 0;
    return query_end(&query) && *behind > 0;
}

/* Sets another block aside if this number, and so a room of the file, is in the spare one. */
static bool spare_another(struct database *database, uint64_t used)
{
    struct query query;
    query_begin(&query, database,
                "UPDATE spare SET behind = ((?1 >> 32) + 1) << 32 WHERE behind < ?1");
    query_bind_number(&query, (int64_t)used);
    return query_finish(&query);
}

/* Reserves numbers behind one. */
static bool reserve_more(struct database *database, int64_t room, struct room_numbers *numbers,
                         uint64_t behind)
{
    numbers->reserved = behind + ROOM_ROW_RESERVED;
    return room_row_write_numbers(database, room, numbers) &&
           spare_another(database, numbers->reserved);
}

enum archive_result room_row_reserve(struct database *database, struct words room, uint64_t first)
{
    int64_t id;
    struct room_numbers numbers;
    if (!room_row_make(database, room, &id) || !room_row_read_numbers(database, id, &numbers))
        return ARCHIVE_FAILED;
    if (numbers.given || numbers.reserved >= first - 1 + ROOM_ROW_RESERVED)
        return ARCHIVE_OK;
    if (first > numbers.last + 1 && !skip(database, id, &numbers, first - 1))
        return ARCHIVE_FAILED;
    return reserve_more(database, id, &numbers, first - 1) ? ARCHIVE_OK : ARCHIVE_FAILED;
}

/* What several machines had in common under a name is not what one machine has. */
static bool end_life(struct database *database, struct words room)
{
    struct room_numbers numbers;
    int64_t id;
    if (!room_row_find(database, room, &id))
        return false;
    return id == 0 || (room_row_read_numbers(database, id, &numbers) &&
                       (!numbers.given || take_name_anyway(database, id)));
}

/*
 * A room that has given numbers goes on behind the last one, as its people expect, if they began
 * behind all that may have been given before: then no more than that are reserved
 * (room_row_reserve()).
 */
static bool goes_on(const struct room_opening *opening, const struct room_numbers *numbers)
{
    return opening->given > 0 && numbers->reserved <= opening->given + ROOM_ROW_RESERVED;
}

/*
 * Goes on behind the numbers that a room was given without the file. What is between its block and
 * the one that it had here was never given.
 */
static bool follow(struct database *database, int64_t room, uint64_t given,
                   struct room_numbers *numbers)
{
    uint64_t begin = given - given % ROOM_ROW_BLOCK;
    if (numbers->last < begin && !skip(database, room, numbers, begin))
        return false;
    if (numbers->last < given)
        numbers->last = given;
    return true;
}

/*
 * Leaves a block of which half is used: what follows may have been a spare one, of which rooms of
 * this name were given numbers. The other half is more than any server gives in one room: at the
 * pace of a flood it lasts for two hours.
 */
static bool leave_block(struct database *database, int64_t room, struct room_numbers *numbers)
{
    uint64_t spare;
    if (numbers->last % ROOM_ROW_BLOCK < ROOM_ROW_BLOCK / 2)
        return true;
    return spare_another(database, numbers->last) && room_rows_find_spare(database, &spare) &&
           skip(database, room, numbers, spare);
}

/* Chooses the last number of a room that is opened, and reserves more. */
static bool number(struct database *database, int64_t room, const struct room_opening *opening,
                   struct room_numbers *numbers)
{
    bool skips = (opening->missing || opening->given > 0) && !goes_on(opening, numbers);
    if (skips && numbers->reserved > numbers->last &&
        !skip(database, room, numbers, numbers->reserved))
        return false;
    return follow(database, room, opening->given, numbers) &&
           leave_block(database, room, numbers) &&
           reserve_more(database, room, numbers, numbers->last);
}

enum archive_result room_row_open(struct database *database, struct room_opening *opening)
{
    struct words room = opening->room;
    struct key key;
    int64_t id;
    struct room_numbers numbers;
    bool guarded;
    if (!key_make(&key, room))
        return ARCHIVE_NONE;
    if (!end_life(database, room) || !room_row_make(database, room, &id) ||
        !room_row_read_numbers(database, id, &numbers) || !is_guarded(database, id, &guarded) ||
        ((guarded || opening->unsure) && !replace(database, room, &id, &numbers)) ||
        !number(database, id, opening, &numbers))
        return ARCHIVE_FAILED;
    opening->last = numbers.last;
    return ARCHIVE_OK;
}

bool room_rows_recover(struct database *database)
{
    return database_run(database, "BEGIN IMMEDIATE;"
                                  "INSERT INTO restart (room, first, last)"
                                  " SELECT id, last + 1, reserved FROM room"
                                  " WHERE reserved > last AND life = 0;"
                                  "UPDATE room SET last = reserved"
                                  " WHERE reserved > last AND life = 0;"
                                  "UPDATE spare SET behind = ((max(behind,"
                                  " (SELECT ifnull(max(last), 0) FROM room)) >> 32) + 1) << 32;"
                                  "COMMIT");
}

bool room_rows_settle(struct database *database)
{
    return database_run(database, "BEGIN IMMEDIATE;"
                                  "UPDATE room SET reserved = last WHERE reserved > last;"
                                  "UPDATE spare SET behind = behind - (1 << 32);"
                                  "COMMIT");
}
