/*
 * What people on other machines do, in a chat where some people are; what comes of it is what comes
 * out of the sockets of these.
 */
#include "suites.h"
#include "company.h"

#include "chat/replica.h"
#include "chat/room.h"
#include "chat/room_inside.h"
#include "chat/room_policy.h"
#include "chat/session.h"
#include "chat/session_entry.h"
#include "chat/session_membership.h"
#include "chat/session_policy.h"
#include "chat/session_publishing.h"
#include "chat/session_telling.h"
#include "chat/session_verdicts.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LONG (60 * CLOCK_SECOND)

/* Machines are known by where their names are. */
static const char west[] = "west";
static const char north[] = "north";

enum { TEXT_SIZE = 256 };

/* Local people are A and B; ids of remote ones are the places of their coming. */
enum { RITA = 100, ROB = 200, NINA = 300 };

struct club {
    struct company company;
    struct chat chat;
    struct session sessions[2];
    struct ordering ordering;
    struct change sent; /* the last one that was sent to another machine alone, */
    char text[TEXT_SIZE];
    char room[NAME_SIZE];
    int result;      /* and the answer */
    uint64_t places; /* of local changes */
    const char
        *intruder; /* who comes in elsewhere just before somebody comes in here; NULL: nobody */
};

static struct club *club_of(struct ordering *ordering)
{
    return (struct club *)(void *)((char *)ordering - offsetof(struct club, ordering));
}

/* Each change has its turn at once. */
static int await(struct ordering *ordering, const struct user *user, const struct change *change,
                 enum ordering_patience patience, uint64_t *place)
{
    struct club *club = club_of(ordering);
    (void)user;
    (void)patience;
    if (change->kind == CHANGE_ENTER && club->intruder != NULL) {
        const struct change intrusion = {.kind = CHANGE_ENTER, .name = words_of(club->intruder)};
        club->places = RITA;
        replica_make(&club->chat, west, RITA, &intrusion);
    }
    club->places++;
    if (place != NULL)
        *place = club->places;
    return 0;
}

static void end(struct ordering *ordering)
{
    (void)ordering;
}

static void hurry(struct ordering *ordering)
{
    (void)ordering;
}

static void keep(struct words words, char *place, size_t size)
{
    size_t length = words.length < size ? words.length : size - 1;
    if (length > 0)
        memcpy(place, words.bytes, length);
    place[length] = '\0';
}

static int send_away(struct ordering *ordering, const struct user *to, const struct change *change)
{
    struct club *club = club_of(ordering);
    (void)to;
    club->sent = *change;
    keep(change->text, club->text, sizeof club->text);
    keep(change->room, club->room, sizeof club->room);
    return club->result;
}

static const struct ordering_functions functions = {await, end, hurry, send_away};

static void club_open(struct club *club)
{
    char rival[NAME_SIZE];
    *club = (struct club){.ordering = {&functions}};
    company_open(&club->company, 0);
    const struct chat_config config = {.drain_timeout = LONG,
                                       .sendq = COMPANY_SENDQ,
                                       .max_rooms = 4,
                                       .rooms_per_client = 3,
                                       .history = 100,
                                       .ordering = &club->ordering,
                                       .event_log = club->company.event_log};
    company_need(chat_open(&club->chat, &config) == 0, "a chat");
    for (int i = 0; i < 2; i++) {
        char name[] = {(char)('A' + i), '\0'};
        company_need(session_open(&club->sessions[i], &club->chat,
                                  company_outbox(&club->company, i), &company_view) == 0 &&
                         session_enter(&club->sessions[i], name, rival) == 0,
                     "a session");
    }
    CU_ASSERT_TRUE(company_gets(&club->company, 0, "*** B has joined the chat ***\n"));
}

static void club_close(struct club *club)
{
    for (int i = 0; i < 2; i++) {
        session_leave(&club->sessions[i], "shutdown", true);
        session_close(&club->sessions[i]);
    }
    replica_remove(&club->chat, west, "over");
    replica_remove(&club->chat, north, "over");
    chat_close(&club->chat);
    free(company_close(&club->company));
}

static bool gets(struct club *club, int who, const char *lines)
{
    return company_gets(&club->company, who, lines);
}

static bool both_get(struct club *club, const char *lines)
{
    bool first = gets(club, 0, lines);
    return gets(club, 1, lines) && first;
}

static void enter(struct club *club, const char *machine, uint64_t id, const char *name)
{
    const struct change change = {.kind = CHANGE_ENTER, .name = words_of(name)};
    replica_make(&club->chat, machine, id, &change);
}

static void say_as(struct club *club, const char *machine, uint64_t id, const char *name,
                   const char *room, const char *text)
{
    struct batch said = {0};
    const struct message message = {.kind = MESSAGE_SAY,
                                    .author = id,
                                    .time = 1700000000000,
                                    .name = words_of(name),
                                    .text = words_of(text)};
    const struct change change = {.kind = CHANGE_TALK, .room = words_of(room), .said = &said};
    company_need(batch_add(&said, &message), "a line");
    replica_make(&club->chat, machine, 0, &change);
    batch_free(&said);
}

static void make(struct club *club, const struct change *change)
{
    replica_make(&club->chat, west, 0, change);
}

static bool is_here(struct club *club, const char *name)
{
    struct user *user = directory_find(club->chat.directory, name);
    if (user != NULL)
        user_release(user);
    return user != NULL;
}

static void who_comes_in_elsewhere_is_here_as_well(void)
{
    struct club club;
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    CU_ASSERT_TRUE(both_get(&club, "*** Rita has joined the chat ***\n"));
    struct user *rita = directory_find_id(club.chat.directory, RITA);
    CU_ASSERT_PTR_NOT_NULL_FATAL(rita);
    CU_ASSERT_TRUE(user_is_remote(rita));
    CU_ASSERT_STRING_EQUAL(user_peer(rita), "west");
    user_release(rita);
    CU_ASSERT_EQUAL(room_count(club.chat.lobby), 3);
    struct room_entry entries[4];
    CU_ASSERT_EQUAL(room_list(club.chat.lobby, 0, entries, 4), 3);
    CU_ASSERT_STRING_EQUAL(entries[2].name, "Rita");
    club_close(&club);
}

static void a_name_is_taken_whatever_machine_it_is_on(void)
{
    struct club club;
    char rival[NAME_SIZE];
    club_open(&club);
    enter(&club, west, RITA, "a");
    CU_ASSERT_EQUAL(room_count(club.chat.lobby), 2);
    enter(&club, west, ROB, "Rob");
    CU_ASSERT_TRUE(both_get(&club, "*** Rob has joined the chat ***\n"));
    CU_ASSERT_EQUAL(session_rename(&club.sessions[0], "rob", rival), EEXIST);
    CU_ASSERT_STRING_EQUAL(rival, "Rob");
    const struct change change = {.kind = CHANGE_RENAME, .user = ROB, .name = words_of("b")};
    make(&club, &change);
    CU_ASSERT_TRUE(is_here(&club, "Rob"));
    club_close(&club);
}

static void lines_of_other_machines_are_delivered_and_remembered(void)
{
    struct club club;
    struct message message;
    size_t place = 0;
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    say_as(&club, west, RITA, "Rita", CHAT_LOBBY, "Hi!");
    CU_ASSERT_TRUE(both_get(&club, "*** Rita has joined the chat ***\nRita: Hi!\n"));
    CU_ASSERT_TRUE_FATAL(transcript_next(&club.chat.lobby->transcript, &place, &message));
    CU_ASSERT_EQUAL(message.seq, 1);
    CU_ASSERT_EQUAL(message.time, 1700000000000);
    CU_ASSERT(session_say(&club.sessions[0], MESSAGE_SAY, "Ho!", 3));
    CU_ASSERT_EQUAL(session_publish(&club.sessions[0]), SESSION_HEARD);
    CU_ASSERT_TRUE(gets(&club, 1, "A: Ho!\n"));
    club_close(&club);
}

/* A line of its own, and one of somebody else, together. */
static void say_for_another(struct club *club)
{
    struct batch said = {0};
    const struct message messages[] = {
        {.kind = MESSAGE_SAY, .author = NINA, .name = words_of("Nina"), .text = words_of("mine")},
        {.kind = MESSAGE_SAY, .author = 1, .name = words_of("A"), .text = words_of("forged")}};
    const struct change change = {.kind = CHANGE_TALK, .room = words_of(CHAT_LOBBY), .said = &said};
    company_need(batch_add(&said, &messages[0]) && batch_add(&said, &messages[1]), "lines");
    replica_make(&club->chat, north, 0, &change);
    batch_free(&said);
}

static void a_machine_speaks_for_its_own_people_only(void)
{
    struct club club;
    const struct change rename = {.kind = CHANGE_RENAME, .user = NINA, .name = words_of("Nora")};
    const struct change of_local = {.kind = CHANGE_LEAVE, .user = 1};
    club_open(&club);
    enter(&club, north, NINA, "Nina");
    CU_ASSERT_TRUE(both_get(&club, "*** Nina has joined the chat ***\n"));
    make(&club, &rename);
    make(&club, &of_local);
    say_as(&club, west, NINA, "Nina", CHAT_LOBBY, "forged");
    say_as(&club, west, 999, "Nobody", CHAT_LOBBY, "forged");
    say_as(&club, north, NINA, "Nina", "nowhere", "forged");
    say_for_another(&club);
    say_as(&club, north, NINA, "Nina", CHAT_LOBBY, "true");
    CU_ASSERT_TRUE(both_get(&club, "Nina: true\n"));
    CU_ASSERT_TRUE(is_here(&club, "Nina"));
    club_close(&club);
}

static void join(struct club *club, uint64_t id, const char *room, const char *key)
{
    const struct change change = {
        .kind = CHANGE_JOIN, .room = words_of(room), .user = id, .text = words_of(key)};
    make(club, &change);
}

static void rooms_are_joined_changed_and_left(void)
{
    struct club club;
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    CU_ASSERT_TRUE(both_get(&club, "*** Rita has joined the chat ***\n"));
    join(&club, RITA, "ops", "");
    CU_ASSERT_EQUAL(session_join(&club.sessions[0], "OPS", NULL), 0);
    CU_ASSERT_TRUE(gets(&club, 0, "*** You are in #ops. Here now: Rita. ***\n"));
    const struct change topic = {.kind = CHANGE_TOPIC,
                                 .room = words_of("ops"),
                                 .author = RITA,
                                 .author_name = words_of("Rita"),
                                 .text = words_of("Tea")};
    make(&club, &topic);
    CU_ASSERT_TRUE(gets(&club, 0, "*** Rita has set the topic: Tea ***\n"));
    const struct change key = {.kind = CHANGE_SETTINGS,
                               .room = words_of("ops"),
                               .author = RITA,
                               .author_name = words_of("Rita"),
                               .changed = CHANGE_LOCKED,
                               .settings = CHANGE_LOCKED,
                               .key = words_of("sesame")};
    make(&club, &key);
    CU_ASSERT_TRUE(gets(&club, 0, "*** Rita has set a key for this room ***\n"));
    CU_ASSERT_EQUAL(session_join(&club.sessions[1], "ops", NULL), EPERM);
    enter(&club, west, ROB, "Rob");
    join(&club, ROB, "ops", "wrong");
    join(&club, ROB, "ops", "sesame");
    join(&club, ROB, "ops", "sesame");
    CU_ASSERT_TRUE(gets(&club, 0,
                        "#lobby *** Rob has joined the chat ***\n"
                        "*** Rob has joined #ops ***\n"));
    const struct change leave = {.kind = CHANGE_LEAVE, .room = words_of("ops"), .user = ROB};
    make(&club, &leave);
    make(&club, &leave);
    CU_ASSERT_TRUE(gets(&club, 0, "*** Rob has left #ops ***\n"));
    const struct change expel = {
        .kind = CHANGE_LEAVE, .room = words_of("ops"), .user = RITA, .text = words_of("A: enough")};
    make(&club, &expel);
    CU_ASSERT_TRUE(gets(&club, 0, "*** Rita has been kicked out of #ops by A: enough ***\n"));
    club_close(&club);
}

/* Who makes a room of that name anew finds nothing of it, however long somebody looks at it. */
static void a_room_that_everybody_has_left_is_as_new(void)
{
    struct club club;
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    join(&club, RITA, "ops", "");
    say_as(&club, west, RITA, "Rita", "ops", "secret");
    struct room *looked_at = rooms_find(club.chat.rooms, "ops");
    CU_ASSERT_PTR_NOT_NULL_FATAL(looked_at);
    CU_ASSERT_EQUAL(looked_at->said, 1);
    const struct change leave = {.kind = CHANGE_LEAVE, .room = words_of("ops"), .user = RITA};
    make(&club, &leave);
    CU_ASSERT_EQUAL(looked_at->said, 0);
    CU_ASSERT_EQUAL(looked_at->transcript.count, 0);
    CU_ASSERT_EQUAL(looked_at->settings.owner, 0);
    CU_ASSERT_EQUAL(session_join(&club.sessions[0], "ops", NULL), 0);
    CU_ASSERT_TRUE(room_is_owner(looked_at, club.sessions[0].user));
    rooms_release(club.chat.rooms, looked_at);
    club_close(&club);
}

static void a_machine_that_is_gone_takes_its_people_along(void)
{
    struct club club;
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    enter(&club, west, ROB, "Rob");
    enter(&club, north, NINA, "Nina");
    CU_ASSERT_TRUE(both_get(&club, "*** Rita has joined the chat ***\n"
                                   "*** Rob has joined the chat ***\n"
                                   "*** Nina has joined the chat ***\n"));
    replica_remove(&club.chat, west, "not heard");
    CU_ASSERT_TRUE(both_get(&club, "*** Rita has left the chat ***\n"
                                   "*** Rob has left the chat ***\n"));
    CU_ASSERT_FALSE(is_here(&club, "Rita"));
    CU_ASSERT_TRUE(is_here(&club, "Nina"));
    CU_ASSERT_EQUAL(room_count(club.chat.lobby), 3);
    club_close(&club);
}

static void what_concerns_one_remote_user_alone_is_sent_there(void)
{
    struct club club;
    struct verdict verdict = {.kind = VERDICT_KICK};
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    struct user *rita = directory_find(club.chat.directory, "Rita");
    CU_ASSERT_PTR_NOT_NULL_FATAL(rita);
    CU_ASSERT_EQUAL(session_tell(&club.sessions[0], rita, " psst ", 6), 0);
    CU_ASSERT(club.sent.kind == CHANGE_TELL && club.sent.user == RITA);
    CU_ASSERT_STRING_EQUAL(club.text, "psst");
    club.result = ETIMEDOUT;
    CU_ASSERT_EQUAL(session_tell(&club.sessions[0], rita, "psst", 4), ETIMEDOUT);
    CU_ASSERT_EQUAL(session_judge(&club.sessions[0], rita, &verdict), ETIMEDOUT);
    CU_ASSERT(club.sent.kind == CHANGE_KICK && *club.room == '\0');
    club.result = ESRCH; /* it has left */
    verdict.kind = VERDICT_EXPEL;
    CU_ASSERT_EQUAL(session_judge(&club.sessions[0], rita, &verdict), 0);
    CU_ASSERT_STRING_EQUAL(club.room, CHAT_LOBBY);
    user_release(rita);
    club_close(&club);
}

static void what_is_sent_here_reaches_one_user(void)
{
    struct club club;
    char name[NAME_SIZE];
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    CU_ASSERT_TRUE(both_get(&club, "*** Rita has joined the chat ***\n"));
    struct change change = {.kind = CHANGE_TELL,
                            .user = club.sessions[1].user->id,
                            .author = RITA,
                            .author_name = words_of("Rita"),
                            .text = words_of("psst")};
    CU_ASSERT_EQUAL(replica_receive(&club.chat, &change), 0);
    CU_ASSERT_TRUE(gets(&club, 1, "[private] Rita: psst\n"));
    CU_ASSERT_EQUAL(session_correspondent(&club.sessions[1], name), RITA);
    change.user = 999;
    CU_ASSERT_EQUAL(replica_receive(&club.chat, &change), ESRCH);
    change.user = RITA;
    CU_ASSERT_EQUAL(replica_receive(&club.chat, &change), ESRCH);
    change.user = club.sessions[1].user->id;
    change.kind = CHANGE_TOPIC;
    CU_ASSERT_EQUAL(replica_receive(&club.chat, &change), EINVAL);
    change.kind = CHANGE_KICK;
    CU_ASSERT_EQUAL(replica_receive(&club.chat, &change), 0);
    CU_ASSERT_EQUAL(link_reason(outbox_link(club.sessions[1].user->outbox)), LINK_KICKED);
    club_close(&club);
}

static void an_invitation_from_another_machine_holds_and_is_told(void)
{
    struct club club;
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    join(&club, RITA, "ops", "");
    CU_ASSERT_TRUE(both_get(&club, "*** Rita has joined the chat ***\n"));
    const struct change close = {.kind = CHANGE_SETTINGS,
                                 .room = words_of("ops"),
                                 .author = RITA,
                                 .author_name = words_of("Rita"),
                                 .changed = CHANGE_CLOSED,
                                 .settings = CHANGE_CLOSED};
    make(&club, &close);
    CU_ASSERT_EQUAL(session_join(&club.sessions[0], "ops", NULL), EACCES);
    const struct change invite = {.kind = CHANGE_INVITE,
                                  .room = words_of("ops"),
                                  .user = club.sessions[0].user->id,
                                  .author = RITA,
                                  .author_name = words_of("Rita")};
    make(&club, &invite);
    CU_ASSERT_TRUE(gets(&club, 0, "*** Rita invites you to #ops: /join ops ***\n"));
    CU_ASSERT_EQUAL(session_join(&club.sessions[0], "ops", NULL), 0);
    club_close(&club);
}

static void who_is_away_elsewhere_is_away(void)
{
    struct club club;
    char away[USER_AWAY_SIZE];
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    struct user *rita = directory_find(club.chat.directory, "Rita");
    CU_ASSERT_PTR_NOT_NULL_FATAL(rita);
    struct change change = {
        .kind = CHANGE_AWAY, .user = RITA, .text = words_of("tea"), .given = true};
    make(&club, &change);
    CU_ASSERT_TRUE(directory_copy_away(club.chat.directory, rita, away));
    CU_ASSERT_STRING_EQUAL(away, "tea");
    change.given = false;
    make(&club, &change);
    CU_ASSERT_FALSE(directory_copy_away(club.chat.directory, rita, away));
    user_release(rita);
    club_close(&club);
}

static void who_is_muted_elsewhere_is_not_heard_here(void)
{
    struct club club;
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    enter(&club, west, ROB, "Rob");
    join(&club, RITA, "ops", "");
    join(&club, ROB, "ops", "");
    CU_ASSERT_TRUE(gets(&club, 0,
                        "*** Rita has joined the chat ***\n"
                        "*** Rob has joined the chat ***\n"));
    CU_ASSERT_EQUAL(session_join(&club.sessions[0], "ops", NULL), 0);
    CU_ASSERT_TRUE(gets(&club, 0, "*** You are in #ops. Here now: Rita, Rob. ***\n"));
    struct change mute = {.kind = CHANGE_ROOM_MUTE,
                          .room = words_of("ops"),
                          .user = ROB,
                          .author = RITA,
                          .author_name = words_of("Rita"),
                          .given = true};
    make(&club, &mute);
    say_as(&club, west, ROB, "Rob", "ops", "not heard");
    mute.given = false;
    make(&club, &mute);
    say_as(&club, west, ROB, "Rob", "ops", "heard");
    CU_ASSERT_TRUE(gets(&club, 0, "Rob: heard\n"));
    const struct change floor = {.kind = CHANGE_FLOOR,
                                 .room = words_of("ops"),
                                 .user = ROB,
                                 .author = RITA,
                                 .author_name = words_of("Rita"),
                                 .given = true};
    make(&club, &floor);
    CU_ASSERT_TRUE(gets(&club, 0, "*** Rita gives the floor to Rob ***\n"));
    club_close(&club);
}

static void who_comes_in_anew_is_in_its_rooms_again(void)
{
    struct club club;
    club_open(&club);
    uint64_t id = club.sessions[0].user->id;
    CU_ASSERT_EQUAL(session_join(&club.sessions[0], "ops", NULL), 0);
    CU_ASSERT_TRUE(gets(&club, 0, "*** You are in #ops. Here now: nobody else. ***\n"));
    session_come_in_anew(&club.sessions[0]);
    CU_ASSERT_TRUE(gets(&club, 1, "*** A has left the chat ***\n*** A has joined the chat ***\n"));
    CU_ASSERT_TRUE(gets(&club, 0, "*** You are in #ops. Here now: nobody else. ***\n"));
    CU_ASSERT_NOT_EQUAL(club.sessions[0].user->id, id);
    CU_ASSERT_STRING_EQUAL(room_name(club.sessions[0].current->room), "ops");
    CU_ASSERT_EQUAL(room_count(club.chat.lobby), 2);
    club_close(&club);
}

static void whose_name_is_taken_meanwhile_is_out(void)
{
    struct club club;
    club_open(&club);
    club.intruder = "a";
    session_come_in_anew(&club.sessions[0]);
    CU_ASSERT_EQUAL(link_reason(outbox_link(club.sessions[0].user->outbox)), LINK_NAME_TAKEN);
    CU_ASSERT_PTR_NULL(club.sessions[0].current);
    CU_ASSERT_TRUE(gets(&club, 1, "*** A has left the chat ***\n*** a has joined the chat ***\n"));
    CU_ASSERT_EQUAL(room_count(club.chat.lobby), 2);
    club_close(&club);
}

static const struct test tests[] = {
    {"who comes in elsewhere is here as well", who_comes_in_elsewhere_is_here_as_well},
    {"a name is taken, whatever machine it is on", a_name_is_taken_whatever_machine_it_is_on},
    {"lines of other machines are delivered and remembered",
     lines_of_other_machines_are_delivered_and_remembered},
    {"a machine speaks for its own people only", a_machine_speaks_for_its_own_people_only},
    {"rooms are joined, changed and left", rooms_are_joined_changed_and_left},
    {"a room that everybody has left is as new", a_room_that_everybody_has_left_is_as_new},
    {"a machine that is gone takes its people along",
     a_machine_that_is_gone_takes_its_people_along},
    {"what concerns one remote user alone is sent there",
     what_concerns_one_remote_user_alone_is_sent_there},
    {"what is sent here reaches one user", what_is_sent_here_reaches_one_user},
    {"an invitation from another machine holds, and is told",
     an_invitation_from_another_machine_holds_and_is_told},
    {"who is away elsewhere is away", who_is_away_elsewhere_is_away},
    {"who comes in anew is in its rooms again", who_comes_in_anew_is_in_its_rooms_again},
    {"whose name is taken meanwhile is out", whose_name_is_taken_meanwhile_is_out},
    {"who is muted elsewhere is not heard here", who_is_muted_elsewhere_is_not_heard_here},
};

void add_replica_suite(void)
{
    SUITE_ADD("replica", tests);
}
