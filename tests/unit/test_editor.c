/*
 * The line editor against a model of the terminal: keys in, the resulting screen and cursor out.
 */
#include "screen.h"
#include "suites.h"

#include "edit/edit_line.h"
#include "edit/editor.h"
#include "edit/history.h"
#include "edit/search.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { LINE_BYTES_MAX = 512, OUTPUT_BYTES_MAX = 1 << 16, LOG_BYTES_MAX = 1 << 14 };

#define PROMPT "Alice> "

/* A terminal with a person at it, and the least of a server behind it. */
struct terminal {
    struct editor *editor;
    struct screen *screen;
    char output[OUTPUT_BYTES_MAX]; /* what the editor wrote last */
    size_t output_length;
    char log[LOG_BYTES_MAX]; /* the events so far, a line each */
    bool hidden;
};

static void collect(void *context, const char *bytes, size_t length)
{
    struct terminal *terminal = context;

    if (terminal->output_length + length >= sizeof(terminal->output))
        abort();
    memcpy(terminal->output + terminal->output_length, bytes, length);
    terminal->output_length += length;
    terminal->output[terminal->output_length] = '\0';
}

static struct sink sink_of(struct terminal *terminal)
{
    struct sink sink = {collect, terminal};

    return sink;
}

static const char *const names[] = {"Alice: ", "Alicia: ", "Bob: ", "Zoë: ", "/help", "/hello",
                                    "kim: ",   "Kimi: ",   "Xaë: ", "Xaé: ", "êtes",  "Yan "};

/*
 * Whether a name begins with the word, without regard to the case of ASCII letters and to the
 * accent of an e.
 */
static bool suits(const char *name, const char *word, size_t length)
{
    if (length == 2 && strncmp(word, "é", 2) == 0)
        return strcmp(name, "êtes") == 0;
    return strlen(name) >= length && strncasecmp(name, word, length) == 0;
}

static void complete(void *context, const char *word, size_t length, bool begins_line,
                     struct completion *candidates)
{
    (void)context;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t name_length = begins_line ? strlen(names[i]) : strcspn(names[i], ":");

        if (suits(names[i], word, length))
            completion_add(candidates, names[i], name_length);
    }
}

static struct terminal *open_sized(int columns, int rows, enum screen_kind kind)
{
    struct terminal *terminal = calloc(1, sizeof(*terminal));

    if (terminal == NULL)
        abort();
    terminal->screen = screen_new(columns, rows, kind);
    terminal->editor = editor_new(LINE_BYTES_MAX, complete, NULL);
    if (terminal->editor == NULL || editor_set_prompt(terminal->editor, PROMPT, strlen(PROMPT)) < 0)
        abort();
    editor_resize(terminal->editor, (unsigned)columns, (unsigned)rows);
    return terminal;
}

static void feed(struct terminal *terminal, const char *bytes, size_t length);

/* Shows what the editor has written. Returns whether the terminal had something to answer. */
static bool flush(struct terminal *terminal)
{
    char reply[64];

    screen_write(terminal->screen, terminal->output, terminal->output_length);
    terminal->output_length = 0;
    strcpy(reply, screen_reply(terminal->screen));
    feed(terminal, reply, strlen(reply));
    return reply[0] != '\0';
}

/* Draws, until the terminal has nothing more to answer. */
static void refresh(struct terminal *terminal)
{
    struct sink sink = sink_of(terminal);

    do
        editor_refresh(terminal->editor, &sink);
    while (flush(terminal));
}

static struct terminal *open_terminal(int columns)
{
    struct terminal *terminal = open_sized(columns, 10, SCREEN_XTERM);

    refresh(terminal);
    return terminal;
}

static void close_terminal(struct terminal *terminal)
{
    CU_ASSERT_EQUAL(screen_errors(terminal->screen), 0);
    editor_free(terminal->editor);
    screen_free(terminal->screen);
    free(terminal);
}

static void note(struct terminal *terminal, const char *event, const char *text, size_t length)
{
    size_t used = strlen(terminal->log);

    if (used + strlen(event) + length + 2 > sizeof(terminal->log))
        abort();
    sprintf(terminal->log + used, "%s%.*s\n", event, (int)length, text);
}

static void print_above(struct terminal *terminal, const char *text)
{
    struct sink sink = sink_of(terminal);

    editor_print_above(terminal->editor, text, strlen(text), &sink);
}

static void handle(struct terminal *terminal, enum editor_event event)
{
    char shown[LINE_BYTES_MAX + 32];
    const char *text;
    size_t length;
    bool begins_line;

    switch (event) {
    case EDITOR_LINE:
        text = editor_line(terminal->editor, &length);
        note(terminal, "line ", text, length);
        snprintf(shown, sizeof(shown), "Alice: %.*s\n", (int)length, text);
        if (terminal->hidden)
            print_above(terminal, "Password:\n");
        else if (length > 0)
            print_above(terminal, shown);
        break;
    case EDITOR_CANDIDATES:
        text = editor_word(terminal->editor, &length, &begins_line);
        snprintf(shown, sizeof(shown), "*** %.*s... ***\n", (int)length, text);
        print_above(terminal, shown);
        break;
    case EDITOR_INTERRUPT:
        note(terminal, "interrupt", "", 0);
        break;
    case EDITOR_INTERRUPT_EMPTY:
        note(terminal, "nothing to interrupt", "", 0);
        break;
    case EDITOR_LEAVE:
        note(terminal, "leave", "", 0);
        break;
    case EDITOR_OVERLONG:
        note(terminal, "overlong", "", 0);
        break;
    case EDITOR_NO_MEMORY:
        note(terminal, "no memory", "", 0);
        break;
    case EDITOR_HELD:
        snprintf(shown, sizeof(shown), "%zu", editor_held(terminal->editor));
        note(terminal, "held ", shown, strlen(shown));
        print_above(terminal, "*** Held ***\n");
        break;
    case EDITOR_DROPPED:
        note(terminal, "dropped", "", 0);
        break;
    case EDITOR_PASTE_TOO_LONG:
        note(terminal, "too long", "", 0);
        break;
    case EDITOR_PASTE_NO_MEMORY:
        note(terminal, "no memory for it", "", 0);
        break;
    case EDITOR_SEARCHED:
    case EDITOR_NONE:
        break;
    }
}

static void feed(struct terminal *terminal, const char *bytes, size_t length)
{
    size_t used = 0;

    while (used < length || editor_has_more(terminal->editor)) {
        enum editor_event event;

        used += editor_feed(terminal->editor, bytes + used, length - used, &event);
        handle(terminal, event);
    }
}

/* Types bytes that may contain NUL, all in one piece. */
static void type_bytes(struct terminal *terminal, const char *bytes, size_t length)
{
    feed(terminal, bytes, length);
    refresh(terminal);
}

static void type(struct terminal *terminal, const char *keys)
{
    type_bytes(terminal, keys, strlen(keys));
}

/* Types one byte at a time, each drawn before the next. */
static void type_slowly(struct terminal *terminal, const char *keys)
{
    for (; *keys != '\0'; keys++)
        type_bytes(terminal, keys, 1);
}

static void message(struct terminal *terminal, const char *text)
{
    print_above(terminal, text);
    refresh(terminal);
}

static void check_text(const char *what, const char *actual, const char *expected)
{
    bool same = strcmp(actual, expected) == 0;

    if (!same)
        printf("\n    %s: \"%s\"\n    instead of \"%s\"", what, actual, expected);
    CU_ASSERT_TRUE(same);
}

static void check_number(const char *what, long actual, long expected)
{
    if (actual != expected)
        printf("\n    %s: %ld instead of %ld", what, actual, expected);
    CU_ASSERT_EQUAL(actual, expected);
}

/* Checks the row that the cursor is on, and the cursor's column. */
static void check_row(struct terminal *terminal, const char *text, int column)
{
    check_text("row", screen_row(terminal->screen, screen_cursor_row(terminal->screen)), text);
    check_number("column", screen_cursor_column(terminal->screen), column);
}

static void check_screen(struct terminal *terminal, const char *text)
{
    check_text("screen", screen_text(terminal->screen), text);
}

static void check_log(struct terminal *terminal, const char *log)
{
    check_text("events", terminal->log, log);
}

static unsigned random_state;

static unsigned random_below(unsigned bound)
{
    random_state = random_state * 1103515245u + 12345u;
    return (random_state >> 16) % bound;
}

/* ---- Keys ---- */

/* If this failed, the prompt would not be there, or not where the cursor is. */
static void test_prompt(void)
{
    struct terminal *terminal = open_terminal(80);

    check_row(terminal, "Alice>", 7);
    CU_ASSERT_TRUE(screen_bracketed_paste(terminal->screen));
    editor_set_prompt(terminal->editor, "\033[1;32mZoë>\033[0m ", strlen("\033[1;32mZoë>\033[0m "));
    refresh(terminal);
    check_row(terminal, "Zoë>", 5);
    type(terminal, "x");
    check_row(terminal, "Zoë> x", 6);
    close_terminal(terminal);
}

/* If this failed, typing would cost more than the typed bytes. */
static void test_typing_writes_only_what_was_typed(void)
{
    struct terminal *terminal = open_terminal(80);
    struct sink sink = sink_of(terminal);

    feed(terminal, "h", 1);
    editor_refresh(terminal->editor, &sink);
    check_text("output", terminal->output, "h");
    flush(terminal);
    editor_refresh(terminal->editor, &sink);
    check_number("bytes for nothing", (long)terminal->output_length, 0);
    feed(terminal, "\002", 1);
    editor_refresh(terminal->editor, &sink);
    check_text("output", terminal->output, "\b");
    flush(terminal);
    feed(terminal, "o", 1);
    editor_refresh(terminal->editor, &sink);
    check_text("output", terminal->output, "oh\b");
    flush(terminal);
    check_row(terminal, "Alice> oh", 8);
    close_terminal(terminal);
}

/*
 * Keys typed after "one two three", and what the row and the cursor (from the line's start) then
 * are.
 */
static const struct key_case {
    const char *name;
    const char *keys;
    const char *line;
    int cursor;
} key_cases[] = {
    {"insert", "\033[DX", "one two threXe", 13},
    {"left", "\033[D", "one two three", 12},
    {"left SS3", "\033OD", "one two three", 12},
    {"left rxvt with Shift", "\033[d", "one two three", 12},
    {"left with Shift", "\033[1;2D", "one two three", 12},
    {"left Ctrl-B", "\002\002", "one two three", 11},
    {"right", "\001\033[C", "one two three", 1},
    {"right SS3", "\001\033OC", "one two three", 1},
    {"right with Shift", "\001\033[1;2C", "one two three", 1},
    {"right rxvt with Shift", "\001\033[c", "one two three", 1},
    {"right Ctrl-F", "\001\006\006", "one two three", 2},
    {"right at the end", "\033[C", "one two three", 13},
    {"left at the start", "\001\033[D", "one two three", 0},
    {"home CSI H", "\033[H", "one two three", 0},
    {"home CSI 1~", "\033[1~", "one two three", 0},
    {"home CSI 7~", "\033[7~", "one two three", 0},
    {"home SS3", "\033OH", "one two three", 0},
    {"home rxvt with Control", "\033[7^", "one two three", 0},
    {"home rxvt with Shift", "\033[7$", "one two three", 0},
    {"home with Control", "\033[1;5H", "one two three", 0},
    {"home Ctrl-A", "\001", "one two three", 0},
    {"end CSI F", "\001\033[F", "one two three", 13},
    {"end CSI 4~", "\001\033[4~", "one two three", 13},
    {"end CSI 8~", "\001\033[8~", "one two three", 13},
    {"end SS3", "\001\033OF", "one two three", 13},
    {"end Ctrl-E", "\001\005", "one two three", 13},
    {"word left with Control", "\033[1;5D", "one two three", 8},
    {"word left with Alt", "\033[1;3D", "one two three", 8},
    {"word left with Meta", "\033[1;9D", "one two three", 8},
    {"word left with Shift and Alt", "\033[1;4D", "one two three", 8},
    {"word left old xterm", "\033[5D", "one two three", 8},
    {"word left rxvt", "\033Od", "one two three", 8},
    {"word left Meta as ESC ESC", "\033\033[D", "one two three", 8},
    {"word left Meta-B", "\033b\033b", "one two three", 4},
    {"word left Meta-B large", "\033B", "one two three", 8},
    {"word right with Control", "\001\033[1;5C", "one two three", 3},
    {"word right with Alt", "\001\033[1;3C", "one two three", 3},
    {"word right Meta as ESC ESC", "\001\033\033[C", "one two three", 3},
    {"word right Meta-F", "\001\033f\033f", "one two three", 7},
    {"backspace DEL", "\177", "one two thre", 12},
    {"backspace Ctrl-H", "\010\010", "one two thr", 11},
    {"backspace in the middle", "\033b\177", "one twothree", 7},
    {"backspace at the start", "\001\177", "one two three", 0},
    {"delete", "\001\033[3~", "ne two three", 0},
    {"delete Ctrl-D", "\001\004\004", "e two three", 0},
    {"delete at the end", "\033[3~\004", "one two three", 13},
    {"delete word with Control", "\001\033[3;5~", " two three", 0},
    {"delete word rxvt", "\001\033[3^", " two three", 0},
    {"delete word Meta-D", "\001\033d\033d", " three", 0},
    {"delete word left Meta-Backspace", "\033\177", "one two ", 8},
    {"delete argument Ctrl-W", "\027", "one two ", 8},
    {"delete arguments Ctrl-W", "\027\027", "one ", 4},
    {"Ctrl-W in the middle", "\033b\027", "one three", 4},
    {"kill Ctrl-K", "\033b\013", "one two ", 8},
    {"kill everything Ctrl-K", "\001\013", "", 0},
    {"discard Ctrl-U", "\025", "", 0},
    {"discard to the start Ctrl-U", "\033b\025", "three", 0},
    {"bring back Ctrl-Y", "\027\001\031", "threeone two ", 5},
    {"bring back twice", "\025\031\031", "one two threeone two three", 26},
    {"bring back what Ctrl-K took", "\033b\013\001\031", "threeone two ", 5},
    {"bring back what Meta-D took", "\001\033d\005\031", " two threeone", 13},
    {"bring back words taken to the left", "\027\027\031", "one two three", 13},
    {"bring back words taken to the right", "\001\033d\033d\031", "one two three", 7},
    {"bring back what was taken on both sides", "\033b\033b\033d\027\013\031", "one two three", 13},
    {"bring back the last piece only", "\027\002\027\031", "one two ", 7},
    {"bring back nothing", "\177\031", "one two thre", 12},
    {"bring back after Ctrl-C", "\025\003\031", "one two three", 13},
    {"transpose Ctrl-T at the end", "x\024", "one two threxe", 14},
    {"transpose Ctrl-T in the middle", "\033b\033[C\024", "one two htree", 10},
    {"transpose Ctrl-T at the start", "\001\024", "one two three", 0},
    {"interrupt Ctrl-C", "\003", "", 0},
    {"Escape then a key", "\033\001", "one two three", 0},
    {"unknown control characters", "\016\017\021\023\026\032\034\035\036\037", "one two three", 13},
    {"unknown CSI", "\033[99~\033[?1;2c\033[>1;2;3;4;5;6m\033[12345678901234567890;;;;u",
     "one two three", 13},
    {"insert and page keys", "\033[2~\033[5~\033[6~\033[Z", "one two three", 13},
    {"function keys", "\033OP\033OS\033[15~\033[[A\033[[E\033[1;2P", "one two three", 13},
    {"cursor report nobody asked for", "\033[5;5R", "one two three", 13},
    {"focus reports", "\033[I\033[O", "one two three", 13},
    {"mouse reports", "\033[M !!\033[<0;10;10M\033[<0;10;10m", "one two three", 13},
    {"private and intermediate bytes", "\001\033[?1C\033[>3~\033[1 C\033[1:2C\033O?C",
     "one two three", 0},
    {"a number too large", "\001\033[65539~\033[4294967299~", "one two three", 0},
    {"word left over a mark", " !\xCC\x81y\033b", "one two three !\xCC\x81y", 14},
    {"word right over a mark", "x \xCC\x81y\033b\033b\033f", "one two threex \xCC\x81y", 14},
    {"subparameters", "\033[38:5:1m", "one two three", 13},
    {"OSC with ST", "\033]11;rgb:0000/0000/0000\033\\", "one two three", 13},
    {"OSC with BEL", "\033]52;c;SGVsbG8=\a", "one two three", 13},
    {"DCS", "\033P1$r0m\033\\", "one two three", 13},
    {"APC, PM and SOS", "\033_a\033\\\033^b\033\\\033Xc\033\\", "one two three", 13},
    {"OSC broken off by a sequence", "\033]0;title\033[D", "one two three", 12},
    {"OSC broken off by a key", "\033]0;title\001", "one two three", 0},
    {"CSI broken off by a key", "\033[1;\001", "one two three", 0},
    {"CSI broken off by a character", "\033[1;é", "one two threeé", 14},
    {"unknown Meta", "\033x\033.\033é", "one two three", 13},
    {"character sets", "\033(B\033)0\033%G", "one two three", 13},
    {"characters of several bytes", "é", "one two threeé", 14},
    {"invalid UTF-8", "\xC0\xAF\xFF\xFE\x80\xBF\xED\xA0\x80\xF4\x90\x80\x80\xE2\x82",
     "one two three", 13},
    {"text after a cut character", "\xE2\x82x\xC3y", "one two threexy", 15},
    {"C1 and separators", "\xC2\x85\xC2\x9B\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAE\xE2\x80\xAC",
     "one two three", 13},
};

enum { KEY_CASES = sizeof(key_cases) / sizeof(key_cases[0]) };

static void check_key(struct terminal *terminal, const struct key_case *key)
{
    char row[LINE_BYTES_MAX];
    size_t length = (size_t)sprintf(row, "%s%s", PROMPT, key->line);

    while (length > 0 && row[length - 1] == ' ')
        row[--length] = '\0';
    if (strcmp(screen_row(terminal->screen, screen_cursor_row(terminal->screen)), row) != 0 ||
        screen_cursor_column(terminal->screen) != key->cursor + (int)strlen(PROMPT))
        printf("\n  %s:", key->name);
    check_row(terminal, row, key->cursor + (int)strlen(PROMPT));
}

/* If this failed, a key would not do what it says on it. */
static void test_keys(void)
{
    static const int widths[] = {80, 40};

    for (size_t i = 0; i < 2 * KEY_CASES; i++) {
        const struct key_case *key = &key_cases[i / 2];
        struct terminal *terminal = open_terminal(widths[i % 2]);

        type(terminal, "one two three");
        type(terminal, key->keys);
        check_key(terminal, key);
        close_terminal(terminal);
    }
}

/* Whether the keys end with what may be a person's Meta-] or the beginning of a control string. */
static bool is_in_doubt(const char *keys, size_t length)
{
    return length >= 2 && keys[length - 2] == '\033' &&
           strchr("PX]^_()%", keys[length - 1]) != NULL;
}

static bool is_ever_in_doubt(const char *keys)
{
    for (size_t cut = 1; cut < strlen(keys); cut++)
        if (is_in_doubt(keys, cut))
            return true;
    return false;
}

/*
 * If this failed, Meta-] and what is typed behind it up to Return would be gone without a trace.
 */
static void test_meta_of_no_use(void)
{
    static const char *const metas[] = {"\033]", "\033_", "\033^", "\033P", "\033X", "\033("};
    for (size_t i = 0; i < sizeof metas / sizeof *metas; i++) {
        struct terminal *terminal = open_terminal(80);
        type(terminal, metas[i]);
        type(terminal, "hello");
        check_row(terminal, "Alice> hello", 12);
        close_terminal(terminal);
    }
}

/*
 * If this failed, a sequence that arrives in two pieces would do something else than a whole one.
 */
static void test_keys_cut_anywhere(void)
{
    for (size_t i = 0; i < KEY_CASES; i++) {
        const struct key_case *key = &key_cases[i];

        for (size_t cut = 1; cut < strlen(key->keys); cut++) {
            if (is_in_doubt(key->keys, cut))
                continue;
            struct terminal *terminal = open_terminal(80);

            type(terminal, "one two three");
            type_bytes(terminal, key->keys, cut);
            type(terminal, key->keys + cut);
            check_key(terminal, key);
            close_terminal(terminal);
        }
        if (is_ever_in_doubt(key->keys))
            continue;
        struct terminal *terminal = open_terminal(80);

        type_slowly(terminal, "one two three");
        type_slowly(terminal, key->keys);
        check_key(terminal, key);
        close_terminal(terminal);
    }
}

/* If this failed, Return would enter no line or two, depending on the client. */
static void test_return(void)
{
    static const struct {
        const char *keys;
        size_t length;
    } returns[] = {
        {"a\r\nb\r\n", 6},     {"a\r\0b\r\0", 6},     {"a\rb\r", 4},           {"a\nb\n", 4},
        {"a\033OMb\033OM", 8}, {"a\r\0\nb\r\0\n", 8}, {"\0a\0\r\n\0b\r\0", 9},
    };

    for (size_t i = 0; i < sizeof(returns) / sizeof(returns[0]); i++)
        for (size_t cut = 0; cut <= returns[i].length; cut++) {
            struct terminal *terminal = open_terminal(80);

            type_bytes(terminal, returns[i].keys, cut);
            type_bytes(terminal, returns[i].keys + cut, returns[i].length - cut);
            check_log(terminal, "line a\nline b\n");
            check_screen(terminal, "Alice: a\nAlice: b\nAlice>\n");
            check_row(terminal, "Alice>", 7);
            close_terminal(terminal);
        }
}

/*
 * If this failed, a client that sends a NUL between keys, or within what one key sends, would type
 * something else by it.
 */
static void test_nul_is_nothing(void)
{
    static const char keys[] = "\0f\xC3\0\xA9\033\0[\0"
                               "1\0;5\0D\0\0a\033\0b\0\033[20\0"
                               "0~x\0\033[201~";
    struct terminal *terminal = open_terminal(80);

    type_bytes(terminal, keys, sizeof(keys) - 1);
    check_row(terminal, "Alice> xafé", 8);
    type_bytes(terminal, "\005 A\t\0\t", 6); /* the TABs still follow each other */
    check_screen(terminal, "*** Alic... ***\nAlice> xafé Alic\n");
    close_terminal(terminal);
}

/* If this failed, empty lines would leave rubbish or vanish. */
static void test_empty_lines(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "\r\r\n\r");
    check_log(terminal, "line \nline \nline \n");
    check_screen(terminal, "Alice>\n");
    close_terminal(terminal);
}

/* If this failed, Ctrl-D would throw a person out in the middle of a line, or not at all. */
static void test_leave(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "x\001\004");
    check_log(terminal, "");
    type(terminal, "\004");
    check_log(terminal, "leave\n");
    close_terminal(terminal);
}

/* If this failed, Ctrl-C would not be reported, or would leave text behind. */
static void test_interrupt(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "some text\003");
    check_log(terminal, "interrupt\n");
    check_row(terminal, "Alice>", 7);
    type(terminal, "more\r\003");
    check_log(terminal, "interrupt\nline more\nnothing to interrupt\n");
    type(terminal, "\033[A\025\003"); /* an older line was being looked at */
    check_log(terminal, "interrupt\nline more\nnothing to interrupt\ninterrupt\n");
    close_terminal(terminal);
}

/* If this failed, Ctrl-L would lose the line or leave the old screen. */
static void test_clear_screen(void)
{
    struct terminal *terminal = open_terminal(80);

    message(terminal, "Bob: hello\n");
    type(terminal, "some text\002\002\014");
    check_screen(terminal, "Alice> some text\n");
    check_row(terminal, "Alice> some text", 14);
    check_number("row", screen_cursor_row(terminal->screen), 0);
    close_terminal(terminal);
}

/*
 * If this failed, the line could grow without a bound, or a character be cut in two at the bound.
 */
static void test_limit(void)
{
    struct terminal *terminal = open_terminal(80);
    char expected[LINE_BYTES_MAX + 32] = "overlong\nline ";

    for (int i = 0; i < LINE_BYTES_MAX - 1; i++)
        strcat(expected, "x");
    for (int i = 0; i < LINE_BYTES_MAX - 1; i++)
        type(terminal, "x");
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 0);
    type(terminal, "é");
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 1);
    type(terminal, "yz");
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 2);
    type(terminal, "\r");
    check_log(terminal, "overlong\n");
    type(terminal, "\033[A\r"); /* it is not lost */
    strcat(expected, "y\n");
    check_log(terminal, expected);
    close_terminal(terminal);
}

/* ---- Characters of other widths ---- */

/*
 * If this failed, the cursor would not be where the terminal has it in a line of wide or combining
 * characters.
 */
static void test_widths(void)
{
    struct terminal *terminal = open_terminal(40);

    type_slowly(terminal, "日本語");
    check_row(terminal, "Alice> 日本語", 13);
    type_slowly(terminal, "\002\002");
    check_row(terminal, "Alice> 日本語", 9);
    type_slowly(terminal, "x");
    check_row(terminal, "Alice> 日x本語", 10);
    type_slowly(terminal, "\177\177");
    check_row(terminal, "Alice> 本語", 7);
    type_slowly(terminal, "\005e\xCC\x81!");
    check_row(terminal, "Alice> 本語e\xCC\x81!", 13);
    type_slowly(terminal, "\002\002");
    check_row(terminal, "Alice> 本語e\xCC\x81!", 11);
    type_slowly(terminal, "\004");
    check_row(terminal, "Alice> 本語!", 11);
    type_slowly(terminal, "กำ ที่");
    check_row(terminal, "Alice> 本語กำ ที่!", 15);
    type_slowly(terminal, "\177");
    check_row(terminal, "Alice> 本語กำ !", 14);
    close_terminal(terminal);
}

/* If this failed, a combining mark typed after its base would not reach the screen. */
static void test_combining_typed_late(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "ea\002");
    type(terminal, "\xCC\x81");
    check_row(terminal,
              "Alice> e\xCC\x81"
              "a",
              8);
    type(terminal, "\001\xCC\x88");
    CU_ASSERT_EQUAL(screen_cursor_column(terminal->screen), 7);
    type(terminal, "\005\r");
    check_log(terminal, "line \xCC\x88"
                        "e\xCC\x81"
                        "a\n");
    close_terminal(terminal);
}

/*
 * If this failed, a mass of marks on one character could not be edited, or would be drawn where it
 * no longer is.
 */
static void test_many_marks(void)
{
    struct terminal *terminal = open_terminal(80);
    char expected[256] = "Alice> a";

    type(terminal, "a");
    for (int i = 0; i < 40; i++)
        type(terminal, "\xCC\x81");
    CU_ASSERT_EQUAL(screen_cursor_column(terminal->screen), 8);
    type(terminal, "\002"); /* over as many as are taken for one character */
    type(terminal, "x");
    for (int i = 0; i < 40; i++)
        strcat(strcat(expected, i == 8 ? "x" : ""), "\xCC\x81");
    check_row(terminal, expected, 9);
    close_terminal(terminal);
}

#define FAMILY "👨\xE2\x80\x8D👩\xE2\x80\x8D👧"
#define HEART  "❤\xEF\xB8\x8F"
#define WAVE   "👋🏽"
#define FLAG   "🇪🇸"

/*
 * If this failed, emoji would break the line on terminals that give them another width than the
 * editor thinks.
 */
static void test_emoji_on_all_terminals(void)
{
    static const char *const clusters[] = {FAMILY, HEART, WAVE, FLAG, "😀", "⌚", "한", "ㅎ"};

    for (size_t i = 0; i < 3 * sizeof(clusters) / sizeof(clusters[0]); i++) {
        const char *cluster = clusters[i / 3];
        struct terminal *terminal = open_sized(80, 10, (enum screen_kind)(i % 3));
        char expected[256];

        refresh(terminal);
        type_slowly(terminal, "a");
        type_slowly(terminal, cluster);
        type_slowly(terminal, "bc");
        sprintf(expected, "Alice> a%sbc", cluster);
        check_text("typed", screen_row(terminal->screen, 0), expected);
        type_slowly(terminal, "\002");
        check_text("under cursor", screen_under_cursor(terminal->screen), "c");
        type_slowly(terminal, "\002");
        check_text("under cursor", screen_under_cursor(terminal->screen), "b");
        type_slowly(terminal, "\002");
        type_slowly(terminal, "x");
        sprintf(expected, "Alice> ax%sbc", cluster);
        check_text("inserted", screen_row(terminal->screen, 0), expected);
        type_slowly(terminal, "\006");
        check_text("under cursor", screen_under_cursor(terminal->screen), "b");
        message(terminal, "Bob: hello");
        check_text("redrawn", screen_row(terminal->screen, 1), expected);
        check_text("under cursor", screen_under_cursor(terminal->screen), "b");
        type_slowly(terminal, "\177");
        check_row(terminal, "Alice> axbc", 9);
        check_screen(terminal, "Bob: hello\nAlice> axbc\n");
        close_terminal(terminal);
    }
}

/* ---- Lines longer than the screen ---- */

/* If this failed, a long line would wrap, or the cursor leave the screen. */
static void test_scrolling(void)
{
    struct terminal *terminal = open_terminal(40);

    type_slowly(terminal, "abcdefghijklmnopqrstuvwxyz012345");
    check_row(terminal, "Alice> abcdefghijklmnopqrstuvwxyz012345", 39);
    type_slowly(terminal, "6");
    check_row(terminal, "Alice> <lmnopqrstuvwxyz0123456", 30);
    type_slowly(terminal, "789ABCDEF");
    check_row(terminal, "Alice> <lmnopqrstuvwxyz0123456789ABCDEF", 39);
    type_slowly(terminal, "GHIJKL");
    check_row(terminal, "Alice> <vwxyz0123456789ABCDEFGHIJKL", 35);
    type_slowly(terminal, "\001");
    check_row(terminal, "Alice> abcdefghijklmnopqrstuvwxyz01234>", 7);
    type_slowly(terminal, "\005");
    check_row(terminal, "Alice> <0123456789ABCDEFGHIJKL", 30);
    close_terminal(terminal);
}

/*
 * If this failed, moving or editing within a long line would show another part of it than the one
 * with the cursor.
 */
static void test_scrolling_with_the_cursor(void)
{
    struct terminal *terminal = open_terminal(40);
    char digits[201] = "";
    int position = 200;

    for (int i = 0; i < 200; i++)
        sprintf(digits + i, "%c", '0' + i % 10);
    type(terminal, digits);
    for (; position > 0; position -= 7) {
        char expected[2] = {digits[position], '\0'};

        CU_ASSERT_TRUE(screen_cursor_column(terminal->screen) >= 7);
        check_text("under cursor", screen_under_cursor(terminal->screen),
                   position < 200 ? expected : "");
        type(terminal, "\002\002\002\002\002\002\002");
    }
    for (position = 0, type(terminal, "\001"); position < 200; position++) {
        char expected[2] = {digits[position], '\0'};

        check_text("under cursor", screen_under_cursor(terminal->screen), expected);
        CU_ASSERT_TRUE(screen_cursor_column(terminal->screen) < 40);
        type(terminal, "\006");
    }
    CU_ASSERT_EQUAL(screen_cursor_row(terminal->screen), 0);
    close_terminal(terminal);
}

/* If this failed, a change in the part that is out of view would leave a wrong mark at the edge. */
static void test_changes_out_of_view(void)
{
    struct terminal *terminal = open_terminal(40);

    type(terminal, "abcdefghijklmnopqrstuvwxyz01234567890123\001");
    check_row(terminal, "Alice> abcdefghijklmnopqrstuvwxyz01234>", 7);
    type(terminal, "\005\177\177\177\177\177\177\177\177\001");
    check_row(terminal, "Alice> abcdefghijklmnopqrstuvwxyz012345", 7);
    type(terminal, "\005x\001");
    check_row(terminal, "Alice> abcdefghijklmnopqrstuvwxyz01234>", 7);
    type(terminal, "\005\177\001");
    check_row(terminal, "Alice> abcdefghijklmnopqrstuvwxyz012345", 7);
    type(terminal, "\005\027\001");
    check_row(terminal, "Alice>", 7);
    close_terminal(terminal);
}

/* If this failed, wide characters at the edge would wrap the row or lose their second half. */
static void test_scrolling_wide(void)
{
    for (int columns = 1; columns <= 45; columns++) {
        struct terminal *terminal = open_terminal(columns);

        type_slowly(terminal, "日本語テスト日本語テスト日本語テスト日本語テスト");
        CU_ASSERT_EQUAL(screen_cursor_row(terminal->screen), 0);
        for (int i = 0; i < 24; i++)
            type_slowly(terminal, i % 3 == 0 ? "x\002\002" : "\002");
        CU_ASSERT_EQUAL(screen_cursor_row(terminal->screen), 0);
        type_slowly(terminal, "\005\025");
        CU_ASSERT_EQUAL(screen_cursor_row(terminal->screen), 0);
        check_text("row", screen_row(terminal->screen, 0),
                   columns > 17   ? "Alice>"
                   : columns > 12 ? ">"
                                  : "");
        close_terminal(terminal);
    }
}

/* If this failed, a prompt wider than the screen would leave no room to write in. */
static void test_wide_prompt(void)
{
    struct terminal *terminal = open_terminal(40);
    const char *prompt = "A very long name that somebody has chosen> ";

    editor_set_prompt(terminal->editor, prompt, strlen(prompt));
    type(terminal, "hello");
    check_row(terminal, "> hello", 7);
    editor_resize(terminal->editor, 80, 10);
    screen_resize(terminal->screen, 80, 10, false);
    refresh(terminal);
    check_row(terminal, "A very long name that somebody has chosen> hello", 48);
    close_terminal(terminal);
}

/* ---- Messages while typing ---- */

/* If this failed, a message would land in the line that is being written. */
static void test_message_while_typing(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "half a line\033b\002");
    message(terminal, "Bob: hello\n");
    check_screen(terminal, "Bob: hello\nAlice> half a line\n");
    check_row(terminal, "Alice> half a line", 13);
    message(terminal, "Bob: a message that is longer than the line that it replaces\n");
    type(terminal, "X");
    check_row(terminal, "Alice> half aX line", 14);
    type(terminal, "\r");
    check_screen(terminal,
                 "Bob: hello\nBob: a message that is longer than the line that it replaces\n"
                 "Alice: half aX line\nAlice>\n");
    close_terminal(terminal);
}

/* If this failed, each message of a burst would be followed by the prompt again. */
static void test_many_messages_one_redraw(void)
{
    struct terminal *terminal = open_terminal(80);
    struct sink sink = sink_of(terminal);

    type(terminal, "typing");
    print_above(terminal, "Bob: 1\nBob: 2\r\n");
    print_above(terminal, "Bob: 3");
    editor_refresh(terminal->editor, &sink);
    check_text("output", terminal->output, "\r\033[KBob: 1\r\nBob: 2\r\nBob: 3\r\nAlice> typing");
    flush(terminal);
    check_screen(terminal, "Bob: 1\nBob: 2\nBob: 3\nAlice> typing\n");
    close_terminal(terminal);
}

/*
 * If this failed, a message of about the screen's width would lose a character or leave a piece of
 * the line.
 */
static void test_message_lengths(void)
{
    for (int length = 0; length <= 170; length++) {
        struct terminal *terminal = open_terminal(40);
        char text[256], expected[512];
        int used;

        memset(text, '*', sizeof(text)); /* not a word that the terminal may break */
        sprintf(text + length, "\n");
        type(terminal, "some words typed here\002\002");
        message(terminal, text);
        used = sprintf(expected, "%.*s\n", length < 39 ? length : 39, text);
        for (int left = length - 39; left > 0; left -= 35)
            used += sprintf(expected + used, "    %.*s\n", left < 35 ? left : 35, text);
        strcat(expected, "Alice> some words typed here\n");
        check_screen(terminal, expected);
        check_row(terminal, "Alice> some words typed here", 26);
        close_terminal(terminal);
    }
}

/* If this failed, wide characters, TABs or colours in a message would leave pieces of the line. */
static void test_message_forms(void)
{
    static const char *const messages[][2] = {
        {"Bob: 日本語", "Bob: 日本語"},
        {"日日日日日日日日日日日日日日日日日日日日",
         "日日日日日日日日日日日日日日日日日日日\n    日"},
        {"x日日日日日日日日日日日日日日日日日日日日",
         "x日日日日日日日日日日日日日日日日日日日\n    日"},
        {"Bob: thirty-nine columns and a blank ok ", "Bob: thirty-nine columns and a blank ok"},
        {"Bob: \033[1mthirty-nine columns and\033[0m a word\033[0m more",
         "Bob: thirty-nine columns and a word\n    more"},
        {"Bob:      a blank in the first half, a-word-that-does-not-fit",
         "Bob:      a blank in the first half,\n    a-word-that-does-not-fit"},
        {"Bob: a blank a_word_that_does_not_fit_into_any_row_because_it_is_long",
         "Bob: a blank\n    a_word_that_does_not_fit_into_any_ro\nw_because_it_is_long"},
        {"Bob: a blank a_word_that_does_not_fit_into_any_row:_it_is_long",
         "Bob: a blank a_word_that_does_not_fit_i\n    nto_any_row:_it_is_long"},
        {"1234567\t1234567\t1234567\t1234567\t1234567\t1234567",
         "1234567 1234567 1234567 1234567 1234567\n    1234567"},
        {"Bob: a mark at the end of this row: abe\xCC\x81!",
         "Bob: a mark at the end of this row:\n    abe\xCC\x81!"},
        {"a_mark_in_the_last_column_of_the_row: e\xCC\x81!",
         "a_mark_in_the_last_column_of_the_row:\n    e\xCC\x81!"},
        {"a_mark_in_the_last_column_of_the_row:_e\xCC\x81!",
         "a_mark_in_the_last_column_of_the_row:_e\xCC\x81\n    !"},
        {"\033[31mBob\033[0m: hi", "Bob: hi"},
        {"\tBob", "        Bob"},
        {"Bob\t!", "Bob     !"},
        {"\aBob: Alice!", "Bob: Alice!"},
        {"Bob: " FAMILY, "Bob: " FAMILY},
    };

    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        struct terminal *terminal = open_terminal(40);
        char expected[512];

        type(terminal, "some words that are typed here");
        message(terminal, messages[i][0]);
        sprintf(expected, "%s\nAlice> some words that are typed here\n", messages[i][1]);
        check_screen(terminal, expected);
        close_terminal(terminal);
    }
}

/* If this failed, the conversation would be broken when the screen scrolls. */
static void test_messages_at_the_bottom(void)
{
    struct terminal *terminal = open_terminal(40);
    char expected[2048] = "";

    for (int i = 0; i < 30; i++) {
        char text[64];

        sprintf(text, "Bob: message %d\n", i);
        strcat(expected, text);
        type(terminal, "x");
        message(terminal, text);
    }
    strcat(expected, "Alice> xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
    check_screen(terminal, expected);
    check_number("row", screen_cursor_row(terminal->screen), 9);
    close_terminal(terminal);
}

/* If this failed, a long line would not be left standing whole when it is entered. */
static void test_long_line_entered(void)
{
    struct terminal *terminal = open_terminal(40);

    type(terminal, "The quick brown fox jumps over the lazy dog and is tired.\r");
    check_screen(terminal,
                 "Alice: The quick brown fox jumps over\n    the lazy dog and is tired.\nAlice>\n");
    type(terminal, "This one, when it is there, is full.\033[D\033[D\r");
    check_screen(terminal, "Alice: The quick brown fox jumps over\n    the lazy dog and is tired.\n"
                           "Alice: This one, when it is there, is\n    full.\nAlice>\n");
    close_terminal(terminal);
}

/* How lines begin, up to the first blank. */
static const char *const line_heads[] = {
    "Alice:", "*", "***", "[private]", "Disconnected:", "Carol>", "12:00",
};

/* Shows a message that is pushed to the right, with what looks like a line behind. */
static void check_fake(const char *filler, int count, const char *head, const char *blank)
{
    struct terminal *terminal = open_terminal(60);
    char text[512] = "Mallory: \v", begin[32];

    for (int i = 0; i < count; i++)
        strcat(text, filler);
    strcat(strcat(strcat(text, head), blank), "I agree\n");
    message(terminal, text);
    sprintf(begin, "\n%s", head);
    EXPECT(strstr(screen_text(terminal->screen), begin) == NULL, "%s",
           screen_text(terminal->screen));
    close_terminal(terminal);
}

/*
 * If this failed, blanks or long words could push others to where a line of somebody else's would
 * begin.
 */
static void test_nobody_fakes_a_line(void)
{
    static const char *const fillers[] = {" ", "x", "/"};
    static const char *const blanks[] = {" ", "\xC2\xA0", "\xE3\x80\x80", "\xE2\xA0\x80", ""};

    for (size_t filler = 0; filler < sizeof(fillers) / sizeof(*fillers); filler++)
        for (size_t head = 0; head < sizeof(line_heads) / sizeof(*line_heads); head++)
            for (size_t blank = 0; blank < sizeof(blanks) / sizeof(*blanks); blank++)
                for (int count = 40; count < 60; count++)
                    check_fake(fillers[filler], count, line_heads[head], blanks[blank]);
}

/* What messages are made of; # stands at the beginning of each and nowhere else. */
static const char *const message_pieces[] = {
    "a",       "long_word", " ",        "   ",      "Alice: hi ", "\t",        "\a",   "日本",
    "é",       "e\xCC\x81", "\xCC\x81", FAMILY,     HEART,        FLAG,        WAVE,   "한",
    "\033[1m", "\033[0m",   "กำ ",      "\033[31m", "\xC2\xA0",   "in words ", "。ok", ".",
};

static void make_message(char *text)
{
    strcpy(text, "#");
    for (unsigned pieces = random_below(60); pieces > 0; pieces--)
        strcat(text, message_pieces[random_below(sizeof(message_pieces) / sizeof(char *))]);
    strcat(text, "\n");
}

/* Takes out of a text all but what a person sees in it, blanks apart. Returns whether it is whole.
 */
static bool keep_seen(char *text)
{
    char *kept = text;

    while (*text != '\0') {
        if (*text == '\033') {
            text += 2 + strspn(text + 2, "0123456789;");
            if (*text++ != 'm')
                return false;
        } else if (strchr(" \t\a\r\n", *text) != NULL) {
            text++;
        } else {
            *kept++ = *text++;
        }
    }
    *kept = '\0';
    return true;
}

/*
 * Each row begins a line or is indented, or goes on with a long word that could not begin a line.
 * Returns how many of the last kind there are.
 */
static int check_rows(const char *text, int indent)
{
    int words = 0;

    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        bool own = *text == '#' || *text == '\n' || strspn(text, " ") >= (size_t)indent;

        if (!own && strcspn(text, " :*[>\n") == length)
            words++;
        else if (!EXPECT(own, "a row begins with \"%.20s\"", text))
            return words;
        text += length + 1;
    }
    return words;
}

static void check_messages(int columns, enum screen_kind kind)
{
    struct terminal *terminal = open_sized(columns, 10, kind);
    char said[8192] = "", text[2048], *seen;

    for (int i = 0; i < 4; i++) {
        make_message(text);
        strcat(said, text);
        print_above(terminal, text);
    }
    CU_ASSERT_TRUE(keep_seen(said));
    seen = strdup(terminal->output);
    CU_ASSERT_TRUE(seen != NULL && keep_seen(seen)); /* no sequence is broken */
    free(seen);
    flush(terminal);
    /* A screen that is narrower than a word and its indent indents it less. */
    check_number("rows wrapped by the terminal", screen_wraps(terminal->screen),
                 check_rows(screen_text(terminal->screen), 1));
    seen = strdup(screen_text(terminal->screen));
    CU_ASSERT_TRUE(seen != NULL && keep_seen(seen));
    check_text("seen", seen != NULL ? seen : "", said);
    free(seen);
    close_terminal(terminal);
}

/*
 * If this failed, some message would begin a row in the first column that begins no line, or lose
 * something where a row ends.
 */
static void test_random_messages(void)
{
    random_state = 1;
    for (int columns = 5; columns <= 100; columns++)
        for (int i = 0; i < 12; i++)
            check_messages(columns, (enum screen_kind)(i % 3));
}

/* If this failed, a screen too narrow for an indent, or of no known width, would lose text. */
static void test_messages_on_odd_screens(void)
{
    struct terminal *terminal;
    char text[101];

    for (int columns = 1; columns < 5; columns++) {
        terminal = open_terminal(columns);
        message(terminal, "abc日\tde f");
        strcpy(text, screen_text(terminal->screen));
        CU_ASSERT_TRUE(keep_seen(text));
        if (columns > 1)
            check_text("seen", text, "abc日def");
        close_terminal(terminal);
    }
    terminal = open_terminal(100);
    editor_resize(terminal->editor, 0, 10);
    memset(text, 'x', sizeof(text));
    text[99] = ':';
    text[100] = '\0';
    message(terminal, text);
    check_number("columns", (long)strcspn(screen_text(terminal->screen), "\n"), 79);
    editor_resize(terminal->editor, 65535, 10);
    message(terminal, text);
    CU_ASSERT_PTR_NOT_NULL(strstr(screen_text(terminal->screen), text));
    close_terminal(terminal);
}

/* ---- History ---- */

/* If this failed, up and down would not bring back what was entered. */
static void test_history(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "first\rsecond\rsecond\r\rthird\r");
    type(terminal, "draft\002");
    type(terminal, "\033[A");
    check_row(terminal, "Alice> third", 12);
    type(terminal, "\033OA");
    check_row(terminal, "Alice> second", 13);
    type(terminal, "\020");
    check_row(terminal, "Alice> first", 12);
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 0);
    type(terminal, "\033[A");
    check_row(terminal, "Alice> first", 12);
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 1);
    type(terminal, "\033[B\016");
    check_row(terminal, "Alice> third", 12);
    type(terminal, "\033OB");
    check_row(terminal, "Alice> draft", 12);
    type(terminal, "\033[B");
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 2);
    type(terminal, "\033[A\033[A, changed\r\033[A\033[A");
    check_row(terminal, "Alice> third", 12);
    type(terminal, "\033[A\003\033[A\r");
    check_text("events", strstr(terminal->log, "line second, "),
               "line second, changed\ninterrupt\nline second, changed\n");
    close_terminal(terminal);
}

/* Enters a line, and has it forgotten. */
static void enter_secret(struct terminal *terminal, const char *line)
{
    enum editor_event event;

    CU_ASSERT_EQUAL(editor_feed(terminal->editor, line, strlen(line), &event), strlen(line));
    CU_ASSERT_EQUAL(event, EDITOR_LINE);
    editor_forget_entered(terminal->editor);
}

/* If this failed, a password that was an argument could be recalled. */
static void test_history_forgets(void)
{
    struct terminal *terminal = open_terminal(80);

    enter_secret(terminal, "secret\r");
    type(terminal, "first\r");
    enter_secret(terminal, "secret\r");
    type(terminal, "\033[A");
    check_row(terminal, "Alice> first", 12);
    type(terminal, "\003");
    enter_secret(terminal, "another\r");
    type(terminal, "x");
    editor_forget_entered(terminal->editor); /* nothing was entered */
    check_row(terminal, "Alice> x", 8);
    type(terminal, "\003\033[A");
    check_row(terminal, "Alice> first", 12);
    close_terminal(terminal);
}

/* If this failed, the history would grow without a bound, or forget too early. */
static void test_history_bound(void)
{
    struct terminal *terminal = open_terminal(80);
    char text[64];

    for (int i = 0; i < 60; i++) {
        sprintf(text, "line %d\r", i);
        type(terminal, text);
    }
    for (int i = 59; i >= 10; i--) {
        type(terminal, "\033[A");
        sprintf(text, "Alice> line %d", i);
        check_row(terminal, text, 14);
    }
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 0);
    type(terminal, "\033[A");
    check_row(terminal, "Alice> line 10", 14);
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 1);
    for (int i = 11; i < 60; i++)
        type(terminal, "\033[B");
    check_row(terminal, "Alice> line 59", 14);
    for (int i = 10; i < 60; i++)
        type(terminal, "\033[A");
    terminal->log[0] = '\0';
    type(terminal, "\r"); /* says the oldest, which is forgotten by that */
    check_log(terminal, "line line 10\n");
    type(terminal, "\033[A");
    check_row(terminal, "Alice> line 10", 14);
    close_terminal(terminal);
}

/* If this failed, looking through one's lines would change them, or the one being written. */
static void test_history_is_not_written_to(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "first one\rsecond one\r");
    type(terminal, "my draft\002\002\033[A\024\033[A\177x\001X\006\004\033[B");
    check_row(terminal, "Alice> second one", 17);
    type(terminal, "\025\033[B");
    check_row(terminal, "Alice> my draft", 15);
    type(terminal, "s\033[A\033d\033[A\013\033[A\005\027\003\033[A\033[A");
    check_row(terminal, "Alice> first one", 16);
    type(terminal, "\027\033[B\033[B!");
    check_row(terminal, "Alice> !", 8);
    close_terminal(terminal);
}

/* ---- Searching ---- */

static struct terminal *open_with_history(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "first one\rsecond two\rThird one\r");
    terminal->log[0] = '\0';
    return terminal;
}

/* If this failed, Ctrl-R would not find a line that was entered, or not show which. */
static void test_search(void)
{
    struct terminal *terminal = open_with_history();

    type(terminal, "draft\002\022");
    check_row(terminal, "(search) draft", 13);
    type_slowly(terminal, "ONE");
    check_row(terminal, "(search: ONE) Third one", 20);
    message(terminal, "Bob: hello\n");
    check_row(terminal, "(search: ONE) Third one", 20);
    type(terminal, "\022");
    check_row(terminal, "(search: ONE) first one", 20);
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 0);
    type(terminal, "\022");
    check_row(terminal, "(not found: ONE) first one", 23);
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 1);
    type(terminal, "\177\010");
    check_row(terminal, "(search: O) Third one", 18);
    type(terminal, "\177");
    check_row(terminal, "(search) draft", 13);
    type(terminal, "\177");
    type(terminal, "\022");
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 3);
    type(terminal, "d\022\r");
    check_log(terminal, "line second two\n");
    check_row(terminal, "Alice>", 7);
    close_terminal(terminal);
}

/* If this failed, whoever gives up a search would lose the line, or be told how to leave. */
static void test_search_given_up(void)
{
    static const char *const ways[] = {"\003", "\007"};

    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct terminal *terminal = open_with_history();

        type(terminal, "draft\002\022one\022");
        type(terminal, ways[i]);
        check_row(terminal, "Alice> draft", 11);
        type(terminal, "\033[A\033[D!\022first");
        check_row(terminal, "(search: first) first one", 16);
        type(terminal, ways[i]);
        check_row(terminal, "Alice> Third on!e", 16);
        type(terminal, "\033[B");
        check_row(terminal, "Alice> draft", 12);
        type(terminal, "\003\022");
        type(terminal, ways[i]);
        check_row(terminal, "Alice>", 7);
        check_log(terminal, "interrupt\n");
        close_terminal(terminal);
    }
}

/* If this failed, what was found could not be changed before it is said. */
static void test_search_accepted(void)
{
    struct terminal *terminal = open_with_history();

    type(terminal, "draft\022one\022");
    type(terminal, "\033"); /* Escape, by itself */
    check_row(terminal, "Alice> first one", 13);
    type(terminal, "b");
    check_row(terminal, "Alice> first bone", 14);
    type(terminal, "\033[B\033[B");
    check_row(terminal, "Alice> Third one", 16);
    type(terminal, "\033[B");
    check_row(terminal, "Alice> draft", 12);
    type(terminal, "\022sec\033[C");
    check_row(terminal, "Alice> second two", 8);
    type(terminal, "\022one\005!");
    check_row(terminal, "Alice> first one!", 17);
    type(terminal, "\022thi\033"); /* an arrow may be cut off its Escape */
    type(terminal, "[D");
    check_row(terminal, "Alice> first one", 10);
    type(terminal, "\003\022two\033");
    type(terminal, "\033b");
    check_row(terminal, "Alice> second two", 7);
    close_terminal(terminal);
}

/* If this failed, a search could end otherwise than the person meant, or say what is not seen. */
static void test_search_for_nothing(void)
{
    struct terminal *terminal = open_with_history();
    char text[2 * SEARCH_TEXT_BYTES_MAX + 2] = "\022";

    type(terminal, "said\022zzz");
    check_row(terminal, "(not found: zzz) said", 21);
    type(terminal, "\033]0;title\a"); /* its BEL is no Ctrl-G */
    check_row(terminal, "(not found: zzz) said", 21);
    type(terminal, "\r");
    check_log(terminal, "line said\n");
    memset(text + 1, 'x', sizeof(text) - 2);
    screen_resize(terminal->screen, 120, 10, false);
    editor_resize(terminal->editor, 120, 10);
    type(terminal, text);
    CU_ASSERT_EQUAL(strlen(screen_row(terminal->screen, screen_cursor_row(terminal->screen))),
                    strlen("(not found: )") + 64);
    type(terminal, "\003\022o\033[200~pasted\033[201~");
    check_row(terminal, "Alice> Third pastedone", 19);
    editor_set_echo(terminal->editor, false);
    terminal->hidden = true;
    refresh(terminal);
    type(terminal, "\022one\r");
    check_log(terminal, "line said\nline one\n");
    editor_set_echo(terminal->editor, true);
    close_terminal(terminal);
}

/* If this failed, a mark could be cut off its letter by what was found. */
static void test_search_finds_whole_letters(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "日本 e\xCC\x81t\xC3\xA9\r\022\xCC\x81");
    check_row(terminal, "(search: \xCC\x81) 日本 e\xCC\x81té", 16);
    type(terminal, "\033[D");
    check_row(terminal, "Alice> 日本 e\xCC\x81té", 11);
    type(terminal, "\022é");
    check_row(terminal, "(search: é) 日本 e\xCC\x81té", 19);
    close_terminal(terminal);
}

/*
 * If this failed, whoever searches through long lines could keep others waiting, key after key.
 */
static void test_search_has_a_price(void)
{
    struct editor *editor = editor_new(HISTORY_SEARCHED_BYTES_MAX + 100, NULL, NULL);
    enum editor_event event;

    CU_ASSERT_PTR_NOT_NULL_FATAL(editor);
    for (int i = 0; i < HISTORY_LINES_MAX; i++) {
        for (int j = 0; j < HISTORY_SEARCHED_BYTES_MAX; j++)
            editor_feed(editor, i % 2 == 0 ? "a" : "A", 1, &event);
        editor_feed(editor, "b\r", 2, &event);
    }
    CU_ASSERT_EQUAL(editor_feed(editor, "\022aab", 4, &event), 2);
    CU_ASSERT_EQUAL(event, EDITOR_SEARCHED);
    CU_ASSERT_EQUAL(editor_take_cost(editor), 2);
    CU_ASSERT_EQUAL(editor_feed(editor, "ab", 2, &event), 1);
    CU_ASSERT_EQUAL(editor_feed(editor, "b", 1, &event), 1);
    CU_ASSERT_EQUAL(event, EDITOR_SEARCHED);
    /* Each line up to its bound; with two letters at each place that are the same. */
    size_t cost = editor_take_cost(editor);
    CU_ASSERT_TRUE(cost > 3 * HISTORY_LINES_MAX * (HISTORY_SEARCHED_BYTES_MAX - 3));
    CU_ASSERT_TRUE(cost <= 3 * (1 + HISTORY_LINES_MAX * HISTORY_SEARCHED_BYTES_MAX));
    CU_ASSERT_EQUAL(editor_take_cost(editor), 0);
    editor_free(editor);
}

/* ---- Taking out and bringing back ---- */

/*
 * If this failed, what was taken out would be lost when the line is entered, or be brought back
 * where there is no room for it, or in part.
 */
static void test_yank(void)
{
    struct terminal *terminal = open_terminal(80);
    char text[LINE_BYTES_MAX + 1] = "";

    type(terminal, "日本 e\xCC\x81t\xC3\xA9\027\027kept\r\031!");
    check_row(terminal, "Alice> 日本 e\xCC\x81té!", 16);
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 0);
    type(terminal, "\025");
    for (int i = 0; i < LINE_BYTES_MAX - 3; i++)
        strcat(text, "x");
    type(terminal, text);
    type(terminal, "\031");
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 1);
    type(terminal, "\r\031\r");
    check_log(terminal, "line kept\noverlong\nline 日本 e\xCC\x81té!\n");
    close_terminal(terminal);
}

/* ---- Completion ---- */

/*
 * If this failed, TAB would not complete, or something that is not what all candidates have in
 * common.
 */
static void test_completion(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "B\t");
    check_row(terminal, "Alice> Bob:", 12);
    type(terminal, "hi Z\t");
    check_row(terminal, "Alice> Bob: hi Zoë", 18);
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 0);
    type(terminal, "\003A\t");
    check_row(terminal, "Alice> Alic", 11);
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 1);
    type(terminal, "\t");
    check_screen(terminal, "*** Alic... ***\nAlice> Alic\n");
    check_row(terminal, "Alice> Alic", 11);
    type(terminal, "i\t");
    check_row(terminal, "Alice> Alicia:", 15);
    type(terminal, "\003Nobody\t\t");
    check_row(terminal, "Alice> Nobody", 13);
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 2);
    close_terminal(terminal);
}

/*
 * If this failed, a completion that changes what was typed would lose some of it, or half a
 * character.
 */
static void test_completion_that_differs(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "ali\t");
    check_row(terminal, "Alice> Alic", 11);
    type(terminal, "\003KIM\t");
    check_row(terminal, "Alice> KIM", 10);
    type(terminal, "\003X\t\t");
    check_row(terminal, "Alice> Xa", 9);
    type(terminal, "é\t");
    check_row(terminal, "Alice> Xaé:", 12);
    type(terminal, "é\t");
    check_row(terminal, "Alice> Xaé: êtes", 16);
    type(terminal, "\r");
    check_log(terminal, "interrupt\ninterrupt\nline Xaé: êtes\n");
    close_terminal(terminal);
}

/* If this failed, completing in the middle of a line would spoil what follows. */
static void test_completion_in_the_middle(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "/msg B see you\033b\033b\002\t");
    check_row(terminal, "Alice> /msg Bob see you", 15);
    type(terminal, "\003tell Y more\033b\002\t"); /* the blank that it would bring is there */
    check_row(terminal, "Alice> tell Yan more", 15);
    type(terminal, "\003/he\t");
    check_row(terminal, "Alice> /hel", 11);
    type(terminal, "l\t");
    check_row(terminal, "Alice> /hello", 13);
    close_terminal(terminal);
}

/* If this failed, a word would be lost that is completed at the end of a full line. */
static void test_completion_at_the_limit(void)
{
    struct terminal *terminal = open_terminal(80);

    for (int i = 0; i < LINE_BYTES_MAX - 2; i++)
        type(terminal, " ");
    type(terminal, "b\t");
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 1);
    type(terminal, "\002\b\033[FX");
    check_text("row's end", strchr(screen_row(terminal->screen, 0), 'b'), "bX");
    close_terminal(terminal);
}

/* ---- Paste ---- */

/*
 * If this failed, pasted lines would not be entered one by one, or would run keys that are in them.
 */
static void test_paste(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "say: \033[200~one\ttwo\rA\t\001\013three\r\n\033[A\033[Dfi\033[201~\003");
    check_log(terminal, "line say: one two\nline A three\ninterrupt\n");
    type(terminal, "\033[200~five\004\177\033[201~!\001X\r");
    check_text("events", strstr(terminal->log, "interrupt"), "interrupt\nline Xfive!\n");
    check_screen(terminal, "Alice: say: one two\nAlice: A three\nAlice: Xfive!\nAlice>\n");
    type(terminal, "\033[200~never ended\003keys\001again ");
    check_row(terminal, "Alice> again keys", 13);
    check_text("events", strstr(terminal->log, "dropped"), "dropped\n");
    close_terminal(terminal);
}

/* If this failed, a paste that is cut by the network would come out otherwise than a whole one. */
static void test_paste_cut_anywhere(void)
{
    static const char few[] = "ab\033[D\033[200~x\r\n日本\n\xC3\xA9\033[201~\002z";
    static const char many[] = "ab\033[D\033[200~x\r\ny\r\0\r日本\n\xC3\xA9\033[201~\r\002z";

    for (size_t cut = 0; cut < sizeof(many); cut++) {
        struct terminal *terminal = open_terminal(40);

        if (cut < sizeof(few)) {
            type_bytes(terminal, few, cut);
            type_bytes(terminal, few + cut, sizeof(few) - 1 - cut);
            check_log(terminal, "line axb\nline 日本\n");
            check_row(terminal, "Alice> zé", 8);
            type(terminal, "\003");
            terminal->log[0] = '\0';
        }
        type_bytes(terminal, many, cut);
        type_bytes(terminal, many + cut, sizeof(many) - 1 - cut);
        check_log(terminal, "held 5\nline axb\nline y\nline \nline 日本\nline é\n");
        check_row(terminal, "Alice> z", 8);
        close_terminal(terminal);
    }
}

/* If this failed, a pasted line that is too long would be entered without its end. */
static void test_paste_overlong(void)
{
    struct terminal *terminal = open_terminal(80);
    char text[LINE_BYTES_MAX + 2];

    memset(text, 'x', sizeof(text));
    type(terminal, "\033[200~");
    type_bytes(terminal, text, sizeof(text));
    type(terminal, "\rshort\r\033[201~");
    CU_ASSERT_EQUAL(screen_bells(terminal->screen), 1);
    check_log(terminal, "overlong\nline short\n");
    check_screen(terminal, "Alice: short\nAlice>\n");
    type(terminal, "\033[200~");
    type_bytes(terminal, text, sizeof(text));
    type(terminal, "\033[201~\025seen\033[200~ and sent\r\033[201~");
    check_log(terminal, "overlong\nline short\nline seen and sent\n");
    type(terminal, "\033[200~"); /* as much as fits is there, up to a whole letter */
    type_bytes(terminal, text, LINE_BYTES_MAX - 1);
    type(terminal, "\xC3\xA9\xC3\xA9\033[201~\177x\r");
    CU_ASSERT_EQUAL(strlen(strrchr(terminal->log, ' ')), 1 + LINE_BYTES_MAX - 1 + 1);
    close_terminal(terminal);
}

#define PASTED "\033[200~one\ntwo\n\nfour\nfive\033[201~"

/* If this failed, whoever pastes too much by mistake would have said it. */
static void test_paste_held(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "say: ?\002" PASTED);
    check_log(terminal, "held 5\n");
    check_row(terminal, "(5 lines pasted) say: ?", 22);
    message(terminal, "Bob: hello\n");
    check_row(terminal, "(5 lines pasted) say: ?", 22);
    type(terminal, "\r");
    check_log(terminal, "held 5\nline say: one?\nline two\nline \nline four\nline five\n");
    check_screen(terminal, "*** Held ***\nBob: hello\nAlice: say: one?\nAlice: two\nAlice: four\n"
                           "Alice: five\nAlice>\n");
    type(terminal, "next\r\033[A\033[A");
    check_row(terminal, "Alice> five", 11);
    CU_ASSERT_EQUAL(editor_held(terminal->editor), 0);
    close_terminal(terminal);
}

/* If this failed, a paste could not be got rid of, or would take along what was typed before. */
static void test_paste_dropped(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "half\002" PASTED "\003");
    check_log(terminal, "held 5\ndropped\n");
    check_row(terminal, "Alice> half", 10);
    type(terminal, "X\r\r");
    check_log(terminal, "held 5\ndropped\nline halXf\nline \n");
    close_terminal(terminal);
}

/*
 * If this failed, a key that is pressed by mistake would do something to a paste, or nobody would
 * know why it does nothing.
 */
static void test_other_keys_while_held(void)
{
    static const char *const keys[] = {"x",      "é",      "\t\t", "\004", "\025",
                                       "\027",   "\033[A", "\033", "\014", "\022",
                                       "\033[C", "\177",   "\007", "\031", "\013"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct terminal *terminal = open_terminal(80);

        type(terminal, "said\rhalf" PASTED);
        type(terminal, keys[i]);
        check_row(terminal, "(5 lines pasted) half", 21);
        if (strcmp(keys[i], "\033") != 0) {
            CU_ASSERT_TRUE(screen_bells(terminal->screen) > 0);
            check_log(terminal, "line said\nheld 5\nheld 5\n");
        }
        terminal->log[0] = '\0';
        type(terminal, "\r");
        check_log(terminal, "line halfone\nline two\nline \nline four\nline five\n");
        close_terminal(terminal);
    }
}

/*
 * If this failed, what is pasted behind a paste would be lost, or said without being asked about;
 * or keys behind Return would come before the lines.
 */
static void test_paste_joins_what_is_held(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, PASTED "\033[200~!\nsix\n\033[201~\rnext\r" PASTED "\r");
    check_log(terminal,
              "held 5\nheld 6\nline one\nline two\nline \nline four\nline five!\nline six\n"
              "line next\nheld 5\nline one\nline two\nline \nline four\nline five\n");
    close_terminal(terminal);
}

/* If this failed, a paste would fill the memory, or be said without its end. */
static void test_paste_too_long(void)
{
    struct terminal *terminal = open_terminal(80);
    size_t limit = editor_paste_limit(terminal->editor);
    char line[] =
        "123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 1\n";

    CU_ASSERT_TRUE(limit >= 64 * 1024 && limit <= 128 * 1024);
    type(terminal, "half" PASTED "\033[200~");
    for (size_t length = 0; length <= limit; length += strlen(line))
        type(terminal, line);
    check_log(terminal, "held 5\n");
    type(terminal, "\033[201~");
    check_log(terminal, "held 5\ntoo long\n");
    check_row(terminal, "(5 lines pasted) half", 21); /* it is still there */
    type(terminal, "\003\033[200~");
    for (size_t length = 0; length <= limit; length += strlen(line))
        type(terminal, line);
    type(terminal, "\033[201~\r");
    check_log(terminal, "held 5\ntoo long\ndropped\ntoo long\nline half\n");
    close_terminal(terminal);
}

/* If this failed, what a terminal pastes without saying so would run keys, or be said at once. */
static void test_paste_told_by_others(void)
{
    struct terminal *terminal = open_terminal(80);
    size_t length;

    CU_ASSERT_FALSE(editor_knows_pastes(terminal->editor));
    editor_begin_paste(terminal->editor);
    CU_ASSERT_TRUE(editor_is_pasting(terminal->editor));
    type(terminal, "one\rtwo\t\xC3");
    CU_ASSERT_EQUAL(editor_end_paste(terminal->editor), EDITOR_HELD);
    CU_ASSERT_EQUAL(editor_held(terminal->editor), 2);
    editor_begin_paste(terminal->editor);
    type(terminal, "\xA9\r\n");
    CU_ASSERT_EQUAL(editor_end_paste(terminal->editor), EDITOR_HELD);
    refresh(terminal);
    check_row(terminal, "(2 lines pasted)", 17);
    type(terminal, "\r");
    check_log(terminal, "line one\nline two é\n");
    editor_begin_paste(terminal->editor);
    CU_ASSERT_EQUAL(editor_end_paste(terminal->editor), EDITOR_NONE);
    CU_ASSERT_EQUAL(editor_end_paste(terminal->editor), EDITOR_NONE);
    type(terminal, "\033[200~");
    CU_ASSERT_TRUE(editor_knows_pastes(terminal->editor));
    type(terminal, "x\033[201~");
    check_row(terminal, "Alice> x", 8);
    editor_unentered(terminal->editor, &length);
    CU_ASSERT_EQUAL(length, 0);
    close_terminal(terminal);
}

/* If this failed, lines that were to be entered would be lost when the terminal is closed. */
static void test_lines_left_of_a_paste(void)
{
    struct terminal *terminal = open_terminal(80);
    enum editor_event event;
    size_t length;
    const char *left;

    type(terminal, PASTED);
    editor_unentered(terminal->editor, &length);
    CU_ASSERT_EQUAL(length, 0);
    CU_ASSERT_EQUAL(editor_feed(terminal->editor, "\r!", 2, &event), 1);
    CU_ASSERT_EQUAL(event, EDITOR_LINE);
    CU_ASSERT_TRUE(editor_has_more(terminal->editor));
    left = editor_unentered(terminal->editor, &length);
    CU_ASSERT_EQUAL(length, strlen("two\n\nfour\nfive"));
    CU_ASSERT_NSTRING_EQUAL(left, "two\n\nfour\nfive", length);
    CU_ASSERT_EQUAL(editor_feed(terminal->editor, "!", 1, &event), 0);
    CU_ASSERT_EQUAL(event, EDITOR_LINE);
    editor_drop_held(terminal->editor);
    CU_ASSERT_FALSE(editor_has_more(terminal->editor));
    /* What was to stay in the line is no line. */
    CU_ASSERT_EQUAL(editor_feed(terminal->editor, "\033[200~a\nb\nc\033[201~", 17, &event), 17);
    left = editor_unentered(terminal->editor, &length);
    CU_ASSERT_EQUAL(length, 2);
    CU_ASSERT_NSTRING_EQUAL(left, "b\n", 2);
    close_terminal(terminal);
}

/* ---- Without echo ---- */

/* If this failed, a password would be seen: on the screen, in the history, or by its length. */
static void test_password(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "visible\rhalf");
    editor_set_prompt(terminal->editor, "Password: ", 10);
    editor_set_echo(terminal->editor, false);
    terminal->hidden = true;
    refresh(terminal);
    check_row(terminal, "Password:", 10);
    type_slowly(terminal, "secrex\177t\002\002\001S");
    check_row(terminal, "Password:", 10);
    type(terminal, "\t\t\033[A");
    check_row(terminal, "Password:", 10);
    message(terminal, "Bob: hello\n");
    type(terminal, "\005 B\t\r");
    check_log(terminal, "line visible\nline Ssecret B\n");
    type(terminal, "half a secret\025\027again\002\013");
    editor_set_prompt(terminal->editor, PROMPT, strlen(PROMPT));
    editor_set_echo(terminal->editor, true);
    refresh(terminal);
    type(terminal, "\031"); /* nothing of it was kept */
    check_row(terminal, "Alice>", 7);
    type(terminal, "\033[A");
    check_row(terminal, "Alice> visible", 14);
    check_screen(terminal, "Alice: visible\nBob: hello\nPassword:\nAlice> visible\n");
    close_terminal(terminal);
}

/* If this failed, what is pasted for a password would be kept elsewhere, to be asked about. */
static void test_pasted_password(void)
{
    struct terminal *terminal = open_terminal(80);

    editor_set_echo(terminal->editor, false);
    terminal->hidden = true;
    type(terminal, "\033[200~1\r2\r3\r4\r5\033[201~6\r\033[200~7\0038\r");
    check_log(terminal, "line 1\nline 2\nline 3\nline 4\nline 56\ninterrupt\nline 8\n");
    close_terminal(terminal);
}

/* ---- Size ---- */

/* Has the terminal answer what the editor must know before it draws. Returns whether it asked. */
static bool ask(struct terminal *terminal)
{
    struct sink sink = sink_of(terminal);
    bool asked = editor_ask(terminal->editor, &sink);

    CU_ASSERT_EQUAL(editor_is_asking(terminal->editor), asked);
    CU_ASSERT_EQUAL(flush(terminal), asked);
    CU_ASSERT_FALSE(editor_is_asking(terminal->editor));
    return asked;
}

/* Changes the width; nothing is drawn yet. */
static void change_width(struct terminal *terminal, int columns, int rows, bool reflow)
{
    screen_resize(terminal->screen, columns, rows, reflow);
    CU_ASSERT_TRUE(editor_resize(terminal->editor, (unsigned)columns, (unsigned)rows));
}

static void resize(struct terminal *terminal, int columns, int rows, bool reflow)
{
    change_width(terminal, columns, rows, reflow);
    ask(terminal);
    refresh(terminal);
}

/*
 * In the last column of a terminal of either kind, the cursor cannot tell which kind it is; then
 * what was broken is left, rather than that messages are lost.
 */
static bool is_undecided(int column, int columns, int back)
{
    return column >= columns &&
           (column % columns == columns - 1 || (column % columns == 0 && back == 0));
}

static void check_resized(int columns, bool reflow, int back)
{
    static const char line[] = "The quick brown fox jumps over the lazy dog";
    struct terminal *terminal = open_terminal(80);
    int column = 7 + (int)strlen(line) - back;
    char under[2] = {line[strlen(line) - (size_t)back], '\0'};

    message(terminal, "Bob: one\nBob: two\n");
    type(terminal, line);
    for (int i = 0; i < back; i++)
        type(terminal, "\002");
    resize(terminal, columns, 10, reflow);
    check_text("under cursor", screen_under_cursor(terminal->screen), under);
    CU_ASSERT_EQUAL(strncmp(screen_text(terminal->screen), "Bob: one\nBob: two\n", 18), 0);
    resize(terminal, 80, 10, reflow);
    check_row(terminal, "Alice> The quick brown fox jumps over the lazy dog", column);
    if (!reflow || !is_undecided(column, columns, back))
        check_screen(terminal,
                     "Bob: one\nBob: two\nAlice> The quick brown fox jumps over the lazy dog\n");
    close_terminal(terminal);
}

/*
 * If this failed, another width of the screen would leave pieces of the line, or take messages
 * away.
 */
static void test_resize(void)
{
    for (int back = 0; back <= 43; back++)
        for (int columns = 15; columns < 80; columns += 5) {
            check_resized(columns, false, back);
            check_resized(columns, true, back);
        }
}

/*
 * If this failed, a line that fills a narrow screen several times would not be put together again.
 */
static void test_resize_narrow_at_the_bottom(void)
{
    struct terminal *terminal = open_terminal(80);

    for (int i = 0; i < 12; i++)
        message(terminal, "Bob: hello\n");
    type(terminal, "The quick brown fox jumps over the lazy dog and more");
    resize(terminal, 19, 8, true);
    CU_ASSERT_PTR_NOT_NULL(strstr(screen_text(terminal->screen), "Bob: hello\nAlice> <"));
    CU_ASSERT_EQUAL(screen_cursor_column(terminal->screen) < 19, true);
    resize(terminal, 60, 8, true);
    check_row(terminal, "Alice> The quick brown fox jumps over the lazy dog and more", 59);
    CU_ASSERT_PTR_NOT_NULL(strstr(screen_text(terminal->screen), "Bob: hello\nAlice> The quick"));
    close_terminal(terminal);
}

/*
 * If this failed, a message that comes just after a resize would mix with what is left of the line.
 */
static void test_message_after_resize(void)
{
    struct terminal *terminal = open_terminal(80);

    type(terminal, "The quick brown fox jumps over the lazy dog\001");
    change_width(terminal, 20, 10, true);
    message(terminal, "Bob: hello\n");
    check_screen(terminal, "Bob: hello\nAlice> The quick b>\n");
    close_terminal(terminal);
}

/*
 * What is left of a line when the screen has become narrower and as wide as it was, with the cursor
 * so many characters before its end.
 */
struct narrowing {
    enum screen_kind kind;
    const char *line;
    int characters; /* of the line */
    int columns, back;
    bool with_message; /* one comes before anything is drawn */
};

static void check_narrowing(const struct narrowing *narrowing)
{
    struct terminal *terminal = open_sized(80, 10, narrowing->kind);
    char wanted[256];

    refresh(terminal);
    type(terminal, "The quick brown fox jumps over the lazy dog");
    resize(terminal, 30, 10, true); /* it breaks rows, and shows that */
    resize(terminal, 80, 10, true);
    type(terminal, "\025");
    message(terminal, "Bob: one\n");
    type(terminal, narrowing->line);
    for (int i = 0; i < narrowing->back; i++)
        type(terminal, "\002");
    change_width(terminal, narrowing->columns, 10, true);
    ask(terminal);
    if (narrowing->with_message)
        message(terminal, "Bob: two\n");
    refresh(terminal);
    resize(terminal, 80, 10, true);
    snprintf(wanted, sizeof(wanted), "Bob: one\n%sAlice> %s\n",
             narrowing->with_message ? "Bob: two\n" : "", narrowing->line);
    check_screen(terminal, wanted);
    close_terminal(terminal);
}

static void check_narrowings(struct narrowing *narrowing)
{
    for (narrowing->back = 0; narrowing->back <= narrowing->characters; narrowing->back++)
        for (narrowing->columns = 15; narrowing->columns < 80; narrowing->columns++) {
            narrowing->with_message = false;
            check_narrowing(narrowing);
            narrowing->with_message = true;
            check_narrowing(narrowing);
        }
}

/*
 * If this failed, a terminal that has shown once how it breaks rows would still be left with pieces
 * of the line in some columns, or lose a message above it.
 */
static void test_resize_again(void)
{
    struct narrowing narrowing = {.kind = SCREEN_XTERM,
                                  .line = "The quick brown fox jumps over the lazy dog",
                                  .characters = 43};

    check_narrowings(&narrowing);
    narrowing.kind = SCREEN_TMUX;
    check_narrowings(&narrowing);
    narrowing.kind = SCREEN_KITTY;
    check_narrowings(&narrowing);
}

/*
 * If this failed, a terminal that loses its cursor's row when the screen scrolls, as kitty before
 * 0.40 does, would be left with a copy of the line's beginning.
 */
static void check_narrowing_at_the_bottom(enum screen_kind kind, int columns, int rows, int back)
{
    struct terminal *terminal = open_sized(80, 10, kind);
    char wanted[] = "Bob: nine\nAlice> The quick brown fox jumps over the lazy dog\n";
    const char *text;

    refresh(terminal);
    type(terminal, "The quick brown fox jumps over the lazy dog");
    resize(terminal, 30, 10, true); /* it breaks rows, and shows that */
    resize(terminal, 80, 10, true);
    message(terminal, "Bob: one\nBob: two\nBob: three\nBob: four\nBob: five\nBob: six\n"
                      "Bob: seven\nBob: eight\nBob: nine\n");
    for (int i = 0; i < back; i++)
        type(terminal, "\002");
    resize(terminal, columns, rows, true);
    resize(terminal, 80, 10, true);
    text = screen_text(terminal->screen);
    CU_ASSERT_TRUE(strlen(text) > strlen(wanted));
    check_text("end", text + strlen(text) - strlen(wanted), wanted);
    close_terminal(terminal);
}

static void test_resize_scrolls(void)
{
    static const enum screen_kind kinds[] = {SCREEN_XTERM, SCREEN_TMUX, SCREEN_KITTY};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        for (int columns = 15; columns < 80; columns += 3)
            for (int rows = 8; rows <= 12; rows++)
                for (int back = 0; back <= 43; back++)
                    check_narrowing_at_the_bottom(kinds[i], columns, rows, back);
}

/*
 * If this failed, a message would be lost in a terminal that takes rows below the cursor away when
 * the height shrinks after the width, as tmux does.
 */
static void test_resize_twice(void)
{
    struct terminal *terminal = open_sized(80, 10, SCREEN_TMUX);
    struct sink sink = sink_of(terminal);

    refresh(terminal);
    type(terminal, "The quick brown fox jumps over the lazy dog");
    resize(terminal, 30, 10, true); /* it breaks rows, and shows that */
    resize(terminal, 80, 10, true);
    type(terminal, "\001");
    CU_ASSERT_TRUE(editor_resize(terminal->editor, 30, 10));
    CU_ASSERT_FALSE(editor_resize(terminal->editor, 30, 9));
    CU_ASSERT_TRUE(editor_ask(terminal->editor, &sink));
    terminal->output_length = 0;
    feed(terminal, "\033[9;8R", 7);
    editor_refresh(terminal->editor, &sink);
    CU_ASSERT_EQUAL(strncmp(terminal->output, "\r\033[K", 4), 0);
    close_terminal(terminal);
}

/*
 * If this failed, keys would appear in another place than where they go to, in a terminal that
 * moves its cursor when the screen's height changes, as kitty before 0.40 does.
 */
static void test_resize_height(void)
{
    struct terminal *terminal = open_sized(80, 10, SCREEN_KITTY);

    refresh(terminal);
    type(terminal, "The quick brown fox\002\002");
    screen_resize(terminal->screen, 80, 12, true);
    CU_ASSERT_FALSE(editor_resize(terminal->editor, 80, 12));
    CU_ASSERT_FALSE(ask(terminal));
    refresh(terminal);
    check_row(terminal, "Alice> The quick brown fox", 24);
    type(terminal, "l");
    check_row(terminal, "Alice> The quick brown flox", 25);
    close_terminal(terminal);
}

/*
 * If this failed, so would one with a line of characters that are wide, or of which terminals make
 * different things.
 */
static void test_resize_wide(void)
{
    struct narrowing narrowing = {
        .kind = SCREEN_XTERM, .line = "日本a日本日本ab日本日本日本日本", .characters = 17};

    check_narrowings(&narrowing);
    narrowing.line = "日本👋 and 👋🏽 then 👩\xE2\x80\x8D💻 or 👋👋";
    narrowing.characters = 22;
    for (int kind = SCREEN_XTERM; kind <= SCREEN_OLD; kind++) {
        narrowing.kind = (enum screen_kind)kind;
        check_narrowings(&narrowing);
    }
}

/*
 * If this failed, a message printed over a longer line would be followed by an empty row when the
 * screen becomes narrower, in a terminal that goes on counting what was erased to a row.
 */
static void test_nothing_is_left_behind_messages(void)
{
    struct terminal *terminal = open_sized(80, 10, SCREEN_TMUX);

    refresh(terminal);
    type(terminal, "The quick brown fox jumps over the lazy dog");
    message(terminal, "Bob: one\nBob: two\n");
    type(terminal, "\025");
    resize(terminal, 30, 10, true);
    check_screen(terminal, "Bob: one\nBob: two\nAlice>\n");
    close_terminal(terminal);
}

/*
 * If this failed, nor would the row itself be free of what it has held: the screen would scroll by
 * a row for nothing, and a prompt at its top would be lost.
 */
static void test_nothing_is_left_behind_the_line(void)
{
    struct terminal *terminal = open_sized(80, 10, SCREEN_TMUX);

    refresh(terminal);
    for (int i = 0; i < 9; i++)
        message(terminal, "Bob: hello\n");
    type(terminal, "The quick brown fox jumps over the lazy dog");
    type(terminal, "\003");
    resize(terminal, 30, 10, true);
    check_row(terminal, "Alice>", 7);
    CU_ASSERT_EQUAL(screen_cursor_row(terminal->screen), 9);
    close_terminal(terminal);
}

/*
 * If this failed, a terminal that does not answer would be asked again and again, or an answer that
 * comes late be taken for one to a later question.
 */
static void test_late_answer(void)
{
    struct terminal *terminal = open_terminal(80);
    struct sink sink = sink_of(terminal);
    char late[64];

    type(terminal, "The quick brown fox jumps over the lazy dog");
    change_width(terminal, 30, 10, true);
    CU_ASSERT_TRUE(editor_ask(terminal->editor, &sink));
    screen_write(terminal->screen, terminal->output, terminal->output_length);
    terminal->output_length = 0;
    strcpy(late, screen_reply(terminal->screen));
    refresh(terminal); /* nobody waits any longer */
    CU_ASSERT_FALSE(editor_is_asking(terminal->editor));
    change_width(terminal, 20, 10, true);
    CU_ASSERT_FALSE(ask(terminal));
    feed(terminal, late, strlen(late));
    refresh(terminal);
    change_width(terminal, 80, 10, true);
    refresh(terminal);
    check_row(terminal, "Alice> The quick brown fox jumps over the lazy dog", 50);
    change_width(terminal, 30, 10, true);
    CU_ASSERT_TRUE(ask(terminal)); /* it answers, after all */
    close_terminal(terminal);
}

/* If this failed, a resize that changes no width would make everybody wait. */
static void test_same_width(void)
{
    struct terminal *terminal = open_terminal(80);

    CU_ASSERT_FALSE(editor_resize(terminal->editor, 80, 10));
    CU_ASSERT_FALSE(editor_resize(terminal->editor, 0, 10));
    CU_ASSERT_FALSE(ask(terminal));
    close_terminal(terminal);
}

/* If this failed, a client that does not tell its width would not get lines for 80 columns. */
static void test_unknown_width(void)
{
    struct terminal *terminal = open_terminal(80);
    char text[101];

    editor_resize(terminal->editor, 0, 10);
    memset(text, 'x', sizeof(text));
    text[100] = '\0';
    type(terminal, text);
    CU_ASSERT_EQUAL(screen_cursor_row(terminal->screen), 0);
    CU_ASSERT_EQUAL(screen_row(terminal->screen, 0)[7], '<');
    close_terminal(terminal);
}

/* ---- The end ---- */

/*
 * If this failed, the shell that follows would find rubbish on its line, or a terminal in a strange
 * mode.
 */
static void test_close(void)
{
    struct terminal *terminal = open_terminal(80);
    struct sink sink = sink_of(terminal);

    type(terminal, "half a line\002\002");
    print_above(terminal, "*** Goodbye. ***\n");
    editor_close(terminal->editor, &sink);
    flush(terminal);
    check_screen(terminal, "*** Goodbye. ***\n");
    check_row(terminal, "", 0);
    CU_ASSERT_FALSE(screen_bracketed_paste(terminal->screen));
    refresh(terminal);
    type(terminal, "anew");
    check_row(terminal, "Alice> anew", 11);
    editor_close(terminal->editor, &sink);
    flush(terminal);
    check_row(terminal, "", 0);
    CU_ASSERT_FALSE(screen_bracketed_paste(terminal->screen));
    editor_close(terminal->editor, &sink);
    check_number("bytes for nothing", (long)terminal->output_length, 0);
    close_terminal(terminal);
}

/* ---- Lines of any length ---- */

enum { MEBIBYTE = 1 << 20, LINE_BYTES_USUAL = 4096, ROW_BYTES_MAX = 2048 };

/* What lines are made of that have no end to a word, a grapheme or a run of blanks. */
static const char *const fillings[] = {"x", " ", "-", "日", "\xCC\x81", "🇪", "😀\xE2\x80\x8D"};

/* Keys that can be pressed again and again, and leave the line as it is. */
static const char *const lasting_keys[] = {
    "\005\033b", "\001\033f", "\001\005", "\001\006\006\002", "\005\002\002", "\t",
    "\020\016",  "\020\020",  "\005\024", "\005 \t\177",      "\005x\177",    "\005q\t\177",
};

static void count_bytes(void *context, const char *bytes, size_t length)
{
    size_t *written = context;

    (void)bytes;
    *written += length;
}

static void press_keys(struct editor *editor, const char *keys, size_t length)
{
    enum editor_event event;

    for (size_t used = 0; used < length;)
        used += editor_feed(editor, keys + used, length - used, &event);
}

static void fill(struct editor *editor, const char *filling, size_t length)
{
    size_t size = strlen(filling);

    for (size_t filled = 0; filled + size <= length; filled += size)
        press_keys(editor, filling, size);
}

/* An editor with a line of that length and such a one in its history. */
static struct editor *open_long(const char *filling, size_t length)
{
    struct editor *editor = editor_new(length + 64, complete, NULL);

    if (editor == NULL || editor_set_prompt(editor, PROMPT, strlen(PROMPT)) < 0)
        abort();
    fill(editor, filling, length);
    press_keys(editor, "\r", 1);
    fill(editor, filling, length);
    press_keys(editor, " \177", 2); /* makes room for one more */
    return editor;
}

/* The processor time that it takes to press the keys a number of times, drawing each time. */
static clock_t time_keys(struct editor *editor, const char *keys)
{
    size_t written = 0;
    struct sink sink = {count_bytes, &written};
    clock_t start = clock();

    for (int i = 0; i < 40; i++) {
        press_keys(editor, keys, strlen(keys));
        editor_refresh(editor, &sink);
    }
    CU_ASSERT_TRUE(written <= 40 * 2 * ROW_BYTES_MAX);
    return clock() - start;
}

/* The least of several, so that nothing else that runs counts. */
static clock_t time_at_best(struct editor *editor, const char *keys)
{
    clock_t best = time_keys(editor, keys);

    for (int i = 0; i < 4; i++) {
        clock_t took = time_keys(editor, keys);

        best = took < best ? took : best;
    }
    return best;
}

/*
 * If this failed, keys in a full line would take so long that whoever presses many of them keeps
 * everybody waiting, and cannot be stopped. A line is 256 times as long as the other; a key that
 * went through it would take about as many times as long.
 */
static void test_keys_in_long_lines(void)
{
    for (size_t i = 0; i < sizeof(fillings) / sizeof(char *); i++) {
        struct editor *usual = open_long(fillings[i], LINE_BYTES_USUAL);
        struct editor *longer = open_long(fillings[i], MEBIBYTE);

        for (size_t j = 0; j < sizeof(lasting_keys) / sizeof(char *); j++) {
            clock_t least = time_at_best(usual, lasting_keys[j]);
            clock_t most = time_at_best(longer, lasting_keys[j]);

            if (most > 8 * least + 8)
                printf("\n    filling %zu, keys %zu: %ld and %ld", i, j, (long)least, (long)most);
            CU_ASSERT_TRUE(most <= 8 * least + 8);
        }
        editor_free(usual);
        editor_free(longer);
    }
}

/* How much of a line of 5000 characters is left when the keys have been pressed. */
static size_t left_of_long_line(const char *filling, const char *keys)
{
    struct editor *editor = open_long(filling, 5000);
    size_t length;

    press_keys(editor, keys, strlen(keys));
    press_keys(editor, "\r", 1);
    editor_line(editor, &length);
    editor_free(editor);
    return length;
}

/* If this failed, a word without an end would be taken whole, however long that takes. */
static void test_words_without_an_end(void)
{
    long left = 5000 - EDIT_LINE_WORD_BYTES_MAX;

    check_number("Ctrl-W", (long)left_of_long_line("x", "\027"), left);
    check_number("Meta-Backspace", (long)left_of_long_line("x", "\033\177"), left);
    check_number("Meta-D", (long)left_of_long_line("x", "\001\033d"), left);
    check_number("Meta-D over dashes", (long)left_of_long_line("-", "\001\033d"), left);
    check_number("Meta-B", (long)left_of_long_line("x", "\033b\013"), left);
    check_number("TAB", (long)left_of_long_line("x", "\t\t"), 5000);
}

/* ---- Everything together ---- */

static const char *const random_keys[] = {
    "a",     "b ",       " ",         "é",         "e\xCC\x81",     "\xCC\x81",
    "日",    "語",       "😀",         FAMILY,      HEART,           FLAG,
    WAVE,    "한",       "\002",      "\002\002",  "\006",          "\001",
    "\005",  "\004",     "\177",      "\027",      "\025",          "\013",
    "\024",  "\031",     "\022",      "\022a",     "\007",          "\033b",
    "\033f", "\033d",    "\033[A",    "\033[B",    "word and word", "日本語 テスト",
    "\t",    "\r",       "\033[200~", "\033[201~", "\xFF",          "\033[9",
    "\014",  "\033]x\a",
};

/* What is drawn bit by bit must be what is drawn when it is drawn anew. */
static void check_drawn_anew(struct terminal *terminal)
{
    char before[4096];
    int column, row;

    refresh(terminal);
    column = screen_cursor_column(terminal->screen);
    row = screen_cursor_row(terminal->screen);
    strcpy(before, screen_row(terminal->screen, row));
    message(terminal, "Bob: hello\n");
    row = screen_cursor_row(terminal->screen);
    check_text("drawn anew", screen_row(terminal->screen, row), before);
    check_number("column", screen_cursor_column(terminal->screen), column);
    check_text("message", screen_row(terminal->screen, row - 1), "Bob: hello");
}

/* If this failed, some succession of keys would leave a row that is not what it should be. */
static void test_random_keys(void)
{
    for (unsigned seed = 0; seed < 150; seed++) {
        int columns = seed % 2 == 0 ? 80 : 40;
        struct terminal *terminal = open_sized(columns, 10, (enum screen_kind)(seed % 3));

        random_state = seed;
        refresh(terminal);
        for (int i = 0; i < 200; i++) {
            const char *keys =
                random_keys[random_below(sizeof(random_keys) / sizeof(random_keys[0]))];

            feed(terminal, keys, strlen(keys));
            if (random_below(3) > 0)
                refresh(terminal);
            if (random_below(6) == 0)
                check_drawn_anew(terminal);
        }
        close_terminal(terminal);
    }
}

static const struct test tests[] = {
    {"the prompt stands before the cursor, in colour or not", test_prompt},
    {"a key sends no more bytes than it needs", test_typing_writes_only_what_was_typed},
    {"every key does what it says on it", test_keys},
    {"a key that arrives in pieces does the same", test_keys_cut_anywhere},
    {"a key that might begin a control string does nothing by itself", test_meta_of_no_use},
    {"Return enters a line once, however a client sends it", test_return},
    {"a NUL between keys is nothing", test_nul_is_nothing},
    {"an empty line leaves nothing behind", test_empty_lines},
    {"Ctrl-D leaves on an empty line only", test_leave},
    {"Ctrl-C clears the line and says so", test_interrupt},
    {"Ctrl-L clears the screen and keeps the line", test_clear_screen},
    {"a line grows to its limit and no further", test_limit},
    {"wide and combining characters move the cursor as on the terminal", test_widths},
    {"a mark joins the character before it", test_combining_typed_late},
    {"a mass of marks can be edited", test_many_marks},
    {"emoji keep their place on terminals that differ about them", test_emoji_on_all_terminals},
    {"a long line scrolls sideways", test_scrolling},
    {"the part of a line with the cursor is the one shown", test_scrolling_with_the_cursor},
    {"what changes out of view changes the marks at the edge", test_changes_out_of_view},
    {"a row never wraps, on any width of screen", test_scrolling_wide},
    {"a prompt too wide gives way to a short one", test_wide_prompt},
    {"a message is printed above the line that is being written", test_message_while_typing},
    {"many messages cost one redraw", test_many_messages_one_redraw},
    {"a message of any length is whole and leaves nothing of the line", test_message_lengths},
    {"so is a message with colours, TABs, bells or wide characters", test_message_forms},
    {"messages scroll the screen as they should", test_messages_at_the_bottom},
    {"a long line is left standing whole", test_long_line_entered},
    {"no text begins a row but that which begins a line", test_nobody_fakes_a_line},
    {"so it is with any message, and nothing of it is lost", test_random_messages},
    {"narrow screens, and those of unknown width, lose nothing", test_messages_on_odd_screens},
    {"up and down go through the lines that were entered", test_history},
    {"a line with a secret is forgotten", test_history_forgets},
    {"the last fifty lines are remembered", test_history_bound},
    {"what is remembered stays as it was entered", test_history_is_not_written_to},
    {"Ctrl-R finds a line that was entered, Ctrl-R again an older one", test_search},
    {"a search that is given up leaves everything as it was", test_search_given_up},
    {"what a search found can be changed", test_search_accepted},
    {"a search that finds nothing does no harm", test_search_for_nothing},
    {"a search does not cut a letter", test_search_finds_whole_letters},
    {"a search has a price", test_search_has_a_price},
    {"what was taken out can be brought back", test_yank},
    {"TAB completes as far as the candidates agree, then lists them", test_completion},
    {"a completion may differ from what was typed", test_completion_that_differs},
    {"a completion leaves what follows alone", test_completion_in_the_middle},
    {"a completion that does not fit changes nothing", test_completion_at_the_limit},
    {"pasted lines are entered one by one and run no keys", test_paste},
    {"a paste that arrives in pieces does the same", test_paste_cut_anywhere},
    {"a pasted line that is too long is not entered in part", test_paste_overlong},
    {"more than three pasted lines are held until Return", test_paste_held},
    {"Ctrl-C drops them, and nothing else", test_paste_dropped},
    {"any other key does nothing to them", test_other_keys_while_held},
    {"what is pasted meanwhile joins them", test_paste_joins_what_is_held},
    {"a paste has a bound", test_paste_too_long},
    {"a paste without brackets does the same", test_paste_told_by_others},
    {"lines that were to be entered can be had", test_lines_left_of_a_paste},
    {"without echo nothing is seen or remembered", test_password},
    {"without echo a paste goes into the line", test_pasted_password},
    {"another width leaves the conversation and the line whole", test_resize},
    {"so it does at the bottom of the screen", test_resize_narrow_at_the_bottom},
    {"a message after a change of width does not mix with the line", test_message_after_resize},
    {"of a terminal that is known to break rows nothing is left, ever", test_resize_again},
    {"nor when the screen scrolls meanwhile", test_resize_scrolls},
    {"nor with wide characters and emoji in the line", test_resize_wide},
    {"nor is a message lost when the height changes after the width", test_resize_twice},
    {"when only the height changes, the cursor stays", test_resize_height},
    {"nothing is left behind a message where a longer line was",
     test_nothing_is_left_behind_messages},
    {"nor of a longer line", test_nothing_is_left_behind_the_line},
    {"an answer that comes late is no answer", test_late_answer},
    {"the same width again is no change", test_same_width},
    {"a screen of unknown width counts as 80 columns", test_unknown_width},
    {"the terminal is left clean", test_close},
    {"a key takes no longer in a long line", test_keys_in_long_lines},
    {"a word without an end is taken in pieces", test_words_without_an_end},
    {"what is drawn bit by bit is what is drawn anew", test_random_keys},
};

void add_editor_suite(void)
{
    SUITE_ADD("editor", tests);
}
