#include "base/platform.h"

#include "base/clock.h"
#include "chat/accounts.h"
#include "chat/lockdown.h"
#include "chat/sanctioning.h"
#include "chat/session_telling.h"
#include "chat/session_verdicts.h"
#include "chat/until.h"
#include "doors/plain/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BANS_PAGE = 16, TARGET_SIZE = SANCTIONING_TARGET_SIZE };

static bool is_on_range(const struct sanction *sanction)
{
    return *sanction->name == '\0';
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

/* Whether a word that is no address is meant for one: no name has these bytes, or this form. */
static bool seems_an_address(struct arguments word)
{
    size_t dots = 0;
    bool numbers = true;
    for (size_t i = 0; i < word.length; i++) {
        char byte = word.bytes[i];
        if (byte == '/' || byte == ':')
            return true;
        dots += byte == '.';
        numbers = numbers && (byte == '.' || (byte >= '0' && byte <= '9'));
    }
    return numbers && dots == 3;
}

/* As read_target(), of who is to be banned: a mistyped address bans no name. */
static bool read_new_target(struct caller *caller, struct arguments word, struct sanction *sanction)
{
    struct address_prefix range;
    if (!address_prefix_parse(word.bytes, word.length, &range) && seems_an_address(word)) {
        caller_reply(caller, REPLY_USAGE,
                     "That is no address. One is as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/48.");
        return false;
    }
    return read_target(caller, word, sanction);
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

static void refuse_ban(struct caller *caller, int error)
{
    if (error == ENOSPC)
        caller_reply(caller, REPLY_TOO_MANY_BANS,
                     "There are %d bans and mutes, and cannot be more. /bans lists them.",
                     SANCTIONS_MAX);
    else
        caller_refuse_order(caller, error);
}

/*
 * Bans the host of whoever has the name that is banned, too, unless they are not here, or it is the
 * caller's own. Returns 0, with that ban in *host, or no host in it; or why nothing was done.
 */
static int ban_host(struct caller *caller, const struct sanction *ban, struct sanction *host)
{
    struct chat *chat = caller->session.chat;
    struct user *user = directory_find(chat->directory, ban->name);
    int error = 0;
    *host = *ban;
    *host->name = '\0';
    host->range.family = ADDRESS_NONE;
    if (user == NULL)
        return 0;
    error = ordering_ask_host(chat->ordering, user, &host->range);
    user_release(user);
    if (error == 0 && address_prefix_contains(&host->range, own_address(caller)))
        host->range.family = ADDRESS_NONE;
    if (error != 0 || host->range.family == ADDRESS_NONE)
        return error;
    return sanctioning_impose(chat, caller->session.user, host);
}

static void confirm_ban(struct caller *caller, const struct sanction *ban,
                        const struct sanction *host)
{
    char target[TARGET_SIZE];
    char address[ADDRESS_PREFIX_SIZE] = "";
    char until[UNTIL_SIZE];
    sanctioning_write_target(ban, target);
    if (host != NULL)
        address_prefix_format(&host->range, address);
    until_write_of_ban(ban->end, until);
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
    if (!read_new_target(caller, word, &ban) || is_on_oneself(caller, &ban) ||
        !arguments_take_end(caller, &rest, &ban.end))
        return true;
    strcpy(ban.author, caller->session.user->name);
    if (!sanction_set_reason(&ban, rest.bytes, rest.length)) {
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. Nothing was done.");
        return true;
    }
    /* First the ban, and then whoever is here: nobody slips in between. */
    host.range.family = ADDRESS_NONE;
    int error = is_on_range(&ban) ? 0 : ban_host(caller, &ban, &host);
    bool with_host = host.range.family != ADDRESS_NONE;
    if (error == 0)
        error = sanctioning_impose(caller->session.chat, caller->session.user, &ban);
    if (error != 0) {
        refuse_ban(caller, error);
        return true;
    }
    session_enforce(&caller->session, &ban);
    if (with_host)
        session_enforce(&caller->session, &host);
    bool stored = sanctioning_store(caller->session.chat);
    confirm_ban(caller, &ban, with_host ? &host : NULL);
    caller_tell_kept(caller, stored ? KEPT_DONE : KEPT_NOT_STORED);
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
    sanctioning_write_target(target, shown);
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
    size_t lifted;
    struct arguments word = arguments_take_word(&rest);
    if (word.length == 0 || rest.length > 0)
        return false;
    if (!read_target(caller, word, &target))
        return true;
    bool has_host = find_host(chat->sanctions, &target, &host);
    int error = sanctioning_lift(chat, caller->session.user, &target, &lifted);
    if (error != 0)
        caller_refuse_order(caller, error);
    else if (lifted == 0)
        refuse_unban(caller, &target);
    if (error != 0 || lifted == 0)
        return true;
    bool stored = sanctioning_store(chat);
    sanctioning_write_target(&target, shown);
    if (has_host) {
        address_prefix_format(&host.range, address);
        caller_reply(caller, REPLY_DONE, "The ban of %s is lifted. One of %s holds: /unban %s",
                     shown, address, address);
    } else {
        caller_reply(caller, REPLY_DONE, "The ban of %s is lifted.", shown);
    }
    caller_tell_kept(caller, stored ? KEPT_DONE : KEPT_NOT_STORED);
    return true;
}

/*
 * The list.
 */

/* Appends "Banned until 2026-11-25 14:02 UTC: Bob, by Olga: REASON". */
static bool append_sanction(struct buffer *out, const struct sanction *sanction)
{
    char target[TARGET_SIZE];
    char until[UNTIL_SIZE];
    sanctioning_write_target(sanction, target);
    until_write_of_ban(sanction->end, until);
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
    enum archive_result result =
        account_set_operator(chat, caller->session.user, name, is_operator);
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

/* Whether the person of an account is here, and is what the account says. */
static bool is_here_as(struct caller *caller, const char *name, bool is_operator)
{
    struct user *user = directory_find(caller->session.chat->directory, name);
    bool agrees =
        user == NULL || !user_is_registered(user) || user_is_operator(user) == is_operator;
    if (user != NULL)
        user_release(user);
    return agrees;
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
    else if (account.is_operator == is_operator && is_here_as(caller, account.name, is_operator))
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
    bool on = arguments_are(word, "on");
    if (!on && !arguments_are(word, "off"))
        return false;
    int error = lockdown_set(caller->session.chat, caller->session.user, on);
    if (error != 0)
        caller_refuse_order(caller, error);
    else
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
    else if (error != 0 && error != EINVAL)
        caller_refuse_order(caller, error);
    return error != EINVAL;
}

/*
 * The machines.
 */

/* Returns how many people are on a machine. */
static size_t count_people(struct directory *directory, const struct ordering_machine *machine)
{
    struct user *user;
    size_t count = 0;
    for (uint64_t id = 0; (user = directory_after(directory, &id)) != NULL;) {
        count += machine->is_own ? !user_is_remote(user)
                                 : user_is_remote(user) && user->machine == machine->name;
        user_release(user);
    }
    return count;
}

/* Writes ", since 2026-11-28 20:40", in the server's time zone; nothing if that is not known. */
static void write_since(int64_t since, char text[UNTIL_SIZE])
{
    struct clock_local at = clock_local_of(since);
    *text = '\0';
    if (since != 0)
        snprintf(text, UNTIL_SIZE, ", since %04d-%02d-%02d %02d:%02d", at.date / 10000,
                 at.date / 100 % 100, at.date % 100, at.minute / 60, at.minute % 60);
}

static bool append_machine(struct buffer *out, struct directory *directory,
                           const struct ordering_machine *machine)
{
    char since[UNTIL_SIZE];
    write_since(machine->since, since);
    return buffer_format(out, "%s%s%s, %zu here, heard %.1f s ago, clock %+.3f s, %llu behind\n",
                         machine->name, machine->is_own ? ", this one" : "", since,
                         count_people(directory, machine), (double)machine->silent / 1000,
                         (double)machine->off / 1000, (unsigned long long)machine->behind);
}

static bool nodes(struct caller *caller, struct arguments none)
{
    struct chat *chat = caller->session.chat;
    struct ordering_machine machine;
    struct buffer lines = {0};
    size_t count = 0;
    bool whole = true;
    (void)none;
    if (chat->ordering == NULL) {
        caller_reply(caller, REPLY_NO_CLUSTER,
                     "This server is the only one: it was started without --cluster.");
        return true;
    }
    while (ordering_list(chat->ordering, count, &machine))
        count++;
    whole = buffer_format(&lines, "%zu machine%s:\n", count, count == 1 ? "" : "s");
    for (size_t i = 0; whole && i < count && ordering_list(chat->ordering, i, &machine); i++)
        whole = append_machine(&lines, chat->directory, &machine);
    if (whole)
        caller_reply_lines(caller, REPLY_NODES, &lines);
    else
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. The list is not whole.");
    buffer_free(&lines);
    return true;
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
    {"/nodes", "",
     "lists the machines of the cluster: how many people are there, when it was heard, how far its "
     "clock is ahead or behind, and how many messages it has still to make.",
     nodes, ORDERS},
    {"/lockdown", "on|off", "lets in only registered names; who is here stays.", lockdown, ORDERS},
    {0},
};
