/*
 * telnet: removes telnet commands from what a peer sends (RFC 854, RFC 855), and negotiates the few
 * options that a line editor needs (RFC 1143). Bytes go in, text and events come out. It does not
 * know sockets, and allocates no memory.
 *
 * It is passive until telnet_offer(): it sends no request and refuses every option, once. From then
 * on it supports ECHO (RFC 857), SUPPRESS-GO-AHEAD (858), NAWS (1073), TERMINAL-TYPE (1091), on its
 * own side END-OF-RECORD (885) and on the peer's side BINARY (856); CHARSET UTF-8 (2066) and BINARY
 * on its own side if the peer asks for them. Every other option is refused, once while it stays
 * off. Only TIMING-MARK (860) is answered each time, before and after the offer: a client that sent
 * DO TIMING-MARK discards its input until it has the answer. telnet_mark() asks the peer for it.
 *
 * The peer is in character mode while the server does both ECHO and SUPPRESS-GO-AHEAD. Then the
 * commands that stand for a key become that key's byte in the text. In line mode, where the peer
 * edits its line before it sends it, they are events or are ignored.
 *
 *   command            in character mode   in line mode
 *   IP, BRK, ABORT     byte 3, Ctrl-C      TELNET_DROP_LINE
 *   EL                 byte 21, Ctrl-U     TELNET_DROP_LINE
 *   EC                 byte 127, DEL       nothing
 *   EOF                byte 4, Ctrl-D      TELNET_END_OF_FILE
 *   AYT                TELNET_ARE_YOU_THERE in both
 *
 * The other commands are ignored: AO, SUSP, GA, NOP, DM, EOR. Data Mark is expected in the stream,
 * so the socket must have SO_OOBINLINE.
 *
 * A struct telnet belongs to one thread. All zero is a peer that has sent nothing yet.
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
    TELNET_KNOWN_OPTIONS = 7,   /* the options that are ever on */
    TELNET_TERMINAL_BYTES = 16, /* bytes that are kept of the terminal's type */
    TELNET_TYPES_MAX = 3        /* how often the peer is asked for a type */
};

/*
 * The abilities that a MUD client reports as its third terminal type, such as "MTTS 13" (Mud
 * Terminal Type Standard).
 */
enum {
    TELNET_MTTS_ANSI = 1,  /* colours (SGR) */
    TELNET_MTTS_VT100 = 2, /* sequences that move the cursor */
    TELNET_MTTS_UTF8 = 4,
    TELNET_MTTS_SCREEN_READER = 64, /* its output is read aloud */
    TELNET_MTTS_TOLD = 0x8000       /* not of the standard: the client has reported some number */
};

/* For telnet.c; other modules use the functions below, and may read `spoken`. */
struct telnet {
    bool spoken;         /* the peer has sent a command: it speaks telnet */
    bool offered;        /* telnet_offer() was called */
    uint8_t types_asked; /* how often the terminal's type was requested, */
    uint8_t types_heard; /* and received */
    uint8_t state;       /* the parser's state: where in a command the next byte belongs */
    uint8_t verb;        /* WILL, WONT, DO or DONT whose option comes next */
    uint8_t agreements;  /* requests of the peer for an option that were granted since the offer */
    uint8_t marks;       /* timing marks that were requested and not answered yet */
    uint16_t columns, rows;
    uint16_t mtts; /* 0: not told */
    struct telnet_option ours[TELNET_KNOWN_OPTIONS];
    struct telnet_option theirs[TELNET_KNOWN_OPTIONS];
    uint8_t refused[2][32]; /* one bit for each option: ours (DO) and the peer's (WILL) */
    char terminal[TELNET_TERMINAL_BYTES + 1];

    /* The subnegotiation that is being received. */
    uint8_t length; /* of the bytes so far, at most one more than `bytes` holds */
    uint8_t bytes[2 + TELNET_TERMINAL_BYTES];
    uint8_t separator; /* of the names in a CHARSET REQUEST */
    uint8_t matched;   /* how many bytes of the current name match UTF-8 */
    bool utf8;         /* one of the names was UTF-8 */
};

/* Sends commands to the peer. */
typedef void telnet_reply(void *context, const unsigned char *commands, size_t length);

enum telnet_event {
    TELNET_TEXT,          /* only text: all bytes are consumed */
    TELNET_SPEAKS,        /* the peer's first command; it is not answered yet */
    TELNET_MODE,          /* the result of telnet_echoes() or telnet_answered() has changed */
    TELNET_SCREEN,        /* the size of the peer's terminal has changed */
    TELNET_TERMINAL,      /* the type of the peer's terminal, or its abilities, have become known */
    TELNET_MARKED,        /* a requested timing mark has arrived, or was refused */
    TELNET_ARE_YOU_THERE, /* the peer wants a visible answer */
    TELNET_DROP_LINE,     /* drop the unfinished line */
    TELNET_END_OF_FILE    /* like Ctrl-D at the beginning of a line */
};

struct telnet_received {
    size_t consumed; /* how many of the bytes were processed */
    size_t text;     /* how many bytes of text they held */
    enum telnet_event event;
};

/*
 * Removes the commands from `bytes` and writes the text to `text`, which has room for `length`
 * bytes and may be `bytes` or any place before it in the same block. Text, events and replies do
 * not depend on how the stream is cut. IAC IAC is the byte 255.
 *
 * It stops at each event, so that the caller can process the text before the event first; the text
 * behind it belongs to another mode or another line. The caller then continues at bytes + consumed.
 * A telnet_offer() at TELNET_SPEAKS is made before the peer's request is answered (PuTTY begins
 * with requests).
 *
 * The replies are at most as long as the input, plus 6 bytes once.
 */
struct telnet_received telnet_receive(struct telnet *telnet, char *text, const char *bytes,
                                      size_t length, telnet_reply *reply, void *context);

/* Whether all of `bytes` are text now: telnet_receive() would change nothing. */
bool telnet_is_text(const struct telnet *telnet, const char *bytes, size_t length);

/*
 * Requests character mode, eight bits, and the size and type of the terminal, with at most 18
 * bytes. What is agreed or requested already is not requested again. While an earlier withdrawal is
 * unanswered, the request is delayed until the answer.
 */
void telnet_offer(struct telnet *telnet, telnet_reply *reply, void *context);

/* Returns to line mode, with at most 9 bytes; the size and the type stay known. */
void telnet_withdraw(struct telnet *telnet, telnet_reply *reply, void *context);

/*
 * Asks a peer in line mode not to show what is typed there, as for a password, with at most 3 bytes
 * (WILL ECHO alone, without an echo), or to show it again. Belongs to line mode: telnet_withdraw()
 * ends it too.
 */
void telnet_hide(struct telnet *telnet, bool hide, telnet_reply *reply, void *context);

/* Whether the peer has agreed to leave the echo to this side, in either mode. */
bool telnet_hides(const struct telnet *telnet);

/*
 * Requests a timing mark (RFC 860), with 3 bytes. A telnet program answers by itself, even if it
 * does not know the option.
 */
void telnet_mark(struct telnet *telnet, telnet_reply *reply, void *context);

/* Whether the peer is in character mode and expects each character to be echoed. */
bool telnet_echoes(const struct telnet *telnet);

/* Whether the peer has answered both requests of character mode, with yes or no. */
bool telnet_answered(const struct telnet *telnet);

/* The size of the peer's screen; 0: unknown. */
unsigned telnet_columns(const struct telnet *telnet);
unsigned telnet_rows(const struct telnet *telnet);

/*
 * The type of the peer's terminal in upper case, as "XTERM-256COLOR" or "DUMB": the visible
 * ASCII characters of its first TELNET_TERMINAL_BYTES bytes. "": unknown.
 */
const char *telnet_terminal(const struct telnet *telnet);

/* The abilities of the peer's terminal, as TELNET_MTTS_ bits; 0: not reported. */
unsigned telnet_mtts(const struct telnet *telnet);

/*
 * Marks the end of a prompt, which has no line end, for a peer in line mode, with at most 2 bytes:
 * by EOR if the peer has agreed to that, or else by GA if it has refused to suppress that.
 */
void telnet_end_prompt(const struct telnet *telnet, telnet_reply *reply, void *context);

/* Encodes text for a peer that speaks telnet: a line end is CR LF, the byte 255 is doubled. */
extern const struct encoding telnet_encoding;

#endif
