#include "base/platform.h"

#include "edit/editor_inside.h"

#include <stdio.h>

void editor_end_search(struct editor *editor)
{
    editor->search = NULL;
    edit_row_set_label(&editor->row, NULL, 0);
}

/* Shows the text that is searched for instead of the prompt. */
static void label_search(struct editor *editor)
{
    const struct search *search = editor->search;
    char label[SEARCH_TEXT_BYTES_MAX + 16];
    int length =
        snprintf(label, sizeof(label), "(%s%s%.*s) ", search->failed ? "not found" : "search",
                 search->length > 0 ? ": " : "", (int)search->length, search->text);

    edit_row_set_label(&editor->row, label, (size_t)length);
}

void editor_accept_found(struct editor *editor)
{
    if (editor->search == NULL)
        return;
    if (editor->search->found)
        editor->missing = EDIT_LINE_DONE;
    search_accept(editor->search, &editor->draft);
    editor_end_search(editor);
}

static void give_up_search(struct editor *editor)
{
    search_give_up(editor->search);
    editor_end_search(editor);
}

void editor_press_search(struct editor *editor)
{
    if (!editor->hidden)
        editor->search = search_begin(&editor->line, &editor->history);
    if (editor->search != NULL)
        label_search(editor);
    else
        editor->bell = true;
}

/* Changes what is searched for if the key does that. Returns whether it does. */
static bool press_wanted(struct editor *editor, enum key key, const struct keystroke *stroke)
{
    struct search *search = editor->search;
    size_t before = search->compared;
    bool found;

    switch (key) {
    case KEY_CHARACTER:
        found = search_extend(search, stroke->text, stroke->length);
        break;
    case KEY_BACKSPACE:
        found = search_shorten(search);
        break;
    case KEY_SEARCH:
        found = search_older(search);
        break;
    default:
        return false;
    }
    editor->compared += search->compared - before;
    editor->bell |= !found;
    label_search(editor);
    return true;
}

bool editor_press_searching(struct editor *editor, enum key key, const struct keystroke *stroke,
                            enum editor_event *event)
{
    *event = EDITOR_NONE;
    if (press_wanted(editor, key, stroke)) {
        *event = EDITOR_SEARCHED;
        return true;
    }
    if (key == KEY_INTERRUPT || key == KEY_CANCEL) {
        give_up_search(editor);
        return true;
    }
    editor_accept_found(editor);
    return false;
}
