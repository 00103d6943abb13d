#include "base/platform.h"

#include "chat/recall.h"
#include "chat/room_history.h"

/* What is asked for, and how much of it the room has in memory. */
struct recollection {
    struct transcript *out;
    uint64_t first; /* number of the first message in memory; 0: there is none */
    bool newest; /* the newest are asked for; otherwise the first ones, as long as there is room */
    bool full;
};

/* Adds what is not in memory: the archive does not know its authors as persons any more. */
static bool add_older(void *context, const struct archive_message *message)
{
    struct recollection *recollection = context;
    struct archive_message older = *message;
    if (recollection->first != 0 && message->seq >= recollection->first)
        return false;
    if (recollection->first != 0 && message->last >= recollection->first) /* a gap there alone */
        older.last = recollection->first - 1;
    if (recollection->newest)
        return transcript_add_archived(recollection->out, &older);
    recollection->full = !transcript_append_archived(recollection->out, &older);
    return !recollection->full;
}

/* Adds what the archive has from before what is in memory. Returns false if it has failed. */
static bool add_archived(struct archive *archive, const struct room *room, int64_t time,
                         size_t count, struct recollection *recollection)
{
    struct words name = words_of(room_name(room));
    enum archive_result result =
        recollection->newest
            ? archive->talk->before(archive, name, recollection->first, count, add_older,
                                    recollection, NULL)
            : archive->talk->since(archive, name, time, count, add_older, recollection, NULL);
    return result == ARCHIVE_OK || result == ARCHIVE_NONE;
}

static void add_memory(struct recollection *recollection, const struct transcript *memory)
{
    struct message message;
    for (size_t place = 0; !recollection->full && transcript_next(memory, &place, &message);)
        if (recollection->newest)
            transcript_add(recollection->out, &message);
        else
            recollection->full = !transcript_append(recollection->out, &message);
}

void recall_room(struct archive *archive, struct room *room, int64_t time, struct transcript *out)
{
    size_t count = out->most_messages;
    struct transcript memory = {.most_messages = count, .most_bytes = out->most_bytes};
    if (time == 0)
        room_recall_newest(room, count, &memory);
    else
        room_recall_since(room, time, count, &memory);
    struct recollection recollection = {
        .out = out, .first = transcript_first(&memory), .newest = time == 0};
    size_t wanted = time == 0 ? count - memory.count : count;
    if (archive != NULL && room_is_archived(room) && wanted > 0 &&
        !add_archived(archive, room, time, wanted, &recollection)) {
        transcript_free(out);
        recollection.full = false;
    }
    add_memory(&recollection, &memory);
    transcript_free(&memory);
}
