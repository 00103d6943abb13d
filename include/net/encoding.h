/*
 * encoding: converts text to the bytes that one kind of peer receives. It has no state: equal text
 * always gives equal bytes, on screens of equal width, so all peers with the same encoding can be
 * sent one copy.
 *
 * An encoding is identified by its address. NULL is plain text: the bytes are sent unchanged.
 */
#ifndef NET_ENCODING_H
#define NET_ENCODING_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct encoding {
    /*
     * Appends the bytes for a text whose line ends are LF. `columns` is the width of the peer's
     * screen, or 0 if it has none. Returns false when memory is out.
     */
    bool (*encode)(const char *text, size_t length, unsigned columns, struct buffer *out);
};

#endif
