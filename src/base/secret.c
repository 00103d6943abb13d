#include "base/platform.h"

#include "base/secret.h"

#include <string.h>

/* A compiler that knew which function this is could see that nobody reads the memory later. */
static void *(*const volatile set)(void *memory, int byte, size_t length) = memset;

void secret_wipe(void *memory, size_t length)
{
    if (length > 0)
        set(memory, 0, length);
}
