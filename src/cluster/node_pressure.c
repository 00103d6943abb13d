#include "base/platform.h"

#include "chat/room.h"
#include "chat/room_delivery.h"
#include "chat/rooms.h"
#include "cluster/node_inside.h"
#include "cluster/wire.h"

#include <string.h>

/*
 * How often the gauges are read while something goes on. A reader must be behind twice in a row to
 * count (chat/flow.c), so it is told after 5 to 10 ms.
 */
#define LOOK_INTERVAL (5 * CLOCK_MILLISECOND)

/* Bytes that wait for the follower when floods everywhere are to wait for this machine. */
#define BACKLOG_BYTES ((size_t)512 * 1024)

/*
 * This machine's own gauge, which stands for all rooms: it is behind the stream.
 */

static bool read_backlog(struct pressure_gauge *gauge, unsigned *states)
{
    struct node *node = (struct node *)(void *)((char *)gauge - offsetof(struct node, backlog));
    bool behind = stream_backlog(node->stream) > BACKLOG_BYTES;
    *states = behind ? PRESSURE_BEHIND : 0;
    return behind;
}

void node_init_backlog(struct node *node)
{
    node->backlog = (struct pressure_gauge){
        .pressure = &node->chat->pressure, .room = "", .read = read_backlog};
}

void node_note_backlog(struct node *node)
{
    if (stream_backlog(node->stream) > BACKLOG_BYTES)
        pressure_note(&node->backlog);
}

/*
 * Hearing. It is one thread's, and alone uses the reports.
 */

static void press(struct node *node, const struct report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        const char *name = report->rooms[i].name;
        struct room *room = *name != '\0' ? rooms_find(node->chat->rooms, name) : NULL;
        if (room == NULL)
            continue;
        const struct flow_elsewhere elsewhere = reports_sum_up(&node->reports, name, clock_now());
        room_press(room, &elsewhere);
        rooms_release(node->chat->rooms, room);
    }
}

/* Rooms of which the machine tells no more are told of what is left. */
void node_hear_pressure(void *context, const void *bytes, size_t length)
{
    struct node *node = context;
    struct wire_reader reader;
    struct wire_header header;
    struct change change;
    int64_t now = clock_now();
    if (!atomic_load(&node->hears) || wire_open(&reader, bytes, length, &header) != SEALED_OK ||
        header.node == node->id)
        return;
    struct report *report = reports_of(&node->reports, header.node, now);
    if (report == NULL)
        return;
    const struct report former = *report;
    report->count = 0;
    report->until = now + REPORTS_HOLD;
    while (wire_next(&reader, &change)) {
        if (change.kind != CHANGE_PRESSURE || change.states == 0)
            continue;
        report_add(report, change.room.bytes, change.room.length, change.states);
        report->made = change.number;
    }
    press(node, &former);
    press(node, report);
    pressure_spread(&node->chat->pressure, reports_everywhere_until(&node->reports));
}

/*
 * Telling. It is one thread's.
 */

struct telling {
    struct node *node;
    struct report own;  /* what there is to tell now, */
    struct report told; /* and what was told last, */
    int64_t told_at;    /* when */
    uint64_t made;      /* as node->reach, before the readers of what was made are looked at */
    uint64_t number;
};

static void look_at(void *context, const char *room, unsigned states)
{
    struct telling *telling = context;
    report_add(&telling->own, room, strlen(room), states);
    if (states & PRESSURE_FLOODED)
        telling->own.made = telling->made;
}

static bool is_same(const struct report *one, const struct report *other)
{
    bool same = one->count == other->count && one->made == other->made;
    for (size_t i = 0; i < one->count && same; i++)
        same = one->rooms[i].states == other->rooms[i].states &&
               strcmp(one->rooms[i].name, other->rooms[i].name) == 0;
    return same;
}

/* A report that tells nothing has one empty entry, as a message has at least one. */
static bool write_report(struct telling *telling, struct buffer *out)
{
    const struct wire_header header = {telling->node->id, telling->node->process,
                                       ++telling->number};
    struct change change = {.kind = CHANGE_PRESSURE, .number = telling->own.made};
    bool well = wire_begin(out, &header) == 0;
    if (telling->own.count == 0)
        well = well && wire_add(out, &change) == 0;
    for (size_t i = 0; i < telling->own.count && well; i++) {
        change.room = words_of(telling->own.rooms[i].name);
        change.states = telling->own.rooms[i].states;
        well = wire_add(out, &change) == 0;
    }
    return well && wire_seal(out) == 0;
}

/* Drops entries without a state: something goes on there, but nothing that others need know. */
static void drop_silent(struct report *report)
{
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++)
        if (report->rooms[i].states != 0)
            report->rooms[count++] = report->rooms[i];
    report->count = count;
}

static void tell(struct telling *telling, int64_t now)
{
    struct buffer out = {0};
    drop_silent(&telling->own);
    bool is_due = telling->own.count > 0 && now >= telling->told_at + REPORTS_INTERVAL;
    if (!is_due && is_same(&telling->own, &telling->told))
        return;
    if (write_report(telling, &out))
        bulletin_publish(telling->node->bulletin, buffer_bytes(&out), buffer_length(&out));
    buffer_free(&out);
    telling->told = telling->own;
    telling->told_at = now;
}

/* Runs the clocks of readers for which floods wait on other machines. */
static void tick(struct node *node, const struct report *own)
{
    for (size_t i = 0; i < own->count; i++) {
        const char *name = own->rooms[i].name;
        struct room *room = *name != '\0' ? rooms_find(node->chat->rooms, name) : NULL;
        if (room == NULL)
            continue;
        room_tick(room);
        rooms_release(node->chat->rooms, room);
    }
}

void *node_press(void *argument)
{
    struct node *node = argument;
    struct pressure *pressure = &node->chat->pressure;
    struct telling telling = {.node = node};
    while (!atomic_load(&node->stopping)) {
        int64_t now = clock_now();
        telling.own.count = 0;
        telling.own.made = 0;
        telling.made = atomic_load(&node->reach);
        pressure_read(pressure, look_at, &telling);
        tick(node, &telling.own);
        tell(&telling, now);
        pressure_wait(pressure, now + LOOK_INTERVAL, CLOCK_NEVER);
    }
    return NULL;
}
