/*
 * secret: memory that held a password is overwritten before it is freed or used for something else,
 * so that it is neither in a dump of the process nor in what the process sends by mistake.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>

/* Overwrites memory in such a way that the compiler does not leave it out. */
void secret_wipe(void *memory, size_t length);

#endif
