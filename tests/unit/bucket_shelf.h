/*
 * bucket_shelf: a bucket in memory that several machines share, as cluster/bucket. Each has an end
 * of its own, which may fail, or let another machine in before what it does.
 */
#ifndef TESTS_UNIT_BUCKET_SHELF_H
#define TESTS_UNIT_BUCKET_SHELF_H

#include "cluster/bucket.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { BUCKET_SHELF_MAX = 64, BUCKET_SHELF_KEY = 2800 };

struct shelved_value {
    char key[BUCKET_SHELF_KEY];
    struct buffer value;
    uint64_t revision;
    bool present;
};

struct bucket_shelf {
    pthread_mutex_t mutex;
    struct shelved_value values[BUCKET_SHELF_MAX];
    size_t count;
    uint64_t revision;
};

struct bucket_end {
    struct bucket bucket; /* first: its functions are given a pointer to it */
    struct bucket_shelf *shelf;
    unsigned calls;     /* so far */
    unsigned dies_at;   /* from that call on nothing is answered, or done; 0: never */
    unsigned puts;      /* so far */
    unsigned loses_ack; /* of that one; 0: none */
    bool loses_put;     /* and it is not done either */
    unsigned visits_at; /* before that call `visit` is called; 0: never */
    void (*visit)(void *context);
    void *context;
};

/* Returns an entry of a key, which may be a new one. Wants the mutex. */
static inline struct shelved_value *bucket_shelf_find(struct bucket_shelf *shelf, const char *key)
{
    size_t i = 0;
    while (i < shelf->count && strcmp(shelf->values[i].key, key) != 0)
        i++;
    if (i == shelf->count) {
        CU_ASSERT_TRUE_FATAL(i < BUCKET_SHELF_MAX);
        snprintf(shelf->values[i].key, BUCKET_SHELF_KEY, "%s", key);
        shelf->count++;
    }
    return &shelf->values[i];
}

/* Begins a call. Returns an errno if it is not answered. */
static inline int bucket_end_begin(struct bucket_end *end)
{
    end->calls++;
    if (end->dies_at != 0 && end->calls >= end->dies_at)
        return ETIMEDOUT;
    if (end->calls == end->visits_at)
        end->visit(end->context);
    return 0;
}

static inline int bucket_shelf_get(struct bucket *bucket, const char *key, int64_t deadline,
                                   struct buffer *value, uint64_t *revision)
{
    struct bucket_end *end = (struct bucket_end *)(void *)bucket;
    struct bucket_shelf *shelf = end->shelf;
    (void)deadline;
    int error = bucket_end_begin(end);
    if (error != 0)
        return error;
    pthread_mutex_lock(&shelf->mutex);
    const struct shelved_value *found = bucket_shelf_find(shelf, key);
    buffer_truncate(value, 0);
    *revision = found->revision;
    if (!found->present)
        error = ENOENT;
    else if (!buffer_append(value, buffer_bytes(&found->value), buffer_length(&found->value)))
        error = ENOMEM;
    pthread_mutex_unlock(&shelf->mutex);
    return error;
}

static inline int bucket_shelf_put(struct bucket *bucket, const char *key,
                                   const struct buffer *value, uint64_t revision, int64_t deadline)
{
    struct bucket_end *end = (struct bucket_end *)(void *)bucket;
    struct bucket_shelf *shelf = end->shelf;
    (void)deadline;
    int error = bucket_end_begin(end);
    bool lost = ++end->puts == end->loses_ack;
    if (error != 0 || (lost && end->loses_put))
        return ETIMEDOUT;
    pthread_mutex_lock(&shelf->mutex);
    struct shelved_value *found = bucket_shelf_find(shelf, key);
    if (found->revision != revision) {
        error = EAGAIN;
    } else {
        found->revision = ++shelf->revision;
        found->present = value != NULL;
        buffer_truncate(&found->value, 0);
        if (value != NULL)
            CU_ASSERT_TRUE(buffer_append(&found->value, buffer_bytes(value), buffer_length(value)));
    }
    pthread_mutex_unlock(&shelf->mutex);
    return lost ? ETIMEDOUT : error;
}

static const struct bucket_functions bucket_shelf_functions = {bucket_shelf_get, bucket_shelf_put};

static inline void bucket_shelf_open(struct bucket_shelf *shelf)
{
    memset(shelf, 0, sizeof *shelf);
    pthread_mutex_init(&shelf->mutex, NULL);
}

static inline void bucket_shelf_close(struct bucket_shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++)
        buffer_free(&shelf->values[i].value);
    pthread_mutex_destroy(&shelf->mutex);
}

#endif
