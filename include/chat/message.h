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
    MESSAGE_SAY,      /* the author says the text */
    MESSAGE_ACT,      /* the author does what the text says */
    MESSAGE_TELL,     /* the author sends the text to one other user */
    MESSAGE_JOIN,     /* the author has joined the chat, or come back to the lobby */
    MESSAGE_LEAVE,    /* the author has left the chat */
    MESSAGE_ENTER,    /* the author has joined another room than the lobby */
    MESSAGE_EXIT,     /* the author has left a room, and is in another one */
    MESSAGE_KICK,     /* the author has been made to leave the chat; the text tells by whom, and */
    MESSAGE_EXPEL,    /* perhaps why: "Olga: REASON"; the same for the room */
    MESSAGE_RENAME,   /* the author has taken another name, the text */
    MESSAGE_TOPIC,    /* the author has set the topic of the room, the text; empty: removed it */
    MESSAGE_HIDE,     /* the author has changed the room: who is not in it does not see it, */
    MESSAGE_SHOW,     /* everybody sees it, */
    MESSAGE_LOCK,     /* it needs a key, */
    MESSAGE_UNLOCK,   /* it needs none, */
    MESSAGE_CLOSE,    /* only who is invited comes in, */
    MESSAGE_OPEN,     /* anyone does, */
    MESSAGE_KEEP,     /* it is kept when nobody is in it, */
    MESSAGE_LET_GO,   /* it is not, */
    MESSAGE_MODERATE, /* only who is given the floor speaks, */
    MESSAGE_UNMODERATE, /* everybody does */
    MESSAGE_GIVE_FLOOR, /* the author has given the floor to somebody, whose name is the text, */
    MESSAGE_TAKE_FLOOR, /* or taken it away */
    MESSAGE_SUMMARY,    /* the counts sum up joins and leaves */
    MESSAGE_WELCOME,    /* for the author alone: the text lists members, as "Bob, Carol" */
    MESSAGE_ENTERED,  /* for the author alone, who is in the room now: the text lists its members */
    MESSAGE_WALL,     /* to every user: an operator says the text to all */
    MESSAGE_OP,       /* for one user alone, whom the author has made an operator, */
    MESSAGE_DEOP,     /* or who is none any more */
    MESSAGE_INVITE,   /* for one user alone, whom the author invites into the room */
    MESSAGE_HAND,     /* for one user alone, whom the author asks for the floor in the room */
    MESSAGE_EXPELLED, /* for the author alone, who has been made to leave the room, as MESSAGE_EXPEL
                       */
    MESSAGE_LINK_DOWN, /* for one user alone: the other machines of the chat cannot be reached, */
    MESSAGE_LINK_UP,   /* or can be reached again */
    MESSAGE_DATE,      /* among what was said: that follows is of the date of `at` */
    MESSAGE_GAP,       /* among what was said: so many messages are missing, */
    MESSAGE_SKIP       /* or as many numbers were given to none that anybody could miss */
};

/* The numbers in a summary, in a list of members and in a gap; zero in any other message. */
struct message_counts {
    unsigned joined, left; /* since the last summary */
    unsigned here;         /* members of the room at the time of a summary */
    unsigned unnamed;      /* members besides those that are listed for the author */
    uint64_t missing;      /* the size of a gap: it may be wider than anything that was said */
};

/* A string of bytes, not terminated by a NUL. */
struct words {
    const char *bytes;
    size_t length;
};

struct message {
    enum message_kind kind;
    uint64_t author;    /* id of a user; 0: the room */
    struct words room;  /* name of the room, without '#'; empty: the message is in none */
    uint64_t seq;       /* number among what is said in the room, from 1; 0: it is not counted */
    int64_t time;       /* clock_utc(); 0: now */
    struct words name;  /* the author's name at that time */
    struct words text;  /* one line without its end, clean (base/text.h) */
    struct words topic; /* of the room, in MESSAGE_ENTERED */
    struct message_counts counts;
    struct clock_local at; /* the time that terminals show; all zero: the current time */
    bool past;             /* it is shown once more, or to whom it was not sent; with its time */
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

/* Copies words as a string of less than `size` bytes; what does not fit is left out. Returns it. */
char *words_copy(struct words words, char *place, size_t size);

/* Whether a message is one of those that a room counts: what members say and do. */
static inline bool message_is_counted(enum message_kind kind)
{
    return kind == MESSAGE_SAY || kind == MESSAGE_ACT;
}

/* Whether a message is shown with its time when it is shown once more. */
static inline bool message_is_dated(enum message_kind kind)
{
    return message_is_counted(kind) || kind == MESSAGE_TELL;
}

/* Whether a message is addressed to its readers by its author, who may be ignored. */
static inline bool message_is_speech(enum message_kind kind)
{
    return message_is_counted(kind) || kind == MESSAGE_TELL || kind == MESSAGE_INVITE;
}

/* Whether a message tells who comes and goes. */
static inline bool message_is_presence(enum message_kind kind)
{
    return kind == MESSAGE_JOIN || kind == MESSAGE_LEAVE || kind == MESSAGE_ENTER ||
           kind == MESSAGE_EXIT || kind == MESSAGE_SUMMARY;
}

/*
 * Whether a message concerns its author in all rooms: a reader is told once, in the first of the
 * rooms that both are in.
 */
static inline bool message_is_of_all_rooms(enum message_kind kind)
{
    return kind == MESSAGE_LEAVE || kind == MESSAGE_KICK || kind == MESSAGE_RENAME;
}

/* Whether the author of a message has changed the room by it. */
static inline bool message_changes_room(enum message_kind kind)
{
    return kind >= MESSAGE_HIDE && kind <= MESSAGE_UNMODERATE;
}

/*
 * Whether a message tells what somebody who keeps order has done; it is summed up with others
 * only when there are very many.
 */
static inline bool message_tells_of_order(enum message_kind kind)
{
    return kind == MESSAGE_KICK || kind == MESSAGE_EXPEL;
}

/*
 * Whether a room's message is not sent to its author, whose terminal shows what was typed, or who
 * is answered.
 */
static inline bool message_spares_author(const struct message *message)
{
    return message_is_counted(message->kind) || message_changes_room(message->kind);
}

#endif
