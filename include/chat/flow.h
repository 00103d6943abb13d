/*
 * flow: who must wait, and for whom.
 *
 * Talk never waits for a reader. Who says at most FLOW_TALK_BYTES within a second talks: the line
 * goes into the open batch, and the batch is delivered at once, whoever is behind. Sending never
 * blocks, so that takes processor time only.
 *
 * Floods wait, in their authors' own threads, before they enter a batch. Their pieces stand in one
 * line, and a gate lets in what fits one batch at a time:
 *
 *   - at once, when no reader is behind (net/outbox.h: OUTBOX_BEHIND);
 *   - otherwise FLOW_PATIENCE after the first piece came, or after the gate was last open: a reader
 *     that is merely slow makes floods slow, it does not stop them. What it does not take in that
 *     time is kept for it, up to its outbox's limit;
 *   - beside talk a little at a time, with rests in between that are twice as long as delivering it
 *     took. What people say waits behind what their readers' sockets hold of the flood, and in a
 *     rest the readers catch up.
 *
 * Each reader has a clock of its own. It runs while somebody waits for readers and this one has a
 * full socket that takes nothing; at the drain timeout the reader is judged, and cut off if one
 * more try to send shows nothing either. What the socket takes in the first third of that time does
 * not set the clock back: TCP goes on filling the buffers of a reader that has stopped. Time in
 * which nobody waits, or in which this process does not run, does not count. Nobody else is cut
 * off, and no wait is shortened because of an earlier one.
 *
 * A private flood waits for its one reader by the same rules, and concerns nobody else.
 */
#ifndef CHAT_FLOW_H
#define CHAT_FLOW_H

#include "base/clock.h"
#include "base/lock.h"
#include "net/outbox.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who says more within a second is flooding: a longest line, and the name in front of it. */
#define FLOW_TALK_BYTES ((size_t)4096 + 256)

/*
 * What the gate lets in at once: of all floods together, but not more than a quarter of what a
 * reader may have pending; and beside talk.
 */
#define FLOW_BATCH_BYTES       ((size_t)256 * 1024)
#define FLOW_BESIDE_TALK_BYTES ((size_t)16 * 1024)

/* What a line takes at a terminal besides its bytes: the time, colours, its share of a prompt. */
#define FLOW_LINE_BYTES 40

/* How long the first piece waits for slow readers. */
#define FLOW_PATIENCE CLOCK_SECOND

/* People talk until so long after a line of theirs. */
#define FLOW_TALK_LASTS (10 * CLOCK_SECOND)

/* A rest is so many times as long as what it follows, but never longer than that. */
#define FLOW_RESTS    2
#define FLOW_REST_MAX (100 * CLOCK_MILLISECOND)

/* Who waits looks around so often. */
#define FLOW_TICK (100 * CLOCK_MILLISECOND)

/* How much an author has said lately; it belongs to the author's thread. All zero: nothing. */
struct flow_pace {
    size_t bytes; /* that have not been forgotten yet, at FLOW_TALK_BYTES a second */
    int64_t at;   /* when that was computed, clock_now() */
};

/* What a reader's clock makes of bytes that its socket takes. */
enum flow_phase {
    FLOW_SETTLING, /* nothing: TCP still fills the buffers of a reader that may have stopped */
    FLOW_LAST_TRY, /* nothing either: they are filled from here, as far as they go */
    FLOW_SETTLED   /* the reader reads, and the clock begins anew */
};

/* A reader that others may wait for, of one flow; guarded by the flow's lock. */
struct flow_reader {
    struct outbox_watch watch;
    struct flow *flow; /* NULL: of none */
    struct outbox *outbox;
    struct flow_reader *previous, *next; /* in the ring of those whose sockets are full */
    bool watches;                        /* its outbox: from flow_add() to flow_remove() */
    bool listed;                         /* it is in the ring */
    bool behind;
    enum flow_phase phase;
    int64_t waited; /* nanoseconds that somebody waited while it took nothing */
    int64_t ticked; /* until when that was counted, clock_now() */
    int64_t let_in; /* when a private flood last went to it although it was behind */
};

/*
 * Who talks. A flood begins with a little, too, and has a place until it is seen to be one: so
 * there is more than one, for people to keep theirs meanwhile.
 */
enum { FLOW_TALKERS = 4 };

/*
 * How much may enter a batch: bytes, and bytes as a terminal shows them. The latter are more of
 * short lines than of long ones; of so many at a time as readers get while they are behind, they
 * count alike.
 */
struct flow_portion {
    size_t bytes; /* 0: nothing may */
    size_t shown;
    bool rests; /* people talk: flow_rest() is to be called when it has been delivered */
};

struct flow {
    int64_t drain_timeout; /* nanoseconds; does not change, and nor does the next */
    size_t batch;          /* bytes let in at once */

    struct lock lock; /* guards the rest */
    struct condition changed;
    struct flow_reader readers; /* head of a ring: every reader whose socket is full */
    size_t behind;              /* how many of them are behind */
    uint64_t openings;          /* how often the gate was opened */
    int64_t opened_at;          /* when it was last */
    int64_t rests_until;        /* it stays closed until then, clock_now() */
    struct flow_talker {
        uint64_t id;
        int64_t ends; /* its talk, clock_now() */
    } talkers[FLOW_TALKERS];
};

/*
 * Makes a flow without readers, each of which may have so many bytes pending (its outbox's limit).
 * Returns 0 or an errno.
 */
int flow_init(struct flow *flow, int64_t drain_timeout, size_t sendq);

/* It must have no readers any more. */
void flow_destroy(struct flow *flow);

/*
 * Makes those who flood wait for this reader when it falls behind, until flow_remove(). The outbox
 * must live until then. Takes the outbox lock.
 */
void flow_add(struct flow *flow, struct flow_reader *reader, struct outbox *outbox);
void flow_remove(struct flow_reader *reader);

/*
 * Counts so many bytes that an author says now. Returns whether that is a flood. Who floods is
 * forgiven a second after.
 */
bool flow_is_flood(struct flow_pace *pace, size_t length, int64_t now);

/* Remembers that the author of that id (not 0) talks, or that it floods. Takes the flow lock. */
void flow_note_talk(struct flow *flow, uint64_t id, int64_t now);
void flow_note_flood(struct flow *flow, uint64_t id);

/* Whether the gate is open for a line whose first piece came at `arrival`. Takes the flow lock. */
bool flow_is_open(struct flow *flow, int64_t arrival);

/*
 * Opens the gate if that may be (or must: `anyway`), and says how much may enter. Takes the flow
 * lock.
 */
struct flow_portion flow_open(struct flow *flow, int64_t arrival, bool anyway);

/*
 * So many bytes were let in, more than a batch has, as one line was so long: the next ones wait the
 * longer for readers. Takes the flow lock.
 */
void flow_overdraw(struct flow *flow, size_t bytes);

/*
 * What was let in beside talk has been delivered, which took from `began` until now: the gate stays
 * closed for a rest. Takes the flow lock.
 */
void flow_rest(struct flow *flow, int64_t began);

/* How often the gate was opened so far. Takes the flow lock. */
uint64_t flow_openings(struct flow *flow);

/*
 * Waits until the gate is open, or was opened by somebody else since flow_openings() returned
 * `openings`; for FLOW_TICK at most. Judges readers. Hold no lock.
 */
void flow_wait(struct flow *flow, uint64_t openings, int64_t arrival);

/*
 * Waits for a reader that is behind, for FLOW_TICK at most, and judges it. Hold no lock. Returns
 * what a private message that came at `arrival` is to do now.
 */
enum flow_verdict {
    FLOW_WAIT, /* wait on */
    FLOW_TRY,  /* the reader was not behind a moment ago: another message may be first, though */
    FLOW_SEND  /* go to it although it is behind: it has waited for long enough, or nobody waits for
                  that reader any more */
};

enum flow_verdict flow_wait_for(struct flow *flow, struct flow_reader *reader, int64_t arrival);

#endif
