/*
 * The check for one order. The ledger records everything that one receiver reads that never talks,
 * the witness. Every other receiver keeps only a running hash of its lines, which costs a few
 * instructions per delivery. At the end the hash is computed again from the ledger, without the
 * lines of one author if the receiver is that author, and must be equal.
 *
 * This proves for every receiver that it read exactly the witness's lines, in the witness's order,
 * except its own. The witness's lines are checked for gaps, author by author.
 */
#ifndef BENCH_LEDGER_H
#define BENCH_LEDGER_H

#include "message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one receiver has read so far. Initially all zero. */
struct reading {
    uint64_t hash;
    uint64_t lines;
};

struct ledger;

#define LEDGER_NO_AUTHOR UINT32_MAX

/* Adds one message to a reading. */
static inline void reading_add(struct reading *reading, const struct message *message)
{
    uint64_t line = (uint64_t)message->author << 32 | message->number;
    uint64_t hash = (reading->hash ^ line) * UINT64_C(0x9e3779b97f4a7c15);

    reading->hash = hash ^ hash >> 29;
    reading->lines++;
}

/* An empty ledger for `authors` authors, or NULL with errno. ledger_free() frees it. */
struct ledger *ledger_new(uint32_t authors);
void ledger_free(struct ledger *ledger);

/* Records a message that the witness read. Ends the process when memory is out. */
void ledger_add(struct ledger *ledger, const struct message *message);

/*
 * How many lines were out of their author's sequence: repeated, reordered or after a gap. Each
 * author's numbers must run 0, 1, 2, ...
 */
uint64_t ledger_broken(const struct ledger *ledger);

/*
 * Whether the reading equals the ledger's first lines, without those of `author` (LEDGER_NO_AUTHOR:
 * with all of them). Returns false too if the reading has more lines than the ledger.
 */
bool ledger_agrees(struct ledger *ledger, uint32_t author, const struct reading *reading);

#endif
