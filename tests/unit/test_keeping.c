/*
 * Rooms that outlive their members, and the server: in a chat of their own, whose archive is a
 * shelf that several chats may use, one after the other.
 */
#include "suites.h"
#include "company.h"
#include "room_shelf.h"

#include "chat/keeping.h"
#include "chat/room_delivery.h"
#include "chat/room_keeping.h"
#include "chat/room_policy.h"
#include "chat/session.h"
#include "chat/session_entry.h"
#include "chat/session_membership.h"
#include "chat/session_policy.h"
#include "chat/session_verdicts.h"
#include "doors/plain/view.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define LONG (60 * CLOCK_SECOND)

enum { ALICE, BOB, CAROL, TIMES = 60000 };

struct house {
    struct company company;
    struct chat chat;
    struct session sessions[COMPANY];
};

/* Kept rooms where several machines are one chat. */
struct rooms_of_several {
    struct kept_rooms *kept;
    atomic_bool over;
};

static struct room_shelf shelf;
static struct house house;

static void open_house(void)
{
    static const char *const names[] = {"Alice", "Bob", "Carol"};
    char rival[NAME_SIZE];
    house = (struct house){.chat = {0}};
    company_open(&house.company, 0);
    const struct chat_config config = {.limits.drain_timeout = LONG,
                                       .limits.sendq = COMPANY_SENDQ,
                                       .limits.max_rooms = 40,
                                       .limits.rooms_per_client = 30,
                                       .event_log = house.company.event_log,
                                       .archive = &shelf.archive};
    company_need(chat_open(&house.chat, &config) == 0, "a chat");
    for (int i = 0; i < COMPANY; i++)
        company_need(session_open(&house.sessions[i], &house.chat,
                                  company_outbox(&house.company, i), &company_view) == 0,
                     "a session");
    for (int i = ALICE; i <= CAROL; i++)
        company_need(session_enter(&house.sessions[i], names[i], rival) == 0, "a member");
    room_sync(house.chat.lobby);
}

/* Returns what was logged, which the caller frees. */
static char *close_house(void)
{
    for (int i = 0; i < COMPANY; i++) {
        if (house.sessions[i].current != NULL)
            session_leave(&house.sessions[i], "shutdown", true);
        session_close(&house.sessions[i]);
    }
    chat_close(&house.chat);
    return company_close(&house.company);
}

static void begin(void)
{
    room_shelf_begin(&shelf);
    open_house();
}

static void end(void)
{
    free(close_house());
    room_shelf_end(&shelf);
}

static void restart(void)
{
    free(close_house());
    open_house();
}

static void be_registered(int who, bool registered)
{
    atomic_store(&house.sessions[who].user->registered, registered);
}

static int join(int who, const char *room, const char *key)
{
    return session_join(&house.sessions[who], room, key);
}

/* Joins a room, whatever becomes of keeping it. */
static void make(int who, const char *room)
{
    CU_ASSERT_EQUAL(join(who, room, NULL), 0);
}

static void leave(int who)
{
    CU_ASSERT_EQUAL(session_leave_room(&house.sessions[who], house.sessions[who].current), 0);
}

static int change(int who, enum message_kind kind, const char *key)
{
    return session_change_room(&house.sessions[who], kind, key);
}

static enum kept let_go(int who, const char *room)
{
    return session_let_room_go(&house.sessions[who], room);
}

static const char *topic_of(int who)
{
    static struct room_description description;
    room_describe(house.sessions[who].current->room, &description);
    return description.topic;
}

static bool is_in_memory(const char *name)
{
    struct room *room = rooms_find(house.chat.rooms, name);
    if (room != NULL)
        rooms_release(house.chat.rooms, room);
    return room != NULL;
}

/* The kept rooms that somebody sees and nobody is in: "ops,attic!,", with ! if it may not enter. */
static const char *sees(int who)
{
    static char text[1000];
    struct kept_room kept = {.number = 0};
    *text = '\0';
    while (keeping_next(&house.chat, house.sessions[who].user, &kept)) {
        strcat(text, kept.name);
        strcat(text, kept.may_enter ? "," : "!,");
    }
    return text;
}

static void a_registered_users_room_is_kept(void)
{
    begin();
    be_registered(ALICE, true);
    make(ALICE, "ops");
    CU_ASSERT_EQUAL(house.sessions[ALICE].kept, KEPT_DONE);
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "ops,Alice,,|");
    CU_ASSERT_EQUAL(session_set_topic(&house.sessions[ALICE], "deploys", 7), 0);
    CU_ASSERT_EQUAL(change(ALICE, MESSAGE_LOCK, "secret"), 0);
    CU_ASSERT_EQUAL(change(ALICE, MESSAGE_HIDE, ""), 0);
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "ops,Alice,deploys,secret,hidden|");
    leave(ALICE);
    CU_ASSERT_FALSE(is_in_memory("ops"));
    CU_ASSERT_EQUAL(join(BOB, "ops", NULL), EPERM);
    CU_ASSERT_EQUAL(join(BOB, "ops", "secret"), 0);
    CU_ASSERT_STRING_EQUAL(topic_of(BOB), "deploys");
    end();
}

static void a_kept_room_outlives_the_server(void)
{
    begin();
    be_registered(ALICE, true);
    make(ALICE, "Ops");
    CU_ASSERT_EQUAL(session_set_topic(&house.sessions[ALICE], "deploys", 7), 0);
    CU_ASSERT_EQUAL(change(ALICE, MESSAGE_CLOSE, ""), 0);
    restart();
    CU_ASSERT_EQUAL(join(BOB, "ops", NULL), EACCES);
    CU_ASSERT_EQUAL(join(ALICE, "ops", NULL), EACCES); /* not registered yet */
    be_registered(ALICE, true);
    CU_ASSERT_EQUAL(join(ALICE, "0ps", NULL), 0); /* a zero: it looks like it */
    CU_ASSERT_STRING_EQUAL(room_name(house.sessions[ALICE].current->room), "Ops");
    CU_ASSERT_STRING_EQUAL(topic_of(ALICE), "deploys");
    CU_ASSERT_EQUAL(change(ALICE, MESSAGE_OPEN, ""), 0);
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "Ops,Alice,deploys,|");
    end();
}

static void other_rooms_go_with_their_last_member(void)
{
    begin();
    make(BOB, "den");
    CU_ASSERT_EQUAL(change(BOB, MESSAGE_CLOSE, ""), 0);
    leave(BOB);
    make(CAROL, "den");
    be_registered(ALICE, true);
    make(ALICE, "lobby");
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "");
    CU_ASSERT_EQUAL(session_keep_room(&house.sessions[ALICE]), KEPT_NO_ROOM);
    CU_ASSERT_EQUAL(session_keep_room(&house.sessions[CAROL]), KEPT_NOT_REGISTERED);
    end();
}

static void a_room_is_that_of_the_account(void)
{
    begin();
    be_registered(ALICE, true);
    char rival[NAME_SIZE];
    make(ALICE, "ops");
    make(BOB, "ops");
    CU_ASSERT_TRUE(room_is_owner(house.sessions[ALICE].current->room, house.sessions[ALICE].user));
    be_registered(ALICE, false);
    CU_ASSERT_EQUAL(session_rename(&house.sessions[ALICE], "Al", rival), 0);
    CU_ASSERT_EQUAL(change(ALICE, MESSAGE_HIDE, ""), EPERM);
    CU_ASSERT_EQUAL(session_rename(&house.sessions[BOB], "ALICE", rival), 0);
    CU_ASSERT_EQUAL(change(BOB, MESSAGE_HIDE, ""), EPERM); /* has not given the password */
    be_registered(BOB, true);
    CU_ASSERT_EQUAL(change(BOB, MESSAGE_HIDE, ""), 0);
    end();
}

static void who_registers_keeps_what_it_has_made(void)
{
    begin();
    make(ALICE, "ops");
    make(BOB, "ops");
    make(ALICE, "den");
    leave(ALICE);
    make(BOB, "attic");
    CU_ASSERT_EQUAL(keeping_begin_all(&house.chat, house.sessions[ALICE].user), KEPT_DONE);
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "");
    be_registered(ALICE, true);
    unsigned stored = shelf.stored;
    CU_ASSERT_EQUAL(keeping_begin_all(&house.chat, house.sessions[ALICE].user), KEPT_DONE);
    CU_ASSERT_EQUAL(keeping_begin_all(&house.chat, house.sessions[ALICE].user), KEPT_DONE);
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "ops,Alice,,|");
    CU_ASSERT_EQUAL(shelf.stored, stored + 1);
    CU_ASSERT_TRUE(company_gets(&house.company, BOB,
                                "*** Carol has joined the chat ***\n"
                                "*** You are in #ops. Here now: Alice. ***\n"
                                "*** You are in #attic. Here now: nobody else. ***\n"
                                "#ops *** Alice keeps this room when nobody is here ***\n"));
    end();
}

static void invited_names_outlive_their_connections(void)
{
    begin();
    be_registered(ALICE, true);
    be_registered(BOB, true);
    make(ALICE, "ops");
    CU_ASSERT_EQUAL(change(ALICE, MESSAGE_CLOSE, ""), 0);
    CU_ASSERT_EQUAL(session_invite(&house.sessions[ALICE], house.sessions[BOB].user), 0);
    CU_ASSERT_EQUAL(session_invite(&house.sessions[ALICE], house.sessions[CAROL].user), 0);
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "ops,Alice,,,members+Bob|");
    make(CAROL, "ops");
    restart();
    CU_ASSERT_EQUAL(join(CAROL, "ops", NULL), EACCES);
    CU_ASSERT_EQUAL(join(BOB, "ops", NULL), EACCES);
    be_registered(BOB, true);
    make(BOB, "ops");
    CU_ASSERT_PTR_NOT_EQUAL(house.sessions[BOB].current->room, house.chat.lobby);
    CU_ASSERT_EQUAL(change(BOB, MESSAGE_OPEN, ""), EPERM);
    end();
}

/* The verdict is executed by Bob's own thread, which here is this one, too. */
static void who_is_kicked_is_not_invited_any_more(void)
{
    begin();
    be_registered(ALICE, true);
    be_registered(BOB, true);
    make(ALICE, "ops");
    CU_ASSERT_EQUAL(session_invite(&house.sessions[ALICE], house.sessions[BOB].user), 0);
    make(BOB, "ops");
    struct verdict verdict = {.kind = VERDICT_EXPEL,
                              .room = room_number(house.sessions[BOB].current->room)};
    CU_ASSERT_EQUAL(verdict_add(&house.sessions[BOB].user->local->verdicts, &verdict), 0);
    CU_ASSERT_TRUE(session_obey(&house.sessions[BOB]));
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "ops,Alice,,|");
    end();
}

static void an_owner_keeps_twenty_rooms(void)
{
    begin();
    be_registered(ALICE, true);
    be_registered(BOB, true);
    for (int i = 1; i <= KEPT_ROOMS_MAX + 1; i++) {
        char name[NAME_SIZE];
        snprintf(name, sizeof name, "room%d", i);
        make(ALICE, name);
        CU_ASSERT_EQUAL(house.sessions[ALICE].kept,
                        i <= KEPT_ROOMS_MAX ? KEPT_DONE : KEPT_TOO_MANY);
        leave(ALICE);
    }
    CU_ASSERT_EQUAL(shelf.count, KEPT_ROOMS_MAX);
    make(BOB, "bobs");
    CU_ASSERT_EQUAL(house.sessions[BOB].kept, KEPT_DONE);
    CU_ASSERT_EQUAL(let_go(ALICE, "room1"), KEPT_DONE);
    make(ALICE, "another");
    CU_ASSERT_EQUAL(house.sessions[ALICE].kept, KEPT_DONE);
    end();
}

static void a_room_is_let_go_by_owner_and_operators(void)
{
    begin();
    be_registered(ALICE, true);
    be_registered(BOB, true);
    make(ALICE, "ops");
    make(BOB, "ops");
    CU_ASSERT_EQUAL(let_go(BOB, "ops"), KEPT_NOT_OWNER);
    CU_ASSERT_EQUAL(let_go(ALICE, "ops"), KEPT_DONE);
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "");
    CU_ASSERT_EQUAL(let_go(ALICE, "ops"), KEPT_NO_ROOM);
    CU_ASSERT_EQUAL(change(ALICE, MESSAGE_HIDE, ""), 0); /* it is her own as before */
    leave(ALICE);
    make(ALICE, "ops");
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "");
    CU_ASSERT_EQUAL(session_keep_room(&house.sessions[ALICE]), KEPT_DONE);
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "ops,Alice,,,hidden|");
    leave(ALICE);
    leave(BOB);
    CU_ASSERT_EQUAL(let_go(CAROL, "ops"), KEPT_NO_ROOM); /* it is hidden */
    atomic_store(&house.sessions[CAROL].user->is_operator, true);
    CU_ASSERT_EQUAL(let_go(CAROL, "0ps"), KEPT_DONE);
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "");
    make(BOB, "ops");
    CU_ASSERT_EQUAL(change(BOB, MESSAGE_CLOSE, ""), 0); /* a new room, his own */
    end();
}

static void kept_rooms_are_seen_by_whom_they_concern(void)
{
    begin();
    be_registered(ALICE, true);
    be_registered(BOB, true);
    make(ALICE, "attic");
    CU_ASSERT_EQUAL(change(ALICE, MESSAGE_HIDE, ""), 0);
    CU_ASSERT_EQUAL(session_invite(&house.sessions[ALICE], house.sessions[BOB].user), 0);
    make(ALICE, "ops");
    CU_ASSERT_EQUAL(change(ALICE, MESSAGE_LOCK, "secret"), 0);
    make(ALICE, "yard");
    CU_ASSERT_STRING_EQUAL(sees(CAROL), "");
    leave(ALICE);
    CU_ASSERT_EQUAL(join(ALICE, "ops", NULL), 0);
    leave(ALICE);
    CU_ASSERT_STRING_EQUAL(sees(CAROL), "ops!,yard,");
    make(ALICE, "attic");
    leave(ALICE);
    CU_ASSERT_STRING_EQUAL(sees(ALICE), "attic,ops,yard,");
    CU_ASSERT_STRING_EQUAL(sees(BOB), "attic,ops!,yard,");
    CU_ASSERT_STRING_EQUAL(sees(CAROL), "ops!,yard,");
    make(BOB, "attic");
    CU_ASSERT_TRUE(
        room_shows_itself(house.sessions[BOB].current->room, house.sessions[ALICE].user));
    CU_ASSERT_FALSE(
        room_shows_itself(house.sessions[BOB].current->room, house.sessions[CAROL].user));
    struct room *room = keeping_find(&house.chat, "YARD");
    CU_ASSERT_PTR_NOT_NULL_FATAL(room);
    CU_ASSERT_EQUAL(room_count(room), 0);
    rooms_release(house.chat.rooms, room);
    CU_ASSERT_PTR_NULL(keeping_find(&house.chat, "cellar"));
    end();
}

static const char *no_command(size_t i)
{
    (void)i;
    return NULL;
}

static size_t all_of_it(const char *line, size_t length)
{
    (void)line;
    return length;
}

/* What TAB lists behind a word: nobody is in #ops, somebody is in #den, and #cellar is hidden. */
static const char *candidates_for(const char *word)
{
    static char text[200];
    struct view view;
    struct buffer out = {0};
    view_init(&view, "", &house.chat, no_command, all_of_it);
    const struct terminal_face *face = &view.terminal;
    CU_ASSERT_TRUE(face->list(face->context, word, strlen(word), false, &out));
    CU_ASSERT_FATAL(buffer_length(&out) < sizeof text);
    memcpy(text, buffer_bytes(&out), buffer_length(&out));
    text[buffer_length(&out)] = '\0';
    buffer_free(&out);
    CU_ASSERT_TRUE(face->take_cost(face->context) >= strlen("lobby") + strlen("ops"));
    return text;
}

static void tab_completes_rooms_in_which_nobody_is(void)
{
    begin();
    be_registered(ALICE, true);
    make(ALICE, "cellar");
    CU_ASSERT_EQUAL(change(ALICE, MESSAGE_HIDE, ""), 0);
    leave(ALICE);
    make(ALICE, "ops");
    leave(ALICE);
    CU_ASSERT_STRING_EQUAL(sees(ALICE), "cellar,ops,");
    make(ALICE, "den");
    const char *all = candidates_for("#");
    CU_ASSERT_PTR_NOT_NULL(strstr(all, "#ops"));
    CU_ASSERT_PTR_NULL(strstr(all, "#cellar"));
    const char *den = strstr(all, "#den");
    CU_ASSERT_PTR_NOT_NULL_FATAL(den);
    CU_ASSERT_PTR_NULL(strstr(den + 1, "#den"));
    CU_ASSERT_PTR_NOT_NULL(strstr(candidates_for("#OP"), "#ops"));
    CU_ASSERT_PTR_NULL(strstr(candidates_for("#x"), "#ops"));
    end();
}

static void a_disk_that_fails_holds_nobody_up(void)
{
    begin();
    be_registered(ALICE, true);
    make(ALICE, "ops");
    shelf.fails = true;
    CU_ASSERT_EQUAL(session_set_topic(&house.sessions[ALICE], "deploys", 7), 0);
    CU_ASSERT_EQUAL(house.sessions[ALICE].kept, KEPT_NOT_STORED);
    make(ALICE, "den");
    CU_ASSERT_EQUAL(house.sessions[ALICE].kept, KEPT_NOT_STORED);
    leave(ALICE);
    make(ALICE, "ops");
    leave(ALICE);
    CU_ASSERT_STRING_EQUAL(sees(CAROL), "ops,den,"); /* for as long as the server lives */
    CU_ASSERT_EQUAL(let_go(ALICE, "ops"), KEPT_NOT_STORED);
    CU_ASSERT_STRING_EQUAL(sees(CAROL), "den,");
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "ops,Alice,,|");
    shelf.fails = false;
    CU_ASSERT_EQUAL(let_go(ALICE, "ops"), KEPT_DONE);
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "");
    make(ALICE, "den");
    CU_ASSERT_EQUAL(session_keep_room(&house.sessions[ALICE]), KEPT_DONE);
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "den,Alice,,|");
    char *log = close_house();
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "Cannot store the room #den.\n"));
    free(log);
    room_shelf_end(&shelf);
}

static void an_archive_that_cannot_be_read_is_an_error(void)
{
    struct company company;
    struct chat chat;
    room_shelf_begin(&shelf);
    shelf.fails = true;
    company_open(&company, 0);
    const struct chat_config config = {
        .limits.max_rooms = 4, .event_log = company.event_log, .archive = &shelf.archive};
    CU_ASSERT_EQUAL(chat_open(&chat, &config), EIO);
    free(company_close(&company));
    room_shelf_end(&shelf);
}

static void nothing_is_left_of_a_name_that_is_nobodys(void)
{
    begin();
    be_registered(ALICE, true);
    be_registered(BOB, true);
    make(ALICE, "ops");
    make(ALICE, "den");
    leave(ALICE);
    make(BOB, "attic");
    CU_ASSERT_EQUAL(session_invite(&house.sessions[BOB], house.sessions[ALICE].user), 0);
    make(BOB, "yard");
    CU_ASSERT_EQUAL(session_invite(&house.sessions[BOB], house.sessions[ALICE].user), 0);
    leave(BOB);
    be_registered(ALICE, false);
    CU_ASSERT_EQUAL(keeping_forget_name(&house.chat, house.sessions[ALICE].user), KEPT_DONE);
    CU_ASSERT_STRING_EQUAL(sees(BOB), "yard,");
    CU_ASSERT_PTR_NULL(strstr(room_shelf_text(&shelf), "Alice"));
    CU_ASSERT_EQUAL(shelf.count, 2);
    CU_ASSERT_EQUAL(join(ALICE, "ops", NULL), 0);
    CU_ASSERT_EQUAL(change(ALICE, MESSAGE_HIDE, ""), 0); /* her own, as of any other user */
    be_registered(ALICE, true);
    CU_ASSERT_EQUAL(session_set_topic(&house.sessions[BOB], "x", 1), 0);
    CU_ASSERT_PTR_NULL(strstr(room_shelf_text(&shelf), "Alice"));
    end();
}

/*
 * Threads.
 */

static void *store_ops(void *context)
{
    struct room *room = context;
    keeping_store(&house.chat, room);
    return NULL;
}

static void the_newest_settings_are_what_is_stored(void)
{
    pthread_t threads[2];
    begin();
    be_registered(ALICE, true);
    make(ALICE, "ops");
    struct room *room = house.sessions[ALICE].current->room;
    room_shelf_hold(&shelf, true);
    room_set_topic(house.sessions[ALICE].current, words_of("old"), 1);
    pthread_create(&threads[0], NULL, store_ops, room);
    room_shelf_await(&shelf);
    room_set_topic(house.sessions[ALICE].current, words_of("new"), 1);
    pthread_create(&threads[1], NULL, store_ops, room);
    CU_ASSERT_FALSE(room_shelf_is_shared(&shelf));
    room_shelf_hold(&shelf, false);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "ops,Alice,new,|");
    end();
}

static atomic_int turn; /* of the thread that lets the room go; at last TIMES */

/* Brings the room back at any moment of a turn, and holds it until that is over. */
static void *look_in(void *name)
{
    unsigned delay = 1;
    for (int now = 0; now < TIMES; now = atomic_load(&turn)) {
        delay = delay * 1103515245 + 12345;
        for (volatile unsigned i = delay >> 22; i > 0; i--)
            ;
        struct room *room = keeping_find(&house.chat, name);
        while (atomic_load(&turn) == now)
            sched_yield();
        if (room != NULL)
            rooms_release(house.chat.rooms, room);
    }
    return NULL;
}

/* Whoever brings a room back while it is let go, it is not kept afterwards. */
static void a_room_may_come_back_while_it_is_let_go(void)
{
    static char name[] = "ops";
    struct room_settings settings = {.owner_name = "Alice"};
    struct room_description description;
    pthread_t other;
    int kept = 0;
    begin();
    be_registered(ALICE, true);
    atomic_store(&turn, 0);
    pthread_create(&other, NULL, look_in, name);
    for (int i = 0; i < TIMES; atomic_store(&turn, ++i)) {
        kept_rooms_note(house.chat.kept, name, &settings);
        CU_ASSERT_EQUAL(let_go(ALICE, name), KEPT_DONE);
        struct room *room = rooms_find(house.chat.rooms, name);
        if (room == NULL)
            continue;
        room_describe(room, &description);
        kept += *description.owner_name != '\0';
        rooms_release(house.chat.rooms, room);
    }
    pthread_join(other, NULL);
    CU_ASSERT_EQUAL(kept, 0);
    CU_ASSERT_FALSE(kept_rooms_has(house.chat.kept, name));
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "");
    end();
}

static void *come_and_go(void *context)
{
    (void)context;
    for (int i = 0; i < TIMES / 300; i++) {
        session_join(&house.sessions[BOB], "ops", NULL);
        session_leave_room(&house.sessions[BOB], house.sessions[BOB].current);
    }
    return NULL;
}

/* What a room's members hold of it, what is noted and what is stored agree in the end. */
static void a_room_may_be_joined_while_it_is_let_go(void)
{
    pthread_t bob;
    begin();
    be_registered(ALICE, true);
    pthread_create(&bob, NULL, come_and_go, NULL);
    for (int i = 0; i < TIMES / 300; i++) {
        session_join(&house.sessions[ALICE], "ops", NULL);
        session_keep_room(&house.sessions[ALICE]);
        session_leave_room(&house.sessions[ALICE], house.sessions[ALICE].current);
        CU_ASSERT_NOT_EQUAL(let_go(ALICE, "ops"), KEPT_NOT_STORED);
    }
    pthread_join(bob, NULL);
    CU_ASSERT_FALSE(is_in_memory("ops"));
    CU_ASSERT_FALSE(kept_rooms_has(house.chat.kept, "ops"));
    CU_ASSERT_STRING_EQUAL(room_shelf_text(&shelf), "");
    end();
}

static void *store_again_and_again(void *argument)
{
    struct rooms_of_several *several = argument;
    while (!atomic_load(&several->over))
        kept_rooms_store(several->kept, "ops");
    return NULL;
}

/* As changes of other machines come while who has made one stores it. For the sanitizers. */
static void what_is_let_go_elsewhere_is_not_stored(void)
{
    struct rooms_of_several several = {.kept = NULL};
    const struct room_settings settings = {.owner_name = "Alice"};
    pthread_t thread;
    CU_ASSERT_EQUAL_FATAL(kept_rooms_create(&several.kept, NULL, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, store_again_and_again, &several), 0);
    for (int i = 0; i < TIMES; i++) {
        kept_rooms_note(several.kept, "ops", &settings);
        kept_rooms_drop(several.kept, "ops");
    }
    atomic_store(&several.over, true);
    pthread_join(thread, NULL);
    CU_ASSERT_FALSE(kept_rooms_has(several.kept, "ops"));
    kept_rooms_destroy(several.kept);
}

void add_keeping_suite(void)
{
    static const struct test tests[] = {
        {"what a registered user makes is kept with its settings", a_registered_users_room_is_kept},
        {"a kept room outlives the server", a_kept_room_outlives_the_server},
        {"other rooms go with their last member", other_rooms_go_with_their_last_member},
        {"a kept room is that of an account, whoever has the name", a_room_is_that_of_the_account},
        {"who registers keeps what it has made", who_registers_keeps_what_it_has_made},
        {"invited names outlive their connections", invited_names_outlive_their_connections},
        {"who is kicked is not invited any more", who_is_kicked_is_not_invited_any_more},
        {"an owner keeps twenty rooms", an_owner_keeps_twenty_rooms},
        {"a room is let go by its owner and by operators", a_room_is_let_go_by_owner_and_operators},
        {"kept rooms are seen by whom they concern", kept_rooms_are_seen_by_whom_they_concern},
        {"TAB completes kept rooms in which nobody is", tab_completes_rooms_in_which_nobody_is},
        {"a disk that fails holds nobody up, and is told of", a_disk_that_fails_holds_nobody_up},
        {"an archive that cannot be read is an error from the start",
         an_archive_that_cannot_be_read_is_an_error},
        {"nothing is left of a name that is nobody's", nothing_is_left_of_a_name_that_is_nobodys},
        {"the newest settings are what is stored", the_newest_settings_are_what_is_stored},
        {"a room may come back while it is let go", a_room_may_come_back_while_it_is_let_go},
        {"a room may be joined while it is let go", a_room_may_be_joined_while_it_is_let_go},
        {"what is let go elsewhere is not stored", what_is_let_go_elsewhere_is_not_stored},
    };
    SUITE_ADD("keeping", tests);
}
