/*
 * text: decoding and cleaning of UTF-8 that one person writes and others see on their terminals.
 * Nothing here depends on the locale.
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

#define TEXT_INVALID     UINT32_MAX /* stored by text_decode() for invalid bytes */
#define TEXT_REPLACEMENT 0xFFFD     /* what text_clean() puts in their place */

/*
 * Decodes the first character of length > 0 bytes: stores its code point in *character and returns
 * how many bytes it takes. For invalid bytes it stores TEXT_INVALID and returns the length of the
 * maximal subpart of a character, at least 1 (The Unicode Standard, section 3.9, "U+FFFD
 * Substitution of Maximal Subparts").
 */
size_t text_decode(const char *bytes, size_t length, uint32_t *character);

/* Writes a valid code point as UTF-8. Returns the number of bytes, 1 to 4. */
size_t text_encode(uint32_t character, char bytes[TEXT_CHARACTER_BYTES_MAX]);

/* Whether a character is white space (Unicode's White_Space), TAB and line ends included. */
bool text_is_blank(uint32_t character);

/*
 * Whether a character is a control character (C0, DEL, C1), which a terminal executes instead of
 * showing it. TAB and LF are control characters.
 */
bool text_is_control(uint32_t character);

/*
 * Whether a character is invisible, so that two names could differ by it alone: Unicode's
 * Default_Ignorable_Code_Point (joiners, directional marks, variation selectors, tags, fillers),
 * interlinear annotation marks and the blank braille pattern.
 */
bool text_is_invisible(uint32_t character);

/*
 * Returns the lower-case letter for an ASCII capital, and any other character unchanged. Command
 * words, which are ASCII, are compared this way.
 */
uint32_t text_lower(uint32_t character);

/*
 * Returns the length of the longest beginning of a text, of at most `most` bytes, that ends with a
 * whole character.
 */
size_t text_cut(const char *bytes, size_t length, size_t most);

/*
 * Appends `length` bytes of text to `out`, cleaned for display on any terminal: without escape
 * sequences (text_has_escapes()), without control characters but TAB, without line and paragraph
 * separators, without bidirectional embeddings, overrides and isolates, and with U+FFFD for invalid
 * UTF-8. The result is at most three times as long. Returns false, with `out` unchanged, when
 * memory is out.
 */
bool text_clean(struct buffer *out, const char *bytes, size_t length);

/* Whether text_clean() would append the text as it is. Allocates nothing. */
bool text_is_clean(const char *bytes, size_t length);

/* As text_clean(), and without the blanks at both ends of the result. */
bool text_tidy(struct buffer *out, const char *bytes, size_t length);

/*
 * Returns whether the text has an escape sequence as terminals send it for keys and take it for
 * colours (ECMA-48): ESC [ up to a letter, ESC O and the letter of a key, ESC ] and the like up to
 * BEL or ESC \, ESC ( and a letter. ESC before anything else begins none: it may have been typed by
 * mistake before a word.
 */
bool text_has_escapes(const char *bytes, size_t length);

/* Replaces each character that is not ASCII by '?', from the byte `from` of a text to its end. */
void text_make_ascii(struct buffer *text, size_t from);

/* Returns the number of line ends (LF). */
size_t text_count_lines(const char *bytes, size_t length);

/* Moves *bytes and *length so that blanks at both ends are left out. Copies nothing. */
void text_strip(const char **bytes, size_t *length);

#endif
