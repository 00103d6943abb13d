/* ban_notice: the words for somebody who is banned, at the door or at the prompt for a name. */
#ifndef DOORS_PLAIN_BAN_NOTICE_H
#define DOORS_PLAIN_BAN_NOTICE_H

#include "chat/sanctions.h"

enum { BAN_NOTICE_SIZE = SANCTION_REASON_BYTES_MAX + 80 };

/*
 * Writes "You are banned until 2026-11-25 14:02 UTC: REASON". Without an
 * end or a reason that part is left out. A minute that has begun counts as a whole one.
 */
void ban_notice_write(const struct sanction *ban, char text[BAN_NOTICE_SIZE]);

#endif
