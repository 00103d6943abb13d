#include "base/platform.h"

#include "edit/wrap.h"

#include "edit/extent.h"
#include "edit/grapheme.h"
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

enum {
    INDENT_COLUMNS_MAX = 4,
    INDENT_SHARE = 5,      /* the indent is at most this fraction of a narrow screen */
    TEXT_INDENT_SHARE = 3, /* the same for an indent under the text */
    WHOLE_BYTES_MAX = 2048 /* a longer word is broken; this bounds the search for its end */
};

/* One of these precedes the first blank of every line (docs/PROTOCOL.md). */
static const char line_marks[] = ":*[>";

/* A unit that is not broken: a grapheme, a TAB, an escape sequence or a control character. */
struct piece {
    size_t length; /* in bytes */
    size_t end;    /* the column behind it */
    bool is_blank; /* a row may end here instead */
    bool is_wide;  /* a row may end before and behind it */
};

/* Whether the rest is certain to fit into a row from a column on, without measuring it. */
static bool is_short(const struct wrap *wrap, size_t column)
{
    /* No character but TAB takes more columns than bytes. */
    return wrap->length + column <= wrap->columns && memchr(wrap->text, '\t', wrap->length) == NULL;
}

/* Sets the indent to the column where the text begins, if the line marks it. */
static void indent_under_text(struct wrap *wrap, size_t screen_columns)
{
    const char *mark = memchr(wrap->text, WRAP_TEXT_BEGINS, wrap->length);
    size_t most = screen_columns / TEXT_INDENT_SHARE;
    size_t columns;

    if (mark == NULL)
        return;
    columns = extent_of(wrap->text, (size_t)(mark - wrap->text)).columns;
    if (columns == 0)
        return;
    wrap->indent = columns < most ? columns : most;
}

void wrap_init(struct wrap *wrap, const char *text, size_t length, size_t screen_columns)
{
    size_t indent = screen_columns / INDENT_SHARE;

    wrap->text = text;
    wrap->length = length;
    wrap->columns = screen_columns > 1 ? screen_columns - 1 : 1;
    wrap->indent = indent < INDENT_COLUMNS_MAX ? indent : INDENT_COLUMNS_MAX;
    wrap->begun = false;
    wrap->in_word = false;
    if (!is_short(wrap, 0))
        indent_under_text(wrap, screen_columns);
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
    return (struct piece){length, column + columns, length == 1 && *text == ' ', columns > 1};
}

/* The piece at offset, if it begins at that column. */
static struct piece piece_at(const struct wrap *wrap, size_t offset, size_t column)
{
    const char *text = wrap->text + offset;
    size_t sequence;

    if (is_plain(text, wrap->length - offset))
        return (struct piece){1, column + 1, *text == ' ', false};
    if (*text == '\t')
        return (struct piece){1, (column / EXTENT_TAB_COLUMNS + 1) * EXTENT_TAB_COLUMNS, true,
                              false};
    sequence = extent_sequence_length(text, wrap->length - offset);
    return sequence > 0 ? (struct piece){sequence, column, false, false}
                        : grapheme_at(wrap, offset, column);
}

/* ---- Words ---- */

/*
 * The width of the word at offset, or any number above `most` if it is wider than that. A word ends
 * where a row may end.
 */
static size_t word_columns(const struct wrap *wrap, size_t offset, size_t most)
{
    size_t columns = 0;

    while (offset < wrap->length && columns <= most) {
        struct piece piece = piece_at(wrap, offset, columns);

        if (piece.is_blank || (piece.is_wide && columns > 0))
            break;
        columns = piece.end;
        if (piece.is_wide)
            break;
        offset += piece.length;
    }
    return columns;
}

/*
 * The length of the word at offset, with the escape sequences at its end, if it is longer than a
 * row and may be left for the terminal to break; otherwise 0.
 */
static size_t whole_length(const struct wrap *wrap, size_t offset)
{
    const char *text = wrap->text + offset;
    size_t left = wrap->length - offset;
    size_t begin = left > 0 && *text == WRAP_TEXT_BEGINS;
    size_t safe = begin + wrap->columns - wrap->indent; /* up to here it is on its first row */
    size_t length = begin;

    for (; length < left && text[length] > 0x20 && text[length] < 0x7F; length++)
        if (length == WHOLE_BYTES_MAX || (length >= safe && strchr(line_marks, text[length])))
            return 0;
    while (length < left && !is_blank(text[length])) { /* an SGR sequence or a BEL may follow */
        struct piece piece = piece_at(wrap, offset + length, 0);

        if (piece.end > 0)
            return 0;
        length += piece.length;
    }
    return length > safe ? length : 0;
}

/* Whether the word at offset is not broken if it begins a row. */
static bool stays_whole(const struct wrap *wrap, size_t offset)
{
    return word_columns(wrap, offset, wrap->columns - 1) < wrap->columns ||
           whole_length(wrap, offset) > 0;
}

/* ---- Rows ---- */

/* The offset behind the blanks at an offset. */
static size_t skip_blanks(const struct wrap *wrap, size_t offset)
{
    while (offset < wrap->length && is_blank(wrap->text[offset]))
        offset++;
    return offset;
}

/*
 * The end of a row that is full at the offset `full` and has its last possible end at `gap` (0:
 * none). It is the gap, unless the word behind the gap must be broken in any case.
 */
static size_t end_of_full(struct wrap *wrap, size_t gap, size_t full)
{
    if (gap > 0 && stays_whole(wrap, skip_blanks(wrap, gap)))
        return gap;
    wrap->in_word = true;
    return full;
}

/* The end of the row that begins at a column. */
static size_t find_end(struct wrap *wrap, size_t column)
{
    size_t start = column;
    size_t gap = 0; /* the last place where the row may end */
    size_t offset = 0;
    bool after_wide = false;

    wrap->in_word = false;
    if (is_short(wrap, column))
        return wrap->length;
    while (offset < wrap->length) {
        struct piece piece = piece_at(wrap, offset, column);
        bool may_end = piece.is_blank || piece.is_wide || after_wide;

        if (may_end && offset > 0)
            gap = offset;
        /* A piece that is wider than a row has a row of its own. */
        if (piece.end > wrap->columns && piece.end > column && column > start)
            return gap == offset ? offset : end_of_full(wrap, gap, offset);
        after_wide = piece.end > column ? piece.is_wide : after_wide;
        offset += piece.length;
        column = piece.end;
    }
    return offset;
}

/* The indent of the next row: smaller than usual if the first word fits only then. */
static size_t next_indent(const struct wrap *wrap)
{
    size_t columns;

    if (wrap->in_word || is_short(wrap, wrap->indent))
        return wrap->indent;
    columns = word_columns(wrap, 0, wrap->columns - 1);
    if (columns >= wrap->columns || columns + wrap->indent <= wrap->columns)
        return wrap->indent;
    return wrap->columns - columns;
}

/* The length of the next row in bytes. */
static size_t next_length(struct wrap *wrap, size_t indent)
{
    size_t whole = 0;

    if (!wrap->in_word && !is_short(wrap, indent) &&
        word_columns(wrap, 0, wrap->columns - 1) >= wrap->columns)
        whole = whole_length(wrap, 0);
    return whole > 0 ? whole : find_end(wrap, indent);
}

bool wrap_next(struct wrap *wrap, struct wrap_row *row)
{
    size_t used;

    if (wrap->begun && wrap->length == 0)
        return false;
    row->indent = wrap->begun ? next_indent(wrap) : 0;
    row->text = wrap->text;
    row->length = next_length(wrap, row->indent);
    used = skip_blanks(wrap, row->length);
    if (used > row->length)
        wrap->in_word = false;
    wrap->text += used;
    wrap->length -= used;
    wrap->begun = true;
    return true;
}

void wrap_write_text(const struct wrap_row *row, const struct sink *sink)
{
    const char *text = row->text;
    size_t length = row->length;
    const char *mark = memchr(text, WRAP_TEXT_BEGINS, length);

    if (mark != NULL) {
        size_t before = (size_t)(mark - text);

        sink_write(sink, text, before);
        text += before + 1;
        length -= before + 1;
    }
    sink_write(sink, text, length);
}

static void write_line(const char *line, size_t length, size_t screen_columns,
                       const struct sink *sink)
{
    static const char blanks[] = "                                ";
    struct wrap wrap;
    struct wrap_row row;

    wrap_init(&wrap, line, length, screen_columns);
    while (wrap_next(&wrap, &row)) {
        for (size_t left = row.indent, some; left > 0; left -= some) {
            some = left < strlen(blanks) ? left : strlen(blanks);
            sink_write(sink, blanks, some);
        }
        wrap_write_text(&row, sink);
        sink_text(sink, "\r\n");
    }
}

void wrap_write_lines(const char *lines, size_t length, size_t screen_columns,
                      const struct sink *sink)
{
    while (length > 0) {
        const char *end = memchr(lines, '\n', length);
        size_t line = end != NULL ? (size_t)(end - lines) : length;
        size_t used = end != NULL ? line + 1 : length;

        if (line > 0 && lines[line - 1] == '\r')
            line--;
        write_line(lines, line, screen_columns, sink);
        lines += used;
        length -= used;
    }
}
