/*
 * telnet: the client's side of telnet as far as a simulated client needs it: commands without a
 * meaning for a chat, and a filter that removes the server's commands from its output.
 */
#ifndef STRESS_TELNET_H
#define STRESS_TELNET_H

#include "chance.h"

#include <stddef.h>

enum telnet_state {
    TELNET_TEXT,
    TELNET_COMMAND,       /* behind IAC */
    TELNET_OPTION,        /* behind WILL, WONT, DO or DONT */
    TELNET_MATTER,        /* within a subnegotiation */
    TELNET_MATTER_COMMAND /* behind IAC within a subnegotiation */
};

/* Returns a whole command, and stores its length. The bytes are constant. */
const char *telnet_command(struct chance *chance, size_t *length);

/*
 * Removes all commands from the bytes, which may be cut anywhere; state is initially TELNET_TEXT
 * and kept from call to call. Returns how many bytes of text are left.
 */
size_t telnet_strip(enum telnet_state *state, char *bytes, size_t length);

#endif
