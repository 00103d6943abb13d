#include "base/platform.h"

#include "base/clock.h"
#include "chat/event_log.h"
#include "chat/lockdown.h"

#include <errno.h>

bool lockdown_is_on(const struct chat *chat)
{
    return atomic_load(&chat->lockdown);
}

static void turn(struct chat *chat, const char *who, bool on)
{
    if (atomic_exchange(&chat->lockdown, on) != on)
        event_log_print(chat->event_log, EVENT_LOG_EVENT, "%s has turned the lockdown %s", who,
                        on ? "on" : "off");
}

int lockdown_make(struct chat *chat, const struct user *author, bool on)
{
    if (!user_is_operator(author))
        return EPERM;
    turn(chat, author->name, on);
    return 0;
}

int lockdown_set(struct chat *chat, const struct user *author, bool on)
{
    const struct change change = {.kind = CHANGE_LOCKDOWN,
                                  .author = author->id,
                                  .author_name = words_of(author->name),
                                  .given = on,
                                  .time = clock_utc()};
    int error = ordering_await(chat->ordering, author, &change, ORDERING_PATIENT, NULL);
    if (error != 0)
        return error;
    error = lockdown_make(chat, author, on);
    ordering_end(chat->ordering);
    return error;
}

void lockdown_restore(struct chat *chat, bool on)
{
    atomic_store(&chat->lockdown, on);
}

void lockdown_begin(struct chat *chat, const char *machine)
{
    turn(chat, machine, true);
}
