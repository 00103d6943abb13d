#include "base/platform.h"

#include "base/number.h"
#include "net/telnet.h"

#include <string.h>

enum state {
    TEXT,
    COMMAND,                /* behind IAC */
    OPTION,                 /* behind IAC WILL, WONT, DO or DONT */
    SUBNEGOTIATION,         /* behind IAC SB */
    SUBNEGOTIATION_COMMAND, /* behind an IAC within a subnegotiation */
};

/* The options by their index in `ours` and `theirs`, and by their numbers on the wire. */
enum place { ECHOING, GO_AHEAD, SIZE, TYPE, BINARY, CHARSET, RECORD_END, UNKNOWN };

static const unsigned char numbers[TELNET_KNOWN_OPTIONS] = {1, 3, 31, 24, 0, 42, 25};

enum { TIMING_MARK = 6 };
enum { TYPE_IS = 0, TYPE_SEND = 1 };
enum { CHARSET_REQUEST = 1, CHARSET_ACCEPTED = 2, CHARSET_REJECTED = 3 };
enum { AGREEMENTS_MAX = UINT8_MAX }; /* a person who changes modes by hand uses two each time */
enum { CTRL_C = 3, CTRL_D = 4, CTRL_U = 21, DEL = 127 };

/* The options that each side may have on after telnet_offer(). */
static const bool may_be_ours[TELNET_KNOWN_OPTIONS] = {
    [ECHOING] = true, [GO_AHEAD] = true, [BINARY] = true, [CHARSET] = true, [RECORD_END] = true};
static const bool may_be_theirs[TELNET_KNOWN_OPTIONS] = {
    [GO_AHEAD] = true, [SIZE] = true, [TYPE] = true, [BINARY] = true, [CHARSET] = true};

static const char utf8_name[] = "UTF-8";

enum { UTF8_NAME_BYTES = sizeof utf8_name - 1, NO_MATCH = UTF8_NAME_BYTES + 1 };

static enum place find(unsigned char number)
{
    const unsigned char *found = memchr(numbers, number, sizeof numbers);
    return found != NULL ? (enum place)(found - numbers) : UNKNOWN;
}

static unsigned char upper(unsigned char byte)
{
    return byte >= 'a' && byte <= 'z' ? (unsigned char)(byte - 'a' + 'A') : byte;
}

/* Where replies go. */
struct out {
    telnet_reply *reply;
    void *context;
};

static void send_option(const struct out *out, unsigned char verb, unsigned char number)
{
    const unsigned char command[] = {TELNET_IAC, verb, number};
    out->reply(out->context, command, sizeof command);
}

/*
 * Options.
 */

/*
 * Records a refusal. Returns whether the peer was refused already since the option was last on or
 * offered.
 */
static bool remember_refusal(struct telnet *telnet, bool ours, unsigned char number)
{
    uint8_t *refused = &telnet->refused[ours ? 0 : 1][number / 8];
    uint8_t bit = (uint8_t)(1U << number % 8);
    bool told = (*refused & bit) != 0;
    *refused |= bit;
    return told;
}

static void forget_refusal(struct telnet *telnet, bool ours, unsigned char number)
{
    telnet->refused[ours ? 0 : 1][number / 8] &= (uint8_t) ~(1U << number % 8);
}

static void ask_terminal_type(struct telnet *telnet, const struct out *out)
{
    static const unsigned char command[] = {TELNET_IAC, TELNET_SB,  24,
                                            TYPE_SEND,  TELNET_IAC, TELNET_SE};
    telnet->types_asked++;
    out->reply(out->context, command, sizeof command);
}

/*
 * Two sides that follow RFC 1143 cannot loop. But a peer that withdraws its request before the
 * answer can make both sides exchange agreements without end, so their number is limited.
 */
static bool agrees(const struct telnet *telnet, bool ours, enum place place)
{
    if (!telnet->offered || telnet->agreements == AGREEMENTS_MAX)
        return false;
    if (!ours)
        return may_be_theirs[place];
    return may_be_ours[place];
}

/* Handles an option that can be on. */
static void hear_known(struct telnet *telnet, bool ours, bool yes, enum place place,
                       const struct out *out)
{
    struct telnet_option *option = ours ? &telnet->ours[place] : &telnet->theirs[place];
    bool asked = telnet_option_is_asked(option);
    enum telnet_word word = telnet_option_hear(option, yes, agrees(telnet, ours, place));
    if (yes && !asked && word == TELNET_SAY_YES)
        telnet->agreements++;
    bool refusal = yes && !asked && word == TELNET_SAY_NO;
    if (refusal && remember_refusal(telnet, ours, numbers[place]))
        word = TELNET_SAY_NOTHING;
    if (telnet_option_is_on(option))
        forget_refusal(telnet, ours, numbers[place]);
    if (word == TELNET_SAY_YES)
        send_option(out, ours ? TELNET_WILL : TELNET_DO, numbers[place]);
    else if (word == TELNET_SAY_NO)
        send_option(out, ours ? TELNET_WONT : TELNET_DONT, numbers[place]);
    if (!ours && place == TYPE && telnet_option_is_on(option) && telnet->types_asked == 0)
        ask_terminal_type(telnet, out);
}

/* Handles WILL, WONT, DO or DONT with its option. */
static enum telnet_event hear_option(struct telnet *telnet, unsigned char number,
                                     const struct out *out)
{
    bool ours = telnet->verb == TELNET_DO || telnet->verb == TELNET_DONT;
    bool yes = telnet->verb == TELNET_DO || telnet->verb == TELNET_WILL;
    bool echoed = telnet_echoes(telnet);
    bool answered = telnet_answered(telnet);
    enum place place = find(number);
    if (number == TIMING_MARK && !ours && telnet->marks > 0) {
        telnet->marks--;
        return TELNET_MARKED;
    }
    if (place != UNKNOWN)
        hear_known(telnet, ours, yes, place, out);
    else if (number == TIMING_MARK && telnet->verb == TELNET_DO)
        send_option(out, TELNET_WILL, number);
    else if (yes && !remember_refusal(telnet, ours, number))
        send_option(out, ours ? TELNET_WONT : TELNET_DONT, number);
    bool same = echoed == telnet_echoes(telnet) && answered == telnet_answered(telnet);
    return same ? TELNET_TEXT : TELNET_MODE;
}

/*
 * Subnegotiations. Only the first bytes are kept, and they are evaluated after a proper end.
 */

static void begin_subnegotiation(struct telnet *telnet)
{
    telnet->state = SUBNEGOTIATION;
    telnet->length = 0;
    telnet->matched = 0;
    telnet->utf8 = false;
}

/* The names in a CHARSET REQUEST may be many, so they are compared as they arrive. */
static void match_charset(struct telnet *telnet, unsigned char byte)
{
    if (byte == telnet->separator) {
        telnet->utf8 |= telnet->matched == UTF8_NAME_BYTES;
        telnet->matched = 0;
    } else if (telnet->matched < UTF8_NAME_BYTES &&
               upper(byte) == (unsigned char)utf8_name[telnet->matched]) {
        telnet->matched++;
    } else {
        telnet->matched = NO_MATCH;
    }
}

static void take_subnegotiation(struct telnet *telnet, unsigned char byte)
{
    if (telnet->length == 2)
        telnet->separator = byte;
    else if (telnet->length > 2)
        match_charset(telnet, byte);
    if (telnet->length < sizeof telnet->bytes)
        telnet->bytes[telnet->length++] = byte;
    else
        telnet->length = sizeof telnet->bytes + 1;
}

static enum telnet_event hear_size(struct telnet *telnet)
{
    if (!telnet_option_is_on(&telnet->theirs[SIZE]) || telnet->length != 5)
        return TELNET_TEXT;
    uint16_t columns = (uint16_t)(telnet->bytes[1] << 8 | telnet->bytes[2]);
    uint16_t rows = (uint16_t)(telnet->bytes[3] << 8 | telnet->bytes[4]);
    bool same = columns == telnet->columns && rows == telnet->rows;
    telnet->columns = columns;
    telnet->rows = rows;
    return same ? TELNET_TEXT : TELNET_SCREEN;
}

/* Writes a type that was received: its visible characters, in upper case. */
static void read_type(const struct telnet *telnet, char type[TELNET_TERMINAL_BYTES + 1])
{
    size_t kept = 0;
    for (size_t i = 2; i < telnet->length && i < sizeof telnet->bytes; i++)
        if (telnet->bytes[i] > ' ' && telnet->bytes[i] < DEL)
            type[kept++] = (char)upper(telnet->bytes[i]);
    type[kept] = '\0';
}

/* Reads "MTTS13". Returns 0 if that is not what the type is. */
static uint16_t read_mtts(const char *type)
{
    static const char word[] = "MTTS";
    uint64_t bits;
    bool told = strncmp(type, word, strlen(word)) == 0 &&
                number_parse(type + strlen(word), 0, TELNET_MTTS_TOLD - 1, &bits);
    return told ? (uint16_t)(bits | TELNET_MTTS_TOLD) : 0;
}

/*
 * A client tells its types one by one, the last one again when there are no more (RFC 1091). Of a
 * client for MUDs the first is its own name, the third what it can do.
 */
static enum telnet_event hear_type(struct telnet *telnet, const struct out *out)
{
    char type[TELNET_TERMINAL_BYTES + 1];
    bool wanted = telnet->types_heard < telnet->types_asked;
    if (!wanted || telnet->length < 2 || telnet->bytes[1] != TYPE_IS)
        return TELNET_TEXT;
    telnet->types_heard++;
    read_type(telnet, type);
    bool again = strcmp(type, telnet->terminal) == 0;
    bool first = telnet->terminal[0] == '\0' && !again;
    if (first)
        strcpy(telnet->terminal, type);
    telnet->mtts = read_mtts(type);
    if (telnet->mtts == 0 && !again && telnet->types_asked < TELNET_TYPES_MAX)
        ask_terminal_type(telnet, out);
    return first || telnet->mtts != 0 ? TELNET_TERMINAL : TELNET_TEXT;
}

static void hear_charset(struct telnet *telnet, const struct out *out)
{
    static const unsigned char accepted[] = {TELNET_IAC, TELNET_SB,  42,       CHARSET_ACCEPTED,
                                             'U',        'T',        'F',      '-',
                                             '8',        TELNET_IAC, TELNET_SE};
    static const unsigned char rejected[] = {TELNET_IAC,       TELNET_SB,  42,
                                             CHARSET_REJECTED, TELNET_IAC, TELNET_SE};
    bool on = telnet_option_is_on(&telnet->ours[CHARSET]) ||
              telnet_option_is_on(&telnet->theirs[CHARSET]);
    if (!on || telnet->length < 2 || telnet->bytes[1] != CHARSET_REQUEST)
        return;
    if (telnet->utf8 || telnet->matched == UTF8_NAME_BYTES)
        out->reply(out->context, accepted, sizeof accepted);
    else
        out->reply(out->context, rejected, sizeof rejected);
}

static enum telnet_event end_subnegotiation(struct telnet *telnet, const struct out *out)
{
    telnet->state = TEXT;
    switch (telnet->length > 0 ? find(telnet->bytes[0]) : UNKNOWN) {
    case SIZE:
        return hear_size(telnet);
    case TYPE:
        return hear_type(telnet, out);
    case CHARSET:
        hear_charset(telnet, out);
        return TELNET_TEXT;
    default:
        return TELNET_TEXT;
    }
}

/*
 * The stream.
 */

/* The result of one byte: a byte of text, an event, or neither. */
struct taken {
    bool text;
    unsigned char byte; /* the text */
    enum telnet_event event;
};

static struct taken nothing(void)
{
    return (struct taken){.event = TELNET_TEXT};
}

static struct taken event(enum telnet_event event)
{
    return (struct taken){.event = event};
}

static struct taken text(unsigned char byte)
{
    return (struct taken){.text = true, .byte = byte, .event = TELNET_TEXT};
}

/* Handles a command of two bytes. */
static struct taken hear_command(const struct telnet *telnet, unsigned char command)
{
    bool character = telnet_echoes(telnet);
    switch (command) {
    case TELNET_IP:
    case TELNET_BRK:
    case TELNET_ABORT:
        return character ? text(CTRL_C) : event(TELNET_DROP_LINE);
    case TELNET_EL:
        return character ? text(CTRL_U) : event(TELNET_DROP_LINE);
    case TELNET_EC:
        return character ? text(DEL) : nothing();
    case TELNET_EOF:
        return character ? text(CTRL_D) : event(TELNET_END_OF_FILE);
    case TELNET_AYT:
        return event(TELNET_ARE_YOU_THERE);
    default:
        return nothing();
    }
}

/* Handles the byte behind an IAC, unless it is another IAC. */
static struct taken take_command(struct telnet *telnet, unsigned char byte)
{
    telnet->state = TEXT;
    if (byte >= TELNET_WILL) {
        telnet->verb = byte;
        telnet->state = OPTION;
    } else if (byte == TELNET_SB) {
        begin_subnegotiation(telnet);
    } else {
        return hear_command(telnet, byte);
    }
    return nothing();
}

/* Handles the byte behind an IAC within a subnegotiation. */
static struct taken take_inner_command(struct telnet *telnet, unsigned char byte,
                                       const struct out *out)
{
    telnet->state = SUBNEGOTIATION;
    if (byte == TELNET_SE)
        return event(end_subnegotiation(telnet, out));
    if (byte != TELNET_IAC) /* the end is missing: the byte is a command of its own */
        return take_command(telnet, byte);
    take_subnegotiation(telnet, byte);
    return nothing();
}

/* Processes a byte that is not plain text. */
static struct taken take_byte(struct telnet *telnet, unsigned char byte, const struct out *out)
{
    switch (telnet->state) {
    case COMMAND:
        if (byte != TELNET_IAC)
            return take_command(telnet, byte);
        telnet->state = TEXT;
        return text(byte);
    case OPTION:
        telnet->state = TEXT;
        return event(hear_option(telnet, byte, out));
    case SUBNEGOTIATION:
        if (byte == TELNET_IAC)
            telnet->state = SUBNEGOTIATION_COMMAND;
        else
            take_subnegotiation(telnet, byte);
        return nothing();
    case SUBNEGOTIATION_COMMAND:
        return take_inner_command(telnet, byte, out);
    default: /* an IAC in the text */
        telnet->state = COMMAND;
        return nothing();
    }
}

/* Moves the text before the next command; returns how many bytes that is. */
static size_t take_text(char *text, const char *bytes, size_t length)
{
    const char *command = memchr(bytes, TELNET_IAC, length);
    size_t run = command != NULL ? (size_t)(command - bytes) : length;
    if (text != bytes)
        memmove(text, bytes, run);
    return run;
}

struct telnet_received telnet_receive(struct telnet *telnet, char *text, const char *bytes,
                                      size_t length, telnet_reply *reply, void *context)
{
    const struct out out = {reply, context};
    struct telnet_received received = {.event = TELNET_TEXT};
    while (received.consumed < length && received.event == TELNET_TEXT) {
        const char *next = bytes + received.consumed;
        if (telnet->state == TEXT && (unsigned char)*next != TELNET_IAC) {
            size_t run = take_text(text + received.text, next, length - received.consumed);
            received.text += run;
            received.consumed += run;
        } else if (telnet->state == COMMAND && !telnet->spoken &&
                   (unsigned char)*next != TELNET_IAC) {
            telnet->spoken = true;
            received.event = TELNET_SPEAKS;
        } else {
            struct taken taken = take_byte(telnet, (unsigned char)*next, &out);
            if (taken.text)
                text[received.text++] = (char)taken.byte;
            received.consumed++;
            received.event = taken.event;
        }
    }
    return received;
}

bool telnet_is_text(const struct telnet *telnet, const char *bytes, size_t length)
{
    return telnet->state == TEXT && memchr(bytes, TELNET_IAC, length) == NULL;
}

/*
 * What the server wants.
 */

/* Requests are sent together: some clients process all of one read before they answer. */
struct requests {
    unsigned char commands[6 * 3];
    size_t length;
};

static void want(struct telnet *telnet, bool ours, enum place place, bool on,
                 struct requests *requests)
{
    struct telnet_option *option = ours ? &telnet->ours[place] : &telnet->theirs[place];
    enum telnet_word word = telnet_option_want(option, on);
    forget_refusal(telnet, ours, numbers[place]);
    if (word == TELNET_SAY_NOTHING)
        return;
    unsigned char yes = ours ? TELNET_WILL : TELNET_DO;
    unsigned char no = ours ? TELNET_WONT : TELNET_DONT;
    requests->commands[requests->length++] = TELNET_IAC;
    requests->commands[requests->length++] = word == TELNET_SAY_YES ? yes : no;
    requests->commands[requests->length++] = numbers[place];
}

static void send_requests(const struct requests *requests, telnet_reply *reply, void *context)
{
    if (requests->length > 0)
        reply(context, requests->commands, requests->length);
}

/*
 * No DO SUPPRESS-GO-AHEAD: busybox's telnet and tintin++ have one flag for both sides of an option.
 * Behind WILL, busybox takes DO for a change and turns the option off again; before WILL, it makes
 * tintin++ leave the WILL without an answer. WILL ECHO comes second: it makes a client change its
 * mode, and by then the client must know the other option.
 *
 * DO BINARY, because GNU's telnet (as BSD's) looks for its escape character in seven bits of what
 * is typed unless it transmits in binary: in UTF-8, many letters have the byte 0x9D.
 */
void telnet_offer(struct telnet *telnet, telnet_reply *reply, void *context)
{
    struct requests requests = {.length = 0};
    telnet->offered = true;
    telnet->agreements = 0;
    want(telnet, true, GO_AHEAD, true, &requests);
    want(telnet, true, ECHOING, true, &requests);
    want(telnet, false, SIZE, true, &requests);
    want(telnet, false, TYPE, true, &requests);
    want(telnet, false, BINARY, true, &requests);
    want(telnet, true, RECORD_END, true, &requests);
    send_requests(&requests, reply, context);
}

void telnet_withdraw(struct telnet *telnet, telnet_reply *reply, void *context)
{
    struct requests requests = {.length = 0};
    want(telnet, true, ECHOING, false, &requests);
    want(telnet, true, GO_AHEAD, false, &requests);
    want(telnet, false, BINARY, false, &requests);
    send_requests(&requests, reply, context);
}

void telnet_hide(struct telnet *telnet, bool hide, telnet_reply *reply, void *context)
{
    struct requests requests = {.length = 0};
    want(telnet, true, ECHOING, hide, &requests);
    send_requests(&requests, reply, context);
}

bool telnet_hides(const struct telnet *telnet)
{
    return telnet_option_is_on(&telnet->ours[ECHOING]);
}

void telnet_mark(struct telnet *telnet, telnet_reply *reply, void *context)
{
    if (telnet->marks < UINT8_MAX)
        telnet->marks++;
    send_option(&(struct out){reply, context}, TELNET_DO, TIMING_MARK);
}

bool telnet_echoes(const struct telnet *telnet)
{
    return telnet_option_is_on(&telnet->ours[ECHOING]) &&
           telnet_option_is_on(&telnet->ours[GO_AHEAD]);
}

bool telnet_answered(const struct telnet *telnet)
{
    return telnet->offered && !telnet_option_is_asked(&telnet->ours[ECHOING]) &&
           !telnet_option_is_asked(&telnet->ours[GO_AHEAD]);
}

unsigned telnet_columns(const struct telnet *telnet)
{
    return telnet->columns;
}

unsigned telnet_rows(const struct telnet *telnet)
{
    return telnet->rows;
}

const char *telnet_terminal(const struct telnet *telnet)
{
    return telnet->terminal;
}

unsigned telnet_mtts(const struct telnet *telnet)
{
    return telnet->mtts;
}

/* Unless it is suppressed, a peer that speaks telnet waits for GA before it sends (RFC 854). */
void telnet_end_prompt(const struct telnet *telnet, telnet_reply *reply, void *context)
{
    bool eor = telnet_option_is_on(&telnet->ours[RECORD_END]);
    bool ga = telnet_answered(telnet) && !telnet_option_is_on(&telnet->ours[GO_AHEAD]);
    const unsigned char command[] = {TELNET_IAC, eor ? TELNET_EOR : TELNET_GA};
    if (eor || ga)
        reply(context, command, sizeof command);
}

/* A line end is CR LF, and the byte 255 is doubled (RFC 854). */
static bool encode(const char *bytes, size_t length, unsigned columns, struct buffer *out)
{
    (void)columns;
    const char *end = bytes + length;
    while (bytes < end) {
        const char *stop = bytes;
        while (stop < end && *stop != '\n' && (unsigned char)*stop != TELNET_IAC)
            stop++;
        if (!buffer_append(out, bytes, (size_t)(stop - bytes)))
            return false;
        if (stop < end && !buffer_append(out, *stop == '\n' ? "\r\n" : "\xFF\xFF", 2))
            return false;
        bytes = stop < end ? stop + 1 : end;
    }
    return true;
}

const struct encoding telnet_encoding = {encode};
