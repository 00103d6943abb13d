/*
 * allocations: makes allocations of the program that is compiled with it fail, on order.
 *
 * The compiler is told to include this before each source (-include). Calls of malloc(), calloc(),
 * realloc() and tsearch(), which allocates too, are counted then, and those fail that were ordered
 * to. What a library allocates besides is left alone.
 *
 * The orders are in the file that the environment variable FAULT_ORDERS names, as is what came of
 * them; see struct fault_order. Without that variable nothing fails.
 */
#ifndef TESTS_FAULT_ALLOCATIONS_H
#define TESTS_FAULT_ALLOCATIONS_H

#include "base/platform.h"

#include <search.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* What the test writes, at the beginning of the file: a new order has a new number. */
struct fault_order {
    uint32_t number;
    uint32_t first, last; /* the allocations to fail, counted from the order on; 0: none */
};

/* What the program writes, behind it. */
struct fault_record {
    uint32_t number;          /* of the order that it is about */
    uint32_t counted, failed; /* allocations since that order */
};

void *fault_malloc(size_t size);
void *fault_calloc(size_t count, size_t size);
void *fault_realloc(void *memory, size_t size);
void *fault_tsearch(const void *key, void **root, int (*compare)(const void *, const void *));

#define malloc(size)                fault_malloc(size)
#define calloc(count, size)         fault_calloc(count, size)
#define realloc(memory, size)       fault_realloc(memory, size)
#define tsearch(key, root, compare) fault_tsearch(key, root, compare)

#endif
