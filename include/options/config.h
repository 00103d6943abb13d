/*
 * config: the grammar of the configuration file. It reads text into names and values, and knows no
 * option.
 *
 * A line is `name value`. Blanks (spaces and tabs) in front of the name, between the two and at the
 * end are left out; the value is everything else up to the end of the line, as it is: there are no
 * quotes, and a '#' in it is a part of it. A line of blanks says nothing, nor does one that begins
 * with '#'. A name is of a-z, 0-9 and '-'. Lines end with LF or CR LF, the last one also with the
 * file; a byte order mark at the beginning is left out.
 */
#ifndef OPTIONS_CONFIG_H
#define OPTIONS_CONFIG_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    CONFIG_BYTES_MAX = 64 * 1024, /* of a file */
    CONFIG_LINE_BYTES_MAX = 4096  /* of a line, without its end */
};

/* What a reader is told, line by line, from 1 on. */
struct config_reader {
    /* `value` is NULL if there is none. Both point into the text. */
    void (*setting)(void *context, unsigned line, const char *name, const char *value);
    /*
     * A line that is none of the grammar; `cause` is a clause. `word` is what stands for a name
     * there, in the text; NULL if nothing does. The lines behind it are read.
     */
    void (*fault)(void *context, unsigned line, const char *word, const char *cause);
    void *context;
};

/*
 * Loads a file. Appends a NUL, which config_parse() wants. Returns 0 or an errno, as file_read() in
 * base/file.h for a file of CONFIG_BYTES_MAX. May wait for the disk.
 */
int config_load(const char *path, struct buffer *text);

/*
 * Reads `length` bytes at `text`, behind which one byte more may be written. Writes NULs behind
 * names and values.
 */
void config_parse(char *text, size_t length, const struct config_reader *reader);

#endif
