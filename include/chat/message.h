/*
 * message: an event in a room, or a private message. It holds facts and no rendered text: the
 * format of each user decides how it reads (chat/format.h).
 *
 * A message refers to a name and a text that it does not own. A batch keeps copies (chat/batch.h).
 */
#ifndef CHAT_MESSAGE_H
#define CHAT_MESSAGE_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum message_kind {
    MESSAGE_SAY,     /* the author says the text */
    MESSAGE_ACT,     /* the author does what the text says */
    MESSAGE_TELL,    /* the author sends the text to one other user */
    MESSAGE_JOIN,    /* the author has joined the room */
    MESSAGE_LEAVE,   /* the author has left it */
    MESSAGE_RENAME,  /* the author has taken another name, the text */
    MESSAGE_SUMMARY, /* the counts sum up joins and leaves */
    MESSAGE_WELCOME  /* for the author alone: the text lists members, as "Bob, Carol" */
};

/* The numbers in a summary and in a welcome; zero in any other message. */
struct message_counts {
    unsigned joined, left; /* since the last summary */
    unsigned here;         /* members of the room at the time of a summary */
    unsigned unnamed;      /* members besides those that a welcome lists */
};

/* A string of bytes, not terminated by a NUL. */
struct words {
    const char *bytes;
    size_t length;
};

struct message {
    enum message_kind kind;
    uint64_t author;   /* id of a user; 0: the room */
    struct words room; /* name of the room, without '#'; empty: the message is in none */
    uint64_t seq;      /* number among what is said in the room, from 1; 0: it is not counted */
    int64_t time;      /* clock_utc(); 0: now */
    struct words name; /* the author's name at that time */
    struct words text; /* one line without its end, clean (base/text.h) */
    struct message_counts counts;
    struct clock_local at; /* the time that terminals show; all zero: the current time */
};

/*
 * The bytes that a message counts as towards limits: its name, its text, and what a plain line adds
 * to them, ": " and LF.
 */
enum { MESSAGE_FRAME_BYTES = 3 };

static inline size_t message_bytes(const struct message *message)
{
    return message->name.length + message->text.length + MESSAGE_FRAME_BYTES;
}

/* Returns the words of a string, which must outlive them. */
struct words words_of(const char *string);

/* Whether a room's message is not sent to its author, whose terminal shows what was typed. */
static inline bool message_spares_author(const struct message *message)
{
    return message->kind == MESSAGE_SAY || message->kind == MESSAGE_ACT;
}

#endif
