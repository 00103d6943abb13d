/* Who says what and when; see traffic.h. */
#include "traffic.h"

#include "clock.h"
#include "message.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FLOOD_CHUNK_BYTES = 16 * 1024, /* one flooder's share of a turn */
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
    if (traffic->numbers == NULL || traffic->flood_left == NULL) {
        perror("load: cannot prepare the talk");
        exit(2);
    }
}

void traffic_close(struct traffic *traffic)
{
    free(traffic->numbers);
    free(traffic->flood_left);
}

void traffic_begin(struct traffic *traffic, double seconds, uint64_t flood_lines)
{
    const struct options *options = traffic->options;
    double paced = options->talkers > 0 ? round(options->pace * seconds) : 0;
    uint64_t share = flood_lines;

    traffic->began_ns = clock_now_ns();
    traffic->until_ns = traffic->began_ns + (uint64_t)(seconds * (double)NS_PER_S);
    traffic->paced_said = 0;
    traffic->paced_lines = (uint64_t)paced;
    traffic->paced_every_ns = (uint64_t)((double)NS_PER_S / options->pace);
    traffic->worst_lateness_ns = 0;
    traffic->passers_begun = 0;
    traffic->passers_every_ns =
        options->churn > 0 ? (uint64_t)((double)NS_PER_S / options->churn) : 0;
    for (uint32_t i = 0; i < options->flooders; i++) {
        if (flood_lines != UINT64_MAX)
            share = flood_lines / options->flooders + (i < flood_lines % options->flooders);
        traffic->flood_left[i] = share;
    }
}

/* Writes one line of this author's behind whatever it has unsent. */
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
        traffic->said_talk++;
        crowd_flush(traffic->crowd, peer);
    }
}

static bool flooding(const struct traffic *traffic, uint32_t flooder)
{
    return traffic->flood_left[flooder] > 0 &&
           traffic->crowd->peers[traffic->options->talkers + flooder].stage == PEER_IN;
}

/* Returns whether any flooder could go on at once. */
static bool flood(struct traffic *traffic, uint64_t now_ns)
{
    const struct options *options = traffic->options;
    uint64_t chunk_lines = FLOOD_CHUNK_BYTES / options->size + 1;
    bool more = false;

    for (uint32_t i = 0; i < options->flooders; i++) {
        struct peer *peer = &traffic->crowd->peers[options->talkers + i];

        if (options->lines == 0 && now_ns >= traffic->until_ns)
            traffic->flood_left[i] = 0;
        if (!peer->writable || !flooding(traffic, i))
            continue;
        for (uint64_t line = 0; line < chunk_lines && traffic->flood_left[i] > 0; line++) {
            compose(traffic, peer, now_ns);
            traffic->said_flood++;
            if (traffic->flood_left[i] != UINT64_MAX)
                traffic->flood_left[i]--;
        }
        crowd_flush(traffic->crowd, peer);
        more = more || (peer->writable && flooding(traffic, i));
    }
    return more;
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
        if (flooding(traffic, i) && !(options->lines == 0 && clock_now_ns() >= traffic->until_ns))
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
        uint64_t talk = traffic->said_talk;
        uint64_t flood = traffic->said_flood;

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
