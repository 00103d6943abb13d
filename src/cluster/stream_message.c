#include "base/platform.h"

#include "base/clock.h"
#include "base/number.h"
#include "cluster/stream.h"
#include "cluster/stream_doubt.h"
#include "cluster/stream_inside.h"
#include "cluster/stream_message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* struct stream_content's time. */
static const char time_header[] = "Partyline-Time";

/* What its publisher had read of the stream: struct stream_reading as hexadecimal numbers. */
static const char reading_header[] = "Partyline-Read";

natsStatus stream_message_create(natsMsg **message, struct stream *stream,
                                 const struct stream_content *content)
{
    char time[32];
    char read[64];
    const struct stream_reading reading = stream_doubt_reading(stream);
    snprintf(time, sizeof time, "%" PRId64, content->time);
    snprintf(read, sizeof read, "%" PRIx64 " %" PRIx64 " %" PRIx64, reading.sequence, reading.page,
             reading.before);
    natsStatus status =
        natsMsg_Create(message, stream->subject, NULL, content->bytes, (int)content->length);
    if (status == NATS_OK)
        status = natsMsgHeader_Set(*message, time_header, time);
    if (status == NATS_OK)
        status = natsMsgHeader_Set(*message, reading_header, read);
    return status;
}

/*
 * Copies the last value of a header, which is the server's; those before it are the publisher's.
 * Returns false if there is none, or not enough room.
 */
static bool read_last(natsMsg *message, const char *header, char *value, size_t size)
{
    const char **values = NULL;
    int count = 0;
    if (natsMsgHeader_Values(message, header, &values, &count) != NATS_OK || count == 0)
        return false;
    int length = snprintf(value, size, "%s", values[count - 1]);
    free(values);
    return length >= 0 && (size_t)length < size;
}

bool stream_message_read(natsMsg *message, const struct stream *stream, uint64_t *sequence)
{
    char name[STREAM_NAME_MAX + 1];
    char number[32];
    return read_last(message, "Nats-Stream", name, sizeof name) &&
           strcmp(name, stream->name) == 0 &&
           read_last(message, "Nats-Sequence", number, sizeof number) &&
           number_parse(number, 1, UINT64_MAX, sequence);
}

static int64_t read_time(natsMsg *message)
{
    const char *text = NULL;
    uint64_t time = 0;
    if (natsMsgHeader_Get(message, time_header, &text) == NATS_OK && text != NULL)
        number_parse(text, 0, INT64_MAX, &time);
    return (int64_t)time;
}

/* Reads a hexadecimal number. Returns where it ends, or NULL if there is none. */
static const char *read_number(const char *text, uint64_t *number)
{
    char *end = NULL;
    if (text == NULL)
        return NULL;
    *number = strtoull(text, &end, 16);
    return end != text ? end : NULL;
}

/* Returns what the publisher had read; nothing if the message does not tell. */
static struct stream_reading read_reading(natsMsg *message)
{
    struct stream_reading reading = {0};
    const char *text = NULL;
    if (natsMsgHeader_Get(message, reading_header, &text) != NATS_OK)
        return reading;
    text = read_number(text, &reading.sequence);
    text = read_number(text, &reading.page);
    text = read_number(text, &reading.before);
    return text != NULL ? reading : (struct stream_reading){0};
}

uint64_t stream_message_sum(natsMsg *message)
{
    return stream_memory_sum(natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message),
                             read_time(message));
}

bool stream_message_give(natsMsg *message, struct stream *stream, uint64_t sequence)
{
    const void *bytes = natsMsg_GetData(message);
    size_t length = (size_t)natsMsg_GetDataLength(message);
    const struct stream_reading reading = read_reading(message);
    int64_t time = read_time(message);
    if (!stream_doubt_accept(stream, &reading))
        return false;
    stream_doubt_keep(stream, sequence, stream_memory_sum(bytes, length, time));
    stream->last = sequence;
    stream->given = clock_now();
    if (stream->known < sequence)
        stream->known = sequence;
    if (sequence >= stream->begin)
        stream->follower.receive(stream->follower.context, sequence, time, bytes, length);
    return true;
}
