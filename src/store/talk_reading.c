#include "base/platform.h"

#include "base/buffer.h"
#include "store/room_row.h"
#include "store/schema.h"
#include "store/talk_reading.h"

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
    struct room_numbers numbers;
    if (!room_row_read_numbers(database, room, &numbers))
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
    bool well = room_row_find(database, page->room, &visit.room);
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
        well = room_row_find(database, search->rooms[i], &room);
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
    if (!room_row_find(database, room, &id))
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
