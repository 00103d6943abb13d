#include "base/platform.h"

#include "base/clock.h"
#include "net/intake.h"
#include "net/outbox.h"
#include "net/printer.h"
#include "net/terminal.h"
#include "net/throttle.h"

#include <string.h>

enum {
    KEYS_AT_ONCE = 128, /* fed to a terminal while its lock is held */
    KEY_COST = 8,       /* in bytes of answers: a byte of keys, */
    TAB_COST = 1024,    /* a TAB, besides the names that it searches, */
    EVENT_COST = 64     /* a telnet command that has an effect */
};

/* How long the terminal's lock stays free, at least, before more keys are fed. */
#define KEYS_REST CLOCK_MILLISECOND

/* The answer to telnet's AYT (RFC 854). */
static const char here_line[] = "*** Yes, I am here. ***\n";

void intake_init(struct intake *intake, struct outbox *outbox, size_t max_line, int64_t pulse)
{
    *intake = (struct intake){.outbox = outbox, .pulse = {.interval = pulse}};
    line_reader_init(&intake->reader, max_line);
}

static void close_printer(struct intake *intake)
{
    if (intake->printer != NULL)
        printer_close(intake->printer);
    intake->printer = NULL;
}

void intake_free(struct intake *intake)
{
    if (intake->terminal != NULL)
        terminal_close(intake->terminal);
    close_printer(intake);
    line_reader_free(&intake->reader);
    buffer_wipe(&intake->keys);
    buffer_wipe(&intake->entered);
    buffer_wipe(&intake->behind);
}

/*
 * The mode.
 */

static void send_commands(void *context, const unsigned char *commands, size_t length)
{
    struct intake *intake = context;
    if (!intake->mute)
        outbox_queue_raw(intake->outbox, commands, length);
}

void intake_offer(struct intake *intake)
{
    intake->offering = true;
    intake->offer_ends = clock_now() + INTAKE_PATIENCE;
    telnet_offer(&intake->telnet, send_commands, intake);
    outbox_flush(intake->outbox);
}

int64_t intake_patience_left(const struct intake *intake)
{
    return intake->offering ? intake->offer_ends - clock_now() : CLOCK_NEVER;
}

/*
 * A client that edits its own lines and has reported its terminal's type gets dressed lines.
 * Without memory for that it gets plain ones.
 */
static void settle_printer(struct intake *intake)
{
    bool told = *telnet_terminal(&intake->telnet) != '\0';
    if (intake->face == NULL || intake->terminal != NULL || !told)
        close_printer(intake);
    else if (intake->printer == NULL)
        intake->printer = printer_open(intake->outbox, intake->face);
}

/* Input that is held and not processed yet becomes keys. */
static bool open_terminal(struct intake *intake)
{
    struct line_reader *reader = &intake->reader;
    close_printer(intake);
    struct terminal *terminal =
        terminal_open(intake->outbox, intake->face, reader->max_line,
                      telnet_columns(&intake->telnet), telnet_rows(&intake->telnet));
    if (terminal != NULL && !line_reader_give_up(reader, &intake->keys)) {
        terminal_close(terminal);
        terminal = NULL;
    }
    intake->terminal = terminal;
    if (terminal != NULL)
        pulse_start(&intake->pulse, clock_now());
    return terminal != NULL;
}

/* Converts keys to lines: at a terminal Return is a CR, with or without a NUL or LF behind it. */
static bool make_lines(struct line_reader *reader, const char *keys, size_t length)
{
    bool kept = true;
    while (length > 0 && kept) {
        const char *end = memchr(keys, '\r', length);
        size_t used = end != NULL ? (size_t)(end - keys) : length;
        kept = line_reader_append(reader, keys, used) &&
               (end == NULL || line_reader_append(reader, "\n", 1));
        used += end != NULL;
        used += end != NULL && used < length && (keys[used] == '\0' || keys[used] == '\n');
        keys += used;
        length -= used;
    }
    return kept;
}

/* Return may be CR LF, CR NUL or CR NUL LF, of which the CR has been used. */
static void drop_end_of_return(struct intake *intake)
{
    static const char rest[] = {'\0', '\n'};
    for (size_t i = 0; i < sizeof rest && intake->after_return; i++)
        if (buffer_length(&intake->keys) > 0 && *buffer_bytes(&intake->keys) == rest[i])
            buffer_consume(&intake->keys, 1);
}

/*
 * Keys that are held become lines, and so do pasted lines that were to be entered. The half-typed
 * line is dropped, and a paste that is held, as they leave the screen too.
 */
static void close_terminal(struct intake *intake)
{
    struct buffer pasted = {0};
    if (intake->terminal == NULL)
        return;
    drop_end_of_return(intake);
    terminal_take_lines(intake->terminal, &pasted);
    terminal_close(intake->terminal);
    intake->terminal = NULL;
    pulse_stop(&intake->pulse);
    intake->has_fed = false;
    intake->failed |=
        !line_reader_append(&intake->reader, buffer_bytes(&pasted), buffer_length(&pasted)) ||
        !make_lines(&intake->reader, buffer_bytes(&intake->keys), buffer_length(&intake->keys));
    buffer_wipe(&pasted);
    buffer_wipe(&intake->keys);
    buffer_wipe(&intake->entered);
}

/* In line mode the peer shows what is typed, unless it agrees not to. */
static void ask_to_hide(struct intake *intake)
{
    if (intake->hidden && intake->telnet.spoken && intake->terminal == NULL && !intake->offering)
        telnet_hide(&intake->telnet, true, send_commands, intake);
}

void intake_forget(struct intake *intake)
{
    buffer_truncate(&intake->entered, 0);
    line_reader_forget(&intake->reader);
    buffer_scrub(&intake->keys);
    buffer_scrub(&intake->entered);
    buffer_scrub(&intake->behind);
}

void intake_hide(struct intake *intake, bool hide)
{
    intake_forget(intake);
    bool ends = intake->hidden && !hide && intake->terminal == NULL && !intake->offering;
    intake->hidden = hide;
    ask_to_hide(intake);
    if (ends)
        telnet_hide(&intake->telnet, false, send_commands, intake);
    outbox_flush(intake->outbox);
}

void intake_end_answer(struct intake *intake)
{
    static const unsigned char line_end[] = {'\r', '\n'};
    if (intake->hidden && intake->terminal == NULL && telnet_hides(&intake->telnet))
        outbox_queue_raw(intake->outbox, line_end, sizeof line_end);
}

void intake_withdraw(struct intake *intake)
{
    intake->offering = false;
    intake->leaving = false;
    close_terminal(intake);
    telnet_withdraw(&intake->telnet, send_commands, intake);
    ask_to_hide(intake);
    settle_printer(intake);
    outbox_flush(intake->outbox);
}

/*
 * What is due by the clock.
 */

int64_t intake_time_left(const struct intake *intake)
{
    int64_t pulse =
        intake->terminal != NULL ? pulse_left(&intake->pulse, clock_now()) : CLOCK_NEVER;
    int64_t patience = intake_patience_left(intake);
    return patience < pulse ? patience : pulse;
}

bool intake_keep_time(struct intake *intake)
{
    if (intake_patience_left(intake) <= 0)
        intake_withdraw(intake);
    if (intake->terminal == NULL)
        return true;
    bool stuck = outbox_try(intake->outbox) > 0;
    enum pulse_finding finding = pulse_take(&intake->pulse, clock_now(), stuck);
    if (finding == PULSE_ASK) {
        telnet_mark(&intake->telnet, send_commands, intake);
        outbox_flush(intake->outbox);
    }
    return finding != PULSE_GONE;
}

void intake_set_face(struct intake *intake, const struct terminal_face *face)
{
    intake->face = face; /* before the rest of the input can request a terminal */
    if (face == NULL && intake->terminal != NULL)
        intake_withdraw(intake);
    settle_printer(intake);
}

void intake_set_encoding(struct intake *intake, const struct encoding *encoding)
{
    intake->mute = true;
    outbox_set_encoding(intake->outbox, encoding);
}

void intake_change_face(struct intake *intake, void (*change)(void *context, const void *what),
                        void *context, const void *what)
{
    if (intake->terminal != NULL)
        terminal_change_face(intake->terminal, change, context, what);
    else if (intake->printer != NULL)
        printer_change_face(intake->printer, change, context, what);
    else
        change(context, what);
}

void intake_renew_prompt(struct intake *intake)
{
    if (intake->terminal != NULL)
        terminal_renew_prompt(intake->terminal);
}

int64_t intake_settle(struct intake *intake)
{
    return intake->terminal != NULL ? terminal_settle(intake->terminal) : CLOCK_NEVER;
}

bool intake_has_terminal(const struct intake *intake)
{
    return intake->terminal != NULL;
}

bool intake_shows_face(const struct intake *intake)
{
    return intake->terminal != NULL || intake->printer != NULL;
}

void intake_end_prompt(struct intake *intake)
{
    telnet_end_prompt(&intake->telnet, send_commands, intake);
    outbox_flush(intake->outbox);
}

/*
 * Whether a terminal may be drawn. A client that reports its abilities, and cannot move a cursor,
 * would show garbage; a screen reader would read each redraw aloud.
 */
static bool may_draw(const struct intake *intake)
{
    unsigned mtts = telnet_mtts(&intake->telnet);
    return mtts == 0 ||
           ((mtts & TELNET_MTTS_VT100) != 0 && (mtts & TELNET_MTTS_SCREEN_READER) == 0);
}

/*
 * The peer has answered a request of character mode, has changed its mind, or requests the mode
 * itself. With only one of the two options on, a person would type without an echo, so that option
 * is withdrawn, unless it is meant to be so (intake_hide()). Keys received before are still keys:
 * the terminal stays until they are fed.
 */
static void change_mode(struct intake *intake)
{
    bool answered = telnet_answered(&intake->telnet);
    bool agreed = telnet_echoes(&intake->telnet) && may_draw(intake);
    bool hides = intake->hidden && intake->terminal == NULL && !intake->offering;
    if (answered)
        intake->offering = false;
    if (agreed ? intake->terminal != NULL || (intake->face != NULL && open_terminal(intake))
               : !answered || hides)
        return;
    intake->leaving = !intake_is_empty(intake);
    if (!intake->leaving)
        intake_withdraw(intake);
}

/*
 * Bytes in.
 */

static bool keep(struct intake *intake, const char *text, size_t length)
{
    intake->heard_text = intake->heard_text || length > 0;
    return intake->terminal != NULL ? buffer_append(&intake->keys, text, length)
                                    : line_reader_append(&intake->reader, text, length);
}

/* More of the client's terminal has become known. */
static void know_kind(struct intake *intake)
{
    const struct terminal_face *face = intake->face;
    const struct terminal_kind kind = {telnet_terminal(&intake->telnet),
                                       telnet_mtts(&intake->telnet)};
    if (face != NULL)
        intake_change_face(intake, face->know_kind, face->context, &kind);
    if (!may_draw(intake))
        change_mode(intake);
    settle_printer(intake);
}

static void handle(struct intake *intake, enum telnet_event event)
{
    switch (event) {
    case TELNET_TEXT:
        break;
    case TELNET_SPEAKS:
        if (!intake->mute)
            outbox_set_encoding(intake->outbox, &telnet_encoding);
        if (intake->face != NULL && !intake->heard_text && !intake->telnet.offered)
            intake_offer(intake);
        ask_to_hide(intake);
        break;
    case TELNET_MODE:
        change_mode(intake);
        break;
    case TELNET_SCREEN:
        if (intake->terminal != NULL)
            terminal_resize(intake->terminal, telnet_columns(&intake->telnet),
                            telnet_rows(&intake->telnet));
        break;
    case TELNET_TERMINAL:
        know_kind(intake);
        break;
    case TELNET_MARKED:
        pulse_answer(&intake->pulse);
        break;
    case TELNET_ARE_YOU_THERE:
        if (!intake->mute &&
            outbox_try_answers(intake->outbox) <= THROTTLE_ANSWERS_BYTES) /* it reads */
            outbox_say(intake->outbox, here_line);
        break;
    case TELNET_DROP_LINE:
        line_reader_drop_unfinished(&intake->reader);
        break;
    case TELNET_END_OF_FILE:
        intake->ended = true;
        break;
    }
}

/* Whether bytes are text as they are. */
static bool is_text(const struct intake *intake, const char *bytes, size_t length)
{
    bool program = intake->mute && !intake->telnet.spoken;
    return program || telnet_is_text(&intake->telnet, bytes, length);
}

/* Processes bytes up to the end of character mode, if keys must be fed before that. */
static bool take(struct intake *intake, char *bytes, size_t length)
{
    bool kept = !intake->failed;
    if (kept && !intake->leaving && !intake->ended && is_text(intake, bytes, length))
        return keep(intake, bytes, length);
    while (length > 0 && kept && !intake->ended && !intake->leaving) {
        struct telnet_received received =
            telnet_receive(&intake->telnet, bytes, bytes, length, send_commands, intake);
        kept = keep(intake, bytes, received.text);
        handle(intake, received.event);
        kept = kept && !intake->failed;
        if (received.event != TELNET_TEXT)
            intake->cost += EVENT_COST;
        bytes += received.consumed;
        length -= received.consumed;
    }
    outbox_flush(intake->outbox); /* all answers in one send */
    if (intake->leaving)
        kept = kept && buffer_append(&intake->behind, bytes, length);
    return kept;
}

bool intake_take_behind(struct intake *intake)
{
    struct buffer behind = intake->behind;
    if (intake->leaving || buffer_length(&behind) == 0)
        return true;
    intake->behind = (struct buffer){0};
    bool kept = take(intake, behind.memory + behind.start, buffer_length(&behind));
    buffer_wipe(&behind);
    return kept;
}

bool intake_take(struct intake *intake, char *bytes, size_t length)
{
    if (intake->terminal != NULL)
        pulse_hear(&intake->pulse, clock_now());
    return intake_take_behind(intake) && take(intake, bytes, length);
}

char *intake_room(struct intake *intake, size_t room)
{
    return line_reader_room(&intake->reader, room);
}

/* Bulk input is nearly always plain text, which is in the line reader's memory already. */
bool intake_take_from_room(struct intake *intake, const char *bytes, size_t length)
{
    bool plain = intake->terminal == NULL && !intake->failed && buffer_length(&intake->behind) == 0;
    if (plain && is_text(intake, bytes, length)) {
        intake->heard_text = true;
        line_reader_grew(&intake->reader, length);
        return true;
    }
    struct buffer copy = {0}; /* keeping text may overwrite or move the space */
    bool kept = buffer_append(&copy, bytes, length) && intake_take(intake, copy.memory, length);
    buffer_wipe(&copy);
    return kept;
}

/*
 * Lines out.
 */

static enum intake_result next_sent(struct intake *intake, struct line *line)
{
    switch (line_reader_next(&intake->reader, line)) {
    case LINE_READY:
        return INTAKE_LINE;
    case LINE_TOO_LONG:
        return INTAKE_TOO_LONG;
    case LINE_UNFINISHED:
        break;
    }
    return INTAKE_NOTHING;
}

static void consume_keys(struct intake *intake, size_t count)
{
    buffer_consume(&intake->keys, count);
    intake->typed_keys += count;
}

/* Consecutive TABs show one list. */
static void drop_tabs(struct intake *intake)
{
    while (buffer_length(&intake->keys) > 0 && *buffer_bytes(&intake->keys) == '\t')
        consume_keys(intake, 1);
}

/*
 * Feeds a single TAB, which may search the names of all members under the outbox lock. When output
 * has failed, the TAB is dropped.
 */
static enum editor_event type_tab(struct intake *intake)
{
    const struct terminal_face *face = intake->face;
    enum editor_event event = EDITOR_NONE;
    if (outbox_error(intake->outbox) == OUTBOX_OPEN)
        terminal_feed(intake->terminal, "\t", 1, &event, &intake->entered);
    intake->after_return = false;
    intake->cost += TAB_COST + face->take_cost(face->context);
    consume_keys(intake, 1);
    if (event == EDITOR_CANDIDATES)
        drop_tabs(intake);
    return event;
}

/*
 * Feeds some keys: up to an event or a TAB, and at most KEYS_AT_ONCE; none while there are pasted
 * lines.
 */
static enum editor_event type(struct intake *intake)
{
    struct terminal *terminal = intake->terminal;
    const char *keys = buffer_bytes(&intake->keys);
    size_t length = terminal_has_more(terminal) ? 0 : buffer_length(&intake->keys);
    size_t some = length < KEYS_AT_ONCE ? length : KEYS_AT_ONCE;
    const char *tab = terminal_is_pasting(terminal) ? NULL : memchr(keys, '\t', some);
    enum editor_event event;
    buffer_truncate(&intake->entered, 0);
    if (tab == keys)
        return type_tab(intake);
    if (tab != NULL)
        some = (size_t)(tab - keys);
    size_t used = terminal_feed(terminal, keys, some, &event, &intake->entered);
    if (used > 0)
        intake->after_return = keys[used - 1] == '\r';
    consume_keys(intake, used);
    intake->cost += used * KEY_COST;
    return event;
}

/*
 * With more keys held than are fed at once, flushes and sleeps for a moment, so that other threads
 * get the terminal's lock and the person sees the effect. Unnecessary when output has failed.
 */
static void rest(struct intake *intake)
{
    if (intake->has_fed && outbox_error(intake->outbox) == OUTBOX_OPEN) {
        outbox_flush(intake->outbox);
        clock_sleep_until(clock_now() + KEYS_REST);
    }
    intake->has_fed = true;
}

static enum intake_result type_line(struct intake *intake, struct line *line)
{
    rest(intake);
    switch (type(intake)) {
    case EDITOR_LINE:
        *line = (struct line){buffer_bytes(&intake->entered), buffer_length(&intake->entered)};
        return INTAKE_LINE;
    case EDITOR_OVERLONG:
        return INTAKE_TOO_LONG;
    case EDITOR_NO_MEMORY:
        return INTAKE_NO_MEMORY;
    case EDITOR_LEAVE:
        return INTAKE_LEAVE;
    case EDITOR_SEARCHED:
        intake->cost += terminal_take_cost(intake->terminal);
        break;
    case EDITOR_NONE:
    case EDITOR_HELD:
    case EDITOR_DROPPED:
    case EDITOR_PASTE_TOO_LONG:
    case EDITOR_PASTE_NO_MEMORY:
    case EDITOR_INTERRUPT:
    case EDITOR_INTERRUPT_EMPTY:
    case EDITOR_CANDIDATES:
        break;
    }
    return INTAKE_NOTHING;
}

static enum intake_result next_entered(struct intake *intake, struct line *line)
{
    enum intake_result result = INTAKE_NOTHING;
    if (!intake->has_fed && buffer_length(&intake->keys) > 0)
        terminal_begin_keys(intake->terminal, buffer_bytes(&intake->keys),
                            buffer_length(&intake->keys));
    if (!intake_is_empty(intake))
        result = type_line(intake, line);
    if (result != INTAKE_NOTHING) {
        intake->entered_lines++;
    } else if (intake_is_empty(intake)) {
        terminal_end_keys(intake->terminal);
        outbox_flush(intake->outbox);
        intake->has_fed = false;
    }
    return result;
}

/* A terminal may have lines when there are no keys: pasted ones, which are entered one by one. */
bool intake_is_empty(const struct intake *intake)
{
    return intake->terminal == NULL ||
           (buffer_length(&intake->keys) == 0 && !terminal_has_more(intake->terminal));
}

bool intake_expects_more(const struct intake *intake)
{
    size_t length = buffer_length(&intake->keys);
    return intake->terminal != NULL && !intake->leaving && length > 0 &&
           terminal_expects_more(intake->terminal, buffer_bytes(&intake->keys), length);
}

size_t intake_take_cost(struct intake *intake)
{
    size_t cost = intake->cost;
    intake->cost = 0;
    return cost;
}

enum intake_result intake_next(struct intake *intake, struct line *line)
{
    for (;;) {
        enum intake_result result =
            intake->terminal != NULL ? next_entered(intake, line) : next_sent(intake, line);
        if (result != INTAKE_NOTHING || !intake_is_empty(intake))
            return result;
        if (intake->leaving)
            intake_withdraw(intake);
        if (buffer_length(&intake->behind) == 0)
            return INTAKE_NOTHING;
        intake->failed |= !intake_take_behind(intake);
    }
}

bool intake_has_next(struct intake *intake)
{
    return intake->terminal == NULL && line_reader_has_next(&intake->reader);
}

bool intake_rest(struct intake *intake, struct line *line)
{
    return line_reader_rest(&intake->reader, line);
}

size_t intake_held(const struct intake *intake)
{
    return buffer_length(&intake->reader.input) + buffer_length(&intake->keys) +
           buffer_length(&intake->behind);
}

uint64_t intake_line_ends(const struct intake *intake)
{
    return intake->reader.ends + intake->entered_lines;
}

uint64_t intake_typed_keys(const struct intake *intake)
{
    return intake->typed_keys;
}

void intake_relax(struct intake *intake)
{
    if (intake->hidden)
        intake_forget(intake);
    line_reader_relax(&intake->reader);
    buffer_shrink(&intake->keys);
    buffer_shrink(&intake->entered);
}
