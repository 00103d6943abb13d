#include "base/platform.h"

#include "chat/talkers.h"

int talkers_init(struct talkers *talkers)
{
    *talkers = (struct talkers){.places = {{0}}};
    return lock_init(&talkers->lock, LOCK_RANK_TALKERS, "talkers");
}

void talkers_destroy(struct talkers *talkers)
{
    lock_destroy(&talkers->lock);
}

/*
 * Returns the place of a talker, or else an empty one, or else the one whose talk ends first. Wants
 * the lock held.
 */
static struct talkers_place *place_of(struct talkers *talkers, uint64_t id)
{
    struct talkers_place *soonest = &talkers->places[0];
    for (int i = 0; i < TALKERS_PLACES; i++) {
        struct talkers_place *place = &talkers->places[i];
        if (place->id == id)
            return place;
        if (place->ends < soonest->ends)
            soonest = place;
    }
    return soonest;
}

void talkers_add(struct talkers *talkers, uint64_t id, int64_t now)
{
    lock_take(&talkers->lock);
    *place_of(talkers, id) = (struct talkers_place){id, now + TALKERS_LAST};
    lock_release(&talkers->lock);
}

void talkers_remove(struct talkers *talkers, uint64_t id)
{
    lock_take(&talkers->lock);
    struct talkers_place *place = place_of(talkers, id);
    if (place->id == id)
        place->ends = 0;
    lock_release(&talkers->lock);
}

bool talkers_any(struct talkers *talkers, int64_t now)
{
    bool any = false;
    lock_take(&talkers->lock);
    for (int i = 0; i < TALKERS_PLACES; i++)
        any = any || now < talkers->places[i].ends;
    lock_release(&talkers->lock);
    return any;
}
