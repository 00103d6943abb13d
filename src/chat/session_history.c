#include "base/platform.h"

#include "base/buffer.h"
#include "chat/archive.h"
#include "chat/ignore_list.h"
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
    FOUND_MAX = 10,     /* results of one search, */
    VISITED_MAX = 2560, /* and how many are looked through for those that are not ignored */
    SEARCHED_MAX = 2048 /* rooms of one search; as ARCHIVE_SEARCH_ROOMS_MAX */
};

#define RECALLED_BYTES ((size_t)4 * 1024 * 1024) /* of messages that are shown for one request */

/* Not the numbers that a crash has skipped: people are not shown that. */
static size_t count_said(const struct transcript *recalled)
{
    struct message message;
    size_t count = 0;
    for (size_t place = 0; transcript_next(recalled, &place, &message);)
        count += message.kind != MESSAGE_SKIP;
    return count;
}

bool session_show_history(struct session *session, size_t count, int64_t time, size_t *shown,
                          past_pause *pause, void *context)
{
    struct room *room = session->current->room;
    struct transcript recalled = {.most_bytes = RECALLED_BYTES};
    struct past past = past_history(room_name(room));
    size_t skipped = 0;
    bool whole;
    do { /* what was skipped is besides those that are asked for */
        transcript_free(&recalled);
        recalled.most_messages = count + skipped;
        whole =
            recall_room(session->chat->archive, room, time, user_ignored(session->user), &recalled);
        *shown = count_said(&recalled);
        skipped = recalled.count - *shown;
    } while (*shown < count && count + skipped > recalled.most_messages);
    past_show_all(&past, session->user, &recalled, pause, context);
    transcript_free(&recalled);
    return whole;
}

/* The names of rooms that may be searched. */
struct searched {
    struct words names[SEARCHED_MAX];
    char bytes[SEARCHED_MAX][NAME_SIZE];
    size_t ends[SEARCHED_MAX]; /* behind what is unheard of each */
    size_t count;
    bool lacks_some; /* of which the archive cannot tell now */
    const struct ignore_list *ignored;
    struct buffer unheard; /* numbers of what people who are ignored have said, under any name */
    bool out_of_memory;
};

static void add_searched(struct searched *searched, const char *name)
{
    strcpy(searched->bytes[searched->count], name);
    searched->names[searched->count] = words_of(searched->bytes[searched->count]);
    searched->ends[searched->count++] = buffer_length(&searched->unheard);
}

static bool is_ignored(const struct ignore_list *list, uint64_t author)
{
    for (size_t i = 0; i < ignore_list_count(list); i++)
        if (author != 0 && ignore_list_id(list, i) == author)
            return true;
    return false;
}

/* Notes what somebody has said who is ignored as a person. */
static void note_unheard(void *context, const struct message *message)
{
    struct searched *searched = context;
    if (is_ignored(searched->ignored, message->author) &&
        !buffer_append(&searched->unheard, &message->seq, sizeof message->seq))
        searched->out_of_memory = true;
}

static uint64_t unheard_at(const struct searched *searched, size_t place)
{
    uint64_t seq;
    memcpy(&seq, buffer_bytes(&searched->unheard) + place * sizeof seq, sizeof seq);
    return seq;
}

/* Returns the place of the first number of a room that is not below `seq`, or the end of them. */
static size_t place_of(const struct searched *searched, size_t room, uint64_t seq)
{
    size_t low = room > 0 ? searched->ends[room - 1] / sizeof seq : 0;
    size_t high = searched->ends[room] / sizeof seq;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (unheard_at(searched, middle) < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_named(struct words room, const char *name)
{
    return room.length == strlen(name) && memcmp(room.bytes, name, room.length) == 0;
}

/* Whether a message that an archive has is known to be of somebody who is ignored. */
static bool is_unheard(const struct searched *searched, const struct archive_message *message)
{
    size_t room = 0;
    if (ignore_list_omits_author(searched->ignored, message->author))
        return true;
    if (buffer_length(&searched->unheard) == 0)
        return false;
    while (room < searched->count && !is_named(message->room, searched->bytes[room]))
        room++;
    if (room == searched->count)
        return false;
    size_t place = place_of(searched, room, message->seq);
    return place < searched->ends[room] / sizeof message->seq &&
           unheard_at(searched, place) == message->seq;
}

/* Where the archive did not take a room, it may have the past of a former one of that name. */
static void add_if_archived(struct searched *searched, struct room *room)
{
    room_restore_again(room);
    if (!room_is_archived(room)) {
        searched->lacks_some = true;
        return;
    }
    if (ignore_list_count(searched->ignored) > 0)
        room_visit_said(room, note_unheard, searched);
    add_searched(searched, room_name(room));
}

/*
 * Those in which the user is, or may come in just so; also if nobody is in them, as they are kept.
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
            add_if_archived(searched, room);
        rooms_release(rooms, room);
    }
    while (searched->count < SEARCHED_MAX && keeping_next(session->chat, session->user, &kept))
        if (kept.may_enter)
            add_searched(searched, kept.name);
}

static void free_searched(struct searched *searched)
{
    buffer_free(&searched->unheard);
    free(searched);
}

/* Returns what is to be searched, or NULL when memory is out. */
static struct searched *search_rooms(struct session *session)
{
    struct searched *searched = malloc(sizeof *searched);
    if (searched == NULL)
        return NULL;
    searched->count = 0;
    searched->lacks_some = searched->out_of_memory = false;
    searched->ignored = user_ignored(session->user);
    searched->unheard = (struct buffer){0};
    choose_rooms(session, searched);
    if (!searched->out_of_memory)
        return searched;
    free_searched(searched);
    return NULL;
}

/* The newest results of a search that are not ignored. */
struct found {
    const struct searched *searched;
    struct transcript transcript;
    size_t visited, count;   /* of these, all that are not ignored */
    bool cut;                /* there may be older ones, which were not looked at */
    uint64_t oldest;         /* the id of the first that was visited, */
    uint64_t ids[FOUND_MAX]; /* and those of the transcript, in a ring */
};

static bool find(void *context, const struct archive_message *message)
{
    struct found *found = context;
    if (found->visited++ == 0)
        found->oldest = message->id;
    if (is_unheard(found->searched, message))
        return true;
    found->ids[found->count++ % FOUND_MAX] = message->id;
    return transcript_add_archived(&found->transcript, message);
}

/* The id below which the next search goes on. */
static uint64_t end_of(const struct found *found)
{
    return found->count < FOUND_MAX ? found->oldest : found->ids[found->count % FOUND_MAX];
}

/* Looks further and further back for results that are not ignored. */
static enum archive_result find_all(struct session *session, const struct searched *searched,
                                    struct found *found)
{
    struct archive *archive = session->chat->archive;
    struct words words = {buffer_bytes(&session->sought), buffer_length(&session->sought)};
    enum archive_result result;
    size_t limit = FOUND_MAX;
    bool more;
    do {
        transcript_free(&found->transcript);
        found->visited = found->count = 0;
        result = archive->talk->search(archive, words, searched->names, searched->count,
                                       session->sought_below, limit, find, found);
        more = result == ARCHIVE_OK && found->count < FOUND_MAX && found->visited == limit;
        limit *= 4;
    } while (more && limit <= VISITED_MAX);
    found->cut = more;
    return result;
}

enum archive_result session_search(struct session *session, size_t *shown, bool *cut,
                                   past_pause *pause, void *context)
{
    struct past past = past_history(room_name(session->current->room));
    struct searched *searched = search_rooms(session);
    if (searched == NULL)
        return ARCHIVE_FAILED;
    struct found found = {.searched = searched,
                          .transcript = {.most_messages = FOUND_MAX, .most_bytes = RECALLED_BYTES}};
    enum archive_result result = find_all(session, searched, &found);
    if (result == ARCHIVE_OK) {
        past_show_all(&past, session->user, &found.transcript, pause, context);
        *shown = found.transcript.count;
        if (*shown == 0 && searched->lacks_some)
            result = ARCHIVE_FAILED;
    }
    *cut = found.cut;
    if (*shown > 0 || *cut)
        session->sought_below = end_of(&found);
    transcript_free(&found.transcript);
    free_searched(searched);
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
    uint64_t first; /* the oldest number in memory; or, if it cannot resume, that is kept at all */
    past_pause *pause;
    void *context;
    bool reads;
    bool begun; /* it was sent something from the archive */
};

/* Sends a page, as fast as the reader takes it. */
static void send_page(struct resuming *resuming, const struct transcript *page)
{
    struct session *session = resuming->session;
    struct past past = past_again(room_name(session->current->room));
    resuming->reads = past_show_all(&past, session->user, page, resuming->pause, resuming->context);
    if (page->count > 0)
        resuming->seq = transcript_end(page);
}

/* Tells the member that nothing has the numbers behind its own, up to `last`. */
static void send_gap(struct resuming *resuming, uint64_t last)
{
    struct past past = past_again(room_name(resuming->session->current->room));
    const struct message gap = {.kind = MESSAGE_GAP,
                                .room = words_of(room_name(resuming->member->room)),
                                .seq = resuming->seq + 1,
                                .counts = {.missing = last - resuming->seq}};
    past_show(&past, resuming->session->user, &gap);
    resuming->seq = last;
}

/* What follows a number, up to what is in memory. */
struct older {
    struct transcript page;
    uint64_t end; /* the first number that is in memory */
};

static bool append_older(void *context, const struct archive_message *message)
{
    struct older *older = context;
    struct archive_message copy = *message;
    if (copy.seq >= older->end)
        return false;
    if (copy.last >= older->end) /* a gap in the archive alone */
        copy.last = older->end - 1;
    return transcript_append_archived(&older->page, &copy);
}

/*
 * Sends the page that the archive has for the member. There is a gap in front of it if that was
 * retired while the member was reading, and instead of it if the archive could not store what is no
 * more in memory.
 */
static enum session_resumed send_older(struct resuming *resuming, const struct older *older,
                                       const struct archive_bounds *bounds)
{
    bool retired = bounds->first > resuming->seq + 1;
    bool stored = resuming->seq < bounds->last;
    if (!resuming->begun && (retired || resuming->seq > bounds->last)) {
        resuming->first = bounds->first;
        return SESSION_GONE;
    }
    if (older->page.count == 0 && stored && !retired)
        return SESSION_NOT_RESUMED; /* memory is out */
    if (retired && bounds->first < older->end)
        send_gap(resuming, bounds->first - 1);
    else if (retired || !stored)
        send_gap(resuming, older->end - 1);
    send_page(resuming, &older->page);
    resuming->begun = true;
    return SESSION_RESUMED;
}

/* Sends a page of what the member is missing, from the archive. */
static enum session_resumed resume_page(struct resuming *resuming)
{
    struct archive *archive = resuming->session->chat->archive;
    struct older older = {RECALL_PAGE, resuming->first};
    struct archive_bounds bounds = {0, 0};
    enum session_resumed resumed = SESSION_NOT_RESUMED;
    enum archive_result result =
        archive->talk->after(archive, words_of(room_name(resuming->member->room)), resuming->seq,
                             older.page.most_messages, append_older, &older, &bounds);
    if (result == ARCHIVE_OK)
        resumed = send_older(resuming, &older, &bounds);
    else if (result == ARCHIVE_NONE &&
             bounds.first != 0) /* otherwise it has not taken the room yet */
        resumed = SESSION_GONE;
    if (resumed == SESSION_GONE)
        resuming->first = bounds.first;
    transcript_free(&older.page);
    return resumed;
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
        resumed = resume_page(resuming);
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
    room_restore_again(member->room);
    if (room_resume(member, seq, &resuming.first))
        resumed = SESSION_RESUMED;
    else if (session->chat->archive != NULL)
        resumed =
            room_is_archived(member->room) ? resume_from_archive(&resuming) : SESSION_NOT_RESUMED;
    *first = resuming.first;
    return resumed;
}
