/*
 * stream: publishes to a stream with several threads, and follows it, as one of several such
 * processes. It writes down what it was given, one line for each message, "SEQUENCE
 * NODE.THREAD.NUMBER", and tells at the end, in words of the form NAME=VALUE, what it cost.
 *
 * usage: stream [OPTION...] SERVERS NAME
 *   -n NODE     number of this process (1)
 *   -t THREADS  that publish (1)
 *   -c COUNT    messages of each (0)
 *   -r RATE     messages a second of each; 0: one when the last is acknowledged (0)
 *   -b BYTES    of a message (100)
 *   -m TOTAL    messages to be followed, of all processes (0: it does not follow)
 *   -u SEQUENCE follows until it was given the message of this sequence, instead
 *   -o FILE     what it was given
 *   -p FILE     its follower stands still at the second message until there is this file
 *   -s SECONDS  until it gives up (50)
 *   -k FILE     credentials
 *   -R REPLICAS of a stream that it makes
 *   -l BYTES    that a stream that it makes keeps
 *   -w KIND     makes a stream of wrong settings, and no more: "memory", or "silent" (it does not
 *               republish what it stores)
 *
 * Every tenth message is published twice with one id, as if its acknowledgement had been lost.
 * Returns 0; 1 if a message was not published, or not all arrived; 2 if the stream cannot be
 * opened.
 */
#include "base/platform.h"

#include "base/clock.h"
#include "base/number.h"
#include "cluster/stream.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <nats/nats.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Publishers have the stack of a client's thread. */
#ifndef CLIENT_STACK_BYTES
#define CLIENT_STACK_BYTES (64 * 1024)
#endif

enum { THREADS_MAX = 64, TWICE_EVERY = 10, OPEN_SECONDS = 20, PUBLISH_SECONDS = 30 };

static struct {
    int node, threads, count, rate, bytes, total, until, seconds, replicas, limit;
    const char *file, *pause, *credentials, *wrong;
} options = {.node = 1, .threads = 1, .bytes = 100, .seconds = 50};

static struct stream *stream;
static int64_t end; /* when it gives up */
static FILE *record;
static char run[32]; /* makes ids those of this run */

/* Of the publishers. */
static _Atomic int64_t longest_publish;
static atomic_int published, failed, doubled;

/* Of the follower's thread; the main thread reads `received`. */
static atomic_int received, downs;
static _Atomic uint64_t last_sequence;
static int64_t began_to_follow, first_arrival, last_arrival, longest_gap;
static int64_t *latencies;
static int latency_count;

static void raise_to(_Atomic int64_t *most, int64_t value)
{
    int64_t before = atomic_load(most);
    while (value > before && !atomic_compare_exchange_weak(most, &before, value))
        ;
}

/*
 * Publishing
 */

/* `time` is when the message was made; the same when it is published again. */
static bool publish(const char *id, const char *bytes, int64_t time, uint64_t *sequence)
{
    char fault[STREAM_FAULT_SIZE];
    int64_t before = clock_now();
    int64_t deadline = before + PUBLISH_SECONDS * CLOCK_SECOND;
    const struct stream_content content = {bytes, (size_t)options.bytes, time};
    int error =
        stream_publish(stream, id, &content, deadline < end ? deadline : end, sequence, fault);
    raise_to(&longest_publish, clock_now() - before);
    if (error != 0)
        fprintf(stderr, "stream: message %s: %s (%s)\n", id, strerror(error), fault);
    return error == 0;
}

static void publish_number(int thread, int number, char *bytes)
{
    char id[96];
    uint64_t sequence, again;
    int64_t time = clock_utc();
    snprintf(id, sizeof id, "%d:%s:%d.%d", options.node, run, thread, number);
    snprintf(bytes, (size_t)options.bytes, "%d %d %d %" PRId64 " ", options.node, thread, number,
             clock_now());
    bool well = publish(id, bytes, time, &sequence);
    if (well && number % TWICE_EVERY == 0 && publish(id, bytes, time, &again) && again != sequence)
        atomic_fetch_add(&doubled, 1);
    atomic_fetch_add(well ? &published : &failed, 1);
}

static void *publish_all(void *argument)
{
    int thread = *(int *)argument;
    char *bytes = calloc(1, (size_t)options.bytes);
    int64_t start = clock_now();
    if (bytes == NULL)
        abort();
    for (int number = 1; number <= options.count && clock_now() < end; number++) {
        if (options.rate > 0)
            clock_sleep_until(start + CLOCK_SECOND / options.rate * number);
        publish_number(thread, number, bytes);
    }
    free(bytes);
    return NULL;
}

/*
 * Following
 */

/* Reads the numbers at the beginning of a message: node, thread, number, and when it was sent. */
static bool read_numbers(const char *bytes, size_t length, int64_t numbers[4])
{
    if (length == 0 || memchr(bytes, '\0', length) == NULL)
        return false;
    for (int i = 0; i < 4; i++) {
        char *after;
        numbers[i] = strtoll(bytes, &after, 10);
        if (after == bytes || *after != ' ')
            return false;
        bytes = after;
    }
    return true;
}

static void pause_at_the_second(void)
{
    if (atomic_load(&last_sequence) == 0)
        return;
    while (options.pause != NULL && access(options.pause, F_OK) != 0 && clock_now() < end)
        clock_sleep_until(clock_now() + CLOCK_SECOND / 100);
    options.pause = NULL;
}

static void receive(void *context, uint64_t sequence, int64_t time, const void *bytes,
                    size_t length)
{
    int64_t numbers[4];
    int64_t now = clock_now();
    (void)context;
    pause_at_the_second();
    atomic_store(&last_sequence, sequence);
    if (time <= 0 || !read_numbers(bytes, length, numbers)) {
        fprintf(record, "%" PRIu64 " foreign\n", sequence);
        return;
    }
    fprintf(record, "%" PRIu64 " %" PRId64 ".%" PRId64 ".%" PRId64 "\n", sequence, numbers[0],
            numbers[1], numbers[2]);
    if (first_arrival == 0)
        first_arrival = now;
    else if (now - last_arrival > longest_gap)
        longest_gap = now - last_arrival;
    last_arrival = now;
    if (numbers[0] != options.node && numbers[3] > began_to_follow && latency_count < options.total)
        latencies[latency_count++] = now - numbers[3];
    atomic_fetch_add(&received, 1);
}

static void note_link(void *context, bool up, const char *reason)
{
    (void)context;
    if (!up)
        atomic_fetch_add(&downs, 1);
    fprintf(stderr, "stream: node %d: the link is %s %s\n", options.node,
            up ? "up" : "down:", reason);
}

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static int64_t latency_at(int percent)
{
    return latency_count == 0 ? 0 : latencies[(int64_t)(latency_count - 1) * percent / 100] / 1000;
}

/*
 * The whole
 */

static void read_options(int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "n:t:c:r:b:m:u:o:p:s:k:R:l:w:")) != -1) {
        uint64_t value = 0;
        if (optarg != NULL)
            number_parse(optarg, 0, INT_MAX, &value);
        int number = (int)value;
        switch (option) {
        case 'n':
            options.node = number;
            break;
        case 't':
            options.threads = number < THREADS_MAX ? number : THREADS_MAX;
            break;
        case 'c':
            options.count = number;
            break;
        case 'r':
            options.rate = number;
            break;
        case 'b':
            options.bytes = number;
            break;
        case 'm':
            options.total = number;
            break;
        case 'u':
            options.until = number;
            break;
        case 'R':
            options.replicas = number;
            break;
        case 'l':
            options.limit = number;
            break;
        case 's':
            options.seconds = number;
            break;
        case 'o':
            options.file = optarg;
            break;
        case 'p':
            options.pause = optarg;
            break;
        case 'k':
            options.credentials = optarg;
            break;
        case 'w':
            options.wrong = optarg;
            break;
        default:
            exit(2);
        }
    }
    if (argc - optind != 2 || options.bytes < 64) {
        fprintf(stderr, "usage: stream [OPTION...] SERVERS NAME\n");
        exit(2);
    }
}

/* Makes a stream that is against the rules. */
static int make_wrong(const char *servers, const char *name)
{
    natsConnection *connection = NULL;
    jsCtx *jetstream = NULL;
    jsStreamConfig config;
    char subject[64];
    const char *subjects[] = {subject};
    snprintf(subject, sizeof subject, "%s.events", name);
    jsStreamConfig_Init(&config);
    config.Name = name;
    config.Subjects = subjects;
    config.SubjectsLen = 1;
    config.Storage = strcmp(options.wrong, "memory") == 0 ? js_MemoryStorage : js_FileStorage;
    natsStatus status = natsConnection_ConnectTo(&connection, servers);
    if (status == NATS_OK)
        status = natsConnection_JetStream(&jetstream, connection, NULL);
    if (status == NATS_OK)
        status = js_AddStream(NULL, jetstream, &config, NULL, NULL);
    jsCtx_Destroy(jetstream);
    natsConnection_Destroy(connection);
    nats_CloseAndWait(1000);
    return status == NATS_OK ? 0 : 2;
}

static void publish_with_threads(void)
{
    pthread_t threads[THREADS_MAX];
    int numbers[THREADS_MAX];
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, CLIENT_STACK_BYTES);
    for (int i = 0; i < options.threads; i++) {
        numbers[i] = i + 1;
        if (pthread_create(&threads[i], &attributes, publish_all, &numbers[i]) != 0)
            abort();
    }
    for (int i = 0; i < options.threads; i++)
        pthread_join(threads[i], NULL);
    pthread_attr_destroy(&attributes);
}

static bool follows(void)
{
    return options.total > 0 || options.until > 0;
}

static bool has_all(void)
{
    return options.until > 0 ? atomic_load(&last_sequence) >= (uint64_t)options.until
                             : atomic_load(&received) >= options.total;
}

static void tell_result(int64_t began, int64_t ended)
{
    qsort(latencies, (size_t)latency_count, sizeof *latencies, compare);
    printf("published=%d failed=%d doubled=%d received=%d downs=%d", atomic_load(&published),
           atomic_load(&failed), atomic_load(&doubled), atomic_load(&received),
           atomic_load(&downs));
    printf(" publish-ms=%" PRId64 " gap-ms=%" PRId64, atomic_load(&longest_publish) / 1000000,
           longest_gap / 1000000);
    printf(" p50-us=%" PRId64 " p99-us=%" PRId64, latency_at(50), latency_at(99));
    printf(" follow-ms=%" PRId64,
           last_arrival > 0 ? (last_arrival - began_to_follow) / 1000000 : 0);
    printf(" per-second=%" PRId64 "\n",
           atomic_load(&published) * CLOCK_SECOND / (ended > began ? ended - began : 1));
}

int main(int argc, char **argv)
{
    char fault[STREAM_FAULT_SIZE] = "";
    const struct stream_follower follower = {.receive = receive, .link = note_link};
    read_options(argc, argv);
    if (options.wrong)
        return make_wrong(argv[optind], argv[optind + 1]);
    end = clock_now() + options.seconds * CLOCK_SECOND;
    snprintf(run, sizeof run, "%" PRId64, clock_utc());
    const struct stream_config config = {.servers = argv[optind],
                                         .name = argv[optind + 1],
                                         .credentials = options.credentials,
                                         .replicas = options.replicas,
                                         .max_bytes = options.limit};
    int64_t opened = clock_now() + OPEN_SECONDS * CLOCK_SECOND;
    stream = stream_open(&config, opened < end ? opened : end, fault);
    if (stream == NULL) {
        fprintf(stderr, "stream: %s\n", fault);
        nats_CloseAndWait(1000);
        return 2;
    }
    record = fopen(options.file != NULL ? options.file : "/dev/null", "w");
    latencies = calloc((size_t)options.total + 1, sizeof *latencies);
    if (record == NULL || latencies == NULL)
        abort();
    setvbuf(record, NULL, _IOLBF, BUFSIZ); /* The scenario reads how far it is. */
    began_to_follow = clock_now();
    if (follows() && stream_follow(stream, 1, &follower) != 0)
        abort();
    int64_t began = clock_now();
    publish_with_threads();
    int64_t ended = clock_now();
    while (!has_all() && clock_now() < end)
        clock_sleep_until(clock_now() + CLOCK_SECOND / 100);
    stream_stop(stream);
    stream_free(stream);
    nats_CloseAndWait(1000);
    fclose(record);
    tell_result(began, ended);
    free(latencies);
    bool exact = options.until > 0 || atomic_load(&received) == options.total;
    return atomic_load(&failed) == 0 && atomic_load(&doubled) == 0 && has_all() && exact ? 0 : 1;
}
