/*
 * presence: how a room tells of those who come and go. In a small room each has a notice, and those
 * that follow one within 20 ms go out together. In a big one, and when there are very many, one
 * line a second sums them up: each notice costs every member.
 *
 * It is a part of a room, and guarded by its order lock.
 */
#ifndef CHAT_PRESENCE_H
#define CHAT_PRESENCE_H

#include "base/meter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PRESENCE_SUMMARY_SIZE = 96 };

struct presence {
    unsigned limit;        /* more members than this make a big room; 0: no room is big */
    struct meter notices;  /* that were told one by one */
    int64_t quiet_until;   /* before this time a notice does not go out by itself */
    int64_t summary_at;    /* before this time there is no summary; clock_now() */
    unsigned joined, left; /* since the last one */
};

/* Whether comings and goings are summed up now, in a room with so many members. */
bool presence_sums_up(const struct presence *presence, size_t members, int64_t now);

/* A notice of its own has been published. Returns when it is to go out at the latest. */
int64_t presence_note(struct presence *presence, int64_t now);

/* Somebody came (`joined`) or went, and is in the next summary. */
void presence_count(struct presence *presence, bool joined);

/* Whether there is something to sum up, and it is time for it. */
bool presence_summary_is_due(const struct presence *presence, int64_t now);

/*
 * Writes the summary's text, in a room with so many members; the next one is due a second later.
 * And notes that it has been published: if it was not, it is made up for then.
 */
size_t presence_write_summary(struct presence *presence, size_t members, int64_t now,
                              char text[PRESENCE_SUMMARY_SIZE]);
void presence_summed_up(struct presence *presence);

/* When the next summary is to go out; CLOCK_NEVER: there is nothing to sum up. */
int64_t presence_due(const struct presence *presence);

/* Notices have been sent out: the next ones wait for others to come. */
void presence_sent(struct presence *presence, int64_t now);

#endif
