#include "base/platform.h"

#include "base/clock.h"
#include "chat/accounts.h"
#include "chat/session_telling.h"
#include "chat/session_verdicts.h"
#include "doors/plain/ban_notice.h"
#include "doors/plain/command.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum { BANS_PAGE = 16, TARGET_SIZE = NAME_SIZE };

static_assert((int)TARGET_SIZE >= (int)ADDRESS_PREFIX_SIZE, "a name is as long as an address");

static bool is_on_range(const struct sanction *sanction)
{
    return *sanction->name == '\0';
}

/* Writes whom a sanction is on. */
static void write_target(const struct sanction *sanction, char target[TARGET_SIZE])
{
    if (is_on_range(sanction))
        address_prefix_format(&sanction->range, target);
    else
        strcpy(target, sanction->name);
}

/*
 * Reads whom a sanction is on: a range of addresses, or a name, which whoever has it writes as they
 * please. Returns false after a reply.
 */
static bool read_target(struct caller *caller, struct arguments word, struct sanction *sanction)
{
    if (address_prefix_parse(word.bytes, word.length, &sanction->range))
        return true;
    if (!caller_read_name(caller, word.bytes, word.length, sanction->name))
        return false;
    struct user *user = directory_find(caller->session.chat->directory, sanction->name);
    if (user == NULL)
        return true;
    directory_copy_name(caller->session.chat->directory, user, sanction->name);
    user_release(user);
    return true;
}

static const struct address_prefix *own_address(struct caller *caller)
{
    return link_address(conn_link(caller->conn));
}

/* Whether a ban would keep out who imposes it; then replies so. */
static bool is_on_oneself(struct caller *caller, const struct sanction *ban)
{
    if (is_on_range(ban) && address_prefix_contains(&ban->range, own_address(caller)))
        caller_reply(caller, REPLY_NOT_ALLOWED, "That is your own address, or has it in it.");
    else if (!is_on_range(ban) && name_looks_like(ban->name, caller->session.user->name))
        caller_reply(caller, REPLY_NOT_ALLOWED, "That is your own name, or looks like it.");
    else
        return false;
    return true;
}

/* Imposes a sanction of the caller's, and logs it. Returns 0 or an errno. */
static int impose(struct caller *caller, const struct sanction *sanction)
{
    struct chat *chat = caller->session.chat;
    char target[TARGET_SIZE];
    char until[BAN_UNTIL_SIZE];
    int error = sanctions_impose(chat->sanctions, sanction, clock_utc());
    if (error != 0)
        return error;
    write_target(sanction, target);
    ban_until_write(sanction->end, until);
    event_log_print(chat->event_log, EVENT_LOG_EVENT, "%s has banned %s%s%s%s", sanction->author,
                    target, until, *sanction->reason != '\0' ? ": " : "", sanction->reason);
    return 0;
}

static void refuse_ban(struct caller *caller, int error)
{
    if (error == ENOSPC)
        caller_reply(caller, REPLY_TOO_MANY_BANS,
                     "There are %d bans and mutes, and cannot be more. /bans lists them.",
                     SANCTIONS_MAX);
    else
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. Nothing was done.");
}

/*
 * Bans the host of whoever has the name that is banned, too, unless they are not here, or it is the
 * caller's own. Returns whether it did, with that ban in *host.
 */
static bool ban_host(struct caller *caller, const struct sanction *ban, struct sanction *host)
{
    struct user *user = directory_find(caller->session.chat->directory, ban->name);
    if (user == NULL)
        return false;
    *host = *ban;
    *host->name = '\0';
    host->range = user_host(user);
    user_release(user);
    return host->range.family != ADDRESS_NONE &&
           !address_prefix_contains(&host->range, own_address(caller)) && impose(caller, host) == 0;
}

/* A ban, and whose names it is asked about. */
struct reach {
    const struct sanction *ban;
    struct directory *directory;
};

/* Whether a ban has a user leave: no operator for its address alone. */
static bool reaches(const void *context, const struct user *user)
{
    const struct reach *reach = context;
    char name[NAME_SIZE];
    if (is_on_range(reach->ban))
        return !user_is_operator(user) && user_is_on(user, &reach->ban->range);
    directory_copy_name(reach->directory, user, name);
    return name_looks_like(reach->ban->name, name);
}

/* Kicks everybody on whom a ban is. */
static void kick_banned(struct caller *caller, const struct sanction *ban)
{
    struct session *session = &caller->session;
    const struct reach reach = {ban, session->chat->directory};
    const struct verdict verdict = {.kind = VERDICT_BAN, .sanction = *ban};
    session_judge_all(session, reaches, &reach, &verdict);
}

static void confirm_ban(struct caller *caller, const struct sanction *ban,
                        const struct sanction *host)
{
    char target[TARGET_SIZE];
    char address[ADDRESS_PREFIX_SIZE] = "";
    char until[BAN_UNTIL_SIZE];
    write_target(ban, target);
    if (host != NULL)
        address_prefix_format(&host->range, address);
    ban_until_write(ban->end, until);
    caller_reply(caller, REPLY_DONE, "Banned%s: %s%s%s", until, target, host != NULL ? " and " : "",
                 address);
}

static bool ban(struct caller *caller, struct arguments rest)
{
    struct sanction ban = {.kind = SANCTION_BAN};
    struct sanction host;
    struct arguments word = arguments_take_word(&rest);
    if (word.length == 0)
        return false;
    if (!read_target(caller, word, &ban) || is_on_oneself(caller, &ban) ||
        !arguments_take_end(caller, &rest, &ban.end))
        return true;
    strcpy(ban.author, caller->session.user->name);
    if (!sanction_set_reason(&ban, rest.bytes, rest.length)) {
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. Nothing was done.");
        return true;
    }
    /* First the ban, and then whoever is here: nobody slips in between. */
    bool with_host = !is_on_range(&ban) && ban_host(caller, &ban, &host);
    int error = impose(caller, &ban);
    if (error != 0) {
        refuse_ban(caller, error);
        return true;
    }
    kick_banned(caller, &ban);
    if (with_host)
        kick_banned(caller, &host);
    confirm_ban(caller, &ban, with_host ? &host : NULL);
    return true;
}

/*
 * Lifting.
 */

/* Whether a ban on an address seems to have been imposed with one on a name: just before it. */
static bool belongs_to(const struct sanction *host, const struct sanction *ban)
{
    return is_on_range(host) && host->number + 1 == ban->number && host->end == ban->end &&
           strcmp(host->author, ban->author) == 0 && strcmp(host->reason, ban->reason) == 0;
}

/* Lifts a ban. Returns false if there is none. */
static bool lift(struct sanctions *sanctions, const struct sanction *target)
{
    int64_t now = clock_utc();
    if (is_on_range(target))
        return sanctions_lift_range(sanctions, SANCTION_BAN, &target->range, now) > 0;
    return sanctions_lift_name(sanctions, SANCTION_BAN, target->name, now) > 0;
}

/*
 * Finds the ban of an address that came with the ban of a name, as it seems: it is told, and not
 * lifted, as it may be another one.
 */
static bool find_host(struct sanctions *sanctions, const struct sanction *target,
                      struct sanction *host)
{
    struct sanction ban;
    int64_t now = clock_utc();
    return !is_on_range(target) &&
           sanctions_find_name(sanctions, SANCTION_BAN, target->name, now, &ban) &&
           ban.number > 1 && sanctions_next(sanctions, SANCTION_BAN, ban.number - 2, now, host) &&
           belongs_to(host, &ban);
}

/* Replies that there is no such ban, but perhaps one on a wider range. */
static void refuse_unban(struct caller *caller, const struct sanction *target)
{
    struct sanction wider;
    char shown[TARGET_SIZE];
    char range[ADDRESS_PREFIX_SIZE];
    write_target(target, shown);
    if (is_on_range(target) && sanctions_find_address(caller->session.chat->sanctions, SANCTION_BAN,
                                                      &target->range, clock_utc(), &wider)) {
        address_prefix_format(&wider.range, range);
        caller_reply(caller, REPLY_NO_CHANGE, "There is no ban of %s, but one of %s.", shown,
                     range);
    } else {
        caller_reply(caller, REPLY_NO_CHANGE, "There is no ban of %s.", shown);
    }
}

static bool unban(struct caller *caller, struct arguments rest)
{
    struct chat *chat = caller->session.chat;
    struct sanction target = {.kind = SANCTION_BAN};
    struct sanction host;
    char shown[TARGET_SIZE];
    char address[ADDRESS_PREFIX_SIZE];
    struct arguments word = arguments_take_word(&rest);
    if (word.length == 0 || rest.length > 0)
        return false;
    if (!read_target(caller, word, &target))
        return true;
    bool has_host = find_host(chat->sanctions, &target, &host);
    if (!lift(chat->sanctions, &target)) {
        refuse_unban(caller, &target);
        return true;
    }
    write_target(&target, shown);
    event_log_print(chat->event_log, EVENT_LOG_EVENT, "%s has lifted the ban of %s",
                    caller->session.user->name, shown);
    if (has_host) {
        address_prefix_format(&host.range, address);
        caller_reply(caller, REPLY_DONE, "The ban of %s is lifted. One of %s holds: /unban %s",
                     shown, address, address);
    } else {
        caller_reply(caller, REPLY_DONE, "The ban of %s is lifted.", shown);
    }
    return true;
}

/*
 * The list.
 */

/* Appends "Banned until 2026-11-25 14:02 UTC: Bob, by Olga: REASON". */
static bool append_sanction(struct buffer *out, const struct sanction *sanction)
{
    char target[TARGET_SIZE];
    char until[BAN_UNTIL_SIZE];
    write_target(sanction, target);
    ban_until_write(sanction->end, until);
    return buffer_format(out, "%s%s: %s, by %s%s%s\n",
                         sanction->kind == SANCTION_BAN ? "Banned" : "Muted", until, target,
                         sanction->author, *sanction->reason != '\0' ? ": " : "", sanction->reason);
}

/* Lists all of a kind, in pages. Returns how many there are, or -1 without memory or a reader. */
static int list_kind(struct caller *caller, enum sanction_kind kind)
{
    struct sanctions *sanctions = caller->session.chat->sanctions;
    struct sanction sanction = {.number = 0};
    struct buffer lines = {0};
    int count = 0;
    bool whole = true;
    while (whole && sanctions_next(sanctions, kind, sanction.number, clock_utc(), &sanction)) {
        whole = append_sanction(&lines, &sanction);
        if (whole && ++count % BANS_PAGE == 0) {
            caller_reply_lines(caller, REPLY_BANS, &lines);
            buffer_truncate(&lines, 0);
            whole = conn_catch_up(caller->conn);
        }
    }
    if (whole && buffer_length(&lines) > 0)
        caller_reply_lines(caller, REPLY_BANS, &lines);
    buffer_free(&lines);
    return whole ? count : -1;
}

static bool bans(struct caller *caller, struct arguments none)
{
    int banned = list_kind(caller, SANCTION_BAN);
    int muted = banned >= 0 ? list_kind(caller, SANCTION_MUTE) : -1;
    if (muted < 0)
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. The list is not whole.");
    else if (banned + muted == 0)
        caller_reply(caller, REPLY_NOTHING, "Nobody is banned or muted.");
    (void)none;
    return true;
}

/*
 * Operators.
 */

/* Tells somebody who is here that it is an operator now, or is none any more. */
static void tell_rank(struct caller *caller, const char *name, bool is_operator)
{
    struct user *user = directory_find(caller->session.chat->directory, name);
    if (user == NULL)
        return;
    if (user != caller->session.user)
        session_tell_rank(&caller->session, user, is_operator);
    user_release(user);
}

static void set_operator(struct caller *caller, const char *name, bool is_operator)
{
    struct chat *chat = caller->session.chat;
    enum archive_result result = account_set_operator(chat, name, is_operator);
    if (result == ARCHIVE_NONE) {
        caller_reply(caller, REPLY_NO_SUCH_NAME, "The name %s is not registered.", name);
        return;
    }
    if (result != ARCHIVE_OK) {
        caller_refuse_unknown(caller, result);
        return;
    }
    event_log_print(chat->event_log, EVENT_LOG_EVENT, "%s has made %s %s",
                    caller->session.user->name, name, is_operator ? "an operator" : "no operator");
    caller_reply(caller, REPLY_DONE, "%s is %s.", name,
                 is_operator ? "an operator now" : "no operator any more");
    tell_rank(caller, name, is_operator);
}

/* Makes somebody an operator, or ends that, unless it is so already. */
static bool change_rank(struct caller *caller, struct arguments word, bool is_operator)
{
    struct account account;
    char name[NAME_SIZE];
    if (word.length == 0)
        return false;
    if (!caller_read_name(caller, word.bytes, word.length, name))
        return true;
    enum archive_result result = account_find(caller->session.chat, name, &account);
    if (result == ARCHIVE_NONE || (result == ARCHIVE_OK && !account.same))
        caller_reply(caller, REPLY_NO_SUCH_NAME, "The name %s is not registered.", name);
    else if (result != ARCHIVE_OK)
        caller_refuse_unknown(caller, result);
    else if (!is_operator && account_is_named_operator(caller->session.chat, account.name))
        caller_reply(caller, REPLY_NOT_ALLOWED, "%s is an operator by the server's options.",
                     account.name);
    else if (account.is_operator == is_operator)
        caller_reply(caller, REPLY_NO_CHANGE, "%s is %s.", account.name,
                     is_operator ? "an operator already" : "no operator");
    else
        set_operator(caller, account.name, is_operator);
    return true;
}

static bool op(struct caller *caller, struct arguments word)
{
    return change_rank(caller, word, true);
}

static bool deop(struct caller *caller, struct arguments word)
{
    return change_rank(caller, word, false);
}

/*
 * All of the chat.
 */

static bool lockdown(struct caller *caller, struct arguments word)
{
    struct chat *chat = caller->session.chat;
    bool on = arguments_are(word, "on");
    if (!on && !arguments_are(word, "off"))
        return false;
    if (atomic_exchange(&chat->lockdown, on) != on)
        event_log_print(chat->event_log, EVENT_LOG_EVENT, "%s has turned the lockdown %s",
                        caller->session.user->name, on ? "on" : "off");
    caller_reply(caller, REPLY_DONE, "%s",
                 on ? "Lockdown is on: only registered names are let in."
                    : "Lockdown is off: everybody is let in.");
    return true;
}

static bool wall(struct caller *caller, struct arguments text)
{
    if (text.length == 0 || caller_is_muted(caller, false))
        return text.length > 0;
    int error = session_tell_all(&caller->session, text.bytes, text.length);
    if (error == ENOMEM)
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. Not everybody was told.");
    return error != EINVAL;
}

const struct command operator_commands[] = {
    {"/ban", "NAME|ADDRESS[/PREFIX] [DURATION] [REASON]",
     "keeps out a name, with the address of who has it now, or addresses; for 30s, 10m, 2h, 7d, "
     "4w, "
     "or for ever. Who is here leaves.",
     ban, ORDERS},
    {"/unban", "NAME|ADDRESS[/PREFIX]", "lifts a ban, and tells if one of an address came with it.",
     unban, ORDERS},
    {"/bans", "", "lists who is banned or muted, until when, by whom and why.", bans, ORDERS},
    {"/op", "NAME",
     "makes the owner of a registered name an operator, who keeps order in the chat.", op, ORDERS},
    {"/deop", "NAME", "takes that back. Who is an operator by the server's options stays one.",
     deop, ORDERS},
    {"/wall", "TEXT", "says TEXT to everybody in the chat, in whatever room they are.", wall,
     ORDERS},
    {"/lockdown", "on|off", "lets in only registered names; who is here stays.", lockdown, ORDERS},
    {0},
};
