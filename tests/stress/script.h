/*
 * script: who is called what, and who says what.
 *
 * Everything a simulated client does in the room is an action with a number: 0 is its joining, then
 * 1, 2, 3 and so on. What action n of client s is, word for word, follows from the seed, s and n
 * alone. So a line need not be remembered to be checked, and each is unique over the whole run: it
 * carries s and n. A rename is an action too, and the new name carries its number; the notice of it
 * is thereby as unique as any other line.
 *
 * It knows nothing of sockets, nor of what has been said so far.
 */
#ifndef STRESS_SCRIPT_H
#define STRESS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The client that only listens; its name is not made up like the others' but always the same. */
enum { SCRIPT_OBSERVER = 0 };

enum {
    SCRIPT_NAME_BYTES = 48, /* a name with its terminator */
    SCRIPT_LINE_BYTES =
        4608 /* the longest line that can be said, with names and notice around it */
};

enum script_kind { SCRIPT_TALK, SCRIPT_EMOTE, SCRIPT_RENAME };

/* A line without its end, not terminated. */
struct script_line {
    size_t length;
    char bytes[SCRIPT_LINE_BYTES];
};

/* A private message: its index is unique over the run; from and to are serial numbers, and the
   names are the numbers of the actions in which the two took the names that the message goes by. */
struct script_letter {
    uint32_t index;
    uint32_t from, from_name;
    uint32_t to, to_name;
};

/* Returns what action number (1 or more) of client serial is. */
enum script_kind script_kind(uint64_t seed, uint32_t serial, uint32_t number);

/* Writes the name that client serial took in action number, terminated. */
void script_name(uint32_t serial, uint32_t number, char name[SCRIPT_NAME_BYTES]);

/* Finds out whose name a token is. Returns false when nobody can be called that. */
bool script_owner(const char *token, size_t length, uint32_t *serial, uint32_t *number);

/* Writes what client serial types for action number. */
void script_spoken(uint64_t seed, uint32_t serial, uint32_t number, struct script_line *line);

/* Writes what the room gets of action number by client serial, who took its present name in action
   name. */
void script_heard(uint64_t seed, uint32_t serial, uint32_t name, uint32_t number,
                  struct script_line *line);

/* Write the join and the left notice of client serial under the name it took in action name. */
void script_joined(uint32_t serial, uint32_t name, struct script_line *line);
void script_left(uint32_t serial, uint32_t name, struct script_line *line);

/* Write what the sender of a private message types, and what its addressee gets. */
void script_letter_spoken(uint64_t seed, const struct script_letter *letter,
                          struct script_line *line);
void script_letter_heard(uint64_t seed, const struct script_letter *letter,
                         struct script_line *line);

/* Finds the index of a private message in what the addressee got. Returns false when the line is
   not a private message, or not one of ours. */
bool script_letter_index(const char *bytes, size_t length, uint32_t *index);

/* Returns true when the line is exactly these bytes. */
bool script_line_is(const struct script_line *line, const char *bytes, size_t length);

#endif
