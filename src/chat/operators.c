#include "base/platform.h"

#include "chat/name.h"
#include "chat/operators.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int operators_init(struct operators *operators, const char *const *names, size_t count)
{
    *operators = (struct operators){.names = NULL};
    int error = lock_init(&operators->lock, LOCK_RANK_RELOADED, "operators");
    if (error != 0)
        return error;
    char *none;
    if (operators_set(operators, names, count, &none))
        return 0;
    lock_destroy(&operators->lock);
    return ENOMEM;
}

void operators_destroy(struct operators *operators)
{
    lock_destroy(&operators->lock);
    free(operators->names);
}

bool operators_set(struct operators *operators, const char *const *names, size_t count,
                   char **former)
{
    size_t size = 1;
    for (size_t i = 0; i < count; i++)
        size += strlen(names[i]) + 1;
    char *copy = malloc(size);
    if (copy == NULL)
        return false;
    char *end = copy;
    for (size_t i = 0; i < count; i++) {
        strcpy(end, names[i]);
        end += strlen(end) + 1;
    }
    *end = '\0';
    lock_take(&operators->lock);
    *former = operators->names;
    operators->names = copy;
    lock_release(&operators->lock);
    return true;
}

bool operators_have(struct operators *operators, const char *name)
{
    bool have = false;
    lock_take(&operators->lock);
    for (const char *known = operators->names; *known != '\0' && !have; known += strlen(known) + 1)
        have = name_equals(known, name);
    lock_release(&operators->lock);
    return have;
}
