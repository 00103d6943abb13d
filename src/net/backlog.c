#include "base/platform.h"

#include "base/clock.h"
#include "net/backlog.h"
#include "net/conn.h"

#include <assert.h>

/* How much shorter waits are after a long one, and for how many times its length. */
enum { HURRY = 4 };

int backlog_init(struct backlog *backlog)
{
    int error = lock_init(&backlog->lock, LOCK_RANK_BACKLOG, "backlog");
    if (error != 0)
        return error;
    error = condition_init(&backlog->clear);
    if (error != 0) {
        lock_destroy(&backlog->lock);
        return error;
    }
    backlog->entries.next = backlog->entries.previous = &backlog->entries;
    backlog->awaited = 0;
    backlog->hurried_until = 0;
    return 0;
}

void backlog_destroy(struct backlog *backlog)
{
    assert(backlog->entries.next == &backlog->entries);
    condition_destroy(&backlog->clear);
    lock_destroy(&backlog->lock);
}

void backlog_enter(struct backlog *backlog, struct backlog_entry *entry, struct conn *conn)
{
    lock_take(&backlog->lock);
    entry->conn = conn;
    entry->progress = clock_now();
    entry->behind = false;
    entry->since = entry->progress;
    entry->previous = backlog->entries.previous;
    entry->next = &backlog->entries;
    entry->previous->next = entry->next->previous = entry;
    lock_release(&backlog->lock);
}

/* Counts a reader among those who are waited for, or not. */
static void set_behind(struct backlog *backlog, struct backlog_entry *entry, bool behind)
{
    if (behind == entry->behind)
        return;
    entry->behind = behind;
    backlog->awaited += behind ? 1U : 0U;
    backlog->awaited -= behind ? 0U : 1U;
    if (backlog->awaited == 0)
        condition_broadcast(&backlog->clear);
}

void backlog_note(struct backlog *backlog, struct backlog_entry *entry, bool progress, bool behind)
{
    lock_take(&backlog->lock);
    if (progress)
        entry->progress = clock_now();
    if (behind && !entry->behind)
        entry->since = clock_now();
    set_behind(backlog, entry, behind);
    lock_release(&backlog->lock);
}

void backlog_leave(struct backlog *backlog, struct backlog_entry *entry)
{
    lock_take(&backlog->lock);
    entry->previous->next = entry->next;
    entry->next->previous = entry->previous;
    set_behind(backlog, entry, false);
    lock_release(&backlog->lock);
}

bool backlog_is_clear(struct backlog *backlog)
{
    lock_take(&backlog->lock);
    bool clear = backlog->awaited == 0;
    lock_release(&backlog->lock);
    return clear;
}

void backlog_wait(struct backlog *backlog, int64_t timeout)
{
    lock_assert_none_held();
    lock_take(&backlog->lock);
    int64_t arrival = clock_now();
    int64_t patience = arrival < backlog->hurried_until ? timeout / HURRY : timeout;
    bool in_time = true;
    while (backlog->awaited > 0 && in_time)
        in_time = condition_wait_until(&backlog->clear, &backlog->lock, arrival + patience);
    if (!in_time)
        backlog->hurried_until = clock_now() + HURRY * timeout;
    struct backlog_entry *entry = in_time ? &backlog->entries : backlog->entries.next;
    for (; entry != &backlog->entries; entry = entry->next) {
        bool stalled = entry->progress <= arrival;
        bool always_behind = entry->behind && entry->since <= arrival;
        if (!stalled && !always_behind)
            continue;
        conn_kill(entry->conn, CONN_TOO_SLOW);
        set_behind(backlog, entry, false);
    }
    lock_release(&backlog->lock);
}
