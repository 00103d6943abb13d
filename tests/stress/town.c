/* town: several rooms, and who comes to them. */
#include "town.h"

#include "complaint.h"
#include "visitor.h"
#include "warden.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    POLL_MILLIS = 2,
    ROUNDS = 4,                  /* of /sync: visitors, wardens, visitors, wardens */
    SILENCE_LIMIT_MILLIS = 30000 /* something must have come within this time */
};

enum stage {
    STAGE_OPENING,
    STAGE_TALK,
    STAGE_QUIET, /* what was asked is still answered */
    STAGE_ROUNDS,
    STAGE_LEAVING,
    STAGE_DONE
};

struct town {
    struct town_plan plan;
    struct chronicle *chronicle;
    struct warden *wardens;
    struct visitor *visitors;
    struct pollfd *polls;
    unsigned wardens_came;
    enum stage stage;
    unsigned round;
    int64_t started_at, talk_ends_at, heard_at;
    uint64_t heard;
};

static int64_t clock_millis(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct town *town_found(const struct town_plan *plan)
{
    struct town *town = calloc(1, sizeof *town);

    if (town == NULL) {
        return NULL;
    }
    town->plan = *plan;
    town->chronicle = chronicle_open(plan->seed, plan->rooms);
    town->wardens = calloc(plan->rooms, sizeof *town->wardens);
    town->visitors = calloc(plan->clients, sizeof *town->visitors);
    town->polls = calloc(plan->rooms + 2 * plan->clients, sizeof *town->polls);
    for (unsigned i = 0; i < plan->rooms && town->wardens != NULL; i++) {
        wire_init(&town->wardens[i].wire);
    }
    for (unsigned i = 0; i < plan->clients && town->visitors != NULL; i++) {
        wire_init(&town->visitors[i].wire);
        wire_init(&town->visitors[i].next);
        town->visitors[i].accounts = plan->accounts;
    }
    if (town->chronicle == NULL || town->wardens == NULL || town->visitors == NULL ||
        town->polls == NULL) {
        town_abandon(town);
        return NULL;
    }
    return town;
}

void town_abandon(struct town *town)
{
    for (unsigned i = 0; town->wardens != NULL && i < town->plan.rooms; i++) {
        wire_discard(&town->wardens[i].wire);
    }
    for (unsigned i = 0; town->visitors != NULL && i < town->plan.clients; i++) {
        wire_discard(&town->visitors[i].wire);
        wire_discard(&town->visitors[i].next);
    }
    free(town->wardens);
    free(town->visitors);
    free(town->polls);
    chronicle_close(town->chronicle);
    free(town);
}

/*
 * The wardens come one after the other, the lobby's last: so nobody whom the orders do not know is
 * in a room when they begin.
 */
static void wardens_come(struct town *town)
{
    unsigned rooms = town->plan.rooms;
    const struct warden *last = &town->wardens[rooms - town->wardens_came];
    struct warden *next;

    if (town->wardens_came > 0 && !last->settled) {
        return;
    }
    if (town->wardens_came == rooms) {
        town->stage = STAGE_TALK;
        town->talk_ends_at = clock_millis() + town->plan.talk_millis;
        return;
    }
    town->wardens_came++;
    next = &town->wardens[rooms - town->wardens_came];
    if (!warden_come(next, &town->plan.places.some[0], town->chronicle, town->plan.seed,
                     (int)(next - town->wardens), town->plan.accounts)) {
        complaint_raise("a warden cannot come: %s", strerror(errno));
    }
}

static void everybody_acts(struct town *town, int64_t now)
{
    for (unsigned i = 0; i < town->plan.rooms; i++) {
        warden_act(&town->wardens[i], now);
    }
    for (unsigned i = 0; i < town->plan.clients && complaint_count() == 0; i++) {
        struct visitor *visitor = &town->visitors[i];

        if (visitor->stage == VISITOR_ABSENT && visitor_may_come(visitor, now)) {
            visitor_come(visitor, &town->plan.places, town->chronicle, town->plan.seed,
                         town->plan.rooms);
        }
        visitor_act(visitor, now);
    }
}

/* Whether all that was asked is answered, and nobody is coming or going. */
static bool everybody_is_idle(const struct town *town)
{
    for (unsigned i = 0; i < town->plan.rooms; i++) {
        if (town->wardens[i].measure_count > 0) {
            return false;
        }
    }
    for (unsigned i = 0; i < town->plan.clients; i++) {
        const struct visitor *visitor = &town->visitors[i];

        if (visitor->stage != VISITOR_ABSENT &&
            (visitor->stage != VISITOR_IS_HERE || !visitor_is_idle(visitor))) {
            return false;
        }
    }
    return true;
}

static void round_begins(struct town *town)
{
    bool visitors = town->round % 2 == 0;

    for (unsigned i = 0; i < town->plan.clients && visitors; i++) {
        if (town->visitors[i].stage == VISITOR_IS_HERE) {
            visitor_sync(&town->visitors[i]);
        }
    }
    for (unsigned i = 0; i < town->plan.rooms && !visitors; i++) {
        warden_sync(&town->wardens[i]);
    }
}

/* Everybody has got everything, or it is lost. */
static void everybody_is_settled(struct town *town)
{
    for (unsigned i = 0; i < town->plan.clients; i++) {
        struct visitor *visitor = &town->visitors[i];

        if (visitor->stage == VISITOR_IS_HERE &&
            !chronicle_is_settled(town->chronicle, visitor->serial) && !complaint_enough()) {
            complaint_raise("client %u did not get everything", (unsigned)visitor->serial);
            visitor_describe(visitor);
        }
    }
    chronicle_verify(town->chronicle);
}

static void everybody_leaves(struct town *town)
{
    for (unsigned i = 0; i < town->plan.clients; i++) {
        if (town->visitors[i].stage == VISITOR_IS_HERE) {
            visitor_leave(&town->visitors[i]);
        }
    }
}

static bool everybody_is_gone(const struct town *town)
{
    for (unsigned i = 0; i < town->plan.clients; i++) {
        if (town->visitors[i].stage != VISITOR_ABSENT) {
            return false;
        }
    }
    return true;
}

static void advance(struct town *town, int64_t now)
{
    switch (town->stage) {
    case STAGE_OPENING:
        wardens_come(town);
        break;
    case STAGE_TALK:
        everybody_acts(town, now);
        if (now >= town->talk_ends_at) {
            for (unsigned i = 0; i < town->plan.clients; i++) {
                town->visitors[i].rest_until = 0;
            }
            for (unsigned i = 0; i < town->plan.rooms; i++) {
                warden_relent(&town->wardens[i]);
            }
            town->stage = STAGE_QUIET;
        }
        break;
    case STAGE_QUIET:
    case STAGE_ROUNDS:
        if (!everybody_is_idle(town)) {
            break;
        }
        if (town->stage == STAGE_ROUNDS && ++town->round == ROUNDS) {
            everybody_is_settled(town);
            everybody_leaves(town);
            town->stage = STAGE_LEAVING;
            break;
        }
        town->stage = STAGE_ROUNDS;
        round_begins(town);
        break;
    case STAGE_LEAVING:
        if (everybody_is_gone(town)) {
            for (unsigned i = 0; i < town->plan.rooms; i++) {
                warden_leave(&town->wardens[i]);
            }
            town->stage = STAGE_DONE;
        }
        break;
    case STAGE_DONE:
        break;
    }
}

/* The wires of the wardens, of the visitors, and of those by which they come in from elsewhere. */
static struct wire *wire_of(struct town *town, unsigned i)
{
    unsigned rooms = town->plan.rooms;
    unsigned clients = town->plan.clients;

    if (i < rooms) {
        return &town->wardens[i].wire;
    }
    return i < rooms + clients ? &town->visitors[i - rooms].wire
                               : &town->visitors[i - rooms - clients].next;
}

/* Whether a wire's owner reads now. */
static bool reads(const struct town *town, unsigned i, int64_t now)
{
    unsigned rooms = town->plan.rooms;

    return i < rooms || now >= town->visitors[(i - rooms) % town->plan.clients].rest_until;
}

static void serve(struct town *town, int64_t now)
{
    unsigned rooms = town->plan.rooms;
    unsigned count = rooms + 2 * town->plan.clients;

    for (unsigned i = 0; i < count; i++) {
        const struct wire *wire = wire_of(town, i);
        short events = wire_events(wire, reads(town, i, now));

        town->polls[i] = (struct pollfd){
            .fd = events == 0 || wire->ended ? -1 : wire->channel.socket, .events = events};
    }
    if (poll(town->polls, count, POLL_MILLIS) < 0) {
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        wire_serve(wire_of(town, i), town->polls[i].revents, reads(town, i, now));
    }
    for (unsigned i = 0; i < rooms; i++) {
        warden_digest(&town->wardens[i]);
    }
    for (unsigned i = 0; i < town->plan.clients && !complaint_enough(); i++) {
        visitor_digest(&town->visitors[i]);
    }
}

static void is_stuck(const struct town *town, const char *what)
{
    static const char *const stages[] = {"opening", "talk", "quiet", "rounds", "leaving", "done"};
    unsigned shown = 0;

    complaint_raise("%s, in the stage \"%s\"", what, stages[town->stage]);
    for (unsigned i = 0; i < town->plan.rooms; i++) {
        complaint_add("warden %u: %u measures not answered", i, town->wardens[i].measure_count);
    }
    for (unsigned i = 0; i < town->plan.clients && shown < 3; i++) {
        const struct visitor *visitor = &town->visitors[i];

        if (visitor->stage != VISITOR_ABSENT &&
            (visitor->stage != VISITOR_IS_HERE || !visitor_is_idle(visitor) ||
             visitor->wire.in_end > visitor->wire.in_first)) {
            visitor_describe(visitor);
            shown++;
        }
    }
}

static bool is_in_time(struct town *town, int64_t now)
{
    struct chronicle_totals totals = chronicle_totals(town->chronicle);
    uint64_t heard = totals.deliveries + totals.lines + totals.acknowledged + (uint64_t)town->stage;

    if (heard != town->heard) {
        town->heard = heard;
        town->heard_at = now;
    }
    if (now - town->started_at > town->plan.deadline_millis) {
        is_stuck(town, "the deadline has passed");
        return false;
    }
    if (now - town->heard_at > SILENCE_LIMIT_MILLIS) {
        is_stuck(town, "nothing more comes although something is owed");
        return false;
    }
    return true;
}

struct chronicle_totals town_run(struct town *town)
{
    int64_t now = clock_millis();

    town->started_at = town->heard_at = now;
    while (town->stage != STAGE_DONE && complaint_count() == 0 && is_in_time(town, now)) {
        advance(town, now);
        serve(town, now);
        now = clock_millis();
    }
    return chronicle_totals(town->chronicle);
}
