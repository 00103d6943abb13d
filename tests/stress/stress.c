/*
 * stress: checks a chat server's promises with hundreds of simulated clients.
 *
 *     stress [--seed N] [--clients N] [--steps N] [--seconds N] [--deadline SECONDS]
 *            [--slow N] [--slow-rate BYTES_PER_SECOND] [--hostile N]
 *            [--volume BYTES_PER_SECOND] ADDRESS...
 *     stress --rooms N [--accounts] [--seed N] [--clients N] [--seconds N] [--deadline SECONDS]
 *            ADDRESS...
 *
 * An address is [SCHEME://]HOST:PORT, as the server says it: lines, lines+tls, lines+proxy or
 * lines+tls+proxy. Each client comes in at one of them, but hostile ones and wardens, who come in
 * at the first, which must be a plain one.
 *
 * The clients join, talk, rename, write to each other, pause, leave and break off at random under a
 * seed. It checks that all see one order, that nothing is lost, that a client's join comes first
 * and its leave last, that lines are whole, and that private messages reach only their addressee,
 * once. Some clients read slowly (--slow, at --slow-rate or more). --hostile ones are not checked,
 * but must not affect the others. The server must have no other clients meanwhile, and must not sum
 * up its join and left notices (--presence-limit 0).
 *
 *     stress --forged
 *
 * With --forged it checks that forged violations of a town's rules are found. With --rooms it plays
 * a town instead: N rooms, each with a warden who keeps order in it, and clients that move between
 * them, are in several at once, ignore, are quiet, are kicked, muted and given the floor, are cut
 * off and resume. With --accounts, of a server with --data and --operator warden0, some register
 * their names and come in again by a password, also while they are there, and others are kicked out
 * of the chat. It checks each room's order on its own. The server must not have clients or rooms
 * of other runs.
 *
 * Prints one line and exits with status 0 when all holds; with violations on standard error and
 * status 1 otherwise; with status 2 for an error on the command line.
 */
#include "complaint.h"
#include "crowd.h"
#include "forged.h"
#include "town.h"

#include "../tls/tls_client.h"

#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    DEFAULT_CLIENTS = 200,
    DEFAULT_SLOW_RATE = 20000,
    DEFAULT_TALK_SECONDS = 10,
    DEFAULT_DEADLINE_SECONDS = 120,
    DESCRIPTORS_BESIDE_CLIENTS = 16, /* the observer's, the standard ones, and inherited ones */
    LAST_RESORT_SECONDS = 10         /* so long after the deadline an alarm ends the program */
};

static const int64_t MILLIS = 1000; /* per second */

static void usage_fail(const char *problem, const char *value)
{
    fprintf(stderr,
            "stress: %s: %s\n"
            "usage: stress [--seed N] [--clients N] [--steps N] [--seconds N]\n"
            "              [--deadline SECONDS] [--slow N] [--slow-rate BYTES_PER_SECOND]\n"
            "              [--hostile N] [--volume BYTES_PER_SECOND] ADDRESS...\n"
            "       stress --rooms N [--accounts] [--seed N] [--clients N]\n"
            "              [--seconds N] [--deadline SECONDS] ADDRESS...\n",
            problem, value);
    exit(2);
}

/*
 * Returns the decimal number in text if it is between least and most; otherwise ends the program.
 */
static uint64_t number_parse(const char *option, const char *text, uint64_t least, uint64_t most)
{
    unsigned long long value;
    char *end;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < least ||
        value > most) {
        usage_fail(option, text);
    }
    return value;
}

/*
 * Resolves HOST:PORT, where HOST is a numeric address, in brackets if it contains colons. Names are
 * not looked up, since that could take longer than any deadline.
 */
static void address_parse(const char *text, struct place *place)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    const char *colon = strrchr(text, ':');
    char host[64];
    size_t length;

    if (colon == NULL) {
        usage_fail("not HOST:PORT", text);
        return;
    }
    length = (size_t)(colon - text);
    if (length > 1 && text[0] == '[' && text[length - 1] == ']') {
        text++;
        length -= 2;
    }
    if (length >= sizeof host) {
        usage_fail("not a numeric address", text);
    }
    memcpy(host, text, length);
    host[length] = '\0';
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0) {
        usage_fail("not a numeric address and port", text);
    }
    memcpy(&place->address, found->ai_addr, found->ai_addrlen);
    place->length = found->ai_addrlen;
    freeaddrinfo(found);
}

/* Adds [lines[+tls][+proxy]://]HOST:PORT to the places. */
static void place_parse(const char *text, struct places *places)
{
    static const struct {
        const char *scheme;
        bool tls, proxy;
    } schemes[] = {{"lines+tls+proxy://", true, true},
                   {"lines+tls://", true, false},
                   {"lines+proxy://", false, true},
                   {"lines://", false, false}};
    struct place place = {.length = 0};
    const char *address = text;

    for (size_t i = 0; i < sizeof schemes / sizeof *schemes && address == text; i++) {
        size_t length = strlen(schemes[i].scheme);

        if (strncmp(text, schemes[i].scheme, length) == 0) {
            place.tls = schemes[i].tls;
            place.proxy = schemes[i].proxy;
            address = text + length;
        }
    }
    address_parse(address, &place);
    if (place.tls && !tls_client_is_available()) {
        usage_fail("built without OpenSSL", text);
    }
    if (places->count == PLACES_MAX) {
        usage_fail("too many addresses", text);
    }
    places->some[places->count++] = place;
}

static void options_parse(int argc, char **argv, struct crowd_plan *plan, unsigned *rooms,
                          bool *accounts)
{
    static const struct option options[] = {
        {"seed", required_argument, NULL, 's'},
        {"clients", required_argument, NULL, 'c'},
        {"steps", required_argument, NULL, 'n'},
        {"seconds", required_argument, NULL, 't'},
        {"deadline", required_argument, NULL, 'd'},
        {"slow", required_argument, NULL, 'l'},
        {"slow-rate", required_argument, NULL, 'r'},
        {"hostile", required_argument, NULL, 'h'},
        {"volume", required_argument, NULL, 'v'},
        {"rooms", required_argument, NULL, 'm'},
        {"forged", no_argument, NULL, 'f'},
        {"accounts", no_argument, NULL, 'a'},
        {NULL, 0, NULL, 0},
    };
    const uint64_t day_seconds = 86400;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 's':
            plan->seed = number_parse("--seed", optarg, 0, UINT64_MAX);
            break;
        case 'c':
            plan->clients = (unsigned)number_parse("--clients", optarg, 1, 30000);
            break;
        case 'n':
            plan->steps = number_parse("--steps", optarg, 1, UINT64_MAX);
            break;
        case 't':
            plan->talk_millis = MILLIS * (int64_t)number_parse("--seconds", optarg, 1, day_seconds);
            break;
        case 'd':
            plan->deadline_millis =
                MILLIS * (int64_t)number_parse("--deadline", optarg, 1, day_seconds);
            break;
        case 'l':
            plan->slow = (unsigned)number_parse("--slow", optarg, 0, 30000);
            break;
        case 'r':
            plan->slow_least = (unsigned)number_parse("--slow-rate", optarg, 1000, 1000000000);
            break;
        case 'h':
            plan->hostile = (unsigned)number_parse("--hostile", optarg, 0, 1000);
            break;
        case 'v':
            plan->volume = number_parse("--volume", optarg, 1000, UINT32_MAX);
            break;
        case 'f':
            exit(forged_check() == 0 ? 0 : 1);
        case 'a':
            *accounts = true;
            break;
        case 'm':
            *rooms = (unsigned)number_parse("--rooms", optarg, 1, CHRONICLE_ROOMS_MAX);
            break;
        default:
            usage_fail("unknown option, or one without its value", argv[optind - 1]);
        }
    }
    if (argc == optind) {
        usage_fail("an address is needed", "none given");
    }
    if (plan->steps == 0 && plan->talk_millis == 0) {
        plan->talk_millis = MILLIS * DEFAULT_TALK_SECONDS;
    }
    if (plan->slow > plan->clients) {
        usage_fail("--slow", "must be no more than --clients");
    }
    if (plan->talk_millis >= plan->deadline_millis) {
        usage_fail("--deadline", "must be longer than --seconds");
    }
    while (optind < argc) {
        place_parse(argv[optind++], &plan->places);
    }
    if (plan->places.some[0].tls || plan->places.some[0].proxy) {
        usage_fail("the first address must be a plain one", argv[optind - 1]);
    }
}

/* Ensures one descriptor for each client, or ends the program. */
static void descriptors_reserve(unsigned clients)
{
    const rlim_t needed = (rlim_t)clients + DESCRIPTORS_BESIDE_CLIENTS;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < needed) {
        limit.rlim_cur = needed;
        if (needed > limit.rlim_max || setrlimit(RLIMIT_NOFILE, &limit) != 0) {
            usage_fail("--clients", "more than this process may have descriptors");
        }
    }
}

/* Prints how the run ended, and returns the program's status. */
static int outcome(const char *found, uint64_t seed)
{
    printf("stress: %s: %s, seed %llu\n",
           complaint_count() == 0 ? "all promises kept" : "PROMISES BROKEN", found,
           (unsigned long long)seed);
    return complaint_count() == 0 ? 0 : 1;
}

static int no_memory(void)
{
    fprintf(stderr, "stress: out of memory\n");
    return 2;
}

static int run_crowd(const struct crowd_plan *plan)
{
    struct crowd *crowd = crowd_gather(plan);
    struct ledger_totals totals;
    char found[128];

    if (crowd == NULL) {
        return no_memory();
    }
    totals = crowd_run(crowd);
    crowd_disperse(crowd);
    snprintf(found, sizeof found,
             "%u clients joined, %llu lines, %llu deliveries checked, %u private messages",
             (unsigned)totals.joins, (unsigned long long)totals.lines,
             (unsigned long long)totals.deliveries, (unsigned)totals.letters);
    return outcome(found, plan->seed);
}

static int run_town(const struct crowd_plan *crowd, unsigned rooms, bool accounts)
{
    const struct town_plan plan = {.seed = crowd->seed,
                                   .rooms = rooms,
                                   .accounts = accounts,
                                   .clients = crowd->clients,
                                   .talk_millis = crowd->talk_millis,
                                   .deadline_millis = crowd->deadline_millis,
                                   .places = crowd->places};
    struct town *town = town_found(&plan);
    struct chronicle_totals totals;
    char found[384];

    if (town == NULL) {
        return no_memory();
    }
    totals = town_run(town);
    town_abandon(town);
    snprintf(found, sizeof found,
             "%u clients, %u stays in %u rooms, %llu lines, %llu deliveries checked, "
             "%llu lines acknowledged, %llu kicks, %llu refusals, %llu times resumed, "
             "%llu kicked by the operator, %llu from elsewhere, %llu again",
             (unsigned)totals.clients, (unsigned)totals.visits, rooms,
             (unsigned long long)totals.lines, (unsigned long long)totals.deliveries,
             (unsigned long long)totals.acknowledged, (unsigned long long)totals.kicks,
             (unsigned long long)totals.refusals, (unsigned long long)totals.resumed,
             (unsigned long long)totals.expulsions, (unsigned long long)totals.takeovers,
             (unsigned long long)totals.returns);
    return outcome(found, plan.seed);
}

int main(int argc, char **argv)
{
    struct crowd_plan plan = {.seed = (uint64_t)time(NULL),
                              .clients = DEFAULT_CLIENTS,
                              .slow_least = DEFAULT_SLOW_RATE,
                              .deadline_millis = MILLIS * DEFAULT_DEADLINE_SECONDS};
    unsigned rooms = 0;
    bool accounts = false;

    options_parse(argc, argv, &plan, &rooms, &accounts);
    descriptors_reserve((accounts ? 2 : 1) * plan.clients + plan.hostile + rooms);
    signal(SIGPIPE, SIG_IGN);
    alarm((unsigned)(plan.deadline_millis / MILLIS) + LAST_RESORT_SECONDS);
    fprintf(stderr, "stress: seed %llu\n", (unsigned long long)plan.seed);
    return rooms > 0 ? run_town(&plan, rooms, accounts) : run_crowd(&plan);
}
