/*
 * message: what happened in a room, or what one user tells another. A message holds facts, not
 * text for a screen: how it reads is decided by the format that each user has (chat/format.h).
 *
 * A message refers to names and text that belong to somebody else; who keeps a message for longer
 * keeps it in a batch (chat/batch.h).
 */
#ifndef CHAT_MESSAGE_H
#define CHAT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum message_kind {
    MESSAGE_SAY,     /* the author says the text */
    MESSAGE_ACT,     /* the author does what the text says */
    MESSAGE_TELL,    /* the author tells one other user the text */
    MESSAGE_JOIN,    /* the author has joined the room */
    MESSAGE_LEAVE,   /* the author has left it */
    MESSAGE_RENAME,  /* the author has taken another name: the text */
    MESSAGE_SUMMARY, /* how many have come and gone, in words: the text */
    MESSAGE_WELCOME  /* to the author alone: who else is here, as a list: the text */
};

/* Bytes that need not end with a NUL. */
struct words {
    const char *bytes;
    size_t length;
};

struct message {
    enum message_kind kind;
    uint64_t author;   /* a user's id; 0: the room's own */
    struct words name; /* the author's, as it was then */
    struct words text; /* one line without its end, clean (base/text.h) */
};

/*
 * How much a message counts as, where amounts are limited: its name, its text, and what a plain
 * line has around them, ": " and its end.
 */
enum { MESSAGE_FRAME_BYTES = 3 };

static inline size_t message_bytes(const struct message *message)
{
    return message->name.length + message->text.length + MESSAGE_FRAME_BYTES;
}

/* Words of a string, which must outlive them. */
struct words words_of(const char *string);

/* Whether a room's message is not for its author, who has seen it typed. */
static inline bool message_spares_author(const struct message *message)
{
    return message->kind == MESSAGE_SAY || message->kind == MESSAGE_ACT;
}

#endif
