/*
 * presence: how a room announces joins and leaves. In a small room each has a notice of its own,
 * and notices that follow one within 20 ms go out together. In a big room, or when there are very
 * many, one line a second sums them up, as each notice costs every member.
 *
 * It is a part of a room, and guarded by the room's order lock. Times are those of clock_now().
 */
#ifndef CHAT_PRESENCE_H
#define CHAT_PRESENCE_H

#include "base/meter.h"
#include "chat/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct presence {
    unsigned limit;        /* more members than this make a room big; 0: no room is big */
    struct meter notices;  /* rate of notices */
    int64_t quiet_until;   /* a notice does not go out by itself before this time */
    int64_t summary_at;    /* no summary goes out before this time */
    unsigned joined, left; /* counts since the last summary */
};

/* Whether joins and leaves are summed up now, in a room with `members` members. */
bool presence_sums_up(const struct presence *presence, size_t members, int64_t now);

/* Whether there are very many joins and leaves now: then not even what must be told is told singly.
 */
bool presence_is_rushed(const struct presence *presence, int64_t now);

/* Records that a notice was published. Returns when it must go out at the latest. */
int64_t presence_note(struct presence *presence, int64_t now);

/* Counts a join (`joined`) or leave for the next summary. */
void presence_count(struct presence *presence, bool joined);

/* Whether a summary is to be published now. */
bool presence_summary_is_due(const struct presence *presence, int64_t now);

/*
 * Returns the counts for a summary, in a room with `members` members. The next one is due a second
 * later. presence_summed_up() records that the summary was published; without it, the counts are
 * kept for the next one.
 */
struct message_counts presence_sum_up(struct presence *presence, size_t members, int64_t now);
void presence_summed_up(struct presence *presence);

/* Returns when the next summary is due; CLOCK_NEVER if nothing is to be summed up. */
int64_t presence_due(const struct presence *presence);

/* Records that notices were sent: those that follow wait NOTICE_INTERVAL for others. */
void presence_sent(struct presence *presence, int64_t now);

#endif
