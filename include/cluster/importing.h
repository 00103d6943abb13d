/*
 * importing: accounts that are brought into a cluster from elsewhere, by a program that takes no
 * part in it.
 *
 * A build without libnats has none: importing_open() fails.
 */
#ifndef CLUSTER_IMPORTING_H
#define CLUSTER_IMPORTING_H

#include "archive/person.h"

enum { IMPORTING_FAULT_SIZE = 256 };

struct importing;

struct importing_config {
    const char *servers; /* as in node_config, with the next two */
    const char *cluster;
    const char *credentials;
};

/*
 * Connects to the accounts of a cluster. Returns NULL, with a sentence without its end in `fault`,
 * if that fails. Waits a few seconds for the servers.
 */
struct importing *importing_open(const struct importing_config *config,
                                 char fault[IMPORTING_FAULT_SIZE]);

/* Adds an account, without what belongs to it. Returns as enroll() of chat/archive.h. */
enum archive_result importing_add(struct importing *importing, const struct archive_person *person);

/*
 * Gives an account whom it ignores and the messages that are kept for it, by the rules of
 * chat/archive.h: which of them ignored persons wrote are left out.
 */
enum archive_result importing_give(struct importing *importing,
                                   const struct archive_person *person);

void importing_close(struct importing *importing);

#endif
