/*
 * people_export: the accounts of a data file that no server has open, for another archive.
 */
#ifndef STORE_PEOPLE_EXPORT_H
#define STORE_PEOPLE_EXPORT_H

#include "archive/person.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

struct people_export;

/*
 * Opens and locks a file, which is there, and brings it to the newest schema. Returns NULL, with a
 * sentence in `fault`, if that fails.
 */
struct people_export *people_export_open(const char *path, char fault[STORE_FAULT_SIZE]);

/* Visits all accounts by their names. Returns false if the file or memory fails. */
bool people_export_visit(struct people_export *people, archive_visit_person *visit, void *context);

/* Return how many kept rooms, and how many bans and mutes the file has; -1 if it fails. */
int64_t people_export_count_rooms(struct people_export *people);
int64_t people_export_count_sanctions(struct people_export *people);

/* Closes the file. */
void people_export_close(struct people_export *people);

#endif
