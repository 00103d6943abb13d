#include "base/platform.h"

#include "base/clock.h"
#include "chat/absence.h"
#include "chat/ignoring.h"
#include "chat/keeping.h"
#include "chat/session_entry.h"
#include "chat/session_publishing.h"
#include "chat/until.h"
#include "doors/plain/claim.h"
#include "doors/plain/command.h"
#include "doors/plain/missed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WHO_ENTRIES = 64 }; /* that are listed between two waits for the reader */

/* Renames the caller; with `account`, it has proved that the name is its own. */
static void rename_to(struct caller *caller, const char *name, const struct account *account)
{
    struct session *session = &caller->session;
    char rival[NAME_SIZE];
    caller_show_name(caller, name);
    int error = account != NULL ? session_rename_again(session, name, rival)
                                : session_rename(session, name, rival);
    if (error == 0 && account != NULL)
        account_take_up(session->chat, session->user, account);
    if (error != 0)
        caller_show_name(caller, session->user->name);
    if (error == EEXIST)
        caller_refuse_taken(caller, name, rival);
    else if (error == EBUSY)
        caller_refuse_busy_name(caller, name);
    else if (error != 0)
        caller_reply_undone(caller, error, "You are still called %s.", session->user->name);
}

/* Takes the name of an account whose password the caller has given, and what was kept for it. */
static void take_own_name(struct caller *caller, const struct account *account)
{
    struct session *session = &caller->session;
    const int64_t before[] = {session->absent_from, session->absent_to};
    absence_note(session, account->seen); /* unless it is found to be here */
    rename_to(caller, account->name, account);
    if (!atomic_load(&session->user->registered) ||
        !name_equals(session->user->name, account->name)) {
        session->absent_from = before[0];
        session->absent_to = before[1];
        return;
    }
    account_heed(session->chat, session->user);
    ignoring_load(session, account->name);
    absence_show_kept(session, caller_wait_for_reader, caller);
    caller_tell_kept(caller, keeping_begin_all(session->chat, session->user));
    if (caller->voice->advises)
        missed_tell(caller, false);
}

/* Returns whether operators let the caller take a name; replies otherwise. */
static bool may_take(struct caller *caller, const char *name)
{
    char until[UNTIL_SIZE];
    int64_t end;
    if (sanctions_find_name(caller->session.chat->sanctions, SANCTION_BAN, name, clock_utc(),
                            NULL)) {
        caller_reply(caller, REPLY_BANNED, "The name %s is banned.", name);
        return false;
    }
    if (session_is_muted(&caller->session, &end)) {
        until_write_of_mute(end, until);
        caller_reply(caller, REPLY_MUTED, "You are muted%s, and keep your name.", until);
        return false;
    }
    return true;
}

/*
 * Whose a name is matters unless it is the caller's own in another spelling. To prove that takes as
 * long as the caller likes: meanwhile it may have been muted, or the name banned.
 */
static void take_name(struct caller *caller, const char *name)
{
    struct account account;
    if (name_equals(name, caller->session.user->name)) {
        rename_to(caller, name, NULL);
        return;
    }
    enum claim_result claim = claim_name(caller, name, &account);
    if (claim == CLAIM_PROVED && may_take(caller, account.name)) {
        take_own_name(caller, &account);
    } else if (claim == CLAIM_FREE) {
        rename_to(caller, name, NULL);
        claim_heed(caller);
    }
}

static bool nick(struct caller *caller, struct arguments rest)
{
    char name[NAME_SIZE];
    if (rest.length == 0)
        return false;
    if (!caller_read_name(caller, rest.bytes, rest.length, name))
        return true;
    if (strcmp(name, caller->session.user->name) == 0) {
        caller_reply(caller, REPLY_NO_CHANGE, "You are called %s already.", name);
        return true;
    }
    if (may_take(caller, name))
        take_name(caller, name);
    return true;
}

static void list_members(struct caller *caller, struct room *room)
{
    struct room_entry *entries = malloc(WHO_ENTRIES * sizeof *entries);
    struct member_page page = {.room = words_of(room_name(room)),
                               .here = room_count(room),
                               .entries = entries,
                               .first = true};
    uint64_t after = 0;
    bool reads = true;
    if (entries == NULL)
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. Nobody was listed.");
    while (entries != NULL && reads && !page.last) {
        page.count = room_list(room, after, entries, WHO_ENTRIES);
        page.last = page.count < WHO_ENTRIES;
        if (page.count > 0)
            after = entries[page.count - 1].number;
        reads = caller_list_members(caller, &page);
        page.first = false;
    }
    free(entries);
}

static bool who(struct caller *caller, struct arguments word)
{
    if (word.length == 0) {
        list_members(caller, caller->session.current->room);
        return true;
    }
    struct room *room = arguments_find_room(caller, word);
    if (room != NULL) {
        list_members(caller, room);
        rooms_release(caller->session.chat->rooms, room);
    }
    return true;
}

const struct command people_commands[] = {
    {"/who", "[ROOM]", "tells who is in the room, and how long each has said nothing.", who, ASKS},
    {"/nick", "NAME",
     "gives you another name, of letters, digits, emoji, - . _ and ', without blanks.", nick,
     NAMES},
    {0},
};
