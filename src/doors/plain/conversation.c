#include "base/platform.h"

#include "base/clock.h"
#include "base/text.h"
#include "chat/session_entry.h"
#include "doors/machine/json_format.h"
#include "doors/machine/json_voice.h"
#include "doors/plain/admission.h"
#include "doors/plain/caller.h"
#include "doors/plain/commands.h"
#include "doors/plain/conversation.h"
#include "doors/plain/input.h"
#include "doors/plain/login.h"
#include "doors/plain/prompt.h"

#include <string.h>

/*
 * The time from a warning to the idle disconnect, and the timeout above which there is a warning.
 */
#define IDLE_WARNING      (60 * CLOCK_SECOND)
#define IDLE_WARNED_ABOVE (120 * CLOCK_SECOND)

enum {
    BURST_SECONDS = 4 /* a burst has the lines of this time at --rate */
};

static const struct user_format programs = {&json_encoding, &json_format};

/* Returns why the conversation ends, for the log. */
static const char *why(struct caller *caller)
{
    switch (link_reason(conn_link(caller->conn))) {
    case LINK_IDLE:
        return "idle timeout";
    case LINK_RESET:
        return "reset";
    case LINK_SILENT:
        return "no answer";
    case LINK_TOO_SLOW:
        return "too slow";
    case LINK_OUT_OF_MEMORY:
        return "out of memory";
    case LINK_SHUTTING_DOWN:
        return "shutdown";
    case LINK_KICKED:
        return "kicked";
    case LINK_REPLACED:
        return "came in from elsewhere";
    case LINK_NAME_TAKEN:
        return "name taken";
    case LINK_OPEN: /* the client has ended the conversation */
        return "quit";
    case LINK_CLOSED:
        break;
    }
    return "closed";
}

/* Says the last words, which come behind all messages. */
static void say_goodbye(struct caller *caller)
{
    switch (link_reason(conn_link(caller->conn))) {
    case LINK_OPEN:
        caller_say_goodbye(caller, caller->quitting ? GOODBYE_QUIT : GOODBYE_TRIES);
        break;
    case LINK_IDLE:
        caller_say_goodbye(caller, GOODBYE_IDLE);
        break;
    case LINK_SILENT:
        caller_say_goodbye(caller, GOODBYE_SILENT);
        break;
    case LINK_SHUTTING_DOWN:
        caller_say_goodbye(caller, GOODBYE_SHUTDOWN);
        break;
    case LINK_CLOSED:
        caller_say_goodbye(caller, GOODBYE_CLOSED);
        break;
    case LINK_KICKED:
        caller_say_verdict(caller);
        break;
    case LINK_REPLACED:
        caller_turn_away(caller, GOODBYE_REPLACED, "You have come in from elsewhere.");
        break;
    case LINK_NAME_TAKEN:
        caller_turn_away(caller, GOODBYE_NAME_TAKEN,
                         "Your name was taken while this machine was cut off.");
        break;
    case LINK_RESET:
    case LINK_TOO_SLOW:
    case LINK_OUT_OF_MEMORY:
        break;
    }
}

/*
 * The conversation.
 */

static void take_clean_line(struct caller *caller, const char *bytes, size_t length)
{
    struct input input = input_read(bytes, length);
    if (!input.is_command) {
        caller_say(caller, MESSAGE_SAY, input.text, input.length);
        return;
    }
    caller_publish(caller); /* messages that precede a command are published before it runs */
    bool has_secret = command_shown(input.text, input.length) < input.length;
    command_obey(caller, input.text, input.length);
    if (has_secret)
        conn_forget(caller->conn);
    conn_catch_up(caller->conn); /* a client with many pending answers waits for them */
}

/*
 * Takes a line with escape sequences, as of a person who moves the cursor on a plain line. The line
 * is what remains without them: /who behind an arrow key is a command.
 */
static void take_raw_line(struct caller *caller, const struct line *line)
{
    struct buffer clean = {0};
    if (text_clean(&clean, line->bytes, line->length))
        take_clean_line(caller, buffer_bytes(&clean), buffer_length(&clean));
    else
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. Nothing was done.");
    buffer_wipe(&clean);
    if (caller->told_terminal || caller->quitting || conn_has_terminal(caller->conn))
        return;
    caller_publish(caller);
    caller_advise(caller, "You seem to be at a terminal. Type /edit for a line that stays whole.");
    caller->told_terminal = true;
}

static void take_line(struct caller *caller, const struct line *line)
{
    if (text_has_escapes(line->bytes, line->length))
        take_raw_line(caller, line);
    else
        take_clean_line(caller, line->bytes, line->length);
}

/* Limits a client to its rate: lines beyond its burst are read later, not refused. */
static void keep_to_rate(struct caller *caller)
{
    unsigned rate = atomic_load_explicit(&caller->door->rate, memory_order_relaxed);
    if (rate == 0)
        return;
    int64_t now = clock_now();
    meter_charge(&caller->lines, CLOCK_SECOND / rate, now);
    int64_t debt = meter_debt(&caller->lines, BURST_SECONDS * CLOCK_SECOND, now);
    if (debt == 0)
        return;
    caller_publish(caller);
    outbox_flush(conn_outbox(caller->conn)); /* the terminal shows the line already */
    conn_pause(caller->conn, debt);
}

int64_t conversation_idle_warning(int64_t idle_timeout)
{
    return idle_timeout > IDLE_WARNED_ABOVE ? IDLE_WARNING : 0;
}

/*
 * Scripts are not warned: a client of a plain listener that has no terminal and has typed no
 * command may be one.
 */
static void warn_idle(struct caller *caller)
{
    if (caller->knows_commands || conn_expects_telnet(caller->conn) ||
        conn_has_terminal(caller->conn))
        caller_advise(caller, "You will be disconnected in 1 minute unless you type something.");
}

static void converse(struct caller *caller)
{
    struct line line;
    while (!caller->quitting) {
        caller_obey(caller);
        if (caller->session.current == NULL)
            return;
        /* Messages are published before the thread waits for more. */
        if (!conn_line_waiting(caller->conn))
            caller_publish(caller);
        switch (conn_read_line(caller->conn, &line)) {
        case CONN_LINE:
        case CONN_UNFINISHED_LINE:
            user_touch(caller->session.user);
            keep_to_rate(caller);
            take_line(caller, &line);
            break;
        case CONN_LINE_TOO_LONG:
            caller_publish(caller);
            caller_refuse_long_line(caller);
            conn_catch_up(caller->conn);
            break;
        case CONN_LINE_NO_MEMORY:
            caller_publish(caller);
            caller_refuse_line(caller);
            conn_catch_up(caller->conn);
            break;
        case CONN_IDLE_SOON:
            warn_idle(caller);
            break;
        case CONN_LEFT:
            caller_publish(caller);
            caller->quitting = true;
            break;
        case CONN_CALLED:
            break;
        case CONN_ENDED:
            caller_publish(caller);
            return;
        }
    }
}

/*
 * Whoever leaves while the other machines cannot be reached is let go, though its place in the chat
 * is not. Who was kicked has a verdict, which is passed when they are reached.
 */
static void dismiss(void *context)
{
    struct caller *caller = context;
    enum link_reason reason = link_reason(conn_link(caller->conn));
    if (reason == LINK_KICKED || reason == LINK_SHUTTING_DOWN)
        return;
    caller->dismissed = true;
    say_goodbye(caller);
    conn_set_face(caller->conn, NULL);
    conn_end_output(caller->conn);
}

static void leave(struct caller *caller)
{
    bool silently = link_reason(conn_link(caller->conn)) == LINK_SHUTTING_DOWN;
    caller->session.user->local->delay = (struct user_delay){dismiss, caller};
    session_leave(&caller->session, why(caller), silently);
    caller_show_room(caller);
}

void conversation_hold(struct conn *conn, void *context)
{
    const struct plain *door = context;
    bool program = outbox_encoding(conn_outbox(conn)) == &json_encoding;
    struct caller caller = {
        .door = door, .conn = conn, .voice = program ? &json_voice : &plain_voice};
    const struct user_view user_view = {.format = &format_lines,
                                        .elsewhere = &format_lines_elsewhere,
                                        .programs = &programs,
                                        .look = &view_look,
                                        .context = &caller.view};
    if (session_open(&caller.session, door->chat, conn_outbox(conn), &user_view) != 0) {
        caller_say_goodbye(&caller, GOODBYE_FULL);
        return;
    }
    view_init(&caller.view, prompt_words(QUESTION_NAME), door->chat, command_name, command_shown);
    if (!program)
        conn_set_face(conn, &caller.view.terminal);
    if (conn_expects_telnet(conn))
        conn_negotiate(conn);
    if (admission_pass(&caller) && login_enter(&caller)) {
        conn_set_timeout(conn, atomic_load(&door->idle_timeout));
        conn_set_warning(conn, atomic_load(&door->idle_warning));
        conn_set_key_timeout(conn, atomic_load(&door->key_timeout),
                             atomic_load(&door->key_warning));
        if (caller.voice->advises)
            caller_show_motd(&caller);
        converse(&caller);
        leave(&caller);
    }
    if (!caller.turned_away && !caller.dismissed)
        say_goodbye(&caller);
    conn_set_face(conn, NULL);
    session_close(&caller.session);
}
