/*
 * data_file: the file of `--data`, from the checks at start on. It is locked for as long as it is
 * open, by a second file beside it, FILE-lock: SQLite has locks of its own on the file itself, and
 * they do not keep two servers apart.
 */
#ifndef STORE_DATA_FILE_H
#define STORE_DATA_FILE_H

#include "store/database.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

enum { DATA_FILE_PATH_SIZE = 4096, DATA_FILE_FAULT_SIZE = 2 * DATA_FILE_PATH_SIZE };

struct data_file {
    int lock; /* descriptor of FILE-lock, which is locked */
    char path[DATA_FILE_PATH_SIZE];
    struct database database; /* for writing */
};

/*
 * Locks and opens a file, creates it if there is none, and brings it to the newest schema. Only its
 * owner may read a file that is created. Returns false, with nothing open and a sentence about the
 * file, the cause and the remedy in `fault`, if the file must not or cannot be used.
 *
 * The lock is one of the process (fcntl): a process must not open a file twice.
 */
bool data_file_open(struct data_file *file, const char *path, char fault[DATA_FILE_FAULT_SIZE]);

/* Closes and unlocks the file. Other connections to it are closed before. */
void data_file_close(struct data_file *file);

#endif
