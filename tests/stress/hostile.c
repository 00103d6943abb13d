/* hostile: clients that attack the server. */
#include "hostile.h"

#include "chance.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All private messages of hostile clients contain this, and no others do. */
#define LETTER_MARK  ": hostile"
#define LETTER_START "[private] "

/*
 * They connect from another host than the crowd, where all of 127/8 is loopback: measures that the
 * server takes against a host must not affect the crowd.
 */
#define HOST "127.0.0.2"

enum {
    PATTERN_BYTES = 4096,
    TURN_BYTES = 8192,      /* most that one of them sends or reads in a turn */
    ABSENCE_MILLIS = 300,   /* longest time until the next one connects */
    LIFE_MILLIS = 1500,     /* longest life of one that does not stall floods ... */
    READERLESS_MILLIS = 400 /* ... and of one that is in the room and reads nothing */
};

/* Telnet commands that make the client a terminal: it requests both options of character mode. */
#define TERMINAL      "\xff\xfd\x01\xff\xfd\x03\xff\xfb\x1f\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0"

#define LITERAL(text) text, sizeof(text) - 1

/*
 * One unit of input to send repeatedly, after an opening. The % in a unit is replaced by the
 * victim's name.
 */
struct trade {
    const char *opening;
    size_t opening_length;
    const char *unit;
    size_t unit_length;
    bool joins;
    bool leaves_at_once;
};

static const struct trade trades[] = {
    /* Telnet requests, at the prompt and in the room. */
    {LITERAL(""), LITERAL("\xff\xfd\x06"), false, false},
    {LITERAL(""), LITERAL("\xff\xfd\x06"), true, false},
    {LITERAL("\xff\xfb\x2a"), LITERAL("\xff\xfa\x2a\x01;UTF-8\xff\xf0"), false, false},
    {LITERAL(""), LITERAL("\xff\xf6"), true, false}, /* are you there? */
    /* Commands. */
    {LITERAL(""), LITERAL("/help\n"), true, false},
    {LITERAL(""), LITERAL("/who\n"), true, false},
    {LITERAL(""), LITERAL("/nonsense\n/nick\n/msg\n"), true, false},
    {LITERAL(""), LITERAL("\n"), true, false},
    /* Keys, windows and modes of a terminal. */
    {LITERAL(TERMINAL), LITERAL("\t"), true, false},
    {LITERAL(TERMINAL),
     LITERAL("word word \x1b"
             "b\x1b"
             "b\x1b"
             "f\x15"),
     true, false},
    {LITERAL(TERMINAL),
     LITERAL("\xff\xfa\x1f\x00\x28\x00\x18\xff\xf0\xff\xfa\x1f\x00\x78\x00\x18\xff\xf0"), true,
     false},
    {LITERAL(TERMINAL), LITERAL("\xff\xfe\x01\xff\xfd\x01"), true, false},
    /* Private messages. */
    {LITERAL(""), LITERAL("/msg % hostile and much of it, all for you alone, again and again\n"),
     true, false},
    {LITERAL(""), LITERAL("/msg % hostile\n"), true, false},
    /* Clients that connect and disconnect, and clients that only connect. */
    {LITERAL(""), LITERAL(""), true, true},
    {LITERAL(""), LITERAL(""), true, true},
    {LITERAL(""), LITERAL(""), false, true},
    {LITERAL("nobo"), LITERAL(""), false, false},
};

enum { TRADES = sizeof trades / sizeof *trades };

struct hostile {
    int socket; /* -1: not connected */
    struct chance mind;
    const struct trade *trade;
    bool reads;
    int64_t until;  /* it disconnects then; without a socket: it connects then */
    size_t opening; /* bytes of the opening not sent yet ... */
    size_t pattern; /* bytes of the pattern, which begins with the opening */
    size_t first;   /* ... and where the next send begins */
    char bytes[PATTERN_BYTES];
};

struct gang {
    uint64_t seed;
    const struct place *place;
    struct ledger *ledger;
    unsigned count;
    unsigned came;
    struct hostile members[];
};

struct gang *gang_gather(uint64_t seed, unsigned count, const struct place *place,
                         struct ledger *ledger)
{
    struct gang *gang = calloc(1, sizeof *gang + count * sizeof gang->members[0]);

    if (gang == NULL) {
        return NULL;
    }
    gang->seed = seed;
    gang->count = count;
    gang->place = place;
    gang->ledger = ledger;
    for (unsigned i = 0; i < count; i++) {
        gang->members[i].socket = -1;
        gang->members[i].mind = chance_stream(seed, i, 2);
    }
    return gang;
}

/* Appends bytes to the pattern. Returns false if there is no room for all of them. */
static bool pattern_add(struct hostile *hostile, const char *bytes, size_t length)
{
    if (sizeof hostile->bytes - hostile->pattern < length) {
        return false;
    }
    memcpy(hostile->bytes + hostile->pattern, bytes, length);
    hostile->pattern += length;
    return true;
}

/* Appends the unit once, completely or not at all. */
static bool pattern_add_unit(struct hostile *hostile, const char *victim)
{
    const struct trade *trade = hostile->trade;
    const char *gap = memchr(trade->unit, '%', trade->unit_length);
    size_t before = gap == NULL ? trade->unit_length : (size_t)(gap - trade->unit);
    size_t start = hostile->pattern;
    bool whole = pattern_add(hostile, trade->unit, before);

    if (gap != NULL) {
        whole = whole && pattern_add(hostile, victim, strlen(victim)) &&
                pattern_add(hostile, gap + 1, trade->unit_length - before - 1);
    }
    if (!whole) {
        hostile->pattern = start;
    }
    return whole && trade->unit_length > 0;
}

/*
 * Makes the pattern of a new client, and announces it to the ledger. Returns false when memory is
 * out.
 */
static bool hostile_prepare(struct gang *gang, struct hostile *hostile, const char *victim)
{
    const struct trade *trade = hostile->trade;

    hostile->first = hostile->pattern = 0;
    pattern_add(hostile, trade->opening, trade->opening_length);
    if (trade->joins) {
        char name[SCRIPT_NAME_BYTES];
        uint32_t serial;

        if (!ledger_admit(gang->ledger, &serial)) {
            errno = ENOMEM;
            return false;
        }
        ledger_named(gang->ledger, serial);
        ledger_parting(gang->ledger, serial, LEDGER_IS_CUT);
        script_name(serial, 0, name);
        pattern_add(hostile, name, strlen(name));
        pattern_add(hostile, "\r", 2);
    }
    hostile->opening = hostile->pattern;
    while (pattern_add_unit(hostile, victim)) {
    }
    return true;
}

/* Binds the socket to another host, if there is one and the crowd does not use it. */
static void socket_move(int descriptor, const struct gang *gang)
{
    struct sockaddr_in host = {.sin_family = AF_INET};

    if (gang->place->address.ss_family == AF_INET &&
        inet_pton(AF_INET, HOST, &host.sin_addr) == 1 &&
        bind(descriptor, (const struct sockaddr *)&host, sizeof host) != 0) {
        errno = 0; /* then they use the same host */
    }
}

static bool hostile_comes(struct gang *gang, struct hostile *hostile, int64_t now,
                          const char *victim)
{
    struct chance *mind = &hostile->mind;
    int life = LIFE_MILLIS;
    int descriptor;

    hostile->trade = &trades[chance_below(mind, TRADES)];
    if (victim == NULL && memchr(hostile->trade->unit, '%', hostile->trade->unit_length) != NULL) {
        return true;
    }
    descriptor = socket(gang->place->address.ss_family, SOCK_STREAM, 0);
    if (descriptor < 0) {
        return false;
    }
    socket_move(descriptor, gang);
    if (fcntl(descriptor, F_SETFL, O_NONBLOCK) != 0 ||
        fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0 ||
        (connect(descriptor, (const struct sockaddr *)&gang->place->address, gang->place->length) !=
             0 &&
         errno != EINPROGRESS) ||
        !hostile_prepare(gang, hostile, victim)) {
        int cause = errno;

        close(descriptor);
        errno = cause;
        return false;
    }
    hostile->socket = descriptor;
    hostile->reads = chance_one_in(mind, 2);
    if (hostile->trade->joins && !hostile->reads) {
        life = READERLESS_MILLIS;
    }
    hostile->until = now + 1 + chance_below(mind, (uint32_t)life);
    gang->came++;
    return true;
}

/* Disconnects. */
static void hostile_goes(struct hostile *hostile, int64_t now)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    if (hostile->socket < 0) {
        return;
    }
    setsockopt(hostile->socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(hostile->socket);
    hostile->socket = -1;
    hostile->until = now + chance_below(&hostile->mind, ABSENCE_MILLIS);
}

/* Returns true when a failed call may succeed later. */
static bool error_passes(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ENOTCONN;
}

/* Sends the pattern repeatedly. Returns false when the connection has ended. */
static bool hostile_sends(struct hostile *hostile)
{
    size_t left = TURN_BYTES;

    while (left > 0 && hostile->first < hostile->pattern) {
        size_t length = hostile->pattern - hostile->first;
        ssize_t sent;

        length = length < left ? length : left;
        sent = send(hostile->socket, hostile->bytes + hostile->first, length, 0);
        if (sent < 0) {
            return error_passes();
        }
        left -= (size_t)sent;
        hostile->first += (size_t)sent;
        if (hostile->first == hostile->pattern && hostile->pattern > hostile->opening) {
            hostile->first = hostile->opening;
        }
    }
    return true;
}

/* Reads and discards input. Returns false when the connection has ended. */
static bool hostile_reads(struct hostile *hostile)
{
    char bytes[TURN_BYTES];
    ssize_t received = recv(hostile->socket, bytes, sizeof bytes, 0);

    return received > 0 || (received < 0 && error_passes());
}

bool gang_acts(struct gang *gang, int64_t now, const char *victim)
{
    for (unsigned i = 0; i < gang->count; i++) {
        struct hostile *hostile = &gang->members[i];

        if (hostile->socket < 0) {
            if (now >= hostile->until && !hostile_comes(gang, hostile, now, victim)) {
                return false;
            }
            continue;
        }
        if (now >= hostile->until || !hostile_sends(hostile) ||
            (hostile->reads && !hostile_reads(hostile)) ||
            (hostile->trade->leaves_at_once && hostile->first == hostile->pattern)) {
            hostile_goes(hostile, now);
        }
    }
    return true;
}

void gang_leaves(struct gang *gang)
{
    for (unsigned i = 0; i < gang->count; i++) {
        hostile_goes(&gang->members[i], 0);
    }
}

unsigned gang_came(const struct gang *gang)
{
    return gang->came;
}

void gang_disperse(struct gang *gang)
{
    if (gang != NULL) {
        gang_leaves(gang);
        free(gang);
    }
}

bool hostile_is_letter(const char *bytes, size_t length)
{
    size_t mark_length = strlen(LETTER_MARK);

    if (length < strlen(LETTER_START) || memcmp(bytes, LETTER_START, strlen(LETTER_START)) != 0) {
        return false;
    }
    for (size_t i = 0; i + mark_length <= length; i++) {
        if (memcmp(bytes + i, LETTER_MARK, mark_length) == 0) {
            return true;
        }
    }
    return false;
}
