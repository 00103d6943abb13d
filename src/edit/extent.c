#include "base/platform.h"

#include "edit/extent.h"

#include "edit/character.h"
#include "base/utf8.h"

#include <stdint.h>

size_t extent_sequence_length(const char *text, size_t length)
{
    size_t end = 2;

    if (length < 2 || text[0] != '\033' || text[1] != '[')
        return 0;
    while (end < length && text[end] >= 0x20 && text[end] < 0x40)
        end++;
    return end < length ? end + 1 : end;
}

static void add(struct extent *extent, size_t columns, bool doubtful)
{
    extent->columns += columns;
    extent->doubtful |= doubtful;
}

struct extent extent_of(const char *text, size_t length)
{
    struct extent extent = {0, false};
    size_t step;

    for (size_t i = 0; i < length; i += step) {
        uint32_t code_point;

        if (text[i] >= 0x20 && text[i] < 0x7F) {
            step = 1;
            extent.columns++;
            continue;
        }
        if ((step = extent_sequence_length(text + i, length - i)) > 0)
            continue;
        if ((step = utf8_decode(text + i, length - i, &code_point)) == 0) {
            step = 1;
            add(&extent, 1, true);
        } else if (code_point == '\t') {
            add(&extent, EXTENT_TAB_COLUMNS, true);
        } else if (code_point >= 0x20 && code_point != 0x7F) {
            struct character_shape shape = character_shape(code_point);

            add(&extent, shape.columns, shape.doubtful);
        }
    }
    return extent;
}
