#include "suites.h"
#include "guest.h"

#include "chat/member.h"
#include "net/flusher.h"
#include "net/outbox.h"
#include "net/screen.h"

#include <CUnit/CUnit.h>

/*
 * Another format than plain lines: the text alone. For want of memory it fails so many times.
 */

static int shortage;

/* Somebody who begins to ignore the second member while a message is rendered; NULL: nobody. */
static struct user *annoyed;

static void begin_to_ignore(void)
{
    struct ignore_list *list;
    CU_ASSERT_TRUE_FATAL(ignore_list_add(NULL, 2, "Bob", &list));
    user_set_ignored(annoyed, list);
    annoyed = NULL;
}

static bool render_text(const struct message *message, struct buffer *out)
{
    if (annoyed != NULL)
        begin_to_ignore();
    if (shortage > 0) {
        shortage--;
        return false;
    }
    return buffer_append(out, message->text.bytes, message->text.length) &&
           buffer_append(out, "\n", 1);
}

static const struct format texts = {render_text};

/* Two members with plain lines, and one with texts. Their users have the ids 1 to 3. */

enum { CROWD = 3 };

struct crowd {
    struct batch batch;
    struct guest guests[CROWD];
    struct member *members[CROWD];
};

static struct member *enter(const struct guest *guest, uint64_t id)
{
    guest->user->id = id;
    struct member *member = member_create(guest->user, NULL, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(member);
    return member;
}

static void gather(struct crowd *crowd, uint64_t number, uint64_t first)
{
    *crowd = (struct crowd){.batch = {.number = 0}};
    batch_begin(&crowd->batch, number, first);
    for (int i = 0; i < CROWD; i++) {
        guest_come(&crowd->guests[i], i < 2 ? &format_lines : &texts);
        crowd->members[i] = enter(&crowd->guests[i], (uint64_t)i + 1);
    }
}

static void disperse(struct crowd *crowd)
{
    batch_free(&crowd->batch);
    for (int i = 0; i < CROWD; i++) {
        member_release(crowd->members[i]);
        guest_leave(&crowd->guests[i]);
    }
}

/* Adds what a member (NULL: the room) tells the others, as a room does. */
static void publish(struct batch *batch, enum message_kind kind, struct member *author,
                    const char *text)
{
    static const char *const names[] = {"", "Alice", "Bob", "Carol"};
    struct message message = {
        .kind = kind, .author = author != NULL ? author->user->id : 0, .text = words_of(text)};
    message.name = words_of(names[message.author]);
    CU_ASSERT_TRUE_FATAL(batch_add(batch, &message));
    if (author != NULL && message_spares_author(&message))
        member_skip_some(author, batch);
}

static void say(struct crowd *crowd, int author, const char *text)
{
    publish(&crowd->batch, MESSAGE_SAY, crowd->members[author], text);
}

/* Sends one of them a batch; whether exactly this is what comes. */
static bool is_sent_of(struct crowd *crowd, int who, struct batch *batch, const char *expected)
{
    member_send(crowd->members[who], batch);
    return guest_has_got(&crowd->guests[who], expected);
}

static bool is_sent(struct crowd *crowd, int who, const char *expected)
{
    return is_sent_of(crowd, who, &crowd->batch, expected);
}

static void own_words_are_spared(void)
{
    struct crowd crowd;
    gather(&crowd, 1, 1);
    say(&crowd, 0, "one");
    publish(&crowd.batch, MESSAGE_RENAME, crowd.members[0], "Alison");
    say(&crowd, 1, "two");
    publish(&crowd.batch, MESSAGE_ACT, crowd.members[0], "waves");
    publish(&crowd.batch, MESSAGE_SUMMARY, NULL, "");
    CU_ASSERT_TRUE(is_sent(&crowd, 0,
                           "*** Alice is now known as Alison ***\nBob: two\n"
                           "*** 0 joined, 0 left; 0 here ***\n"));
    CU_ASSERT_TRUE(is_sent(&crowd, 1,
                           "Alice: one\n*** Alice is now known as Alison ***\n"
                           "* Alice waves\n*** 0 joined, 0 left; 0 here ***\n"));
    disperse(&crowd);
}

static void the_user_chooses_the_format(void)
{
    struct crowd crowd;
    gather(&crowd, 1, 1);
    say(&crowd, 0, "one");
    say(&crowd, 2, "two");
    say(&crowd, 1, "three");
    CU_ASSERT_TRUE(is_sent(&crowd, 2, "one\nthree\n"));
    CU_ASSERT_TRUE(is_sent(&crowd, 0, "Carol: two\nBob: three\n"));
    CU_ASSERT_TRUE(is_sent(&crowd, 1, "Alice: one\nCarol: two\n"));
    disperse(&crowd);
}

static void joiners_get_what_follows(void)
{
    struct crowd crowd;
    gather(&crowd, 5, 1000);
    say(&crowd, 0, "before");
    publish(&crowd.batch, MESSAGE_JOIN, crowd.members[1], "");
    crowd.members[1]->since = 1002;
    crowd.members[2]->since = 1000;
    say(&crowd, 0, "welcome");
    CU_ASSERT_TRUE(is_sent(&crowd, 1, "Alice: welcome\n"));
    /* The same for one who has spoken. */
    say(&crowd, 1, "hi");
    say(&crowd, 0, "hi Bob");
    CU_ASSERT_TRUE(is_sent(&crowd, 1, "Alice: welcome\nAlice: hi Bob\n"));
    CU_ASSERT_TRUE(is_sent(&crowd, 2, "before\n\nwelcome\nhi\nhi Bob\n"));
    /* Who joined behind all of it gets nothing, although something was said. */
    crowd.members[1]->since = 1005;
    CU_ASSERT_TRUE(is_sent(&crowd, 1, ""));
    crowd.members[2]->since = 5000;
    CU_ASSERT_TRUE(is_sent(&crowd, 2, ""));
    disperse(&crowd);
}

/* One is delivered while the next one collects, so each has a memory of its own. */
static void two_batches_in_turn(void)
{
    struct crowd crowd;
    struct batch next = {.number = 0};
    gather(&crowd, 1, 1);
    say(&crowd, 0, "one");
    say(&crowd, 1, "two");
    batch_begin(&next, 2, 3);
    publish(&next, MESSAGE_SAY, crowd.members[1], "three");
    publish(&next, MESSAGE_SAY, crowd.members[0], "four");
    CU_ASSERT_TRUE(is_sent(&crowd, 0, "Bob: two\n"));
    CU_ASSERT_TRUE(is_sent_of(&crowd, 0, &next, "Bob: three\n"));
    CU_ASSERT_TRUE(is_sent_of(&crowd, 1, &next, "Alice: four\n"));
    /* Who spoke in a batch before is not taken for one who spoke in this one, nor who was silent.
     */
    batch_begin(&crowd.batch, 3, 5);
    say(&crowd, 1, "five");
    CU_ASSERT_TRUE(is_sent(&crowd, 0, "Bob: five\n"));
    CU_ASSERT_TRUE(is_sent(&crowd, 1, ""));
    batch_free(&next);
    disperse(&crowd);
}

static void is_in_several_rooms(void)
{
    struct crowd crowd;
    struct batch other = {.number = 0};
    gather(&crowd, 1, 10);
    struct member *again = enter(&crowd.guests[0], 1);
    batch_begin(&other, 1, 500);
    again->since = 501;
    publish(&other, MESSAGE_SAY, crowd.members[1], "past");
    publish(&other, MESSAGE_SAY, crowd.members[1], "there");
    say(&crowd, 0, "mine");
    say(&crowd, 1, "here");
    CU_ASSERT_TRUE(is_sent(&crowd, 0, "Bob: here\n"));
    member_send(again, &other);
    CU_ASSERT_TRUE(guest_has_got(&crowd.guests[0], "Bob: there\n"));
    batch_free(&other);
    member_release(again);
    disperse(&crowd);
}

/* Something was kept for a member (a welcome, say): it goes out with the batch, before it. */
static void what_is_owed_goes_first(void)
{
    struct crowd crowd;
    gather(&crowd, 1, 1);
    say(&crowd, 0, "hello");
    for (int i = 0; i < CROWD; i++)
        guest_is_owed(&crowd.guests[i], "welcome\n");
    CU_ASSERT_TRUE(is_sent(&crowd, 1, "welcome\nAlice: hello\n"));
    CU_ASSERT_TRUE(is_sent(&crowd, 2, "welcome\nhello\n"));
    disperse(&crowd);
}

/*
 * A piece may be larger than what a reader may have pending, but a second one is one too many: the
 * words around one's own must not become two.
 */
static void the_rest_is_one_piece(void)
{
    enum { LINES = 400, SENDQ = 1000 };
    struct flusher *flusher;
    struct batch batch = {.number = 0};
    struct guest guests[2];
    CU_ASSERT_EQUAL_FATAL(flusher_start(&flusher), 0);
    batch_begin(&batch, 1, 1);
    guest_come_slowly(&guests[0], &format_lines, SENDQ, flusher);
    guest_come(&guests[1], &format_lines);
    struct member *reader = enter(&guests[0], 1);
    struct member *speaker = enter(&guests[1], 2);
    for (int i = 0; i < LINES; i++) {
        publish(&batch, MESSAGE_SAY, speaker, "some words of some length, and some more of them");
        publish(&batch, MESSAGE_SAY, reader, "me");
    }
    member_send(reader, &batch);
    CU_ASSERT_EQUAL(guest_end(&guests[0]), LINK_OPEN);
    for (int i = 0; i < LINES && guest_end(&guests[0]) == LINK_OPEN; i++)
        CU_ASSERT_TRUE(
            peer_gets(&guests[0].peer, "Bob: some words of some length, and some more of them\n"));
    batch_free(&batch);
    member_release(reader);
    member_release(speaker);
    guest_leave(&guests[0]);
    guest_leave(&guests[1]);
    flusher_stop(flusher);
}

/* For who leaves: its last words are gathered with the room's lock held, and sent without. */
static void gathering_sends_nothing_yet(void)
{
    struct crowd crowd;
    struct batch gathered[2] = {{0}, {0}};
    gather(&crowd, 1, 1);
    say(&crowd, 0, "one");
    say(&crowd, 1, "two");
    crowd.members[1]->since = 2;
    CU_ASSERT_TRUE(member_gather(crowd.members[0], &crowd.batch, &gathered[0]));
    CU_ASSERT_TRUE(member_gather(crowd.members[1], &crowd.batch, &gathered[1]));
    batch_begin(&crowd.batch, 2, 3);
    CU_ASSERT_TRUE(peer_has_nothing(&crowd.guests[0].peer));
    for (int i = 0; i < 2; i++) {
        member_hand_over(crowd.members[i], true, &gathered[i]);
        CU_ASSERT_PTR_NULL(gathered[i].entries);
    }
    CU_ASSERT_TRUE(guest_has_got(&crowd.guests[0], "Bob: two\n"));
    CU_ASSERT_TRUE(guest_has_got(&crowd.guests[1], ""));
    disperse(&crowd);
}

static void an_incomplete_rest_ends_the_connection(void)
{
    struct crowd crowd;
    struct batch gathered = {0};
    gather(&crowd, 1, 1);
    say(&crowd, 1, "and then");
    CU_ASSERT_TRUE(member_gather(crowd.members[0], &crowd.batch, &gathered));
    member_hand_over(crowd.members[0], false, &gathered);
    CU_ASSERT_PTR_NULL(gathered.entries);
    CU_ASSERT_EQUAL(guest_end(&crowd.guests[0]), LINK_OUT_OF_MEMORY);
    CU_ASSERT_TRUE(peer_is_at_end(&crowd.guests[0].peer));
    CU_ASSERT_EQUAL(guest_end(&crowd.guests[1]), LINK_OPEN);
    disperse(&crowd);
}

/* One whose format or encoding finds no memory; the others are sent the same batch. */
static void who_cannot_be_rendered_for_is_cut_off(void)
{
    struct crowd crowd;
    gather(&crowd, 1, 1);
    say(&crowd, 0, "one");
    shortage = 1;
    member_send(crowd.members[2], &crowd.batch);
    CU_ASSERT_EQUAL(shortage, 0);
    CU_ASSERT_EQUAL(guest_end(&crowd.guests[2]), LINK_OUT_OF_MEMORY);
    CU_ASSERT_TRUE(is_sent(&crowd, 1, "Alice: one\n"));
    CU_ASSERT_EQUAL(guest_end(&crowd.guests[1]), LINK_OPEN);
    disperse(&crowd);
}

/*
 * Screens that show what they print in angle brackets, and rows in round ones. Whoever is named
 * sees a message by itself, in capitals at its beginning.
 */

static int rows_made;

static bool make_rows(const char *lines, size_t length, unsigned columns, struct buffer *out)
{
    (void)columns;
    rows_made++;
    return buffer_append(out, lines, length);
}

static const struct encoding rows = {make_rows};

static bool print(struct screen *screen, const char *lines, size_t length, struct buffer *out)
{
    (void)screen;
    return buffer_append(out, "<", 1) && buffer_append(out, lines, length) &&
           buffer_append(out, ">", 1);
}

static bool print_rows(struct screen *screen, const char *lines, size_t length, struct buffer *out)
{
    (void)screen;
    return buffer_append(out, "(", 1) && buffer_append(out, lines, length) &&
           buffer_append(out, ")", 1);
}

static bool leave(struct screen *screen, struct buffer *out)
{
    (void)screen;
    (void)out;
    return true;
}

/* The context is the user's name. */
static const struct format *shown_format(void *context, bool elsewhere)
{
    (void)context;
    (void)elsewhere;
    return &format_lines;
}

static bool is_named(void *context, const struct message *message)
{
    const char *name = context;
    return message->text.length == strlen(name) &&
           memcmp(message->text.bytes, name, strlen(name)) == 0;
}

static bool dress(void *context, const struct message *message, bool elsewhere, struct buffer *out)
{
    (void)context;
    (void)elsewhere;
    return buffer_append_string(out, "You: ") &&
           buffer_append(out, message->text.bytes, message->text.length);
}

static bool new_day; /* something stands before the next line */

static bool begin_day(void *context, int date, struct buffer *out)
{
    bool due = new_day && date > 0;
    (void)context;
    new_day = false;
    return !due || buffer_append_string(out, "a new day");
}

static const struct user_look look = {shown_format, is_named, dress, begin_day};

static struct screen take_seat(struct crowd *crowd, int who, char *name, unsigned columns)
{
    struct user *user = crowd->guests[who].user;
    user->local->view.look = &look;
    user->local->view.context = name;
    return (struct screen){.encoding = &rows,
                           .columns = columns,
                           .print = print,
                           .print_rows = print_rows,
                           .close = leave};
}

static void screens_share_rows(void)
{
    static char names[][8] = {"Alice", "Bob", "Carol"};
    struct crowd crowd;
    struct screen screens[CROWD];
    gather(&crowd, 1, 1);
    for (int i = 0; i < CROWD; i++) {
        screens[i] = take_seat(&crowd, i, names[i], 80);
        CU_ASSERT_TRUE(outbox_open_screen(crowd.guests[i].user->outbox, &screens[i]));
    }
    rows_made = 0;
    say(&crowd, 0, "one");
    say(&crowd, 2, "Alice");
    say(&crowd, 2, "two");
    /* One's own words are missing, and what names one is by itself. */
    new_day = true;
    CU_ASSERT_TRUE(is_sent(&crowd, 1, "<a new day>(Alice: one\nCarol: Alice\nCarol: two\n)"));
    CU_ASSERT_TRUE(is_sent(&crowd, 0, "<You: Alice>(Carol: two\n)"));
    CU_ASSERT_TRUE(is_sent(&crowd, 2, "(Alice: one\n)"));
    CU_ASSERT_EQUAL(rows_made, 3);
    /* Who has only own words is shown nothing, not even the day. */
    batch_begin(&crowd.batch, 2, 4);
    say(&crowd, 0, "alone");
    new_day = true;
    CU_ASSERT_TRUE(is_sent(&crowd, 0, ""));
    CU_ASSERT_TRUE(new_day);
    new_day = false;
    for (int i = 0; i < CROWD; i++)
        outbox_close_screen(crowd.guests[i].user->outbox);
    disperse(&crowd);
}

/* For another width they are made anew; and a screen that takes none is shown lines. */
static void other_screens_have_other_rows(void)
{
    static char names[][8] = {"Alice", "Bob", "Carol"};
    struct crowd crowd;
    struct screen screens[CROWD];
    gather(&crowd, 1, 1);
    for (int i = 0; i < CROWD; i++) {
        screens[i] = take_seat(&crowd, i, names[i], i == 2 ? 0 : 40 + (unsigned)i);
        CU_ASSERT_TRUE(outbox_open_screen(crowd.guests[i].user->outbox, &screens[i]));
    }
    rows_made = 0;
    publish(&crowd.batch, MESSAGE_SUMMARY, NULL, "");
    for (int i = 0; i < 2; i++)
        CU_ASSERT_TRUE(is_sent(&crowd, i, "(*** 0 joined, 0 left; 0 here ***\n)"));
    CU_ASSERT_EQUAL(rows_made, 2);
    CU_ASSERT_TRUE(is_sent(&crowd, 2, "<You: >"));
    CU_ASSERT_EQUAL(rows_made, 2);
    for (int i = 0; i < CROWD; i++)
        outbox_close_screen(crowd.guests[i].user->outbox);
    disperse(&crowd);
}

/* Lets one of them ignore another, and who comes and goes. */
static void ignore(struct crowd *crowd, int who, int whom, bool quiet)
{
    struct ignore_list *named;
    struct ignore_list *list;
    CU_ASSERT_TRUE_FATAL(ignore_list_add(NULL, (uint64_t)whom + 1, "nobody", &named));
    CU_ASSERT_TRUE_FATAL(ignore_list_set_quiet(named, quiet, &list));
    free(named);
    user_set_ignored(crowd->guests[who].user, list);
}

static void what_is_ignored_is_left_out(void)
{
    struct crowd crowd;
    struct batch gathered = {0};
    gather(&crowd, 1, 1);
    ignore(&crowd, 0, 2, true);
    publish(&crowd.batch, MESSAGE_JOIN, crowd.members[1], "");
    say(&crowd, 1, "one");
    say(&crowd, 2, "two");
    say(&crowd, 0, "three");
    say(&crowd, 1, "four");
    CU_ASSERT_TRUE(is_sent(&crowd, 0, "Bob: one\nBob: four\n"));
    CU_ASSERT_TRUE(is_sent(&crowd, 2, "\none\nthree\nfour\n"));
    CU_ASSERT_TRUE(
        is_sent(&crowd, 1, "*** Bob has joined the chat ***\nCarol: two\nAlice: three\n"));
    CU_ASSERT_TRUE(member_gather(crowd.members[0], &crowd.batch, &gathered));
    member_hand_over(crowd.members[0], true, &gathered);
    CU_ASSERT_TRUE(guest_has_got(&crowd.guests[0], "Bob: one\nBob: four\n"));
    /* Nothing is left over. */
    batch_begin(&crowd.batch, 2, 6);
    say(&crowd, 2, "five");
    CU_ASSERT_TRUE(is_sent(&crowd, 0, ""));
    user_set_ignored(crowd.guests[0].user, NULL);
    CU_ASSERT_TRUE(is_sent(&crowd, 0, "Carol: five\n"));
    disperse(&crowd);
}

/* The names of a batch that grew after they were looked at, and of one that lost messages. */
static void names_are_looked_at_anew(void)
{
    struct crowd crowd;
    struct ignore_list *list;
    gather(&crowd, 1, 1);
    CU_ASSERT_TRUE_FATAL(ignore_list_add(NULL, 0, "bob", &list));
    user_set_ignored(crowd.guests[0].user, list);
    say(&crowd, 2, "one");
    say(&crowd, 2, "two");
    CU_ASSERT_TRUE(is_sent(&crowd, 0, "Carol: one\nCarol: two\n"));
    batch_truncate(&crowd.batch, 1);
    say(&crowd, 1, "three");
    say(&crowd, 2, "four");
    CU_ASSERT_TRUE(is_sent(&crowd, 0, "Carol: one\nCarol: four\n"));
    batch_begin(&crowd.batch, 2, 4);
    say(&crowd, 1, "five");
    CU_ASSERT_TRUE(is_sent(&crowd, 0, ""));
    disperse(&crowd);
}

/* What was made ready for it before is made anew: from the answer to /ignore on nothing comes. */
static void a_list_holds_at_once(void)
{
    struct crowd crowd;
    gather(&crowd, 1, 1);
    say(&crowd, 1, "one");
    say(&crowd, 0, "two");
    annoyed = crowd.guests[2].user;
    CU_ASSERT_TRUE(is_sent(&crowd, 2, "two\n"));
    CU_ASSERT_PTR_NULL(annoyed);
    disperse(&crowd);
}

static void screens_leave_out_what_is_ignored(void)
{
    static char names[][8] = {"Alice", "Bob", "Carol"};
    struct crowd crowd;
    struct screen screen;
    gather(&crowd, 1, 1);
    screen = take_seat(&crowd, 0, names[0], 80);
    CU_ASSERT_TRUE(outbox_open_screen(crowd.guests[0].user->outbox, &screen));
    ignore(&crowd, 0, 2, true);
    publish(&crowd.batch, MESSAGE_JOIN, crowd.members[1], "");
    say(&crowd, 1, "one");
    say(&crowd, 2, "Alice");
    say(&crowd, 1, "two");
    CU_ASSERT_TRUE(is_sent(&crowd, 0, "(Bob: one\n)(Bob: two\n)"));
    outbox_close_screen(crowd.guests[0].user->outbox);
    disperse(&crowd);
}

static void the_last_reference_lets_go_of_the_user(void)
{
    struct guest guest;
    guest_come(&guest, &format_lines);
    struct member *member = enter(&guest, 1);
    CU_ASSERT_EQUAL(guest_references(&guest), 2);
    CU_ASSERT_EQUAL(member->number, 0);
    member_acquire(member);
    member_release(member);
    CU_ASSERT_EQUAL(guest_references(&guest), 2);
    member_release(member);
    CU_ASSERT_EQUAL(guest_references(&guest), 1);
    guest_leave(&guest);
}

static const struct test tests[] = {
    {"a member is sent what others say, and notices of itself, but not its own words",
     own_words_are_spared},
    {"each member is sent what its user's format has", the_user_chooses_the_format},
    {"who joins is sent what followed the join, and nothing before", joiners_get_what_follows},
    {"two batches in turn do not mix up who spoke in which", two_batches_in_turn},
    {"a user in two rooms is sent what each has for it", is_in_several_rooms},
    {"what a member is owed goes out before the batch", what_is_owed_goes_first},
    {"what surrounds one's own words comes in one piece, which may exceed a small limit",
     the_rest_is_one_piece},
    {"what is gathered outlives the batch, and is sent by the second step",
     gathering_sends_nothing_yet},
    {"who cannot be sent all of it for want of memory is cut off, and nobody else",
     an_incomplete_rest_ends_the_connection},
    {"who cannot be rendered for is cut off, and nobody is held up",
     who_cannot_be_rendered_for_is_cut_off},
    {"members at screens share rows, but for their own words and what names them",
     screens_share_rows},
    {"screens of another width have other rows, or none", other_screens_have_other_rows},
    {"who ignores somebody, or who comes and goes, is sent the rest, and others all of it",
     what_is_ignored_is_left_out},
    {"names are compared with those that a batch has now", names_are_looked_at_anew},
    {"what is ignored from now on does not come although it was ready", a_list_holds_at_once},
    {"screens leave out what is ignored", screens_leave_out_what_is_ignored},
    {"the last reference to a member lets go of its user", the_last_reference_lets_go_of_the_user},
};

void add_member_suite(void)
{
    SUITE_ADD("member", tests);
}
