/*
 * room_publishing: gives messages their places in a room's sequence, in its open batch. It delivers
 * nothing: room_delivery.h does.
 *
 * For the files that a room is made of. All functions want the order lock held, and do not wait.
 */
#ifndef CHAT_ROOM_PUBLISHING_H
#define CHAT_ROOM_PUBLISHING_H

#include "chat/batch.h"
#include "chat/member.h"
#include "chat/message.h"
#include "chat/user.h"

#include <stdbool.h>

struct room;

/*
 * Whether a user may speak in the room at the time `now` (clock_utc()), which all machines that are
 * one chat must take for the same one. Most rooms have nothing noted of who may, and mostly nobody
 * is muted in the whole chat. Takes the sanctions lock.
 */
bool room_lets_speak(const struct room *room, const struct user *user, int64_t now);

/*
 * Publishes messages of a member, and logs and archives them. Returns false, and publishes none,
 * when memory is out, or with author->refused set if the author may not speak.
 */
bool room_publish_talk(struct room *room, struct member *author, const struct batch *said,
                       struct batch_range range);

/* Publishes a notice. Returns false when memory is out. */
bool room_publish_notice(struct room *room, const struct message *notice);

/* Withdraws the notice that was published last. */
void room_withdraw_notice(struct room *room);

/*
 * Announces that a user joined or left: by a notice, or in the next summary, which also replaces a
 * notice for which memory was out. Returns whether it is a notice. It is due at room->due.
 */
bool room_announce(struct room *room, const struct user *user, enum message_kind kind,
                   struct words text);

/* Publishes a summary of joins and leaves, if one is due. */
void room_publish_summary(struct room *room);

/*
 * Spares those members the notice that was published last who are told of it in another room: one
 * of those of the user's memberships `first`, before that of this room. Without memory for that
 * they are told twice. Takes the directory lock.
 */
void room_spare_told(struct room *room, struct member *first, const struct member *here);

#endif
