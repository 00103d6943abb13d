#include "base/platform.h"

#include "chat/flow.h"

#include <assert.h>

static void set_limits(struct flow *flow, int64_t drain_timeout, size_t sendq)
{
    size_t quarter = sendq / 4;
    flow->drain_timeout = drain_timeout;
    flow->batch = quarter < FLOW_BATCH_BYTES ? quarter : FLOW_BATCH_BYTES;
    flow->patient = quarter < FLOW_PATIENT_BYTES ? quarter : FLOW_PATIENT_BYTES;
}

int flow_init(struct flow *flow, struct talkers *talkers, int64_t drain_timeout, size_t sendq)
{
    *flow = (struct flow){.talkers = talkers};
    set_limits(flow, drain_timeout, sendq);
    flow->readers.next = flow->readers.previous = &flow->readers;
    int error = lock_init(&flow->lock, LOCK_RANK_FLOW, "flow");
    if (error != 0)
        return error;
    error = condition_init(&flow->changed);
    if (error != 0)
        lock_destroy(&flow->lock);
    return error;
}

void flow_limit(struct flow *flow, int64_t drain_timeout, size_t sendq)
{
    lock_take(&flow->lock);
    set_limits(flow, drain_timeout, sendq);
    lock_release(&flow->lock);
}

void flow_destroy(struct flow *flow)
{
    pressure_forget(&flow->gauge);
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

static int64_t later(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

/*
 * Whether other machines have not told of so much that their readers may be behind by now. Half of
 * what is let in at once beside slow readers, as these are told of at a second look only.
 */
static bool awaits_word(const struct flow *flow)
{
    return flow->window.bytes >= flow->patient / 2;
}

/* Returns until when a reader is behind, here or elsewhere, if nothing changes. */
static int64_t behind_until(const struct flow *flow)
{
    int64_t end = later(flow->elsewhere.behind_until, pressure_everywhere_until(&flow->gauge));
    if (awaits_word(flow))
        end = later(end, flow->elsewhere.made_until);
    return flow->behind > 0 ? CLOCK_NEVER : end;
}

static bool is_behind(const struct flow *flow, int64_t now)
{
    return now < behind_until(flow);
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
    reader->still_behind = reader->still_behind && reader->behind;
    if (flow->opened_beside_slow && flow->behind == 0)
        flow->opened_beside_slow = is_behind(flow, clock_now());
    count(&flow->near_limit, &reader->near_limit, level >= OUTBOX_NEAR_LIMIT);
    if (flow->behind < were_behind || flow->near_limit < were_near_limit)
        condition_broadcast(&flow->changed);
    bool fell_behind = flow->behind > were_behind;
    lock_release(&flow->lock);
    if (fell_behind)
        pressure_note(&flow->gauge);
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
static int64_t patience(const struct flow *flow, int64_t now)
{
    bool near_limit = flow->near_limit > 0 || now < flow->elsewhere.near_limit_until;
    if (near_limit && !flow->beside_talk)
        return FLOW_LONG_PATIENCE;
    return flow->opened_beside_slow || awaits_word(flow) ? FLOW_PATIENCE : FLOW_FIRST_PATIENCE;
}

/* Returns when the first piece has waited long enough for slow readers. */
static int64_t patience_ends(const struct flow *flow, int64_t arrival, int64_t now)
{
    return (arrival > flow->opened_at ? arrival : flow->opened_at) + patience(flow, now);
}

static bool is_full(const struct flow *flow)
{
    return flow->under_way >= flow->batch;
}

/* Returns until when the gate is closed, whatever readers do. */
static int64_t closed_until(const struct flow *flow, int64_t now)
{
    return later(flow->rests_until, now + meter_debt(&flow->launched, FLOW_PACE / 2, now));
}

static bool is_open(const struct flow *flow, int64_t arrival, int64_t now)
{
    if (now < closed_until(flow, now) || is_full(flow))
        return false;
    return !is_behind(flow, now) || now >= patience_ends(flow, arrival, now);
}

/* Returns when the gate opens if nothing changes. */
static int64_t opens_at(const struct flow *flow, int64_t arrival, int64_t now)
{
    int64_t end = behind_until(flow);
    int64_t patience_end = patience_ends(flow, arrival, now);
    if (is_full(flow))
        return CLOCK_NEVER;
    return later(end < patience_end ? end : patience_end, closed_until(flow, now));
}

/*
 * Returns how much may enter in a batch. Beside slow readers, floods on other machines that wait as
 * well have their share; what is under way is in the batch already.
 */
static size_t batch_bytes_of(const struct flow *flow, int64_t now)
{
    size_t machines = 1 + (now < flow->elsewhere.flood_until ? flow->elsewhere.floods : 0);
    size_t bytes = is_behind(flow, now) ? flow->patient / machines : flow->batch;
    return bytes > flow->under_way ? bytes - flow->under_way : 1;
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
        bool behind = is_behind(flow, now);
        portion.bytes = batch_bytes_of(flow, now);
        if (portion.rests && portion.bytes > FLOW_BESIDE_TALK_BYTES)
            portion.bytes = FLOW_BESIDE_TALK_BYTES;
        portion.shown = behind ? portion.bytes : 2 * portion.bytes;
        flow->opened_beside_slow = behind;
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
    lock_take(&flow->lock);
    if (bytes > flow->patient)
        flow->opened_at +=
            (int64_t)(bytes - flow->patient) * (FLOW_PATIENCE / (int64_t)flow->patient);
    lock_release(&flow->lock);
}

/* Has the gate rest after a delivery; `rested` is how much of that is over. Wants the flow lock. */
static void set_rest(struct flow *flow, int64_t began, int64_t now, int64_t rested)
{
    int64_t rest = FLOW_RESTS * (now - began);
    if (rest > FLOW_REST_MAX)
        rest = FLOW_REST_MAX;
    flow->rests_until = now + rest - rested;
}

void flow_rest(struct flow *flow, int64_t began)
{
    int64_t now = clock_now();
    lock_take(&flow->lock);
    set_rest(flow, began, now, 0);
    lock_release(&flow->lock);
}

void flow_launch(struct flow *flow, size_t bytes)
{
    int64_t now = clock_now();
    lock_take(&flow->lock);
    flow->under_way += bytes;
    meter_charge(&flow->launched, (int64_t)bytes * FLOW_PACE / (int64_t)flow->patient, now);
    lock_release(&flow->lock);
}

void flow_land(struct flow *flow, const struct flow_flight *flight)
{
    int64_t now = clock_now();
    lock_take(&flow->lock);
    flow->under_way -= flight->bytes;
    if (flight->place != 0 && now < flow->elsewhere.made_until)
        window_add(&flow->window, flight->place, flight->bytes);
    if (flow->beside_talk)
        set_rest(flow, flight->began, now, flight->began - flight->launched);
    condition_broadcast(&flow->changed);
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
    int64_t look = opens_at(flow, arrival, now);
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

/* Notes that an author waits for readers. */
static void note_wait(struct flow *flow)
{
    int64_t now = clock_now();
    lock_take(&flow->lock);
    bool waits = is_behind(flow, now);
    if (waits)
        flow->awaited_at = now;
    lock_release(&flow->lock);
    if (waits)
        pressure_note(&flow->gauge);
}

void flow_wait(struct flow *flow, uint64_t openings, int64_t arrival)
{
    lock_assert_none_held();
    if (flow->gauge.pressure != NULL)
        note_wait(flow);
    lock_take(&flow->lock);
    int64_t now = clock_now();
    if (flow->openings == openings && !is_open(flow, arrival, now)) {
        condition_wait_until(&flow->changed, &flow->lock, next_look(flow, arrival, now));
        if (flow->behind > 0)
            tick_all(flow);
    }
    lock_release(&flow->lock);
}

/*
 * What other machines tell, and are told.
 */

/*
 * Readers that keep up are behind for moments in a flood, which others need not know: a reader
 * counts when it is behind for the second time in a row.
 */
static bool is_still_behind(struct flow *flow)
{
    bool still = false;
    for (struct flow_reader *reader = flow->readers.next; reader != &flow->readers;
         reader = reader->next) {
        still = still || reader->still_behind;
        reader->still_behind = reader->behind;
    }
    return still;
}

static bool read_gauge(struct pressure_gauge *gauge, unsigned *states)
{
    struct flow *flow = (struct flow *)gauge; /* `gauge` is its first member */
    lock_take(&flow->lock);
    bool flood = clock_now() < flow->awaited_at + 2 * FLOW_TICK;
    bool flooded = clock_now() < flow->flooded_until;
    *states = (flood ? PRESSURE_FLOOD : 0) | (flooded ? PRESSURE_FLOODED : 0);
    if (is_still_behind(flow) || flow->near_limit > 0)
        *states |= PRESSURE_BEHIND;
    if (flow->near_limit > 0)
        *states |= PRESSURE_NEAR_LIMIT;
    bool goes_on = flood || flooded || flow->behind > 0;
    lock_release(&flow->lock);
    return goes_on;
}

void flow_tell(struct flow *flow, struct pressure *pressure, const char *room)
{
    flow->gauge = (struct pressure_gauge){.pressure = pressure, .room = room, .read = read_gauge};
}

void flow_note_flooded(struct flow *flow)
{
    lock_take(&flow->lock);
    flow->flooded_until = clock_now() + FLOW_FLOODED;
    lock_release(&flow->lock);
    pressure_note(&flow->gauge);
}

void flow_press(struct flow *flow, const struct flow_elsewhere *elsewhere)
{
    int64_t now = clock_now();
    lock_take(&flow->lock);
    flow->elsewhere = *elsewhere;
    window_close(&flow->window, now < elsewhere->made_until ? elsewhere->made : UINT64_MAX);
    flow->opened_beside_slow = flow->opened_beside_slow && is_behind(flow, now);
    condition_broadcast(&flow->changed);
    lock_release(&flow->lock);
}

void flow_tick(struct flow *flow)
{
    lock_assert_none_held();
    lock_take(&flow->lock);
    if (flow->behind > 0 && clock_now() < flow->elsewhere.flood_until)
        tick_all(flow);
    lock_release(&flow->lock);
}

/* When the sender of a private message need not wait any more. Lock held. */
static int64_t sent_at(const struct flow_reader *reader, int64_t let_in, int64_t arrival)
{
    return (arrival > let_in ? arrival : let_in) +
           (reader->near_limit ? FLOW_LONG_PATIENCE : FLOW_PATIENCE);
}

/* What the sender is to do now. Lock held. */
static enum flow_verdict judge_sender(const struct flow_reader *reader, int64_t *let_in,
                                      int64_t arrival, int64_t now)
{
    if (!reader->watches)
        return FLOW_SEND;
    if (!reader->behind)
        return FLOW_TRY;
    if (now < sent_at(reader, *let_in, arrival))
        return FLOW_WAIT;
    *let_in = now;
    return FLOW_SEND;
}

enum flow_verdict flow_wait_for(struct flow *flow, struct flow_reader *reader, int64_t *let_in,
                                int64_t arrival)
{
    lock_assert_none_held();
    lock_take(&flow->lock);
    int64_t now = clock_now();
    enum flow_verdict verdict = judge_sender(reader, let_in, arrival, now);
    if (verdict == FLOW_WAIT) {
        int64_t sends = sent_at(reader, *let_in, arrival);
        int64_t look = sends < now + FLOW_TICK ? sends : now + FLOW_TICK;
        condition_wait_until(&flow->changed, &flow->lock, judged_at(flow, reader, look));
        if (reader->listed)
            tick(flow, reader, clock_now());
    }
    lock_release(&flow->lock);
    return verdict;
}

enum flow_verdict flow_ask_for(struct flow *flow, struct flow_reader *reader, int64_t *let_in)
{
    lock_assert_none_held();
    lock_take(&flow->lock);
    int64_t now = clock_now();
    enum flow_verdict verdict = judge_sender(reader, let_in, 0, now);
    if (verdict == FLOW_WAIT && reader->listed)
        tick(flow, reader, now);
    lock_release(&flow->lock);
    return verdict;
}
