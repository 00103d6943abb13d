/*
 * recall: reads what was said in a room, from the archive, or as far as the room has it in memory.
 */
#ifndef CHAT_RECALL_H
#define CHAT_RECALL_H

#include "chat/archive.h"
#include "chat/room.h"
#include "chat/transcript.h"

#include <stdint.h>

/*
 * Adds the newest messages of a room to an empty transcript, as many as that takes; or, if `time`
 * is not 0, the first ones from that time (clock_utc()) on. They come from memory, which knows who
 * has said them, and from the archive as far as they are older. `archive` may be NULL. If it fails,
 * they come from memory alone. May wait for a disk: hold no lock.
 */
void recall_room(struct archive *archive, struct room *room, int64_t time, struct transcript *out);

#endif
