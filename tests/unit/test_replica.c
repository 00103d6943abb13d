/*
 * What people on other machines do, in a chat where some people are; what comes of it is what comes
 * out of the sockets of these.
 */
#include "suites.h"
#include "company.h"

#include "chat/accounts.h"
#include "chat/away.h"
#include "chat/ignoring.h"
#include "chat/lockdown.h"
#include "chat/errand.h"
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
#include "chat/state.h"

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
    int result;                    /* and the answer */
    uint64_t places;               /* of local changes */
    enum change_rank rank, before; /* that somebody is to have, and had when its turn came */
    const char
        *intruder; /* who comes in elsewhere just before somebody comes in here; NULL: nobody */
    const char *wanted;             /* a name that somebody takes in its turn; NULL: nobody */
    bool early;                     /* the turn ended before it was taken */
    const struct change *meanwhile; /* is made elsewhere just before the next turn; NULL: nothing */
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
    (void)patience;
    club->rank = change->rank;
    club->before = user_rank(user);
    if (change->kind == CHANGE_ENTER && club->intruder != NULL) {
        const struct change intrusion = {.kind = CHANGE_ENTER, .name = words_of(club->intruder)};
        club->places = RITA;
        replica_make(&club->chat, west, RITA, &intrusion);
    }
    if (club->meanwhile != NULL)
        replica_make(&club->chat, west, 0, club->meanwhile);
    club->meanwhile = NULL;
    club->places++;
    if (place != NULL)
        *place = club->places;
    return 0;
}

static void end(struct ordering *ordering)
{
    struct club *club = club_of(ordering);
    club->early =
        club->early || (club->wanted != NULL && !directory_has(club->chat.directory, club->wanted));
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

static int ask(struct ordering *ordering, const struct user *user, const struct change *change,
               struct address_prefix *host)
{
    (void)user;
    club_of(ordering)->sent = *change;
    *host = (struct address_prefix){ADDRESS_IPV4, 32, {203, 0, 113, 9}};
    return club_of(ordering)->result;
}

static bool list(struct ordering *ordering, size_t index, struct ordering_machine *machine)
{
    (void)ordering;
    *machine = (struct ordering_machine){.name = west};
    return index == 0;
}

static const struct ordering_functions functions = {await, end, hurry, send_away, ask, list};

static void club_open(struct club *club)
{
    char rival[NAME_SIZE];
    *club = (struct club){.ordering = {.functions = &functions}};
    company_open(&club->company, 0);
    const struct chat_config config = {.limits.drain_timeout = LONG,
                                       .limits.sendq = COMPANY_SENDQ,
                                       .limits.max_rooms = 4,
                                       .limits.rooms_per_client = 3,
                                       .limits.history = 100,
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

static void say_at(struct club *club, const char *machine, uint64_t id, const char *name,
                   const char *room, int64_t time, const char *text)
{
    struct batch said = {0};
    const struct message message = {.kind = MESSAGE_SAY,
                                    .author = id,
                                    .time = time,
                                    .name = words_of(name),
                                    .text = words_of(text)};
    const struct change change = {.kind = CHANGE_TALK, .room = words_of(room), .said = &said};
    company_need(batch_add(&said, &message), "a line");
    replica_make(&club->chat, machine, 0, &change);
    batch_free(&said);
}

static void say_as(struct club *club, const char *machine, uint64_t id, const char *name,
                   const char *room, const char *text)
{
    say_at(club, machine, id, name, room, 1700000000000, text);
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

/* Somebody has given up that name in a room, of which there is nothing left but the number. */
static void part(struct club *club, const char *name, uint64_t room)
{
    struct parting *parting = parting_create(name, 1);
    company_need(parting != NULL, "a parting");
    parting->places[parting->count++] = (struct parting_place){room, 1};
    directory_part(club->chat.directory, parting);
}

/* Others are noted before, as what is noted first is forgotten by the way. */
static void a_name_that_is_waited_for_is_taken_in_the_turn(void)
{
    struct club club;
    char rival[NAME_SIZE];
    club_open(&club);
    for (uint64_t room = 50; room < 70; room++)
        part(&club, "Ed", room);
    part(&club, "Al", 70);
    club.wanted = "Al";
    CU_ASSERT_EQUAL(session_rename(&club.sessions[0], "Al", rival), 0);
    CU_ASSERT_FALSE(club.early);
    club.wanted = NULL;
    club_close(&club);
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

/* "aI" looks like both "ai" and "al", which do not look like each other. */
static void a_name_of_two_rooms_leads_into_one_once(void)
{
    struct club club;
    const struct change leave = {.kind = CHANGE_LEAVE, .room = words_of("ai"), .user = RITA};
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    join(&club, RITA, "ai", "");
    struct session *session = &club.sessions[0];
    CU_ASSERT_EQUAL(session_join(session, "al", NULL), 0);
    struct member *al = session->current;
    CU_ASSERT_EQUAL(session_join(session, "lobby", NULL), 0);
    club.meanwhile = &leave;
    CU_ASSERT_EQUAL(session_join(session, "aI", NULL), 0);
    CU_ASSERT_PTR_EQUAL(session->current, al);
    CU_ASSERT_EQUAL(room_count(al->room), 1);
    club_close(&club);
}

static void a_rank_that_is_taken_meanwhile_is_not_given_back(void)
{
    struct club club;
    char rival[NAME_SIZE];
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    struct user *user = club.sessions[0].user;
    const struct change deop = {
        .kind = CHANGE_DEOP, .author = RITA, .author_name = words_of("Rita"), .user = user->id};
    user_set_rank(user, CHANGE_OPERATOR);
    club.meanwhile = &deop;
    CU_ASSERT_EQUAL(session_rename(&club.sessions[0], "Rita", rival), EEXIST);
    CU_ASSERT_FALSE(user_is_operator(user));
    CU_ASSERT_TRUE(user_is_registered(user));
    club_close(&club);
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
    CU_ASSERT_PTR_NULL(rooms_find(club.chat.rooms, "ops"));
    CU_ASSERT_EQUAL(session_join(&club.sessions[0], "ops", NULL), 0);
    struct room *room = club.sessions[0].current->room;
    CU_ASSERT_PTR_NOT_EQUAL(room, looked_at);
    CU_ASSERT_EQUAL(room->said, 0);
    CU_ASSERT_EQUAL(room->transcript.count, 0);
    CU_ASSERT_TRUE(room_is_owner(room, club.sessions[0].user));
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
    struct address_prefix host;
    char name[NAME_SIZE];
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    CU_ASSERT_TRUE(both_get(&club, "*** Rita has joined the chat ***\n"));
    struct change change = {.kind = CHANGE_TELL,
                            .user = club.sessions[1].user->id,
                            .author = RITA,
                            .author_name = words_of("Rita"),
                            .text = words_of("psst")};
    CU_ASSERT_EQUAL(errand_run(&club.chat, &change, &host), 0);
    CU_ASSERT_TRUE(gets(&club, 1, "[private] Rita: psst\n"));
    CU_ASSERT_EQUAL(session_correspondent(&club.sessions[1], name), RITA);
    change.user = 999;
    CU_ASSERT_EQUAL(errand_run(&club.chat, &change, &host), ESRCH);
    change.user = RITA;
    CU_ASSERT_EQUAL(errand_run(&club.chat, &change, &host), ESRCH);
    change.user = club.sessions[1].user->id;
    change.kind = CHANGE_TOPIC;
    CU_ASSERT_EQUAL(errand_run(&club.chat, &change, &host), EINVAL);
    change.kind = CHANGE_KICK;
    CU_ASSERT_EQUAL(errand_run(&club.chat, &change, &host), 0);
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

/* Of two rooms, which it looks like both, one has been left by all, and is still looked at here. */
static void a_name_leads_into_the_same_room_whoever_looks_at_others(void)
{
    struct club club;
    struct room *looked_at, *looked_for;
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    enter(&club, west, ROB, "Rob");
    join(&club, RITA, "ai", "");
    join(&club, ROB, "al", "");
    looked_at = rooms_find(club.chat.rooms, "ai");
    CU_ASSERT_PTR_NOT_NULL_FATAL(looked_at);
    const struct change leave = {.kind = CHANGE_LEAVE, .room = words_of("ai"), .user = RITA};
    make(&club, &leave);
    CU_ASSERT_EQUAL_FATAL(rooms_open(club.chat.rooms, "ai", &looked_for), 0);
    CU_ASSERT_PTR_NOT_EQUAL(looked_for, looked_at);
    join(&club, RITA, "aI", "");
    CU_ASSERT_EQUAL(room_count(looked_at) + room_count(looked_for), 0);
    struct room *al = rooms_find(club.chat.rooms, "al");
    CU_ASSERT_PTR_NOT_NULL_FATAL(al);
    CU_ASSERT_EQUAL(room_count(al), 2);
    rooms_release(club.chat.rooms, al);
    rooms_release(club.chat.rooms, looked_at);
    rooms_release(club.chat.rooms, looked_for);
    club_close(&club);
}

/*
 * A mute ends by the time that the author's machine tells: whoever makes the changes later, as a
 * machine that has just started does, finds the same lines.
 */
static void a_mute_ends_at_the_same_line_everywhere(void)
{
    struct club club;
    const int64_t said_at = 1700000000000; /* say_as() */
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    enter(&club, west, ROB, "Rob");
    join(&club, RITA, "ops", "");
    join(&club, ROB, "ops", "");
    struct change mute = {.kind = CHANGE_ROOM_MUTE,
                          .room = words_of("ops"),
                          .user = ROB,
                          .author = RITA,
                          .author_name = words_of("Rita"),
                          .given = true,
                          .end = said_at + 1};
    const struct change topic = {.kind = CHANGE_TOPIC,
                                 .room = words_of("ops"),
                                 .author = ROB,
                                 .author_name = words_of("Rob"),
                                 .text = words_of("Tea"),
                                 .time = said_at};
    make(&club, &mute);
    say_as(&club, west, ROB, "Rob", "ops", "not heard");
    make(&club, &topic);
    struct room *ops = rooms_find(club.chat.rooms, "ops");
    CU_ASSERT_PTR_NOT_NULL_FATAL(ops);
    CU_ASSERT_EQUAL(ops->said, 0);
    CU_ASSERT_EQUAL(buffer_length(&ops->settings.topic), 0);
    mute.end = said_at;
    make(&club, &mute);
    say_as(&club, west, ROB, "Rob", "ops", "heard");
    make(&club, &topic);
    CU_ASSERT_EQUAL(ops->said, 1);
    CU_ASSERT_EQUAL(buffer_length(&ops->settings.topic), 3);
    rooms_release(club.chat.rooms, ops);
    club_close(&club);
}

/* Has a remote user keep order, or not any more. */
static void set_operator(struct club *club, uint64_t id, bool is_operator)
{
    struct user *user = directory_find_id(club->chat.directory, id);
    CU_ASSERT_PTR_NOT_NULL_FATAL(user);
    atomic_store(&user->registered, is_operator);
    atomic_store(&user->is_operator, is_operator);
    user_release(user);
}

static bool is_called_for(struct club *club, int who)
{
    return link_reason(outbox_link(club->sessions[who].user->outbox)) == LINK_KICKED;
}

static void a_ban_of_another_machine_holds_here(void)
{
    struct club club;
    struct sanction found;
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    struct change ban = {.kind = CHANGE_BAN,
                         .author = RITA,
                         .author_name = words_of("Rita"),
                         .target = words_of("b"),
                         .text = words_of("spam"),
                         .time = 1000};
    make(&club, &ban);
    CU_ASSERT_FALSE(sanctions_has_any(club.chat.sanctions, SANCTION_BAN));
    CU_ASSERT_FALSE(is_called_for(&club, 1));
    set_operator(&club, RITA, true);
    make(&club, &ban);
    CU_ASSERT_TRUE(is_called_for(&club, 1));
    CU_ASSERT_FALSE(is_called_for(&club, 0));
    CU_ASSERT_TRUE(sanctions_find_name(club.chat.sanctions, SANCTION_BAN, "B", 1, &found));
    CU_ASSERT_STRING_EQUAL(found.author, "Rita");
    CU_ASSERT_STRING_EQUAL(found.reason, "spam");
    CU_ASSERT_EQUAL(found.end, 0);
    ban.kind = CHANGE_UNBAN;
    make(&club, &ban);
    CU_ASSERT_FALSE(sanctions_has_any(club.chat.sanctions, SANCTION_BAN));
    const struct change range = {.kind = CHANGE_BAN,
                                 .author = RITA,
                                 .author_name = words_of("Rita"),
                                 .range = {ADDRESS_IPV4, 24, {203, 0, 113}},
                                 .time = 1000};
    const struct address_prefix address = {ADDRESS_IPV4, 32, {203, 0, 113, 9}};
    make(&club, &range);
    CU_ASSERT_TRUE(sanctions_find_address(club.chat.sanctions, SANCTION_BAN, &address, 1, &found));
    club_close(&club);
}

static void an_operator_elsewhere_speaks_to_all_and_locks_the_chat(void)
{
    struct club club;
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    CU_ASSERT_TRUE(both_get(&club, "*** Rita has joined the chat ***\n"));
    const struct change wall = {.kind = CHANGE_WALL,
                                .author = RITA,
                                .author_name = words_of("Rita"),
                                .text = words_of("tea")};
    struct change lockdown = {
        .kind = CHANGE_LOCKDOWN, .author = RITA, .author_name = words_of("Rita"), .given = true};
    make(&club, &wall);
    make(&club, &lockdown);
    CU_ASSERT_FALSE(lockdown_is_on(&club.chat));
    set_operator(&club, RITA, true);
    make(&club, &wall);
    CU_ASSERT_TRUE(both_get(&club, "*** Rita, to all: tea ***\n"));
    make(&club, &lockdown);
    CU_ASSERT_TRUE(lockdown_is_on(&club.chat));
    lockdown.given = false;
    make(&club, &lockdown);
    CU_ASSERT_FALSE(lockdown_is_on(&club.chat));
    club_close(&club);
}

static void who_is_made_an_operator_elsewhere_is_one_and_is_told(void)
{
    struct club club;
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    CU_ASSERT_TRUE(both_get(&club, "*** Rita has joined the chat ***\n"));
    struct user *user = club.sessions[1].user;
    struct change change = {
        .kind = CHANGE_OP, .author = RITA, .author_name = words_of("Rita"), .user = user->id};
    user_set_rank(user, CHANGE_OWNER);
    make(&club, &change);
    CU_ASSERT_TRUE(user_is_operator(user));
    CU_ASSERT_TRUE(gets(&club, 1, "*** Rita has made you an operator ***\n"));
    change.kind = CHANGE_DEOP;
    make(&club, &change);
    CU_ASSERT_FALSE(user_is_operator(user));
    CU_ASSERT_TRUE(user_is_registered(user));
    CU_ASSERT_TRUE(gets(&club, 1, "*** Rita has decided that you are no operator any more ***\n"));
    club_close(&club);
}

static void leave_ops(struct club *club)
{
    const struct change leave = {.kind = CHANGE_LEAVE, .room = words_of("ops"), .user = RITA};
    make(club, &leave);
}

static void a_room_that_is_kept_elsewhere_is_kept_here(void)
{
    struct club club;
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    user_set_rank(club.chat.lobby->roster.members[2]->user, CHANGE_OWNER);
    join(&club, RITA, "ops", "");
    struct change keep = {.kind = CHANGE_SETTINGS,
                          .room = words_of("ops"),
                          .author = RITA,
                          .author_name = words_of("Rita"),
                          .changed = CHANGE_KEPT,
                          .settings = CHANGE_KEPT};
    const struct change topic = {.kind = CHANGE_TOPIC,
                                 .room = words_of("ops"),
                                 .author = RITA,
                                 .author_name = words_of("Rita"),
                                 .text = words_of("Tea"),
                                 .time = 1};
    make(&club, &keep);
    make(&club, &topic);
    say_as(&club, west, RITA, "Rita", "ops", "one");
    leave_ops(&club);
    CU_ASSERT_FALSE(rooms_has(club.chat.rooms, "ops"));
    CU_ASSERT_TRUE(kept_rooms_has(club.chat.kept, "ops"));
    CU_ASSERT_EQUAL(session_join(&club.sessions[0], "OPS", NULL), 0);
    struct room *ops = club.sessions[0].current->room;
    CU_ASSERT_STRING_EQUAL(room_name(ops), "ops");
    CU_ASSERT_STRING_EQUAL(ops->settings.owner_name, "Rita");
    CU_ASSERT_EQUAL(buffer_length(&ops->settings.topic), 3);
    CU_ASSERT_EQUAL(ops->said, 1);
    session_leave_room(&club.sessions[0], club.sessions[0].current);
    keep.settings = 0; /* nobody is there */
    make(&club, &keep);
    CU_ASSERT_FALSE(kept_rooms_has(club.chat.kept, "ops"));
    club_close(&club);
}

/* Whether somebody looks at rooms that nobody is in is nothing that other machines know of. */
static void a_room_that_is_looked_at_counts_for_nothing(void)
{
    struct club club;
    char name[] = "a";
    struct room *looked_at[8];
    club_open(&club); /* for four rooms */
    enter(&club, west, RITA, "Rita");
    for (int i = 0; i < 8; i++, name[0]++)
        CU_ASSERT_EQUAL_FATAL(rooms_open(club.chat.rooms, name, &looked_at[i]), 0);
    looked_at[0]->settings.closed = true;
    join(&club, RITA, "a", "");
    CU_ASSERT_TRUE(rooms_has(club.chat.rooms, "a"));
    join(&club, RITA, "b", "");
    join(&club, RITA, "c", "");
    join(&club, RITA, "d", "");
    CU_ASSERT_TRUE(rooms_has(club.chat.rooms, "c"));
    CU_ASSERT_FALSE(rooms_has(club.chat.rooms, "d"));
    const struct change leave = {.kind = CHANGE_LEAVE, .room = words_of("b"), .user = RITA};
    make(&club, &leave);
    join(&club, RITA, "d", "");
    CU_ASSERT_TRUE(rooms_has(club.chat.rooms, "d"));
    for (int i = 0; i < 8; i++)
        rooms_release(club.chat.rooms, looked_at[i]);
    club_close(&club);
}

static void what_ends_does_so_by_the_times_of_changes(void)
{
    struct club club;
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    enter(&club, west, ROB, "Rob");
    CU_ASSERT_TRUE(gets(&club, 0,
                        "*** Rita has joined the chat ***\n"
                        "*** Rob has joined the chat ***\n"));
    set_operator(&club, RITA, true);
    /* By this machine's clock all that is long over. */
    const struct change mute = {.kind = CHANGE_MUTE,
                                .author = RITA,
                                .author_name = words_of("Rita"),
                                .target = words_of("Rob"),
                                .time = 1000,
                                .end = 2000};
    make(&club, &mute);
    say_at(&club, west, ROB, "Rob", CHAT_LOBBY, 1999, "not heard");
    say_at(&club, west, ROB, "Rob", CHAT_LOBBY, 2000, "heard");
    CU_ASSERT_TRUE(gets(&club, 0, "Rob: heard\n"));
    const struct change in_room = {.kind = CHANGE_ROOM_MUTE,
                                   .room = words_of(CHAT_LOBBY),
                                   .author = RITA,
                                   .author_name = words_of("Rita"),
                                   .user = ROB,
                                   .given = true,
                                   .time = 2000,
                                   .end = 3000};
    make(&club, &in_room);
    say_at(&club, west, ROB, "Rob", CHAT_LOBBY, 2999, "not heard");
    const struct change topic = {.kind = CHANGE_TOPIC,
                                 .room = words_of(CHAT_LOBBY),
                                 .author = ROB,
                                 .author_name = words_of("Rob"),
                                 .text = words_of("not set"),
                                 .time = 2999};
    make(&club, &topic);
    say_at(&club, west, ROB, "Rob", CHAT_LOBBY, 3000, "heard");
    CU_ASSERT_TRUE(gets(&club, 0, "Rob: heard\n"));
    club_close(&club);
}

static void the_address_of_who_is_elsewhere_is_asked_for(void)
{
    struct club club;
    struct address_prefix host;
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    struct user *rita = directory_find_id(club.chat.directory, RITA);
    CU_ASSERT_EQUAL(ordering_ask_host(&club.ordering, rita, &host), 0);
    CU_ASSERT_EQUAL(host.bytes[0], 203);
    CU_ASSERT_EQUAL(club.sent.user, RITA);
    CU_ASSERT_EQUAL(ordering_ask_host(&club.ordering, club.sessions[0].user, &host), 0);
    CU_ASSERT_EQUAL(host.family, ADDRESS_NONE);
    const struct address_prefix address = {ADDRESS_IPV4, 32, {203, 0, 113, 8}};
    link_set_address(outbox_link(club.sessions[0].user->outbox), &address);
    const struct change change = {.kind = CHANGE_HOST, .user = club.sessions[0].user->id};
    CU_ASSERT_EQUAL(errand_run(&club.chat, &change, &host), 0);
    CU_ASSERT_EQUAL(host.bytes[3], 8);
    user_release(rita);
    club_close(&club);
}

/* Who leaves would wait for its turn, and be here again when the others are back. */
static void nobody_is_kicked_while_the_others_cannot_be_reached(void)
{
    struct club club;
    const struct verdict kick = {.kind = VERDICT_KICK};
    club_open(&club);
    atomic_store(&club.chat.unlinked, true);
    CU_ASSERT_EQUAL(session_judge(&club.sessions[0], club.sessions[1].user, &kick), EHOSTUNREACH);
    CU_ASSERT_TRUE(verdict_box_is_empty(&club.sessions[1].user->local->verdicts));
    atomic_store(&club.chat.unlinked, false);
    CU_ASSERT_EQUAL(session_judge(&club.sessions[0], club.sessions[1].user, &kick), 0);
    CU_ASSERT_FALSE(verdict_box_is_empty(&club.sessions[1].user->local->verdicts));
    club_close(&club);
}

/* Into which rooms somebody has not come again. */
static void note_lost(void *context, const char *room, int error)
{
    CU_ASSERT_EQUAL(error, EACCES);
    strcat(context, room);
}

static void come_in_anew(struct club *club, int who, char lost[NAME_SIZE])
{
    strcpy(lost, "");
    session_come_in_anew(&club->sessions[who], note_lost, lost);
}

static void who_comes_in_anew_is_in_its_rooms_again(void)
{
    struct club club;
    char away[USER_AWAY_SIZE], lost[NAME_SIZE];
    club_open(&club);
    CU_ASSERT_EQUAL(away_begin(&club.sessions[0], "lunch", strlen("lunch")), 0);
    uint64_t id = club.sessions[0].user->id;
    CU_ASSERT_EQUAL(session_join(&club.sessions[0], "ops", NULL), 0);
    CU_ASSERT_TRUE(gets(&club, 0, "*** You are in #ops. Here now: nobody else. ***\n"));
    come_in_anew(&club, 0, lost);
    CU_ASSERT_TRUE(gets(&club, 1, "*** A has left the chat ***\n*** A has joined the chat ***\n"));
    CU_ASSERT_TRUE(gets(&club, 0, "*** You are in #ops. Here now: nobody else. ***\n"));
    CU_ASSERT_NOT_EQUAL(club.sessions[0].user->id, id);
    CU_ASSERT_STRING_EQUAL(room_name(club.sessions[0].current->room), "ops");
    CU_ASSERT_EQUAL(room_count(club.chat.lobby), 2);
    CU_ASSERT_TRUE(directory_copy_away(club.chat.directory, club.sessions[0].user, away));
    CU_ASSERT_STRING_EQUAL(away, "lunch");
    CU_ASSERT_STRING_EQUAL(lost, "");
    club_close(&club);
}

/* Nobody slips into a room that ended only because its machine was not heard. */
static void a_room_that_is_made_anew_is_as_shut_as_it_was(void)
{
    struct club club;
    char lost[NAME_SIZE];
    struct room_description description;
    club_open(&club);
    struct session *a = &club.sessions[0], *b = &club.sessions[1];
    CU_ASSERT_EQUAL(session_join(a, "ops", NULL), 0);
    CU_ASSERT_EQUAL(session_set_topic(a, "Tea", 3), 0);
    CU_ASSERT_EQUAL(session_change_room(a, MESSAGE_HIDE, NULL), 0);
    CU_ASSERT_EQUAL(session_change_room(a, MESSAGE_LOCK, "sesame"), 0);
    come_in_anew(&club, 0, lost);
    room_describe(a->current->room, &description);
    CU_ASSERT_TRUE(description.hidden);
    CU_ASSERT_TRUE(description.needs_key);
    CU_ASSERT_FALSE(description.closed);
    CU_ASSERT_STRING_EQUAL(description.topic, "Tea");
    CU_ASSERT_TRUE(room_is_owner(a->current->room, a->user));
    CU_ASSERT_EQUAL(session_join(b, "ops", NULL), EPERM);
    CU_ASSERT_EQUAL(session_join(b, "ops", "sesame"), 0);
    come_in_anew(&club, 1, lost); /* with the key that there is */
    CU_ASSERT_STRING_EQUAL(lost, "");
    CU_ASSERT_STRING_EQUAL(room_name(b->current->room), "ops");
    CU_ASSERT_EQUAL(session_change_room(a, MESSAGE_CLOSE, NULL), 0);
    come_in_anew(&club, 1, lost);
    CU_ASSERT_STRING_EQUAL(lost, "ops");
    CU_ASSERT_STRING_EQUAL(room_name(b->current->room), CHAT_LOBBY);
    club_close(&club);
}

/* Ids of others may be somebody else's from then on. */
static void who_comes_in_anew_as_all_was_untrue_forgets_ids(void)
{
    struct club club;
    char name[NAME_SIZE] = "Rita", lost[NAME_SIZE];
    club_open(&club);
    struct session *session = &club.sessions[0];
    enter(&club, west, RITA, "Rita");
    CU_ASSERT_EQUAL(ignoring_begin(session, name), IGNORING_DONE);
    struct user *rita = directory_find_id(club.chat.directory, RITA);
    directory_set_correspondent(club.chat.directory, session->user, rita);
    user_release(rita);
    club.places = RITA;
    atomic_store(&session->user->local->evicted, USER_UNTRUE);
    CU_ASSERT_TRUE(session_is_evicted(session));
    come_in_anew(&club, 0, lost);
    CU_ASSERT_FALSE(session_is_evicted(session));
    CU_ASSERT_EQUAL(ignoring_count(session), 1);
    CU_ASSERT_EQUAL(ignore_list_id(user_ignored(session->user), 0), 0);
    CU_ASSERT_STRING_EQUAL(ignore_list_name(user_ignored(session->user), 0), "Rita");
    CU_ASSERT_NOT_EQUAL(session_correspondent(session, name), RITA);
    CU_ASSERT_NOT_EQUAL(session_correspondent(session, name), 0);
    CU_ASSERT_STRING_EQUAL(name, "Rita");
    club_close(&club);
}

static void a_chat_that_is_forgotten_is_as_new(void)
{
    struct club club;
    const struct change topic = {
        .kind = CHANGE_TOPIC, .room = words_of(CHAT_LOBBY), .user = RITA, .text = words_of("Tea")};
    club_open(&club);
    enter(&club, west, RITA, "Rita");
    say_as(&club, west, RITA, "Rita", CHAT_LOBBY, "Hi!");
    make(&club, &topic);
    const struct sanction ban = {.kind = SANCTION_BAN, .name = "Mallory"};
    struct sanction found;
    CU_ASSERT_EQUAL(sanctions_impose(club.chat.sanctions, &ban, 0), 0);
    lockdown_begin(&club.chat, west);
    for (int i = 0; i < 2; i++)
        session_leave(&club.sessions[i], "over", false);
    replica_remove(&club.chat, west, "over");
    CU_ASSERT_EQUAL(club.chat.lobby->said, 1);
    struct state_maker maker;
    state_begin(&maker, &club.chat);
    state_end(&maker);
    CU_ASSERT_FALSE(lockdown_is_on(&club.chat));
    CU_ASSERT_FALSE(sanctions_find_name(club.chat.sanctions, SANCTION_BAN, "Mallory", 0, &found));
    CU_ASSERT_EQUAL(club.chat.lobby->said, 0);
    CU_ASSERT_EQUAL(club.chat.lobby->transcript.count, 0);
    CU_ASSERT_EQUAL(buffer_length(&club.chat.lobby->settings.topic), 0);
    enter(&club, west, 1, "Rita");
    say_as(&club, west, 1, "Rita", CHAT_LOBBY, "Hi!");
    CU_ASSERT_EQUAL(club.chat.lobby->said, 1);
    club_close(&club);
}

static void whose_name_is_taken_meanwhile_is_out(void)
{
    struct club club;
    char lost[NAME_SIZE];
    club_open(&club);
    club.intruder = "a";
    come_in_anew(&club, 0, lost);
    CU_ASSERT_EQUAL(link_reason(outbox_link(club.sessions[0].user->outbox)), LINK_NAME_TAKEN);
    CU_ASSERT_PTR_NULL(club.sessions[0].current);
    CU_ASSERT_TRUE(gets(&club, 1, "*** A has left the chat ***\n*** a has joined the chat ***\n"));
    CU_ASSERT_EQUAL(room_count(club.chat.lobby), 2);
    club_close(&club);
}

static enum change_rank rank_of(struct club *club, uint64_t id)
{
    struct user *user = directory_find_id(club->chat.directory, id);
    CU_ASSERT_PTR_NOT_NULL_FATAL(user);
    enum change_rank rank = user_rank(user);
    user_release(user);
    return rank;
}

static void who_logs_in_elsewhere_is_registered_here(void)
{
    struct club club;
    struct change login = {.kind = CHANGE_LOGIN, .user = ROB, .rank = CHANGE_OWNER};
    const struct change entering = {
        .kind = CHANGE_ENTER, .name = words_of("Rita"), .rank = CHANGE_OPERATOR};
    struct change rename = {.kind = CHANGE_RENAME, .user = ROB, .name = words_of("Rita")};
    club_open(&club);
    replica_make(&club.chat, west, RITA, &entering);
    CU_ASSERT_EQUAL(rank_of(&club, RITA), CHANGE_OPERATOR);
    enter(&club, west, ROB, "Rob");
    CU_ASSERT_EQUAL(rank_of(&club, ROB), CHANGE_STRANGER);
    unsigned registrations = atomic_load(&club.chat.registrations);
    make(&club, &login);
    CU_ASSERT_EQUAL(rank_of(&club, ROB), CHANGE_OWNER);
    CU_ASSERT_EQUAL(atomic_load(&club.chat.registrations), registrations + 1);
    make(&club, &rename); /* a name that is taken */
    CU_ASSERT_EQUAL(rank_of(&club, ROB), CHANGE_OWNER);
    rename.name = words_of("ROB");
    make(&club, &rename);
    CU_ASSERT_EQUAL(rank_of(&club, ROB), CHANGE_OWNER);
    rename.name = words_of("Robert");
    make(&club, &rename);
    CU_ASSERT_EQUAL(rank_of(&club, ROB), CHANGE_STRANGER);
    login.rank = CHANGE_OPERATOR;
    make(&club, &login);
    login.rank = CHANGE_STRANGER;
    make(&club, &login);
    CU_ASSERT_EQUAL(rank_of(&club, ROB), CHANGE_STRANGER);
    login.rank = CHANGE_OWNER;
    replica_make(&club.chat, north, 0, &login); /* nobody logs somebody else in */
    CU_ASSERT_EQUAL(rank_of(&club, ROB), CHANGE_STRANGER);
    club_close(&club);
}

static void who_logs_in_here_does_so_in_its_turn(void)
{
    struct club club;
    char lost[NAME_SIZE];
    const struct account account = {.is_operator = true};
    club_open(&club);
    struct user *user = club.sessions[0].user;
    account_take_up(&club.chat, user, &account);
    CU_ASSERT_EQUAL(club.before, CHANGE_STRANGER);
    CU_ASSERT_EQUAL(club.rank, CHANGE_OPERATOR);
    CU_ASSERT_EQUAL(user_rank(user), CHANGE_OPERATOR);
    come_in_anew(&club, 0, lost);
    CU_ASSERT_EQUAL(club.rank, CHANGE_OPERATOR);
    account_renounce(&club.chat, user);
    CU_ASSERT_EQUAL(club.before, CHANGE_OPERATOR);
    CU_ASSERT_EQUAL(club.rank, CHANGE_STRANGER);
    CU_ASSERT_EQUAL(user_rank(user), CHANGE_STRANGER);
    club_close(&club);
}

/* Accounts of which one is known, after some look-ups that fail. */
struct registry {
    struct archive archive; /* first: its functions are given a pointer to it */
    struct archive_people people;
    const char *name;
    bool is_operator;
    unsigned failures;
};

static enum archive_result find_account(struct archive *archive, struct words name,
                                        archive_visit_account *visit, void *context)
{
    struct registry *registry = (struct registry *)(void *)archive;
    char copy[NAME_SIZE];
    (void)name;
    if (registry->failures > 0) {
        registry->failures--;
        return ARCHIVE_FAILED;
    }
    memcpy(copy, name.bytes, name.length);
    copy[name.length] = '\0';
    if (!name_equals(copy, registry->name))
        return ARCHIVE_NONE;
    const struct archive_account account = {
        .name = words_of(registry->name), .same = true, .is_operator = registry->is_operator};
    visit(context, &account);
    return ARCHIVE_OK;
}

static bool set_seen(struct archive *archive, struct words name, int64_t time)
{
    (void)archive;
    (void)name;
    (void)time;
    return true;
}

static void registry_open(struct registry *registry, struct club *club, const char *name)
{
    *registry = (struct registry){.name = name};
    registry->people = (struct archive_people){.find = find_account, .set_seen = set_seen};
    registry->archive.people = &registry->people;
    club->chat.accounts = &registry->archive;
}

static void who_comes_in_anew_is_looked_up(void)
{
    struct club club;
    char lost[NAME_SIZE];
    struct registry registry;
    const struct account account = {.is_operator = true};
    club_open(&club);
    struct user *user = club.sessions[0].user;
    account_take_up(&club.chat, user, &account);
    registry_open(&registry, &club, user->name);
    registry.failures = 2;
    come_in_anew(&club, 0, lost); /* it is no operator any more */
    CU_ASSERT_EQUAL(club.rank, CHANGE_OWNER);
    CU_ASSERT_EQUAL(user_rank(user), CHANGE_OWNER);
    registry.name = "nobody";
    come_in_anew(&club, 0, lost); /* its account is gone */
    CU_ASSERT_EQUAL(user_rank(user), CHANGE_STRANGER);
    CU_ASSERT_PTR_NOT_NULL(club.sessions[0].current);
    registry.name = "A";
    come_in_anew(&club, 0, lost); /* its name is somebody else's */
    CU_ASSERT_PTR_NULL(club.sessions[0].current);
    CU_ASSERT_EQUAL(link_reason(outbox_link(user->outbox)), LINK_NAME_TAKEN);
    club.chat.accounts = NULL;
    club_close(&club);
}

static void who_was_told_that_the_link_is_down_is_told_that_it_is_back(void)
{
    struct club club;
    char lost[NAME_SIZE];
    club_open(&club);
    struct user *user = club.sessions[0].user;
    atomic_store(&user->local->told_unlinked, true);
    atomic_store(&club.chat.unlinked, true);
    come_in_anew(&club, 0, lost);
    CU_ASSERT_TRUE(atomic_load(&user->local->told_unlinked));
    atomic_store(&club.chat.unlinked, false);
    come_in_anew(&club, 0, lost);
    CU_ASSERT_FALSE(atomic_load(&user->local->told_unlinked));
    CU_ASSERT_TRUE(gets(&club, 0, "*** The link is back. ***\n"));
    club_close(&club);
}

/* A registered user whose person has come in on another machine leaves, and has the words for it.
 */
static void whose_person_comes_in_elsewhere_leaves(void)
{
    struct club club;
    struct address_prefix host;
    club_open(&club);
    const struct change change = {.kind = CHANGE_REPLACE, .user = club.sessions[1].user->id};
    struct link *link = outbox_link(club.sessions[1].user->outbox);
    CU_ASSERT_EQUAL(errand_run(&club.chat, &change, &host), 0);
    CU_ASSERT_EQUAL(link_reason(link), LINK_REPLACED);
    CU_ASSERT_TRUE(link_take_call(link));
    club_close(&club);
}

static const struct test tests[] = {
    {"a name that looks like two rooms leads into one of them, once",
     a_name_of_two_rooms_leads_into_one_once},
    {"a rank that is taken while a name is changed is not given back",
     a_rank_that_is_taken_meanwhile_is_not_given_back},
    {"a name that is waited for is taken in the turn",
     a_name_that_is_waited_for_is_taken_in_the_turn},
    {"whose person comes in elsewhere leaves", whose_person_comes_in_elsewhere_leaves},
    {"who logs in elsewhere is registered here", who_logs_in_elsewhere_is_registered_here},
    {"who logs in here does so in its turn", who_logs_in_here_does_so_in_its_turn},
    {"who comes in anew is what its account says by then", who_comes_in_anew_is_looked_up},
    {"who was told that the link is down is told that it is back",
     who_was_told_that_the_link_is_down_is_told_that_it_is_back},
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
    {"nobody is kicked while the others cannot be reached",
     nobody_is_kicked_while_the_others_cannot_be_reached},
    {"who comes in anew is in its rooms again", who_comes_in_anew_is_in_its_rooms_again},
    {"a room that is made anew is as shut as it was",
     a_room_that_is_made_anew_is_as_shut_as_it_was},
    {"who comes in anew as all was untrue forgets ids",
     who_comes_in_anew_as_all_was_untrue_forgets_ids},
    {"a chat that is forgotten is as new", a_chat_that_is_forgotten_is_as_new},
    {"whose name is taken meanwhile is out", whose_name_is_taken_meanwhile_is_out},
    {"a ban of another machine holds here", a_ban_of_another_machine_holds_here},
    {"an operator elsewhere speaks to all, and locks the chat",
     an_operator_elsewhere_speaks_to_all_and_locks_the_chat},
    {"who is made an operator elsewhere is one, and is told",
     who_is_made_an_operator_elsewhere_is_one_and_is_told},
    {"a room that is kept elsewhere is kept here", a_room_that_is_kept_elsewhere_is_kept_here},
    {"a room that is looked at counts for nothing", a_room_that_is_looked_at_counts_for_nothing},
    {"what ends does so by the times of changes", what_ends_does_so_by_the_times_of_changes},
    {"the address of who is elsewhere is asked for", the_address_of_who_is_elsewhere_is_asked_for},
    {"who is muted elsewhere is not heard here", who_is_muted_elsewhere_is_not_heard_here},
    {"a mute ends at the same line everywhere", a_mute_ends_at_the_same_line_everywhere},
    {"a name leads into the same room, whoever looks at others",
     a_name_leads_into_the_same_room_whoever_looks_at_others},
};

void add_replica_suite(void)
{
    SUITE_ADD("replica", tests);
}
