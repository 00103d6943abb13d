/*
 * plain: the door for people and scripts with nc and telnet, who send lines of text and are sent
 * such. (docs/PROTOCOL.md)
 */
#ifndef DOORS_PLAIN_PLAIN_H
#define DOORS_PLAIN_PLAIN_H

#include "chat/chat.h"

#include <stddef.h>
#include <stdint.h>

/* What somebody gets for whom the server has no place, or who is there when it stops. */
#define PLAIN_FULL_LINE     "*** The chat is full. Try again later. ***\n"
#define PLAIN_CROWDED_LINE  "*** Too many connections from your address. ***\n"
#define PLAIN_STOPPING_LINE "*** The server is shutting down. ***\n"

/* What somebody gets who completes no line in time; the one line of this kind. */
#define PLAIN_IDLE_LINE "Disconnected: idle timeout.\n"

struct plain {
    struct chat *chat;
    int64_t idle_timeout; /* nanoseconds for a line; 0: for ever */
    int64_t
        idle_warning; /* how long before it is over people are told; conversation_idle_warning() */
    size_t max_line;  /* bytes; what people are told when a line is longer */
    unsigned rate;    /* lines a second that one client may send; 0: any number */
};

#endif
