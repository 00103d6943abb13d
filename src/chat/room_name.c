#include "base/platform.h"

#include "base/unicode.h"
#include "chat/room_name.h"

#include <string.h>

/* The characters that the name of a room may have besides letters and digits. */
static const char signs[] = "-._";

static bool is_allowed(uint32_t character)
{
    bool sign = character < 0x80 && character != 0 && strchr(signs, (int)character) != NULL;
    return sign || (unicode_properties(character) & UNICODE_WORD) != 0;
}

bool room_name_read(const char *bytes, size_t length, char name[NAME_SIZE])
{
    size_t hash = length > 0 && bytes[0] == '#';
    bytes += hash;
    length -= hash;
    if (!name_is_well_made(bytes, length))
        return false;
    for (size_t at = 0; at < length;) {
        uint32_t character;
        at += text_decode(bytes + at, length - at, &character);
        if (!is_allowed(character))
            return false;
    }
    memcpy(name, bytes, length);
    name[length] = '\0';
    return true;
}
