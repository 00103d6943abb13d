/* The protocols of the servers that are measured; see dialect.h. */
#include "dialect.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool begins(const char *text, size_t bytes, const char *with)
{
    size_t length = strlen(with);

    return bytes >= length && memcmp(text, with, length) == 0;
}

static bool ends(const char *text, size_t bytes, const char *with)
{
    size_t length = strlen(with);

    return bytes >= length && memcmp(text + bytes - length, with, length) == 0;
}

static void no_hello(const char *name, char *reply)
{
    (void)name;
    reply[0] = '\0';
}

static size_t no_prompt(const char *text, size_t bytes, const char *name, char *reply)
{
    (void)text;
    (void)bytes;
    (void)name;
    (void)reply;
    return 0;
}

/* party: a prompt for a name, then plain lines. */

static const char party_prompt_text[] = "Enter your name: ";

static size_t party_prompt(const char *text, size_t bytes, const char *name, char *reply)
{
    if (!begins(text, bytes, party_prompt_text))
        return 0;
    snprintf(reply, DIALECT_REPLY_BYTES, "%s\n", name);
    return sizeof party_prompt_text - 1;
}

static enum dialect_meaning party_line(const char *text, size_t bytes, const char *name,
                                       char *reply)
{
    (void)name;
    (void)reply;
    if (begins(text, bytes, "*** Welcome, "))
        return DIALECT_IN;
    if (begins(text, bytes, "*** You have left #lobby. "))
        return DIALECT_MOVED;
    if (ends(text, bytes, " has joined the chat ***"))
        return DIALECT_ARRIVAL;
    if (begins(text, bytes, "*** The chat is full.") ||
        begins(text, bytes, "*** Too many connections"))
        return DIALECT_REFUSED;
    return DIALECT_OTHER;
}

static void party_move(char initial, uint32_t number, char *reply)
{
    snprintf(reply, DIALECT_REPLY_BYTES, "/join %c%u\n/leave lobby\n", initial, number);
}

/*
 * terminal: the same server, by telnet in character mode, with a screen of more than 256 columns,
 * so that no byte of its size is zero. A client that is in types half a line.
 */

static void terminal_hello(const char *name, char *reply)
{
    /* IAC DO SUPPRESS-GO-AHEAD, DO ECHO, WILL NAWS, and one of ten sizes. */
    snprintf(reply, DIALECT_REPLY_BYTES,
             "\xff\xfd\x03\xff\xfd\x01\xff\xfb\x1f\xff\xfa\x1f\x01%c\x01\x01\xff\xf0",
             name[strlen(name) - 1]);
}

static size_t terminal_prompt(const char *text, size_t bytes, const char *name, char *reply)
{
    const char *prompt = memmem(text, bytes, party_prompt_text, sizeof party_prompt_text - 1);

    if (prompt == NULL)
        return 0;
    snprintf(reply, DIALECT_REPLY_BYTES, "%s\r", name);
    return (size_t)(prompt - text) + sizeof party_prompt_text - 1;
}

static enum dialect_meaning terminal_line(const char *text, size_t bytes, const char *name,
                                          char *reply)
{
    static const char welcome[] = "*** Welcome, ";

    (void)name;
    if (memmem(text, bytes, welcome, sizeof welcome - 1) == NULL)
        return DIALECT_OTHER;
    snprintf(reply, DIALECT_REPLY_BYTES, "half a line, not ");
    return DIALECT_IN;
}

/* irc: the part of RFC 2812 that a client needs to enter a channel and stay there. */

static void irc_hello(const char *name, char *reply)
{
    snprintf(reply, DIALECT_REPLY_BYTES, "NICK %s\r\nUSER load 0 * :load\r\n", name);
}

/* The command in a line from the server: what follows the origin, if there is one. */
static const char *irc_command(const char *text, size_t bytes)
{
    const char *space = text[0] == ':' ? memchr(text, ' ', bytes) : NULL;

    return space != NULL ? space + 1 : text;
}

static enum dialect_meaning irc_line(const char *text, size_t bytes, const char *name, char *reply)
{
    const char *command = irc_command(text, bytes);
    size_t left = bytes - (size_t)(command - text);

    if (begins(command, left, "PING "))
        snprintf(reply, DIALECT_REPLY_BYTES, "PONG %.*s\r\n", (int)(left > 105 ? 100 : left - 5),
                 command + 5);
    else if (begins(command, left, "001 "))
        snprintf(reply, DIALECT_REPLY_BYTES, "JOIN #c\r\n");
    else if (begins(command, left, "366 "))
        return DIALECT_IN;
    else if (begins(command, left, "JOIN ") && !begins(text + 1, bytes - 1, name))
        return DIALECT_ARRIVAL;
    else if (begins(command, left, "ERROR ") || begins(command, left, "433 "))
        return DIALECT_REFUSED;
    return DIALECT_OTHER;
}

/* raw: a bare server. A new client is sent one line, so that it knows that it was accepted. */

static enum dialect_meaning raw_line(const char *text, size_t bytes, const char *name, char *reply)
{
    (void)name;
    (void)reply;
    return begins(text, bytes, "ready") ? DIALECT_IN : DIALECT_OTHER;
}

/*
 * ncat: `ncat --chat`. Every client is told of a new one, also the new one itself, as its first
 * line.
 */

static enum dialect_meaning ncat_line(const char *text, size_t bytes, const char *name, char *reply)
{
    (void)name;
    (void)reply;
    if (begins(text, bytes, "<announce> ") && memmem(text, bytes, " is connected as ", 17) != NULL)
        return DIALECT_IN;
    return DIALECT_OTHER;
}

static const struct dialect dialects[] = {
    {"party", "", "\n", false, no_hello, party_prompt, party_line, party_move},
    {"terminal", "", "\r", true, terminal_hello, terminal_prompt, terminal_line, NULL},
    {"irc", "PRIVMSG #c :", "\r\n", false, irc_hello, no_prompt, irc_line, NULL},
    {"raw", "", "\n", false, no_hello, no_prompt, raw_line, NULL},
    {"ncat", "", "\n", false, no_hello, no_prompt, ncat_line, NULL},
};

const struct dialect *dialect_find(const char *name)
{
    for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++)
        if (strcmp(dialects[i].name, name) == 0)
            return &dialects[i];
    return NULL;
}
