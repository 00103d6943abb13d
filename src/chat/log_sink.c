#include "base/platform.h"

#include "base/text.h"
#include "chat/log_sink.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    WRITE_BYTES = 64 * 1024, /* written in one go */
    STAMP_SIZE = 32,
    GAP_SIZE = 128
};

int64_t log_sink_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The time as RFC 3339 writes it, in UTC with milliseconds, and a blank. */
static void stamp(int64_t milliseconds, char text[STAMP_SIZE])
{
    time_t seconds = (time_t)(milliseconds / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    size_t length = strftime(text, STAMP_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + length, STAMP_SIZE - length, ".%03dZ ", (int)(milliseconds % 1000));
}

/* Writes all of it, or as much as can be; returns how much. A terminal may be non-blocking. */
static size_t write_all(int fd, const char *bytes, size_t length)
{
    size_t written = 0;
    while (written < length) {
        ssize_t taken = write(fd, bytes + written, length - written);
        if (taken >= 0) {
            written += (size_t)taken;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            struct pollfd writable = {.fd = fd, .events = POLLOUT};
            poll(&writable, 1, -1);
        } else if (errno != EINTR) {
            break;
        }
    }
    return written;
}

static void format_gap(const struct log_sink *sink, int64_t milliseconds, size_t missing,
                       char text[GAP_SIZE])
{
    char time[STAMP_SIZE] = "";
    if (sink->timed)
        stamp(milliseconds, time);
    snprintf(text, GAP_SIZE, "%s*** %zu event%s missing here ***\n", time, missing,
             missing == 1 ? " is" : "s are");
}

/* Tells about a trouble when it begins. */
static void warn(struct log_sink *sink)
{
    if (!sink->warned)
        fprintf(stderr, "%s: cannot write to %s: %s; the chat goes on without it\n", sink->program,
                sink->name, strerror(errno));
    sink->warned = true;
}

/* Writes the line that marks the gap, if there is one. Returns whether all is well. */
static bool close_gap(struct log_sink *sink)
{
    if (sink->missing == 0)
        return true;
    char text[GAP_SIZE + 1] = "\n";
    format_gap(sink, log_sink_now(), sink->missing, text + 1);
    const char *line = sink->mid_line ? text : text + 1;
    size_t length = strlen(line);
    size_t written = write_all(sink->fd, line, length);
    if (written > 0)
        sink->mid_line = written < length;
    if (written < length)
        return false;
    sink->missing = 0;
    sink->warned = false;
    return true;
}

void log_sink_write(struct log_sink *sink)
{
    size_t length = buffer_length(&sink->out);
    if (sink->fd < 0 || length == 0) {
        buffer_free(&sink->out);
        return;
    }
    const char *bytes = buffer_bytes(&sink->out);
    size_t written = close_gap(sink) ? write_all(sink->fd, bytes, length) : 0;
    if (written < length) {
        warn(sink);
        sink->missing += text_count_lines(bytes + written, length - written);
        if (written > 0)
            sink->mid_line = bytes[written - 1] != '\n';
    }
    buffer_free(&sink->out);
}

void log_sink_add(struct log_sink *sink, int64_t milliseconds, const char *lines, size_t length)
{
    if (sink->fd < 0)
        return;
    char time[STAMP_SIZE] = "";
    if (sink->timed)
        stamp(milliseconds, time);
    while (length > 0) {
        const char *newline = memchr(lines, '\n', length);
        size_t line = newline != NULL ? (size_t)(newline + 1 - lines) : length;
        size_t before = buffer_length(&sink->out);
        if (!buffer_append_string(&sink->out, time) || !buffer_append(&sink->out, lines, line)) {
            buffer_truncate(&sink->out, before);
            sink->missing++;
        }
        lines += line;
        length -= line;
        if (buffer_length(&sink->out) >= WRITE_BYTES)
            log_sink_write(sink);
    }
}

void log_sink_add_gap(struct log_sink *sink, int64_t milliseconds, size_t missing)
{
    char text[GAP_SIZE];
    struct log_sink untimed = {0}; /* log_sink_add() stamps the line itself */
    format_gap(&untimed, milliseconds, missing, text);
    log_sink_add(sink, milliseconds, text, strlen(text));
}
