/* visitor: a client in several rooms of a town. visiting.c handles what it gets. */
#include "visitor.h"

#include "complaint.h"
#include "visitor_inside.h"
#include "warden.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum {
    THINK_MILLIS = 120,   /* longest time between two actions */
    ABSENCE_MILLIS = 200, /* longest time until a new client takes the place of one that is gone */
    PATIENCE_MILLIS = 3000,   /* longest wait until all know that it has left */
    ACCOUNT_SERIALS = 40,     /* so many clients are asked for, ... */
    ACCOUNT_EACH = 3,         /* ... and one of so many registers its name */
    OWN_ADDRESS = 0x7f010000, /* 127.1.0.0 */
    LONG_BURST = 30,
    COMMANDS_BEFORE_TALK = 64 /* it says nothing while more commands are not answered */
};

static void type(struct visitor *visitor, const char *text)
{
    wire_type(&visitor->wire, text, strlen(text));
}

/* Types a command whose answer is awaited. */
static void command(struct visitor *visitor, enum command_kind kind, int room, uint32_t number,
                    const char *text)
{
    assert(visitor->command_count < VISITOR_COMMANDS_MAX);
    visitor->commands[visitor->command_count++] = (struct command){kind, room, number};
    type(visitor, text);
}

/* A program that was cut off goes on where it was, in all its rooms. */
static void remember(struct visitor *visitor)
{
    for (int room = 0; room < (int)visitor->rooms; room++) {
        visitor->resume[room] = 0;
        if (visitor->program && visitor->stage == VISITOR_IS_HERE &&
            chronicle_is_in(visitor->chronicle, visitor->serial, room)) {
            visitor->resume[room] = chronicle_seq(visitor->chronicle, visitor->serial, room);
        }
    }
}

static bool resumes(const struct visitor *visitor)
{
    for (unsigned i = 0; i < visitor->rooms; i++) {
        if (visitor->resume[i] != 0) {
            return true;
        }
    }
    return false;
}

/* Connects, sometimes from an address of its own: who fails there is slowed down alone. */
static bool connect_by(struct visitor *visitor, struct wire *wire)
{
    struct sockaddr_in source = {.sin_family = AF_INET};
    const struct place *place = places_draw(visitor->places, &visitor->mind);
    bool own = visitor->wrong && place->address.ss_family == AF_INET;

    source.sin_addr.s_addr = htonl(OWN_ADDRESS + visitor->serial);
    if (!wire_open(wire, place, own ? (struct sockaddr *)&source : NULL,
                   chance_one_in(&visitor->mind, 4), &visitor->mind)) {
        complaint_raise("client %u cannot connect: %s", (unsigned)visitor->serial, strerror(errno));
        return false;
    }
    return true;
}

/* Says who it is, and that it is so if the name is registered. */
static void log_in(struct visitor *visitor, struct wire *wire)
{
    char name[SCRIPT_NAME_BYTES];
    char text[3 * SCRIPT_NAME_BYTES + 64];

    script_name(visitor->serial, 0, name);
    snprintf(text, sizeof text, "%s%s%s%s\n%s", visitor->program ? "/machine on\n" : "",
             visitor->wrong ? name : "", visitor->wrong ? "\nwrong horse\n" : "", name,
             visitor->registered ? WARDEN_PASSWORD "\n" : "");
    wire_type(wire, text, strlen(text));
}

static bool enter(struct visitor *visitor)
{
    visitor->current = 0;
    visitor->command_count = 0;
    visitor->rest_until = 0;
    visitor->replaced = visitor->took_over = visitor->arriving = false;
    if (!connect_by(visitor, &visitor->wire)) {
        return false;
    }
    log_in(visitor, &visitor->wire);
    visitor->stage = VISITOR_COMES;
    return true;
}

/* Whom it ignored may be ignored still. */
static bool come_again(struct visitor *visitor)
{
    visitor->farewell = visitor->odd = visitor->is_quiet = false;
    visitor->ignores_a_name = visitor->ignores_a_name || visitor->dislike.serial != 0;
    visitor->dislike.serial = 0;
    memset(visitor->resume, 0, sizeof visitor->resume);
    visitor->wrong = !visitor->has_failed && chance_one_in(&visitor->mind, 3);
    visitor->has_failed = visitor->has_failed || visitor->wrong;
    return enter(visitor);
}

bool visitor_may_come(struct visitor *visitor, int64_t now)
{
    if (now < visitor->act_at || !visitor->registered) {
        return now >= visitor->act_at;
    }
    if (chronicle_return(visitor->chronicle, visitor->serial)) {
        return true;
    }
    visitor->return_until =
        visitor->return_until == 0 ? now + PATIENCE_MILLIS : visitor->return_until;
    if (now >= visitor->return_until) {
        visitor->registered = false;
    }
    return !visitor->registered;
}

bool visitor_come(struct visitor *visitor, const struct places *places, struct chronicle *chronicle,
                  uint64_t seed, unsigned rooms)
{
    bool again = resumes(visitor);

    assert(visitor->stage == VISITOR_ABSENT);
    visitor->places = places;
    if (visitor->registered) {
        return come_again(visitor);
    }
    if (!chronicle_admit(chronicle, &visitor->serial)) {
        return false;
    }
    visitor->account = visitor->accounts && visitor->serial <= ACCOUNT_SERIALS &&
                       visitor->serial % ACCOUNT_EACH == 0;
    if (visitor->account) {
        chronicle_register(chronicle, visitor->serial);
    }
    visitor->chronicle = chronicle;
    visitor->seed = seed;
    visitor->rooms = rooms;
    visitor->mind = chance_stream(seed, visitor->serial, 4);
    visitor->program = again || chance_one_in(&visitor->mind, 3);
    visitor->farewell = visitor->odd = visitor->is_quiet = visitor->ignores_a_name = false;
    visitor->dislike.serial = 0;
    visitor->syncs = 0;
    visitor->wrong = visitor->has_failed = false;
    return enter(visitor);
}

void visitor_register(struct visitor *visitor)
{
    command(visitor, COMMAND_REGISTER, 0, 0, "/register " WARDEN_PASSWORD "\n");
}

void visitor_switch(struct visitor *visitor)
{
    wire_close(&visitor->wire, false);
    wire_replace(&visitor->wire, &visitor->next);
    chronicle_taken_over(visitor->chronicle, visitor->serial);
    visitor->replaced = visitor->odd = false;
    visitor->took_over = true;
    visitor->announced = 0;
    visitor->stage = VISITOR_COMES;
}

static void say(struct visitor *visitor, unsigned count)
{
    struct script_line line;

    while (count-- > 0 && visitor->command_count < COMMANDS_BEFORE_TALK) {
        uint32_t number = chronicle_said(visitor->chronicle, visitor->serial);

        if (visitor->account &&
            script_kind(visitor->seed, visitor->serial, number) == SCRIPT_RENAME) {
            chronicle_omitted(visitor->chronicle, visitor->serial);
            continue;
        }
        script_spoken(visitor->seed, visitor->serial, number, &line);
        wire_type(&visitor->wire, line.bytes, line.length);
        type(visitor, "\n");
    }
}

/* Comes in by another connection while the present one is there. */
static void take_over(struct visitor *visitor, int64_t now)
{
    (void)now;
    say(visitor, chance_below(&visitor->mind, 4));
    visitor->rest_until = 0;
    visitor->wrong = false;
    if (connect_by(visitor, &visitor->next)) {
        log_in(visitor, &visitor->next);
    }
}

static void join(struct visitor *visitor, int room)
{
    char name[EVENT_ROOM_BYTES];
    char text[64];

    event_room_name(room, name);
    snprintf(text, sizeof text, "/join %s\n", name);
    command(visitor, COMMAND_JOIN, room, 0, text);
}

static void leave_room(struct visitor *visitor)
{
    int room = (int)chance_below(&visitor->mind, visitor->rooms);
    char name[EVENT_ROOM_BYTES];
    char text[64];

    event_room_name(room, name);
    snprintf(text, sizeof text, "/leave %s\n", name);
    command(visitor, COMMAND_LEAVE, room, 0, text);
}

static void ignore(struct visitor *visitor)
{
    struct dislike *dislike = &visitor->dislike;
    char text[SCRIPT_NAME_BYTES + 16];
    uint32_t other;

    if (dislike->serial != 0) {
        snprintf(text, sizeof text, "/unignore %s\n", dislike->name);
        chronicle_ignore(visitor->chronicle, visitor->serial, dislike->serial, RULE_ENDS);
        command(visitor, COMMAND_UNIGNORE, 0, dislike->serial, text);
        return;
    }
    other = chronicle_somebody(visitor->chronicle, visitor->current,
                               chance_below(&visitor->mind, 100000));
    if (other == 0 || other == visitor->serial ||
        !chronicle_name(visitor->chronicle, other, dislike->name) ||
        !chronicle_ignore(visitor->chronicle, visitor->serial, other, RULE_BEGINS)) {
        return;
    }
    snprintf(text, sizeof text, "/ignore %s\n", dislike->name);
    command(visitor, COMMAND_IGNORE, 0, other, text);
}

static void hush(struct visitor *visitor)
{
    bool quiet = !visitor->is_quiet;

    chronicle_quiet(visitor->chronicle, visitor->serial, quiet ? RULE_BEGINS : RULE_ENDS);
    command(visitor, quiet ? COMMAND_QUIET_ON : COMMAND_QUIET_OFF, 0, 0,
            quiet ? "/quiet on\n" : "/quiet off\n");
}

void visitor_sync(struct visitor *visitor)
{
    chronicle_syncing(visitor->chronicle, visitor->serial);
    command(visitor, COMMAND_SYNC, 0, chronicle_actions(visitor->chronicle, visitor->serial),
            "/sync all\n");
}

/* Whether a number may be a word of what somebody else has said, whose only digit is 7. */
static bool is_common(uint32_t number)
{
    while (number % 10 == 7) {
        number /= 10;
    }
    return number == 0;
}

/* Looks for something that it has said: the numbers of both are words of it. */
static void search(struct visitor *visitor)
{
    const struct chronicle *chronicle = visitor->chronicle;
    uint32_t said = chronicle_actions(chronicle, visitor->serial);
    uint32_t number =
        chronicle_said_surely(chronicle, visitor->serial, chance_below(&visitor->mind, said + 1));
    char text[64];

    if (number == 0 || number == visitor->serial || is_common(number) ||
        is_common(visitor->serial)) {
        return;
    }
    visitor->found = false;
    snprintf(text, sizeof text, "/search %u %u\n", (unsigned)visitor->serial, (unsigned)number);
    command(visitor, COMMAND_SEARCH, 0, number, text);
}

/* What it asks when nothing else is asked. */
static void ask(struct visitor *visitor)
{
    struct chance *mind = &visitor->mind;
    uint32_t draw = chance_below(mind, 100);

    if (draw < 30) {
        join(visitor, (int)chance_below(mind, visitor->rooms));
    } else if (draw < 45) {
        leave_room(visitor);
    } else if (draw < 60) {
        ignore(visitor);
    } else if (draw < 65) {
        hush(visitor);
    } else if (draw < 70) {
        command(visitor, COMMAND_OTHER, 0, 0, "/away for a while\n");
    } else if (draw < 85 || !visitor->program) {
        visitor_sync(visitor);
    } else if (draw < 90 && visitor->accounts) {
        search(visitor);
    } else if (draw < 95) {
        visitor->past = 0;
        command(visitor, COMMAND_HISTORY, visitor->current, 0, "/history 20\n");
    } else {
        command(visitor, COMMAND_OTHER, 0, 0, "/who\n");
    }
}

/* Goes on in one more of the rooms in which it was before it was cut off. */
static void resume(struct visitor *visitor)
{
    char name[EVENT_ROOM_BYTES];
    char text[96];
    int room = 0;

    while (visitor->resume[room] == 0) {
        room++;
    }
    if (!chronicle_is_in(visitor->chronicle, visitor->serial, room)) {
        join(visitor, room);
        return;
    }
    event_room_name(room, name);
    snprintf(text, sizeof text, "/resume %s %llu\n", name,
             (unsigned long long)visitor->resume[room]);
    chronicle_resuming(visitor->chronicle, visitor->serial, room, visitor->resume[room]);
    visitor->resume[room] = 0;
    command(visitor, COMMAND_RESUME, room, 0, text);
}

static void cut(struct visitor *visitor, int64_t now)
{
    remember(visitor);
    chronicle_cut(visitor->chronicle, visitor->serial);
    visitor->return_until = 0;
    wire_close(&visitor->wire, true);
    visitor->stage = VISITOR_ABSENT;
    visitor->act_at = now + chance_below(&visitor->mind, ABSENCE_MILLIS);
}

static void go(struct visitor *visitor, int64_t now)
{
    if (chance_one_in(&visitor->mind, 2)) {
        cut(visitor, now);
    } else {
        visitor_leave(visitor);
    }
}

void visitor_act(struct visitor *visitor, int64_t now)
{
    struct chance *mind = &visitor->mind;
    uint32_t draw;

    if (now < visitor->act_at || visitor->stage != VISITOR_IS_HERE) {
        return;
    }
    visitor->act_at = now + chance_below(mind, THINK_MILLIS);
    if (visitor_resumes_now(visitor) || wire_is_open(&visitor->next)) {
        return;
    }
    if (resumes(visitor)) {
        if (visitor_is_idle(visitor)) {
            resume(visitor);
        }
        return;
    }
    draw = chance_below(mind, 100);
    if (visitor->account) {
        /* It comes and goes when it is known where it is. */
        if (chance_one_in(mind, 12) && visitor->registered && visitor_is_idle(visitor)) {
            (chance_one_in(mind, 3) ? go : take_over)(visitor, now);
            return;
        }
        draw = chance_below(mind, 96);
    }
    if (draw < 50) {
        say(visitor, 1 + chance_below(mind, chance_one_in(mind, 20) ? LONG_BURST : 3));
    } else if (draw < 93) {
        if (visitor_is_idle(visitor)) {
            ask(visitor);
        }
    } else if (draw < 96) {
        visitor->rest_until = now + chance_below(mind, VISITOR_REST_MILLIS);
    } else if (draw < 98) {
        visitor_leave(visitor);
    } else {
        cut(visitor, now);
    }
}

bool visitor_is_idle(const struct visitor *visitor)
{
    return visitor->command_count == 0 && !visitor->odd && !wire_is_open(&visitor->next);
}

void visitor_leave(struct visitor *visitor)
{
    chronicle_goes(visitor->chronicle, visitor->serial);
    visitor->stage = VISITOR_LEAVES;
    visitor->return_until = 0;
    visitor->rest_until = 0;
    type(visitor, "/quit\n");
}

void visitor_describe(const struct visitor *visitor)
{
    static const char *const stages[] = {"absent", "comes", "is here", "leaves"};
    char quote[COMPLAINT_QUOTE_BYTES];
    const char *bytes;
    size_t length;

    wire_line(&visitor->wire, &bytes, &length);
    complaint_add("client %u, a %s: %s, current room %d, %u commands not answered (kind %d), "
                  "first line not taken: \"%s\"",
                  (unsigned)visitor->serial, visitor->program ? "program" : "plain client",
                  stages[visitor->stage], visitor->current, visitor->command_count,
                  visitor->command_count > 0 ? (int)visitor->commands[0].kind : -1,
                  complaint_quote(bytes, length, quote));
    chronicle_describe(visitor->chronicle, visitor->serial);
}
