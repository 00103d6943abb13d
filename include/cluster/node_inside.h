/*
 * node_inside: what a node consists of, for the files that it is made of: node, node_beginning,
 * node_sender, node_follower, node_snapshots, node_watcher, node_listing, node_letters and
 * node_pressure. Others see a node through node.h.
 */
#ifndef CLUSTER_NODE_INSIDE_H
#define CLUSTER_NODE_INSIDE_H

#include "base/clock.h"
#include "base/lock.h"
#include "chat/chat.h"
#include "chat/event_log.h"
#include "cluster/accounts.h"
#include "cluster/key_value.h"
#include "chat/pressure.h"
#include "cluster/bulletin.h"
#include "cluster/machines.h"
#include "cluster/post.h"
#include "cluster/reports.h"
#include "cluster/snapshots.h"
#include "cluster/stream.h"
#include "cluster/turns.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { NODE_QUARREL_SIZE = 160 };

#define NODE_RETRY_INTERVAL (10 * CLOCK_MILLISECOND) /* when memory was out */

struct node {
    struct turns turns;
    struct machines machines; /* for the follower's thread, and with the lock for others */
    struct stream *stream;
    struct post *post;             /* for what concerns one machine alone */
    struct key_value *people;      /* what all machines know of accounts, */
    struct accounts *accounts;     /* and how it is reached */
    struct bulletin *bulletin;     /* for what concerns all of them at the moment */
    struct reports reports;        /* what they have told so */
    struct pressure_gauge backlog; /* this machine is behind the stream */
    struct chat *chat;
    struct event_log *event_log;
    struct change_limits limits;
    bool lockdown;
    char quarrel[NODE_QUARREL_SIZE]; /* why the other machines do not let this one in */
    const char *machine;             /* name of this one, */
    uint64_t id;                     /* its id, */
    uint64_t boot;      /* and its run; guarded by the lock, and read by the follower without it */
    unsigned voids;     /* which changes were void as the run began (turns_void()); with the lock */
    uint64_t process;   /* the run of the first beginning; constant */
    uint64_t sent_boot; /* of the last message, with its number; for the sender, as the next */
    unsigned sent_voids;
    bool begins_locked; /* the beginning turns the lockdown on */
    uint64_t number;
    int64_t beats_at; /* when this machine tells again that it is there (clock_now()) */
    struct snapshots snapshots;
    uint64_t snapshot_every; /* messages between two snapshots */
    uint64_t stream_bytes;   /* that the stream has at most, but for what a snapshot needs */
    pthread_t sender, watcher, keeper, presser;
    bool sends, watches, keeps, presses; /* these threads run */
    atomic_bool ends;                    /* node_stop() was called; the connections end soon */
    atomic_bool stopping;                /* the threads end */
    atomic_uint received;                /* messages */
    atomic_bool hears;                   /* there is a chat to which reports can be given */
    _Atomic uint64_t reach; /* up to that place of the order all is made; for the presser */
    size_t unsettled; /* bytes of talk of the start that may not be on the disk; for the follower */

    /* For the follower. */
    uint64_t bytes; /* of all messages that were made */
    struct node_mark {
        uint64_t made, bytes; /* sequence of the last one, and bytes of all until then */
    } kept, tried; /* when the newest snapshot was told that all know to be kept, and when this
                      machine has told one last */

    /* A snapshot that the follower has told, for the keeper while `keeping` is set. */
    struct snapshot to_keep;

    struct lock lock; /* guards the rest */
    struct condition changed;
    bool keeping;         /* there is a snapshot to keep */
    uint64_t to_announce; /* sequence of one that is kept, of which the others are told; or 0 */
    bool begun;           /* this machine's beginning has come around; */
    bool reads_anew;      /* until then: it had been so before, */
    bool was_locked;      /* with the lockdown on, which is not to be lost with the stream */
    const char *_Atomic given_up; /* why this machine has left the cluster; NULL: it has not */
    bool for_good;                /* and it would not be one if it were started again */
    bool sent;                    /* the sender has ended */
    bool follows;                 /* what is in the stream arrives, */
    bool refused; /* but the stream does not take what is published; the sender alone sets it */
    bool up;      /* the link to the stream: neither way is in trouble */
    char trouble[STREAM_FAULT_SIZE]; /* why it is down, or was last; empty: it never was */
    bool told;                       /* users know that it is down */
    int64_t down_since;              /* clock_now() */
    uint64_t downs;                  /* how often it went down */
    uint64_t made; /* last message of the stream that was made; the follower reads it without */
    int64_t calls_until; /* users whom a ban has leave are called until then; 0: nobody is */
};

/*
 * The sender: takes changes of this machine's users into messages, one message at a time. While one
 * is under way, the next one fills. `argument` is the node.
 */
void *node_send(void *argument);

/*
 * Ends the program, since it would not be as the other machines any more: nothing is made from here
 * on. At the start node_start() fails, and tells why. Only the first call counts. For any thread.
 */
void node_give_up(struct node *node, const char *why);

/*
 * The same where it does not help to start it again. For the follower's thread; so are the next
 * ones.
 */
void node_give_up_for_good(struct node *node, const char *why);

/*
 * The others have not heard of this machine for too long, or of its beginning: there its users have
 * left at this place. They come in again, when it has begun anew.
 */
void node_come_in_anew(struct node *node, uint64_t place);

/*
 * The stream is another one than this machine has read (stream_lost): it forgets all that it knows
 * from there, reads the stream anew, and begins anew. Its users come in again. Returns from which
 * message on it follows. `context` is the node.
 */
uint64_t node_read_anew(void *context, const char *reason);

/* All that was before this machine has been made here. */
void node_note_begun(struct node *node);

/*
 * The follower: makes what comes from the stream. `context` is the node.
 */
void node_receive(void *context, uint64_t sequence, int64_t time, const void *bytes, size_t length);

/* Notes that what is in the stream arrives here, or does not, for the sender and the watcher. */
void node_note_link(void *context, bool follows, const char *reason);

/* Notes that the stream takes what this machine publishes (NULL), or why it does not. */
void node_note_publishing(struct node *node, const char *reason);

/*
 * Snapshots (cluster/snapshots.h).
 *
 * node_begin_reading() makes the state from which following begins: that of a snapshot, or if all
 * is still in the stream, an empty one. The chat must have no users. It notes the message
 * behind which to follow as made. Returns false with a fault. Waits. For the thread of the changes.
 */
bool node_begin_reading(struct node *node, char fault[STREAM_FAULT_SIZE]);

/* Tells a snapshot, if it is time, when a message of so many bytes was made. For the follower. */
void node_consider_snapshot(struct node *node, size_t bytes);

/* Notes that one is kept, as the stream tells. For the follower. */
void node_note_snapshot(struct node *node, uint64_t sequence);

/* The keeper: keeps what was told. `argument` is the node. */
void *node_keep(void *argument);

/* Returns the sequence of a snapshot that was kept, to be told once; 0: there is none. */
uint64_t node_take_announcement(struct node *node);

/*
 * The watcher: tells users when the link is down for longer than a moment, and when it is back;
 * calls those away from their waits whom a ban from another machine has leave; and has the node
 * give up when one of its connections is over.
 * `argument` is the node.
 */
void *node_watch(void *argument);

/*
 * Connects to the accounts of the cluster at these servers. Returns false, with the cause in `why`,
 * if that fails. Stopping them ends all waits for them, and what was not opened is none.
 */
bool node_open_accounts(struct node *node, const char *servers, const char *cluster,
                        const char *credentials, char why[STREAM_FAULT_SIZE]);
void node_stop_accounts(struct node *node);

/* The server stops: nobody waits for accounts for long any more. `context` is the node. */
void node_hurry_accounts(void *context);

/*
 * Notes for operators that a message of a machine has come; how far the machine is behind; and what
 * was made here. For the follower's thread.
 */
void node_note_heard(struct node *node, struct machine *machine, int64_t time);
void node_note_lag(struct node *node, struct machine *machine, uint64_t sequence, uint64_t made);
void node_note_made(struct node *node, uint64_t sequence);

/* Stores what operators are told of a machine, as ordering_machine(). `context` is the node. */
bool node_list_machine(void *context, size_t index, struct ordering_machine *machine);

/*
 * Pressure: the presser reads the chat's gauges (chat/pressure.h), tells the other machines, and
 * runs the clocks of readers for which floods wait there; what they tell is given to the chat.
 * `argument` and `context` are the node. The follower notes when this machine is behind the stream.
 */
void *node_press(void *argument);
void node_hear_pressure(void *context, const void *bytes, size_t length);
void node_init_backlog(struct node *node);
void node_note_backlog(struct node *node);

/*
 * Letters: what concerns one user of another machine alone. A letter is a message as those of the
 * stream, with one change; the answer is what has become of it. `context` is the node.
 */
void node_receive_letter(void *context, struct post_run from, const void *bytes, size_t length,
                         struct buffer *answer);
int node_send_letter(void *context, const struct user *to, const struct change *change,
                     struct address_prefix *host);

#endif
