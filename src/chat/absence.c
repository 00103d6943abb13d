#include "base/platform.h"

#include "chat/absence.h"
#include "chat/directory.h"
#include "chat/ignore_list.h"
#include "chat/recall.h"
#include "chat/room_history.h"
#include "net/link.h"
#include "net/outbox.h"

#include <string.h>

/* Of kept messages: ARCHIVE_KEPT_BYTES_MAX, and who has sent each, when. */
#define KEPT_BYTES ((size_t)1024 * 1024)

void absence_note(struct session *session, int64_t seen)
{
    session->absent_from = seen;
    session->absent_to = clock_utc();
}

/* Adds a message that the archive has to the transcript that `context` points to. */
static bool add_kept(void *context, const struct archive_message *kept)
{
    const struct message message = {.kind = MESSAGE_TELL,
                                    .time = kept->time,
                                    .room = {"", 0},
                                    .name = kept->author,
                                    .text = kept->text};
    transcript_add(context, &message);
    return true;
}

/* Keeps messages again that did not come to their reader, while they can be kept. */
static void give_back(struct archive *accounts, struct words name, const struct transcript *kept)
{
    struct message message;
    enum archive_result result = ARCHIVE_OK;
    for (size_t place = 0; (result == ARCHIVE_OK || result == ARCHIVE_FULL) &&
                           transcript_next(kept, &place, &message);)
        result = accounts->people->keep_message(accounts, name, message.name, message.time,
                                                message.text);
}

/* Notes who is answered by a reply to what is shown: the author of the last message. */
static void note_correspondent(struct session *session, const struct transcript *kept)
{
    char name[NAME_SIZE] = "";
    struct message message;
    for (size_t place = 0; transcript_next(kept, &place, &message);) {
        if (message.name.length >= sizeof name ||
            ignore_list_omits(user_ignored(session->user), &message))
            continue;
        memcpy(name, message.name.bytes, message.name.length);
        name[message.name.length] = '\0';
    }
    if (*name != '\0')
        directory_name_correspondent(session->chat->directory, session->user, name);
}

enum archive_result absence_show_kept(struct session *session, past_pause *pause, void *context)
{
    struct archive *accounts = session->chat->accounts;
    struct user *user = session->user;
    struct transcript kept = {.most_messages = ARCHIVE_KEPT_MAX, .most_bytes = KEPT_BYTES};
    struct past past = past_history("");
    struct link *link = outbox_link(user->outbox);
    if (accounts == NULL || link_reason(link) != LINK_OPEN)
        return ARCHIVE_NONE;
    enum archive_result result =
        accounts->people->take_messages(accounts, words_of(user->name), add_kept, &kept);
    bool taken = result == ARCHIVE_OK && kept.count > 0;
    if (taken)
        note_correspondent(session, &kept);
    if (taken && !(past_show_all(&past, user, &kept, pause, context) && pause(context)))
        give_back(accounts, words_of(user->name), &kept);
    transcript_free(&kept);
    return result;
}

static bool was_absent(const struct session *session)
{
    return session->chat->archive != NULL && session->absent_from != 0;
}

/* What is counted: what the user does not ignore. The list stays, as the user's thread waits. */
struct counting {
    const struct ignore_list *ignored;
    absence_names *names;
    void *context; /* for `names` */
};

static enum archive_worth judge(void *context, struct words author, struct words text)
{
    const struct counting *counting = context;
    if (ignore_list_omits_author(counting->ignored, author))
        return ARCHIVE_UNCOUNTED;
    return counting->names(counting->context, text) ? ARCHIVE_NAMING : ARCHIVE_COUNTED;
}

enum archive_result absence_count(struct session *session, absence_names *names, void *context,
                                  struct archive_count *count)
{
    struct archive *archive = session->chat->archive;
    const struct user *user = session->user;
    struct counting counting = {user_ignored(user), names, context};
    enum archive_result result = ARCHIVE_OK;
    *count = (struct archive_count){0, 0};
    if (!was_absent(session))
        return ARCHIVE_NONE;
    for (struct member *member = user->members; member != NULL; member = member->next) {
        struct archive_count here;
        if (!room_is_archived(member->room))
            continue;
        result =
            archive->talk->count(archive, words_of(room_name(member->room)), session->absent_from,
                                 session->absent_to, words_of(user->name), judge, &counting, &here);
        if (result != ARCHIVE_OK && result != ARCHIVE_NONE)
            return result;
        count->messages += here.messages;
        count->naming += here.naming;
    }
    return ARCHIVE_OK;
}

/* What is shown of a room, page after page. */
struct missed {
    const struct ignore_list *ignored;
    struct transcript page;
    int64_t to;
    uint64_t seq; /* the last number that was looked at; 0: none was */
    size_t left;  /* messages that may still be shown */
    bool full;    /* the page is */
    bool over;    /* what follows was said after the user had come back */
};

static bool add_missed(void *context, const struct archive_message *message)
{
    struct missed *missed = context;
    missed->over = message->time >= missed->to;
    if (missed->over)
        return false;
    missed->full = !ignore_list_omits_author(missed->ignored, message->author) &&
                   !transcript_append_archived(&missed->page, message);
    if (!missed->full)
        missed->seq = message->last;
    return !missed->full;
}

/* Reads the next page, which is empty behind the last one. */
static enum archive_result read_missed(const struct session *session, const struct member *member,
                                       struct missed *missed)
{
    struct archive *archive = session->chat->archive;
    struct words room = words_of(room_name(member->room));
    missed->page = RECALL_PAGE;
    missed->full = false;
    if (missed->page.most_messages > missed->left)
        missed->page.most_messages = missed->left;
    size_t limit = missed->page.most_messages;
    enum archive_result result =
        missed->seq == 0
            ? archive->talk->since(archive, room, session->absent_from, limit, add_missed, missed,
                                   NULL)
            : archive->talk->after(archive, room, missed->seq, limit, add_missed, missed, NULL);
    bool no_memory = missed->full && missed->page.count == 0;
    return no_memory ? ARCHIVE_FAILED : result;
}

/* Shows what was missed in one room. */
static enum archive_result show_room(struct session *session, const struct member *member,
                                     struct past *past, past_pause *pause, void *context)
{
    struct missed missed = {.ignored = user_ignored(session->user),
                            .to = session->absent_to,
                            .left = ABSENCE_SHOWN_MAX};
    enum archive_result result;
    bool more;
    do {
        uint64_t seq = missed.seq;
        result = read_missed(session, member, &missed);
        more = result == ARCHIVE_OK && missed.seq != seq &&
               past_show_all(past, session->user, &missed.page, pause, context) && !missed.over;
        missed.left -= missed.page.count;
        transcript_free(&missed.page);
    } while (more && missed.left > 0);
    return result;
}

enum archive_result absence_show(struct session *session, past_pause *pause, void *context)
{
    struct past past = past_history(room_name(session->current->room));
    if (!was_absent(session))
        return ARCHIVE_NONE;
    for (struct member *member = session->user->members; member != NULL; member = member->next) {
        if (!room_is_archived(member->room))
            continue;
        enum archive_result result = show_room(session, member, &past, pause, context);
        if (result != ARCHIVE_OK && result != ARCHIVE_NONE)
            return result;
    }
    return ARCHIVE_OK;
}
