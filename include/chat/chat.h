/*
 * chat: what all conversations of one server share.
 */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include "chat/journal.h"
#include "chat/room.h"

#include <stddef.h>
#include <stdint.h>

/* What somebody gets who completes no line in time; the one line of this kind. */
#define CHAT_IDLE_LINE "Disconnected: idle timeout.\n"

struct chat {
    struct journal *journal;
    struct room *lobby;
    int64_t idle_timeout; /* nanoseconds for a line; 0: for ever */
    int64_t idle_warning; /* how long before it is over people are told; session_idle_warning() */
    size_t max_line;      /* bytes; what people are told when a line is longer */
    unsigned rate;        /* lines a second that one client may send; 0: any number */
};

#endif
