/*
 * object: a JSON object that a program is sent, read back into what a plain client would see.
 */
#ifndef STRESS_OBJECT_H
#define STRESS_OBJECT_H

#include "event.h"
#include "script.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum object_type {
    OBJECT_EVENT,   /* of a room or of all: `line` */
    OBJECT_WELCOME, /* one is in `room`, which is the current one now */
    OBJECT_REPLY,   /* `ok`, `code`, and the text as `line` */
    OBJECT_SYNC,    /* `code` is the token */
    OBJECT_BYE,
    OBJECT_OTHER
};

struct object {
    enum object_type type;
    bool ok, past;
    int room; /* index, or EVENT_NO_ROOM */
    uint64_t seq;
    uint64_t first;
    char code[32];
    struct script_line line; /* as people would read it */
};

/* Reads an object of a known form. Returns false for anything else. */
bool object_read(const char *bytes, size_t length, struct object *object);

#endif
