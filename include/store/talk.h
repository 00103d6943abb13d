/*
 * talk: what is said in rooms, as it comes into the data file, and goes when its time is over. It
 * is read again by store/talk_reading; the rooms are store/room_row's. Called within a transaction
 * of the caller's. Functions that return bool return false when the file failed.
 */
#ifndef STORE_TALK_H
#define STORE_TALK_H

#include "chat/archive.h"
#include "store/database.h"
#include "store/room_row.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The room of the last message that was added, whose row is changed when that is over. */
struct talk {
    char name[NAME_SIZE];
    size_t name_length;
    int64_t room; /* its id; 0: none */
    struct room_numbers numbers;
};

/* Adds a message. Without effect if the room has that seq already. */
bool talk_add(struct talk *talk, struct database *database, const struct archive_message *message);

/* Writes what is known of the room of the last message. To be called before a commit. */
bool talk_flush(struct talk *talk, struct database *database);

/* Forgets the room, as after a rollback. */
void talk_forget(struct talk *talk);

/* Adds the messages that are not in the index of words yet, all of them. */
bool talk_index(struct database *database);

/*
 * Removes messages that are older than `time`, from the beginning of a room on and about `limit` at
 * most. Returns how many; -1 if that fails.
 */
int talk_retire(struct database *database, int64_t time, int limit);

#endif
