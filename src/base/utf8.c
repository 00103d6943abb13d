#include "base/platform.h"

#include "base/text.h"
#include "base/utf8.h"

#include <stdbool.h>

size_t utf8_sequence_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF) /* C0 and C1 could only begin overlong forms */
        return 2;
    if (first >= 0xE0 && first <= 0xEF)
        return 3;
    if (first >= 0xF0 && first <= 0xF4)
        return 4;
    return 0;
}

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

size_t utf8_decode(const char *bytes, size_t length, uint32_t *code_point)
{
    uint32_t decoded = TEXT_INVALID;
    size_t size = length > 0 ? text_decode(bytes, length, &decoded) : 0;
    if (decoded == TEXT_INVALID)
        return 0;
    *code_point = decoded;
    return size;
}

size_t utf8_previous(const char *text, size_t offset)
{
    do
        offset--;
    while (offset > 0 && is_continuation((unsigned char)text[offset]));
    return offset;
}
