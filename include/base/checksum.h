/* checksum: a number by which damage to bytes is noticed. It is no protection against forgery. */
#ifndef BASE_CHECKSUM_H
#define BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Returns the CRC-32 (ISO 3309) of bytes. */
uint32_t checksum_of(const void *bytes, size_t length);

#endif
