/*
 * Fuzz target for the line editor: anything may come from the terminal, cut anywhere, between
 * messages and changes of the terminal's size.
 *
 * Input: one byte chooses the terminal; then bytes as the terminal sends them. 0xFF, which UTF-8
 * never contains, is followed by a byte that chooses something else than input: see act(). 0xFE is
 * followed by what a message is made of: see print_pieces(). After either, as after every 16 bytes,
 * the screen is refreshed. What must hold then: the line is within its limit and valid text; the
 * row, drawn bit by bit, is what it is when it is drawn anew below a message; the message stands
 * above it whole; nothing is on the row below; no row, be it of a message, is so full that the
 * terminal goes on in the next one.
 */
#include "edit/character.h"
#include "edit/editor.h"
#include "base/utf8.h"
#include "../unit/screen.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINE_BYTES_MAX = 120, ROWS = 6, CHUNK_BYTES = 16 };

struct fuzz {
    struct editor *editor;
    struct screen *screen;
    struct sink sink;
    int columns;
    int long_words; /* how often the terminal may have wrapped a row: within printed words */
};

static void fail(const char *what)
{
    fprintf(stderr, "fuzz_editor: %s\n", what);
    abort();
}

/* Prints a message. Words of it that are longer than a row are left to the terminal to break. */
static void print(struct fuzz *fuzz, const char *text, size_t length)
{
    int before = screen_wraps(fuzz->screen);

    editor_print_above(fuzz->editor, text, length, &fuzz->sink);
    fuzz->long_words += screen_wraps(fuzz->screen) - before;
}

/*
 * The model and the editor must agree where the editor is sure; where it is not, any width up to
 * its own will do.
 */
static int table_width(uint32_t code_point)
{
    struct character_shape shape = character_shape(code_point);

    return shape.columns;
}

static int low_width(uint32_t code_point)
{
    struct character_shape shape = character_shape(code_point);

    return shape.doubtful && shape.columns > 0 ? shape.columns - 1 : shape.columns;
}

static void write_screen(void *context, const char *bytes, size_t length)
{
    struct fuzz *fuzz = context;

    screen_write(fuzz->screen, bytes, length);
}

static void complete(void *context, const char *word, size_t length, bool begins_line,
                     struct completion *candidates)
{
    static const char *const names[] = {"Alice", "Alicia", "aé", "aè", "日本", "日光", "/help", ""};

    (void)context;
    (void)word;
    for (size_t i = begins_line; i < sizeof(names) / sizeof(names[0]); i++)
        if (length == 0 || strncmp(names[i], word, 1) == 0)
            completion_add(candidates, names[i], strlen(names[i]));
}

static void check_text(const char *text, size_t length)
{
    if (length > LINE_BYTES_MAX)
        fail("the line is longer than its limit");
    for (size_t i = 0; i < length;) {
        uint32_t code_point;
        size_t step = utf8_decode(text + i, length - i, &code_point);

        if (step == 0 || !character_is_text(code_point))
            fail("the line is not text");
        i += step;
    }
}

static void feed(struct fuzz *fuzz, const char *bytes, size_t length)
{
    size_t used = 0;

    while (used < length || editor_has_more(fuzz->editor)) {
        enum editor_event event;
        bool more = editor_has_more(fuzz->editor);
        size_t step = editor_feed(fuzz->editor, bytes + used, length - used, &event);
        size_t text_length;
        bool begins_line;
        const char *text;

        if (step == 0 && !more)
            fail("no progress");
        used += step;
        if (event == EDITOR_NONE && used != length)
            fail("bytes left without an event");
        text = event == EDITOR_CANDIDATES ? editor_word(fuzz->editor, &text_length, &begins_line)
                                          : editor_line(fuzz->editor, &text_length);
        check_text(text, text_length);
        if (event == EDITOR_LINE)
            print(fuzz, text, text_length);
        if (event == EDITOR_LEAVE)
            editor_close(fuzz->editor, &fuzz->sink);
    }
}

/* The terminal answers. */
static void answer(struct fuzz *fuzz)
{
    const char *reply = screen_reply(fuzz->screen);

    feed(fuzz, reply, strlen(reply));
}

static void refresh(struct fuzz *fuzz)
{
    editor_refresh(fuzz->editor, &fuzz->sink);
}

static void check_drawn_anew(struct fuzz *fuzz)
{
    static const char message[] = "m\n";
    char *before;
    int column, row;

    refresh(fuzz);
    row = screen_cursor_row(fuzz->screen);
    column = screen_cursor_column(fuzz->screen);
    before = strdup(screen_row(fuzz->screen, row));
    if (before == NULL)
        fail("out of memory");
    editor_print_above(fuzz->editor, message, sizeof(message) - 1, &fuzz->sink);
    refresh(fuzz);
    row = screen_cursor_row(fuzz->screen);
    if (strcmp(screen_row(fuzz->screen, row), before) != 0) {
        fprintf(stderr, "drawn anew: \"%s\"\ninstead of: \"%s\"\n", screen_row(fuzz->screen, row),
                before);
        fail("the row differs when it is drawn anew");
    }
    if (screen_cursor_column(fuzz->screen) != column)
        fail("the cursor differs when the row is drawn anew");
    if (row == 0 || strcmp(screen_row(fuzz->screen, row - 1), "m") != 0)
        fail("the message is not above the row");
    if (row < ROWS - 1 && screen_row(fuzz->screen, row + 1)[0] != '\0')
        fail("something is below the row");
    if (screen_errors(fuzz->screen) != 0)
        fail("rubbish was written");
    if (screen_wraps(fuzz->screen) != fuzz->long_words)
        fail("the terminal wrapped a row");
    free(before);
}

/* Prints a message of pieces that the bytes up to a 0 choose. Returns how many bytes these are. */
static size_t print_pieces(struct fuzz *fuzz, const uint8_t *data, size_t size)
{
    static const char *const pieces[] = {
        "a",        "word",       " ",        "   ", "\t", "\a",       "\n", "e\xCC\x81",
        "\xCC\x81", "日",         "한",       "กำ",  "कि", "👋🏽", "🇪",  "❤\xEF\xB8\x8F",
        "\033[1m",  "\033[0;31m", "\xC2\xA0", ".",   "ㅎ", "ᅡ",       "⌚",  "👨\xE2\x80\x8D"};
    char text[4096] = "";
    size_t used = 0, length = 0;

    while (used < size && data[used] != 0 && length + 16 < sizeof(text)) {
        const char *piece = pieces[data[used++] % (sizeof(pieces) / sizeof(pieces[0]))];

        length += (size_t)sprintf(text + length, "%s", piece);
    }
    print(fuzz, text, length);
    return used;
}

/* Says that the input is pasted from here on, or was up to here. */
static void paste(struct editor *editor)
{
    if (editor_is_pasting(editor))
        editor_end_paste(editor);
    else
        editor_begin_paste(editor);
}

/* Does something else than input. */
static void act(struct fuzz *fuzz, uint8_t action)
{
    static const char *const prompts[] = {
        "",       "A> ",        "\033[1mAlice\033[0m> ",
        "日本> ", "👋🏽> ", "a prompt for which there is not always room> "};
    static const char *const messages[] = {
        "hello\n", "one\ntwo\r\nthree", "\ttab", "日本語日本語日本語日本語日本語", "", "\n"};
    const char *text;

    switch (action % 6) {
    case 0:
        text = prompts[action / 6 % 6];
        if (editor_set_prompt(fuzz->editor, text, strlen(text)) < 0)
            fail("out of memory");
        break;
    case 1:
        text = messages[action / 6 % 6];
        print(fuzz, text, strlen(text));
        break;
    case 2:
        fuzz->columns = action / 6 + 2;
        screen_resize(fuzz->screen, fuzz->columns, ROWS, action & 8);
        editor_resize(fuzz->editor, (unsigned)fuzz->columns, ROWS);
        if ((action & 16) && editor_ask(fuzz->editor, &fuzz->sink))
            answer(fuzz);
        break;
    case 3:
        editor_set_echo(fuzz->editor, action & 8);
        break;
    case 4:
        if (action & 8)
            paste(fuzz->editor);
        else
            editor_close(fuzz->editor, &fuzz->sink);
        break;
    default:
        check_drawn_anew(fuzz);
        break;
    }
    refresh(fuzz);
}

static void run(struct fuzz *fuzz, const uint8_t *data, size_t size)
{
    size_t start = 0;

    for (size_t i = 0; i < size; i++) {
        if (data[i] < 0xFE && i - start < CHUNK_BYTES && i + 1 < size)
            continue;
        feed(fuzz, (const char *)data + start, i - start);
        refresh(fuzz);
        start = i;
        if (data[i] == 0xFF && i + 1 < size) {
            act(fuzz, data[++i]);
            start = i + 1;
        } else if (data[i] == 0xFE) {
            i += print_pieces(fuzz, data + i + 1, size - i - 1);
            refresh(fuzz);
            start = i + 1;
        }
    }
    check_drawn_anew(fuzz);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz fuzz;

    if (size == 0)
        return 0;
    fuzz.long_words = 0;
    fuzz.columns = data[0] & 1 ? 40 : 20;
    fuzz.screen = screen_new(fuzz.columns, ROWS, data[0] & 2 ? SCREEN_TMUX : SCREEN_OLD);
    screen_set_width(fuzz.screen, data[0] & 4 ? low_width : table_width);
    fuzz.sink.write = write_screen;
    fuzz.sink.context = &fuzz;
    fuzz.editor = editor_new(LINE_BYTES_MAX, complete, NULL);
    if (fuzz.editor == NULL)
        fail("out of memory");
    editor_resize(fuzz.editor, (unsigned)fuzz.columns, ROWS);
    run(&fuzz, data + 1, size - 1);
    editor_free(fuzz.editor);
    screen_free(fuzz.screen);
    return 0;
}
