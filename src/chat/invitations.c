#include "base/platform.h"

#include "chat/invitations.h"
#include "chat/user.h"

#include <stdlib.h>
#include <string.h>

void invitations_free(struct invitations *invitations)
{
    for (size_t i = 0; i < invitations->count; i++)
        free(invitations->list[i].name);
    free(invitations->list);
    *invitations = (struct invitations){0};
}

static bool is_of_user(const struct invitation *invitation, uint64_t user)
{
    return user != 0 && invitation->user == user;
}

/* Names are compared only if their hashes are equal. */
static bool is_of_name(const struct invitation *invitation, const char *name, uint64_t hash)
{
    return name != NULL && invitation->name != NULL && invitation->hash == hash &&
           name_equals(invitation->name, name);
}

static bool reserve(struct invitations *invitations)
{
    if (invitations->count < invitations->capacity)
        return true;
    size_t capacity = invitations->capacity == 0 ? 4 : 2 * invitations->capacity;
    struct invitation *list = realloc(invitations->list, capacity * sizeof *list);
    if (list == NULL)
        return false;
    invitations->list = list;
    invitations->capacity = capacity;
    return true;
}

static void take_out(struct invitations *invitations, size_t i)
{
    free(invitations->list[i].name);
    invitations->count--;
    memmove(invitations->list + i, invitations->list + i + 1,
            (invitations->count - i) * sizeof *invitations->list);
}

static bool set_name(struct invitation *invitation, const char *name)
{
    invitation->name = malloc(strlen(name) + 1);
    if (invitation->name == NULL)
        return false;
    strcpy(invitation->name, name);
    invitation->hash = name_hash(name, NAME_CASELESS);
    return true;
}

static bool has_user(const struct invitations *invitations, uint64_t user)
{
    for (size_t i = 0; i < invitations->count; i++)
        if (is_of_user(&invitations->list[i], user))
            return true;
    return false;
}

bool invitations_add(struct invitations *invitations, uint64_t user, const char *name)
{
    struct invitation invitation = {.user = user};
    if (name == NULL && has_user(invitations, user))
        return true;
    if (!reserve(invitations) || (name != NULL && !set_name(&invitation, name)))
        return false;
    invitations_withdraw(invitations, user, name);
    if (invitations->count == INVITATIONS_MAX)
        take_out(invitations, 0);
    invitations->list[invitations->count++] = invitation;
    return true;
}

bool invitations_withdraw(struct invitations *invitations, uint64_t user, const char *name)
{
    uint64_t hash = name != NULL ? name_hash(name, NAME_CASELESS) : 0;
    bool named = false;
    for (size_t i = invitations->count; i-- > 0;) {
        const struct invitation *invitation = &invitations->list[i];
        if (!is_of_user(invitation, user) && !is_of_name(invitation, name, hash))
            continue;
        named = named || invitation->name != NULL;
        take_out(invitations, i);
    }
    return named;
}

bool invitations_include(const struct invitations *invitations, const struct user *user)
{
    const char *name = user_is_registered(user) ? user->name : NULL;
    for (size_t i = 0; i < invitations->count; i++) {
        const struct invitation *invitation = &invitations->list[i];
        if (is_of_user(invitation, user->id) ||
            is_of_name(invitation, name, user->looks.hash[NAME_CASELESS]))
            return true;
    }
    return false;
}

bool invitations_add_names(struct invitations *invitations, const struct invitations *other)
{
    for (size_t i = 0; i < other->count; i++)
        if (other->list[i].name != NULL && !invitations_add(invitations, 0, other->list[i].name))
            return false;
    return true;
}
