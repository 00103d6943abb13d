/*
 * courtesy: who pours text into a room where people talk gives way to them.
 *
 * A flood is no harm to those who have nothing to say. But every line of a conversation beside it
 * waits behind what everybody's socket still holds of the flood, and the faster the server, the
 * more that is. So whoever pours, while others talk, does so in small pieces, and rests after each
 * one twice as long as it took: in that time the readers catch up.
 */
#ifndef CHAT_COURTESY_H
#define CHAT_COURTESY_H

#include "base/clock.h"
#include "chat/client.h"

#include <stddef.h>
#include <stdint.h>

/* Who says that much at once pours. */
#define COURTESY_POUR_BYTES ((size_t)4 * 1024)

/* Who pours beside talk had better say little more than that at once: talk waits behind it. */
#define COURTESY_PIECE_BYTES ((size_t)16 * 1024)

/* Who says less, after so much silence, talks; and people talk until so long after a line. */
#define COURTESY_SILENCE (100 * CLOCK_MILLISECOND)
#define COURTESY_LASTS   (10 * CLOCK_SECOND)

/* A rest is so many times as long as what it follows, but never longer than that. */
#define COURTESY_RESTS    2
#define COURTESY_REST_MAX (100 * CLOCK_MILLISECOND)

/*
 * Who talks, of a room; guarded by its order lock. A flood begins with a little, too, and has a
 * place until it pours: so there is more than one, for people to keep theirs meanwhile.
 */
enum { COURTESY_TALKERS = 4 };

struct courtesy {
    struct courtesy_talker {
        uint64_t id;  /* the client's */
        int64_t ends; /* its talk, clock_now() */
    } talkers[COURTESY_TALKERS];
};

/*
 * The author has said so many bytes, which took from `began` until `now` (clock_now()). Returns how
 * many nanoseconds it had better rest: 0 unless it pours and others talk.
 */
int64_t courtesy_rest(struct courtesy *courtesy, struct client *author, size_t length,
                      int64_t began, int64_t now);

#endif
