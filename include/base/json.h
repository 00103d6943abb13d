/*
 * json: writes JSON (RFC 8259), one object on each line. There is no reader: what clients send is
 * lines.
 *
 * A value is appended to a buffer, behind a comma if one is needed there. That is seen from the
 * last byte of the buffer, so there is no other state: an object may be written by several
 * functions, and in several steps. The callers balance what they open and close.
 *
 * All functions return false, with the value appended in part or not at all, when memory is out;
 * what was written of the line is then to be dropped.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Begins an object that is a line by itself, and ends it with its LF. */
bool json_begin_line(struct buffer *out);
bool json_end_line(struct buffer *out);

/*
 * Values. `key` is the name of a member of an object, in ASCII that needs no escape; NULL for an
 * element of an array.
 *
 * In a string every control character is escaped, U+007F to U+009F too, so that the line can be
 * shown on any terminal. Each byte that is not UTF-8 is written as U+FFFD: the output is always
 * valid.
 */
bool json_string(struct buffer *out, const char *key, const char *bytes, size_t length);
bool json_number(struct buffer *out, const char *key, uint64_t number);
bool json_boolean(struct buffer *out, const char *key, bool value);

/* Begin and end an array, or an object in one. */
bool json_open_array(struct buffer *out, const char *key);
bool json_close_array(struct buffer *out);
bool json_open_object(struct buffer *out, const char *key);
bool json_close_object(struct buffer *out);

#endif
