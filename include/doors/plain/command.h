/*
 * command: what a line that begins with a slash may be: its name, its arguments, and what it does.
 * Each file of commands has a table of them for one group; doors/plain/commands.h finds and runs
 * them.
 */
#ifndef DOORS_PLAIN_COMMAND_H
#define DOORS_PLAIN_COMMAND_H

#include "chat/name.h"
#include "doors/plain/caller.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The rest of a line behind the command's name, without blanks at its ends: cleaned as by
 * text_clean(), but passwords as they were typed.
 */
struct arguments {
    const char *bytes;
    size_t length;
};

enum command_kind {
    ASKS,   /* asks for an answer: charged; pointless for a client whose outbox has failed */
    PROVES, /* the same, with passwords as its arguments */
    SAYS,   /* sends to others or leaves; the flow limits it (chat/flow.h) */
    NAMES,  /* changes names or rooms: charged, and executed even if the outbox has failed */
    ORDERS  /* the same, for operators alone, and only shown to them */
};

struct command {
    const char *name;
    const char *arguments; /* as the usage names them; "": none */
    const char *help;      /* a paragraph that follows name and arguments; fits 40 by 10 */
    /* Returns false if the arguments are not as the usage says. */
    bool (*run)(struct caller *caller, struct arguments arguments);
    enum command_kind kind;
};

/* The tables of the groups; an entry without a name ends each. */
extern const struct command talk_commands[];     /* doors/plain/talk_commands.c */
extern const struct command past_commands[];     /* doors/plain/past_commands.c */
extern const struct command people_commands[];   /* doors/plain/people_commands.c */
extern const struct command account_commands[];  /* doors/plain/account_commands.c */
extern const struct command self_commands[];     /* doors/plain/self_commands.c */
extern const struct command room_commands[];     /* doors/plain/room_commands.c */
extern const struct command order_commands[];    /* doors/plain/order_commands.c */
extern const struct command operator_commands[]; /* doors/plain/operator_commands.c */
extern const struct command screen_commands[];   /* doors/plain/screen_commands.c */
extern const struct command program_commands[];  /* doors/plain/program_commands.c */

enum { COMMAND_SHOWN_MAX = 64 }; /* bytes of a mistyped word that are shown again */

/* Removes the first word from the arguments, and returns it. */
struct arguments arguments_take_word(struct arguments *rest);

/* Whether a word is the expected one, in lower-case ASCII, without regard to case. */
bool arguments_are(struct arguments word, const char *expected);

/* Reads "", "on" or "off". Returns false for anything else. */
bool arguments_read_switch(struct arguments word, bool *on);

/*
 * Removes a duration from the beginning of the arguments, if there is one, and sets *end to the
 * moment when it is over (clock_utc()), or to 0. Returns false, after a reply, if it is a wrong
 * one.
 */
bool arguments_take_end(struct caller *caller, struct arguments *rest, int64_t *end);

/*
 * Cleans what a client typed, cut off after COMMAND_SHOWN_MAX bytes, so that a reply can quote it.
 * Returns false, after a reply, when memory is out.
 */
bool arguments_quote(struct caller *caller, struct arguments word, char shown[NAME_SIZE]);

/*
 * Returns the user that an argument names, with a reference for the caller, or NULL after a reply.
 */
struct user *arguments_find_user(struct caller *caller, struct arguments word);

/*
 * The same in two steps: the first copies the name, "" if it is not an allowed one, and returns
 * NULL without a reply; the second replies that there is nobody of that name.
 */
struct user *arguments_look_up_user(struct caller *caller, struct arguments word,
                                    char name[NAME_SIZE]);
void arguments_refuse_user(struct caller *caller, struct arguments word);

/*
 * Whether the caller may know of a room: it is in it, or the room is not hidden, or kept for the
 * caller or with an invitation of the caller.
 */
bool caller_sees(struct caller *caller, struct room *room);

/* Copies the name of a room. Returns false, after a reply, if it is not allowed. */
bool arguments_read_room(struct caller *caller, struct arguments word, char name[NAME_SIZE]);

/* Returns the membership of the room that an argument names; NULL after a reply. */
struct member *arguments_find_member(struct caller *caller, struct arguments word);

/*
 * Returns the room that an argument names, with a reference for the caller, or NULL after a reply:
 * if the name is not allowed, or the caller sees no such room.
 */
struct room *arguments_find_room(struct caller *caller, struct arguments word);

#endif
