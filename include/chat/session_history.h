/*
 * session_history: what was said before, and is shown to the user, with pauses between pages
 * (past.h): history, search, and resuming behind a message.
 *
 * All functions are for the user's own thread, and want no lock held. They may wait for a disk.
 */
#ifndef CHAT_SESSION_HISTORY_H
#define CHAT_SESSION_HISTORY_H

#include "chat/archive.h"
#include "chat/member.h"
#include "chat/past.h"
#include "chat/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Shows the newest `count` messages of the current room that the user does not ignore, or if `time`
 * is not 0 the first `count` ones from that time (clock_utc()) on. Stores how many there are in
 * *shown. Returns false if the archive, which may have more of them, cannot be read now.
 */
bool session_show_history(struct session *session, size_t count, int64_t time, size_t *shown,
                          past_pause *pause, void *context);

/* Sets the words of the next search. Returns false when memory is out. */
bool session_seek(struct session *session, const char *words, size_t length);

/*
 * Shows the newest ten messages that have the words, and that the user does not ignore, older than
 * those of the last search for them, of the rooms that the user is in or may enter. Stores their
 * number; and in *cut whether so many were ignored that older ones were not looked at, but are by
 * the next call. If there is none, but the archive cannot tell of all of them now, the result is
 * not ARCHIVE_OK. There must be an archive.
 */
enum archive_result session_search(struct session *session, size_t *shown, bool *cut,
                                   past_pause *pause, void *context);

enum session_resumed {
    SESSION_RESUMED,    /* what followed was sent, and the member goes on with what follows */
    SESSION_GONE,       /* it is not kept any more; *first is the oldest number that is */
    SESSION_NOT_RESUMED /* the archive has failed, or has not taken the room: it may be kept */
};

/*
 * Sends a member exactly what followed the message with the number `seq` in its room, and goes on
 * with the messages that follow, without a gap and nothing twice.
 */
enum session_resumed session_resume(struct session *session, struct member *member, uint64_t seq,
                                    uint64_t *first, past_pause *pause, void *context);

#endif
