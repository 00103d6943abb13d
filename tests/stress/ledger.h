/*
 * ledger: what every client in the room must receive, and whether it did.
 *
 * The observer is in the room from before the first client to after the last and sends nothing, so
 * the lines that it gets are the room's one order: the ledger. Each line is checked against the
 * script when it is entered. That proves that each author's lines are whole, complete and in order
 * between its join and left notices. Every other client must receive a contiguous slice of the
 * ledger: from just after its own join notice to just before its own left notice, without its own
 * lines. That needs one position per client and the ledger's lines from the slowest client's
 * position on; lines that all have passed are dropped.
 *
 * A client may get a line before the observer does. Then the answer is LEDGER_LATER, and the caller
 * offers the same line again when the ledger has grown.
 *
 * Private messages are kept for the whole run, some 30 bytes each. The ledger knows clients by
 * serial number only, and does not know sockets. Violations are reported to complaint.
 */
#ifndef STRESS_LEDGER_H
#define STRESS_LEDGER_H

#include "script.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger;

enum ledger_answer { LEDGER_TAKEN, LEDGER_LATER };

/*
 * How a client leaves: not yet; so that all its lines must arrive; or so that the last ones may be
 * lost.
 */
enum ledger_parting { LEDGER_STAYS, LEDGER_LEAVES, LEDGER_IS_CUT };

struct ledger_totals {
    uint64_t lines;      /* entered in the ledger */
    uint64_t deliveries; /* lines checked, including the observer's own */
    uint32_t letters;    /* private messages delivered */
    uint32_t joins;
};

/* Returns a ledger with only the observer in the room, or NULL when memory is out. */
struct ledger *ledger_open(uint64_t seed);
void ledger_close(struct ledger *ledger);

/* Adds a new client and stores its serial number. Returns false when memory is out. */
bool ledger_admit(struct ledger *ledger, uint32_t *serial);

/* Records that the client has sent its name, or is about to: it may join from now on. */
void ledger_named(struct ledger *ledger, uint32_t serial);

/* Counts one more action of the client as sent, and returns its number. */
uint32_t ledger_said(struct ledger *ledger, uint32_t serial);

/*
 * Records that from now on the client may leave the room, and how. The lines of a client that is
 * cut off are not checked any more.
 */
void ledger_parting(struct ledger *ledger, uint32_t serial, enum ledger_parting parting);

/* Enters a room line that the observer got. */
void ledger_enter(struct ledger *ledger, const char *bytes, size_t length);

/*
 * Checks a room line that client serial got. The line is processed unless it is ahead of the
 * ledger.
 */
enum ledger_answer ledger_check(struct ledger *ledger, uint32_t serial, const char *bytes,
                                size_t length);

/*
 * Checks the welcome's list of members, separated by commas. The answer is LEDGER_LATER until the
 * join is in the ledger.
 */
enum ledger_answer ledger_check_company(struct ledger *ledger, uint32_t serial, const char *list,
                                        size_t length);

/*
 * Checks that client serial, which receives nothing more, has got everything up to its leave. The
 * answer is LEDGER_LATER until the left notice is in the ledger.
 */
enum ledger_answer ledger_check_end(struct ledger *ledger, uint32_t serial);

/*
 * Creates a private message between two clients, and writes what the sender must type. The sender
 * has the name of its own last rename, the addressee that of the ledger. Returns false when the
 * addressee is not in the room, or when memory is out.
 */
bool ledger_letter(struct ledger *ledger, uint32_t from, uint32_t to, struct script_line *line);

/* Checks a private message that client serial got. Returns false when the line is not one. */
bool ledger_letter_got(struct ledger *ledger, uint32_t serial, const char *bytes, size_t length);

/*
 * Processes the server's answer that an addressee of client serial is not there. Returns false when
 * the line names nobody to whom the client wrote.
 */
bool ledger_letter_refused(struct ledger *ledger, uint32_t serial, const char *bytes,
                           size_t length);

/*
 * Returns how many private messages are neither delivered nor refused although they must be: the
 * sender was not cut off, and the addressee stays in the room. With complain, reports each of them,
 * and those that were both delivered and refused.
 */
uint32_t ledger_letters_missing(const struct ledger *ledger, bool complain);

/*
 * Returns true when client serial is in the room, the observer has got all its lines, and it has
 * got all that the observer has.
 */
bool ledger_settled(const struct ledger *ledger, uint32_t serial);

/*
 * Writes the name of client serial by the ledger, with a NUL. Returns false when it is not in the
 * room.
 */
bool ledger_name(const struct ledger *ledger, uint32_t serial, char name[SCRIPT_NAME_BYTES]);

/* Returns how many clients are in the room by the ledger, without the observer. */
uint32_t ledger_present(const struct ledger *ledger);

/*
 * Returns how many lines were sent by clients that were not cut off, and are not in the ledger yet.
 */
uint32_t ledger_in_flight(const struct ledger *ledger);

/* Returns how many bytes of lines were entered so far. */
uint64_t ledger_volume(const struct ledger *ledger);

/* Adds to the last violation how far client serial has got. */
void ledger_describe(const struct ledger *ledger, uint32_t serial);

/* Returns the totals of the run. */
struct ledger_totals ledger_totals(const struct ledger *ledger);

#endif
