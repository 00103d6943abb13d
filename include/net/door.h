/*
 * door: what the clients of one address have in common: how they are expected to speak, and what
 * they are told when they are turned away. Several addresses may have the same door.
 */
#ifndef NET_DOOR_H
#define NET_DOOR_H

#include <stdbool.h>

struct encoding;

struct door {
    const char *name; /* of what is spoken, as "telnet" */
    bool telnet;      /* its clients are expected to speak telnet */

    /* For clients that never speak telnet, the encoding of text; NULL: plain text, or telnet. */
    const struct encoding *encoding;

    /* Whole lines with their LF, for clients that are turned away; NULL: send nothing. */
    const char *full_line;    /* there is no room for it */
    const char *crowded_line; /* its host has too many connections */
};

#endif
