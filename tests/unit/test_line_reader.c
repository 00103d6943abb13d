#include "suites.h"

#include "net/line_reader.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(table) (sizeof table / sizeof *table)

/*
 * What a reader tells is written down as text: "[line]" for a line, "!" for one that is too
 * long, "(rest)" for what came behind the last line end.
 */

static void note(struct buffer *told, char open, const char *bytes, size_t length, char close)
{
    if (!buffer_append(told, &open, 1) || !buffer_append(told, bytes, length) ||
        !buffer_append(told, &close, 1))
        abort();
}

static void feed(struct line_reader *reader, const char *bytes, size_t length)
{
    char *room = line_reader_room(reader, length);
    if (room == NULL)
        abort();
    memcpy(room, bytes, length);
    line_reader_grew(reader, length);
}

/* Takes out all there is. */
static void take(struct line_reader *reader, struct buffer *told)
{
    struct line line;
    for (;;) {
        switch (line_reader_next(reader, &line)) {
        case LINE_READY:
            note(told, '[', line.bytes, line.length, ']');
            break;
        case LINE_TOO_LONG:
            buffer_append_string(told, "!");
            break;
        case LINE_UNFINISHED:
            return;
        }
    }
}

/* The stream ends. */
static void finish(struct line_reader *reader, struct buffer *told)
{
    struct line line;
    if (line_reader_rest(reader, &line))
        note(told, '(', line.bytes, line.length, ')');
    line_reader_free(reader);
}

/* Reads a stream that is cut behind byte i where bit i of `cuts` is set. */
static void read_cut(const char *bytes, size_t length, size_t max_line, unsigned long cuts,
                     struct buffer *told)
{
    struct line_reader reader;
    line_reader_init(&reader, max_line);
    size_t start = 0;
    for (size_t i = 0; i < length; i++) {
        if (i + 1 < length && (cuts >> i & 1) == 0)
            continue;
        feed(&reader, bytes + start, i + 1 - start);
        take(&reader, told);
        start = i + 1;
    }
    finish(&reader, told);
}

/* The same from the whole stream at once, as plainly as it can be said. */
static void read_plainly(const char *bytes, size_t length, size_t max_line, struct buffer *told)
{
    size_t start = 0;
    size_t i = 0;
    while (i < length) {
        size_t end = i;
        size_t behind = 0;
        if (bytes[i] == '\0' && i == start) {
            start = ++i;
            continue;
        }
        if (bytes[i] == '\n')
            behind = i + 1;
        else if (bytes[i] == '\r' && i + 1 < length && bytes[i + 1] == '\n')
            behind = i + 2;
        else if (bytes[i] == '\r' && i + 1 < length && bytes[i + 1] == '\0')
            behind = i + 2 < length && bytes[i + 2] == '\n' ? i + 3 : i + 2;
        if (behind == 0) {
            i++;
            continue;
        }
        if (end - start > max_line)
            buffer_append_string(told, "!");
        else
            note(told, '[', bytes + start, end - start, ']');
        start = i = behind;
    }
    size_t rest = length - start;
    if (rest > 0 && bytes[length - 1] == '\r')
        rest--;
    if (rest > max_line)
        buffer_append_string(told, "!");
    else if (rest > 0)
        note(told, '(', bytes + start, rest, ')');
}

static bool same(const struct buffer *left, const struct buffer *right)
{
    return buffer_length(left) == buffer_length(right) &&
           memcmp(buffer_bytes(left), buffer_bytes(right), buffer_length(left)) == 0;
}

/* A stream in words for a failure. */
static const char *spell(const char *bytes, size_t length)
{
    static char words[256];
    size_t used = 0;
    for (size_t i = 0; i < length && used + 4 < sizeof words; i++) {
        const char *word = bytes[i] == '\r' ? "CR " : bytes[i] == '\n' ? "LF " : "NUL ";
        if (bytes[i] != '\r' && bytes[i] != '\n' && bytes[i] != '\0') {
            words[used++] = bytes[i];
            continue;
        }
        memcpy(words + used, word, strlen(word));
        used += strlen(word);
    }
    words[used] = '\0';
    return words;
}

/* Every cut of one stream tells the same. */
static bool cuts_do_not_matter(const char *bytes, size_t length, size_t max_line)
{
    struct buffer plain = {0};
    bool right = true;
    read_plainly(bytes, length, max_line, &plain);
    for (unsigned long cuts = 0; cuts < 1UL << (length - 1) && right; cuts++) {
        struct buffer told = {0};
        read_cut(bytes, length, max_line, cuts, &told);
        right = same(&plain, &told);
        if (!right)
            EXPECT(false, "%s, at most %zu, cut at %lx: %.*s instead of %.*s", spell(bytes, length),
                   max_line, cuts, (int)buffer_length(&told), buffer_bytes(&told),
                   (int)buffer_length(&plain), buffer_bytes(&plain));
        buffer_free(&told);
    }
    buffer_free(&plain);
    return right;
}

/* Every stream of up to six bytes that matter. */
static void every_short_stream(void)
{
    static const char alphabet[] = {'a', '\r', '\n', '\0'};
    for (size_t length = 1; length <= 6; length++) {
        for (unsigned word = 0; word < 1U << 2 * length; word++) {
            char bytes[6];
            for (size_t i = 0; i < length; i++)
                bytes[i] = alphabet[word >> 2 * i & 3];
            if (!cuts_do_not_matter(bytes, length, 2) || !cuts_do_not_matter(bytes, length, 1) ||
                !cuts_do_not_matter(bytes, length, 100))
                return;
        }
    }
    CU_PASS("every stream told the same");
}

static void longer_streams(void)
{
    static const struct {
        const char *bytes;
        size_t length;
    } rows[] = {
        {"one\ntwo\r\nxy\r", 12},  {"a\r\0\nb\r\0c\r\n", 10}, {"toolong\r\nok\n", 12},
        {"toolong\r\0\nok\n", 13}, {"\r\0\r\0\n\n\r\nx", 9},  {"abcd\r\nabcde\r", 12},
        {"x\r\r\0\r\r\n\0\n", 9},  {"\0\0\0\0\0\0\n\0", 8},   {"abcde\r\r\r\n\r\0", 11},
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        for (size_t max_line = 1; max_line < 6; max_line++)
            CU_ASSERT_TRUE(cuts_do_not_matter(rows[i].bytes, rows[i].length, max_line));
}

/* Whether a stream, read in one piece and byte by byte, tells `expected`. */
static bool tells(const char *bytes, size_t length, size_t max_line, const char *expected)
{
    struct buffer whole = {0};
    struct buffer bytewise = {0};
    read_cut(bytes, length, max_line, 0, &whole);
    read_cut(bytes, length, max_line, ~0UL, &bytewise);
    bool right = buffer_length(&whole) == strlen(expected) &&
                 memcmp(buffer_bytes(&whole), expected, strlen(expected)) == 0 &&
                 same(&whole, &bytewise);
    buffer_free(&whole);
    buffer_free(&bytewise);
    return right;
}

static void line_end_forms(void)
{
    CU_ASSERT_TRUE(tells("a\nb\n", 4, 9, "[a][b]"));
    CU_ASSERT_TRUE(tells("a\r\nb\r\n", 6, 9, "[a][b]"));
    CU_ASSERT_TRUE(tells("a\r\0b\r\0", 6, 9, "[a][b]"));
    CU_ASSERT_TRUE(tells("a\r\0\nb\r\0\n", 8, 9, "[a][b]"));
    CU_ASSERT_TRUE(tells("a\r\0\n\nb\n", 7, 9, "[a][][b]"));
    CU_ASSERT_TRUE(tells("\n\r\n\r\0", 5, 9, "[][][]"));
    CU_ASSERT_TRUE(tells("a\rb\n", 4, 9, "[a\rb]"));
    CU_ASSERT_TRUE(tells("a\r\r\n", 4, 9, "[a\r]"));
    CU_ASSERT_TRUE(tells("a\n\0b\r\n\0\0c\n\0", 11, 9, "[a][b][c]"));
    CU_ASSERT_TRUE(tells("", 0, 9, ""));
}

static void limit_is_exact(void)
{
    static const char *const ends[] = {"\n", "\r\n"};
    for (size_t i = 0; i < ROWS(ends); i++) {
        char stream[32];
        strcat(strcat(strcpy(stream, "12345"), ends[i]), "6\n");
        CU_ASSERT_TRUE(tells(stream, strlen(stream), 5, "[12345][6]"));
        CU_ASSERT_TRUE(tells(stream, strlen(stream), 4, "![6]"));
    }
    CU_ASSERT_TRUE(tells("12345\r\0"
                         "6\n",
                         9, 5, "[12345][6]"));
    CU_ASSERT_TRUE(tells("12345\r\0\n"
                         "6\n",
                         10, 5, "[12345][6]"));
    CU_ASSERT_TRUE(tells("12345\r\0"
                         "6\n",
                         9, 4, "![6]"));
    CU_ASSERT_TRUE(tells("12345\r\0\n"
                         "6\n",
                         10, 4, "![6]"));
    CU_ASSERT_TRUE(tells("12345", 5, 5, "(12345)"));
    CU_ASSERT_TRUE(tells("12345\r", 6, 5, "(12345)"));
    CU_ASSERT_TRUE(tells("12345", 5, 4, "!"));
}

static void too_long_is_told_once(void)
{
    struct line_reader reader;
    struct buffer told = {0};
    line_reader_init(&reader, 10);
    for (int i = 0; i < 1000; i++) {
        feed(&reader, "too long for that", 17);
        take(&reader, &told);
    }
    feed(&reader, "\nfine\n", 6);
    take(&reader, &told);
    feed(&reader, "too long for that again\nfine\n", 29);
    take(&reader, &told);
    finish(&reader, &told);
    CU_ASSERT_EQUAL(buffer_length(&told), 14);
    CU_ASSERT_NSTRING_EQUAL(buffer_bytes(&told), "![fine]![fine]", 14);
    buffer_free(&told);
}

/* Whether part of a line is held or being skipped. */
static bool holds_part(const struct line_reader *reader)
{
    return reader->discarding || buffer_length(&reader->input) > 0;
}

static void endless_line_is_bounded(void)
{
    static const char *const endless[] = {"x", "\r", "\0", "\r\r\0x", "ab\0c"};
    for (size_t i = 0; i < ROWS(endless); i++) {
        enum { PIECE = 1000, MAX_LINE = 4096 };
        struct line_reader reader;
        struct buffer told = {0};
        char piece[PIECE];
        size_t most = 0;
        for (size_t j = 0; j < PIECE; j++)
            piece[j] = i == 3 ? '\r' : endless[i][j % (i == 4 ? 4 : 1)];
        line_reader_init(&reader, MAX_LINE);
        for (int j = 0; j < 4000; j++) {
            feed(&reader, piece, PIECE);
            take(&reader, &told);
            if (reader.input.capacity > most)
                most = reader.input.capacity;
        }
        EXPECT(most <= 4 * (MAX_LINE + PIECE), "%zu bytes held of stream %zu", most, i);
        size_t times = i == 2 ? 0 : 1; /* NULs before a line are nothing, however many there are */
        EXPECT(buffer_length(&told) == times, "told %zu times", buffer_length(&told));
        line_reader_relax(&reader);
        EXPECT(reader.input.capacity <= 1024, "%zu bytes kept of stream %zu", reader.input.capacity,
               i);
        buffer_free(&told);
        line_reader_free(&reader);
    }
}

static void idle_owns_nothing(void)
{
    struct line_reader reader;
    struct buffer told = {0};
    line_reader_init(&reader, 4096);
    feed(&reader, "whole\r\n", 7);
    take(&reader, &told);
    line_reader_relax(&reader);
    CU_ASSERT_PTR_NULL(reader.input.memory);
    CU_ASSERT_FALSE(holds_part(&reader));
    feed(&reader, "part", 4);
    take(&reader, &told);
    line_reader_relax(&reader);
    CU_ASSERT_TRUE(holds_part(&reader));
    feed(&reader, "ner\n", 4);
    take(&reader, &told);
    CU_ASSERT_NSTRING_EQUAL(buffer_bytes(&told), "[whole][partner]", 16);
    buffer_free(&told);
    line_reader_free(&reader);
}

static void knows_mid_line(void)
{
    struct line_reader reader;
    struct buffer told = {0};
    line_reader_init(&reader, 3);
    feed(&reader, "long line", 9);
    take(&reader, &told);
    CU_ASSERT_TRUE(holds_part(&reader));
    feed(&reader, "\n", 1);
    take(&reader, &told);
    CU_ASSERT_FALSE(holds_part(&reader));
    feed(&reader, "a\r", 2);
    take(&reader, &told);
    CU_ASSERT_TRUE(holds_part(&reader));
    feed(&reader, "\0", 1);
    take(&reader, &told);
    CU_ASSERT_FALSE(holds_part(&reader));
    buffer_free(&told);
    line_reader_free(&reader);
}

/* Asks first, at every step of every cut of a stream; returns the first that was wrong, or -1. */
static long wrong_announcement(const char *bytes, size_t length, size_t max_line)
{
    for (unsigned long cuts = 0; cuts < 1UL << (length - 1); cuts++) {
        struct line_reader reader;
        struct line line;
        size_t start = 0;
        bool right = true;
        line_reader_init(&reader, max_line);
        for (size_t i = 0; i < length && right; i++) {
            if (i + 1 < length && (cuts >> i & 1) == 0)
                continue;
            feed(&reader, bytes + start, i + 1 - start);
            start = i + 1;
            bool announced = true;
            while (right && announced) {
                announced = line_reader_has_next(&reader);
                right = (line_reader_next(&reader, &line) != LINE_UNFINISHED) == announced;
            }
        }
        line_reader_free(&reader);
        if (!right)
            return (long)cuts;
    }
    return -1;
}

static void announces_lines(void)
{
    static const struct {
        const char *bytes;
        size_t length;
    } rows[] = {{"a\nb\r\n", 5}, {"a\r\0\nb\r\0", 7}, {"ab\r\r\n", 5}, {"\n\n\r\0", 4}};
    for (size_t i = 0; i < ROWS(rows); i++)
        EXPECT(wrong_announcement(rows[i].bytes, rows[i].length, 9) < 0, "row %zu", i);
}

/* The end of a line that was told to be too long is nothing to tell. */
static void announces_long_lines(void)
{
    static const struct {
        const char *bytes;
        size_t length;
    } rows[] = {{"abcd\nx\n", 7}, {"abcd\r\0\nx", 8}, {"abcd\r\n", 6}};
    for (size_t i = 0; i < ROWS(rows); i++) {
        long cuts = wrong_announcement(rows[i].bytes, rows[i].length, 2);
        EXPECT(cuts < 0, "row %zu, cut at %lx", i, (unsigned long)cuts);
    }
}

/* A line in many pieces must not be searched from its beginning each time. */
static void long_lines_are_searched_once(void)
{
    enum { LENGTH = 1024 * 1024 };
    struct line_reader reader;
    struct line line;
    bool right = true;
    line_reader_init(&reader, LENGTH);
    for (int i = 0; i < LENGTH; i++) {
        feed(&reader, "y", 1);
        right = right && line_reader_next(&reader, &line) == LINE_UNFINISHED;
    }
    feed(&reader, "\n", 1);
    CU_ASSERT_TRUE(right);
    CU_ASSERT_EQUAL(line_reader_next(&reader, &line), LINE_READY);
    CU_ASSERT_EQUAL(line.length, LENGTH);
    line_reader_free(&reader);
}

static const struct test tests[] = {
    {"LF, CR LF, CR NUL and CR NUL LF end a line, and a lone CR does not", line_end_forms},
    {"every cut of every short stream gives the same lines", every_short_stream},
    {"every cut of longer streams does too", longer_streams},
    {"a line of exactly max_line bytes passes, one byte more does not", limit_is_exact},
    {"a line that is too long is told once, and the next one is read", too_long_is_told_once},
    {"a line without end takes bounded memory", endless_line_is_bounded},
    {"a reader between two lines owns no memory", idle_owns_nothing},
    {"part of a line, held or skipped, is known", knows_mid_line},
    {"a line is announced exactly when there is one", announces_lines},
    {"the end of a line that was too long is not announced as a line", announces_long_lines},
    {"a long line byte by byte is searched only once", long_lines_are_searched_once},
};

void add_line_reader_suite(void)
{
    SUITE_ADD("line_reader", tests);
}
