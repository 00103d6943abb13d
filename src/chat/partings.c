#include "base/platform.h"

#include "chat/partings.h"

#include <stdlib.h>

struct parting *parting_create(const char *name, size_t places_most)
{
    struct parting *parting = malloc(sizeof *parting + places_most * sizeof *parting->places);
    if (parting == NULL)
        return NULL;
    parting->next = NULL;
    parting->count = 0;
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++)
        parting->looks[view] = name_hash(name, view);
    return parting;
}

void partings_add(struct partings *partings, struct parting *parting)
{
    struct parting **place = partings->end != NULL ? partings->end : &partings->first;
    *place = parting;
    partings->end = &parting->next;
}

/* Another name with this hash has its bearer wait in vain, and not long. */
static bool looks_like(const struct parting *parting, const uint64_t looks[NAME_VIEWS])
{
    bool alike = false;
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++)
        alike = alike || parting->looks[view] == looks[view];
    return alike;
}

bool partings_find(const struct partings *partings, const char *name, struct parting_place *place)
{
    const struct parting *parting = partings->first;
    uint64_t looks[NAME_VIEWS];
    if (parting == NULL)
        return false; /* as nearly always */
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS && name != NULL; view++)
        looks[view] = name_hash(name, view);
    while (parting != NULL && name != NULL && !looks_like(parting, looks))
        parting = parting->next;
    if (parting != NULL)
        *place = parting->places[0];
    return parting != NULL;
}

static void remove_told(struct parting *parting, const struct parting_place *told)
{
    size_t left = 0;
    for (size_t i = 0; i < parting->count; i++) {
        const struct parting_place place = parting->places[i];
        if (place.room != told->room || place.last > told->last)
            parting->places[left++] = place;
    }
    parting->count = left;
}

void partings_tell(struct partings *partings, const struct parting_place *told)
{
    struct parting **place = &partings->first;
    while (*place != NULL) {
        struct parting *parting = *place;
        remove_told(parting, told);
        if (parting->count > 0) {
            place = &parting->next;
        } else {
            *place = parting->next;
            free(parting);
        }
    }
    partings->end = place;
}

void partings_free(struct partings *partings)
{
    struct parting *next;
    for (struct parting *parting = partings->first; parting != NULL; parting = next) {
        next = parting->next;
        free(parting);
    }
    *partings = (struct partings){0};
}
