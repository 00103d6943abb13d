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

/* A character or a CSI sequence. */
struct piece {
    size_t length; /* in bytes */
    uint32_t code_point;
    struct character_shape shape;
};

static struct piece read_piece(const char *text, size_t length)
{
    struct piece piece = {0, 0, {0, false, false}};

    if ((piece.length = extent_sequence_length(text, length)) > 0)
        return piece;
    if ((piece.length = utf8_decode(text, length, &piece.code_point)) == 0)
        return (struct piece){1, 0, {1, false, true}};
    if (piece.code_point == '\t')
        piece.shape = (struct character_shape){EXTENT_TAB_COLUMNS, false, true};
    else if (piece.code_point >= 0x20 && piece.code_point != 0x7F)
        piece.shape = character_shape(piece.code_point);
    return piece;
}

struct extent extent_of(const char *text, size_t length)
{
    struct extent extent = {0, false};
    size_t step;

    for (size_t i = 0; i < length; i += step) {
        struct piece piece;

        if (text[i] >= 0x20 && text[i] < 0x7F) {
            step = 1;
            extent.columns++;
            continue;
        }
        piece = read_piece(text + i, length - i);
        step = piece.length;
        extent.columns += piece.shape.columns;
        extent.doubtful |= piece.shape.doubtful;
    }
    return extent;
}

/* The fewest columns of a character: none if it may join the one before it. */
static size_t least_columns(struct piece piece, bool joined)
{
    if (!piece.shape.doubtful)
        return piece.shape.columns;
    return joined || piece.shape.extends || piece.shape.columns < 2 ? 0 : 1;
}

struct extent_place extent_place(const char *text, size_t length, size_t offset, size_t columns,
                                 bool least)
{
    struct extent_place place = {0, 0};
    bool joined = false;

    for (size_t i = 0; i < length;) {
        struct piece piece = read_piece(text + i, length - i);
        size_t taken = least ? least_columns(piece, joined) : piece.shape.columns;

        if (place.column > 0 && place.column + taken > columns) {
            place.rows++;
            place.column = 0;
        }
        if (i >= offset)
            break;
        place.column += taken < columns ? taken : columns;
        joined = piece.code_point == CHARACTER_ZERO_WIDTH_JOINER;
        i += piece.length;
    }
    return place;
}
