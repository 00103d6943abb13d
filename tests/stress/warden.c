/* warden: who keeps order in a room of a town. */
#include "warden.h"

#include "complaint.h"
#include "object.h"
#include "script.h"

#include <stdio.h>
#include <string.h>

enum { MEASURE_MILLIS = 150 };

static void type(struct warden *warden, const char *text)
{
    wire_type(&warden->wire, text, strlen(text));
}

bool warden_come(struct warden *warden, const struct place *place, struct chronicle *chronicle,
                 uint64_t seed, int room, bool operator)
{
    char name[EVENT_ROOM_BYTES];
    char text[128];

    *warden =
        (struct warden){.chronicle = chronicle, .seed = seed, .room = room, .operator= operator};
    wire_init(&warden->wire);
    warden->mind = chance_stream(seed, (uint64_t)room, 3);
    if (!wire_open(&warden->wire, place, NULL, false, &warden->mind)) {
        return false;
    }
    event_room_name(room, name);
    snprintf(text, sizeof text, "/machine on\n%s%d\n/join %s\n", EVENT_WARDEN, room, name);
    type(warden, text);
    if (room != 0) {
        type(warden, "/leave lobby\n");
    } else if (operator) {
        type(warden, "/register " WARDEN_PASSWORD "\n");
    }
    return true;
}

/* Types a command about a client. Returns false if it is nowhere any more. */
static bool type_about(struct warden *warden, const char *command, uint32_t serial,
                       const char *rest)
{
    char name[SCRIPT_NAME_BYTES];
    char text[SCRIPT_NAME_BYTES + 64];

    if (serial == 0 || !chronicle_name(warden->chronicle, serial, name)) {
        return false;
    }
    snprintf(text, sizeof text, "%s %s%s\n", command, name, rest);
    type(warden, text);
    return true;
}

/* Types the command for a measure. Returns false if there is nothing to be done. */
static bool measure_begin(struct warden *warden, struct measure *measure)
{
    struct chronicle *chronicle = warden->chronicle;
    uint32_t serial = measure->serial;
    int room = warden->room;

    switch (measure->kind) {
    case MEASURE_EXPEL:
        if (serial == 0 || chronicle_is_registered(chronicle, serial) ||
            !type_about(warden, "/kick", serial, " too loud")) {
            return false;
        }
        chronicle_expel(chronicle, serial);
        return true;
    case MEASURE_KICK:
        if (!type_about(warden, "/kick", serial, " too loud")) {
            return false;
        }
        chronicle_kick(chronicle, room, serial);
        return true;
    case MEASURE_MUTE:
        if (!type_about(warden, "/mute", serial, "")) {
            return false;
        }
        measure->before = chronicle_mute(chronicle, room, serial, RULE_BEGINS);
        return true;
    case MEASURE_UNMUTE:
        if (!type_about(warden, "/unmute", serial, "")) {
            return false;
        }
        measure->before = chronicle_mute(chronicle, room, serial, RULE_ENDS);
        return true;
    case MEASURE_FLOOR:
        if (!type_about(warden, "/floor", serial, "")) {
            return false;
        }
        measure->before = chronicle_give_floor(chronicle, room, serial, RULE_BEGINS);
        return true;
    case MEASURE_NO_FLOOR:
        if (!type_about(warden, "/floor", serial, " off")) {
            return false;
        }
        measure->before = chronicle_give_floor(chronicle, room, serial, RULE_ENDS);
        return true;
    case MEASURE_MODERATE:
    case MEASURE_FREE: {
        char name[EVENT_ROOM_BYTES];
        char text[64];
        bool moderates = measure->kind == MEASURE_MODERATE;

        event_room_name(room, name);
        snprintf(text, sizeof text, "%s #%s\n", moderates ? "/mute" : "/unmute", name);
        type(warden, text);
        measure->before = chronicle_moderate(chronicle, room, moderates ? RULE_BEGINS : RULE_ENDS);
        return true;
    }
    case MEASURE_SYNC:
        type(warden, "/sync all\n");
        return true;
    }
    return false;
}

static void measure_take(struct warden *warden, enum measure_kind kind, uint32_t serial)
{
    struct measure measure = {kind, serial, RULE_OFF};

    if (warden->measure_count < WARDEN_MEASURES_MAX && measure_begin(warden, &measure)) {
        warden->measures[warden->measure_count++] = measure;
    }
}

/*
 * The rule that holds when a measure was answered. One fails when the client has another name by
 * now, or has left; or, having come again as somebody else to the server, is not muted any more.
 */
static enum rule rule_behind(const struct measure *measure, bool ok)
{
    bool ends = measure->kind == MEASURE_UNMUTE || measure->kind == MEASURE_NO_FLOOR ||
                measure->kind == MEASURE_FREE;

    return !ok ? measure->before : ends ? RULE_OFF : RULE_HOLDS;
}

static void measure_end(struct warden *warden, bool ok)
{
    struct measure measure = warden->measures[0];
    struct chronicle *chronicle = warden->chronicle;
    enum rule rule = rule_behind(&measure, ok);

    warden->measure_count--;
    memmove(warden->measures, warden->measures + 1,
            warden->measure_count * sizeof *warden->measures);
    switch (measure.kind) {
    case MEASURE_MUTE:
    case MEASURE_UNMUTE:
        chronicle_mute(chronicle, warden->room, measure.serial, rule);
        warden->last_muted = rule == RULE_HOLDS ? measure.serial : 0;
        break;
    case MEASURE_FLOOR:
    case MEASURE_NO_FLOOR:
        chronicle_give_floor(chronicle, warden->room, measure.serial, rule);
        warden->last_given = rule == RULE_HOLDS ? measure.serial : 0;
        break;
    case MEASURE_MODERATE:
    case MEASURE_FREE:
        if (warden->measure_count > 0) {
            rule = RULE_ENDS; /* it relents already, see warden_relent() */
        }
        chronicle_moderate(chronicle, warden->room, rule);
        warden->moderates = rule == RULE_HOLDS;
        break;
    case MEASURE_SYNC:
        warden->syncs++;
        break;
    case MEASURE_EXPEL:
    case MEASURE_KICK:
        break;
    }
}

/* One measure at a time, so that what is to be undone is known. */
void warden_act(struct warden *warden, int64_t now)
{
    struct chance *mind = &warden->mind;
    uint32_t somebody;
    uint32_t draw = chance_below(mind, 100);

    if ((warden->room == 0 && !warden->operator) || !warden->settled || warden->measure_count > 0 ||
        now < warden->act_at) {
        return;
    }
    warden->act_at = now + chance_below(mind, MEASURE_MILLIS);
    somebody = chronicle_somebody(warden->chronicle, warden->room, chance_below(mind, 100000));
    if (warden->room == 0) {
        if (draw < 30) {
            measure_take(warden, MEASURE_EXPEL, somebody);
        }
    } else if (draw < 30) {
        measure_take(warden, MEASURE_KICK, somebody);
    } else if (draw < 60) {
        bool mutes = warden->last_muted == 0;

        measure_take(warden, mutes ? MEASURE_MUTE : MEASURE_UNMUTE,
                     mutes ? somebody : warden->last_muted);
        /* Who has left in between stays muted, as far as that goes. */
        warden->last_muted = warden->measure_count == 0 ? 0 : warden->last_muted;
    } else if (draw < 85) {
        bool gives = warden->last_given == 0 || chance_one_in(mind, 3);

        measure_take(warden, gives ? MEASURE_FLOOR : MEASURE_NO_FLOOR,
                     gives ? somebody : warden->last_given);
        warden->last_given = warden->measure_count == 0 ? 0 : warden->last_given;
    } else if (warden->moderates || chance_one_in(mind, 3)) {
        measure_take(warden, warden->moderates ? MEASURE_FREE : MEASURE_MODERATE, 0);
    }
}

void warden_relent(struct warden *warden)
{
    if (warden->room != 0) {
        measure_take(warden, MEASURE_FREE, 0);
    }
}

void warden_sync(struct warden *warden)
{
    measure_take(warden, MEASURE_SYNC, 0);
}

void warden_leave(struct warden *warden)
{
    warden->leaving = true;
    type(warden, "/quit\n");
}

static void warden_wrong(const struct warden *warden, const char *what, const char *bytes,
                         size_t length)
{
    char quote[COMPLAINT_QUOTE_BYTES];

    complaint_raise("the warden of room %d: %s", warden->room, what);
    complaint_add("got      \"%s\"", complaint_quote(bytes, length, quote));
}

/* Answers to what it does to get into its room: see warden_come(). */
static bool take_opening(struct warden *warden, const struct object *object)
{
    unsigned wanted = warden->room == 0 && !warden->operator? 2 : 3;

    if (warden->settled) {
        return false;
    }
    warden->replies += object->type == OBJECT_REPLY;
    warden->settled = warden->replies == wanted;
    if (object->type == OBJECT_REPLY && !object->ok) {
        warden_wrong(warden, "it does not get into its room", object->line.bytes,
                     object->line.length);
    }
    return true;
}

static void take_event(struct warden *warden, const struct object *object)
{
    struct event event;
    bool known = event_read(warden->seed, object->line.bytes, object->line.length, &event);

    if (!known || (object->room != EVENT_NO_ROOM && object->room != warden->room)) {
        warden_wrong(warden, known ? "an event of another room" : "an event of no known form",
                     object->line.bytes, object->line.length);
        return;
    }
    chronicle_enter(warden->chronicle, warden->room, &event, object->seq);
}

static void take_object(struct warden *warden, const char *bytes, size_t length)
{
    static struct object object;

    if (!object_read(bytes, length, &object)) {
        if (length > 0 && warden->settled) {
            warden_wrong(warden, "no object", bytes, length);
        }
        return;
    }
    if (take_opening(warden, &object)) {
        return;
    }
    if (object.type == OBJECT_EVENT) {
        take_event(warden, &object);
    } else if (object.type == OBJECT_REPLY || object.type == OBJECT_SYNC) {
        if (warden->measure_count == 0) {
            warden_wrong(warden, "a reply to nothing", bytes, length);
        } else {
            measure_end(warden, object.type == OBJECT_SYNC || object.ok);
        }
    }
}

void warden_digest(struct warden *warden)
{
    const char *bytes;
    size_t length;

    while (!complaint_enough() && wire_line(&warden->wire, &bytes, &length)) {
        take_object(warden, bytes, length);
        wire_next(&warden->wire);
    }
    if (warden->wire.ended && !warden->leaving && wire_is_open(&warden->wire)) {
        warden_wrong(warden, "the connection has ended", "", 0);
        wire_close(&warden->wire, true);
    }
}
