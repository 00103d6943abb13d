/* What a user is sent of what was said before, from an archive and from memory. */
#include "suites.h"
#include "company.h"
#include "room_shelf.h"

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
 * to a text of `length` bytes.
 */
struct tape {
    struct room_shelf shelf; /* first: the operations are given a pointer to it */
    uint64_t last;
    size_t length;
    char text[TEXT_MAX];
};

static struct tape *tape_of(struct archive *archive)
{
    return (struct tape *)(void *)archive;
}

static enum archive_result open_room(struct archive *archive, struct words room, uint64_t *last)
{
    (void)room;
    *last = tape_of(archive)->last;
    return ARCHIVE_OK;
}

static bool note(struct archive *archive, struct words room)
{
    (void)archive;
    return room.length > 0;
}

static bool append(struct archive *archive, const struct archive_message *message)
{
    (void)archive;
    return message->seq > 0;
}

/* What was said is not in memory after the start: so all is read from here. */
static enum archive_result before(struct archive *archive, struct words room, uint64_t seq,
                                  size_t limit, archive_visit_message *visit, void *context,
                                  struct archive_bounds *bounds)
{
    (void)archive, (void)room, (void)seq, (void)limit, (void)visit, (void)context, (void)bounds;
    return ARCHIVE_OK;
}

static void visit_said(struct tape *tape, struct words room, uint64_t seq,
                       archive_visit_message *visit, void *context)
{
    int digits = snprintf(tape->text, sizeof tape->text, "%" PRIu64, seq);
    memset(tape->text + digits, ' ', tape->length - (size_t)digits);
    const struct archive_message message = {.kind = ARCHIVE_SAY,
                                            .id = seq,
                                            .seq = seq,
                                            .last = seq,
                                            .time = (int64_t)seq,
                                            .room = room,
                                            .author = words_of("Al"),
                                            .text = {tape->text, tape->length}};
    visit(context, &message);
}

static enum archive_result after(struct archive *archive, struct words room, uint64_t seq,
                                 size_t limit, archive_visit_message *visit, void *context,
                                 struct archive_bounds *bounds)
{
    struct tape *tape = tape_of(archive);
    *bounds = (struct archive_bounds){1, tape->last};
    for (size_t i = 0; i < limit && seq < tape->last; i++)
        visit_said(tape, room, ++seq, visit, context);
    return ARCHIVE_OK;
}

static const struct archive_talk talk = {
    .open = open_room, .end = note, .append = append, .before = before, .after = after};

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

/*
 * Returns what A has read since the last call: "1-9 gap2 12-13" are Al's numbers 1 to 9, then two
 * lines that are missing, then two numbers more.
 */
static const char *numbers(struct hall *hall)
{
    static char all[256];
    uint64_t first = 0, last = 0;
    size_t used = 0;
    company_need(buffer_append(&hall->got, "", 1), "memory");
    all[0] = '\0';
    for (const char *line = buffer_bytes(&hall->got); *line != '\0' && used < sizeof all;) {
        uint64_t number = 0;
        bool gap = sscanf(line, "*** %" SCNu64 " line", &number) == 1;
        bool said = !gap && sscanf(line, "%*[A-Z]l: %" SCNu64, &number) == 1;
        line = strchr(line, '\n') + 1;
        if (said && number == last + 1 && first != 0) {
            last++;
        } else {
            if (first != 0)
                used += (size_t)snprintf(all + used, sizeof all - used, "%" PRIu64 "-%" PRIu64 " ",
                                         first, last);
            first = said ? number : 0;
            last = first;
        }
        if (gap)
            used += (size_t)snprintf(all + used, sizeof all - used, "gap%" PRIu64 " ", number);
    }
    if (first != 0)
        snprintf(all + used, sizeof all - used, "%" PRIu64 "-%" PRIu64 " ", first, last);
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

void add_session_history_suite(void)
{
    static const struct test tests[] = {
        {"what is resumed from the archive waits for its reader, and counts as an answer",
         resuming_waits_for_the_reader},
        {"what is resumed from memory counts as an answer", resuming_from_memory_is_paid_for},
    };
    SUITE_ADD("session_history", tests);
}
