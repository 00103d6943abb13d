/*
 * script: the names and lines of all clients.
 *
 * Everything a simulated client does in the room is an action with a number: 0 is its join, then 1,
 * 2, 3 and so on. Action n of client s follows, word for word, from the seed, s and n alone. So a
 * line need not be stored to be checked, and each is unique over the whole run, since it contains s
 * and n. A rename is an action too, and the new name contains its number, so its notice is also
 * unique.
 *
 * It knows neither sockets nor what has been sent so far.
 */
#ifndef STRESS_SCRIPT_H
#define STRESS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The client that only listens; it has a fixed name. */
enum { SCRIPT_OBSERVER = 0 };

enum {
    SCRIPT_NAME_BYTES = 48,  /* a name with its NUL */
    SCRIPT_LINE_BYTES = 4608 /* the longest line that can be sent, with names and notice */
};

enum script_kind { SCRIPT_TALK, SCRIPT_EMOTE, SCRIPT_RENAME };

/* A line without its line end and without a NUL. */
struct script_line {
    size_t length;
    char bytes[SCRIPT_LINE_BYTES];
};

/*
 * A private message: its index is unique over the run; from and to are serial numbers, and each
 * name is the number of the action in which that client took the name used here.
 */
struct script_letter {
    uint32_t index;
    uint32_t from, from_name;
    uint32_t to, to_name;
};

/* Returns the kind of action number (1 or more) of client serial. */
enum script_kind script_kind(uint64_t seed, uint32_t serial, uint32_t number);

/* Writes the name that client serial took in action number, with a NUL. */
void script_name(uint32_t serial, uint32_t number, char name[SCRIPT_NAME_BYTES]);

/* Finds the client whose name a token is. Returns false when it is no client's name. */
bool script_owner(const char *token, size_t length, uint32_t *serial, uint32_t *number);

/* Writes what client serial types for action number. */
void script_spoken(uint64_t seed, uint32_t serial, uint32_t number, struct script_line *line);

/*
 * Writes what the room receives of action number by client serial, which took its present name in
 * action name.
 */
void script_heard(uint64_t seed, uint32_t serial, uint32_t name, uint32_t number,
                  struct script_line *line);

/*
 * These write the join and the left notice of client serial under the name it took in action name.
 */
void script_joined(uint32_t serial, uint32_t name, struct script_line *line);
void script_left(uint32_t serial, uint32_t name, struct script_line *line);

/* These write what the sender of a private message types, and what its addressee gets. */
void script_letter_spoken(uint64_t seed, const struct script_letter *letter,
                          struct script_line *line);
void script_letter_heard(uint64_t seed, const struct script_letter *letter,
                         struct script_line *line);

/*
 * Finds the index of a private message in what the addressee got. Returns false when the line is no
 * private message, or none of the script.
 */
bool script_letter_index(const char *bytes, size_t length, uint32_t *index);

/* Returns true when the line equals these bytes. */
bool script_line_is(const struct script_line *line, const char *bytes, size_t length);

#endif
