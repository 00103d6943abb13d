#include "base/platform.h"

#include "edit/wrap.h"

#include "edit/extent.h"
#include "edit/grapheme.h"
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

enum {
    INDENT_COLUMNS_MAX = 4,
    INDENT_SHARE = 5 /* the indent is at most this fraction of a narrow screen */
};

/* A unit that is not broken: a grapheme, a TAB, an escape sequence or a control character. */
struct piece {
    size_t length; /* in bytes */
    size_t end;    /* the column behind it */
    bool is_blank; /* a row may end here instead */
};

void wrap_init(struct wrap *wrap, const char *text, size_t length, size_t screen_columns)
{
    size_t indent = screen_columns / INDENT_SHARE;

    wrap->text = text;
    wrap->length = length;
    wrap->columns = screen_columns > 1 ? screen_columns - 1 : 1;
    wrap->indent = indent < INDENT_COLUMNS_MAX ? indent : INDENT_COLUMNS_MAX;
    wrap->begun = false;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* The fast path: whether text begins with a printable ASCII character that nothing joins. */
static bool is_plain(const char *text, size_t length)
{
    return text[0] >= 0x20 && text[0] < 0x7F && (length == 1 || (unsigned char)text[1] < 0x80);
}

/* A grapheme, or one character of a grapheme that is wider than a row. */
static struct piece grapheme_at(const struct wrap *wrap, size_t offset, size_t column)
{
    const char *text = wrap->text + offset;
    size_t left = wrap->length - offset;
    uint32_t code_point;
    size_t first = utf8_decode(text, left, &code_point);
    /* Bytes that are not UTF-8 pass one by one. */
    size_t length = first > 0 ? grapheme_next(text, left, 0) : 1;
    size_t columns = extent_of(text, length).columns;

    if (first > 0 && columns > wrap->columns - wrap->indent) {
        length = first;
        columns = extent_of(text, first).columns;
    }
    return (struct piece){length, column + columns, length == 1 && *text == ' '};
}

/* The piece at offset, if it begins at that column. */
static struct piece piece_at(const struct wrap *wrap, size_t offset, size_t column)
{
    const char *text = wrap->text + offset;
    size_t sequence;

    if (is_plain(text, wrap->length - offset))
        return (struct piece){1, column + 1, *text == ' '};
    if (*text == '\t')
        return (struct piece){1, (column / EXTENT_TAB_COLUMNS + 1) * EXTENT_TAB_COLUMNS, true};
    sequence = extent_sequence_length(text, wrap->length - offset);
    return sequence > 0 ? (struct piece){sequence, column, false}
                        : grapheme_at(wrap, offset, column);
}

/* Whether the rest is certain to fit into a row from a column on, without measuring it. */
static bool is_short(const struct wrap *wrap, size_t column)
{
    /* No character but TAB takes more columns than bytes. */
    return wrap->length + column <= wrap->columns && memchr(wrap->text, '\t', wrap->length) == NULL;
}

/*
 * The end of the row that begins at a column: at a blank, or at the first piece that does not fit.
 */
static size_t find_end(const struct wrap *wrap, size_t column)
{
    size_t start = column;
    size_t blank = 0; /* the last one in the second half of the row */
    size_t offset = 0;

    if (is_short(wrap, column))
        return wrap->length;
    while (offset < wrap->length) {
        struct piece piece = piece_at(wrap, offset, column);

        /* A piece that is wider than a row has a row of its own. */
        if (piece.end > wrap->columns && piece.end > column && column > start)
            return piece.is_blank || blank == 0 ? offset : blank;
        if (piece.is_blank && column * 2 >= wrap->columns)
            blank = offset;
        offset += piece.length;
        column = piece.end;
    }
    return offset;
}

bool wrap_next(struct wrap *wrap, struct wrap_row *row)
{
    size_t used;

    if (wrap->begun && wrap->length == 0)
        return false;
    row->indent = wrap->begun ? wrap->indent : 0;
    row->text = wrap->text;
    row->length = used = find_end(wrap, row->indent);
    while (used < wrap->length && is_blank(wrap->text[used]))
        used++;
    wrap->text += used;
    wrap->length -= used;
    wrap->begun = true;
    return true;
}
