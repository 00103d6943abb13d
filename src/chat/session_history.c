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
    past_show_all(&past, session->user, &recalled, pause, context);
    size_t shown = recalled.count;
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
    if (result == ARCHIVE_OK) {
        past_show_all(&past, session->user, &found.transcript, pause, context);
        *shown = found.transcript.count;
    }
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

/* A member that resumes, and how far it is. */
struct resuming {
    struct session *session;
    struct member *member;
    uint64_t seq;   /* the last number that it has, or knows to be missing */
    uint64_t first; /* the oldest number that is kept where it was looked for last */
    past_pause *pause;
    void *context;
    bool reads;
};

/* Tells the member that nothing has the numbers behind its own, up to `last`. */
static void skip_to(struct resuming *resuming, uint64_t last)
{
    struct session *session = resuming->session;
    struct past past = past_again(room_name(session->current->room));
    const struct message skipped = {.kind = MESSAGE_SKIP,
                                    .room = words_of(room_name(resuming->member->room)),
                                    .seq = resuming->seq + 1,
                                    .counts = {.unnamed = (unsigned)(last - resuming->seq)}};
    past_show(&past, session->user, &skipped);
    resuming->seq = last;
}

/* Sends a page, as fast as the reader takes it. */
static void send_page(struct resuming *resuming, const struct transcript *page)
{
    struct session *session = resuming->session;
    struct past past = past_again(room_name(session->current->room));
    struct message newest;
    size_t place = transcript_newest(page, 1);
    resuming->reads = past_show_all(&past, session->user, page, resuming->pause, resuming->context);
    if (transcript_next(page, &place, &newest))
        resuming->seq = transcript_last(&newest);
}

/* Sends a page of what the member is missing, from the archive. */
static enum session_resumed resume_page(struct resuming *resuming)
{
    struct archive *archive = resuming->session->chat->archive;
    struct transcript page = {.most_messages = RESUMED_PAGE, .most_bytes = RECALLED_BYTES};
    struct archive_bounds bounds;
    enum archive_result result =
        archive->talk->after(archive, words_of(room_name(resuming->member->room)), resuming->seq,
                             RESUMED_PAGE, transcript_add_archived, &page, &bounds);
    bool kept =
        result == ARCHIVE_OK && bounds.first <= resuming->seq + 1 && resuming->seq <= bounds.last;
    if (kept)
        send_page(resuming, &page);
    else if (result == ARCHIVE_OK)
        resuming->first = bounds.first;
    transcript_free(&page);
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
static enum session_resumed resume_from_archive(struct resuming *resuming)
{
    enum session_resumed resumed = SESSION_RESUMED;
    struct member *member = resuming->member;
    uint64_t sent = room_suspend(member);
    while (resumed == SESSION_RESUMED && resuming->reads &&
           !room_resume(member, resuming->seq, &resuming->first)) {
        uint64_t before = resuming->seq;
        resumed = resume_page(resuming);
        /* The archive has nothing behind it, and memory begins later: a crash has left a gap. */
        if (resumed == SESSION_RESUMED && resuming->seq == before)
            skip_to(resuming, resuming->first - 1);
        resuming->reads = resuming->reads && resuming->pause(resuming->context);
    }
    if (resumed != SESSION_RESUMED || !resuming->reads)
        go_on(member, sent);
    return resumed;
}

enum session_resumed session_resume(struct session *session, struct member *member, uint64_t seq,
                                    uint64_t *first, past_pause *pause, void *context)
{
    struct resuming resuming = {.session = session,
                                .member = member,
                                .seq = seq,
                                .pause = pause,
                                .context = context,
                                .reads = true};
    enum session_resumed resumed = SESSION_GONE;
    if (room_resume(member, seq, &resuming.first))
        resumed = SESSION_RESUMED;
    else if (session->chat->archive != NULL && room_is_archived(member->room))
        resumed = resume_from_archive(&resuming);
    *first = resuming.first;
    return resumed;
}
