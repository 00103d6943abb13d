#include "base/platform.h"

#include "base/lock.h"
#include "cluster/stream_doubt.h"
#include "cluster/stream_inside.h"

#include <string.h>

/* Adds messages to a span; with what is between, if they do not touch. */
static void widen(struct stream_span *span, uint64_t first, uint64_t last)
{
    if (span->last == 0 || first < span->first)
        span->first = first;
    if (last > span->last)
        span->last = last;
}

void stream_doubt_keep(struct stream *stream, uint64_t sequence, uint64_t sum)
{
    lock_take(&stream->lock);
    stream_memory_keep(&stream->memory, sequence, sum);
    lock_release(&stream->lock);
}

struct stream_reading stream_doubt_reading(struct stream *stream)
{
    lock_take(&stream->lock);
    struct stream_reading reading = stream_memory_reading(&stream->memory);
    lock_release(&stream->lock);
    return reading;
}

void stream_doubt_compare(struct stream *stream, uint64_t sequence, uint64_t sum)
{
    lock_take(&stream->lock);
    if (stream_memory_compare(&stream->memory, sequence, sum) == STREAM_OTHER)
        widen(&stream->doubted, sequence, sequence);
    lock_release(&stream->lock);
}

bool stream_doubt_accept(struct stream *stream, const struct stream_reading *reading)
{
    uint64_t first = stream_memory_first_of(reading);
    uint64_t last = reading->sequence;
    lock_take(&stream->lock);
    if (last > stream->memory.last)
        last = stream->memory.last;
    bool believed = stream->believed.first <= first && last <= stream->believed.last;
    bool other =
        !believed && stream_memory_compare_reading(&stream->memory, reading) == STREAM_OTHER;
    if (other)
        widen(&stream->doubted, first, last);
    lock_release(&stream->lock);
    return !other;
}

void stream_doubt_add(struct stream *stream, const struct stream_span *span)
{
    lock_take(&stream->lock);
    if (span->last != 0)
        widen(&stream->doubted, span->first, span->last);
    lock_release(&stream->lock);
}

bool stream_doubt_stands(struct stream *stream)
{
    return stream_doubt_span(stream).last != 0;
}

struct stream_span stream_doubt_span(struct stream *stream)
{
    lock_take(&stream->lock);
    struct stream_span span = stream->doubted;
    lock_release(&stream->lock);
    return span;
}

/* What is believed is one span: the newer one, if they do not touch. */
void stream_doubt_end(struct stream *stream, const struct stream_span *span)
{
    lock_take(&stream->lock);
    if (span->first > stream->believed.last + 1 || span->last + 1 < stream->believed.first)
        stream->believed = *span;
    else
        widen(&stream->believed, span->first, span->last);
    /* There may be another one meanwhile. */
    if (stream->doubted.first == span->first && stream->doubted.last == span->last)
        stream->doubted = (struct stream_span){0};
    lock_release(&stream->lock);
}

void stream_doubt_forget(struct stream *stream)
{
    lock_take(&stream->lock);
    memset(&stream->memory, 0, sizeof stream->memory);
    stream->doubted = stream->believed = (struct stream_span){0};
    lock_release(&stream->lock);
}
