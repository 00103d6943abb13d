#include "base/platform.h"

#include "chat/flow.h"

#include <assert.h>

int flow_init(struct flow *flow, struct talkers *talkers, int64_t drain_timeout, size_t sendq)
{
    size_t quarter = sendq / 4;
    *flow = (struct flow){.talkers = talkers,
                          .drain_timeout = drain_timeout,
                          .batch = quarter < FLOW_BATCH_BYTES ? quarter : FLOW_BATCH_BYTES,
                          .patient = quarter < FLOW_PATIENT_BYTES ? quarter : FLOW_PATIENT_BYTES};
    flow->readers.next = flow->readers.previous = &flow->readers;
    int error = lock_init(&flow->lock, LOCK_RANK_FLOW, "flow");
    if (error != 0)
        return error;
    error = condition_init(&flow->changed);
    if (error != 0)
        lock_destroy(&flow->lock);
    return error;
}

void flow_destroy(struct flow *flow)
{
    assert(flow->readers.next == &flow->readers);
    condition_destroy(&flow->changed);
    lock_destroy(&flow->lock);
}

/*
 * Readers.
 */

static void list(struct flow *flow, struct flow_reader *reader)
{
    reader->listed = true;
    reader->previous = flow->readers.previous;
    reader->next = &flow->readers;
    reader->previous->next = reader->next->previous = reader;
}

static void unlist(struct flow_reader *reader)
{
    reader->listed = false;
    reader->previous->next = reader->next;
    reader->next->previous = reader->previous;
}

/*
 * Returns for how many nanoseconds TCP may go on to fill the buffers of a reader that has stopped,
 * by probes of its window. What the socket takes in that time is no sign that the reader reads.
 */
static int64_t settling_time(const struct flow *flow)
{
    return flow->drain_timeout / 3;
}

static void restart_clock(struct flow_reader *reader)
{
    reader->waited = 0;
    reader->phase = FLOW_SETTLING;
}

/* Sets one of a reader's states, and counts the readers in that state. */
static void count(size_t *readers, bool *state, bool now)
{
    *readers += now;
    *readers -= *state;
    *state = now;
}

/* The watch of a reader's outbox. Called with the outbox lock held. */
static void on_changed(struct outbox_watch *watch, enum outbox_level level, bool progress)
{
    struct flow_reader *reader = (struct flow_reader *)watch; /* `watch` is its first member */
    struct flow *flow = reader->flow;
    lock_take(&flow->lock);
    size_t were_behind = flow->behind;
    size_t were_near_limit = flow->near_limit;
    if (level != OUTBOX_EMPTY && !reader->listed) {
        restart_clock(reader);
        reader->ticked = clock_now();
        list(flow, reader);
    } else if (level == OUTBOX_EMPTY && reader->listed) {
        unlist(reader);
    }
    if (progress && reader->phase == FLOW_SETTLED)
        restart_clock(reader);
    count(&flow->behind, &reader->behind, level >= OUTBOX_BEHIND);
    flow->opened_beside_slow = flow->opened_beside_slow && flow->behind > 0;
    count(&flow->near_limit, &reader->near_limit, level >= OUTBOX_NEAR_LIMIT);
    if (flow->behind < were_behind || flow->near_limit < were_near_limit)
        condition_broadcast(&flow->changed);
    lock_release(&flow->lock);
}

void flow_add(struct flow *flow, struct flow_reader *reader, struct outbox *outbox)
{
    *reader =
        (struct flow_reader){.watch = {.changed = on_changed}, .flow = flow, .outbox = outbox};
    reader->watches = true;
    outbox_add_watch(outbox, &reader->watch);
}

void flow_remove(struct flow_reader *reader)
{
    if (reader->flow == NULL)
        return;
    outbox_remove_watch(reader->outbox, &reader->watch);
    lock_take(&reader->flow->lock);
    reader->watches = false;
    lock_release(&reader->flow->lock);
}

/*
 * Authors.
 */

bool flow_is_flood(struct flow_pace *pace, size_t length, int64_t now)
{
    int64_t forgotten = (now - pace->at) / (CLOCK_SECOND / (int64_t)FLOW_TALK_BYTES);
    if (pace->at == 0 || forgotten >= (int64_t)pace->bytes)
        pace->bytes = 0;
    else
        pace->bytes -= (size_t)forgotten;
    pace->at = now;
    pace->bytes += length;
    bool flood = pace->bytes > FLOW_TALK_BYTES;
    if (pace->bytes > 2 * FLOW_TALK_BYTES)
        pace->bytes = 2 * FLOW_TALK_BYTES;
    return flood;
}

/*
 * The gate. The functions down to flow_is_open() want the flow lock held.
 */

/*
 * How long floods wait for slow readers. Beside talk so little is let in at once that a reader near
 * its limit has time enough.
 */
static int64_t patience(const struct flow *flow)
{
    if (flow->near_limit > 0 && !flow->beside_talk)
        return FLOW_LONG_PATIENCE;
    return flow->opened_beside_slow ? FLOW_PATIENCE : FLOW_FIRST_PATIENCE;
}

/* Returns when the first piece has waited long enough for slow readers. */
static int64_t patience_ends(const struct flow *flow, int64_t arrival)
{
    return (arrival > flow->opened_at ? arrival : flow->opened_at) + patience(flow);
}

static bool is_open(const struct flow *flow, int64_t arrival, int64_t now)
{
    if (now < flow->rests_until)
        return false;
    return flow->behind == 0 || now >= patience_ends(flow, arrival);
}

/* Returns when the gate opens if nothing changes. */
static int64_t opens_at(const struct flow *flow, int64_t arrival)
{
    int64_t opens = flow->behind == 0 ? flow->rests_until : patience_ends(flow, arrival);
    return opens > flow->rests_until ? opens : flow->rests_until;
}

bool flow_is_open(struct flow *flow, int64_t arrival)
{
    lock_take(&flow->lock);
    bool open = is_open(flow, arrival, clock_now());
    lock_release(&flow->lock);
    return open;
}

struct flow_portion flow_open(struct flow *flow, int64_t arrival, bool anyway)
{
    struct flow_portion portion = {0};
    int64_t now = clock_now();
    lock_take(&flow->lock);
    if (anyway || is_open(flow, arrival, now)) {
        portion.rests = talkers_any(flow->talkers, now);
        portion.bytes = flow->behind > 0 ? flow->patient : flow->batch;
        if (portion.rests && portion.bytes > FLOW_BESIDE_TALK_BYTES)
            portion.bytes = FLOW_BESIDE_TALK_BYTES;
        portion.shown = flow->behind > 0 ? portion.bytes : 2 * portion.bytes;
        flow->opened_beside_slow = flow->behind > 0;
        flow->opened_at = now;
        flow->beside_talk = portion.rests;
        flow->openings++;
        condition_broadcast(&flow->changed);
    }
    lock_release(&flow->lock);
    return portion;
}

void flow_overdraw(struct flow *flow, size_t bytes)
{
    if (bytes <= flow->patient)
        return;
    lock_take(&flow->lock);
    flow->opened_at += (int64_t)(bytes - flow->patient) * (FLOW_PATIENCE / (int64_t)flow->patient);
    lock_release(&flow->lock);
}

void flow_rest(struct flow *flow, int64_t began)
{
    int64_t now = clock_now();
    int64_t rest = FLOW_RESTS * (now - began);
    if (rest > FLOW_REST_MAX)
        rest = FLOW_REST_MAX;
    lock_take(&flow->lock);
    flow->rests_until = now + rest;
    lock_release(&flow->lock);
}

uint64_t flow_openings(struct flow *flow)
{
    lock_take(&flow->lock);
    uint64_t openings = flow->openings;
    lock_release(&flow->lock);
    return openings;
}

/*
 * Waiting.
 */

/*
 * Returns for how many nanoseconds, since the last call, authors waited while this reader took
 * nothing. More than two ticks include time in which no author waited, or in which this process did
 * not run: they count as one tick.
 */
static int64_t time_passed(struct flow_reader *reader, int64_t now)
{
    int64_t passed = now - reader->ticked;
    reader->ticked = now;
    return passed < 2 * FLOW_TICK ? passed : FLOW_TICK;
}

static void try(struct outbox *outbox)
{
    outbox_try(outbox);
}

/*
 * Calls `act` for a reader's outbox. Releases the flow lock meanwhile, as the outbox lock ranks
 * before it.
 */
static void do_to(struct flow *flow, struct flow_reader *reader, void (*act)(struct outbox *outbox))
{
    struct outbox *outbox = reader->outbox;
    outbox_acquire(outbox);
    lock_release(&flow->lock);
    act(outbox);
    outbox_release(outbox);
    lock_take(&flow->lock);
}

/*
 * Returns for how many nanoseconds a reader that is behind takes nothing before it is judged. TCP
 * takes bytes in steps: with a drain timeout near 0, the pause between two steps would look like a
 * stall.
 */
static int64_t judged_after(const struct flow *flow)
{
    return flow->drain_timeout > 2 * FLOW_TICK ? flow->drain_timeout : 2 * FLOW_TICK;
}

/* Whether a reader is to be judged. */
static bool is_due(const struct flow *flow, const struct flow_reader *reader)
{
    return reader->behind && reader->waited >= judged_after(flow);
}

/* Returns when to judge a reader if it takes nothing, but `until` at the latest. */
static int64_t judged_at(const struct flow *flow, const struct flow_reader *reader, int64_t until)
{
    int64_t due = reader->ticked + judged_after(flow) - reader->waited;
    return reader->behind && due < until ? due : until;
}

/* Returns when to look again: the gate opens, a reader is due, or a tick has passed. */
static int64_t next_look(const struct flow *flow, int64_t arrival, int64_t now)
{
    int64_t look = opens_at(flow, arrival);
    if (look > now + FLOW_TICK)
        look = now + FLOW_TICK;
    for (const struct flow_reader *reader = flow->readers.next; reader != &flow->readers;
         reader = reader->next)
        look = judged_at(flow, reader, look);
    return look;
}

/*
 * Runs a reader's clock. Returns whether the flow lock was released meanwhile: the reader may be
 * gone then.
 */
static bool tick(struct flow *flow, struct flow_reader *reader, int64_t now)
{
    reader->waited += time_passed(reader, now);
    if (reader->phase == FLOW_LAST_TRY)
        reader->phase = FLOW_SETTLED;
    if (is_due(flow, reader)) {
        restart_clock(reader); /* one judgement for each timeout, whatever its outcome */
        do_to(flow, reader, outbox_judge);
        return true;
    }
    if (reader->phase == FLOW_SETTLING && reader->waited >= settling_time(flow)) {
        reader->phase = FLOW_LAST_TRY;
        do_to(flow, reader, try);
        return true;
    }
    return false;
}

/* Runs the clocks of all readers. Releases the flow lock in between. */
static void tick_all(struct flow *flow)
{
    struct flow_reader *reader = flow->readers.next;
    int64_t now = clock_now();
    while (reader != &flow->readers) {
        if (tick(flow, reader, now))
            reader = flow->readers.next; /* the ring may have changed; no time counts twice */
        else
            reader = reader->next;
    }
}

void flow_wait(struct flow *flow, uint64_t openings, int64_t arrival)
{
    lock_assert_none_held();
    lock_take(&flow->lock);
    int64_t now = clock_now();
    if (flow->openings == openings && !is_open(flow, arrival, now)) {
        condition_wait_until(&flow->changed, &flow->lock, next_look(flow, arrival, now));
        if (flow->behind > 0)
            tick_all(flow);
    }
    lock_release(&flow->lock);
}

enum flow_verdict flow_wait_for(struct flow *flow, struct flow_reader *reader, int64_t *let_in,
                                int64_t arrival)
{
    enum flow_verdict verdict = FLOW_WAIT;
    lock_assert_none_held();
    lock_take(&flow->lock);
    int64_t now = clock_now();
    int64_t sends = (arrival > *let_in ? arrival : *let_in) +
                    (reader->near_limit ? FLOW_LONG_PATIENCE : FLOW_PATIENCE);
    if (!reader->watches) {
        verdict = FLOW_SEND;
    } else if (!reader->behind) {
        verdict = FLOW_TRY;
    } else if (now >= sends) {
        *let_in = now;
        verdict = FLOW_SEND;
    } else {
        int64_t look = sends < now + FLOW_TICK ? sends : now + FLOW_TICK;
        condition_wait_until(&flow->changed, &flow->lock, judged_at(flow, reader, look));
        if (reader->listed)
            tick(flow, reader, clock_now());
    }
    lock_release(&flow->lock);
    return verdict;
}
