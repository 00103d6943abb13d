#include "base/platform.h"

#include "chat/eviction.h"
#include "chat/lockdown.h"
#include "chat/replica.h"
#include "cluster/node_inside.h"

#include <errno.h>
#include <inttypes.h>

#define GONE_REASON "the stream has lost messages"

enum { ATTEMPTS = 3 }; /* at reading what to begin with */

/*
 * Has the sender begin anew, and take changes again that were void (turns_void()). More often the
 * run could not be told from another process.
 */
static void begin_anew(struct node *node, unsigned voids)
{
    lock_take(&node->lock);
    bool may = (node->boot & MACHINES_ANEW) != MACHINES_ANEW;
    if (may)
        node->boot++;
    node->voids = voids;
    lock_release(&node->lock);
    if (!may)
        node_give_up(node, "it has begun anew too often. Start it again.");
}

void node_come_in_anew(struct node *node, uint64_t place)
{
    unsigned voids = turns_void(&node->turns, place, ESTALE);
    eviction_run(node->chat, place, USER_UNHEARD);
    begin_anew(node, voids);
}

/*
 * Has all leave: first the users of this machine, so that nobody is told of the others. Returns as
 * turns_void().
 */
static unsigned empty(struct node *node)
{
    turns_void(&node->turns, UINT64_MAX, EINPROGRESS);
    eviction_run(node->chat, UINT64_MAX, USER_UNTRUE);
    for (struct machine *machine = node->machines.first; machine != NULL; machine = machine->next)
        if (!machine->gone)
            replica_remove(node->chat, machine->name, GONE_REASON);
    return turns_void(&node->turns, 0, ESTALE); /* ids begin again */
}

/* Has what is told of this machine be false from here on. */
static void unsay(struct node *node)
{
    lock_take(&node->lock);
    node->begun = false; /* letters tell of users who are not there any more */
    node->reads_anew = true;
    node->to_announce = 0; /* that snapshot is of what is lost */
    node->was_locked = node->was_locked || lockdown_is_on(node->chat);
    lock_release(&node->lock);
}

/* Makes the state to begin with. Tries again while the servers do not answer. */
static bool read_state(struct node *node)
{
    char fault[STREAM_FAULT_SIZE];
    for (int attempt = 0; attempt < ATTEMPTS && !atomic_load(&node->stopping); attempt++) {
        if (node_begin_reading(node, fault))
            return true;
        event_log_print(node->event_log, EVENT_LOG_EVENT, "The stream cannot be read anew: %s",
                        fault);
    }
    return false;
}

uint64_t node_read_anew(void *context, const char *reason)
{
    struct node *node = context;
    if (node->given_up != NULL)
        return 1;
    event_log_print(node->event_log, EVENT_LOG_EVENT,
                    "The stream has lost messages: %s. It is read anew, and all users come in "
                    "anew",
                    reason);
    unsay(node);
    unsigned voids = empty(node);
    node->turns.ordering.identity = stream_identity(node->stream);
    if (!read_state(node)) {
        node_give_up(node,
                     "the stream has lost messages, and cannot be read anew. Start it again.");
        return 1;
    }
    event_log_hush(node->event_log, true);
    begin_anew(node, voids); /* behind what was read */
    return node->made + 1;
}

void node_note_begun(struct node *node)
{
    lock_take(&node->lock);
    bool anew = node->reads_anew;
    node->begun = true;
    node->reads_anew = false;
    node->was_locked = false;
    condition_broadcast(&node->changed);
    lock_release(&node->lock);
    event_log_hush(node->event_log, false);
    if (anew)
        event_log_print(node->event_log, EVENT_LOG_EVENT, "The stream was read anew");
}
