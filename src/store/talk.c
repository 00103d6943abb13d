#include "base/platform.h"

#include "base/buffer.h"
#include "store/schema.h"
#include "store/talk.h"

#include <string.h>

/*
 * Rooms
 */

bool talk_find_room(struct database *database, struct words room, int64_t *id)
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

bool talk_make_room(struct database *database, struct words room, int64_t *id)
{
    struct key key;
    struct query query;
    if (!key_make(&key, room))
        return false;
    query_begin(&query, database, "INSERT OR IGNORE INTO room (name, folded) VALUES (?, ?)");
    query_bind_words(&query, room);
    query_bind_string(&query, key.folded);
    return query_finish(&query) && talk_find_room(database, room, id) && *id != 0;
}

struct numbers {
    uint64_t last, reserved;
    bool given; /* by others: the room has a life, and no number is reserved */
};

static bool read_numbers(struct database *database, int64_t room, struct numbers *numbers)
{
    struct query query;
    *numbers = (struct numbers){0, 0, false};
    query_begin(&query, database, "SELECT last, reserved, life FROM room WHERE id = ?");
    query_bind_number(&query, room);
    if (query_step(&query))
        *numbers =
            (struct numbers){(uint64_t)query_number(&query, 0), (uint64_t)query_number(&query, 1),
                             query_number(&query, 2) != 0};
    return query_end(&query);
}

static bool write_numbers(struct database *database, int64_t room, const struct numbers *numbers)
{
    struct query query;
    query_begin(&query, database, "UPDATE room SET last = ?, reserved = ? WHERE id = ?");
    query_bind_number(&query, (int64_t)numbers->last);
    query_bind_number(&query, (int64_t)numbers->reserved);
    query_bind_number(&query, room);
    return query_finish(&query);
}

/* Notes that the numbers up to `end` are nobody's. */
static bool skip(struct database *database, int64_t room, struct numbers *numbers, uint64_t end)
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
                    const struct numbers *numbers)
{
    bool taken;
    if (!take_name(database, *id, &taken))
        return false;
    return !taken || (talk_make_room(database, room, id) && write_numbers(database, *id, numbers));
}

static bool is_guarded(struct database *database, int64_t room, bool *guarded)
{
    struct query query;
    query_begin(&query, database, "SELECT guarded FROM room WHERE id = ?");
    query_bind_number(&query, room);
    *guarded = query_step(&query) && query_number(&query, 0) != 0;
    return query_end(&query);
}

/* Removes a room that is gone (take_name()) when nothing of it is left. */
static bool forget_gone(struct database *database, int64_t room)
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
    return query_finish(&query) && forget_gone(database, room);
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

enum archive_result talk_live(struct database *database, struct words room, uint64_t life,
                              uint64_t last)
{
    struct key key;
    int64_t named, living;
    if (!key_make(&key, room))
        return ARCHIVE_NONE;
    if (!talk_find_room(database, room, &named) || !find_life(database, (int64_t)life, &living))
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

enum archive_result talk_end(struct database *database, struct words room, bool missing)
{
    int64_t id;
    struct numbers numbers;
    if (!talk_find_room(database, room, &id))
        return ARCHIVE_FAILED;
    if (id == 0)
        return ARCHIVE_NONE;
    bool well = read_numbers(database, id, &numbers) && replace(database, room, &id, &numbers) &&
                (missing || forget_unused(database, id));
    return well ? ARCHIVE_OK : ARCHIVE_FAILED;
}

enum archive_result talk_guard(struct database *database, struct words room, bool guarded)
{
    int64_t id;
    struct query query;
    if (!talk_make_room(database, room, &id))
        return ARCHIVE_FAILED;
    query_begin(&query, database, "UPDATE room SET guarded = ? WHERE id = ?");
    query_bind_number(&query, guarded);
    query_bind_number(&query, id);
    return query_finish(&query) ? ARCHIVE_OK : ARCHIVE_FAILED;
}

bool talk_find_spare(struct database *database, uint64_t *behind)
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
static bool reserve_more(struct database *database, int64_t room, struct numbers *numbers,
                         uint64_t behind)
{
    numbers->reserved = behind + TALK_RESERVED;
    return write_numbers(database, room, numbers) && spare_another(database, numbers->reserved);
}

enum archive_result talk_reserve(struct database *database, struct words room, uint64_t first)
{
    int64_t id;
    struct numbers numbers;
    if (!talk_make_room(database, room, &id) || !read_numbers(database, id, &numbers))
        return ARCHIVE_FAILED;
    if (numbers.given || numbers.reserved >= first - 1 + TALK_RESERVED)
        return ARCHIVE_OK;
    if (first > numbers.last + 1 && !skip(database, id, &numbers, first - 1))
        return ARCHIVE_FAILED;
    return reserve_more(database, id, &numbers, first - 1) ? ARCHIVE_OK : ARCHIVE_FAILED;
}

/* What several machines had in common under a name is not what one machine has. */
static bool end_life(struct database *database, struct words room)
{
    struct numbers numbers;
    int64_t id;
    if (!talk_find_room(database, room, &id))
        return false;
    return id == 0 || (read_numbers(database, id, &numbers) &&
                       (!numbers.given || take_name_anyway(database, id)));
}

/*
 * A room that has given numbers goes on behind the last one, as its people expect, if they began
 * behind all that may have been given before: then no more than that are reserved (talk_reserve()).
 */
static bool goes_on(const struct talk_opening *opening, const struct numbers *numbers)
{
    return opening->given > 0 && numbers->reserved <= opening->given + TALK_RESERVED;
}

/*
 * Goes on behind the numbers that a room was given without the file. What is between its block and
 * the one that it had here was never given.
 */
static bool follow(struct database *database, int64_t room, uint64_t given, struct numbers *numbers)
{
    uint64_t begin = given - given % TALK_BLOCK;
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
static bool leave_block(struct database *database, int64_t room, struct numbers *numbers)
{
    uint64_t spare;
    if (numbers->last % TALK_BLOCK < TALK_BLOCK / 2)
        return true;
    return spare_another(database, numbers->last) && talk_find_spare(database, &spare) &&
           skip(database, room, numbers, spare);
}

/* Chooses the last number of a room that is opened, and reserves more. */
static bool number(struct database *database, int64_t room, const struct talk_opening *opening,
                   struct numbers *numbers)
{
    bool skips = (opening->missing || opening->given > 0) && !goes_on(opening, numbers);
    if (skips && numbers->reserved > numbers->last &&
        !skip(database, room, numbers, numbers->reserved))
        return false;
    return follow(database, room, opening->given, numbers) &&
           leave_block(database, room, numbers) &&
           reserve_more(database, room, numbers, numbers->last);
}

enum archive_result talk_open(struct database *database, struct talk_opening *opening)
{
    struct words room = opening->room;
    struct key key;
    int64_t id;
    struct numbers numbers;
    bool guarded;
    if (!key_make(&key, room))
        return ARCHIVE_NONE;
    if (!end_life(database, room) || !talk_make_room(database, room, &id) ||
        !read_numbers(database, id, &numbers) || !is_guarded(database, id, &guarded) ||
        ((guarded || opening->unsure) && !replace(database, room, &id, &numbers)) ||
        !number(database, id, opening, &numbers))
        return ARCHIVE_FAILED;
    opening->last = numbers.last;
    return ARCHIVE_OK;
}

bool talk_recover(struct database *database)
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

bool talk_settle(struct database *database)
{
    return database_run(database, "BEGIN IMMEDIATE;"
                                  "UPDATE room SET reserved = last WHERE reserved > last;"
                                  "UPDATE spare SET behind = behind - (1 << 32);"
                                  "COMMIT");
}

/*
 * Adding
 */

void talk_forget(struct talk *talk)
{
    talk->room = 0;
    talk->name_length = 0;
}

bool talk_flush(struct talk *talk, struct database *database)
{
    const struct numbers numbers = {talk->last, talk->reserved, talk->given};
    bool well = talk->room == 0 || write_numbers(database, talk->room, &numbers);
    talk_forget(talk);
    return well;
}

static bool enter_room(struct talk *talk, struct database *database, struct words room)
{
    struct numbers numbers;
    if (talk->room != 0 && talk->name_length == room.length &&
        memcmp(talk->name, room.bytes, room.length) == 0)
        return true;
    if (!talk_flush(talk, database) || !talk_make_room(database, room, &talk->room) ||
        !read_numbers(database, talk->room, &numbers))
        return false;
    key_copy_name(talk->name, room);
    talk->name_length = room.length;
    talk->last = numbers.last;
    talk->reserved = numbers.reserved;
    talk->given = numbers.given;
    return true;
}

bool talk_add(struct talk *talk, struct database *database, const struct archive_message *message)
{
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
    if (message->seq > talk->last)
        talk->last = message->seq;
    if (talk->given)
        talk->reserved = talk->last;
    else if (talk->reserved < talk->last + TALK_RESERVED / 2)
        talk->reserved = talk->last + TALK_RESERVED;
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
    return query_finish(&query) && forget_gone(database, room) ? removed : -1;
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

/*
 * Pages
 */

/* A page that is being visited. */
struct visit {
    const struct talk_page *page;
    struct database *database;
    int64_t room;
    uint64_t previous; /* seq before the next one; 0: not known */
    size_t count;
    bool ended;    /* no more is wanted */
    bool stranded; /* nothing follows the page's seq in this room (find_stranded()) */
};

static void visit_one(struct visit *visit, const struct archive_message *message)
{
    if (!visit->ended)
        visit->ended = !visit->page->visit(visit->page->context, message);
}

static void visit_gap(struct visit *visit, enum archive_kind kind, uint64_t first, uint64_t last)
{
    const struct archive_message gap = {.kind = kind,
                                        .seq = first,
                                        .last = last,
                                        .room = visit->page->room,
                                        .author = {"", 0},
                                        .text = {"", 0}};
    if (first <= last)
        visit_one(visit, &gap);
}

/*
 * Visits what is missing between two seqs, both included: what was skipped, and what was lost. What
 * was skipped several times in a row is one gap.
 */
static bool visit_missing(struct visit *visit, uint64_t first, uint64_t last)
{
    struct query query;
    uint64_t skipped = first; /* from here to the next one to be visited */
    if (first > last || visit->ended)
        return true;
    query_begin(&query, visit->database,
                "SELECT first, last FROM restart WHERE room = ? AND last >= ? AND first <= ?"
                " ORDER BY first");
    query_bind_number(&query, visit->room);
    query_bind_number(&query, (int64_t)first);
    query_bind_number(&query, (int64_t)last);
    while (query_step(&query)) {
        uint64_t from = (uint64_t)query_number(&query, 0);
        uint64_t to = (uint64_t)query_number(&query, 1);
        from = from < first ? first : from;
        to = to > last ? last : to;
        if (from > first) {
            visit_gap(visit, ARCHIVE_RESTART, skipped, first - 1);
            visit_gap(visit, ARCHIVE_GAP, first, from - 1);
            skipped = from;
        }
        first = to + 1;
    }
    visit_gap(visit, ARCHIVE_RESTART, skipped, first - 1);
    visit_gap(visit, ARCHIVE_GAP, first, last);
    return query_end(&query);
}

/* Reads a row: id, seq, time, kind, author, text. */
static struct archive_message read_message(const struct query *query, struct words room)
{
    uint64_t seq = (uint64_t)query_number(query, 1);
    return (struct archive_message){.kind = query_number(query, 3) == ARCHIVE_ACT ? ARCHIVE_ACT
                                                                                  : ARCHIVE_SAY,
                                    .id = (uint64_t)query_number(query, 0),
                                    .seq = seq,
                                    .last = seq,
                                    .time = query_number(query, 2),
                                    .room = room,
                                    .author = query_words(query, 4),
                                    .text = query_words(query, 5)};
}

/* Visits the messages of a query, with the gaps between them. */
static bool visit_rows(struct visit *visit, struct query *query)
{
    bool well = true;
    while (well && !visit->ended && query_step(query)) {
        const struct archive_message message = read_message(query, visit->page->room);
        if (visit->previous != 0 || visit->page->kind != TALK_BEFORE)
            well = visit_missing(visit, visit->previous + 1, message.seq - 1);
        visit_one(visit, &message);
        visit->previous = message.seq;
        visit->count++;
    }
    return query_end(query) && well;
}

static bool visit_before(struct visit *visit, const struct archive_bounds *bounds)
{
    struct query query;
    uint64_t end = visit->page->seq != 0 && visit->page->seq <= bounds->last ? visit->page->seq
                                                                             : bounds->last + 1;
    query_begin(&query, visit->database,
                "SELECT * FROM (SELECT id, seq, time, kind, author, text FROM message"
                " WHERE room = ? AND seq < ? ORDER BY seq DESC LIMIT ?) ORDER BY seq");
    query_bind_number(&query, visit->room);
    query_bind_number(&query, (int64_t)end);
    query_bind_number(&query, (int64_t)visit->page->limit);
    if (!visit_rows(visit, &query))
        return false;
    return visit->count == 0 || visit_missing(visit, visit->previous + 1, end - 1);
}

static bool visit_after(struct visit *visit, uint64_t seq, const struct archive_bounds *bounds)
{
    struct query query;
    if (seq > bounds->last)
        seq = bounds->last;
    visit->previous = seq + 1 < bounds->first ? bounds->first - 1 : seq;
    query_begin(&query, visit->database,
                "SELECT id, seq, time, kind, author, text FROM message"
                " WHERE room = ? AND seq > ? ORDER BY seq LIMIT ?");
    query_bind_number(&query, visit->room);
    query_bind_number(&query, (int64_t)seq);
    query_bind_number(&query, (int64_t)visit->page->limit);
    if (!visit_rows(visit, &query))
        return false;
    return visit->count >= visit->page->limit ||
           visit_missing(visit, visit->previous + 1, bounds->last);
}

/* Finds the seq before the first message that is not older than the page's time. */
static bool find_time(const struct visit *visit, const struct archive_bounds *bounds, uint64_t *seq)
{
    struct query query;
    *seq = bounds->last;
    query_begin(&query, visit->database,
                "SELECT seq FROM message WHERE room = ? AND time >= ? ORDER BY time, seq LIMIT 1");
    query_bind_number(&query, visit->room);
    query_bind_number(&query, visit->page->time);
    if (query_step(&query))
        *seq = (uint64_t)query_number(&query, 0) - 1;
    return query_end(&query);
}

/*
 * Numbers that were skipped after a crash are kept as a message is: nothing that was stored is
 * missing there. So whoever has read up to the crash can go on, also if no message was stored
 * before it.
 */
static bool read_bounds(struct database *database, int64_t room, struct archive_bounds *bounds)
{
    struct query query;
    struct numbers numbers;
    if (!read_numbers(database, room, &numbers))
        return false;
    *bounds = (struct archive_bounds){numbers.last + 1, numbers.last};
    query_begin(&query, database,
                "SELECT min(seq) FROM message WHERE room = ?"
                " UNION ALL SELECT min(first) FROM restart WHERE room = ?");
    query_bind_number(&query, room);
    query_bind_number(&query, room);
    while (query_step(&query)) {
        uint64_t seq = (uint64_t)query_number(&query, 0); /* 0: there is none */
        if (seq != 0 && seq < bounds->first)
            bounds->first = seq;
    }
    return query_end(&query);
}

/*
 * Finds out whether a seq is not of this room, as the file knows it: it is among those that were
 * skipped when the room came into another block. A room of this name was given it while the file
 * could not be written; what was said later may have lower ones.
 */
static bool find_stranded(struct visit *visit, uint64_t seq)
{
    struct query query;
    query_begin(&query, visit->database,
                "SELECT 1 FROM restart WHERE room = ?1 AND first <= ?2 AND last > ?2"
                " AND first >> 32 < last >> 32");
    query_bind_number(&query, visit->room);
    query_bind_number(&query, (int64_t)seq);
    visit->stranded = query_step(&query);
    return query_end(&query);
}

static bool visit_page(struct visit *visit, struct archive_bounds *bounds)
{
    uint64_t seq = visit->page->seq;
    if (!read_bounds(visit->database, visit->room, bounds))
        return false;
    switch (visit->page->kind) {
    case TALK_BEFORE:
        return visit_before(visit, bounds);
    case TALK_SINCE:
        return find_time(visit, bounds, &seq) && visit_after(visit, seq, bounds);
    case TALK_AFTER:
        break;
    }
    return find_stranded(visit, seq) && (visit->stranded || visit_after(visit, seq, bounds));
}

/* One transaction, so that bounds and messages are of one moment. */
enum archive_result talk_page(struct database *database, const struct talk_page *page)
{
    struct visit visit = {.page = page, .database = database};
    struct archive_bounds bounds;
    if (!database_run(database, "BEGIN"))
        return ARCHIVE_FAILED;
    bool well = talk_find_room(database, page->room, &visit.room);
    bool found = well && visit.room != 0;
    if (found)
        well = visit_page(&visit, &bounds);
    database_run(database, "COMMIT");
    if (!well)
        return ARCHIVE_FAILED;
    if (found && page->bounds != NULL)
        *page->bounds = bounds;
    return found && !visit.stranded ? ARCHIVE_OK : ARCHIVE_NONE;
}

/*
 * Searching
 */

/* Whether a word has what the index may know: a letter or digit, or what is not ASCII. */
static bool is_indexed(const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)word[i];
        if (byte >= 0x80 || (byte >= '0' && byte <= '9') ||
            ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z'))
            return true;
    }
    return false;
}

/* Appends a word as a string of FTS5's, which has each quote twice. */
static bool append_word(struct buffer *expression, const char *word, size_t length)
{
    bool fits = buffer_append_string(expression, " \"");
    for (size_t i = 0; i < length && fits; i++)
        fits = buffer_append(expression, word + i, 1) &&
               (word[i] != '"' || buffer_append_string(expression, "\""));
    return fits && buffer_append_string(expression, "\"");
}

/* Appends all words, and counts them. Returns false when memory is out. */
static bool append_words(struct buffer *expression, struct words words, size_t *count)
{
    const char *bytes = words.bytes;
    size_t left = words.length;
    bool fits = buffer_append_string(expression, "text : (");
    *count = 0;
    while (left > 0 && fits) {
        size_t length = 0;
        while (length < left && bytes[length] != ' ' && bytes[length] != '\t')
            length++;
        if (is_indexed(bytes, length)) {
            fits = append_word(expression, bytes, length);
            ++*count;
        }
        length += length < left; /* the blank */
        bytes += length;
        left -= length;
    }
    return fits && buffer_append_string(expression, ")");
}

/* Appends the words for the rooms that the file has, and counts them. */
static bool append_rooms(struct buffer *expression, struct database *database,
                         const struct talk_search *search, size_t *count)
{
    bool well = buffer_append_string(expression, " AND place : (");
    *count = 0;
    for (size_t i = 0; i < search->room_count && *count < ARCHIVE_SEARCH_ROOMS_MAX && well; i++) {
        int64_t room;
        well = talk_find_room(database, search->rooms[i], &room);
        if (well && room != 0)
            well =
                buffer_format(expression, "%sr%lld", ++*count > 1 ? " OR " : "", (long long)room);
    }
    return well && buffer_append_string(expression, ")");
}

static bool visit_found(struct database *database, const struct talk_search *search,
                        const struct buffer *expression, bool *any)
{
    struct query query;
    query_begin(
        &query, database,
        "SELECT message.id, seq, time, kind, author, text, room.name FROM"
        " (SELECT rowid AS found FROM words WHERE words MATCH ? AND rowid < ?"
        " ORDER BY rowid DESC LIMIT ?)"
        " CROSS JOIN message ON message.id = found CROSS JOIN room ON room.id = message.room"
        " ORDER BY found");
    query_bind_words(&query, (struct words){buffer_bytes(expression), buffer_length(expression)});
    query_bind_number(&query,
                      search->id != 0 && search->id <= INT64_MAX ? (int64_t)search->id : INT64_MAX);
    query_bind_number(&query, (int64_t)search->limit);
    bool more = true;
    while (more && query_step(&query)) {
        const struct archive_message message = read_message(&query, query_words(&query, 6));
        *any = true;
        more = search->visit(search->context, &message);
    }
    return query_end(&query);
}

/*
 * Whether a text has anything that the index could know. What a letter or a digit is beyond ASCII
 * its tokenizer decides, by tables of its own: so the text is put into an empty index.
 */
static bool could_be_found(struct words text)
{
    static const char tables[] =
        "CREATE VIRTUAL TABLE words USING fts5 (text, tokenize='" SCHEMA_TOKENIZER "');"
        "CREATE VIRTUAL TABLE known USING fts5vocab (words, 'row')";
    struct database memory;
    struct query query;
    bool could = true;
    if (database_open(&memory, ":memory:") && database_run(&memory, tables)) {
        query_begin(&query, &memory, "INSERT INTO words VALUES (?)");
        query_bind_words(&query, text);
        could =
            !query_finish(&query) || database_number(&memory, "SELECT count(*) FROM known") != 0;
    }
    database_close(&memory);
    return could;
}

enum archive_result talk_search(struct database *database, const struct talk_search *search)
{
    struct buffer expression = {0};
    size_t words, rooms;
    bool any = false;
    enum archive_result result = ARCHIVE_FAILED;
    if (append_words(&expression, search->words, &words) &&
        append_rooms(&expression, database, search, &rooms)) {
        if (words == 0)
            result = ARCHIVE_NONE;
        else if (rooms == 0 || visit_found(database, search, &expression, &any))
            result = any || could_be_found(search->words) ? ARCHIVE_OK : ARCHIVE_NONE;
    }
    buffer_free(&expression);
    return result;
}

enum archive_result talk_count(struct database *database, struct words room, int64_t from,
                               int64_t to, struct words author, archive_judge *judge, void *context,
                               struct archive_count *count)
{
    struct query query;
    int64_t id;
    *count = (struct archive_count){0, 0};
    if (!talk_find_room(database, room, &id))
        return ARCHIVE_FAILED;
    if (id == 0)
        return ARCHIVE_NONE;
    query_begin(&query, database,
                "SELECT author, text FROM message WHERE room = ? AND time >= ? AND time < ?"
                " AND author <> ?");
    query_bind_number(&query, id);
    query_bind_number(&query, from);
    query_bind_number(&query, to);
    query_bind_words(&query, author);
    while (query_step(&query)) {
        enum archive_worth worth = judge(context, query_words(&query, 0), query_words(&query, 1));
        count->messages += worth != ARCHIVE_UNCOUNTED;
        count->naming += worth == ARCHIVE_NAMING;
    }
    return query_end(&query) ? ARCHIVE_OK : ARCHIVE_FAILED;
}
