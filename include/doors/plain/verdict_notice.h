/* verdict_notice: the last words for somebody who is made to leave the chat. */
#ifndef DOORS_PLAIN_VERDICT_NOTICE_H
#define DOORS_PLAIN_VERDICT_NOTICE_H

#include "chat/verdict.h"
#include "doors/plain/ban_notice.h"

enum { VERDICT_NOTICE_SIZE = VERDICT_WORDS_SIZE + BAN_NOTICE_SIZE };

/* Writes "You have been kicked by Olga: REASON", or the notice of the ban. */
void verdict_notice_write(const struct verdict *verdict, char text[VERDICT_NOTICE_SIZE]);

#endif
