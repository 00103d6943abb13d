/*
 * looks: how the names of a row of messages look, to be compared with those of people who are
 * ignored. It has no lock: its owner guards it.
 */
#ifndef CHAT_LOOKS_H
#define CHAT_LOOKS_H

#include "chat/message.h"
#include "chat/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a name looks: name_hash() in each view. All zero: as no name. */
struct name_looks {
    uint64_t hash[NAME_VIEWS];
};

/* Returns the looks of a name that need not end with a NUL. What is too long is no name. */
struct name_looks name_looks_of(struct words name);

/* The looks of some names, by index. NULL is the empty row. */
struct looks;

size_t looks_count(const struct looks *looks);
const struct name_looks *looks_at(const struct looks *looks, size_t index);

/* Adds those of one more name. Returns false when memory is out. */
bool looks_add(struct looks **looks, const struct name_looks *name);

/* Removes those behind the first `count`. */
void looks_truncate(struct looks *looks, size_t count);

/* Removes all. What takes more than `kept` bytes of memory is freed. */
void looks_empty(struct looks **looks, size_t kept);

#endif
