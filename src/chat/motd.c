#include "base/platform.h"

#include "base/file.h"
#include "base/lock.h"
#include "base/text.h"
#include "chat/motd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct motd {
    struct lock lock;    /* guards the rest */
    struct buffer lines; /* clean, each with its LF */
};

/* Returns how many of the bytes are before the first line end. */
static size_t line_length(const char *bytes, size_t length)
{
    const char *end = memchr(bytes, '\n', length);
    return end != NULL ? (size_t)(end - bytes) : length;
}

/*
 * Appends a line without what cannot be shown and without blanks at its end; those in front may be
 * an indent. Nothing of it: no line.
 */
static bool append_clean(struct buffer *lines, const char *line, size_t length)
{
    struct buffer clean = {0};
    bool whole = text_clean(&clean, line, length);
    const char *start = buffer_bytes(&clean);
    const char *text = start;
    size_t kept = buffer_length(&clean);
    text_strip(&text, &kept);
    if (whole && kept > 0)
        whole = buffer_append(lines, start, (size_t)(text - start) + kept) &&
                buffer_append(lines, "\n", 1);
    buffer_free(&clean);
    return whole;
}

/* Reads the file into `lines`. Returns 0 or an errno, with nothing to free. */
static int read_lines(const char *path, struct buffer *lines)
{
    struct file_content content;
    *lines = (struct buffer){0};
    if (path == NULL)
        return 0;
    int error = file_read(path, MOTD_BYTES_MAX, &content);
    if (error != 0)
        return error;
    const char *bytes = buffer_bytes(&content.bytes);
    size_t length = buffer_length(&content.bytes);
    bool whole = true;
    while (length > 0 && whole) {
        size_t line = line_length(bytes, length);
        whole = append_clean(lines, bytes, line);
        line += line < length; /* its end */
        bytes += line;
        length -= line;
    }
    buffer_free(&content.bytes);
    if (!whole)
        buffer_free(lines);
    return whole ? 0 : ENOMEM;
}

int motd_open(struct motd **result, const char *path)
{
    struct motd *motd = malloc(sizeof *motd);
    if (motd == NULL)
        return ENOMEM;
    int error = read_lines(path, &motd->lines);
    if (error != 0)
        goto no_lines;
    error = lock_init(&motd->lock, LOCK_RANK_RELOADED, "motd");
    if (error != 0)
        goto no_lock;
    *result = motd;
    return 0;
no_lock:
    buffer_free(&motd->lines);
no_lines:
    free(motd);
    return error;
}

void motd_close(struct motd *motd)
{
    lock_destroy(&motd->lock);
    buffer_free(&motd->lines);
    free(motd);
}

int motd_reload(struct motd *motd, const char *path)
{
    struct buffer lines;
    lock_assert_none_held();
    int error = read_lines(path, &lines);
    if (error != 0)
        return error;
    lock_take(&motd->lock);
    struct buffer old = motd->lines;
    motd->lines = lines;
    lock_release(&motd->lock);
    buffer_free(&old);
    return 0;
}

bool motd_append(struct motd *motd, const char *before, const char *behind, struct buffer *out)
{
    bool whole = true;
    lock_take(&motd->lock);
    const char *bytes = buffer_bytes(&motd->lines);
    size_t length = buffer_length(&motd->lines);
    while (length > 0 && whole) {
        size_t line = line_length(bytes, length);
        whole = buffer_append_string(out, before) && buffer_append(out, bytes, line) &&
                buffer_append_string(out, behind);
        bytes += line + 1;
        length -= line + 1;
    }
    lock_release(&motd->lock);
    return whole;
}
