/*
 * The verbs that every door offers, in a chat of its own; what comes of them is what comes out of
 * the users' sockets.
 */
#include "suites.h"
#include "company.h"

#include "chat/room_delivery.h"
#include "chat/room_inside.h"
#include "chat/room_policy.h"
#include "chat/room_publishing.h"
#include "chat/session.h"
#include "chat/session_entry.h"
#include "chat/session_membership.h"
#include "chat/session_policy.h"
#include "chat/session_publishing.h"
#include "chat/session_telling.h"
#include "chat/session_verdicts.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

/* Longer than any test waits. */
#define LONG (60 * CLOCK_SECOND)

enum { ROOMS_MAX = 4, LINES = 100, LINE_SIZE = 32, TEXT_SIZE = 32 * 1024 };

struct club {
    struct company company;
    struct chat chat;
    struct session sessions[COMPANY];
};

/* What leaves somebody says: for the log. */
static const char why[] = "quit";

static void club_open(struct club *club, int send_bytes, int64_t drain_timeout)
{
    *club = (struct club){.chat = {0}};
    company_open(&club->company, send_bytes);
    const struct chat_config config = {.limits.drain_timeout = drain_timeout,
                                       .limits.sendq = COMPANY_SENDQ,
                                       .limits.max_rooms = ROOMS_MAX,
                                       .limits.rooms_per_client = 3,
                                       .event_log = club->company.event_log};
    company_need(chat_open(&club->chat, &config) == 0, "a chat");
    for (int i = 0; i < COMPANY; i++)
        company_need(session_open(&club->sessions[i], &club->chat,
                                  company_outbox(&club->company, i), &company_view) == 0,
                     "a session");
}

/* Whoever is here still leaves silently. Returns what was logged, which the caller frees. */
static char *club_close(struct club *club)
{
    for (int i = 0; i < COMPANY; i++) {
        if (club->sessions[i].current != NULL)
            session_leave(&club->sessions[i], "shutdown", true);
        session_close(&club->sessions[i]);
    }
    chat_close(&club->chat);
    return company_close(&club->company);
}

/* The first ones come in as A, B and so on, and are told of each other. */
static void all_enter(struct club *club, int count)
{
    char told[LINE_SIZE * COMPANY];
    char rival[NAME_SIZE];
    for (int i = 0; i < count; i++) {
        char name[] = {(char)('A' + i), '\0'};
        CU_ASSERT_EQUAL(session_enter(&club->sessions[i], name, rival), 0);
    }
    for (int i = 0; i < count; i++) {
        size_t length = 0;
        told[0] = '\0';
        for (int j = i + 1; j < count; j++)
            length += (size_t)snprintf(told + length, sizeof told - length,
                                       "*** %c has joined the chat ***\n", 'A' + j);
        CU_ASSERT_TRUE(company_gets(&club->company, i, told));
    }
}

static bool say(struct club *club, int who, enum message_kind kind, const char *text)
{
    return session_say(&club->sessions[who], kind, text, strlen(text));
}

static int tell(struct club *club, int from, int to, const char *text, size_t length)
{
    return session_tell(&club->sessions[from], club->sessions[to].user, text, length);
}

static bool gets(struct club *club, int who, const char *lines)
{
    return company_gets(&club->company, who, lines);
}

static void nobody_is_found_before_it_has_come_in(void)
{
    struct club club;
    club_open(&club, 0, LONG);
    CU_ASSERT_PTR_NULL(directory_find(club.chat.directory, "A"));
    CU_ASSERT_PTR_NULL(club.sessions[0].current);
    all_enter(&club, 1);
    struct user *found = directory_find(club.chat.directory, "A");
    CU_ASSERT_PTR_EQUAL(found, club.sessions[0].user);
    user_release(found);
    session_leave(&club.sessions[0], why, false);
    CU_ASSERT_PTR_NULL(directory_find(club.chat.directory, "A"));
    CU_ASSERT_PTR_NULL(club.sessions[0].current);
    char *log = club_close(&club);
    CU_ASSERT_STRING_EQUAL(log, "A (peer) has joined\nA (peer) has left: quit\n");
    free(log);
}

/* A ban that came between the look at the bans and the coming in is found afterwards. */
static void who_is_banned_while_coming_in_is_not_in_for_long(void)
{
    struct club club;
    struct sanction ban = {.kind = SANCTION_BAN, .name = "B", .author = "Olga", .reason = "spam"};
    club_open(&club, 0, LONG);
    all_enter(&club, 2);
    session_heed_bans(&club.sessions[0]);
    CU_ASSERT_EQUAL(link_reason(outbox_link(club.sessions[0].user->outbox)), LINK_OPEN);
    CU_ASSERT_EQUAL(sanctions_impose(club.chat.sanctions, &ban, clock_utc()), 0);
    session_heed_bans(&club.sessions[0]);
    session_heed_bans(&club.sessions[1]);
    CU_ASSERT_EQUAL(link_reason(outbox_link(club.sessions[0].user->outbox)), LINK_OPEN);
    CU_ASSERT_EQUAL(link_reason(outbox_link(club.sessions[1].user->outbox)), LINK_KICKED);
    session_leave(&club.sessions[1], "kicked", false);
    CU_ASSERT_PTR_NOT_NULL(club.sessions[1].kicked);
    CU_ASSERT_TRUE(gets(&club, 0, "*** B has been kicked by Olga: spam ***\n"));
    free(club_close(&club));
}

/* Between passing a verdict and ending the link there is a moment. */
static void whoever_takes_a_verdict_early_is_out_all_the_same(void)
{
    static const struct verdict kick = {.kind = VERDICT_KICK, .sanction = {.author = "Olga"}};
    struct club club;
    club_open(&club, 0, LONG);
    all_enter(&club, 1);
    struct user *user = club.sessions[0].user;
    CU_ASSERT_EQUAL(verdict_add(&user->local->verdicts, &kick), 0);
    CU_ASSERT_TRUE(session_obey(&club.sessions[0]));
    CU_ASSERT_EQUAL(link_reason(outbox_link(user->outbox)), LINK_KICKED);
    free(club_close(&club));
}

static void a_name_is_one_users(void)
{
    struct club club;
    char rival[NAME_SIZE] = "";
    club_open(&club, 0, LONG);
    CU_ASSERT_EQUAL(session_enter(&club.sessions[0], "Alice", rival), 0);
    CU_ASSERT_EQUAL(session_enter(&club.sessions[1], "aLICE", rival), EEXIST);
    CU_ASSERT_STRING_EQUAL(rival, "Alice");
    strcpy(rival, "");
    CU_ASSERT_EQUAL(session_enter(&club.sessions[1], "A1ice", rival), EEXIST); /* 1 for l */
    CU_ASSERT_STRING_EQUAL(rival, "Alice");
    CU_ASSERT_PTR_NULL(club.sessions[1].current);
    CU_ASSERT_EQUAL(room_count(club.chat.lobby), 1);
    /* It may try again, and the name is free when its owner has left. */
    CU_ASSERT_EQUAL(session_enter(&club.sessions[1], "Bob", rival), 0);
    session_leave(&club.sessions[0], why, false);
    CU_ASSERT_EQUAL(session_enter(&club.sessions[2], "ALICE", rival), 0);
    CU_ASSERT_TRUE(
        gets(&club, 1, "*** Alice has left the chat ***\n*** ALICE has joined the chat ***\n"));
    free(club_close(&club));
}

static void what_is_said_is_heard_when_it_is_published(void)
{
    struct club club;
    club_open(&club, 0, LONG);
    all_enter(&club, 3);
    CU_ASSERT_FALSE(session_has_said(&club.sessions[0]));
    CU_ASSERT_TRUE(say(&club, 0, MESSAGE_SAY, "one"));
    CU_ASSERT_TRUE(say(&club, 0, MESSAGE_ACT, "does two"));
    CU_ASSERT_TRUE(session_has_said(&club.sessions[0]));
    CU_ASSERT_TRUE(company_has_nothing(&club.company, 1));
    CU_ASSERT_EQUAL(session_publish(&club.sessions[0]), SESSION_HEARD);
    CU_ASSERT_FALSE(session_has_said(&club.sessions[0]));
    CU_ASSERT_TRUE(gets(&club, 1, "A: one\n* A does two\n"));
    CU_ASSERT_TRUE(gets(&club, 2, "A: one\n* A does two\n"));
    CU_ASSERT_TRUE(company_has_nothing(&club.company, 0));
    char *log = club_close(&club);
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "A: one\n* A does two\n"));
    free(log);
}

static void who_is_alone_is_not_heard(void)
{
    struct club club;
    club_open(&club, 0, LONG);
    all_enter(&club, 1);
    CU_ASSERT_EQUAL(session_publish(&club.sessions[0]), SESSION_HEARD);
    CU_ASSERT_TRUE(say(&club, 0, MESSAGE_SAY, "anybody?"));
    CU_ASSERT_EQUAL(session_publish(&club.sessions[0]), SESSION_UNHEARD);
    char rival[NAME_SIZE];
    CU_ASSERT_EQUAL(session_enter(&club.sessions[1], "B", rival), 0);
    CU_ASSERT_TRUE(say(&club, 0, MESSAGE_SAY, "hi"));
    CU_ASSERT_EQUAL(session_publish(&club.sessions[0]), SESSION_HEARD);
    CU_ASSERT_TRUE(gets(&club, 1, "A: hi\n"));
    free(club_close(&club));
}

static void what_is_said_is_cleaned(void)
{
    struct club club;
    club_open(&club, 0, LONG);
    all_enter(&club, 2);
    CU_ASSERT_TRUE(say(&club, 0, MESSAGE_SAY, " a\033[1mb\xFF \n"));
    CU_ASSERT_TRUE(say(&club, 0, MESSAGE_SAY, " \t\033\n"));
    CU_ASSERT_TRUE(say(&club, 0, MESSAGE_SAY, ""));
    CU_ASSERT_TRUE(say(&club, 0, MESSAGE_ACT, "\a"));
    CU_ASSERT_EQUAL(session_publish(&club.sessions[0]), SESSION_HEARD);
    CU_ASSERT_TRUE(say(&club, 0, MESSAGE_SAY, "end"));
    CU_ASSERT_EQUAL(session_publish(&club.sessions[0]), SESSION_HEARD);
    CU_ASSERT_TRUE(gets(&club, 1, "A: ab\xEF\xBF\xBD\nA: end\n"));
    free(club_close(&club));
}

/* What is said at once has bounds: a piece, which its author publishes before it says more. */
static void much_is_published_in_pieces(void)
{
    struct club club;
    char text[1000];
    size_t lines = 0;
    memset(text, 'x', sizeof text);
    club_open(&club, 0, LONG);
    all_enter(&club, 1);
    for (; !session_is_full(&club.sessions[0]) && lines < 1000; lines++)
        CU_ASSERT_TRUE(session_say(&club.sessions[0], MESSAGE_SAY, text, sizeof text));
    CU_ASSERT_TRUE(lines > 32 && lines < 64);
    CU_ASSERT_EQUAL(session_publish(&club.sessions[0]), SESSION_UNHEARD);
    CU_ASSERT_FALSE(session_is_full(&club.sessions[0]));
    free(club_close(&club));
}

static void a_new_name_is_told_and_used(void)
{
    struct club club;
    char rival[NAME_SIZE] = "";
    club_open(&club, 0, LONG);
    all_enter(&club, 2);
    CU_ASSERT_EQUAL(session_rename(&club.sessions[0], "b", rival), EEXIST);
    CU_ASSERT_STRING_EQUAL(rival, "B");
    CU_ASSERT_STRING_EQUAL(club.sessions[0].user->name, "A");
    CU_ASSERT_EQUAL(session_rename(&club.sessions[0], "Ann", rival), 0);
    CU_ASSERT_TRUE(say(&club, 0, MESSAGE_SAY, "it is me"));
    CU_ASSERT_EQUAL(session_publish(&club.sessions[0]), SESSION_HEARD);
    CU_ASSERT_TRUE(gets(&club, 0, "*** A is now known as Ann ***\n"));
    CU_ASSERT_TRUE(gets(&club, 1, "*** A is now known as Ann ***\nAnn: it is me\n"));
    CU_ASSERT_EQUAL(session_enter(&club.sessions[2], "A", rival), 0);
    free(club_close(&club));
}

static void who_leaves_is_told_of_unless_silently(void)
{
    struct club club;
    club_open(&club, 0, LONG);
    all_enter(&club, 4);
    session_leave(&club.sessions[3], "shutdown", true);
    session_leave(&club.sessions[2], why, false);
    CU_ASSERT_TRUE(gets(&club, 0, "*** C has left the chat ***\n"));
    CU_ASSERT_TRUE(company_has_nothing(&club.company, 2));
    CU_ASSERT_EQUAL(room_count(club.chat.lobby), 2);
    char *log = club_close(&club);
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "D (peer) has left: shutdown\nC (peer) has left: quit\n"));
    free(log);
}

/*
 * Telling.
 */

static void what_is_told_is_its_readers_alone(void)
{
    struct club club;
    club_open(&club, 0, LONG);
    all_enter(&club, 3);
    say(&club, 0, MESSAGE_SAY, "one");
    CU_ASSERT_EQUAL(session_publish(&club.sessions[0]), SESSION_HEARD);
    CU_ASSERT_EQUAL(tell(&club, 0, 1, " two\a ", 6), 0);
    CU_ASSERT_EQUAL(tell(&club, 0, 0, "me", 2), 0);
    say(&club, 0, MESSAGE_SAY, "three");
    CU_ASSERT_EQUAL(session_publish(&club.sessions[0]), SESSION_HEARD);
    CU_ASSERT_TRUE(gets(&club, 0, "[private] A: me\n"));
    CU_ASSERT_TRUE(gets(&club, 1, "A: one\n[private] A: two\nA: three\n"));
    CU_ASSERT_TRUE(gets(&club, 2, "A: one\nA: three\n"));
    char *log = club_close(&club);
    CU_ASSERT_PTR_NULL(strstr(log, "two"));
    free(log);
}

static void nothing_can_be_told(void)
{
    struct club club;
    char name[NAME_SIZE];
    club_open(&club, 0, LONG);
    all_enter(&club, 2);
    CU_ASSERT_EQUAL(tell(&club, 0, 1, "", 0), EINVAL);
    CU_ASSERT_EQUAL(tell(&club, 0, 1, " \033 \a", 4), EINVAL);
    CU_ASSERT_TRUE(company_has_nothing(&club.company, 1));
    CU_ASSERT_EQUAL(session_correspondent(&club.sessions[1], name), 0);
    free(club_close(&club));
}

static void the_last_who_told_is_the_correspondent(void)
{
    struct club club;
    char name[NAME_SIZE];
    char rival[NAME_SIZE];
    club_open(&club, 0, LONG);
    all_enter(&club, 3);
    CU_ASSERT_EQUAL(session_correspondent(&club.sessions[1], name), 0);
    tell(&club, 0, 1, "hi", 2);
    tell(&club, 2, 1, "hi", 2);
    CU_ASSERT_EQUAL(session_correspondent(&club.sessions[1], name), club.sessions[2].user->id);
    CU_ASSERT_STRING_EQUAL(name, "C");
    CU_ASSERT_EQUAL(session_correspondent(&club.sessions[0], name), 0);
    /* It is the user, whatever it is called now, and nobody else who takes its name. */
    uint64_t id = club.sessions[2].user->id;
    CU_ASSERT_EQUAL(session_rename(&club.sessions[2], "Cy", rival), 0);
    CU_ASSERT_EQUAL(session_rename(&club.sessions[0], "C", rival), 0);
    CU_ASSERT_EQUAL(session_correspondent(&club.sessions[1], name), id);
    CU_ASSERT_STRING_EQUAL(name, "C");
    session_leave(&club.sessions[2], why, false);
    CU_ASSERT_EQUAL(session_correspondent(&club.sessions[1], name), id);
    CU_ASSERT_PTR_NULL(directory_find_id(club.chat.directory, id));
    free(club_close(&club));
}

/* More than people say in a second, in one line. */
static char much[3 * FLOW_TALK_BYTES];

static void a_private_flood_waits_for_its_reader(void)
{
    struct club club;
    club_open(&club, PEER_SMALL_BYTES, LONG);
    all_enter(&club, 3);
    memset(much, 'x', sizeof much);
    company_fall_behind(&club.company, 1);
    /* Talk does not wait; nor does a flood whose reader keeps up. */
    CU_ASSERT_EQUAL(tell(&club, 0, 1, "talk", 4), 0);
    CU_ASSERT_EQUAL(club.sessions[1].user->local->let_in, 0);
    CU_ASSERT_EQUAL(tell(&club, 2, 0, much, sizeof much), 0);
    CU_ASSERT_EQUAL(club.sessions[0].user->local->let_in, 0);
    int64_t began = clock_now();
    CU_ASSERT_EQUAL(tell(&club, 0, 1, much, sizeof much), 0);
    CU_ASSERT_TRUE(clock_now() >= began + FLOW_PATIENCE);
    CU_ASSERT_NOT_EQUAL(club.sessions[1].user->local->let_in, 0);
    CU_ASSERT_EQUAL(company_reason(&club.company, 1), LINK_OPEN);
    CU_ASSERT_TRUE(company_catch_up(&club.company, 1));
    CU_ASSERT_TRUE(gets(&club, 1, "[private] A: talk\n[private] A: xxx"));
    free(club_close(&club));
}

/* As long as its author is there: who has gone away keeps nobody waiting, itself neither. */
static void who_is_gone_waits_for_nobody(void)
{
    struct club club;
    club_open(&club, PEER_SMALL_BYTES, LONG);
    all_enter(&club, 2);
    memset(much, 'x', sizeof much);
    company_fall_behind(&club.company, 1);
    link_kill(outbox_link(company_outbox(&club.company, 0)), LINK_CLOSED);
    CU_ASSERT_EQUAL(tell(&club, 0, 1, much, sizeof much), 0);
    CU_ASSERT_EQUAL(club.sessions[1].user->local->let_in, 0);
    CU_ASSERT_TRUE(company_catch_up(&club.company, 1));
    CU_ASSERT_TRUE(gets(&club, 1, "[private] A: xxx"));
    free(club_close(&club));
}

/*
 * Two rooms.
 */

static void join(struct club *club, int who, const char *name)
{
    CU_ASSERT_EQUAL(session_join(&club->sessions[who], name, NULL), 0);
}

static bool publish(struct club *club, int who)
{
    return session_publish(&club->sessions[who]) == SESSION_HEARD;
}

/* A and C are in the lobby and the den, where A is and C is not; B is in the lobby alone. */
static void enter_both(struct club *club)
{
    all_enter(club, 3);
    join(club, 0, "den");
    join(club, 2, "den");
    join(club, 2, "lobby");
    CU_ASSERT_TRUE(gets(club, 0,
                        "*** You are in #den. Here now: nobody else. ***\n"
                        "*** C has joined #den ***\n"));
    CU_ASSERT_TRUE(gets(club, 2,
                        "*** You are in #den. Here now: A. ***\n"
                        "*** You are in #lobby. Here now: A, B. ***\n"));
}

static void lines_of_other_rooms_name_them(void)
{
    struct club club;
    club_open(&club, 0, LONG);
    enter_both(&club);
    say(&club, 0, MESSAGE_SAY, "in the den");
    CU_ASSERT_TRUE(publish(&club, 0));
    say(&club, 1, MESSAGE_SAY, "lobby");
    CU_ASSERT_TRUE(publish(&club, 1));
    join(&club, 2, "DEN");
    say(&club, 0, MESSAGE_ACT, "waves");
    CU_ASSERT_TRUE(publish(&club, 0));
    CU_ASSERT_TRUE(gets(&club, 2,
                        "#den A: in the den\nB: lobby\n"
                        "*** You are in #den. Here now: A. ***\n* A waves\n"));
    CU_ASSERT_TRUE(company_has_nothing(&club.company, 1));
    /* Its own words are left out. */
    CU_ASSERT_TRUE(gets(&club, 0, "#lobby B: lobby\n"));
    CU_ASSERT_TRUE(company_has_nothing(&club.company, 0));
    char *log = club_close(&club);
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "\n#den A: in the den\nB: lobby\n#den * A waves\n"));
    free(log);
}

static void tell_where(void *context)
{
    outbox_say(context, "You are in the lobby.\n");
}

static void who_leaves_one_room_is_in_the_other_still(void)
{
    struct club club;
    char rival[NAME_SIZE];
    club_open(&club, 0, LONG);
    enter_both(&club);
    struct session *a = &club.sessions[0];
    CU_ASSERT_EQUAL(session_leave_room(a, a->current), 0);
    CU_ASSERT_STRING_EQUAL(room_name(a->current->room), "lobby");
    CU_ASSERT_TRUE(gets(&club, 2, "#den *** A has left #den ***\n"));
    /* The lobby is current, but is named until the user has been told. */
    say(&club, 1, MESSAGE_SAY, "soon");
    CU_ASSERT_TRUE(publish(&club, 1));
    CU_ASSERT_TRUE(gets(&club, 0, "#lobby B: soon\n"));
    session_arrive(a, tell_where, a->user->outbox);
    CU_ASSERT_TRUE(gets(&club, 0, "You are in the lobby.\n"));
    CU_ASSERT_EQUAL(session_leave_room(a, a->current), EBUSY); /* the last one */
    CU_ASSERT_EQUAL(session_enter(&club.sessions[3], "A", rival), EEXIST);
    say(&club, 1, MESSAGE_SAY, "lobby");
    CU_ASSERT_TRUE(publish(&club, 1));
    CU_ASSERT_TRUE(gets(&club, 0, "B: lobby\n"));
    CU_ASSERT_EQUAL(tell(&club, 1, 0, "psst", 4), 0);
    CU_ASSERT_TRUE(gets(&club, 0, "[private] B: psst\n"));
    free(club_close(&club));
}

/* Notices of leaving wait for a moment in each room; that of a name is sent at once, from any. */
static void who_has_left_a_room_has_left_it_under_the_old_name(void)
{
    struct club club;
    char rival[NAME_SIZE];
    club_open(&club, 0, LONG);
    enter_both(&club);
    CU_ASSERT_EQUAL(session_leave_room(&club.sessions[0], club.sessions[0].current), 0);
    CU_ASSERT_EQUAL(session_rename(&club.sessions[0], "Al", rival), 0);
    CU_ASSERT_TRUE(gets(&club, 2, "#den *** A has left #den ***\n*** A is now known as Al ***\n"));
    free(club_close(&club));
}

static void what_all_have_been_told_is_forgotten(void)
{
    struct club club;
    struct parting_place place;
    int left = 0;
    club_open(&club, 0, LONG);
    enter_both(&club);
    for (int i = 0; i < 20; i++) {
        struct member *den = club.sessions[0].user->members->next;
        CU_ASSERT_EQUAL(session_leave_room(&club.sessions[0], den), 0);
        room_sync(club.sessions[2].user->members->next->room); /* all have been told */
        join(&club, 0, "den");
    }
    for (; directory_find_parting(club.chat.directory, NULL, &place); left++)
        directory_tell_partings(club.chat.directory, &place);
    CU_ASSERT(left <= 1);
    free(club_close(&club));
}

/* As if another thread were about to tell the lobby of a new name. */
static void who_joins_a_room_knows_the_names_there(void)
{
    struct club club;
    club_open(&club, 0, LONG);
    all_enter(&club, 3);
    struct room *lobby = club.chat.lobby;
    const struct message notice = {.kind = MESSAGE_RENAME,
                                   .author = club.sessions[0].user->id,
                                   .name = words_of("A"),
                                   .text = words_of("Al")};
    lock_take(&lobby->order);
    CU_ASSERT_TRUE(room_publish_notice(lobby, &notice));
    lobby->open->names = true;
    atomic_store(&lobby->names_due, true);
    lock_release(&lobby->order);
    join(&club, 2, "den");
    CU_ASSERT_TRUE(gets(&club, 2,
                        "*** A is now known as Al ***\n"
                        "*** You are in #den. Here now: nobody else. ***\n"));
    CU_ASSERT_FALSE(atomic_load(&lobby->names_due));
    free(club_close(&club));
}

static void a_name_is_taken_when_all_know_that_it_is_free(void)
{
    struct club club;
    char rival[NAME_SIZE];
    club_open(&club, 0, LONG);
    enter_both(&club);
    CU_ASSERT_EQUAL(session_leave_room(&club.sessions[0], club.sessions[0].user->members), 0);
    CU_ASSERT_TRUE(gets(&club, 2, "*** A has left #lobby ***\n"));
    session_leave(&club.sessions[0], why, false);                      /* the den is told */
    CU_ASSERT_EQUAL(session_rename(&club.sessions[1], "A", rival), 0); /* the lobby is told */
    CU_ASSERT_TRUE(gets(&club, 2, "*** A has left the chat ***\n*** B is now known as A ***\n"));
    CU_ASSERT_EQUAL(session_rename(&club.sessions[1], "a", rival), 0); /* it is its own */
    free(club_close(&club));
}

/* Of what concerns A in all its rooms, everybody is told once: who shares both rooms, or one. */
static void everybody_is_told_once_of_a_name_and_of_leaving(void)
{
    struct club club;
    char rival[NAME_SIZE];
    club_open(&club, 0, LONG);
    enter_both(&club);
    CU_ASSERT_EQUAL(session_enter(&club.sessions[3], "D", rival), 0);
    join(&club, 3, "den");
    CU_ASSERT_EQUAL(session_leave_room(&club.sessions[3], club.sessions[3].user->members), 0);
    CU_ASSERT_TRUE(gets(&club, 3, "*** You are in #den. Here now: A, C. ***\n"));
    CU_ASSERT_TRUE(gets(&club, 1, "*** D has joined the chat ***\n*** D has left #lobby ***\n"));
    static const char to_c[] = "*** D has joined the chat ***\n#den *** D has joined #den ***\n"
                               "*** D has left #lobby ***\n";
    CU_ASSERT_TRUE(gets(&club, 2, to_c));
    CU_ASSERT_EQUAL(session_rename(&club.sessions[0], "Al", rival), 0);
    CU_ASSERT_EQUAL(session_rename(&club.sessions[0], "B", rival), EEXIST);
    session_leave(&club.sessions[0], why, false);
    static const char told[] = "*** A is now known as Al ***\n*** Al has left the chat ***\n";
    for (int i = 1; i <= 3; i++) {
        CU_ASSERT_TRUE(gets(&club, i, told));
        CU_ASSERT_TRUE(company_has_nothing(&club.company, i));
    }
    free(club_close(&club));
}

static void rooms_are_limited_and_go_with_their_last_member(void)
{
    struct club club;
    club_open(&club, 0, LONG);
    all_enter(&club, 2);
    join(&club, 0, "one");
    join(&club, 0, "two");
    CU_ASSERT_EQUAL(session_join(&club.sessions[0], "three", NULL), EMLINK);
    join(&club, 1, "three");
    CU_ASSERT_EQUAL(session_join(&club.sessions[1], "four", NULL), ENOSPC);
    CU_ASSERT_EQUAL(session_leave_room(&club.sessions[0], club.sessions[0].current), 0);
    CU_ASSERT_PTR_NULL(rooms_find(club.chat.rooms, "two"));
    join(&club, 1, "four");
    free(club_close(&club));
}

static void who_made_a_room_decides_who_comes_in(void)
{
    struct club club;
    club_open(&club, 0, LONG);
    all_enter(&club, 3);
    struct session *a = &club.sessions[0], *b = &club.sessions[1], *c = &club.sessions[2];
    join(&club, 0, "den");
    CU_ASSERT_EQUAL(room_change(a->current, MESSAGE_LOCK, "sesame"), 0);
    CU_ASSERT_EQUAL(session_join(b, "den", NULL), EPERM);
    CU_ASSERT_EQUAL(session_join(b, "den", "Sesame"), EPERM);
    CU_ASSERT_STRING_EQUAL(room_name(b->current->room), "lobby");
    CU_ASSERT_EQUAL(session_join(b, "den", "sesame"), 0);
    CU_ASSERT_EQUAL(room_change(b->current, MESSAGE_UNLOCK, ""), EPERM);
    CU_ASSERT_EQUAL(room_change(a->current, MESSAGE_UNLOCK, ""), 0);
    CU_ASSERT_EQUAL(room_change(a->current, MESSAGE_CLOSE, ""), 0);
    CU_ASSERT_EQUAL(session_join(c, "den", NULL), EACCES);
    CU_ASSERT_EQUAL(session_invite(b, c->user), 0);
    CU_ASSERT_EQUAL(session_join(c, "den", NULL), 0);
    CU_ASSERT_TRUE(gets(&club, 2,
                        "*** B invites you to #den: /join den ***\n"
                        "*** You are in #den. Here now: A, B. ***\n"));
    /* Who changes a room is answered by its door. */
    CU_ASSERT_TRUE(gets(&club, 0,
                        "*** You are in #den. Here now: nobody else. ***\n"
                        "*** B has joined #den ***\n*** C has joined #den ***\n"));
    CU_ASSERT_TRUE(gets(&club, 1,
                        "*** You are in #den. Here now: A. ***\n"
                        "*** A has removed the key of this room ***\n"
                        "*** A lets only who is invited into this room ***\n"
                        "*** C has joined #den ***\n"));
    free(club_close(&club));
}

struct talker {
    struct club *club;
    int who;
    bool talked;
    pthread_t thread;
};

static void *talk(void *argument)
{
    struct talker *talker = argument;
    struct session *session = &talker->club->sessions[talker->who];
    char text[LINE_SIZE];
    talker->talked = true;
    for (int i = 0; i < LINES; i++) {
        size_t length = (size_t)snprintf(text, sizeof text, "line %d", i);
        bool said = session_say(session, MESSAGE_SAY, text, length) &&
                    session_publish(session) == SESSION_HEARD;
        talker->talked = said && talker->talked;
    }
    return NULL;
}

/* Reads the next so many lines that somebody gets. */
static bool read_lines(struct club *club, int who, int count, char text[TEXT_SIZE])
{
    size_t length = 0;
    while (count > 0 && length + 1 < TEXT_SIZE &&
           peer_receive(&club->company.peers[who], text + length, 1))
        count -= text[length++] == '\n';
    text[length] = '\0';
    return count == 0;
}

/* A talks in the den while B does in the lobby; C hears them both. */
static void each_rooms_messages_come_in_their_order(void)
{
    static char text[TEXT_SIZE];
    struct club club;
    int next[2] = {0};
    int number;
    int end;
    char name;
    club_open(&club, 0, LONG);
    enter_both(&club);
    struct talker talkers[2] = {{.club = &club, .who = 0}, {.club = &club, .who = 1}};
    for (int i = 0; i < 2; i++)
        company_need(pthread_create(&talkers[i].thread, NULL, talk, &talkers[i]) == 0, "a thread");
    for (int i = 0; i < 2; i++) {
        pthread_join(talkers[i].thread, NULL);
        CU_ASSERT_TRUE(talkers[i].talked);
    }
    CU_ASSERT_TRUE(read_lines(&club, 2, 2 * LINES, text));
    const char *line = text;
    while (line += strncmp(line, "#den ", 5) == 0 ? 5 : 0,
           sscanf(line, "%c: line %d%n", &name, &number, &end) == 2) {
        EXPECT((name == 'A' || name == 'B') && number == next[name == 'B']++, "line %d of %c",
               number, name);
        line += end + 1;
    }
    CU_ASSERT_STRING_EQUAL(line, "");
    CU_ASSERT_TRUE(next[0] == LINES && next[1] == LINES);
    free(club_close(&club));
}

/* A floods the den, or B the lobby. */
static void flood(struct club *club, int who)
{
    CU_ASSERT_TRUE(session_say(&club->sessions[who], MESSAGE_SAY, much, sizeof much));
    CU_ASSERT_TRUE(publish(club, who));
}

/* A reader that has stopped, and that is in both rooms, is waited for in either. */
static void a_flood_in_either_room_waits_for_a_reader_of_both(void)
{
    struct club club;
    club_open(&club, PEER_SMALL_BYTES, LONG);
    enter_both(&club);
    memset(much, 'x', sizeof much);
    company_fall_behind(&club.company, 2);
    int64_t began = clock_now();
    flood(&club, 1);
    int64_t next = clock_now();
    CU_ASSERT_TRUE(next >= began + FLOW_FIRST_PATIENCE);
    flood(&club, 0);
    CU_ASSERT_TRUE(clock_now() >= next + FLOW_FIRST_PATIENCE);
    CU_ASSERT_EQUAL(company_reason(&club.company, 2), LINK_OPEN);
    CU_ASSERT_TRUE(company_catch_up(&club.company, 2));
    CU_ASSERT_TRUE(gets(&club, 2, "B: xxx"));
    free(club_close(&club));
}

/*
 * Has a user have said so much that whatever it does next is a flood, however long the machine
 * takes until then: as if it were said some time from now.
 */
static void say_much(struct club *club, int who)
{
    flow_is_flood(&club->sessions[who].user->pace, 2 * FLOW_TALK_BYTES, clock_now() + LONG);
}

/* How often the gate of the room has opened in which somebody is. */
static uint64_t openings(struct club *club, int who)
{
    return flow_openings(&club->sessions[who].current->room->flow);
}

/* A has made the den, in which C takes nothing and B has no floor. */
static void what_makes_notices_is_talk(void)
{
    struct club club;
    club_open(&club, PEER_SMALL_BYTES, LONG);
    all_enter(&club, 3);
    for (int i = 0; i < 3; i++)
        join(&club, i, "den");
    company_fall_behind(&club.company, 2);
    /* Talk waits for nobody. */
    CU_ASSERT_EQUAL(session_set_topic(&club.sessions[0], "calm", 4), 0);
    CU_ASSERT_EQUAL(session_change_room(&club.sessions[0], MESSAGE_MODERATE, NULL), 0);
    CU_ASSERT_EQUAL(session_raise_hand(&club.sessions[1]), 1);
    CU_ASSERT_EQUAL(openings(&club, 0), 0);
    CU_ASSERT_EQUAL(session_invite(&club.sessions[0], club.sessions[2].user), 0);
    CU_ASSERT_EQUAL(club.sessions[2].user->local->let_in, 0);
    /* A flood waits at the gate of the room, or for the one who reads it. */
    say_much(&club, 0);
    say_much(&club, 1);
    CU_ASSERT_EQUAL(session_set_topic(&club.sessions[0], "storm", 5), 0);
    CU_ASSERT_EQUAL(openings(&club, 0), 1);
    CU_ASSERT_EQUAL(session_raise_hand(&club.sessions[1]), 1);
    CU_ASSERT_EQUAL(openings(&club, 0), 2);
    say_much(&club, 0);
    CU_ASSERT_EQUAL(session_change_room(&club.sessions[0], MESSAGE_UNMODERATE, NULL), 0);
    CU_ASSERT_EQUAL(openings(&club, 0), 3);
    say_much(&club, 0);
    CU_ASSERT_EQUAL(session_invite(&club.sessions[0], club.sessions[2].user), 0);
    CU_ASSERT_NOT_EQUAL(club.sessions[2].user->local->let_in, 0);
    CU_ASSERT_TRUE(gets(&club, 1,
                        "*** You are in #den. Here now: A. ***\n"
                        "*** C has joined #den ***\n"
                        "*** A has set the topic: calm ***\n"
                        "*** A has made this room moderated: /hand asks for the floor ***\n"
                        "*** A has set the topic: storm ***\n"
                        "*** A lets everyone speak in this room ***\n"));
    CU_ASSERT_EQUAL(company_reason(&club.company, 2), LINK_OPEN);
    free(club_close(&club));
}

/* Also if it was not yet when it began to wait. */
static void who_may_not_speak_sets_no_topic(void)
{
    struct club club;
    club_open(&club, 0, LONG);
    all_enter(&club, 2);
    for (int i = 0; i < 2; i++)
        join(&club, i, "den");
    CU_ASSERT_EQUAL(room_mute(club.sessions[1].current, club.sessions[1].user, 0), 0);
    CU_ASSERT_EQUAL(session_set_topic(&club.sessions[1], "mine", 4), EACCES);
    CU_ASSERT_EQUAL(room_unmute(club.sessions[1].current, club.sessions[1].user, clock_utc()), 0);
    CU_ASSERT_EQUAL(session_set_topic(&club.sessions[1], "ours", 4), 0);
    CU_ASSERT_TRUE(gets(&club, 0,
                        "*** You are in #den. Here now: nobody else. ***\n"
                        "*** B has joined #den ***\n"
                        "*** B has set the topic: ours ***\n"));
    free(club_close(&club));
}

static bool is_cut_off(const struct club *club, int who)
{
    return company_reason(&club->company, who) == LINK_TOO_SLOW;
}

/* C is in both rooms, D in the lobby; both take nothing. A flood is for its own readers. */
static void a_flood_in_either_room_cuts_off_who_takes_nothing(void)
{
    for (int in_den = 0; in_den < 2; in_den++) {
        struct club club;
        club_open(&club, PEER_SMALL_BYTES, CLOCK_SECOND / 4);
        all_enter(&club, 4);
        join(&club, 0, "den");
        join(&club, 2, "den");
        memset(much, 'x', sizeof much);
        company_fall_behind(&club.company, 2);
        company_fall_behind(&club.company, 3);
        /* Not so often that it would be cut off for what is pending. */
        for (int i = 0; i < 30 && !(is_cut_off(&club, 2) && (in_den || is_cut_off(&club, 3))); i++)
            flood(&club, in_den ? 0 : 1);
        CU_ASSERT_TRUE(is_cut_off(&club, 2));
        CU_ASSERT_EQUAL(is_cut_off(&club, 3), !in_den);
        CU_ASSERT_EQUAL(company_reason(&club.company, 0), LINK_OPEN);
        CU_ASSERT_EQUAL(company_reason(&club.company, 1), LINK_OPEN);
        free(club_close(&club));
    }
}

/* Short lines take more memory than their bytes: they are published sooner. */
static void what_is_collected_takes_bounded_memory(void)
{
    struct club club;
    club_open(&club, 0, LONG);
    struct session *session = &club.sessions[0];
    char rival[NAME_SIZE];
    CU_ASSERT_EQUAL(session_enter(session, "Al", rival), 0);
    while (!session_is_full(session) && session->unsaid.count < 100000)
        CU_ASSERT_TRUE(session_say(session, MESSAGE_SAY, "x", 1));
    CU_ASSERT_TRUE(session->unsaid.count > 1000);
    CU_ASSERT_TRUE(batch_memory(&session->unsaid) < 64 * 1024);
    free(club_close(&club));
}

/* For who is here, and for rooms that are made then; what a reader may have pending is not raised.
 */
static void other_limits_hold_at_once(void)
{
    struct club club;
    struct chat_limits limits = {.drain_timeout = CLOCK_SECOND,
                                 .sendq = COMPANY_SENDQ / 2,
                                 .max_rooms = ROOMS_MAX,
                                 .rooms_per_client = 2,
                                 .history = 7};
    club_open(&club, 0, LONG);
    all_enter(&club, 1);
    join(&club, 0, "den");
    chat_limit(&club.chat, &limits);
    limits.sendq = COMPANY_SENDQ;
    limits.drain_timeout = 2 * CLOCK_SECOND;
    chat_limit(&club.chat, &limits);
    CU_ASSERT_EQUAL(session_join(&club.sessions[0], "too-many", NULL), EMLINK);
    CU_ASSERT_EQUAL(session_leave_room(&club.sessions[0], club.sessions[0].current), 0);
    join(&club, 0, "new");
    struct room *room;
    unsigned count = 0;
    for (uint64_t after = 0; (room = rooms_after(club.chat.rooms, after)) != NULL; count++) {
        after = room_number(room);
        CU_ASSERT_EQUAL(room->flow.drain_timeout, 2 * CLOCK_SECOND);
        CU_ASSERT_EQUAL(room->flow.patient, COMPANY_SENDQ / 8);
        CU_ASSERT_EQUAL(room->transcript.most_messages, 7);
        rooms_release(club.chat.rooms, room);
    }
    CU_ASSERT_EQUAL(count, 2);
    CU_ASSERT_EQUAL(club.chat.private_flow.drain_timeout, 2 * CLOCK_SECOND);
    CU_ASSERT_EQUAL(club.chat.private_flow.patient, COMPANY_SENDQ / 8);
    free(club_close(&club));
}

void add_session_suite(void)
{
    static const struct test tests[] = {
        {"what is collected before it is published takes bounded memory",
         what_is_collected_takes_bounded_memory},
        {"other limits hold at once", other_limits_hold_at_once},
        {"nobody is found before it has come in, or after it has left",
         nobody_is_found_before_it_has_come_in},
        {"whoever is banned while coming in is not in for long",
         who_is_banned_while_coming_in_is_not_in_for_long},
        {"whoever takes a verdict early is out all the same",
         whoever_takes_a_verdict_early_is_out_all_the_same},
        {"a name, and what looks like it, is one user's until that has left", a_name_is_one_users},
        {"what is said is heard when it is published, by the others, in order",
         what_is_said_is_heard_when_it_is_published},
        {"who is alone learns that nobody heard it", who_is_alone_is_not_heard},
        {"what is said is cleaned, and nothing is not said", what_is_said_is_cleaned},
        {"who says much is told to publish it in pieces", much_is_published_in_pieces},
        {"a new name is told to all and used from then on, unless somebody has it",
         a_new_name_is_told_and_used},
        {"who leaves is told of, unless silently", who_leaves_is_told_of_unless_silently},
        {"what is told is its reader's alone, in its place, and not in the log",
         what_is_told_is_its_readers_alone},
        {"nothing cannot be told", nothing_can_be_told},
        {"the last who told something is the correspondent, by whatever name",
         the_last_who_told_is_the_correspondent},
        {"a private flood waits for its reader, and talk does not",
         a_private_flood_waits_for_its_reader},
        {"who is gone waits for no reader of a private flood", who_is_gone_waits_for_nobody},
        {"a topic, an invitation and a request for the floor count as talk, and as a flood",
         what_makes_notices_is_talk},
        {"who may not speak in a room sets no topic there", who_may_not_speak_sets_no_topic},
        {"lines of rooms that are not the current one name them, and own words are left out",
         lines_of_other_rooms_name_them},
        {"who leaves one room is in the other still, and keeps the name",
         who_leaves_one_room_is_in_the_other_still},
        {"who has left a room has left it under the old name",
         who_has_left_a_room_has_left_it_under_the_old_name},
        {"what all have been told is forgotten", what_all_have_been_told_is_forgotten},
        {"who joins a room knows the names there", who_joins_a_room_knows_the_names_there},
        {"a name is taken when all know that it is free",
         a_name_is_taken_when_all_know_that_it_is_free},
        {"everybody is told once of a name and of leaving, whichever rooms it shares",
         everybody_is_told_once_of_a_name_and_of_leaving},
        {"rooms are limited, and go with their last member",
         rooms_are_limited_and_go_with_their_last_member},
        {"who made a room decides who comes in, and who is invited does",
         who_made_a_room_decides_who_comes_in},
        {"a user of two rooms gets each room's messages in their order",
         each_rooms_messages_come_in_their_order},
        {"a flood in either room waits for a reader of both",
         a_flood_in_either_room_waits_for_a_reader_of_both},
        {"a flood in either room cuts off a member that takes nothing, and nobody else",
         a_flood_in_either_room_cuts_off_who_takes_nothing},
    };
    SUITE_ADD("session", tests);
}
