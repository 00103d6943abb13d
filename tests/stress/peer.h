/*
 * peer: one simulated client: its socket, what it types and how it processes its input.
 *
 * It types the lines of the script in every legal way: with LF, CR LF or CR NUL at the end, blanks
 * around, several in one write or one over many writes, telnet bytes in between. It splits its
 * input into lines. The ledger checks room lines and private messages; the peer checks the dialog
 * (prompt, welcome, refusals, goodbye) itself. The crowd decides what it does when.
 *
 * Times are milliseconds of one monotonic clock. No function waits. SIGPIPE must be ignored.
 */
#ifndef STRESS_PEER_H
#define STRESS_PEER_H

#include "chance.h"
#include "channel.h"
#include "ledger.h"
#include "telnet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PEER_IN_BYTES = 65536 };

enum peer_stage {
    PEER_ABSENT,
    PEER_CONNECTING,
    PEER_CONNECTED,
    PEER_DEPARTED /* the connection has ended; some of its input is not checked yet */
};

enum peer_parting { PEER_STAYS, PEER_QUITS, PEER_HALF_CLOSES };

/* The properties of a client for its whole life; the crowd draws them. */
struct peer_manner {
    bool eager;    /* sends its name without waiting for the prompt */
    bool contrary; /* first sends a name that is taken */
    bool telnet;   /* sends telnet bytes, and so gets CR LF */
    bool silent;   /* never sends a name */
    bool curious;  /* asks questions, and accepts any answer; it writes no private messages, since
                      their refusals could be answers too */
    bool narrow;   /* has small socket buffers: output to it is soon pending in the server */
    unsigned rate; /* bytes per second while it reads slowly; 0: no limit */
    unsigned gap;  /* or it reads everything, once in about so many milliseconds */
};

struct peer {
    enum peer_stage stage;
    struct channel channel;
    uint32_t serial;
    struct ledger *ledger;
    uint64_t seed;
    struct chance fingers; /* how it types; its decisions are drawn by the crowd */
    struct chance eyes;    /* when it reads, if it is lazy */
    struct peer_manner manner;
    enum peer_parting parting;
    enum telnet_state hearing;
    bool shut; /* has shut down its sending side */
    bool named, welcomed, farewell, carriage_returns;
    unsigned prompts, refusals;
    int64_t pause_until;   /* does not read before this ... */
    uint64_t pause_volume; /* ... unless the ledger has grown to this */
    uint64_t slow_volume;  /* reads slowly until the ledger has grown to this */
    int64_t read_at;       /* a slow reader's next read is not before this */
    size_t piece;          /* most bytes in one write; 0: no limit */
    int64_t write_at;      /* the next piece is not sent before this */
    char *out;
    size_t out_first, out_end, out_capacity;
    size_t in_first, in_end;
    char in[PEER_IN_BYTES];
};

/*
 * Begins to connect as client serial. The peer must be absent; the place must outlive it. Returns
 * false with errno when it cannot begin; the peer is absent then.
 */
bool peer_connect(struct peer *peer, const struct place *place, struct ledger *ledger,
                  uint64_t seed, uint32_t serial, struct peer_manner manner);

/*
 * Queues the client's next count actions. They are sent in one write, or in pieces of at most piece
 * bytes if that is not 0. The client must not be parting.
 */
void peer_say(struct peer *peer, unsigned count, size_t piece);

/* Queues a private message to client to, if that is in the room. */
void peer_write_to(struct peer *peer, uint32_t to);

/*
 * Asks the server a question that it answers to this client alone, with one line or many. The
 * client must be curious.
 */
void peer_ask(struct peer *peer, unsigned question);

/*
 * Stops reading until a time, or until the ledger has grown to volume bytes, whichever is earlier.
 */
void peer_pause(struct peer *peer, int64_t until, uint64_t volume);

/*
 * Reads slowly from now on, if that is in its manner, until the ledger has grown to volume bytes.
 * Does nothing for a peer that leaves.
 */
void peer_dawdle(struct peer *peer, uint64_t volume);

/*
 * Leaves when all that is queued was sent, by /quit or by a half-close, and then reads to the end.
 */
void peer_leave(struct peer *peer, enum peer_parting parting);

/* Drops the connection at once, with a reset or as close() does; the peer is absent then. */
void peer_drop(struct peer *peer, bool reset);

/*
 * Sends only the beginning of what is queued, if it can be sent at once, and then resets the
 * connection; the peer is absent then.
 */
void peer_break_off(struct peer *peer);

/* Returns the poll() events that the peer waits for. */
short peer_events(const struct peer *peer, int64_t now);

/* Reads and writes as far as poll() reported events, and does what is due. */
void peer_serve(struct peer *peer, short events, int64_t now);

/*
 * Checks what was received as far as the ledger reaches. A departed peer becomes absent when all of
 * it is checked.
 */
void peer_digest(struct peer *peer);

/* Returns true when not all that the peer typed was sent. */
bool peer_owes(const struct peer *peer);

/*
 * Returns true when the peer is connected and not parting, all that it typed was sent and all that
 * it got is checked.
 */
bool peer_idle(const struct peer *peer);

/* Adds the peer's state to the last violation. */
void peer_describe(const struct peer *peer);

/* Frees what the peer owns; it is absent then. */
void peer_discard(struct peer *peer);

#endif
