#include "base/platform.h"

#include "base/clock.h"
#include "chat/presence.h"

/* Notices that follow one within this time go out together. */
#define NOTICE_INTERVAL (20 * CLOCK_MILLISECOND)

/* Joins and leaves beyond this burst and rate are summed up. */
#define NOTICES_BURST      512
#define NOTICES_PER_SECOND 16
#define NOTICE_NANOSECONDS (CLOCK_SECOND / NOTICES_PER_SECOND)

#define SUMMARY_INTERVAL   CLOCK_SECOND

bool presence_is_rushed(const struct presence *presence, int64_t now)
{
    int64_t burst = (NOTICES_BURST - 1) * NOTICE_NANOSECONDS; /* minus the next notice */
    return presence->limit > 0 && meter_debt(&presence->notices, burst, now) > 0;
}

bool presence_sums_up(const struct presence *presence, size_t members, int64_t now)
{
    return (presence->limit > 0 && members > presence->limit) || presence_is_rushed(presence, now);
}

int64_t presence_note(struct presence *presence, int64_t now)
{
    meter_charge(&presence->notices, NOTICE_NANOSECONDS, now);
    return presence->quiet_until;
}

void presence_count(struct presence *presence, bool joined)
{
    if (joined)
        presence->joined++;
    else
        presence->left++;
}

bool presence_summary_is_due(const struct presence *presence, int64_t now)
{
    return presence->joined + presence->left > 0 && now >= presence->summary_at;
}

struct message_counts presence_sum_up(struct presence *presence, size_t members, int64_t now)
{
    presence->summary_at = now + SUMMARY_INTERVAL;
    return (struct message_counts){
        .joined = presence->joined, .left = presence->left, .here = (unsigned)members};
}

void presence_summed_up(struct presence *presence)
{
    presence->joined = presence->left = 0;
}

int64_t presence_due(const struct presence *presence)
{
    return presence->joined + presence->left > 0 ? presence->summary_at : CLOCK_NEVER;
}

void presence_sent(struct presence *presence, int64_t now)
{
    presence->quiet_until = now + NOTICE_INTERVAL;
}
