/*
 * fields: numbers, names and texts as bytes, for machines of a cluster to read. All numbers have
 * the most significant byte first, whatever the machine; names and texts have their length before
 * them. What is read is never trusted: a reader notes what is wrong, and goes on with zeros.
 *
 * No function here takes a lock or keeps state; reading allocates nothing.
 */
#ifndef CLUSTER_FIELDS_H
#define CLUSTER_FIELDS_H

#include "base/buffer.h"
#include "chat/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reading goes on at `at`. What is behind the end reads as zero, and is a failure. */
struct fields {
    const unsigned char *at, *end;
    bool failed; /* something that was read is against the rules: nothing of it may be used */
};

/* Begins to read bytes, which must outlive the reader and the words that it returns. */
struct fields fields_of(const void *bytes, size_t length);

/* Returns how many bytes have not been read. */
size_t fields_left(const struct fields *fields);

/* Each reads the next field. */
uint64_t fields_number(struct fields *fields, size_t bytes); /* of 1 to 8 bytes */
uint64_t fields_id(struct fields *fields);                   /* 8 bytes, not 0 */
int64_t fields_time(struct fields *fields);                  /* 8 bytes, not negative */
bool fields_flag(struct fields *fields);                     /* 1 byte, 0 or 1 */
struct words fields_words(struct fields *fields, size_t length_bytes);
struct words fields_name(struct fields *fields); /* one that is well made (chat/name) */

/* Text for people (text_is_clean()), of up to `most` bytes. */
struct words fields_text(struct fields *fields, size_t length_bytes, size_t most);

/*
 * Append a field. Return false without memory. A length that does not fit is written as the highest
 * one, which no reader takes: no words may be that long.
 */
bool fields_put_number(struct buffer *out, uint64_t number, size_t bytes);
bool fields_put_words(struct buffer *out, struct words words, size_t length_bytes);

/* Writes a number over bytes that are there. */
void fields_store_number(unsigned char *place, uint64_t number, size_t bytes);

#endif
