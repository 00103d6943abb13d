#include "base/platform.h"

#include "base/clock.h"
#include "base/number.h"
#include "cluster/stream_inside.h"
#include "cluster/stream_message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* When it was published, by the clock of who did: milliseconds as clock_utc(). */
static const char time_header[] = "Partyline-Time";

natsStatus stream_message_create(natsMsg **message, const struct stream *stream, const void *bytes,
                                 size_t length)
{
    char time[32];
    snprintf(time, sizeof time, "%" PRId64, clock_utc());
    natsStatus status = natsMsg_Create(message, stream->subject, NULL, bytes, (int)length);
    if (status == NATS_OK)
        status = natsMsgHeader_Set(*message, time_header, time);
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

void stream_message_give(natsMsg *message, struct stream *stream, uint64_t sequence)
{
    int64_t time = read_time(message);
    stream->last = sequence;
    stream->given = clock_now();
    if (stream->known < sequence)
        stream->known = sequence;
    stream->follower.receive(stream->follower.context, sequence, time, natsMsg_GetData(message),
                             (size_t)natsMsg_GetDataLength(message));
}
