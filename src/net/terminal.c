#include "base/platform.h"

#include "net/terminal.h"

#include <stdlib.h>
#include <string.h>

struct terminal {
    const struct terminal_face *face;
    struct editor *editor;
    bool changed; /* the screen is not what it should be */
};

/* Where the editor's output goes; it remembers when memory was out. */
struct drawing {
    struct buffer *out;
    bool whole;
};

static void draw(void *context, const char *bytes, size_t length)
{
    struct drawing *drawing = context;
    drawing->whole = drawing->whole && buffer_append(drawing->out, bytes, length);
}

struct terminal *terminal_open(const struct terminal_face *face, size_t max_line, unsigned columns)
{
    struct terminal *terminal = malloc(sizeof *terminal);
    if (terminal == NULL)
        return NULL;
    *terminal = (struct terminal){.face = face};
    terminal->editor = editor_new(max_line, face->complete, face->context);
    if (terminal->editor == NULL) {
        free(terminal);
        return NULL;
    }
    editor_resize(terminal->editor, columns);
    terminal_renew_prompt(terminal);
    return terminal;
}

void terminal_close(struct terminal *terminal, struct buffer *out)
{
    struct drawing drawing = {out, true};
    editor_close(terminal->editor, &(struct sink){draw, &drawing});
    editor_free(terminal->editor);
    free(terminal);
}

void terminal_renew_prompt(struct terminal *terminal)
{
    struct buffer prompt = {0};
    /* Out of memory, the old prompt stays: it says nothing that is wrong. */
    if (terminal->face->prompt(terminal->face->context, &prompt))
        editor_set_prompt(terminal->editor, buffer_bytes(&prompt), buffer_length(&prompt));
    buffer_free(&prompt);
    terminal->changed = true;
}

void terminal_resize(struct terminal *terminal, unsigned columns)
{
    editor_resize(terminal->editor, columns);
    terminal->changed = true;
}

/* Prints what is ready to be seen above the prompt, and frees it. */
static bool print(struct terminal *terminal, bool whole, struct buffer *text, struct buffer *out)
{
    struct drawing drawing = {out, whole};
    if (whole && buffer_length(text) > 0)
        editor_print_above(terminal->editor, buffer_bytes(text), buffer_length(text),
                           &(struct sink){draw, &drawing});
    buffer_free(text);
    terminal->changed = true;
    return drawing.whole;
}

bool terminal_show(struct terminal *terminal, const char *lines, size_t length, struct buffer *out)
{
    struct buffer dressed = {0};
    bool whole = true;
    while (length > 0 && whole) {
        const char *newline = memchr(lines, '\n', length);
        size_t line = newline != NULL ? (size_t)(newline + 1 - lines) : length;
        whole = terminal->face->dress(terminal->face->context, lines, line, &dressed);
        lines += line;
        length -= line;
    }
    return print(terminal, whole, &dressed, out);
}

static bool take_entered(struct terminal *terminal, struct buffer *line, struct buffer *out)
{
    const struct terminal_face *face = terminal->face;
    struct buffer left = {0};
    size_t length;
    const char *text = editor_line(terminal->editor, &length);
    bool whole = buffer_append(line, text, length) &&
                 face->leave_standing(face->context, text, length, &left);
    return print(terminal, whole, &left, out);
}

bool terminal_feed(struct terminal *terminal, const char *keys, size_t *length,
                   enum editor_event *event, struct buffer *line, struct buffer *out)
{
    *length = editor_feed(terminal->editor, keys, *length, event);
    terminal->changed = true;
    return *event != EDITOR_LINE || take_entered(terminal, line, out);
}

bool terminal_list(struct terminal *terminal, struct buffer *out)
{
    const struct terminal_face *face = terminal->face;
    struct buffer list = {0};
    size_t length;
    bool begins_line;
    const char *word = editor_word(terminal->editor, &length, &begins_line);
    bool whole = face->list(face->context, word, length, begins_line, &list);
    return print(terminal, whole, &list, out);
}

bool terminal_refresh(struct terminal *terminal, struct buffer *out)
{
    struct drawing drawing = {out, true};
    if (terminal->changed)
        editor_refresh(terminal->editor, &(struct sink){draw, &drawing});
    terminal->changed = false;
    return drawing.whole;
}
