/*
 * text: UTF-8 that one person wrote and others will see on their terminals. What is decided here
 * does not depend on the locale that the server runs in.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TEXT_CHARACTER_BYTES_MAX = 4 /* of one character in UTF-8 (RFC 3629, section 3) */
};

#define TEXT_INVALID UINT32_MAX /* what text_decode() gives for bytes that are no character */

/*
 * Decodes the first character of length > 0 bytes. Returns how many bytes it took, with the code
 * point in *character; or, with TEXT_INVALID there, how many bytes the longest beginning of a
 * character takes that could not be completed, at least 1 (The Unicode Standard, section 3.9,
 * "U+FFFD Substitution of Maximal Subparts").
 */
size_t text_decode(const char *bytes, size_t length, uint32_t *character);

/* Writes a valid code point as UTF-8; returns the number of bytes, 1 to 4. */
size_t text_encode(uint32_t character, char bytes[TEXT_CHARACTER_BYTES_MAX]);

/* White space of any width, TAB among it, line ends too (Unicode's White_Space). */
bool text_is_blank(uint32_t character);

/* C0, DEL and C1: what a terminal obeys instead of showing it. TAB and LF are among them. */
bool text_is_control(uint32_t character);

/*
 * Characters that show nothing and can make two names look alike: Unicode's
 * Default_Ignorable_Code_Point (joiners, marks of direction, variation selectors, tags, fillers),
 * interlinear annotation marks and the blank braille pattern.
 */
bool text_is_invisible(uint32_t character);

/* 'a' for 'A', and so on: how the words of commands are compared, which are ASCII. */
uint32_t text_lower(uint32_t character);

/*
 * Appends length bytes of somebody's text to `out`, made fit for everybody's terminal: without
 * control characters but TAB, without line and paragraph separators, without bidirectional
 * embeddings, overrides and isolates, and with U+FFFD for what is not valid UTF-8. The result is at
 * most three times as long. Returns false, with `out` as it was, when memory is out.
 */
bool text_clean(struct buffer *out, const char *bytes, size_t length);

/* The same without the blanks that are at its ends then. */
bool text_tidy(struct buffer *out, const char *bytes, size_t length);

/* How many line ends (LF) there are. */
size_t text_count_lines(const char *bytes, size_t length);

/* Narrows *bytes and *length to what is between the blanks at both ends. */
void text_strip(const char **bytes, size_t *length);

#endif
