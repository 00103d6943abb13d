#include "base/platform.h"

#include "chat/recall.h"
#include "chat/room_history.h"

static enum archive_result read(struct archive *archive, const struct room *room, int64_t time,
                                struct transcript *out)
{
    struct words name = words_of(room_name(room));
    size_t count = out->most_messages;
    return time == 0
               ? archive->talk->before(archive, name, 0, count, transcript_add_archived, out, NULL)
               : archive->talk->since(archive, name, time, count, transcript_add_archived, out,
                                      NULL);
}

void recall_room(struct archive *archive, struct room *room, int64_t time, struct transcript *out)
{
    bool kept = archive != NULL && room_is_archived(room);
    if (kept && read(archive, room, time, out) == ARCHIVE_OK)
        return;
    transcript_free(out);
    if (time == 0)
        room_recall_newest(room, out->most_messages, out);
    else
        room_recall_since(room, time, out->most_messages, out);
}
