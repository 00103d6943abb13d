#include "base/platform.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "chat/directory.h"
#include "chat/judging.h"
#include "chat/room.h"
#include "chat/session_membership.h"
#include "chat/session_publishing.h"
#include "chat/session_verdicts.h"
#include "net/link.h"
#include "net/outbox.h"

#include <errno.h>
#include <string.h>

/*
 * Pauses between two calls. Returns false when it has taken too long, or this user is called
 * itself: two who kick each other do not wait for each other.
 */
static bool keeps_calling(const struct session *session, int64_t deadline)
{
    if (clock_now() >= deadline || !session_is_connected(session) ||
        !verdict_box_is_empty(&session->user->local->verdicts))
        return false;
    clock_sleep_until(clock_now() + JUDGING_CALL_INTERVAL);
    return true;
}

/* Calls a user of this machine that has a verdict. Returns whether it is still in the room (NULL:
 * the chat). */
static bool is_still_in(const struct session *session, uint64_t id, const struct room *room)
{
    struct directory *directory = session->chat->directory;
    struct user *user = directory_find_id(directory, id);
    if (user == NULL)
        return false;
    if (!user_is_remote(user))
        judging_call(user);
    bool is_in = room == NULL || directory_is_in(directory, user, room);
    user_release(user);
    return is_in;
}

/* Waits until a verdict is executed, and the session's user was told. Returns whether it is. */
static bool see_through(struct session *session, uint64_t id, const struct verdict *verdict,
                        int64_t deadline)
{
    const struct room *room = verdict->kind == VERDICT_EXPEL ? session->current->room : NULL;
    bool waits;
    while ((waits = is_still_in(session, id, room)) && keeps_calling(session, deadline))
        ;
    if (!waits)
        session_settle(session);
    return !waits;
}

/* Passes a verdict of the session's user. Returns as judging_pass(). */
static int pass(struct session *session, struct user *user, const struct verdict *verdict)
{
    return judging_pass(session->chat, session->user->name, session->current->room, user, verdict);
}

/*
 * Has the machine of a remote user pass a verdict, whose heir may just be taking its place there.
 * Returns as ordering_send().
 */
static int pass_on(struct session *session, const struct user *user, const struct verdict *verdict)
{
    const struct user *judge = session->user;
    int64_t deadline = clock_now() + JUDGING_PATIENCE;
    struct change change = {.kind = CHANGE_KICK,
                            .user = user->id,
                            .author = judge->id,
                            .author_name = words_of(judge->name),
                            .text = words_of(verdict->sanction.reason),
                            .time = clock_utc()};
    if (verdict->kind == VERDICT_EXPEL)
        change.room = words_of(room_name(session->current->room));
    int error;
    do
        error = ordering_send(session->chat->ordering, user, &change);
    while (error == ESRCH && is_still_in(session, user->id, NULL) &&
           keeps_calling(session, deadline));
    return error == ESRCH ? 0 : error; /* it has left */
}

/* Passes a verdict on the user who has this id now. Returns as judging_pass(). */
static int pass_here(struct session *session, struct user *user, const struct verdict *verdict)
{
    struct user *judged = user;
    int error;
    user_acquire(judged);
    while (judged != NULL && (error = pass(session, judged, verdict)) == ESRCH) {
        user_release(judged);
        judged = directory_find_id(session->chat->directory, user->id);
    }
    if (judged == NULL) /* the heir has left */
        return 0;
    user_release(judged);
    return error;
}

int session_judge(struct session *session, struct user *user, const struct verdict *verdict)
{
    struct chat *chat = session->chat;
    uint64_t id = user->id;           /* it may come in anew, with another one */
    if (atomic_load(&chat->unlinked)) /* who leaves would wait for its turn */
        return EHOSTUNREACH;
    int error =
        user_is_remote(user) ? pass_on(session, user, verdict) : pass_here(session, user, verdict);
    if (error != 0 || see_through(session, id, verdict, clock_now() + JUDGING_PATIENCE))
        return error;
    /* Among several machines it waits for its turn, and comes in anew if they forget this one. */
    return !user_is_remote(user) && atomic_load(&chat->unlinked) ? ETIMEDOUT : 0;
}

/* Whether somebody of those whom a ban reaches is still here. */
static bool any_stays(const struct session *session, const struct buffer *reached)
{
    const char *bytes = buffer_bytes(reached);
    bool any = false;
    for (size_t at = 0; at < buffer_length(reached); at += sizeof(uint64_t)) {
        uint64_t id;
        memcpy(&id, bytes + at, sizeof id);
        any = is_still_in(session, id, NULL) || any;
    }
    return any;
}

void session_enforce(struct session *session, const struct sanction *ban)
{
    int64_t deadline = clock_now() + JUDGING_PATIENCE;
    struct buffer reached = {0};
    bool waits;
    judging_pass_ban(session->chat, ban, session->user, &reached);
    while ((waits = any_stays(session, &reached)) && keeps_calling(session, deadline))
        ;
    if (!waits)
        session_settle(session);
    buffer_free(&reached);
}

void session_heed_bans(struct session *session)
{
    struct sanctions *sanctions = session->chat->sanctions;
    struct link *link = outbox_link(session->user->outbox);
    struct verdict verdict = {.kind = VERDICT_BAN};
    int64_t now = clock_utc();
    if (!sanctions_find_address(sanctions, SANCTION_BAN, link_address(link), now,
                                &verdict.sanction) &&
        !sanctions_find_name(sanctions, SANCTION_BAN, session->user->name, now, &verdict.sanction))
        return;
    if (verdict_add(&session->user->local->verdicts, &verdict) == 0)
        link_end(link, LINK_KICKED);
    else
        link_kill(link, LINK_OUT_OF_MEMORY);
}

/*
 * Takes the verdicts on a user; keeps one that has it leave the chat, and returns the others. A
 * verdict that is taken is not called for any more, so whoever takes it ends the link as well as
 * whoever has passed it: the thread waits for no more input.
 */
static struct verdict *take_verdicts(struct session *session)
{
    struct verdict *rest = NULL;
    struct verdict **end = &rest;
    struct verdict *verdict = verdict_take_all(&session->user->local->verdicts);
    while (verdict != NULL) {
        if (verdict->kind == VERDICT_EXPEL) {
            *end = verdict;
            end = &verdict->next;
            verdict = verdict->next;
        } else if (session->kicked == NULL) {
            session->kicked = verdict;
            link_end(outbox_link(session->user->outbox), LINK_KICKED);
            verdict = verdict->next;
        } else {
            verdict = verdict_free(verdict);
        }
    }
    *end = NULL;
    return rest;
}

bool session_obey(struct session *session)
{
    bool any = !verdict_box_is_empty(&session->user->local->verdicts);
    for (struct verdict *verdict = take_verdicts(session); verdict != NULL;) {
        session_leave_as_told(session, verdict->room, verdict->words);
        verdict = verdict_free(verdict);
    }
    return any;
}

void session_settle_verdicts(struct session *session)
{
    for (struct verdict *verdict = take_verdicts(session); verdict != NULL;)
        verdict = verdict_free(verdict);
}

void session_bequeath_verdicts(struct session *session, struct user *heir)
{
    struct verdict *verdict = verdict_box_close(&session->user->local->verdicts);
    if (session->kicked != NULL) {
        session->kicked->next = verdict;
        verdict = session->kicked;
        session->kicked = NULL;
    }
    if (verdict == NULL)
        return;
    while (verdict != NULL) {
        struct verdict *next = verdict->next;
        verdict_put(&heir->local->verdicts, verdict);
        verdict = next;
    }
    link_call(outbox_link(heir->outbox));
}
