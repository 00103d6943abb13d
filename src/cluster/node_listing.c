#include "base/platform.h"

#include "cluster/node_inside.h"

void node_note_heard(struct node *node, struct machine *machine, int64_t time)
{
    lock_take(&node->lock);
    machine->received = clock_now();
    if (time > 0)
        machine->off = time - clock_utc();
    lock_release(&node->lock);
}

void node_note_lag(struct node *node, struct machine *machine, uint64_t sequence, uint64_t made)
{
    lock_take(&node->lock);
    machine->behind = made < sequence ? sequence - 1 - made : 0;
    lock_release(&node->lock);
}

void node_note_made(struct node *node, uint64_t sequence)
{
    lock_take(&node->lock);
    node->made = sequence;
    lock_release(&node->lock);
}

/* Returns a machine that is there; NULL if there are not so many. Wants the lock held. */
static const struct machine *find(const struct node *node, size_t index)
{
    const struct machine *machine = node->machines.first;
    for (; machine != NULL; machine = machine->next)
        if (!machine->gone && index-- == 0)
            break;
    return machine;
}

bool node_list_machine(void *context, size_t index, struct ordering_machine *listed)
{
    struct node *node = context;
    lock_take(&node->lock);
    const struct machine *machine = find(node, index);
    if (machine != NULL)
        *listed = (struct ordering_machine){
            .name = machine->name,
            .is_own = machine->id == node->id && machine->boot == node->boot,
            .since = machines_since(machine->boot),
            .silent =
                machine->received != 0 ? (clock_now() - machine->received) / CLOCK_MILLISECOND : 0,
            .off = machine->off,
            .behind = machine->behind};
    lock_release(&node->lock);
    return machine != NULL;
}
