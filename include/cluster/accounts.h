/*
 * accounts: the accounts of a cluster (the people of chat/archive.h), in a bucket that all machines
 * share. An account is where its name is looked for: its key is how the name looks in the caseless
 * view. How it looks as typed is claimed besides, so that of two names that look alike on two
 * machines one is registered.
 *
 * Each operation ends after `patience`, whatever the bucket does: ARCHIVE_FAILED if nothing was
 * changed, ARCHIVE_UNSURE if nobody knows. What was asked for on another machine before is seen.
 *
 * Two threads serve all callers: one has the bucket read and changed, one hashes passwords.
 */
#ifndef CLUSTER_ACCOUNTS_H
#define CLUSTER_ACCOUNTS_H

#include "archive/person.h"
#include "chat/archive.h"
#include "cluster/accounts_config.h"

struct accounts;

/* Starts the threads. Returns 0 or an errno. */
int accounts_open(struct accounts **accounts, const struct accounts_config *config);

/* Returns the archive, of which there are only people; valid until the accounts are freed. */
struct archive *accounts_archive(struct accounts *accounts);

/* Adds an account with its hash, but without what belongs to it. Returns as enroll(). */
enum archive_result accounts_import(struct accounts *accounts, const struct archive_person *person);

/* The server stops: whoever waits for the bucket does so for a short time only. Does not wait. */
void accounts_hurry(struct accounts *accounts);

/*
 * Refuses what is asked for from now on, stores what was queued, for two seconds at most, and ends
 * the threads.
 */
void accounts_stop(struct accounts *accounts);

/* Frees accounts that have been stopped, and that no thread calls any more. NULL is none. */
void accounts_free(struct accounts *accounts);

#endif
