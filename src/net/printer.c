#include "base/platform.h"

#include "edit/wrap.h"
#include "net/outbox.h"
#include "net/printer.h"
#include "net/telnet.h"
#include "net/terminal.h"

#include <stdlib.h>
#include <string.h>

struct printer {
    struct screen screen; /* the first member: a screen is its printer */
    struct outbox *outbox;
    const struct terminal_face *face;
};

/*
 * The functions up to printer_open() want the outbox lock held.
 */

/* Its rows are the lines, without the marks that are for wrapping. */
static bool encode(const char *lines, size_t length, unsigned columns, struct buffer *out)
{
    bool whole = true;
    while (length > 0 && whole) {
        const char *mark = memchr(lines, WRAP_TEXT_BEGINS, length);
        size_t piece = mark != NULL ? (size_t)(mark - lines) : length;
        whole = telnet_encoding.encode(lines, piece, columns, out);
        piece += mark != NULL;
        lines += piece;
        length -= piece;
    }
    return whole;
}

static const struct encoding bare_rows = {encode};

static bool print(struct screen *screen, const char *lines, size_t length, struct buffer *out)
{
    return encode(lines, length, screen->columns, out);
}

static bool print_rows(struct screen *screen, const char *rows, size_t length, struct buffer *out)
{
    (void)screen;
    return buffer_append(out, rows, length);
}

static bool show(struct screen *screen, const char *lines, size_t length, struct buffer *out)
{
    const struct terminal_face *face = ((struct printer *)screen)->face;
    struct buffer dressed = {0};
    bool whole = true;
    while (length > 0 && whole) {
        const char *newline = memchr(lines, '\n', length);
        size_t line = newline != NULL ? (size_t)(newline + 1 - lines) : length;
        whole = face->dress(face->context, lines, line, &dressed);
        lines += line;
        length -= line;
    }
    whole = whole && print(screen, buffer_bytes(&dressed), buffer_length(&dressed), out);
    buffer_free(&dressed);
    return whole;
}

static bool refresh(struct screen *screen, struct buffer *out)
{
    (void)screen;
    (void)out;
    return true;
}

/* A change of the data that the face reads. */
struct changing {
    void (*change)(void *context, const void *what);
    void *context;
    const void *what;
};

static bool change_face(void *context, struct buffer *out)
{
    const struct changing *changing = context;
    changing->change(changing->context, changing->what);
    (void)out;
    return true;
}

struct printer *printer_open(struct outbox *outbox, const struct terminal_face *face)
{
    struct printer *printer = malloc(sizeof *printer);
    if (printer == NULL)
        return NULL;
    *printer = (struct printer){.screen = {.encoding = &bare_rows,
                                           .columns = 1, /* of no account: nothing is wrapped */
                                           .show = show,
                                           .print = print,
                                           .print_rows = print_rows,
                                           .refresh = refresh,
                                           .close = refresh,
                                           .takes_prompts = true},
                                .outbox = outbox,
                                .face = face};
    if (outbox_open_screen(outbox, &printer->screen))
        return printer;
    free(printer);
    return NULL;
}

void printer_close(struct printer *printer)
{
    outbox_close_screen(printer->outbox);
    free(printer);
}

void printer_change_face(struct printer *printer, void (*change)(void *context, const void *what),
                         void *context, const void *what)
{
    struct changing changing = {change, context, what};
    outbox_write(printer->outbox, change_face, &changing);
}
