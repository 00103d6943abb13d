/*
 * The load generator: fills a chat server's room, waits until it is quiet, lets some clients talk,
 * and reports the server's cost, the delivery times, and whether all lines reached all clients in
 * one order.
 */
#include "clock.h"
#include "crowd.h"
#include "gauge.h"
#include "options.h"
#include "traffic.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct load {
    struct options options;
    struct crowd crowd;
    struct traffic traffic;

    bool all_in;
    bool quiet;
    uint64_t arrive_ns;     /* from the first connection until the last client was in the room */
    uint64_t arrive_cpu_ns; /* the server's processor time until quiet */
    struct histogram completion; /* of paced lines: the time until the last receiver had it */
    long start_kib;
    long joined_kib;
    long before_kib; /* before the measured talk */
    long after_kib;
    long peak_kib; /* during the measured talk */

    uint64_t deliveries;
    uint64_t elapsed_ns; /* from the first line sent to the last one delivered */
    uint64_t cpu_ns;
    uint64_t beside_cpu_ns; /* of what works for the servers */
    uint64_t own_cpu_ns;
    uint64_t stretch_ns;

    uint64_t missing;
    uint64_t surplus;
    uint64_t disorder; /* receivers whose lines differ from the witness's */
    uint64_t arrivals_missing;
    uint32_t stalled_gone;
};

static uint64_t cpu_ns_of(const struct options_pids *pids)
{
    return gauge_sum_cpu_ns(pids->pids, pids->count);
}

static long resident_kib(const struct load *load)
{
    return gauge_sum_resident_kib(load->options.pids.pids, load->options.pids.count);
}

/*
 * Connects all clients. Returns when no connection is under way, or after a long time without any
 * progress.
 */
static void arrive(struct load *load)
{
    struct crowd *crowd = &load->crowd;
    uint64_t began_ns = clock_now_ns();
    uint64_t patience = (uint64_t)(load->options.settle * (double)NS_PER_S);

    crowd->last_byte_ns = began_ns;
    while (crowd->in + crowd->refused < load->options.clients &&
           clock_now_ns() - crowd->last_byte_ns < patience) {
        crowd_invite(crowd);
        crowd_turn(crowd, crowd->started < load->options.clients ? 0 : 5 * NS_PER_MS, NULL, NULL);
    }
    load->arrive_ns = clock_now_ns() - began_ns;
    load->all_in = crowd->in == load->options.clients && crowd->lost == 0;
}

/* Waits until no input has arrived for a while. Returns false if that did not happen. */
static bool settle(struct load *load)
{
    struct crowd *crowd = &load->crowd;
    uint64_t quiet_ns = (uint64_t)(load->options.quiet * (double)NS_PER_S);
    uint64_t limit_ns = (uint64_t)(load->options.settle * (double)NS_PER_S);
    uint64_t began_ns = clock_now_ns();

    crowd->last_byte_ns = began_ns;
    while (clock_now_ns() - crowd->last_byte_ns < quiet_ns) {
        if (clock_now_ns() - began_ns > limit_ns)
            return false;
        crowd_turn(crowd, 5 * NS_PER_MS, NULL, NULL);
    }
    return true;
}

static void keep_pace(void *context)
{
    traffic_pace(context);
}

/*
 * Whether the stalled should stop reading now; `before` is how many flood lines the witness had
 * been sent before this flood.
 */
static bool time_to_stall(const struct load *load, uint64_t before)
{
    double got = (double)(load->crowd.rooms[0].witness->got_flood - before);

    return load->options.stalled > 0 && got >= load->options.stall_at * (double)load->options.lines;
}

/* Samples the server's memory from time to time. */
static void gauge_peak(struct load *load)
{
    static uint64_t looked_ns;
    uint64_t now_ns = clock_now_ns();
    long kib;

    if (now_ns - looked_ns < 20 * NS_PER_MS)
        return;
    looked_ns = now_ns;
    kib = resident_kib(load);
    if (kib > load->peak_kib)
        load->peak_kib = kib;
}

/* Runs one stretch of talk, until its last line has reached all clients or counts as lost. */
static void talk(struct load *load, double seconds, uint64_t flood_lines, bool measured)
{
    struct crowd *crowd = &load->crowd;
    uint64_t patience = (uint64_t)(load->options.patience * (double)NS_PER_S);
    uint64_t before = crowd->rooms[0].witness->got_flood;
    bool may_stall = measured;

    traffic_begin(&load->traffic, seconds, flood_lines, measured);
    if (measured)
        crowd_slow_down(crowd);
    crowd->last_delivery_ns = clock_now_ns();
    for (;;) {
        uint64_t wait_ns = traffic_step(&load->traffic);

        crowd_turn(crowd, wait_ns, keep_pace, &load->traffic);
        crowd_tend(crowd);
        if (measured && load->options.flooders > 0)
            gauge_peak(load);
        if (may_stall && time_to_stall(load, before)) {
            crowd_stall(crowd);
            may_stall = false;
        }
        /* After the talk the slow read at full speed, to catch up. */
        if (seconds > 0 && clock_now_ns() > load->traffic.until_ns)
            crowd_hurry(crowd);
        if (traffic_over(&load->traffic) && traffic_owed(&load->traffic) == 0)
            break;
        if (clock_now_ns() - crowd->last_delivery_ns > patience &&
            clock_now_ns() > load->traffic.until_ns)
            break;
    }
    crowd_hurry(crowd);
}

/*
 * Floods that the server throttles, and askers, start before the measurement, with no quiet time in
 * between. The measurement should include neither a client's initial burst nor the time that this
 * process takes to fill its sockets.
 */
static void warm_up(struct load *load)
{
    const struct options *options = &load->options;

    if (options->warmup <= 0)
        return;
    talk(load, options->talkers > 0 ? options->warmup : 0,
         options->unfinished ? UINT64_MAX : options->lines / 10, false);
    if (!options->unfinished && !(options->askers > 0 && options->ask_rate == 0))
        load->quiet = settle(load) && load->quiet;
}

static void measure(struct load *load)
{
    struct crowd *crowd = &load->crowd;
    uint64_t flood_lines = load->options.lines > 0 ? load->options.lines : UINT64_MAX;
    uint64_t cpu_ns;
    uint64_t beside_cpu_ns = cpu_ns_of(&load->options.beside);
    uint64_t own_cpu_ns;

    crowd_measure_from_here(crowd);
    load->before_kib = resident_kib(load);
    cpu_ns = cpu_ns_of(&load->options.pids);
    own_cpu_ns = gauge_own_cpu_ns();
    talk(load, load->options.talkers > 0 || load->options.churn > 0 ? load->options.seconds : 0,
         flood_lines, true);
    load->cpu_ns = cpu_ns_of(&load->options.pids) - cpu_ns;
    load->beside_cpu_ns = cpu_ns_of(&load->options.beside) - beside_cpu_ns;
    load->own_cpu_ns = gauge_own_cpu_ns() - own_cpu_ns;
    load->stretch_ns = clock_now_ns() - load->traffic.began_ns;
    load->elapsed_ns = crowd->last_delivery_ns - load->traffic.began_ns;
    crowd_completion(crowd, &load->completion);
    load->deliveries = crowd->talk.deliveries + crowd->flood.deliveries;
}

/* Reads for some time more, to detect lines that are delivered twice. */
static void listen_on(struct load *load)
{
    uint64_t until_ns = clock_now_ns() + 50 * NS_PER_MS;

    while (clock_now_ns() < until_ns)
        crowd_turn(&load->crowd, 5 * NS_PER_MS, NULL, NULL);
    if (load->options.unfinished)
        crowd_witness_catches_up(&load->crowd, 100 * NS_PER_MS);
}

/* Compares each receiver's lines with the witness's, and counts the missing ones. */
static void audit(struct load *load)
{
    const struct options *options = &load->options;
    const struct traffic *traffic = &load->traffic;

    load->missing = options->unfinished ? traffic_owed(traffic) : 0;
    load->disorder = load->crowd.foreign;
    for (uint32_t i = 0; i < load->crowd.room_count; i++)
        load->disorder += ledger_broken(load->crowd.rooms[i].ledger);
    for (uint32_t id = 0; id < options->clients; id++) {
        const struct peer *peer = &load->crowd.peers[id];
        const struct traffic_said *said = &traffic->said[id % load->crowd.room_count];
        bool speaks = peer->role == PEER_TALKER || peer->role == PEER_FLOODER;
        uint64_t due = said->talk + said->flood - (speaks ? traffic->numbers[id] : 0);
        uint64_t got = peer->got_talk + peer->got_flood;

        if (peer->role == PEER_STALLED)
            continue;
        if (!options->unfinished && got < due)
            load->missing += due - got;
        if (got > due)
            load->surplus += got - due;
        if (!ledger_agrees(crowd_room_of(&load->crowd, id)->ledger, speaks ? id : LEDGER_NO_AUTHOR,
                           &peer->reading))
            load->disorder++;
    }
}

static void audit_arrivals(struct load *load)
{
    uint64_t clients = load->options.clients;
    uint64_t due = clients * (clients - 1) / 2;

    if (load->options.all_arrivals && load->crowd.arrivals != due)
        load->arrivals_missing =
            load->crowd.arrivals < due ? due - load->crowd.arrivals : load->crowd.arrivals - due;
}

static void see_who_is_gone(struct load *load)
{
    uint64_t until_ns = clock_now_ns() + 2 * NS_PER_S;

    do {
        load->stalled_gone = crowd_stalled_gone(&load->crowd);
        crowd_turn(&load->crowd, 5 * NS_PER_MS, NULL, NULL);
    } while (load->stalled_gone < load->options.stalled && clock_now_ns() < until_ns);
}

static bool sound(const struct load *load)
{
    return load->all_in && load->missing == 0 && load->surplus == 0 && load->disorder == 0 &&
           load->arrivals_missing == 0 && load->crowd.lost == 0;
}

static double in_us(uint64_t ns)
{
    return (double)ns / (double)NS_PER_US;
}

static double in_seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static void print_latency(const char *prefix, const struct histogram *latency)
{
    printf(" %sp50_us=%.1f %sp99_us=%.1f %sp999_us=%.1f %smax_us=%.1f", prefix,
           in_us(histogram_percentile(latency, 0.5)), prefix,
           in_us(histogram_percentile(latency, 0.99)), prefix,
           in_us(histogram_percentile(latency, 0.999)), prefix, in_us(latency->max_ns));
}

static void print_for_programs(const struct load *load)
{
    const struct crowd *crowd = &load->crowd;

    printf("ok=%d dialect=%s clients=%u in=%u refused=%u lost=%u quiet=%d", sound(load),
           load->options.dialect->name, load->options.clients, crowd->in, crowd->refused,
           crowd->lost, load->quiet);
    printf(" arrive_s=%.4f arrive_cpu_s=%.4f arrivals=%llu arrivals_missing=%llu",
           in_seconds(load->arrive_ns), in_seconds(load->arrive_cpu_ns),
           (unsigned long long)crowd->arrivals, (unsigned long long)load->arrivals_missing);
    printf(" start_kib=%ld joined_kib=%ld before_kib=%ld after_kib=%ld kib_per_client=%.2f",
           load->start_kib, load->joined_kib, load->before_kib, load->after_kib,
           (double)(load->joined_kib - load->start_kib) / load->options.clients);
    printf(" peak_kib=%ld", load->peak_kib);
    printf(" deliveries=%llu missing=%llu surplus=%llu disorder=%llu",
           (unsigned long long)load->deliveries, (unsigned long long)load->missing,
           (unsigned long long)load->surplus, (unsigned long long)load->disorder);
    printf(" elapsed_s=%.4f deliveries_per_s=%.0f cpu_s=%.4f cpu_us_per_delivery=%.4f",
           in_seconds(load->elapsed_ns),
           ratio((double)load->deliveries, in_seconds(load->elapsed_ns)), in_seconds(load->cpu_ns),
           ratio(in_us(load->cpu_ns), (double)load->deliveries));
    print_latency("", load->options.talkers > 0 ? &crowd->talk.latency : &crowd->flood.latency);
    if (load->options.talkers > 0 && load->options.flooders > 0)
        print_latency("flood_", &crowd->flood.latency);
    if (load->options.talkers > 0)
        print_latency("last_", &load->completion);
    if (load->options.talkers > 0 && load->options.servers > 1)
        print_latency("far_", &crowd->far);
    printf(" talk_deliveries=%llu flood_deliveries=%llu",
           (unsigned long long)crowd->talk.deliveries, (unsigned long long)crowd->flood.deliveries);
    printf(" beside_cpu_us_per_delivery=%.4f",
           ratio(in_us(load->beside_cpu_ns), (double)load->deliveries));
    printf(" late_us=%.1f own_cpu_s=%.4f own_busy=%.3f", in_us(load->traffic.worst_lateness_ns),
           in_seconds(load->own_cpu_ns), ratio((double)load->own_cpu_ns, (double)load->stretch_ns));
    printf(" stalled_gone=%u passed=%llu turned_away=%llu\n", load->stalled_gone,
           (unsigned long long)crowd->passed, (unsigned long long)crowd->turned_away);
}

static void print_troubles(const struct load *load)
{
    const struct crowd *crowd = &load->crowd;

    if (!load->all_in)
        fprintf(stderr, "load: only %u of %u came in (%u refused, %u ended by the server)\n",
                crowd->in, load->options.clients, crowd->refused, crowd->lost);
    else if (crowd->lost > 0)
        fprintf(stderr, "load: the server ended %u connections\n", crowd->lost);
    if (!load->quiet)
        fprintf(stderr, "load: it never became quiet: the figures contain other work\n");
    if (load->missing > 0)
        fprintf(stderr, "load: LOST: %llu deliveries are missing\n",
                (unsigned long long)load->missing);
    if (load->surplus > 0)
        fprintf(stderr, "load: REPEATED: %llu deliveries too many\n",
                (unsigned long long)load->surplus);
    if (load->disorder > 0)
        fprintf(stderr, "load: DISORDER: %llu receivers or lines are not in the one order\n",
                (unsigned long long)load->disorder);
    if (load->arrivals_missing > 0)
        fprintf(stderr, "load: %llu arrivals were not seen, or seen twice\n",
                (unsigned long long)load->arrivals_missing);
}

static void print_for_people(const struct load *load)
{
    const struct crowd *crowd = &load->crowd;
    const struct histogram *latency =
        load->options.talkers > 0 ? &crowd->talk.latency : &crowd->flood.latency;

    fprintf(stderr,
            "%s: %u in after %.2f s; %llu deliveries in %.2f s, %.2f us of server CPU each; "
            "latency p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms; %.1f KiB a client; load %.0f %% "
            "busy: %s\n",
            load->options.dialect->name, crowd->in, in_seconds(load->arrive_ns),
            (unsigned long long)load->deliveries, in_seconds(load->elapsed_ns),
            ratio(in_us(load->cpu_ns), (double)load->deliveries),
            in_us(histogram_percentile(latency, 0.5)) / 1000,
            in_us(histogram_percentile(latency, 0.99)) / 1000,
            in_us(histogram_percentile(latency, 0.999)) / 1000,
            (double)(load->joined_kib - load->start_kib) / load->options.clients,
            100 * ratio((double)load->own_cpu_ns, (double)load->stretch_ns),
            sound(load) ? "all delivered, one order" : "FAILED");
    print_troubles(load);
}

static void run(struct load *load)
{
    uint64_t cpu_ns = cpu_ns_of(&load->options.pids);

    load->start_kib = resident_kib(load);
    arrive(load);
    load->quiet = settle(load);
    load->arrive_cpu_ns = cpu_ns_of(&load->options.pids) - cpu_ns;
    load->joined_kib = resident_kib(load);
    audit_arrivals(load);
    if (load->all_in && load->options.talkers + load->options.flooders > 0) {
        warm_up(load);
        measure(load);
        listen_on(load);
        audit(load);
        if (load->options.stalled > 0)
            see_who_is_gone(load);
        if (load->options.churn > 0)
            settle(load);
    }
    load->after_kib = resident_kib(load);
}

int main(int argc, char **argv)
{
    static struct load load; /* two histograms are too large for the stack */
    bool failed;

    signal(SIGPIPE, SIG_IGN);
    options_read(&load.options, argc, argv);
    crowd_open(&load.crowd, &load.options);
    traffic_open(&load.traffic, &load.crowd);
    run(&load);
    print_for_programs(&load);
    print_for_people(&load);
    failed = !sound(&load);
    traffic_close(&load.traffic);
    crowd_close(&load.crowd);
    return failed ? 1 : 0;
}
