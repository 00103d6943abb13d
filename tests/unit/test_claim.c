/* Whose a name is, as an archive has it that does what a test wants. */
#include "suites.h"
#include "company.h"

#include "chat/absence.h"
#include "doors/plain/claim.h"
#include "doors/plain/commands.h"

#include <CUnit/CUnit.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* An archive with one account, Alice's. */
struct office {
    struct archive archive;
    enum archive_result found; /* what find() returns */
    bool is_operator;
    unsigned checks;   /* passwords that were looked at */
    bool is_gone;      /* the account, when its password is looked at */
    unsigned enrolled; /* accounts that were made */
    unsigned kept;     /* messages */
};

static struct office *office_of(struct archive *archive)
{
    return (struct office *)(void *)archive;
}

static enum archive_result find(struct archive *archive, struct words name,
                                archive_visit_account *visit, void *context)
{
    const struct office *office = office_of(archive);
    const bool same = name.length == 5 && strncasecmp(name.bytes, "alice", 5) == 0;
    const struct archive_account account = {
        .name = words_of("Alice"), .same = same, .is_operator = office->is_operator, .created = 7};
    if (office->found == ARCHIVE_OK)
        visit(context, &account);
    return office->found;
}

static enum archive_result check(struct archive *archive, struct words name, struct words password)
{
    CU_ASSERT_EQUAL(name.length, 5);
    office_of(archive)->checks++;
    if (office_of(archive)->is_gone)
        return ARCHIVE_NONE;
    return password.length == 5 && memcmp(password.bytes, "right", 5) == 0 ? ARCHIVE_OK
                                                                           : ARCHIVE_WRONG;
}

static enum archive_result keep(struct archive *archive, struct words name, struct words author,
                                int64_t time, struct words text)
{
    CU_ASSERT_TRUE(name.length > 0 && author.length > 0 && time > 0 && text.length > 0);
    office_of(archive)->kept++;
    return office_of(archive)->found;
}

/* Many, each of a few bytes. */
static enum archive_result take(struct archive *archive, struct words name,
                                archive_visit_message *visit, void *context)
{
    const struct archive_message message = {
        .kind = ARCHIVE_SAY, .author = name, .time = clock_utc(), .text = words_of("hi")};
    (void)archive;
    for (int i = 0; i < ARCHIVE_KEPT_MAX; i++)
        visit(context, &message);
    return ARCHIVE_OK;
}

static bool see(struct archive *archive, struct words name, int64_t time)
{
    (void)archive;
    return name.length > 0 && time > 0;
}

static enum archive_result enroll(struct archive *archive, struct words name, struct words password,
                                  int64_t time)
{
    CU_ASSERT_TRUE(name.length > 0 && password.length >= ACCOUNT_PASSWORD_MIN && time > 0);
    office_of(archive)->enrolled++;
    return ARCHIVE_OK;
}

static const struct archive_people people = {.enroll = enroll,
                                             .find = find,
                                             .check = check,
                                             .keep_message = keep,
                                             .take_messages = take,
                                             .set_seen = see};

/* The first of the company is the caller, and comes by no door but this. */
struct desk {
    struct company company;
    struct chat chat;
    struct plain door;
    struct office office;
    struct caller caller;
};

static void desk_open(struct desk *desk, enum archive_result found)
{
    *desk = (struct desk){.office = {.archive = {.people = &people}, .found = found}};
    company_open(&desk->company, 0);
    const struct chat_config config = {.limits.drain_timeout = CLOCK_SECOND,
                                       .limits.sendq = COMPANY_SENDQ,
                                       .limits.max_rooms = 4,
                                       .limits.rooms_per_client = 3,
                                       .event_log = desk->company.event_log};
    company_need(chat_open(&desk->chat, &config) == 0, "a chat");
    desk->chat.accounts = &desk->office.archive;
    desk->door = (struct plain){.chat = &desk->chat};
    company_need(attempts_create(&desk->door.attempts, 0) == 0, "attempts");
    company_need(attempts_create(&desk->door.registrations, 1) == 0, "registrations");
    desk->caller = (struct caller){
        .door = &desk->door, .conn = desk->company.peers[0].conn, .voice = &plain_voice};
    company_need(session_open(&desk->caller.session, &desk->chat, company_outbox(&desk->company, 0),
                              &company_view) == 0,
                 "a session");
}

/* Returns what was logged, which the caller frees. */
static char *desk_close(struct desk *desk)
{
    desk->chat.accounts = NULL;
    session_close(&desk->caller.session);
    chat_close(&desk->chat);
    attempts_destroy(desk->door.attempts);
    attempts_destroy(desk->door.registrations);
    return company_close(&desk->company);
}

static void type(struct desk *desk, const char *line)
{
    CU_ASSERT_EQUAL(write(desk->company.peers[0].fd, line, strlen(line)), (ssize_t)strlen(line));
}

static enum claim_result claims(struct desk *desk, const char *name)
{
    struct account account;
    return claim_name(&desk->caller, name, &account);
}

static void free_names(void)
{
    struct desk desk;
    desk_open(&desk, ARCHIVE_NONE);
    CU_ASSERT_EQUAL(claims(&desk, "Bob"), CLAIM_FREE);
    claim_heed(&desk.caller);
    CU_ASSERT_FALSE(desk.caller.quitting);
    CU_ASSERT_TRUE(company_has_nothing(&desk.company, 0));
    free(desk_close(&desk));
}

/* Nobody has a name of which it is not known whose it is. */
static void unknown_names(void)
{
    struct desk desk;
    desk_open(&desk, ARCHIVE_FAILED);
    CU_ASSERT_EQUAL(claims(&desk, "Bob"), CLAIM_REFUSED);
    CU_ASSERT_TRUE(company_gets(
        &desk.company, 0, "*** Registered names cannot be looked up now. Try again later. ***\n"));
    desk.office.found = ARCHIVE_BUSY;
    CU_ASSERT_EQUAL(claims(&desk, "Bob"), CLAIM_REFUSED);
    CU_ASSERT_TRUE(company_gets(
        &desk.company, 0, "*** The server is busy with others. Try again in a moment. ***\n"));
    free(desk_close(&desk));
}

static void look_alikes(void)
{
    struct desk desk;
    desk_open(&desk, ARCHIVE_OK);
    CU_ASSERT_EQUAL(claims(&desk, "AIice"), CLAIM_REFUSED);
    CU_ASSERT_TRUE(company_gets(&desk.company, 0,
                                "*** That name looks like Alice, which is registered. ***\n"));
    CU_ASSERT_EQUAL(desk.office.checks, 0);
    free(desk_close(&desk));
}

static void proofs(void)
{
    struct desk desk;
    char name[NAME_SIZE] = "ALICE";
    desk_open(&desk, ARCHIVE_OK);
    type(&desk, "wrong\n");
    CU_ASSERT_EQUAL(claims(&desk, "alice"), CLAIM_REFUSED);
    CU_ASSERT_TRUE(
        company_gets(&desk.company, 0, "Password: *** That is not the password of Alice. ***\n"));
    CU_ASSERT_FALSE(atomic_load(&desk.caller.session.user->registered));
    desk.office.is_operator = true;
    type(&desk, "right\n");
    CU_ASSERT_EQUAL(claim_on_entering(&desk.caller, name), CLAIM_PROVED);
    CU_ASSERT_STRING_EQUAL(name, "Alice");
    CU_ASSERT_TRUE(atomic_load(&desk.caller.session.user->registered));
    CU_ASSERT_TRUE(user_is_operator(desk.caller.session.user));
    CU_ASSERT_EQUAL(desk.caller.session.absent_from, 7);
    CU_ASSERT_EQUAL(desk.office.checks, 2);
    /* It may be none any more by the time when others can find it. */
    desk.office.is_operator = false;
    strcpy(desk.caller.session.user->name, "Alice");
    account_heed(&desk.chat, desk.caller.session.user);
    CU_ASSERT_FALSE(user_is_operator(desk.caller.session.user));
    /* Or its account may be given up. While that is not known, the person stays what it was. */
    desk.office.found = ARCHIVE_FAILED;
    account_heed(&desk.chat, desk.caller.session.user);
    CU_ASSERT_TRUE(atomic_load(&desk.caller.session.user->registered));
    desk.office.found = ARCHIVE_NONE;
    account_heed(&desk.chat, desk.caller.session.user);
    CU_ASSERT_FALSE(atomic_load(&desk.caller.session.user->registered));
    char *log = desk_close(&desk);
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "login failed: Alice ("));
    CU_ASSERT_PTR_NULL(strstr(log, "wrong"));
    free(log);
}

static void gone_meanwhile(void)
{
    struct desk desk;
    desk_open(&desk, ARCHIVE_OK);
    type(&desk, "righ");
    shutdown(desk.company.peers[0].fd, SHUT_WR);
    CU_ASSERT_EQUAL(claims(&desk, "Alice"), CLAIM_OVER);
    CU_ASSERT_EQUAL(desk.office.checks, 0);
    free(desk_close(&desk));
}

/* While its password is asked for. */
static void given_up_meanwhile(void)
{
    struct desk desk;
    desk_open(&desk, ARCHIVE_OK);
    desk.office.is_gone = true;
    type(&desk, "right\n");
    CU_ASSERT_EQUAL(claims(&desk, "Alice"), CLAIM_REFUSED);
    CU_ASSERT_TRUE(
        company_gets(&desk.company, 0, "Password: *** The name Alice is not registered. ***\n"));
    free(desk_close(&desk));
}

static void banned_meanwhile(void)
{
    struct desk desk;
    char name[NAME_SIZE] = "Alice";
    const struct sanction ban = {.kind = SANCTION_BAN, .name = "Alice"};
    desk_open(&desk, ARCHIVE_OK);
    CU_ASSERT_EQUAL(sanctions_impose(desk.chat.sanctions, &ban, clock_utc()), 0);
    type(&desk, "right\n");
    CU_ASSERT_EQUAL(claim_on_entering(&desk.caller, name), CLAIM_REFUSED);
    CU_ASSERT_TRUE(desk.caller.turned_away);
    CU_ASSERT_FALSE(atomic_load(&desk.caller.session.user->registered));
    CU_ASSERT_TRUE(company_gets(&desk.company, 0, "Password: *** You are banned ***\n"));
    free(desk_close(&desk));
}

/* Between the question whose it is and the moment when the directory has it. */
static void registered_meanwhile(void)
{
    struct desk desk;
    desk_open(&desk, ARCHIVE_NONE);
    CU_ASSERT_EQUAL(claims(&desk, "Alice"), CLAIM_FREE);
    strcpy(desk.caller.session.user->name, "Alice");
    atomic_fetch_add(&desk.chat.registrations, 1);
    claim_heed(&desk.caller); /* it was another name */
    CU_ASSERT_FALSE(desk.caller.quitting);
    desk.office.found = ARCHIVE_OK;
    claim_heed(&desk.caller);
    CU_ASSERT_TRUE(desk.caller.quitting);
    CU_ASSERT_TRUE(
        company_gets(&desk.company, 0, "*** The name Alice was registered just now. ***\n"));
    free(desk_close(&desk));
}

static void passwords_are_fit(void)
{
    char most[ACCOUNT_PASSWORD_MAX + 1];
    memset(most, 'x', sizeof most);
    CU_ASSERT_PTR_NULL(account_password_fault(words_of("12345678")));
    CU_ASSERT_PTR_NULL(account_password_fault(words_of("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f 123")));
    CU_ASSERT_PTR_NOT_NULL(account_password_fault(words_of("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f 12")));
    CU_ASSERT_PTR_NOT_NULL(account_password_fault(words_of("")));
    CU_ASSERT_PTR_NULL(account_password_fault((struct words){most, ACCOUNT_PASSWORD_MAX}));
    CU_ASSERT_PTR_NOT_NULL(account_password_fault((struct words){most, sizeof most}));
    most[9] = '\0';
    CU_ASSERT_PTR_NOT_NULL(account_password_fault((struct words){most, 20}));
}

static bool count_pause(void *context)
{
    unsigned *pauses = context;
    ++*pauses;
    return true;
}

/* Together they may be more than may be pending. */
static void kept_messages_are_shown_in_pages(void)
{
    struct desk desk;
    unsigned pauses = 0;
    desk_open(&desk, ARCHIVE_OK);
    strcpy(desk.caller.session.user->name, "Alice");
    CU_ASSERT_EQUAL(absence_show_kept(&desk.caller.session, count_pause, &pauses), ARCHIVE_OK);
    CU_ASSERT_TRUE(pauses >= 2);
    free(desk_close(&desk));
}

static bool refuse_pause(void *context)
{
    (void)context;
    return false;
}

static void kept_messages_wait_for_a_reader(void)
{
    struct desk desk;
    unsigned pauses = 0;
    desk_open(&desk, ARCHIVE_OK);
    strcpy(desk.caller.session.user->name, "Alice");
    absence_show_kept(&desk.caller.session, count_pause, &pauses);
    CU_ASSERT_EQUAL(desk.office.kept, 0);
    absence_show_kept(&desk.caller.session, refuse_pause, NULL);
    CU_ASSERT_EQUAL(desk.office.kept, ARCHIVE_KEPT_MAX);
    free(desk_close(&desk));
}

static void registers(struct desk *desk)
{
    static const char line[] = "/register password";
    atomic_store(&desk->caller.session.user->registered, false);
    command_obey(&desk->caller, line, strlen(line));
}

/* As if it had another name each time. The address is that of the link, if it has one. */
static void registrations_of_one_host(void)
{
    struct desk desk;
    struct attempt attempt;
    struct address_prefix address = {.family = ADDRESS_NONE};
    desk_open(&desk, ARCHIVE_NONE);
    strcpy(desk.caller.session.user->name, "Bob");
    registers(&desk);
    CU_ASSERT_TRUE(address_prefix_parse("203.0.113.9", 11, &address));
    link_set_address(conn_link(desk.caller.conn), &address);
    registers(&desk);
    registers(&desk);
    CU_ASSERT_TRUE(company_gets(&desk.company, 0,
                                "*** The name Bob is yours now. ***\n"
                                "*** The name Bob is yours now. ***\n"
                                "*** The name Bob is yours now. ***\n"));
    attempts_begin(desk.door.registrations, &address, clock_now(), &attempt);
    attempts_end(desk.door.registrations, &attempt, false, clock_now() + 60 * CLOCK_SECOND);
    registers(&desk);
    CU_ASSERT_TRUE(company_gets(
        &desk.company, 0,
        "*** Too many names were registered from your address. Try again later. ***\n"));
    CU_ASSERT_EQUAL(desk.office.enrolled, 3);
    free(desk_close(&desk));
}

static void kept_messages(void)
{
    struct desk desk;
    desk_open(&desk, ARCHIVE_FAILED);
    const struct user *author = desk.caller.session.user;
    strcpy(desk.caller.session.user->name, "Bob");
    CU_ASSERT_EQUAL(account_keep_message(&desk.chat, author, "Alice", "hi", 2), ARCHIVE_FAILED);
    CU_ASSERT_EQUAL(account_keep_message(&desk.chat, author, "Alice", " \t", 2), ARCHIVE_WRONG);
    desk.office.found = ARCHIVE_FULL;
    CU_ASSERT_EQUAL(account_keep_message(&desk.chat, author, "Alice", "hi", 2), ARCHIVE_FULL);
    desk.chat.accounts = NULL;
    CU_ASSERT_EQUAL(account_keep_message(&desk.chat, author, "Alice", "hi", 2), ARCHIVE_NONE);
    free(desk_close(&desk));
}

void add_claim_suite(void)
{
    static const struct test tests[] = {
        {"a name that nobody owns is free", free_names},
        {"nobody has a name of which it cannot be found out whose it is", unknown_names},
        {"what looks like a registered name is refused", look_alikes},
        {"a registered name wants its password, and has its account's rights", proofs},
        {"who leaves at the question has claimed nothing", gone_meanwhile},
        {"a name that is registered meanwhile is given back", registered_meanwhile},
        {"a name that is given up meanwhile is nobody's", given_up_meanwhile},
        {"who is banned meanwhile is turned away, with the right password too", banned_meanwhile},
        {"passwords have a length", passwords_are_fit},
        {"one address does not register any number of names", registrations_of_one_host},
        {"kept messages are shown in pages", kept_messages_are_shown_in_pages},
        {"and kept again if their reader is gone", kept_messages_wait_for_a_reader},
        {"a message that cannot be kept is refused", kept_messages},
    };
    SUITE_ADD("claim", tests);
}
