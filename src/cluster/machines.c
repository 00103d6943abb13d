#include "base/platform.h"

#include "cluster/machines.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a, with 64 bits. */
uint64_t machines_id(const char *name)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (const char *at = name; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001B3);
    return hash != 0 ? hash : 1;
}

struct machine *machines_find(const struct machines *machines, uint64_t id, uint64_t boot)
{
    struct machine *machine = machines->first;
    while (machine != NULL && (machine->id != id || machine->boot != boot))
        machine = machine->next;
    return machine;
}

struct machine *machines_add(struct machines *machines, uint64_t id, uint64_t boot,
                             struct words name)
{
    struct machine *machine = calloc(1, sizeof *machine);
    if (machine == NULL)
        return NULL;
    if (name.length > 0)
        memcpy(machine->name, name.bytes, name.length);
    machine->id = id;
    machine->boot = boot;
    machine->heard = machines->clock;
    machine->next = machines->first;
    machines->first = machine;
    return machine;
}

const struct machine *machines_of(const struct machines *machines, const char *name)
{
    const struct machine *machine = machines->first;
    while (machine != NULL && machine->name != name)
        machine = machine->next;
    return machine;
}

/* Moves the clock on to a machine's time. After a jump of that one's clock, it is compared anew. */
static void move_clock(struct machines *machines, struct machine *from, int64_t time)
{
    int64_t step = from->timed ? time + from->ahead - machines->clock : 0;
    if (step > 0)
        machines->clock += step < MACHINES_STEP_MAX ? step : MACHINES_STEP_MAX;
    if (!from->timed || step > MACHINES_STEP_MAX || step < -MACHINES_LATE_MAX)
        from->ahead = machines->clock - time;
    from->timed = true;
}

struct machine *machines_hear(struct machines *machines, struct machine *from, int64_t time)
{
    if (from != NULL && !from->gone) {
        if (time > 0)
            move_clock(machines, from, time);
        from->heard = machines->clock;
    }
    struct machine *machine = machines->first;
    while (machine != NULL &&
           (machine->gone || machines->clock - machine->heard <= MACHINES_SILENCE_MAX))
        machine = machine->next;
    return machine;
}

void machines_free(struct machines *machines)
{
    while (machines->first != NULL) {
        struct machine *machine = machines->first;
        machines->first = machine->next;
        free(machine);
    }
}
