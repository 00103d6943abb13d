#include "base/platform.h"

#include "base/text.h"
#include "chat/accounts.h"

#include <string.h>

static const struct archive_people *people_of(const struct chat *chat)
{
    return chat->accounts != NULL ? chat->accounts->people : NULL;
}

bool account_is_named_operator(struct chat *chat, const char *name)
{
    return operators_have(&chat->operators, name);
}

void account_report_operator(struct chat *chat, const char *name)
{
    struct account account;
    if (account_find(chat, name, &account) == ARCHIVE_NONE)
        event_log_print(chat->event_log, EVENT_LOG_EVENT,
                        "Nobody has registered %s of --operator yet: whoever does so first "
                        "keeps order.",
                        name);
}

void account_follow_operator(struct chat *chat, const char *name)
{
    struct account account;
    struct user *user = account_find(chat, name, &account) == ARCHIVE_OK && account.same
                            ? directory_find(chat->directory, name)
                            : NULL;
    if (user == NULL)
        return;
    account_make_operator(user, account.is_operator);
    user_release(user);
}

static void copy_account(void *context, const struct archive_account *found)
{
    struct account *account = context;
    if (found->name.length >= sizeof account->name)
        return;
    memcpy(account->name, found->name.bytes, found->name.length);
    account->name[found->name.length] = '\0';
    account->same = found->same;
    account->is_operator = found->is_operator;
    account->seen = found->seen != 0 ? found->seen : found->created;
}

enum archive_result account_find(struct chat *chat, const char *name, struct account *account)
{
    const struct archive_people *people = people_of(chat);
    *account = (struct account){.same = false};
    if (people == NULL)
        return ARCHIVE_NONE;
    enum archive_result result =
        people->find(chat->accounts, words_of(name), copy_account, account);
    if (result == ARCHIVE_OK && account_is_named_operator(chat, account->name))
        account->is_operator = true;
    return result;
}

enum archive_result account_prove(struct chat *chat, const char *name, struct words password)
{
    const struct archive_people *people = people_of(chat);
    if (people == NULL)
        return ARCHIVE_NONE;
    return people->check(chat->accounts, words_of(name), password);
}

/* Counts characters, up to ACCOUNT_PASSWORD_MIN. */
static size_t count_characters(struct words text)
{
    size_t count = 0;
    for (size_t at = 0; at < text.length && count < ACCOUNT_PASSWORD_MIN; count++) {
        uint32_t character;
        at += text_decode(text.bytes + at, text.length - at, &character);
    }
    return count;
}

const char *account_password_fault(struct words password)
{
    if (count_characters(password) < ACCOUNT_PASSWORD_MIN)
        return "A password has 8 characters at least.";
    if (password.length > ACCOUNT_PASSWORD_MAX)
        return "A password has 256 bytes at most.";
    if (memchr(password.bytes, '\0', password.length) != NULL)
        return "A password has no byte that is zero.";
    return NULL;
}

void account_note_registration(struct chat *chat)
{
    atomic_fetch_add(&chat->registrations, 1);
}

enum archive_result account_register(struct chat *chat, struct user *user, struct words password)
{
    const struct archive_people *people = people_of(chat);
    if (people == NULL)
        return ARCHIVE_NONE;
    enum archive_result result =
        people->enroll(chat->accounts, words_of(user->name), password, clock_utc());
    if (result != ARCHIVE_OK)
        return result;
    account_note_registration(chat);
    const struct account account = {.is_operator = account_is_named_operator(chat, user->name)};
    account_take_up(chat, user, &account);
    return ARCHIVE_OK;
}

enum archive_result account_change_password(struct chat *chat, const struct user *user,
                                            struct words old_password, struct words new_password)
{
    const struct archive_people *people = people_of(chat);
    if (people == NULL)
        return ARCHIVE_NONE;
    return people->change_password(chat->accounts, words_of(user->name), old_password,
                                   new_password);
}

enum archive_result account_unregister(struct chat *chat, struct user *user, struct words password)
{
    const struct archive_people *people = people_of(chat);
    if (people == NULL)
        return ARCHIVE_NONE;
    enum archive_result result = people->unregister(chat->accounts, words_of(user->name), password);
    if (result == ARCHIVE_OK)
        account_renounce(chat, user);
    return result;
}

/*
 * Gives a user a rank, on all machines at the same place of their order. If there is no turn, as it
 * is to come in anew, it does so with this rank.
 */
static void set_rank(struct chat *chat, struct user *user, enum change_rank rank)
{
    ordering_await_login(chat->ordering, user, rank);
    user_set_rank(user, rank);
    ordering_end(chat->ordering);
}

void account_take_up(struct chat *chat, struct user *user, const struct account *account)
{
    set_rank(chat, user, account->is_operator ? CHANGE_OPERATOR : CHANGE_OWNER);
}

void account_renounce(struct chat *chat, struct user *user)
{
    set_rank(chat, user, CHANGE_STRANGER);
}

void account_confirm(struct chat *chat, struct user *user)
{
    set_rank(chat, user, user_rank(user));
}

static void note_seen(struct chat *chat, const struct user *user)
{
    const struct archive_people *people = people_of(chat);
    if (people != NULL)
        people->set_seen(chat->accounts, words_of(user->name), clock_utc());
}

void account_lay_down(struct chat *chat, struct user *user)
{
    if (!user_is_registered(user))
        return;
    user_set_rank(user, CHANGE_STRANGER);
    note_seen(chat, user);
}

void account_heed(struct chat *chat, struct user *user)
{
    struct account account;
    if (chat->accounts == NULL)
        return;
    enum archive_result result = account_find(chat, user->name, &account);
    if (result == ARCHIVE_NONE || (result == ARCHIVE_OK && !account.same)) {
        account_renounce(chat, user);
    } else if (result == ARCHIVE_OK) {
        if (user_is_operator(user) != account.is_operator)
            account_take_up(chat, user, &account);
        note_seen(chat, user); /* the server may not see it leave */
    }
}

enum archive_result account_look_again(struct chat *chat, struct user *user, const char *name)
{
    struct account account;
    if (chat->accounts == NULL)
        return ARCHIVE_OK;
    enum archive_result result = account_find(chat, name, &account);
    if (result != ARCHIVE_OK && result != ARCHIVE_NONE)
        return result;
    if (result == ARCHIVE_OK && (!account.same || !user_is_registered(user)))
        return ARCHIVE_TAKEN;
    if (result == ARCHIVE_NONE)
        user_set_rank(user, CHANGE_STRANGER);
    else
        user_set_rank(user, account.is_operator ? CHANGE_OPERATOR : CHANGE_OWNER);
    return ARCHIVE_OK;
}

/* On one machine the user may lay the account down meanwhile. */
void account_make_operator(struct user *user, bool is_operator)
{
    if (user_is_registered(user))
        atomic_store(&user->is_operator, is_operator);
    if (!user_is_registered(user))
        atomic_store(&user->is_operator, false);
}

/*
 * The account is changed already, so the change of its user cannot be left undone. Returns as
 * ordering_await().
 */
static int make_operator_in_turn(struct chat *chat, const struct user *author, struct user *user,
                                 bool is_operator)
{
    const struct change change = {.kind = is_operator ? CHANGE_OP : CHANGE_DEOP,
                                  .user = user->id,
                                  .author = author->id,
                                  .author_name = words_of(author->name),
                                  .time = clock_utc()};
    int error = ordering_await(chat->ordering, author, &change, ORDERING_ENDLESS, NULL);
    if (error != 0)
        return error;
    account_make_operator(user, is_operator);
    ordering_end(chat->ordering);
    return 0;
}

/*
 * The author has a turn before the user is looked for: whoever looked the account up before it was
 * changed, on another machine, is in the chat here by then.
 */
enum archive_result account_set_operator(struct chat *chat, struct user *author, const char *name,
                                         bool is_operator)
{
    const struct archive_people *people = people_of(chat);
    if (people == NULL)
        return ARCHIVE_NONE;
    enum archive_result result = people->set_operator(chat->accounts, words_of(name), is_operator);
    if (result != ARCHIVE_OK)
        return result;
    if (chat->ordering != NULL) {
        account_confirm(chat, author);
        account_heed(chat, author); /* that it is an operator may have ended before that turn */
    }
    struct user *user = directory_find(chat->directory, name);
    if (user == NULL)
        return ARCHIVE_OK;
    int error = make_operator_in_turn(chat, author, user, is_operator);
    user_release(user);
    return error == 0 ? ARCHIVE_OK : ARCHIVE_UNSURE;
}

enum archive_result account_keep_message(struct chat *chat, const struct user *author,
                                         const char *name, const char *text, size_t length)
{
    const struct archive_people *people = people_of(chat);
    struct buffer clean = {0};
    if (people == NULL)
        return ARCHIVE_NONE;
    enum archive_result result = ARCHIVE_FAILED;
    if (text_tidy(&clean, text, length)) {
        const struct words kept = {buffer_bytes(&clean), buffer_length(&clean)};
        result = kept.length == 0 ? ARCHIVE_WRONG
                                  : people->keep_message(chat->accounts, words_of(name),
                                                         words_of(author->name), clock_utc(), kept);
    }
    buffer_free(&clean);
    return result;
}
