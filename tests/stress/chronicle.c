/*
 * chronicle: the order of each of a town's rooms. This file has the orders, as the wardens get
 * them, and what clients have said. reading.c has what readers get.
 */
#include "chronicle.h"

#include "chronicle_inside.h"
#include "complaint.h"
#include "script.h"

#include <assert.h>
#include <stdlib.h>

enum { CONTEXT_BEFORE = 4, CONTEXT_AFTER = 4 };

struct chronicle *chronicle_open(uint64_t seed, unsigned rooms)
{
    struct chronicle *chronicle = calloc(1, sizeof *chronicle);
    uint32_t nobody;

    assert(rooms >= 1 && rooms <= CHRONICLE_ROOMS_MAX);
    if (chronicle == NULL) {
        return NULL;
    }
    chronicle->seed = seed;
    chronicle->rooms = rooms;
    if (!chronicle_admit(chronicle, &nobody)) {
        chronicle_close(chronicle);
        return NULL;
    }
    chronicle->totals.clients = 0;
    return chronicle;
}

void chronicle_close(struct chronicle *chronicle)
{
    if (chronicle == NULL) {
        return;
    }
    for (uint32_t i = 0; i < chronicle->person_count; i++) {
        free(chronicle->persons[i].actions);
        free(chronicle->persons[i].received.items);
        free(chronicle->persons[i].passed.items);
    }
    for (unsigned i = 0; i < chronicle->rooms; i++) {
        free(chronicle->orders[i].entries);
    }
    free(chronicle->persons);
    free(chronicle);
}

/* Returns an array with room for one more, or NULL when memory is out. */
static void *grown(void *array, size_t count, size_t *capacity, size_t size)
{
    size_t more = *capacity == 0 ? 64 : 2 * *capacity;
    void *bigger;

    if (count < *capacity) {
        return array;
    }
    bigger = realloc(array, more * size);
    if (bigger == NULL) {
        complaint_raise("this program is out of memory");
    } else {
        *capacity = more;
    }
    return bigger;
}

bool chronicle_admit(struct chronicle *chronicle, uint32_t *serial)
{
    size_t capacity = chronicle->person_capacity;
    struct person *persons =
        grown(chronicle->persons, chronicle->person_count, &capacity, sizeof *persons);

    if (persons == NULL) {
        return false;
    }
    chronicle->persons = persons;
    chronicle->person_capacity = (uint32_t)capacity;
    *serial = chronicle->person_count++;
    persons[*serial] = (struct person){.said = 0};
    chronicle->totals.clients++;
    return true;
}

static struct person *person_of(const struct chronicle *chronicle, uint32_t serial)
{
    assert(serial < chronicle->person_count);
    return &chronicle->persons[serial];
}

/*
 * What clients say.
 */

uint32_t chronicle_said(struct chronicle *chronicle, uint32_t serial)
{
    struct person *person = person_of(chronicle, serial);
    size_t capacity = person->action_capacity;
    struct action *actions =
        grown(person->actions, person->said + 1, &capacity, sizeof *person->actions);

    if (actions == NULL) {
        abort(); /* grown() has said why */
    }
    person->actions = actions;
    person->action_capacity = (uint32_t)capacity;
    person->actions[++person->said] = (struct action){FATE_UNKNOWN, 0};
    return person->said;
}

uint32_t chronicle_actions(const struct chronicle *chronicle, uint32_t serial)
{
    return person_of(chronicle, serial)->said;
}

void chronicle_refused(struct chronicle *chronicle, uint32_t serial)
{
    person_of(chronicle, serial)->refused = true;
    chronicle->totals.refusals++;
}

void chronicle_acknowledged(struct chronicle *chronicle, uint32_t serial, uint32_t through)
{
    struct person *person = person_of(chronicle, serial);

    while (person->acknowledged < through) {
        struct action *action = &person->actions[++person->acknowledged];

        action->fate = person->refused ? FATE_UNCERTAIN : FATE_ACKNOWLEDGED;
        chronicle->totals.acknowledged += !person->refused;
    }
    person->refused = false;
    chronicle_told(chronicle, serial);
    person->was_quiet = false;
}

void chronicle_verify(const struct chronicle *chronicle)
{
    for (uint32_t serial = 1; serial < chronicle->person_count; serial++) {
        const struct person *person = person_of(chronicle, serial);

        for (uint32_t i = 1; i <= person->acknowledged && !complaint_enough(); i++) {
            if (person->actions[i].fate == FATE_ACKNOWLEDGED && person->actions[i].heard == 0) {
                complaint_raise("action %u of client %u was acknowledged, and is in no room",
                                (unsigned)i, (unsigned)serial);
            }
        }
    }
}

void chronicle_omitted(struct chronicle *chronicle, uint32_t serial)
{
    struct person *person = person_of(chronicle, serial);

    person->actions[person->said].heard = HEARD_OMITTED;
}

void chronicle_severed(struct chronicle *chronicle, uint32_t serial)
{
    person_of(chronicle, serial)->refused = true;
}

/*
 * Who comes again.
 */

void chronicle_register(struct chronicle *chronicle, uint32_t serial)
{
    person_of(chronicle, serial)->registered = true;
}

bool chronicle_is_registered(const struct chronicle *chronicle, uint32_t serial)
{
    return person_of(chronicle, serial)->registered;
}

void chronicle_goes(struct chronicle *chronicle, uint32_t serial)
{
    person_of(chronicle, serial)->goes = true;
}

void chronicle_cut(struct chronicle *chronicle, uint32_t serial)
{
    struct person *person = person_of(chronicle, serial);

    chronicle_goes(chronicle, serial);
    person->passed.count = 0;
    for (unsigned i = 0; i < chronicle->rooms; i++) {
        person->slices[i].state = SLICE_OUT;
    }
}

void chronicle_taken_over(struct chronicle *chronicle, uint32_t serial)
{
    chronicle_severed(chronicle, serial);
    chronicle->totals.takeovers++;
}

static bool is_switched(enum rule rule)
{
    return rule == RULE_BEGINS || rule == RULE_ENDS;
}

/* Whether it is in no room, and nothing about it is still to be answered. */
static bool is_away(const struct chronicle *chronicle, const struct person *person)
{
    for (unsigned i = 0; i < chronicle->rooms; i++) {
        const struct membership *membership = &person->memberships[i];

        if ((membership->visits > 0 && membership->left_at == ENTRY_NONE) ||
            is_switched(membership->muted) || is_switched(membership->floor)) {
            return false;
        }
    }
    return true;
}

bool chronicle_return(struct chronicle *chronicle, uint32_t serial)
{
    struct person *person = person_of(chronicle, serial);

    if (!is_away(chronicle, person) || leave_is_coming(chronicle, serial)) {
        return false;
    }
    leave_forget(chronicle, serial);
    person->passed.count = 0;
    for (unsigned i = 0; i < chronicle->rooms; i++) {
        person->slices[i] = (struct slice){.visits = person->memberships[i].visits};
        person->memberships[i].muted = RULE_OFF;
    }
    /* The list of whom it ignores is kept with the name, but is not counted upon. */
    for (unsigned i = 0; i < CHRONICLE_IGNORED_MAX; i++) {
        if (person->ignored[i].rule != RULE_OFF) {
            person->ignored[i].rule = RULE_ENDS;
        }
    }
    person->quiet = RULE_OFF;
    person->goes = false;
    chronicle_severed(chronicle, serial);
    chronicle->totals.returns++;
    return true;
}

/*
 * What wardens do.
 */

void chronicle_expel(struct chronicle *chronicle, uint32_t serial)
{
    person_of(chronicle, serial)->expelled = true;
}

void chronicle_kick(struct chronicle *chronicle, int room, uint32_t serial)
{
    person_of(chronicle, serial)->memberships[room].kicks++;
}

static enum rule set_rule(enum rule *rule, enum rule value)
{
    enum rule before = *rule;

    *rule = value;
    return before;
}

enum rule chronicle_mute(struct chronicle *chronicle, int room, uint32_t serial, enum rule rule)
{
    return set_rule(&person_of(chronicle, serial)->memberships[room].muted, rule);
}

enum rule chronicle_give_floor(struct chronicle *chronicle, int room, uint32_t serial,
                               enum rule rule)
{
    return set_rule(&person_of(chronicle, serial)->memberships[room].floor, rule);
}

enum rule chronicle_moderate(struct chronicle *chronicle, int room, enum rule rule)
{
    return set_rule(&chronicle->orders[room].moderated, rule);
}

static bool is_inside(const struct membership *membership)
{
    return membership->visits > 0 && membership->left_at == ENTRY_NONE;
}

uint32_t chronicle_somebody(const struct chronicle *chronicle, int room, uint32_t from)
{
    uint32_t count = chronicle->person_count;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t serial = (from + i) % count;

        if (serial > 0 && is_inside(&person_of(chronicle, serial)->memberships[room])) {
            return serial;
        }
    }
    return 0;
}

bool chronicle_name(const struct chronicle *chronicle, uint32_t serial, char *name)
{
    const struct person *person = person_of(chronicle, serial);

    for (unsigned i = 0; i < chronicle->rooms; i++) {
        if (is_inside(&person->memberships[i])) {
            script_name(serial, person->memberships[i].name, name);
            return true;
        }
    }
    return false;
}

/*
 * The orders.
 */

static const char *event_name(const struct event *event)
{
    static const char *const names[] = {"says",           "joins",   "leaves the room",
                                        "is kicked out",  "(order)", "is renamed to",
                                        "leaves the chat"};

    return names[event->kind];
}

void order_show(const struct chronicle *chronicle, int room, uint32_t position)
{
    const struct order *order = &chronicle->orders[room];
    uint32_t i = position < CONTEXT_BEFORE ? 0 : position - CONTEXT_BEFORE;

    for (; i < order->count && i <= position + CONTEXT_AFTER; i++) {
        const struct entry *entry = &order->entries[i];

        complaint_add("room %d, %u%s client %u (as %u) %s %u; seq %llu", room, (unsigned)i,
                      i == position ? " >" : ":", (unsigned)entry->event.serial,
                      (unsigned)entry->event.name, event_name(&entry->event),
                      (unsigned)entry->event.number, (unsigned long long)entry->seq);
    }
}

static void enter_wrong(const struct chronicle *chronicle, int room, const struct event *event,
                        const char *what)
{
    complaint_raise("room %d, at %u: %s: client %u (as %u) %s %u", room,
                    (unsigned)chronicle->orders[room].count, what, (unsigned)event->serial,
                    (unsigned)event->name, event_name(event), (unsigned)event->number);
    order_show(chronicle, room, chronicle->orders[room].count);
}

static void append(struct chronicle *chronicle, int room, const struct event *event, uint64_t seq)
{
    struct order *order = &chronicle->orders[room];
    size_t capacity = order->capacity;
    struct entry *entries = grown(order->entries, order->count, &capacity, sizeof *entries);

    if (entries == NULL) {
        abort(); /* grown() has said why */
    }
    order->entries = entries;
    order->capacity = (uint32_t)capacity;
    if (seq > 0) {
        order->seq = seq;
        order->first_seq = order->first_seq == 0 ? seq : order->first_seq;
    }
    entries[order->count] = (struct entry){*event, order->seq};
    entries[order->count++].event.room = room;
    chronicle->totals.lines++;
}

/* Returns what is wrong about talk, or NULL. */
static const char *talk_fault(const struct chronicle *chronicle, int room,
                              const struct event *event, uint64_t seq)
{
    const struct person *person = person_of(chronicle, event->serial);
    const struct membership *membership = &person->memberships[room];
    const struct order *order = &chronicle->orders[room];

    if (!is_inside(membership)) {
        return "a line by a client that is not in the room";
    }
    if (event->name != membership->name) {
        return "a line under another name than its author has";
    }
    if (event->number > person->said || event->number <= membership->last_heard ||
        person->actions[event->number].heard != 0) {
        return "a line that was not said yet, or was heard before, or a later one was";
    }
    if (order->seq > 0 && seq != order->seq + 1) {
        return "a line's number is not the next one";
    }
    if (membership->muted == RULE_HOLDS) {
        return "a line by a client that is muted";
    }
    if (order->moderated == RULE_HOLDS && membership->floor == RULE_OFF) {
        return "a line by a client without the floor in a moderated room";
    }
    return NULL;
}

static const char *nick_fault(const struct chronicle *chronicle,
                              const struct membership *membership, const struct event *event)
{
    const struct person *person = person_of(chronicle, event->serial);

    if (!is_inside(membership) || event->name != membership->name) {
        return "a new name of a client that is not here, or under another name";
    }
    if (event->number > person->said || event->number <= event->name ||
        script_kind(chronicle->seed, event->serial, event->number) != SCRIPT_RENAME) {
        return "a new name that the client has not asked for";
    }
    return NULL;
}

static const char *leave_fault(const struct person *person, const struct membership *membership,
                               const struct event *event)
{
    if (!is_inside(membership)) {
        return "a client leaves that is not there";
    }
    if (event->number == EVENT_KICKED) {
        return person->expelled ? NULL : "a client is kicked that the operator has not kicked";
    }
    if (person->outlawed) {
        return "a client leaves that was kicked";
    }
    return person->goes ? NULL : "a client leaves the chat that has neither gone nor was cut off";
}

/* Returns what is wrong about an event that is not the warden's, or NULL. */
static const char *fault_of(const struct chronicle *chronicle, int room, const struct event *event,
                            uint64_t seq)
{
    const struct membership *membership = &person_of(chronicle, event->serial)->memberships[room];

    switch (event->kind) {
    case EVENT_TALK:
        return talk_fault(chronicle, room, event, seq);
    case EVENT_NICK:
        return nick_fault(chronicle, membership, event);
    case EVENT_JOIN:
        return is_inside(membership) ? "a client that is in the room joins it" : NULL;
    case EVENT_KICK:
        return !is_inside(membership) || membership->kicks == 0
                   ? "a client is kicked out that is not there, or that nobody has kicked"
                   : NULL;
    case EVENT_LEAVE:
        return leave_fault(person_of(chronicle, event->serial), membership, event);
    case EVENT_EXIT:
        return is_inside(membership) ? NULL : "a client leaves that is not there";
    case EVENT_ORDER:
        break;
    }
    return NULL;
}

/* Notes what an event changes. It stands at `at` in the room's order. */
static void apply(struct chronicle *chronicle, int room, const struct event *event, uint32_t at)
{
    struct person *person = person_of(chronicle, event->serial);
    struct membership *membership = &person->memberships[room];

    switch (event->kind) {
    case EVENT_TALK:
        membership->last_heard = event->number;
        person->actions[event->number].heard = (unsigned char)(room + 1);
        break;
    case EVENT_NICK:
        membership->name = event->number;
        person->actions[event->number].heard = (unsigned char)(room + 1);
        break;
    case EVENT_JOIN:
        membership->visits++;
        membership->joined_at = at;
        membership->left_before = membership->left_at;
        membership->left_at = ENTRY_NONE;
        membership->name = event->name;
        chronicle->totals.visits++;
        break;
    case EVENT_KICK:
        membership->kicks--;
        chronicle->totals.kicks++;
        membership->left_at = at;
        break;
    case EVENT_LEAVE:
        if (event->number == EVENT_KICKED && !person->was_expelled) {
            person->was_expelled = true;
            chronicle->totals.expulsions++;
        }
        membership->left_at = at;
        break;
    case EVENT_EXIT:
        membership->left_at = at;
        break;
    case EVENT_ORDER:
        break;
    }
}

void chronicle_enter(struct chronicle *chronicle, int room, const struct event *event, uint64_t seq)
{
    const char *fault = NULL;

    if (event->kind != EVENT_ORDER) {
        if (event->serial == 0 || event->serial >= chronicle->person_count) {
            enter_wrong(chronicle, room, event, "nobody in this run");
            return;
        }
        fault = fault_of(chronicle, room, event, seq);
    }
    if (fault != NULL) {
        enter_wrong(chronicle, room, event, fault);
        return;
    }
    append(chronicle, room, event, event->kind == EVENT_TALK ? seq : 0);
    if (event->kind != EVENT_ORDER) {
        apply(chronicle, room, event, chronicle->orders[room].count - 1);
    }
}

uint32_t order_find(const struct chronicle *chronicle, int room, uint64_t seq)
{
    const struct order *order = &chronicle->orders[room];
    uint32_t first = 0;
    uint32_t end = order->count;

    /* The first entry with that number is the talk; what follows it has the same. */
    while (first < end) {
        uint32_t middle = first + (end - first) / 2;

        if (order->entries[middle].seq < seq) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    if (first == order->count || order->entries[first].seq != seq ||
        order->entries[first].event.kind != EVENT_TALK) {
        return ENTRY_NONE;
    }
    return first;
}

uint64_t chronicle_last(const struct chronicle *chronicle, int room)
{
    return chronicle->orders[room].seq;
}

bool chronicle_find(const struct chronicle *chronicle, int room, uint64_t seq, struct event *event)
{
    uint32_t at = order_find(chronicle, room, seq);

    if (at != ENTRY_NONE) {
        *event = chronicle->orders[room].entries[at].event;
    }
    return at != ENTRY_NONE;
}

uint32_t chronicle_said_surely(const struct chronicle *chronicle, uint32_t serial, uint32_t through)
{
    const struct person *person = &chronicle->persons[serial];
    uint32_t number = through < person->acknowledged ? through : person->acknowledged;

    for (; number > 0; number--) {
        const struct action *action = &person->actions[number];

        if (action->fate == FATE_ACKNOWLEDGED && action->heard != 0 &&
            action->heard != HEARD_OMITTED &&
            script_kind(chronicle->seed, serial, number) != SCRIPT_RENAME) {
            break;
        }
    }
    return number;
}

struct chronicle_totals chronicle_totals(const struct chronicle *chronicle)
{
    return chronicle->totals;
}
