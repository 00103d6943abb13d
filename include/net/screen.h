/*
 * screen: draws text for a peer that has a terminal with a prompt at the bottom. Text is shown
 * above the prompt, and the prompt is drawn again before anything is sent.
 *
 * A screen belongs to one outbox. The outbox calls the functions with its lock held, on any thread
 * that sends something; they must take no lock of a lower rank. Each appends to the pending output
 * `out`, and returns false when memory is out.
 */
#ifndef NET_SCREEN_H
#define NET_SCREEN_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct screen {
    /* Shows whole lines of plain text, which the screen dresses. */
    bool (*show)(struct screen *screen, const char *lines, size_t length, struct buffer *out);

    /* Shows whole lines that are dressed for this screen already. */
    bool (*print)(struct screen *screen, const char *lines, size_t length, struct buffer *out);

    /* Draws what has changed. Called once before each send, however much was shown. */
    bool (*refresh)(struct screen *screen, struct buffer *out);

    /*
     * Removes the prompt and leaves the cursor on an empty row. The screen is not used afterwards.
     */
    bool (*close)(struct screen *screen, struct buffer *out);
};

#endif
