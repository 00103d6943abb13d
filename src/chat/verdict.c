#include "base/platform.h"

#include "chat/verdict.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* What the newest one of a closed box is. */
static struct verdict closed;

/* Returns whether the box was not closed. */
static bool put(struct verdict_box *box, struct verdict *verdict)
{
    verdict->next = atomic_load(&box->newest);
    while (verdict->next != &closed)
        if (atomic_compare_exchange_weak(&box->newest, &verdict->next, verdict))
            return true;
    return false;
}

int verdict_add(struct verdict_box *box, const struct verdict *verdict)
{
    const struct sanction *sanction = &verdict->sanction;
    struct verdict *copy = malloc(sizeof *copy);
    if (copy == NULL)
        return ENOMEM;
    *copy = *verdict;
    snprintf(copy->words, sizeof copy->words, "%s%s%s", sanction->author,
             *sanction->reason != '\0' ? ": " : "", sanction->reason);
    if (put(box, copy))
        return 0;
    free(copy);
    return ESRCH;
}

void verdict_put(struct verdict_box *box, struct verdict *verdict)
{
    bool done = put(box, verdict);
    assert(done);
    (void)done;
}

bool verdict_box_is_empty(const struct verdict_box *box)
{
    const struct verdict *newest = atomic_load_explicit(&box->newest, memory_order_relaxed);
    return newest == NULL || newest == &closed;
}

/* Takes all verdicts, and leaves `instead` in the box unless it is closed. */
static struct verdict *take(struct verdict_box *box, struct verdict *instead)
{
    struct verdict *newest = atomic_load(&box->newest);
    struct verdict *oldest = NULL;
    do
        if (newest == &closed)
            return NULL;
    while (!atomic_compare_exchange_weak(&box->newest, &newest, instead));
    while (newest != NULL) {
        struct verdict *older = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = older;
    }
    return oldest;
}

struct verdict *verdict_take_all(struct verdict_box *box)
{
    return take(box, NULL);
}

struct verdict *verdict_box_close(struct verdict_box *box)
{
    return take(box, &closed);
}

struct verdict *verdict_free(struct verdict *verdict)
{
    struct verdict *next = verdict->next;
    free(verdict);
    return next;
}
