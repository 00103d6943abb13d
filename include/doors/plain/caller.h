/*
 * caller: a client of the plain door, for as long as its conversation lasts: its connection, its
 * session in the chat, and its view at a terminal. The conversation and the commands work on it. It
 * belongs to the thread of its conn, on which all functions are called, with no lock held.
 */
#ifndef DOORS_PLAIN_CALLER_H
#define DOORS_PLAIN_CALLER_H

#include "base/meter.h"
#include "chat/session.h"
#include "doors/plain/plain.h"
#include "doors/plain/reply.h"
#include "doors/plain/view.h"
#include "doors/plain/voice.h"
#include "net/conn.h"

#include <stdbool.h>
#include <stddef.h>

struct caller {
    const struct plain *door;
    struct conn *conn;
    const struct voice *voice; /* how it is addressed */
    struct session session;
    struct view view;
    struct room *shown;  /* the room that the prompt names; holds a reference; NULL: none */
    struct meter lines;  /* rate of its lines */
    bool knows_commands; /* has typed a command, so it is a person and no script */
    bool told_alone;     /* was told that nobody heard its last message */
    bool told_terminal;  /* was told that it seems to be at a terminal */
    bool turned_away;    /* was told why it cannot come in, and the conversation ends */
    bool dismissed;      /* was told goodbye, and is still leaving */
    bool quitting;
    unsigned asides;        /* of what was answered, how much is no answer to a command */
    unsigned registrations; /* of the chat, when its name was looked up; login_heed() */
};

/*
 * Asks the client a question; what it sends next is the answer.
 */
void caller_prompt(struct caller *caller, const char *question);

/*
 * Answers with a line of text, formatted as by printf() and cut off after 511 bytes. Like all
 * functions that send something, it ends the link when memory is out.
 */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void caller_reply(struct caller *caller, enum reply_code code, const char *format, ...);

/*
 * Answers that something was not done, for want of memory, or as the other machines cannot be
 * reached (chat/ordering.h), with what follows from that.
 */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void caller_reply_undone(struct caller *caller, int error, const char *format, ...);

/* The same of a setting of a room: without memory it is changed, and only nobody is told. */
void caller_refuse_setting(struct caller *caller, int error);

/* Answers that a change that is an operator's was not made: also as the caller is none any more. */
void caller_refuse_order(struct caller *caller, int error);

/* Whether an error of ordering_send() leaves open what has become of it. */
bool caller_is_unsure(int error);

/* Answers that, with what is not known. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void caller_reply_unsure(struct caller *caller, const char *format, ...);

/* Answers that what followed a message is gone, and which is the oldest number that is kept. */
void caller_refuse_gone(struct caller *caller, uint64_t seq, uint64_t first);

/* Answers with several lines, each with its LF. */
void caller_reply_lines(struct caller *caller, enum reply_code code, const struct buffer *lines);

/* Tells a person something that it has not asked for: one line of text. */
void caller_advise(struct caller *caller, const char *text);

/* Answers a /sync with its token, which may be "". */
void caller_confirm(struct caller *caller, const char *token);

/*
 * Send a page of a list of members or rooms, and wait until the client has taken it. Return false
 * if the client is gone.
 */
bool caller_list_members(struct caller *caller, const struct member_page *page);
bool caller_list_rooms(struct caller *caller, const struct room_page *page);

/*
 * A past_pause (chat/past.h), whose context is the caller: waits until the client has taken what
 * was shown. Returns false if it is gone.
 */
bool caller_wait_for_reader(void *caller);

/* Says the last words of the conversation, if there are any for that reason. */
void caller_say_goodbye(struct caller *caller, enum goodbye why);

/* Says with a line of text why the caller cannot come in, as its last words. */
void caller_turn_away(struct caller *caller, enum goodbye why, const char *text);

/* Says why others have made the caller leave the chat (`kicked` of its session), as its last words.
 */
void caller_say_verdict(struct caller *caller);

/* Replies that a line is too long, or that memory was out for it; nothing of it was sent. */
void caller_refuse_long_line(struct caller *caller);
void caller_refuse_line(struct caller *caller);

/* Sends the message of the day. Returns false, and sends nothing, if there is none. */
bool caller_show_motd(struct caller *caller);

/*
 * Publishes the unpublished messages of the session, and replies if nobody hears them or memory is
 * out. May wait, as session_publish().
 */
void caller_publish(struct caller *caller);

/* Tells what has become of storing what was decided about rooms, unless all is well. */
void caller_tell_kept(struct caller *caller, enum kept kept);

/* Ends that the caller is away, as it has said something, and tells it so: first of all answers. */
void caller_come_back(struct caller *caller);

/*
 * Adds a message to the unpublished ones, as session_say(), and replies when memory is out. If
 * session_is_full(), or the caller is away, which ends if the message is not refused, publishes
 * them at once; otherwise the conversation does so before it waits for the next line.
 */
void caller_say(struct caller *caller, enum message_kind kind, const char *text, size_t length);

/*
 * Copies a name of `length` bytes, from a line without blanks at its ends. Returns false if the
 * name is not allowed, and replies with the fault; for a name whose only fault is blanks, the reply
 * suggests one without, if that is free.
 */
bool caller_read_name(struct caller *caller, const char *bytes, size_t length,
                      char name[NAME_SIZE]);

/*
 * Whether a ban holds for the name, or for the caller's address; then tells the caller so, as its
 * last line, and logs it. The address was looked at when the caller came, but may have been banned
 * since.
 */
bool caller_is_banned(struct caller *caller, const char *name);

/*
 * Whether the caller is muted in the whole chat, or, with `in_room`, may not speak in the current
 * room; then replies so. A reply is charged.
 */
bool caller_is_muted(struct caller *caller, bool in_room);

/* Replies that a name is taken, or that it looks like the name `rival` of another user. */
void caller_refuse_taken(struct caller *caller, const char *name, const char *rival);

/* Replies that a user with the caller's own name takes too long to leave. */
void caller_refuse_busy_name(struct caller *caller, const char *name);

/* Replies that the archive could not tell or change whose a name is, or is busy. */
void caller_refuse_unknown(struct caller *caller, enum archive_result result);

/*
 * Sets the name that the prompt shows and that counts as a mention ("": none). It is called before
 * the name is taken, so that the screen shows the new name together with what follows from it, and
 * again with the old name if that fails.
 */
void caller_show_name(struct caller *caller, const char *name);

/* Shows the session's current room in the prompt, unless it is the lobby, or there is none. */
void caller_show_room(struct caller *caller);

/* Does what others have decided about the caller. What it has said before is published. */
void caller_obey(struct caller *caller);

/*
 * Shows no name any more, and replies why session_enter() has failed with `error`, for EEXIST
 * because of the name `rival`.
 */
void caller_stays_out(struct caller *caller, int error, const char *rival);

/*
 * Makes the client a program: from now on it is sent JSON, first of all the reply to this. A
 * terminal is left before. There is no way back.
 */
void caller_become_program(struct caller *caller);

/*
 * Returns a number that every answer to a command changes (net/outbox.h). That one is back is no
 * answer: a command may bring it about besides.
 */
unsigned caller_answers(const struct caller *caller);

/*
 * Has a command answered to a client that counts on that: publishes what it has said, and replies
 * if nothing else was answered since caller_answers() returned `answers`.
 */
void caller_acknowledge(struct caller *caller, unsigned answers);

/*
 * Negotiates a terminal, or with `on` false returns to line mode, and replies with the result. May
 * wait for the peer's answer.
 */
void caller_edit(struct caller *caller, bool on);

#endif
