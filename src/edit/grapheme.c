#include "base/platform.h"

#include "edit/grapheme.h"

#include "edit/character.h"
#include "base/utf8.h"

#include <stdint.h>

static uint32_t character_at(const char *text, size_t length, size_t offset)
{
    uint32_t code_point = 0;

    utf8_decode(text + offset, length - offset, &code_point);
    return code_point;
}

/*
 * Whether an odd number of regional indicators ends at offset, so that the next one completes a
 * flag.
 */
static bool half_a_flag_ends(const char *text, size_t length, size_t offset)
{
    bool odd = false;

    for (int i = 0; i < GRAPHEME_CHARACTERS_MAX && offset > 0; i++) {
        offset = utf8_previous(text, offset);
        if (!character_is_regional_indicator(character_at(text, length, offset)))
            break;
        odd = !odd;
    }
    return odd;
}

bool grapheme_boundary(const char *text, size_t length, size_t offset)
{
    uint32_t before, after;

    if (offset == 0 || offset >= length)
        return true;
    after = character_at(text, length, offset);
    if (after < 0x80)
        return true;
    if (character_shape(after).extends)
        return false;
    before = character_at(text, length, utf8_previous(text, offset));
    if (before == CHARACTER_ZERO_WIDTH_JOINER && character_is_pictograph(after))
        return false;
    if (character_is_regional_indicator(after))
        return !half_a_flag_ends(text, length, offset);
    return !(character_is_hangul_initial(before) &&
             (character_is_hangul_initial(after) || character_is_hangul_syllable(after)));
}

/*
 * Whether two ASCII characters are at offset, or one at the end of the text: nothing joins these.
 */
static bool is_plain(const char *text, size_t length, size_t offset)
{
    return (unsigned char)text[offset] < 0x80 &&
           (offset + 1 == length || (unsigned char)text[offset + 1] < 0x80);
}

size_t grapheme_next(const char *text, size_t length, size_t offset)
{
    if (offset < length && is_plain(text, length, offset))
        return offset + 1; /* the fast path for most text */
    for (int i = 0; i < GRAPHEME_CHARACTERS_MAX && offset < length; i++) {
        offset += utf8_sequence_length((unsigned char)text[offset]);
        if (grapheme_boundary(text, length, offset))
            break;
    }
    return offset;
}

size_t grapheme_previous(const char *text, size_t length, size_t offset)
{
    for (int i = 0; i < GRAPHEME_CHARACTERS_MAX && offset > 0; i++) {
        offset = utf8_previous(text, offset);
        if (grapheme_boundary(text, length, offset))
            break;
    }
    return offset;
}
