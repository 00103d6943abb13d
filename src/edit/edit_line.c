#include "base/platform.h"

#include "edit/edit_line.h"

#include "base/secret.h"
#include "edit/character.h"
#include "edit/grapheme.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY_BYTES = 64 };

static void release(struct edit_line *line)
{
    if (line->secret && line->memory != NULL)
        secret_wipe(line->memory, line->capacity);
    free(line->memory);
}

/* Replaces the text, with the cursor at its end, and frees what the line held before. */
static void hold(struct edit_line *line, const char *text, char *memory, size_t length,
                 size_t capacity)
{
    line->text = text;
    line->memory = memory;
    line->length = length;
    line->capacity = capacity;
    line->cursor = length;
    line->changed_from = 0;
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
    line->memory = NULL;
    line->length = 0;
    line->capacity = 0;
    line->cursor = 0;
}

void edit_line_settle(struct edit_line *line)
{
    line->changed_from = EDIT_LINE_UNCHANGED;
}

/* Returns offset, or the start of the grapheme if offset is within one. */
static size_t boundary_left(const struct edit_line *line, size_t offset)
{
    return grapheme_boundary(line->text, line->length, offset)
               ? offset
               : grapheme_previous(line->text, line->length, offset);
}

/*
 * Drawing must begin at the start of the grapheme that contains the change, since its marks may
 * have changed.
 */
static void note_change(struct edit_line *line, size_t offset)
{
    if (offset < line->changed_from)
        line->changed_from = boundary_left(line, offset);
}

/*
 * Makes room for length bytes in memory of the line's own. Does not use realloc, which would leave
 * a copy of a secret behind.
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
    line->memory = text;
    line->capacity = capacity;
    return true;
}

bool edit_line_keep(struct edit_line *line)
{
    return line->length == 0 || reserve(line, line->length);
}

enum edit_line_result edit_line_insert(struct edit_line *line, const char *text, size_t length)
{
    if (length == 0)
        return EDIT_LINE_DONE;
    if (length > line->limit - line->length)
        return EDIT_LINE_FULL;
    if (!reserve(line, line->length + length))
        return EDIT_LINE_NO_MEMORY;
    note_change(line, line->cursor);
    memmove(line->memory + line->cursor + length, line->memory + line->cursor,
            line->length - line->cursor);
    memcpy(line->memory + line->cursor, text, length);
    line->length += length;
    line->cursor += length;
    return EDIT_LINE_DONE;
}

bool edit_line_erase(struct edit_line *line, size_t from, size_t to)
{
    if (from >= to)
        return true;
    if (to - from == line->length) {
        edit_line_clear(line);
        return true;
    }
    if (!edit_line_keep(line))
        return false;
    note_change(line, from);
    memmove(line->memory + from, line->memory + to, line->length - to);
    line->length -= to - from;
    line->cursor = from;
    return true;
}

void edit_line_show(struct edit_line *line, const char *text, size_t length)
{
    release(line);
    hold(line, text, NULL, length, 0);
}

void edit_line_take(struct edit_line *line, struct edit_line *from)
{
    release(line);
    hold(line, from->text, from->memory, from->length, from->capacity);
    from->memory = NULL; /* now owned by the other line */
    edit_line_clear(from);
}

void edit_line_go(struct edit_line *line, size_t offset)
{
    line->cursor = boundary_left(line, offset);
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
    if (first == second || !edit_line_keep(line))
        return false;
    note_change(line, first);
    memcpy(moved, line->memory + first, second - first);
    memmove(line->memory + first, line->memory + second, end - second);
    memcpy(line->memory + first + (end - second), moved, second - first);
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

/* The length of the character at offset, which is before the end of the line. */
static size_t read_character(const struct edit_line *line, size_t offset, uint32_t *code_point)
{
    unsigned char first = (unsigned char)line->text[offset];

    *code_point = first;
    return first < 0x80 ? 1 : utf8_decode(line->text + offset, line->length - offset, code_point);
}

/* The start of the run of characters before offset for which the test holds. */
static size_t skip_left(const struct edit_line *line, size_t offset, character_test *holds)
{
    size_t first = offset > EDIT_LINE_WORD_BYTES_MAX ? offset - EDIT_LINE_WORD_BYTES_MAX : 0;

    while (offset > first) {
        size_t start = utf8_previous(line->text, offset);
        uint32_t code_point;

        read_character(line, start, &code_point);
        if (!holds(code_point))
            break;
        offset = start;
    }
    return offset;
}

/* The end of the run of characters from offset on for which the test holds. */
static size_t skip_right(const struct edit_line *line, size_t offset, character_test *holds)
{
    size_t start = offset;

    while (offset < line->length && offset - start < EDIT_LINE_WORD_BYTES_MAX) {
        uint32_t code_point;
        size_t size = read_character(line, offset, &code_point);

        if (!holds(code_point))
            break;
        offset += size;
    }
    return offset;
}

/*
 * A word may end within a grapheme, at a mark on a character that is not part of the word: hence
 * the boundary.
 */
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
