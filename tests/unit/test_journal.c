/*
 * journal and the log_sink it writes to. The console is the standard output, so it is captured
 * while a journal is open.
 */
#include "suites.h"
#include "capture.h"
#include "peer.h"

#include "chat/journal.h"
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

/* A journal, the folder of its file, and what it writes elsewhere. */
struct desk {
    struct journal *journal;
    struct capture out, err;
    char folder[PATH_SIZE], path[PATH_SIZE + 8], old[PATH_SIZE + 8];
    char *console, *warnings; /* from close_desk() on */
    bool right;               /* so far; asserted when nothing is captured any more */
};

static void make_folder(struct desk *desk)
{
    *desk = (struct desk){.folder = "/tmp/partyline-journal-XXXXXX"};
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(desk->folder));
    snprintf(desk->path, sizeof desk->path, "%s/log", desk->folder);
    snprintf(desk->old, sizeof desk->old, "%s/old", desk->folder);
}

/* Starts a journal with its file (or without) in a folder made before. */
static void open_desk(struct desk *desk, bool file, bool quiet)
{
    struct journal_config config = {
        .program = "unit", .path = file ? desk->path : NULL, .quiet = quiet};
    capture_begin(&desk->out, STDOUT_FILENO);
    capture_begin(&desk->err, STDERR_FILENO);
    int error = journal_start(&desk->journal, &config);
    desk->right = error == 0;
    if (error != 0)
        abort();
}

/* Stops the journal and lets go of standard output and error. */
static void close_desk(struct desk *desk)
{
    bool stopped = journal_stop(desk->journal, LONG);
    if (stopped)
        journal_free(desk->journal);
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

static void write_text(struct desk *desk, enum journal_kind kind, const char *lines)
{
    journal_write(desk->journal, kind, lines, strlen(lines));
}

/* A file as a string that the caller frees; empty if there is none. */
static char *contents(const char *path)
{
    struct buffer text = {0};
    int fd = open(path, O_RDONLY);
    ssize_t length = 1;
    while (fd >= 0 && length > 0) {
        char *room = buffer_room(&text, 65536);
        if (room == NULL)
            abort();
        length = read(fd, room, 65536);
        if (length > 0)
            buffer_grew(&text, (size_t)length);
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

static void lines_in_order(void)
{
    struct desk desk;
    make_folder(&desk);
    open_desk(&desk, true, false);
    write_text(&desk, JOURNAL_EVENT, "one\n");
    write_text(&desk, JOURNAL_TALK, "Alice: two\nAlice: three\n");
    journal_print(desk.journal, JOURNAL_EVENT, "%s %d", "four", 4);
    write_text(&desk, JOURNAL_EVENT, "\xE2\x82\xAC five\n");
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
    write_text(&desk, JOURNAL_EVENT, "now\n");
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
    write_text(&desk, JOURNAL_EVENT, "event\n");
    write_text(&desk, JOURNAL_TALK, "talk\n");
    write_text(&desk, JOURNAL_EVENT, "another\n");
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
        write_text(&desk, JOURNAL_TALK, "talk\n");
        journal_reopen(desk.journal);
        write_text(&desk, JOURNAL_EVENT, "event\n");
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
        write_text(&desk, JOURNAL_EVENT, i == 0 ? "first run\n" : "second run\n");
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
    struct journal *journal;
    struct journal_config config = {.program = "unit", .path = "/nonexistent/folder/log"};
    CU_ASSERT_EQUAL(journal_start(&journal, &config), ENOENT);
    config.path = "/tmp";
    CU_ASSERT_EQUAL(journal_start(&journal, &config), EISDIR);
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
    journal_print(desk.journal, JOURNAL_EVENT, "%s", text);
    journal_print(desk.journal, JOURNAL_EVENT, "%.*s", MOST, text);
    journal_print(desk.journal, JOURNAL_EVENT, "%.*s", MOST - 1, text);
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
    write_text(&desk, JOURNAL_EVENT, "one\n");
    desk.right = desk.right && comes_to(desk.path, "one\n");
    desk.right = desk.right && rename(desk.path, desk.old) == 0;
    /* Until it is told, the journal goes on in the file that it has. */
    write_text(&desk, JOURNAL_EVENT, "two\n");
    desk.right = desk.right && comes_to(desk.old, "one\ntwo\n");
    journal_reopen(desk.journal);
    write_text(&desk, JOURNAL_EVENT, "three\n");
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
    write_text(&desk, JOURNAL_EVENT, "one\n");
    desk.right = desk.right && comes_to(desk.path, "one\n");
    desk.right = desk.right && rename(desk.path, desk.old) == 0 && mkdir(desk.path, 0700) == 0;
    journal_reopen(desk.journal);
    desk.right = desk.right && peer_eventually(has_warned, &desk);
    write_text(&desk, JOURNAL_EVENT, "two\n");
    close_desk(&desk);
    CU_ASSERT_TRUE(file_is_log_of(desk.old, "one\ntwo\n"));
    CU_ASSERT_EQUAL(strncmp(desk.warnings, "unit: ", 6), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(desk.warnings, desk.path));
    CU_ASSERT_EQUAL(rmdir(desk.path), 0);
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
struct tally {
    unsigned long lines; /* that came or are said to be missing: the number of the next one */
    unsigned long gaps, missing;
    bool right;
};

/* Takes one line: the number that follows, or a gap. */
static void count_line(struct tally *tally, const char *line)
{
    unsigned long gap = gap_of(line);
    char *rest;
    if (gap > 0) {
        tally->gaps++;
        tally->missing += gap;
        tally->lines += gap;
        return;
    }
    unsigned long number = strtoul(line, &rest, 10);
    tally->right = tally->right && *rest == ' ' && number == tally->lines;
    tally->lines++;
}

/* Takes the whole lines out of what was read, each with a stamp or without. */
static void count_lines(struct tally *tally, struct buffer *text, bool stamped)
{
    const char *end;
    size_t stamp = stamped ? STAMP_BYTES : 0;
    while (tally->right && (end = memchr(buffer_bytes(text), '\n', buffer_length(text))) != NULL) {
        char line[512] = "";
        size_t size = (size_t)(end + 1 - buffer_bytes(text));
        tally->right = size > stamp && size - stamp < sizeof line &&
                       (!stamped || is_stamped(buffer_bytes(text)));
        if (!tally->right)
            break;
        memcpy(line, buffer_bytes(text) + stamp, size - stamp);
        count_line(tally, line);
        buffer_consume(text, size);
    }
}

/* Reads a stamped log from a FIFO until so many lines are accounted for. */
static struct tally read_tally(int fifo, unsigned long lines)
{
    struct tally tally = {.right = true};
    struct buffer text = {0};
    while (tally.lines < lines && tally.right && peer_wait(fifo, POLLIN)) {
        char *room = buffer_room(&text, 4096);
        ssize_t length = room != NULL ? read(fifo, room, 4096) : 0;
        if (length <= 0)
            break;
        buffer_grew(&text, (size_t)length);
        count_lines(&tally, &text, true);
    }
    tally.right = tally.right && buffer_length(&text) == 0;
    buffer_free(&text);
    return tally;
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

enum { FLOOD_LINES = 20000 };

/* Logs "0 xxx...", "1 xxx..." and so on, now long, now short: one may fit where another does not.
 */
static void flood(struct desk *desk, int lines)
{
    char filling[128];
    memset(filling, 'x', sizeof filling - 1);
    filling[sizeof filling - 1] = '\0';
    for (int i = 0; i < lines; i++)
        journal_print(desk->journal, JOURNAL_EVENT, "%d %.*s", i, 40 + i * 31 % 80, filling);
}

/* Nobody reads the FIFO while far more is logged than it and the queue hold. */
static void overflow_is_marked(void)
{
    struct desk desk;
    int fifo = make_fifo(&desk);
    open_desk(&desk, true, false);
    flood(&desk, FLOOD_LINES);
    struct tally file = read_tally(fifo, FLOOD_LINES);
    /* Behind the gap, the log goes on. */
    journal_print(desk.journal, JOURNAL_EVENT, "%d and on", FLOOD_LINES);
    char last[128] = "";
    desk.right = desk.right && peer_wait(fifo, POLLIN) && read(fifo, last, sizeof last - 1) > 0;
    close_desk(&desk);
    close(fifo);
    CU_ASSERT_TRUE(file.right);
    CU_ASSERT_EQUAL(file.lines, FLOOD_LINES);
    CU_ASSERT_TRUE(file.gaps >= 1);
    CU_ASSERT_TRUE(file.missing > 0 && file.missing < FLOOD_LINES);
    CU_ASSERT_TRUE(is_log_of(last, "20000 and on\n"));
    /* The console is told of the same gap at the same place. */
    struct tally console = {.right = true};
    struct buffer text = {0};
    CU_ASSERT_TRUE(buffer_append_string(&text, desk.console));
    count_lines(&console, &text, false);
    buffer_free(&text);
    CU_ASSERT_TRUE(console.right);
    CU_ASSERT_EQUAL(console.lines, FLOOD_LINES + 1);
    CU_ASSERT_EQUAL(console.missing, file.missing);
    forget_desk(&desk);
}

/* A disk that hangs must not make the server hang when it stops. */
static void stopping_gives_up(void)
{
    enum { STUCK_LINES = 2000 };
    struct desk desk;
    int fifo = make_fifo(&desk);
    open_desk(&desk, true, false);
    flood(&desk, STUCK_LINES);
    int64_t start = clock_now();
    bool stopped = journal_stop(desk.journal, 50 * CLOCK_MILLISECOND);
    int64_t waited = clock_now() - start;
    /* The thread still has the journal; once it can write, it comes to its end, and so can we. */
    struct tally tally = read_tally(fifo, STUCK_LINES);
    close_desk(&desk);
    close(fifo);
    CU_ASSERT_FALSE(stopped);
    CU_ASSERT_TRUE(waited >= 50 * CLOCK_MILLISECOND && waited < LONG / 2);
    CU_ASSERT_TRUE(tally.right && tally.lines == STUCK_LINES && tally.gaps == 0);
    forget_desk(&desk);
}

/* A wait for the console to have got some text. */
struct expected_console {
    const struct capture *capture;
    const char *text;
};

static bool has_come(void *context)
{
    const struct expected_console *expected = context;
    char *text = capture_text(expected->capture);
    bool come = text != NULL && strcmp(text, expected->text) == 0;
    free(text);
    return come;
}

static bool console_comes_to(struct desk *desk, const char *text)
{
    struct expected_console expected = {&desk->out, text};
    return peer_eventually(has_come, &expected);
}

static void full_disk(void)
{
    if (access("/dev/full", W_OK) != 0)
        return; /* a system without a device that is always full */
    struct desk desk;
    make_folder(&desk);
    CU_ASSERT_EQUAL_FATAL(symlink("/dev/full", desk.path), 0);
    open_desk(&desk, true, false);
    write_text(&desk, JOURNAL_EVENT, "one\n");
    desk.right = desk.right && console_comes_to(&desk, "one\n");
    write_text(&desk, JOURNAL_EVENT, "two\nthree\n");
    desk.right = desk.right && console_comes_to(&desk, "one\ntwo\nthree\n");
    /* There is space again. */
    desk.right = desk.right && unlink(desk.path) == 0;
    journal_reopen(desk.journal);
    write_text(&desk, JOURNAL_EVENT, "four\n");
    write_text(&desk, JOURNAL_EVENT, "five\n");
    close_desk(&desk);
    CU_ASSERT_TRUE(file_is_log_of(desk.path, "*** 3 events are missing here ***\nfour\nfive\n"));
    CU_ASSERT_STRING_EQUAL(desk.console, "one\ntwo\nthree\nfour\nfive\n");
    EXPECT(strncmp(desk.warnings, "unit: ", 6) == 0 && strstr(desk.warnings, desk.path) != NULL &&
               strstr(desk.warnings, strerror(ENOSPC)) != NULL &&
               strchr(desk.warnings, '\n') == desk.warnings + strlen(desk.warnings) - 1,
           "'%s'", desk.warnings);
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
    CU_ASSERT_PTR_NULL(sink.out.memory);
    free(warnings);
    free(log);
    close(fd);
    unlink(path);
}

enum { WRITERS = 4, WRITER_LINES = 500 };

struct writer {
    struct journal *journal;
    int number;
};

static void *write_events(void *argument)
{
    struct writer *writer = argument;
    for (int i = 0; i < WRITER_LINES; i++)
        journal_print(writer->journal, JOURNAL_EVENT, "%d %d", writer->number, i);
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
        writers[started] = (struct writer){desk.journal, started};
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
    {"a log that exists is continued", appends_to_a_file},
    {"a log that cannot be opened is an error from the start", no_such_folder},
    {"a printed line is cut at 383 bytes and ends in a line end", long_print},
    {"after a rename the log goes on in a new file when told to", reopens},
    {"when that fails the old file stays in use, with a warning", reopening_may_fail},
    {"what the queue cannot hold is counted in place, and nobody waits", overflow_is_marked},
    {"stopping waits for a stuck disk no longer than it may", stopping_gives_up},
    {"a full disk is told once, and the gap marked when it has space again", full_disk},
    {"a disk that is full within a line leaves no line mixed up", full_within_a_line},
    {"events of many threads come whole, each thread's in order", writers_at_once},
};

void add_journal_suite(void)
{
    SUITE_ADD("journal", tests);
}
