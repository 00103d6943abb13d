#include "base/platform.h"

#include "chat/absence.h"
#include "net/outbox.h"

#define SHOWN_BYTES ((size_t)1024 * 1024) /* of one room, at most */

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

enum archive_result absence_show_kept(struct session *session, past_pause *pause, void *context)
{
    struct archive *accounts = session->chat->accounts;
    struct user *user = session->user;
    struct transcript kept = {.most_messages = ARCHIVE_KEPT_MAX, .most_bytes = SHOWN_BYTES};
    struct past past = past_history("");
    if (accounts == NULL)
        return ARCHIVE_NONE;
    enum archive_result result =
        accounts->people->take_messages(accounts, words_of(user->name), add_kept, &kept);
    if (result == ARCHIVE_OK)
        past_show_all(&past, user, &kept, pause, context);
    transcript_free(&kept);
    return result;
}

static bool was_absent(const struct session *session)
{
    return session->chat->archive != NULL && session->absent_from != 0;
}

enum archive_result absence_count(struct session *session, archive_names *names, void *context,
                                  struct archive_count *count)
{
    struct archive *archive = session->chat->archive;
    const struct user *user = session->user;
    enum archive_result result = ARCHIVE_OK;
    *count = (struct archive_count){0, 0};
    if (!was_absent(session))
        return ARCHIVE_NONE;
    for (struct member *member = user->members; member != NULL; member = member->next) {
        struct archive_count here;
        result =
            archive->talk->count(archive, words_of(room_name(member->room)), session->absent_from,
                                 session->absent_to, words_of(user->name), names, context, &here);
        if (result != ARCHIVE_OK && result != ARCHIVE_NONE)
            return result;
        count->messages += here.messages;
        count->naming += here.naming;
    }
    return ARCHIVE_OK;
}

/* What is shown of a room. */
struct missed {
    struct transcript transcript;
    int64_t to;
};

static bool add_missed(void *context, const struct archive_message *message)
{
    struct missed *missed = context;
    if (message->time < missed->to)
        transcript_add_archived(&missed->transcript, message);
    return true;
}

enum archive_result absence_show(struct session *session, past_pause *pause, void *context)
{
    struct archive *archive = session->chat->archive;
    enum archive_result result = ARCHIVE_OK;
    struct past past = past_history(room_name(session->current->room));
    if (!was_absent(session))
        return ARCHIVE_NONE;
    for (struct member *member = session->user->members; member != NULL; member = member->next) {
        struct missed missed = {{.most_messages = ABSENCE_SHOWN_MAX, .most_bytes = SHOWN_BYTES},
                                session->absent_to};
        result =
            archive->talk->since(archive, words_of(room_name(member->room)), session->absent_from,
                                 ABSENCE_SHOWN_MAX, add_missed, &missed, NULL);
        if (result == ARCHIVE_OK)
            past_show_all(&past, session->user, &missed.transcript, pause, context);
        transcript_free(&missed.transcript);
        if (result != ARCHIVE_OK && result != ARCHIVE_NONE)
            return result;
    }
    return ARCHIVE_OK;
}
