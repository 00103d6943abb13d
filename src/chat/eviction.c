#include "base/platform.h"

#include "base/clock.h"
#include "chat/directory.h"
#include "chat/eviction.h"
#include "net/link.h"
#include "net/outbox.h"

/* How long users have for leaving before their links are killed, and how often they are called. */
#define PATIENCE (5 * CLOCK_SECOND)
#define INTERVAL CLOCK_MILLISECOND

typedef void visit_user(struct user *user, enum user_eviction why);

/* Visits all users of this machine whose ids are below `below`. Returns whether there is one. */
static bool visit_below(struct chat *chat, uint64_t below, visit_user *visit,
                        enum user_eviction why)
{
    struct user *user;
    bool any = false;
    for (uint64_t id = 0; id < below && (user = directory_after(chat->directory, &id)) != NULL;) {
        if (!user_is_remote(user) && id < below) {
            any = true;
            visit(user, why);
        }
        user_release(user);
    }
    return any;
}

static void evict(struct user *user, enum user_eviction why)
{
    atomic_store(&user->local->evicted, (int)why);
    link_call(outbox_link(user->outbox));
}

/* Somebody may have the place of another who was evicted, and not know it (chat/succession.h). */
static void call_again(struct user *user, enum user_eviction why)
{
    if (atomic_load(&user->local->evicted) == USER_STAYS)
        evict(user, why);
    link_nudge(outbox_link(user->outbox));
}

static void cut_off(struct user *user, enum user_eviction why)
{
    (void)why;
    link_kill(outbox_link(user->outbox), LINK_TOO_SLOW);
}

void eviction_run(struct chat *chat, uint64_t below, enum user_eviction why)
{
    int64_t deadline = clock_now() + PATIENCE;
    visit_below(chat, below, evict, why);
    while (visit_below(chat, below, call_again, why)) {
        if (clock_now() >= deadline)
            visit_below(chat, below, cut_off, why);
        clock_sleep_until(clock_now() + INTERVAL);
    }
}
