/*
 * warden: who makes a room of a town, keeps order in it, and writes down what is said there: a
 * program that is in that room alone from the beginning to the end, and says nothing. The lobby's
 * warden has not made it; it writes down, and kicks people out of the chat if it is an operator.
 */
#ifndef STRESS_WARDEN_H
#define STRESS_WARDEN_H

#include "chance.h"
#include "chronicle.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

enum { WARDEN_MEASURES_MAX = 16 };

enum measure_kind {
    MEASURE_EXPEL, /* out of the chat */
    MEASURE_KICK,
    MEASURE_MUTE,
    MEASURE_UNMUTE,
    MEASURE_FLOOR,
    MEASURE_NO_FLOOR,
    MEASURE_MODERATE,
    MEASURE_FREE,
    MEASURE_SYNC
};

/* A command that is not answered yet. */
struct measure {
    enum measure_kind kind;
    uint32_t serial;
    enum rule before; /* that holds if it fails */
};

struct warden {
    struct wire wire;
    struct chronicle *chronicle;
    uint64_t seed;
    int room;
    struct chance mind;
    bool operator; /* its name is registered, and of --operator */
    bool settled;  /* is in its room alone */
    bool leaving;
    unsigned replies; /* to what it did to get there */
    bool moderates;
    uint32_t last_muted, last_given; /* whom it unmutes, from whom it takes the floor */
    struct measure measures[WARDEN_MEASURES_MAX];
    unsigned measure_count;
    unsigned syncs;
    int64_t act_at;
};

/* What accounts have for a password. */
#define WARDEN_PASSWORD "correct horse"

/* Begins to connect. Returns false with errno if it cannot. */
bool warden_come(struct warden *warden, const struct place *place, struct chronicle *chronicle,
                 uint64_t seed, int room, bool operator);

/* Takes a measure, if it is its time. */
void warden_act(struct warden *warden, int64_t now);

/* Lets everybody speak. */
void warden_relent(struct warden *warden);

/* Asks for all that was said before; `syncs` counts the answers. */
void warden_sync(struct warden *warden);

void warden_leave(struct warden *warden);

/* Handles what it has received. */
void warden_digest(struct warden *warden);

#endif
