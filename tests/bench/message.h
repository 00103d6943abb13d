/*
 * The messages of the load generator: a line of fixed width with its author, its number in the
 * author's sequence and the time when it was written. So a receiver identifies a message and
 * computes its latency by offsets, without parsing.
 *
 *   #aaaaaaaannnnnnnntttttttttttttttt0123456789...
 *   |author |number |time, ns       |padding, the same in every message
 */
#ifndef BENCH_MESSAGE_H
#define BENCH_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MESSAGE_MIN_BYTES = 1 + 8 + 8 + 16,
    MESSAGE_MAX_BYTES = 4000 /* within the limit of every server measured here but IRC's */
};

struct message {
    uint32_t author;
    uint32_t number;
    uint64_t sent_ns;
};

/* Writes `bytes` (MESSAGE_MIN_BYTES to MESSAGE_MAX_BYTES) of text, without a line end. */
void message_write(char *text, size_t bytes, const struct message *message);

/*
 * Reads what message_write() wrote. `text` holds at least `bytes`. Returns false if this is not a
 * complete message.
 */
bool message_read(const char *text, size_t bytes, struct message *message);

#endif
