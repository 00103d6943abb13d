/*
 * post: sends letters to other such processes with several threads, and answers theirs. It writes
 * down what it received, one line for each letter, "NODE.THREAD.NUMBER", and tells at the end, in
 * words of the form NAME=VALUE, what became of all letters.
 *
 * usage: post [OPTION...] SERVERS NAME
 *   -n NODE     number of this process (1)
 *   -p NODE     a process that sends no letters, to which they are sent; can be given several
 *               times: the threads take turns
 *   -t THREADS  that send (1)
 *   -c COUNT    letters of each (0)
 *   -r RATE     letters a second of each; 0: one when the last is answered (0)
 *   -b BYTES    of a letter (100)
 *   -a BYTES    of an answer (100)
 *   -w MILLISECONDS  that it takes to receive a letter (0)
 *   -d SECONDS  that a letter may take (30)
 *   -o FILE     what it received
 *   -q FILE     it stops when there is such a file; otherwise when its letters are sent
 *   -s SECONDS  until it gives up (55)
 *   -k FILE     credentials
 *   -y          only shows letters: a line "copy FROM NUMBER" for each that goes to node 2
 *   -x          sends node 2 what can be made of a letter by damage, and that letter three times
 *
 * A letter begins with its three numbers, and an answer repeats them; what follows depends on them.
 * Returns 0; 1 if a letter was not answered as it must be; 2 if the post cannot be opened.
 */
#include "base/platform.h"

#include "base/checksum.h"
#include "base/clock.h"
#include "base/number.h"
#include "cluster/envelope.h"
#include "cluster/post.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <nats/nats.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Senders have the stack of a client's thread. */
#ifndef CLIENT_STACK_BYTES
#define CLIENT_STACK_BYTES (64 * 1024)
#endif

enum { THREADS_MAX = 512, PEERS_MAX = 8, OPEN_SECONDS = 20, WORDS_SIZE = 96 };

enum { BOOT = 7 }; /* of those that receive; a sender has one of its own */

static struct {
    int node, threads, count, rate, bytes, answer, slowness, letter_seconds, seconds;
    int peers[PEERS_MAX], peer_count;
    const char *file, *stop, *credentials;
    bool spies, spoils;
} options = {
    .node = 1, .threads = 1, .bytes = 100, .answer = 100, .letter_seconds = 30, .seconds = 55};

static struct post *post;
static int64_t end; /* when it gives up */
static FILE *record;
static atomic_int sending;

/* What became of letters. */
static atomic_int answered, wrong, unreachable, late, canceled, refused;
static atomic_int early; /* that failed before the deadline, without our doing */
static pthread_mutex_t longest_mutex = PTHREAD_MUTEX_INITIALIZER;
static int64_t longest; /* nanoseconds that an answered letter took */

/*
 * Letters and answers: numbers, a NUL, and bytes that depend on the numbers
 */

static void fill(char *bytes, size_t length, const char *words)
{
    size_t head = strlen(words) + 1;
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)(i < head ? words[i] : words[i % head] ^ (char)i);
}

static bool is_filled(const char *bytes, size_t length, const char *words)
{
    size_t head = strlen(words) + 1;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != (char)(i < head ? words[i] : words[i % head] ^ (char)i))
            return false;
    }
    return length >= head;
}

static void receive(void *context, struct post_run from, const void *bytes, size_t length,
                    struct buffer *answer)
{
    char sender[32];
    const char *words = bytes;
    (void)context;
    snprintf(sender, sizeof sender, "%" PRIu64 ".", from.node);
    if (memchr(words, '\0', length < WORDS_SIZE ? length : WORDS_SIZE) == NULL ||
        strncmp(words, sender, strlen(sender)) != 0 || !is_filled(words, length, words) ||
        from.boot == 0) {
        fprintf(record, "wrong\n");
        return;
    }
    fprintf(record, "%s\n", words);
    if (options.slowness > 0)
        clock_sleep_until(clock_now() + options.slowness * CLOCK_MILLISECOND);
    char *place = buffer_reserve(answer, (size_t)options.answer);
    if (place == NULL)
        abort();
    fill(place, (size_t)options.answer, words);
    buffer_commit(answer, (size_t)options.answer);
}

/*
 * Sending
 */

static void note_time(int64_t span)
{
    pthread_mutex_lock(&longest_mutex);
    longest = span > longest ? span : longest;
    pthread_mutex_unlock(&longest_mutex);
}

/* Counts what became of a letter. */
static void judge(int error, const char *words, const struct buffer *answer, int64_t deadline)
{
    bool right = error == 0 && is_filled(buffer_bytes(answer), buffer_length(answer), words);
    atomic_fetch_add(error == 0              ? (right ? &answered : &wrong)
                     : error == EHOSTUNREACH ? &unreachable
                     : error == ETIMEDOUT    ? &late
                     : error == ECANCELED    ? &canceled
                                             : &refused,
                     1);
    if ((error == EHOSTUNREACH || error == ETIMEDOUT) && clock_now() < deadline)
        atomic_fetch_add(&early, 1);
    if (error != 0)
        fprintf(stderr, "post: letter %s: %s\n", words, strerror(error));
}

static void send_number(int thread, int number, char *bytes)
{
    char words[WORDS_SIZE];
    struct buffer answer = {0};
    int peer = options.peers[thread % options.peer_count];
    int64_t before = clock_now();
    int64_t deadline = before + options.letter_seconds * CLOCK_SECOND;
    snprintf(words, sizeof words, "%d.%d.%d", options.node, thread, number);
    fill(bytes, (size_t)options.bytes, words);
    int error = post_send(post, (struct post_run){(uint64_t)peer, BOOT}, bytes,
                          (size_t)options.bytes, deadline, &answer);
    judge(error, words, &answer, deadline);
    if (error == 0)
        note_time(clock_now() - before);
    buffer_free(&answer);
}

static void *send_all(void *argument)
{
    int thread = *(int *)argument;
    char *bytes = calloc(1, (size_t)options.bytes);
    int64_t start = clock_now();
    if (bytes == NULL)
        abort();
    for (int number = 1; number <= options.count && clock_now() < end; number++) {
        if (options.rate > 0)
            clock_sleep_until(start + CLOCK_SECOND / options.rate * number);
        send_number(thread, number, bytes);
    }
    free(bytes);
    atomic_fetch_sub(&sending, 1);
    return NULL;
}

/* Whether the process goes on: it has letters to send, or waits to be stopped. */
static bool goes_on(void)
{
    if (clock_now() >= end)
        return false;
    return options.stop != NULL ? access(options.stop, F_OK) != 0 : atomic_load(&sending) > 0;
}

static void run_threads(void)
{
    static pthread_t threads[THREADS_MAX];
    static int numbers[THREADS_MAX];
    int count = options.peer_count > 0 ? options.threads : 0;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, CLIENT_STACK_BYTES);
    atomic_store(&sending, count);
    for (int i = 0; i < count; i++) {
        numbers[i] = i + 1;
        if (pthread_create(&threads[i], &attributes, send_all, &numbers[i]) != 0)
            abort();
    }
    while (goes_on())
        clock_sleep_until(clock_now() + CLOCK_SECOND / 100);
    post_stop(post);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    pthread_attr_destroy(&attributes);
}

static void tell_result(void)
{
    struct post_counts counts;
    post_count(post, &counts);
    printf("answered=%d wrong=%d unreachable=%d late=%d early=%d canceled=%d refused=%d",
           atomic_load(&answered), atomic_load(&wrong), atomic_load(&unreachable),
           atomic_load(&late), atomic_load(&early), atomic_load(&canceled), atomic_load(&refused));
    printf(" longest-ms=%" PRId64, longest / CLOCK_MILLISECOND);
    printf(" received=%" PRIu64 " again=%" PRIu64 " old=%" PRIu64 " full=%" PRIu64, counts.received,
           counts.again, counts.old, counts.full);
    printf(" foreign=%" PRIu64 " garbled=%" PRIu64 " newer=%" PRIu64 "\n", counts.foreign,
           counts.garbled, counts.newer);
}

/*
 * What others see and do
 */

static natsConnection *connect_to(const char *servers)
{
    natsConnection *connection = NULL;
    if (natsConnection_ConnectTo(&connection, servers) != NATS_OK) {
        fprintf(stderr, "post: no connection\n");
        exit(2);
    }
    return connection;
}

/* Writes where node 2 gets letters. */
static void write_subject(char subject[96], const char *name)
{
    snprintf(subject, 96, "%s.post.%016x.%016x", name, 2U, (unsigned)BOOT);
}

/* Shows each copy of a letter that goes to node 2, by its sender and number. */
static void spy(const char *servers, const char *name)
{
    natsConnection *connection = connect_to(servers);
    natsSubscription *subscription = NULL;
    char subject[96];
    write_subject(subject, name);
    if (natsConnection_SubscribeSync(&subscription, connection, subject) != NATS_OK ||
        natsConnection_Flush(connection) != NATS_OK)
        exit(2);
    fprintf(record, "ready\n");
    while (goes_on()) {
        natsMsg *message = NULL;
        struct envelope letter;
        natsStatus status = natsSubscription_NextMsg(&message, subscription, 20);
        if (status == NATS_OK && envelope_read(&letter, natsMsg_GetData(message),
                                               (size_t)natsMsg_GetDataLength(message)) == SEALED_OK)
            fprintf(record, "copy %" PRIu64 " %" PRIu64 "\n", letter.node, letter.number);
        natsMsg_Destroy(message);
    }
    natsSubscription_Destroy(subscription);
    natsConnection_Destroy(connection);
}

static void throw_at(natsConnection *connection, const char *name, const void *bytes, size_t length,
                     const char *reply)
{
    char subject[96];
    write_subject(subject, name);
    natsStatus status =
        reply != NULL
            ? natsConnection_PublishRequest(connection, subject, reply, bytes, (int)length)
            : natsConnection_Publish(connection, subject, bytes, (int)length);
    if (status != NATS_OK)
        exit(2);
}

/* Makes it a letter that only a later version can read. */
static void make_newer(unsigned char *bytes, size_t length)
{
    enum { VERSION_AT = 4, NEEDS_AT = 5, CHECKSUM_BYTES = 4 };
    bytes[VERSION_AT] = bytes[NEEDS_AT] = ENVELOPE_VERSION + 1;
    uint32_t sum = checksum_of(bytes, length - CHECKSUM_BYTES);
    for (size_t i = 0; i < CHECKSUM_BYTES; i++, sum <<= 8)
        bytes[length - CHECKSUM_BYTES + i] = (unsigned char)(sum >> 24);
}

/* Sends node 2 each letter with one bit wrong, each beginning of it, and a few others. */
static void spoil(const char *servers, const char *name)
{
    natsConnection *connection = connect_to(servers);
    const struct envelope letter = {.kind = ENVELOPE_LETTER,
                                    .node = 9,
                                    .boot = BOOT,
                                    .number = 50,
                                    .floor = 50,
                                    .content = "9.1.50",
                                    .length = sizeof "9.1.50"};
    struct envelope other = letter;
    struct buffer whole = {0};
    unsigned char copy[WORDS_SIZE];
    if (envelope_write(&whole, &letter) != 0)
        abort();
    size_t length = buffer_length(&whole);
    for (size_t i = 0; i < 8 * length; i++) {
        memcpy(copy, buffer_bytes(&whole), length);
        copy[i / 8] ^= (unsigned char)(1 << i % 8);
        throw_at(connection, name, copy, length, "nobody");
    }
    for (size_t i = 0; i < length; i++)
        throw_at(connection, name, buffer_bytes(&whole), i, "nobody");
    throw_at(connection, name, buffer_bytes(&whole), length, NULL);
    for (int i = 0; i < 3; i++) /* of which one is new */
        throw_at(connection, name, buffer_bytes(&whole), length, "nobody");
    other.number = other.floor = 49;
    buffer_truncate(&whole, 0);
    if (envelope_write(&whole, &other) != 0)
        abort();
    throw_at(connection, name, buffer_bytes(&whole), length, "nobody");
    memcpy(copy, buffer_bytes(&whole), length);
    make_newer(copy, length);
    throw_at(connection, name, copy, length, "nobody");
    if (natsConnection_Flush(connection) != NATS_OK)
        exit(2);
    printf("bits=%zu beginnings=%zu\n", 8 * length, length);
    buffer_free(&whole);
    natsConnection_Destroy(connection);
}

/*
 * The whole
 */

static void read_number(int option, int number)
{
    switch (option) {
    case 'n':
        options.node = number;
        break;
    case 'p':
        if (options.peer_count < PEERS_MAX)
            options.peers[options.peer_count++] = number;
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
    case 'a':
        options.answer = number;
        break;
    case 'w':
        options.slowness = number;
        break;
    case 'd':
        options.letter_seconds = number;
        break;
    case 's':
        options.seconds = number;
        break;
    default:
        exit(2);
    }
}

static void read_options(int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "n:p:t:c:r:b:a:w:d:s:o:q:k:yx")) != -1) {
        uint64_t number = 0;
        if (option == 'o')
            options.file = optarg;
        else if (option == 'q')
            options.stop = optarg;
        else if (option == 'k')
            options.credentials = optarg;
        else if (option == 'y')
            options.spies = true;
        else if (option == 'x')
            options.spoils = true;
        else if (optarg != NULL && number_parse(optarg, 0, INT_MAX, &number))
            read_number(option, (int)number);
        else
            exit(2);
    }
    if (argc - optind != 2 || options.bytes < WORDS_SIZE || options.answer < WORDS_SIZE) {
        fprintf(stderr, "usage: post [OPTION...] SERVERS NAME\n");
        exit(2);
    }
}

static bool open_post(const char *servers, const char *name)
{
    char fault[POST_FAULT_SIZE] = "";
    uint64_t boot = options.peer_count > 0 ? (uint64_t)clock_utc() : BOOT;
    const struct post_config config = {.servers = servers,
                                       .name = name,
                                       .credentials = options.credentials,
                                       .self = {(uint64_t)options.node, boot}};
    int64_t opened = clock_now() + OPEN_SECONDS * CLOCK_SECOND;
    post = post_open(&config, receive, NULL, opened < end ? opened : end, fault);
    if (post == NULL)
        fprintf(stderr, "post: %s\n", fault);
    return post != NULL;
}

/* Returns the status of the process. */
static int take_part(const char *servers, const char *name)
{
    if (!open_post(servers, name))
        return 2;
    fprintf(record, "ready\n");
    run_threads();
    tell_result();
    post_free(post);
    int expected = options.peer_count > 0 ? options.threads * options.count : 0;
    return atomic_load(&answered) == expected ? 0 : 1;
}

int main(int argc, char **argv)
{
    int status = 0;
    read_options(argc, argv);
    end = clock_now() + options.seconds * CLOCK_SECOND;
    record = fopen(options.file != NULL ? options.file : "/dev/null", "w");
    if (record == NULL)
        return 2;
    setvbuf(record, NULL, _IOLBF, BUFSIZ); /* The scenario reads how far it is. */
    if (options.spies)
        spy(argv[optind], argv[optind + 1]);
    else if (options.spoils)
        spoil(argv[optind], argv[optind + 1]);
    else
        status = take_part(argv[optind], argv[optind + 1]);
    nats_CloseAndWait(1000);
    fclose(record);
    return status;
}
