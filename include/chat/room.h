/*
 * room: a sequence of messages, and the members to which they are delivered.
 *
 * To publish a message is to give it its place in the sequence, in a batch (batch.h). To deliver a
 * batch is to send it to all members; one thread at a time does so. The author of a message waits
 * until it is in the outbox of every member; often its own thread delivers the batch. Delivery
 * costs processor time only. No author waits for a reader but one that floods the room, and it
 * waits before its messages enter a batch (flow.h).
 *
 * Notices of joins and leaves (presence.h) are messages of the same sequence. Their authors do not
 * wait for delivery; a timer delivers them when they are due.
 *
 * Each room has its own order, and rooms do not wait for each other. What concerns a user in all
 * its rooms takes their order locks together, in ascending order of their numbers, so that each
 * reader is told once.
 */
#ifndef CHAT_ROOM_H
#define CHAT_ROOM_H

#include "base/timers.h"
#include "chat/archive.h"
#include "chat/batch.h"
#include "chat/directory.h"
#include "chat/event_log.h"
#include "chat/member.h"
#include "chat/room_settings.h"
#include "chat/transcript.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct room;

enum { ROOM_LOBBY = 1 }; /* number of the room that every user comes into first */

struct room_config {
    int64_t drain_timeout;   /* nanoseconds that floods wait for a stalled reader */
    size_t sendq;            /* bytes of pending output that one member may have */
    unsigned presence_limit; /* more members than this make the room big (presence.h); 0: never */
    bool welcome;            /* a user that joins is sent a list of the members */
    struct directory *directory;
    struct timers *timers;
    struct event_log *event_log;
    struct archive *archive; /* keeps what is said; NULL: none */
    size_t history;          /* messages that a room keeps in memory */
};

/* How a member leaves. */
struct room_leaving {
    const char *why; /* the reason, for the log */
    bool silently;   /* without a notice, as all members leave */
    const char *by;  /* who has made it leave, and perhaps why: "Olga: REASON"; NULL: nobody */
};

/* A member, as room_list() describes it. */
struct room_entry {
    uint64_t number; /* number of the member */
    unsigned idle_seconds;
    char name[NAME_SIZE];
    bool is_away;
    char away[USER_AWAY_SIZE]; /* why; "": it does not tell */
};

/*
 * Creates an empty room with an allowed name (room_name_read()), and with a number that no other
 * room has. What the config points to must outlive it. Returns 0 and stores the room, or returns an
 * errno.
 */
int room_create(struct room **room, const char *name, uint64_t number,
                const struct room_config *config);

/* Frees a room, which must be empty. Its timers must still run. */
void room_destroy(struct room *room);

/* These are constant. */
const char *room_name(const struct room *room);
uint64_t room_number(const struct room *room);

/*
 * Adds a member to its room, whose user has been added to the directory, and lists the user there.
 * The user is sent the welcome, the other members a notice, and the member all messages that
 * follow. The room becomes the current one instead of that of `former`, if that is not NULL. The
 * first member of a room but the lobby owns it. Returns 0; ENOMEM; as room_settings_admit() with
 * `key`. Hold no lock.
 */
int room_join(struct member *member, struct member *former, const char *key);

/*
 * Makes the room of a member the current one instead of that of `former`, and sends the member who
 * is there, as room_join() does. Returns 0 or ENOMEM. Hold no lock.
 */
int room_focus(struct member *member, struct member *former);

/*
 * Removes a member from its room; its user stays in other ones. It is sent the messages published
 * before, and none published later. Waits for the end of the delivery of a batch, if there is one.
 * Hold no lock.
 */
void room_leave(struct member *member);

/*
 * As room_leave(), for a member that is made to leave: the others are told `by` whom, and perhaps
 * why ("Alice: REASON"). Its invitation is withdrawn.
 */
void room_expel(struct member *member, const char *by);

/*
 * Removes a user from all its rooms, by its memberships, and from the directory. As room_leave(),
 * for each of the rooms.
 */
void room_leave_all(struct user *user, const struct room_leaving *leaving);

/*
 * Publishes messages of a member, and waits until they are in the outbox of every other member. An
 * author that floods also waits for readers first (flow.h). Returns how many of them were
 * published: all, or when memory was out none or only the first ones; the same, with *refused set,
 * if the author may not speak. Hold no lock. For the author's own thread.
 */
size_t room_publish(struct member *author, const struct batch *said, bool *refused);

/*
 * Puts an heir, whose members are like those of the user, into the user's places in all its rooms
 * and in the directory, at one moment of all their orders: what was published before goes to the
 * user, what follows to the heir, which is greeted in each room, in its current one last. Nobody
 * else is told. Returns false, and does nothing, when memory is out. Takes the order locks.
 */
bool room_succeed(struct user *user, struct user *heir);

/*
 * Renames a user, and sends a notice to all members of its rooms, this one too. Returns as
 * directory_rename(), or ENOMEM. Hold no lock. For the user's own thread.
 */
int room_rename(struct user *user, const char *name, char rival[NAME_SIZE]);

/*
 * What was said.
 */

/*
 * Lets a room go on where the archive has it: with its numbers, and its last messages in memory. To
 * be called before a member joins; only the first call does something. May wait for a disk. Hold no
 * lock.
 */
void room_restore(struct room *room);

/* Whether what is said in the room goes to the archive. Takes the order lock. */
bool room_is_kept(struct room *room);

/*
 * Copies messages that the room has in memory: the newest `count` ones, or the first `count` ones
 * from `time` (clock_utc()) on. Takes the order lock.
 */
void room_recall_newest(struct room *room, size_t count, struct transcript *out);
void room_recall_since(struct room *room, int64_t time, size_t count, struct transcript *out);

/*
 * Lets a member resume behind a message: from room_suspend() on it is sent nothing. Then what
 * followed the message with the number `seq` is sent to it, from the archive, and room_resume()
 * sends the rest from memory, and lets it go on with the messages that follow. That returns false,
 * and does nothing, if more is missing than is in memory; with *first, the number of the oldest
 * there. Hold no lock. For the member's own thread.
 */
void room_suspend(struct member *member);
bool room_resume(struct member *member, uint64_t seq, uint64_t *first);

/* Lets a suspended member go on with the messages that follow, without what it has missed. */
void room_go_on(struct member *member);

/*
 * Settings.
 */

/* A copy of what a room shows of itself. */
struct room_description {
    size_t count; /* of its members */
    bool hidden, closed;
    bool needs_key;
    bool has_owner;
    char topic[ROOM_TOPIC_MAX + 1]; /* "": none */
};

/* Whether only members see the room. Takes no lock. */
bool room_is_hidden(const struct room *room);

/* Describes a room. Takes the order lock. */
struct room_description room_describe(struct room *room);

/*
 * Sets the topic, a clean line of at most ROOM_TOPIC_MAX bytes (0: none), and sends a notice to all
 * members. Returns 0 or ENOMEM. Hold no lock. For the member's own thread.
 */
int room_set_topic(struct member *member, struct words topic);

/*
 * Changes a setting as the kind says, from MESSAGE_HIDE to MESSAGE_UNMODERATE, and sends a notice
 * to all members. MESSAGE_LOCK sets `key`, of at most ROOM_KEY_MAX bytes. Returns 0; ENOMEM; EPERM
 * if the member neither owns the room nor is an operator; EINVAL if it is the lobby, into which
 * everybody comes. Hold no lock. For the member's own thread.
 */
int room_change(struct member *member, enum message_kind kind, const char *key);

/*
 * Whether a user may speak in the room. With ROOM_MUTED, *end is set to the end of the mute, or to
 * 0. Takes the order lock.
 */
enum room_permission room_ask(struct room *room, const struct user *user, int64_t *end);

/*
 * Mutes a user in the room, to an end that is still to come, or to 0: for as long as the room
 * exists. Returns false when memory is out. room_unmute() returns whether it was muted. Take the
 * order lock.
 */
bool room_mute(struct room *room, const struct user *user, int64_t end);
bool room_unmute(struct room *room, const struct user *user);

/*
 * Gives the floor in a member's room to a user, or takes it, and sends a notice with the user's
 * name to all members. Returns 0; ENOMEM; EALREADY if it had no floor that could be taken. Hold no
 * lock. For the member's own thread.
 */
int room_pass_floor(struct member *member, const struct user *to, struct words name, bool gives);

/* Whether a user owns the room. Takes the order lock. */
bool room_is_owner(struct room *room, const struct user *user);

/* Invites a user into a member's room. Returns 0 or ENOMEM. Takes the order lock. */
int room_invite(const struct member *member, const struct user *invited);

/*
 * Waits until all messages that were published before are in the outbox of every member they are
 * for, notices too. Hold no lock.
 */
void room_sync(struct room *room);

/* Returns the number of members. Takes the order lock. */
size_t room_count(struct room *room);

/*
 * Copies up to `most` entries of members whose number is above `after` (0: from the first member),
 * in the order in which they joined. Returns how many. Several calls list a long room; members may
 * join and leave between them. Takes the order lock and the directory lock.
 */
size_t room_list(struct room *room, uint64_t after, struct room_entry *entries, size_t most);

#endif
