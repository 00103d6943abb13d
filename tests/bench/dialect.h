/*
 * The protocol of each kind of server: what a client sends to be let in, what precedes a message
 * that it sends, and the meaning of lines that are not messages. The messages themselves are the
 * same for all servers, behind whatever prefix the server adds.
 */
#ifndef BENCH_DIALECT_H
#define BENCH_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIALECT_NAME_BYTES = 9, DIALECT_REPLY_BYTES = 128 };

enum dialect_meaning {
    DIALECT_OTHER,   /* can be ignored */
    DIALECT_IN,      /* this client is now in the room */
    DIALECT_MOVED,   /* this client has left the first room for its own */
    DIALECT_ARRIVAL, /* another client has entered */
    DIALECT_REFUSED  /* this client will not be let in */
};

struct dialect {
    const char *name;
    const char *before; /* what the client sends before a message's text */
    const char *after;  /* what it sends after the text: the line end */
    bool styled;        /* the server may send escape sequences between the text and the line end */

    /* Writes to `reply` what a client sends as soon as it is connected, possibly nothing. */
    void (*hello)(const char *name, char *reply);

    /*
     * Examines input without a line end, and writes the answer to a prompt to `reply`. Returns the
     * size of the prompt in bytes, or 0.
     */
    size_t (*prompt)(const char *text, size_t bytes, const char *name, char *reply);

    /*
     * Interprets a line (without its line end) that is not a message. May write an answer to
     * `reply`.
     */
    enum dialect_meaning (*line)(const char *text, size_t bytes, const char *name, char *reply);

    /*
     * Writes to `reply` what a client sends to leave the first room for the one named
     * "INITIALNUMBER". NULL: that is not possible.
     */
    void (*move)(char initial, uint32_t number, char *reply);
};

/* Returns the dialect of that name, or NULL. Names: party, terminal, irc, raw, ncat. */
const struct dialect *dialect_find(const char *name);

#endif
