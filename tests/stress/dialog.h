/*
 * dialog: what a simulated client makes of the lines it gets. It belongs to peer, and only peer.c
 * uses it.
 */
#ifndef STRESS_DIALOG_H
#define STRESS_DIALOG_H

#include "peer.h"

/* Queues the client's name, and before it, if that is its manner, one that is taken. */
void dialog_introduce(struct peer *peer);

/* Takes the received lines, as many as are there and as the ledger reaches. */
void dialog_digest(struct peer *peer);

/* Returns true when the departed client has been checked to the end: everything it got, and that
   nothing is missing. */
bool dialog_is_complete(struct peer *peer);

/* Queues one line as a person or program might type it. Peer provides this. */
void peer_type(struct peer *peer, const char *bytes, size_t length);

#endif
