/*
 * utf8: UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
 *
 * It handles encoded sequences; what the characters mean is in edit/character.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

enum { UTF8_BYTES_MAX = 4 };

/*
 * Returns the length in bytes, 1 to 4, of the sequence that begins with this byte; 0 if none does.
 */
size_t utf8_sequence_length(unsigned char first);

/*
 * Decodes the sequence at the start of bytes. Returns its length in bytes and stores the code
 * point, or returns 0 and stores nothing if there is no whole and well-formed sequence within
 * length bytes.
 */
size_t utf8_decode(const char *bytes, size_t length, uint32_t *code_point);

/*
 * Returns the offset of the character that ends at `offset`, which must be above 0 and a character
 * boundary in valid text.
 */
size_t utf8_previous(const char *text, size_t offset);

#endif
