/*
 * archive [MESSAGES [FILE]]: fills a data file with messages of ten rooms, a million unless told
 * otherwise, and prints what storing and reading them takes: microseconds for each message stored,
 * milliseconds of processor time for each request. The file, archive.db, is removed afterwards; one
 * that is named is kept, and used as it is if it is there.
 */
#include "base/platform.h"

#include "base/clock.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROOMS = 10, WORDS = 20000, WORDS_IN_MESSAGE = 10, PAGE = 10, TRIES = 20 };

static void on_report(void *context, const char *sentence)
{
    (void)context;
    printf("%s\n", sentence);
}

static bool count_message(void *context, const struct archive_message *message)
{
    size_t *count = context;
    *count += message->text.length > 0;
    return true;
}

/* A word's rank is uniform in its logarithm, as in Zipf's law: a word of rank N has a frequency of
 * 1/N. */
static unsigned random_rank(uint64_t *state)
{
    unsigned rank = 1;
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    uint64_t digits = *state >> 33;
    while (rank < WORDS && (digits & 1) != 0) {
        rank *= 2;
        digits >>= 1;
    }
    return rank + (unsigned)((digits >> 1) % rank);
}

static struct words room_name(size_t i, char name[16])
{
    int length = snprintf(name, 16, "room%zu", i);
    return (struct words){name, (size_t)length};
}

static void say(struct archive *archive, size_t i, uint64_t *seqs, uint64_t *state)
{
    char text[WORDS_IN_MESSAGE * 16];
    char room[16];
    int length = snprintf(text, sizeof text, "n%zu", i);
    for (int word = 1; word < WORDS_IN_MESSAGE; word++)
        length += snprintf(text + length, sizeof text - (size_t)length, " w%u", random_rank(state));
    struct archive_message message = {.kind = ARCHIVE_SAY,
                                      .seq = ++seqs[i % ROOMS],
                                      .time = 1700000000000 + (int64_t)i * 1000,
                                      .room = room_name(i % ROOMS, room),
                                      .author = {"Alice", 5},
                                      .text = {text, (size_t)length}};
    while (!archive->talk->append(archive, &message))
        archive->talk->sync(archive);
}

static void fill(struct archive *archive, size_t count)
{
    uint64_t seqs[ROOMS];
    uint64_t state = 1;
    char room[16];
    for (size_t i = 0; i < ROOMS; i++)
        archive->talk->open(archive, room_name(i, room), 0, &seqs[i]);
    if (seqs[0] > 0)
        return;
    int64_t began = clock_now();
    for (size_t i = 0; i < count; i++) {
        say(archive, i, seqs, &state);
        if (i % 10000 == 9999)
            archive->talk->sync(archive);
    }
    archive->talk->sync(archive);
    printf("stored: %.1f us a message\n", (double)(clock_now() - began) / 1000 / (double)count);
}

static double processor_milliseconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1000 + (double)time.tv_nsec / 1e6;
}

static void search(struct archive *archive, const char *what, const char *text, size_t room_count,
                   uint64_t id)
{
    struct words rooms[ROOMS];
    char names[ROOMS][16];
    size_t found = 0;
    for (size_t i = 0; i < ROOMS; i++)
        rooms[i] = room_name(i, names[i]);
    double began = processor_milliseconds();
    for (int i = 0; i < TRIES; i++)
        archive->talk->search(archive, (struct words){text, strlen(text)}, rooms, room_count, id,
                              PAGE, count_message, &found);
    printf("search, %s (%s), %zu rooms: %zu found, %.2f ms\n", what, text, room_count,
           found / TRIES, (processor_milliseconds() - began) / TRIES);
}

static void read_history(struct archive *archive, uint64_t seq)
{
    size_t found = 0;
    double began = processor_milliseconds();
    for (int i = 0; i < TRIES; i++)
        archive->talk->before(archive, (struct words){"room3", 5}, seq, 20, count_message, &found,
                              NULL);
    printf("history before %" PRIu64 ": %zu messages, %.2f ms\n", seq, found / TRIES,
           (processor_milliseconds() - began) / TRIES);
}

static void measure(struct archive *archive, size_t count)
{
    char rare[32];
    snprintf(rare, sizeof rare, "n%zu", count / 2);
    search(archive, "a word of every second message", "w1", ROOMS, 0);
    search(archive, "two common words", "w1 w2", ROOMS, 0);
    search(archive, "four common words", "w1 w2 w3 w4", ROOMS, 0);
    search(archive, "a common word in one room", "w1", 1, 0);
    search(archive, "a common word, half back", "w1", ROOMS, count / 2);
    search(archive, "a rare word", "w17001", ROOMS, 0);
    search(archive, "a word of one message", rare, ROOMS, 0);
    search(archive, "a common and a rare one", "w1 w17001", ROOMS, 0);
    search(archive, "a word of one message, in one room", rare, 1, 0);
    search(archive, "a word that is not there", "nowhere", ROOMS, 0);
    read_history(archive, 0);
    read_history(archive, count / ROOMS / 2);
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    const char *path = argc > 2 ? argv[2] : "archive.db";
    const struct store_config config = {.path = path, .report = on_report};
    char fault[STORE_FAULT_SIZE];
    struct store *store = store_open(&config, fault);
    if (store == NULL) {
        fprintf(stderr, "archive: %s\n", fault);
        return EXIT_FAILURE;
    }
    fill(store_archive(store), count);
    measure(store_archive(store), count);
    store_stop(store);
    store_free(store);
    if (argc <= 2) {
        unlink(path);
        unlink("archive.db-lock");
    }
    return EXIT_SUCCESS;
}
