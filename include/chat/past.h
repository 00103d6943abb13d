/*
 * past: shows messages of a transcript to one user alone. It belongs to one thread.
 */
#ifndef CHAT_PAST_H
#define CHAT_PAST_H

#include "chat/message.h"
#include "chat/transcript.h"
#include "chat/user.h"

#include <stdbool.h>

struct past {
    const char *current; /* name of the user's current room; messages of others name theirs */
    bool again;          /* as they are sent to members, as what the user has missed */
    int date;            /* of the last message, at first the present one */
};

/*
 * Shows what was said once more: each message with its time, and the date before the first one of
 * another day.
 */
struct past past_history(const char *current);

/* Shows what the user was not sent, as it was sent to others. */
struct past past_again(const char *current);

/*
 * Queues a message for the user, unless the user ignores its author's name; outbox_flush() must
 * follow. It counts as an answer. For the user's own thread. Never waits. Kills the user's link
 * when memory is out. Takes the outbox lock.
 */
void past_show(struct past *past, struct user *user, const struct message *message);

/*
 * Shows all messages of a transcript, as past_show(). Between pages of 32 messages or 32 KiB it
 * calls `pause`, which waits for the reader; it ends when that returns false, as the reader is
 * gone, and returns false then.
 */
typedef bool past_pause(void *context);

bool past_show_all(struct past *past, struct user *user, const struct transcript *transcript,
                   past_pause *pause, void *context);

/*
 * Queues the last messages of the room that a user joins, at most 20 and 32 KiB, if the user is at
 * a terminal, as it sees what was said before. `current` is the room's name. As past_show(). Its
 * own file keeps the stack of whoever joins short.
 */
void past_show_last(struct user *user, const struct transcript *transcript, const char *current);

#endif
