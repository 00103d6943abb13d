#include "base/platform.h"

#include "chat/ignore_list.h"
#include "chat/recall.h"
#include "chat/room_history.h"

/* What is asked for, and how much of it the room has in memory. */
struct recollection {
    const struct ignore_list *ignored; /* what is left out; NULL: nothing */
    size_t visited;                    /* messages of the archive */
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
    recollection->visited++;
    if (recollection->first != 0 && message->seq >= recollection->first)
        return false;
    if (ignore_list_omits_author(recollection->ignored, message->author))
        return true;
    if (recollection->first != 0 && message->last >= recollection->first) /* a gap there alone */
        older.last = recollection->first - 1;
    if (recollection->newest)
        return transcript_add_archived(recollection->out, &older);
    recollection->full = !transcript_append_archived(recollection->out, &older);
    return !recollection->full;
}

/*
 * Adds what the archive has from before what is in memory, of so many messages. Returns false if it
 * has failed, or does not know the room yet.
 */
static bool add_archived(struct archive *archive, const struct room *room, int64_t time,
                         size_t count, struct recollection *recollection)
{
    struct words name = words_of(room_name(room));
    enum archive_result result =
        recollection->newest
            ? archive->talk->before(archive, name, recollection->first, count, add_older,
                                    recollection, NULL)
            : archive->talk->since(archive, name, time, count, add_older, recollection, NULL);
    return result == ARCHIVE_OK;
}

/* How many messages of the archive are looked through, at most, for others than are left out. */
enum { VISITED_MAX = 4096 };

/*
 * The same, but for what is left out: until `count` are found, or there are no more. To find the
 * newest, it looks further and further back.
 */
static bool add_unignored(struct archive *archive, const struct room *room, int64_t time,
                          size_t count, struct recollection *recollection)
{
    size_t limit = recollection->newest ? count : VISITED_MAX;
    bool well = add_archived(archive, room, time, limit, recollection);
    while (well && recollection->newest && recollection->out->count < count &&
           recollection->visited >= limit && limit < VISITED_MAX) {
        transcript_free(recollection->out);
        recollection->visited = 0;
        limit = limit < VISITED_MAX / 4 ? 4 * limit : VISITED_MAX;
        well = add_archived(archive, room, time, limit, recollection);
    }
    if (!recollection->newest && recollection->visited >= limit)
        recollection->full = true; /* what is in memory does not follow */
    return well;
}

static size_t count_shown(const struct transcript *memory, const struct ignore_list *ignored)
{
    struct message message;
    size_t count = 0;
    for (size_t place = 0; transcript_next(memory, &place, &message);)
        count += !ignore_list_omits(ignored, &message);
    return count;
}

static void add_memory(struct recollection *recollection, const struct transcript *memory)
{
    struct message message;
    for (size_t place = 0; !recollection->full && transcript_next(memory, &place, &message);)
        if (ignore_list_omits(recollection->ignored, &message))
            continue;
        else if (recollection->newest)
            transcript_add(recollection->out, &message);
        else
            recollection->full = !transcript_append(recollection->out, &message);
}

/* Reads what is in memory: all of it, if something is left out. */
static void read_memory(struct room *room, int64_t time, bool all, const struct transcript *out,
                        struct transcript *memory)
{
    size_t count = all ? SIZE_MAX : out->most_messages;
    *memory = (struct transcript){.most_messages = count, .most_bytes = out->most_bytes};
    if (time == 0)
        room_recall_newest(room, count, memory);
    else
        room_recall_since(room, time, count, memory);
}

bool recall_room(struct archive *archive, struct room *room, int64_t time,
                 const struct ignore_list *ignored, struct transcript *out)
{
    struct transcript memory;
    bool omits = ignore_list_count(ignored) > 0;
    room_restore_again(room);
    read_memory(room, time, omits, out, &memory);
    struct recollection recollection = {.ignored = omits ? ignored : NULL,
                                        .out = out,
                                        .first = transcript_first(&memory),
                                        .newest = time == 0};
    size_t shown = time == 0 ? count_shown(&memory, recollection.ignored) : 0;
    size_t wanted = shown < out->most_messages ? out->most_messages - shown : 0;
    bool whole = archive == NULL || wanted == 0 ||
                 (room_is_archived(room) && (omits ? add_unignored : add_archived)(
                                                archive, room, time, wanted, &recollection));
    if (!whole) {
        transcript_free(out);
        recollection.full = false;
    }
    add_memory(&recollection, &memory);
    transcript_free(&memory);
    return whole;
}
