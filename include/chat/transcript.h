/*
 * transcript: the last messages of a room, or some of them, with the number and the time of each.
 * It is bounded: the oldest ones give way, or no more are added.
 *
 * It has no lock: it belongs to one thread, or is guarded by its owner's lock.
 */
#ifndef CHAT_TRANSCRIPT_H
#define CHAT_TRANSCRIPT_H

#include "base/buffer.h"
#include "chat/archive.h"
#include "chat/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRANSCRIPT_ROOM_BYTES ((size_t)256 * 1024) /* of one room, at most */

/* All zero is empty, and has no room for a message. */
struct transcript {
    size_t most_messages, most_bytes; /* limits */
    struct buffer records;
    size_t count;
};

/*
 * Adds a copy of a message: its kind, number, time, name, text and room. The oldest ones are
 * removed to make room. Returns false, with the transcript empty, when memory is out or the limits
 * leave no room: so what it has is always without a hole, up to what was added last.
 */
bool transcript_add(struct transcript *transcript, const struct message *message);

/*
 * The same for a page, which is read on from its end: the oldest ones stay. Returns false, with the
 * transcript unchanged, when the limits leave no room or memory is out; an empty one has room for
 * any message, however long.
 */
bool transcript_append(struct transcript *transcript, const struct message *message);

/* Changes how many messages it may have. The oldest ones give way. */
void transcript_limit(struct transcript *transcript, size_t most_messages);

/*
 * Add or append a copy of what an archive has, to the transcript that `context` points to: a
 * message or a gap, a MESSAGE_GAP with the number of the first missing message. Each is an
 * archive_visit_message: the first wants to see all, the second ends at what does not fit.
 */
bool transcript_add_archived(void *context, const struct archive_message *message);
bool transcript_append_archived(void *context, const struct archive_message *message);

/*
 * Return the number of the oldest message, and the last one that the newest stands for; 0 if there
 * is none.
 */
uint64_t transcript_first(const struct transcript *transcript);
uint64_t transcript_end(const struct transcript *transcript);

/*
 * Reads the message at *place, and moves *place to the next; 0 is the place of the oldest. Returns
 * false behind the newest. What it refers to is valid until the transcript is next changed.
 */
bool transcript_next(const struct transcript *transcript, size_t *place, struct message *message);

/* Returns the last number that a message stands for: its own, or that of the end of a gap. */
uint64_t transcript_last(const struct message *message);

/*
 * Returns the place of the first message that stands for a number above `seq`, and of the first of
 * the newest `count` ones.
 */
size_t transcript_above(const struct transcript *transcript, uint64_t seq);
size_t transcript_newest(const struct transcript *transcript, size_t count);

/* Frees what the transcript holds; it is then empty. */
void transcript_free(struct transcript *transcript);

#endif
