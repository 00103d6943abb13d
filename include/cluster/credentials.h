/*
 * credentials: what a machine shows the nats-servers so that they let it in, from a file.
 *
 * It is built where libnats is. No function here takes a lock.
 */
#ifndef CLUSTER_CREDENTIALS_H
#define CLUSTER_CREDENTIALS_H

#include <nats/nats.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Has connections show what is in a file: a line USER:PASSWORD, or what `nsc` makes, which the
 * library reads anew for each connection. NULL is no file. Returns false with a sentence without
 * its end in `fault`, which has `size` bytes. May wait for the disk.
 */
bool credentials_set(natsOptions *options, const char *path, char *fault, size_t size);

#endif
