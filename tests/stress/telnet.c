/*
 * telnet: the client's side of telnet (RFC 854). It never answers: a correct server requests
 * nothing that needs an answer.
 */
#include "telnet.h"

#include <stdbool.h>

enum { IAC = 255, DONT = 254, WILL = 251, SB = 250, SE = 240 };

const char *telnet_command(struct chance *chance, size_t *length)
{
    static const struct {
        const char *bytes;
        size_t length;
    } commands[] = {
        {"\xff\xf1", 2},                             /* no operation */
        {"\xff\xfd\x01", 3},                         /* request ECHO */
        {"\xff\xfb\x1f", 3},                         /* offer the window size, ... */
        {"\xff\xfa\x1f\x00\x50\x00\x0a\xff\xf0", 9}, /* ... which is 80 columns by LF lines */
        {"\xff\xfd\xff", 3},                         /* request option 255, which looks like IAC */
    };
    unsigned choice = chance_below(chance, sizeof commands / sizeof commands[0]);

    *length = commands[choice].length;
    return commands[choice].bytes;
}

/* Advances by one byte. Returns true when the byte is text. */
static bool telnet_hear(enum telnet_state *state, unsigned char byte)
{
    switch (*state) {
    case TELNET_TEXT:
        if (byte == IAC) {
            *state = TELNET_COMMAND;
            return false;
        }
        return true;
    case TELNET_COMMAND:
        if (byte >= WILL && byte <= DONT) {
            *state = TELNET_OPTION;
        } else {
            *state = byte == SB ? TELNET_MATTER : TELNET_TEXT;
        }
        return byte == IAC;
    case TELNET_OPTION:
        *state = TELNET_TEXT;
        return false;
    case TELNET_MATTER:
        if (byte == IAC) {
            *state = TELNET_MATTER_COMMAND;
        }
        return false;
    case TELNET_MATTER_COMMAND:
        *state = byte == SE ? TELNET_TEXT : TELNET_MATTER;
        return false;
    }
    return false;
}

size_t telnet_strip(enum telnet_state *state, char *bytes, size_t length)
{
    size_t kept = 0;

    for (size_t i = 0; i < length; i++) {
        if (telnet_hear(state, (unsigned char)bytes[i])) {
            bytes[kept++] = bytes[i];
        }
    }
    return kept;
}
