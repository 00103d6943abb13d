#include "base/platform.h"

#include "chat/recall.h"
#include "chat/room_history.h"

/* What is asked for, and how much of it the room has in memory. */
struct recollection {
    struct transcript *out;
    uint64_t first; /* number of the first message in memory; 0: there is none */
};

/* Adds what is not in memory: the archive does not know its authors as persons any more. */
static void add_older(void *context, const struct archive_message *message)
{
    const struct recollection *recollection = context;
    if (recollection->first == 0 || message->seq < recollection->first)
        transcript_add_archived(recollection->out, message);
}

/* Adds what the archive has from before what is in memory. Returns false if it has failed. */
static bool add_archived(struct archive *archive, const struct room *room, int64_t time,
                         size_t count, struct recollection *recollection)
{
    struct words name = words_of(room_name(room));
    enum archive_result result =
        time == 0 ? archive->talk->before(archive, name, recollection->first, count, add_older,
                                          recollection, NULL)
                  : archive->talk->since(archive, name, time, count, add_older, recollection, NULL);
    return result == ARCHIVE_OK || result == ARCHIVE_NONE;
}

static void append(struct transcript *out, const struct transcript *more, size_t count)
{
    struct message message;
    for (size_t place = 0; out->count < count && transcript_next(more, &place, &message);)
        transcript_add(out, &message);
}

void recall_room(struct archive *archive, struct room *room, int64_t time, struct transcript *out)
{
    size_t count = out->most_messages;
    struct transcript memory = {.most_messages = count, .most_bytes = out->most_bytes};
    if (time == 0)
        room_recall_newest(room, count, &memory);
    else
        room_recall_since(room, time, count, &memory);
    struct recollection recollection = {out, transcript_first(&memory)};
    size_t wanted = time == 0 ? count - memory.count : count;
    if (archive != NULL && room_is_archived(room) && wanted > 0 &&
        !add_archived(archive, room, time, wanted, &recollection))
        transcript_free(out);
    append(out, &memory, count);
    transcript_free(&memory);
}
