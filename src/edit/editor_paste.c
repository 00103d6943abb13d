#include "base/platform.h"

#include "edit/editor.h"
#include "edit/editor_inside.h"

#include <stdio.h>
#include <string.h>

enum { HELD_LABEL_SIZE = 48 };

bool editor_is_holding(const struct editor *editor)
{
    size_t length;

    paste_text(&editor->paste, &length);
    return length > 0 && !editor->pasting && !editor->entering;
}

/* Shows how many lines are held instead of the prompt, or the prompt again. */
static void label_held(struct editor *editor)
{
    char label[HELD_LABEL_SIZE];
    int length = snprintf(label, sizeof(label), "(%zu lines pasted) ", editor_held(editor));

    edit_row_set_label(&editor->row, editor_is_holding(editor) ? label : NULL, (size_t)length);
}

enum editor_event editor_enter_pasted(struct editor *editor)
{
    size_t length;
    const char *text = paste_text(&editor->paste, &length);
    const char *end = memchr(text, '\n', length);
    size_t line_length = end != NULL ? (size_t)(end - text) : length;

    editor_insert(editor, text, line_length);
    paste_consume(&editor->paste, line_length + (end != NULL));
    editor->entering = line_length + (end != NULL) < length;
    return end != NULL || editor->finishing ? editor_press_enter(editor) : EDITOR_NONE;
}

static enum editor_event begin_entering(struct editor *editor, bool finishing)
{
    editor->entering = true;
    editor->finishing = finishing;
    label_held(editor);
    return editor_enter_pasted(editor);
}

void editor_open_paste(struct editor *editor)
{
    editor_accept_found(editor);
    editor->pasting = true;
    paste_begin(&editor->paste);
}

/* With `few`, a few lines are entered at once; else any number is held. */
static enum editor_event end_paste(struct editor *editor, bool few)
{
    editor->pasting = false;
    switch (paste_end(&editor->paste)) {
    case PASTE_TOO_LONG:
        return EDITOR_PASTE_TOO_LONG;
    case PASTE_NO_MEMORY:
        return EDITOR_PASTE_NO_MEMORY;
    case PASTE_WHOLE:
        break;
    }
    if (!editor_is_holding(editor))
        return EDITOR_NONE;
    if (few && paste_lines(&editor->paste) <= EDITOR_PASTED_LINES_MAX)
        return begin_entering(editor, false);
    label_held(editor);
    return EDITOR_HELD;
}

static enum editor_event drop_paste(struct editor *editor)
{
    editor_drop_held(editor);
    editor->row.outdated = true; /* as in editor_press_interrupt */
    return EDITOR_DROPPED;
}

/* Without echo, pasted text goes into the line at once: a secret is stored nowhere else. */
static void put_pasted(struct editor *editor, const char *text, size_t length)
{
    if (editor->hidden)
        editor_insert(editor, text, length);
    else
        paste_add(&editor->paste, text, length);
}

enum editor_event editor_press_pasted(struct editor *editor, enum key key,
                                      const struct keystroke *stroke)
{
    switch (key) {
    case KEY_CHARACTER:
        put_pasted(editor, stroke->text, stroke->length);
        return EDITOR_NONE;
    case KEY_TAB:
        put_pasted(editor, " ", 1);
        return EDITOR_NONE;
    case KEY_ENTER:
        if (editor->hidden)
            return editor_press_enter(editor);
        put_pasted(editor, "\n", 1);
        return EDITOR_NONE;
    case KEY_INTERRUPT:
        return editor->hidden ? editor_press_interrupt(editor) : drop_paste(editor);
    case KEY_PASTE_END:
        return end_paste(editor, true);
    default:
        return EDITOR_NONE;
    }
}

enum editor_event editor_press_holding(struct editor *editor, enum key key)
{
    switch (key) {
    case KEY_ENTER:
        return begin_entering(editor, true);
    case KEY_INTERRUPT:
        return drop_paste(editor);
    case KEY_PASTE_BEGIN:
        editor_open_paste(editor);
        return EDITOR_NONE;
    default:
        editor->bell = true;
        editor->ignoring = true;
        return EDITOR_NONE;
    }
}

bool editor_has_more(const struct editor *editor)
{
    return editor->entering;
}

void editor_begin_paste(struct editor *editor)
{
    if (!editor->pasting)
        editor_open_paste(editor);
}

enum editor_event editor_end_paste(struct editor *editor)
{
    editor_drop_entered(editor);
    return editor->pasting ? end_paste(editor, false) : EDITOR_NONE;
}

bool editor_is_pasting(const struct editor *editor)
{
    return editor->pasting;
}

bool editor_knows_pastes(const struct editor *editor)
{
    return editor->brackets;
}

size_t editor_held(const struct editor *editor)
{
    return editor_is_holding(editor) ? paste_lines(&editor->paste) : 0;
}

void editor_drop_held(struct editor *editor)
{
    paste_drop(&editor->paste);
    editor->pasting = false;
    editor->entering = false;
    editor->ignoring = false;
    label_held(editor);
}

size_t editor_paste_limit(const struct editor *editor)
{
    return editor->paste.limit;
}

const char *editor_unentered(const struct editor *editor, size_t *length)
{
    const char *text = paste_text(&editor->paste, length);

    if (!editor->entering)
        *length = 0;
    while (*length > 0 && !editor->finishing && text[*length - 1] != '\n')
        (*length)--;
    return text;
}
