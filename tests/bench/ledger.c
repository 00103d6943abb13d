/* The witness's lines, and whether the others received the same; see ledger.h. */
#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>

struct ledger {
    uint64_t *lines; /* author << 32 | number */
    size_t count;
    size_t capacity;
    uint32_t authors;
    uint32_t *next; /* by author: the number its next line must have */
    uint64_t broken;
    struct reading all; /* the last result for a reader of all lines, as most readers are */
};

struct ledger *ledger_new(uint32_t authors)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);

    if (ledger == NULL)
        return NULL;
    ledger->authors = authors;
    ledger->next = calloc(authors > 0 ? authors : 1, sizeof *ledger->next);
    ledger->capacity = 1U << 10;
    ledger->lines = malloc(ledger->capacity * sizeof *ledger->lines);
    if (ledger->next == NULL || ledger->lines == NULL) {
        ledger_free(ledger);
        return NULL;
    }
    return ledger;
}

void ledger_free(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    free(ledger->lines);
    free(ledger->next);
    free(ledger);
}

void ledger_add(struct ledger *ledger, const struct message *message)
{
    if (ledger->count == ledger->capacity) {
        ledger->capacity *= 2;
        ledger->lines = realloc(ledger->lines, ledger->capacity * sizeof *ledger->lines);
        if (ledger->lines == NULL) {
            perror("load: cannot keep the witness's lines");
            exit(2);
        }
    }
    ledger->lines[ledger->count++] = (uint64_t)message->author << 32 | message->number;
    if (message->author >= ledger->authors) {
        ledger->broken++;
        return;
    }
    if (message->number != ledger->next[message->author])
        ledger->broken++;
    ledger->next[message->author] = message->number + 1;
}

uint64_t ledger_broken(const struct ledger *ledger)
{
    return ledger->broken;
}

bool ledger_agrees(struct ledger *ledger, uint32_t author, const struct reading *reading)
{
    struct reading replay = {0, 0};

    if (author == LEDGER_NO_AUTHOR && ledger->all.lines == reading->lines && reading->lines > 0)
        return ledger->all.hash == reading->hash;
    for (size_t i = 0; i < ledger->count && replay.lines < reading->lines; i++) {
        struct message message = {
            .author = (uint32_t)(ledger->lines[i] >> 32),
            .number = (uint32_t)ledger->lines[i],
        };
        if (message.author != author)
            reading_add(&replay, &message);
    }
    if (author == LEDGER_NO_AUTHOR)
        ledger->all = replay;
    return replay.lines == reading->lines && replay.hash == reading->hash;
}
