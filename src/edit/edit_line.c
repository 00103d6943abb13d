#include "base/platform.h"

#include "edit/edit_line.h"

#include "edit/character.h"
#include "edit/grapheme.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY_BYTES = 64 };

static void wipe(char *bytes, size_t length)
{
    volatile char *target = bytes; /* so that the stores are not optimised away */

    while (length-- > 0)
        *target++ = 0;
}

static void release(struct edit_line *line)
{
    if (line->secret && line->text != NULL)
        wipe(line->text, line->capacity);
    free(line->text);
}

void edit_line_init(struct edit_line *line, size_t limit)
{
    memset(line, 0, sizeof(*line));
    line->limit = limit;
    line->changed_from = EDIT_LINE_UNCHANGED;
}

const char *edit_line_text(const struct edit_line *line)
{
    return line->text != NULL ? line->text : "";
}

void edit_line_clear(struct edit_line *line)
{
    if (line->length > 0)
        line->changed_from = 0;
    release(line);
    line->text = NULL;
    line->length = 0;
    line->capacity = 0;
    line->cursor = 0;
}

void edit_line_settle(struct edit_line *line)
{
    line->changed_from = EDIT_LINE_UNCHANGED;
}

/*
 * What is drawn changes from the start of the grapheme in which the change is, which may have lost
 * its marks by it.
 */
static void note_change(struct edit_line *line, size_t offset)
{
    if (offset >= line->changed_from)
        return;
    while (!grapheme_boundary(line->text, line->length, offset))
        offset = utf8_previous(line->text, offset);
    line->changed_from = offset;
}

/*
 * Makes room for length bytes in all. Not by realloc, which would leave a secret behind where the
 * text was.
 */
static bool reserve(struct edit_line *line, size_t length)
{
    size_t capacity = line->capacity > 0 ? line->capacity : FIRST_CAPACITY_BYTES;
    char *text;

    if (length <= line->capacity)
        return true;
    while (capacity < length)
        capacity *= 2;
    if (capacity > line->limit)
        capacity = line->limit;
    text = malloc(capacity);
    if (text == NULL)
        return false;
    if (line->length > 0)
        memcpy(text, line->text, line->length);
    release(line);
    line->text = text;
    line->capacity = capacity;
    return true;
}

bool edit_line_insert(struct edit_line *line, const char *text, size_t length)
{
    if (length == 0)
        return true;
    if (length > line->limit - line->length || !reserve(line, line->length + length))
        return false;
    note_change(line, line->cursor);
    memmove(line->text + line->cursor + length, line->text + line->cursor,
            line->length - line->cursor);
    memcpy(line->text + line->cursor, text, length);
    line->length += length;
    line->cursor += length;
    return true;
}

void edit_line_erase(struct edit_line *line, size_t from, size_t to)
{
    if (from >= to)
        return;
    note_change(line, from);
    memmove(line->text + from, line->text + to, line->length - to);
    line->length -= to - from;
    line->cursor = from;
    if (line->length == 0)
        edit_line_clear(line);
}

bool edit_line_replace(struct edit_line *line, const char *text, size_t length)
{
    if (length > line->limit || !reserve(line, length))
        return false;
    line->length = 0; /* keeps the room that was just made */
    line->cursor = 0;
    line->changed_from = 0;
    if (length == 0)
        edit_line_clear(line);
    return edit_line_insert(line, text, length);
}

bool edit_line_transpose(struct edit_line *line)
{
    char moved[GRAPHEME_CHARACTERS_MAX * UTF8_BYTES_MAX];
    size_t first, second, end;

    if (line->cursor == 0)
        return false;
    second = line->cursor < line->length ? line->cursor : edit_line_left(line);
    end = grapheme_next(line->text, line->length, second);
    first = grapheme_previous(line->text, line->length, second);
    if (first == second)
        return false;
    note_change(line, first);
    memcpy(moved, line->text + first, second - first);
    memmove(line->text + first, line->text + second, end - second);
    memcpy(line->text + first + (end - second), moved, second - first);
    line->cursor = end;
    return true;
}

size_t edit_line_left(const struct edit_line *line)
{
    return grapheme_previous(line->text, line->length, line->cursor);
}

size_t edit_line_right(const struct edit_line *line)
{
    return grapheme_next(line->text, line->length, line->cursor);
}

typedef bool character_test(uint32_t code_point);

static bool is_not_word(uint32_t code_point)
{
    return !character_is_word(code_point);
}

static bool is_blank(uint32_t code_point)
{
    return code_point == ' ' || code_point == 0xA0 || code_point == 0x3000;
}

static bool is_not_blank(uint32_t code_point)
{
    return !is_blank(code_point);
}

/* Where the characters for which the test holds begin that end at offset. */
static size_t skip_left(const struct edit_line *line, size_t offset, character_test *holds)
{
    while (offset > 0) {
        size_t start = utf8_previous(line->text, offset);
        uint32_t code_point = 0;

        utf8_decode(line->text + start, line->length - start, &code_point);
        if (!holds(code_point))
            break;
        offset = start;
    }
    return offset;
}

/* Where the characters for which the test holds end that begin at offset. */
static size_t skip_right(const struct edit_line *line, size_t offset, character_test *holds)
{
    while (offset < line->length) {
        uint32_t code_point = 0;
        size_t size = utf8_decode(line->text + offset, line->length - offset, &code_point);

        if (!holds(code_point))
            break;
        offset += size;
    }
    return offset;
}

/*
 * The grapheme's boundary at offset or before it: a word may end at a mark on a character that is
 * not of it.
 */
static size_t boundary_left(const struct edit_line *line, size_t offset)
{
    return grapheme_boundary(line->text, line->length, offset)
               ? offset
               : grapheme_previous(line->text, line->length, offset);
}

size_t edit_line_word_left(const struct edit_line *line)
{
    size_t end = skip_left(line, line->cursor, is_not_word);

    return boundary_left(line, skip_left(line, end, character_is_word));
}

size_t edit_line_word_right(const struct edit_line *line)
{
    size_t start = skip_right(line, line->cursor, is_not_word);
    size_t end = skip_right(line, start, character_is_word);

    return grapheme_boundary(line->text, line->length, end)
               ? end
               : grapheme_next(line->text, line->length, end);
}

size_t edit_line_argument_left(const struct edit_line *line)
{
    size_t end = skip_left(line, line->cursor, is_blank);

    return boundary_left(line, skip_left(line, end, is_not_blank));
}
