#include "suites.h"

#include "base/clock.h"
#include "store/database.h"
#include "archive/hashing.h"
#include "store/room_row.h"
#include "store/schema.h"
#include "store/store.h"

#include <CUnit/CUnit.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 64, NOTES_SIZE = 64 * 1024 };

#define ROWS(table) (sizeof table / sizeof *table)

/*
 * A store in a folder of its own, and a note of what was visited: one line for each.
 */
struct place {
    char folder[PATH_SIZE], path[PATH_SIZE + 8];
    struct store *store;
    struct archive *archive;
    char fault[STORE_FAULT_SIZE];
    unsigned retain_days;
    char report[512]; /* the last one; guarded by report_lock */
};

static char notes[NOTES_SIZE];
static pthread_mutex_t report_lock = PTHREAD_MUTEX_INITIALIZER;

static struct words as_words(const char *string)
{
    return (struct words){string, strlen(string)};
}

static void on_report(void *context, const char *sentence)
{
    struct place *place = context;
    pthread_mutex_lock(&report_lock);
    snprintf(place->report, sizeof place->report, "%s", sentence);
    pthread_mutex_unlock(&report_lock);
}

static bool reported(struct place *place, const char *part)
{
    pthread_mutex_lock(&report_lock);
    bool found = strstr(place->report, part) != NULL;
    pthread_mutex_unlock(&report_lock);
    return found;
}

static bool place_open(struct place *place)
{
    const struct store_config config = {.path = place->path,
                                        .retain_days = place->retain_days,
                                        .report = on_report,
                                        .context = place};
    place->store = store_open(&config, place->fault);
    place->archive = place->store != NULL ? store_archive(place->store) : NULL;
    return place->store != NULL;
}

static void place_make(struct place *place)
{
    memset(place, 0, sizeof *place);
    strcpy(place->folder, "/tmp/partyline-store.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/data", place->folder);
}

static void place_begin(struct place *place)
{
    place_make(place);
    CU_ASSERT_TRUE_FATAL(place_open(place));
    assert(place->archive != NULL); /* the analyzer does not know that the line above ends a test */
}

static void place_close(struct place *place)
{
    store_stop(place->store);
    store_free(place->store);
    place->store = NULL;
}

static void place_reopen(struct place *place)
{
    place_close(place);
    CU_ASSERT_TRUE_FATAL(place_open(place));
}

static void place_remove(struct place *place)
{
    static const char *const ends[] = {"", "-lock", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < ROWS(ends); i++) {
        char path[PATH_SIZE + 24];
        snprintf(path, sizeof path, "%s%s", place->path, ends[i]);
        unlink(path);
    }
    CU_ASSERT_EQUAL(rmdir(place->folder), 0);
}

static void place_end(struct place *place)
{
    place_close(place);
    place_remove(place);
}

/* Runs statements on the file, which no store has open. */
static void place_run(struct place *place, const char *sql)
{
    sqlite3 *handle;
    CU_ASSERT_EQUAL(sqlite3_open(place->path, &handle), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
}

/* Returns the number that a query yields; a store may have the file open. */
static int64_t place_number(struct place *place, const char *sql)
{
    struct database database;
    int64_t number = -1;
    if (database_open(&database, place->path))
        number = database_number(&database, sql);
    database_close(&database);
    return number;
}

static bool place_is_whole(struct place *place)
{
    return place_number(place, "SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1;
}

/*
 * Notes
 */

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void note(const char *format, ...)
{
    size_t length = strlen(notes);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(notes + length, sizeof notes - length, format, arguments);
    va_end(arguments);
}

#define PRINTED(words) (int)(words).length, (words).bytes

static bool note_message(void *context, const struct archive_message *message)
{
    (void)context;
    switch (message->kind) {
    case ARCHIVE_SAY:
    case ARCHIVE_ACT:
        note("%" PRIu64 "%s%.*s %.*s|", message->seq, message->kind == ARCHIVE_ACT ? "*" : ":",
             PRINTED(message->author), PRINTED(message->text));
        break;
    case ARCHIVE_GAP:
    case ARCHIVE_RESTART:
        note("%s%" PRIu64 "-%" PRIu64 "|", message->kind == ARCHIVE_GAP ? "gap" : "restart",
             message->seq, message->last);
        break;
    }
    return true;
}

static void note_name(void *context, struct words name)
{
    (void)context;
    note("%.*s|", PRINTED(name));
}

static void note_account(void *context, const struct archive_account *account)
{
    (void)context;
    note("%.*s%s%s %" PRId64 " %" PRId64 "|", PRINTED(account->name), account->same ? "" : "?",
         account->is_operator ? "@" : "", account->created, account->seen);
}

static void note_room(void *context, const struct archive_room *room)
{
    (void)context;
    note("%.*s,%.*s,%.*s,%.*s%s%s", PRINTED(room->name), PRINTED(room->owner), PRINTED(room->topic),
         PRINTED(room->key), room->hidden ? ",hidden" : "", room->members_only ? ",members" : "");
    for (size_t i = 0; i < room->invited_count; i++)
        note("+%.*s", PRINTED(room->invited[i]));
    note("|");
}

static void note_sanction(void *context, const struct archive_sanction *sanction)
{
    (void)context;
    note("%s%s %.*s until %" PRId64 " at %" PRId64 " by %.*s: %.*s|",
         sanction->kind == ARCHIVE_BAN ? "ban" : "mute", sanction->is_address ? " address" : "",
         PRINTED(sanction->target), sanction->until, sanction->time, PRINTED(sanction->by),
         PRINTED(sanction->reason));
}

/* Checks what was noted since the last check. */
static void check_notes(const char *file, unsigned line, const char *wanted)
{
    suite_expect(strcmp(notes, wanted) == 0, file, line, "'%s' instead of '%s'", notes, wanted);
    notes[0] = '\0';
}

#define CHECK_NOTES(wanted) check_notes(__FILE__, __LINE__, wanted)

/*
 * Talk
 */

static bool say_at(struct archive *archive, const char *room, uint64_t seq, int64_t time,
                   const char *author, const char *text)
{
    const struct archive_message message = {.kind = ARCHIVE_SAY,
                                            .seq = seq,
                                            .time = time,
                                            .room = as_words(room),
                                            .author = as_words(author),
                                            .text = as_words(text)};
    return archive->talk->append(archive, &message);
}

/* Says messages by Al whose texts are their seqs, from one seq to another, a second apart. */
static void say_all(struct archive *archive, const char *room, uint64_t first, uint64_t last)
{
    for (uint64_t seq = first; seq <= last; seq++) {
        char text[24];
        snprintf(text, sizeof text, "%" PRIu64, seq);
        CU_ASSERT_TRUE(say_at(archive, room, seq, (int64_t)seq * 1000, "Al", text));
    }
}

static uint64_t open_room(struct place *place, const char *room)
{
    uint64_t last = UINT64_MAX;
    CU_ASSERT_EQUAL(place->archive->talk->open(place->archive, as_words(room), 0, &last),
                    ARCHIVE_OK);
    return last;
}

static enum archive_result show_before(struct place *place, const char *room, uint64_t seq,
                                       size_t limit)
{
    return place->archive->talk->before(place->archive, as_words(room), seq, limit, note_message,
                                        NULL, NULL);
}

static enum archive_result show_after(struct place *place, const char *room, uint64_t seq,
                                      size_t limit, struct archive_bounds *bounds)
{
    return place->archive->talk->after(place->archive, as_words(room), seq, limit, note_message,
                                       NULL, bounds);
}

static void what_was_said(void)
{
    struct place place;
    place_begin(&place);
    CU_ASSERT_EQUAL(open_room(&place, "lobby"), 0);
    CU_ASSERT_TRUE(say_at(place.archive, "lobby", 1, 1000, "Al", "hi"));
    const struct archive_message act = {.kind = ARCHIVE_ACT,
                                        .seq = 2,
                                        .time = 2000,
                                        .room = as_words("LOBBY"),
                                        .author = as_words("Zo\xC3\xAB"),
                                        .text = as_words("waves \xF0\x9F\x91\x8B")};
    CU_ASSERT_TRUE(place.archive->talk->append(place.archive, &act));
    CU_ASSERT_EQUAL(show_before(&place, "Lobby", 0, 10), ARCHIVE_OK);
    CHECK_NOTES("1:Al hi|2*Zo\xC3\xAB waves \xF0\x9F\x91\x8B|");
    CU_ASSERT_EQUAL(show_before(&place, "attic", 0, 10), ARCHIVE_NONE);
    place_reopen(&place);
    CU_ASSERT_EQUAL(open_room(&place, "lobby"), 2);
    CU_ASSERT_EQUAL(show_before(&place, "lobby", 0, 10), ARCHIVE_OK);
    CHECK_NOTES("1:Al hi|2*Zo\xC3\xAB waves \xF0\x9F\x91\x8B|");
    place_end(&place);
}

static void pages(void)
{
    struct place place;
    struct archive_bounds bounds;
    place_begin(&place);
    open_room(&place, "lobby");
    open_room(&place, "other");
    say_all(place.archive, "lobby", 1, 9);
    say_all(place.archive, "other", 1, 9);
    show_before(&place, "lobby", 0, 2);
    CHECK_NOTES("8:Al 8|9:Al 9|");
    show_before(&place, "lobby", 8, 2);
    CHECK_NOTES("6:Al 6|7:Al 7|");
    show_before(&place, "lobby", 1, 2);
    CHECK_NOTES("");
    show_after(&place, "lobby", 3, 2, &bounds);
    CHECK_NOTES("4:Al 4|5:Al 5|");
    CU_ASSERT_EQUAL(bounds.first, 1);
    CU_ASSERT_EQUAL(bounds.last, 9);
    show_after(&place, "lobby", 8, 5, NULL);
    CHECK_NOTES("9:Al 9|");
    show_after(&place, "lobby", UINT64_MAX, 5, NULL);
    CHECK_NOTES("");
    place.archive->talk->since(place.archive, as_words("lobby"), 4500, 2, note_message, NULL, NULL);
    CHECK_NOTES("5:Al 5|6:Al 6|");
    place.archive->talk->since(place.archive, as_words("lobby"), 9001, 2, note_message, NULL, NULL);
    CHECK_NOTES("");
    place_end(&place);
}

/* Wants as many more as `context` points to. */
static bool note_some(void *context, const struct archive_message *message)
{
    size_t *wanted = context;
    note_message(NULL, message);
    return --*wanted > 0;
}

static void no_more_is_visited_than_wanted(void)
{
    struct place place;
    size_t wanted = 2;
    struct archive_bounds bounds;
    place_begin(&place);
    open_room(&place, "lobby");
    say_all(place.archive, "lobby", 1, 2);
    say_all(place.archive, "lobby", 5, 6);
    const struct archive_talk *functions = place.archive->talk;
    functions->after(place.archive, as_words("lobby"), 1, 9, note_some, &wanted, &bounds);
    CHECK_NOTES("2:Al 2|gap3-4|");
    CU_ASSERT_EQUAL(bounds.last, 6);
    wanted = 1;
    functions->since(place.archive, as_words("lobby"), 5000, 9, note_some, &wanted, NULL);
    CHECK_NOTES("5:Al 5|");
    wanted = 3;
    functions->before(place.archive, as_words("lobby"), 6, 9, note_some, &wanted, NULL);
    CHECK_NOTES("1:Al 1|2:Al 2|gap3-4|");
    place_end(&place);
}

static void gaps(void)
{
    struct place place;
    place_begin(&place);
    open_room(&place, "lobby");
    say_all(place.archive, "lobby", 1, 2);
    say_all(place.archive, "lobby", 5, 6);
    say_all(place.archive, "lobby", 8, 8);
    show_before(&place, "lobby", 0, 10);
    CHECK_NOTES("1:Al 1|2:Al 2|gap3-4|5:Al 5|6:Al 6|gap7-7|8:Al 8|");
    show_before(&place, "lobby", 5, 1);
    CHECK_NOTES("2:Al 2|gap3-4|");
    show_after(&place, "lobby", 3, 1, NULL);
    CHECK_NOTES("gap4-4|5:Al 5|");
    show_after(&place, "lobby", 2, 2, NULL);
    CHECK_NOTES("gap3-4|5:Al 5|6:Al 6|");
    place_end(&place);
}

static void synced(void)
{
    struct place place;
    place_begin(&place);
    open_room(&place, "lobby");
    for (uint64_t seq = 1; seq <= 20; seq++) {
        say_all(place.archive, "lobby", seq, seq);
        CU_ASSERT_EQUAL(place.archive->talk->sync(place.archive), ARCHIVE_OK);
        CU_ASSERT_EQUAL(place_number(&place, "SELECT max(seq) FROM message"), (int64_t)seq);
    }
    place_end(&place);
}

static void stored_unasked(void)
{
    struct place place;
    const struct timespec moment = {0, 10000000};
    int64_t deadline = clock_now() + 30 * CLOCK_SECOND;
    place_begin(&place);
    open_room(&place, "lobby");
    say_all(place.archive, "lobby", 1, 1);
    while (place_number(&place, "SELECT count(*) FROM message") != 1 && clock_now() < deadline)
        nanosleep(&moment, NULL);
    CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM message"), 1);
    place_end(&place);
}

static enum archive_result search(struct place *place, const char *text, const char *const *rooms,
                                  size_t count, uint64_t id, size_t limit)
{
    struct words names[4];
    for (size_t i = 0; i < count; i++)
        names[i] = as_words(rooms[i]);
    return place->archive->talk->search(place->archive, as_words(text), names, count, id, limit,
                                        note_message, NULL);
}

static void search_room(struct place *place, const char *text, const char *room)
{
    const char *const rooms[] = {room};
    search(place, text, rooms, 1, 0, 10);
}

static void searches(void)
{
    static const char *const both[] = {"lobby", "Ops", "nowhere"};
    static const struct {
        const char *words;
        size_t rooms;
        const char *found;
    } rows[] = {
        {"disk", 2,
         "1:Al the disk is full|2:Bo DISK, again|3:Al caf\xC3\xA9 e-mail disk|1:Cy disk or not|"},
        {"disk", 1, "1:Al the disk is full|2:Bo DISK, again|3:Al caf\xC3\xA9 e-mail disk|"},
        {"disk", 3,
         "1:Al the disk is full|2:Bo DISK, again|3:Al caf\xC3\xA9 e-mail disk|1:Cy disk or not|"},
        {"disk full", 2, "1:Al the disk is full|"},
        {" full  disk ", 2, "1:Al the disk is full|"},
        {"cafe", 2, "3:Al caf\xC3\xA9 e-mail disk|"},
        {"CAF\xC3\x89", 2, "3:Al caf\xC3\xA9 e-mail disk|"},
        {"e-mail", 2, "3:Al caf\xC3\xA9 e-mail disk|"},
        {"mail-e", 2, ""},
        {"dis", 2, ""},
        {"disk OR nothing", 2, ""},
        {"disk NOT", 2, "1:Cy disk or not|"},
        {"\"disk", 2,
         "1:Al the disk is full|2:Bo DISK, again|3:Al caf\xC3\xA9 e-mail disk|1:Cy disk or not|"},
        {"dis\"k", 2, ""},
        {"text:disk", 2, ""},
        {"r1", 2, ""},
        {"full ( * )", 2, "1:Al the disk is full|"},
        {"full \xE2\x80\x94", 2, "1:Al the disk is full|"},
        {"full \xF0\x9F\x8E\x89", 2, "1:Al the disk is full|"},
        {"\xC2\xBD", 2, ""}, /* one half: the index has numbers of all kinds */
        {"\xE2\x91\xA0", 2, ""},
        {"\xC2\xB5", 2, ""},
        {"Al", 2, ""},
    };
    struct place place;
    place_begin(&place);
    open_room(&place, "lobby");
    open_room(&place, "ops");
    say_at(place.archive, "lobby", 1, 1, "Al", "the disk is full");
    say_at(place.archive, "lobby", 2, 2, "Bo", "DISK, again");
    say_at(place.archive, "lobby", 3, 3, "Al", "caf\xC3\xA9 e-mail disk");
    say_at(place.archive, "ops", 1, 4, "Cy", "disk or not");
    for (size_t i = 0; i < ROWS(rows); i++) {
        EXPECT(search(&place, rows[i].words, both, rows[i].rooms, 0, 10) == ARCHIVE_OK,
               "'%s' fails", rows[i].words);
        EXPECT(strcmp(notes, rows[i].found) == 0, "'%s' finds '%s'", rows[i].words, notes);
        notes[0] = '\0';
    }
    CU_ASSERT_EQUAL(search(&place, "", both, 2, 0, 10), ARCHIVE_NONE);
    CU_ASSERT_EQUAL(search(&place, " -- !", both, 2, 0, 10), ARCHIVE_NONE);
    CU_ASSERT_EQUAL(search(&place, "\xF0\x9F\x8E\x89", both, 2, 0, 10), ARCHIVE_NONE);
    CU_ASSERT_EQUAL(
        search(&place, "\xE2\x86\x92 \xE2\x99\xA5\xEF\xB8\x8F \xE2\x82\xAC", both, 2, 0, 10),
        ARCHIVE_NONE);
    CU_ASSERT_EQUAL(search(&place, "disk", both, 0, 0, 10), ARCHIVE_OK);
    CHECK_NOTES("");
    search(&place, "disk", both, 2, 0, 2);
    CHECK_NOTES("3:Al caf\xC3\xA9 e-mail disk|1:Cy disk or not|");
    search(&place, "disk", both, 2, 3, 1);
    CHECK_NOTES("2:Bo DISK, again|");
    place_end(&place);
}

/* The index of words follows later, and misses nothing for that. */
static void late_index(void)
{
    static const char *const lobby[] = {"lobby"};
    struct place place;
    place_begin(&place);
    open_room(&place, "lobby");
    say_at(place.archive, "lobby", 1, 1, "Al", "early bird");
    place_reopen(&place);
    search(&place, "bird", lobby, 1, 0, 5);
    CHECK_NOTES("1:Al early bird|");
    say_at(place.archive, "lobby", 2, 2, "Al", "late bird");
    place_close(&place);
    place_run(&place, "DELETE FROM message WHERE seq = 2");
    CU_ASSERT_TRUE_FATAL(place_open(&place));
    say_at(place.archive, "lobby", 3, 3, "Al", "third bird");
    search(&place, "bird", lobby, 1, 0, 5);
    CHECK_NOTES("1:Al early bird|3:Al third bird|");
    place_close(&place);
    place_run(&place, "DELETE FROM message WHERE seq = 3");
    CU_ASSERT_TRUE_FATAL(place_open(&place));
    say_at(place.archive, "lobby", 4, 4, "Al", "fourth bird");
    search(&place, "bird", lobby, 1, 0, 5);
    CHECK_NOTES("1:Al early bird|4:Al fourth bird|");
    for (uint64_t seq = 5; seq < 5000; seq++)
        say_at(place.archive, "lobby", seq, 5, "Al", "crowd");
    place.archive->talk->sync(place.archive);
    EXPECT(place_number(&place, "SELECT last FROM indexed") > 2000, "nothing is indexed unasked");
    search(&place, "nothing", lobby, 1, 0, 5);
    place_close(&place);
    place_run(&place, "INSERT INTO words (words) VALUES ('integrity-check')");
    place_remove(&place);
}

static void many_rooms(void)
{
    static char names[ARCHIVE_SEARCH_ROOMS_MAX][16];
    static struct words rooms[ARCHIVE_SEARCH_ROOMS_MAX];
    struct place place;
    place_begin(&place);
    for (size_t i = 0; i < ARCHIVE_SEARCH_ROOMS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "room%zu", i);
        rooms[i] = as_words(names[i]);
        say_at(place.archive, names[i], 1, 1, "Al", "found");
    }
    CU_ASSERT_EQUAL(place.archive->talk->search(place.archive, as_words("found"), rooms,
                                                ARCHIVE_SEARCH_ROOMS_MAX, 0, 2, note_message, NULL),
                    ARCHIVE_OK);
    CHECK_NOTES("1:Al found|1:Al found|");
    place_end(&place);
}

/* What Cy says does not count. */
static enum archive_worth judge(void *context, struct words author, struct words text)
{
    (void)context;
    if (author.length == 2 && memcmp(author.bytes, "Cy", 2) == 0)
        return ARCHIVE_UNCOUNTED;
    return text.length >= 3 && memcmp(text.bytes, "Bob", 3) == 0 ? ARCHIVE_NAMING : ARCHIVE_COUNTED;
}

static void counts(void)
{
    struct place place;
    struct archive_count count;
    place_begin(&place);
    open_room(&place, "lobby");
    say_at(place.archive, "lobby", 1, 10, "Al", "Bob: hi");
    say_at(place.archive, "lobby", 2, 20, "Al", "Bob?");
    say_at(place.archive, "lobby", 3, 30, "Bob", "Bob here");
    say_at(place.archive, "lobby", 4, 31, "Cy", "Bob!");
    say_at(place.archive, "lobby", 5, 32, "Al", "hm");
    say_at(place.archive, "lobby", 6, 40, "Al", "well");
    CU_ASSERT_EQUAL(place.archive->talk->count(place.archive, as_words("lobby"), 20, 40,
                                               as_words("Bob"), judge, NULL, &count),
                    ARCHIVE_OK);
    CU_ASSERT_EQUAL(count.messages, 2);
    CU_ASSERT_EQUAL(count.naming, 1);
    CU_ASSERT_EQUAL(place.archive->talk->count(place.archive, as_words("attic"), 20, 40,
                                               as_words("Bob"), judge, NULL, &count),
                    ARCHIVE_NONE);
    place_end(&place);
}

static void retention(void)
{
    struct place place;
    struct archive_bounds bounds;
    const struct timespec moment = {0, 10000000};
    int64_t deadline = clock_now() + 60 * CLOCK_SECOND;
    int64_t now = (int64_t)time(NULL) * 1000;
    place_begin(&place);
    open_room(&place, "lobby");
    for (uint64_t seq = 1; seq <= 1000; seq++)
        say_at(place.archive, "lobby", seq, now - 86400000 * 3 + (int64_t)seq, "Al", "old");
    for (uint64_t seq = 1001; seq <= 1010; seq++)
        say_at(place.archive, "lobby", seq, now, "Al", "new");
    place.archive->talk->sync(place.archive);
    place_reopen(&place);
    CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM message"), 1010);
    place.retain_days = 2;
    place_reopen(&place);
    while (place_number(&place, "SELECT count(*) FROM message") > 10 && clock_now() < deadline)
        nanosleep(&moment, NULL);
    show_after(&place, "lobby", 0, 2, &bounds);
    CHECK_NOTES("1001:Al new|1002:Al new|");
    CU_ASSERT_EQUAL(bounds.first, 1001);
    CU_ASSERT_EQUAL(bounds.last, 1010);
    const char *room = "lobby";
    search_room(&place, "old", room);
    CHECK_NOTES("");
    CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM words WHERE words MATCH 'old'"), 0);
    CU_ASSERT_EQUAL(open_room(&place, "lobby"), 1010);
    place_end(&place);
}

/* While the store is open, messages are kept for ever, and then for two days. */
static void retained_for_less(void)
{
    struct place place;
    const struct timespec moment = {0, 10000000};
    int64_t deadline = clock_now() + 60 * CLOCK_SECOND;
    int64_t now = (int64_t)time(NULL) * 1000;
    place_begin(&place);
    open_room(&place, "lobby");
    say_at(place.archive, "lobby", 1, now - 86400000 * 3, "Al", "old");
    say_at(place.archive, "lobby", 2, now, "Al", "new");
    place.archive->talk->sync(place.archive);
    CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM message"), 2);
    store_retain(place.store, 2);
    while (place_number(&place, "SELECT count(*) FROM message") > 1 && clock_now() < deadline)
        nanosleep(&moment, NULL);
    CU_ASSERT_EQUAL(place_number(&place, "SELECT seq FROM message"), 2);
    store_retain(place.store, 0);
    say_at(place.archive, "lobby", 3, now - 86400000 * 3, "Al", "old");
    place.archive->talk->sync(place.archive);
    CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM message"), 2);
    place_end(&place);
}

static bool end_room(struct place *place, const char *room)
{
    return place->archive->talk->end(place->archive, as_words(room));
}

static bool guard_room(struct place *place, const char *room, bool guarded)
{
    return place->archive->talk->guard(place->archive, as_words(room), guarded);
}

/* What was said in a room that is gone is not that of another one of its name. */
static void gone_rooms(void)
{
    struct place place;
    struct archive_bounds bounds;
    const char *room = "ops";
    const struct archive_room kept = {.name = as_words("ops"), .owner = as_words("Al")};
    place_begin(&place);
    CU_ASSERT_EQUAL(open_room(&place, room), 0);
    CU_ASSERT_TRUE(say_at(place.archive, room, 1, 1000, "Al", "old secret"));
    CU_ASSERT_TRUE(end_room(&place, room));
    CU_ASSERT_EQUAL(open_room(&place, room), 1);
    CU_ASSERT_TRUE(say_at(place.archive, room, 2, 2000, "Bo", "new secret"));
    show_before(&place, room, 0, 10);
    CHECK_NOTES("2:Bo new secret|");
    show_after(&place, room, 0, 10, &bounds);
    CHECK_NOTES("2:Bo new secret|");
    CU_ASSERT_EQUAL(bounds.first, 2);
    search_room(&place, "secret", room);
    CHECK_NOTES("2:Bo new secret|");
    CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM message"), 2);
    open_room(&place, "silent"); /* of one in which nothing was said there is nothing to be kept */
    CU_ASSERT_TRUE(end_room(&place, "silent"));
    open_room(&place, "silent");
    CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM room"), 3);
    CU_ASSERT_EQUAL(place.archive->rooms->keep(place.archive, &kept), ARCHIVE_OK);
    CU_ASSERT_TRUE(end_room(&place, room)); /* a kept one is not gone, */
    place_reopen(&place);
    CU_ASSERT_EQUAL(open_room(&place, room), 2);
    show_before(&place, room, 0, 10);
    CHECK_NOTES("2:Bo new secret|");
    CU_ASSERT_EQUAL(place.archive->rooms->forget(place.archive, as_words(room)), ARCHIVE_OK);
    CU_ASSERT_EQUAL(open_room(&place, room), 2); /* until it is forgotten */
    show_before(&place, room, 0, 10);
    CHECK_NOTES("");
    place_end(&place);
}

static bool live_up_to(struct place *place, const char *room, uint64_t life, uint64_t last)
{
    return place->archive->talk->live(place->archive, as_words(room), life, last);
}

static bool live(struct place *place, const char *room, uint64_t life)
{
    return live_up_to(place, room, life, 100);
}

/* A machine of a cluster that starts again is told once more of all lives that a room had. */
static void rooms_of_a_cluster(void)
{
    struct place place;
    const char *room = "ops";
    place_begin(&place);
    for (int start = 0; start < 3; start++) {
        CU_ASSERT_TRUE(live(&place, room, 11));
        say_all(place.archive, room, 1, 3);
        CU_ASSERT_TRUE(live(&place, "silent", 12));
        CU_ASSERT_TRUE(live(&place, room, 13));
        CU_ASSERT_TRUE(say_at(place.archive, room, 1, 9000, "Bo", "anew"));
        show_before(&place, room, 0, 10);
        CHECK_NOTES("1:Bo anew|");
        search_room(&place, "3", room);
        CHECK_NOTES("");
        CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM message"), 4);
        place_reopen(&place);
    }
    CU_ASSERT_TRUE(live(&place, room, 11)); /* it is found again */
    show_before(&place, room, 0, 10);
    CHECK_NOTES("1:Al 1|2:Al 2|3:Al 3|");
    CU_ASSERT_TRUE(live(&place, room, 14));
    show_before(&place, room, 0, 10);
    CHECK_NOTES("");
    place_end(&place);
}

/* What the machines do not have any more, or are told once more, is not what the file has. */
static void what_a_life_has_no_more(void)
{
    struct place place;
    const char *room = "ops";
    place_begin(&place);
    CU_ASSERT_TRUE(live(&place, room, 11));
    say_all(place.archive, room, 1, 4);
    CU_ASSERT_TRUE(live_up_to(&place, room, 11, 2));
    CU_ASSERT_TRUE(say_at(place.archive, room, 3, 9000, "Bo", "anew"));
    show_before(&place, room, 0, 10);
    CHECK_NOTES("1:Al 1|2:Al 2|3:Bo anew|");
    search_room(&place, "4", room);
    CHECK_NOTES("");
    CU_ASSERT_EQUAL(place_number(&place, "SELECT last FROM room WHERE life = 11"), 3);
    place_end(&place);
}

/* Numbers are given by all machines: none is skipped when a process dies, and a gap is a gap. */
static void numbers_of_a_cluster(void)
{
    struct place place;
    place_begin(&place);
    CU_ASSERT_TRUE(live(&place, "ops", 11));
    say_all(place.archive, "ops", 1, 2);
    CU_ASSERT_EQUAL(place.archive->talk->sync(place.archive), ARCHIVE_OK);
    CU_ASSERT_EQUAL(place_number(&place, "SELECT reserved - last FROM room WHERE life = 11"), 0);
    say_all(place.archive, "ops", 5, 6);
    show_before(&place, "ops", 0, 10);
    CHECK_NOTES("1:Al 1|2:Al 2|gap3-4|5:Al 5|6:Al 6|");
    say_all(place.archive, "ops", 3, 4);
    show_before(&place, "ops", 0, 10);
    CHECK_NOTES("1:Al 1|2:Al 2|3:Al 3|4:Al 4|5:Al 5|6:Al 6|");
    CU_ASSERT_EQUAL(open_room(&place, "ops"), 0); /* one machine alone begins anew */
    show_before(&place, "ops", 0, 10);
    CHECK_NOTES("");
    place_end(&place);
}

/* What one machine has in its file is not put out of use in a cluster. */
static void file_of_one_machine(void)
{
    struct place place;
    place_begin(&place);
    const struct store_config shared = {
        .path = place.path, .only_talk = true, .report = on_report, .context = &place};
    place.archive->people->enroll(place.archive, as_words("Alice"), as_words("open sesame"), 5);
    place_close(&place);
    CU_ASSERT_PTR_NULL(store_open(&shared, place.fault));
    CU_ASSERT_PTR_NOT_NULL(strstr(place.fault, "--cluster-import"));
    place_run(&place, "DELETE FROM account");
    place.store = store_open(&shared, place.fault);
    CU_ASSERT_PTR_NOT_NULL_FATAL(place.store);
    CU_ASSERT_PTR_NULL(store_archive(place.store)->people);
    CU_ASSERT_PTR_NOT_NULL(store_archive(place.store)->talk);
    place_end(&place);
}

/* Who comes in after a restart is asked for no key. */
static void guarded_rooms(void)
{
    struct place place;
    place_begin(&place);
    open_room(&place, "open");
    open_room(&place, "once");
    open_room(&place, "shut");
    CU_ASSERT_TRUE(say_at(place.archive, "open", 1, 1000, "Al", "news"));
    CU_ASSERT_TRUE(say_at(place.archive, "once", 1, 1000, "Al", "news"));
    CU_ASSERT_TRUE(say_at(place.archive, "shut", 1, 1000, "Al", "secret"));
    CU_ASSERT_TRUE(guard_room(&place, "once", true));
    CU_ASSERT_TRUE(guard_room(&place, "once", false));
    CU_ASSERT_TRUE(guard_room(&place, "shut", true));
    show_before(&place, "shut", 0, 10);
    CHECK_NOTES("1:Al secret|");
    place_reopen(&place);
    CU_ASSERT_EQUAL(open_room(&place, "open"), 1);
    CU_ASSERT_EQUAL(open_room(&place, "once"), 1);
    CU_ASSERT_EQUAL(open_room(&place, "shut"), 1);
    show_before(&place, "open", 0, 10);
    CHECK_NOTES("1:Al news|");
    show_before(&place, "once", 0, 10);
    CHECK_NOTES("1:Al news|");
    show_before(&place, "shut", 0, 10);
    CHECK_NOTES("");
    place_end(&place);
}

/* When nothing of a gone room is left, its row goes, too. */
static void gone_rooms_are_retired(void)
{
    struct place place;
    const struct timespec moment = {0, 10000000};
    int64_t deadline = clock_now() + 60 * CLOCK_SECOND;
    int64_t now = (int64_t)time(NULL) * 1000;
    place_begin(&place);
    open_room(&place, "ops");
    say_at(place.archive, "ops", 1, now - 86400000 * 3, "Al", "old");
    end_room(&place, "ops");
    open_room(&place, "ops");
    CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM room"), 2);
    place.retain_days = 2;
    place_reopen(&place);
    while (place_number(&place, "SELECT count(*) FROM room") > 1 && clock_now() < deadline)
        nanosleep(&moment, NULL);
    CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM message"), 0);
    CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM room"), 1);
    CU_ASSERT_EQUAL(open_room(&place, "ops"), 1);
    place_end(&place);
}

/*
 * Disks that fail
 */

/* Sets the limit of a file's size, of which SQLite learns as of a full disk; 0: none. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes != 0 ? bytes : limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_IGN);
}

static void full_disk(void)
{
    struct place place;
    static char text[4096];
    uint64_t seq = 0;
    memset(text, 'x', sizeof text - 1);
    place_begin(&place);
    open_room(&place, "lobby");
    open_room(&place, "vault");
    open_room(&place, "gone");
    CU_ASSERT_TRUE(say_at(place.archive, "lobby", ++seq, 1, "Al", "before"));
    CU_ASSERT_TRUE(say_at(place.archive, "vault", 1, 1, "Al", "for few"));
    CU_ASSERT_TRUE(say_at(place.archive, "gone", 1, 1, "Al", "for those who were there"));
    CU_ASSERT_EQUAL(place.archive->talk->sync(place.archive), ARCHIVE_OK);
    limit_files((rlim_t)16 * 1024);
    CU_ASSERT_TRUE(say_at(place.archive, "lobby", ++seq, 1, "Al", text));
    CU_ASSERT_EQUAL(place.archive->talk->sync(place.archive), ARCHIVE_FAILED);
    CU_ASSERT_TRUE(reported(&place, "cannot be written"));
    const struct archive_room room = {.name = as_words("ops"), .owner = as_words("Al")};
    CU_ASSERT_EQUAL(place.archive->rooms->keep(place.archive, &room), ARCHIVE_FAILED);
    while (say_at(place.archive, "lobby", seq + 1, 1, "Al", text) && seq < 10000)
        seq++;
    uint64_t missing = seq + 1;
    EXPECT(seq > 100 && seq < 10000, "%" PRIu64 " were queued", seq);
    CU_ASSERT_FALSE(say_at(place.archive, "lobby", ++seq, 1, "Al", "small, and yet missing"));
    /* What must not be forgotten finds a place all the same. */
    CU_ASSERT_TRUE(place.archive->talk->guard(place.archive, as_words("vault"), true));
    CU_ASSERT_TRUE(place.archive->talk->end(place.archive, as_words("gone")));
    uint64_t end;
    CU_ASSERT_EQUAL(place.archive->talk->open(place.archive, as_words("vault"), 0, &end),
                    ARCHIVE_FAILED);
    CU_ASSERT_EQUAL(end, ROOM_ROW_BLOCK); /* so its numbers are none that somebody has seen */
    CU_ASSERT_EQUAL(place.archive->talk->sync(place.archive), ARCHIVE_FAILED);
    show_before(&place, "lobby", 0, 10);
    CHECK_NOTES("1:Al before|");
    /* Nobody can say whether it was said. */
    static const char *const lobby[] = {"lobby"};
    CU_ASSERT_EQUAL(search(&place, "small", lobby, 1, 0, 10), ARCHIVE_FAILED);
    CHECK_NOTES("");
    limit_files(0);
    int64_t deadline = clock_now() + 30 * CLOCK_SECOND;
    while (!say_at(place.archive, "lobby", ++seq, 1, "Al", "after") && clock_now() < deadline)
        place.archive->talk->sync(place.archive);
    CU_ASSERT_EQUAL(place.archive->talk->sync(place.archive), ARCHIVE_OK);
    CU_ASSERT_TRUE(reported(&place, "missing in it"));
    char wanted[80];
    snprintf(wanted, sizeof wanted, "gap%" PRIu64 "-%" PRIu64 "|%" PRIu64 ":Al after|", missing,
             seq - 1, seq);
    show_after(&place, "lobby", missing - 1, 10, NULL);
    CHECK_NOTES(wanted);
    CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM message"), (int64_t)missing + 2);
    place_reopen(&place);
    CU_ASSERT_TRUE(open_room(&place, "lobby") >= seq);
    open_room(&place, "vault");
    open_room(&place, "gone");
    CU_ASSERT_EQUAL(show_before(&place, "vault", 0, 10), ARCHIVE_OK);
    CHECK_NOTES("");
    CU_ASSERT_EQUAL(show_before(&place, "gone", 0, 10), ARCHIVE_OK);
    CHECK_NOTES("");
    place_close(&place);
    CU_ASSERT_TRUE(place_is_whole(&place));
    place_remove(&place);
}

/* Who opens a room when the disk has room again is told of what waited behind what had failed. */
static void nothing_is_overtaken(void)
{
    struct place place;
    static char text[65536];
    memset(text, 'x', sizeof text - 1);
    place_begin(&place);
    open_room(&place, "lobby");
    open_room(&place, "ops");
    say_all(place.archive, "ops", 1, 2);
    CU_ASSERT_EQUAL(place.archive->talk->sync(place.archive), ARCHIVE_OK);
    limit_files((rlim_t)16 * 1024);
    CU_ASSERT_TRUE(say_at(place.archive, "lobby", 1, 1, "Al", text));
    CU_ASSERT_EQUAL(place.archive->talk->sync(place.archive), ARCHIVE_FAILED);
    say_all(place.archive, "ops", 3, 4);
    limit_files(0);
    CU_ASSERT_EQUAL(open_room(&place, "ops"), 4);
    say_all(place.archive, "ops", 5, 5);
    CU_ASSERT_EQUAL(place.archive->talk->sync(place.archive), ARCHIVE_OK);
    show_before(&place, "ops", 0, 10);
    CHECK_NOTES("1:Al 1|2:Al 2|3:Al 3|4:Al 4|5:Al 5|");
    place_end(&place);
}

/*
 * In rooms that could not be opened numbers are given all the same. Who opens one later goes on
 * behind them; and nobody is given them again, also after a restart.
 */
static void numbers_without_a_disk(void)
{
    struct place place;
    uint64_t last = UINT64_MAX;
    place_begin(&place);
    const struct archive_talk *talk = place.archive->talk;
    open_room(&place, "lobby");
    open_room(&place, "ops");
    say_all(place.archive, "ops", 1, 1);
    CU_ASSERT_TRUE(say_at(place.archive, "lobby", 1, 1, "Al", "before"));
    CU_ASSERT_EQUAL(talk->sync(place.archive), ARCHIVE_OK);
    CU_ASSERT_TRUE(talk->is_up(place.archive));
    limit_files((rlim_t)16 * 1024);
    CU_ASSERT_EQUAL(talk->open(place.archive, as_words("attic"), 0, &last), ARCHIVE_FAILED);
    CU_ASSERT_EQUAL(last, ROOM_ROW_BLOCK);
    CU_ASSERT_FALSE(talk->is_up(place.archive));
    CU_ASSERT_TRUE(talk->reserve(place.archive, as_words("attic"), ROOM_ROW_BLOCK + 1));
    CU_ASSERT_TRUE(talk->reserve(place.archive, as_words("cellar"), ROOM_ROW_BLOCK + 1));
    CU_ASSERT_EQUAL(talk->open(place.archive, as_words("lobby"), 0, &last), ARCHIVE_FAILED);
    CU_ASSERT_EQUAL(last, ROOM_ROW_BLOCK);
    CU_ASSERT_TRUE(talk->reserve(place.archive, as_words("lobby"), ROOM_ROW_BLOCK + 1));
    talk->miss(place.archive, ROOM_ROW_BLOCK + 3, 3);
    talk->miss(place.archive, ROOM_ROW_BLOCK + 2, 2);
    /* Another room of that name, which is gone by now, and one in which nothing is said. */
    CU_ASSERT_TRUE(talk->end(place.archive, as_words("cellar")));
    CU_ASSERT_EQUAL(talk->open(place.archive, as_words("cellar"), 0, &last), ARCHIVE_FAILED);
    CU_ASSERT_EQUAL(last, ROOM_ROW_BLOCK + 3);
    CU_ASSERT_EQUAL(talk->open(place.archive, as_words("ops"), 0, &last), ARCHIVE_FAILED);
    CU_ASSERT_EQUAL(last, ROOM_ROW_BLOCK + 3);
    CU_ASSERT_TRUE(talk->reserve(place.archive, as_words("ops"), last + 1));
    limit_files(0);
    CU_ASSERT_EQUAL(talk->open(place.archive, as_words("ops"), last, &last), ARCHIVE_OK);
    CU_ASSERT_EQUAL(last, ROOM_ROW_BLOCK + 3);
    say_all(place.archive, "ops", last + 1, last + 1);
    show_after(&place, "ops", 0, 10, NULL);
    char told[80];
    snprintf(told, sizeof told, "1:Al 1|restart2-%" PRIu64 "|%" PRIu64 ":Al %" PRIu64 "|", last,
             last + 1, last + 1);
    CHECK_NOTES(told);
    CU_ASSERT_EQUAL(talk->open(place.archive, as_words("attic"), ROOM_ROW_BLOCK + 3, &last),
                    ARCHIVE_OK);
    CU_ASSERT_EQUAL(last, ROOM_ROW_BLOCK + 3);
    CU_ASSERT_TRUE(reported(&place, "5 more messages are missing in it"));
    say_all(place.archive, "attic", last + 1, last + 1);
    show_after(&place, "attic", last, 10, NULL);
    snprintf(told, sizeof told, "%" PRIu64 ":Al %" PRIu64 "|", last + 1, last + 1);
    CHECK_NOTES(told);
    CU_ASSERT_EQUAL(talk->open(place.archive, as_words("lobby"), ROOM_ROW_BLOCK + 3, &last),
                    ARCHIVE_OK);
    CU_ASSERT_EQUAL(last, ROOM_ROW_BLOCK + 3);
    say_all(place.archive, "lobby", last + 1, last + 1);
    show_after(&place, "lobby", 0, 10, NULL);
    char wanted[160];
    snprintf(wanted, sizeof wanted,
             "1:Al before|restart2-%" PRIu64 "|gap%" PRIu64 "-%" PRIu64 "|%" PRIu64 ":Al %" PRIu64
             "|",
             last - 3, last - 2, last, last + 1, last + 1);
    CHECK_NOTES(wanted);
    place_reopen(&place);
    CU_ASSERT_TRUE(open_room(&place, "attic") >= ROOM_ROW_BLOCK + 4);
    CU_ASSERT_TRUE(open_room(&place, "cellar") >= ROOM_ROW_BLOCK + ROOM_ROW_RESERVED);
    place_end(&place);
}

/* Opens a room, which the disk has no room for. Returns its last number. */
static uint64_t open_on_full_disk(struct place *place, const char *room)
{
    uint64_t last = 0;
    limit_files(512);
    CU_ASSERT_EQUAL(place->archive->talk->open(place->archive, as_words(room), 0, &last),
                    ARCHIVE_FAILED);
    return last;
}

/* The file never learns of these numbers: the server ends before there is room again. */
static void numbers_that_no_file_knows(void)
{
    struct place place;
    uint64_t last;
    place_begin(&place);
    open_room(&place, "ops");
    say_all(place.archive, "ops", 1, 3);
    CU_ASSERT_EQUAL(place.archive->talk->sync(place.archive), ARCHIVE_OK);
    uint64_t unknown = open_on_full_disk(&place, "ops");
    place.archive->talk->miss(place.archive, unknown + 2, 2);
    place_close(&place);
    limit_files(0);
    CU_ASSERT_TRUE_FATAL(place_open(&place));
    last = open_room(&place, "ops");
    EXPECT(last >= 3 && last < unknown, "%" PRIu64 " leads to %" PRIu64, last, unknown);
    uint64_t again = open_on_full_disk(&place, "attic");
    EXPECT(again >= unknown + ROOM_ROW_BLOCK, "%" PRIu64 " after %" PRIu64, again, unknown);
    limit_files(0);
    CU_ASSERT_EQUAL(place.archive->talk->open(place.archive, as_words("attic"), again + 2, &last),
                    ARCHIVE_OK);
    CU_ASSERT_EQUAL(last, again + 2);
    show_after(&place, "attic", again, 10, NULL); /* what was not told of is missing */
    char gap[80];
    snprintf(gap, sizeof gap, "gap%" PRIu64 "-%" PRIu64 "|", again + 1, again + 2);
    CHECK_NOTES(gap);
    /* Who has a number that no file knows is not told that nothing else was said since. */
    struct archive_bounds bounds;
    CU_ASSERT_EQUAL(show_after(&place, "attic", unknown + 2, 10, &bounds), ARCHIVE_NONE);
    CHECK_NOTES("");
    CU_ASSERT_EQUAL(bounds.last, again + 2);
    /* What the file knows by now is not spare any more. */
    uint64_t third = open_on_full_disk(&place, "cellar");
    EXPECT(third >= again + ROOM_ROW_BLOCK, "%" PRIu64 " after %" PRIu64, third, again);
    limit_files(0);
    place_end(&place);
}

/* A room does not come from its own block into one that was spare. */
static void blocks_are_left(void)
{
    struct place place;
    place_begin(&place);
    open_room(&place, "ops");
    place_close(&place);
    place_run(&place, "UPDATE room SET last = (1 << 31) + 7, reserved = last + 5");
    CU_ASSERT_TRUE_FATAL(place_open(&place));
    uint64_t last = open_room(&place, "ops");
    CU_ASSERT_EQUAL(last % ROOM_ROW_BLOCK, 0);
    EXPECT(open_on_full_disk(&place, "attic") > last, "the block of %" PRIu64 " is spare", last);
    limit_files(0);
    place_end(&place);
}

/* Orderly ends use nothing up. */
static void blocks_are_given_back(void)
{
    struct place place;
    place_begin(&place);
    int64_t behind = place_number(&place, "SELECT behind FROM spare");
    for (int i = 0; i < 3; i++)
        place_reopen(&place);
    CU_ASSERT_EQUAL(place_number(&place, "SELECT behind FROM spare"), behind);
    place_end(&place);
}

/* A name costs nothing in the file once nobody is there who has said something. */
static void unused_rooms(void)
{
    struct place place;
    place_begin(&place);
    const struct archive_talk *talk = place.archive->talk;
    const struct archive_room kept = {.name = as_words("kept"), .owner = as_words("Al")};
    open_room(&place, "empty");
    open_room(&place, "used");
    open_room(&place, "kept");
    CU_ASSERT_EQUAL(place.archive->rooms->keep(place.archive, &kept), ARCHIVE_OK);
    say_all(place.archive, "used", 1, 1);
    CU_ASSERT_TRUE(talk->end(place.archive, as_words("empty")));
    CU_ASSERT_TRUE(talk->end(place.archive, as_words("used")));
    CU_ASSERT_TRUE(talk->end(place.archive, as_words("kept")));
    CU_ASSERT_EQUAL(talk->sync(place.archive), ARCHIVE_OK);
    CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM room WHERE name = 'empty'"), 0);
    CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM room WHERE name = 'kept'"), 1);
    CU_ASSERT_EQUAL(open_room(&place, "used"), 1);
    CU_ASSERT_EQUAL(open_room(&place, "empty"), 0);
    place_end(&place);
}

/* A process that says and syncs until it is killed, and tells each seq that was synced. */
static void talk_until_killed(struct place *place, int told)
{
    if (!place_open(place))
        _exit(1);
    uint64_t seq;
    if (place->archive->talk->open(place->archive, as_words("lobby"), 0, &seq) != ARCHIVE_OK)
        _exit(2);
    for (;;) {
        for (int i = 0; i < 7; i++)
            say_at(place->archive, "lobby", ++seq, 1, "Al", "words to be found");
        if (place->archive->talk->sync(place->archive) != ARCHIVE_OK ||
            write(told, &seq, sizeof seq) != sizeof seq)
            _exit(3);
    }
}

/* Kills such a process after `rounds` syncs and a little more. Returns the last seq that it told.
 */
static uint64_t kill_one(struct place *place, int rounds, long nanoseconds)
{
    int told[2];
    uint64_t seq, last = 0;
    CU_ASSERT_EQUAL_FATAL(pipe(told), 0);
    pid_t child = fork();
    if (child == 0) {
        close(told[0]);
        talk_until_killed(place, told[1]);
    }
    close(told[1]);
    for (int i = 0; i < rounds && read(told[0], &seq, sizeof seq) == sizeof seq; i++)
        last = seq;
    const struct timespec more = {0, nanoseconds};
    nanosleep(&more, NULL);
    kill(child, SIGKILL);
    while (read(told[0], &seq, sizeof seq) == sizeof seq)
        last = seq;
    waitpid(child, NULL, 0);
    close(told[0]);
    return last;
}

static void killed(void)
{
    struct place place;
    uint64_t previous = 0;
    place_make(&place);
    for (int i = 0; i < 20; i++) {
        uint64_t told = kill_one(&place, i % 4, 700000L * i);
        CU_ASSERT_TRUE_FATAL(place_open(&place));
        uint64_t last = open_room(&place, "lobby");
        EXPECT(last >= told, "%" PRIu64 " is the last, and %" PRIu64 " was synced", last, told);
        EXPECT(told == 0 || told > previous, "%" PRIu64 " was given twice", told);
        char sql[160];
        snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM message WHERE seq > %" PRIu64 " AND seq <= %" PRIu64,
                 previous, told);
        EXPECT(told == 0 || place_number(&place, sql) == (int64_t)(told - previous),
               "%" PRId64 " of %" PRIu64 " are there", place_number(&place, sql), told - previous);
        place_close(&place);
        EXPECT(place_is_whole(&place), "it is damaged after kill %d", i);
        previous = last;
    }
    place_remove(&place);
}

/* Numbers that people may have seen before a crash are not given again. */
static void skipped_numbers(void)
{
    struct place place;
    place_make(&place);
    uint64_t told = kill_one(&place, 2, 0);
    CU_ASSERT_TRUE_FATAL(place_open(&place));
    uint64_t last = open_room(&place, "lobby");
    EXPECT(last >= told + ROOM_ROW_RESERVED / 2, "%" PRIu64 " after %" PRIu64, last, told);
    say_all(place.archive, "lobby", last + 1, last + 1);
    show_before(&place, "lobby", 0, 1);
    notes[0] = '\0';
    show_after(&place, "lobby", last - 1, 5, NULL);
    char wanted[128];
    snprintf(wanted, sizeof wanted, "restart%" PRIu64 "-%" PRIu64 "|%" PRIu64 ":Al %" PRIu64 "|",
             last, last, last + 1, last + 1);
    CHECK_NOTES(wanted);
    place_reopen(&place);
    CU_ASSERT_EQUAL(open_room(&place, "lobby"), last + 1);
    place_end(&place);
}

/* Whoever has seen messages that a crash took, the first ones of all, goes on behind them. */
static void crash_before_the_first_commit(void)
{
    struct place place;
    struct archive_bounds bounds;
    place_begin(&place);
    open_room(&place, "lobby");
    place_close(&place);
    place_run(&place, "UPDATE room SET last = 0, reserved = 4096"); /* as a kill leaves it */
    CU_ASSERT_TRUE_FATAL(place_open(&place));
    CU_ASSERT_EQUAL(open_room(&place, "lobby"), 4096);
    show_after(&place, "lobby", 12, 5, &bounds);
    CHECK_NOTES("restart13-4096|");
    CU_ASSERT_EQUAL(bounds.first, 1);
    say_all(place.archive, "lobby", 4097, 4097);
    show_after(&place, "lobby", 12, 5, &bounds);
    CHECK_NOTES("restart13-4096|4097:Al 4097|");
    CU_ASSERT_EQUAL(bounds.first, 1);
    place_end(&place);
}

/* However often a server is killed in which nothing is said. */
static void several_crashes_are_one_gap(void)
{
    struct place place;
    place_begin(&place);
    open_room(&place, "lobby");
    say_all(place.archive, "lobby", 1, 1);
    place_close(&place);
    place_run(&place, "UPDATE room SET reserved = 100"); /* as a kill leaves it */
    CU_ASSERT_TRUE_FATAL(place_open(&place));
    place_close(&place);
    place_run(&place, "UPDATE room SET reserved = 200");
    CU_ASSERT_TRUE_FATAL(place_open(&place));
    CU_ASSERT_EQUAL(open_room(&place, "lobby"), 200);
    say_all(place.archive, "lobby", 202, 202);
    show_after(&place, "lobby", 0, 5, NULL);
    CHECK_NOTES("1:Al 1|restart2-200|gap201-201|202:Al 202|");
    place_end(&place);
}

/*
 * The numbers are skipped in one transaction: after a crash in the midst of that the file opens all
 * the same. A trigger stands for the crash.
 */
static void crash_while_skipping(void)
{
    struct place place;
    place_make(&place);
    uint64_t told = kill_one(&place, 2, 0);
    place_run(&place,
              "CREATE TRIGGER crash BEFORE UPDATE ON room BEGIN SELECT RAISE(ABORT, ''); END");
    CU_ASSERT_FALSE(place_open(&place));
    place_run(&place, "DROP TRIGGER crash");
    CU_ASSERT_TRUE_FATAL(place_open(&place));
    CU_ASSERT_TRUE(open_room(&place, "lobby") > told);
    place_end(&place);
}

/* More are reserved before the last one is given. */
static void reserved_numbers(void)
{
    struct place place;
    place_begin(&place);
    open_room(&place, "lobby");
    for (uint64_t seq = 1; seq <= 2 * ROOM_ROW_RESERVED; seq += ROOM_ROW_RESERVED / 16) {
        CU_ASSERT_TRUE(say_at(place.archive, "lobby", seq, 1, "Al", "x"));
        CU_ASSERT_EQUAL(place.archive->talk->sync(place.archive), ARCHIVE_OK);
        EXPECT(place_number(&place, "SELECT reserved FROM room") >=
                   (int64_t)seq + ROOM_ROW_RESERVED / 2,
               "%" PRIu64 " is near the end", seq);
    }
    place_end(&place);
}

/*
 * Rooms
 */

static void kept_rooms(void)
{
    struct place place;
    place_begin(&place);
    const struct archive_rooms *rooms = place.archive->rooms;
    struct archive_room room = {.name = as_words("Ops"),
                                .owner = as_words("Al"),
                                .topic = as_words("deploys"),
                                .key = as_words(""),
                                .hidden = true};
    const struct archive_room other = {.name = as_words("attic"), .owner = as_words("Bo")};
    const struct words invited[] = {as_words("Cy"), as_words("Bo"), as_words("CY"), as_words("")};
    CU_ASSERT_EQUAL(rooms->keep(place.archive, &room), ARCHIVE_OK);
    CU_ASSERT_EQUAL(rooms->keep(place.archive, &other), ARCHIVE_OK);
    CU_ASSERT_EQUAL(rooms->list(place.archive, note_room, NULL), ARCHIVE_OK);
    CHECK_NOTES("attic,Bo,,|Ops,Al,deploys,,hidden|");
    room.name = as_words("OPS");
    room.key = as_words("secret");
    room.hidden = false;
    room.members_only = true;
    room.invited = invited;
    room.invited_count = 4;
    CU_ASSERT_EQUAL(rooms->keep(place.archive, &room), ARCHIVE_OK);
    place_reopen(&place);
    CU_ASSERT_EQUAL(rooms->list(place.archive, note_room, NULL), ARCHIVE_OK);
    CHECK_NOTES("attic,Bo,,|Ops,Al,deploys,secret,members+Bo+Cy|");
    room.invited_count = 1;
    CU_ASSERT_EQUAL(rooms->keep(place.archive, &room), ARCHIVE_OK);
    CU_ASSERT_EQUAL(rooms->list(place.archive, note_room, NULL), ARCHIVE_OK);
    CHECK_NOTES("attic,Bo,,|Ops,Al,deploys,secret,members+Cy|");
    CU_ASSERT_EQUAL(rooms->forget(place.archive, as_words("ops")), ARCHIVE_OK);
    CU_ASSERT_EQUAL(rooms->forget(place.archive, as_words("Ops")), ARCHIVE_NONE);
    CU_ASSERT_EQUAL(rooms->list(place.archive, note_room, NULL), ARCHIVE_OK);
    CHECK_NOTES("attic,Bo,,|");
    CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM invited"), 0);
    place_end(&place);
}

/*
 * People
 */

static enum archive_result enroll(struct place *place, const char *name, const char *password)
{
    return place->archive->people->enroll(place->archive, as_words(name), as_words(password), 5);
}

static enum archive_result check(struct place *place, const char *name, const char *password)
{
    return place->archive->people->check(place->archive, as_words(name), as_words(password));
}

static enum archive_result find(struct place *place, const char *name)
{
    return place->archive->people->find(place->archive, as_words(name), note_account, NULL);
}

static void accounts(void)
{
    struct place place;
    place_begin(&place);
    const struct archive_people *people = place.archive->people;
    CU_ASSERT_EQUAL(find(&place, "Alice"), ARCHIVE_NONE);
    CU_ASSERT_EQUAL(check(&place, "Alice", "open sesame"), ARCHIVE_NONE);
    CU_ASSERT_EQUAL(enroll(&place, "Alice", "open sesame"), ARCHIVE_OK);
    CU_ASSERT_EQUAL(enroll(&place, "ALICE", "something else"), ARCHIVE_TAKEN);
    CU_ASSERT_EQUAL(enroll(&place, "\xD0\x90lice", "something else"), ARCHIVE_TAKEN);
    CU_ASSERT_EQUAL(enroll(&place, "AIice", "something else"), ARCHIVE_TAKEN);
    CU_ASSERT_EQUAL(enroll(&place, "Bob", ""), ARCHIVE_WRONG);
    CU_ASSERT_EQUAL(find(&place, "alice"), ARCHIVE_OK);
    CHECK_NOTES("Alice 5 5|");
    CU_ASSERT_EQUAL(find(&place, "\xD0\x90lice"), ARCHIVE_OK);
    CHECK_NOTES("Alice? 5 5|");
    CU_ASSERT_EQUAL(check(&place, "alice", "open sesame"), ARCHIVE_OK);
    CU_ASSERT_EQUAL(check(&place, "Alice", "open sesam"), ARCHIVE_WRONG);
    CU_ASSERT_EQUAL(check(&place, "Alice", ""), ARCHIVE_WRONG);
    CU_ASSERT_EQUAL(check(&place, "AIice", "open sesame"), ARCHIVE_NONE);
    CU_ASSERT_EQUAL(people->change_password(place.archive, as_words("Alice"), as_words("wrong"),
                                            as_words("new word")),
                    ARCHIVE_WRONG);
    CU_ASSERT_EQUAL(people->change_password(place.archive, as_words("Alice"),
                                            as_words("open sesame"), as_words("new word")),
                    ARCHIVE_OK);
    place_reopen(&place);
    CU_ASSERT_EQUAL(check(&place, "Alice", "open sesame"), ARCHIVE_WRONG);
    CU_ASSERT_EQUAL(check(&place, "Alice", "new word"), ARCHIVE_OK);
    CU_ASSERT_TRUE(people->set_seen(place.archive, as_words("alice"), 77));
    CU_ASSERT_EQUAL(place.archive->talk->sync(place.archive), ARCHIVE_OK);
    CU_ASSERT_EQUAL(people->set_operator(place.archive, as_words("alice"), true), ARCHIVE_OK);
    CU_ASSERT_EQUAL(people->set_operator(place.archive, as_words("Bob"), true), ARCHIVE_NONE);
    CU_ASSERT_EQUAL(people->operators(place.archive, note_account, NULL), ARCHIVE_OK);
    CHECK_NOTES("Alice@ 5 77|");
    CU_ASSERT_EQUAL(people->set_operator(place.archive, as_words("alice"), false), ARCHIVE_OK);
    CU_ASSERT_EQUAL(people->operators(place.archive, note_account, NULL), ARCHIVE_OK);
    CHECK_NOTES("");
    place_end(&place);
}

static void ignored_names(void)
{
    struct place place;
    place_begin(&place);
    const struct archive_people *people = place.archive->people;
    enroll(&place, "Alice", "open sesame");
    struct words alice = as_words("Alice");
    CU_ASSERT_EQUAL(people->ignore(place.archive, alice, as_words("Mallory")), ARCHIVE_OK);
    CU_ASSERT_EQUAL(people->ignore(place.archive, alice, as_words("mallory")), ARCHIVE_OK);
    CU_ASSERT_EQUAL(people->ignore(place.archive, alice, as_words("Bob")), ARCHIVE_OK);
    CU_ASSERT_EQUAL(people->ignored(place.archive, alice, note_name, NULL), ARCHIVE_OK);
    CHECK_NOTES("Bob|Mallory|");
    CU_ASSERT_EQUAL(people->unignore(place.archive, alice, as_words("BOB")), ARCHIVE_OK);
    CU_ASSERT_EQUAL(people->unignore(place.archive, alice, as_words("BOB")), ARCHIVE_NONE);
    CU_ASSERT_EQUAL(people->ignore(place.archive, as_words("Bob"), alice), ARCHIVE_NONE);
    CU_ASSERT_EQUAL(people->ignored(place.archive, alice, note_name, NULL), ARCHIVE_OK);
    CHECK_NOTES("Mallory|");
    place_end(&place);
}

static enum archive_result keep_of(struct place *place, const char *author, const char *text)
{
    return place->archive->people->keep_message(place->archive, as_words("alice"), as_words(author),
                                                9, as_words(text));
}

static enum archive_result keep(struct place *place, const char *text)
{
    return keep_of(place, "Bob", text);
}

/* Keeps messages of an author until no more are kept; returns how many were. */
static int fill(struct place *place, const char *author)
{
    int count = 0;
    while (count <= ARCHIVE_KEPT_MAX && keep_of(place, author, "x") == ARCHIVE_OK)
        count++;
    CU_ASSERT_EQUAL(keep_of(place, author, "x"), ARCHIVE_FULL);
    return count;
}

static bool count_visit(void *context, const struct archive_message *message)
{
    size_t *count = context;
    *count += message->time == 9;
    return true;
}

static void kept_messages(void)
{
    struct place place;
    size_t count = 0;
    place_begin(&place);
    const struct archive_people *people = place.archive->people;
    CU_ASSERT_EQUAL(keep(&place, "one"), ARCHIVE_NONE);
    enroll(&place, "Alice", "open sesame");
    CU_ASSERT_EQUAL(keep(&place, "one"), ARCHIVE_OK);
    CU_ASSERT_EQUAL(keep(&place, "two"), ARCHIVE_OK);
    CU_ASSERT_EQUAL(people->take_messages(place.archive, as_words("Alice"), note_message, NULL),
                    ARCHIVE_OK);
    CHECK_NOTES("0:Bob one|0:Bob two|");
    CU_ASSERT_EQUAL(people->take_messages(place.archive, as_words("Alice"), note_message, NULL),
                    ARCHIVE_OK);
    CHECK_NOTES("");
    /* Whom she ignores takes no place. */
    people->ignore(place.archive, as_words("Alice"), as_words("Mallory"));
    for (int i = 0; i < ARCHIVE_KEPT_MAX; i++)
        CU_ASSERT_EQUAL(keep_of(&place, "MALLORY", "x"), ARCHIVE_OK);
    /* One author fills no more than its share, and all whose names cost nothing no more than half.
     */
    CU_ASSERT_EQUAL(fill(&place, "Bob"), 20);
    CU_ASSERT_EQUAL(fill(&place, "Bob2"), 20);
    CU_ASSERT_EQUAL(fill(&place, "Bob3"), 10);
    enroll(&place, "Cleo", "open sesame");
    enroll(&place, "Dora", "open sesame");
    enroll(&place, "Eve", "open sesame");
    CU_ASSERT_EQUAL(fill(&place, "Cleo"), 20);
    CU_ASSERT_EQUAL(fill(&place, "Dora"), 20);
    CU_ASSERT_EQUAL(fill(&place, "Eve"), 10);
    people->take_messages(place.archive, as_words("Alice"), count_visit, &count);
    CU_ASSERT_EQUAL(count, ARCHIVE_KEPT_MAX);
    /* Nor more than is shown. */
    static char much[ARCHIVE_KEPT_BYTES_MAX / 2 + 1];
    memset(much, 'x', sizeof much - 1);
    CU_ASSERT_EQUAL(keep(&place, much), ARCHIVE_OK);
    CU_ASSERT_EQUAL(keep(&place, much), ARCHIVE_OK);
    CU_ASSERT_EQUAL(keep(&place, "x"), ARCHIVE_FULL);
    place_end(&place);
}

static void unregistered(void)
{
    struct place place;
    place_begin(&place);
    const struct archive_people *people = place.archive->people;
    enroll(&place, "Alice", "open sesame");
    enroll(&place, "Bob", "open sesame");
    keep(&place, "one");
    people->ignore(place.archive, as_words("Alice"), as_words("Mallory"));
    CU_ASSERT_EQUAL(people->unregister(place.archive, as_words("Alice"), as_words("wrong")),
                    ARCHIVE_WRONG);
    CU_ASSERT_EQUAL(people->unregister(place.archive, as_words("Alice"), as_words("open sesame")),
                    ARCHIVE_OK);
    CU_ASSERT_EQUAL(find(&place, "Alice"), ARCHIVE_NONE);
    CU_ASSERT_EQUAL(check(&place, "Bob", "open sesame"), ARCHIVE_OK);
    CU_ASSERT_EQUAL(place_number(&place, "SELECT (SELECT count(*) FROM account) * 100 +"
                                         " (SELECT count(*) FROM kept) +"
                                         " (SELECT count(*) FROM ignored)"),
                    100);
    CU_ASSERT_EQUAL(enroll(&place, "Alice", "other word"), ARCHIVE_OK);
    place_end(&place);
}

static void hashes(void)
{
    char first[HASHING_SIZE], second[HASHING_SIZE];
    static char lengthy[HASHING_PASSWORD_MAX + 2];
    CU_ASSERT_PTR_NOT_NULL_FATAL(hashing_scheme());
    CU_ASSERT_TRUE(hashing_make(as_words("open sesame"), first));
    CU_ASSERT_TRUE(hashing_make(as_words("open sesame"), second));
    CU_ASSERT_STRING_NOT_EQUAL(first, second);
    CU_ASSERT_EQUAL(first[0], '$');
    CU_ASSERT_PTR_NULL(strstr(first, "sesame"));
    CU_ASSERT_TRUE(hashing_matches(as_words("open sesame"), first));
    CU_ASSERT_TRUE(hashing_matches(as_words("open sesame"), second));
    CU_ASSERT_FALSE(hashing_matches(as_words("Open sesame"), first));
    CU_ASSERT_FALSE(hashing_matches(as_words(""), first));
    CU_ASSERT_FALSE(hashing_matches(as_words("open sesame"), ""));
    CU_ASSERT_FALSE(hashing_matches(as_words("open sesame"), "open sesame"));
    CU_ASSERT_FALSE(hashing_matches(as_words("x"), "*0"));
    memset(lengthy, 'x', sizeof lengthy - 1);
    CU_ASSERT_FALSE(hashing_make(as_words(lengthy), first));
    lengthy[HASHING_PASSWORD_MAX] = '\0';
    CU_ASSERT_TRUE(hashing_make(as_words(lengthy), first));
    lengthy[HASHING_PASSWORD_MAX - 1] = 'y';
    EXPECT(strncmp(first, "$2", 2) == 0 || !hashing_matches(as_words(lengthy), first),
           "the last byte does not count");
}

enum { GUESSERS = 16 };

struct guesser {
    struct place *place;
    pthread_t thread;
    pthread_mutex_t *lock;
    int *finished;
};

static void *guess(void *argument)
{
    struct guesser *guesser = argument;
    enum archive_result result = check(guesser->place, "Alice", "wrong");
    pthread_mutex_lock(guesser->lock);
    *guesser->finished += result == ARCHIVE_WRONG;
    pthread_mutex_unlock(guesser->lock);
    return NULL;
}

/* Whether a message is stored, and history is read, before all who log in had their turn. */
static bool is_stored_beside_logins(void)
{
    struct place place;
    struct guesser guessers[GUESSERS];
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    int finished = 0, before;
    place_begin(&place);
    enroll(&place, "Alice", "open sesame");
    open_room(&place, "lobby");
    for (int i = 0; i < GUESSERS; i++) {
        guessers[i] = (struct guesser){.place = &place, .lock = &lock, .finished = &finished};
        CU_ASSERT_EQUAL_FATAL(pthread_create(&guessers[i].thread, NULL, guess, &guessers[i]), 0);
    }
    say_all(place.archive, "lobby", 1, 1);
    CU_ASSERT_EQUAL(place.archive->talk->sync(place.archive), ARCHIVE_OK);
    show_before(&place, "lobby", 0, 1);
    pthread_mutex_lock(&lock);
    before = finished;
    pthread_mutex_unlock(&lock);
    CHECK_NOTES("1:Al 1|");
    for (int i = 0; i < GUESSERS; i++)
        pthread_join(guessers[i].thread, NULL);
    CU_ASSERT_EQUAL(finished, GUESSERS);
    place_end(&place);
    return before < GUESSERS;
}

static void many_logins(void)
{
    EXPECT(suite_comes_true(is_stored_beside_logins), "all %d had finished", GUESSERS);
}

/*
 * Sanctions
 */

static void sanctions(void)
{
    struct place place;
    place_begin(&place);
    const struct archive_sanctions *operations = place.archive->sanctions;
    struct archive_sanction ban = {.kind = ARCHIVE_BAN,
                                   .target = as_words("Mallory"),
                                   .until = 0,
                                   .time = 1,
                                   .by = as_words("Olga"),
                                   .reason = as_words("noise")};
    CU_ASSERT_TRUE(operations->add(place.archive, &ban));
    ban.kind = ARCHIVE_MUTE;
    ban.until = 100;
    CU_ASSERT_TRUE(operations->add(place.archive, &ban));
    ban.kind = ARCHIVE_BAN;
    ban.is_address = true;
    ban.target = as_words("2001:db8::/32");
    CU_ASSERT_TRUE(operations->add(place.archive, &ban));
    ban.until = 200;
    ban.reason = as_words("");
    CU_ASSERT_TRUE(operations->add(place.archive, &ban));
    place_reopen(&place);
    CU_ASSERT_EQUAL(operations->list(place.archive, 99, note_sanction, NULL), ARCHIVE_OK);
    CHECK_NOTES(
        "ban Mallory until 0 at 1 by Olga: noise|mute Mallory until 100 at 1 by Olga: noise|"
        "ban address 2001:db8::/32 until 200 at 1 by Olga: |");
    CU_ASSERT_TRUE(operations->remove(place.archive, ARCHIVE_BAN, as_words("mallory")));
    CU_ASSERT_EQUAL(operations->list(place.archive, 100, note_sanction, NULL), ARCHIVE_OK);
    CHECK_NOTES("ban address 2001:db8::/32 until 200 at 1 by Olga: |");
    CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM sanction"), 1);
    static char lengthy[ARCHIVE_REASON_BYTES_MAX + 2];
    memset(lengthy, 'x', sizeof lengthy - 1);
    ban.reason = as_words(lengthy);
    CU_ASSERT_FALSE(operations->add(place.archive, &ban));
    place_end(&place);
}

/*
 * Files
 */

static void fresh_file(void)
{
    struct place place;
    struct stat status;
    place_begin(&place);
    place_close(&place);
    CU_ASSERT_EQUAL(stat(place.path, &status), 0);
    CU_ASSERT_EQUAL(status.st_mode & 0777, 0600);
    CU_ASSERT_EQUAL(place_number(&place, "PRAGMA application_id"), SCHEMA_APPLICATION_ID);
    CU_ASSERT_EQUAL(place_number(&place, "PRAGMA user_version"), SCHEMA_VERSION);
    CU_ASSERT_TRUE(place_is_whole(&place));
    CU_ASSERT_TRUE_FATAL(place_open(&place));
    place_end(&place);
}

/* Whether the file is refused, and in these words. */
static void expect_refusal(struct place *place, const char *words, unsigned line)
{
    bool opened = place_open(place);
    suite_expect(!opened && strstr(place->fault, words) != NULL &&
                     strstr(place->fault, place->path) != NULL,
                 __FILE__, line, "'%s' instead of '%s'", opened ? "opened" : place->fault, words);
    if (opened)
        place_close(place);
}

#define EXPECT_REFUSAL(place, words) expect_refusal(place, words, __LINE__)

static void write_file(struct place *place, const char *text)
{
    FILE *file = fopen(place->path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    for (int i = 0; i < 200; i++)
        fputs(text, file);
    fclose(file);
}

static void files_of_others(void)
{
    struct place place;
    place_make(&place);
    write_file(&place, "Dear diary, today I wrote this.\n");
    EXPECT_REFUSAL(&place, "it is no SQLite database");
    unlink(place.path);
    place_run(&place, "CREATE TABLE stamps (id)");
    EXPECT_REFUSAL(&place, "it is another program's");
    unlink(place.path);
    place_run(&place, "PRAGMA application_id = 77");
    EXPECT_REFUSAL(&place, "it is another program's");
    CU_ASSERT_EQUAL(place_number(&place, "PRAGMA application_id"), 77);
    place_remove(&place);
}

static void newer_schema(void)
{
    struct place place;
    place_begin(&place);
    place_close(&place);
    place_run(&place, "PRAGMA user_version = 99");
    EXPECT_REFUSAL(&place, "its schema has version 99");
    CU_ASSERT_EQUAL(place_number(&place, "PRAGMA user_version"), 99);
    place_remove(&place);
}

static void older_schema(void)
{
    struct place place;
    struct database database;
    for (int version = 0; version < SCHEMA_VERSION; version++) {
        place_make(&place);
        place_run(&place, "");
        int fd = open(place.path, O_CREAT | O_RDWR, 0600);
        close(fd);
        CU_ASSERT_TRUE_FATAL(database_open(&database, place.path));
        CU_ASSERT_TRUE(schema_upgrade(&database, version));
        if (version > 0)
            CU_ASSERT_TRUE(database_run(
                &database, "INSERT INTO room (id, name, folded, last, reserved) VALUES (1, "
                           "'lobby', 'lobby', 1, 1);"
                           "INSERT INTO message VALUES (1, 1, 1, 1, 0, 'Al', 'from long ago')"));
        database_close(&database);
        CU_ASSERT_TRUE_FATAL(place_open(&place));
        CU_ASSERT_EQUAL(place_number(&place, "PRAGMA user_version"), SCHEMA_VERSION);
        CU_ASSERT_EQUAL(show_before(&place, "lobby", 0, 1),
                        version > 0 ? ARCHIVE_OK : ARCHIVE_NONE);
        CHECK_NOTES(version > 0 ? "1:Al from long ago|" : "");
        CU_ASSERT_EQUAL(enroll(&place, "Alice", "open sesame"), ARCHIVE_OK);
        place_end(&place);
    }
}

static void damaged_file(void)
{
    struct place place;
    place_begin(&place);
    place_close(&place);
    FILE *file = fopen(place.path, "r+");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fseek(file, 100, SEEK_SET); /* behind the header */
    for (int i = 0; i < 3000; i++)
        fputc(0xA5, file);
    fclose(file);
    EXPECT_REFUSAL(&place, "it is damaged");
    place_remove(&place);
}

static void wrong_paths(void)
{
    struct place place;
    char path[sizeof place.path];
    place_make(&place);
    strcpy(path, place.path);
    snprintf(place.path, sizeof place.path, "%s/no/data", place.folder);
    EXPECT_REFUSAL(&place, "its directory does not exist");
    strcpy(place.path, place.folder);
    EXPECT_REFUSAL(&place, "it is a directory");
    strcpy(place.path, "/dev/null");
    EXPECT_REFUSAL(&place, "it is no regular file");
    strcpy(place.path, path);
    place_remove(&place);
}

/* Runs a refusal in a child, which nobody's rights help. Returns its status. */
static int try_as_nobody(struct place *place, const char *words)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        if (getuid() == 0 && setuid(65534) != 0)
            _exit(3);
        bool opened = place_open(place);
        _exit(opened ? 1 : strstr(place->fault, words) == NULL ? 2 : 0);
    }
    waitpid(child, &status, 0);
    return status;
}

static void files_that_cannot_be_written(void)
{
    struct place place;
    place_begin(&place);
    place_close(&place);
    chmod(place.folder, 0777);
    chmod(place.path, 0444);
    CU_ASSERT_EQUAL(try_as_nobody(&place, "cannot be written"), 0);
    chmod(place.path, 0666);
    chmod(place.folder, 0555);
    char lock[sizeof place.path + 8];
    snprintf(lock, sizeof lock, "%s-lock", place.path);
    unlink(lock);
    CU_ASSERT_EQUAL(try_as_nobody(&place, "cannot be written"), 0);
    chmod(place.folder, 0700);
    place_remove(&place);
}

/* A second server does not get the file, and the first one keeps it. */
static void locked_file(void)
{
    struct place place;
    int opened[2], end[2];
    char byte = 0;
    place_make(&place);
    CU_ASSERT_EQUAL_FATAL(pipe(opened), 0);
    CU_ASSERT_EQUAL_FATAL(pipe(end), 0);
    pid_t child = fork();
    if (child == 0) {
        close(end[1]);
        if (!place_open(&place) || write(opened[1], "x", 1) != 1)
            _exit(1);
        _exit(read(end[0], &byte, 1) == 0 ? 0 : 1);
    }
    close(end[0]);
    CU_ASSERT_EQUAL(read(opened[0], &byte, 1), 1);
    char words[80];
    snprintf(words, sizeof words, "another partyline, process %ld, uses it", (long)child);
    EXPECT_REFUSAL(&place, words);
    close(end[1]);
    waitpid(child, NULL, 0);
    CU_ASSERT_TRUE(place_open(&place));
    close(opened[0]);
    close(opened[1]);
    place_end(&place);
}

static void features(void)
{
    char text[STORE_FEATURES_SIZE];
    char wanted[STORE_FEATURES_SIZE];
    snprintf(wanted, sizeof wanted, "with SQLite %s, %s", sqlite3_libversion(), hashing_scheme());
    CU_ASSERT_TRUE(store_is_available());
    CU_ASSERT_STRING_EQUAL(store_features(text), wanted);
}

/* After the end nothing is taken, and nobody waits. */
static void stopped(void)
{
    struct place place;
    place_begin(&place);
    open_room(&place, "lobby");
    say_all(place.archive, "lobby", 1, 1);
    store_stop(place.store);
    CU_ASSERT_FALSE(say_at(place.archive, "lobby", 2, 1, "Al", "late"));
    CU_ASSERT_EQUAL(place.archive->talk->sync(place.archive), ARCHIVE_OK); /* of what was taken */
    CU_ASSERT_EQUAL(show_before(&place, "lobby", 0, 1), ARCHIVE_FAILED);
    CU_ASSERT_EQUAL(enroll(&place, "Alice", "open sesame"), ARCHIVE_FAILED);
    store_free(place.store);
    CU_ASSERT_EQUAL(place_number(&place, "SELECT count(*) FROM message"), 1);
    place_remove(&place);
}

/* Returns whether a store that is stopped refuses who waits for a hash, as long as somebody does.
 */
static bool who_waits_is_refused(void)
{
    struct place place;
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct guesser guessers[GUESSERS];
    int finished = 0;
    bool first = false;
    place_begin(&place);
    CU_ASSERT_EQUAL(enroll(&place, "Alice", "open sesame"), ARCHIVE_OK);
    for (int i = 0; i < GUESSERS; i++) {
        guessers[i] = (struct guesser){.place = &place, .lock = &lock, .finished = &finished};
        CU_ASSERT_EQUAL_FATAL(pthread_create(&guessers[i].thread, NULL, guess, &guessers[i]), 0);
    }
    while (!first) {
        pthread_mutex_lock(&lock);
        first = finished > 0;
        pthread_mutex_unlock(&lock);
    }
    store_stop(place.store);
    for (int i = 0; i < GUESSERS; i++)
        pthread_join(guessers[i].thread, NULL);
    store_free(place.store);
    place_remove(&place);
    return finished < GUESSERS;
}

/* Who waits for a hash when the store is stopped is refused, instead of being waited for. */
static void stopped_in_a_crowd(void)
{
    EXPECT(suite_comes_true(who_waits_is_refused), "all %d were waited for", GUESSERS);
}

static const struct test tests[] = {
    {"what was said is there again, also after a restart", what_was_said},
    {"history comes in pages, in the order of a room", pages},
    {"no more is visited than is wanted, a gap counting as one", no_more_is_visited_than_wanted},
    {"what could not be stored is a gap in its place", gaps},
    {"what was synced is in the file", synced},
    {"how long messages are kept can change", retained_for_less},
    {"what nobody waits for is stored as well", stored_unasked},
    {"search finds all the words in the given rooms, and nothing else", searches},
    {"search finds what came last, and not what is gone", late_index},
    {"search takes many rooms", many_rooms},
    {"messages are counted, and those that name somebody", counts},
    {"old messages go, and the others stay", retention},
    {"a room of a cluster has what was said in its own life, once", rooms_of_a_cluster},
    {"and no more than the machines have", what_a_life_has_no_more},
    {"a cluster gives the numbers of its rooms", numbers_of_a_cluster},
    {"a file with accounts of one machine is not used in a cluster", file_of_one_machine},
    {"a room that is gone leaves its name, and no words, to another one", gone_rooms},
    {"a room that was guarded is gone with the server, and no other one", guarded_rooms},
    {"what is left of gone rooms is retired", gone_rooms_are_retired},
    {"a full disk makes a gap, and is told once; all goes on when it has room", full_disk},
    {"nothing is overtaken that waits for the disk", nothing_is_overtaken},
    {"numbers that were given without a disk are given once", numbers_without_a_disk},
    {"nor are those that no file knows of when the server ends", numbers_that_no_file_knows},
    {"a room leaves its block of numbers before it is used up", blocks_are_left},
    {"a server that ends in order leaves the spare block to the next one", blocks_are_given_back},
    {"a room in which nothing was said leaves nothing", unused_rooms},
    {"a process that is killed leaves a whole file with all that was synced", killed},
    {"after a crash no number is given twice", skipped_numbers},
    {"nor is anything gone that was not stored", crash_before_the_first_commit},
    {"several crashes in a row are one gap", several_crashes_are_one_gap},
    {"a crash while they are skipped does no harm", crash_while_skipping},
    {"numbers are reserved before they are given", reserved_numbers},
    {"rooms are kept with their settings and invited names", kept_rooms},
    {"a name belongs to who has the password, and look-alikes to nobody", accounts},
    {"ignored names are kept", ignored_names},
    {"private messages are kept, a hundred at most", kept_messages},
    {"nothing is left of an account that is given up", unregistered},
    {"passwords are hashed with salts, and compared", hashes},
    {"many logins at once delay no message", many_logins},
    {"bans and mutes are kept until they end", sanctions},
    {"a new file has the newest schema, and is its owner's alone", fresh_file},
    {"another program's file is refused and left alone", files_of_others},
    {"a file with a newer schema is refused and left alone", newer_schema},
    {"a file with an older schema is brought to the newest one", older_schema},
    {"a damaged file is refused", damaged_file},
    {"a path that leads to no file is refused", wrong_paths},
    {"a file that cannot be written is refused", files_that_cannot_be_written},
    {"two servers cannot have one file", locked_file},
    {"the build tells what it has", features},
    {"a store that has been stopped takes nothing, and lets nobody wait", stopped},
    {"a store that is stopped does not wait for all who log in", stopped_in_a_crowd},
};

void add_store_suite(void)
{
    SUITE_ADD("store", tests);
}
