#include "base/platform.h"

#include "net/turnstile.h"

int turnstile_init(struct turnstile *turnstile, unsigned places)
{
    turnstile->places = places;
    int error = lock_init(&turnstile->lock, LOCK_RANK_TURNSTILE, "turnstile");
    if (error != 0)
        return error;
    error = condition_init(&turnstile->left);
    if (error != 0)
        lock_destroy(&turnstile->lock);
    return error;
}

void turnstile_destroy(struct turnstile *turnstile)
{
    condition_destroy(&turnstile->left);
    lock_destroy(&turnstile->lock);
}

void turnstile_enter(struct turnstile *turnstile)
{
    lock_take(&turnstile->lock);
    while (turnstile->places == 0)
        condition_wait(&turnstile->left, &turnstile->lock);
    turnstile->places--;
    lock_release(&turnstile->lock);
}

void turnstile_leave(struct turnstile *turnstile)
{
    lock_take(&turnstile->lock);
    turnstile->places++;
    condition_signal(&turnstile->left);
    lock_release(&turnstile->lock);
}
