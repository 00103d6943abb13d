#include "base/platform.h"

#include "edit/editor.h"

#include "edit/edit_line.h"
#include "edit/edit_row.h"
#include "edit/history.h"
#include "edit/keyboard.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BELL                "\a"
#define BRACKETED_PASTE_ON  "\033[?2004h"
#define BRACKETED_PASTE_OFF "\033[?2004l"

/*
 * A word behind more blanks than this does not count as the first of its line; no one indents one
 * so far.
 */
enum { INDENT_BYTES_MAX = 256 };

struct editor {
    struct keyboard keyboard;
    struct edit_line line;
    struct edit_line draft; /* the line being written, while an older one is shown */
    struct edit_row row;
    struct history history;
    editor_completer *complete;
    void *context;
    bool hidden;    /* no echo */
    bool opened;    /* bracketed paste is on */
    bool pasting;   /* the input is pasted text */
    bool overlong;  /* something did not fit into the line, and nothing has been erased since */
    bool entered;   /* the caller may still use the line; it is no longer edited */
    bool ambiguous; /* the last key was a TAB with several candidates */
    bool bell;      /* due at the next refresh */
    bool clear;     /* clear the screen at the next refresh */
};

struct editor_candidates {
    size_t count;
    size_t prefix_length; /* of the prefix that all candidates share */
    char prefix[EDITOR_CANDIDATE_BYTES_MAX];
};

struct editor *editor_new(size_t line_bytes_max, editor_completer *complete, void *context)
{
    struct editor *editor = calloc(1, sizeof(*editor));

    if (editor == NULL) {
        errno = ENOMEM; /* C11 does not guarantee it */
        return NULL;
    }
    keyboard_init(&editor->keyboard);
    edit_line_init(&editor->line, line_bytes_max);
    edit_line_init(&editor->draft, line_bytes_max);
    edit_row_init(&editor->row);
    editor->complete = complete;
    editor->context = context;
    return editor;
}

void editor_free(struct editor *editor)
{
    if (editor == NULL)
        return;
    edit_line_clear(&editor->line);
    edit_line_clear(&editor->draft);
    edit_row_destroy(&editor->row);
    history_clear(&editor->history);
    free(editor);
}

int editor_set_prompt(struct editor *editor, const char *prompt, size_t length)
{
    return edit_row_set_prompt(&editor->row, prompt, length);
}

/* Begins an empty line. */
static void start_line(struct editor *editor)
{
    edit_line_clear(&editor->line);
    edit_line_clear(&editor->draft);
    history_rewind(&editor->history);
    editor->entered = false;
    editor->overlong = false;
    editor->ambiguous = false;
}

/* Drops an entered line, which the caller has used by now. */
static void drop_entered(struct editor *editor)
{
    if (editor->entered)
        start_line(editor);
}

void editor_set_echo(struct editor *editor, bool echo)
{
    if (editor->hidden == !echo)
        return;
    start_line(editor); /* while the line is still known to be secret */
    editor->hidden = !echo;
    editor->line.secret = !echo;
}

void editor_resize(struct editor *editor, unsigned columns)
{
    edit_row_resize(&editor->row, columns);
}

unsigned editor_columns(const struct editor *editor)
{
    return editor->row.columns;
}

/* ---- Completion ---- */

static size_t common_length(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t length = 0;

    while (length < a_length && length < b_length && a[length] == b[length])
        length++;
    return length;
}

void editor_candidates_add(struct editor_candidates *candidates, const char *text, size_t length)
{
    size_t common;

    if (length > EDITOR_CANDIDATE_BYTES_MAX)
        return;
    if (candidates->count++ == 0) {
        memcpy(candidates->prefix, text, length);
        candidates->prefix_length = length;
        return;
    }
    common = common_length(candidates->prefix, candidates->prefix_length, text, length);
    /* The prefix must not end within a character. */
    while (common > 0 && common < length && utf8_sequence_length((unsigned char)text[common]) == 0)
        common--;
    candidates->prefix_length = common;
}

/* The start of the word before the cursor; the cursor if the word is longer than any candidate. */
static size_t word_start(const struct edit_line *line)
{
    size_t start = line->cursor;

    while (start > 0 && line->text[start - 1] != ' ') {
        if (line->cursor - start == EDITOR_CANDIDATE_BYTES_MAX)
            return line->cursor;
        start--;
    }
    return start;
}

/* Whether only blanks are before start, and not more than INDENT_BYTES_MAX. */
static bool stands_first(const struct edit_line *line, size_t start)
{
    if (start > INDENT_BYTES_MAX)
        return false;
    while (start > 0 && line->text[start - 1] == ' ')
        start--;
    return start == 0;
}

const char *editor_word(const struct editor *editor, size_t *length, bool *begins_line)
{
    size_t start = word_start(&editor->line);

    *length = editor->line.cursor - start;
    *begins_line = stands_first(&editor->line, start);
    return edit_line_text(&editor->line) + start;
}

/* Whether the word before the cursor is too long to be completed. */
static bool is_word_too_long(const struct edit_line *line)
{
    return line->cursor > 0 && line->text[line->cursor - 1] != ' ' &&
           word_start(line) == line->cursor;
}

/*
 * Replaces the word by the candidates' common prefix. Returns false if the line has no room for it.
 */
static bool complete_word(struct edit_line *line, const struct editor_candidates *candidates)
{
    size_t start = word_start(line);
    size_t word_length = line->cursor - start;
    size_t length = candidates->prefix_length;
    size_t same;

    if (length > 0 && candidates->prefix[length - 1] == ' ' && line->cursor < line->length &&
        line->text[line->cursor] == ' ')
        length--; /* the line has that blank already */
    if (length < word_length)
        return true; /* nothing in common beyond the word, as when case differs */
    if (length - word_length > line->limit - line->length)
        return false;
    same = common_length(edit_line_text(line) + start, word_length, candidates->prefix, length);
    while (same > 0 && same < word_length &&
           utf8_sequence_length((unsigned char)line->text[start + same]) == 0)
        same--;
    return edit_line_erase(line, start + same, line->cursor) &&
           edit_line_insert(line, candidates->prefix + same, length - same);
}

static enum editor_event press_tab(struct editor *editor)
{
    struct editor_candidates candidates = {0, 0, {0}};
    const char *word;
    size_t length;
    bool begins_line;

    if (editor->ambiguous)
        return EDITOR_CANDIDATES;
    if (editor->complete != NULL && !editor->hidden && !is_word_too_long(&editor->line)) {
        word = editor_word(editor, &length, &begins_line);
        editor->complete(editor->context, word, length, begins_line, &candidates);
    }
    editor->ambiguous = candidates.count > 1;
    if (candidates.count != 1)
        editor->bell = true;
    if (candidates.count > 0 && !complete_word(&editor->line, &candidates))
        editor->bell = true;
    return EDITOR_NONE;
}

/* ---- Keys ---- */

static void insert(struct editor *editor, const char *text, size_t length)
{
    if (edit_line_insert(&editor->line, text, length))
        return;
    editor->bell = true;
    editor->overlong = true;
}

static bool show_older(struct editor *editor)
{
    bool left_draft = !history_is_shown(&editor->history);
    size_t length;
    const char *text = history_older(&editor->history, &length);

    if (text == NULL)
        return false;
    if (left_draft)
        edit_line_take(&editor->draft, &editor->line);
    edit_line_show(&editor->line, text, length);
    return true;
}

static bool show_newer(struct editor *editor)
{
    size_t length;
    const char *text;

    if (!history_is_shown(&editor->history))
        return false;
    text = history_newer(&editor->history, &length);
    if (text != NULL)
        edit_line_show(&editor->line, text, length);
    else
        edit_line_take(&editor->line, &editor->draft);
    return true;
}

static void show_remembered(struct editor *editor, enum key key)
{
    if (!editor->hidden && (key == KEY_UP ? show_older(editor) : show_newer(editor)))
        editor->overlong = false;
    else
        editor->bell = true;
}

/* Return: ends the line. A recalled line is copied first, as the history may drop it. */
static enum editor_event press_enter(struct editor *editor)
{
    if (!edit_line_keep(&editor->line)) {
        editor->bell = true;
        return EDITOR_NONE;
    }
    if (!editor->hidden)
        history_add(&editor->history, edit_line_text(&editor->line), editor->line.length);
    if (editor->overlong) {
        start_line(editor);
        return EDITOR_OVERLONG;
    }
    editor->entered = true;
    return EDITOR_LINE;
}

static enum editor_event press_interrupt(struct editor *editor)
{
    start_line(editor);
    editor->pasting = false;     /* ends a paste whose end sequence was lost */
    editor->row.outdated = true; /* a telnet client wrote its own prompt there */
    return EDITOR_INTERRUPT;
}

/* Moves the cursor if the key is a motion. Returns whether it is. */
static bool press_motion(struct edit_line *line, enum key key)
{
    switch (key) {
    case KEY_LEFT:
        line->cursor = edit_line_left(line);
        return true;
    case KEY_RIGHT:
        line->cursor = edit_line_right(line);
        return true;
    case KEY_HOME:
        line->cursor = 0;
        return true;
    case KEY_END:
        line->cursor = line->length;
        return true;
    case KEY_WORD_LEFT:
        line->cursor = edit_line_word_left(line);
        return true;
    case KEY_WORD_RIGHT:
        line->cursor = edit_line_word_right(line);
        return true;
    default:
        return false;
    }
}

/* Stores the range that the key erases if it is an erasing key. Returns whether it is. */
static bool find_erasure(const struct edit_line *line, enum key key, size_t *from, size_t *to)
{
    *from = *to = line->cursor;
    switch (key) {
    case KEY_BACKSPACE:
        *from = edit_line_left(line);
        return true;
    case KEY_DELETE:
    case KEY_DELETE_OR_LEAVE:
        *to = edit_line_right(line);
        return true;
    case KEY_ERASE_WORD_LEFT:
        *from = edit_line_word_left(line);
        return true;
    case KEY_ERASE_WORD_RIGHT:
        *to = edit_line_word_right(line);
        return true;
    case KEY_ERASE_ARGUMENT_LEFT:
        *from = edit_line_argument_left(line);
        return true;
    case KEY_ERASE_TO_START:
        *from = 0;
        return true;
    case KEY_ERASE_TO_END:
        *to = line->length;
        return true;
    default:
        return false;
    }
}

/* Erases text if the key is an erasing key. Returns whether it is. */
static bool press_erasure(struct editor *editor, enum key key)
{
    size_t from, to;

    if (!find_erasure(&editor->line, key, &from, &to))
        return false;
    if (edit_line_erase(&editor->line, from, to))
        editor->overlong = false; /* the person has seen what fitted, and decided */
    else
        editor->bell = true;
    return true;
}

/* A key in pasted text: only text and the end of the paste count. */
static enum editor_event press_pasted(struct editor *editor, enum key key,
                                      const struct keystroke *stroke)
{
    switch (key) {
    case KEY_CHARACTER:
        insert(editor, stroke->text, stroke->length);
        return EDITOR_NONE;
    case KEY_TAB:
        insert(editor, " ", 1);
        return EDITOR_NONE;
    case KEY_ENTER:
        return press_enter(editor);
    case KEY_INTERRUPT:
        return press_interrupt(editor);
    case KEY_PASTE_END:
        editor->pasting = false;
        return EDITOR_NONE;
    default:
        return EDITOR_NONE;
    }
}

/* A key that neither moves the cursor nor erases. */
static enum editor_event press_other(struct editor *editor, enum key key,
                                     const struct keystroke *stroke)
{
    switch (key) {
    case KEY_CHARACTER:
        insert(editor, stroke->text, stroke->length);
        return EDITOR_NONE;
    case KEY_ENTER:
        return press_enter(editor);
    case KEY_INTERRUPT:
        return press_interrupt(editor);
    case KEY_TAB:
        return press_tab(editor);
    case KEY_UP:
    case KEY_DOWN:
        show_remembered(editor, key);
        return EDITOR_NONE;
    case KEY_TRANSPOSE:
        editor->bell |= !edit_line_transpose(&editor->line);
        return EDITOR_NONE;
    case KEY_CLEAR_SCREEN:
        editor->clear = true;
        return EDITOR_NONE;
    case KEY_PASTE_BEGIN:
        editor->pasting = true;
        return EDITOR_NONE;
    default:
        return EDITOR_NONE;
    }
}

static enum editor_event press(struct editor *editor, enum key key, const struct keystroke *stroke)
{
    if (key == KEY_CURSOR_REPORT) { /* a terminal's answer, not a key: it may arrive at any time */
        edit_row_locate(&editor->row, stroke->row, stroke->column);
        return EDITOR_NONE;
    }
    if (key != KEY_TAB)
        editor->ambiguous = false;
    if (editor->pasting)
        return press_pasted(editor, key, stroke);
    if (key == KEY_DELETE_OR_LEAVE && editor->line.length == 0)
        return EDITOR_LEAVE;
    if (press_motion(&editor->line, key))
        return EDITOR_NONE;
    if (press_erasure(editor, key))
        return EDITOR_NONE;
    return press_other(editor, key, stroke);
}

size_t editor_feed(struct editor *editor, const char *bytes, size_t length,
                   enum editor_event *event)
{
    size_t used = 0;

    drop_entered(editor);
    *event = EDITOR_NONE;
    while (used < length && *event == EDITOR_NONE) {
        struct keystroke stroke;
        enum key key = keyboard_feed(&editor->keyboard, (unsigned char)bytes[used++], &stroke);

        if (key != KEY_NONE)
            *event = press(editor, key, &stroke);
    }
    if (used == length)
        keyboard_pause(&editor->keyboard);
    return used;
}

const char *editor_line(const struct editor *editor, size_t *length)
{
    *length = editor->entered ? editor->line.length : 0;
    return edit_line_text(&editor->line);
}

/* ---- The screen ---- */

void editor_print_above(struct editor *editor, const char *text, size_t length,
                        const struct sink *sink)
{
    edit_row_print(&editor->row, text, length, sink);
}

void editor_print_rows(struct editor *editor, const char *rows, size_t length,
                       const struct sink *sink)
{
    edit_row_print_rows(&editor->row, rows, length, sink);
}

void editor_refresh(struct editor *editor, const struct sink *sink)
{
    drop_entered(editor);
    if (!editor->opened)
        sink_text(sink, BRACKETED_PASTE_ON);
    editor->opened = true;
    if (editor->clear)
        edit_row_clear_screen(&editor->row, sink);
    editor->clear = false;
    if (editor->hidden) {
        struct edit_line nothing;

        edit_line_init(&nothing, 0);
        edit_row_draw(&editor->row, &nothing, sink);
    } else {
        edit_row_draw(&editor->row, &editor->line, sink);
    }
    if (editor->bell)
        sink_text(sink, BELL);
    editor->bell = false;
}

void editor_close(struct editor *editor, const struct sink *sink)
{
    start_line(editor);
    edit_row_erase(&editor->row, sink);
    if (editor->opened)
        sink_text(sink, BRACKETED_PASTE_OFF);
    editor->opened = false;
    editor->pasting = false;
    editor->bell = false;
    editor->clear = false;
}
