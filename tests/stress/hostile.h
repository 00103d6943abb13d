/*
 * hostile: clients that attack the server. Each repeats one action that is cheap for it and
 * expensive for a server, and mostly reads nothing: floods of telnet commands, of chat commands, of
 * keys at a terminal, of private messages; connections that are reset at once, or that stay at the
 * prompt.
 *
 * They are not checked. They join under names of the script, as clients that may be cut off at any
 * time, so that the ledger knows their joins and leaves, and the other clients' lines are checked
 * as usual. Each lives for a second or two, then another one replaces it.
 *
 * Times are milliseconds of one monotonic clock. No function waits. SIGPIPE must be ignored.
 */
#ifndef STRESS_HOSTILE_H
#define STRESS_HOSTILE_H

#include "channel.h"
#include "ledger.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gang;

/* Returns a gang of count hostile clients, none of them connected, or NULL when memory is out. */
struct gang *gang_gather(uint64_t seed, unsigned count, const struct place *place,
                         struct ledger *ledger);

/*
 * Lets each client act, as far as its socket allows. victim is the name of a client in the room, or
 * NULL. Returns false when memory is out, or when a client cannot be created at all, with errno.
 */
bool gang_acts(struct gang *gang, int64_t now, const char *victim);

/* Resets all their connections; new ones are only made by gang_acts(). */
void gang_leaves(struct gang *gang);

/* Returns how many have connected so far. */
unsigned gang_came(const struct gang *gang);

/* Disconnects them and frees everything. gang may be NULL. */
void gang_disperse(struct gang *gang);

/* Returns true when the line is a private message from one of them. */
bool hostile_is_letter(const char *bytes, size_t length);

#endif
