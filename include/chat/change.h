/*
 * change: what a user does that changes the chat in the eyes of others. Where several machines are
 * one chat, each change has its place in an order that all of them share (chat/ordering.h), and is
 * made there on each of them.
 *
 * A change refers to words that it does not own.
 */
#ifndef CHAT_CHANGE_H
#define CHAT_CHANGE_H

#include "chat/message.h"
#include "net/address_prefix.h"

#include <stdbool.h>
#include <stdint.h>

struct batch;

/* The numbers are those on the wire (cluster/wire): they never change their meaning. */
enum change_kind {
    CHANGE_TALK = 1,   /* what a user says in a room together: room, messages */
    CHANGE_JOIN,       /* room, user, text: the key, time */
    CHANGE_LEAVE,      /* place, user, text: who made it leave, or empty, time */
    CHANGE_RENAME,     /* user, name: the new one, time */
    CHANGE_AWAY,       /* user, text: away why, given: it is away, time */
    CHANGE_TOPIC,      /* room, author, text: the topic; empty: none, time */
    CHANGE_SETTINGS,   /* room, author, changed, settings, key, time */
    CHANGE_BAN,        /* place, target, author, text: the reason, time, end */
    CHANGE_UNBAN,      /* place, target, author, time */
    CHANGE_MUTE,       /* as CHANGE_BAN */
    CHANGE_UNMUTE,     /* as CHANGE_UNBAN */
    CHANGE_KICK,       /* place, user, author, text: the reason, time; sent as CHANGE_TELL */
    CHANGE_OP,         /* user, author, time */
    CHANGE_DEOP,       /* the same */
    CHANGE_FLOOR,      /* room, user, author, given, time */
    CHANGE_NODE_BEGIN, /* node, text: its name, time, limits, given: it turns the lockdown on; a
                          machine's first change */
    CHANGE_NODE_BEAT,  /* node: it is there, time, number: of the last message that it has made */
    CHANGE_NODE_END,   /* node: it ends in order, time; its last change */
    CHANGE_ENTER,      /* name: somebody comes into the chat, and so into the lobby, time, rank */
    CHANGE_INVITE,     /* room, user: who is invited, author, time */
    CHANGE_ROOM_MUTE,  /* room, user, author, given: it is muted, time, end */
    /* Those are no part of the order, but sent to the machine of the user (ordering_send()): */
    CHANGE_TELL,      /* user, author, text: a private message, given: it can wait, time */
    CHANGE_HAND,      /* room, user: who is asked for the floor, author, time */
    CHANGE_HOST = 32, /* user: of whom the address is asked, time */
    /* Those are again: */
    CHANGE_WALL,     /* author, text: said to everybody, time */
    CHANGE_LOCKDOWN, /* author, given: only registered names are let in, time */
    CHANGE_FORGET,   /* author: no rooms are kept for its name any more, time */

    CHANGE_REPLACE =
        39,            /* user: its person has come in from elsewhere, time; sent as CHANGE_TELL */
    CHANGE_LOGIN = 40, /* user, rank: from now on, time; by logging in or out, or registering */

    /* That is told to all machines, and forgotten soon (cluster/bulletin.h): */
    CHANGE_PRESSURE = 56, /* place, states: floods and slow readers (chat/pressure.h), number:
                             up to which place of the order all is made */

    CHANGE_NODE_SNAPSHOT = 60, /* node: it has kept the state, number: as it was behind which
                                  message of the stream, time */
    /*
     * Those are no part of the order either: they describe a state (chat/state.h), with some of
     * the kinds above.
     */
    CHANGE_STATE_CLOCK = 64, /* number: what the machines' clock shows, in milliseconds, limits */
    CHANGE_STATE_MACHINE,    /* node, text: its name, boot, number: of its last message, time:
                                what its own clock shows then; 0: it has told no time, end: when
                                it was heard, by the machines' clock, given: it is gone */
    CHANGE_STATE_USER,       /* user, name, node: its machine, given: it is away, text: why, rank */
    CHANGE_STATE_ROOM,       /* room, text: the topic, settings, key, number: of its last line */
    CHANGE_STATE_OWNER,      /* room, number: id of its owner, or 0, text: a registered name for
                                which it is kept, or empty, given: it is not to be kept */
    CHANGE_STATE_INVITED,    /* room, number: id of who is invited, or 0, text: a registered
                                name that is, or empty */
    CHANGE_STATE_MEMBERS,    /* room, numbers: ids of members, in their order */
    CHANGE_STATE_END,        /* number: as in CHANGE_NODE_SNAPSHOT; numbers: cluster/snapshots */
    CHANGE_STATE_LIFE = 80   /* room, number: place of its making in the order */
};

/* What a user is, with regard to its account (chat/accounts.h). On the wire as well. */
enum change_rank {
    CHANGE_STRANGER, /* its name is nobody's */
    CHANGE_OWNER,    /* it is registered, */
    CHANGE_OPERATOR  /* and keeps order */
};

/*
 * Limits on which it depends what a change leads to, or what a user may do. They are the same on
 * all machines.
 */
struct change_limits {
    uint64_t max_rooms;
    uint64_t rooms_per_client;
};

/* What changes in a room with CHANGE_SETTINGS: a bit in `changed`, and the same in `settings`. */
enum change_setting {
    CHANGE_HIDDEN = 1,
    CHANGE_LOCKED = 2, /* it needs the key, which is then not empty */
    CHANGE_CLOSED = 4,
    CHANGE_KEPT = 8,
    CHANGE_MODERATED = 16
};

/* Talk as it came over the wire, which alone reads it: wire_next_message(). */
struct change_messages {
    const unsigned char *at, *end;
    uint32_t count; /* that are left */
};

/* Some numbers, and the same as they came over the wire, which alone reads them: wire_numbers(). */
struct change_numbers {
    const uint64_t *list;
    const unsigned char *at; /* NULL: `list` has them */
    uint32_t count;
};

/* Each kind has the fields that its comment above names; others are zero. */
struct change {
    enum change_kind kind;
    struct words room;        /* name of a room; as a "place" it may be empty: the whole chat */
    uint64_t user;            /* id of whom it concerns; not 0 */
    struct words name;        /* that user's */
    uint64_t author;          /* id of who did it; 0: the server, */
    struct words author_name; /* whose name is empty */
    struct words text;        /* clean (base/text.h) */
    int64_t time;             /* clock_utc() of the machine that wrote it */
    int64_t end;              /* the same; 0: it holds for ever */
    /* A target is either of these: */
    struct words target;
    struct address_prefix range;
    unsigned changed, settings; /* of enum change_setting */
    struct words key;           /* if CHANGE_LOCKED is among the settings */
    bool given;                 /* or taken away */
    enum change_rank rank;
    unsigned states;                 /* of enum pressure_state */
    uint64_t node;                   /* a machine; not 0 */
    struct change_limits limits;     /* of that one */
    const struct batch *said;        /* the messages: all of them have one author */
    struct change_messages messages; /* the same, as they came over the wire; then `said` is NULL */
    uint64_t boot;                   /* of a machine; not 0 */
    uint64_t number;
    struct change_numbers numbers; /* at least one */
};

#endif
