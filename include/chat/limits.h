/* limits: what a chat and its rooms are allowed, and how they behave; it can change at any time. */
#ifndef CHAT_LIMITS_H
#define CHAT_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chat_limits {
    int64_t drain_timeout;   /* nanoseconds that floods wait for a stalled reader */
    size_t sendq;            /* bytes of pending output that one user may have at least */
    unsigned presence_limit; /* more members than this make a room big (presence.h); 0: never */
    bool welcome;            /* a user that joins is sent a list of the members */
    size_t history;          /* messages that a room keeps in memory */
    size_t max_rooms;        /* with members, with the lobby */
    unsigned rooms_per_client;
};

#endif
