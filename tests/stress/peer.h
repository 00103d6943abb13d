/*
 * peer: one simulated client: its socket, what it types and what it makes of what it gets.
 *
 * It types the lines of the script in every legal way: with LF, CR LF or CR NUL at the end, blanks
 * around, several in one write or one over many writes, telnet bytes in between. What it gets it
 * splits into lines; room lines and private messages go to the ledger to be checked, the dialog
 * (prompt, welcome, refusals, goodbye) it checks itself. When to do what is up to the crowd.
 *
 * Times are milliseconds of one monotonic clock. Nothing here waits. SIGPIPE must be ignored.
 */
#ifndef STRESS_PEER_H
#define STRESS_PEER_H

#include "chance.h"
#include "ledger.h"
#include "telnet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { PEER_IN_BYTES = 65536 };

enum peer_stage {
    PEER_ABSENT,
    PEER_CONNECTING,
    PEER_CONNECTED,
    PEER_DEPARTED /* the connection is over, what came of it is not all checked yet */
};

enum peer_parting { PEER_STAYS, PEER_QUITS, PEER_HALF_CLOSES };

/* What a client is like from birth on; the crowd draws it. */
struct peer_manner {
    bool eager;    /* gives its name without waiting for the prompt */
    bool contrary; /* first tries a name that is taken */
    bool telnet;   /* sends telnet bytes, and so gets CR LF */
    bool silent;   /* never gives a name */
    bool curious;  /* asks things, and takes any answer; so it writes no private messages, as what
                      comes  back for those could be an answer too */
    bool narrow;   /* has small socket buffers: what it does not read piles up at the server soon */
    unsigned rate; /* reads steadily, so many bytes a second, while it dawdles; 0: all there is */
    unsigned gap;  /* or reads all there is, but only once in about so many milliseconds */
};

struct peer {
    enum peer_stage stage;
    int socket; /* -1 when there is none */
    uint32_t serial;
    struct ledger *ledger;
    uint64_t seed;
    struct chance fingers; /* how it types; what it decides is the crowd's to draw */
    struct chance eyes;    /* when it looks, if it is lazy */
    struct peer_manner manner;
    enum peer_parting parting;
    enum telnet_state hearing;
    bool shut; /* the half-close is done */
    bool named, welcomed, farewell, carriage_returns;
    unsigned prompts, refusals;
    int64_t pause_until;   /* reads nothing before this ... */
    uint64_t pause_volume; /* ... unless the ledger has grown to this */
    uint64_t slow_volume;  /* reads slowly, in its manner, until the ledger has grown to this */
    int64_t read_at;       /* what a slow reader reads next, it reads from this time on */
    size_t piece;          /* most bytes in one write; 0: as many as will go */
    int64_t write_at;      /* no piece before this */
    char *out;
    size_t out_first, out_end, out_capacity;
    size_t in_first, in_end;
    char in[PEER_IN_BYTES];
};

/* Begins to connect as client serial. The peer must be absent. Returns false with errno when it
   cannot even begin; it is absent then. */
bool peer_connect(struct peer *peer, const struct sockaddr *address, socklen_t address_length,
                  struct ledger *ledger, uint64_t seed, uint32_t serial, struct peer_manner manner);

/* Queues the client's next count actions; they go out as one write, or in pieces of at most piece
   bytes if that is not 0. The client must not be parting. */
void peer_say(struct peer *peer, unsigned count, size_t piece);

/* Queues a private message to client to, if that is in the room. */
void peer_write_to(struct peer *peer, uint32_t to);

/* Asks the server something that it answers to this client alone, with one line or many. The client
   must be curious. */
void peer_ask(struct peer *peer, unsigned question);

/* Stops reading until a time, or until the ledger has grown to a volume in bytes if that is
   earlier. */
void peer_pause(struct peer *peer, int64_t until, uint64_t volume);

/* Reads in its slow manner from now on, if it has one, until the ledger has grown to a volume in
   bytes. A peer that leaves does not. */
void peer_dawdle(struct peer *peer, uint64_t volume);

/* Leaves as soon as all that is queued has gone out, by /quit or by a half-close, and then reads to
   the end. */
void peer_leave(struct peer *peer, enum peer_parting parting);

/* Drops the connection on the spot, with a reset or as close() does it; the peer is absent then. */
void peer_drop(struct peer *peer, bool reset);

/* Sends only the beginning of what is queued, if it goes out at once, and resets the connection
   right behind it; the peer is absent then. */
void peer_break_off(struct peer *peer);

/* Returns the poll() events that the peer waits for now. */
short peer_events(const struct peer *peer, int64_t now);

/* Reads and writes what poll() said is possible, and what is due. */
void peer_serve(struct peer *peer, short events, int64_t now);

/* Checks what was received as far as the ledger reaches. A peer that has departed and is checked to
   the end becomes absent. */
void peer_digest(struct peer *peer);

/* Returns true when not all that the peer typed has gone out. */
bool peer_owes(const struct peer *peer);

/* Returns true when the peer is connected to stay, everything it typed has gone out and everything
   it got is checked. */
bool peer_idle(const struct peer *peer);

/* Adds to the last complaint what the peer is up to. */
void peer_describe(const struct peer *peer);

/* Frees what the peer owns; it is absent then. */
void peer_discard(struct peer *peer);

#endif
