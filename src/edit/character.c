#include "base/platform.h"

#include "edit/character.h"

#include "character_table.h"

#include <stddef.h>

static bool in_range(uint32_t code_point, uint32_t first, uint32_t last)
{
    return code_point >= first && code_point <= last;
}

struct character_shape character_shape(uint32_t code_point)
{
    struct character_shape shape = {1, false, false};
    size_t low = 0;
    size_t high = sizeof(character_ranges) / sizeof(character_ranges[0]);

    if (code_point < character_ranges[0].first)
        return shape; /* the fast path for most text */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct character_range *range = &character_ranges[middle];

        if (code_point > range->last) {
            low = middle + 1;
        } else if (code_point < range->first) {
            high = middle;
        } else {
            shape.columns = range->columns;
            shape.extends = range->extends;
            shape.doubtful = range->doubtful;
            break;
        }
    }
    return shape;
}

bool character_is_text(uint32_t code_point)
{
    if (code_point < 0x20 || in_range(code_point, 0x7F, 0x9F))
        return false;
    if (in_range(code_point, 0x2028, 0x202E) || in_range(code_point, 0x2066, 0x2069))
        return false;
    return code_point <= 0x10FFFF;
}

bool character_is_word(uint32_t code_point)
{
    if (code_point < 0x80)
        return in_range(code_point, '0', '9') || in_range(code_point, 'A', 'Z') ||
               in_range(code_point, 'a', 'z');
    if (in_range(code_point, 0xA0,
                 0xBF)) /* Latin-1 punctuation, but for the two ordinals and micro */
        return code_point == 0xAA || code_point == 0xB5 || code_point == 0xBA;
    if (in_range(code_point, 0x2000,
                 0x206F)) /* blanks, dashes, quotes; joiners are parts of words */
        return in_range(code_point, 0x200B, 0x200D) || code_point == 0x2060;
    return !in_range(code_point, 0x3000, 0x3003) && !in_range(code_point, 0x3008, 0x301F) &&
           !in_range(code_point, 0xFF01, 0xFF0F) && !in_range(code_point, 0xFF1A, 0xFF20);
}

bool character_is_pictograph(uint32_t code_point)
{
    return in_range(code_point, 0x2190, 0x2BFF) || in_range(code_point, 0x1F000, 0x1FAFF);
}

bool character_is_regional_indicator(uint32_t code_point)
{
    return in_range(code_point, 0x1F1E6, 0x1F1FF);
}

bool character_is_hangul_initial(uint32_t code_point)
{
    return in_range(code_point, 0x1100, 0x115F) || in_range(code_point, 0xA960, 0xA97C);
}

bool character_is_hangul_syllable(uint32_t code_point)
{
    return in_range(code_point, 0xAC00, 0xD7A3);
}
