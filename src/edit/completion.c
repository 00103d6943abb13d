#include "base/platform.h"

#include "edit/completion.h"

#include "base/utf8.h"

#include <string.h>

enum {
    /*
     * A word behind more blanks than this does not count as the first of its line; no one indents
     * one so far.
     */
    INDENT_BYTES_MAX = 256
};

static size_t common_length(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t length = 0;

    while (length < a_length && length < b_length && a[length] == b[length])
        length++;
    return length;
}

void completion_add(struct completion *completion, const char *text, size_t length)
{
    size_t common;

    if (length > COMPLETION_BYTES_MAX)
        return;
    if (completion->count++ == 0) {
        memcpy(completion->prefix, text, length);
        completion->prefix_length = length;
        return;
    }
    common = common_length(completion->prefix, completion->prefix_length, text, length);
    /* The prefix must not end within a character. */
    while (common > 0 && common < length && utf8_sequence_length((unsigned char)text[common]) == 0)
        common--;
    completion->prefix_length = common;
}

size_t completion_word(const struct edit_line *line)
{
    size_t start = line->cursor;

    while (start > 0 && line->text[start - 1] != ' ') {
        if (line->cursor - start == COMPLETION_BYTES_MAX)
            return line->cursor;
        start--;
    }
    return start;
}

bool completion_stands_first(const struct edit_line *line, size_t start)
{
    if (start > INDENT_BYTES_MAX)
        return false;
    while (start > 0 && line->text[start - 1] == ' ')
        start--;
    return start == 0;
}

bool completion_is_too_long(const struct edit_line *line)
{
    return line->cursor > 0 && line->text[line->cursor - 1] != ' ' &&
           completion_word(line) == line->cursor;
}

bool completion_replace(struct edit_line *line, const struct completion *completion)
{
    size_t start = completion_word(line);
    size_t word_length = line->cursor - start;
    size_t length = completion->prefix_length;
    size_t same;

    if (length > 0 && completion->prefix[length - 1] == ' ' && line->cursor < line->length &&
        line->text[line->cursor] == ' ')
        length--; /* the line has that blank already */
    if (length < word_length)
        return true; /* nothing in common beyond the word, as when case differs */
    if (length - word_length > line->limit - line->length)
        return false;
    same = common_length(edit_line_text(line) + start, word_length, completion->prefix, length);
    while (same > 0 && same < word_length &&
           utf8_sequence_length((unsigned char)line->text[start + same]) == 0)
        same--;
    return edit_line_erase(line, start + same, line->cursor) &&
           edit_line_insert(line, completion->prefix + same, length - same) == EDIT_LINE_DONE;
}
