/*
 * ledger: what everyone in the room must get, and whether they did.
 *
 * The observer is in the room from before the first client to after the last and says nothing, so
 * the lines it gets are the room's one order: the ledger. Each line is checked against the script
 * as it is entered, which settles that authors' lines are whole, complete and in order between
 * their join and left notices. Everyone else must get a contiguous slice of the ledger: from just
 * after their own join notice to just before their own left notice, their own lines skipped. That
 * needs one position per client and the ledger's lines from the hindmost position on; what all have
 * passed is forgotten.
 *
 * A client may get a line before the observer does. It has to wait then: the answer is
 * LEDGER_LATER, and the caller offers the same line again once the ledger has grown.
 *
 * Private messages are kept for the whole run, some 30 bytes each. The ledger knows clients by
 * serial number only, and nothing of sockets. Violations go to complaint.
 */
#ifndef STRESS_LEDGER_H
#define STRESS_LEDGER_H

#include "script.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger;

enum ledger_answer { LEDGER_TAKEN, LEDGER_LATER };

/* How a client leaves: not at all yet, so that all it said must arrive, or so that the last of it
   may be lost. */
enum ledger_parting { LEDGER_STAYS, LEDGER_LEAVES, LEDGER_IS_CUT };

struct ledger_totals {
    uint64_t lines;      /* entered in the ledger */
    uint64_t deliveries; /* checked: lines got by clients, the observer's own too */
    uint32_t letters;    /* private messages delivered */
    uint32_t joins;
};

/* Returns a ledger in which the observer alone is in the room, or NULL without memory. */
struct ledger *ledger_open(uint64_t seed);
void ledger_close(struct ledger *ledger);

/* Makes up a new client and stores its serial number. Returns false without memory. */
bool ledger_admit(struct ledger *ledger, uint32_t *serial);

/* Notes that the client has given, or is about to give, its name: it may join from now on. */
void ledger_named(struct ledger *ledger, uint32_t serial);

/* Counts one more action of the client as said, and returns its number. */
uint32_t ledger_said(struct ledger *ledger, uint32_t serial);

/* Notes that from now on the client may leave the room, and how. What a client that is cut got is
   not checked any more. */
void ledger_parting(struct ledger *ledger, uint32_t serial, enum ledger_parting parting);

/* Enters a line of the room that the observer got. */
void ledger_enter(struct ledger *ledger, const char *bytes, size_t length);

/* Checks a line of the room that client serial got. The line is taken unless it is ahead of the
   ledger. */
enum ledger_answer ledger_check(struct ledger *ledger, uint32_t serial, const char *bytes,
                                size_t length);

/* Checks the welcome's list of who is here, separated by commas. It has to wait until the join is
   in the ledger. */
enum ledger_answer ledger_check_company(struct ledger *ledger, uint32_t serial, const char *list,
                                        size_t length);

/* Checks that client serial, which will get nothing more, has got everything up to its leaving. It
   has to wait until the left notice is in the ledger. */
enum ledger_answer ledger_check_end(struct ledger *ledger, uint32_t serial);

/* Makes up a private message between two clients, and writes what the sender has to type. The names
   are those that the sender has by its own account and the addressee by the ledger's. Returns false
   when the addressee is not in the room, or without memory. */
bool ledger_letter(struct ledger *ledger, uint32_t from, uint32_t to, struct script_line *line);

/* Checks a private message that client serial got. Returns false when the line is not one. */
bool ledger_letter_got(struct ledger *ledger, uint32_t serial, const char *bytes, size_t length);

/* Takes a server's answer that an addressee of client serial is not there. Returns false when the
   line names nobody that the client wrote to. */
bool ledger_letter_refused(struct ledger *ledger, uint32_t serial, const char *bytes,
                           size_t length);

/* Returns how many private messages are neither delivered nor refused although sender and addressee
   are both to be relied on: the sender was not cut, the addressee is in the room to stay. Complains
   of each when told so, and of those that were both delivered and refused. */
uint32_t ledger_letters_missing(const struct ledger *ledger, bool complain);

/* Returns true when client serial is in the room, the observer has got all it said, and it has got
   all that the observer has. */
bool ledger_settled(const struct ledger *ledger, uint32_t serial);

/* Writes the name that client serial has by the ledger, terminated. Returns false when it is not in
   the room. */
bool ledger_name(const struct ledger *ledger, uint32_t serial, char name[SCRIPT_NAME_BYTES]);

/* Returns how many clients are in the room by the ledger, the observer not counted. */
uint32_t ledger_present(const struct ledger *ledger);

/* Returns how many lines were said, by clients that were not cut, and are not in the ledger yet. */
uint32_t ledger_in_flight(const struct ledger *ledger);

/* Returns how many bytes of lines were ever entered. */
uint64_t ledger_volume(const struct ledger *ledger);

/* Adds to the last complaint how far client serial is. */
void ledger_describe(const struct ledger *ledger, uint32_t serial);

/* Returns the sums of the run. */
struct ledger_totals ledger_totals(const struct ledger *ledger);

#endif
