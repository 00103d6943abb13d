/*
 * replicas: what other machines of a cluster cost this one. It makes so many people of other
 * machines in so many rooms, by the code of a machine that reads the stream: the messages are
 * written as on the wire, opened, checked, and made in a chat without anybody here. It tells, in
 * words of the form NAME=VALUE, what that took; seconds are processor time.
 *
 * usage: replicas [OPTION...]
 *   -p PEOPLE   (20000)
 *   -r ROOMS    beside the lobby, over which they are spread (200)
 *   -e EACH     rooms that each of them joins (1)
 *   -l LINES    that are said in the rooms (100000)
 *   -b BYTES    of a line (60)
 *   -c CHANGES  in a message of the stream (100)
 *   -m MACHINES that the people are at (2)
 *
 * Returns 0, 1 if not all people are in all rooms in the end, or 2.
 */
#include "base/platform.h"

#include "base/clock.h"
#include "base/number.h"
#include "chat/batch.h"
#include "chat/chat.h"
#include "chat/event_log.h"
#include "chat/replica.h"
#include "chat/room.h"
#include "chat/rooms.h"
#include "cluster/turns.h"
#include "cluster/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MACHINES_MOST = 64, LINE_MOST = 1000, NAME_BYTES = 16 };

static struct {
    int people, rooms, each, lines, bytes, changes, machines;
} options = {20000, 200, 1, 100000, 60, 100, 2};

static char machine_names[MACHINES_MOST][NAME_BYTES];

_Noreturn static void give_up(const char *what)
{
    fprintf(stderr, "replicas: %s\n", what);
    exit(2);
}

/*
 * The messages, as they are in the stream. Each is of one machine; those of one come behind each
 * other.
 */

struct stream_messages {
    struct buffer bytes; /* of all, one behind the other */
    size_t *ends;
    size_t count, capacity;
    struct buffer open; /* the one that is being written */
    int changes;        /* in it */
    int machine;        /* whose it is */
};

static void begin_message(struct stream_messages *messages)
{
    const struct wire_header header = {
        .node = (uint64_t)messages->machine + 1, .boot = 1, .number = 1};
    if (wire_begin(&messages->open, &header) != 0)
        give_up("out of memory");
}

static void seal_message(struct stream_messages *messages)
{
    if (messages->changes == 0)
        return;
    if (wire_seal(&messages->open) != 0 ||
        !buffer_append(&messages->bytes, buffer_bytes(&messages->open),
                       buffer_length(&messages->open)))
        give_up("out of memory");
    if (messages->count == messages->capacity) {
        messages->capacity = messages->capacity * 2 + 64;
        messages->ends = realloc(messages->ends, messages->capacity * sizeof *messages->ends);
        if (messages->ends == NULL)
            give_up("out of memory");
    }
    messages->ends[messages->count++] = buffer_length(&messages->bytes);
    buffer_truncate(&messages->open, 0);
    messages->changes = 0;
}

static void add_change(struct stream_messages *messages, const struct change *change)
{
    struct wire_talk talk;
    int error = 0;
    if (messages->changes == 0)
        begin_message(messages);
    if (change->kind == CHANGE_TALK) {
        const struct message line = {.kind = MESSAGE_SAY,
                                     .author = change->user,
                                     .name = change->name,
                                     .text = change->text,
                                     .time = change->time};
        error = wire_begin_talk(&talk, &messages->open, change->room);
        if (error == 0)
            error = wire_add_message(&talk, &line);
        if (error == 0)
            error = wire_end_talk(&talk);
    } else {
        error = wire_add(&messages->open, change);
    }
    if (error != 0)
        give_up("a change cannot be written");
    if (++messages->changes == options.changes)
        seal_message(messages);
}

static void free_messages(struct stream_messages *messages)
{
    buffer_free(&messages->bytes);
    buffer_free(&messages->open);
    free(messages->ends);
}

/*
 * What people do. They come in first, so the id of each is known: the place of its coming.
 */

static int people_of_each(void)
{
    return (options.people + options.machines - 1) / options.machines;
}

/* Returns the first person at a machine, or behind the one before. */
static int first_of(int machine)
{
    int first = machine * people_of_each();
    return first < options.people ? first : options.people;
}

static uint64_t id_of(int person)
{
    int machine = person / people_of_each(), index = person % people_of_each();
    int messages_of_each = (people_of_each() + options.changes - 1) / options.changes;
    int message = machine * messages_of_each + index / options.changes;
    return (uint64_t)(message + 1) * TURNS_MOST + (uint64_t)(index % options.changes);
}

static struct words name_person(char name[NAME_BYTES], int person)
{
    snprintf(name, NAME_BYTES, "p%07d", person);
    return words_of(name);
}

/* The rooms of a person lie beside each other. */
static struct words name_room(char name[NAME_BYTES], int person, int index)
{
    snprintf(name, NAME_BYTES, "r%05d", (person + index) % options.rooms);
    return words_of(name);
}

static void write_coming(struct stream_messages *messages, int person)
{
    char name[NAME_BYTES];
    const struct change change = {
        .kind = CHANGE_ENTER, .name = name_person(name, person), .time = 1};
    add_change(messages, &change);
}

static void write_joins(struct stream_messages *messages, int person)
{
    char room[NAME_BYTES];
    for (int index = 0; index < options.each; index++) {
        const struct change change = {.kind = CHANGE_JOIN,
                                      .user = id_of(person),
                                      .room = name_room(room, person, index),
                                      .time = 1};
        add_change(messages, &change);
    }
}

static void write_line(struct stream_messages *messages, int person)
{
    char room[NAME_BYTES], name[NAME_BYTES], text[LINE_MOST];
    const struct change change = {
        .kind = CHANGE_TALK,
        .user = id_of(person),
        .name = name_person(name, person),
        .room = name_room(room, person, 0),
        .text = {memset(text, 'x', (size_t)options.bytes), (size_t)options.bytes},
        .time = 1};
    add_change(messages, &change);
}

/* Has so many people of each machine do something; they take turns. */
static void write_all(struct stream_messages *messages, int count,
                      void (*write)(struct stream_messages *messages, int person))
{
    int each = (count + options.machines - 1) / options.machines;
    for (int machine = 0; machine < options.machines; machine++) {
        int first = first_of(machine), people = first_of(machine + 1) - first;
        messages->machine = machine;
        for (int i = 0; i < each && count > 0 && people > 0; i++, count--)
            write(messages, first + i % people);
        seal_message(messages);
    }
}

/*
 * The follower.
 */

/* As the node's follower has what was said made (cluster/node_follower.c). */
static void make_talk(struct chat *chat, const char *machine, uint64_t place,
                      const struct change *change)
{
    struct batch said = {0};
    struct change talk = *change;
    struct message message;
    while (wire_next_message(&talk.messages, &message))
        if (!batch_add(&said, &message))
            give_up("out of memory");
    talk.messages = change->messages;
    talk.said = &said;
    replica_make(chat, machine, place, &talk);
    batch_free(&said);
}

static double processor_seconds(void)
{
    struct timespec spent;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return (double)spent.tv_sec + (double)spent.tv_nsec / (double)CLOCK_SECOND;
}

/* Makes all messages. Returns the seconds of processor time that it took. */
static double follow(struct chat *chat, const struct stream_messages *messages, uint64_t sequence)
{
    double began = processor_seconds();
    size_t start = 0;
    for (size_t i = 0; i < messages->count; i++) {
        struct wire_reader reader;
        struct wire_header header;
        struct change change;
        const char *bytes = buffer_bytes(&messages->bytes) + start;
        if (wire_open(&reader, bytes, messages->ends[i] - start, &header) != SEALED_OK)
            give_up("a message cannot be read");
        const char *machine = machine_names[header.node - 1];
        for (uint64_t place = (sequence + i) * TURNS_MOST; wire_next(&reader, &change); place++) {
            if (change.kind == CHANGE_TALK)
                make_talk(chat, machine, place, &change);
            else
                replica_make(chat, machine, place, &change);
        }
        start = messages->ends[i];
    }
    return processor_seconds() - began;
}

static long resident_bytes(void)
{
    char line[128] = "";
    char *resident = line;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL)
        give_up("this system does not tell how much memory a process has");
    fclose(file);
    strtol(line, &resident, 10); /* behind the size */
    return strtol(resident, NULL, 10) * sysconf(_SC_PAGESIZE);
}

/* Returns how many memberships there are, without the lobby. */
static size_t count_members(struct chat *chat)
{
    size_t count = 0;
    for (int i = 0; i < options.rooms; i++) {
        char name[NAME_BYTES];
        struct room *room = rooms_find(chat->rooms, name_room(name, i, 0).bytes);
        if (room == NULL)
            continue;
        count += room_count(room);
        rooms_release(chat->rooms, room);
    }
    return count;
}

static void tell(const char *what, size_t count, double seconds)
{
    printf("%s=%zu %s_s=%.3f %s_per_s=%.0f ", what, count, what, seconds, what,
           seconds > 0 ? (double)count / seconds : 0);
}

/*
 * Has people do something, `each` changes every time, and tells what it took to make them. Returns
 * the sequence behind them.
 */
static uint64_t run(struct chat *chat, const char *what, int times, int each,
                    void (*write)(struct stream_messages *messages, int person), uint64_t sequence)
{
    struct stream_messages messages = {.changes = 0};
    size_t count = (size_t)times * (size_t)each;
    write_all(&messages, times, write);
    tell(what, count, follow(chat, &messages, sequence));
    printf("%s_messages=%zu %s_wire_bytes=%.1f ", what, messages.count, what,
           count > 0 ? (double)buffer_length(&messages.bytes) / (double)count : 0);
    sequence += messages.count;
    free_messages(&messages);
    return sequence;
}

static int measure(struct chat *chat)
{
    size_t joins = (size_t)options.people * (size_t)options.each;
    long empty = resident_bytes();
    uint64_t sequence = run(chat, "comings", options.people, 1, write_coming, 1);
    long come = resident_bytes();
    sequence = run(chat, "joins", options.people, options.each, write_joins, sequence);
    long joined = resident_bytes();
    bool whole = count_members(chat) == joins;
    run(chat, "lines", options.lines, 1, write_line, sequence);
    long said = resident_bytes();
    printf("person_bytes=%.1f membership_bytes=%.1f history_kib=%ld whole=%d\n",
           (double)(come - empty) / options.people,
           joins > 0 ? (double)(joined - come) / (double)joins : 0, (said - joined) / 1024, whole);
    return whole ? 0 : 1;
}

static void read_options(int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "p:r:e:l:b:c:m:")) != -1) {
        uint64_t number;
        if (option == '?' || !number_parse(optarg, 0, 10000000, &number))
            give_up("see the head of tests/cluster/replicas.c");
        switch (option) {
        case 'p':
            options.people = (int)number;
            break;
        case 'r':
            options.rooms = (int)number;
            break;
        case 'e':
            options.each = (int)number;
            break;
        case 'l':
            options.lines = (int)number;
            break;
        case 'b':
            options.bytes = (int)number;
            break;
        case 'c':
            options.changes = (int)number;
            break;
        default:
            options.machines = (int)number;
        }
    }
    if (options.people < 1 || options.rooms < 1 || options.each > options.rooms ||
        options.bytes < 1 || options.bytes > LINE_MOST || options.changes < 1 ||
        options.changes > TURNS_MOST || options.machines < 1 || options.machines > MACHINES_MOST)
        give_up("these options do not go together");
}

int main(int argc, char **argv)
{
    static struct chat chat;
    struct chat_config config = {.limits.drain_timeout = CLOCK_SECOND,
                                 .limits.sendq = 1048576,
                                 .limits.presence_limit = 1,
                                 .limits.history = 100,
                                 .limits.welcome = true};
    const struct event_log_config log = {.program = "replicas", .quiet = true};
    read_options(argc, argv);
    for (int i = 0; i < options.machines; i++)
        snprintf(machine_names[i], NAME_BYTES, "m%d", i);
    config.limits.max_rooms = (size_t)options.rooms + 1;
    config.limits.rooms_per_client = (unsigned)options.each + 1;
    if (event_log_start(&config.event_log, &log) != 0 || chat_open(&chat, &config) != 0)
        give_up("cannot open a chat");
    event_log_hush(config.event_log, true);
    int status = measure(&chat);
    for (int i = 0; i < options.machines; i++)
        replica_remove(&chat, machine_names[i], "it is over");
    chat_close(&chat);
    event_log_stop(config.event_log, CLOCK_SECOND);
    event_log_free(config.event_log);
    return status;
}
