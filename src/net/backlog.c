#include "base/platform.h"

#include "base/clock.h"
#include "net/backlog.h"
#include "net/conn.h"

#include <assert.h>

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
    entry->since = clock_now();
    entry->given_up = false;
    entry->previous = backlog->entries.previous;
    entry->next = &backlog->entries;
    entry->previous->next = entry->next->previous = entry;
    backlog->awaited++;
    lock_release(&backlog->lock);
}

/* One reader less to wait for. */
static void stop_waiting_for(struct backlog *backlog, struct backlog_entry *entry)
{
    if (entry->given_up)
        return;
    entry->given_up = true;
    if (--backlog->awaited == 0)
        condition_broadcast(&backlog->clear);
}

void backlog_leave(struct backlog *backlog, struct backlog_entry *entry)
{
    lock_take(&backlog->lock);
    entry->previous->next = entry->next;
    entry->next->previous = entry->previous;
    stop_waiting_for(backlog, entry);
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
    bool in_time = true;
    while (backlog->awaited > 0 && in_time)
        in_time = condition_wait_until(&backlog->clear, &backlog->lock, arrival + timeout);
    if (!in_time) {
        struct backlog_entry *entry = backlog->entries.next;
        for (; entry != &backlog->entries; entry = entry->next) {
            if (entry->since > arrival || entry->given_up)
                continue;
            conn_kill(entry->conn, CONN_TOO_SLOW);
            stop_waiting_for(backlog, entry);
        }
    }
    lock_release(&backlog->lock);
}
