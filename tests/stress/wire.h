/*
 * wire: a connection that sends what it is given and returns whole lines. No function waits.
 * SIGPIPE must be ignored.
 */
#ifndef STRESS_WIRE_H
#define STRESS_WIRE_H

#include "channel.h"

#include <stdbool.h>
#include <stddef.h>

enum { WIRE_IN_BYTES = 65536 };

struct wire {
    struct channel channel;
    bool connecting;
    bool ended; /* the peer has closed it, or it has failed; what came before is still there */
    char *out;
    size_t out_first, out_end, out_capacity;
    size_t in_first, in_end;
    char in[WIRE_IN_BYTES];
};

/* Makes it a closed one. */
void wire_init(struct wire *wire);

/*
 * Begins to connect as channel_open() does. Returns false with errno if it cannot. The wire must be
 * closed.
 */
bool wire_open(struct wire *wire, const struct place *place, const struct sockaddr *source,
               bool narrow, struct chance *chance);

bool wire_is_open(const struct wire *wire);

/* Puts `other` in its place, which is closed then. The wire must be closed. */
void wire_replace(struct wire *wire, struct wire *other);

/* Queues text, without changing it. */
void wire_type(struct wire *wire, const char *bytes, size_t length);

/* Returns the poll() events it waits for; `reads` is false while its owner does not read. */
short wire_events(const struct wire *wire, bool reads);

/* Reads and writes as far as poll() has reported events; `reads` as for wire_events(). */
void wire_serve(struct wire *wire, short events, bool reads);

/*
 * Finds the first line, without its end. Returns false if there is no whole one.
 */
bool wire_line(const struct wire *wire, const char **bytes, size_t *length);

/* Drops the first line, or `length` bytes that are no line. */
void wire_next(struct wire *wire);
void wire_drop(struct wire *wire, size_t length);

/* Whether all that was typed has been sent. */
bool wire_is_flushed(const struct wire *wire);

/* Closes it, by a reset or as close() does. */
void wire_close(struct wire *wire, bool reset);

/* Frees what it owns. */
void wire_discard(struct wire *wire);

#endif
