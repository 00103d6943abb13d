#include "base/platform.h"

#include "chat/message.h"

#include <string.h>

struct words words_of(const char *string)
{
    return (struct words){string, strlen(string)};
}

char *words_copy(struct words words, char *place, size_t size)
{
    size_t length = words.length < size ? words.length : size - 1;
    if (length > 0)
        memcpy(place, words.bytes, length);
    place[length] = '\0';
    return place;
}
