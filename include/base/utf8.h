/*
 * UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
 *
 * It knows encoded sequences; what the characters mean is for edit/character.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

enum { UTF8_BYTES_MAX = 4 };

/*
 * The length in bytes, 1 to 4, of the sequence that this byte begins; 0 if no sequence begins with
 * it.
 */
size_t utf8_sequence_length(unsigned char first);

/*
 * Decodes the sequence at the start of bytes. Returns its length in bytes and stores the code
 * point, or returns 0 and stores nothing if there is no whole and well-formed sequence within
 * length bytes.
 */
size_t utf8_decode(const char *bytes, size_t length, uint32_t *code_point);

/*
 * The offset of the character that ends at offset, which must be above 0 and a character's boundary
 * in valid text.
 */
size_t utf8_previous(const char *text, size_t offset);

#endif
