#include "base/platform.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/text.h"
#include "chat/keeping.h"
#include "chat/room.h"
#include "chat/room_delivery.h"
#include "chat/room_policy.h"
#include "chat/session_policy.h"
#include "chat/session_telling.h"

#include <errno.h>

int session_set_topic(struct session *session, const char *text, size_t length)
{
    struct buffer clean = {0};
    int error = text_tidy(&clean, text, length) ? 0 : ENOMEM;
    if (error == 0 && buffer_length(&clean) > ROOM_TOPIC_MAX)
        error = EMSGSIZE;
    if (error == 0)
        error = room_set_topic(session->current,
                               (struct words){buffer_bytes(&clean), buffer_length(&clean)},
                               clock_utc());
    buffer_free(&clean);
    session->kept = keeping_store(session->chat, session->current->room);
    return error;
}

/*
 * Whoever has shut a room may rely on that, also if the server is killed now: waits until the
 * archive knows of it, whether the room is kept or not. Returns false if it will not.
 */
static bool guard_is_stored(const struct chat *chat)
{
    return chat->archive == NULL || chat->ordering != NULL ||
           chat->archive->talk->sync(chat->archive) == ARCHIVE_OK;
}

int session_change_room(struct session *session, enum message_kind kind, const char *key)
{
    int error = room_change(session->current, kind, key);
    session->kept = keeping_store(session->chat, session->current->room);
    if (error == 0 && !guard_is_stored(session->chat))
        session->kept = KEPT_NOT_STORED;
    return error;
}

enum kept session_keep_room(struct session *session)
{
    return session->kept = keeping_resume(session->chat, session->user, session->current->room);
}

enum kept session_let_room_go(struct session *session, const char *name)
{
    return session->kept = keeping_end(session->chat, session->user, name);
}

int session_invite(struct session *session, struct user *invited)
{
    const struct user *user = session->user;
    const struct member *member = session->current;
    struct user_text text = {0};
    const struct message message = {.kind = MESSAGE_INVITE,
                                    .author = user->id,
                                    .room = words_of(room_name(member->room)),
                                    .name = words_of(user->name)};
    int error = user_render(invited, &message, &text) ? room_invite(member, invited) : ENOMEM;
    if (error == 0 && user_wants(invited, &message))
        session_queue_private(session, invited, &message, &text);
    buffer_free(&text.bytes);
    session->kept = keeping_store(session->chat, member->room);
    return error;
}

/* Whom somebody asks for the floor. */
struct request {
    const struct message *message;
    struct ordering *ordering;
    struct change *change; /* the same, for a leader that is remote */
    unsigned asked;
};

static void ask_leader(void *context, struct user *leader)
{
    struct request *request = context;
    request->change->user = leader->id;
    if (user_is_remote(leader))
        request->asked += ordering_send(request->ordering, leader, request->change) == 0;
    else
        request->asked += user_send(leader, request->message);
}

unsigned session_raise_hand(struct session *session)
{
    const struct user *user = session->user;
    struct room *room = session->current->room;
    const struct message message = {.kind = MESSAGE_HAND,
                                    .author = user->id,
                                    .room = words_of(room_name(room)),
                                    .name = words_of(user->name)};
    struct change change = {.kind = CHANGE_HAND,
                            .room = message.room,
                            .author = user->id,
                            .author_name = message.name,
                            .time = clock_utc()};
    struct request request = {
        .message = &message, .ordering = session->chat->ordering, .change = &change};
    room_await_gate(session->current, message_bytes(&message));
    room_visit_leaders(room, ask_leader, &request);
    return request.asked;
}
