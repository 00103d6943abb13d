/*
 * room: people who hear each other, all in one order.
 *
 * What is said is collected in rounds (round.h), and one thread at a time, the one that leads,
 * delivers a round to everybody. Whoever speaks waits until their words are in everybody's
 * outbox; often they lead the round that carries them there. That takes processor time only: nobody
 * waits for a reader, but who floods the room, before the words enter a round (flow.h).
 *
 * Comings and goings are told in the same stream. In a small room each has its line, and those
 * that follow one within 20 ms go out together; in a big one, and when there are very many of them,
 * a line a second sums them up. What nobody waits for, the room's own thread, its herald, delivers
 * in time.
 */
#ifndef CHAT_ROOM_H
#define CHAT_ROOM_H

#include "chat/client.h"
#include "chat/journal.h"
#include "chat/registry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct room;

struct room_config {
    int64_t drain_timeout;   /* nanoseconds that floods wait for a reader who reads nothing */
    size_t sendq;            /* bytes that one member may have pending */
    unsigned presence_limit; /* more members than this make a big room; 0: no room is big */
    bool welcome;            /* who joins is told who is here */
    struct journal *journal;
};

/* Makes an empty room and starts its herald. Returns 0 and the room, or an errno. */
int room_create(struct room **room, const struct room_config *config);

/* Ends the herald and frees the room, which must be empty. */
void room_destroy(struct room *room);

/*
 * Brings a client in under `name` (which has no fault). Everyone else is told, and from here on
 * the client gets what follows. Returns 0; EEXIST if somebody has that name or one that looks like
 * it, and that person's in `rival`; ENOMEM. Hold no lock.
 */
int room_join(struct room *room, struct client *client, const char *name, char rival[NAME_SIZE]);

/*
 * Takes a client out; `why` is for the log. Everyone else is told, but for `silently`: then all
 * are leaving. Hold no lock.
 */
void room_leave(struct room *room, struct client *client, const char *why, bool silently);

/*
 * Says whole lines to everyone but their author. When it returns true, they have been handed to
 * every member's outbox; false: memory is out, and they, or the rest of them, were not said. A
 * flood waits (flow.h). Hold no lock; the author's own thread.
 */
bool room_say(struct room *room, struct client *author, const char *lines, size_t length);

/*
 * Gives a member another name and tells everyone, the member too. Returns as room_join().
 */
int room_rename(struct room *room, struct client *client, const char *name, char rival[NAME_SIZE]);

/*
 * Sends one member lines that nobody else gets, and the log does not. Who floods it waits for it
 * while it is behind, a second for each message (flow.h). Hold no lock; the author's own thread.
 */
void room_tell(struct room *room, struct client *author, struct client *member, const char *lines,
               size_t length);

/* Who is here. Good as long as the room; its functions say what they lock. */
struct registry *room_members(struct room *room);

#endif
