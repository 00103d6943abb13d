/*
 * batch: the messages that are delivered together, whoever their authors are.
 *
 * A room's messages form one sequence, and a batch is a contiguous part of it. While one batch is
 * delivered to all members, the next one collects the messages that are published meanwhile. So the
 * busier the room is, the more messages one send carries.
 *
 * A batch is rendered once for each format and encoding that a member has, and for each width of a
 * screen, when the first such member is sent it. All members for which these are the same share
 * those bytes.
 *
 * A batch has no lock: it belongs to one thread, or is guarded by its owner's lock.
 */
#ifndef CHAT_BATCH_H
#define CHAT_BATCH_H

#include "base/buffer.h"
#include "chat/format.h"
#include "chat/ignore_list.h"
#include "chat/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch_entry;
struct encoding;

/* The messages of a batch in one format and encoding (net/encoding.h). */
struct rendering {
    const struct format *format;
    const struct encoding *encoding;
    unsigned columns; /* width of the screens; 0: for peers without a screen */
    struct buffer bytes;
    size_t *ends; /* end offset of each message; the first message begins at 0 */
    size_t count; /* number of messages rendered so far */
    size_t capacity;
    struct rendering *next;
};

struct batch {
    uint64_t number;      /* position among the room's batches, from 1 */
    uint64_t first;       /* sequence number of the first message */
    struct words room;    /* name of the room, which must outlive the batch; may be empty */
    struct buffer memory; /* names and texts */
    struct batch_entry *entries;
    size_t count, capacity;
    struct rendering *renderings;
    struct looks *looks;   /* of the names, for readers that ignore somebody; NULL: none so far */
    unsigned screens;      /* number of renderings for screens */
    struct clock_local at; /* batch_time(), or a date of 0 before its first call */
    int64_t time;          /* clock_utc() of messages without a time of their own; 0: not set */
    bool presence;         /* a user joined or left while the batch was open */
    bool names;            /* or was given another name */
    size_t left_out; /* messages that readers were not sent which were sent the rest; all readers */
};

/* Somebody to whom a batch is sent. */
struct batch_reader {
    uint64_t id;                       /* of the user */
    const struct ignore_list *ignored; /* what it does not want to be sent; NULL: nothing */
};

/* A range of messages in a batch, by index: from `begin` to before `end`. */
struct batch_range {
    size_t begin, end;
};

/*
 * Adds a copy of a message. Returns false, with the batch unchanged, when memory is out. An
 * all-zero batch is empty.
 */
bool batch_add(struct batch *batch, const struct message *message);

/*
 * As batch_add(), with the text cleaned and stripped of blanks at both ends (text_tidy()). If
 * nothing is left of the text, adds nothing and returns true.
 */
bool batch_add_clean(struct batch *batch, const struct message *message);

/*
 * Tells how the author of what is said from index `begin` on looks, which saves finding it out. It
 * costs next to nothing until a reader of this batch, or of one before, has ignored somebody.
 */
void batch_know_looks(struct batch *batch, size_t begin, const struct name_looks *looks);

/*
 * Lets `count` users, an array of their ids (uint64_t), not be sent the message that was added last
 * (batch_is_for()). Returns false, with the batch unchanged, when memory is out. For a message that
 * was just added.
 */
bool batch_spare(struct batch *batch, const void *users, size_t count);

/*
 * Numbers the messages from index `begin` on that are counted (message_is_counted()), each by one
 * more than the last. Returns the last number, `last` if there is none.
 */
uint64_t batch_count_from(struct batch *batch, size_t begin, uint64_t last);

/* Adds copies of messages of another batch. Returns as batch_add(): adds all of them or none. */
bool batch_append(struct batch *batch, const struct batch *other, struct batch_range range);

/* Returns the message at an index. Its name and text are valid until the batch is next changed. */
struct message batch_message(const struct batch *batch, size_t index);

/* Returns the bytes that all messages count as (message_bytes()). */
size_t batch_bytes(const struct batch *batch);

/* Returns the bytes of memory that the messages occupy, without renderings. */
size_t batch_memory(const struct batch *batch);

/* Returns the range of all messages. */
struct batch_range batch_all(const struct batch *batch);

/* Returns the range of the messages whose sequence number is `since` or above. */
struct batch_range batch_since(const struct batch *batch, uint64_t since);

/*
 * Returns the batch in a format and an encoding (NULL: text as it is), valid until the batch is
 * next emptied; NULL when memory is out. Messages that were added since the last call are rendered
 * by the next one. For one thread at a time.
 */
const struct rendering *batch_render(struct batch *batch, const struct format *format,
                                     const struct encoding *encoding);

/*
 * As batch_render(), for screens of `columns` columns. Also returns NULL if the batch has many such
 * renderings already: their number is bounded, and so is their memory.
 */
const struct rendering *batch_render_for_screen(struct batch *batch, const struct format *format,
                                                const struct encoding *encoding, unsigned columns);

/* Returns the time that terminals show with the messages: the time of the first call. */
struct clock_local batch_time(struct batch *batch);

/*
 * Returns the bytes of the whole batch if this format and encoding are those of its first
 * rendering, and that is complete; otherwise NULL. The first rendering is the one that nearly all
 * members share.
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

/* Returns the bytes of a range of messages, and their number in *length. */
const char *rendering_bytes(const struct rendering *rendering, struct batch_range range,
                            size_t *length);

/*
 * Whether a reader is sent the message at an index: not if it has said the message itself, is
 * spared, or ignores it. How the names of a batch look is found out once for all readers that
 * ignore somebody, where it is not known (batch_know_looks()). For one thread at a time.
 */
bool batch_is_for(struct batch *batch, size_t index, const struct batch_reader *reader);

/*
 * Appends to `out` the bytes of those messages of a range that a reader is sent (batch_is_for());
 * the others are counted as left out. Returns false, with some of them appended, when memory is
 * out.
 */
bool batch_gather(struct batch *batch, const struct rendering *rendering, struct batch_range range,
                  const struct batch_reader *reader, struct buffer *out);

/* Removes messages at the end, so that `count` remain, from the renderings as well. */
void batch_truncate(struct batch *batch, size_t count);

/*
 * Empties the batch, and sets its number and the sequence number of its first message. Keeps a few
 * KiB of its memory for reuse.
 */
void batch_begin(struct batch *batch, uint64_t number, uint64_t first);

/* Frees what the batch holds; it is then empty. */
void batch_free(struct batch *batch);

#endif
