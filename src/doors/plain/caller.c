#include "base/platform.h"

#include "base/clock.h"
#include "chat/absence.h"
#include "chat/away.h"
#include "chat/room_policy.h"
#include "chat/session_entry.h"
#include "chat/session_publishing.h"
#include "chat/session_verdicts.h"
#include "chat/until.h"
#include "doors/machine/json_format.h"
#include "doors/machine/json_voice.h"
#include "doors/plain/ban_notice.h"
#include "doors/plain/caller.h"
#include "doors/plain/verdict_notice.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { REPLY_SIZE = 512 };

#define UNLINKED "The link to the other machines is down. "

/* Sends lines, if they are whole, and frees them; `say` is outbox_say() or a function like it. */
static void send_lines(struct caller *caller, struct buffer *lines, bool whole,
                       void (*say)(struct outbox *outbox, const char *lines))
{
    if (!whole || !buffer_append(lines, "", 1)) /* a NUL, to end the string */
        link_kill(conn_link(caller->conn), LINK_OUT_OF_MEMORY);
    else if (buffer_length(lines) > 1)
        say(conn_outbox(caller->conn), buffer_bytes(lines));
    buffer_free(lines);
}

void caller_prompt(struct caller *caller, const char *question)
{
    struct buffer out = {0};
    if (caller->voice->prompt == NULL)
        conn_prompt(caller->conn, question);
    else
        send_lines(caller, &out, caller->voice->prompt(question, &out), outbox_say);
}

static void reply_text(struct caller *caller, enum reply_code code, const char *text, size_t length)
{
    struct buffer out = {0};
    const struct reply reply = {.code = code, .text = {text, length}};
    send_lines(caller, &out, caller->voice->reply(&reply, &out), outbox_say);
}

/*
 * Replies with a text behind a beginning, which is short. It is not on the stack, of which printf()
 * itself takes much.
 */
#if defined(__GNUC__)
__attribute__((format(printf, 4, 0)))
#endif
static void
reply_format(struct caller *caller, enum reply_code code, const char *beginning, const char *format,
             va_list arguments)
{
    struct buffer text = {0};
    size_t length = strlen(beginning);
    char *place = buffer_reserve(&text, REPLY_SIZE);
    if (place == NULL) {
        link_kill(conn_link(caller->conn), LINK_OUT_OF_MEMORY);
        return;
    }
    strcpy(place, beginning);
    vsnprintf(place + length, REPLY_SIZE - length, format, arguments);
    reply_text(caller, code, place, strlen(place));
    buffer_free(&text);
}

void caller_reply(struct caller *caller, enum reply_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    reply_format(caller, code, "", format, arguments);
    va_end(arguments);
}

void caller_reply_undone(struct caller *caller, int error, const char *format, ...)
{
    bool unlinked = error == ETIMEDOUT || error == ECANCELED || error == ESTALE ||
                    error == EINPROGRESS || error == EHOSTUNREACH;
    va_list arguments;
    va_start(arguments, format);
    if (error == ESRCH)
        reply_format(caller, REPLY_HAS_LEFT, "They have left. ", format, arguments);
    else
        reply_format(caller, unlinked ? REPLY_UNLINKED : REPLY_OUT_OF_MEMORY,
                     unlinked ? UNLINKED : "Out of memory. ", format, arguments);
    va_end(arguments);
}

void caller_refuse_order(struct caller *caller, int error)
{
    if (error == EPERM)
        caller_reply(caller, REPLY_NOT_OPERATOR, "Only operators may do that.");
    else
        caller_reply_undone(caller, error, "Nothing was done.");
}

void caller_refuse_setting(struct caller *caller, int error)
{
    caller_reply_undone(
        caller, error, error == ENOMEM ? "Nobody was told of the change." : "Nothing was changed.");
}

bool caller_is_unsure(int error)
{
    return error == ETIMEDOUT || error == ECANCELED;
}

void caller_reply_unsure(struct caller *caller, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    reply_format(caller, REPLY_UNSURE, UNLINKED, format, arguments);
    va_end(arguments);
}

void caller_refuse_gone(struct caller *caller, uint64_t seq, uint64_t first)
{
    char text[REPLY_SIZE];
    struct buffer out = {0};
    snprintf(text, sizeof text,
             "What followed %" PRIu64 " is not kept. The first that is kept is %" PRIu64 ".", seq,
             first);
    const struct reply reply = {.code = REPLY_GONE, .text = words_of(text), .first = first};
    send_lines(caller, &out, caller->voice->reply(&reply, &out), outbox_say);
}

void caller_reply_lines(struct caller *caller, enum reply_code code, const struct buffer *lines)
{
    reply_text(caller, code, buffer_bytes(lines), buffer_length(lines) - strlen("\n"));
}

void caller_advise(struct caller *caller, const char *text)
{
    if (caller->voice->advises)
        reply_text(caller, REPLY_HELP, text, strlen(text));
}

void caller_confirm(struct caller *caller, const char *token)
{
    struct buffer out = {0};
    send_lines(caller, &out, caller->voice->confirm(words_of(token), &out), outbox_say);
}

bool caller_list_members(struct caller *caller, const struct member_page *page)
{
    struct buffer out = {0};
    send_lines(caller, &out, caller->voice->list_members(page, &out), outbox_say);
    return conn_catch_up(caller->conn);
}

bool caller_list_rooms(struct caller *caller, const struct room_page *page)
{
    struct buffer out = {0};
    send_lines(caller, &out, caller->voice->list_rooms(page, &out), outbox_say);
    return conn_catch_up(caller->conn);
}

bool caller_wait_for_reader(void *context)
{
    struct caller *caller = context;
    return conn_catch_up(caller->conn);
}

void caller_say_goodbye(struct caller *caller, enum goodbye why)
{
    struct buffer out = {0};
    send_lines(caller, &out, caller->voice->say_goodbye(why, &out), outbox_say_last);
}

void caller_turn_away(struct caller *caller, enum goodbye why, const char *text)
{
    struct buffer out = {0};
    send_lines(caller, &out, caller->voice->turn_away(why, text, &out), outbox_say_last);
    caller->turned_away = true;
}

void caller_say_verdict(struct caller *caller)
{
    char text[VERDICT_NOTICE_SIZE];
    session_obey(&caller->session); /* it may have been kicked while it was leaving */
    const struct verdict *verdict = caller->session.kicked;
    verdict_notice_write(verdict, text);
    caller_turn_away(caller, verdict->kind == VERDICT_BAN ? GOODBYE_BANNED : GOODBYE_KICKED, text);
}

void caller_refuse_long_line(struct caller *caller)
{
    caller_reply(caller, REPLY_LINE_TOO_LONG,
                 "Line too long: the limit is %zu bytes. Nothing was sent.",
                 caller->door->max_line);
}

void caller_refuse_line(struct caller *caller)
{
    caller_reply(caller, REPLY_NOT_SAID, "Out of memory. Nothing was sent.");
}

bool caller_show_motd(struct caller *caller)
{
    struct buffer lines = {0};
    bool whole = caller->door->motd == NULL || motd_append(caller->door->motd, "", "\n", &lines);
    bool any = buffer_length(&lines) > 0;
    if (whole && any)
        caller_reply_lines(caller, REPLY_MOTD, &lines);
    else if (!whole)
        caller_reply(caller, REPLY_OUT_OF_MEMORY,
                     "Out of memory. The message of the day is not shown.");
    buffer_free(&lines);
    return any || !whole;
}

/*
 * Mutes. Lines of talk are not charged, so the replies to them are.
 */

static void refuse_muted(struct caller *caller, int64_t end)
{
    char until[UNTIL_SIZE];
    until_write_of_mute(end, until);
    caller_reply(caller, REPLY_MUTED, "You are muted%s. Nothing was sent.", until);
    conn_charge(caller->conn);
}

static void refuse_muted_in_room(struct caller *caller, int64_t end)
{
    char until[UNTIL_SIZE];
    until_write_of_mute(end, until);
    caller_reply(caller, REPLY_MUTED, "You are muted in #%s%s. Nothing was sent.",
                 room_name(caller->session.current->room), until);
    conn_charge(caller->conn);
}

static void refuse_without_floor(struct caller *caller)
{
    caller_reply(caller, REPLY_MODERATED,
                 "#%s is moderated: /hand asks for the floor. Nothing was sent.",
                 room_name(caller->session.current->room));
    conn_charge(caller->conn);
}

bool caller_is_muted(struct caller *caller, bool in_room)
{
    struct session *session = &caller->session;
    int64_t end;
    enum room_permission permission = ROOM_SPEAKS;
    if (session_is_muted(session, &end)) {
        refuse_muted(caller, end);
        return true;
    }
    if (in_room)
        permission = room_ask(session->current->room, session->user, &end);
    if (permission == ROOM_MUTED)
        refuse_muted_in_room(caller, end);
    else if (permission == ROOM_MODERATED)
        refuse_without_floor(caller);
    return permission != ROOM_SPEAKS;
}

void caller_come_back(struct caller *caller)
{
    struct outbox *outbox = conn_outbox(caller->conn);
    if (!away_end(&caller->session))
        return;
    unsigned answered = outbox_answered(outbox);
    caller_reply(caller, REPLY_BACK, "You are not away any more.");
    caller->asides += outbox_answered(outbox) - answered;
}

/* Whether something was said, or may have been. */
static bool was_said(enum session_heard heard)
{
    return heard == SESSION_HEARD || heard == SESSION_UNHEARD || heard == SESSION_CUT_SHORT ||
           heard == SESSION_UNSURE;
}

/*
 * Publishes, and replies; only once that nobody hears, until a message is heard. Whoever was away
 * and has said something is back, which is told first.
 */
static void publish(struct caller *caller)
{
    enum session_heard heard = session_publish(&caller->session);
    if (was_said(heard))
        caller_come_back(caller);
    switch (heard) {
    case SESSION_HEARD:
        caller->told_alone = false;
        break;
    case SESSION_UNHEARD:
        if (!caller->told_alone)
            caller_reply(caller, REPLY_NOBODY_ELSE, "Nobody else is here.");
        caller->told_alone = true;
        break;
    case SESSION_NO_MEMORY:
        caller_reply(caller, REPLY_NOT_SAID, "Out of memory. Nothing was sent.");
        break;
    case SESSION_CUT_SHORT:
        caller_reply(caller, REPLY_CUT_SHORT, "Out of memory. Only the first lines were sent.");
        break;
    case SESSION_MUTED:
        refuse_muted(caller, caller->session.muted_until);
        break;
    case SESSION_MUTED_IN_ROOM:
        refuse_muted_in_room(caller, caller->session.muted_until);
        break;
    case SESSION_MODERATED:
        refuse_without_floor(caller);
        break;
    case SESSION_UNLINKED:
        caller_reply(caller, REPLY_UNLINKED, "Not sent: the link to the other machines is down.");
        break;
    case SESSION_UNSURE:
        caller_reply_unsure(caller, "Whether your lines were sent is not known.");
        break;
    }
}

void caller_publish(struct caller *caller)
{
    if (session_has_said(&caller->session))
        publish(caller);
}

void caller_tell_kept(struct caller *caller, enum kept kept)
{
    if (kept == KEPT_NOT_STORED)
        caller_reply(caller, REPLY_NOT_STORED,
                     "That could not be stored: it holds until the server ends. Try again later.");
    else if (kept == KEPT_TOO_MANY)
        caller_reply(caller, REPLY_TOO_MANY_ROOMS,
                     "You keep %d rooms, and no more. /room forget ROOM lets one go.",
                     KEPT_ROOMS_MAX);
    else if (kept == KEPT_UNLINKED)
        caller_reply_undone(caller, ETIMEDOUT, "It is not changed which rooms are kept.");
    else if (kept == KEPT_NO_MEMORY)
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. No more rooms are kept.");
}

void caller_say(struct caller *caller, enum message_kind kind, const char *text, size_t length)
{
    size_t unsaid = caller->session.unsaid.count;
    if (!session_say(&caller->session, kind, text, length))
        caller_reply(caller, REPLY_NOT_SAID, "Out of memory. Nothing was sent.");
    bool says = caller->session.unsaid.count > unsaid;
    if ((says && caller->session.user->away != NULL) || session_is_full(&caller->session))
        caller_publish(caller);
}

/* Replies with the fault of a name, and with a suggestion if there is one. */
static void refuse_name(struct caller *caller, const char *fault, const char *bytes, size_t length)
{
    char suggestion[NAME_SIZE];
    if (name_suggest(bytes, length, suggestion) &&
        !directory_has(caller->session.chat->directory, suggestion))
        caller_reply(caller, REPLY_BAD_NAME, "%s How about %s?", fault, suggestion);
    else
        caller_reply(caller, REPLY_BAD_NAME, "%s", fault);
}

bool caller_read_name(struct caller *caller, const char *bytes, size_t length, char name[NAME_SIZE])
{
    const char *fault = name_fault(bytes, length);
    if (fault != NULL) {
        refuse_name(caller, fault, bytes, length);
        return false;
    }
    memcpy(name, bytes, length);
    name[length] = '\0';
    return true;
}

bool caller_is_banned(struct caller *caller, const char *name)
{
    struct chat *chat = caller->session.chat;
    const struct link *link = conn_link(caller->conn);
    struct sanction ban;
    char text[BAN_NOTICE_SIZE];
    int64_t now = clock_utc();
    if (sanctions_find_address(chat->sanctions, SANCTION_BAN, link_address(link), now, &ban))
        event_log_print(chat->event_log, EVENT_LOG_EVENT, "%s was refused: its address is banned",
                        link_peer(link));
    else if (sanctions_find_name(chat->sanctions, SANCTION_BAN, name, now, &ban))
        event_log_print(chat->event_log, EVENT_LOG_EVENT, "%s was refused: the name %s is banned",
                        link_peer(link), name);
    else
        return false;
    ban_notice_write(&ban, text);
    caller_turn_away(caller, GOODBYE_BANNED, text);
    return true;
}

void caller_refuse_taken(struct caller *caller, const char *name, const char *rival)
{
    if (name_equals(name, rival))
        caller_reply(caller, REPLY_NAME_TAKEN, "The name %s is taken.", name);
    else
        caller_reply(caller, REPLY_NAME_LOOKS_LIKE, "That name looks like %s, who is here.", rival);
}

void caller_refuse_busy_name(struct caller *caller, const char *name)
{
    caller_reply(caller, REPLY_NAME_TAKEN,
                 "You are here as %s already, and that connection does not end yet. Try again.",
                 name);
}

void caller_refuse_unknown(struct caller *caller, enum archive_result result)
{
    if (result == ARCHIVE_BUSY)
        caller_reply(caller, REPLY_BUSY, "The server is busy with others. Try again in a moment.");
    else if (result == ARCHIVE_UNSURE)
        caller_reply(caller, REPLY_UNSURE,
                     "The link to the other machines is down. Whether that was done is not known.");
    else
        caller_reply(caller, REPLY_NO_ARCHIVE,
                     "Registered names cannot be looked up now. Try again later.");
}

static void change_name(void *context, const void *what)
{
    struct view *view = context;
    strcpy(view->paint.name, what);
}

void caller_show_name(struct caller *caller, const char *name)
{
    conn_change_face(caller->conn, change_name, &caller->view, name);
}

static void change_room(void *context, const void *what)
{
    struct view *view = context;
    view->paint.room = what;
}

/* Shows the name of a room, or none, and keeps a reference to it for as long. */
static void show_room(struct caller *caller, struct room *room)
{
    struct rooms *rooms = caller->session.chat->rooms;
    struct room *former = caller->shown;
    if (room != NULL)
        rooms_acquire(rooms, room);
    caller->shown = room;
    conn_change_face(caller->conn, change_room, &caller->view,
                     room != NULL ? room_name(room) : NULL);
    if (former != NULL)
        rooms_release(rooms, former);
}

void caller_show_room(struct caller *caller)
{
    struct member *member = caller->session.current;
    bool none = member == NULL || room_number(member->room) == ROOM_LOBBY;
    show_room(caller, none ? NULL : member->room);
}

/* Programs are welcomed in each room that they are in, and expect no answer. */
static void tell_lost(void *context, const char *room, int error)
{
    struct caller *caller = context;
    bool refused = error == EACCES || error == EPERM || error == EMLINK || error == ENOSPC;
    if (!caller->voice->advises)
        return;
    if (refused)
        caller_reply(caller, REPLY_NOT_IN_ROOM,
                     "You are not in #%s any more: it did not let you in.", room);
    else
        caller_reply_undone(caller, error, "You are not in #%s any more.", room);
}

/* Who is sent private messages meanwhile is not here for others, who are told that they are kept.
 */
static void come_in_anew(struct caller *caller)
{
    struct session *session = &caller->session;
    session_come_in_anew(session, tell_lost, caller);
    if (session->current != NULL && user_is_registered(session->user))
        absence_show_kept(session, caller_wait_for_reader, caller);
}

void caller_obey(struct caller *caller)
{
    struct session *session = &caller->session;
    bool anew = session_is_evicted(session);
    if (!anew && verdict_box_is_empty(&session->user->local->verdicts))
        return;
    caller_publish(caller);
    if (anew)
        come_in_anew(caller);
    if (session->current == NULL || session_obey(session) || anew)
        caller_show_room(caller);
}

void caller_stays_out(struct caller *caller, int error, const char *rival)
{
    char name[NAME_SIZE];
    strcpy(name, caller->view.paint.name);
    caller_show_name(caller, "");
    if (error == EEXIST)
        caller_refuse_taken(caller, name, rival);
    else if (error == EBUSY)
        caller_refuse_busy_name(caller, name);
    else
        caller_reply_undone(caller, error, "Try again later.");
}

void caller_become_program(struct caller *caller)
{
    conn_set_face(caller->conn, NULL);
    conn_set_encoding(caller->conn, &json_encoding);
    caller->voice = &json_voice;
    caller_reply(caller, REPLY_DONE, "Machine mode is on.");
}

unsigned caller_answers(const struct caller *caller)
{
    return outbox_answered(conn_outbox(caller->conn)) - caller->asides;
}

void caller_acknowledge(struct caller *caller, unsigned answers)
{
    if (!caller->voice->acknowledges || caller->quitting)
        return;
    caller_publish(caller);
    if (caller_answers(caller) == answers)
        caller_reply(caller, REPLY_DONE, "Done.");
}

void caller_edit(struct caller *caller, bool on)
{
    struct conn *conn = caller->conn;
    if (caller->voice == &json_voice) {
        caller_reply(caller, REPLY_MACHINE_MODE, "Programs have no lines to edit here.");
    } else if (on && conn_has_terminal(conn)) {
        caller_reply(caller, REPLY_NO_CHANGE, "You are editing already. /edit off ends it.");
    } else if (on && conn_negotiate(conn)) {
        caller_reply(caller, REPLY_DONE, "Editing is on. /edit off ends it.");
    } else if (on && link_reason(conn_link(conn)) == LINK_OPEN) {
        caller_reply(caller, REPLY_NO_TERMINAL,
                     "Your side did not agree: it must be telnet at a terminal.");
    } else if (!on) {
        /* A report of the cursor's position may still be on its way: it is no reason for a hint. */
        caller->told_terminal = caller->told_terminal || conn_has_terminal(conn);
        conn_leave_terminal(conn);
        caller_reply(caller, REPLY_DONE, "Editing is off.");
    }
}
