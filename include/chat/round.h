/*
 * round: what is said in a room between two deliveries, by however many people, in one piece.
 *
 * A room's lines form one stream, and a round is a stretch of it. While one round is on its way
 * to everyone, the next one collects what is said meanwhile: the busier the room, the more lines
 * go out in one send.
 */
#ifndef CHAT_ROUND_H
#define CHAT_ROUND_H

#include "base/buffer.h"
#include "chat/client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who said which bytes of a round. */
struct passage {
    const struct client *author; /* NULL: the room itself, for everyone */
    size_t end;                  /* it begins where the one before ends */
};

struct round {
    uint64_t number;     /* of the room's rounds, from 1; even and odd ones take turns */
    uint64_t start;      /* the room's position at its first byte */
    struct buffer bytes; /* whole lines */
    struct passage *passages;
    size_t count, capacity;
    bool notices; /* somebody's coming or going is in it */
};

/*
 * Adds whole lines. The author must not be freed before the round is delivered. Returns false,
 * with nothing added, when memory is out. The caller holds the order lock.
 */
bool round_add(struct round *round, struct client *author, const char *bytes, size_t length);

/* Makes sure of the memory for lines of `length` bytes, which the next round_add() is to add. */
bool round_reserve(struct round *round, size_t length);

/*
 * Sends a member what is meant for it: what followed its join, but for what it said itself.
 * Never waits. The round must not change meanwhile.
 */
void round_send(const struct round *round, struct client *member);

/* The same without a system call: it goes out with outbox_flush(). */
void round_queue(const struct round *round, struct client *member);

/* Empties a delivered round and makes it the one of that number, which begins at `start`. */
void round_begin(struct round *round, uint64_t number, uint64_t start);

/* Frees what it holds. */
void round_free(struct round *round);

#endif
