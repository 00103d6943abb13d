/*
 * screen: draws text that is dressed for one peer. With a prompt at the bottom, text is shown above
 * it, and the prompt is drawn again before anything is sent.
 *
 * A screen belongs to one outbox. The outbox calls the functions with its lock held, on any thread
 * that sends something; they must take no lock of a lower rank. Each appends to the pending output
 * `out`, and returns false when memory is out.
 */
#ifndef NET_SCREEN_H
#define NET_SCREEN_H

#include "base/buffer.h"
#include "base/meter.h"
#include "net/encoding.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct screen {
    /*
     * Converts dressed lines to the rows that print_rows() takes. Screens with the same encoding
     * and width take the same rows. A width of 0: rows cannot be taken now.
     */
    const struct encoding *encoding;
    unsigned columns;

    bool stale;         /* something was shown or changed since refresh() */
    struct meter draws; /* for the outbox: its calls of refresh() for messages */

    /* Shows whole lines of plain text, which the screen dresses. */
    bool (*show)(struct screen *screen, const char *lines, size_t length, struct buffer *out);

    /* Shows whole lines that are dressed for this screen already. */
    bool (*print)(struct screen *screen, const char *lines, size_t length, struct buffer *out);

    /* Shows dressed lines that were converted to rows by `encoding` for `columns`. */
    bool (*print_rows)(struct screen *screen, const char *rows, size_t length, struct buffer *out);

    /* Draws what has changed. Called before a send if the screen is stale. */
    bool (*refresh)(struct screen *screen, struct buffer *out);

    /*
     * Removes the prompt and leaves the cursor on an empty row. The screen is not used afterwards.
     */
    bool (*close)(struct screen *screen, struct buffer *out);

    bool takes_prompts; /* it draws none of its own: prompts are sent as text */
};

#endif
