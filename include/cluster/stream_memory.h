/*
 * stream_memory: which messages of a stream somebody was given last. Of each it keeps a sum of its
 * bytes, so that another message with its sequence is known as another one.
 *
 * Sequences are counted in pages of STREAM_PAGE. Of a page that was given from its first message on
 * there is a sum of all that was given, so two who have read the same stream can tell by two
 * numbers whether the last messages that they were given are the same.
 *
 * The sums are the same on all machines. They are no protection against forgery. No function here
 * takes a lock.
 */
#ifndef CLUSTER_STREAM_MEMORY_H
#define CLUSTER_STREAM_MEMORY_H

#include <stddef.h>
#include <stdint.h>

enum { STREAM_PAGE = 256, STREAM_MEMORY = 4096 /* messages */ };

struct stream_memory_entry {
    uint64_t sequence;
    uint64_t sum;  /* of the message */
    uint64_t page; /* of its page up to here; 0: it is not known */
};

/* All zero is empty. */
struct stream_memory {
    uint64_t last; /* sequence; 0: none */
    struct stream_memory_entry entries[STREAM_MEMORY];
};

/* Messages that follow each other, by their sequences; 0: none. */
struct stream_span {
    uint64_t first, last;
};

/* What somebody has read. */
struct stream_reading {
    uint64_t sequence; /* of the last message; 0: nothing */
    uint64_t page;     /* sum of its page up to it, */
    uint64_t before;   /* and of the page before; 0: it is not known */
};

enum stream_likeness { STREAM_SAME, STREAM_OTHER, STREAM_UNKNOWN };

/* Returns the first sequence of a message's page. Sequences begin with 1. */
uint64_t stream_memory_page_of(uint64_t sequence);

/* Returns the sum of a message, and the time with which it was published. It is not 0. */
uint64_t stream_memory_sum(const void *bytes, size_t length, int64_t time);

/* Remembers a message. Its sequence is above the last one's. */
void stream_memory_keep(struct stream_memory *memory, uint64_t sequence, uint64_t sum);

/* Returns the sum of a message; 0 if it is not remembered. */
uint64_t stream_memory_sum_of(const struct stream_memory *memory, uint64_t sequence);

/* Returns whether a message is the one that has this sequence here. */
enum stream_likeness stream_memory_compare(const struct stream_memory *memory, uint64_t sequence,
                                           uint64_t sum);

/* Returns what was read here, for others; */
struct stream_reading stream_memory_reading(const struct stream_memory *memory);

/* and whether what somebody else has read is the same, as far as it was read here. */
enum stream_likeness stream_memory_compare_reading(const struct stream_memory *memory,
                                                   const struct stream_reading *reading);

/* Returns the first sequence that a reading has a sum of. */
uint64_t stream_memory_first_of(const struct stream_reading *reading);

#endif
