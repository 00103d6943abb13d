/*
 * The room as its members see it: what comes out of their sockets. Nothing in here looks inside.
 */
#include "suites.h"
#include "company.h"

#include "base/timers.h"
#include "chat/directory.h"
#include "chat/room.h"
#include "chat/room_delivery.h"
#include "chat/room_membership.h"
#include "net/telnet.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

enum { CROWD = COMPANY, TEXT_SIZE = 32 * 1024 };

/* A room and some people, none of them in it. */
struct house {
    struct company company;
    struct timers *timers;
    struct directory *directory;
    struct talkers talkers;
    struct room *room;
    struct user *users[CROWD];
    struct member *members[CROWD];
};

static const struct format *const plain = &format_lines;

/* People who have the formats of `formats` in turn, up to a NULL. */
static void furnish_for(struct house *house, unsigned presence_limit, bool welcome,
                        const struct format *const *formats)
{
    company_open(&house->company, 0);
    company_need(timers_start(&house->timers) == 0, "timers");
    company_need(directory_create(&house->directory) == 0, "a directory");
    company_need(talkers_init(&house->talkers) == 0, "talkers");
    const struct room_config config = {.limits.drain_timeout = 10 * CLOCK_SECOND,
                                       .limits.sendq = COMPANY_SENDQ,
                                       .limits.presence_limit = presence_limit,
                                       .limits.welcome = welcome,
                                       .talkers = &house->talkers,
                                       .directory = house->directory,
                                       .timers = house->timers,
                                       .event_log = house->company.event_log};
    company_need(room_create(&house->room, "lobby", ROOM_LOBBY, &config) == 0, "a room");
    size_t count = 0;
    while (formats[count] != NULL)
        count++;
    for (int i = 0; i < CROWD; i++) {
        const struct user_view view = {.format = formats[(size_t)i % count],
                                       .elsewhere = &format_lines_elsewhere};
        house->users[i] = user_create(company_outbox(&house->company, i), &view);
        company_need(house->users[i] != NULL, "a user");
        house->members[i] = member_create(house->users[i], house->room, ROOM_LOBBY);
        company_need(house->members[i] != NULL, "a member");
    }
}

static void furnish(struct house *house, unsigned presence_limit, bool welcome)
{
    furnish_for(house, presence_limit, welcome, (const struct format *const[]){plain, NULL});
}

/* Everyone must have left. Returns what was logged, which the caller frees. */
static char *vacate(struct house *house)
{
    room_destroy(house->room);
    talkers_destroy(&house->talkers);
    for (int i = 0; i < CROWD; i++) {
        member_release(house->members[i]);
        user_release(house->users[i]);
    }
    directory_destroy(house->directory);
    timers_stop(house->timers);
    return company_close(&house->company);
}

static int join(struct house *house, int who, const char *name)
{
    char rival[NAME_SIZE];
    int error = directory_add(house->directory, house->users[who], 0, name, rival);
    return error != 0 ? error : room_join(house->members[who], NULL, NULL);
}

static void depart(struct house *house, int who, const struct room_leaving *leaving)
{
    room_leave_all(house->users[who], leaving);
    house->users[who]->members = NULL;
}

static void leave(struct house *house, int who)
{
    const struct room_leaving leaving = {.why = "quit"};
    depart(house, who, &leaving);
}

static void leave_silently(struct house *house, int first, int last)
{
    const struct room_leaving leaving = {.why = "shutdown", .silently = true};
    for (int i = first; i <= last; i++)
        depart(house, i, &leaving);
}

/* Says or does something, `count` lines at once. */
static bool publish(struct house *house, int who, enum message_kind kind, const char *const *texts,
                    size_t count)
{
    struct batch said = {0};
    const struct user *user = house->users[who];
    bool whole = true;
    for (size_t i = 0; i < count; i++) {
        const struct message message = {.kind = kind,
                                        .author = user->id,
                                        .name = words_of(user->name),
                                        .text = words_of(texts[i])};
        whole = whole && batch_add(&said, &message);
    }
    size_t published;
    whole = whole && room_publish(house->members[who], &said, &published) == 0 &&
            published == said.count;
    batch_free(&said);
    return whole;
}

static bool say(struct house *house, int who, const char *text)
{
    return publish(house, who, MESSAGE_SAY, &text, 1);
}

static bool gets(struct house *house, int who, const char *lines)
{
    return company_gets(&house->company, who, lines);
}

static void who_joins_is_welcomed_and_the_others_are_told(void)
{
    struct house house;
    furnish(&house, 0, true);
    CU_ASSERT_EQUAL(join(&house, 0, "Alice"), 0);
    CU_ASSERT_TRUE(gets(&house, 0,
                        "*** Welcome, Alice. Type /help for commands. Here now: nobody else. "
                        "***\n"));
    CU_ASSERT_EQUAL(join(&house, 1, "Bob"), 0);
    CU_ASSERT_TRUE(
        gets(&house, 1, "*** Welcome, Bob. Type /help for commands. Here now: Alice. ***\n"));
    CU_ASSERT_EQUAL(join(&house, 2, "Carol"), 0);
    CU_ASSERT_TRUE(gets(
        &house, 2, "*** Welcome, Carol. Type /help for commands. Here now: Alice, Bob. ***\n"));
    CU_ASSERT_TRUE(
        gets(&house, 0, "*** Bob has joined the chat ***\n*** Carol has joined the chat ***\n"));
    CU_ASSERT_TRUE(gets(&house, 1, "*** Carol has joined the chat ***\n"));
    CU_ASSERT_EQUAL(room_count(house.room), 3);
    leave_silently(&house, 0, 2);
    char *log = vacate(&house);
    CU_ASSERT_STRING_EQUAL(log, "Alice (peer) has joined\nBob (peer) has joined\n"
                                "Carol (peer) has joined\nAlice (peer) has left: shutdown\n"
                                "Bob (peer) has left: shutdown\nCarol (peer) has left: shutdown\n");
    free(log);
}

static void a_newcomer_gets_what_follows_and_nothing_from_before(void)
{
    struct house house;
    furnish(&house, 0, false);
    join(&house, 0, "Alice");
    join(&house, 1, "Bob");
    CU_ASSERT_TRUE(say(&house, 0, "before"));
    join(&house, 2, "Carol");
    CU_ASSERT_TRUE(publish(&house, 0, MESSAGE_SAY, (const char *const[]){"after", "and more"}, 2));
    CU_ASSERT_TRUE(gets(&house, 2, "Alice: after\nAlice: and more\n"));
    CU_ASSERT_TRUE(gets(&house, 1,
                        "Alice: before\n*** Carol has joined the chat ***\n"
                        "Alice: after\nAlice: and more\n"));
    CU_ASSERT_TRUE(say(&house, 2, "hi"));
    CU_ASSERT_TRUE(gets(&house, 0,
                        "*** Bob has joined the chat ***\n*** Carol has joined the chat ***\n"
                        "Carol: hi\n"));
    leave_silently(&house, 0, 2);
    free(vacate(&house));
}

static void who_leaves_has_said_all_before_and_gets_nothing_behind(void)
{
    struct house house;
    furnish(&house, 0, false);
    join(&house, 0, "Alice");
    join(&house, 1, "Bob");
    CU_ASSERT_TRUE(say(&house, 1, "bye"));
    CU_ASSERT_TRUE(say(&house, 0, "bye"));
    leave(&house, 1);
    CU_ASSERT_TRUE(say(&house, 0, "alone"));
    CU_ASSERT_TRUE(gets(&house, 0,
                        "*** Bob has joined the chat ***\nBob: bye\n"
                        "*** Bob has left the chat ***\n"));
    CU_ASSERT_TRUE(gets(&house, 1, "Alice: bye\n"));
    CU_ASSERT_TRUE(company_has_nothing(&house.company, 1));
    CU_ASSERT_EQUAL(room_count(house.room), 1);
    /* Without a sound; the one who is left could tell. */
    join(&house, 2, "Carol");
    CU_ASSERT_TRUE(gets(&house, 0, "*** Carol has joined the chat ***\n"));
    leave_silently(&house, 2, 2);
    join(&house, 3, "Dan");
    CU_ASSERT_TRUE(gets(&house, 0, "*** Dan has joined the chat ***\n"));
    leave_silently(&house, 3, 3);
    leave(&house, 0);
    char *log = vacate(&house);
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "Bob: bye\nAlice: bye\nBob (peer) has left: quit\n"));
    free(log);
}

static void a_name_is_one_persons(void)
{
    struct house house;
    furnish(&house, 0, true);
    join(&house, 0, "Alice");
    CU_ASSERT_EQUAL(join(&house, 1, "aLICE"), EEXIST);
    CU_ASSERT_TRUE(company_has_nothing(&house.company, 1));
    CU_ASSERT_EQUAL(room_count(house.room), 1);
    CU_ASSERT_EQUAL(join(&house, 1, "Bob"), 0);
    leave(&house, 0);
    CU_ASSERT_EQUAL(join(&house, 2, "ALICE"), 0);
    CU_ASSERT_TRUE(gets(&house, 1,
                        "*** Welcome, Bob. Type /help for commands. Here now: Alice. ***\n"
                        "*** Alice has left the chat ***\n*** ALICE has joined the chat ***\n"));
    leave_silently(&house, 1, 2);
    free(vacate(&house));
}

static void a_new_name_is_told_to_everyone(void)
{
    struct house house;
    char rival[NAME_SIZE];
    furnish(&house, 0, false);
    join(&house, 0, "Alice");
    join(&house, 1, "Bob");
    CU_ASSERT_TRUE(gets(&house, 0, "*** Bob has joined the chat ***\n"));
    CU_ASSERT_EQUAL(room_rename(house.users[0], "bob", rival), EEXIST);
    CU_ASSERT_STRING_EQUAL(rival, "Bob");
    CU_ASSERT_STRING_EQUAL(house.users[0]->name, "Alice");
    CU_ASSERT_EQUAL(room_rename(house.users[0], "Al", rival), 0);
    CU_ASSERT_STRING_EQUAL(house.users[0]->name, "Al");
    CU_ASSERT_EQUAL(room_rename(house.users[0], "AL", rival), 0);
    static const char told[] = "*** Alice is now known as Al ***\n*** Al is now known as AL ***\n";
    CU_ASSERT_TRUE(gets(&house, 0, told));
    CU_ASSERT_TRUE(gets(&house, 1, told));
    CU_ASSERT_EQUAL(join(&house, 2, "alice"), 0);
    CU_ASSERT_EQUAL(join(&house, 3, "al"), EEXIST);
    leave_silently(&house, 0, 2);
    char *log = vacate(&house);
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "Alice is now known as Al\nAl is now known as AL\n"));
    free(log);
}

/* Floods everywhere give way to whoever talks. */
static void who_talks_is_known_to_all_rooms(void)
{
    struct house house;
    static char much[2 * FLOW_TALK_BYTES];
    memset(much, 'x', sizeof much - 1);
    furnish(&house, 0, false);
    join(&house, 0, "Alice");
    CU_ASSERT_FALSE(talkers_any(&house.talkers, clock_now()));
    CU_ASSERT_TRUE(say(&house, 0, "hi"));
    CU_ASSERT_TRUE(talkers_any(&house.talkers, clock_now()));
    CU_ASSERT_TRUE(say(&house, 0, much));
    CU_ASSERT_FALSE(talkers_any(&house.talkers, clock_now()));
    leave_silently(&house, 0, 0);
    free(vacate(&house));
}

/* After a flood: as a piece of one it would wait to be let in, for ever. */
static void nothing_is_said_at_once(void)
{
    static char much[2 * FLOW_TALK_BYTES];
    struct house house;
    furnish(&house, 0, false);
    join(&house, 0, "Alice");
    memset(much, 'x', sizeof much - 1);
    CU_ASSERT_TRUE(say(&house, 0, much));
    CU_ASSERT_TRUE(publish(&house, 0, MESSAGE_SAY, NULL, 0));
    leave_silently(&house, 0, 0);
    free(vacate(&house));
}

/* Reads the next so many lines that a member gets. */
static bool read_lines(const struct peer *peer, int count, char text[TEXT_SIZE])
{
    size_t length = 0;
    while (count > 0 && length + 1 < TEXT_SIZE && peer_receive(peer, text + length, 1))
        count -= text[length++] == '\n';
    text[length] = '\0';
    return count == 0;
}

/* Adds up the numbers of all the lines that a text consists of, if these are summaries. */
static bool add_summaries(const char *text, unsigned *joined, unsigned *left, unsigned *here)
{
    while (*text != '\0') {
        unsigned more_joined;
        unsigned more_left;
        int end = 0;
        sscanf(text, "*** %u joined, %u left; %u here ***%n", &more_joined, &more_left, here, &end);
        if (end == 0 || text[end] != '\n')
            return false;
        *joined += more_joined;
        *left += more_left;
        text += end + 1;
    }
    return true;
}

static void a_big_room_sums_up(void)
{
    struct house house;
    char text[TEXT_SIZE];
    unsigned joined = 0;
    unsigned left = 0;
    unsigned here = 0;
    furnish(&house, 2, false);
    join(&house, 0, "Alice");
    join(&house, 1, "Bob");
    CU_ASSERT_TRUE(gets(&house, 0, "*** Bob has joined the chat ***\n"));
    for (int i = 2; i < CROWD; i++) {
        char name[] = {(char)('A' + i), '\0'};
        CU_ASSERT_EQUAL(join(&house, i, name), 0);
    }
    while (joined < CROWD - 2 && read_lines(&house.company.peers[0], 1, text) &&
           add_summaries(text, &joined, &left, &here))
        continue;
    CU_ASSERT_EQUAL(joined, CROWD - 2);
    CU_ASSERT_EQUAL(left, 0);
    CU_ASSERT_EQUAL(here, CROWD);
    leave(&house, CROWD - 1);
    leave(&house, CROWD - 2);
    while (left < 2 && read_lines(&house.company.peers[0], 1, text) &&
           add_summaries(text, &joined, &left, &here))
        continue;
    CU_ASSERT_EQUAL(left, 2);
    CU_ASSERT_EQUAL(joined, CROWD - 2);
    CU_ASSERT_EQUAL(here, CROWD - 2);
    leave_silently(&house, 0, CROWD - 3);
    free(vacate(&house));
}

enum { LINES = 100 };

/* One of those who talk all at once. */
struct talker {
    struct house *house;
    int who;
    pthread_t thread;
    bool talked;
};

static void *talk(void *argument)
{
    struct talker *talker = argument;
    char line[64];
    talker->talked = true;
    for (int i = 0; i < LINES; i++) {
        snprintf(line, sizeof line, "line %d", i);
        talker->talked = say(talker->house, talker->who, line) && talker->talked;
    }
    return NULL;
}

/* Whether `text` is `all` without the lines of that author. */
static bool is_all_but_own(const char *text, const char *all, int who)
{
    while (*all != '\0') {
        size_t length = strcspn(all, "\n") + 1;
        if (all[0] != (char)('0' + who)) {
            if (strncmp(text, all, length) != 0)
                return false;
            text += length;
        }
        all += length;
    }
    return *text == '\0';
}

/* Whether each author's lines are all there, in the order in which they were said. */
static bool each_in_order(const char *all)
{
    int next[CROWD] = {0};
    int who;
    int number;
    int end;
    for (; sscanf(all, "%1d: line %d%n", &who, &number, &end) == 2; all += end + 1)
        if (who >= CROWD || number != next[who]++)
            return false;
    for (who = 1; who < CROWD; who++)
        if (next[who] != LINES)
            return false;
    return *all == '\0';
}

/* Person 0 says nothing, and so hears them all. */
static void all_have_one_order(void)
{
    static char all[TEXT_SIZE];
    static char text[TEXT_SIZE];
    struct house house;
    struct talker talkers[CROWD];
    furnish(&house, 0, false);
    for (int i = CROWD - 1; i >= 0; i--) {
        char name[] = {(char)('0' + i), '\0'};
        join(&house, i, name);
    }
    for (int i = 1; i < CROWD; i++) {
        CU_ASSERT_TRUE(read_lines(&house.company.peers[i], i, text));
        talkers[i] = (struct talker){.house = &house, .who = i};
    }
    for (int i = 1; i < CROWD; i++)
        if (pthread_create(&talkers[i].thread, NULL, talk, &talkers[i]) != 0)
            abort();
    for (int i = 1; i < CROWD; i++) {
        pthread_join(talkers[i].thread, NULL);
        CU_ASSERT_TRUE(talkers[i].talked);
    }
    CU_ASSERT_TRUE(read_lines(&house.company.peers[0], (CROWD - 1) * LINES, all));
    CU_ASSERT_TRUE(each_in_order(all));
    for (int i = 1; i < CROWD; i++) {
        CU_ASSERT_TRUE(read_lines(&house.company.peers[i], (CROWD - 2) * LINES, text));
        EXPECT(is_all_but_own(text, all, i), "%d has them in another order", i);
    }
    leave_silently(&house, 0, CROWD - 1);
    free(vacate(&house));
}

static void members_are_listed_in_the_order_in_which_they_came(void)
{
    struct house house;
    struct room_entry entries[CROWD];
    furnish(&house, 0, false);
    for (int i = CROWD - 1; i >= 0; i--) {
        char name[] = {(char)('A' + i), '\0'};
        join(&house, i, name);
    }
    CU_ASSERT_EQUAL(room_list(house.room, 0, entries, 2), 2);
    CU_ASSERT_STRING_EQUAL(entries[0].name, "F");
    CU_ASSERT_STRING_EQUAL(entries[1].name, "E");
    /* Who was listed last may leave meanwhile, and so may the next one. */
    leave_silently(&house, CROWD - 3, CROWD - 2);
    CU_ASSERT_EQUAL(room_list(house.room, entries[1].number, entries, CROWD), 3);
    CU_ASSERT_STRING_EQUAL(entries[0].name, "C");
    CU_ASSERT_STRING_EQUAL(entries[2].name, "A");
    CU_ASSERT_EQUAL(room_list(house.room, entries[2].number, entries, CROWD), 0);
    leave_silently(&house, 0, CROWD - 4);
    leave_silently(&house, CROWD - 1, CROWD - 1);
    free(vacate(&house));
}

/*
 * A format that only this test knows: objects, one on a line.
 */

static atomic_uint objects_made;

static bool append_text(struct buffer *out, struct words words)
{
    return buffer_append_string(out, "\"") && buffer_append(out, words.bytes, words.length) &&
           buffer_append_string(out, "\"");
}

static bool render_object(const struct message *message, struct buffer *out)
{
    static const char *const kinds[] = {
        [MESSAGE_SAY] = "say",         [MESSAGE_ACT] = "act",         [MESSAGE_TELL] = "tell",
        [MESSAGE_JOIN] = "join",       [MESSAGE_LEAVE] = "leave",     [MESSAGE_RENAME] = "rename",
        [MESSAGE_SUMMARY] = "summary", [MESSAGE_WELCOME] = "welcome",
    };
    atomic_fetch_add(&objects_made, 1);
    return buffer_format(out, "{\"kind\":\"%s\",\"name\":", kinds[message->kind]) &&
           append_text(out, message->name) && buffer_append_string(out, ",\"text\":") &&
           append_text(out, message->text) && buffer_append_string(out, "}\n");
}

static const struct format objects = {render_object};

#define OBJECT(kind, name, text)                                                                   \
    "{\"kind\":\"" kind "\",\"name\":\"" name "\",\"text\":\"" text "\"}\n"

/* 0 and 2 have plain lines, 1 and 3 have objects. */
static void each_member_gets_its_format(void)
{
    static const struct format *const formats[] = {&format_lines, &objects, NULL};
    struct house house;
    char rival[NAME_SIZE];
    furnish_for(&house, 0, true, formats);
    atomic_store(&objects_made, 0);
    join(&house, 0, "Ann");
    join(&house, 1, "Bot");
    CU_ASSERT_TRUE(gets(&house, 1, OBJECT("welcome", "Bot", "Ann")));
    join(&house, 2, "Cy");
    join(&house, 3, "Droid");
    CU_ASSERT_TRUE(gets(&house, 1, OBJECT("join", "Cy", "") OBJECT("join", "Droid", "")));
    CU_ASSERT_TRUE(say(&house, 0, "hi"));
    CU_ASSERT_TRUE(say(&house, 1, "beep"));
    CU_ASSERT_TRUE(publish(&house, 1, MESSAGE_ACT, (const char *const[]){"beeps"}, 1));
    CU_ASSERT_EQUAL(room_rename(house.users[0], "Annie", rival), 0);
    CU_ASSERT_EQUAL(room_rename(house.users[0], "droid", rival), EEXIST);
    leave(&house, 3);
    CU_ASSERT_TRUE(gets(&house, 1,
                        OBJECT("say", "Ann", "hi") OBJECT("rename", "Ann", "Annie")
                            OBJECT("leave", "Droid", "")));
    CU_ASSERT_TRUE(gets(&house, 3,
                        OBJECT("welcome", "Droid", "Ann, Bot, Cy") OBJECT("say", "Ann", "hi")
                            OBJECT("say", "Bot", "beep") OBJECT("act", "Bot", "beeps")
                                OBJECT("rename", "Ann", "Annie")));
    CU_ASSERT_TRUE(gets(&house, 2,
                        "*** Welcome, Cy. Type /help for commands. Here now: Ann, Bot. ***\n"
                        "*** Droid has joined the chat ***\nAnn: hi\nBot: beep\n* Bot beeps\n"
                        "*** Ann is now known as Annie ***\n*** Droid has left the chat ***\n"));
    leave_silently(&house, 0, 2);
    char *log = vacate(&house);
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "Ann: hi\nBot: beep\n* Bot beeps\n"));
    CU_ASSERT_PTR_NULL(strstr(log, "{"));
    free(log);
}

/* However many there are who have it: a half of the crowd does. */
static void a_message_is_rendered_once_for_a_format(void)
{
    static const struct format *const formats[] = {&format_lines, &objects, NULL};
    struct house house;
    furnish_for(&house, 0, false, formats);
    for (int i = 0; i < CROWD; i++) {
        char name[] = {(char)('A' + i), '\0'};
        join(&house, i, name);
    }
    CU_ASSERT_TRUE(say(&house, 0, "now"));
    CU_ASSERT_TRUE(gets(&house, CROWD - 1, OBJECT("say", "A", "now")));
    atomic_store(&objects_made, 0);
    CU_ASSERT_TRUE(publish(&house, 0, MESSAGE_SAY, (const char *const[]){"one", "two"}, 2));
    CU_ASSERT_EQUAL(atomic_load(&objects_made), 2);
    CU_ASSERT_TRUE(say(&house, 1, "three"));
    CU_ASSERT_EQUAL(atomic_load(&objects_made), 3);
    leave_silently(&house, 0, CROWD - 1);
    free(vacate(&house));
}

/* The same objects, for whom the encoding tells to be a program: E and F. */
static void programs_share_what_is_rendered_for_them(void)
{
    static const struct user_format programs = {&telnet_encoding, &objects};
    struct house house;
    char rival[NAME_SIZE];
    furnish(&house, 0, false);
    for (int i = 0; i < CROWD; i++) {
        char name[] = {(char)('A' + i), '\0'};
        house.users[i]->local->view.programs = &programs;
        join(&house, i, name);
    }
    outbox_set_encoding(house.users[4]->outbox, &telnet_encoding);
    outbox_set_encoding(house.users[5]->outbox, &telnet_encoding);
    CU_ASSERT_EQUAL(room_rename(house.users[0], "Z", rival), 0);
    atomic_store(&objects_made, 0);
    CU_ASSERT_TRUE(say(&house, 0, "one"));
    CU_ASSERT_EQUAL(atomic_load(&objects_made), 1);
    CU_ASSERT_TRUE(say(&house, 4, "two"));
    CU_ASSERT_EQUAL(atomic_load(&objects_made), 2);
    CU_ASSERT_TRUE(gets(&house, 5, "{\"kind\":\"rename\",\"name\":\"A\",\"text\":\"Z\"}\r\n"));
    CU_ASSERT_TRUE(gets(&house, 5, "{\"kind\":\"say\",\"name\":\"Z\",\"text\":\"one\"}\r\n"));
    CU_ASSERT_TRUE(gets(&house, 5, "{\"kind\":\"say\",\"name\":\"E\",\"text\":\"two\"}\r\n"));
    CU_ASSERT_TRUE(gets(&house, 3,
                        "*** E has joined the chat ***\n*** F has joined the chat ***\n"
                        "*** A is now known as Z ***\nZ: one\nE: two\n"));
    leave_silently(&house, 0, CROWD - 1);
    free(vacate(&house));
}

/*
 * A format that holds up the thread which renders "hold" until the test waits for it, and then for
 * long enough that the test would not have to wait if room_sync() did not.
 */
static atomic_bool test_waits, is_held;

static bool render_late(const struct message *message, struct buffer *out)
{
    if (message->text.length == strlen("hold") &&
        memcmp(message->text.bytes, "hold", strlen("hold")) == 0) {
        atomic_store(&is_held, true);
        while (!atomic_load(&test_waits))
            clock_sleep_until(clock_now() + CLOCK_MILLISECOND);
        clock_sleep_until(clock_now() + 50 * CLOCK_MILLISECOND);
    }
    return format_lines.render(message, out);
}

static const struct format late = {render_late};

static void *say_hold(void *house)
{
    say(house, 0, "hold");
    return NULL;
}

static bool holds(void *context)
{
    (void)context;
    return atomic_load(&is_held);
}

/* The second member's format holds up the delivery, so the third one is not sent the line yet. */
static void sync_waits_for_a_batch_in_delivery(void)
{
    static const struct format *const formats[] = {&format_lines, &late, &format_lines, NULL};
    struct house house;
    pthread_t speaker;
    furnish_for(&house, 0, false, formats);
    for (int i = 0; i < 3; i++) {
        char name[] = {(char)('A' + i), '\0'};
        join(&house, i, name);
    }
    room_sync(house.room);
    bool has_nothing = company_has_nothing(&house.company, 2);
    atomic_store(&test_waits, false);
    atomic_store(&is_held, false);
    company_need(pthread_create(&speaker, NULL, say_hold, &house) == 0, "a thread");
    company_need(peer_eventually(holds, NULL), "a delivery");
    bool early = !company_has_nothing(&house.company, 2);
    atomic_store(&test_waits, true);
    room_sync(house.room);
    bool sent = !company_has_nothing(&house.company, 2);
    pthread_join(speaker, NULL);
    CU_ASSERT_TRUE(has_nothing && !early && sent);
    CU_ASSERT_TRUE(gets(&house, 2, "A: hold\n"));
    leave_silently(&house, 0, 2);
    free(vacate(&house));
}

/* The second member becomes a program while a line is rendered for it as what it was. */
static void who_becomes_a_program_meanwhile_is_sent_its_format(void)
{
    static const struct format *const formats[] = {&format_lines, &late, NULL};
    static const struct user_format programs = {&telnet_encoding, &objects};
    struct house house;
    pthread_t speaker;
    furnish_for(&house, 0, false, formats);
    house.users[1]->local->view.programs = &programs;
    join(&house, 0, "A");
    join(&house, 1, "B");
    room_sync(house.room);
    atomic_store(&test_waits, false);
    atomic_store(&is_held, false);
    company_need(pthread_create(&speaker, NULL, say_hold, &house) == 0, "a thread");
    company_need(peer_eventually(holds, NULL), "a delivery");
    outbox_set_encoding(house.users[1]->outbox, &telnet_encoding);
    atomic_store(&test_waits, true);
    pthread_join(speaker, NULL);
    CU_ASSERT_TRUE(gets(&house, 1, "{\"kind\":\"say\",\"name\":\"A\",\"text\":\"hold\"}\r\n"));
    CU_ASSERT_TRUE(company_has_nothing(&house.company, 1));
    leave_silently(&house, 0, 1);
    free(vacate(&house));
}

/* Notices that would be sent together with later ones are sent at once. */
static void sync_sends_what_waits_for_more(void)
{
    struct house house;
    furnish(&house, 0, false);
    for (int round = 0; round < 10; round++) {
        join(&house, 0, "A");
        join(&house, 1, "B");
        join(&house, 2, "C");
        room_sync(house.room);
        CU_ASSERT_FALSE(company_has_nothing(&house.company, 1));
        CU_ASSERT_TRUE(gets(&house, 0, "*** B has joined the chat ***\n"));
        CU_ASSERT_TRUE(gets(&house, 0, "*** C has joined the chat ***\n"));
        CU_ASSERT_TRUE(gets(&house, 1, "*** C has joined the chat ***\n"));
        leave_silently(&house, 0, 2);
    }
    free(vacate(&house));
}

static const struct test tests[] = {
    {"who joins is told who is here, and the others are told of it",
     who_joins_is_welcomed_and_the_others_are_told},
    {"a newcomer gets what follows, and nothing from before",
     a_newcomer_gets_what_follows_and_nothing_from_before},
    {"who leaves has said everything before the notice, and gets nothing behind it",
     who_leaves_has_said_all_before_and_gets_nothing_behind},
    {"a name is one person's, and free when that one has left", a_name_is_one_persons},
    {"a new name is told to everyone, its owner too", a_new_name_is_told_to_everyone},
    {"who talks is known to all rooms, and who floods does not talk",
     who_talks_is_known_to_all_rooms},
    {"who says nothing behind a flood does not wait", nothing_is_said_at_once},
    {"a big room sums up who came and who left, and misses nobody", a_big_room_sums_up},
    {"when all talk at once, all have the lines in one order", all_have_one_order},
    {"members are listed in the order in which they came, and nobody twice",
     members_are_listed_in_the_order_in_which_they_came},
    {"in one room everyone gets messages in a format of their own, one that only a test knows too",
     each_member_gets_its_format},
    {"a message is rendered once for all who have a format",
     a_message_is_rendered_once_for_a_format},
    {"a message is rendered once for all programs, in their format",
     programs_share_what_is_rendered_for_them},
    {"a sync waits until what another thread delivers has been sent",
     sync_waits_for_a_batch_in_delivery},
    {"who becomes a program while a line is rendered is sent it as one",
     who_becomes_a_program_meanwhile_is_sent_its_format},
    {"a sync sends notices that would wait for others", sync_sends_what_waits_for_more},
};

void add_room_suite(void)
{
    SUITE_ADD("room", tests);
}
