/*
 * recall: reads what was said in a room, from the archive, or as far as the room has it in memory.
 */
#ifndef CHAT_RECALL_H
#define CHAT_RECALL_H

#include "chat/archive.h"
#include "chat/ignore_list.h"
#include "chat/room.h"
#include "chat/transcript.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A transcript for a page: whoever reads on from its end reads any number of messages with this
 * much memory, or as much as the longest of them takes. For transcript_append().
 */
#define RECALL_PAGE ((struct transcript){.most_messages = 256, .most_bytes = (size_t)256 * 1024})

/*
 * Adds the newest messages of a room to an empty transcript, as many as that takes; or, if `time`
 * is not 0, the first ones from that time (clock_utc()) on, until it is full. Gaps are among them,
 * and count; what `ignored` omits is not, and does not. They come from memory, which knows who
 * has said them, and from the archive as far as they are older, of which 4096 are looked through
 * for those that are not ignored. `archive` may be NULL. If it fails, or has not taken the room,
 * they come from memory alone, and false is returned unless that was enough. May wait for a disk:
 * hold no lock.
 */
bool recall_room(struct archive *archive, struct room *room, int64_t time,
                 const struct ignore_list *ignored, struct transcript *out);

#endif
