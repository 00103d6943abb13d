/* mute_notice: the words for somebody who is muted. */
#ifndef DOORS_PLAIN_MUTE_NOTICE_H
#define DOORS_PLAIN_MUTE_NOTICE_H

#include <stdint.h>

enum { MUTE_UNTIL_SIZE = 48 };

/*
 * Writes " until 14:12", in the server's time zone, or " until 2026-11-25 14:12" if that is not
 * today; or nothing for a mute without an end. A minute that has begun counts as a whole one.
 */
void mute_until_write(int64_t end, char until[MUTE_UNTIL_SIZE]);

#endif
