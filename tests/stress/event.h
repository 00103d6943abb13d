/*
 * event: what a line of a room tells: who did what. In a town the same event reaches plain clients
 * as a line and programs as an object; both are read here in the plain form.
 */
#ifndef STRESS_EVENT_H
#define STRESS_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum event_kind {
    EVENT_TALK,  /* action `number` of the script, a talk or an emote */
    EVENT_JOIN,  /* into one room */
    EVENT_EXIT,  /* out of one room */
    EVENT_KICK,  /* out of one room, by its warden */
    EVENT_ORDER, /* something that the room's warden did; `number` stands for its text, 0 for
                    what the warden is told by the reply alone */
    EVENT_NICK,  /* in all the rooms of the client, which takes the name of action `number` */
    EVENT_LEAVE  /* out of the chat; `number` is EVENT_KICKED if the operator has done it */
};

/* The warden of a room has this name, and the room's index behind it. */
#define EVENT_WARDEN "warden"
/* Room 0 is the lobby; the others have this name, and their index behind it. */
#define EVENT_ROOM "hall-"

enum { EVENT_KICKED = 1 };

enum { EVENT_NO_ROOM = -1, EVENT_ROOM_BYTES = 32 };

struct event {
    enum event_kind kind;
    int room; /* index; EVENT_NO_ROOM if the line does not tell */
    uint32_t serial;
    uint32_t name;   /* the action in which the client took the name in the line */
    uint32_t number; /* see the kinds */
};

/* Writes the name of a room, with a NUL. */
void event_room_name(int room, char name[EVENT_ROOM_BYTES]);

/* Returns the index of the room with that name, without a #; EVENT_NO_ROOM if there is none. */
int event_room(const char *name, size_t length);

/*
 * Reads a line, without the name of a room in front. Returns false for a line that is no event, as
 * the server's replies are, and for talk that is not, word for word, what the script has.
 */
bool event_read(uint64_t seed, const char *bytes, size_t length, struct event *event);

/* Whether it reaches a reader in several rooms of the client once, and not in each. */
bool event_is_everywhere(const struct event *event);

/* Whether it is a coming or a going, which /quiet hides. */
bool event_is_presence(const struct event *event);

/* Whether both are the same, but for the room. */
bool event_equals(const struct event *one, const struct event *other);

#endif
