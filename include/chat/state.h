/*
 * state: all of a chat on which what later changes lead to depends, as a list of changes. Made by a
 * chat without users, they give the same chat; then the same changes lead to the same there and
 * here. So a machine that starts need not make all changes from the first one on
 * (cluster/snapshots.h).
 *
 * What is to be a part of the state is told by state_tell(), and made by state_make(): both in
 * state.c, what belongs to one room in room_state.c.
 */
#ifndef CHAT_STATE_H
#define CHAT_STATE_H

#include "chat/change.h"
#include "chat/chat.h"

#include <stdbool.h>
#include <stdint.h>

struct room;

struct state_listener {
    /* Returns false to end it. Called with locks of the chat held: it takes none, nor waits. */
    bool (*hear)(void *context, const struct change *change);
    /* Returns the id of a machine by the name that its users have; NULL: of this one. */
    uint64_t (*node_of)(void *context, const char *machine);
    void *context;
};

/*
 * Tells the state, by changes that are valid during each call. Returns false if the listener has
 * ended it. No change must be made meanwhile: it is for the thread of the changes of other machines
 * (chat/replica.h), while no user of this one has its turn. Takes the locks of rooms and directory.
 */
bool state_tell(struct chat *chat, const struct state_listener *listener);

/*
 * Makes a state. Nothing of it is announced. What cannot be, as no sound state has it, is left out,
 * and the chat is sound all the same. Waits for memory when that is out. The chat has no users; of
 * what it had before nothing remains. Hold no lock.
 */
struct state_maker {
    struct chat *chat;
    struct room *room; /* that is being made; holds a reference; NULL: none */
};
void state_begin(struct state_maker *maker, struct chat *chat);

/*
 * Makes a change of those that were told, in their order. `machine` is for CHANGE_STATE_USER, and
 * as in replica_make(). Kinds that belong to no chat are left out.
 */
void state_make(struct state_maker *maker, const char *machine, const struct change *change);

/* Ends it. */
void state_end(struct state_maker *maker);

#endif
