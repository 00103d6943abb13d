#include "base/platform.h"

#include "base/clock.h"
#include "base/text.h"
#include "chat/commands.h"
#include "chat/session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* How long before an idle disconnect it is announced, and with what timeouts it is. */
#define IDLE_WARNING      (60 * CLOCK_SECOND)
#define IDLE_WARNED_ABOVE (120 * CLOCK_SECOND)

enum {
    NAME_TRIES = 5,          /* and as many questions what a name is */
    BURST_SECONDS = 4,       /* a client may send as many lines at once as in this time */
    PIECE_BYTES = 60 * 1024, /* said at once: most of what is read at once */
    REPLY_SIZE = 512
};

static const char prompt[] = "Enter your name: ";

void session_reply(struct session *session, const char *format, ...)
{
    char text[REPLY_SIZE];
    char line[REPLY_SIZE + 16];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(line, sizeof line, "*** %s ***\n", text);
    outbox_say(conn_outbox(session->conn), line);
}

static void reply_too_long(struct session *session)
{
    session_reply(session, "Line too long: the limit is %zu bytes. Nothing was sent.",
                  session->chat->max_line);
}

/* Who was idle is told so: the last that it gets. */
static void say_if_idle(struct session *session)
{
    if (link_reason(conn_link(session->conn)) == LINK_IDLE)
        outbox_say(conn_outbox(session->conn), CHAT_IDLE_LINE);
}

/* Why nothing comes any more, for the log. */
static const char *why(struct session *session)
{
    switch (link_reason(conn_link(session->conn))) {
    case LINK_IDLE:
        return "idle timeout";
    case LINK_RESET:
        return "reset";
    case LINK_TOO_SLOW:
        return "too slow";
    case LINK_OUT_OF_MEMORY:
        return "out of memory";
    case LINK_SHUTTING_DOWN:
        return "shutdown";
    case LINK_OPEN: /* it was the client that ended the conversation */
        return "quit";
    case LINK_CLOSED:
        break;
    }
    return "closed";
}

/*
 * The terminal, if there is one.
 */

static void change_name(void *context, const void *what)
{
    struct face *face = context;
    strcpy(face->paint.name, what);
}

void session_show_name(struct session *session, const char *name)
{
    conn_change_face(session->conn, change_name, &session->face, name);
}

void session_edit(struct session *session, bool on)
{
    struct conn *conn = session->conn;
    if (on && conn_has_terminal(conn)) {
        session_reply(session, "You are editing already. /edit off ends it.");
    } else if (on && conn_negotiate(conn)) {
        session_reply(session, "Editing is on. /edit off ends it.");
    } else if (on && link_reason(conn_link(conn)) == LINK_OPEN) {
        session_reply(session, "Your side did not agree: it must be telnet at a terminal.");
    } else if (!on) {
        conn_leave_terminal(conn);
        session_reply(session, "Editing is off.");
    }
}

/*
 * The prompt for a name.
 */

/* Whether a line is nothing but this command, in either case. */
static bool is_command(const char *bytes, size_t length, const char *command)
{
    text_strip(&bytes, &length);
    return length == strlen(command) && name_begins_with(bytes, length, command, length);
}

/* Tells what is wrong with a name, and what would be right if that can be known. */
static void refuse_name(struct session *session, const char *fault, const char *bytes,
                        size_t length)
{
    char suggestion[NAME_SIZE];
    char rival[NAME_SIZE];
    if (name_suggest(bytes, length, suggestion) &&
        !registry_has(room_members(session->room), suggestion, rival))
        session_reply(session, "%s How about %s?", fault, suggestion);
    else
        session_reply(session, "%s", fault);
}

bool session_read_name(struct session *session, const char *bytes, size_t length,
                       char name[NAME_SIZE])
{
    const char *fault = name_fault(bytes, length);
    if (fault != NULL) {
        refuse_name(session, fault, bytes, length);
        return false;
    }
    memcpy(name, bytes, length);
    name[length] = '\0';
    return true;
}

void session_refuse_taken(struct session *session, const char *name, const char *rival)
{
    if (name_equals(name, rival))
        session_reply(session, "The name %s is taken.", name);
    else
        session_reply(session, "That name looks like %s, who is here.", rival);
}

/* Tries to join under the name in a line. Returns false, with the reason told, if that fails. */
static bool join(struct session *session, const struct line *line)
{
    const char *bytes = line->bytes;
    size_t length = line->length;
    char name[NAME_SIZE];
    char rival[NAME_SIZE];
    text_strip(&bytes, &length);
    if (is_command(bytes, length, "/quit")) {
        session_reply(session, "Goodbye.");
        session->quitting = true;
        return false;
    }
    if (!session_read_name(session, bytes, length, name))
        return false;
    session_show_name(session, name);
    int error = room_join(session->room, session->client, name, rival);
    if (error != 0)
        session_show_name(session, "");
    if (error == EEXIST)
        session_refuse_taken(session, name, rival);
    else if (error != 0)
        session_reply(session, "Out of memory. Try again later.");
    return error == 0;
}

/* Says what a name is, if a line asks for that, and not for ever. Returns whether it did. */
static bool explain_names(struct session *session, const struct line *line, int *questions)
{
    if (!is_command(line->bytes, line->length, "/help") || *questions == NAME_TRIES)
        return false;
    (*questions)++;
    session->knows_commands = true;
    session_reply(session, "%s", NAME_RULES);
    return true;
}

/* Asks for a name until one is good. Returns false if the conversation ends before. */
static bool greet(struct session *session)
{
    struct line line;
    int questions = 0;
    int tries = 0;
    while (tries < NAME_TRIES && !session->quitting) {
        if (link_reason(conn_link(session->conn)) == LINK_OPEN)
            conn_prompt(session->conn, prompt);
        switch (conn_read_line(session->conn, &line)) {
        case CONN_LINE:
            if (explain_names(session, &line, &questions))
                break;
            if (join(session, &line))
                return true;
            tries++;
            break;
        case CONN_LINE_TOO_LONG:
            reply_too_long(session);
            tries++;
            break;
        case CONN_IDLE_SOON: /* nobody is told who has no name */
            break;
        case CONN_LEFT:
            session_reply(session, "Goodbye.");
            return false;
        case CONN_UNFINISHED_LINE: /* who stops typing in the middle of a name has left */
        case CONN_ENDED:
            say_if_idle(session);
            return false;
        }
    }
    return false;
}

/*
 * The conversation.
 */

static bool is_alone(struct session *session)
{
    return registry_count(room_members(session->room)) == 1;
}

/*
 * Says what was collected, and whether nobody else is here to hear it: once, until somebody is. Who
 * was alone before and behind it was not heard.
 */
static void say_batch(struct session *session)
{
    struct buffer *batch = &session->batch;
    bool alone = is_alone(session);
    if (!room_say(session->room, session->client, buffer_bytes(batch), buffer_length(batch))) {
        session_reply(session, "Out of memory. Nothing was sent.");
        return;
    }
    alone = alone && is_alone(session);
    if (alone && !session->told_alone)
        session_reply(session, "Nobody else is here.");
    session->told_alone = alone;
}

/* Publishes what was said so far: what a command does comes after what was said before it. */
static void publish(struct session *session)
{
    if (buffer_length(&session->batch) > 0)
        say_batch(session);
    buffer_free(&session->batch); /* even if it is empty, it may have memory */
}

/* Appends a cleaned text without blanks at its ends. Returns its length, or -1 out of memory. */
static long append_clean(struct buffer *out, const char *text, size_t length)
{
    size_t before = buffer_length(out);
    text_strip(&text, &length);
    if (!text_clean(out, text, length))
        return -1;
    /* What was removed may have stood between the text and blanks. */
    const char *clean = buffer_bytes(out) + before;
    size_t kept = buffer_length(out) - before;
    size_t whole = kept;
    const char *stripped = clean;
    text_strip(&stripped, &kept);
    if (kept < whole) {
        memmove(out->memory + out->start + before, stripped, kept);
        buffer_truncate(out, before + kept);
    }
    return (long)kept;
}

void session_say(struct session *session, const char *before, const char *text, size_t length)
{
    struct buffer *batch = &session->batch;
    size_t start = buffer_length(batch);
    long said = buffer_append_string(batch, before) ? append_clean(batch, text, length) : -1;
    if (said > 0 && !buffer_append(batch, "\n", 1))
        said = -1;
    if (said <= 0)
        buffer_truncate(batch, start);
    if (said < 0)
        session_reply(session, "Out of memory. Nothing was sent.");
    if (buffer_length(batch) >= PIECE_BYTES)
        publish(session);
}

static void take_line(struct session *session, const struct line *line)
{
    const char *text = line->bytes;
    size_t length = line->length;
    char before[NAME_SIZE + 2];
    text_strip(&text, &length);
    bool command = length > 0 && text[0] == '/';
    bool escaped = command && length > 1 && text[1] == '/';
    if (command && !escaped) {
        publish(session);
        command_obey(session, text, length);
        conn_catch_up(session->conn); /* who asks for much waits for it */
        return;
    }
    snprintf(before, sizeof before, "%s: ", session->client->name);
    session_say(session, before, text + escaped, length - escaped);
}

/* Keeps a client to its rate: a line more than its burst allows is simply read later. */
static void keep_to_rate(struct session *session)
{
    unsigned rate = session->chat->rate;
    if (rate == 0)
        return;
    int64_t now = clock_now();
    meter_charge(&session->lines, CLOCK_SECOND / rate, now);
    int64_t debt = meter_debt(&session->lines, BURST_SECONDS * CLOCK_SECOND, now);
    if (debt == 0)
        return;
    publish(session);
    /* What was typed is seen, though it is not said yet. */
    outbox_flush(conn_outbox(session->conn));
    conn_pause(session->conn, debt);
}

int64_t session_idle_warning(int64_t idle_timeout)
{
    return idle_timeout > IDLE_WARNED_ABOVE ? IDLE_WARNING : 0;
}

/* A script does not care: it came by a plain listener, and types no commands. */
static void warn_idle(struct session *session)
{
    if (session->knows_commands || conn_expects_telnet(session->conn))
        session_reply(session, "You will be disconnected in 1 minute unless you type something.");
}

static void converse(struct session *session)
{
    struct line line;
    while (!session->quitting) {
        /* Before waiting for more, what has been said goes out. */
        if (!conn_line_waiting(session->conn))
            publish(session);
        switch (conn_read_line(session->conn, &line)) {
        case CONN_LINE:
        case CONN_UNFINISHED_LINE:
            client_touch(session->client);
            keep_to_rate(session);
            take_line(session, &line);
            break;
        case CONN_LINE_TOO_LONG:
            publish(session);
            reply_too_long(session);
            conn_catch_up(session->conn);
            break;
        case CONN_IDLE_SOON:
            warn_idle(session);
            break;
        case CONN_LEFT:
            publish(session);
            session_reply(session, "Goodbye.");
            return;
        case CONN_ENDED:
            publish(session);
            return;
        }
    }
}

void session_run(struct conn *conn, void *context)
{
    struct chat *chat = context;
    struct session session = {.chat = chat, .conn = conn, .room = chat->lobby};
    session.client = client_create(conn_outbox(conn));
    if (session.client == NULL) {
        outbox_say(conn_outbox(conn), SESSION_FULL_LINE);
        return;
    }
    face_init(&session.face, prompt, room_members(session.room));
    conn_set_face(conn, &session.face.terminal);
    if (conn_expects_telnet(conn))
        conn_negotiate(conn);
    if (greet(&session)) {
        conn_set_timeout(conn, chat->idle_timeout);
        conn_set_warning(conn, chat->idle_warning);
        converse(&session);
        room_leave(session.room, session.client, why(&session),
                   link_reason(conn_link(conn)) == LINK_SHUTTING_DOWN);
        say_if_idle(&session);
    }
    conn_set_face(conn, NULL);
    client_release(session.client);
}
