/*
 * operators: the names that the server's options give operators, whose accounts keep order
 * (chat/accounts.h). It copies the names.
 *
 * Functions but init and destroy may be called by any thread; they take its lock.
 */
#ifndef CHAT_OPERATORS_H
#define CHAT_OPERATORS_H

#include "base/lock.h"

#include <stdbool.h>
#include <stddef.h>

struct operators {
    struct lock lock;
    char *names; /* one behind the other, each with its NUL, and an empty one at the end */
};

/* Begins with these names. Returns 0 or an errno. */
int operators_init(struct operators *operators, const char *const *names, size_t count);

void operators_destroy(struct operators *operators);

/*
 * Replaces the names. The former ones, as they stand above, are the caller's to free. Returns
 * false, with the names unchanged, when memory is out.
 */
bool operators_set(struct operators *operators, const char *const *names, size_t count,
                   char **former);

/* Whether a name is among them (name_equals()). */
bool operators_have(struct operators *operators, const char *name);

#endif
