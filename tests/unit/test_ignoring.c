/* What users ignore, and that they are away, in a chat of their own. */
#include "suites.h"
#include "company.h"

#include "chat/away.h"
#include "chat/ignoring.h"
#include "chat/session_entry.h"
#include "chat/session_history.h"
#include "chat/session_policy.h"
#include "chat/session_publishing.h"
#include "chat/session_telling.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#define LONG (60 * CLOCK_SECOND)

/* An archive that keeps the names that one account ignores, in the order in which they came. */

enum { KEPT_MAX = 8 };

struct shelf {
    struct archive archive;
    char names[KEPT_MAX][NAME_SIZE];
    size_t count;
    bool fails;
};

static struct shelf *shelf_of(struct archive *archive)
{
    return (struct shelf *)(void *)archive;
}

static size_t find_kept(const struct shelf *shelf, struct words name)
{
    size_t i = 0;
    while (i < shelf->count && (strlen(shelf->names[i]) != name.length ||
                                memcmp(shelf->names[i], name.bytes, name.length) != 0))
        i++;
    return i;
}

static enum archive_result keep(struct archive *archive, struct words name, struct words ignored)
{
    struct shelf *shelf = shelf_of(archive);
    CU_ASSERT_EQUAL(name.length, strlen("A"));
    if (shelf->fails)
        return ARCHIVE_FAILED;
    char *place = shelf->names[shelf->count++];
    memcpy(place, ignored.bytes, ignored.length);
    place[ignored.length] = '\0';
    return ARCHIVE_OK;
}

static enum archive_result drop(struct archive *archive, struct words name, struct words ignored)
{
    struct shelf *shelf = shelf_of(archive);
    size_t place = find_kept(shelf, ignored);
    CU_ASSERT_EQUAL(name.length, strlen("A"));
    if (shelf->fails)
        return ARCHIVE_FAILED;
    if (place == shelf->count)
        return ARCHIVE_NONE;
    memmove(shelf->names[place], shelf->names[place + 1],
            (--shelf->count - place) * sizeof shelf->names[place]);
    return ARCHIVE_OK;
}

static enum archive_result visit_kept(struct archive *archive, struct words name,
                                      archive_visit_name *visit, void *context)
{
    const struct shelf *shelf = shelf_of(archive);
    (void)name;
    if (shelf->fails)
        return ARCHIVE_BUSY;
    for (size_t i = 0; i < shelf->count; i++)
        visit(context, words_of(shelf->names[i]));
    return ARCHIVE_OK;
}

static bool see(struct archive *archive, struct words name, int64_t time)
{
    (void)archive;
    (void)name;
    return time > 0;
}

static const struct archive_people people = {
    .ignore = keep, .unignore = drop, .ignored = visit_kept, .set_seen = see};

/* A chat with the first `here` of the company in it, as A, B and so on. */
struct den {
    struct company company;
    struct chat chat;
    struct session sessions[COMPANY];
    struct shelf shelf;
};

static void den_open(struct den *den, int here)
{
    char rival[NAME_SIZE];
    *den = (struct den){.shelf = {.archive = {.people = &people}}};
    company_open(&den->company, 0);
    const struct chat_config config = {.limits.drain_timeout = LONG,
                                       .limits.sendq = COMPANY_SENDQ,
                                       .limits.max_rooms = 4,
                                       .limits.rooms_per_client = 3,
                                       .limits.history = 10,
                                       .event_log = den->company.event_log};
    company_need(chat_open(&den->chat, &config) == 0, "a chat");
    for (int i = 0; i < COMPANY; i++)
        company_need(session_open(&den->sessions[i], &den->chat, company_outbox(&den->company, i),
                                  &company_view) == 0,
                     "a session");
    for (int i = 0; i < here; i++) {
        const char name[] = {(char)('A' + i), '\0'};
        CU_ASSERT_EQUAL(session_enter(&den->sessions[i], name, rival), 0);
        for (int before = 0; before < i; before++) {
            char notice[64];
            snprintf(notice, sizeof notice, "*** %s has joined the chat ***\n", name);
            CU_ASSERT_TRUE(company_gets(&den->company, before, notice));
        }
    }
}

static void den_close(struct den *den)
{
    for (int i = 0; i < COMPANY; i++) {
        if (den->sessions[i].current != NULL)
            session_leave(&den->sessions[i], "shutdown", true);
        session_close(&den->sessions[i]);
    }
    chat_close(&den->chat);
    free(company_close(&den->company));
}

static void say(struct den *den, int who, const char *text)
{
    CU_ASSERT_TRUE(session_say(&den->sessions[who], MESSAGE_SAY, text, strlen(text)));
    session_publish(&den->sessions[who]);
}

static void tell(struct den *den, int from, int to, const char *text)
{
    CU_ASSERT_EQUAL(session_tell(&den->sessions[from], den->sessions[to].user, text, strlen(text)),
                    0);
}

static bool gets(struct den *den, int who, const char *lines)
{
    return company_gets(&den->company, who, lines) && company_has_nothing(&den->company, who);
}

static enum ignoring_result begin(struct den *den, int who, const char *name)
{
    char copy[NAME_SIZE];
    strcpy(copy, name);
    return ignoring_begin(&den->sessions[who], copy);
}

static enum ignoring_result end(struct den *den, int who, const char *name)
{
    char copy[NAME_SIZE];
    strcpy(copy, name);
    return ignoring_end(&den->sessions[who], copy);
}

static void what_is_ignored_does_not_come(void)
{
    struct den den;
    char name[NAME_SIZE];
    den_open(&den, 3);
    CU_ASSERT_EQUAL(begin(&den, 0, "b"), IGNORING_DONE);
    say(&den, 1, "one");
    tell(&den, 1, 0, "psst");
    CU_ASSERT_EQUAL(session_invite(&den.sessions[1], den.sessions[0].user), 0);
    CU_ASSERT_EQUAL(session_correspondent(&den.sessions[0], name), 0);
    say(&den, 2, "two");
    CU_ASSERT_TRUE(gets(&den, 0, "C: two\n"));
    CU_ASSERT_TRUE(gets(&den, 2, "B: one\n"));
    /* The other way round all is as before. */
    say(&den, 0, "three");
    tell(&den, 0, 1, "four");
    CU_ASSERT_TRUE(gets(&den, 1, "C: two\nA: three\n[private] A: four\n"));
    CU_ASSERT_EQUAL(end(&den, 0, "B"), IGNORING_DONE);
    say(&den, 1, "five");
    tell(&den, 1, 0, "six");
    CU_ASSERT_TRUE(gets(&den, 0, "B: five\n[private] B: six\n"));
    den_close(&den);
}

static void another_name_does_not_help(void)
{
    struct den den;
    char rival[NAME_SIZE];
    den_open(&den, 2);
    CU_ASSERT_EQUAL(begin(&den, 0, "B"), IGNORING_DONE);
    CU_ASSERT_EQUAL(session_rename(&den.sessions[1], "Rob", rival), 0);
    say(&den, 1, "me again");
    CU_ASSERT_TRUE(gets(&den, 0, "*** B is now known as Rob ***\n"));
    ignoring_name(&den.sessions[0], 0, rival);
    CU_ASSERT_STRING_EQUAL(rival, "Rob");
    CU_ASSERT_EQUAL(begin(&den, 0, "Rob"), IGNORING_NO_CHANGE);
    /* Somebody else who has the old name now is another person. */
    CU_ASSERT_EQUAL(session_enter(&den.sessions[2], "B", rival), 0);
    CU_ASSERT_EQUAL(begin(&den, 0, "B"), IGNORING_DONE);
    CU_ASSERT_EQUAL(ignoring_count(&den.sessions[0]), 2);
    CU_ASSERT_EQUAL(end(&den, 0, "Rob"), IGNORING_DONE);
    CU_ASSERT_EQUAL(ignoring_count(&den.sessions[0]), 1);
    say(&den, 1, "Rob");
    say(&den, 2, "B");
    CU_ASSERT_TRUE(gets(&den, 0, "*** B has joined the chat ***\nRob: Rob\n"));
    den_close(&den);
}

static void leaving_does_not_help(void)
{
    struct den den;
    char rival[NAME_SIZE];
    den_open(&den, 2);
    CU_ASSERT_EQUAL(begin(&den, 0, "B"), IGNORING_DONE);
    session_leave(&den.sessions[1], "quit", false);
    CU_ASSERT_EQUAL(session_enter(&den.sessions[2], "b", rival), 0);
    say(&den, 2, "one");
    CU_ASSERT_TRUE(gets(&den, 0, "*** B has left the chat ***\n*** b has joined the chat ***\n"));
    /* It is now ignored as that person, once it is ignored again. */
    CU_ASSERT_EQUAL(begin(&den, 0, "B"), IGNORING_NO_CHANGE);
    CU_ASSERT_EQUAL(ignoring_count(&den.sessions[0]), 1);
    CU_ASSERT_EQUAL(session_rename(&den.sessions[2], "Rob", rival), 0);
    say(&den, 2, "two");
    CU_ASSERT_TRUE(gets(&den, 0, "*** b is now known as Rob ***\n"));
    /* Who is not here yet may be ignored. */
    CU_ASSERT_EQUAL(begin(&den, 0, "D"), IGNORING_ABSENT);
    CU_ASSERT_EQUAL(session_enter(&den.sessions[3], "D", rival), 0);
    say(&den, 3, "three");
    CU_ASSERT_TRUE(gets(&den, 0, "*** D has joined the chat ***\n"));
    /* But under that name alone. */
    CU_ASSERT_EQUAL(session_rename(&den.sessions[3], "Dora", rival), 0);
    say(&den, 3, "four");
    CU_ASSERT_TRUE(gets(&den, 0, "*** D is now known as Dora ***\nDora: four\n"));
    den_close(&den);
}

/* To find out how a name looks takes longer than all else that is done with a line. */
static void how_authors_look_is_not_found_out_again(void)
{
    struct den den;
    den_open(&den, 2);
    CU_ASSERT_EQUAL(begin(&den, 0, "Eve"), IGNORING_ABSENT);
    say(&den, 1, "one");
    say(&den, 1, "two"); /* in the other one of the room's two batches */
    CU_ASSERT_TRUE(gets(&den, 0, "B: one\nB: two\n"));
    struct name_looks *looks = &den.sessions[1].user->looks;
    const struct name_looks own = *looks;
    *looks = name_looks_of(words_of("Eve"));
    say(&den, 1, "three");
    *looks = own;
    say(&den, 1, "four");
    CU_ASSERT_TRUE(gets(&den, 0, "B: four\n"));
    den_close(&den);
}

static void some_cannot_be_ignored(void)
{
    struct den den;
    char name[NAME_SIZE];
    den_open(&den, 2);
    CU_ASSERT_EQUAL(begin(&den, 0, "A"), IGNORING_ONESELF);
    CU_ASSERT_EQUAL(end(&den, 0, "B"), IGNORING_NO_CHANGE);
    for (unsigned i = 0; i < ARCHIVE_IGNORED_MAX; i++) {
        snprintf(name, sizeof name, "user%u", i);
        CU_ASSERT_EQUAL(begin(&den, 0, name), IGNORING_ABSENT);
    }
    CU_ASSERT_EQUAL(begin(&den, 0, "B"), IGNORING_FULL);
    say(&den, 1, "hi");
    CU_ASSERT_TRUE(gets(&den, 0, "B: hi\n"));
    den_close(&den);
}

static void quiet_is_for_oneself(void)
{
    struct den den;
    char rival[NAME_SIZE];
    den_open(&den, 2);
    CU_ASSERT_TRUE(ignoring_set_quiet(&den.sessions[0], true));
    CU_ASSERT_EQUAL(session_enter(&den.sessions[2], "C", rival), 0);
    session_leave(&den.sessions[2], "quit", false);
    say(&den, 1, "one");
    CU_ASSERT_TRUE(gets(&den, 0, "B: one\n"));
    CU_ASSERT_TRUE(gets(&den, 1, "*** C has joined the chat ***\n*** C has left the chat ***\n"));
    CU_ASSERT_TRUE(ignoring_set_quiet(&den.sessions[0], false));
    CU_ASSERT_EQUAL(session_enter(&den.sessions[3], "D", rival), 0);
    CU_ASSERT_TRUE(gets(&den, 0, "*** D has joined the chat ***\n"));
    den_close(&den);
}

/* Batches that are in delivery when the list changes, again and again. */

static atomic_bool over;

static void *chatter(void *context)
{
    struct den *den = context;
    for (unsigned i = 0; !atomic_load(&over); i++) {
        session_say(&den->sessions[1], MESSAGE_SAY, "x", 1);
        session_publish(&den->sessions[1]);
        session_tell(&den->sessions[1], den->sessions[0].user, "y", 1);
    }
    return NULL;
}

/* Throws away what has come. */
static void throw_away(const struct den *den, int who)
{
    char bytes[4096];
    while (recv(den->company.peers[who].fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        ;
}

static void lists_change_during_delivery(void)
{
    enum { CHANGES = 400 };
    struct den den;
    pthread_t talker;
    den_open(&den, 3);
    atomic_store(&over, false);
    company_need(pthread_create(&talker, NULL, chatter, &den) == 0, "a thread");
    for (int i = 0; i < CHANGES; i++) {
        CU_ASSERT_EQUAL(begin(&den, 0, "B"), IGNORING_DONE);
        CU_ASSERT_TRUE(ignoring_set_quiet(&den.sessions[0], i % 2 == 0));
        CU_ASSERT_EQUAL(end(&den, 0, "B"), IGNORING_DONE);
        throw_away(&den, 0);
        throw_away(&den, 2);
    }
    CU_ASSERT_EQUAL(begin(&den, 0, "B"), IGNORING_DONE);
    atomic_store(&over, true);
    pthread_join(talker, NULL);
    do /* the flusher may have some of it still */
        throw_away(&den, 0);
    while (outbox_try(company_outbox(&den.company, 0)) > 0 ||
           !company_has_nothing(&den.company, 0));
    say(&den, 1, "unheard");
    CU_ASSERT_TRUE(company_has_nothing(&den.company, 0));
    den_close(&den);
}

static bool never_pauses(void *context)
{
    (void)context;
    return true;
}

static void what_was_said_is_ignored_too(void)
{
    struct den den;
    den_open(&den, 3);
    say(&den, 1, "one");
    say(&den, 2, "two");
    CU_ASSERT_TRUE(gets(&den, 0, "B: one\nC: two\n"));
    CU_ASSERT_EQUAL(begin(&den, 0, "B"), IGNORING_DONE);
    size_t shown;
    session_show_history(&den.sessions[0], 10, 0, &shown, never_pauses, NULL);
    char got[256] = "";
    CU_ASSERT_TRUE(recv(den.company.peers[0].fd, got, sizeof got - 1, MSG_DONTWAIT) > 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(got, "C: two\n"));
    CU_ASSERT_PTR_NULL(strstr(got, "one"));
    den_close(&den);
}

static void names_are_kept_for_who_is_registered(void)
{
    struct den den;
    den_open(&den, 3);
    den.chat.accounts = &den.shelf.archive;
    CU_ASSERT_EQUAL(begin(&den, 0, "B"), IGNORING_DONE);
    CU_ASSERT_EQUAL(den.shelf.count, 0); /* its name is nobody's yet */
    CU_ASSERT_EQUAL(ignoring_load(&den.sessions[0], den.sessions[0].user->name), ARCHIVE_NONE);
    CU_ASSERT_EQUAL(end(&den, 0, "B"), IGNORING_DONE);
    atomic_store(&den.sessions[0].user->registered, true);
    CU_ASSERT_EQUAL(begin(&den, 0, "B"), IGNORING_DONE);
    CU_ASSERT_EQUAL(begin(&den, 0, "Zoe"), IGNORING_ABSENT);
    CU_ASSERT_EQUAL(den.shelf.count, 2);
    CU_ASSERT_STRING_EQUAL(den.shelf.names[0], "B");
    CU_ASSERT_EQUAL(end(&den, 0, "zoe"), IGNORING_DONE);
    CU_ASSERT_EQUAL(den.shelf.count, 1);
    /* What the disk does not take holds all the same. */
    den.shelf.fails = true;
    CU_ASSERT_EQUAL(begin(&den, 0, "C"), IGNORING_NOT_STORED);
    CU_ASSERT_EQUAL(ignoring_count(&den.sessions[0]), 2);
    CU_ASSERT_EQUAL(end(&den, 0, "C"), IGNORING_NOT_STORED);
    CU_ASSERT_EQUAL(ignoring_count(&den.sessions[0]), 1);
    den.chat.accounts = NULL;
    den_close(&den);
}

static void kept_names_are_ignored_again(void)
{
    struct den den;
    char rival[NAME_SIZE];
    den_open(&den, 3);
    den.chat.accounts = &den.shelf.archive;
    strcpy(den.shelf.names[0], "B");
    strcpy(den.shelf.names[1], "D");
    den.shelf.count = 2;
    atomic_store(&den.sessions[0].user->registered, true);
    den.shelf.fails = true;
    CU_ASSERT_EQUAL(ignoring_load(&den.sessions[0], den.sessions[0].user->name), ARCHIVE_BUSY);
    den.shelf.fails = false;
    CU_ASSERT_EQUAL(begin(&den, 0, "C"), IGNORING_DONE);
    CU_ASSERT_EQUAL(ignoring_load(&den.sessions[0], den.sessions[0].user->name), ARCHIVE_OK);
    CU_ASSERT_EQUAL(ignoring_load(&den.sessions[0], den.sessions[0].user->name), ARCHIVE_OK);
    CU_ASSERT_EQUAL(ignoring_count(&den.sessions[0]), 3);
    say(&den, 1, "one");
    say(&den, 2, "two");
    CU_ASSERT_EQUAL(session_rename(&den.sessions[1], "Rob", rival), 0);
    say(&den, 1, "three");
    CU_ASSERT_TRUE(gets(&den, 0, "*** B is now known as Rob ***\n"));
    den.chat.accounts = NULL;
    den_close(&den);
}

static int go_away(struct den *den, int who, const char *text)
{
    return away_begin(&den->sessions[who], text, strlen(text));
}

static void who_is_away_is_seen_to_be(void)
{
    struct den den;
    struct room_entry entries[2];
    char away[USER_AWAY_SIZE];
    char longest[USER_AWAY_MAX + 2];
    den_open(&den, 2);
    const struct user *user = den.sessions[0].user;
    CU_ASSERT_FALSE(directory_copy_away(den.chat.directory, user, away));
    CU_ASSERT_FALSE(away_end(&den.sessions[0]));
    CU_ASSERT_EQUAL(go_away(&den, 0, "  lunch\x07 "), 0);
    CU_ASSERT_TRUE(directory_copy_away(den.chat.directory, user, away));
    CU_ASSERT_STRING_EQUAL(away, "lunch");
    CU_ASSERT_EQUAL(room_list(den.chat.lobby, 0, entries, 2), 2);
    CU_ASSERT_TRUE(entries[0].is_away && !entries[1].is_away);
    CU_ASSERT_STRING_EQUAL(entries[0].away, "lunch");
    memset(longest, 'x', sizeof longest);
    CU_ASSERT_EQUAL(away_begin(&den.sessions[0], longest, USER_AWAY_MAX + 1), EMSGSIZE);
    CU_ASSERT_TRUE(directory_copy_away(den.chat.directory, user, away));
    CU_ASSERT_STRING_EQUAL(away, "lunch");
    CU_ASSERT_EQUAL(away_begin(&den.sessions[0], longest, USER_AWAY_MAX), 0);
    CU_ASSERT_TRUE(directory_copy_away(den.chat.directory, user, away));
    CU_ASSERT_EQUAL(strlen(away), USER_AWAY_MAX);
    CU_ASSERT_EQUAL(go_away(&den, 0, ""), 0);
    CU_ASSERT_TRUE(directory_copy_away(den.chat.directory, user, away));
    CU_ASSERT_STRING_EQUAL(away, "");
    CU_ASSERT_TRUE(away_end(&den.sessions[0]));
    CU_ASSERT_FALSE(away_end(&den.sessions[0]));
    CU_ASSERT_FALSE(directory_copy_away(den.chat.directory, user, away));
    den_close(&den);
}

void add_ignoring_suite(void)
{
    static const struct test tests[] = {
        {"what an ignored person says comes neither in rooms nor in private, and to others it does",
         what_is_ignored_does_not_come},
        {"who takes another name is still ignored, and who takes the old one is somebody else",
         another_name_does_not_help},
        {"who leaves and comes back is still ignored under that name", leaving_does_not_help},
        {"how an author looks is known, and not found out for each line",
         how_authors_look_is_not_found_out_again},
        {"nobody ignores itself, or more people than may be", some_cannot_be_ignored},
        {"who wants it is not sent who comes and goes, and others are", quiet_is_for_oneself},
        {"what is ignored may change while lines are delivered", lists_change_during_delivery},
        {"what an ignored person has said before is not shown", what_was_said_is_ignored_too},
        {"the archive has whom a registered user ignores", names_are_kept_for_who_is_registered},
        {"whom the archive has is ignored again", kept_names_are_ignored_again},
        {"who is away is seen to be, and why, until it is not", who_is_away_is_seen_to_be},
    };
    SUITE_ADD("ignoring", tests);
}
