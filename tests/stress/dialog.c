/*
 * dialog: how a simulated client handles the lines it gets. It checks the prompt, welcome, refusal
 * and goodbye; the ledger checks the rest.
 */
#include "dialog.h"

#include "complaint.h"
#include "hostile.h"

#include <stdio.h>
#include <string.h>

#define PROMPT       "Enter your name: "
#define GOODBYE      "*** Goodbye. ***"
#define NOTICE_START "*** "
#define NOTICE_END   " ***"

/* The observer's name in different case; it is taken for the whole run. */
#define TAKEN_NAME "OBServer"

static bool line_is(const char *bytes, size_t length, const char *text)
{
    return length == strlen(text) && memcmp(bytes, text, length) == 0;
}

static bool line_starts(const char *bytes, size_t length, const char *text)
{
    return length >= strlen(text) && memcmp(bytes, text, strlen(text)) == 0;
}

static bool line_ends(const char *bytes, size_t length, const char *text)
{
    size_t text_length = strlen(text);

    return length >= text_length && memcmp(bytes + length - text_length, text, text_length) == 0;
}

static bool line_contains(const char *bytes, size_t length, const char *text)
{
    size_t text_length = strlen(text);

    for (size_t i = 0; i + text_length <= length; i++) {
        if (memcmp(bytes + i, text, text_length) == 0) {
            return true;
        }
    }
    return false;
}

static void dialog_wrong(const struct peer *peer, const char *what, const char *bytes,
                         size_t length)
{
    char quote[COMPLAINT_QUOTE_BYTES];

    complaint_raise("client %u: %s", (unsigned)peer->serial, what);
    complaint_add("got      \"%s\"", complaint_quote(bytes, length, quote));
}

static void dialog_give_name(struct peer *peer)
{
    char name[SCRIPT_NAME_BYTES];

    script_name(peer->serial, 0, name);
    ledger_named(peer->ledger, peer->serial);
    peer_type(peer, name, strlen(name));
    peer->named = true;
}

void dialog_introduce(struct peer *peer)
{
    if (peer->manner.contrary) {
        peer_type(peer, TAKEN_NAME, strlen(TAKEN_NAME));
    }
    dialog_give_name(peer);
}

/* Answers the prompt, unless the client did so in advance or stays silent. */
static void take_prompt(struct peer *peer)
{
    peer->prompts++;
    if (peer->named || peer->manner.silent || peer->parting != PEER_STAYS) {
        return;
    }
    if (peer->manner.contrary && peer->prompts == 1) {
        peer_type(peer, TAKEN_NAME, strlen(TAKEN_NAME));
        return;
    }
    dialog_give_name(peer);
}

static enum ledger_answer take_welcome(struct peer *peer, const char *bytes, size_t length)
{
    unsigned attempts = peer->manner.contrary ? 2 : 1;
    char name[SCRIPT_NAME_BYTES];
    char start[2 * SCRIPT_NAME_BYTES + 64];

    script_name(peer->serial, 0, name);
    snprintf(start, sizeof start, "*** Welcome, %s. Type /help for commands. Here now: ", name);
    /* The observer joins first, so its welcome lists nobody. */
    if (peer->serial != SCRIPT_OBSERVER) {
        const char *end = "." NOTICE_END;

        if (!line_starts(bytes, length, start) || !line_ends(bytes, length, end)) {
            dialog_wrong(peer, "not a welcome of the known form", bytes, length);
        } else if (ledger_check_company(peer->ledger, peer->serial, bytes + strlen(start),
                                        length - strlen(start) - strlen(end)) == LEDGER_LATER) {
            return LEDGER_LATER;
        }
    }
    if (!peer->named || peer->prompts != attempts || peer->refusals != attempts - 1) {
        dialog_wrong(peer, "a welcome without a name, or after a wrong number of prompts", bytes,
                     length);
    }
    peer->welcomed = true;
    return LEDGER_TAKEN;
}

static enum ledger_answer take_before_welcome(struct peer *peer, const char *bytes, size_t length)
{
    if (line_starts(bytes, length, "*** Welcome, ")) {
        return take_welcome(peer, bytes, length);
    }
    if (peer->manner.contrary && peer->refusals == 0 && peer->prompts == 1 &&
        line_starts(bytes, length, NOTICE_START) && line_ends(bytes, length, NOTICE_END)) {
        peer->refusals++;
        return LEDGER_TAKEN;
    }
    dialog_wrong(peer, "a line of no known form before the welcome", bytes, length);
    return LEDGER_TAKEN;
}

/* Returns true for notices to the whole room. */
static bool line_is_notice(const char *bytes, size_t length)
{
    return line_ends(bytes, length, " has joined the chat ***") ||
           line_ends(bytes, length, " has left the chat ***") ||
           line_contains(bytes, length, " is now known as ");
}

static enum ledger_answer take_line(struct peer *peer, const char *bytes, size_t length)
{
    if (!peer->welcomed) {
        return take_before_welcome(peer, bytes, length);
    }
    if (ledger_letter_got(peer->ledger, peer->serial, bytes, length) ||
        hostile_is_letter(bytes, length)) {
        return LEDGER_TAKEN;
    }
    if (peer->parting == PEER_QUITS && !peer->farewell && line_is(bytes, length, GOODBYE)) {
        peer->farewell = true;
        return LEDGER_TAKEN;
    }
    if (line_starts(bytes, length, NOTICE_START) && !line_is_notice(bytes, length)) {
        if (!line_ends(bytes, length, NOTICE_END) ||
            (!peer->manner.curious &&
             !ledger_letter_refused(peer->ledger, peer->serial, bytes, length))) {
            dialog_wrong(peer, "a line of no known form, or out of place", bytes, length);
        }
        return LEDGER_TAKEN;
    }
    if (peer->serial == SCRIPT_OBSERVER) {
        ledger_enter(peer->ledger, bytes, length);
        return LEDGER_TAKEN;
    }
    return ledger_check(peer->ledger, peer->serial, bytes, length);
}

/*
 * Removes the prompt from the received bytes. It has no line end, but its bytes arrive together.
 * Returns false when it is not there, or not complete.
 */
static bool digest_prompt(struct peer *peer)
{
    if (peer->welcomed ||
        !line_starts(peer->in + peer->in_first, peer->in_end - peer->in_first, PROMPT)) {
        return false;
    }
    peer->in_first += strlen(PROMPT);
    take_prompt(peer);
    return true;
}

/* Returns the line's length without the CR, which a telnet client gets from some point on. */
static size_t line_strip_return(struct peer *peer, const char *bytes, size_t length)
{
    if (!peer->manner.telnet) {
        return length;
    }
    if (length > 0 && bytes[length - 1] == '\r') {
        peer->carriage_returns = true;
        return length - 1;
    }
    if (peer->carriage_returns) {
        dialog_wrong(peer, "a line without CR after lines with it", bytes, length);
    }
    return length;
}

void dialog_digest(struct peer *peer)
{
    while (peer->in_first < peer->in_end && !complaint_enough()) {
        const char *bytes = peer->in + peer->in_first;
        const char *end;
        size_t length;

        if (digest_prompt(peer)) {
            continue;
        }
        end = memchr(bytes, '\n', peer->in_end - peer->in_first);
        if (end == NULL) {
            break;
        }
        length = line_strip_return(peer, bytes, (size_t)(end - bytes));
        if (take_line(peer, bytes, length) == LEDGER_LATER) {
            break;
        }
        peer->in_first = (size_t)(end - peer->in) + 1;
    }
    if (peer->in_first == peer->in_end) {
        peer->in_first = peer->in_end = 0;
    }
}

bool dialog_is_complete(struct peer *peer)
{
    size_t rest = peer->in_end - peer->in_first;

    if (rest > 0) {
        if (memchr(peer->in + peer->in_first, '\n', rest) != NULL) {
            return false;
        }
        dialog_wrong(peer, "the connection ended in the middle of a line",
                     peer->in + peer->in_first, rest);
    }
    if (peer->serial != SCRIPT_OBSERVER && peer->named &&
        ledger_check_end(peer->ledger, peer->serial) == LEDGER_LATER) {
        /* Reported once: the rest of the truncated line is not examined again. */
        peer->in_first = peer->in_end;
        return false;
    }
    if (peer->named && !peer->welcomed) {
        complaint_raise("client %u gave its name and was not welcomed", (unsigned)peer->serial);
    }
    if (peer->parting == PEER_QUITS && !peer->farewell) {
        complaint_raise("client %u sent /quit and got no goodbye", (unsigned)peer->serial);
    }
    return true;
}
