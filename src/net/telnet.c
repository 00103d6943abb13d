#include "base/platform.h"

#include "net/telnet.h"

#include <string.h>

enum state {
    TEXT,
    COMMAND,                /* behind IAC */
    OPTION,                 /* behind IAC WILL, WONT, DO or DONT */
    SUBNEGOTIATION,         /* behind IAC SB */
    SUBNEGOTIATION_COMMAND, /* behind an IAC in there */
};

/*
 * Every option is off on both sides, and stays so: WONT and DONT change nothing and get no
 * answer; DO and WILL are refused, the first time. DO TIMING-MARK asks for an answer rather than
 * for an option, and gets it every time (RFC 860): some clients show nothing until they have it.
 */
static void refuse(struct telnet *telnet, unsigned char option, telnet_reply *reply, void *context)
{
    bool ours = telnet->verb == TELNET_DO;
    if (!ours && telnet->verb != TELNET_WILL)
        return;
    uint8_t *refused = &telnet->refused[ours ? 0 : 1][option / 8];
    uint8_t bit = (uint8_t)(1U << option % 8);
    bool asks_for_mark = ours && option == TELNET_TIMING_MARK;
    if ((*refused & bit) && !asks_for_mark)
        return;
    *refused |= bit;
    unsigned char command[TELNET_REPLY_BYTES] = {TELNET_IAC, ours ? TELNET_WONT : TELNET_DONT,
                                                 option};
    reply(context, command);
}

/* The byte behind an IAC in the text. Returns whether it is text: IAC IAC stands for 255. */
static bool command(struct telnet *telnet, unsigned char byte)
{
    telnet->state = TEXT;
    if (byte == TELNET_IAC)
        return true;
    telnet->spoken = true;
    if (byte >= TELNET_WILL) {
        telnet->verb = byte;
        telnet->state = OPTION;
    } else if (byte == TELNET_SB) {
        telnet->state = SUBNEGOTIATION;
    }
    return false;
}

/* Takes one byte; returns whether it is text. */
static bool receive_byte(struct telnet *telnet, unsigned char byte, telnet_reply *reply,
                         void *context)
{
    switch (telnet->state) {
    case COMMAND:
        return command(telnet, byte);
    case OPTION:
        refuse(telnet, byte, reply, context);
        telnet->state = TEXT;
        return false;
    case SUBNEGOTIATION:
        if (byte == TELNET_IAC)
            telnet->state = SUBNEGOTIATION_COMMAND;
        return false;
    case SUBNEGOTIATION_COMMAND:
        if (byte == TELNET_IAC)
            telnet->state = SUBNEGOTIATION;
        else if (byte == TELNET_SE)
            telnet->state = TEXT;
        else /* the peer forgot the end: what follows the IAC counts as a command of its own */
            command(telnet, byte);
        return false;
    default:
        if (byte != TELNET_IAC)
            return true;
        telnet->state = COMMAND;
        return false;
    }
}

size_t telnet_receive(struct telnet *telnet, char *bytes, size_t length, telnet_reply *reply,
                      void *context)
{
    size_t kept = 0;
    if (telnet->state == TEXT) {
        const char *first = memchr(bytes, TELNET_IAC, length);
        if (first == NULL)
            return length;
        kept = (size_t)(first - bytes);
    }
    for (size_t i = kept; i < length; i++) {
        if (receive_byte(telnet, (unsigned char)bytes[i], reply, context))
            bytes[kept++] = bytes[i];
    }
    return kept;
}
