/*
 * flow: flow control. It decides which authors wait, and for which readers.
 *
 * Talk never waits for a reader. An author that sends at most FLOW_TALK_BYTES within a second
 * talks: its line goes into the open batch, and the batch is delivered at once, whichever readers
 * are behind. Sending never blocks, so delivery costs processor time only.
 *
 * An author that sends more is flooding. Its own thread waits before its messages enter a batch.
 * The pieces of all floods form one queue, and a gate lets in as much as fits one batch:
 *
 *   - at once, when no reader is behind (net/outbox.h: OUTBOX_BEHIND);
 *   - otherwise FLOW_PATIENCE after the first piece came, or after the gate was last open: a slow
 *     reader makes floods slow, and does not stop them. What it does not take in that time is kept
 *     as pending output, up to its outbox's limit. When a reader is near its limit, floods wait
 *     for FLOW_LONG_PATIENCE instead, so a reader that takes a quarter as much is not cut off.
 *     When readers have just fallen behind, they wait once for FLOW_FIRST_PATIENCE instead: that
 *     fills the sockets of all readers that have stopped, so the clocks of all of them run;
 *   - while others talk, in this room or another one, FLOW_BESIDE_TALK_BYTES at a time, and a rest
 *     after each delivery that is twice as long as the delivery. A line of talk waits behind what
 *     the sockets of its readers hold of the flood, and a rest lets the readers catch up; and it
 *     waits for a processor, of which floods would otherwise take all the time.
 *
 * Each reader has a clock of its own. The clock runs while an author waits for readers and the
 * socket of this one is full and takes nothing. At the drain timeout the reader is judged: if one
 * more try to send shows no progress either, it is stalled, and is cut off. What the socket takes
 * in the first third of that time does not reset the clock, as TCP goes on filling the buffers of a
 * reader that has stopped. Time in which no author waits, or in which this process does not run,
 * does not count. No other reader is cut off, and no wait is shortened because of an earlier one.
 *
 * A private flood waits for its one reader by the same rules, and delays nobody else.
 *
 * In a cluster, readers on other machines count as those here, as far as these machines have told
 * (flow_press()), and theirs are told of what goes on here (chat/pressure.h). What was let in is
 * then under way for a while, to the stream and back, and FLOW_BATCH_BYTES may be.
 */
#ifndef CHAT_FLOW_H
#define CHAT_FLOW_H

#include "base/clock.h"
#include "base/lock.h"
#include "base/meter.h"
#include "chat/pressure.h"
#include "chat/talkers.h"
#include "chat/window.h"
#include "net/link.h"
#include "net/outbox.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * An author that sends more within a second is flooding. The longest line fits, with the name in
 * front of it.
 */
#define FLOW_TALK_BYTES ((size_t)4096 + 256)

/*
 * Bytes of all floods that the gate lets in at once: FLOW_BATCH_BYTES while no reader is behind,
 * and FLOW_PATIENT_BYTES after a wait for slow readers; but at most a quarter of what a reader may
 * have pending; while others talk, at most FLOW_BESIDE_TALK_BYTES.
 *
 * A socket should take a batch whole: the rest that it does not take costs a copy, two wake-ups and
 * another send. A batch fits twice into what Linux makes of the send buffer, in loopback's segments
 * of 65,483 bytes: the next one while the peer still reads the one before.
 */
#define FLOW_BATCH_BYTES       ((size_t)LINK_SEND_BUFFER_BYTES - 1024)
#define FLOW_PATIENT_BYTES     ((size_t)256 * 1024)
#define FLOW_BESIDE_TALK_BYTES ((size_t)16 * 1024)

/* Bytes that a line takes at a terminal besides its own: the time, colours, a share of a prompt. */
#define FLOW_LINE_BYTES 40

/* A room counts as flooded from elsewhere for so long after a piece of the flood. */
#define FLOW_FLOODED (500 * CLOCK_MILLISECOND)

/* How long the first piece waits for slow readers, in nanoseconds. */
#define FLOW_PATIENCE CLOCK_SECOND

/* The same once, when readers have just fallen behind. Readers that keep up need less. */
#define FLOW_FIRST_PATIENCE (25 * CLOCK_MILLISECOND)

/* The same while a reader is near its limit (net/outbox.h: OUTBOX_NEAR_LIMIT). */
#define FLOW_LONG_PATIENCE (4 * CLOCK_SECOND)

/* A rest lasts FLOW_RESTS times as long as the delivery before it, but at most FLOW_REST_MAX. */
#define FLOW_RESTS    2
#define FLOW_REST_MAX (100 * CLOCK_MILLISECOND)

/*
 * In a cluster, FLOW_PATIENT_BYTES of all floods take at least so long on their way, and half of
 * that may be ahead: until a machine can have told that a reader is behind, that reader is not sent
 * more than may be pending for it.
 */
#define FLOW_PACE (16 * CLOCK_MILLISECOND)

/*
 * The longest time for which a thread waits before it looks at the readers again, in nanoseconds.
 */
#define FLOW_TICK (100 * CLOCK_MILLISECOND)

/* How much an author has sent lately. It belongs to the author's thread. All zero: nothing. */
struct flow_pace {
    size_t bytes; /* that still count; they decay by FLOW_TALK_BYTES a second */
    int64_t at;   /* when `bytes` was computed, clock_now() */
};

/* What it means for a reader's clock when the socket takes bytes. */
enum flow_phase {
    FLOW_SETTLING, /* nothing: TCP may still fill the buffers of a stalled reader */
    FLOW_LAST_TRY, /* nothing either: outbox_try() fills those buffers as far as possible */
    FLOW_SETTLED   /* the reader reads: the clock restarts */
};

/* A reader for which authors may wait, in one flow. Guarded by the flow lock. */
struct flow_reader {
    struct outbox_watch watch;
    struct flow *flow; /* NULL: in none */
    struct outbox *outbox;
    struct flow_reader *previous, *next; /* in the ring of those whose sockets are full */
    bool watches; /* is a watch of its outbox: from flow_add() to flow_remove() */
    bool listed;  /* it is in the ring of full sockets */
    bool behind, near_limit;
    bool still_behind; /* it was behind when the gauge was read last, and has been since */
    enum flow_phase phase;
    int64_t waited; /* nanoseconds that authors waited while it took nothing */
    int64_t ticked; /* until when `waited` is counted, clock_now() */
};

/*
 * How much may enter a batch: in bytes, and in bytes as a terminal shows them (FLOW_LINE_BYTES).
 * Short lines have more of the latter. The shown bytes may be twice as many while no reader is
 * behind, and as many as the bytes otherwise.
 */
struct flow_portion {
    size_t bytes; /* 0: nothing may */
    size_t shown;
    bool rests; /* others talk, somewhere: call flow_rest() after delivery */
};

/* What other machines have told, each until a moment of clock_now(). */
struct flow_elsewhere {
    int64_t behind_until, near_limit_until; /* a reader is behind, near its limit */
    int64_t flood_until;                    /* a flood waits for readers */
    unsigned floods;                        /* on how many machines one does */
    int64_t made_until;                     /* machines to which floods come tell how far: */
    uint64_t made; /* up to that place all of them have made what is said */
};

struct flow {
    struct pressure_gauge gauge; /* what other machines are told; first, for its functions */
    struct talkers *talkers;     /* constant */

    struct lock lock;      /* guards the rest */
    int64_t drain_timeout; /* nanoseconds */
    size_t batch;          /* bytes let in at once; FLOW_BATCH_BYTES at most */
    size_t patient;        /* the same after a wait; FLOW_PATIENT_BYTES at most */
    struct condition changed;
    struct flow_reader readers; /* head of a ring: every reader whose socket is full */
    size_t behind;              /* how many of them are behind, */
    size_t near_limit;          /* and how many of those near their limit */
    struct flow_elsewhere elsewhere;
    int64_t awaited_at;      /* when an author waited for readers last, clock_now() */
    struct window window;    /* what other machines have not told to have */
    int64_t flooded_until;   /* a flood from elsewhere comes in */
    struct meter launched;   /* how far floods are ahead of FLOW_PACE */
    size_t under_way;        /* bytes that were let in, and are not delivered yet */
    uint64_t openings;       /* how often the gate has opened */
    int64_t opened_at;       /* when it opened last, clock_now() */
    int64_t rests_until;     /* the gate stays closed until then, clock_now() */
    bool beside_talk;        /* others talked when it opened last */
    bool opened_beside_slow; /* it has opened since a reader fell behind */
};

/*
 * Initializes a flow without readers, whose floods give way to the `talkers`, which must outlive
 * it. `drain_timeout`: nanoseconds; `sendq`: bytes that each reader may have pending (its outbox's
 * limit). Returns 0 or an errno.
 */
int flow_init(struct flow *flow, struct talkers *talkers, int64_t drain_timeout, size_t sendq);

/* Changes what flow_init() was given. Takes the flow lock. */
void flow_limit(struct flow *flow, int64_t drain_timeout, size_t sendq);

/*
 * Has the other machines told of a flow without readers, as that of a room with this name, which
 * must outlive it.
 */
void flow_tell(struct flow *flow, struct pressure *pressure, const char *room);

/* Frees what the flow holds. It must have no readers left. */
void flow_destroy(struct flow *flow);

/*
 * Makes floods wait for this reader while it is behind, until flow_remove(). The outbox must live
 * until then, and the reader stay at its address. A reader in no flow, all zero, is not removed.
 * Both take the outbox lock and the flow lock.
 */
void flow_add(struct flow *flow, struct flow_reader *reader, struct outbox *outbox);
void flow_remove(struct flow_reader *reader);

/*
 * Counts `length` bytes that an author sends at the time `now`. Returns whether that is flooding.
 * An author that stops flooding talks again after a second.
 */
bool flow_is_flood(struct flow_pace *pace, size_t length, int64_t now);

/* Whether the gate is open for a queue whose first piece came at `arrival`. Takes the flow lock. */
bool flow_is_open(struct flow *flow, int64_t arrival);

/*
 * Opens the gate if it is open for `arrival`, or in any case with `anyway`. Returns how much may
 * enter: 0 bytes if it stays closed. Takes the flow lock and the talkers lock.
 */
struct flow_portion flow_open(struct flow *flow, int64_t arrival, bool anyway);

/*
 * Reports how many bytes were let in. If they are more than after a wait, as a single line was
 * longer, the next pieces wait the longer for slow readers. Takes the flow lock.
 */
void flow_overdraw(struct flow *flow, size_t bytes);

/*
 * Reports that the delivery that began at `began` has ended: the gate stays closed for a rest.
 * Takes the flow lock.
 */
void flow_rest(struct flow *flow, int64_t began);

/*
 * What was let in comes back from the stream only later: it is under way from flow_launch() until
 * flow_land() reports that it has been delivered or given up. For the rest after that, the time on
 * the way counts: readers were sent nothing of it. Take the flow lock.
 */
struct flow_flight {
    size_t bytes;
    int64_t launched; /* clock_now() */
    int64_t began;    /* when its delivery did, or it was given up */
    uint64_t place;   /* in the order; 0: it was given up */
};

void flow_launch(struct flow *flow, size_t bytes);
void flow_land(struct flow *flow, const struct flow_flight *flight);

/* Notes that a flood from another machine comes in. Takes the flow lock and the pressure lock. */
void flow_note_flooded(struct flow *flow);

/* Sets what other machines have told. Takes the flow lock. */
void flow_press(struct flow *flow, const struct flow_elsewhere *elsewhere);

/*
 * While a flood waits on another machine: runs the clocks of the readers here, as flow_wait() does.
 * To be called at least each FLOW_TICK. Hold no lock.
 */
void flow_tick(struct flow *flow);

/* Returns how often the gate has opened so far. Takes the flow lock. */
uint64_t flow_openings(struct flow *flow);

/*
 * Waits until the gate is open for `arrival`, or has opened since flow_openings() returned
 * `openings`, for FLOW_TICK at most. Runs the clocks of the readers, and judges those that are due.
 * Hold no lock.
 */
void flow_wait(struct flow *flow, uint64_t openings, int64_t arrival);

/*
 * Waits for a reader that is behind, for FLOW_TICK at most; runs its clock, and judges it if it is
 * due. Returns what the sender of a private message that came at `arrival` is to do. *let_in, which
 * is 0 at first and guarded by the flow, is when one was last sent to the reader while it was
 * behind. Hold no lock.
 */
enum flow_verdict {
    FLOW_WAIT, /* call again */
    FLOW_TRY,  /* try to queue: the reader was not behind, but other messages may come first */
    FLOW_SEND  /* queue even if it is behind: the wait was long enough, or it was removed */
};

enum flow_verdict flow_wait_for(struct flow *flow, struct flow_reader *reader, int64_t *let_in,
                                int64_t arrival);

/*
 * The same for a sender who waits on another machine, and is to ask again within FLOW_TICK: does
 * not wait. When that one's message came is not known here, so the first one need not wait.
 */
enum flow_verdict flow_ask_for(struct flow *flow, struct flow_reader *reader, int64_t *let_in);

#endif
