/*
 * voice: how the server addresses one client besides messages: how it prompts, answers and says
 * goodbye. A voice has a function for each, from facts to whole lines of text, as a format has one
 * for messages (chat/format.h). So the conversation and the commands are the same for people and
 * for programs. The functions return false, with a part appended, when memory is out.
 */
#ifndef DOORS_PLAIN_VOICE_H
#define DOORS_PLAIN_VOICE_H

#include "base/buffer.h"
#include "chat/room.h"
#include "chat/room_policy.h"
#include "doors/plain/reply.h"

#include <stdbool.h>
#include <stddef.h>

/* Why a conversation ends. */
enum goodbye {
    GOODBYE_FULL,       /* it did not begin: there is no memory for it */
    GOODBYE_QUIT,       /* the client has asked to leave */
    GOODBYE_CLOSED,     /* it has closed its side */
    GOODBYE_IDLE,       /* it has sent nothing for too long */
    GOODBYE_SILENT,     /* its terminal does not answer */
    GOODBYE_TRIES,      /* it has given no good answer, of a name or a password */
    GOODBYE_SHUTDOWN,   /* the server stops */
    GOODBYE_BANNED,     /* it is banned; turn_away() says more */
    GOODBYE_KICKED,     /* it is made to leave; the same */
    GOODBYE_REPLACED,   /* its person has come in from elsewhere; the same */
    GOODBYE_NAME_TAKEN, /* somebody else has its name by now; the same */
    GOODBYE_PASSWORDS   /* its address has given too many wrong passwords; the same */
};

/* A page of the list of a room's members. */
struct member_page {
    struct words room;
    size_t here; /* members in all */
    const struct room_entry *entries;
    size_t count;
    bool first, last;
};

/* A page of the list of rooms. */
struct room_line {
    char name[NAME_SIZE];
    struct room_description room;
};

struct room_page {
    unsigned rooms; /* in all */
    const struct room_line *lines;
    size_t count;
    bool first, last;
};

struct voice {
    bool advises;      /* to people: it has hints that nobody asked for */
    bool acknowledges; /* to programs: a command without another answer is answered, too */

    /* Asks a question; NULL: by conn_prompt(), as the client is a person. */
    bool (*prompt)(const char *question, struct buffer *out);

    bool (*reply)(const struct reply *reply, struct buffer *out);

    /* Says that all before a /sync is done; `token` is what came with it, or empty. */
    bool (*confirm)(struct words token, struct buffer *out);

    bool (*list_members)(const struct member_page *page, struct buffer *out);
    bool (*list_rooms)(const struct room_page *page, struct buffer *out);
    bool (*say_goodbye)(enum goodbye why, struct buffer *out);

    /* The same to a client that cannot come in, with a line of text that tells why. */
    bool (*turn_away)(enum goodbye why, const char *text, struct buffer *out);
};

/* For people and scripts: "*** text ***". */
extern const struct voice plain_voice;

#endif
