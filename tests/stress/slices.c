/*
 * slices: the ledger's check that each client gets its slice of the room's order: contiguous, from
 * its join to its leave, without its own lines.
 */
#include "ledger.h"

#include "complaint.h"
#include "ledger_inside.h"

#include <string.h>

/* Moves the client past its own lines, which it does not receive. */
static void position_skip_own(const struct ledger *ledger, uint32_t serial)
{
    struct author *author = &ledger->authors[serial];

    while (author->position < ledger->next_entry &&
           ledger_entry(ledger, author->position)->owner == serial) {
        author->position++;
    }
}

/*
 * Reports what a client got, or, with bytes NULL, did not get. Its further lines are not checked,
 * since they would be wrong in the same way.
 */
static void check_wrong(struct ledger *ledger, uint32_t serial, const char *what, const char *bytes,
                        size_t length)
{
    struct author *author = &ledger->authors[serial];
    char name[SCRIPT_NAME_BYTES];

    script_name(serial, author->name, name);
    complaint_raise("%s, at %llu: %s", name, (unsigned long long)author->position, what);
    if (bytes != NULL) {
        char quote[COMPLAINT_QUOTE_BYTES];

        complaint_add("got      \"%s\"", complaint_quote(bytes, length, quote));
    }
    if (author->reads) {
        ledger_show(ledger, author->position);
    }
    author->reads = false;
    author->broken = true;
}

/* Returns the fault of a line that is not the next one in the ledger. */
static const char *check_reason(const struct ledger *ledger, uint32_t serial, const char *bytes,
                                size_t length)
{
    const struct author *author = &ledger->authors[serial];

    for (uint64_t i = author->position + 1; i < ledger->next_entry; i++) {
        const struct entry *entry = ledger_entry(ledger, i);

        if (entry->length == length && memcmp(entry->bytes, bytes, length) == 0) {
            return entry->owner == serial ? "its own line came back to it"
                                          : "lines are missing or out of order: this one is ahead";
        }
    }
    for (uint64_t i = ledger->first_entry; i < author->position; i++) {
        const struct entry *entry = ledger_entry(ledger, i);

        if (entry->length == length && memcmp(entry->bytes, bytes, length) == 0) {
            return entry->owner == serial ? "its own line came back to it"
                                          : "this line is behind: double, out of order, or from "
                                            "before its own join";
        }
    }
    return "not the next line of the room";
}

enum ledger_answer ledger_check(struct ledger *ledger, uint32_t serial, const char *bytes,
                                size_t length)
{
    struct author *author = &ledger->authors[serial];
    const struct entry *entry;

    if (author->broken || ledger->broken) {
        return LEDGER_TAKEN;
    }
    if (author->place == PLACE_OUTSIDE) {
        return LEDGER_LATER;
    }
    position_skip_own(ledger, serial);
    if (author->position == ledger->next_entry) {
        return LEDGER_LATER;
    }
    if (author->place == PLACE_GONE && author->position == author->left_at) {
        check_wrong(ledger, serial, "a line from after its own leaving", bytes, length);
        return LEDGER_TAKEN;
    }
    entry = ledger_entry(ledger, author->position);
    if (entry->length != length || memcmp(entry->bytes, bytes, length) != 0) {
        check_wrong(ledger, serial, check_reason(ledger, serial, bytes, length), bytes, length);
        return LEDGER_TAKEN;
    }
    author->position++;
    ledger->totals.deliveries++;
    return LEDGER_TAKEN;
}

/*
 * Removes " and 7 others" from the end of a list of names. Returns that number, 0 if there is none.
 */
static uint32_t list_take_others(const char *list, size_t *length)
{
    static const char joint[] = " and ";
    const size_t joint_length = sizeof joint - 1;
    uint32_t others = 0;

    /* No name has a blank in it. */
    for (size_t i = 0; i + joint_length < *length; i++) {
        if (memcmp(list + i, joint, joint_length) == 0) {
            for (size_t digit = i + joint_length; list[digit] >= '0' && list[digit] <= '9';
                 digit++) {
                others = 10 * others + (uint32_t)(list[digit] - '0');
            }
            *length = i;
            break;
        }
    }
    return others;
}

enum ledger_answer ledger_check_company(struct ledger *ledger, uint32_t serial, const char *list,
                                        size_t length)
{
    const struct author *author = &ledger->authors[serial];
    size_t names_length = length;
    uint32_t others = list_take_others(list, &names_length);
    uint32_t size = others;
    uint64_t company = 0;
    size_t end;

    if (author->place == PLACE_OUTSIDE) {
        return LEDGER_LATER;
    }
    for (size_t first = 0; first < names_length; first = end + 2) {
        uint32_t owner, name;

        for (end = first; end < names_length && list[end] != ','; end++) {
        }
        if (!script_owner(list + first, end - first, &owner, &name)) {
            check_wrong(ledger, serial, "its welcome names somebody unknown", list, length);
            return LEDGER_TAKEN;
        }
        company += ledger_name_mark(owner, name);
        size++;
    }
    if (size != author->company_size || (others == 0 && company != author->company)) {
        check_wrong(ledger, serial, "its welcome names others than were in the room at its join",
                    list, length);
    }
    return LEDGER_TAKEN;
}

enum ledger_answer ledger_check_end(struct ledger *ledger, uint32_t serial)
{
    struct author *author = &ledger->authors[serial];

    if (author->broken || ledger->broken) {
        return LEDGER_TAKEN;
    }
    if (author->place != PLACE_GONE) {
        return LEDGER_LATER;
    }
    position_skip_own(ledger, serial);
    if (author->position < author->left_at) {
        check_wrong(ledger, serial, "it read to the end and did not get all up to its leaving",
                    NULL, 0);
    }
    author->reads = false;
    return LEDGER_TAKEN;
}

bool ledger_settled(const struct ledger *ledger, uint32_t serial)
{
    const struct author *author = &ledger->authors[serial];

    if (author->broken) {
        return true;
    }
    position_skip_own(ledger, serial);
    return author->place == PLACE_INSIDE && author->heard == author->said &&
           author->position == ledger->next_entry;
}

void ledger_describe(const struct ledger *ledger, uint32_t serial)
{
    static const char *const places[] = {"has not joined", "is in the room", "has left"};
    const struct author *author = &ledger->authors[serial];

    complaint_add("by the ledger it %s; %u of its %u lines arrived; it is at %llu of %llu",
                  places[author->place], (unsigned)author->heard, (unsigned)author->said,
                  (unsigned long long)author->position, (unsigned long long)ledger->next_entry);
    if (author->reads) {
        ledger_show(ledger, author->position);
    }
}
