#include "base/platform.h"

#include "edit/editor.h"
#include "edit/editor_inside.h"

#include <errno.h>
#include <stdlib.h>

#define BELL                "\a"
#define BRACKETED_PASTE_ON  "\033[?2004h"
#define BRACKETED_PASTE_OFF "\033[?2004l"

enum { PASTE_BYTES_MAX = 64 * 1024 }; /* of a paste, in addition to the longest line */

struct editor *editor_new(size_t line_bytes_max, completion_finder *complete, void *context)
{
    struct editor *editor = calloc(1, sizeof(*editor));

    if (editor == NULL) {
        errno = ENOMEM; /* C11 does not guarantee it */
        return NULL;
    }
    keyboard_init(&editor->keyboard);
    edit_line_init(&editor->line, line_bytes_max);
    edit_line_init(&editor->draft, line_bytes_max);
    edit_line_init(&editor->cut, line_bytes_max);
    paste_init(&editor->paste, PASTE_BYTES_MAX + line_bytes_max);
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
    edit_line_clear(&editor->cut);
    search_free(editor->search);
    paste_drop(&editor->paste);
    edit_row_destroy(&editor->row);
    history_clear(&editor->history);
    free(editor);
}

int editor_set_prompt(struct editor *editor, const char *prompt, size_t length)
{
    return edit_row_set_prompt(&editor->row, prompt, length);
}

void editor_start_line(struct editor *editor)
{
    if (editor->search != NULL) {
        search_free(editor->search);
        editor_end_search(editor);
    }
    edit_line_clear(&editor->line);
    editor->line.secret = editor->hidden;
    edit_line_clear(&editor->draft);
    history_rewind(&editor->history);
    editor->entered = false;
    editor->missing = EDIT_LINE_DONE;
    editor->ambiguous = false;
}

void editor_drop_entered(struct editor *editor)
{
    if (editor->entered)
        editor_start_line(editor);
}

void editor_set_echo(struct editor *editor, bool echo)
{
    if (editor->hidden == !echo)
        return;
    editor_start_line(editor); /* while the line is still known to be secret */
    editor->hidden = !echo;
    editor->line.secret = !echo;
}

void editor_set_remembering(struct editor *editor, bool remembering)
{
    editor->forgetful = !remembering;
}

void editor_forget_entered(struct editor *editor)
{
    if (!editor->entered)
        return;
    history_forget(&editor->history, edit_line_text(&editor->line), editor->line.length);
    editor->line.secret = true; /* until the next one begins */
}

/* What a hidden line shows of itself. */
static struct edit_line no_line(void)
{
    struct edit_line nothing;

    edit_line_init(&nothing, 0);
    return nothing;
}

void editor_set_ascii(struct editor *editor, bool ascii)
{
    edit_row_set_ascii(&editor->row, ascii);
}

bool editor_resize(struct editor *editor, unsigned columns, unsigned rows)
{
    struct edit_line nothing = no_line();

    return edit_row_resize(&editor->row, editor->hidden ? &nothing : &editor->line, columns, rows);
}

bool editor_ask(struct editor *editor, const struct sink *sink)
{
    return edit_row_ask(&editor->row, sink);
}

bool editor_is_asking(const struct editor *editor)
{
    return editor->row.asking;
}

unsigned editor_columns(const struct editor *editor)
{
    return editor->row.columns;
}

/* There are no more keys for now. */
static enum editor_event pause(struct editor *editor)
{
    bool reminding = editor->ignoring && editor_is_holding(editor);

    keyboard_pause(&editor->keyboard);
    if (editor->search != NULL && keyboard_take_escape(&editor->keyboard))
        editor_accept_found(editor);
    editor->ignoring = false;
    return reminding ? EDITOR_HELD : EDITOR_NONE;
}

size_t editor_feed(struct editor *editor, const char *bytes, size_t length,
                   enum editor_event *event)
{
    size_t used = 0;

    editor_drop_entered(editor);
    *event = EDITOR_NONE;
    if (editor->entering)
        *event = editor_enter_pasted(editor);
    while (used < length && *event == EDITOR_NONE) {
        struct keystroke stroke;
        enum key key = keyboard_feed(&editor->keyboard, (unsigned char)bytes[used++], &stroke);

        if (key != KEY_NONE)
            *event = editor_press(editor, key, &stroke);
    }
    if (used == length && *event == EDITOR_NONE)
        *event = pause(editor);
    return used;
}

size_t editor_take_cost(struct editor *editor)
{
    size_t cost = editor->compared;

    editor->compared = 0;
    return cost;
}

const char *editor_line(const struct editor *editor, size_t *length)
{
    *length = editor->entered ? editor->line.length : 0;
    return edit_line_text(&editor->line);
}

const char *editor_word(const struct editor *editor, size_t *length, bool *begins_line)
{
    size_t start = completion_word(&editor->line);

    *length = editor->line.cursor - start;
    *begins_line = completion_stands_first(&editor->line, start);
    return edit_line_text(&editor->line) + start;
}

/* ---- The screen ---- */

/* Clears the screen if that is due, before anything else is written there. */
static void clear_if_due(struct editor *editor, const struct sink *sink)
{
    if (editor->clear)
        edit_row_clear_screen(&editor->row, sink);
    editor->clear = false;
}

void editor_print_above(struct editor *editor, const char *text, size_t length,
                        const struct sink *sink)
{
    clear_if_due(editor, sink);
    edit_row_print(&editor->row, text, length, sink);
}

void editor_print_rows(struct editor *editor, const char *rows, size_t length,
                       const struct sink *sink)
{
    clear_if_due(editor, sink);
    edit_row_print_rows(&editor->row, rows, length, sink);
}

void editor_refresh(struct editor *editor, const struct sink *sink)
{
    editor_drop_entered(editor);
    if (!editor->opened)
        sink_text(sink, BRACKETED_PASTE_ON);
    editor->opened = true;
    clear_if_due(editor, sink);
    if (editor->hidden) {
        struct edit_line nothing = no_line();

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
    editor_start_line(editor);
    editor_drop_held(editor);
    edit_row_erase(&editor->row, sink);
    if (editor->opened)
        sink_text(sink, BRACKETED_PASTE_OFF);
    editor->opened = false;
    editor->bell = false;
    editor->clear = false;
}
