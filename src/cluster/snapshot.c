#include "base/platform.h"

#include "cluster/snapshot.h"

#include <errno.h>
#include <stdlib.h>

static struct wire_header header_of(const struct snapshot *snapshot, size_t part)
{
    struct wire_header header = snapshot->header;
    header.number += part;
    return header;
}

/* Adds an empty part. */
static int add_part(struct snapshot *snapshot)
{
    if (snapshot->count == SNAPSHOT_PARTS_MAX)
        return EMSGSIZE;
    if (snapshot->count == snapshot->capacity) {
        size_t capacity = snapshot->capacity == 0 ? 4 : 2 * snapshot->capacity;
        struct buffer *parts = realloc(snapshot->parts, capacity * sizeof *parts);
        if (parts == NULL)
            return ENOMEM;
        snapshot->parts = parts;
        snapshot->capacity = capacity;
    }
    snapshot->parts[snapshot->count++] = (struct buffer){0};
    return 0;
}

static struct buffer *last_part(const struct snapshot *snapshot)
{
    return &snapshot->parts[snapshot->count - 1];
}

static int begin_part(struct snapshot *snapshot)
{
    const struct wire_header header = header_of(snapshot, snapshot->count);
    int error = add_part(snapshot);
    return error == 0 ? wire_begin(last_part(snapshot), &header) : error;
}

int snapshot_begin(struct snapshot *snapshot, const struct wire_header *header, uint64_t sequence)
{
    *snapshot = (struct snapshot){.sequence = sequence, .header = *header};
    return begin_part(snapshot);
}

int snapshot_add(struct snapshot *snapshot, const struct change *change)
{
    int error = 0;
    if (buffer_length(last_part(snapshot)) >= SNAPSHOT_PART_BYTES) {
        error = wire_seal(last_part(snapshot));
        if (error == 0)
            error = begin_part(snapshot);
    }
    return error == 0 ? wire_add(last_part(snapshot), change) : error;
}

int snapshot_end(struct snapshot *snapshot)
{
    return wire_seal(last_part(snapshot));
}

enum sealed_result snapshot_take(struct snapshot *snapshot, const void *bytes, size_t length,
                                 int *error)
{
    struct wire_reader reader;
    struct wire_header header;
    const struct wire_header wanted = header_of(snapshot, snapshot->count);
    enum sealed_result result = wire_open(&reader, bytes, length, &header);
    *error = 0;
    if (result != SEALED_OK)
        return result;
    if (header.node != wanted.node || header.boot != wanted.boot || header.number != wanted.number)
        return SEALED_GARBLED;
    *error = add_part(snapshot);
    if (*error == 0 && !buffer_append(last_part(snapshot), bytes, length))
        *error = ENOMEM;
    return SEALED_OK;
}

static void visit_part(const struct buffer *part,
                       void (*visit)(void *context, const struct change *change), void *context)
{
    struct wire_reader reader;
    struct wire_header header;
    struct change change;
    uint64_t list[WIRE_NUMBERS_MAX];
    if (wire_open(&reader, buffer_bytes(part), buffer_length(part), &header) != SEALED_OK)
        return;
    while (wire_next(&reader, &change)) {
        if (change.numbers.count > 0) {
            uint32_t count = wire_numbers(&change.numbers, list);
            change.numbers = (struct change_numbers){list, NULL, count};
        }
        visit(context, &change);
    }
}

void snapshot_visit(const struct snapshot *snapshot,
                    void (*visit)(void *context, const struct change *change), void *context)
{
    for (size_t i = 0; i < snapshot->count; i++)
        visit_part(&snapshot->parts[i], visit, context);
}

void snapshot_free(struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->count; i++)
        buffer_free(&snapshot->parts[i]);
    free(snapshot->parts);
    *snapshot = (struct snapshot){0};
}
