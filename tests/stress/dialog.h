/*
 * dialog: how a simulated client handles the lines it gets. It is a part of peer, and only peer.c
 * uses it.
 */
#ifndef STRESS_DIALOG_H
#define STRESS_DIALOG_H

#include "peer.h"

/* Queues the client's name, and before it, in the manner of some clients, a name that is taken. */
void dialog_introduce(struct peer *peer);

/* Processes the received lines, as far as the ledger reaches. */
void dialog_digest(struct peer *peer);

/* Returns true when everything that the departed client got was checked, and nothing is missing. */
bool dialog_is_complete(struct peer *peer);

/* Queues one line as a person or program might type it. peer.c defines it. */
void peer_type(struct peer *peer, const char *bytes, size_t length);

#endif
