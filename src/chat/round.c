#include "base/platform.h"

#include "chat/round.h"
#include "net/link.h"
#include "net/outbox.h"

#include <stdlib.h>

/* A round's memory beyond this is given back when it is done. */
#define KEPT_BYTES ((size_t)8 * 1024)

static bool make_room(struct round *round)
{
    if (round->count < round->capacity)
        return true;
    size_t capacity = round->capacity == 0 ? 16 : 2 * round->capacity;
    struct passage *passages = realloc(round->passages, capacity * sizeof *passages);
    if (passages == NULL)
        return false;
    round->passages = passages;
    round->capacity = capacity;
    return true;
}

bool round_add(struct round *round, struct client *author, const char *bytes, size_t length)
{
    bool goes_on = round->count > 0 && round->passages[round->count - 1].author == author;
    if ((!goes_on && !make_room(round)) || !buffer_append(&round->bytes, bytes, length))
        return false;
    if (!goes_on)
        round->passages[round->count++].author = author;
    round->passages[round->count - 1].end = buffer_length(&round->bytes);
    if (author != NULL)
        author->spoke_in[round->number % 2] = round->number;
    return true;
}

bool round_reserve(struct round *round, size_t length)
{
    return make_room(round) && buffer_room(&round->bytes, length) != NULL;
}

/* Where in the round begins what followed the member's join. */
static size_t first_byte(const struct round *round, const struct client *member)
{
    return member->joined_at > round->start ? (size_t)(member->joined_at - round->start) : 0;
}

/* Collects what is meant for a member who spoke: the rest around its own. */
static bool gather(const struct round *round, const struct client *member, struct buffer *out)
{
    const char *bytes = buffer_bytes(&round->bytes);
    size_t piece = first_byte(round, member); /* where the piece begins that is not taken yet */
    size_t begin = 0;
    bool whole = true;
    for (size_t i = 0; i < round->count && whole; i++) {
        const struct passage *passage = &round->passages[i];
        if (passage->author == member) {
            if (piece < begin)
                whole = buffer_append(out, bytes + piece, begin - piece);
            if (piece < passage->end)
                piece = passage->end;
        }
        begin = passage->end;
    }
    return whole && (piece >= begin || buffer_append(out, bytes + piece, begin - piece));
}

/*
 * The same, handed over in one piece: who can take the beginning of a round is not to be called
 * slow at its end.
 */
static void hand_over(const struct round *round, struct client *member,
                      void (*hand)(struct outbox *outbox, const char *bytes, size_t length))
{
    struct buffer gathered = {0};
    if (!gather(round, member, &gathered))
        link_kill(outbox_link(member->outbox), LINK_OUT_OF_MEMORY);
    else if (buffer_length(&gathered) > 0)
        hand(member->outbox, buffer_bytes(&gathered), buffer_length(&gathered));
    buffer_free(&gathered);
}

void round_queue(const struct round *round, struct client *member)
{
    hand_over(round, member, outbox_queue);
}

void round_send(const struct round *round, struct client *member)
{
    if (member->spoke_in[round->number % 2] == round->number) {
        hand_over(round, member, outbox_send);
        return;
    }
    size_t length = buffer_length(&round->bytes);
    size_t start = first_byte(round, member);
    if (start < length)
        outbox_send(member->outbox, buffer_bytes(&round->bytes) + start, length - start);
}

void round_begin(struct round *round, uint64_t number, uint64_t start)
{
    if (round->bytes.capacity > KEPT_BYTES)
        buffer_free(&round->bytes);
    else
        buffer_truncate(&round->bytes, 0);
    round->count = 0;
    round->number = number;
    round->start = start;
    round->notices = false;
}

void round_free(struct round *round)
{
    buffer_free(&round->bytes);
    free(round->passages);
}
