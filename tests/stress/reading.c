/* reading: the chronicle's check of what each reader gets of each room. */
#include "chronicle.h"

#include "chronicle_inside.h"
#include "complaint.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct person *reader_of(const struct chronicle *chronicle, uint32_t serial)
{
    assert(serial > 0 && serial < chronicle->person_count);
    return &chronicle->persons[serial];
}

/*
 * Reports what a reader got, or, with event NULL, did not get. Its further lines are not checked,
 * since they would be wrong in the same way.
 */
static void read_wrong(const struct chronicle *chronicle, uint32_t serial, int room,
                       const struct event *event, const char *what)
{
    struct person *person = reader_of(chronicle, serial);

    complaint_raise("client %u in room %d, at %u: %s", (unsigned)serial, room,
                    room >= 0 ? (unsigned)person->slices[room].position : 0, what);
    if (event != NULL) {
        complaint_add("got kind %d of client %u (as %u), %u", (int)event->kind,
                      (unsigned)event->serial, (unsigned)event->name, (unsigned)event->number);
    }
    if (room >= 0) {
        order_show(chronicle, room, person->slices[room].position);
    }
    person->broken = true;
}

static bool list_add(struct told_list *list, const struct event *event, bool optional)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
        struct told *items = realloc(list->items, capacity * sizeof *items);

        if (items == NULL) {
            complaint_raise("this program is out of memory");
            return false;
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = (struct told){*event, optional, false, false};
    return true;
}

static struct told *list_find(const struct told_list *list, const struct event *event)
{
    for (size_t i = 0; i < list->count; i++) {
        if (event_equals(&list->items[i].event, event)) {
            return &list->items[i];
        }
    }
    return NULL;
}

static void list_remove(struct told_list *list, struct told *told)
{
    *told = list->items[--list->count];
}

static bool is_leave_of(const struct event *event, uint32_t serial)
{
    return event->kind == EVENT_LEAVE && event->serial == serial;
}

/* Whether there is one that may still be told. */
static bool list_has_leave(const struct told_list *list, uint32_t serial)
{
    for (size_t i = 0; i < list->count; i++) {
        if (is_leave_of(&list->items[i].event, serial) && !list->items[i].over) {
            return true;
        }
    }
    return false;
}

static void list_forget_leave(struct told_list *list, uint32_t serial)
{
    for (size_t i = list->count; i-- > 0;) {
        if (is_leave_of(&list->items[i].event, serial)) {
            list_remove(list, &list->items[i]);
        }
    }
}

void leave_forget(struct chronicle *chronicle, uint32_t serial)
{
    for (uint32_t i = 1; i < chronicle->person_count; i++) {
        list_forget_leave(&chronicle->persons[i].received, serial);
        list_forget_leave(&chronicle->persons[i].passed, serial);
    }
}

/*
 * Rules.
 */

enum rule chronicle_ignores(const struct chronicle *chronicle, uint32_t serial, uint32_t other)
{
    const struct person *person = reader_of(chronicle, serial);

    for (unsigned i = 0; i < CHRONICLE_IGNORED_MAX; i++) {
        if (person->ignored[i].serial == other) {
            return person->ignored[i].rule;
        }
    }
    return RULE_OFF;
}

/* The rooms in which a rule that has just ended may still show. */
static unsigned grace_of(const struct chronicle *chronicle, const struct person *person)
{
    unsigned rooms = 0;

    for (unsigned i = 0; i < chronicle->rooms; i++) {
        rooms |= person->slices[i].state == SLICE_OUT ? 0 : 1U << i;
    }
    return rooms;
}

bool chronicle_ignore(struct chronicle *chronicle, uint32_t serial, uint32_t other, enum rule rule)
{
    struct person *person = reader_of(chronicle, serial);
    struct ignored *free_one = NULL;

    for (unsigned i = 0; i < CHRONICLE_IGNORED_MAX; i++) {
        struct ignored *ignored = &person->ignored[i];

        if (ignored->serial == other) {
            free_one = ignored;
            break;
        }
        if (ignored->rule == RULE_OFF && ignored->grace == 0) {
            free_one = ignored;
        }
    }
    if (free_one == NULL) {
        return false;
    }
    free_one->grace =
        rule == RULE_OFF && free_one->rule == RULE_ENDS ? grace_of(chronicle, person) : 0;
    free_one->serial = other;
    free_one->rule = rule;
    return true;
}

void chronicle_quiet(struct chronicle *chronicle, uint32_t serial, enum rule rule)
{
    struct person *person = reader_of(chronicle, serial);

    person->quiet_grace =
        rule == RULE_OFF && person->quiet == RULE_ENDS ? grace_of(chronicle, person) : 0;
    person->quiet = rule;
    person->was_quiet = true;
}

static const struct ignored *ignored_of(const struct person *person, uint32_t other)
{
    for (unsigned i = 0; i < CHRONICLE_IGNORED_MAX; i++) {
        if (person->ignored[i].serial == other) {
            return &person->ignored[i];
        }
    }
    return NULL;
}

/* Behind an event that a reader got: lines that may be missing come before it. */
static void graces_end(struct person *person, int room, const struct event *event)
{
    unsigned bit = 1U << room;
    struct slice *slice = &person->slices[room];

    for (unsigned i = 0; i < CHRONICLE_IGNORED_MAX; i++) {
        person->ignored[i].grace &= ~bit;
    }
    if (!event_is_presence(event)) {
        person->quiet_grace &= ~bit;
    }
    if (event->kind == EVENT_TALK) {
        slice->gap = slice->gap_stays;
    }
}

/*
 * Slices.
 */

static unsigned rooms_of(const struct chronicle *chronicle, const struct person *person)
{
    unsigned count = 0;

    for (unsigned i = 0; i < chronicle->rooms; i++) {
        count += person->slices[i].state != SLICE_OUT;
    }
    return count;
}

/* Whether a coming or going may be missing, as the reader does not want to be shown it. */
static bool is_hidden(const struct person *person, int room, const struct event *event)
{
    return event_is_presence(event) &&
           (person->quiet != RULE_OFF || (person->quiet_grace & 1U << room) != 0 ||
            (event->kind == EVENT_LEAVE && person->was_quiet));
}

/* Whether the reader may go past an entry that it did not get. */
static bool may_skip(const struct chronicle *chronicle, uint32_t serial, int room,
                     const struct entry *entry)
{
    const struct person *person = reader_of(chronicle, serial);
    const struct event *event = &entry->event;
    const struct ignored *ignored;

    if (event->kind == EVENT_TALK) {
        ignored = ignored_of(person, event->serial);
        return event->serial == serial || (ignored != NULL && (ignored->rule != RULE_OFF ||
                                                               (ignored->grace & 1U << room) != 0));
    }
    if (person->slices[room].gap || is_hidden(person, room, event)) {
        return true;
    }
    return event_is_everywhere(event) &&
           (rooms_of(chronicle, person) > 1 || list_find(&person->received, event) != NULL);
}

/* Goes past entries up to `end`; each of them may be skipped. */
static void go_past(const struct chronicle *chronicle, uint32_t serial, int room, uint32_t end)
{
    struct person *person = reader_of(chronicle, serial);
    struct slice *slice = &person->slices[room];

    for (; slice->position < end; slice->position++) {
        const struct event *event = &chronicle->orders[room].entries[slice->position].event;
        bool optional = slice->gap || is_hidden(person, room, event);

        if (event_is_everywhere(event) && list_find(&person->received, event) == NULL &&
            list_find(&person->passed, event) == NULL) {
            list_add(&person->passed, event, optional);
        }
    }
}

/* Returns where the stay ends: behind the last entry so far, or at the reader's own leave. */
static uint32_t stay_end(const struct chronicle *chronicle, uint32_t serial, int room)
{
    const struct person *person = reader_of(chronicle, serial);
    const struct membership *membership = &person->memberships[room];

    if (membership->visits > person->slices[room].visits) {
        return membership->left_before; /* it has come again, and was not told yet */
    }
    return membership->left_at != ENTRY_NONE ? membership->left_at : chronicle->orders[room].count;
}

static bool has_leave(const struct order *order, uint32_t begin, uint32_t end, uint32_t serial)
{
    for (uint32_t at = begin; at < end; at++) {
        if (is_leave_of(&order->entries[at].event, serial)) {
            return true;
        }
    }
    return false;
}

/* Whether a reader is still to be told in a room, in its stay or in the next one, which has begun.
 */
static bool leave_is_coming_in(const struct chronicle *chronicle, uint32_t reader, int room,
                               uint32_t serial)
{
    const struct person *person = reader_of(chronicle, reader);
    const struct membership *membership = &person->memberships[room];
    const struct slice *slice = &person->slices[room];
    const struct order *order = &chronicle->orders[room];
    uint32_t end = membership->left_at != ENTRY_NONE ? membership->left_at : order->count;

    return (slice->state != SLICE_OUT &&
            has_leave(order, slice->position, stay_end(chronicle, reader, room), serial)) ||
           (membership->visits > slice->visits &&
            has_leave(order, membership->joined_at, end, serial));
}

bool leave_is_coming(const struct chronicle *chronicle, uint32_t serial)
{
    for (uint32_t i = 1; i < chronicle->person_count; i++) {
        const struct person *person = &chronicle->persons[i];

        for (int room = 0; room < (int)chronicle->rooms && !person->broken; room++) {
            if (leave_is_coming_in(chronicle, i, room, serial)) {
                return true;
            }
        }
        if (list_has_leave(&person->passed, serial)) {
            return true;
        }
    }
    return false;
}

/* Returns the first entry that may not be skipped, or the end of the stay. */
static uint32_t next_wanted(const struct chronicle *chronicle, uint32_t serial, int room)
{
    const struct order *order = &chronicle->orders[room];
    uint32_t at = reader_of(chronicle, serial)->slices[room].position;
    uint32_t end = stay_end(chronicle, serial, room);

    while (at < end && may_skip(chronicle, serial, room, &order->entries[at])) {
        at++;
    }
    return at;
}

/*
 * Returns the place of an event that comes next for the reader, where all before may be skipped;
 * ENTRY_NONE if there is none so far.
 */
static uint32_t place_of(const struct chronicle *chronicle, uint32_t serial, int room,
                         const struct event *event)
{
    const struct order *order = &chronicle->orders[room];
    uint32_t at = reader_of(chronicle, serial)->slices[room].position;
    uint32_t end = stay_end(chronicle, serial, room);

    for (; at < end; at++) {
        if (event_equals(&order->entries[at].event, event)) {
            return at;
        }
        if (!may_skip(chronicle, serial, room, &order->entries[at])) {
            break;
        }
    }
    return ENTRY_NONE;
}

/* Returns why the reader must not get an event, wherever it stands; or NULL. */
static const char *forbidden(const struct chronicle *chronicle, uint32_t serial,
                             const struct event *event)
{
    const struct person *person = reader_of(chronicle, serial);

    if (event->serial == serial && event->kind != EVENT_NICK && event->kind != EVENT_ORDER) {
        return "its own line, or its own coming or going";
    }
    if (event->kind == EVENT_TALK &&
        chronicle_ignores(chronicle, serial, event->serial) == RULE_HOLDS) {
        return "a line of somebody whom it ignores";
    }
    if (event_is_presence(event) && person->quiet == RULE_HOLDS) {
        return "a coming or going, which it does not want to be shown";
    }
    return NULL;
}

/* Returns what is wrong about the name of talk, by what the reader was told; or NULL. */
static const char *name_fault(const struct person *person, const struct event *talk)
{
    const struct event nick = {.kind = EVENT_NICK, .serial = talk->serial, .number = talk->name};

    for (size_t i = 0; i < person->passed.count; i++) {
        const struct told *told = &person->passed.items[i];

        if (told->event.kind == EVENT_NICK && told->event.serial == nick.serial &&
            told->event.number == nick.number && !told->optional) {
            return "a line under a new name, before the reader is told of that";
        }
    }
    for (size_t i = 0; i < person->received.count; i++) {
        const struct event *event = &person->received.items[i].event;

        if (event->serial == talk->serial &&
            (event->kind == EVENT_LEAVE || event->number > talk->name)) {
            return "a line under an old name, or of somebody who has left";
        }
    }
    return NULL;
}

/* A reader that resumes gets what followed the number from there on, wherever it was. */
static void jump_back(const struct chronicle *chronicle, struct person *person, int room,
                      uint64_t seq)
{
    struct slice *slice = &person->slices[room];
    uint32_t at = order_find(chronicle, room, seq);

    /* It may be live before the command is obeyed, and come again. */
    if (slice->resume != 0 && seq == slice->resume && at != ENTRY_NONE && slice->jumps < 2) {
        slice->position = at;
        slice->jumps++;
        slice->gap = slice->gap_stays = true;
    }
}

static const char *order_fault(const struct chronicle *chronicle, uint32_t serial, int room,
                               const struct event *event)
{
    const struct order *order = &chronicle->orders[room];
    uint32_t end = stay_end(chronicle, serial, room);

    for (uint32_t i = reader_of(chronicle, serial)->slices[room].position; i < order->count; i++) {
        if (event_equals(&order->entries[i].event, event)) {
            return i < end ? "lines are missing or out of order: this one is ahead"
                           : "a line from behind its own leave";
        }
    }
    return "this line is behind: double, out of order, or from before its own join";
}

/* Whether the room's order has the event, at any place from the last stay on. */
static bool order_has(const struct chronicle *chronicle, uint32_t serial, int room,
                      const struct event *event)
{
    const struct order *order = &chronicle->orders[room];
    const struct slice *slice = &reader_of(chronicle, serial)->slices[room];

    for (uint32_t i = slice->position; i < order->count; i++) {
        if (event_equals(&order->entries[i].event, event)) {
            return true;
        }
    }
    return false;
}

static enum chronicle_answer take_at(struct chronicle *chronicle, uint32_t serial, int room,
                                     const struct event *event, uint32_t at)
{
    struct person *person = reader_of(chronicle, serial);

    go_past(chronicle, serial, room, at);
    person->slices[room].position = at + 1;
    graces_end(person, room, event);
    chronicle->totals.deliveries++;
    return CHRONICLE_TAKEN;
}

/* An event of one room. */
static enum chronicle_answer hear_in(struct chronicle *chronicle, uint32_t serial,
                                     const struct event *event, uint64_t seq)
{
    struct person *person = reader_of(chronicle, serial);
    int room = event->room;
    const char *fault;
    uint32_t at;

    if (person->slices[room].state == SLICE_OUT) {
        read_wrong(chronicle, serial, room, event, "a line of a room in which it is not");
        return CHRONICLE_TAKEN;
    }
    if (event->kind == EVENT_TALK) {
        jump_back(chronicle, person, room, seq);
    }
    at = place_of(chronicle, serial, room, event);
    if (at == ENTRY_NONE) {
        /* Talk is in the order already; of another event the warden may not know yet. */
        if (event->kind != EVENT_TALK && !order_has(chronicle, serial, room, event)) {
            return CHRONICLE_LATER;
        }
        read_wrong(chronicle, serial, room, event, order_fault(chronicle, serial, room, event));
        return CHRONICLE_TAKEN;
    }
    if (seq > 0 && chronicle->orders[room].entries[at].seq != seq) {
        read_wrong(chronicle, serial, room, event, "the number is not that of the line");
        return CHRONICLE_TAKEN;
    }
    /* What comes again has the names of then. */
    fault =
        event->kind == EVENT_TALK && !person->slices[room].gap ? name_fault(person, event) : NULL;
    if (fault != NULL) {
        read_wrong(chronicle, serial, room, event, fault);
        return CHRONICLE_TAKEN;
    }
    return take_at(chronicle, serial, room, event, at);
}

/* An event of all rooms that the reader shares with the client. */
static enum chronicle_answer hear_everywhere(struct chronicle *chronicle, uint32_t serial,
                                             const struct event *event)
{
    struct person *person = reader_of(chronicle, serial);
    struct told *told;

    if (list_find(&person->received, event) != NULL) {
        read_wrong(chronicle, serial, EVENT_NO_ROOM, event, "it is told twice");
        return CHRONICLE_TAKEN;
    }
    told = list_find(&person->passed, event);
    if (told != NULL) {
        list_remove(&person->passed, told);
        list_add(&person->received, event, false);
        chronicle->totals.deliveries++;
        return CHRONICLE_TAKEN;
    }
    for (int room = 0; room < (int)chronicle->rooms; room++) {
        uint32_t at = person->slices[room].state == SLICE_OUT
                          ? ENTRY_NONE
                          : place_of(chronicle, serial, room, event);

        if (at != ENTRY_NONE) {
            list_add(&person->received, event, false);
            /* It may have been told in another room, and what comes before it here still comes. */
            if (rooms_of(chronicle, person) > 1) {
                chronicle->totals.deliveries++;
                return CHRONICLE_TAKEN;
            }
            return take_at(chronicle, serial, room, event, at);
        }
    }
    return CHRONICLE_LATER;
}

enum chronicle_answer chronicle_hear(struct chronicle *chronicle, uint32_t serial,
                                     struct event *event, uint64_t seq)
{
    struct person *person = reader_of(chronicle, serial);
    const char *fault;

    if (person->broken) {
        return CHRONICLE_TAKEN;
    }
    if (event->kind == EVENT_ORDER && event->number == 0) {
        return CHRONICLE_TAKEN;
    }
    if (event->kind == EVENT_TALK) {
        const struct person *author = &chronicle->persons[event->serial];

        if (event->serial >= chronicle->person_count || event->number > author->said ||
            author->actions[event->number].heard == 0) {
            return CHRONICLE_LATER;
        }
        if (event->room != EVENT_NO_ROOM &&
            event->room != author->actions[event->number].heard - 1) {
            read_wrong(chronicle, serial, event->room, event, "a line seems to be of another room");
            return CHRONICLE_TAKEN;
        }
        event->room = author->actions[event->number].heard - 1;
    }
    fault = forbidden(chronicle, serial, event);
    if (fault != NULL) {
        read_wrong(chronicle, serial, event->room, event, fault);
        return CHRONICLE_TAKEN;
    }
    return event_is_everywhere(event) ? hear_everywhere(chronicle, serial, event)
                                      : hear_in(chronicle, serial, event, seq);
}

/* The stay is over: all that it has not got may be skipped. */
static void stay_closes(struct chronicle *chronicle, uint32_t serial, int room)
{
    struct slice *slice = &reader_of(chronicle, serial)->slices[room];
    uint32_t end = stay_end(chronicle, serial, room);

    if (next_wanted(chronicle, serial, room) < end) {
        read_wrong(chronicle, serial, room, NULL, "it did not get all up to its own leave");
    }
    go_past(chronicle, serial, room, end);
    slice->state = SLICE_OUT;
}

/* Whether the order has the end of the stay. */
static bool stay_is_over(const struct chronicle *chronicle, uint32_t serial, int room)
{
    const struct person *person = reader_of(chronicle, serial);

    return person->memberships[room].left_at != ENTRY_NONE ||
           person->memberships[room].visits > person->slices[room].visits;
}

enum chronicle_answer chronicle_arrive(struct chronicle *chronicle, uint32_t serial, int room)
{
    struct person *person = reader_of(chronicle, serial);
    const struct membership *membership = &person->memberships[room];
    struct slice *slice = &person->slices[room];

    if (person->broken || slice->state == SLICE_IN) {
        return CHRONICLE_TAKEN;
    }
    if (membership->visits == slice->visits) {
        return CHRONICLE_LATER;
    }
    assert(membership->visits == slice->visits + 1);
    if (slice->state == SLICE_ENDING) {
        stay_closes(chronicle, serial, room);
    }
    *slice = (struct slice){
        .state = SLICE_IN, .visits = membership->visits, .position = membership->joined_at + 1};
    return CHRONICLE_TAKEN;
}

enum chronicle_answer chronicle_depart(struct chronicle *chronicle, uint32_t serial, int room)
{
    struct person *person = reader_of(chronicle, serial);

    if (person->broken || person->slices[room].state == SLICE_OUT) {
        return CHRONICLE_TAKEN;
    }
    if (!stay_is_over(chronicle, serial, room)) {
        return CHRONICLE_LATER;
    }
    stay_closes(chronicle, serial, room);
    return CHRONICLE_TAKEN;
}

void chronicle_expelled(struct chronicle *chronicle, uint32_t serial, int room)
{
    struct slice *slice = &reader_of(chronicle, serial)->slices[room];

    if (slice->state == SLICE_IN) {
        slice->state = SLICE_ENDING;
    }
}

/* The wardens may have entered it already, or will. */
void chronicle_outlawed(struct chronicle *chronicle, uint32_t serial)
{
    struct person *person = reader_of(chronicle, serial);

    person->outlawed = true;
    for (int room = 0; room < (int)chronicle->rooms && !person->broken; room++) {
        uint32_t at = person->memberships[room].left_at;
        const struct event *event;

        if (person->slices[room].state != SLICE_IN || at == ENTRY_NONE) {
            continue;
        }
        event = &chronicle->orders[room].entries[at].event;
        if (event->kind == EVENT_LEAVE && event->number != EVENT_KICKED) {
            read_wrong(chronicle, serial, room, event,
                       "it was kicked, and the others see it leave");
        }
    }
}

void chronicle_resuming(struct chronicle *chronicle, uint32_t serial, int room, uint64_t seq)
{
    struct slice *slice = &reader_of(chronicle, serial)->slices[room];

    slice->resume = seq + 1;
    slice->jumps = 0;
}

void chronicle_resumed(struct chronicle *chronicle, uint32_t serial, int room, bool gone)
{
    struct slice *slice = &reader_of(chronicle, serial)->slices[room];
    uint64_t wanted = slice->resume;

    slice->resume = 0;
    slice->gap_stays = false;
    slice->gap = !gone;
    chronicle->totals.resumed += !gone;
    if (!gone && slice->jumps == 0) {
        uint32_t at = order_find(chronicle, room, wanted);

        /* Nothing was sent, so there must have been nothing: not before its own join, at least. */
        if (at != ENTRY_NONE && at < slice->position) {
            read_wrong(chronicle, serial, room, NULL, "it resumed, and lines did not come");
        }
    }
}

bool chronicle_is_in(const struct chronicle *chronicle, uint32_t serial, int room)
{
    return reader_of(chronicle, serial)->slices[room].state == SLICE_IN;
}

uint64_t chronicle_seq(const struct chronicle *chronicle, uint32_t serial, int room)
{
    const struct slice *slice = &reader_of(chronicle, serial)->slices[room];

    return slice->position == 0 ? 0 : chronicle->orders[room].entries[slice->position - 1].seq;
}

void chronicle_syncing(struct chronicle *chronicle, uint32_t serial)
{
    struct person *person = reader_of(chronicle, serial);

    for (size_t i = 0; i < person->passed.count; i++) {
        person->passed.items[i].due = true;
    }
}

void chronicle_told(struct chronicle *chronicle, uint32_t serial)
{
    struct person *person = reader_of(chronicle, serial);

    for (size_t i = 0; i < person->passed.count && !person->broken; i++) {
        struct told *told = &person->passed.items[i];

        if (told->event.kind == EVENT_LEAVE && (person->was_quiet || person->quiet != RULE_OFF)) {
            told->optional = true; /* it was to be told in another room, and was not shown there */
        }
        if (!told->optional && told->due) {
            read_wrong(chronicle, serial, EVENT_NO_ROOM, &told->event,
                       "it was not told of a new name, or that somebody has left");
            chronicle_describe(chronicle, serial);
        }
    }
    for (size_t i = 0; i < person->passed.count; i++) {
        person->passed.items[i].over = person->passed.items[i].due;
    }
    for (int room = 0; room < (int)chronicle->rooms && !person->broken; room++) {
        if (person->slices[room].state == SLICE_ENDING && stay_is_over(chronicle, serial, room)) {
            stay_closes(chronicle, serial, room);
        }
    }
}

enum chronicle_answer chronicle_end(struct chronicle *chronicle, uint32_t serial)
{
    const struct person *person = reader_of(chronicle, serial);

    for (int room = 0; room < (int)chronicle->rooms && !person->broken; room++) {
        if (chronicle_depart(chronicle, serial, room) == CHRONICLE_LATER) {
            return CHRONICLE_LATER;
        }
    }
    chronicle_syncing(chronicle, serial);
    chronicle_told(chronicle, serial);
    return CHRONICLE_TAKEN;
}

bool chronicle_is_settled(struct chronicle *chronicle, uint32_t serial)
{
    const struct person *person = reader_of(chronicle, serial);

    for (int room = 0; room < (int)chronicle->rooms && !person->broken; room++) {
        if (person->slices[room].state != SLICE_OUT &&
            next_wanted(chronicle, serial, room) < stay_end(chronicle, serial, room)) {
            return false;
        }
    }
    return true;
}

void chronicle_describe(const struct chronicle *chronicle, uint32_t serial)
{
    static const char *const states[] = {"out", "in", "ending"};
    const struct person *person = reader_of(chronicle, serial);

    for (int room = 0; room < (int)chronicle->rooms; room++) {
        const struct slice *slice = &person->slices[room];

        complaint_add("room %d: %s, at %u of %u, visit %u of %u", room, states[slice->state],
                      (unsigned)slice->position, (unsigned)chronicle->orders[room].count,
                      (unsigned)slice->visits, (unsigned)person->memberships[room].visits);
        if (slice->state != SLICE_OUT &&
            next_wanted(chronicle, serial, room) < stay_end(chronicle, serial, room)) {
            order_show(chronicle, room, next_wanted(chronicle, serial, room));
        }
    }
}
