/*
 * encoding: how text becomes the bytes that one kind of peer is sent. It has no state: the same
 * text always becomes the same bytes, so everybody with that encoding can be sent one copy.
 *
 * An encoding is told by its address. NULL is plain text: bytes as they are.
 */
#ifndef NET_ENCODING_H
#define NET_ENCODING_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct encoding {
    /* Appends the bytes for some text, in which every line end is LF. False: memory is out. */
    bool (*encode)(const char *text, size_t length, struct buffer *out);
};

#endif
