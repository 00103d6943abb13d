#include "base/platform.h"

#include "base/clock.h"
#include "chat/succession.h"
#include "net/link.h"
#include "net/outbox.h"

#include <errno.h>

/* How often a thread that waits for another one looks. */
#define INTERVAL CLOCK_MILLISECOND

/* States of an heir. */
enum { WAITS, HAS, HAS_NOT };

static void pause_briefly(void)
{
    clock_sleep_until(clock_now() + INTERVAL);
}

/* Whether a user can still be found. */
static bool is_here(struct directory *directory, const struct user *user)
{
    struct user *found = directory_find_id(directory, user->id);
    if (found != NULL)
        user_release(found);
    return found == user;
}

/*
 * Ends the link of a user, and calls its thread until the user has left, or handed over to
 * `newcomer`, or that is gone itself.
 */
static void call(struct directory *directory, struct user *user, struct user *newcomer,
                 int64_t deadline)
{
    struct link *link = outbox_link(user->outbox);
    const struct link *own = outbox_link(newcomer->outbox);
    link_end(link, LINK_REPLACED);
    link_call(link);
    while (atomic_load(&newcomer->local->succession) == WAITS && is_here(directory, user) &&
           link_reason(own) == LINK_OPEN && clock_now() < deadline) {
        link_nudge(link);
        pause_briefly();
    }
}

/* Whether the former user's thread had not begun yet; then it will not. */
static bool withdraw(struct user *former, struct user *heir)
{
    struct user *expected = heir;
    if (!atomic_compare_exchange_strong(&former->local->heir, &expected, NULL))
        return false;
    user_release(heir);
    return true;
}

bool succession_ask(struct directory *directory, struct user *former, struct user *heir,
                    int64_t deadline)
{
    struct user *none = NULL;
    atomic_store(&heir->local->succession, WAITS);
    user_acquire(heir);
    if (!atomic_compare_exchange_strong(&former->local->heir, &none, heir)) {
        user_release(heir);
        pause_briefly();
        return false;
    }
    call(directory, former, heir, deadline);
    if (withdraw(former, heir))
        return false;
    /* The other thread has begun, and will not wait for anything but locks. */
    while (atomic_load(&heir->local->succession) == WAITS)
        pause_briefly();
    return atomic_load(&heir->local->succession) == HAS;
}

bool succession_dismiss(struct directory *directory, struct user *former, struct user *newcomer,
                        int64_t deadline)
{
    atomic_store(&newcomer->local->succession, WAITS);
    call(directory, former, newcomer, deadline);
    return !is_here(directory, former);
}

bool succession_recall(struct ordering *ordering, struct directory *directory,
                       const struct user *former, struct user *newcomer, int64_t deadline)
{
    const struct change change = {.kind = CHANGE_REPLACE, .user = former->id, .time = clock_utc()};
    const struct link *own = outbox_link(newcomer->outbox);
    int error = ordering_send(ordering, former, &change);
    if (error != 0 && error != ESRCH)
        return false;
    while (is_here(directory, former) && link_reason(own) == LINK_OPEN && clock_now() < deadline)
        pause_briefly();
    return !is_here(directory, former);
}

void succession_give_way(struct directory *directory, struct user *former, int64_t deadline)
{
    struct link *link = outbox_link(former->outbox);
    link_end(link, LINK_REPLACED);
    link_call(link);
    while (is_here(directory, former) && clock_now() < deadline) {
        link_nudge(link);
        pause_briefly();
    }
}

struct user *succession_begin(struct user *former)
{
    return atomic_exchange(&former->local->heir, NULL);
}

void succession_end(struct user *heir, bool done)
{
    atomic_store(&heir->local->succession, done ? HAS : HAS_NOT);
    user_release(heir);
}
