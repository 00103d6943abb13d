#include "base/platform.h"

#include "cluster/stream_name.h"

#include <string.h>

_Static_assert(STREAM_NAME_MAX == 32, "STREAM_NAME_FORM says otherwise");

bool stream_name_is_allowed(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t length = strlen(name);
    return length > 0 && length <= STREAM_NAME_MAX && strspn(name, allowed) == length;
}
