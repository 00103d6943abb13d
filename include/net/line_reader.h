/*
 * line_reader: turns the bytes that arrive into lines, in bounded memory. It knows neither
 * sockets nor telnet, and belongs to one thread.
 *
 * A line ends at LF, at CR LF, or at CR NUL with or without an LF behind it (what telnet sends
 * for Return: RFC 854, "The NVT Printer and Keyboard").
 */
#ifndef NET_LINE_READER_H
#define NET_LINE_READER_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes without the line end. They stay good until the reader is next asked for room or a line. */
struct line {
    const char *bytes;
    size_t length;
};

struct line_reader {
    struct buffer input;
    size_t max_line;   /* bytes, without the line end */
    size_t scanned;    /* so much of the input holds no line end */
    bool discarding;   /* in a line that was too long: nothing of it is kept */
    uint64_t ends;     /* line ends passed so far, those of lines that were too long too */
    bool after_cr_nul; /* an LF that comes next belongs to the line end before it */
};

enum line_result {
    LINE_READY,     /* *line is the next line */
    LINE_TOO_LONG,  /* a line longer than max_line began; said once a line, the rest is skipped */
    LINE_UNFINISHED /* nothing more until more bytes come */
};

/* Makes an empty reader for lines of at most max_line bytes. */
void line_reader_init(struct line_reader *reader, size_t max_line);

/* Frees what is held. */
void line_reader_free(struct line_reader *reader);

/*
 * Where the next `room` bytes of input can be written; tell line_reader_grew() how many came.
 * NULL when memory is out.
 */
char *line_reader_room(struct line_reader *reader, size_t room);
void line_reader_grew(struct line_reader *reader, size_t length);

/* Takes the next line out. */
enum line_result line_reader_next(struct line_reader *reader, struct line *line);

/* Whether line_reader_next() has something to tell: anything but LINE_UNFINISHED. */
bool line_reader_has_next(struct line_reader *reader);

/*
 * At the end of the input: what came behind the last line end, as a line. False when that is
 * nothing, or was too long.
 */
bool line_reader_rest(struct line_reader *reader, struct line *line);

/* Appends a copy of input. Returns false when memory is out. */
bool line_reader_append(struct line_reader *reader, const char *bytes, size_t length);

/* Moves all that is held, which is no line any more, to `out`. Returns false when memory is out. */
bool line_reader_give_up(struct line_reader *reader, struct buffer *out);

/* Drops what is held of a line that has not ended. */
void line_reader_drop_unfinished(struct line_reader *reader);

/* Gives back the memory that the bytes held do not need: all of it when there are none. */
void line_reader_relax(struct line_reader *reader);

#endif
