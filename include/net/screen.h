/*
 * screen: what stands in front of an outbox when the peer has a screen of its own, with a prompt at
 * the bottom: text is shown above that, and the prompt drawn again before anything goes out.
 *
 * A screen belongs to one outbox and is guarded by its lock: the functions are called with that
 * held, on whatever thread sends something, and must take no lock of a lower rank. Each appends to
 * what is pending, and returns false when memory is out.
 */
#ifndef NET_SCREEN_H
#define NET_SCREEN_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct screen {
    /* Shows whole lines of plain text, which it dresses; `refresh` is called before they go out. */
    bool (*show)(struct screen *screen, const char *lines, size_t length, struct buffer *out);

    /* The same for lines that are dressed for this screen already. */
    bool (*print)(struct screen *screen, const char *lines, size_t length, struct buffer *out);

    /* Draws what has changed: called once before each send, however much was shown. */
    bool (*refresh)(struct screen *screen, struct buffer *out);

    /* Leaves the screen tidy: it is not used any more. */
    bool (*close)(struct screen *screen, struct buffer *out);
};

#endif
