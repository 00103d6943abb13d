#include "base/platform.h"

#include "base/clock.h"
#include "base/secret.h"
#include "chat/accounts.h"
#include "chat/keeping.h"
#include "doors/plain/command.h"
#include "doors/plain/claim.h"
#include "doors/plain/prompt.h"

#include <string.h>

enum { SECRET_SIZE = ACCOUNT_PASSWORD_MAX + 2 }; /* of one that is too long, too */

/* A password that was given as an argument, or is asked for. On the stack: wiped when it is over.
 */
struct secret {
    char bytes[SECRET_SIZE];
    size_t length;
};

static struct words words_in(const struct secret *secret)
{
    return (struct words){secret->bytes, secret->length};
}

static void copy(struct secret *secret, const char *bytes, size_t length)
{
    secret->length = length < SECRET_SIZE ? length : SECRET_SIZE;
    memcpy(secret->bytes, bytes, secret->length);
}

/* Asks for a password, which is not shown. Returns false if there is no answer. */
static bool ask(struct caller *caller, enum question question, struct secret *secret)
{
    struct line line;
    enum prompt_result result = prompt_ask_secret(caller, question, &line);
    if (result == PROMPT_ANSWERED)
        copy(secret, line.bytes, line.length);
    if (result != PROMPT_OVER)
        prompt_end_secret(caller);
    return result == PROMPT_ANSWERED;
}

/* Takes a password from an argument, or asks for it if that is empty. */
static bool take(struct caller *caller, struct arguments argument, enum question question,
                 struct secret *secret)
{
    if (argument.length == 0)
        return ask(caller, question, secret);
    copy(secret, argument.bytes, argument.length);
    return true;
}

static bool has_accounts(struct caller *caller)
{
    bool has = caller->session.chat->accounts != NULL;
    if (!has)
        caller_reply(caller, REPLY_NO_ARCHIVE,
                     "Names cannot be registered here: the server keeps nothing.");
    return has;
}

/* Whether the caller is logged in; replies if it is not. */
static bool is_registered(struct caller *caller)
{
    const struct user *user = caller->session.user;
    if (!has_accounts(caller))
        return false;
    bool registered = atomic_load(&user->registered);
    if (!registered)
        caller_reply(caller, REPLY_NOT_REGISTERED,
                     "The name %s is nobody's. /register makes it yours.", user->name);
    return registered;
}

/* Whether a password may be a new one; replies if it may not. */
static bool is_fit(struct caller *caller, const struct secret *secret)
{
    const char *fault = account_password_fault(words_in(secret));
    if (fault != NULL)
        caller_reply(caller, REPLY_BAD_PASSWORD, "%s", fault);
    return fault == NULL;
}

static void log_account(struct caller *caller, const char *what)
{
    event_log_print(caller->session.chat->event_log, EVENT_LOG_EVENT, "%s (%s) has %s",
                    caller->session.user->name, link_peer(conn_link(caller->conn)), what);
}

/*
 * Registering.
 */

/* Replies that a name that looks like the caller's is registered. */
static void refuse_look(struct caller *caller)
{
    struct account account;
    struct session *session = &caller->session;
    if (account_find(session->chat, session->user->name, &account) == ARCHIVE_OK)
        caller_reply(caller, REPLY_NAME_LOOKS_LIKE, "That name looks like %s, which is registered.",
                     account.name);
    else
        caller_refuse_unknown(caller, ARCHIVE_BUSY);
}

/*
 * Whether another name may be registered from the caller's address, after a wait. Names and the
 * disk are everybody's, so one address does not take as many as it likes. Replies if not.
 */
static bool may_register(struct caller *caller)
{
    struct attempts *registrations = caller->door->registrations;
    struct link *link = conn_link(caller->conn);
    struct attempt attempt;
    enum attempts_verdict verdict;
    while ((verdict = attempts_begin(registrations, link_address(link), clock_now(), &attempt)) ==
               ATTEMPTS_LATER &&
           link_reason(link) == LINK_OPEN)
        conn_pause(caller->conn, ATTEMPTS_PAUSE);
    if (verdict == ATTEMPTS_TOO_MANY) {
        log_account(caller, "registered nothing: too many names from its address");
        caller_reply(caller, REPLY_BUSY,
                     "Too many names were registered from your address. Try again later.");
        return false;
    }
    if (verdict == ATTEMPTS_LATER)
        return false; /* the client is gone */
    /* It counts, whatever comes of it. */
    attempts_end(registrations, &attempt, false, clock_now());
    if (attempt.wait > 0)
        conn_pause(caller->conn, attempt.wait);
    return link_reason(link) == LINK_OPEN;
}

static void register_with(struct caller *caller, const struct secret *secret)
{
    struct session *session = &caller->session;
    if (!is_fit(caller, secret) || !may_register(caller))
        return;
    enum archive_result result = account_register(session->chat, session->user, words_in(secret));
    switch (result) {
    case ARCHIVE_OK:
        log_account(caller, "registered the name");
        session->kept = keeping_begin_all(session->chat, session->user);
        caller_reply(caller, REPLY_DONE, "The name %s is yours now.", session->user->name);
        caller_tell_kept(caller, session->kept);
        break;
    case ARCHIVE_TAKEN:
        refuse_look(caller);
        break;
    default:
        caller_refuse_unknown(caller, result);
        break;
    }
}

/* The password may have blanks. */
static bool register_name(struct caller *caller, struct arguments password)
{
    const struct user *user = caller->session.user;
    struct secret secret;
    if (!has_accounts(caller))
        return true;
    if (atomic_load(&user->registered)) {
        caller_reply(caller, REPLY_NO_CHANGE, "The name %s is yours already.", user->name);
        return true;
    }
    if (take(caller, password, QUESTION_PASSWORD, &secret))
        register_with(caller, &secret);
    secret_wipe(&secret, sizeof secret);
    return true;
}

/*
 * Changing and removing.
 */

static void change(struct caller *caller, const struct secret *old, const struct secret *new)
{
    struct session *session = &caller->session;
    if (!is_fit(caller, new) || !claim_prove(caller, session->user->name, words_in(old)))
        return;
    enum archive_result result =
        account_change_password(session->chat, session->user, words_in(old), words_in(new));
    if (result == ARCHIVE_OK) {
        log_account(caller, "changed the password");
        caller_reply(caller, REPLY_DONE, "Your password is changed.");
    } else {
        caller_refuse_unknown(caller, result);
    }
}

/* Two words, or none: a password with blanks can only be given when it is asked for. */
static bool password(struct caller *caller, struct arguments rest)
{
    struct secret old, new;
    struct arguments word = arguments_take_word(&rest);
    struct arguments new_word = arguments_take_word(&rest);
    if (rest.length > 0 || (word.length > 0 && new_word.length == 0))
        return false;
    if (!is_registered(caller))
        return true;
    if (take(caller, word, QUESTION_PASSWORD, &old) &&
        take(caller, new_word, QUESTION_NEW_PASSWORD, &new)) {
        change(caller, &old, &new);
        secret_wipe(&new, sizeof new);
    }
    secret_wipe(&old, sizeof old);
    return true;
}

static void unregister_with(struct caller *caller, const struct secret *secret)
{
    struct session *session = &caller->session;
    if (!claim_prove(caller, session->user->name, words_in(secret)))
        return;
    enum archive_result result = account_unregister(session->chat, session->user, words_in(secret));
    if (result == ARCHIVE_OK) {
        log_account(caller, "given up the name");
        session->kept = keeping_forget_name(session->chat, session->user);
        caller_reply(caller, REPLY_DONE, "The name %s is nobody's now.", session->user->name);
        caller_tell_kept(caller, session->kept);
    } else {
        caller_refuse_unknown(caller, result);
    }
}

static bool unregister(struct caller *caller, struct arguments password)
{
    struct secret secret;
    if (!is_registered(caller))
        return true;
    if (take(caller, password, QUESTION_PASSWORD, &secret))
        unregister_with(caller, &secret);
    secret_wipe(&secret, sizeof secret);
    return true;
}

/*
 * Others.
 */

static void tell_seen(struct caller *caller, const struct account *account)
{
    struct clock_local at = clock_local_of(account->seen);
    caller_reply(caller, REPLY_DONE, "%s was last here on %04d-%02d-%02d at %02d:%02d.",
                 account->name, at.date / 10000, at.date / 100 % 100, at.date % 100, at.minute / 60,
                 at.minute % 60);
}

/* Whether somebody of that name is here; replies so. */
static bool is_here(struct caller *caller, const char *name)
{
    struct directory *directory = caller->session.chat->directory;
    char spelling[NAME_SIZE];
    struct user *user = directory_find(directory, name);
    if (user == NULL)
        return false;
    directory_copy_name(directory, user, spelling);
    user_release(user);
    caller_reply(caller, REPLY_DONE, "%s is here.", spelling);
    return true;
}

static bool seen(struct caller *caller, struct arguments word)
{
    struct account account;
    char name[NAME_SIZE];
    if (word.length == 0)
        return false;
    if (!caller_read_name(caller, word.bytes, word.length, name) || is_here(caller, name))
        return true;
    enum archive_result result = account_find(caller->session.chat, name, &account);
    if (result == ARCHIVE_OK && account.same)
        tell_seen(caller, &account);
    else if (result == ARCHIVE_OK || result == ARCHIVE_NONE)
        caller_reply(caller, REPLY_NO_SUCH_NAME, "The name %s is not registered.", name);
    else
        caller_refuse_unknown(caller, result);
    return true;
}

const struct command account_commands[] = {
    {"/seen", "NAME", "tells when somebody with a registered name was last here.", seen, ASKS},
    {"/register", "[PASSWORD]",
     "makes your name yours: from now on it asks for the password, which has 8 characters at "
     "least. Without it you are asked; while you /edit, nothing shows.",
     register_name, PROVES},
    {"/password", "[OLD NEW]",
     "changes the password of your name. Without arguments you are asked; while you /edit, nothing "
     "shows.",
     password, PROVES},
    {"/unregister", "[PASSWORD]",
     "gives your name up, with the messages kept for it and the list of whom you ignore.",
     unregister, PROVES},
    {0},
};
