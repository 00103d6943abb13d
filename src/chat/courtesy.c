#include "base/platform.h"

#include "base/clock.h"
#include "chat/courtesy.h"

#include <stdbool.h>

static bool pours(size_t length)
{
    return length >= COURTESY_POUR_BYTES;
}

/* The place of that talker, or the one that is empty or will be soonest. */
static struct courtesy_talker *place_of(struct courtesy *courtesy, uint64_t id)
{
    struct courtesy_talker *soonest = &courtesy->talkers[0];
    for (int i = 0; i < COURTESY_TALKERS; i++) {
        struct courtesy_talker *place = &courtesy->talkers[i];
        if (place->id == id)
            return place;
        if (place->ends < soonest->ends)
            soonest = place;
    }
    return soonest;
}

static bool anybody_talks(const struct courtesy *courtesy, int64_t now)
{
    bool talk = false;
    for (int i = 0; i < COURTESY_TALKERS; i++)
        talk = talk || now < courtesy->talkers[i].ends;
    return talk;
}

int64_t courtesy_rest(struct courtesy *courtesy, struct client *author, size_t length,
                      int64_t began, int64_t now)
{
    bool silent = author->fell_silent == 0 || began - author->fell_silent >= COURTESY_SILENCE;
    struct courtesy_talker *place = place_of(courtesy, author->id);
    int64_t rest = 0;
    if (!pours(length) && silent) {
        *place = (struct courtesy_talker){author->id, now + COURTESY_LASTS};
    } else if (pours(length)) {
        if (place->id == author->id)
            place->ends = 0; /* it was no talk, it was how a flood begins */
        if (anybody_talks(courtesy, now))
            rest = COURTESY_RESTS * (now - began);
        if (rest > COURTESY_REST_MAX)
            rest = COURTESY_REST_MAX;
    }
    author->fell_silent = now + rest;
    return rest;
}
