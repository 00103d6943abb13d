#include "base/platform.h"

#include "net/line_reader.h"

#include <string.h>

void line_reader_init(struct line_reader *reader, size_t max_line)
{
    *reader = (struct line_reader){.max_line = max_line};
}

void line_reader_free(struct line_reader *reader)
{
    buffer_wipe(&reader->input);
}

char *line_reader_room(struct line_reader *reader, size_t room)
{
    return buffer_reserve(&reader->input, room);
}

void line_reader_grew(struct line_reader *reader, size_t length)
{
    buffer_commit(&reader->input, length);
}

static void consume(struct line_reader *reader, size_t length)
{
    buffer_consume(&reader->input, length);
    reader->scanned = 0;
}

/* The LF of CR NUL LF may arrive much later than the CR NUL, which has ended the line already. */
static void skip_belated_lf(struct line_reader *reader)
{
    if (!reader->after_cr_nul || buffer_length(&reader->input) == 0)
        return;
    reader->after_cr_nul = false;
    if (*buffer_bytes(&reader->input) == '\n')
        consume(reader, 1);
}

/* Some clients send a NUL behind each line; it is no part of the next one. */
static void skip_nuls(struct line_reader *reader)
{
    const char *bytes = buffer_bytes(&reader->input);
    size_t count = 0;
    while (!reader->discarding && count < buffer_length(&reader->input) && bytes[count] == '\0')
        count++;
    if (count > 0)
        consume(reader, count);
}

/* Drops bytes before a line that belong to no line. */
static void skip_to_line(struct line_reader *reader)
{
    skip_belated_lf(reader);
    skip_nuls(reader);
}

/* Returns the byte that ends the first line, the LF or the NUL of CR NUL, or NULL. */
static const char *find_end(struct line_reader *reader)
{
    const char *bytes = buffer_bytes(&reader->input);
    size_t length = buffer_length(&reader->input);
    const char *from = bytes + reader->scanned;
    size_t left = length - reader->scanned;
    const char *end = left > 0 ? memchr(from, '\n', left) : NULL;
    if (end != NULL)
        left = (size_t)(end - from);
    while (left > 0) {
        const char *nul = memchr(from, '\0', left);
        if (nul == NULL)
            break;
        if (nul > bytes && nul[-1] == '\r')
            return nul;
        left -= (size_t)(nul + 1 - from);
        from = nul + 1;
    }
    if (end == NULL)
        reader->scanned = length;
    return end;
}

/* Whether the unfinished line is certain to exceed max_line bytes. */
static bool outgrown(const struct line_reader *reader)
{
    size_t length = buffer_length(&reader->input);
    if (length <= reader->max_line)
        return false;
    /* One byte more is allowed if it is CR, which may belong to the line end. */
    return length > reader->max_line + 1 || buffer_bytes(&reader->input)[length - 1] != '\r';
}

/* Drops the bytes of a line that is too long, but keeps a CR that may belong to its end. */
static void discard(struct line_reader *reader)
{
    size_t length = buffer_length(&reader->input);
    bool cr = length > 0 && buffer_bytes(&reader->input)[length - 1] == '\r';
    consume(reader, cr ? length - 1 : length);
}

/* Takes out the first line, which ends at `end`. */
static void take_line(struct line_reader *reader, const char *end, struct line *line)
{
    line->bytes = buffer_bytes(&reader->input);
    line->length = (size_t)(end - line->bytes);
    reader->after_cr_nul = *end == '\0';
    reader->ends++;
    consume(reader, line->length + 1);
    if (line->length > 0 && line->bytes[line->length - 1] == '\r')
        line->length--;
}

/* Returns the end of the next line that is not too long, or NULL. Skips lines that are too long. */
static const char *find_next_end(struct line_reader *reader)
{
    const char *end;
    struct line skipped;
    skip_to_line(reader);
    while ((end = find_end(reader)) != NULL && reader->discarding) {
        take_line(reader, end, &skipped);
        reader->discarding = false;
        skip_to_line(reader);
    }
    if (reader->discarding)
        discard(reader);
    return end;
}

enum line_result line_reader_next(struct line_reader *reader, struct line *line)
{
    const char *end = find_next_end(reader);
    if (end != NULL) {
        take_line(reader, end, line);
        return line->length > reader->max_line ? LINE_TOO_LONG : LINE_READY;
    }
    if (reader->discarding || !outgrown(reader))
        return LINE_UNFINISHED;
    reader->discarding = true;
    discard(reader);
    return LINE_TOO_LONG;
}

bool line_reader_has_next(struct line_reader *reader)
{
    return find_next_end(reader) != NULL || (!reader->discarding && outgrown(reader));
}

bool line_reader_rest(struct line_reader *reader, struct line *line)
{
    skip_nuls(reader);
    line->bytes = buffer_bytes(&reader->input);
    line->length = buffer_length(&reader->input);
    consume(reader, line->length);
    if (line->length > 0 && line->bytes[line->length - 1] == '\r')
        line->length--;
    return !reader->discarding && line->length > 0;
}

bool line_reader_append(struct line_reader *reader, const char *bytes, size_t length)
{
    return buffer_append(&reader->input, bytes, length);
}

bool line_reader_give_up(struct line_reader *reader, struct buffer *out)
{
    if (!buffer_append(out, buffer_bytes(&reader->input), buffer_length(&reader->input)))
        return false;
    consume(reader, buffer_length(&reader->input));
    reader->discarding = false;
    reader->after_cr_nul = false;
    return true;
}

void line_reader_drop_unfinished(struct line_reader *reader)
{
    const char *bytes = buffer_bytes(&reader->input);
    size_t keep = buffer_length(&reader->input);
    while (keep > 0 && bytes[keep - 1] != '\n' &&
           !(keep > 1 && bytes[keep - 1] == '\0' && bytes[keep - 2] == '\r'))
        keep--;
    buffer_truncate(&reader->input, keep);
    if (reader->scanned > keep)
        reader->scanned = keep;
    if (keep == 0)
        reader->discarding = false;
}

void line_reader_forget(struct line_reader *reader)
{
    buffer_scrub(&reader->input);
}

void line_reader_relax(struct line_reader *reader)
{
    buffer_shrink(&reader->input);
}
