/*
 * numbered: bytes that tell their place, so that none can be lost, doubled or moved unnoticed.
 */
#ifndef TESTS_UNIT_NUMBERED_H
#define TESTS_UNIT_NUMBERED_H

#include <stddef.h>
#include <stdlib.h>

/* So many of them, without line ends; the caller frees them. NULL: memory is out. */
static inline char *numbered(size_t length)
{
    char *bytes = malloc(length);
    for (size_t i = 0; bytes != NULL && i < length; i++)
        bytes[i] = (char)('0' + (i * i + i / 64) % 64);
    return bytes;
}

#endif
