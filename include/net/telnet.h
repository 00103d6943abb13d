/*
 * telnet: takes telnet's commands out of what a peer sends (RFC 854, RFC 855), and negotiates the
 * few options that a line editor needs (RFC 1143). Bytes in, text and events out; it knows nothing
 * of sockets, and holds no memory but its struct.
 *
 * It is passive until telnet_offer(): it says nothing of its own accord and refuses every option,
 * once. From then on it has ECHO (RFC 857), SUPPRESS-GO-AHEAD (858), NAWS (1073), TERMINAL-TYPE
 * (1091) and, as the peer's, BINARY (856); CHARSET UTF-8 (2066) and BINARY of its own if the peer
 * asks for them; every other option is refused, once while it stays off. Only TIMING-MARK (860) is
 * answered each time, offer or not: a client that sent DO TIMING-MARK throws away what it receives
 * until it has the answer.
 *
 * The peer is in character mode while the server does both ECHO and SUPPRESS-GO-AHEAD. Then the
 * commands that stand for a key become that key's byte in the text; in line mode, in which the
 * peer has edited its line before it sent it, they are events, or nothing.
 *
 *   command            in character mode   in line mode
 *   IP, BRK, ABORT     byte 3, Ctrl-C      TELNET_DROP_LINE
 *   EL                 byte 21, Ctrl-U     TELNET_DROP_LINE
 *   EC                 byte 127, DEL       nothing
 *   EOF                byte 4, Ctrl-D      TELNET_END_OF_FILE
 *   AYT                TELNET_ARE_YOU_THERE in both
 *
 * The other commands do nothing: AO, SUSP, GA, NOP, DM, EOR. Data Mark is looked for in the
 * stream, so the socket must have SO_OOBINLINE.
 *
 * A struct telnet belongs to one thread. All zero is a peer that nothing has been heard from.
 */
#ifndef NET_TELNET_H
#define NET_TELNET_H

#include "net/encoding.h"
#include "net/telnet_option.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Commands (RFC 854, "TELNET COMMAND STRUCTURE"; 236 to 238: RFC 1184; 239: RFC 885). */
enum {
    TELNET_EOF = 236,
    TELNET_SUSP = 237,
    TELNET_ABORT = 238,
    TELNET_EOR = 239,
    TELNET_SE = 240,
    TELNET_NOP = 241,
    TELNET_DM = 242,
    TELNET_BRK = 243,
    TELNET_IP = 244,
    TELNET_AO = 245,
    TELNET_AYT = 246,
    TELNET_EC = 247,
    TELNET_EL = 248,
    TELNET_GA = 249,
    TELNET_SB = 250,
    TELNET_WILL = 251,
    TELNET_WONT = 252,
    TELNET_DO = 253,
    TELNET_DONT = 254,
    TELNET_IAC = 255
};

enum {
    TELNET_KNOWN_OPTIONS = 6,  /* the options that are ever on */
    TELNET_TERMINAL_BYTES = 16 /* what is kept of a terminal's type */
};

/* For telnet.c; others ask the functions below, and may read `spoken`. */
struct telnet {
    bool spoken;        /* the peer sent a command: it speaks telnet */
    bool offered;       /* telnet_offer() was called */
    bool asked_type;    /* the terminal's type was asked for */
    uint8_t state;      /* where in a command the next byte falls */
    uint8_t verb;       /* WILL, WONT, DO or DONT, its option to come */
    uint8_t agreements; /* how often the peer asked for an option and got it, since the offer */
    uint16_t columns;
    struct telnet_option ours[TELNET_KNOWN_OPTIONS];
    struct telnet_option theirs[TELNET_KNOWN_OPTIONS];
    uint8_t refused[2][32]; /* one bit an option: ours (DO) and the peer's (WILL) */
    char terminal[TELNET_TERMINAL_BYTES + 1];

    /* The subnegotiation that is being received. */
    uint8_t length; /* of the bytes so far: one more than `bytes` holds if there are more */
    uint8_t bytes[2 + TELNET_TERMINAL_BYTES];
    uint8_t separator; /* of the names in a CHARSET REQUEST */
    uint8_t matched;   /* how much of UTF-8 the current name is so far */
    bool utf8;         /* one of the names was UTF-8 */
};

/* Sends commands to the peer. */
typedef void telnet_reply(void *context, const unsigned char *commands, size_t length);

enum telnet_event {
    TELNET_TEXT,          /* nothing but text: all bytes are consumed */
    TELNET_SPEAKS,        /* the first command of the peer's; it is not answered yet */
    TELNET_MODE,          /* what telnet_echoes() or telnet_answered() says has changed */
    TELNET_SCREEN,        /* the width or the type of the peer's terminal has changed */
    TELNET_ARE_YOU_THERE, /* wants something visible in answer */
    TELNET_DROP_LINE,     /* what is unfinished of the line is not to be */
    TELNET_END_OF_FILE    /* as Ctrl-D at the beginning of a line */
};

struct telnet_received {
    size_t consumed; /* so many of the bytes are done with */
    size_t text;     /* so many bytes of text they held */
    enum telnet_event event;
};

/*
 * Takes the commands out of `bytes` and writes what remains to `text`, which has room for `length`
 * bytes and may be `bytes` or any place in front of it in the same block. Whatever cuts the stream
 * was read in, text, events and replies are the same. IAC IAC is the byte 255.
 *
 * It stops at each event, so that the caller can do with the text in front of it what is to be
 * done, and then goes on from bytes + consumed: the text behind the event belongs to another mode,
 * or another line. At TELNET_SPEAKS a call of telnet_offer() comes in time to be the answer to
 * what the peer asks for (PuTTY begins so).
 *
 * The replies are at most as long as what was received, plus once 6 bytes.
 */
struct telnet_received telnet_receive(struct telnet *telnet, char *text, const char *bytes,
                                      size_t length, telnet_reply *reply, void *context);

/* Whether bytes that come now are all text as they are: telnet_receive() would change nothing. */
bool telnet_is_text(const struct telnet *telnet, const char *bytes, size_t length);

/*
 * Asks for character mode, for eight bits, and for the size and type of the terminal, with at most
 * 15 bytes.
 * Whatever of that is agreed or asked for already is not asked for again. While an earlier
 * withdrawal has not been answered the request waits, and is made when the answer comes.
 */
void telnet_offer(struct telnet *telnet, telnet_reply *reply, void *context);

/* Goes back to line mode, with at most 9 bytes; the size and the type stay known. */
void telnet_withdraw(struct telnet *telnet, telnet_reply *reply, void *context);

/* Whether the peer is in character mode, and waits for each of its characters to be echoed. */
bool telnet_echoes(const struct telnet *telnet);

/* Whether the peer has answered to both halves of character mode, whichever way. */
bool telnet_answered(const struct telnet *telnet);

/* How wide the peer's screen is, in characters. 0: unknown. */
unsigned telnet_columns(const struct telnet *telnet);

/*
 * The type of the peer's terminal in upper case, as "XTERM-256COLOR" or "DUMB": the visible
 * ASCII characters of its first TELNET_TERMINAL_BYTES bytes. "": unknown.
 */
const char *telnet_terminal(const struct telnet *telnet);

/* How text is sent to who speaks telnet: a line end is CR LF, the byte 255 is doubled. */
extern const struct encoding telnet_encoding;

#endif
