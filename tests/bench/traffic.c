/* What the clients send, and when; see traffic.h. */
#include "traffic.h"

#include "clock.h"
#include "message.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ASK_CHUNK_BYTES = 4 * 1024,    /* of an asker in one turn, if it asks without a pace */
    ASK_BYTES = 4096,              /* the longest command */
    FLOOD_CHUNK_BYTES = 16 * 1024, /* of a flooder in one turn */
    LONGEST_WAIT_MS = 5
};

void traffic_open(struct traffic *traffic, struct crowd *crowd)
{
    const struct options *options = crowd->options;

    memset(traffic, 0, sizeof *traffic);
    traffic->crowd = crowd;
    traffic->options = options;
    traffic->numbers = calloc(options->clients, sizeof *traffic->numbers);
    traffic->flood_left = calloc(options->clients, sizeof *traffic->flood_left);
    traffic->said = calloc(crowd->room_count, sizeof *traffic->said);
    if (traffic->numbers == NULL || traffic->flood_left == NULL || traffic->said == NULL) {
        perror("load: cannot prepare the talk");
        exit(2);
    }
}

void traffic_close(struct traffic *traffic)
{
    free(traffic->numbers);
    free(traffic->flood_left);
    free(traffic->said);
}

/* Whether a flooder is a paster; the last ones are. */
static bool pastes(const struct options *options, uint32_t flooder)
{
    return flooder >= options->flooders - options->pasters;
}

/* Whether a flooder stops when the paced talk is over. */
static bool ends_with_talk(const struct options *options, uint32_t flooder)
{
    return options->lines == 0 && !pastes(options, flooder);
}

/* Sets how many lines each flooder sends in a stretch. */
static void share_flood(struct traffic *traffic, uint64_t flood_lines)
{
    const struct options *options = traffic->options;
    uint32_t flooders = options->flooders - options->pasters;

    for (uint32_t i = 0; i < options->flooders; i++) {
        if (pastes(options, i))
            traffic->flood_left[i] = traffic->measured ? options->paste / options->size : 0;
        else if (flood_lines == UINT64_MAX)
            traffic->flood_left[i] = flood_lines;
        else
            traffic->flood_left[i] = flood_lines / flooders + (i < flood_lines % flooders);
    }
}

static uint64_t passers_every_ns(const struct options *options, bool measured)
{
    if (options->churn > 0)
        return (uint64_t)((double)NS_PER_S / options->churn);
    return measured ? (uint64_t)((double)NS_PER_S * options->stall_every) : 0;
}

void traffic_begin(struct traffic *traffic, double seconds, uint64_t flood_lines, bool measured)
{
    const struct options *options = traffic->options;
    double paced = options->talkers > 0 ? round(options->pace * seconds) : 0;

    traffic->began_ns = clock_now_ns();
    traffic->until_ns = traffic->began_ns + (uint64_t)(seconds * (double)NS_PER_S);
    traffic->paced_said = 0;
    traffic->paced_lines = (uint64_t)paced;
    traffic->paced_every_ns = (uint64_t)((double)NS_PER_S / options->pace);
    traffic->worst_lateness_ns = 0;
    traffic->passers_begun = 0;
    traffic->passers_every_ns = passers_every_ns(options, measured);
    traffic->measured = measured;
    traffic->asked = 0;
    share_flood(traffic, flood_lines);
}

/* Appends one line of the author to its pending output. */
static void compose(struct traffic *traffic, struct peer *peer, uint64_t now_ns)
{
    const struct dialect *dialect = traffic->options->dialect;
    size_t before = strlen(dialect->before);
    size_t after = strlen(dialect->after);
    size_t bytes = traffic->options->size - 1;
    char *text = peer_room(peer, before + bytes + after);
    struct message message = {peer->id, traffic->numbers[peer->id]++, now_ns};

    memcpy(text, dialect->before, before);
    message_write(text + before, bytes, &message);
    memcpy(text + before + bytes, dialect->after, after);
    peer->unsent_end += before + bytes + after;
}

void traffic_pace(struct traffic *traffic)
{
    while (traffic->paced_said < traffic->paced_lines) {
        uint64_t due_ns = traffic->began_ns + traffic->paced_said * traffic->paced_every_ns;
        uint64_t now_ns = clock_now_ns();
        struct peer *peer = &traffic->crowd->peers[traffic->paced_said % traffic->options->talkers];

        if (now_ns < due_ns)
            return;
        if (now_ns - due_ns > traffic->worst_lateness_ns)
            traffic->worst_lateness_ns = now_ns - due_ns;
        traffic->paced_said++;
        if (peer->stage != PEER_IN)
            continue;
        compose(traffic, peer, now_ns);
        traffic->said[peer->id % traffic->crowd->room_count].talk++;
        crowd_flush(traffic->crowd, peer);
    }
}

static bool flooding(const struct traffic *traffic, uint32_t flooder)
{
    return traffic->flood_left[flooder] > 0 &&
           traffic->crowd->peers[traffic->options->talkers + flooder].stage == PEER_IN;
}

/* Returns whether any flooder could continue at once. */
static bool flood(struct traffic *traffic, uint64_t now_ns)
{
    const struct options *options = traffic->options;
    uint64_t chunk_lines = FLOOD_CHUNK_BYTES / options->size + 1;
    bool more = false;

    for (uint32_t i = 0; i < options->flooders; i++) {
        struct peer *peer = &traffic->crowd->peers[options->talkers + i];

        if (ends_with_talk(options, i) && now_ns >= traffic->until_ns)
            traffic->flood_left[i] = 0;
        if (!peer->writable || !flooding(traffic, i))
            continue;
        for (uint64_t line = 0; line < chunk_lines && traffic->flood_left[i] > 0; line++) {
            compose(traffic, peer, now_ns);
            traffic->said[peer->id % traffic->crowd->room_count].flood++;
            if (traffic->flood_left[i] != UINT64_MAX)
                traffic->flood_left[i]--;
        }
        crowd_flush(traffic->crowd, peer);
        more = more || (peer->writable && flooding(traffic, i));
    }
    return more;
}

/* Appends the next command to the asker's pending output, with @ replaced. */
static void compose_ask(struct traffic *traffic, struct peer *peer)
{
    const struct options *options = traffic->options;
    char victim[DIALECT_NAME_BYTES] = "";
    const char *command = options->ask;
    uint64_t skipped = 0;
    char line[ASK_BYTES];
    size_t bytes = 0;

    crowd_name(traffic->crowd, &traffic->crowd->peers[options->clients - 1], victim);
    for (const char *at = command; *at != '\0'; at++)
        skipped += *at == '|';
    for (skipped = traffic->asked++ % (skipped + 1); skipped > 0; skipped--)
        command = strchr(command, '|') + 1;
    for (; *command != '\0' && *command != '|' && bytes < sizeof line - sizeof victim; command++) {
        if (*command == '@') {
            memcpy(line + bytes, victim, strlen(victim));
            bytes += strlen(victim);
        } else {
            line[bytes++] = *command;
        }
    }
    line[bytes++] = '\n';
    memcpy(peer_room(peer, bytes), line, bytes);
    peer->unsent_end += bytes;
}

/* An asker with pending output waits, so that this process does not accumulate any. */
static void ask(struct traffic *traffic, uint64_t now_ns)
{
    const struct options *options = traffic->options;
    uint32_t first = options->clients - options->stalled - options->askers;
    double seconds = (double)(now_ns - traffic->began_ns) / (double)NS_PER_S;
    uint64_t due = (uint64_t)(options->ask_rate * seconds * options->askers);

    if (!(traffic->measured || options->ask_rate == 0) || now_ns >= traffic->until_ns)
        return;
    for (uint32_t i = 0; i < options->askers; i++) {
        struct peer *peer = &traffic->crowd->peers[first + i];
        uint64_t share = due > traffic->asked ? (due - traffic->asked) / options->askers + 1 : 0;

        if (peer->stage != PEER_IN || peer_has_unsent(peer))
            continue;
        while (options->ask_rate > 0 ? share-- > 0
                                     : peer->unsent_end - peer->unsent_start < ASK_CHUNK_BYTES)
            compose_ask(traffic, peer);
        if (peer_has_unsent(peer))
            crowd_flush(traffic->crowd, peer);
    }
}

static void let_pass(struct traffic *traffic, uint64_t now_ns)
{
    while (traffic->passers_every_ns > 0 && now_ns < traffic->until_ns &&
           traffic->began_ns + traffic->passers_begun * traffic->passers_every_ns <= now_ns) {
        traffic->passers_begun++;
        crowd_pass_by(traffic->crowd);
    }
}

static uint64_t sooner(uint64_t wait_ns, uint64_t due_ns, uint64_t now_ns)
{
    uint64_t until_due = due_ns > now_ns ? due_ns - now_ns : 0;

    return until_due < wait_ns ? until_due : wait_ns;
}

uint64_t traffic_step(struct traffic *traffic)
{
    uint64_t wait_ns = LONGEST_WAIT_MS * NS_PER_MS;
    uint64_t now_ns;

    traffic_pace(traffic);
    now_ns = clock_now_ns();
    let_pass(traffic, now_ns);
    ask(traffic, now_ns);
    if (flood(traffic, now_ns))
        return 0;
    if (traffic->paced_said < traffic->paced_lines)
        wait_ns = sooner(wait_ns, traffic->began_ns + traffic->paced_said * traffic->paced_every_ns,
                         now_ns);
    if (traffic->passers_every_ns > 0)
        wait_ns =
            sooner(wait_ns, traffic->began_ns + traffic->passers_begun * traffic->passers_every_ns,
                   now_ns);
    return wait_ns;
}

bool traffic_over(const struct traffic *traffic)
{
    const struct options *options = traffic->options;

    if (traffic->paced_said < traffic->paced_lines)
        return false;
    if (clock_now_ns() < traffic->until_ns && (options->talkers > 0 || options->churn > 0))
        return false;
    for (uint32_t i = 0; i < options->flooders; i++)
        if (flooding(traffic, i) &&
            !(ends_with_talk(options, i) && clock_now_ns() >= traffic->until_ns))
            return false;
    for (uint32_t id = 0; id < options->talkers + options->flooders; id++)
        if (traffic->crowd->peers[id].fd >= 0 && peer_has_unsent(&traffic->crowd->peers[id]) &&
            !(options->unfinished && id >= options->talkers))
            return false;
    return true;
}

uint64_t traffic_owed(const struct traffic *traffic)
{
    const struct options *options = traffic->options;
    uint64_t owed = 0;

    for (uint32_t id = 0; id < options->clients; id++) {
        const struct peer *peer = &traffic->crowd->peers[id];
        uint64_t talk = traffic->said[id % traffic->crowd->room_count].talk;
        uint64_t flood = traffic->said[id % traffic->crowd->room_count].flood;

        if (!crowd_counts(peer))
            continue;
        if (peer->role == PEER_TALKER)
            talk -= traffic->numbers[id];
        if (peer->role == PEER_FLOODER)
            flood -= traffic->numbers[id];
        owed += talk > peer->got_talk ? talk - peer->got_talk : 0;
        if (!options->unfinished)
            owed += flood > peer->got_flood ? flood - peer->got_flood : 0;
    }
    return owed;
}
