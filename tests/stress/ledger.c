/*
 * ledger: what every client in the room must receive, and whether it did. This file has the room's
 * order, as the observer receives it. slices.c checks the other clients' lines, letters.c private
 * messages.
 */
#include "ledger.h"

#include "complaint.h"
#include "ledger_inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    ENTRIES_AT_FIRST = 4096, /* a power of two */
    ENTRIES_FOR_CONTEXT = 8, /* kept behind the slowest reader, to show the context */
    CONTEXT_BEFORE = 3,
    CONTEXT_AFTER = 2
};

struct ledger *ledger_open(uint64_t seed)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    uint32_t observer;

    if (ledger == NULL) {
        return NULL;
    }
    ledger->seed = seed;
    ledger->entry_capacity = ENTRIES_AT_FIRST;
    ledger->entries = calloc(ledger->entry_capacity, sizeof *ledger->entries);
    if (ledger->entries == NULL || !ledger_admit(ledger, &observer)) {
        ledger_close(ledger);
        return NULL;
    }
    assert(observer == SCRIPT_OBSERVER);
    ledger->authors[observer].named = true;
    ledger->authors[observer].place = PLACE_INSIDE;
    ledger->company = ledger_name_mark(observer, 0);
    return ledger;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL) {
        return;
    }
    for (uint64_t i = ledger->first_entry; i < ledger->next_entry; i++) {
        free(ledger_entry(ledger, i)->bytes);
    }
    free(ledger->entries);
    free(ledger->authors);
    free(ledger->letters);
    free(ledger);
}

bool ledger_admit(struct ledger *ledger, uint32_t *serial)
{
    if (ledger->author_count == ledger->author_capacity) {
        uint32_t capacity = ledger->author_capacity == 0 ? 256 : 2 * ledger->author_capacity;
        struct author *authors = realloc(ledger->authors, capacity * sizeof *authors);

        if (authors == NULL) {
            return false;
        }
        ledger->authors = authors;
        ledger->author_capacity = capacity;
    }
    *serial = ledger->author_count++;
    ledger->authors[*serial] =
        (struct author){.last_letter = LETTER_NONE, .last_letter_to = LETTER_NONE};
    return true;
}

void ledger_named(struct ledger *ledger, uint32_t serial)
{
    ledger->authors[serial].named = true;
}

uint32_t ledger_said(struct ledger *ledger, uint32_t serial)
{
    struct author *author = &ledger->authors[serial];

    assert(author->parting == LEDGER_STAYS);
    ledger->in_flight++;
    author->said++;
    if (script_kind(ledger->seed, serial, author->said) == SCRIPT_RENAME) {
        author->name_said = author->said;
    }
    return author->said;
}

void ledger_parting(struct ledger *ledger, uint32_t serial, enum ledger_parting parting)
{
    struct author *author = &ledger->authors[serial];

    if (parting == LEDGER_IS_CUT && author->parting != LEDGER_IS_CUT) {
        ledger->in_flight -= author->said - author->heard;
        author->reads = false;
    }
    author->parting = parting;
}

/* Drops the entries that every reader has passed. */
static void entries_forget(struct ledger *ledger)
{
    uint64_t hindmost = ledger->next_entry;

    for (uint32_t serial = 0; serial < ledger->author_count; serial++) {
        const struct author *author = &ledger->authors[serial];

        if (author->reads && author->position < hindmost) {
            hindmost = author->position;
        }
    }
    while (ledger->first_entry + ENTRIES_FOR_CONTEXT < hindmost) {
        free(ledger_entry(ledger, ledger->first_entry)->bytes);
        ledger->first_entry++;
    }
}

/* Doubles the ring. Returns false when memory is out. */
static bool entries_grow(struct ledger *ledger)
{
    size_t capacity = 2 * ledger->entry_capacity;
    struct entry *entries = calloc(capacity, sizeof *entries);

    if (entries == NULL) {
        return false;
    }
    for (uint64_t i = ledger->first_entry; i < ledger->next_entry; i++) {
        entries[i & (capacity - 1)] = *ledger_entry(ledger, i);
    }
    free(ledger->entries);
    ledger->entries = entries;
    ledger->entry_capacity = capacity;
    return true;
}

/* Appends an entry. The author of a rename receives the notice too, so that entry has no owner. */
static void entry_append(struct ledger *ledger, uint32_t owner, const char *bytes, size_t length)
{
    struct entry *entry;
    char *copy = malloc(length + 1);

    if (ledger->next_entry - ledger->first_entry == ledger->entry_capacity) {
        entries_forget(ledger);
        /*
         * Also grows a ring that is still half full, since it would soon have to be searched again.
         */
        if (ledger->next_entry - ledger->first_entry > ledger->entry_capacity / 2 &&
            !entries_grow(ledger)) {
            free(copy);
            copy = NULL;
        }
    }
    if (copy == NULL) {
        complaint_raise("this program is out of memory");
        return;
    }
    memcpy(copy, bytes, length);
    entry = ledger_entry(ledger, ledger->next_entry++);
    *entry = (struct entry){.bytes = copy, .length = length, .owner = owner};
    ledger->volume += length + 1;
    ledger->totals.lines++;
    ledger->totals.deliveries++;
}

void ledger_show(const struct ledger *ledger, uint64_t position)
{
    uint64_t i = position < CONTEXT_BEFORE ? 0 : position - CONTEXT_BEFORE;
    char quote[COMPLAINT_QUOTE_BYTES];

    if (i < ledger->first_entry) {
        i = ledger->first_entry;
    }
    for (; i <= position + CONTEXT_AFTER && i < ledger->next_entry; i++) {
        const struct entry *entry = ledger_entry(ledger, i);

        complaint_add("ledger %llu%s \"%s\"", (unsigned long long)i, i == position ? " >" : ":",
                      complaint_quote(entry->bytes, entry->length, quote));
    }
}

/* Returns the length of the common beginning of both. */
static size_t common_length(const struct script_line *line, const char *bytes, size_t length)
{
    size_t common = 0;

    while (common < line->length && common < length && line->bytes[common] == bytes[common]) {
        common++;
    }
    return common;
}

/* Reports a line that the observer got. wanted may be NULL. */
static void enter_wrong(struct ledger *ledger, const char *what, const struct script_line *wanted,
                        const char *bytes, size_t length)
{
    char quote[COMPLAINT_QUOTE_BYTES];

    ledger->broken = true;
    complaint_raise("the observer, at %llu: %s", (unsigned long long)ledger->next_entry, what);
    complaint_add("got      \"%s\"", complaint_quote(bytes, length, quote));
    if (wanted != NULL) {
        complaint_add("expected \"%s\"", complaint_quote(wanted->bytes, wanted->length, quote));
        complaint_add("the first %zu bytes are the same, of %zu and %zu",
                      common_length(wanted, bytes, length), length, wanted->length);
    }
    ledger_show(ledger, ledger->next_entry);
}

/* Records that the client is in the room: from here on it must receive everything. */
static void enter_joined(struct ledger *ledger, uint32_t serial, const char *bytes, size_t length)
{
    struct author *author = &ledger->authors[serial];

    if (author->place != PLACE_OUTSIDE || !author->named) {
        enter_wrong(ledger, "a join notice for a client that was in the room or gave no name", NULL,
                    bytes, length);
        return;
    }
    entry_append(ledger, ENTRY_UNOWNED, bytes, length);
    author->place = PLACE_INSIDE;
    author->position = ledger->next_entry;
    author->reads = author->parting != LEDGER_IS_CUT;
    author->company = ledger->company;
    author->company_size = ledger->present + 1;
    ledger->company += ledger_name_mark(serial, 0);
    ledger->present++;
    ledger->totals.joins++;
}

static void enter_left(struct ledger *ledger, uint32_t serial, const char *bytes, size_t length)
{
    struct author *author = &ledger->authors[serial];
    struct script_line wanted;

    if (author->parting == LEDGER_STAYS) {
        enter_wrong(ledger, "a left notice for a client that has not left", NULL, bytes, length);
        return;
    }
    if (author->parting == LEDGER_LEAVES && author->heard != author->said) {
        script_heard(ledger->seed, serial, author->name, author->heard + 1, &wanted);
        enter_wrong(ledger, "a left notice before all that the client had said", &wanted, bytes,
                    length);
        return;
    }
    ledger_letters_due(ledger, serial);
    author->left_at = ledger->next_entry;
    author->place = PLACE_GONE;
    entry_append(ledger, ENTRY_UNOWNED, bytes, length);
    ledger->company -= ledger_name_mark(serial, author->name);
    ledger->present--;
}

/* Enters an action: it must be the next one of its author. */
static void enter_action(struct ledger *ledger, uint32_t serial, const char *bytes, size_t length)
{
    struct author *author = &ledger->authors[serial];
    uint32_t number = author->heard + 1;
    struct script_line wanted;
    bool renames = script_kind(ledger->seed, serial, number) == SCRIPT_RENAME;

    if (author->place != PLACE_INSIDE) {
        enter_wrong(ledger, "a line by a client that has not joined, or has left", NULL, bytes,
                    length);
        return;
    }
    script_heard(ledger->seed, serial, author->name, number, &wanted);
    if (!script_line_is(&wanted, bytes, length)) {
        enter_wrong(ledger, "not the next line of its author", &wanted, bytes, length);
        return;
    }
    if (number > author->said) {
        enter_wrong(ledger, "a line that its author has not said yet", NULL, bytes, length);
        return;
    }
    author->heard = number;
    if (author->parting != LEDGER_IS_CUT) {
        ledger->in_flight--;
    }
    entry_append(ledger, renames ? ENTRY_UNOWNED : serial, bytes, length);
    if (renames) {
        ledger->company +=
            ledger_name_mark(serial, number) - ledger_name_mark(serial, author->name);
        author->name = number;
    }
}

/* Finds the client of a line, by the name at its beginning. */
static bool line_subject(const struct ledger *ledger, const char *bytes, size_t length,
                         uint32_t *serial)
{
    size_t first = 0;
    size_t end;
    uint32_t name;

    while (first < length && (bytes[first] == '*' || bytes[first] == ' ')) {
        first++;
    }
    for (end = first; end < length && bytes[end] != ' ' && bytes[end] != ':'; end++) {
    }
    return script_owner(bytes + first, end - first, serial, &name) &&
           *serial < ledger->author_count && *serial != SCRIPT_OBSERVER;
}

void ledger_enter(struct ledger *ledger, const char *bytes, size_t length)
{
    struct script_line notice;
    uint32_t serial;

    if (ledger->broken) {
        return;
    }
    if (!line_subject(ledger, bytes, length, &serial)) {
        enter_wrong(ledger, "a line of no known form, or about nobody in this run", NULL, bytes,
                    length);
        return;
    }
    script_joined(serial, 0, &notice);
    if (script_line_is(&notice, bytes, length)) {
        enter_joined(ledger, serial, bytes, length);
        return;
    }
    script_left(serial, ledger->authors[serial].name, &notice);
    if (script_line_is(&notice, bytes, length)) {
        enter_left(ledger, serial, bytes, length);
        return;
    }
    enter_action(ledger, serial, bytes, length);
}

bool ledger_name(const struct ledger *ledger, uint32_t serial, char name[SCRIPT_NAME_BYTES])
{
    const struct author *author = &ledger->authors[serial];

    if (author->place != PLACE_INSIDE) {
        return false;
    }
    script_name(serial, author->name, name);
    return true;
}

uint32_t ledger_present(const struct ledger *ledger)
{
    return ledger->present;
}

uint32_t ledger_in_flight(const struct ledger *ledger)
{
    return ledger->in_flight;
}

uint64_t ledger_volume(const struct ledger *ledger)
{
    return ledger->volume;
}

struct ledger_totals ledger_totals(const struct ledger *ledger)
{
    return ledger->totals;
}
