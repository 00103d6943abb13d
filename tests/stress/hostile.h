/*
 * hostile: clients that mean harm. Each does one thing that is cheap for it and dear for a server,
 * and mostly reads nothing: floods of telnet commands, of chat commands, of keys at a terminal, of
 * private messages; connections that come and are reset, or that stay at the prompt.
 *
 * They are not checked. They come into the room under names of the script's, as clients that may be
 * cut at any time, so the ledger knows their comings and goings, and everybody else's lines are
 * checked as ever. Each lives for a second or two, then another one comes in its place.
 *
 * Times are milliseconds of one monotonic clock. Nothing here waits. SIGPIPE must be ignored.
 */
#ifndef STRESS_HOSTILE_H
#define STRESS_HOSTILE_H

#include "ledger.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct gang;

/* Returns a gang of count hostile clients, none of which has come, or NULL without memory. */
struct gang *gang_gather(uint64_t seed, unsigned count, const struct sockaddr_storage *address,
                         socklen_t address_length, struct ledger *ledger);

/* Has each do what it does, as far as its socket takes it. victim is the name of somebody in the
   room, or NULL. Returns false without memory, or when one cannot be had at all, with errno. */
bool gang_acts(struct gang *gang, int64_t now, const char *victim);

/* Resets all their connections; none comes again unless gang_acts() is called. */
void gang_leaves(struct gang *gang);

/* Returns how many have come so far. */
unsigned gang_came(const struct gang *gang);

/* Makes them leave and frees everything. gang may be NULL. */
void gang_disperse(struct gang *gang);

/* Returns true when the line is a private message by one of them. */
bool hostile_is_letter(const char *bytes, size_t length);

#endif
