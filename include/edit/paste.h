/*
 * A paste: pasted text, until it is entered or dropped.
 *
 * It knows nothing of keys, and nothing of the line into which it is entered. An empty one holds no
 * memory. A second paste that follows before the first one is entered is appended to it.
 */
#ifndef EDIT_PASTE_H
#define EDIT_PASTE_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* Why the last paste could not be held. */
enum paste_fault {
    PASTE_WHOLE, /* it is held */
    PASTE_TOO_LONG,
    PASTE_NO_MEMORY
};

/* Its fields are its own; it stands here so that an editor can hold one by value. */
struct paste {
    struct buffer text; /* UTF-8; each line but the last ends with LF */
    size_t limit;       /* of the text, in bytes */
    size_t begin;       /* the offset of the last paste */
    enum paste_fault fault;
};

/* Initialises an empty paste that can hold limit bytes. */
void paste_init(struct paste *paste, size_t limit);

/* Begins a paste, behind the text that is held. */
void paste_begin(struct paste *paste);

/* Appends text, in which LF ends a line. If that fails, all of this paste is dropped. */
void paste_add(struct paste *paste, const char *text, size_t length);

/* Ends the paste, and returns whether it is held. */
enum paste_fault paste_end(struct paste *paste);

/* The text, never NULL, not NUL-terminated; valid until it is changed. */
const char *paste_text(const struct paste *paste, size_t *length);

/* The number of lines; a last one without an end counts unless it is empty. */
size_t paste_lines(const struct paste *paste);

/* Drops length bytes from the front of the text; or all of it. */
void paste_consume(struct paste *paste, size_t length);
void paste_drop(struct paste *paste);

#endif
