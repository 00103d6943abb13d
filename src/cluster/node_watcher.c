#include "base/platform.h"

#include "chat/directory.h"
#include "chat/judging.h"
#include "chat/replica.h"
#include "chat/user.h"
#include "cluster/node_inside.h"

#include <stdio.h>

#define LINK_PATIENCE  (2 * CLOCK_SECOND) /* before users are told that the link is down */
#define WATCH_INTERVAL (100 * CLOCK_MILLISECOND)
#define CALM_INTERVAL  CLOCK_SECOND /* while the link is up */

/*
 * Has the link be up if both ways are open; `reason` tells why one of them is not, NULL that it is.
 * Wants the lock held.
 */
static void set_link(struct node *node, const char *reason)
{
    bool up = node->follows && !node->refused;
    if (reason != NULL)
        snprintf(node->trouble, sizeof node->trouble, "%s", reason);
    if (up == node->up)
        return;
    event_log_print(node->event_log, EVENT_LOG_EVENT, "The link to the other machines is %s%s%s",
                    up ? "up" : "down", up ? "" : ": ", up ? "" : node->trouble);
    node->up = up;
    if (!up) {
        node->down_since = clock_now();
        node->downs++;
    }
    condition_broadcast(&node->changed);
}

void node_note_link(void *context, bool follows, const char *reason)
{
    struct node *node = context;
    lock_take(&node->lock);
    node->follows = follows;
    set_link(node, follows ? NULL : reason);
    lock_release(&node->lock);
    turns_set_linked(&node->turns, follows);
}

void node_note_publishing(struct node *node, const char *reason)
{
    lock_take(&node->lock);
    node->refused = reason != NULL;
    set_link(node, reason);
    lock_release(&node->lock);
    turns_set_refused(&node->turns, reason != NULL);
}

/* Whether a user of this machine is to be told now, which then counts as done. */
static bool wants_news(struct user *user, bool up)
{
    return !user_is_remote(user) && atomic_exchange(&user->local->told_unlinked, !up) == up;
}

/* Who comes in anew meanwhile tells itself that the link is back (chat/session_entry.h). */
static void tell_users(struct node *node, bool up)
{
    const struct message message = {.kind = up ? MESSAGE_LINK_UP : MESSAGE_LINK_DOWN};
    struct user *user;
    atomic_store(&node->chat->unlinked, !up);
    for (uint64_t id = 0; (user = directory_after(node->chat->directory, &id)) != NULL;) {
        if (wants_news(user, up))
            user_send(user, &message);
        user_release(user);
    }
}

/* Returns whether users are to be told of the state of the link. Wants the lock held. */
static bool is_to_be_told(const struct node *node)
{
    return node->up ? node->told : !node->told && clock_now() >= node->down_since + LINK_PATIENCE;
}

/*
 * Calls those away from their waits who are to leave, and pauses. Wants the lock held, and releases
 * it meanwhile.
 */
static void call_users(struct node *node)
{
    int64_t until = node->calls_until;
    lock_release(&node->lock);
    bool waits = replica_call(node->chat) && clock_now() < until;
    if (waits)
        clock_sleep_until(clock_now() + JUDGING_CALL_INTERVAL);
    lock_take(&node->lock);
    if (!waits && node->calls_until == until)
        node->calls_until = 0;
}

/*
 * Waits, and then looks whether a connection is over: then this machine hears nothing any more, or
 * reaches nobody, and only one that is started can connect anew. Wants the lock held, and releases
 * it meanwhile.
 */
static void watch_connections(struct node *node)
{
    condition_wait_until(&node->changed, &node->lock,
                         clock_now() + (node->up ? CALM_INTERVAL : WATCH_INTERVAL));
    lock_release(&node->lock);
    bool over = stream_is_over(node->stream) || post_is_over(node->post) ||
                bulletin_is_over(node->bulletin) || key_value_is_over(node->people);
    if (over && !atomic_load(&node->ends))
        node_give_up(node, "a connection to the nats-servers was given up, mostly as one of them "
                           "refuses the credentials. Start it again.");
    lock_take(&node->lock);
}

void *node_watch(void *argument)
{
    struct node *node = argument;
    lock_take(&node->lock);
    while (!atomic_load(&node->stopping)) {
        if (is_to_be_told(node)) {
            bool up = node->up;
            node->told = !up;
            lock_release(&node->lock);
            tell_users(node, up);
            lock_take(&node->lock);
        } else if (node->calls_until != 0) {
            call_users(node);
        } else {
            watch_connections(node);
        }
    }
    lock_release(&node->lock);
    return NULL;
}
