#include "base/platform.h"

#include "base/clock.h"
#include "base/text.h"
#include "chat/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STAMP_SIZE = CLOCK_UTC_SIZE + 1, GAP_SIZE = 128 };

int64_t log_sink_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Writes a time, and a blank. */
static void stamp(int64_t milliseconds, char text[STAMP_SIZE])
{
    clock_write_utc(milliseconds, text);
    strcat(text, " ");
}

/*
 * Prints to stderr. Returns false, with nothing printed, if that would block: stderr may be the
 * same pipe as the console. Does not use stdio, as its lock would delay other threads.
 */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
static bool
tell(const char *format, ...);

static bool tell(const char *format, ...)
{
    struct pollfd writable = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&writable, 1, 0) == 0)
        return false;
    va_list arguments;
    va_start(arguments, format);
    vdprintf(STDERR_FILENO, format, arguments);
    va_end(arguments);
    return true;
}

/* Nobody waits for a FIFO to be read, but whoever writes to it may. */
int log_sink_open(const char *path, int *fd)
{
    *fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_CLOEXEC | O_NONBLOCK, 0640);
    if (*fd < 0)
        return errno;
    fcntl(*fd, F_SETFL, O_APPEND);
    return 0;
}

const char *log_sink_explain(int error)
{
    return error == ENXIO ? "it is a FIFO that nobody reads, or a socket" : strerror(error);
}

void log_sink_use(struct log_sink *sink, int fd)
{
    if (sink->fd >= 0)
        close(sink->fd);
    sink->fd = fd;
    sink->mid_line = false;
}

void log_sink_reopen(struct log_sink *sink)
{
    int fd;
    int error = log_sink_open(sink->name, &fd);
    if (error == 0)
        log_sink_use(sink, fd);
    else
        tell("%s: cannot reopen the log %s: %s; the one that is open stays in use\n", sink->program,
             sink->name, log_sink_explain(error));
}

/*
 * Writes `length` bytes, or fewer on an error. Returns how many. Waits when the descriptor is
 * non-blocking, as a terminal's may be.
 */
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

/* Writes bytes, fewer on an error, and returns how many. Warns of the first error of a series. */
static size_t put(struct log_sink *sink, const char *bytes, size_t length)
{
    size_t written = write_all(sink->fd, bytes, length);
    if (written < length && !sink->warned)
        sink->warned = tell("%s: cannot write to %s: %s; the chat goes on without it\n",
                            sink->program, sink->name, strerror(errno));
    if (written > 0)
        sink->mid_line = bytes[written - 1] != '\n';
    return written;
}

/* Writes the mark of the gap, if there is one. Returns false if that fails. */
static bool close_gap(struct log_sink *sink)
{
    if (sink->missing == 0)
        return true;
    char time[STAMP_SIZE] = "";
    char mark[GAP_SIZE];
    if (sink->timed)
        stamp(sink->missing_at, time);
    snprintf(mark, sizeof mark, "%s%s*** %zu event%s missing here ***\n",
             sink->mid_line ? "\n" : "", time, sink->missing, sink->missing == 1 ? " is" : "s are");
    size_t length = strlen(mark);
    if (put(sink, mark, length) < length)
        return false;
    sink->missing = 0;
    sink->warned = false;
    return true;
}

void log_sink_skip(struct log_sink *sink, int64_t milliseconds, size_t missing)
{
    if (missing == 0)
        return;
    if (sink->length > 0)
        log_sink_write(sink); /* the lines before the gap */
    sink->missing += missing;
    sink->missing_at = sink->latest = milliseconds;
}

/* Counts events that could not be written. */
static void lose(struct log_sink *sink, size_t count)
{
    sink->missing += count;
    sink->missing_at = sink->latest;
    tally_add_alone(&sink->lost, count);
}

void log_sink_write(struct log_sink *sink)
{
    size_t written = close_gap(sink) ? put(sink, sink->out, sink->length) : 0;
    if (written < sink->length)
        lose(sink, text_count_lines(sink->out + written, sink->length - written));
    sink->length = 0;
}

/* Writes a line that does not fit `out`. */
static void write_long_line(struct log_sink *sink, const char *time, const char *line,
                            size_t length)
{
    size_t time_length = strlen(time);
    bool written = close_gap(sink) && put(sink, time, time_length) == time_length &&
                   put(sink, line, length) == length;
    if (!written)
        lose(sink, 1);
}

static void add_line(struct log_sink *sink, int64_t milliseconds, const char *time,
                     const char *line, size_t length)
{
    size_t time_length = strlen(time);
    if (time_length + length > sizeof sink->out - sink->length)
        log_sink_write(sink);
    sink->latest = milliseconds;
    if (time_length + length > sizeof sink->out) {
        write_long_line(sink, time, line, length);
        return;
    }
    char *room = sink->out + sink->length;
    memcpy(room, time, time_length);
    memcpy(room + time_length, line, length);
    sink->length += time_length + length;
}

void log_sink_add(struct log_sink *sink, int64_t milliseconds, const char *lines, size_t length)
{
    char time[STAMP_SIZE] = "";
    if (sink->timed)
        stamp(milliseconds, time);
    while (length > 0) {
        const char *newline = memchr(lines, '\n', length);
        size_t line = newline != NULL ? (size_t)(newline + 1 - lines) : length;
        add_line(sink, milliseconds, time, lines, line);
        lines += line;
        length -= line;
    }
}
