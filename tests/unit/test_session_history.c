/* What a user is sent of what was said before, from an archive and from memory. */
#include "suites.h"
#include "company.h"
#include "room_shelf.h"

#include "chat/absence.h"
#include "chat/ignoring.h"
#include "chat/session_entry.h"
#include "chat/session_history.h"
#include "chat/session_publishing.h"
#include "net/throttle.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>

#define LONG (60 * CLOCK_SECOND)

enum { TEXT_MAX = 400 * 1024 };

/*
 * An archive in which Al has said the numbers 1 to `last` in every room, each filled up with blanks
 * to a text of `length` bytes; or with `every`, Al has said every so many, and Cy all others.
 */
struct tape {
    struct room_shelf shelf; /* first: the operations are given a pointer to it */
    uint64_t every;
    uint64_t first; /* the oldest that is kept */
    uint64_t last;
    uint64_t gap, gap_end; /* these are missing, but for the end */
    bool refuses;          /* it takes no room now */
    size_t length;
    uint64_t retired; /* once it was read: the number before the first that is kept then */
    char text[TEXT_MAX];
};

static struct tape *tape_of(struct archive *archive)
{
    return (struct tape *)(void *)archive;
}

static enum archive_result open_room(struct archive *archive, struct words room, uint64_t given,
                                     uint64_t *last)
{
    (void)room;
    (void)given;
    *last = tape_of(archive)->last;
    return tape_of(archive)->refuses ? ARCHIVE_FAILED : ARCHIVE_OK;
}

static bool note(struct archive *archive, struct words room)
{
    (void)archive;
    return room.length > 0;
}

static bool is_up(struct archive *archive)
{
    return !tape_of(archive)->refuses;
}

static bool append(struct archive *archive, const struct archive_message *message)
{
    (void)archive;
    return message->seq > 0;
}

static bool visit_said(struct tape *tape, struct words room, uint64_t seq,
                       archive_visit_message *visit, void *context)
{
    int digits = snprintf(tape->text, sizeof tape->text, "%" PRIu64, seq);
    bool is_of_cy = tape->every != 0 && seq % tape->every != 0;
    memset(tape->text + digits, ' ', tape->length - (size_t)digits);
    const struct archive_message message = {.kind = ARCHIVE_SAY,
                                            .id = seq,
                                            .seq = seq,
                                            .last = seq,
                                            .time = (int64_t)seq,
                                            .room = room,
                                            .author = words_of(is_of_cy ? "Cy" : "Al"),
                                            .text = {tape->text, tape->length}};
    return visit(context, &message);
}

/* Visits what is missing in front of a number, which is another one then, if there is such a gap.
 */
static bool visit_gap(struct tape *tape, struct words room, uint64_t *seq,
                      archive_visit_message *visit, void *context)
{
    if (*seq < tape->gap || *seq >= tape->gap_end)
        return true;
    const struct archive_message gap = {
        .kind = ARCHIVE_GAP, .seq = *seq, .last = tape->gap_end - 1, .room = room};
    *seq = tape->gap_end;
    return visit(context, &gap);
}

/* Visits messages from a number on. */
static void visit_from(struct tape *tape, struct words room, uint64_t seq, size_t limit,
                       archive_visit_message *visit, void *context)
{
    bool more = true;
    for (size_t i = 0; more && i < limit && seq <= tape->last; i++) {
        more = visit_gap(tape, room, &seq, visit, context);
        if (more && seq <= tape->last)
            more = visit_said(tape, room, seq++, visit, context);
    }
}

/* After the start nothing that was said is in memory: so all is read from here. */
static enum archive_result before(struct archive *archive, struct words room, uint64_t seq,
                                  size_t limit, archive_visit_message *visit, void *context,
                                  struct archive_bounds *bounds)
{
    struct tape *tape = tape_of(archive);
    (void)bounds;
    if (seq == 0)
        return ARCHIVE_OK;
    CU_ASSERT_EQUAL(seq, tape->last + 1);
    uint64_t begin = limit <= tape->last ? tape->last + 1 - limit : 1;
    if (begin < tape->gap_end)
        begin -= tape->gap_end - tape->gap;
    visit_from(tape, room, begin, limit, visit, context);
    return ARCHIVE_OK;
}

static enum archive_result after(struct archive *archive, struct words room, uint64_t seq,
                                 size_t limit, archive_visit_message *visit, void *context,
                                 struct archive_bounds *bounds)
{
    struct tape *tape = tape_of(archive);
    if (bounds != NULL)
        *bounds = (struct archive_bounds){tape->first, tape->last};
    visit_from(tape, room, seq + 1 < tape->first ? tape->first : seq + 1, limit, visit, context);
    if (tape->retired != 0)
        tape->first = tape->retired + 1;
    return ARCHIVE_OK;
}

/* The time of a message is its number. */
static enum archive_result since(struct archive *archive, struct words room, int64_t time,
                                 size_t limit, archive_visit_message *visit, void *context,
                                 struct archive_bounds *bounds)
{
    (void)bounds;
    visit_from(tape_of(archive), room, (uint64_t)time, limit, visit, context);
    return ARCHIVE_OK;
}

static const struct archive_talk talk = {.open = open_room,
                                         .end = note,
                                         .append = append,
                                         .reserve = room_shelf_reserve,
                                         .miss = room_shelf_miss,
                                         .is_up = is_up,
                                         .before = before,
                                         .after = after,
                                         .since = since};

/* A chat over such an archive, with A and B in it, whose sockets are full soon. */
struct hall {
    struct company company;
    struct chat chat;
    struct session sessions[COMPANY];
    struct tape tape;
    struct buffer got;   /* what A has read */
    size_t most_pending; /* at one time, for A */
    bool others_pending; /* something that is no answer */
    unsigned pauses;
};

static void hall_open(struct hall *hall, uint64_t last, size_t length)
{
    char rival[NAME_SIZE];
    room_shelf_begin(&hall->tape.shelf);
    hall->tape.shelf.archive.talk = &talk;
    hall->tape.first = 1;
    hall->tape.last = last;
    hall->tape.length = length;
    company_open(&hall->company, PEER_SMALL_BYTES);
    const struct chat_config config = {.limits.drain_timeout = LONG,
                                       .limits.sendq = COMPANY_SENDQ,
                                       .limits.max_rooms = 4,
                                       .limits.rooms_per_client = 3,
                                       .limits.history = 1000,
                                       .archive = &hall->tape.shelf.archive,
                                       .event_log = hall->company.event_log};
    company_need(chat_open(&hall->chat, &config) == 0, "a chat");
    for (int i = 0; i < COMPANY; i++)
        company_need(session_open(&hall->sessions[i], &hall->chat,
                                  company_outbox(&hall->company, i), &company_view) == 0,
                     "a session");
    CU_ASSERT_EQUAL(session_enter(&hall->sessions[0], "A", rival), 0);
    CU_ASSERT_EQUAL(session_enter(&hall->sessions[1], "B", rival), 0);
    CU_ASSERT_TRUE(company_gets(&hall->company, 0, "*** B has joined the chat ***\n"));
}

static struct hall *hall_make(uint64_t last, size_t length)
{
    struct hall *hall = calloc(1, sizeof *hall);
    company_need(hall != NULL, "a hall");
    hall_open(hall, last, length);
    return hall;
}

static void hall_close(struct hall *hall)
{
    for (int i = 0; i < COMPANY; i++) {
        if (hall->sessions[i].current != NULL)
            session_leave(&hall->sessions[i], "shutdown", true);
        session_close(&hall->sessions[i]);
    }
    chat_close(&hall->chat);
    free(company_close(&hall->company));
    room_shelf_end(&hall->tape.shelf);
    buffer_free(&hall->got);
    free(hall);
}

/* A reads all that it is sent. */
static void catch_up(struct hall *hall)
{
    char bytes[4096];
    ssize_t length;
    do {
        while ((length = recv(hall->company.peers[0].fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
            company_need(buffer_append(&hall->got, bytes, (size_t)length), "memory");
    } while (outbox_try(company_outbox(&hall->company, 0)) > 0 ||
             !company_has_nothing(&hall->company, 0));
}

/* Looks at what is pending for A, which then reads it. */
static bool look_and_read(void *context)
{
    struct hall *hall = context;
    struct outbox *outbox = company_outbox(&hall->company, 0);
    size_t answers = outbox_try_answers(outbox);
    size_t pending = outbox_status(outbox).pending;
    if (pending > hall->most_pending)
        hall->most_pending = pending;
    hall->others_pending = hall->others_pending || answers < pending;
    hall->pauses++;
    catch_up(hall);
    return session_is_connected(&hall->sessions[0]);
}

/* Numbers that follow each other, among what was read. */
struct run {
    char *out;
    uint64_t first, last; /* 0: there is none */
};

static void run_end(struct run *run)
{
    if (run->first != 0)
        run->out += sprintf(run->out, "%" PRIu64 "-%" PRIu64 " ", run->first, run->last);
    run->first = run->last = 0;
}

static void run_read(struct run *run, const char *line)
{
    uint64_t number = 0;
    int end = 0;
    if (*line == '[')
        line += strlen("[00:00] ");
    if (sscanf(line, "*** %" SCNu64 " line%n", &number, &end) == 1 && end > 0) {
        run_end(run);
        run->out += sprintf(run->out, "gap%" PRIu64 " ", number);
    } else if (sscanf(line, "Al: %" SCNu64, &number) == 1) {
        if (number != run->last + 1)
            run_end(run);
        if (run->first == 0)
            run->first = number;
        run->last = number;
    }
}

/*
 * Returns what A has read since the last call: "1-9 gap2 12-13 " are Al's numbers 1 to 9, then two
 * lines that are missing, then two numbers more.
 */
static const char *numbers(struct hall *hall)
{
    static char all[4096];
    struct run run = {.out = all};
    all[0] = '\0';
    company_need(buffer_append(&hall->got, "", 1), "memory");
    for (const char *line = buffer_bytes(&hall->got);
         *line != '\0' && run.out < all + sizeof all - 100; line = strchr(line, '\n') + 1)
        run_read(&run, line);
    run_end(&run);
    buffer_free(&hall->got);
    return all;
}

static enum session_resumed resume(struct hall *hall, uint64_t seq, uint64_t *first)
{
    struct session *session = &hall->sessions[0];
    enum session_resumed resumed =
        session_resume(session, session->current, seq, first, look_and_read, hall);
    catch_up(hall);
    return resumed;
}

static void resuming_waits_for_the_reader(void)
{
    uint64_t first;
    struct hall *hall = hall_make(1000, 900);
    unsigned answered = outbox_answered(company_outbox(&hall->company, 0));
    CU_ASSERT_EQUAL(resume(hall, 0, &first), SESSION_RESUMED);
    CU_ASSERT_STRING_EQUAL(numbers(hall), "1-1000 ");
    CU_ASSERT_TRUE(hall->most_pending > 0 && hall->most_pending < OUTBOX_WATERMARK_BYTES);
    CU_ASSERT_FALSE(hall->others_pending);
    CU_ASSERT_TRUE(outbox_answered(company_outbox(&hall->company, 0)) - answered > 1000 * 900);
    hall_close(hall);
}

static void resuming_from_memory_is_paid_for(void)
{
    uint64_t first;
    struct hall *hall = hall_make(7, 10);
    CU_ASSERT_TRUE(session_say(&hall->sessions[1], MESSAGE_SAY, "hi", 2));
    session_publish(&hall->sessions[1]);
    unsigned answered = outbox_answered(company_outbox(&hall->company, 0));
    CU_ASSERT_EQUAL(resume(hall, 7, &first), SESSION_RESUMED);
    CU_ASSERT_EQUAL(hall->pauses, 0);
    CU_ASSERT_EQUAL(outbox_answered(company_outbox(&hall->company, 0)) - answered,
                    strlen("B: hi\n"));
    hall_close(hall);
}

static void a_gap_is_a_part_of_a_page(void)
{
    uint64_t first;
    for (uint64_t gap = 254; gap <= 258; gap++) {
        char wanted[64];
        struct hall *hall = hall_make(600, 10);
        hall->tape.gap = gap;
        hall->tape.gap_end = gap + 10;
        CU_ASSERT_EQUAL(resume(hall, 0, &first), SESSION_RESUMED);
        snprintf(wanted, sizeof wanted, "1-%" PRIu64 " gap10 %" PRIu64 "-600 ", gap - 1, gap + 10);
        CU_ASSERT_STRING_EQUAL(numbers(hall), wanted);
        hall_close(hall);
    }
}

/* More than a page may have; and each more than that. */
static void long_lines_are_resumed(void)
{
    uint64_t first;
    struct hall *hall = hall_make(100, 60000);
    CU_ASSERT_EQUAL(resume(hall, 0, &first), SESSION_RESUMED);
    CU_ASSERT_STRING_EQUAL(numbers(hall), "1-100 ");
    CU_ASSERT_TRUE(hall->most_pending < OUTBOX_WATERMARK_BYTES + 60000);
    hall_close(hall);
    hall = hall_make(5, 300000);
    CU_ASSERT_EQUAL(resume(hall, 1, &first), SESSION_RESUMED);
    CU_ASSERT_STRING_EQUAL(numbers(hall), "2-5 ");
    hall_close(hall);
}

static void what_is_retired_meanwhile_is_a_gap(void)
{
    uint64_t first;
    struct hall *hall = hall_make(600, 10);
    hall->tape.retired = 300;
    CU_ASSERT_EQUAL(resume(hall, 0, &first), SESSION_RESUMED);
    CU_ASSERT_STRING_EQUAL(numbers(hall), "1-256 gap44 301-600 ");
    CU_ASSERT_EQUAL(resume(hall, 0, &first), SESSION_GONE);
    CU_ASSERT_EQUAL(first, 301);
    CU_ASSERT_STRING_EQUAL(numbers(hall), "");
    hall_close(hall);
}

/* What the archive could not store, and memory has. */
static void a_gap_ends_where_memory_begins(void)
{
    uint64_t first;
    struct hall *hall = hall_make(3, 10);
    CU_ASSERT_TRUE(session_say(&hall->sessions[1], MESSAGE_SAY, "4", 1));
    session_publish(&hall->sessions[1]);
    hall->tape.last = 4;
    hall->tape.gap = 3;
    hall->tape.gap_end = 5;
    CU_ASSERT_TRUE(company_gets(&hall->company, 0, "B: 4\n"));
    CU_ASSERT_EQUAL(resume(hall, 0, &first), SESSION_RESUMED);
    company_need(buffer_append(&hall->got, "", 1), "memory");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(buffer_bytes(&hall->got), "*** 1 line is missing here ***\nB: 4\n"));
    hall_close(hall);
}

/* As while the disk is full: the archive has no more than it had, and memory has the last two. */
static void what_nobody_has_is_a_gap(void)
{
    uint64_t first;
    struct hall *hall = hall_make(5, 10);
    const struct chat_limits two = {
        .drain_timeout = LONG, .sendq = COMPANY_SENDQ, .max_rooms = 4, .history = 2};
    chat_limit(&hall->chat, &two);
    for (char text[] = "6"; *text <= '9'; ++*text) {
        CU_ASSERT_TRUE(session_say(&hall->sessions[1], MESSAGE_SAY, text, 1));
        session_publish(&hall->sessions[1]);
    }
    CU_ASSERT_TRUE(company_gets(&hall->company, 0, "B: 6\nB: 7\nB: 8\nB: 9\n"));
    CU_ASSERT_EQUAL(resume(hall, 3, &first), SESSION_RESUMED);
    company_need(buffer_append(&hall->got, "", 1), "memory");
    CU_ASSERT_STRING_EQUAL(buffer_bytes(&hall->got), "Al: 4         \nAl: 5         \n"
                                                     "*** 2 lines are missing here ***\n"
                                                     "B: 8\nB: 9\n");
    hall_close(hall);
}

/* Returns how many of so many lines are shown; -1 if the archive cannot be read. */
static int shown_of(struct hall *hall, size_t count, int64_t time)
{
    size_t shown;
    bool whole = session_show_history(&hall->sessions[0], count, time, &shown, look_and_read, hall);
    return whole ? (int)shown : -1;
}

static void history_begins_with_the_time(void)
{
    struct hall *hall = hall_make(600, 10);
    hall->tape.gap = 3;
    hall->tape.gap_end = 5;
    CU_ASSERT_EQUAL(shown_of(hall, 20, 1), 20);
    catch_up(hall);
    CU_ASSERT_STRING_EQUAL(numbers(hall), "1-2 gap2 5-21 ");
    hall_close(hall);
}

/* B says something: the rest is older than what is in memory. */
static void say_last(struct hall *hall)
{
    CU_ASSERT_TRUE(session_say(&hall->sessions[1], MESSAGE_SAY, "last", 4));
    session_publish(&hall->sessions[1]);
    CU_ASSERT_TRUE(company_gets(&hall->company, 0, "B: last\n"));
}

static void history_ends_with_the_newest(void)
{
    struct hall *hall = hall_make(600, 10);
    hall->tape.gap = 590;
    hall->tape.gap_end = 595;
    say_last(hall);
    CU_ASSERT_EQUAL(shown_of(hall, 20, 0), 20);
    catch_up(hall);
    company_need(buffer_append(&hall->got, "", 1), "memory");
    CU_ASSERT_PTR_NOT_NULL(strstr(buffer_bytes(&hall->got), "B: last\n"));
    buffer_truncate(&hall->got, buffer_length(&hall->got) - 1);
    CU_ASSERT_STRING_EQUAL(numbers(hall), "578-589 gap5 595-600 ");
    hall_close(hall);
}

/* A ignores Cy, who says all but every so many lines. */
static struct hall *hall_make_with_cy(uint64_t last, uint64_t every)
{
    char name[NAME_SIZE] = "Cy";
    struct hall *hall = hall_make(last, 10);
    hall->tape.every = every;
    CU_ASSERT_EQUAL(ignoring_begin(&hall->sessions[0], name), IGNORING_ABSENT);
    return hall;
}

static void history_is_of_those_who_are_not_ignored(void)
{
    struct hall *hall = hall_make_with_cy(600, 25);
    say_last(hall);
    CU_ASSERT_EQUAL(shown_of(hall, 3, 0), 3);
    catch_up(hall);
    CU_ASSERT_STRING_EQUAL(numbers(hall), "575-575 600-600 ");
    CU_ASSERT_EQUAL(shown_of(hall, 1000, 0), 25);
    catch_up(hall);
    numbers(hall);
    CU_ASSERT_EQUAL(shown_of(hall, 3, 20), 3);
    catch_up(hall);
    CU_ASSERT_STRING_EQUAL(numbers(hall), "25-25 50-50 75-75 ");
    hall->tape.every = 1000;
    CU_ASSERT_EQUAL(shown_of(hall, 3, 0), 1);
    CU_ASSERT_EQUAL(shown_of(hall, 3, 1), 1);
    hall_close(hall);
}

/* What is in memory, too. */
static void history_in_memory_is_of_those_who_are_not_ignored(void)
{
    char name[NAME_SIZE] = "B";
    struct hall *hall = hall_make(600, 10);
    say_last(hall);
    CU_ASSERT_EQUAL(ignoring_begin(&hall->sessions[0], name), IGNORING_DONE);
    CU_ASSERT_EQUAL(shown_of(hall, 2, 0), 2);
    catch_up(hall);
    CU_ASSERT_STRING_EQUAL(numbers(hall), "599-600 ");
    hall_close(hall);
}

/* What is in the archive may be the past of another room of that name, but it is not gone. */
static void what_cannot_be_read_is_not_gone(void)
{
    uint64_t first;
    struct hall *hall = calloc(1, sizeof *hall);
    company_need(hall != NULL, "a hall");
    hall->tape.refuses = true;
    hall_open(hall, 600, 10);
    CU_ASSERT_EQUAL(shown_of(hall, 20, 0), -1);
    CU_ASSERT_EQUAL(shown_of(hall, 20, 1), -1);
    CU_ASSERT_EQUAL(resume(hall, 500, &first), SESSION_NOT_RESUMED);
    catch_up(hall);
    CU_ASSERT_STRING_EQUAL(numbers(hall), "");
    CU_ASSERT_EQUAL(resume(hall, 600, &first), SESSION_RESUMED);
    /* Who asks later has the room looked up again. */
    int64_t deadline = clock_now() + LONG;
    hall->tape.refuses = false;
    while (shown_of(hall, 20, 1) < 0 && clock_now() < deadline)
        clock_sleep_until(clock_now() + 10 * CLOCK_MILLISECOND);
    CU_ASSERT_EQUAL(shown_of(hall, 20, 1), 20);
    CU_ASSERT_EQUAL(resume(hall, 500, &first), SESSION_RESUMED);
    hall_close(hall);
}

static const char *missed(struct hall *hall, int64_t from, int64_t to)
{
    struct session *session = &hall->sessions[0];
    session->absent_from = from;
    session->absent_to = to;
    CU_ASSERT_EQUAL(absence_show(session, look_and_read, hall), ARCHIVE_OK);
    catch_up(hall);
    return numbers(hall);
}

static void all_that_was_missed_is_shown(void)
{
    struct hall *hall = hall_make(400, 4000);
    CU_ASSERT_STRING_EQUAL(missed(hall, 2, 390), "2-389 ");
    CU_ASSERT_TRUE(hall->most_pending > 0 && hall->most_pending < OUTBOX_WATERMARK_BYTES);
    CU_ASSERT_STRING_EQUAL(missed(hall, 300, 1000), "300-400 ");
    CU_ASSERT_STRING_EQUAL(missed(hall, 401, 1000), "");
    hall_close(hall);
}

static void of_very_many_the_first_are_shown(void)
{
    struct hall *hall = hall_make(800, 10);
    CU_ASSERT_STRING_EQUAL(missed(hall, 1, 1000), "1-500 ");
    hall->tape.gap = 257;
    hall->tape.gap_end = 267;
    CU_ASSERT_STRING_EQUAL(missed(hall, 1, 1000), "1-256 gap10 267-509 ");
    hall_close(hall);
}

static void what_is_ignored_is_not_missed(void)
{
    struct hall *hall = hall_make_with_cy(1000, 300);
    CU_ASSERT_STRING_EQUAL(missed(hall, 1, 2000), "300-300 600-600 900-900 ");
    hall_close(hall);
}

void add_session_history_suite(void)
{
    static const struct test tests[] = {
        {"what is resumed from the archive waits for its reader, and counts as an answer",
         resuming_waits_for_the_reader},
        {"a page ends where it is full, and the next one begins there: a gap counts",
         a_gap_is_a_part_of_a_page},
        {"long lines fill pages, and one longer than a page is one", long_lines_are_resumed},
        {"what is retired while somebody resumes is a gap", what_is_retired_meanwhile_is_a_gap},
        {"a gap of the archive ends where memory begins", a_gap_ends_where_memory_begins},
        {"what neither the archive nor memory has is a gap", what_nobody_has_is_a_gap},
        {"history from a time on begins with that, also with a gap in it",
         history_begins_with_the_time},
        {"history without a time ends with the newest line, also with a gap in it",
         history_ends_with_the_newest},
        {"what an archive that fails may have is not gone", what_cannot_be_read_is_not_gone},
        {"all that was missed is shown, however long the lines are", all_that_was_missed_is_shown},
        {"of more than five hundred lines that were missed the first are shown",
         of_very_many_the_first_are_shown},
        {"history is as many lines as were asked for of people who are not ignored",
         history_is_of_those_who_are_not_ignored},
        {"and so is what of it is in memory", history_in_memory_is_of_those_who_are_not_ignored},
        {"what was missed has nothing of people who are ignored, however much they said",
         what_is_ignored_is_not_missed},
        {"what is resumed from memory counts as an answer", resuming_from_memory_is_paid_for},
    };
    SUITE_ADD("session_history", tests);
}
