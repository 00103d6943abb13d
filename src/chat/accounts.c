#include "base/platform.h"

#include "base/text.h"
#include "chat/accounts.h"

#include <string.h>

static const struct archive_people *people_of(const struct chat *chat)
{
    return chat->archive != NULL ? chat->archive->people : NULL;
}

bool account_is_named_operator(const struct chat *chat, const char *name)
{
    for (size_t i = 0; i < chat->operator_count; i++)
        if (name_equals(chat->operators[i], name))
            return true;
    return false;
}

void account_report_operators(struct chat *chat)
{
    struct account account;
    for (size_t i = 0; i < chat->operator_count; i++)
        if (account_find(chat, chat->operators[i], &account) == ARCHIVE_NONE)
            event_log_print(chat->event_log, EVENT_LOG_EVENT,
                            "Nobody has registered %s of --operator yet: whoever does so first "
                            "keeps order.",
                            chat->operators[i]);
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
    enum archive_result result = people->find(chat->archive, words_of(name), copy_account, account);
    if (result == ARCHIVE_OK && account_is_named_operator(chat, account->name))
        account->is_operator = true;
    return result;
}

enum archive_result account_prove(struct chat *chat, const char *name, struct words password)
{
    const struct archive_people *people = people_of(chat);
    if (people == NULL)
        return ARCHIVE_NONE;
    return people->check(chat->archive, words_of(name), password);
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

enum archive_result account_register(struct chat *chat, struct user *user, struct words password)
{
    const struct archive_people *people = people_of(chat);
    if (people == NULL)
        return ARCHIVE_NONE;
    enum archive_result result =
        people->enroll(chat->archive, words_of(user->name), password, clock_utc());
    if (result != ARCHIVE_OK)
        return result;
    /* Whoever has looked the name up before, and comes in with it now, looks again. */
    atomic_fetch_add(&chat->registrations, 1);
    const struct account account = {.is_operator = account_is_named_operator(chat, user->name)};
    account_take_up(user, &account);
    return ARCHIVE_OK;
}

enum archive_result account_change_password(struct chat *chat, const struct user *user,
                                            struct words old_password, struct words new_password)
{
    const struct archive_people *people = people_of(chat);
    if (people == NULL)
        return ARCHIVE_NONE;
    return people->change_password(chat->archive, words_of(user->name), old_password, new_password);
}

enum archive_result account_unregister(struct chat *chat, struct user *user, struct words password)
{
    const struct archive_people *people = people_of(chat);
    if (people == NULL)
        return ARCHIVE_NONE;
    enum archive_result result = people->unregister(chat->archive, words_of(user->name), password);
    if (result == ARCHIVE_OK)
        account_renounce(user);
    return result;
}

void account_take_up(struct user *user, const struct account *account)
{
    atomic_store(&user->registered, true);
    atomic_store(&user->is_operator, account->is_operator);
}

void account_renounce(struct user *user)
{
    atomic_store(&user->registered, false);
    atomic_store(&user->is_operator, false);
}

static void note_seen(struct chat *chat, const struct user *user)
{
    if (chat->archive != NULL)
        chat->archive->people->set_seen(chat->archive, words_of(user->name), clock_utc());
}

void account_lay_down(struct chat *chat, struct user *user)
{
    if (!atomic_load(&user->registered))
        return;
    account_renounce(user);
    note_seen(chat, user);
}

void account_heed(struct chat *chat, struct user *user)
{
    struct account account;
    if (chat->archive == NULL)
        return;
    enum archive_result result = account_find(chat, user->name, &account);
    if (result == ARCHIVE_NONE || (result == ARCHIVE_OK && !account.same)) {
        account_renounce(user);
    } else if (result == ARCHIVE_OK) {
        atomic_store(&user->is_operator, account.is_operator);
        note_seen(chat, user); /* the server may not see it leave */
    }
}

enum archive_result account_set_operator(struct chat *chat, const char *name, bool is_operator)
{
    const struct archive_people *people = people_of(chat);
    if (people == NULL)
        return ARCHIVE_NONE;
    enum archive_result result = people->set_operator(chat->archive, words_of(name), is_operator);
    struct user *user = result == ARCHIVE_OK ? directory_find(chat->directory, name) : NULL;
    if (user != NULL) {
        if (atomic_load(&user->registered))
            atomic_store(&user->is_operator, is_operator);
        if (!atomic_load(&user->registered)) /* it may have laid the account down meanwhile */
            atomic_store(&user->is_operator, false);
        user_release(user);
    }
    return result;
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
                                  : people->keep_message(chat->archive, words_of(name),
                                                         words_of(author->name), clock_utc(), kept);
    }
    buffer_free(&clean);
    return result;
}
