#include "base/platform.h"

#include "edit/wrap.h"
#include "net/outbox.h"
#include "net/terminal.h"

#include <stdlib.h>
#include <string.h>

struct terminal {
    struct screen screen; /* the first member, since functions cast a screen to its terminal */
    struct outbox *outbox;
    const struct terminal_face *face;
    struct editor *editor; /* guarded by the outbox lock, like the screen */
};

/* Collects the editor's output and remembers whether memory was out. */
struct drawing {
    struct buffer *out;
    bool whole;
};

static void draw(void *context, const char *bytes, size_t length)
{
    struct drawing *drawing = context;
    drawing->whole = drawing->whole && buffer_append(drawing->out, bytes, length);
}

/* Converts dressed lines to rows, which are the same for all terminals of that width. */
static bool make_rows(const char *lines, size_t length, unsigned columns, struct buffer *out)
{
    struct drawing drawing = {out, true};
    wrap_write_lines(lines, length, columns, &(struct sink){draw, &drawing});
    return drawing.whole;
}

static const struct encoding rows = {make_rows};

/*
 * The functions from here on must be called with the outbox lock held.
 */

/* Prints dressed lines above the prompt. */
static bool print(struct screen *screen, const char *lines, size_t length, struct buffer *out)
{
    struct terminal *terminal = (struct terminal *)screen;
    struct drawing drawing = {out, true};
    if (length > 0)
        editor_print_above(terminal->editor, lines, length, &(struct sink){draw, &drawing});
    screen->stale = true;
    return drawing.whole;
}

static bool print_rows(struct screen *screen, const char *lines, size_t length, struct buffer *out)
{
    struct terminal *terminal = (struct terminal *)screen;
    struct drawing drawing = {out, true};
    editor_print_rows(terminal->editor, lines, length, &(struct sink){draw, &drawing});
    screen->stale = true;
    return drawing.whole;
}

/* Prints the dressed lines of a buffer if they are `whole`, and frees the buffer. */
static bool print_dressed(struct terminal *terminal, bool whole, struct buffer *dressed,
                          struct buffer *out)
{
    whole = whole && print(&terminal->screen, buffer_bytes(dressed), buffer_length(dressed), out);
    buffer_free(dressed);
    return whole;
}

static bool show(struct screen *screen, const char *lines, size_t length, struct buffer *out)
{
    struct terminal *terminal = (struct terminal *)screen;
    struct buffer dressed = {0};
    bool whole = true;
    while (length > 0 && whole) {
        const char *newline = memchr(lines, '\n', length);
        size_t line = newline != NULL ? (size_t)(newline + 1 - lines) : length;
        whole = terminal->face->dress(terminal->face->context, lines, line, &dressed);
        lines += line;
        length -= line;
    }
    return print_dressed(terminal, whole, &dressed, out);
}

static bool refresh(struct screen *screen, struct buffer *out)
{
    struct terminal *terminal = (struct terminal *)screen;
    struct drawing drawing = {out, true};
    editor_refresh(terminal->editor, &(struct sink){draw, &drawing});
    screen->stale = false;
    return drawing.whole;
}

static bool leave_tidy(struct screen *screen, struct buffer *out)
{
    struct terminal *terminal = (struct terminal *)screen;
    struct drawing drawing = {out, true};
    editor_close(terminal->editor, &(struct sink){draw, &drawing});
    return drawing.whole;
}

static void set_prompt(struct terminal *terminal)
{
    struct buffer prompt = {0};
    /* When memory is out the old prompt stays: it is still correct. */
    if (terminal->face->prompt(terminal->face->context, &prompt))
        editor_set_prompt(terminal->editor, buffer_bytes(&prompt), buffer_length(&prompt));
    buffer_free(&prompt);
    terminal->screen.stale = true;
}

static bool take_entered(struct terminal *terminal, struct buffer *line, struct buffer *out)
{
    const struct terminal_face *face = terminal->face;
    struct buffer left = {0};
    size_t length;
    const char *text = editor_line(terminal->editor, &length);
    bool whole = buffer_append(line, text, length) &&
                 face->leave_standing(face->context, text, length, &left);
    return print_dressed(terminal, whole, &left, out);
}

struct feeding {
    struct terminal *terminal;
    const char *keys;
    size_t length; /* of the keys; afterwards, of those that were used */
    enum editor_event event;
    struct buffer *line;
};

static bool feed(void *context, struct buffer *out)
{
    struct feeding *feeding = context;
    struct terminal *terminal = feeding->terminal;
    feeding->length =
        editor_feed(terminal->editor, feeding->keys, feeding->length, &feeding->event);
    terminal->screen.stale = true;
    return feeding->event != EDITOR_LINE || take_entered(terminal, feeding->line, out);
}

/* Shows the candidates for the word. */
static bool list(void *context, struct buffer *out)
{
    struct terminal *terminal = context;
    const struct terminal_face *face = terminal->face;
    struct buffer list = {0};
    size_t length;
    bool begins_line;
    const char *word = editor_word(terminal->editor, &length, &begins_line);
    bool whole = face->list(face->context, word, length, begins_line, &list);
    return print_dressed(terminal, whole, &list, out);
}

struct resizing {
    struct terminal *terminal;
    unsigned columns;
};

static void set_columns(struct terminal *terminal, unsigned columns)
{
    editor_resize(terminal->editor, columns);
    terminal->screen.columns = editor_columns(terminal->editor);
    terminal->screen.stale = true;
}

static bool resize(void *context, struct buffer *out)
{
    const struct resizing *resizing = context;
    set_columns(resizing->terminal, resizing->columns);
    (void)out;
    return true;
}

/* A change of the face's data; `change` is NULL if only the prompt is to be renewed. */
struct changing {
    struct terminal *terminal;
    void (*change)(void *context, const void *what);
    void *context;
    const void *what;
};

static bool change_face(void *context, struct buffer *out)
{
    const struct changing *changing = context;
    if (changing->change != NULL)
        changing->change(changing->context, changing->what);
    set_prompt(changing->terminal);
    (void)out;
    return true;
}

/*
 * The functions from here on take the outbox lock.
 */

struct terminal *terminal_open(struct outbox *outbox, const struct terminal_face *face,
                               size_t max_line, unsigned columns)
{
    struct terminal *terminal = malloc(sizeof *terminal);
    struct editor *editor = editor_new(max_line, face->complete, face->context);
    if (terminal == NULL || editor == NULL)
        goto failed;
    *terminal = (struct terminal){.screen = {.encoding = &rows,
                                             .show = show,
                                             .print = print,
                                             .print_rows = print_rows,
                                             .refresh = refresh,
                                             .close = leave_tidy},
                                  .outbox = outbox,
                                  .face = face,
                                  .editor = editor};
    set_columns(terminal, columns);
    set_prompt(terminal);
    if (outbox_open_screen(outbox, &terminal->screen))
        return terminal;
failed:
    if (editor != NULL)
        editor_free(editor);
    free(terminal);
    return NULL;
}

void terminal_close(struct terminal *terminal)
{
    outbox_close_screen(terminal->outbox);
    editor_free(terminal->editor);
    free(terminal);
}

void terminal_renew_prompt(struct terminal *terminal)
{
    terminal_change_face(terminal, NULL, NULL, NULL);
}

void terminal_change_face(struct terminal *terminal,
                          void (*change)(void *context, const void *what), void *context,
                          const void *what)
{
    struct changing changing = {terminal, change, context, what};
    outbox_write(terminal->outbox, change_face, &changing);
}

void terminal_resize(struct terminal *terminal, unsigned columns)
{
    struct resizing resizing = {terminal, columns};
    outbox_write_answer(terminal->outbox, resize, &resizing);
}

size_t terminal_feed(struct terminal *terminal, const char *keys, size_t length,
                     enum editor_event *event, struct buffer *line)
{
    struct feeding feeding = {terminal, keys, length, EDITOR_NONE, line};
    outbox_write_answer(terminal->outbox, feed, &feeding);
    if (feeding.event == EDITOR_CANDIDATES && !outbox_is_behind(terminal->outbox))
        outbox_write_answer(terminal->outbox, list, terminal);
    *event = feeding.event;
    return feeding.length;
}
