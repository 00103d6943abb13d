/*
 * postman: one thread that waits for sockets that were full and sends on what is in their
 * outboxes when they can take more.
 */
#ifndef NET_POSTMAN_H
#define NET_POSTMAN_H

struct outbox;
struct postman;

/* Starts the thread. Returns 0 and the postman, or an errno. */
int postman_start(struct postman **postman);

/*
 * Hands over an outbox with something pending. Its conn is kept alive until the postman is done
 * with it. The caller holds the outbox lock and has marked the outbox as parked. Takes the
 * postman lock; never waits, never fails.
 */
void postman_park(struct postman *postman, struct outbox *outbox);

/*
 * Ends the thread and lets go of what it still had. Every parked outbox's socket must have been
 * shut down, and nobody may park one any more.
 */
void postman_stop(struct postman *postman);

#endif
