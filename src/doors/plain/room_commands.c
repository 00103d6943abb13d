#include "base/platform.h"

#include "chat/keeping.h"
#include "chat/room_name.h"
#include "chat/room_policy.h"
#include "chat/session_membership.h"
#include "chat/session_policy.h"
#include "doors/plain/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_PAGE = 16 }; /* rooms that are listed between two waits for the reader */

static const char *current_name(struct caller *caller)
{
    return room_name(caller->session.current->room);
}

/* Answers /room keep and /room forget when they have not been obeyed. */
static void refuse_keeping(struct caller *caller, enum kept kept, const char *name)
{
    switch (kept) {
    case KEPT_NOT_OWNER:
        caller_reply(caller, REPLY_NOT_OWNER, "You have not made #%s, so you cannot change it.",
                     name);
        break;
    case KEPT_NOT_REGISTERED:
        caller_reply(caller, REPLY_NOT_ALLOWED, "#%s is not kept, as your name is not registered.",
                     name);
        break;
    case KEPT_NOWHERE:
        caller_reply(caller, REPLY_NO_ARCHIVE, "This server keeps no rooms.");
        break;
    default:
        caller_tell_kept(caller, kept);
        break;
    }
}

/*
 * Coming and going.
 */

static void refuse_join(struct caller *caller, const char *name, bool has_key, int error)
{
    switch (error) {
    case EACCES:
        caller_reply(caller, REPLY_BY_INVITATION, "#%s is by invitation only.", name);
        break;
    case EPERM:
        if (has_key)
            caller_reply(caller, REPLY_WRONG_KEY, "That is not the key of #%s.", name);
        else
            caller_reply(caller, REPLY_NEEDS_KEY, "#%s needs a key: /join %s KEY", name, name);
        break;
    case EMLINK:
        caller_reply(caller, REPLY_TOO_MANY_ROOMS,
                     "You are in %u rooms, and cannot be in more. /leave one first.",
                     atomic_load(&caller->session.chat->rooms_per_client));
        break;
    case ENOSPC:
        caller_reply(caller, REPLY_TOO_MANY_ROOMS,
                     "There are as many rooms as there may be. /rooms lists them.");
        break;
    default:
        caller_reply_undone(caller, error, "You are still in #%s.", current_name(caller));
        break;
    }
}

static bool join(struct caller *caller, struct arguments rest)
{
    char name[NAME_SIZE];
    char key[ROOM_KEY_MAX + 1] = "";
    struct arguments word = arguments_take_word(&rest);
    if (word.length == 0)
        return false;
    if (!arguments_read_room(caller, word, name))
        return true;
    if (rest.length <= ROOM_KEY_MAX) /* no longer one is right */
        memcpy(key, rest.bytes, rest.length);
    int error = session_join(&caller->session, name, rest.length > 0 ? key : NULL);
    if (error == 0) {
        caller_show_room(caller);
        caller_tell_kept(caller, caller->session.kept);
    } else {
        refuse_join(caller, name, rest.length > 0, error);
    }
    return true;
}

/* Somebody who has left a room. */
struct departure {
    struct caller *caller;
    char room[NAME_SIZE];
};

static void tell_departure(void *context)
{
    const struct departure *departure = context;
    caller_reply(departure->caller, REPLY_DONE, "You have left #%s. You are in #%s.",
                 departure->room, current_name(departure->caller));
}

static bool leave(struct caller *caller, struct arguments rest)
{
    struct departure departure = {.caller = caller};
    struct member *member =
        rest.length > 0 ? arguments_find_member(caller, rest) : caller->session.current;
    if (member == NULL)
        return true;
    strcpy(departure.room, room_name(member->room));
    int error = session_leave_room(&caller->session, member);
    if (error == 0) {
        caller_show_room(caller);
        session_arrive(&caller->session, tell_departure, &departure);
    } else if (error == EBUSY) {
        caller_reply(caller, REPLY_LAST_ROOM,
                     "#%s is the only room that you are in. /quit leaves the chat.",
                     departure.room);
    } else {
        caller_reply_undone(caller, error, "You are still in #%s.", departure.room);
    }
    return true;
}

/*
 * Lists.
 */

/* A walk through the rooms that the caller sees: first those in memory, then the kept ones. */
struct walk {
    uint64_t after;
    bool ended; /* with those in memory */
    struct kept_room kept;
};

static bool go_on_in_memory(struct caller *caller, struct walk *walk, struct room_line *line)
{
    struct rooms *rooms = caller->session.chat->rooms;
    struct room *room;
    bool sees = false;
    while (!sees && (room = rooms_after(rooms, walk->after)) != NULL) {
        walk->after = room_number(room);
        sees = caller_sees(caller, room);
        if (sees && line != NULL) {
            strcpy(line->name, room_name(room));
            room_describe(room, &line->room);
        }
        rooms_release(rooms, room);
    }
    return sees;
}

/* Goes on to the next room, and describes it, unless `line` is NULL. Returns false at the end. */
static bool go_on(struct caller *caller, struct walk *walk, struct room_line *line)
{
    const struct session *session = &caller->session;
    if (!walk->ended && go_on_in_memory(caller, walk, line))
        return true;
    walk->ended = true;
    if (!keeping_next(session->chat, session->user, &walk->kept))
        return false;
    if (line != NULL) {
        strcpy(line->name, walk->kept.name);
        line->room = walk->kept.room;
    }
    return true;
}

static unsigned count_rooms(struct caller *caller)
{
    struct walk walk = {.after = 0};
    unsigned count = 0;
    while (go_on(caller, &walk, NULL))
        count++;
    return count;
}

static bool list_rooms(struct caller *caller, struct arguments none)
{
    struct room_line *lines = malloc(LIST_PAGE * sizeof *lines);
    struct room_page page = {.rooms = count_rooms(caller), .lines = lines, .first = true};
    struct walk walk = {.after = 0};
    bool reads = true;
    if (lines == NULL)
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. No room was listed.");
    while (lines != NULL && reads && !page.last) {
        page.count = 0;
        while (page.count < LIST_PAGE && go_on(caller, &walk, &lines[page.count]))
            page.count++;
        page.last = page.count < LIST_PAGE;
        reads = caller_list_rooms(caller, &page);
        page.first = false;
    }
    free(lines);
    (void)none;
    return true;
}

/*
 * What is decided about a room.
 */

/*
 * Describes the current room, in memory to be freed. Returns NULL, after a reply, when memory is
 * out. On the stack it would be one page more that each client's thread takes.
 */
static struct room_description *describe(struct caller *caller)
{
    struct room_description *description = malloc(sizeof *description);
    if (description == NULL)
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. Nothing was done.");
    else
        room_describe(caller->session.current->room, description);
    return description;
}

static void show_topic(struct caller *caller)
{
    struct room_description *room = describe(caller);
    if (room == NULL)
        return;
    if (*room->topic == '\0')
        caller_reply(caller, REPLY_DONE, "#%s has no topic.", current_name(caller));
    else
        caller_reply(caller, REPLY_DONE, "#%s: %s", current_name(caller), room->topic);
    free(room);
}

static bool topic(struct caller *caller, struct arguments text)
{
    if (text.length == 0) {
        show_topic(caller);
        return true;
    }
    if (arguments_are(text, "none"))
        text.length = 0;
    int error;
    do { /* it may be muted while it waits */
        if (caller_is_muted(caller, true))
            return true;
        error = session_set_topic(&caller->session, text.bytes, text.length);
    } while (error == EACCES);
    if (error == EMSGSIZE)
        caller_reply(caller, REPLY_TOO_LONG, "That topic is too long: the limit is %d bytes.",
                     ROOM_TOPIC_MAX);
    else if (error != 0)
        caller_reply_undone(caller, error, "The topic is as it was.");
    else
        caller_tell_kept(caller, caller->session.kept);
    return true;
}

static void invite_somebody(struct caller *caller, struct user *invited, const char *name)
{
    int error = session_invite(&caller->session, invited);
    if (error != 0) {
        caller_reply_undone(caller, error, "%s is not invited.", name);
        return;
    }
    caller_reply(caller, REPLY_DONE, "%s is invited to #%s.", name, current_name(caller));
    caller_tell_kept(caller, caller->session.kept);
}

static bool invite(struct caller *caller, struct arguments rest)
{
    struct session *session = &caller->session;
    char name[NAME_SIZE];
    struct arguments word = arguments_take_word(&rest);
    if (word.length == 0 || rest.length > 0)
        return false;
    if (caller_is_muted(caller, false)) /* the name of a room says something, too */
        return true;
    struct user *invited = arguments_find_user(caller, word);
    if (invited == NULL)
        return true;
    directory_copy_name(session->chat->directory, invited, name);
    if (directory_is_in(session->chat->directory, invited, session->current->room))
        caller_reply(caller, REPLY_IS_THERE, "%s is in #%s already.", name, current_name(caller));
    else
        invite_somebody(caller, invited, name);
    user_release(invited);
    return true;
}

static void show_settings(struct caller *caller)
{
    struct room_description *room = describe(caller);
    if (room == NULL)
        return;
    bool is_kept = *room->owner_name != '\0';
    caller_reply(caller, REPLY_DONE, "Room #%s is %s, %s, and %s.%s%s%s", current_name(caller),
                 room->hidden ? "hidden" : "open", room->needs_key ? "needs a key" : "needs no key",
                 room->closed ? "is by invitation only" : "anyone may come in",
                 is_kept ? " It is kept for " : "", room->owner_name, is_kept ? "." : "");
    free(room);
}

/*
 * Reads what is to change from the arguments of /room, and leaves the key in *rest. Returns false
 * if they are not as the usage says.
 */
static bool read_change(struct arguments word, struct arguments *rest, enum message_kind *kind)
{
    static const struct {
        const char *word;
        enum message_kind kind;
    } changes[] = {{"hidden", MESSAGE_HIDE},
                   {"open", MESSAGE_SHOW},
                   {"members", MESSAGE_CLOSE},
                   {"anyone", MESSAGE_OPEN}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        if (arguments_are(word, changes[i].word) && rest->length == 0) {
            *kind = changes[i].kind;
            return true;
        }
    }
    if (!arguments_are(word, "key"))
        return false;
    struct arguments key = arguments_take_word(rest);
    bool single = key.length > 0 && rest->length == 0;
    *rest = key;
    *kind = arguments_are(key, "none") ? MESSAGE_UNLOCK : MESSAGE_LOCK;
    return single;
}

/* /room keep */
static void keep_room(struct caller *caller)
{
    const char *name = current_name(caller);
    enum kept kept = session_keep_room(&caller->session);
    if (kept == KEPT_DONE)
        show_settings(caller);
    else if (kept == KEPT_NO_ROOM)
        caller_reply(caller, REPLY_NOT_ALLOWED, "#%s is always there.", name);
    else
        refuse_keeping(caller, kept, name);
}

/* Whether the room with a name is hidden from the caller. */
static bool is_hidden(struct caller *caller, const char *name)
{
    struct rooms *rooms = caller->session.chat->rooms;
    struct room *room = rooms_find(rooms, name);
    bool hidden = room != NULL && !caller_sees(caller, room);
    if (room != NULL)
        rooms_release(rooms, room);
    return hidden;
}

/* /room forget: the current room, or another one, in which the caller need not be. */
static void let_room_go(struct caller *caller, struct arguments word)
{
    char name[NAME_SIZE];
    strcpy(name, current_name(caller));
    if (word.length > 0 && !arguments_read_room(caller, word, name))
        return;
    enum kept kept = session_let_room_go(&caller->session, name);
    if (kept == KEPT_DONE)
        caller_reply(caller, REPLY_DONE, "#%s is kept no more.", name);
    else if (kept == KEPT_NO_ROOM || (kept == KEPT_NOT_OWNER && is_hidden(caller, name)))
        caller_reply(caller, REPLY_NO_CHANGE, "No room #%s is kept.", name);
    else
        refuse_keeping(caller, kept, name);
}

static bool change_room(struct caller *caller, struct arguments rest)
{
    char key[ROOM_KEY_MAX + 1] = "";
    enum message_kind kind;
    struct arguments word = arguments_take_word(&rest);
    if (word.length == 0) {
        show_settings(caller);
        return true;
    }
    if (arguments_are(word, "keep") && rest.length == 0) {
        keep_room(caller);
        return true;
    }
    if (arguments_are(word, "forget")) {
        let_room_go(caller, rest);
        return true;
    }
    if (!read_change(word, &rest, &kind))
        return false;
    if (rest.length > ROOM_KEY_MAX) {
        caller_reply(caller, REPLY_TOO_LONG, "That key is too long: the limit is %d bytes.",
                     ROOM_KEY_MAX);
        return true;
    }
    memcpy(key, rest.bytes, rest.length);
    int error = session_change_room(&caller->session, kind, key);
    switch (error) {
    case 0:
        show_settings(caller);
        caller_tell_kept(caller, caller->session.kept);
        break;
    case EPERM:
        caller_reply(caller, REPLY_NOT_OWNER, "You have not made #%s, so you cannot change it.",
                     current_name(caller));
        break;
    case EINVAL:
        caller_reply(caller, REPLY_NOT_ALLOWED, "Everybody comes into #%s, so it stays open.",
                     current_name(caller));
        break;
    default:
        caller_refuse_setting(caller, error);
        break;
    }
    return true;
}

const struct command room_commands[] = {
    {"/join", "ROOM [KEY]",
     "brings you into a room, or makes a new one; what you say goes there. You stay in your other "
     "rooms: their lines begin with # and the room.",
     join, NAMES},
    {"/leave", "[ROOM]", "leaves a room: the one where you are, or the one you name.", leave,
     NAMES},
    {"/rooms", "", "lists the rooms, who is there and the topic of each.", list_rooms, ASKS},
    {"/topic", "[TEXT]",
     "tells the topic of the room, or sets it for everybody there; /topic none removes it.", topic,
     NAMES},
    {"/invite", "NAME", "invites NAME into the room: they come in without a key.", invite, NAMES},
    {"/room", "[hidden|open|key KEY|key none|members|anyone|keep|forget [ROOM]]",
     "tells or changes, one at a time, who sees the room, who comes in, and whether it stays when "
     "nobody is in it; for who made it.",
     change_room, NAMES},
    {0},
};
