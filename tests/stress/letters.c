/*
 * letters: the ledger's private messages. Each must reach only the addressee, whole, at most once,
 * and not before an earlier one of the same sender; or the sender must be told that the addressee
 * is not there.
 */
#include "ledger.h"

#include "complaint.h"
#include "ledger_inside.h"

#include <stdlib.h>
#include <string.h>

bool ledger_letter(struct ledger *ledger, uint32_t from, uint32_t to, struct script_line *line)
{
    struct author *sender = &ledger->authors[from];
    struct author *addressee = &ledger->authors[to];
    struct letter *letter;

    if (addressee->place != PLACE_INSIDE) {
        return false;
    }
    if (ledger->letter_count == ledger->letter_capacity) {
        uint32_t capacity = ledger->letter_capacity == 0 ? 1024 : 2 * ledger->letter_capacity;
        struct letter *letters = realloc(ledger->letters, capacity * sizeof *letters);

        if (letters == NULL) {
            return false;
        }
        ledger->letters = letters;
        ledger->letter_capacity = capacity;
    }
    letter = &ledger->letters[ledger->letter_count];
    *letter = (struct letter){.script = {.index = ledger->letter_count,
                                         .from = from,
                                         .from_name = sender->name_said,
                                         .to = to,
                                         .to_name = addressee->name},
                              .before = sender->last_letter,
                              .before_to = addressee->last_letter_to,
                              .said = sender->said};
    sender->last_letter = addressee->last_letter_to = ledger->letter_count++;
    script_letter_spoken(ledger->seed, &letter->script, line);
    return true;
}

/*
 * Reports a private message of client serial. bytes is what it got, wanted what it should have got;
 * either may be NULL.
 */
static void letter_wrong(const struct ledger *ledger, uint32_t serial, const char *what,
                         const struct script_line *wanted, const char *bytes, size_t length)
{
    char name[SCRIPT_NAME_BYTES];
    char quote[COMPLAINT_QUOTE_BYTES];

    script_name(serial, ledger->authors[serial].name, name);
    complaint_raise("%s: %s", name, what);
    if (bytes != NULL) {
        complaint_add("got      \"%s\"", complaint_quote(bytes, length, quote));
    }
    if (wanted != NULL) {
        complaint_add("expected \"%s\"", complaint_quote(wanted->bytes, wanted->length, quote));
    }
}

/*
 * Marks the earlier letters between the same two that have not arrived: they may have been refused,
 * but must not arrive any more.
 */
static void letter_overtakes(struct ledger *ledger, const struct letter *letter)
{
    uint32_t index = letter->before;

    while (index != LETTER_NONE) {
        struct letter *earlier = &ledger->letters[index];

        if (earlier->script.to == letter->script.to) {
            if (earlier->delivered || earlier->overtaken) {
                return;
            }
            earlier->overtaken = true;
        }
        index = earlier->before;
    }
}

bool ledger_letter_got(struct ledger *ledger, uint32_t serial, const char *bytes, size_t length)
{
    struct script_line wanted;
    struct letter *letter;
    uint32_t index;

    if (!script_letter_index(bytes, length, &index)) {
        return false;
    }
    if (index >= ledger->letter_count) {
        letter_wrong(ledger, serial, "a private message that nobody wrote", NULL, bytes, length);
        return true;
    }
    letter = &ledger->letters[index];
    script_letter_heard(ledger->seed, &letter->script, &wanted);
    if (!script_line_is(&wanted, bytes, length)) {
        letter_wrong(ledger, serial, "a private message is not what was written", &wanted, bytes,
                     length);
    } else if (letter->script.to != serial) {
        letter_wrong(ledger, serial, "a private message for somebody else", NULL, bytes, length);
    } else if (letter->delivered) {
        letter_wrong(ledger, serial, "a private message came twice", NULL, bytes, length);
    } else if (letter->overtaken) {
        letter_wrong(ledger, serial, "a private message came after a later one", NULL, bytes,
                     length);
    } else {
        letter->delivered = true;
        letter_overtakes(ledger, letter);
        ledger->totals.letters++;
    }
    return true;
}

/* Returns true when the line contains the name, and not only as the beginning of a longer one. */
static bool line_mentions(const char *bytes, size_t length, const char *name)
{
    size_t name_length = strlen(name);

    for (size_t i = 0; i + name_length < length; i++) {
        char after = bytes[i + name_length];

        if (memcmp(bytes + i, name, name_length) == 0 && (after < '0' || after > '9')) {
            return true;
        }
    }
    return false;
}

/*
 * A name that is gone never returns, so the last letters from one sender to one name are the ones
 * refused: each refusal is matched with the last letter not refused yet.
 */
bool ledger_letter_refused(struct ledger *ledger, uint32_t serial, const char *bytes, size_t length)
{
    uint32_t index = ledger->authors[serial].last_letter;

    while (index != LETTER_NONE) {
        struct letter *letter = &ledger->letters[index];
        char name[SCRIPT_NAME_BYTES];

        script_name(letter->script.to, letter->script.to_name, name);
        if (!letter->refused && line_mentions(bytes, length, name)) {
            letter->refused = true;
            return true;
        }
        index = letter->before;
    }
    return false;
}

/* A later room line of the sender shows that the server has processed the private message. */
void ledger_letters_due(struct ledger *ledger, uint32_t serial)
{
    uint32_t index = ledger->authors[serial].last_letter_to;

    while (index != LETTER_NONE) {
        struct letter *letter = &ledger->letters[index];

        letter->due = ledger->authors[letter->script.from].heard > letter->said;
        index = letter->before_to;
    }
}

/*
 * Returns true when the letter must be delivered or refused: the sender read on, and so did the
 * addressee, who is in the room or was there when the letter was processed.
 */
static bool letter_is_owed(const struct ledger *ledger, const struct letter *letter)
{
    const struct author *from = &ledger->authors[letter->script.from];
    const struct author *to = &ledger->authors[letter->script.to];

    if (from->parting == LEDGER_IS_CUT || to->parting == LEDGER_IS_CUT) {
        return false;
    }
    return letter->due || (to->place == PLACE_INSIDE && to->parting == LEDGER_STAYS);
}

uint32_t ledger_letters_missing(const struct ledger *ledger, bool complain)
{
    uint32_t missing = 0;

    for (uint32_t index = 0; index < ledger->letter_count; index++) {
        const struct letter *letter = &ledger->letters[index];
        bool lost = !letter->delivered && !letter->refused && letter_is_owed(ledger, letter);
        struct script_line wanted;

        missing += lost;
        if (complain && (lost || (letter->delivered && letter->refused))) {
            script_letter_heard(ledger->seed, &letter->script, &wanted);
            letter_wrong(ledger, letter->script.to,
                         lost ? "a private message was neither delivered nor refused"
                              : "a private message was both delivered and refused",
                         &wanted, NULL, 0);
        }
        if (complain && complaint_enough()) {
            break;
        }
    }
    return missing;
}
