/*
 * chronicle: the order of each of a town's rooms, and whether every reader gets its part of each.
 *
 * A room's order is what its warden gets, who is in the room from before the first client to after
 * the last, says nothing, and is a program, so its lines have numbers. A reader in the room must
 * get a contiguous part of that order for each of its stays: from just behind its own join to just
 * before its own leave; without its own lines, and without what it ignores or does not want to be
 * shown. What concerns a client in all its rooms, a new name and its leave, a reader that shares
 * several of them must get once, and before anything under that name.
 *
 * Where a rule begins or ends with an answer (an ignored client, a muted one), the time between the
 * command and its answer is not judged, but for what came before and what comes behind.
 *
 * A reader may get a line before the warden does. Then the answer is CHRONICLE_LATER, and the
 * caller offers it again. Violations are reported to complaint. It knows no sockets.
 */
#ifndef STRESS_CHRONICLE_H
#define STRESS_CHRONICLE_H

#include "event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHRONICLE_ROOMS_MAX = 8, CHRONICLE_IGNORED_MAX = 4 };

struct chronicle;

enum chronicle_answer { CHRONICLE_TAKEN, CHRONICLE_LATER };

/* A rule that is switched by commands: between a command and its answer it begins, or ends. */
enum rule { RULE_OFF, RULE_BEGINS, RULE_HOLDS, RULE_ENDS };

struct chronicle_totals {
    uint64_t lines;      /* in all orders */
    uint64_t deliveries; /* lines that readers got, and that were checked */
    uint64_t acknowledged, kicks, refusals, resumed;
    uint64_t expulsions, takeovers, returns;
    uint32_t clients, visits;
};

/* Returns a chronicle without clients, or NULL when memory is out. */
struct chronicle *chronicle_open(uint64_t seed, unsigned rooms);
void chronicle_close(struct chronicle *chronicle);

/* Adds a client, and stores its serial number, from 1. Returns false when memory is out. */
bool chronicle_admit(struct chronicle *chronicle, uint32_t *serial);

/* The client's own side. */

/* Counts one more action of the script as sent, and returns its number. */
uint32_t chronicle_said(struct chronicle *chronicle, uint32_t serial);

/* Returns the number of the last action that was sent. */
uint32_t chronicle_actions(const struct chronicle *chronicle, uint32_t serial);

/* Records that the client was told that something it had sent was not said. */
void chronicle_refused(struct chronicle *chronicle, uint32_t serial);

/* Records that the last action was not sent. */
void chronicle_omitted(struct chronicle *chronicle, uint32_t serial);

/* Records that what was sent last may not have come to the server. */
void chronicle_severed(struct chronicle *chronicle, uint32_t serial);

/* Records that the client registers its name, under which it may come again. */
void chronicle_register(struct chronicle *chronicle, uint32_t serial);
bool chronicle_is_registered(const struct chronicle *chronicle, uint32_t serial);

/* Allows the client to leave the chat, as it has asked to or was cut off. */
void chronicle_goes(struct chronicle *chronicle, uint32_t serial);

/* The client was cut off: it reads nothing any more. */
void chronicle_cut(struct chronicle *chronicle, uint32_t serial);

/*
 * Lets a registered client that has left come again as the same one. Returns false as long as
 * somebody may still be told that it has left: the two times could not be told apart.
 */
bool chronicle_return(struct chronicle *chronicle, uint32_t serial);

/* Counts a client that has taken the place of its former connection. */
void chronicle_taken_over(struct chronicle *chronicle, uint32_t serial);

/* Records that the client has sent /sync. */
void chronicle_syncing(struct chronicle *chronicle, uint32_t serial);

/*
 * Records that /sync was answered, behind action number `through`: what came before is in a room,
 * unless something of it was refused; and the client has been told of every new name.
 */
void chronicle_acknowledged(struct chronicle *chronicle, uint32_t serial, uint32_t through);

/* Sets whether the client ignores another one. Returns false if it ignores too many already. */
bool chronicle_ignore(struct chronicle *chronicle, uint32_t serial, uint32_t other, enum rule rule);

/* Sets whether comings and goings are hidden from the client. */
void chronicle_quiet(struct chronicle *chronicle, uint32_t serial, enum rule rule);

/* Returns whether the client ignores another one. */
enum rule chronicle_ignores(const struct chronicle *chronicle, uint32_t serial, uint32_t other);

/* What the warden of a room gets and does. */

/* Enters an event of the room; talk has a sequence number. */
void chronicle_enter(struct chronicle *chronicle, int room, const struct event *event,
                     uint64_t seq);

/* Allows the client to be kicked out once more. */
void chronicle_kick(struct chronicle *chronicle, int room, uint32_t serial);

/* Allows the client to be kicked out of the chat. */
void chronicle_expel(struct chronicle *chronicle, uint32_t serial);

enum rule chronicle_mute(struct chronicle *chronicle, int room, uint32_t serial, enum rule rule);
enum rule chronicle_give_floor(struct chronicle *chronicle, int room, uint32_t serial,
                               enum rule rule);
enum rule chronicle_moderate(struct chronicle *chronicle, int room, enum rule rule);

/* Finds somebody in the room, the first one from serial number `from` on; 0: nobody. */
uint32_t chronicle_somebody(const struct chronicle *chronicle, int room, uint32_t from);

/* Writes the name that the client has by the order of some room in which it is. */
bool chronicle_name(const struct chronicle *chronicle, uint32_t serial, char *name);

/* What readers get. */

/*
 * Checks an event that a reader got; its room is set behind that, and what it is not told by the
 * line is found out. seq is 0 if the reader was not told it.
 */
enum chronicle_answer chronicle_hear(struct chronicle *chronicle, uint32_t serial,
                                     struct event *event, uint64_t seq);

/* The reader was told that it is in a room, which begins a stay unless it is in one. */
enum chronicle_answer chronicle_arrive(struct chronicle *chronicle, uint32_t serial, int room);

/* The reader was told that it has left the room: it must have got everything before. */
enum chronicle_answer chronicle_depart(struct chronicle *chronicle, uint32_t serial, int room);

/* The reader was told that it was kicked out: what was said before may still come. */
void chronicle_expelled(struct chronicle *chronicle, uint32_t serial, int room);

/*
 * The reader was told that it was kicked out of the chat, which it had not asked to leave: the
 * others must be told so.
 */
void chronicle_outlawed(struct chronicle *chronicle, uint32_t serial);

/* The reader has asked for what followed the line seq of the room, and was answered. */
void chronicle_resuming(struct chronicle *chronicle, uint32_t serial, int room, uint64_t seq);
void chronicle_resumed(struct chronicle *chronicle, uint32_t serial, int room, bool gone);

/* Whether the reader is in the room, by what it was told. */
bool chronicle_is_in(const struct chronicle *chronicle, uint32_t serial, int room);
/* Returns the number of the last talk of the room that is behind the reader. */
uint64_t chronicle_seq(const struct chronicle *chronicle, uint32_t serial, int room);

/* The reader, which gets nothing more, has left: it must have got all up to there. */
enum chronicle_answer chronicle_end(struct chronicle *chronicle, uint32_t serial);

/* Whether the reader has got everything that is in the orders now. Nobody says anything. */
bool chronicle_is_settled(struct chronicle *chronicle, uint32_t serial);

/* Returns the number of the last talk in a room's order; 0: there is none. */
uint64_t chronicle_last(const struct chronicle *chronicle, int room);

/* Finds the talk with that number in a room's order. Returns false if it is not there. */
bool chronicle_find(const struct chronicle *chronicle, int room, uint64_t seq, struct event *event);

/*
 * Finds something that a client has said in a room, of which it was acknowledged that it was said:
 * the last such action of its first `through` ones. Returns 0 if there is none.
 */
uint32_t chronicle_said_surely(const struct chronicle *chronicle, uint32_t serial,
                               uint32_t through);

/* Reports what was acknowledged to its author and is in no room. For the end. */
void chronicle_verify(const struct chronicle *chronicle);

/* Adds to the last violation where the reader is. */
void chronicle_describe(const struct chronicle *chronicle, uint32_t serial);

struct chronicle_totals chronicle_totals(const struct chronicle *chronicle);

#endif
