/* crowd: all the simulated clients, and what they do when. The program's only loop is here. */
#include "crowd.h"

#include "chance.h"
#include "complaint.h"
#include "hostile.h"
#include "peer.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    POLL_MILLIS = 2,              /* how late a decision or a piece of a line may be */
    SILENCE_LIMIT_MILLIS = 30000, /* without input for so long, what is missing counts as lost */

    /*
     * The limits of lines in flight and of decisions in one turn. Without them a run on a slow
     * machine would measure how much accumulates, and clients would be cut off for it.
     */
    IN_FLIGHT_LIMIT = 4000,
    STEPS_PER_TURN = 24,

    BIRTH_GAP_MILLIS = 400,       /* longest wait before a free place is taken */
    GUST_LINES = 60,              /* most lines of one client in a burst of activity */
    THINK_MILLIS = 250,           /* longest wait between two decisions of one client */
    SHORT_LIFE_MILLIS = 40,       /* of a client that comes to be cut off */
    PAUSE_MILLIS = 700,           /* longest pause of a reader, ... */
    PAUSE_BYTES = 400 * 1024,     /* ... which also ends when this much was sent meanwhile */
    SLOW_BYTES = 2 * 1024 * 1024, /* the same for a period of slow reading */
    SLOW_RATE_SPAN = 380 * 1000,  /* the slow read at rates from the least to this much more */
    LAZY_MILLIS = 1100            /* a lazy reader reads every third of this to four thirds */
};

enum stage {
    STAGE_OPENING, /* the observer joins */
    STAGE_TALK,
    STAGE_QUIET,      /* nobody sends until all have received everything */
    STAGE_LAST_ROUND, /* all have sent one more line */
    STAGE_LEAVING,
    STAGE_CLOSING, /* the observer leaves */
    STAGE_DONE
};

struct member {
    struct peer *peer;
    struct chance mind;
    int64_t act_at;
    bool doomed; /* is cut off at its next decision */
};

struct crowd {
    struct crowd_plan plan;
    struct ledger *ledger;
    struct gang *gang;
    struct member *members; /* the observer is the first */
    struct pollfd *polls;
    unsigned count;
    unsigned turn; /* index of the first member in this turn of decisions */
    enum stage stage;
    struct chance weather; /* decides what happens to all at once */
    bool gust_is_due;      /* a client has stopped reading, so now much must be sent */
    uint64_t steps;
    int64_t started_at, talk_began_at, talk_ends_at;
    int64_t heard_at; /* the time of the last input, ... */
    uint64_t heard;   /* ... and the sum of all input then */
};

static int64_t clock_millis(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct crowd *crowd_gather(const struct crowd_plan *plan)
{
    struct crowd *crowd = calloc(1, sizeof *crowd);

    if (crowd == NULL) {
        return NULL;
    }
    crowd->plan = *plan;
    crowd->ledger = ledger_open(plan->seed);
    crowd->members = calloc(plan->clients + 1, sizeof *crowd->members);
    crowd->polls = calloc(plan->clients + 1, sizeof *crowd->polls);
    crowd->weather = chance_stream(plan->seed, 0, 0);
    if (crowd->ledger != NULL) {
        crowd->gang = gang_gather(plan->seed, plan->hostile, &plan->places.some[0], crowd->ledger);
    }
    if (crowd->ledger == NULL || crowd->gang == NULL || crowd->members == NULL ||
        crowd->polls == NULL) {
        crowd_disperse(crowd);
        return NULL;
    }
    while (crowd->count < plan->clients + 1) {
        struct peer *peer = calloc(1, sizeof *peer);

        if (peer == NULL) {
            crowd_disperse(crowd);
            return NULL;
        }
        peer->channel.socket = -1;
        crowd->members[crowd->count++].peer = peer;
    }
    return crowd;
}

void crowd_disperse(struct crowd *crowd)
{
    for (unsigned i = 0; crowd->members != NULL && i < crowd->count; i++) {
        peer_discard(crowd->members[i].peer);
        free(crowd->members[i].peer);
    }
    free(crowd->members);
    free(crowd->polls);
    gang_disperse(crowd->gang);
    ledger_close(crowd->ledger);
    free(crowd);
}

static bool connect_member(struct crowd *crowd, struct member *member, uint32_t serial,
                           struct peer_manner manner)
{
    const struct place *place = places_draw(&crowd->plan.places, &member->mind);

    if (!peer_connect(member->peer, place, crowd->ledger, crowd->plan.seed, serial, manner)) {
        complaint_raise("client %u cannot connect: %s", (unsigned)serial, strerror(errno));
        return false;
    }
    return true;
}

/* Most lines that are split are split a few times; some are sent byte by byte. */
static size_t draw_piece(struct chance *mind)
{
    switch (chance_below(mind, 6)) {
    case 0:
        return 3;
    case 1:
        return 40;
    case 2:
        return 400;
    default:
        return 0;
    }
}

/* Usually a line or two, sometimes so many that the server needs several reads. */
static unsigned draw_burst(struct chance *mind)
{
    return 1 + chance_below(mind, chance_one_in(mind, 12) ? 40 : 3);
}

/*
 * The first places are for slow readers of all kinds. They do not have small windows, since a
 * narrow client's speed would depend on the windows.
 */
static void draw_slowness(const struct crowd *crowd, const struct member *member,
                          struct chance *mind, struct peer_manner *manner)
{
    if (member > crowd->members + crowd->plan.slow) {
        return;
    }
    manner->narrow = false;
    if (chance_one_in(mind, 3)) {
        manner->gap = LAZY_MILLIS;
    } else {
        /* More of the slow are very slow than moderately slow. */
        manner->rate = crowd->plan.slow_least +
                       chance_below(mind, SLOW_RATE_SPAN) / (1 + chance_below(mind, 8));
    }
}

/*
 * Begins a period of slow reading, unless one is in progress: between two periods the reader
 * catches up.
 */
static void member_dawdles(const struct crowd *crowd, const struct member *member)
{
    uint64_t volume = ledger_volume(crowd->ledger);

    if (member->peer->slow_volume <= volume) {
        peer_dawdle(member->peer, volume + SLOW_BYTES);
    }
}

/*
 * A new client takes a free place. Some send all their lines without waiting for anything, as a
 * program does that is piped into the connection.
 */
static void member_is_born(struct crowd *crowd, struct member *member, int64_t now)
{
    struct peer_manner manner = {.eager = false};
    struct chance *mind = &member->mind;
    uint32_t serial;

    if (!ledger_admit(crowd->ledger, &serial)) {
        complaint_raise("this program is out of memory");
        return;
    }
    *mind = chance_stream(crowd->plan.seed, serial, 0);
    manner.telnet = chance_one_in(mind, 6);
    manner.narrow = chance_one_in(mind, 4);
    manner.silent = chance_one_in(mind, 24);
    manner.eager = !manner.silent && chance_one_in(mind, 3);
    manner.curious = chance_one_in(mind, 8);
    manner.contrary = !manner.silent && chance_one_in(mind, 12);
    draw_slowness(crowd, member, mind, &manner);
    member->doomed = manner.silent || (manner.eager && chance_one_in(mind, 6));
    member->act_at = now + chance_below(mind, member->doomed ? SHORT_LIFE_MILLIS : THINK_MILLIS);
    if (!connect_member(crowd, member, serial, manner)) {
        member->act_at = now + BIRTH_GAP_MILLIS;
        return;
    }
    member_dawdles(crowd, member);
    if (manner.eager && chance_one_in(mind, 2)) {
        peer_say(member->peer, draw_burst(mind), draw_piece(mind));
        if (!member->doomed && chance_one_in(mind, 4)) {
            peer_leave(member->peer, chance_one_in(mind, 2) ? PEER_QUITS : PEER_HALF_CLOSES);
        }
    }
}

/* Cuts off a client, at the prompt or in the middle of anything. */
static void member_is_cut(struct member *member)
{
    struct chance *mind = &member->mind;

    if (member->peer->manner.silent && member->peer->stage == PEER_CONNECTED &&
        chance_one_in(mind, 3)) {
        peer_leave(member->peer, PEER_HALF_CLOSES);
        return;
    }
    if (member->peer->welcomed && chance_one_in(mind, 2)) {
        peer_say(member->peer, draw_burst(mind), 0);
        peer_break_off(member->peer);
        return;
    }
    /*
     * After a plain close the server takes the beginning of a line as a line, as for a piped file
     * without a final line end. After a reset it is dropped.
     */
    peer_drop(member->peer, peer_owes(member->peer) || !chance_one_in(mind, 3));
}

static void member_acts(struct crowd *crowd, struct member *member, int64_t now)
{
    struct peer *peer = member->peer;
    struct chance *mind = &member->mind;
    uint32_t draw = chance_below(mind, 100);

    member->act_at = now + chance_below(mind, THINK_MILLIS);
    if (chance_one_in(mind, 4)) {
        member_dawdles(crowd, member);
    }
    if (draw < 60) {
        peer_say(peer, draw_burst(mind), draw_piece(mind));
    } else if (draw < 86 && peer->manner.curious) {
        peer_ask(peer, chance_below(mind, 100));
    } else if (draw < 86) {
        peer_write_to(peer, crowd->members[chance_below(mind, crowd->count)].peer->serial);
    } else if (draw < 93) {
        crowd->gust_is_due = peer->manner.narrow && chance_one_in(mind, 2);
        peer_pause(peer, now + chance_below(mind, PAUSE_MILLIS),
                   ledger_volume(crowd->ledger) + chance_below(mind, PAUSE_BYTES));
        member->doomed = chance_one_in(mind, 6);
    } else {
        if (chance_one_in(mind, 2)) {
            peer_say(peer, draw_burst(mind), draw_piece(mind));
        }
        if (draw < 95) {
            peer_leave(peer, PEER_QUITS);
        } else if (draw < 97) {
            peer_leave(peer, PEER_HALF_CLOSES);
        } else {
            member->doomed = true;
            member->act_at = now + chance_below(mind, SHORT_LIFE_MILLIS);
        }
    }
}

/* Returns true when more may be sent under the limit of volume per second. */
static bool crowd_may_say(const struct crowd *crowd, int64_t now)
{
    uint64_t since = (uint64_t)(now - crowd->talk_began_at);

    return crowd->plan.volume == 0 ||
           ledger_volume(crowd->ledger) < crowd->plan.volume * since / 1000;
}

/*
 * Lets the members act whose time has come. Now and then there is a burst of activity: all members
 * that would join or leave soon do so now, and the others send many lines. Members join and send
 * only if coming is true. Returns how many acted.
 */
static unsigned crowd_decides(struct crowd *crowd, int64_t now, bool coming)
{
    bool gust = coming && (crowd->gust_is_due || chance_one_in(&crowd->weather, 400));
    unsigned most = gust ? crowd->plan.clients : STEPS_PER_TURN;
    unsigned steps = 0;

    crowd->turn++;
    crowd->gust_is_due = false;
    for (unsigned i = 0; i < crowd->plan.clients && steps < most; i++) {
        struct member *member = &crowd->members[1 + (i + crowd->turn) % crowd->plan.clients];
        struct peer *peer = member->peer;

        if (now < member->act_at && !gust) {
            continue;
        }
        if (peer->stage == PEER_ABSENT) {
            if (!coming) {
                continue;
            }
            member_is_born(crowd, member, now);
        } else if (member->doomed && peer->parting == PEER_STAYS) {
            member_is_cut(member);
            member->act_at = now + chance_below(&member->mind, BIRTH_GAP_MILLIS);
        } else if (coming && peer->welcomed && peer->parting == PEER_STAYS &&
                   peer->stage == PEER_CONNECTED &&
                   ledger_in_flight(crowd->ledger) < IN_FLIGHT_LIMIT && crowd_may_say(crowd, now)) {
            if (now < member->act_at) {
                peer_say(peer, 1 + chance_below(&crowd->weather, GUST_LINES), 0);
            } else {
                member_acts(crowd, member, now);
            }
        } else {
            continue;
        }
        steps++;
    }
    return steps;
}

/* Lets the hostile clients act, with a member of the room as the victim. */
static void crowd_suffers(struct crowd *crowd, int64_t now)
{
    unsigned place = chance_below(&crowd->weather, crowd->count);
    char victim[SCRIPT_NAME_BYTES];
    bool here = ledger_name(crowd->ledger, crowd->members[place].peer->serial, victim);

    if (!gang_acts(crowd->gang, now, here && place > 0 ? victim : NULL)) {
        complaint_raise("a hostile client cannot come: %s", strerror(errno));
    }
}

/* Ends all slow reading, and disconnects the hostile clients. */
static void crowd_hurries(struct crowd *crowd)
{
    gang_leaves(crowd->gang);
    for (unsigned i = 1; i < crowd->count; i++) {
        peer_dawdle(crowd->members[i].peer, 0);
    }
}

/*
 * Returns true when every client has either left and been checked, or is in the room and has
 * received everything, private messages too.
 */
static bool crowd_is_settled(const struct crowd *crowd)
{
    uint32_t present = 0;

    for (unsigned i = 1; i < crowd->count; i++) {
        const struct peer *peer = crowd->members[i].peer;

        if (peer->stage == PEER_ABSENT) {
            continue;
        }
        if (!peer_idle(peer) || !ledger_settled(crowd->ledger, peer->serial)) {
            return false;
        }
        present++;
    }
    return present == ledger_present(crowd->ledger) &&
           ledger_letters_missing(crowd->ledger, false) == 0;
}

/* Returns true when all but the observer have left, also by the ledger. */
static bool crowd_is_gone(const struct crowd *crowd)
{
    for (unsigned i = 1; i < crowd->count; i++) {
        if (crowd->members[i].peer->stage != PEER_ABSENT) {
            return false;
        }
    }
    return ledger_present(crowd->ledger) == 0;
}

/* Enters the next stage if the present one is over. */
static void crowd_advance(struct crowd *crowd, int64_t now)
{
    struct peer *observer = crowd->members[0].peer;
    const struct crowd_plan *plan = &crowd->plan;
    enum stage before = crowd->stage;

    switch (crowd->stage) {
    case STAGE_OPENING:
        if (observer->welcomed) {
            crowd->stage = STAGE_TALK;
            crowd->talk_began_at = now;
            crowd->talk_ends_at = plan->talk_millis > 0 ? now + plan->talk_millis : INT64_MAX;
        }
        break;
    case STAGE_TALK:
        if (now >= crowd->talk_ends_at || (plan->steps > 0 && crowd->steps >= plan->steps)) {
            crowd->stage = STAGE_QUIET;
            crowd_hurries(crowd);
        }
        break;
    case STAGE_QUIET:
        if (crowd_is_settled(crowd)) {
            crowd->stage = STAGE_LAST_ROUND;
        }
        break;
    case STAGE_LAST_ROUND:
        if (crowd_is_settled(crowd)) {
            ledger_letters_missing(crowd->ledger, true);
            crowd->stage = STAGE_LEAVING;
        }
        break;
    case STAGE_LEAVING:
        if (crowd_is_gone(crowd)) {
            crowd->stage = STAGE_CLOSING;
            peer_leave(observer, PEER_QUITS);
        }
        break;
    case STAGE_CLOSING:
        if (observer->stage == PEER_ABSENT) {
            crowd->stage = STAGE_DONE;
        }
        break;
    case STAGE_DONE:
        break;
    }
    for (unsigned i = 1; i < crowd->count && crowd->stage != before; i++) {
        struct peer *peer = crowd->members[i].peer;

        if (crowd->stage == STAGE_LAST_ROUND && peer->stage == PEER_CONNECTED) {
            peer_say(peer, 1, 0);
        } else if (crowd->stage == STAGE_LEAVING && peer->stage == PEER_CONNECTED) {
            peer_leave(peer, i % 2 == 0 ? PEER_QUITS : PEER_HALF_CLOSES);
        }
    }
}

/* Reports that the run does not end, and which clients are the cause. */
static void crowd_is_stuck(const struct crowd *crowd, const char *what)
{
    static const char *const stages[] = {"opening", "talk",    "quiet", "last round",
                                         "leaving", "closing", "done"};
    unsigned shown = 0;

    complaint_raise("%s, in the stage \"%s\"; %u lines in flight, %u in the room", what,
                    stages[crowd->stage], (unsigned)ledger_in_flight(crowd->ledger),
                    (unsigned)ledger_present(crowd->ledger));
    for (unsigned i = 0; i < crowd->count && shown < 4; i++) {
        const struct peer *peer = crowd->members[i].peer;
        bool done = peer->stage == PEER_ABSENT ||
                    (peer_idle(peer) && (i == 0 || ledger_settled(crowd->ledger, peer->serial)));

        if (!done || crowd->stage == STAGE_LEAVING) {
            peer_describe(peer);
            shown++;
        }
    }
    if (shown == 0) {
        ledger_letters_missing(crowd->ledger, true);
    }
}

/* Checks the deadlines. Returns false when one has passed. */
static bool crowd_is_in_time(struct crowd *crowd, int64_t now)
{
    struct ledger_totals totals = ledger_totals(crowd->ledger);
    uint64_t heard = totals.deliveries + totals.letters;

    if (heard != crowd->heard || crowd->heard_at == 0) {
        crowd->heard = heard;
        crowd->heard_at = now;
    }
    if (now - crowd->started_at > crowd->plan.deadline_millis) {
        crowd_is_stuck(crowd, "the deadline has passed");
        return false;
    }
    if (now - crowd->heard_at > SILENCE_LIMIT_MILLIS) {
        crowd_is_stuck(crowd, "nothing more comes although something is owed");
        return false;
    }
    return true;
}

/*
 * Does all possible input and output, and checks it. The observer is read last, so that the lines
 * that others got are mostly in the ledger when they are checked.
 */
static void crowd_serve(struct crowd *crowd, int64_t now)
{
    for (unsigned i = 0; i < crowd->count; i++) {
        const struct peer *peer = crowd->members[i].peer;

        crowd->polls[i] =
            (struct pollfd){.fd = peer->channel.socket, .events = peer_events(peer, now)};
        /*
         * poll() ignores a negative descriptor; so POLLHUP does not make the loop spin on a paused
         * reader.
         */
        if (crowd->polls[i].events == 0) {
            crowd->polls[i].fd = -1;
        }
    }
    if (poll(crowd->polls, crowd->count, POLL_MILLIS) < 0) {
        return;
    }
    for (unsigned i = crowd->count; i-- > 0;) {
        struct member *member = &crowd->members[i];

        peer_serve(member->peer, crowd->polls[i].revents, now);
    }
    for (unsigned i = 0; i < crowd->count && !complaint_enough(); i++) {
        struct member *member = &crowd->members[i];

        if (member->peer->stage != PEER_ABSENT) {
            peer_digest(member->peer);
            if (member->peer->stage == PEER_ABSENT) {
                member->act_at = now + chance_below(&member->mind, BIRTH_GAP_MILLIS);
            }
        }
    }
}

struct ledger_totals crowd_run(struct crowd *crowd)
{
    struct peer_manner plain = {.eager = false};
    int64_t now = clock_millis();

    crowd->started_at = now;
    if (!connect_member(crowd, &crowd->members[0], SCRIPT_OBSERVER, plain)) {
        return ledger_totals(crowd->ledger);
    }
    /* Violations after the first are mostly its consequences, so the run ends after this turn. */
    while (crowd->stage != STAGE_DONE && complaint_count() == 0 && crowd_is_in_time(crowd, now)) {
        crowd_serve(crowd, now);
        now = clock_millis();
        if (crowd->members[0].peer->stage == PEER_ABSENT && crowd->stage != STAGE_CLOSING) {
            break;
        }
        if (crowd->stage == STAGE_TALK) {
            crowd_suffers(crowd, now);
        }
        if (crowd->stage == STAGE_TALK || crowd->stage == STAGE_QUIET) {
            crowd->steps += crowd_decides(crowd, now, crowd->stage == STAGE_TALK);
        }
        crowd_advance(crowd, now);
    }
    return ledger_totals(crowd->ledger);
}
