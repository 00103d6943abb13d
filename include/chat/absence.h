/*
 * absence: what a registered user was not here for: private messages that were kept for it, and
 * what was said in its rooms since it was last here.
 *
 * All functions are for the user's own thread, with no lock held. All but absence_note() may wait
 * for a disk.
 */
#ifndef CHAT_ABSENCE_H
#define CHAT_ABSENCE_H

#include "chat/archive.h"
#include "chat/past.h"
#include "chat/session.h"

#include <stdint.h>

enum {
    ABSENCE_SHOWN_MAX = 500 /* messages of one room that absence_show() shows */
};

/* Notes that the user, who comes in now, was last here at a time (clock_utc()). */
void absence_note(struct session *session, int64_t seen);

/*
 * Shows the private messages that were kept for the user, and forgets them. Pauses as
 * past_show_all(), and at the end: if the reader is gone by then, they are kept again. Returns as
 * the archive does; ARCHIVE_NONE without one, or if the link has ended.
 */
enum archive_result absence_show_kept(struct session *session, past_pause *pause, void *context);

/*
 * Counts the messages of the user's rooms that were said while it was away by others, whom it does
 * not ignore, and those of them that name it, as `names` decides. That is called as an
 * archive_judge is. ARCHIVE_NONE if it was not away.
 */
typedef bool absence_names(void *context, struct words text);

enum archive_result absence_count(struct session *session, absence_names *names, void *context,
                                  struct archive_count *count);

/*
 * Shows those messages, room after room and in pages, but of each room the first ABSENCE_SHOWN_MAX
 * at most, a gap being one. Its own ones, from elsewhere, are among them.
 */
enum archive_result absence_show(struct session *session, past_pause *pause, void *context);

#endif
