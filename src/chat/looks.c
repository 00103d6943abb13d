#include "base/platform.h"

#include "chat/looks.h"

#include <stdlib.h>
#include <string.h>

struct looks {
    size_t count, capacity;
    struct name_looks names[];
};

struct name_looks name_looks_of(struct words name)
{
    char copy[NAME_SIZE];
    struct name_looks looks = {{0}};
    if (name.length == 0 || name.length >= sizeof copy)
        return looks;
    memcpy(copy, name.bytes, name.length);
    copy[name.length] = '\0';
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++)
        looks.hash[view] = name_hash(copy, view);
    return looks;
}

size_t looks_count(const struct looks *looks)
{
    return looks != NULL ? looks->count : 0;
}

const struct name_looks *looks_at(const struct looks *looks, size_t index)
{
    return &looks->names[index];
}

static bool is_full(const struct looks *looks)
{
    return looks == NULL || looks->count == looks->capacity;
}

bool looks_add(struct looks **looks, const struct name_looks *name)
{
    if (is_full(*looks)) {
        size_t capacity = *looks != NULL ? 2 * (*looks)->capacity : 4;
        struct looks *longer = realloc(*looks, sizeof *longer + capacity * sizeof *longer->names);
        if (longer == NULL)
            return false;
        if (*looks == NULL)
            longer->count = 0;
        longer->capacity = capacity;
        *looks = longer;
    }
    (*looks)->names[(*looks)->count++] = *name;
    return true;
}

void looks_truncate(struct looks *looks, size_t count)
{
    if (looks != NULL && looks->count > count)
        looks->count = count;
}

void looks_empty(struct looks **looks, size_t kept)
{
    looks_truncate(*looks, 0);
    if (*looks == NULL || (*looks)->capacity * sizeof *(*looks)->names <= kept)
        return;
    free(*looks);
    *looks = NULL;
}
