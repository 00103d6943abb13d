#include "base/platform.h"

#include "chat/verdict.h"

#include <stdio.h>
#include <stdlib.h>

bool verdict_add(struct verdict_box *box, const struct verdict *verdict)
{
    const struct sanction *sanction = &verdict->sanction;
    struct verdict *copy = malloc(sizeof *copy);
    if (copy == NULL)
        return false;
    *copy = *verdict;
    snprintf(copy->words, sizeof copy->words, "%s%s%s", sanction->author,
             *sanction->reason != '\0' ? ": " : "", sanction->reason);
    copy->next = atomic_load(&box->newest);
    while (!atomic_compare_exchange_weak(&box->newest, &copy->next, copy))
        ;
    return true;
}

bool verdict_box_is_empty(const struct verdict_box *box)
{
    return atomic_load_explicit(&box->newest, memory_order_relaxed) == NULL;
}

struct verdict *verdict_take_all(struct verdict_box *box)
{
    struct verdict *newest = atomic_exchange(&box->newest, NULL);
    struct verdict *oldest = NULL;
    while (newest != NULL) {
        struct verdict *older = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = older;
    }
    return oldest;
}

struct verdict *verdict_free(struct verdict *verdict)
{
    struct verdict *next = verdict->next;
    free(verdict);
    return next;
}
