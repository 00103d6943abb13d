/* until: the words for when a ban or mute ends, for people and for the log. */
#ifndef CHAT_UNTIL_H
#define CHAT_UNTIL_H

#include <stdint.h>

enum { UNTIL_SIZE = 64 };

/*
 * Write " until 2026-11-25 14:02 UTC", of a ban; or " until 14:12", in the server's time zone, with
 * the date before the time if that is not today, of a mute. Nothing, if it is for ever (0). A
 * minute that has begun counts as a whole one.
 */
void until_write_of_ban(int64_t end, char until[UNTIL_SIZE]);
void until_write_of_mute(int64_t end, char until[UNTIL_SIZE]);

#endif
