/*
 * allocations: makes chosen allocations of a program fail.
 *
 * The compiler is told to include this before each source (-include). Then calls of malloc(),
 * calloc(), realloc() and tsearch(), which allocates too, are counted, and those fail that an order
 * selects. Other allocations within libraries are unaffected.
 *
 * The orders and their results are in the file that the environment variable FAULT_ORDERS names;
 * see struct fault_order. Without that variable nothing fails.
 */
#ifndef TESTS_FAULT_ALLOCATIONS_H
#define TESTS_FAULT_ALLOCATIONS_H

#include "base/platform.h"

#include <search.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Written by the test, at the beginning of the file: a new order has a new number. */
struct fault_order {
    uint32_t number;
    uint32_t first, last; /* the allocations that fail, counted from the order on; 0: none */
};

/* Written by the program, behind the order. */
struct fault_record {
    uint32_t number;          /* of the order that the record is about */
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
