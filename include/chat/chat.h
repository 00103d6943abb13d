/*
 * chat: what all sessions of one server share, whatever door they come by.
 */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include "base/timers.h"
#include "chat/directory.h"
#include "chat/flow.h"
#include "chat/event_log.h"
#include "chat/room.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chat_config {
    int64_t drain_timeout;   /* nanoseconds that floods wait for a reader that reads nothing */
    size_t sendq;            /* bytes that one user may have pending */
    unsigned presence_limit; /* room_config's, as is the next */
    bool welcome;
    struct event_log *event_log; /* must outlive the chat */
};

struct chat {
    struct event_log *event_log;
    struct timers *timers;
    struct directory *directory;
    struct flow private_flow; /* who waits for the reader of a private message */
    struct room *lobby;       /* everyone comes into it */
};

/* Makes a chat without users. Returns 0 or an errno; it must stay where it is. */
int chat_open(struct chat *chat, const struct chat_config *config);

/* Frees what it holds. There must be no users any more. */
void chat_close(struct chat *chat);

#endif
