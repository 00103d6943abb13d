#include "base/platform.h"

#include "base/clock.h"
#include "cluster/mailbox.h"

#include <stdbool.h>
#include <stdlib.h>

/* A run of a machine. */
struct mailbox_sender {
    uint64_t node, boot;
    uint64_t floor;   /* what is below it is refused */
    uint64_t highest; /* number that was received */
    int64_t heard;
    struct mailbox_entry **entries; /* ENVELOPE_WINDOW from `floor` on, by number; or NULL */
    struct mailbox_sender *next;
};

static void forget_entry(struct mailbox *mailbox, struct mailbox_entry **place)
{
    struct mailbox_entry *entry = *place;
    if (entry == NULL)
        return;
    mailbox->bytes -= entry->answer.capacity;
    buffer_free(&entry->answer);
    free(entry);
    *place = NULL;
}

/* Raises the floor. */
static void raise_floor(struct mailbox *mailbox, struct mailbox_sender *sender, uint64_t floor)
{
    for (uint64_t i = 0; i < floor - sender->floor && i < ENVELOPE_WINDOW; i++) {
        if (sender->entries != NULL)
            forget_entry(mailbox, &sender->entries[(sender->floor + i) % ENVELOPE_WINDOW]);
    }
    sender->floor = floor;
}

/* Forgets which letters were received, and refuses all that can be copies of them. */
static void forget_letters(struct mailbox *mailbox, struct mailbox_sender *sender)
{
    if (sender->highest >= sender->floor)
        raise_floor(mailbox, sender, sender->highest + 1);
    free(sender->entries);
    sender->entries = NULL;
}

static bool is_silent(const struct mailbox_sender *sender, int64_t now)
{
    return now - sender->heard > MAILBOX_SECONDS * CLOCK_SECOND;
}

/* Removes the sender that has been silent for the longest time, if that is long enough. */
static bool remove_silent(struct mailbox *mailbox, int64_t now)
{
    struct mailbox_sender **place = &mailbox->first;
    while (*place != NULL && (*place)->next != NULL)
        place = &(*place)->next;
    struct mailbox_sender *last = *place;
    if (last == NULL || !is_silent(last, now))
        return false;
    forget_letters(mailbox, last);
    *place = NULL;
    free(last);
    mailbox->senders--;
    return true;
}

static struct mailbox_sender *make_sender(struct mailbox *mailbox, const struct envelope *letter,
                                          int64_t now)
{
    if (mailbox->senders == MAILBOX_SENDERS_MAX && !remove_silent(mailbox, now))
        return NULL;
    struct mailbox_sender *sender = calloc(1, sizeof *sender);
    if (sender == NULL)
        return NULL;
    sender->node = letter->node;
    sender->boot = letter->boot;
    sender->floor = letter->floor;
    mailbox->senders++;
    return sender;
}

/* Returns the sender of a letter, which is then the first one. */
static struct mailbox_sender *find_sender(struct mailbox *mailbox, const struct envelope *letter,
                                          int64_t now)
{
    struct mailbox_sender **place = &mailbox->first;
    while (*place != NULL && ((*place)->node != letter->node || (*place)->boot != letter->boot))
        place = &(*place)->next;
    struct mailbox_sender *sender = *place;
    if (sender != NULL)
        *place = sender->next;
    else
        sender = make_sender(mailbox, letter, now);
    if (sender == NULL)
        return NULL;
    sender->next = mailbox->first;
    mailbox->first = sender;
    sender->heard = now;
    return sender;
}

enum mailbox_verdict mailbox_take(struct mailbox *mailbox, const struct envelope *letter,
                                  int64_t now, struct mailbox_entry **entry)
{
    struct mailbox_sender *sender = find_sender(mailbox, letter, now);
    if (sender == NULL)
        return MAILBOX_FULL;
    if (letter->floor > sender->floor)
        raise_floor(mailbox, sender, letter->floor);
    if (letter->number < sender->floor)
        return MAILBOX_OLD;
    if (sender->entries == NULL)
        sender->entries = calloc(ENVELOPE_WINDOW, sizeof(struct mailbox_entry *));
    if (sender->entries == NULL)
        return MAILBOX_FULL;
    struct mailbox_entry **place = &sender->entries[letter->number % ENVELOPE_WINDOW];
    bool known = *place != NULL;
    if (!known && mailbox->bytes <= MAILBOX_ANSWERS_MAX)
        *place = calloc(1, sizeof **place);
    if (*place == NULL)
        return MAILBOX_FULL;
    (*place)->number = letter->number;
    if (letter->number > sender->highest)
        sender->highest = letter->number;
    *entry = *place;
    return known ? MAILBOX_AGAIN : MAILBOX_NEW;
}

void mailbox_keep(struct mailbox *mailbox, struct mailbox_entry *entry)
{
    buffer_shrink(&entry->answer);
    mailbox->bytes += entry->answer.capacity;
}

void mailbox_sweep(struct mailbox *mailbox, int64_t now)
{
    if (now - mailbox->swept < CLOCK_SECOND)
        return;
    mailbox->swept = now;
    for (struct mailbox_sender *sender = mailbox->first; sender != NULL; sender = sender->next) {
        if (is_silent(sender, now))
            forget_letters(mailbox, sender);
    }
}

void mailbox_free(struct mailbox *mailbox)
{
    struct mailbox_sender *next;
    for (struct mailbox_sender *sender = mailbox->first; sender != NULL; sender = next) {
        next = sender->next;
        forget_letters(mailbox, sender);
        free(sender);
    }
    *mailbox = (struct mailbox){0};
}
