/*
 * threads: the threads of a store, by which the operations of its archive reach the file: one
 * writes, one reads, one hashes passwords.
 */
#ifndef STORE_THREADS_H
#define STORE_THREADS_H

#include "chat/archive.h"
#include "archive/worker.h"
#include "store/writer.h"

struct threads {
    struct archive archive; /* the first, so that an archive leads to its threads */
    struct writer *writer;
    struct worker *reader;
    struct worker *hasher;
};

static inline struct threads *threads_of(struct archive *archive)
{
    return (struct threads *)archive;
}

#endif
