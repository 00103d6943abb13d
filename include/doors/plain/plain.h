/*
 * plain: the door for people and scripts with nc and telnet, which exchange lines of text with the
 * server (docs/PROTOCOL.md).
 */
#ifndef DOORS_PLAIN_PLAIN_H
#define DOORS_PLAIN_PLAIN_H

#include "chat/chat.h"
#include "net/door.h"
#include "chat/motd.h"
#include "chat/password.h"
#include "net/attempts.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The lines for a client that is refused, as the chat is full or its address has too many
 * connections, and for all clients when the server stops.
 */
#define PLAIN_FULL_LINE     "*** The chat is full. Try again later. ***\n"
#define PLAIN_CROWDED_LINE  "*** Too many connections from your address. ***\n"
#define PLAIN_STOPPING_LINE "*** The server is shutting down. ***\n"

/*
 * The line for a client that completes no line in time. No other line of the server has this form.
 */
#define PLAIN_IDLE_LINE "Disconnected: idle timeout.\n"

/* The line for a client that leaves by its own wish. */
#define PLAIN_GOODBYE_LINE "*** Goodbye. ***\n"

/* The line for a client whose terminal does not answer; it may only have been suspended. */
#define PLAIN_SILENT_LINE "*** Your terminal does not answer any more. Goodbye. ***\n"

/* The doors of addresses for everybody, and for people at terminals. */
extern const struct door plain_door, plain_telnet_door;

/* Names that a host may register before each further one has to wait: a classroom, and some more.
 */
enum { PLAIN_REGISTRATIONS_FREE = 40 };

struct plain {
    struct chat *chat;
    struct password *password;      /* NULL: nobody is asked for one */
    struct attempts *attempts;      /* at passwords */
    struct attempts *registrations; /* of names */
    struct motd *motd;              /* NULL: none */
    size_t max_line;                /* bytes; for the reply to a longer line */

    /* These may change while clients are here; those in nanoseconds hold for who comes then. */
    _Atomic int64_t idle_timeout; /* nanoseconds for a line; 0: no limit */
    _Atomic int64_t idle_warning; /* nanoseconds before its end; 0: none */
    _Atomic int64_t
        key_timeout; /* nanoseconds for a key, which counts instead at a terminal; 0: no limit */
    _Atomic int64_t key_warning; /* nanoseconds before its end; 0: none */
    atomic_uint rate;            /* lines a second that one client may send; 0: no limit */
};

#endif
