#include "base/platform.h"

#include "chat/message.h"

#include <string.h>

struct words words_of(const char *string)
{
    return (struct words){string, strlen(string)};
}
