#include "base/platform.h"

#include "base/utf8.h"
#include "edit/editor.h"
#include "edit/editor_inside.h"

/* How much of a text fits into the line, up to the end of a character. */
static size_t fitting(const struct edit_line *line, const char *text, size_t length)
{
    size_t room = line->limit - line->length;

    if (length <= room)
        return length;
    while (room > 0 && utf8_sequence_length((unsigned char)text[room]) == 0)
        room--;
    return room;
}

void editor_insert(struct editor *editor, const char *text, size_t length)
{
    size_t fits = fitting(&editor->line, text, length);
    enum edit_line_result result = edit_line_insert(&editor->line, text, fits);

    if (result == EDIT_LINE_DONE && fits < length)
        result = EDIT_LINE_FULL;
    if (result == EDIT_LINE_DONE)
        return;
    editor->bell = true;
    if (editor->missing == EDIT_LINE_DONE)
        editor->missing = result;
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
        editor->missing = EDIT_LINE_DONE;
    else
        editor->bell = true;
}

/* A recalled line is copied first, as the history may drop it. */
enum editor_event editor_press_enter(struct editor *editor)
{
    enum edit_line_result missing = editor->missing;

    if (!edit_line_keep(&editor->line))
        missing = EDIT_LINE_NO_MEMORY;
    else if (!editor->hidden && !editor->forgetful)
        history_add(&editor->history, edit_line_text(&editor->line), editor->line.length);
    if (missing != EDIT_LINE_DONE) {
        editor_start_line(editor);
        return missing == EDIT_LINE_FULL ? EDITOR_OVERLONG : EDITOR_NO_MEMORY;
    }
    editor->entered = true;
    return EDITOR_LINE;
}

enum editor_event editor_press_interrupt(struct editor *editor)
{
    bool empty = editor->line.length == 0 && !history_is_shown(&editor->history);

    editor_start_line(editor);
    editor->pasting = false;     /* ends a paste without echo whose end sequence was lost */
    editor->row.outdated = true; /* a telnet client wrote its own prompt there */
    return empty ? EDITOR_INTERRUPT_EMPTY : EDITOR_INTERRUPT;
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

/* Inserts what was cut last. */
static void press_yank(struct editor *editor)
{
    if (editor->cut.length > 0)
        editor_insert(editor, editor->cut.text, editor->cut.length);
    else
        editor->bell = true;
}

/* Whether the key erases more than a character, so that the text is cut. */
static bool is_cutting_key(enum key key)
{
    return key == KEY_ERASE_WORD_LEFT || key == KEY_ERASE_WORD_RIGHT ||
           key == KEY_ERASE_ARGUMENT_LEFT || key == KEY_ERASE_TO_START || key == KEY_ERASE_TO_END;
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

/*
 * Keeps text that is about to be erased, unless it is secret. `joined`: together with what the key
 * before has cut. When memory is out, nothing is kept rather than a part.
 */
static void cut(struct editor *editor, size_t from, size_t to, bool joined)
{
    struct edit_line *piece = &editor->cut;

    if (editor->hidden || from == to)
        return;
    if (!joined)
        edit_line_clear(piece);
    piece->cursor = from < editor->line.cursor ? 0 : piece->length;
    if (edit_line_insert(piece, editor->line.text + from, to - from) != EDIT_LINE_DONE) {
        edit_line_clear(piece);
        editor->bell = true;
    }
}

/* Erases text if the key is an erasing key. Returns whether it is. */
static bool press_erasure(struct editor *editor, enum key key, bool joined)
{
    size_t from, to;

    if (!find_erasure(&editor->line, key, &from, &to))
        return false;
    editor->cutting = is_cutting_key(key);
    if (editor->cutting)
        cut(editor, from, to, joined);
    if (edit_line_erase(&editor->line, from, to))
        editor->missing = EDIT_LINE_DONE; /* the person has seen what fitted, and decided */
    else
        editor->bell = true;
    return true;
}

static enum editor_event press_tab(struct editor *editor)
{
    struct completion completion = {0, 0, {0}};
    const char *word;
    size_t length;
    bool begins_line;

    if (editor->ambiguous)
        return EDITOR_CANDIDATES;
    if (editor->complete != NULL && !editor->hidden && !completion_is_too_long(&editor->line)) {
        word = editor_word(editor, &length, &begins_line);
        editor->complete(editor->context, word, length, begins_line, &completion);
    }
    editor->ambiguous = completion.count > 1;
    if (completion.count != 1)
        editor->bell = true;
    if (completion.count > 0 && !completion_replace(&editor->line, &completion))
        editor->bell = true;
    return EDITOR_NONE;
}

/* A key that neither moves the cursor nor erases. */
static enum editor_event press_other(struct editor *editor, enum key key,
                                     const struct keystroke *stroke)
{
    switch (key) {
    case KEY_CHARACTER:
        editor_insert(editor, stroke->text, stroke->length);
        return EDITOR_NONE;
    case KEY_ENTER:
        return editor_press_enter(editor);
    case KEY_INTERRUPT:
        return editor_press_interrupt(editor);
    case KEY_TAB:
        return press_tab(editor);
    case KEY_UP:
    case KEY_DOWN:
        show_remembered(editor, key);
        return EDITOR_NONE;
    case KEY_YANK:
        press_yank(editor);
        return EDITOR_NONE;
    case KEY_SEARCH:
        editor_press_search(editor);
        return EDITOR_NONE;
    case KEY_TRANSPOSE:
        editor->bell |= !edit_line_transpose(&editor->line);
        return EDITOR_NONE;
    case KEY_CLEAR_SCREEN:
        editor->clear = true;
        return EDITOR_NONE;
    case KEY_PASTE_BEGIN:
        editor_open_paste(editor);
        return EDITOR_NONE;
    default:
        return EDITOR_NONE;
    }
}

enum editor_event editor_press(struct editor *editor, enum key key, const struct keystroke *stroke)
{
    bool joined = editor->cutting;
    enum editor_event event;

    if (key == KEY_CURSOR_REPORT) { /* a terminal's answer, not a key: it may arrive at any time */
        edit_row_locate(&editor->row, stroke->row, stroke->column);
        return EDITOR_NONE;
    }
    editor->cutting = false;
    if (key != KEY_TAB)
        editor->ambiguous = false;
    editor->brackets |= key == KEY_PASTE_BEGIN;
    if (editor->pasting)
        return editor_press_pasted(editor, key, stroke);
    if (editor_is_holding(editor))
        return editor_press_holding(editor, key);
    if (editor->search != NULL && editor_press_searching(editor, key, stroke, &event))
        return event;
    if (key == KEY_DELETE_OR_LEAVE && editor->line.length == 0)
        return EDITOR_LEAVE;
    if (press_motion(&editor->line, key))
        return EDITOR_NONE;
    if (press_erasure(editor, key, joined))
        return EDITOR_NONE;
    return press_other(editor, key, stroke);
}
