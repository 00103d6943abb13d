/*
 * line_reader: cuts the bytes that arrive into lines, in bounded memory. It knows neither sockets
 * nor telnet, and belongs to one thread.
 *
 * A line ends at LF, at CR LF, or at CR NUL with or without an LF behind it (telnet sends CR NUL
 * for Return: RFC 854, "The NVT Printer and Keyboard"). NULs before a line are dropped.
 */
#ifndef NET_LINE_READER_H
#define NET_LINE_READER_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes without the line end, valid until the reader is next asked for room or a line. */
struct line {
    const char *bytes;
    size_t length;
};

struct line_reader {
    struct buffer input;
    size_t max_line;   /* bytes, without the line end */
    size_t scanned;    /* this many bytes of the input hold no line end */
    bool discarding;   /* within a line that is too long: its bytes are dropped */
    uint64_t ends;     /* line ends so far, with those of lines that were too long */
    bool after_cr_nul; /* an LF that comes next is part of the line end before it */
};

enum line_result {
    LINE_READY,     /* *line is the next line */
    LINE_TOO_LONG,  /* a line exceeds max_line; reported once, and the rest is skipped */
    LINE_UNFINISHED /* the input holds no whole line */
};

/* Makes an empty reader for lines of at most max_line bytes. */
void line_reader_init(struct line_reader *reader, size_t max_line);

/* Frees the bytes that are held, and leaves nothing of them in memory. */
void line_reader_free(struct line_reader *reader);

/*
 * Returns space for the next `room` bytes of input, or NULL when memory is out. Report with
 * line_reader_grew() how many bytes were written there.
 */
char *line_reader_room(struct line_reader *reader, size_t room);
void line_reader_grew(struct line_reader *reader, size_t length);

/* Takes out the next line. */
enum line_result line_reader_next(struct line_reader *reader, struct line *line);

/* Whether line_reader_next() would return anything but LINE_UNFINISHED. */
bool line_reader_has_next(struct line_reader *reader);

/*
 * At the end of the input: takes out the bytes behind the last line end as a line. Returns false if
 * there are none, or the line was too long.
 */
bool line_reader_rest(struct line_reader *reader, struct line *line);

/* Appends a copy of input. Returns false when memory is out. */
bool line_reader_append(struct line_reader *reader, const char *bytes, size_t length);

/* Moves all bytes held to `out`; they are no lines any more. Returns false when memory is out. */
bool line_reader_give_up(struct line_reader *reader, struct buffer *out);

/* Drops the bytes of an unfinished line. */
void line_reader_drop_unfinished(struct line_reader *reader);

/* Overwrites what is left in memory of lines that were taken out: the last one ends with that. */
void line_reader_forget(struct line_reader *reader);

/* Frees memory beyond what the bytes held need: all of it when none are held. */
void line_reader_relax(struct line_reader *reader);

#endif
