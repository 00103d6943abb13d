/*
 * A state that is told and made elsewhere: the same changes must lead to the same there. Chance
 * makes the changes, of all kinds, also such that are refused.
 */
#include "suites.h"
#include "company.h"

#include "chat/replica.h"
#include "chat/room.h"
#include "chat/room_inside.h"
#include "chat/rooms.h"
#include "chat/session.h"
#include "chat/session_entry.h"
#include "chat/session_membership.h"
#include "chat/session_policy.h"
#include "chat/session_publishing.h"
#include "chat/state.h"
#include "cluster/wire.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#define LONG (60 * CLOCK_SECOND)

enum {
    MACHINES = 3,
    PEOPLE = 24, /* who has been here last, whether they still are or not */
    BEFORE = 400,
    AFTER = 400,
    SEEDS = 40,
    TIME = 1000000
};

static const char *const machine_names[MACHINES] = {"east", "west", "north"};

/* One machine's view of the chat. */
struct site {
    struct chat chat;
    struct ordering ordering;
    uint64_t places; /* of changes of its own users */
};

/* Each change has its turn at once. */
static int await(struct ordering *ordering, const struct user *user, const struct change *change,
                 enum ordering_patience patience, uint64_t *place)
{
    struct site *site = (struct site *)(void *)((char *)ordering - offsetof(struct site, ordering));
    (void)user;
    (void)change;
    (void)patience;
    site->places++;
    if (place != NULL)
        *place = site->places;
    return 0;
}

static void end(struct ordering *ordering)
{
    (void)ordering;
}

static int send_away(struct ordering *ordering, const struct user *to, const struct change *change)
{
    (void)ordering;
    (void)to;
    (void)change;
    return 0;
}

static const struct ordering_functions functions = {
    .await = await, .end = end, .hurry = end, .send = send_away};

static void site_open(struct site *site, struct event_log *event_log)
{
    *site = (struct site){.ordering = {.functions = &functions}};
    const struct chat_config config = {.limits.drain_timeout = LONG,
                                       .limits.sendq = COMPANY_SENDQ,
                                       .limits.max_rooms = 5,
                                       .limits.rooms_per_client = 3,
                                       .limits.history = 100,
                                       .ordering = &site->ordering,
                                       .event_log = event_log};
    company_need(chat_open(&site->chat, &config) == 0, "a chat");
}

static void site_close(struct site *site)
{
    for (int i = 0; i < MACHINES; i++)
        replica_remove(&site->chat, machine_names[i], "over");
    chat_close(&site->chat);
}

/*
 * The told state, as bytes.
 */

static const struct wire_header header = {1, 1, 1};

static bool write_change(void *context, const struct change *change)
{
    struct buffer *out = context;
    int error = wire_add(out, change);
    CU_ASSERT_EQUAL(error, 0);
    return error == 0;
}

/* A machine's users of its own are those of east for the others. */
static uint64_t node_of(void *context, const char *machine)
{
    uint64_t node = 1;
    (void)context;
    for (uint64_t i = 0; i < MACHINES; i++)
        if (machine == machine_names[i])
            node = i + 1;
    return node;
}

/* Its bytes are a message as in the stream. */
static void tell(struct site *site, struct buffer *out)
{
    const struct state_listener listener = {write_change, node_of, out};
    CU_ASSERT_EQUAL(wire_begin(out, &header), 0);
    CU_ASSERT_TRUE(state_tell(&site->chat, &listener));
    CU_ASSERT_EQUAL(wire_seal(out), 0);
}

static void make_state(struct site *site, const struct buffer *told)
{
    struct wire_reader reader;
    struct wire_header read;
    struct change change;
    struct state_maker maker;
    uint64_t numbers[WIRE_NUMBERS_MAX] = {0};
    CU_ASSERT_EQUAL(wire_open(&reader, buffer_bytes(told), buffer_length(told), &read), SEALED_OK);
    state_begin(&maker, &site->chat);
    while (wire_next(&reader, &change)) {
        if (change.numbers.count > 0)
            change.numbers =
                (struct change_numbers){numbers, NULL, wire_numbers(&change.numbers, numbers)};
        state_make(&maker, change.node != 0 ? machine_names[change.node - 1] : NULL, &change);
    }
    state_end(&maker);
}

static bool is_same(const struct buffer *one, const struct buffer *other)
{
    return buffer_length(one) == buffer_length(other) &&
           memcmp(buffer_bytes(one), buffer_bytes(other), buffer_length(one)) == 0;
}

static bool are_alike(struct site *one, struct site *other)
{
    struct buffer first = {0};
    struct buffer second = {0};
    tell(one, &first);
    tell(other, &second);
    bool same = is_same(&first, &second);
    buffer_free(&first);
    buffer_free(&second);
    return same;
}

/*
 * Changes by chance.
 */

struct fate {
    uint32_t seed;
    uint64_t place;
    uint64_t people[PEOPLE];
    size_t entered;
};

static unsigned chance(struct fate *fate, unsigned below)
{
    fate->seed = fate->seed * UINT32_C(1664525) + UINT32_C(1013904223);
    return (fate->seed >> 8) % below;
}

/* Few, so that they are taken. Some look like others. */
static struct words some_name(struct fate *fate)
{
    static const char *const names[] = {"Ann",  "ANN",  "Bob", "B0b", "Carol", "Cаrol", "Dan",
                                        "Eve",  "Fred", "Gus", "Hal", "Ida",   "Jim",   "Kim",
                                        "Léon", "Mia",  "Ned", "Pit", "Quin",  "Rob",   "Sue"};
    return words_of(names[chance(fate, sizeof names / sizeof *names)]);
}

static struct words some_room(struct fate *fate)
{
    static const char *const rooms[] = {"lobby", "ops", "OPS", "den", "tea", "Küche", "küche", "x"};
    return words_of(rooms[chance(fate, sizeof rooms / sizeof *rooms)]);
}

static struct words some_text(struct fate *fate)
{
    static const char *const texts[] = {"", "sesame", "Tea at four", "other"};
    return words_of(texts[chance(fate, sizeof texts / sizeof *texts)]);
}

static uint64_t somebody(struct fate *fate)
{
    return fate->people[chance(fate, PEOPLE)];
}

static int64_t some_time(struct fate *fate)
{
    return TIME + (int64_t)chance(fate, 10);
}

static const enum change_kind kinds[] = {
    CHANGE_ENTER,    CHANGE_ENTER,      CHANGE_JOIN,       CHANGE_JOIN,      CHANGE_JOIN,
    CHANGE_JOIN,     CHANGE_LEAVE,      CHANGE_RENAME,     CHANGE_AWAY,      CHANGE_TOPIC,
    CHANGE_SETTINGS, CHANGE_SETTINGS,   CHANGE_SETTINGS,   CHANGE_TALK,      CHANGE_TALK,
    CHANGE_INVITE,   CHANGE_ROOM_MUTE,  CHANGE_FLOOR,      CHANGE_NODE_BEAT, CHANGE_KICK,
    CHANGE_BAN,      CHANGE_STATE_ROOM, CHANGE_STATE_USER, CHANGE_LOGIN,     CHANGE_LOGIN,
    CHANGE_BAN,      CHANGE_UNBAN,      CHANGE_MUTE,       CHANGE_UNMUTE,    CHANGE_LOCKDOWN,
    CHANGE_OP,       CHANGE_DEOP,       CHANGE_WALL,       CHANGE_FORGET};

static bool is_of_operator(enum change_kind kind)
{
    return kind == CHANGE_BAN || kind == CHANGE_UNBAN || kind == CHANGE_MUTE ||
           kind == CHANGE_UNMUTE || kind == CHANGE_LOCKDOWN || kind == CHANGE_OP ||
           kind == CHANGE_DEOP || kind == CHANGE_WALL || kind == CHANGE_FORGET;
}

/* Has a change of the whole chat be about a name or some addresses. */
static void aim(struct fate *fate, struct change *change)
{
    change->room = words_of("");
    change->author_name = words_of("Olga");
    change->target = some_name(fate);
    if (chance(fate, 3) == 0)
        change->range = (struct address_prefix){ADDRESS_IPV4, 8, {(unsigned char)chance(fate, 4)}};
    if (chance(fate, 2) == 0)
        change->end = some_time(fate);
}

/* What somebody does, or does not, as they are gone, on another machine, or may not. */
static struct change some_change(struct fate *fate)
{
    static const unsigned settings[] = {CHANGE_HIDDEN, CHANGE_LOCKED, CHANGE_CLOSED,
                                        CHANGE_MODERATED, CHANGE_KEPT};
    struct change change = {.kind = kinds[chance(fate, sizeof kinds / sizeof *kinds)],
                            .time = some_time(fate),
                            .room = some_room(fate),
                            .user = somebody(fate),
                            .name = some_name(fate),
                            .text = some_text(fate),
                            .given = chance(fate, 3) > 0,
                            .changed = settings[chance(fate, 5)],
                            .rank = (enum change_rank)chance(fate, 3)};
    if (change.kind == CHANGE_SETTINGS)
        change.settings = chance(fate, 2) > 0 ? change.changed : 0;
    if ((change.settings & CHANGE_LOCKED) != 0)
        change.key = words_of("sesame");
    if (change.kind == CHANGE_ROOM_MUTE && chance(fate, 3) > 0)
        change.end = some_time(fate);
    bool by_author = change.kind == CHANGE_TOPIC || change.kind == CHANGE_SETTINGS ||
                     change.kind == CHANGE_INVITE || change.kind == CHANGE_ROOM_MUTE ||
                     change.kind == CHANGE_FLOOR;
    by_author = by_author || is_of_operator(change.kind);
    change.author = by_author ? somebody(fate) : 0;
    if (is_of_operator(change.kind))
        aim(fate, &change);
    if (change.kind == CHANGE_LEAVE && chance(fate, 4) == 0)
        change.room = words_of("");
    return change;
}

/* Makes a change at both places, or where there is only one, there. */
static void make(struct site *sites, size_t count, const char *machine, uint64_t place,
                 const struct change *change)
{
    for (size_t i = 0; i < count; i++)
        replica_make(&sites[i].chat, machine, place, change);
}

static void talk(struct site *sites, size_t count, const char *machine, uint64_t place,
                 struct change *change)
{
    struct batch said = {0};
    const struct message message = {.kind = MESSAGE_SAY,
                                    .author = change->user,
                                    .time = change->time,
                                    .name = change->name,
                                    .text = words_of("Hello")};
    for (int i = 0; i < 2; i++)
        company_need(batch_add(&said, &message), "talk");
    change->said = &said;
    make(sites, count, machine, place, change);
    batch_free(&said);
}

static bool is_here(struct site *site, uint64_t id)
{
    struct user *user = directory_find_id(site->chat.directory, id);
    if (user != NULL)
        user_release(user);
    return user != NULL;
}

/* Most changes are made by the machine of the user, some by another one. */
static const char *machine_for(struct fate *fate, struct site *site, const struct change *change)
{
    const char *machine = machine_names[chance(fate, MACHINES)];
    struct user *user = directory_find_id(site->chat.directory,
                                          change->author != 0 ? change->author : change->user);
    if (user == NULL)
        return machine;
    if (chance(fate, 10) > 0)
        machine = user->machine;
    user_release(user);
    return machine;
}

/* Returns the id of who has made a room; 1 if there is none. */
static uint64_t owner_of(struct site *site, struct words name)
{
    struct room *room = rooms_find(site->chat.rooms, name.bytes);
    uint64_t owner = room != NULL ? room->settings.owner : 0;
    if (room != NULL)
        rooms_release(site->chat.rooms, room);
    return owner != 0 ? owner : 1;
}

static void happen(struct fate *fate, struct site *sites, size_t count)
{
    if (chance(fate, 150) == 0) {
        const char *gone = machine_names[chance(fate, MACHINES)];
        for (size_t i = 0; i < count; i++)
            replica_remove(&sites[i].chat, gone, "its machine is gone");
        return;
    }
    struct change change = some_change(fate);
    if (change.kind == CHANGE_SETTINGS && change.changed == CHANGE_KEPT && chance(fate, 4) > 0)
        change.author = owner_of(&sites[0], change.room);
    const char *machine = machine_for(fate, &sites[0], &change);
    uint64_t place = ++fate->place;
    if (change.kind == CHANGE_ENTER)
        machine = machine_names[chance(fate, MACHINES)];
    if (change.kind == CHANGE_TALK)
        talk(sites, count, machine, place, &change);
    else
        make(sites, count, machine, place, &change);
    if (change.kind == CHANGE_ENTER && is_here(&sites[0], place))
        fate->people[fate->entered++ % PEOPLE] = place;
}

/* How much has come of it, so that the test does not compare nothing with nothing. */
struct harvest {
    unsigned users, away, rooms, members, voices, mutes, invitations, topics, keys, lines;
    unsigned kept, bans, mutes_in_chat, lockdowns, operators, owners;
};

static bool reap(void *context, const struct change *change)
{
    struct harvest *harvest = context;
    harvest->users += change->kind == CHANGE_STATE_USER;
    harvest->away += change->kind == CHANGE_STATE_USER && change->given;
    harvest->owners += change->rank == CHANGE_OWNER;
    harvest->rooms += change->kind == CHANGE_STATE_ROOM;
    harvest->members += change->numbers.count;
    harvest->operators += change->rank == CHANGE_OPERATOR;
    harvest->kept += change->kind == CHANGE_STATE_OWNER && change->text.length > 0;
    harvest->bans += change->kind == CHANGE_BAN;
    harvest->mutes_in_chat += change->kind == CHANGE_MUTE;
    harvest->lockdowns += change->kind == CHANGE_LOCKDOWN && change->given;
    harvest->voices += change->kind == CHANGE_FLOOR;
    harvest->mutes += change->kind == CHANGE_ROOM_MUTE;
    harvest->invitations += change->kind == CHANGE_STATE_INVITED;
    harvest->topics += change->kind == CHANGE_STATE_ROOM && change->text.length > 0;
    harvest->keys += change->kind == CHANGE_STATE_ROOM && change->key.length > 0;
    harvest->lines += change->kind == CHANGE_STATE_ROOM && change->number > 0;
    return true;
}

static void check_harvest(const struct harvest *harvest)
{
    CU_ASSERT_TRUE(harvest->users > SEEDS && harvest->away > 0 && harvest->owners > 0 &&
                   harvest->operators > 0 && harvest->rooms > 2 * SEEDS &&
                   harvest->members > harvest->users);
    CU_ASSERT_TRUE(harvest->bans > 0 && harvest->mutes_in_chat > 0 && harvest->kept > 0 &&
                   harvest->lockdowns > 0 && harvest->operators > 0);
    CU_ASSERT_TRUE(harvest->voices > 0 && harvest->mutes > 0 && harvest->invitations > 0 &&
                   harvest->topics > 0 && harvest->keys > 0 && harvest->lines > 0);
}

/* Whether two chats stay alike, one of which is made of the other's state in the middle. */
static bool stay_alike(struct event_log *event_log, uint32_t seed, struct harvest *harvest)
{
    struct site sites[2];
    struct fate fate = {.seed = seed, .place = 1000};
    struct buffer told = {0};
    const struct state_listener listener = {reap, node_of, harvest};
    site_open(&sites[0], event_log);
    site_open(&sites[1], event_log);
    for (int i = 0; i < BEFORE; i++)
        happen(&fate, sites, 1);
    tell(&sites[0], &told);
    state_tell(&sites[0].chat, &listener);
    make_state(&sites[1], &told);
    bool alike = are_alike(&sites[0], &sites[1]);
    for (int i = 0; i < AFTER && alike; i++) {
        happen(&fate, sites, 2);
        alike = are_alike(&sites[0], &sites[1]);
    }
    buffer_free(&told);
    site_close(&sites[0]);
    site_close(&sites[1]);
    return alike;
}

static void who_is_made_of_a_state_goes_on_alike(void)
{
    struct company company;
    struct harvest harvest = {0};
    unsigned alike = 0;
    company_open(&company, 0);
    for (uint32_t seed = 1; seed <= SEEDS; seed++)
        alike += stay_alike(company.event_log, seed, &harvest);
    free(company_close(&company));
    CU_ASSERT_EQUAL(alike, SEEDS);
    check_harvest(&harvest);
}

/* What was there before is gone: a machine may read anew what it had. */
static void a_state_replaces_what_was_there(void)
{
    struct company company;
    struct site sites[2];
    struct fate fate = {.seed = 7, .place = 1000};
    struct fate other = {.seed = 8, .place = 5000};
    struct buffer told = {0};
    company_open(&company, 0);
    site_open(&sites[0], company.event_log);
    site_open(&sites[1], company.event_log);
    for (int i = 0; i < BEFORE; i++) {
        happen(&fate, &sites[0], 1);
        happen(&other, &sites[1], 1);
    }
    for (int i = 0; i < MACHINES; i++)
        replica_remove(&sites[1].chat, machine_names[i], "read anew");
    tell(&sites[0], &told);
    make_state(&sites[1], &told);
    CU_ASSERT_TRUE(are_alike(&sites[0], &sites[1]));
    buffer_free(&told);
    site_close(&sites[0]);
    site_close(&sites[1]);
    free(company_close(&company));
}

/* People of the machine that tells are, where it is made, on another machine. */
static void people_who_are_connected_here_are_told(void)
{
    struct company company;
    struct site sites[2];
    struct session sessions[2];
    struct buffer told = {0};
    char rival[NAME_SIZE];
    company_open(&company, 0);
    site_open(&sites[0], company.event_log);
    site_open(&sites[1], company.event_log);
    for (int i = 0; i < 2; i++)
        company_need(session_open(&sessions[i], &sites[0].chat, company_outbox(&company, i),
                                  &company_view) == 0 &&
                         session_enter(&sessions[i], i == 0 ? "A" : "B", rival) == 0,
                     "a session");
    CU_ASSERT_EQUAL(session_join(&sessions[0], "ops", NULL), 0);
    CU_ASSERT_EQUAL(session_set_topic(&sessions[0], "Tea", 3), 0);
    CU_ASSERT_EQUAL(session_change_room(&sessions[0], MESSAGE_LOCK, "sesame"), 0);
    CU_ASSERT_TRUE(session_say(&sessions[0], MESSAGE_SAY, "Hello", 5));
    session_publish(&sessions[0]);
    tell(&sites[0], &told);
    make_state(&sites[1], &told);
    CU_ASSERT_TRUE(are_alike(&sites[0], &sites[1]));
    struct user *user = directory_find(sites[1].chat.directory, "A");
    CU_ASSERT_TRUE(user != NULL && user_is_remote(user) && user->machine == machine_names[0]);
    if (user != NULL)
        user_release(user);
    for (int i = 0; i < 2; i++) {
        session_leave(&sessions[i], "shutdown", true);
        session_close(&sessions[i]);
    }
    buffer_free(&told);
    site_close(&sites[0]);
    site_close(&sites[1]);
    free(company_close(&company));
}

/* What no sound state has is left out: who is in no room, ids and names twice, unknown members. */
static void a_state_that_is_not_sound_makes_a_sound_chat(void)
{
    struct company company;
    struct site site;
    struct state_maker maker;
    const uint64_t ids[] = {7, 7, 99, 8};
    const struct change changes[] = {
        {.kind = CHANGE_STATE_MEMBERS, .room = words_of("early"), .numbers = {ids, NULL, 4}},
        {.kind = CHANGE_STATE_USER, .user = 7, .name = words_of("Ann"), .node = 1},
        {.kind = CHANGE_STATE_USER, .user = 7, .name = words_of("Bob"), .node = 1},
        {.kind = CHANGE_STATE_USER, .user = 5, .name = words_of("ANN"), .node = 1},
        {.kind = CHANGE_STATE_USER, .user = 6, .name = words_of("Eve"), .node = 1},
        {.kind = CHANGE_STATE_ROOM, .room = words_of("empty"), .number = 3},
        {.kind = CHANGE_STATE_ROOM, .room = words_of("ops"), .number = 3},
        {.kind = CHANGE_STATE_INVITED, .room = words_of("ops")},
        {.kind = CHANGE_STATE_MEMBERS, .room = words_of("ops"), .numbers = {ids, NULL, 4}},
        {.kind = CHANGE_NODE_BEAT, .node = 1}};
    company_open(&company, 0);
    site_open(&site, company.event_log);
    state_begin(&maker, &site.chat);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        state_make(&maker, machine_names[0], &changes[i]);
    state_end(&maker);
    CU_ASSERT_EQUAL(room_count(site.chat.lobby), 1); /* Eve */
    struct room *ops = rooms_find(site.chat.rooms, "ops");
    CU_ASSERT_TRUE(ops != NULL && room_count(ops) == 1);
    if (ops != NULL)
        rooms_release(site.chat.rooms, ops);
    CU_ASSERT_FALSE(rooms_has(site.chat.rooms, "empty"));
    CU_ASSERT_FALSE(directory_has(site.chat.directory, "Bob"));
    site_close(&site);
    free(company_close(&company));
}

static const struct test tests[] = {
    {"who is made of a state goes on alike", who_is_made_of_a_state_goes_on_alike},
    {"a state replaces what was there", a_state_replaces_what_was_there},
    {"people who are connected here are told", people_who_are_connected_here_are_told},
    {"a state that is not sound makes a sound chat", a_state_that_is_not_sound_makes_a_sound_chat},
};

void add_state_suite(void)
{
    SUITE_ADD("state", tests);
}
