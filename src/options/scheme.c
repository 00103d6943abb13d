#include "base/platform.h"

#include "doors/machine/machine.h"
#include "doors/plain/plain.h"
#include "net/door.h"
#include "options/scheme.h"

#include <stddef.h>
#include <string.h>

static const struct door *const doors[] = {&plain_door, &plain_telnet_door, &machine_door};

enum { DOOR_COUNT = sizeof doors / sizeof *doors };

static bool is(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

static const struct door *find_door(const char *name, size_t length)
{
    for (size_t i = 0; i < DOOR_COUNT; i++)
        if (is(name, length, doors[i]->name))
            return doors[i];
    return NULL;
}

/* Sets what a part behind a '+' says. Returns false if it says nothing, or says it again. */
static bool add_part(struct entrance *entrance, const char *part, size_t length)
{
    bool *place = is(part, length, "tls")     ? &entrance->tls
                  : is(part, length, "proxy") ? &entrance->proxy
                                              : NULL;
    if (place == NULL || *place)
        return false;
    *place = true;
    return true;
}

/* Reads what is between `scheme` and `end`. */
static bool read_part(const char *scheme, const char *end, struct entrance *entrance)
{
    *entrance = (struct entrance){.door = NULL};
    size_t length = strcspn(scheme, "+:");
    entrance->door = find_door(scheme, length);
    const char *at = scheme + length;
    while (entrance->door != NULL && at < end) {
        if (*at != '+')
            return false;
        at++;
        length = strcspn(at, "+:");
        if (!add_part(entrance, at, length))
            return false;
        at += length;
    }
    return entrance->door != NULL;
}

bool scheme_split(const char *text, struct entrance *entrance, const char **address)
{
    static const char mark[] = "://";
    const char *end = strstr(text, mark);
    *entrance = (struct entrance){.door = &plain_door};
    *address = text;
    if (end == NULL)
        return true;
    *address = end + sizeof mark - 1;
    return read_part(text, end, entrance);
}

bool scheme_read(const char *name, struct entrance *entrance)
{
    return read_part(name, name + strlen(name), entrance);
}
