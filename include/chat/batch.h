/*
 * batch: the messages that are delivered together, by however many authors.
 *
 * A room's messages form one sequence, and a batch is a stretch of it. While one batch is delivered
 * to every member, the next one collects what is published meanwhile: the busier the room, the more
 * messages go out in one send.
 *
 * A batch is rendered once for each format and encoding that a member has, when the first such
 * member is sent it; all who have both share those bytes.
 */
#ifndef CHAT_BATCH_H
#define CHAT_BATCH_H

#include "base/buffer.h"
#include "chat/format.h"
#include "chat/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch_entry;
struct encoding;

/* The messages as one format and one encoding (net/encoding.h) have them. */
struct rendering {
    const struct format *format;
    const struct encoding *encoding;
    struct buffer bytes;
    size_t *ends; /* of each message; the first one begins at 0 */
    size_t count; /* of the messages that are in it */
    size_t capacity;
    struct rendering *next;
};

struct batch {
    uint64_t number;      /* of the room's batches, from 1 */
    uint64_t first;       /* the sequence number of the first message */
    struct buffer memory; /* names and texts */
    struct batch_entry *entries;
    size_t count, capacity;
    struct rendering *renderings;
    bool presence; /* somebody's coming or going is in it */
};

/* Which messages of a batch are meant, by index: from `begin` to before `end`. */
struct batch_range {
    size_t begin, end;
};

/*
 * Adds a copy of a message. Returns false, with nothing added, when memory is out. All zero is an
 * empty batch.
 */
bool batch_add(struct batch *batch, const struct message *message);

/*
 * The same, with the text cleaned and without blanks at its ends (base/text.h). Adds nothing, and
 * returns true, if nothing is left of it.
 */
bool batch_add_clean(struct batch *batch, const struct message *message);

/* Adds copies of another batch's messages. Returns as batch_add(): all of them or none. */
bool batch_append(struct batch *batch, const struct batch *other, struct batch_range range);

/* The message at an index; good until the batch is next changed. */
struct message batch_message(const struct batch *batch, size_t index);

/* How many bytes all messages count as (message_bytes()). */
size_t batch_bytes(const struct batch *batch);

/* How many bytes of memory they take. */
size_t batch_memory(const struct batch *batch);

/* All of its messages. */
struct batch_range batch_all(const struct batch *batch);

/* The messages from a sequence number on. */
struct batch_range batch_since(const struct batch *batch, uint64_t since);

/*
 * Returns the batch as a format and an encoding have it; NULL when memory is out. Good until the
 * batch is next emptied. What is added later is rendered by the next call. For one thread at a
 * time.
 */
const struct rendering *batch_render(struct batch *batch, const struct format *format,
                                     const struct encoding *encoding);

/*
 * The bytes of the whole batch in the form that is asked for most, the first one, if it is this one
 * and they are ready; otherwise NULL. This is what nearly everybody is sent.
 */
static inline const struct buffer *batch_shared(const struct batch *batch,
                                                const struct format *format,
                                                const struct encoding *encoding)
{
    const struct rendering *first = batch->renderings;
    bool ready = first != NULL && first->format == format && first->encoding == encoding &&
                 first->count == batch->count;
    return ready ? &first->bytes : NULL;
}

/* The bytes of some messages in a rendering; they have *length bytes. */
const char *rendering_bytes(const struct rendering *rendering, struct batch_range range,
                            size_t *length);

/* Whether the message at an index is for a user: what it said itself is not. */
bool batch_is_for(const struct batch *batch, size_t index, uint64_t user);

/*
 * Appends the bytes of those messages that `user` is to see: what it said itself is left out.
 * Returns false when memory is out.
 */
bool batch_gather(const struct batch *batch, const struct rendering *rendering,
                  struct batch_range range, uint64_t user, struct buffer *out);

/* Takes back the last messages, so that `count` remain, out of its renderings as well. */
void batch_truncate(struct batch *batch, size_t count);

/* Empties it, and gives it a number and the sequence number of its first message. */
void batch_begin(struct batch *batch, uint64_t number, uint64_t first);

/* Frees what it holds; it is then empty. */
void batch_free(struct batch *batch);

#endif
