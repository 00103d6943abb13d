#include "base/platform.h"

#include "archive/key.h"

#include <string.h>

bool key_copy_name(char copy[NAME_SIZE], struct words name)
{
    if (name.length == 0 || name.length > NAME_BYTES_MAX)
        return false;
    memcpy(copy, name.bytes, name.length);
    copy[name.length] = '\0';
    return true;
}

bool key_make(struct key *key, struct words name)
{
    char copy[NAME_SIZE];
    if (!key_copy_name(copy, name))
        return false;
    name_fold(copy, key->folded);
    return key->folded[0] != '\0';
}
