/* What the reading and the writing of cluster/wire share. */
#ifndef CLUSTER_WIRE_INSIDE_H
#define CLUSTER_WIRE_INSIDE_H

#include "chat/message.h"
#include "cluster/sealed.h"

enum {
    WIRE_CHANGE_HEADER_BYTES = 6, /* kind, flags, length */
    WIRE_NUMBER_BYTES = 8         /* of one of CHANGE_STATE_MEMBERS' numbers, and others */
};

extern const struct sealed_form wire_form;

/* What a change can have. Fields are on the wire in the order of their bits. */
enum wire_field {
    HAS_ROOM = 1 << 0,
    HAS_PLACE = 1 << 1, /* a room or none */
    HAS_USER = 1 << 2,
    HAS_NAME = 1 << 3,
    HAS_TARGET = 1 << 4,
    HAS_AUTHOR = 1 << 5,
    HAS_TEXT = 1 << 6,
    HAS_TIME = 1 << 7,
    HAS_END = 1 << 8,
    HAS_SETTINGS = 1 << 9,
    HAS_GIVEN = 1 << 10,
    HAS_NODE = 1 << 11,
    HAS_MESSAGES = 1 << 12,
    HAS_BOOT = 1 << 13,
    HAS_NUMBER = 1 << 14,
    HAS_NUMBERS = 1 << 15,
    HAS_RANK = 1 << 16,
    HAS_LIMITS = 1 << 17,
    HAS_STATES = 1 << 18
};

/* What a kind of change has. */
struct wire_shape {
    unsigned fields; /* of enum wire_field */
    size_t text_max; /* bytes of the text */
};

/* Returns the shape of a kind, or NULL if there is no such kind. */
const struct wire_shape *wire_shape_of(unsigned kind);

/* The kinds of messages in talk, and of targets, as they are on the wire. */
enum { WIRE_SAID = 1, WIRE_ACTED = 2 };
enum { WIRE_TARGET_NAME = 1, WIRE_TARGET_RANGE = 2 };

/* Read fields of talk. */
struct words wire_take_room(struct fields *fields, bool may_be_none);
void wire_take_message(struct fields *fields, struct message *message);

/*
 * Checks all changes, and counts those of unknown kinds. There is at least one. `newer`: a newer
 * version wrote them.
 */
enum sealed_result wire_check_changes(struct fields changes, bool newer, unsigned *skipped);

#endif
