#include "base/platform.h"

#include "base/clock.h"
#include "chat/past.h"
#include "net/link.h"
#include "net/outbox.h"

#include <string.h>

/* What is shown between two pauses: so many messages, or the first ones that have so many bytes. */
enum { PAGE_MESSAGES = 32, PAGE_BYTES = 32 * 1024 };

/* What a user is shown on joining, at most. */
enum { LAST_MESSAGES = 20, LAST_BYTES = 32 * 1024 };

struct past past_history(const char *current)
{
    return (struct past){.current = current, .date = clock_local().date};
}

struct past past_again(const char *current)
{
    return (struct past){.current = current, .again = true};
}

static bool is_elsewhere(const struct past *past, const struct message *message)
{
    struct words room = message->room;
    return room.length != strlen(past->current) ||
           memcmp(room.bytes, past->current, room.length) != 0;
}

static void queue(struct user *user, const struct message *message, bool elsewhere)
{
    struct user_text text = {.elsewhere = elsewhere, .answer = true};
    if (user_render(user, message, &text))
        user_queue(user, message, &text, false);
    else
        link_kill(outbox_link(user->outbox), LINK_OUT_OF_MEMORY);
    buffer_free(&text.bytes);
}

void past_show(struct past *past, struct user *user, const struct message *message)
{
    struct message shown = *message;
    if (ignore_list_omits(user_ignored(user), message))
        return;
    shown.at = clock_local_of(message->time);
    shown.past = !past->again;
    if (shown.past && message_is_dated(message->kind) && shown.at.date != past->date) {
        const struct message date = {.kind = MESSAGE_DATE, .at = shown.at, .past = true};
        queue(user, &date, false);
        past->date = shown.at.date;
    }
    queue(user, &shown, is_elsewhere(past, message));
}

bool past_show_all(struct past *past, struct user *user, const struct transcript *transcript,
                   past_pause *pause, void *context)
{
    struct message message;
    size_t shown = 0; /* since the last pause, as is the place where that was */
    size_t begin = 0;
    bool reads = true;
    for (size_t place = 0; reads && transcript_next(transcript, &place, &message);) {
        past_show(past, user, &message);
        if (++shown == PAGE_MESSAGES || place - begin >= PAGE_BYTES) {
            outbox_flush(user->outbox);
            reads = pause(context);
            shown = 0;
            begin = place;
        }
    }
    outbox_flush(user->outbox);
    return reads;
}

void past_show_last(struct user *user, const struct transcript *transcript, const char *current)
{
    struct past past = past_history(current);
    struct message message;
    size_t place = transcript_newest(transcript, LAST_MESSAGES);
    size_t length = buffer_length(&transcript->records);
    if (user_is_remote(user) || outbox_encoding(user->outbox) != &outbox_screen)
        return;
    while (length - place > LAST_BYTES && transcript_next(transcript, &place, &message))
        ;
    while (transcript_next(transcript, &place, &message))
        past_show(&past, user, &message);
}
