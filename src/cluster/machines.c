#include "base/platform.h"

#include "base/clock.h"
#include "cluster/machines.h"

#include <stdlib.h>
#include <string.h>

#define TIME_END INT64_C(1000000000000000) /* no clock shows that, in milliseconds */

/* FNV-1a, with 64 bits. */
uint64_t machines_id(const char *name)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (const char *at = name; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001B3);
    return hash != 0 ? hash : 1;
}

/* All machines agree on that, as it depends on the common clock. */
static bool is_known(const struct machines *machines, const struct machine *machine)
{
    return !machine->forgotten &&
           (!machine->gone || machines->clock - machine->heard <= MACHINES_REMEMBERED);
}

enum { PROCESS_BITS = 14, ANEW_BITS = 8 };

uint64_t machines_boot(int64_t now, long process)
{
    uint64_t number = (uint64_t)process & ((1U << PROCESS_BITS) - 1);
    return ((uint64_t)now << PROCESS_BITS | number) << ANEW_BITS;
}

int64_t machines_since(uint64_t boot)
{
    return (int64_t)(boot >> (PROCESS_BITS + ANEW_BITS));
}

struct machine *machines_find(const struct machines *machines, uint64_t id, uint64_t boot)
{
    struct machine *machine = machines->first;
    while (machine != NULL &&
           (machine->id != id || machine->boot != boot || !is_known(machines, machine)))
        machine = machine->next;
    return machine;
}

struct machine *machines_living(const struct machines *machines, uint64_t id)
{
    struct machine *machine = machines->first;
    while (machine != NULL && (machine->id != id || machine->gone))
        machine = machine->next;
    return machine;
}

unsigned machines_rank(const struct machines *machines, uint64_t id)
{
    unsigned rank = 0;
    for (const struct machine *machine = machines->first; machine; machine = machine->next)
        rank += machine->id < id && !machine->gone;
    return rank;
}

struct machine *machines_add(struct machines *machines, uint64_t id, uint64_t boot,
                             struct words name)
{
    struct machine *machine = calloc(1, sizeof *machine);
    struct machine **end = &machines->first;
    if (machine == NULL)
        return NULL;
    while (*end != NULL)
        end = &(*end)->next;
    if (name.length > 0)
        memcpy(machine->name, name.bytes, name.length);
    machine->id = id;
    machine->boot = boot;
    machine->heard = machines->clock;
    *end = machine;
    return machine;
}

bool machines_agree(struct machines *machines, uint64_t id, const struct change_limits *limits)
{
    const struct machine *other = machines->first;
    while (other != NULL && (other->gone || other->id == id))
        other = other->next;
    if (other == NULL)
        machines->limits = *limits;
    return machines->limits.max_rooms == limits->max_rooms &&
           machines->limits.rooms_per_client == limits->rooms_per_client;
}

const struct machine *machines_of(const struct machines *machines, const char *name)
{
    const struct machine *machine = machines->first;
    while (machine != NULL && (machine->name != name || machine->forgotten))
        machine = machine->next;
    return machine;
}

/* How far one machine moves the clock after an outage: all that can speak then move it once. */
static int64_t share_of_outage(const struct machines *machines)
{
    int64_t others = (int64_t)machines_rank(machines, UINT64_MAX) - 1;
    return MACHINES_STEP_MAX / (others > 1 ? others : 1);
}

/* Moves the clock on to a machine's time. After a jump of that one's clock, it is compared anew. */
static void move_clock(struct machines *machines, struct machine *from, int64_t time)
{
    int64_t now = from->timed ? time + from->ahead : machines->clock;
    int64_t step = now - machines->clock;
    bool outage = now - from->heard > MACHINES_STEP_MAX;
    int64_t most = outage ? share_of_outage(machines) : MACHINES_STEP_MAX;
    if (step > 0)
        machines->clock += step < most ? step : most;
    if (!from->timed || step > most || step < -MACHINES_LATE_MAX)
        from->ahead = machines->clock - time;
    from->timed = true;
}

struct machine *machines_hear(struct machines *machines, struct machine *from, int64_t time)
{
    if (from != NULL && !from->gone) {
        if (time > 0 && time < TIME_END)
            move_clock(machines, from, time);
        from->heard = machines->clock;
    }
    struct machine *machine = machines->first;
    while (machine != NULL &&
           (machine->gone || machines->clock - machine->heard <= MACHINES_SILENCE_MAX))
        machine = machine->next;
    return machine;
}

static bool tell(const struct machines *machines, const struct machine *machine,
                 bool (*hear)(void *context, const struct change *change), void *context)
{
    const struct change change = {.kind = CHANGE_STATE_MACHINE,
                                  .node = machine->id,
                                  .boot = machine->boot,
                                  .text = words_of(machine->name),
                                  .number = machine->number,
                                  .time = machine->timed ? machines->clock - machine->ahead : 0,
                                  .end = machine->heard,
                                  .given = machine->gone};
    return hear(context, &change);
}

bool machines_tell(const struct machines *machines,
                   bool (*hear)(void *context, const struct change *change), void *context)
{
    const struct change clock = {.kind = CHANGE_STATE_CLOCK,
                                 .number = (uint64_t)machines->clock,
                                 .limits = machines->limits};
    bool goes_on = hear(context, &clock);
    const struct machine *machine = machines->first;
    for (; machine != NULL && goes_on; machine = machine->next)
        if (is_known(machines, machine))
            goes_on = tell(machines, machine, hear, context);
    return goes_on;
}

/* One that is forgotten and told again keeps its place in memory. */
static struct machine *find_or_add(struct machines *machines, const struct change *change)
{
    struct machine *machine = machines->first;
    while (machine != NULL && (machine->id != change->node || machine->boot != change->boot))
        machine = machine->next;
    return machine != NULL ? machine
                           : machines_add(machines, change->node, change->boot, change->text);
}

bool machines_make(struct machines *machines, const struct change *change)
{
    if (change->kind == CHANGE_STATE_CLOCK) {
        machines->clock = change->number < TIME_END ? (int64_t)change->number : 0;
        machines->limits = change->limits;
    }
    if (change->kind != CHANGE_STATE_MACHINE)
        return true;
    struct machine *machine = find_or_add(machines, change);
    if (machine == NULL)
        return false;
    machine->forgotten = false;
    machine->gone = change->given;
    machine->received = clock_now();
    machine->number = change->number;
    machine->heard = change->end < machines->clock ? change->end : machines->clock;
    machine->timed = change->time > 0 && change->time < TIME_END;
    machine->ahead = machine->timed ? machines->clock - change->time : 0;
    return true;
}

void machines_forget(struct machines *machines)
{
    for (struct machine *machine = machines->first; machine; machine = machine->next)
        machine->gone = machine->forgotten = true;
    machines->limits = (struct change_limits){0};
    machines->clock = 0;
}

void machines_free(struct machines *machines)
{
    while (machines->first != NULL) {
        struct machine *machine = machines->first;
        machines->first = machine->next;
        free(machine);
    }
}
