/*
 * room_name: which names of rooms are allowed. They are compared as names of users are
 * (chat/name.h), and kept without the '#' with which they are shown.
 */
#ifndef CHAT_ROOM_NAME_H
#define CHAT_ROOM_NAME_H

#include "chat/name.h"

#include <stdbool.h>
#include <stddef.h>

/* The rules for names of rooms, as a sentence for users. */
#define ROOM_NAME_RULES                                                                            \
    "The name of a room has 1 to 32 characters: letters and digits of today's scripts, - . and _."

/*
 * Copies the name of a room of `length` bytes, with or without a '#' before it. Returns false, with
 * `name` undefined, if it is not allowed.
 */
bool room_name_read(const char *bytes, size_t length, char name[NAME_SIZE]);

#endif
