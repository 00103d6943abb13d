#include "base/platform.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/utf8.h"
#include "doors/plain/paint.h"
#include "edit/wrap.h"

#include <string.h>

#define RESET "\033[0m"
#define DIM   "\033[2m"
#define BOLD  "\033[1m"
#define BELL  "\a"
#define STARS "*** "

/* Goes before the text of a line: further rows are indented to it. */
static const char text_begins[] = {WRAP_TEXT_BEGINS, '\0'};

/*
 * Colours that are legible on black and on white: in xterm's default palette each has a contrast
 * ratio of at least 3:1 to both, as WCAG 2 requires of graphics and large text (1.4.11, 1.4.3).
 * Green, yellow and cyan, normal or bright, have less to white, and blue has less to black. Bright
 * colours are selected by SGR 90 to 97, as bold text is bright only on some terminals.
 */
static const char *const name_colors[] = {
    "\033[31m", "\033[35m", "\033[91m", "\033[94m", "\033[95m",
};

/*
 * Returns the colour of a name: a hash (FNV-1a) of its folded form, so that it is the same on every
 * terminal and in either case.
 */
static const char *color_of(const char *name, size_t length)
{
    char plain[NAME_SIZE];
    char folded[NAME_FOLDED_SIZE];
    uint32_t hash = 2166136261U;
    if (length >= sizeof plain)
        length = sizeof plain - 1;
    memcpy(plain, name, length);
    plain[length] = '\0';
    name_fold(plain, folded);
    for (const char *byte = folded; *byte != '\0'; byte++)
        hash = (hash ^ (unsigned char)*byte) * 16777619U;
    return name_colors[hash % (sizeof name_colors / sizeof *name_colors)];
}

static bool put(const struct paint *paint, const char *color, struct buffer *out)
{
    return !paint->color || buffer_append_string(out, color);
}

/* Appends the time of day to the minute, in the server's time zone. */
static bool put_time(const struct paint *paint, struct clock_local at, struct buffer *out)
{
    return !paint->time || at.date == 0 ||
           (put(paint, DIM, out) &&
            buffer_format(out, "%02d:%02d ", at.minute / 60, at.minute % 60) &&
            put(paint, RESET, out));
}

bool paint_date(struct paint *paint, int date, struct buffer *out)
{
    bool passed = date > paint->date;
    bool shown = passed && paint->date != 0 && paint->time;
    if (passed)
        paint->date = date;
    return !shown || (put(paint, DIM, out) &&
                      buffer_format(out, "*** %04d-%02d-%02d ***", date / 10000, date / 100 % 100,
                                    date % 100) &&
                      put(paint, RESET, out) && buffer_append(out, "\n", 1));
}

/* Appends what comes before a line: the date, if it is a new one, and the time. */
static bool begin_line(struct paint *paint, struct clock_local at, struct buffer *out)
{
    return paint_date(paint, at.date, out) && put_time(paint, at, out);
}

static bool put_name(const struct paint *paint, const char *name, size_t length, struct buffer *out)
{
    return put(paint, color_of(name, length), out) && buffer_append(out, name, length) &&
           put(paint, RESET, out);
}

/*
 * Whether a character of a word begins at a place, or ends before it: "Al" is not found in "Alice".
 */
static bool is_word_at(const char *text, size_t length)
{
    uint32_t character;
    if (length == 0)
        return false;
    text_decode(text, length, &character);
    return character >= 0x80 ? !text_is_blank(character)
                             : (character >= '0' && character <= '9') || character == '_' ||
                                   (character >= 'a' && character <= 'z') ||
                                   (character >= 'A' && character <= 'Z');
}

static bool is_word_before(const char *text, size_t offset)
{
    size_t start = offset > 0 ? utf8_previous(text, offset) : 0;
    return is_word_at(text + start, offset - start);
}

/* Whether a text has a name at an offset, as a word of its own. */
static bool is_name_at(const char *name, const char *text, size_t length, size_t at)
{
    if (is_word_before(text, at))
        return false;
    size_t matched = name_match(name, text + at, length - at);
    return matched > 0 && !is_word_at(text + at + matched, length - at - matched);
}

/* An ASCII letter in lower case. Some other characters become equal, too. */
static unsigned lower(unsigned char byte)
{
    return byte | 0x20U;
}

/*
 * The first offset from `at` on where the name may begin; `length` if there is none. ASCII
 * characters that cannot begin it are skipped quickly, as each line is searched for the name of
 * everybody at a terminal. A character that is not ASCII may be equal to one that is, without case.
 */
static size_t next_place(const char *name, const char *text, size_t length, size_t at)
{
    unsigned first = lower((unsigned char)*name);
    if (first >= 0x80)
        return at;
    while (at < length && (unsigned char)text[at] < 0x80 && lower((unsigned char)text[at]) != first)
        at++;
    return at;
}

bool paint_mentions(const char *name, const char *text, size_t length)
{
    size_t at = *name != '\0' ? next_place(name, text, length, 0) : length;
    while (at < length) {
        uint32_t character;
        if (is_name_at(name, text, length, at))
            return true;
        at = next_place(name, text, length, at + text_decode(text + at, length - at, &character));
    }
    return false;
}

/* Appends the text of a line, with what is in front of it. */
static bool put_behind(const char *head, const char *text, size_t length, struct buffer *out)
{
    return buffer_append_string(out, head) && buffer_append_string(out, text_begins) &&
           buffer_append(out, text, length);
}

/* Appends a line in a style. Its text begins behind the first `head` bytes. */
static bool put_in(const struct paint *paint, const char *style, const char *line, size_t length,
                   size_t head, struct buffer *out)
{
    return put(paint, style, out) && buffer_append(out, line, head) &&
           put_behind("", line + head, length - head, out) && put(paint, RESET, out);
}

/* Returns the length of the stars at the beginning of a line of the server. */
static size_t stars_of(const char *line, size_t length)
{
    size_t stars = strlen(STARS);
    return length >= stars && memcmp(line, STARS, stars) == 0 ? stars : 0;
}

/* Appends a message with a speaker. */
static bool put_speech(const struct paint *paint, const struct message *message, bool mentioned,
                       struct buffer *out)
{
    const struct format_frame *frame = format_frame(message->kind);
    return buffer_append_string(out, frame->before) &&
           put_name(paint, message->name.bytes, message->name.length, out) &&
           put(paint, mentioned ? BOLD : "", out) &&
           put_behind(frame->between, message->text.bytes, message->text.length, out) &&
           put(paint, RESET, out) &&
           (!mentioned || !paint->bell || buffer_append_string(out, BELL));
}

/*
 * Appends any other message as in plain lines, in a style, without its LF and its time. The text of
 * a notice begins behind the stars.
 */
static bool put_plain(const struct paint *paint, const char *style, const struct message *message,
                      struct buffer *out)
{
    struct buffer line = {0};
    struct message present = *message;
    present.past = false;
    bool whole = format_lines.render(&present, &line);
    const char *bytes = buffer_bytes(&line);
    size_t length = buffer_length(&line) - 1; /* without its LF */
    if (whole)
        whole = put_in(paint, style, bytes, length,
                       message->kind == MESSAGE_TELL ? length - message->text.length
                                                     : stars_of(bytes, length),
                       out);
    buffer_free(&line);
    return whole;
}

static bool put_message(const struct paint *paint, const struct message *message, bool mentioned,
                        struct buffer *out)
{
    switch (message->kind) {
    case MESSAGE_SAY:
    case MESSAGE_ACT:
        return put_speech(paint, message, mentioned, out);
    case MESSAGE_TELL:
        return put_plain(paint, BOLD, message, out) &&
               (!paint->bell || buffer_append_string(out, BELL));
    case MESSAGE_JOIN:
    case MESSAGE_LEAVE:
    case MESSAGE_ENTER:
    case MESSAGE_EXIT:
    case MESSAGE_KICK:
    case MESSAGE_EXPEL:
    case MESSAGE_RENAME:
    case MESSAGE_TOPIC:
    case MESSAGE_HIDE:
    case MESSAGE_SHOW:
    case MESSAGE_LOCK:
    case MESSAGE_UNLOCK:
    case MESSAGE_CLOSE:
    case MESSAGE_OPEN:
    case MESSAGE_KEEP:
    case MESSAGE_LET_GO:
    case MESSAGE_MODERATE:
    case MESSAGE_UNMODERATE:
    case MESSAGE_GIVE_FLOOR:
    case MESSAGE_TAKE_FLOOR:
    case MESSAGE_SUMMARY:
    case MESSAGE_WELCOME:
    case MESSAGE_ENTERED:
    case MESSAGE_LINK_DOWN:
    case MESSAGE_LINK_UP:
    case MESSAGE_DATE:
    case MESSAGE_GAP:
    case MESSAGE_SKIP:
        break;
    case MESSAGE_WALL:
    case MESSAGE_OP:
    case MESSAGE_DEOP:
    case MESSAGE_INVITE:
    case MESSAGE_HAND:
    case MESSAGE_EXPELLED:
        return put_plain(paint, BOLD, message, out) &&
               (!paint->bell || buffer_append_string(out, BELL));
    }
    return put_plain(paint, DIM, message, out);
}

bool paint_names(const struct paint *paint, const struct message *message)
{
    return message_spares_author(message) &&
           paint_mentions(paint->name, message->text.bytes, message->text.length);
}

/* Appends the name of the room of a message that is from elsewhere. */
static bool put_room(const struct paint *paint, const struct message *message, bool elsewhere,
                     struct buffer *out)
{
    return !elsewhere ||
           (put(paint, DIM, out) && format_put_room(message, out) && put(paint, RESET, out));
}

/* Appends the time of a message that is past. */
static bool put_past(const struct paint *paint, const struct message *message, struct buffer *out)
{
    return put(paint, DIM, out) && format_put_time(message, out) && put(paint, RESET, out);
}

bool paint_message(struct paint *paint, const struct message *message, bool elsewhere,
                   struct buffer *out)
{
    struct clock_local at = message->at.date != 0 ? message->at : clock_local();
    if (message->kind == MESSAGE_SKIP)
        return true;
    return (message->past ? put_past(paint, message, out) : begin_line(paint, at, out)) &&
           put_room(paint, message, elsewhere, out) &&
           put_message(paint, message, paint_names(paint, message), out) &&
           buffer_append(out, "\n", 1);
}

/* The settings on which shared rows depend. */
enum { COLORED = 1, TIMED = 2, ELSEWHERE = 4, SETTINGS = 8 };

/* Appends a message as it looks to all persons with these settings that it does not name. */
static bool put_alike(const struct message *message, unsigned settings, struct buffer *out)
{
    const struct paint paint = {.color = (settings & COLORED) != 0,
                                .time = (settings & TIMED) != 0};
    return put_time(&paint, message->at, out) &&
           put_room(&paint, message, (settings & ELSEWHERE) != 0, out) &&
           put_message(&paint, message, false, out) && buffer_append(out, "\n", 1);
}

static bool render_bare(const struct message *message, struct buffer *out)
{
    return put_alike(message, 0, out);
}

static bool render_colored(const struct message *message, struct buffer *out)
{
    return put_alike(message, COLORED, out);
}

static bool render_timed(const struct message *message, struct buffer *out)
{
    return put_alike(message, TIMED, out);
}

static bool render_colored_timed(const struct message *message, struct buffer *out)
{
    return put_alike(message, COLORED | TIMED, out);
}

static bool render_bare_elsewhere(const struct message *message, struct buffer *out)
{
    return put_alike(message, ELSEWHERE, out);
}

static bool render_colored_elsewhere(const struct message *message, struct buffer *out)
{
    return put_alike(message, ELSEWHERE | COLORED, out);
}

static bool render_timed_elsewhere(const struct message *message, struct buffer *out)
{
    return put_alike(message, ELSEWHERE | TIMED, out);
}

static bool render_colored_timed_elsewhere(const struct message *message, struct buffer *out)
{
    return put_alike(message, ELSEWHERE | COLORED | TIMED, out);
}

const struct format *paint_format(const struct paint *paint, bool elsewhere)
{
    static const struct format formats[SETTINGS] = {
        [0] = {render_bare},
        [COLORED] = {render_colored},
        [TIMED] = {render_timed},
        [COLORED | TIMED] = {render_colored_timed},
        [ELSEWHERE] = {render_bare_elsewhere},
        [ELSEWHERE | COLORED] = {render_colored_elsewhere},
        [ELSEWHERE | TIMED] = {render_timed_elsewhere},
        [ELSEWHERE | COLORED | TIMED] = {render_colored_timed_elsewhere}};
    return &formats[(paint->color ? COLORED : 0) | (paint->time ? TIMED : 0) |
                    (elsewhere ? ELSEWHERE : 0)];
}

bool paint_notice(struct paint *paint, const char *line, size_t length, struct buffer *out)
{
    bool ended = length > 0 && line[length - 1] == '\n';
    length -= ended;
    return begin_line(paint, clock_local(), out) &&
           put_in(paint, DIM, line, length, stars_of(line, length), out) &&
           buffer_append(out, "\n", 1);
}

bool paint_own(struct paint *paint, const char *text, size_t length, struct buffer *out)
{
    return begin_line(paint, clock_local(), out) &&
           put_name(paint, paint->name, strlen(paint->name), out) &&
           put_behind(format_frame(MESSAGE_SAY)->between, text, length, out) &&
           buffer_append(out, "\n", 1);
}

bool paint_prompt(const struct paint *paint, const char *login_prompt, struct buffer *out)
{
    if (*paint->name == '\0')
        return buffer_append_string(out, login_prompt);
    return (paint->room == NULL || buffer_format(out, "#%s ", paint->room)) &&
           put_name(paint, paint->name, strlen(paint->name), out) &&
           buffer_append_string(out, "> ");
}

bool paint_typed(const struct paint *paint, const char *login_prompt, const char *text,
                 size_t length, struct buffer *out)
{
    return paint_prompt(paint, login_prompt, out) && put_behind("", text, length, out) &&
           buffer_append(out, "\n", 1);
}
