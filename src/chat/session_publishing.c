#include "base/platform.h"

#include "base/clock.h"
#include "chat/archive.h"
#include "chat/room.h"
#include "chat/room_delivery.h"
#include "chat/room_history.h"
#include "chat/room_policy.h"
#include "chat/sanctions.h"
#include "chat/session_publishing.h"

#include <errno.h>

enum { PIECE_BYTES = 60 * 1024 }; /* published at once; about as much as one read returns */

bool session_say(struct session *session, enum message_kind kind, const char *text, size_t length)
{
    bool is_shared = session->chat->ordering != NULL; /* then the time is the author's */
    const struct message message = {.kind = kind,
                                    .author = session->user->id,
                                    .time = is_shared ? clock_utc() : 0,
                                    .name = words_of(session->user->name),
                                    .text = {text, length}};
    return batch_add_clean(&session->unsaid, &message);
}

bool session_is_full(const struct session *session)
{
    return batch_memory(&session->unsaid) >= PIECE_BYTES;
}

bool session_has_said(const struct session *session)
{
    return session->unsaid.count > 0;
}

bool session_is_muted(const struct session *session, int64_t *end)
{
    struct sanction mute;
    bool muted = sanctions_find_name(session->chat->sanctions, SANCTION_MUTE, session->user->name,
                                     clock_utc(), &mute);
    if (muted)
        *end = mute.end;
    return muted;
}

static bool is_alone(struct session *session)
{
    return room_count(session->current->room) == 1;
}

/* Finds out why the user may not speak in its current room; it may by now. */
static enum session_heard why_refused(struct session *session)
{
    if (session_is_muted(session, &session->muted_until))
        return SESSION_MUTED;
    enum room_permission permission =
        room_ask(session->current->room, session->user, &session->muted_until);
    return permission == ROOM_MODERATED ? SESSION_MODERATED : SESSION_MUTED_IN_ROOM;
}

/* Publishes what is not published yet. A session that is alone before and after was not heard. */
static enum session_heard publish(struct session *session)
{
    size_t published;
    bool alone = is_alone(session);
    int error = room_publish(session->current, &session->unsaid, &published);
    if (error == EACCES)
        return why_refused(session);
    if (error == ENOMEM)
        return published == 0 ? SESSION_NO_MEMORY : SESSION_CUT_SHORT;
    if (error != 0) /* it is not told how much of it was sent */
        return error == EINPROGRESS || published > 0 ? SESSION_UNSURE : SESSION_UNLINKED;
    return alone && is_alone(session) ? SESSION_UNHEARD : SESSION_HEARD;
}

enum session_heard session_publish(struct session *session)
{
    enum session_heard heard = SESSION_HEARD;
    if (session->unsaid.count > 0) {
        room_restore_again(session->current->room);
        heard = publish(session);
    }
    batch_free(&session->unsaid);
    return heard;
}

void session_settle(struct session *session)
{
    for (struct member *member = session->user->members; member != NULL; member = member->next)
        room_sync(member->room);
}

/* What the user itself has published was in every outbox when session_publish() returned. */
bool session_sync(struct session *session)
{
    struct archive *archive = session->chat->archive;
    session_settle(session);
    if (archive == NULL)
        return true;
    bool whole = !atomic_exchange(&session->user->local->unstored, false);
    for (struct member *member = session->user->members; member != NULL; member = member->next)
        room_restore(member->room);
    return archive->talk->sync(archive) == ARCHIVE_OK && whole;
}
