/*
 * telnet: the client's side of telnet as far as a simulated client speaks it: commands that mean
 * nothing to a chat, and a filter that takes the server's answers out of what it sends.
 */
#ifndef STRESS_TELNET_H
#define STRESS_TELNET_H

#include "chance.h"

#include <stddef.h>

enum telnet_state {
    TELNET_TEXT,
    TELNET_COMMAND,       /* behind IAC */
    TELNET_OPTION,        /* behind WILL, WONT, DO or DONT */
    TELNET_MATTER,        /* in a subnegotiation */
    TELNET_MATTER_COMMAND /* behind IAC in a subnegotiation */
};

/* Returns a command, whole, and stores its length. The bytes are constant. */
const char *telnet_command(struct chance *chance, size_t *length);

/* Takes all commands out of the bytes, which may be cut anywhere; state is TELNET_TEXT at first and
   kept from call to call. Returns how many bytes of text are left. */
size_t telnet_strip(enum telnet_state *state, char *bytes, size_t length);

#endif
