#include "base/platform.h"

#include "base/text.h"
#include "chat/batch.h"
#include "net/encoding.h"

#include <stdlib.h>
#include <string.h>

/* An empty batch keeps no array larger than this. */
#define KEPT_BYTES ((size_t)8 * 1024)

/* At most so many renderings are for screens. */
#define SCREENS_MAX 64

struct batch_entry {
    uint64_t author;
    uint64_t seq; /* as in struct message */
    size_t end; /* end offset of name, text, extras and spared users; the next entry begins there */
    uint32_t spared;      /* number of users that are spared */
    uint16_t name_length; /* bytes */
    uint8_t kind;         /* enum message_kind */
    bool timed;           /* it has a time of its own */
};

static bool lengthen(void **array, size_t *capacity, size_t least, size_t size)
{
    size_t longer = *capacity == 0 ? 4 : *capacity;
    while (longer < least)
        longer *= 2;
    if (longer <= *capacity)
        return true;
    void *memory = realloc(*array, longer * size);
    if (memory == NULL)
        return false;
    *array = memory;
    *capacity = longer;
    return true;
}

static bool reserve_entries(struct batch *batch, size_t more)
{
    void *entries = batch->entries;
    bool reserved =
        lengthen(&entries, &batch->capacity, batch->count + more, sizeof(struct batch_entry));
    batch->entries = entries;
    return reserved;
}

/* Adds the entry of a message whose name and text have just been appended to the memory. */
static void add_entry(struct batch *batch, const struct message *message)
{
    batch->entries[batch->count++] =
        (struct batch_entry){.author = message->author,
                             .seq = message->seq,
                             .end = buffer_length(&batch->memory),
                             .name_length = (uint16_t)message->name.length,
                             .kind = (uint8_t)message->kind,
                             .timed = message->time != 0};
}

/* The bytes that are kept of its counts, behind its text; most messages count nothing. */
static size_t counts_size(enum message_kind kind)
{
    return kind == MESSAGE_SUMMARY ? sizeof(struct message_counts) : 0;
}

/* The bytes that are kept of its time, behind its counts; most messages have that of the batch. */
static size_t time_size(bool timed)
{
    return timed ? sizeof(int64_t) : 0;
}

bool batch_add(struct batch *batch, const struct message *message)
{
    size_t counts = counts_size(message->kind);
    size_t time = time_size(message->time != 0);
    size_t length = message->name.length + message->text.length + counts + time;
    if (!reserve_entries(batch, 1) || buffer_reserve(&batch->memory, length) == NULL)
        return false;
    buffer_append(&batch->memory, message->name.bytes, message->name.length);
    buffer_append(&batch->memory, message->text.bytes, message->text.length);
    buffer_append(&batch->memory, (const char *)&message->counts, counts);
    buffer_append(&batch->memory, (const char *)&message->time, time);
    add_entry(batch, message);
    return true;
}

bool batch_spare(struct batch *batch, const void *users, size_t count)
{
    struct batch_entry *last = &batch->entries[batch->count - 1];
    if (!buffer_append(&batch->memory, users, count * sizeof(uint64_t)))
        return false;
    last->spared = (uint32_t)count;
    last->end = buffer_length(&batch->memory);
    return true;
}

uint64_t batch_count_from(struct batch *batch, size_t begin, uint64_t last)
{
    for (size_t i = begin; i < batch->count; i++)
        if (message_is_counted(batch->entries[i].kind))
            batch->entries[i].seq = ++last;
    return last;
}

bool batch_add_clean(struct batch *batch, const struct message *message)
{
    size_t before = buffer_length(&batch->memory);
    size_t text = before + message->name.length;
    bool whole = reserve_entries(batch, 1) &&
                 buffer_append(&batch->memory, message->name.bytes, message->name.length) &&
                 text_tidy(&batch->memory, message->text.bytes, message->text.length);
    bool empty = buffer_length(&batch->memory) == text;
    whole = whole && (empty || buffer_append(&batch->memory, (const char *)&message->time,
                                             time_size(message->time != 0)));
    if (whole && !empty)
        add_entry(batch, message);
    else
        buffer_truncate(&batch->memory, before);
    return whole;
}

/* Returns the offset of the name of the message at an index. */
static size_t begin_of(const struct batch *batch, size_t index)
{
    return index == 0 ? 0 : batch->entries[index - 1].end;
}

bool batch_append(struct batch *batch, const struct batch *other, struct batch_range range)
{
    size_t begin = begin_of(other, range.begin);
    size_t end = begin_of(other, range.end);
    size_t before = buffer_length(&batch->memory);
    if (!reserve_entries(batch, range.end - range.begin) ||
        !buffer_append(&batch->memory, buffer_bytes(&other->memory) + begin, end - begin))
        return false;
    for (size_t i = range.begin; i < range.end; i++) {
        batch->entries[batch->count] = other->entries[i];
        batch->entries[batch->count++].end += before - begin;
    }
    return true;
}

struct message batch_message(const struct batch *batch, size_t index)
{
    const struct batch_entry *entry = &batch->entries[index];
    size_t begin = begin_of(batch, index);
    size_t counts = counts_size(entry->kind);
    size_t time = time_size(entry->timed);
    size_t end = entry->end - entry->spared * sizeof(uint64_t) - time - counts;
    const char *name = buffer_bytes(&batch->memory) + begin;
    struct message message = {.kind = entry->kind,
                              .author = entry->author,
                              .room = batch->room,
                              .seq = entry->seq,
                              .time = batch->time,
                              .name = {name, entry->name_length},
                              .text = {name + entry->name_length, end - begin - entry->name_length},
                              .at = batch->at};
    if (counts > 0)
        memcpy(&message.counts, buffer_bytes(&batch->memory) + end, counts);
    if (time > 0)
        memcpy(&message.time, buffer_bytes(&batch->memory) + end + counts, time);
    return message;
}

size_t batch_bytes(const struct batch *batch)
{
    return buffer_length(&batch->memory) + batch->count * MESSAGE_FRAME_BYTES;
}

size_t batch_memory(const struct batch *batch)
{
    return buffer_length(&batch->memory) + batch->count * sizeof *batch->entries;
}

struct batch_range batch_all(const struct batch *batch)
{
    return (struct batch_range){0, batch->count};
}

struct batch_range batch_since(const struct batch *batch, uint64_t since)
{
    struct batch_range range = batch_all(batch);
    if (since > batch->first)
        range.begin =
            since - batch->first < batch->count ? (size_t)(since - batch->first) : batch->count;
    return range;
}

/*
 * Renderings.
 */

static struct rendering *rendering_in(struct batch *batch, const struct format *format,
                                      const struct encoding *encoding, unsigned columns)
{
    struct rendering *rendering = batch->renderings;
    while (rendering != NULL && (rendering->format != format || rendering->encoding != encoding ||
                                 rendering->columns != columns))
        rendering = rendering->next;
    if (rendering != NULL || (columns > 0 && batch->screens == SCREENS_MAX))
        return rendering;
    rendering = calloc(1, sizeof *rendering);
    if (rendering == NULL)
        return NULL;
    rendering->format = format;
    rendering->encoding = encoding;
    rendering->columns = columns;
    batch->screens += columns > 0;
    struct rendering **last = &batch->renderings; /* the most used one stays first */
    while (*last != NULL)
        last = &(*last)->next;
    *last = rendering;
    return rendering;
}

static bool reserve_rendering(struct rendering *rendering, const struct batch *batch)
{
    void *ends = rendering->ends;
    size_t bytes = batch_bytes(batch);
    bool reserved =
        lengthen(&ends, &rendering->capacity, batch->count, sizeof *rendering->ends) &&
        (rendering->bytes.memory != NULL || buffer_reserve(&rendering->bytes, bytes) != NULL);
    rendering->ends = ends;
    return reserved;
}

/* Renders and encodes a message. Returns false, with nothing appended, when memory is out. */
static bool render(struct rendering *rendering, const struct message *message)
{
    const struct encoding *encoding = rendering->encoding;
    struct buffer *bytes = &rendering->bytes;
    size_t before = buffer_length(bytes);
    struct buffer text = {0};
    bool whole = rendering->format->render(message, encoding == NULL ? bytes : &text);
    if (whole && encoding != NULL)
        whole =
            encoding->encode(buffer_bytes(&text), buffer_length(&text), rendering->columns, bytes);
    buffer_free(&text);
    if (!whole)
        buffer_truncate(bytes, before);
    return whole;
}

struct clock_local batch_time(struct batch *batch)
{
    if (batch->at.date == 0)
        batch->at = clock_local();
    return batch->at;
}

static const struct rendering *render_all(struct batch *batch, struct rendering *rendering)
{
    if (rendering == NULL || !reserve_rendering(rendering, batch))
        return NULL;
    while (rendering->count < batch->count) {
        struct message message = batch_message(batch, rendering->count);
        if (!render(rendering, &message))
            return NULL;
        rendering->ends[rendering->count++] = buffer_length(&rendering->bytes);
    }
    return rendering;
}

const struct rendering *batch_render(struct batch *batch, const struct format *format,
                                     const struct encoding *encoding)
{
    return render_all(batch, rendering_in(batch, format, encoding, 0));
}

const struct rendering *batch_render_for_screen(struct batch *batch, const struct format *format,
                                                const struct encoding *encoding, unsigned columns)
{
    batch_time(batch);
    return render_all(batch, rendering_in(batch, format, encoding, columns));
}

const char *rendering_bytes(const struct rendering *rendering, struct batch_range range,
                            size_t *length)
{
    size_t begin = range.begin == 0 ? 0 : rendering->ends[range.begin - 1];
    size_t end = range.end == 0 ? 0 : rendering->ends[range.end - 1];
    *length = end - begin;
    return buffer_bytes(&rendering->bytes) + begin;
}

static bool is_spared(const struct batch *batch, const struct batch_entry *entry, uint64_t user)
{
    const char *spared =
        buffer_bytes(&batch->memory) + entry->end - entry->spared * sizeof(uint64_t);
    for (size_t i = 0; i < entry->spared; i++)
        if (memcmp(spared + i * sizeof user, &user, sizeof user) == 0)
            return true;
    return false;
}

static struct words name_at(const struct batch *batch, size_t index)
{
    return (struct words){buffer_bytes(&batch->memory) + begin_of(batch, index),
                          batch->entries[index].name_length};
}

/* Whether a message is said by the author of the one before it, under the same name. */
static bool goes_on(const struct batch *batch, size_t index)
{
    const struct batch_entry *entry = &batch->entries[index];
    return index > 0 && message_is_speech(entry[-1].kind) && entry->author == entry[-1].author &&
           entry->name_length == entry[-1].name_length &&
           memcmp(name_at(batch, index).bytes, name_at(batch, index - 1).bytes,
                  entry->name_length) == 0;
}

/* Returns the looks of the message that comes next to those whose looks are there. */
static struct name_looks next_looks(const struct batch *batch)
{
    size_t index = looks_count(batch->looks);
    if (!message_is_speech(batch->entries[index].kind)) /* nobody asks for them */
        return (struct name_looks){{0}};
    if (goes_on(batch, index))
        return *looks_at(batch->looks, index - 1);
    return name_looks_of(name_at(batch, index));
}

/* Finds out how the names of the first `count` messages look. Returns false without memory. */
static bool find_looks(struct batch *batch, size_t count)
{
    while (looks_count(batch->looks) < count) {
        struct name_looks looks = next_looks(batch);
        if (!looks_add(&batch->looks, &looks))
            return false;
    }
    return true;
}

/*
 * Returns how the name of a message looks, which takes longer to find out than all else. All zero
 * without memory: then people are ignored by their ids alone.
 */
static struct name_looks looks_of(struct batch *batch, size_t index)
{
    if (!find_looks(batch, index + 1))
        return (struct name_looks){{0}};
    return *looks_at(batch->looks, index);
}

void batch_know_looks(struct batch *batch, size_t begin, const struct name_looks *looks)
{
    if (batch->looks == NULL || !find_looks(batch, begin))
        return;
    while (looks_count(batch->looks) < batch->count && looks_add(&batch->looks, looks))
        ;
}

static bool is_ignored(struct batch *batch, size_t index, const struct ignore_list *list)
{
    enum message_kind kind = batch->entries[index].kind;
    if (!ignore_list_minds_author(list, kind))
        return ignore_list_omits_kind(list, kind);
    struct name_looks looks = looks_of(batch, index);
    return ignore_list_has(list, batch->entries[index].author, &looks);
}

static inline bool is_for(struct batch *batch, size_t index, const struct batch_reader *reader)
{
    const struct batch_entry *entry = &batch->entries[index];
    const struct message message = {.kind = entry->kind};
    bool own = entry->author == reader->id && message_spares_author(&message);
    return !own && (entry->spared == 0 || !is_spared(batch, entry, reader->id)) &&
           (reader->ignored == NULL || !is_ignored(batch, index, reader->ignored));
}

bool batch_is_for(struct batch *batch, size_t index, const struct batch_reader *reader)
{
    return is_for(batch, index, reader);
}

bool batch_gather(struct batch *batch, const struct rendering *rendering, struct batch_range range,
                  const struct batch_reader *reader, struct buffer *out)
{
    bool whole = true;
    struct batch_range piece = {range.begin, range.begin};
    while (piece.end < range.end && whole) {
        const char *bytes;
        size_t length;
        while (piece.end < range.end && is_for(batch, piece.end, reader))
            piece.end++;
        bytes = rendering_bytes(rendering, piece, &length);
        whole = buffer_append(out, bytes, length);
        piece.begin = piece.end;
        while (piece.end < range.end && !is_for(batch, piece.end, reader))
            piece.end++;
        batch->left_out += piece.end - piece.begin;
        piece.begin = piece.end;
    }
    return whole;
}

/* Removes a rendering from the list, and frees it. */
static void free_rendering(struct batch *batch, struct rendering **place)
{
    struct rendering *rendering = *place;
    *place = rendering->next;
    batch->screens -= rendering->columns > 0;
    buffer_free(&rendering->bytes);
    free(rendering->ends);
    free(rendering);
}

static void free_renderings(struct batch *batch)
{
    while (batch->renderings != NULL)
        free_rendering(batch, &batch->renderings);
}

/*
 * Empties the renderings for reuse by the next batch, and frees arrays that are large. A rendering
 * for screens that no member has any more is removed.
 */
static void empty_renderings(struct batch *batch)
{
    struct rendering **place = &batch->renderings;
    while (*place != NULL) {
        struct rendering *rendering = *place;
        if (rendering->columns > 0 && rendering->count == 0) {
            free_rendering(batch, place);
            continue;
        }
        rendering->count = 0;
        buffer_truncate(&rendering->bytes, 0);
        place = &rendering->next;
        if (rendering->bytes.capacity > KEPT_BYTES)
            buffer_free(&rendering->bytes);
        if (rendering->capacity * sizeof *rendering->ends > KEPT_BYTES) {
            free(rendering->ends);
            rendering->ends = NULL;
            rendering->capacity = 0;
        }
    }
}

void batch_truncate(struct batch *batch, size_t count)
{
    struct rendering *rendering = batch->renderings;
    for (; rendering != NULL; rendering = rendering->next) {
        if (rendering->count <= count)
            continue;
        buffer_truncate(&rendering->bytes, count == 0 ? 0 : rendering->ends[count - 1]);
        rendering->count = count;
    }
    looks_truncate(batch->looks, count);
    buffer_truncate(&batch->memory, begin_of(batch, count));
    batch->count = count;
}

void batch_begin(struct batch *batch, uint64_t number, uint64_t first)
{
    if (batch->memory.capacity > KEPT_BYTES ||
        batch->capacity * sizeof *batch->entries > KEPT_BYTES)
        batch_free(batch);
    empty_renderings(batch);
    looks_empty(&batch->looks, KEPT_BYTES);
    buffer_truncate(&batch->memory, 0);
    batch->count = 0;
    batch->number = number;
    batch->first = first;
    batch->at = (struct clock_local){0, 0};
    batch->time = 0;
    batch->presence = false;
    batch->names = false;
    batch->left_out = 0;
}

void batch_free(struct batch *batch)
{
    free_renderings(batch);
    free(batch->looks);
    buffer_free(&batch->memory);
    free(batch->entries);
    *batch = (struct batch){.room = batch->room, .number = batch->number, .first = batch->first};
}
