/*
 * How each kind of server is spoken to: what it takes to be let in, what stands before a message
 * that is said, and what the lines mean that are not messages. The messages themselves look the
 * same everywhere, behind whatever the server puts before them.
 */
#ifndef BENCH_DIALECT_H
#define BENCH_DIALECT_H

#include <stddef.h>

enum { DIALECT_NAME_BYTES = 9, DIALECT_REPLY_BYTES = 128 };

enum dialect_meaning {
    DIALECT_OTHER,   /* of no consequence */
    DIALECT_IN,      /* this client is now in the room */
    DIALECT_ARRIVAL, /* someone else has come in */
    DIALECT_REFUSED  /* this client will not be let in */
};

struct dialect {
    const char *name;
    const char *before; /* what the client sends before a message's text */
    const char *after;  /* and after it: the line end */

    /* Writes what a client sends as soon as it is connected into `reply`, possibly nothing. */
    void (*hello)(const char *name, char *reply);

    /* Looks at input that no line end has ended yet, and writes the answer to a prompt into
     * `reply`. Returns the bytes that were the prompt, or 0. */
    size_t (*prompt)(const char *text, size_t bytes, const char *name, char *reply);

    /* Looks at a line (its line end removed) that is not a message. May write an answer. */
    enum dialect_meaning (*line)(const char *text, size_t bytes, const char *name, char *reply);
};

/* The dialect of that name, or NULL. Names: party, irc, raw, ncat. */
const struct dialect *dialect_find(const char *name);

#endif
