/*
 * event_log, and the log_writers and log_sinks it writes with. The console is the standard output,
 * so it is captured while an event log is open.
 */
#include "suites.h"
#include "capture.h"
#include "peer.h"

#include "base/text.h"
#include "chat/event_log.h"
#include "chat/log_sink.h"

#include <CUnit/CUnit.h>
#include <ctype.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

enum { PATH_SIZE = 64, STAMP_BYTES = 25 /* 2001-02-03T04:05:06.789Z and a blank */ };

/* Longer than any test waits. */
#define LONG (60 * CLOCK_SECOND)

/* An event log, the folder of its file, and what it writes elsewhere. */
struct desk {
    struct event_log *event_log;
    struct capture out, err;
    char folder[PATH_SIZE], path[PATH_SIZE + 8], old[PATH_SIZE + 8];
    char *console, *warnings; /* from close_desk() on */
    bool right;               /* so far; asserted when nothing is captured any more */
};

static void make_folder(struct desk *desk)
{
    *desk = (struct desk){.folder = "/tmp/partyline-event_log-XXXXXX"};
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(desk->folder));
    snprintf(desk->path, sizeof desk->path, "%s/log", desk->folder);
    snprintf(desk->old, sizeof desk->old, "%s/old", desk->folder);
}

/* Starts an event log with its file (or without) in a folder made before. */
static void open_desk(struct desk *desk, bool file, bool quiet)
{
    struct event_log_config config = {
        .program = "unit", .path = file ? desk->path : NULL, .quiet = quiet};
    capture_begin(&desk->out, STDOUT_FILENO);
    capture_begin(&desk->err, STDERR_FILENO);
    int error = event_log_start(&desk->event_log, &config);
    desk->right = error == 0;
    if (error != 0)
        abort();
}

/* Stops the event log and lets go of standard output and error. */
static void close_desk(struct desk *desk)
{
    bool stopped = event_log_stop(desk->event_log, LONG);
    if (stopped)
        event_log_free(desk->event_log);
    desk->warnings = capture_end(&desk->err);
    desk->console = capture_end(&desk->out);
    CU_ASSERT_TRUE_FATAL(stopped && desk->warnings != NULL && desk->console != NULL);
    CU_ASSERT_TRUE(desk->right);
}

static void forget_desk(struct desk *desk)
{
    free(desk->console);
    free(desk->warnings);
    unlink(desk->path);
    unlink(desk->old);
    CU_ASSERT_EQUAL(rmdir(desk->folder), 0);
}

static void write_text(struct desk *desk, enum event_log_kind kind, const char *lines)
{
    event_log_write(desk->event_log, kind, lines, strlen(lines));
}

/* A file as a string that the caller frees; empty if there is none. */
static char *contents(const char *path)
{
    struct buffer text = {0};
    int fd = open(path, O_RDONLY);
    ssize_t length = 1;
    while (fd >= 0 && length > 0) {
        char *room = buffer_reserve(&text, 65536);
        if (room == NULL)
            abort();
        length = read(fd, room, 65536);
        if (length > 0)
            buffer_commit(&text, (size_t)length);
    }
    if (fd >= 0)
        close(fd);
    if (!buffer_append(&text, "", 1))
        abort();
    return text.memory;
}

/* Whether text begins with a time of day in UTC as RFC 3339 writes it, and a blank. */
static bool is_stamped(const char *text)
{
    static const char form[] = "0000-00-00T00:00:00.000Z ";
    for (size_t i = 0; i < STAMP_BYTES; i++)
        if (form[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
            return false;
    return true;
}

/* Whether a log is exactly these lines, each with a stamp before it. */
static bool is_log_of(const char *log, const char *lines)
{
    while (*lines != '\0') {
        size_t length = strcspn(lines, "\n") + 1;
        if (!is_stamped(log) || strncmp(log + STAMP_BYTES, lines, length) != 0)
            return false;
        log += STAMP_BYTES + length;
        lines += length;
    }
    return *log == '\0';
}

static bool file_is_log_of(const char *path, const char *lines)
{
    char *log = contents(path);
    bool right = is_log_of(log, lines);
    free(log);
    return right;
}

/* What was logged before is in the former file, and what was logged then in the other. */
static void another_file(void)
{
    struct desk desk;
    make_folder(&desk);
    open_desk(&desk, false, false);
    write_text(&desk, EVENT_LOG_EVENT, "none\n");
    desk.right = desk.right && event_log_move(desk.event_log, NULL) == 0;
    desk.right = desk.right && event_log_move(desk.event_log, desk.old) == 0;
    write_text(&desk, EVENT_LOG_EVENT, "old\n");
    desk.right = desk.right && event_log_move(desk.event_log, desk.path) == 0;
    event_log_hide_talk(desk.event_log, true);
    write_text(&desk, EVENT_LOG_TALK, "new\n");
    desk.right = desk.right && event_log_move(desk.event_log, NULL) == 0;
    write_text(&desk, EVENT_LOG_EVENT, "none again\n");
    desk.right = desk.right && event_log_move(desk.event_log, "/nowhere/log") == ENOENT;
    close_desk(&desk);
    CU_ASSERT_STRING_EQUAL(desk.console, "none\nold\nnone again\n");
    CU_ASSERT_TRUE(file_is_log_of(desk.old, "old\n"));
    CU_ASSERT_TRUE(file_is_log_of(desk.path, "new\n"));
    CU_ASSERT_STRING_EQUAL(desk.warnings, "");
    forget_desk(&desk);
}

/* Waits until the writer has taken what is queued for the file. */
static void await_taking(const struct desk *desk)
{
    struct event_log_status status;
    for (event_log_read(desk->event_log, &status); status.file.queued > 0;
         event_log_read(desk->event_log, &status))
        sched_yield();
}

/* The writer takes what was logged before and after at once, as often as not. */
static void each_line_has_its_file(void)
{
    enum { TURNS = 400 };
    static const char *const lines[] = {"a path\nsome path\n", "an old\nsome old\n"};
    struct desk desk;
    struct buffer wanted[2] = {{0}};
    make_folder(&desk);
    open_desk(&desk, true, false);
    event_log_hide_talk(desk.event_log, true);
    for (int i = 0; i < TURNS; i++) {
        const char *path = i % 2 == 0 ? desk.old : desk.path;
        write_text(&desk, EVENT_LOG_TALK, lines[i % 2]);
        desk.right = desk.right && event_log_move(desk.event_log, path) == 0 &&
                     buffer_append_string(&wanted[i % 2], lines[i % 2]) &&
                     buffer_append_string(&wanted[(i + 1) % 2], lines[(i + 1) % 2]);
        write_text(&desk, EVENT_LOG_TALK, lines[(i + 1) % 2]);
        await_taking(&desk);
    }
    desk.right = desk.right && buffer_append(&wanted[0], "", 1) && buffer_append(&wanted[1], "", 1);
    close_desk(&desk);
    CU_ASSERT_TRUE(file_is_log_of(desk.path, wanted[0].memory));
    CU_ASSERT_TRUE(file_is_log_of(desk.old, wanted[1].memory));
    buffer_free(&wanted[0]);
    buffer_free(&wanted[1]);
    forget_desk(&desk);
}

static void a_file_that_cannot_be_opened(void)
{
    struct desk desk;
    make_folder(&desk);
    open_desk(&desk, true, false);
    desk.right = desk.right && event_log_move(desk.event_log, "/nowhere/log") == ENOENT;
    desk.right = desk.right && rename(desk.path, desk.old) == 0;
    event_log_reopen(desk.event_log);
    write_text(&desk, EVENT_LOG_EVENT, "still\n");
    close_desk(&desk);
    CU_ASSERT_TRUE(file_is_log_of(desk.path, "still\n"));
    CU_ASSERT_STRING_EQUAL(desk.warnings, "");
    forget_desk(&desk);
}

static void lines_in_order(void)
{
    struct desk desk;
    make_folder(&desk);
    open_desk(&desk, true, false);
    write_text(&desk, EVENT_LOG_EVENT, "one\n");
    write_text(&desk, EVENT_LOG_TALK, "Alice: two\nAlice: three\n");
    event_log_print(desk.event_log, EVENT_LOG_EVENT, "%s %d", "four", 4);
    write_text(&desk, EVENT_LOG_EVENT, "\xE2\x82\xAC five\n");
    close_desk(&desk);
    static const char lines[] = "one\nAlice: two\nAlice: three\nfour 4\n\xE2\x82\xAC five\n";
    CU_ASSERT_STRING_EQUAL(desk.console, lines);
    CU_ASSERT_TRUE(file_is_log_of(desk.path, lines));
    CU_ASSERT_STRING_EQUAL(desk.warnings, "");
    forget_desk(&desk);
}

/* Some digits of a stamp. */
static int part_of(const char *stamp, size_t from, size_t length)
{
    int number = 0;
    for (size_t i = from; i < from + length; i++)
        number = 10 * number + (stamp[i] - '0');
    return number;
}

/* The stamp's moment in milliseconds since the epoch, by counting days; -1 if it is none. */
static int64_t moment_of(const char *stamp)
{
    static const int days_before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    if (!is_stamped(stamp) || part_of(stamp, 5, 2) < 1 || part_of(stamp, 5, 2) > 12)
        return -1;
    int year = part_of(stamp, 0, 4);
    int month = part_of(stamp, 5, 2);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    int64_t days = part_of(stamp, 8, 2) - 1 + days_before[month - 1] + (leap && month > 2);
    for (int before = 1970; before < year; before++)
        days += (before % 4 == 0 && before % 100 != 0) || before % 400 == 0 ? 366 : 365;
    int64_t minutes = (days * 24 + part_of(stamp, 11, 2)) * 60 + part_of(stamp, 14, 2);
    return (minutes * 60 + part_of(stamp, 17, 2)) * 1000 + part_of(stamp, 20, 3);
}

static void stamps_tell_the_time(void)
{
    struct desk desk;
    make_folder(&desk);
    setenv("TZ", "Asia/Tokyo", 1);
    tzset();
    int64_t before = log_sink_now();
    open_desk(&desk, true, false);
    write_text(&desk, EVENT_LOG_EVENT, "now\n");
    close_desk(&desk);
    int64_t after = log_sink_now();
    char *log = contents(desk.path);
    int64_t moment = moment_of(log);
    EXPECT(moment >= before && moment <= after, "%s", log);
    free(log);
    unsetenv("TZ");
    tzset();
    forget_desk(&desk);
}

static void known_moments(void)
{
    static const struct {
        int64_t milliseconds;
        const char *stamp;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000Z "},
        {1, "1970-01-01T00:00:00.001Z "},
        {INT64_C(951782399999), "2000-02-28T23:59:59.999Z "},
        {INT64_C(951782400000), "2000-02-29T00:00:00.000Z "},
        {INT64_C(1700000000050), "2023-11-14T22:13:20.050Z "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int ends[2];
        char text[64] = "";
        CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
        struct log_sink sink = {.program = "unit", .name = "pipe", .fd = ends[1], .timed = true};
        log_sink_add(&sink, rows[i].milliseconds, "line\n", 5);
        log_sink_write(&sink);
        CU_ASSERT_EQUAL(read(ends[0], text, sizeof text - 1), STAMP_BYTES + 5);
        EXPECT(strncmp(text, rows[i].stamp, STAMP_BYTES) == 0, "%s", text);
        close(ends[0]);
        close(ends[1]);
    }
}

static void quiet_console(void)
{
    struct desk desk;
    make_folder(&desk);
    open_desk(&desk, true, true);
    write_text(&desk, EVENT_LOG_EVENT, "event\n");
    write_text(&desk, EVENT_LOG_TALK, "talk\n");
    write_text(&desk, EVENT_LOG_EVENT, "another\n");
    close_desk(&desk);
    CU_ASSERT_STRING_EQUAL(desk.console, "event\nanother\n");
    CU_ASSERT_TRUE(file_is_log_of(desk.path, "event\ntalk\nanother\n"));
    forget_desk(&desk);
}

static void no_file(void)
{
    for (int quiet = 0; quiet < 2; quiet++) {
        struct desk desk;
        make_folder(&desk);
        open_desk(&desk, false, quiet);
        write_text(&desk, EVENT_LOG_TALK, "talk\n");
        event_log_reopen(desk.event_log);
        write_text(&desk, EVENT_LOG_EVENT, "event\n");
        close_desk(&desk);
        CU_ASSERT_STRING_EQUAL(desk.console, quiet ? "event\n" : "talk\nevent\n");
        CU_ASSERT_STRING_EQUAL(desk.warnings, "");
        forget_desk(&desk);
    }
}

static void appends_to_a_file(void)
{
    struct desk desk;
    make_folder(&desk);
    for (int i = 0; i < 2; i++) {
        open_desk(&desk, true, false);
        write_text(&desk, EVENT_LOG_EVENT, i == 0 ? "first run\n" : "second run\n");
        close_desk(&desk);
        if (i == 0) {
            free(desk.console);
            free(desk.warnings);
        }
    }
    CU_ASSERT_TRUE(file_is_log_of(desk.path, "first run\nsecond run\n"));
    forget_desk(&desk);
}

static void no_such_folder(void)
{
    struct event_log *event_log;
    struct event_log_config config = {.program = "unit", .path = "/nonexistent/folder/log"};
    CU_ASSERT_EQUAL(event_log_start(&event_log, &config), ENOENT);
    config.path = "/tmp";
    CU_ASSERT_EQUAL(event_log_start(&event_log, &config), EISDIR);
}

static void long_print(void)
{
    enum { MOST = 383 }; /* bytes, without the line end */
    struct desk desk;
    char text[1000];
    char expected[2 * (MOST + 1) + MOST + 1];
    memset(text, 'p', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    snprintf(expected, sizeof expected, "%.*s\n%.*s\n%.*s\n", MOST, text, MOST, text, MOST - 1,
             text);
    make_folder(&desk);
    open_desk(&desk, false, false);
    event_log_print(desk.event_log, EVENT_LOG_EVENT, "%s", text);
    event_log_print(desk.event_log, EVENT_LOG_EVENT, "%.*s", MOST, text);
    event_log_print(desk.event_log, EVENT_LOG_EVENT, "%.*s", MOST - 1, text);
    close_desk(&desk);
    CU_ASSERT_STRING_EQUAL(desk.console, expected);
    forget_desk(&desk);
}

/* A wait for a file to be exactly the log of some lines. */
struct expected_file {
    const char *path, *lines;
};

static bool is_as_expected(void *context)
{
    const struct expected_file *expected = context;
    return file_is_log_of(expected->path, expected->lines);
}

static bool comes_to(const char *path, const char *lines)
{
    struct expected_file expected = {path, lines};
    return peer_eventually(is_as_expected, &expected);
}

static void reopens(void)
{
    struct desk desk;
    make_folder(&desk);
    open_desk(&desk, true, false);
    write_text(&desk, EVENT_LOG_EVENT, "one\n");
    desk.right = desk.right && comes_to(desk.path, "one\n");
    desk.right = desk.right && rename(desk.path, desk.old) == 0;
    /* Until it is told, the event log goes on in the file that it has. */
    write_text(&desk, EVENT_LOG_EVENT, "two\n");
    desk.right = desk.right && comes_to(desk.old, "one\ntwo\n");
    event_log_reopen(desk.event_log);
    write_text(&desk, EVENT_LOG_EVENT, "three\n");
    desk.right = desk.right && comes_to(desk.path, "three\n");
    close_desk(&desk);
    CU_ASSERT_TRUE(file_is_log_of(desk.old, "one\ntwo\n"));
    CU_ASSERT_STRING_EQUAL(desk.warnings, "");
    forget_desk(&desk);
}

static bool has_warned(void *context)
{
    struct desk *desk = context;
    char *text = capture_text(&desk->err);
    bool warned = text != NULL && *text != '\0' && text[strlen(text) - 1] == '\n';
    free(text);
    return warned;
}

static void reopening_may_fail(void)
{
    struct desk desk;
    make_folder(&desk);
    open_desk(&desk, true, false);
    write_text(&desk, EVENT_LOG_EVENT, "one\n");
    desk.right = desk.right && comes_to(desk.path, "one\n");
    desk.right = desk.right && rename(desk.path, desk.old) == 0 && mkdir(desk.path, 0700) == 0;
    event_log_reopen(desk.event_log);
    desk.right = desk.right && peer_eventually(has_warned, &desk);
    write_text(&desk, EVENT_LOG_EVENT, "two\n");
    close_desk(&desk);
    CU_ASSERT_TRUE(file_is_log_of(desk.old, "one\ntwo\n"));
    CU_ASSERT_EQUAL(strncmp(desk.warnings, "unit: ", 6), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(desk.warnings, desk.path));
    CU_ASSERT_EQUAL(rmdir(desk.path), 0);
    forget_desk(&desk);
}

/* The thread of the log would wait for a reader of the FIFO, and all lines with it. */
static void reopening_a_fifo_that_nobody_reads(void)
{
    struct desk desk;
    make_folder(&desk);
    open_desk(&desk, true, false);
    desk.right = desk.right && rename(desk.path, desk.old) == 0 && mkfifo(desk.path, 0600) == 0;
    event_log_reopen(desk.event_log);
    desk.right = desk.right && peer_eventually(has_warned, &desk);
    write_text(&desk, EVENT_LOG_EVENT, "still\n");
    close_desk(&desk);
    CU_ASSERT_TRUE(file_is_log_of(desk.old, "still\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(desk.warnings, event_log_explain(ENXIO)));
    forget_desk(&desk);
}

/* The number in the line "*** N events are missing here ***" that text begins with, or 0. */
static unsigned long gap_of(const char *text)
{
    char *rest;
    if (strncmp(text, "*** ", 4) != 0)
        return 0;
    unsigned long missing = strtoul(text + 4, &rest, 10);
    const char *words =
        missing == 1 ? " event is missing here ***\n" : " events are missing here ***\n";
    return strncmp(rest, words, strlen(words)) == 0 ? missing : 0;
}

/* What was read of a log of numbered lines. */
struct counted {
    unsigned long lines; /* that came or are said to be missing: the number of the next one */
    unsigned long gaps, missing;
    char stamp[STAMP_BYTES]; /* of the last line, if they have any */
    bool right;
};

/* Takes one line: the number that follows, or a gap. */
static void count_line(struct counted *counted, const char *line)
{
    unsigned long gap = gap_of(line);
    char *rest;
    if (gap > 0) {
        counted->gaps++;
        counted->missing += gap;
        counted->lines += gap;
        return;
    }
    unsigned long number = strtoul(line, &rest, 10);
    counted->right = counted->right && *rest == ' ' && number == counted->lines;
    counted->lines++;
}

/* Whether a line begins with a stamp that is not earlier than the last one. */
static bool goes_on(struct counted *counted, const char *line)
{
    if (!is_stamped(line) || memcmp(line, counted->stamp, STAMP_BYTES) < 0)
        return false;
    memcpy(counted->stamp, line, STAMP_BYTES);
    return true;
}

/* Takes the whole lines out of what was read, each with a stamp or without. */
static void count_lines(struct counted *counted, struct buffer *text, bool stamped)
{
    const char *end;
    size_t stamp = stamped ? STAMP_BYTES : 0;
    while (counted->right &&
           (end = memchr(buffer_bytes(text), '\n', buffer_length(text))) != NULL) {
        char line[512] = "";
        size_t size = (size_t)(end + 1 - buffer_bytes(text));
        counted->right = size > stamp && size - stamp < sizeof line &&
                         (!stamped || goes_on(counted, buffer_bytes(text)));
        if (!counted->right)
            break;
        memcpy(line, buffer_bytes(text) + stamp, size - stamp);
        count_line(counted, line);
        buffer_consume(text, size);
    }
}

/* Reads a log from a pipe until so many lines are accounted for. */
static struct counted read_tally(int pipe, unsigned long lines, bool stamped)
{
    struct counted counted = {.right = true};
    struct buffer text = {0};
    while (counted.lines < lines && counted.right && peer_wait(pipe, POLLIN)) {
        char *room = buffer_reserve(&text, 4096);
        ssize_t length = room != NULL ? read(pipe, room, 4096) : 0;
        if (length <= 0)
            break;
        buffer_commit(&text, (size_t)length);
        count_lines(&counted, &text, stamped);
    }
    counted.right = counted.right && buffer_length(&text) == 0;
    buffer_free(&text);
    return counted;
}

/* The same of a log that is all there. */
static struct counted tally_of(const char *log, bool stamped)
{
    struct counted counted = {.right = true};
    struct buffer text = {0};
    if (!buffer_append_string(&text, log))
        abort();
    count_lines(&counted, &text, stamped);
    counted.right = counted.right && buffer_length(&text) == 0;
    buffer_free(&text);
    return counted;
}

/* Makes the file a FIFO, of which the reader is returned. */
static int make_fifo(struct desk *desk)
{
    make_folder(desk);
    CU_ASSERT_EQUAL_FATAL(mkfifo(desk->path, 0600), 0);
    int fifo = open(desk->path, O_RDONLY | O_NONBLOCK);
    CU_ASSERT_TRUE_FATAL(fifo >= 0);
    return fifo;
}

/* Makes the console a pipe, of which the reader is returned. */
static int make_pipe_of_console(void)
{
    int ends[2];
    if (pipe(ends) < 0 || dup2(ends[1], STDOUT_FILENO) < 0)
        abort();
    close(ends[1]);
    return ends[0];
}

/* The console is what is captured again. Its event_log must have nothing more to write to the pipe.
 */
static void give_console_back(const struct desk *desk, int pipe)
{
    if (dup2(desk->out.file, STDOUT_FILENO) < 0)
        abort();
    close(pipe);
}

/* Whoever opens a FIFO that nobody reads would wait for a reader, and the server with it. */
static void nobody_reads_the_file(void)
{
    struct desk desk;
    struct event_log *none;
    close(make_fifo(&desk));
    const struct event_log_config config = {.program = "unit", .path = desk.path};
    CU_ASSERT_EQUAL(event_log_start(&none, &config), ENXIO);
    open_desk(&desk, false, false);
    desk.right = desk.right && event_log_move(desk.event_log, desk.path) == ENXIO;
    desk.right = desk.right && event_log_move(desk.event_log, desk.old) == 0;
    desk.right = desk.right && event_log_move(desk.event_log, desk.path) == ENXIO;
    write_text(&desk, EVENT_LOG_EVENT, "still\n");
    close_desk(&desk);
    CU_ASSERT_TRUE(file_is_log_of(desk.old, "still\n"));
    CU_ASSERT_STRING_EQUAL(event_log_explain(ENXIO), "it is a FIFO that nobody reads, or a socket");
    CU_ASSERT_STRING_EQUAL(event_log_explain(ENOENT), strerror(ENOENT));
    forget_desk(&desk);
}

enum { FLOOD_LINES = 20000, PART_LINES = 2000 /* less than a queue holds */ };

/*
 * Logs "0 xxx...", "1 xxx..." and so on from one number to another, now long, now short: one may
 * fit where another does not.
 */
static void flood(struct desk *desk, int from, int to)
{
    char filling[128];
    memset(filling, 'x', sizeof filling - 1);
    filling[sizeof filling - 1] = '\0';
    for (int i = from; i < to; i++)
        event_log_print(desk->event_log, EVENT_LOG_EVENT, "%d %.*s", i, 40 + i * 31 % 80, filling);
}

/* A wait for the file, or the console, to have so many lines. */
struct expected_lines {
    struct desk *desk;
    bool file;
    size_t lines;
};

static bool has_lines(void *context)
{
    const struct expected_lines *expected = context;
    char *text =
        expected->file ? contents(expected->desk->path) : capture_text(&expected->desk->out);
    bool come = text != NULL && text_count_lines(text, strlen(text)) >= expected->lines;
    free(text);
    return come;
}

/* A flood in parts, each of which the file, or the console, takes before the next one begins. */
static void flood_in_parts(struct desk *desk, int lines, bool file)
{
    for (int i = 0; i < lines && desk->right; i += PART_LINES) {
        struct expected_lines expected = {desk, file, (size_t)(i + PART_LINES)};
        flood(desk, i, i + PART_LINES);
        desk->right = peer_eventually(has_lines, &expected);
    }
}

/* Nobody reads the file, a FIFO, while far more is logged than it and the queue hold. */
static void stuck_file(void)
{
    struct desk desk;
    int fifo = make_fifo(&desk);
    open_desk(&desk, true, false);
    flood_in_parts(&desk, FLOOD_LINES, false);
    struct counted file = read_tally(fifo, FLOOD_LINES, true);
    /* Behind the gap, the log goes on. */
    event_log_print(desk.event_log, EVENT_LOG_EVENT, "%d and on", FLOOD_LINES);
    char last[128] = "";
    desk.right = desk.right && peer_wait(fifo, POLLIN) && read(fifo, last, sizeof last - 1) > 0;
    close_desk(&desk);
    close(fifo);
    CU_ASSERT_TRUE(file.right);
    CU_ASSERT_EQUAL(file.lines, FLOOD_LINES);
    CU_ASSERT_TRUE(file.gaps >= 1);
    CU_ASSERT_TRUE(file.missing > 0 && file.missing < FLOOD_LINES);
    CU_ASSERT_TRUE(is_log_of(last, "20000 and on\n"));
    struct counted console = tally_of(desk.console, false);
    CU_ASSERT_TRUE(console.right && console.lines == FLOOD_LINES + 1 && console.gaps == 0);
    forget_desk(&desk);
}

/* The same with a console that nobody reads. */
static void stuck_console(void)
{
    struct desk desk;
    make_folder(&desk);
    open_desk(&desk, true, false);
    int console = make_pipe_of_console();
    flood_in_parts(&desk, FLOOD_LINES, true);
    struct counted shown = read_tally(console, FLOOD_LINES, false);
    event_log_print(desk.event_log, EVENT_LOG_EVENT, "%d and on", FLOOD_LINES);
    char last[128] = "";
    desk.right =
        desk.right && peer_wait(console, POLLIN) && read(console, last, sizeof last - 1) > 0;
    give_console_back(&desk, console);
    close_desk(&desk);
    CU_ASSERT_TRUE(shown.right);
    CU_ASSERT_EQUAL(shown.lines, FLOOD_LINES);
    CU_ASSERT_TRUE(shown.gaps >= 1);
    CU_ASSERT_TRUE(shown.missing > 0 && shown.missing < FLOOD_LINES);
    CU_ASSERT_STRING_EQUAL(last, "20000 and on\n");
    char *log = contents(desk.path);
    struct counted file = tally_of(log, true);
    free(log);
    CU_ASSERT_TRUE(file.right && file.lines == FLOOD_LINES + 1 && file.gaps == 0);
    forget_desk(&desk);
}

/* Stops an event log of which one half is stuck. Returns whether it gave up, and not too early. */
static bool gives_up_stopping(struct desk *desk)
{
    int64_t start = clock_now();
    bool stopped = event_log_stop(desk->event_log, 50 * CLOCK_MILLISECOND);
    int64_t waited = clock_now() - start;
    return !stopped && waited >= 50 * CLOCK_MILLISECOND && waited < LONG / 2;
}

/* A disk that hangs must not make the server hang when it stops. */
static void stopping_with_a_stuck_file(void)
{
    struct desk desk;
    int fifo = make_fifo(&desk);
    open_desk(&desk, true, false);
    flood(&desk, 0, PART_LINES);
    bool gave_up = gives_up_stopping(&desk);
    struct expected_lines expected = {&desk, false, PART_LINES};
    desk.right = desk.right && peer_eventually(has_lines, &expected);
    /* The thread still has the event log; once it can write, it comes to its end, and so can we. */
    struct counted file = read_tally(fifo, PART_LINES, true);
    close_desk(&desk);
    close(fifo);
    CU_ASSERT_TRUE(gave_up);
    CU_ASSERT_TRUE(file.right && file.lines == PART_LINES && file.gaps == 0);
    struct counted console = tally_of(desk.console, false);
    CU_ASSERT_TRUE(console.right && console.lines == PART_LINES && console.gaps == 0);
    forget_desk(&desk);
}

/* Nor must a console, and the file gets its last lines. */
static void stopping_with_a_stuck_console(void)
{
    struct desk desk;
    make_folder(&desk);
    open_desk(&desk, true, false);
    int console = make_pipe_of_console();
    flood(&desk, 0, PART_LINES);
    bool gave_up = gives_up_stopping(&desk);
    struct expected_lines expected = {&desk, true, PART_LINES};
    desk.right = desk.right && peer_eventually(has_lines, &expected);
    struct counted shown = read_tally(console, PART_LINES, false);
    desk.right = desk.right && event_log_stop(desk.event_log, LONG);
    give_console_back(&desk, console);
    close_desk(&desk);
    CU_ASSERT_TRUE(gave_up);
    CU_ASSERT_TRUE(shown.right && shown.lines == PART_LINES && shown.gaps == 0);
    char *log = contents(desk.path);
    struct counted file = tally_of(log, true);
    free(log);
    CU_ASSERT_TRUE(file.right && file.lines == PART_LINES && file.gaps == 0);
    forget_desk(&desk);
}

static void full_disk(void)
{
    if (access("/dev/full", W_OK) != 0)
        return; /* a system without a device that is always full */
    struct desk desk;
    make_folder(&desk);
    CU_ASSERT_EQUAL_FATAL(symlink("/dev/full", desk.path), 0);
    struct log_sink sink = {.program = "unit", .name = desk.path, .fd = -1, .timed = true};
    CU_ASSERT_EQUAL_FATAL(log_sink_open(desk.path, &sink.fd), 0);
    capture_begin(&desk.err, STDERR_FILENO);
    log_sink_add(&sink, 1, "one\n", 4);
    log_sink_write(&sink);
    log_sink_add(&sink, 2, "two\nthree\n", 10);
    log_sink_write(&sink);
    /* There is space again. */
    unlink(desk.path);
    log_sink_reopen(&sink);
    log_sink_add(&sink, 4, "four\n", 5);
    log_sink_write(&sink);
    log_sink_add(&sink, 5, "five\n", 5);
    log_sink_write(&sink);
    desk.warnings = capture_end(&desk.err);
    close(sink.fd);
    /* The mark has the time of the last event that is missing. */
    char *log = contents(desk.path);
    CU_ASSERT_STRING_EQUAL(log, "1970-01-01T00:00:00.002Z *** 3 events are missing here ***\n"
                                "1970-01-01T00:00:00.004Z four\n"
                                "1970-01-01T00:00:00.005Z five\n");
    free(log);
    EXPECT(strncmp(desk.warnings, "unit: ", 6) == 0 && strstr(desk.warnings, desk.path) != NULL &&
               strstr(desk.warnings, strerror(ENOSPC)) != NULL &&
               strchr(desk.warnings, '\n') == desk.warnings + strlen(desk.warnings) - 1,
           "'%s'", desk.warnings);
    forget_desk(&desk);
}

/* There is space again, and nothing happens for a long time. */
static void gap_is_marked_at_once(void)
{
    if (access("/dev/full", W_OK) != 0)
        return;
    struct desk desk;
    make_folder(&desk);
    CU_ASSERT_EQUAL_FATAL(symlink("/dev/full", desk.path), 0);
    open_desk(&desk, true, false);
    write_text(&desk, EVENT_LOG_EVENT, "one\n");
    desk.right = desk.right && peer_eventually(has_warned, &desk) && unlink(desk.path) == 0;
    event_log_reopen(desk.event_log);
    desk.right = desk.right && comes_to(desk.path, "*** 1 event is missing here ***\n");
    close_desk(&desk);
    CU_ASSERT_TRUE(file_is_log_of(desk.path, "*** 1 event is missing here ***\n"));
    forget_desk(&desk);
}

/* Standard error is a pipe that nobody reads, and full: a warning into it would wait for ever. */
static void stuck_warnings(void)
{
    if (access("/dev/full", W_OK) != 0)
        return;
    int ends[2];
    char path[] = "/dev/full";
    char bytes[4096] = "";
    int saved = dup(STDERR_FILENO);
    CU_ASSERT_TRUE_FATAL(saved >= 0 && pipe(ends) == 0);
    struct log_sink sink = {.program = "unit", .name = path, .fd = open(path, O_WRONLY)};
    int flags = fcntl(ends[1], F_GETFL);
    fcntl(ends[1], F_SETFL, flags | O_NONBLOCK);
    while (write(ends[1], bytes, sizeof bytes) > 0)
        ;
    fcntl(ends[1], F_SETFL, flags);
    dup2(ends[1], STDERR_FILENO);
    log_sink_add(&sink, 0, "one\n", 4);
    log_sink_write(&sink);
    bool warned = sink.warned;
    /* Somebody reads it now. */
    CU_ASSERT_EQUAL(read(ends[0], bytes, sizeof bytes), sizeof bytes);
    log_sink_add(&sink, 0, "two\n", 4);
    log_sink_write(&sink);
    dup2(saved, STDERR_FILENO);
    close(saved);
    CU_ASSERT_FALSE(warned);
    CU_ASSERT_TRUE(sink.warned);
    CU_ASSERT_EQUAL(sink.missing, 2);
    close(sink.fd);
    close(ends[0]);
    close(ends[1]);
}

/* A line of more bytes than a sink writes in one go, between two others. */
static void very_long_line(void)
{
    enum { LONG_LINE = 3 * LOG_SINK_BYTES };
    static char text[LONG_LINE + 32];
    struct desk desk;
    strcpy(text, "before\n");
    memset(text + 7, 'y', LONG_LINE);
    strcpy(text + 7 + LONG_LINE, "\nbehind\n");
    make_folder(&desk);
    open_desk(&desk, true, false);
    write_text(&desk, EVENT_LOG_TALK, text);
    close_desk(&desk);
    CU_ASSERT_STRING_EQUAL(desk.console, text);
    CU_ASSERT_TRUE(file_is_log_of(desk.path, text));
    forget_desk(&desk);
}

/* Lets files grow to so many bytes only, as a disk that is full does; 0: as before. */
static void limit_files(rlim_t bytes)
{
    static struct rlimit before;
    if (bytes > 0)
        getrlimit(RLIMIT_FSIZE, &before);
    struct rlimit limit = {.rlim_cur = bytes > 0 ? bytes : before.rlim_cur,
                           .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* The disk takes part of a line: what comes later must not be written behind that part. */
static void full_within_a_line(void)
{
    enum { LINE = 1000, LINES = 10, FIT = 4500 };
    char path[] = "/tmp/partyline-sink-XXXXXX";
    char line[LINE];
    struct capture err;
    int fd = mkstemp(path);
    CU_ASSERT_TRUE_FATAL(fd >= 0);
    struct log_sink sink = {.program = "unit", .name = path, .fd = fd};
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\n';
    capture_begin(&err, STDERR_FILENO);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    limit_files(FIT);
    for (int i = 0; i < LINES; i++)
        log_sink_add(&sink, 0, line, sizeof line);
    log_sink_write(&sink);
    log_sink_add(&sink, 0, "lost\n", 5);
    log_sink_write(&sink);
    limit_files(0);
    signal(SIGXFSZ, handler);
    log_sink_add(&sink, 0, "written\n", 8);
    log_sink_write(&sink);
    char *warnings = capture_end(&err);
    char *log = contents(path);
    static const char rest[] = "\n*** 7 events are missing here ***\nwritten\n";
    CU_ASSERT_EQUAL(strlen(log), FIT + sizeof rest - 1);
    CU_ASSERT_STRING_EQUAL(log + FIT, rest);
    CU_ASSERT_PTR_NOT_NULL_FATAL(warnings);
    CU_ASSERT_PTR_EQUAL(strchr(warnings, '\n'), warnings + strlen(warnings) - 1);
    free(warnings);
    free(log);
    close(fd);
    unlink(path);
}

/* The disk takes part of a line that is written by itself, since it is so long. */
static void full_within_a_long_line(void)
{
    enum { LINE = 2 * LOG_SINK_BYTES, FIT = LOG_SINK_BYTES + 1000 };
    static char line[LINE];
    static const char rest[] = "\n1970-01-01T00:00:00.007Z *** 3 events are missing here ***\n"
                               "1970-01-01T00:00:00.008Z written\n";
    char path[] = "/tmp/partyline-sink-XXXXXX";
    struct capture err;
    int fd = mkstemp(path);
    CU_ASSERT_TRUE_FATAL(fd >= 0);
    struct log_sink sink = {.program = "unit", .name = path, .fd = fd, .timed = true};
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\n';
    capture_begin(&err, STDERR_FILENO);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    limit_files(FIT);
    log_sink_add(&sink, 5, line, sizeof line);
    log_sink_add(&sink, 6, line, sizeof line);
    log_sink_skip(&sink, 7, 1);
    limit_files(0);
    signal(SIGXFSZ, handler);
    log_sink_add(&sink, 8, "written\n", 8);
    log_sink_write(&sink);
    free(capture_end(&err));
    char *log = contents(path);
    CU_ASSERT_EQUAL_FATAL(strlen(log), FIT + sizeof rest - 1);
    CU_ASSERT_EQUAL(strncmp(log, "1970-01-01T00:00:00.005Z xxx", STAMP_BYTES + 3), 0);
    CU_ASSERT_STRING_EQUAL(log + FIT, rest);
    free(log);
    close(fd);
    unlink(path);
}

enum { WRITERS = 4, WRITER_LINES = 500 };

struct writer {
    struct event_log *event_log;
    int number;
};

static void *write_events(void *argument)
{
    struct writer *writer = argument;
    for (int i = 0; i < WRITER_LINES; i++)
        event_log_print(writer->event_log, EVENT_LOG_EVENT, "%d %d", writer->number, i);
    return NULL;
}

static void writers_at_once(void)
{
    struct desk desk;
    pthread_t threads[WRITERS];
    struct writer writers[WRITERS];
    int next[WRITERS] = {0};
    int started = 0;
    make_folder(&desk);
    open_desk(&desk, false, false);
    for (; started < WRITERS; started++) {
        writers[started] = (struct writer){desk.event_log, started};
        if (pthread_create(&threads[started], NULL, write_events, &writers[started]) != 0)
            break;
    }
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    close_desk(&desk);
    CU_ASSERT_EQUAL(started, WRITERS);
    const char *text = desk.console;
    for (int i = 0; i < started * WRITER_LINES; i++) {
        char *rest;
        long number = strtol(text, &rest, 10);
        long count = strtol(rest, &rest, 10);
        if (!EXPECT(*rest == '\n' && number >= 0 && number < WRITERS && count == next[number],
                    "line %d", i))
            break;
        next[number]++;
        text = rest + 1;
    }
    CU_ASSERT_EQUAL(*text, '\0');
    forget_desk(&desk);
}

static const struct test tests[] = {
    {"lines are logged whole and in order, on the console and in the file", lines_in_order},
    {"a stamp tells the time in UTC, wherever the server stands", stamps_tell_the_time},
    {"stamps are as RFC 3339 writes them, leap days and all", known_moments},
    {"a quiet console shows events and no talk, the file has both", quiet_console},
    {"without a file the console is the log", no_file},
    {"another file can be begun, and given up", another_file},
    {"what was logged before another file is in the former", each_line_has_its_file},
    {"one that cannot be opened leaves the one that is", a_file_that_cannot_be_opened},
    {"a FIFO that nobody reads is not waited for", nobody_reads_the_file},
    {"nor when it stands where the file was", reopening_a_fifo_that_nobody_reads},
    {"a log that exists is continued", appends_to_a_file},
    {"a log that cannot be opened is an error from the start", no_such_folder},
    {"a printed line is cut at 383 bytes and ends in a line end", long_print},
    {"after a rename the log goes on in a new file when told to", reopens},
    {"when that fails the old file stays in use, with a warning", reopening_may_fail},
    {"a stuck disk's gap is counted in place, and the console has no gap", stuck_file},
    {"a stuck console's gap is counted in place, and the file has no gap", stuck_console},
    {"stopping waits for a stuck disk no longer than it may", stopping_with_a_stuck_file},
    {"nor for a stuck console, and the file gets its last lines", stopping_with_a_stuck_console},
    {"a full disk is told once, and the gap marked when it has space again", full_disk},
    {"a gap is marked as soon as a file is opened anew", gap_is_marked_at_once},
    {"a warning that nobody reads is put off and holds nothing up", stuck_warnings},
    {"a line longer than a write is logged whole", very_long_line},
    {"a disk that is full within a line leaves no line mixed up", full_within_a_line},
    {"nor within a line longer than a write", full_within_a_long_line},
    {"events of many threads come whole, each thread's in order", writers_at_once},
};

void add_event_log_suite(void)
{
    SUITE_ADD("event_log", tests);
}
