/*
 * A person who comes in from elsewhere, in a chat of its own: the former user's thread leaves when
 * its link ends, as a conversation's does.
 */
#include "suites.h"
#include "company.h"

#include "chat/accounts.h"
#include "chat/ignoring.h"
#include "chat/room_policy.h"
#include "chat/session.h"
#include "chat/session_entry.h"
#include "chat/session_membership.h"
#include "chat/session_publishing.h"
#include "chat/session_verdicts.h"
#include "chat/succession.h"

#include <errno.h>
#include <pthread.h>

#define LONG (60 * CLOCK_SECOND)

/* The first three of the company are in the chat, as A, B and C. */
struct den {
    struct company company;
    struct chat chat;
    struct session sessions[COMPANY];
};

enum { HEIR = 3 };

static void den_open(struct den *den)
{
    char rival[NAME_SIZE];
    *den = (struct den){0};
    company_open(&den->company, 0);
    const struct chat_config config = {.limits.drain_timeout = LONG,
                                       .limits.sendq = COMPANY_SENDQ,
                                       .limits.max_rooms = 4,
                                       .limits.rooms_per_client = 3,
                                       .limits.history = 10,
                                       .limits.welcome = true,
                                       .event_log = den->company.event_log};
    company_need(chat_open(&den->chat, &config) == 0, "a chat");
    for (int i = 0; i < COMPANY; i++)
        company_need(session_open(&den->sessions[i], &den->chat, company_outbox(&den->company, i),
                                  &company_view) == 0,
                     "a session");
    for (int i = 0; i < HEIR; i++) {
        const char name[] = {(char)('A' + i), '\0'};
        CU_ASSERT_EQUAL(session_enter(&den->sessions[i], name, rival), 0);
    }
    CU_ASSERT_TRUE(company_gets(&den->company, 0,
                                "*** Welcome, A. Type /help for commands. Here now: nobody else. "
                                "***\n*** B has joined the chat ***\n"
                                "*** C has joined the chat ***\n"));
    CU_ASSERT_TRUE(company_gets(&den->company, 1,
                                "*** Welcome, B. Type /help for commands. Here now: A. ***\n"
                                "*** C has joined the chat ***\n"));
    CU_ASSERT_TRUE(company_gets(&den->company, 2,
                                "*** Welcome, C. Type /help for commands. Here now: A, B. ***\n"));
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

/* The thread of the former user: leaves when its link has ended, by whatever. */
static void *leave_when_ended(void *argument)
{
    struct session *session = argument;
    while (link_reason(outbox_link(session->user->outbox)) == LINK_OPEN)
        clock_sleep_until(clock_now() + CLOCK_MILLISECOND);
    session_leave(session, "ended", false);
    return NULL;
}

static pthread_t attend(struct session *session)
{
    pthread_t thread;
    company_need(pthread_create(&thread, NULL, leave_when_ended, session) == 0, "a thread");
    return thread;
}

static void takes_the_place(void)
{
    struct den den;
    char rival[NAME_SIZE];
    den_open(&den);
    struct session *former = &den.sessions[0];
    struct session *heir = &den.sessions[HEIR];
    uint64_t id = former->user->id;
    CU_ASSERT_EQUAL(session_join(former, "ops", NULL), 0);
    CU_ASSERT_TRUE(
        company_gets(&den.company, 0, "*** You are in #ops. Here now: nobody else. ***\n"));
    say(&den, 1, "before");
    pthread_t thread = attend(former);
    CU_ASSERT_EQUAL(session_enter_again(heir, "a", rival), 0);
    pthread_join(thread, NULL);
    say(&den, 1, "after");
    CU_ASSERT_TRUE(company_gets(&den.company, 0, "#lobby B: before\n"));
    CU_ASSERT_TRUE(company_has_nothing(&den.company, 0));
    CU_ASSERT_EQUAL(company_reason(&den.company, 0), LINK_REPLACED);
    CU_ASSERT_TRUE(company_gets(&den.company, HEIR,
                                "*** Welcome, A. Type /help for commands. Here now: B, C. ***\n"
                                "*** You are in #ops. Here now: nobody else. ***\n"
                                "#lobby B: after\n"));
    CU_ASSERT_EQUAL(heir->user->id, id);
    CU_ASSERT_STRING_EQUAL(heir->user->name, "A");
    CU_ASSERT_TRUE(room_is_owner(heir->current->room, heir->user));
    CU_ASSERT_EQUAL(room_count(heir->current->room), 1);
    CU_ASSERT_EQUAL(room_count(den.chat.lobby), 3);
    /* To everybody else nothing has happened. */
    CU_ASSERT_TRUE(company_gets(&den.company, 2, "B: before\nB: after\n"));
    struct user *found = directory_find(den.chat.directory, "A");
    CU_ASSERT_PTR_EQUAL(found, heir->user);
    user_release(found);
    say(&den, HEIR, "alone");
    CU_ASSERT_EQUAL(session_leave_room(heir, heir->current), 0);
    say(&den, HEIR, "here");
    CU_ASSERT_TRUE(company_gets(&den.company, 1, "A: here\n"));
    CU_ASSERT_TRUE(company_has_nothing(&den.company, HEIR));
    den_close(&den);
}

static void comes_in_if_the_other_leaves(void)
{
    struct den den;
    char rival[NAME_SIZE];
    den_open(&den);
    session_leave(&den.sessions[0], "quit", false);
    CU_ASSERT_EQUAL(session_enter_again(&den.sessions[HEIR], "A", rival), 0);
    CU_ASSERT_TRUE(company_gets(&den.company, 1,
                                "*** A has left the chat ***\n*** A has joined the chat ***\n"));
    den_close(&den);
}

static void does_not_wait_for_ever(void)
{
    struct den den;
    char rival[NAME_SIZE];
    den_open(&den);
    struct user *former = den.sessions[0].user;
    /* Nobody attends to the former user, and the heir's own link has ended: it gives up. */
    CU_ASSERT_FALSE(
        succession_ask(den.chat.directory, former, den.sessions[HEIR].user, clock_now()));
    CU_ASSERT_PTR_NULL(succession_begin(former));
    link_end(outbox_link(den.sessions[HEIR].user->outbox), LINK_CLOSED);
    CU_ASSERT_EQUAL(session_enter_again(&den.sessions[HEIR], "B", rival), EBUSY);
    CU_ASSERT_PTR_NULL(den.sessions[HEIR].current);
    link_end(outbox_link(den.sessions[HEIR - 1].user->outbox), LINK_CLOSED);
    CU_ASSERT_EQUAL(session_rename_again(&den.sessions[HEIR - 1], "A", rival), EBUSY);
    CU_ASSERT_STRING_EQUAL(den.sessions[HEIR - 1].user->name, "C");
    den_close(&den);
}

/* Who has another name that looks like it is nobody's former user. */
static void takes_no_other_place(void)
{
    struct den den;
    char rival[NAME_SIZE];
    den_open(&den);
    CU_ASSERT_EQUAL(session_enter_again(&den.sessions[HEIR], "\xd0\x90", rival), EEXIST);
    CU_ASSERT_STRING_EQUAL(rival, "A");
    CU_ASSERT_EQUAL(company_reason(&den.company, 0), LINK_OPEN);
    den_close(&den);
}

static void a_kick_goes_first(void)
{
    struct den den;
    char rival[NAME_SIZE];
    const struct verdict kick = {.kind = VERDICT_KICK, .sanction = {.reason = "bye"}};
    den_open(&den);
    struct session *former = &den.sessions[0];
    CU_ASSERT_EQUAL(session_judge(&den.sessions[1], former->user, &kick), 0);
    struct user *heir = den.sessions[HEIR].user;
    user_acquire(heir);
    atomic_store(&former->user->local->heir, heir);
    session_leave(former, "kicked", false);
    CU_ASSERT_PTR_NULL(den.sessions[HEIR].user->members);
    CU_ASSERT_TRUE(company_gets(&den.company, 1, "*** A has been kicked by B: bye ***\n"));
    CU_ASSERT_EQUAL(session_enter_again(&den.sessions[HEIR], "A", rival), 0);
    den_close(&den);
}

/* A has the heir take its place, as session_enter_again() on another thread would ask for. */
static void make_way(struct den *den)
{
    struct session *heir = &den->sessions[HEIR];
    struct user *former = den->sessions[0].user;
    flow_add(&den->chat.private_flow, &heir->user->local->reader, heir->user->outbox);
    user_acquire(heir->user);
    atomic_store(&former->local->heir, heir->user);
    session_leave(&den->sessions[0], "from elsewhere", false);
    CU_ASSERT_TRUE_FATAL(heir->user->members != NULL);
    heir->current = heir->user->members;
}

/* Whatever is passed on the former user while it makes way. */
static void verdicts_reach_the_heir(void)
{
    struct den den;
    const struct verdict expulsion = {.kind = VERDICT_EXPEL, .sanction = {.reason = "hush"}};
    const struct verdict kick = {.kind = VERDICT_KICK, .sanction = {.reason = "bye"}};
    den_open(&den);
    struct session *former = &den.sessions[0];
    struct session *heir = &den.sessions[HEIR];
    CU_ASSERT_EQUAL(session_join(former, "ops", NULL), 0);
    CU_ASSERT_EQUAL(session_join(&den.sessions[1], "ops", NULL), 0);
    link_end(outbox_link(former->user->outbox), LINK_REPLACED);
    CU_ASSERT_EQUAL(session_judge(&den.sessions[1], former->user, &expulsion), 0);
    make_way(&den);
    CU_ASSERT_TRUE(session_obey(heir));
    CU_ASSERT_PTR_NULL(session_member(heir, den.sessions[1].current->room));
    CU_ASSERT_PTR_NULL(heir->kicked);
    /* By somebody who has found the former user before. */
    CU_ASSERT_EQUAL(session_judge(&den.sessions[1], former->user, &kick), 0);
    CU_ASSERT_FALSE(session_obey(former));
    CU_ASSERT_PTR_NULL(former->kicked);
    CU_ASSERT_TRUE(link_take_call(outbox_link(heir->user->outbox)));
    CU_ASSERT_TRUE(session_obey(heir));
    CU_ASSERT_PTR_NOT_NULL(heir->kicked);
    CU_ASSERT_EQUAL(company_reason(&den.company, 0), LINK_REPLACED);
    CU_ASSERT_EQUAL(company_reason(&den.company, HEIR), LINK_KICKED);
    session_leave(heir, "kicked", false);
    CU_ASSERT_TRUE(company_gets(&den.company, 2, "*** A has been kicked by B: bye ***\n"));
    den_close(&den);
}

/* One that the former user's thread has taken already, behind a line, does not get lost either. */
static void a_taken_verdict_reaches_the_heir(void)
{
    struct den den;
    const struct verdict kick = {.kind = VERDICT_KICK, .sanction = {.reason = "bye"}};
    den_open(&den);
    struct session *former = &den.sessions[0];
    struct session *heir = &den.sessions[HEIR];
    link_end(outbox_link(former->user->outbox), LINK_REPLACED);
    CU_ASSERT_EQUAL(session_judge(&den.sessions[1], former->user, &kick), 0);
    CU_ASSERT_TRUE(session_obey(former));
    make_way(&den);
    CU_ASSERT_TRUE(link_take_call(outbox_link(heir->user->outbox)));
    CU_ASSERT_TRUE(session_obey(heir));
    CU_ASSERT_PTR_NOT_NULL(heir->kicked);
    den_close(&den);
}

/* As by /nick: the rooms are those of who takes the name. */
static void dismisses(void)
{
    struct den den;
    char rival[NAME_SIZE];
    den_open(&den);
    pthread_t thread = attend(&den.sessions[0]);
    den.sessions[1].absent_from = 7;
    CU_ASSERT_EQUAL(session_rename_again(&den.sessions[1], "A", rival), 0);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(den.sessions[1].absent_from, 0); /* its person has missed nothing */
    CU_ASSERT_EQUAL(company_reason(&den.company, 0), LINK_REPLACED);
    CU_ASSERT_TRUE(company_gets(&den.company, 2,
                                "*** A has left the chat ***\n*** B is now known as A ***\n"));
    den_close(&den);
}

/* Whom the former user ignores is nobody for its heir, under whatever name, and so are comings. */
static void ignores_the_same(void)
{
    struct den den;
    char rival[NAME_SIZE];
    char name[NAME_SIZE] = "B";
    den_open(&den);
    CU_ASSERT_EQUAL(ignoring_begin(&den.sessions[0], name), IGNORING_DONE);
    CU_ASSERT_TRUE(ignoring_set_quiet(&den.sessions[0], true));
    CU_ASSERT_EQUAL(session_rename(&den.sessions[1], "D", rival), 0);
    CU_ASSERT_TRUE(company_gets(&den.company, 0, "*** B is now known as D ***\n"));
    pthread_t thread = attend(&den.sessions[0]);
    CU_ASSERT_EQUAL(session_enter_again(&den.sessions[HEIR], "A", rival), 0);
    pthread_join(thread, NULL);
    CU_ASSERT_TRUE(company_gets(&den.company, HEIR,
                                "*** Welcome, A. Type /help for commands. Here now: D, C. ***\n"));
    say(&den, 1, "hm");
    CU_ASSERT_EQUAL(session_enter(&den.sessions[HEIR + 1], "E", rival), 0);
    say(&den, 2, "hello");
    CU_ASSERT_TRUE(company_gets(&den.company, HEIR, "C: hello\n"));
    den_close(&den);
}

/* Of an account that was an operator's. */
static enum archive_result find_account(struct archive *archive, struct words name,
                                        archive_visit_account *visit, void *context)
{
    const struct archive_account account = {.name = name, .same = true};
    (void)archive;
    visit(context, &account);
    return ARCHIVE_OK;
}

static bool see(struct archive *archive, struct words name, int64_t time)
{
    (void)archive;
    return name.length > 0 && time > 0;
}

/* /deop may come while the user has laid its account down, and does not concern it then. */
static void rank_ends_meanwhile(void)
{
    static const struct archive_people people = {.find = find_account, .set_seen = see};
    struct archive archive = {.people = &people};
    struct den den;
    char rival[NAME_SIZE];
    const struct account account = {.is_operator = true};
    den_open(&den);
    den.chat.accounts = &archive;
    struct user *user = den.sessions[0].user;
    account_take_up(&den.chat, user, &account);
    CU_ASSERT_EQUAL(session_rename(&den.sessions[0], "B", rival), EEXIST);
    CU_ASSERT_TRUE(atomic_load(&user->registered));
    CU_ASSERT_FALSE(user_is_operator(user));
    den.chat.accounts = NULL;
    den_close(&den);
}

static void another_name_has_no_rights(void)
{
    struct den den;
    char rival[NAME_SIZE];
    const struct account account = {.is_operator = true};
    den_open(&den);
    struct user *user = den.sessions[0].user;
    account_take_up(&den.chat, user, &account);
    CU_ASSERT_EQUAL(session_rename(&den.sessions[0], "B", rival), EEXIST);
    CU_ASSERT_TRUE(atomic_load(&user->registered) && user_is_operator(user));
    CU_ASSERT_EQUAL(session_rename(&den.sessions[0], "a", rival), 0);
    CU_ASSERT_TRUE(atomic_load(&user->registered) && user_is_operator(user));
    CU_ASSERT_EQUAL(session_rename(&den.sessions[0], "Z", rival), 0);
    CU_ASSERT_FALSE(atomic_load(&user->registered) || user_is_operator(user));
    den_close(&den);
}

void add_succession_suite(void)
{
    static const struct test tests[] = {
        {"who comes in from elsewhere has the place, and nobody else is told", takes_the_place},
        {"who finds nobody there comes in as anybody", comes_in_if_the_other_leaves},
        {"nobody waits for ever for a place", does_not_wait_for_ever},
        {"nobody takes the place of somebody with another name", takes_no_other_place},
        {"who is kicked has no heir", a_kick_goes_first},
        {"a verdict on who makes way reaches the heir", verdicts_reach_the_heir},
        {"so does one that was taken already", a_taken_verdict_reaches_the_heir},
        {"by another name the former user leaves", dismisses},
        {"an heir ignores whom the former user did", ignores_the_same},
        {"who could not be renamed has no rank that has ended meanwhile", rank_ends_meanwhile},
        {"a registered user has no rights under another name", another_name_has_no_rights},
    };
    SUITE_ADD("succession", tests);
}
