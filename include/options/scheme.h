/*
 * scheme: what is spoken at an address, as the command line tells it in front:
 * "telnet+tls://HOST:PORT".
 */
#ifndef OPTIONS_SCHEME_H
#define OPTIONS_SCHEME_H

#include "net/entrance.h"

#include <stdbool.h>

/* The schemes, for errors and help. */
#define SCHEME_FORMS "lines, telnet or machine, each with +tls, +proxy or both"

/*
 * Splits "[SCHEME://]ADDRESS". Stores the entrance of the scheme, of "lines" if there is none, and
 * where the address begins. Returns false for what is no scheme.
 */
bool scheme_split(const char *text, struct entrance *entrance, const char **address);

/* Reads a scheme alone: "telnet+tls". Returns false for what is none. */
bool scheme_read(const char *name, struct entrance *entrance);

#endif
