/*
 * room_history: what was said in a room: its last messages in memory, how they come back from the
 * archive, and how a member resumes behind one of them.
 */
#ifndef CHAT_ROOM_HISTORY_H
#define CHAT_ROOM_HISTORY_H

#include "chat/member.h"
#include "chat/transcript.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct room;

/*
 * Lets a room go on where the archive has it: with its numbers, and its last messages in memory. To
 * be called before a member joins. If the archive does not take the room, later calls try that
 * again; what was said meanwhile is not stored. May wait for a disk. Hold no lock.
 */
void room_restore(struct room *room);

/*
 * The same before something is said, or read, in a room that the archive did not take: once a
 * second, and not while nothing can be stored, so that talk goes on.
 */
void room_restore_again(struct room *room);

/*
 * Where several machines are one chat, a room has a life (archive.h): the place where it was made
 * in their order. From now on what is said belongs to that; its numbers are those of all machines,
 * and room_restore() does nothing. Wants the order lock held. Does not wait.
 */
void room_live(struct room *room, uint64_t life);

/*
 * Whether what is said in the room goes to the archive, and what the archive has under its name is
 * its own past.
 */
bool room_is_archived(struct room *room);

/* Visits what the room has in memory, with the order lock held: to be quick. Takes that lock. */
void room_visit_said(struct room *room, void (*visit)(void *context, const struct message *message),
                     void *context);

/*
 * Copies messages that the room has in memory: the newest `count` ones, or the first `count` ones
 * from `time` (clock_utc()) on. Takes the order lock.
 */
void room_recall_newest(struct room *room, size_t count, struct transcript *out);
void room_recall_since(struct room *room, int64_t time, size_t count, struct transcript *out);

/*
 * Sends a member what followed the message with the number `seq`, from memory, in front of the
 * messages that it is still to be sent. Returns false, and does nothing, if more is missing than is
 * in memory; with *first, the number of the oldest there. Hold no lock. For the member's own
 * thread.
 */
bool room_resume(struct member *member, uint64_t seq, uint64_t *first);

/*
 * Suspends a member: it is sent nothing from then on, and so is told in another room what concerns
 * all. Returns the number of the last message that it was sent, or that was there before it.
 * room_resume() ends that, or room_go_on(): then it has missed what was published meanwhile. As
 * room_resume().
 */
uint64_t room_suspend(struct member *member);
void room_go_on(struct member *member);

#endif
