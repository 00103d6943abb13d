#include "base/platform.h"

#include "base/buffer.h"
#include "chat/archive.h"
#include "chat/keeping.h"
#include "chat/past.h"
#include "chat/recall.h"
#include "chat/room.h"
#include "chat/room_history.h"
#include "chat/room_policy.h"
#include "chat/rooms.h"
#include "chat/session_history.h"
#include "chat/session_membership.h"
#include "chat/transcript.h"
#include "net/outbox.h"

#include <stdlib.h>
#include <string.h>

enum {
    FOUND_MAX = 10,      /* results of one search */
    SEARCHED_MAX = 2048, /* rooms of one search; as ARCHIVE_SEARCH_ROOMS_MAX */
    RESUMED_PAGE = 256   /* messages that are read from the archive at once */
};

#define RECALLED_BYTES ((size_t)4 * 1024 * 1024) /* of messages that are shown for one request */

size_t session_show_history(struct session *session, size_t count, int64_t time, past_pause *pause,
                            void *context)
{
    struct room *room = session->current->room;
    struct transcript recalled = {.most_messages = count, .most_bytes = RECALLED_BYTES};
    struct past past = past_history(room_name(room));
    recall_room(session->chat->archive, room, time, &recalled);
    size_t shown = past_show_all(&past, session->user, &recalled, pause, context);
    transcript_free(&recalled);
    return shown;
}

/* The names of rooms that may be searched. */
struct searched {
    struct words names[SEARCHED_MAX];
    char bytes[SEARCHED_MAX][NAME_SIZE];
    size_t count;
};

static void add_searched(struct searched *searched, const char *name)
{
    strcpy(searched->bytes[searched->count], name);
    searched->names[searched->count] = words_of(searched->bytes[searched->count]);
    searched->count++;
}

/* Those in which the user is, or may come in just so; also if nobody is in them, as they are kept.
 */
static void choose_rooms(struct session *session, struct searched *searched)
{
    struct rooms *rooms = session->chat->rooms;
    struct kept_room kept = {.number = 0};
    struct room *room;
    uint64_t after = 0;
    while (searched->count < SEARCHED_MAX && (room = rooms_after(rooms, after)) != NULL) {
        after = room_number(room);
        if (session_member(session, room) != NULL || room_is_open_to(room, session->user))
            add_searched(searched, room_name(room));
        rooms_release(rooms, room);
    }
    while (searched->count < SEARCHED_MAX && keeping_next(session->chat, session->user, &kept))
        if (kept.may_enter)
            add_searched(searched, kept.name);
}

/* The results of a search, and the id of the oldest, below which the next search goes on. */
struct found {
    struct transcript transcript;
    uint64_t oldest;
};

static void find(void *context, const struct archive_message *message)
{
    struct found *found = context;
    if (found->transcript.count == 0)
        found->oldest = message->id;
    transcript_add_archived(&found->transcript, message);
}

enum archive_result session_search(struct session *session, size_t *shown, past_pause *pause,
                                   void *context)
{
    struct archive *archive = session->chat->archive;
    struct words words = {buffer_bytes(&session->sought), buffer_length(&session->sought)};
    struct found found = {{.most_messages = FOUND_MAX, .most_bytes = RECALLED_BYTES}, 0};
    struct past past = past_history(room_name(session->current->room));
    struct searched *searched = malloc(sizeof *searched);
    if (searched == NULL)
        return ARCHIVE_FAILED;
    searched->count = 0;
    choose_rooms(session, searched);
    enum archive_result result =
        archive->talk->search(archive, words, searched->names, searched->count,
                              session->sought_below, FOUND_MAX, find, &found);
    if (result == ARCHIVE_OK)
        *shown = past_show_all(&past, session->user, &found.transcript, pause, context);
    if (*shown > 0)
        session->sought_below = found.oldest;
    transcript_free(&found.transcript);
    free(searched);
    return result;
}

bool session_seek(struct session *session, const char *words, size_t length)
{
    buffer_free(&session->sought);
    session->sought_below = 0;
    return buffer_append(&session->sought, words, length);
}

/* Tells a member that nothing has the numbers behind *seq, up to `last`; moves *seq there. */
static void skip_to(struct session *session, struct member *member, uint64_t *seq, uint64_t last)
{
    struct past past = past_again(room_name(session->current->room));
    const struct message skipped = {.kind = MESSAGE_SKIP,
                                    .room = words_of(room_name(member->room)),
                                    .seq = *seq + 1,
                                    .counts = {.unnamed = (unsigned)(last - *seq)}};
    past_show(&past, session->user, &skipped);
    *seq = last;
}

/* Sends a page of what followed a message, from the archive; moves *seq behind it. */
static enum session_resumed resume_page(struct session *session, struct member *member,
                                        uint64_t *seq, uint64_t *first)
{
    struct archive *archive = session->chat->archive;
    struct transcript page = {.most_messages = RESUMED_PAGE, .most_bytes = RECALLED_BYTES};
    struct archive_bounds bounds;
    struct past past = past_again(room_name(session->current->room));
    struct message message;
    enum archive_result result =
        archive->talk->after(archive, words_of(room_name(member->room)), *seq, RESUMED_PAGE,
                             transcript_add_archived, &page, &bounds);
    bool kept = result == ARCHIVE_OK && bounds.first <= *seq + 1 && *seq <= bounds.last;
    for (size_t place = 0; kept && transcript_next(&page, &place, &message);) {
        past_show(&past, session->user, &message);
        *seq = transcript_last(&message);
    }
    outbox_flush(session->user->outbox);
    transcript_free(&page);
    if (result == ARCHIVE_OK && !kept)
        *first = bounds.first;
    return kept ? SESSION_RESUMED : result == ARCHIVE_OK ? SESSION_GONE : SESSION_NOT_RESUMED;
}

/* Ends that a member is suspended, which has not resumed. */
static void go_on(struct member *member, uint64_t sent)
{
    uint64_t first;
    if (!room_resume(member, sent, &first))
        room_go_on(member);
}

/* Resumes behind a message that is not in memory any more. */
static enum session_resumed resume_from_archive(struct session *session, struct member *member,
                                                uint64_t seq, uint64_t *first, past_pause *pause,
                                                void *context)
{
    enum session_resumed resumed = SESSION_RESUMED;
    bool reads = true;
    uint64_t sent = room_suspend(member);
    while (resumed == SESSION_RESUMED && reads && !room_resume(member, seq, first)) {
        uint64_t before = seq;
        resumed = resume_page(session, member, &seq, first);
        /* The archive has nothing behind it, and memory begins later: a crash has left a gap. */
        if (resumed == SESSION_RESUMED && seq == before)
            skip_to(session, member, &seq, *first - 1);
        reads = pause(context);
    }
    if (resumed != SESSION_RESUMED || !reads)
        go_on(member, sent);
    return resumed;
}

enum session_resumed session_resume(struct session *session, struct member *member, uint64_t seq,
                                    uint64_t *first, past_pause *pause, void *context)
{
    if (room_resume(member, seq, first))
        return SESSION_RESUMED;
    if (session->chat->archive == NULL || !room_is_archived(member->room))
        return SESSION_GONE;
    return resume_from_archive(session, member, seq, first, pause, context);
}
