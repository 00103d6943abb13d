#include "base/platform.h"

#include "base/clock.h"
#include "chat/directory.h"
#include "chat/judging.h"
#include "chat/room.h"
#include "chat/session_membership.h"
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
        !verdict_box_is_empty(&session->user->verdicts))
        return false;
    clock_sleep_until(clock_now() + JUDGING_CALL_INTERVAL);
    return true;
}

/* Passes a verdict of the session's user. Returns as judging_pass(). */
static int pass(struct session *session, struct user *user, const struct verdict *verdict)
{
    return judging_pass(session->chat, session->user->name, session->current->room, user, verdict);
}

/* Has the machine of a remote user pass a verdict. Returns as ordering_send(). */
static int pass_on(struct session *session, const struct user *user, const struct verdict *verdict)
{
    const struct user *judge = session->user;
    struct change change = {.kind = CHANGE_KICK,
                            .user = user->id,
                            .author = judge->id,
                            .author_name = words_of(judge->name),
                            .text = words_of(verdict->sanction.reason),
                            .time = clock_utc()};
    if (verdict->kind == VERDICT_EXPEL)
        change.room = words_of(room_name(session->current->room));
    int error = ordering_send(session->chat->ordering, user, &change);
    return error == ESRCH ? 0 : error; /* it has left */
}

int session_judge(struct session *session, struct user *user, const struct verdict *verdict)
{
    if (user_is_remote(user))
        return pass_on(session, user, verdict);
    int64_t deadline = clock_now() + JUDGING_PATIENCE;
    struct user *judged = user;
    int error;
    user_acquire(judged);
    while (judged != NULL && (error = pass(session, judged, verdict)) == ESRCH) {
        user_release(judged);
        judged = directory_find_id(session->chat->directory, user->id);
    }
    if (judged == NULL) /* the heir has left */
        return 0;
    while (error == 0 && judging_call(judged) && keeps_calling(session, deadline))
        ;
    user_release(judged);
    return error;
}

/* Calls all of whom `concerns` says so. Returns whether one of them is still to take a verdict. */
static bool call_all(struct session *session, session_concerns *concerns, const void *context)
{
    struct directory *directory = session->chat->directory;
    struct user *user;
    bool waits = false;
    for (uint64_t id = 0; (user = directory_after(directory, id)) != NULL;) {
        id = user->id;
        if (!user_is_remote(user) && concerns(context, user))
            waits = judging_call(user) || waits;
        user_release(user);
    }
    return waits;
}

bool session_judge_all(struct session *session, session_concerns *concerns, const void *context,
                       const struct verdict *verdict)
{
    struct directory *directory = session->chat->directory;
    struct user *user;
    bool whole = true;
    for (uint64_t id = 0; (user = directory_after(directory, id)) != NULL;) {
        bool judged = user != session->user && !user_is_remote(user) && concerns(context, user);
        int error = judged ? pass(session, user, verdict) : 0;
        if (error != ESRCH) /* otherwise its heir has the id, and is the next */
            id = user->id;
        whole = whole && error != ENOMEM;
        user_release(user);
    }
    int64_t deadline = clock_now() + JUDGING_PATIENCE;
    while (call_all(session, concerns, context) && keeps_calling(session, deadline))
        ;
    return whole;
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
    if (verdict_add(&session->user->verdicts, &verdict) == 0)
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
    struct verdict *verdict = verdict_take_all(&session->user->verdicts);
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
    bool any = !verdict_box_is_empty(&session->user->verdicts);
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
    struct verdict *verdict = verdict_box_close(&session->user->verdicts);
    if (session->kicked != NULL) {
        session->kicked->next = verdict;
        verdict = session->kicked;
        session->kicked = NULL;
    }
    if (verdict == NULL)
        return;
    while (verdict != NULL) {
        struct verdict *next = verdict->next;
        verdict_put(&heir->verdicts, verdict);
        verdict = next;
    }
    link_call(outbox_link(heir->outbox));
}
