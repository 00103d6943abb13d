/*
 * Batches, and the seam of formats: JSON lines exist in this file alone, and need nothing else.
 */
#include "suites.h"

#include "chat/batch.h"
#include "net/encoding.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

enum { ALICE = 1, BOB, CAROL };

/* How much the message at an index counts as. */
static size_t bytes_of(const struct batch *batch, size_t index)
{
    const struct message message = batch_message(batch, index);
    return message_bytes(&message);
}

static const char *const names[] = {"", "Alice", "Bob", "Carol"};

/*
 * Formats.
 */

static int calls;    /* of all formats in here */
static int shortage; /* so many of the next messages find no memory */

static bool append_string(struct buffer *out, const char *key, struct words words)
{
    bool whole = buffer_format(out, ",\"%s\":\"", key);
    for (size_t i = 0; i < words.length && whole; i++) {
        char byte = words.bytes[i];
        whole = (byte != '"' && byte != '\\') || buffer_append(out, "\\", 1);
        whole = whole && buffer_append(out, &byte, 1);
    }
    return whole && buffer_append(out, "\"", 1);
}

static bool render_json(const struct message *message, struct buffer *out)
{
    static const char *const kinds[] = {
        [MESSAGE_SAY] = "say",         [MESSAGE_ACT] = "act",        [MESSAGE_TELL] = "tell",
        [MESSAGE_JOIN] = "join",       [MESSAGE_LEAVE] = "leave",    [MESSAGE_RENAME] = "rename",
        [MESSAGE_SUMMARY] = "summary", [MESSAGE_WELCOME] = "welcome"};
    calls++;
    return buffer_format(out, "{\"%s\":%d", kinds[message->kind], (int)message->author) &&
           append_string(out, "name", message->name) && append_string(out, "text", message->text) &&
           buffer_append_string(out, "}\n");
}

static bool render_line(const struct message *message, struct buffer *out)
{
    calls++;
    return format_lines.render(message, out);
}

/* Leaves a part of a message behind when there is a shortage, as formats may. */
static bool render_scarce(const struct message *message, struct buffer *out)
{
    calls++;
    if (shortage > 0) {
        shortage--;
        buffer_append_string(out, "a part of ");
        return false;
    }
    return format_lines.render(message, out);
}

static const struct format json = {render_json};
static const struct format lines = {render_line};
static const struct format scarce = {render_scarce};

/*
 * Batches.
 */

static void begin(struct batch *batch, uint64_t number, uint64_t first)
{
    *batch = (struct batch){.number = 0};
    batch_begin(batch, number, first);
}

static void add(struct batch *batch, enum message_kind kind, uint64_t author, const char *text)
{
    struct message message = {
        .kind = kind, .author = author, .name = words_of(names[author]), .text = words_of(text)};
    CU_ASSERT_TRUE_FATAL(batch_add(batch, &message));
}

static void say(struct batch *batch, uint64_t author, const char *text)
{
    add(batch, MESSAGE_SAY, author, text);
}

static bool words_are(struct words words, const char *expected)
{
    return words.length == strlen(expected) && memcmp(words.bytes, expected, words.length) == 0;
}

/* Whether a format has some of a batch's messages like this; asks for the rendering. */
static bool part_reads(struct batch *batch, const struct format *format, struct batch_range range,
                       const char *expected)
{
    const struct rendering *rendering = batch_render(batch, format, NULL);
    if (rendering == NULL)
        return false;
    struct words words;
    words.bytes = rendering_bytes(rendering, range, &words.length);
    return words_are(words, expected);
}

static bool reads(struct batch *batch, const struct format *format, const char *expected)
{
    return part_reads(batch, format, batch_all(batch), expected);
}

/* Whether that is what plain lines have for a user. */
static bool is_for(struct batch *batch, uint64_t user, struct batch_range range,
                   const char *expected)
{
    struct buffer out = {0};
    const struct batch_reader reader = {user, NULL};
    const struct rendering *rendering = batch_render(batch, &lines, NULL);
    bool right = rendering != NULL && batch_gather(batch, rendering, range, &reader, &out);
    struct words words = {buffer_bytes(&out), buffer_length(&out)};
    right = right && words_are(words, expected);
    buffer_free(&out);
    return right;
}

static void messages_come_back(void)
{
    struct batch batch;
    begin(&batch, 1, 1);
    char text[] = "hi";
    say(&batch, ALICE, text);
    strcpy(text, "no");
    add(&batch, MESSAGE_JOIN, BOB, "");
    const struct message summary = {.kind = MESSAGE_SUMMARY,
                                    .counts = {.joined = 2, .left = 1, .here = 3}};
    CU_ASSERT_TRUE(batch_add(&batch, &summary));
    CU_ASSERT_EQUAL(batch.count, 3);
    struct message first = batch_message(&batch, 0);
    struct message second = batch_message(&batch, 1);
    struct message third = batch_message(&batch, 2);
    CU_ASSERT_EQUAL(first.kind, MESSAGE_SAY);
    CU_ASSERT_EQUAL(first.author, ALICE);
    CU_ASSERT_TRUE(words_are(first.name, "Alice") && words_are(first.text, "hi"));
    CU_ASSERT_EQUAL(second.kind, MESSAGE_JOIN);
    CU_ASSERT_EQUAL(second.author, BOB);
    CU_ASSERT_TRUE(words_are(second.name, "Bob") && words_are(second.text, ""));
    CU_ASSERT_EQUAL(third.kind, MESSAGE_SUMMARY);
    CU_ASSERT_EQUAL(third.author, 0);
    CU_ASSERT_TRUE(words_are(third.name, "") && words_are(third.text, ""));
    CU_ASSERT_EQUAL(third.counts.joined, 2);
    CU_ASSERT_EQUAL(third.counts.left, 1);
    CU_ASSERT_EQUAL(third.counts.here, 3);
    CU_ASSERT_EQUAL(first.counts.joined + second.counts.here, 0);
    CU_ASSERT_EQUAL(bytes_of(&batch, 0), 7 + MESSAGE_FRAME_BYTES);
    CU_ASSERT_EQUAL(bytes_of(&batch, 1), 3 + MESSAGE_FRAME_BYTES);
    CU_ASSERT_EQUAL(bytes_of(&batch, 2), MESSAGE_FRAME_BYTES);
    batch_free(&batch);
}

static void each_format_has_its_own(void)
{
    struct batch batch;
    begin(&batch, 1, 1);
    say(&batch, ALICE, "\"hi\"");
    add(&batch, MESSAGE_RENAME, BOB, "Rob");
    add(&batch, MESSAGE_ACT, CAROL, "waves");
    static const char as_lines[] =
        "Alice: \"hi\"\n*** Bob is now known as Rob ***\n* Carol waves\n";
    static const char as_json[] = "{\"say\":1,\"name\":\"Alice\",\"text\":\"\\\"hi\\\"\"}\n"
                                  "{\"rename\":2,\"name\":\"Bob\",\"text\":\"Rob\"}\n"
                                  "{\"act\":3,\"name\":\"Carol\",\"text\":\"waves\"}\n";
    CU_ASSERT_TRUE(reads(&batch, &lines, as_lines));
    CU_ASSERT_TRUE(reads(&batch, &json, as_json));
    CU_ASSERT_TRUE(reads(&batch, &lines, as_lines));
    /* In the other order, too: no format is the first by nature. */
    batch_begin(&batch, 2, 4);
    say(&batch, BOB, "hello");
    CU_ASSERT_TRUE(reads(&batch, &json, "{\"say\":2,\"name\":\"Bob\",\"text\":\"hello\"}\n"));
    CU_ASSERT_TRUE(reads(&batch, &lines, "Bob: hello\n"));
    batch_free(&batch);
}

static void renderings_are_made_once(void)
{
    enum { MESSAGES = 50, MEMBERS = 100 };
    struct batch batch;
    begin(&batch, 1, 1);
    for (int i = 0; i < MESSAGES; i++)
        say(&batch, ALICE, "hi");
    calls = 0;
    const struct rendering *line = batch_render(&batch, &lines, NULL);
    const struct rendering *object = batch_render(&batch, &json, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    CU_ASSERT_PTR_NOT_NULL_FATAL(object);
    CU_ASSERT_EQUAL(calls, 2 * MESSAGES);
    size_t length;
    const char *line_bytes = rendering_bytes(line, batch_all(&batch), &length);
    const char *object_bytes = rendering_bytes(object, batch_all(&batch), &length);
    CU_ASSERT_PTR_NOT_EQUAL(line_bytes, object_bytes);
    for (int i = 0; i < MEMBERS; i++) {
        bool has_lines = i % 3 != 0;
        const struct rendering *again = batch_render(&batch, has_lines ? &lines : &json, NULL);
        CU_ASSERT_PTR_EQUAL_FATAL(again, has_lines ? line : object);
        CU_ASSERT_PTR_EQUAL(rendering_bytes(again, batch_all(&batch), &length),
                            has_lines ? line_bytes : object_bytes);
    }
    CU_ASSERT_EQUAL(calls, 2 * MESSAGES);
    batch_free(&batch);
}

static void what_is_added_is_rendered_alone(void)
{
    enum { MESSAGES = 300 };
    struct batch batch;
    begin(&batch, 1, 1);
    CU_ASSERT_TRUE(reads(&batch, &lines, ""));
    calls = 0;
    char expected[MESSAGES * 24] = "";
    for (int i = 0; i < MESSAGES; i++) {
        char text[12];
        snprintf(text, sizeof text, "%d", i);
        say(&batch, BOB, text);
        snprintf(expected + strlen(expected), 24, "Bob: %s\n", text);
        if (i % 7 == 0)
            EXPECT(reads(&batch, &lines, expected), "message %d", i);
    }
    CU_ASSERT_TRUE(reads(&batch, &lines, expected));
    CU_ASSERT_EQUAL(calls, MESSAGES);
    /* A format that comes late renders all of it, and no other does. */
    CU_ASSERT_PTR_NOT_NULL(batch_render(&batch, &json, NULL));
    CU_ASSERT_EQUAL(calls, 2 * MESSAGES);
    batch_free(&batch);
}

static void truncation_takes_messages_out(void)
{
    struct batch batch;
    begin(&batch, 1, 1);
    say(&batch, ALICE, "one");
    say(&batch, BOB, "two");
    CU_ASSERT_TRUE(reads(&batch, &json,
                         "{\"say\":1,\"name\":\"Alice\",\"text\":\"one\"}\n"
                         "{\"say\":2,\"name\":\"Bob\",\"text\":\"two\"}\n"));
    say(&batch, CAROL, "three");
    say(&batch, CAROL, "four");
    CU_ASSERT_TRUE(reads(&batch, &lines, "Alice: one\nBob: two\nCarol: three\nCarol: four\n"));
    /* JSON lines have two messages now, and plain lines have four. */
    batch_truncate(&batch, 3);
    CU_ASSERT_EQUAL(batch.count, 3);
    CU_ASSERT_EQUAL(batch_bytes(&batch), 8 + 6 + 10 + 3 * MESSAGE_FRAME_BYTES);
    CU_ASSERT_TRUE(reads(&batch, &lines, "Alice: one\nBob: two\nCarol: three\n"));
    batch_truncate(&batch, 1);
    say(&batch, BOB, "five");
    CU_ASSERT_TRUE(reads(&batch, &lines, "Alice: one\nBob: five\n"));
    CU_ASSERT_TRUE(reads(&batch, &json,
                         "{\"say\":1,\"name\":\"Alice\",\"text\":\"one\"}\n"
                         "{\"say\":2,\"name\":\"Bob\",\"text\":\"five\"}\n"));
    batch_truncate(&batch, 2);
    CU_ASSERT_TRUE(reads(&batch, &lines, "Alice: one\nBob: five\n"));
    batch_truncate(&batch, 0);
    CU_ASSERT_EQUAL(batch_bytes(&batch), 0);
    CU_ASSERT_TRUE(reads(&batch, &lines, "") && reads(&batch, &json, ""));
    say(&batch, CAROL, "six");
    CU_ASSERT_TRUE(reads(&batch, &lines, "Carol: six\n"));
    batch_free(&batch);
}

static void since_is_kept_to_the_message(void)
{
    static const struct {
        uint64_t since;
        size_t begin;
    } rows[] = {{0, 0},   {1, 0},   {99, 0},  {100, 0},       {101, 1},
                {102, 2}, {103, 3}, {104, 3}, {UINT64_MAX, 3}};
    struct batch batch;
    begin(&batch, 9, 100);
    say(&batch, ALICE, "one");
    say(&batch, ALICE, "two");
    say(&batch, ALICE, "three");
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct batch_range range = batch_since(&batch, rows[row].since);
        EXPECT(range.begin == rows[row].begin && range.end == 3, "row %zu: %zu to %zu", row,
               range.begin, range.end);
        static const char *const rest[] = {"Alice: one\nAlice: two\nAlice: three\n",
                                           "Alice: two\nAlice: three\n", "Alice: three\n", ""};
        EXPECT(part_reads(&batch, &lines, range, rest[rows[row].begin]), "row %zu", row);
    }
    batch_free(&batch);
}

static void any_part_is_cut_at_messages(void)
{
    static const char *const texts[] = {"Alice: one\n", "* Bob waves\n", "Carol: \n"};
    struct batch batch;
    begin(&batch, 1, 1);
    say(&batch, ALICE, "one");
    add(&batch, MESSAGE_ACT, BOB, "waves");
    say(&batch, CAROL, "");
    for (size_t from = 0; from <= 3; from++) {
        char expected[64] = "";
        for (size_t to = from; to <= 3; to++) {
            EXPECT(part_reads(&batch, &lines, (struct batch_range){from, to}, expected),
                   "%zu to %zu", from, to);
            if (to < 3)
                strcat(expected, texts[to]);
        }
    }
    batch_free(&batch);
}

static void own_words_are_left_out_anywhere(void)
{
    static const struct {
        const int authors[4];
        const char *rest; /* for Alice */
    } rows[] = {
        {{ALICE, ALICE, ALICE, ALICE}, ""},
        {{ALICE, BOB, BOB, BOB}, "Bob: 1\nBob: 2\nBob: 3\n"},
        {{BOB, BOB, BOB, ALICE}, "Bob: 0\nBob: 1\nBob: 2\n"},
        {{BOB, ALICE, ALICE, BOB}, "Bob: 0\nBob: 3\n"},
        {{ALICE, BOB, ALICE, BOB}, "Bob: 1\nBob: 3\n"},
        {{BOB, ALICE, CAROL, ALICE}, "Bob: 0\nCarol: 2\n"},
        {{ALICE, CAROL, BOB, ALICE}, "Carol: 1\nBob: 2\n"},
        {{BOB, CAROL, BOB, CAROL}, "Bob: 0\nCarol: 1\nBob: 2\nCarol: 3\n"},
    };
    static const char *const texts[] = {"0", "1", "2", "3"};
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct batch batch;
        begin(&batch, 1, 1);
        for (int i = 0; i < 4; i++)
            say(&batch, (uint64_t)rows[row].authors[i], texts[i]);
        EXPECT(is_for(&batch, ALICE, batch_all(&batch), rows[row].rest), "row %zu", row);
        batch_free(&batch);
    }
}

static void only_own_words_are_left_out(void)
{
    struct batch batch;
    begin(&batch, 1, 50);
    add(&batch, MESSAGE_JOIN, ALICE, "");
    say(&batch, ALICE, "hi");
    add(&batch, MESSAGE_RENAME, ALICE, "Alison");
    add(&batch, MESSAGE_ACT, ALICE, "waves");
    add(&batch, MESSAGE_SUMMARY, 0, "");
    add(&batch, MESSAGE_LEAVE, ALICE, "");
    CU_ASSERT_TRUE(
        is_for(&batch, ALICE, batch_all(&batch),
               "*** Alice has joined the chat ***\n*** Alice is now known as Alison ***\n"
               "*** 0 joined, 0 left; 0 here ***\n*** Alice has left the chat ***\n"));
    /* A range that begins and ends in the middle of them. */
    CU_ASSERT_TRUE(is_for(&batch, ALICE, (struct batch_range){1, 4},
                          "*** Alice is now known as Alison ***\n"));
    CU_ASSERT_TRUE(is_for(&batch, ALICE, batch_since(&batch, 53),
                          "*** 0 joined, 0 left; 0 here ***\n"
                          "*** Alice has left the chat ***\n"));
    CU_ASSERT_TRUE(is_for(&batch, ALICE, batch_since(&batch, 56), ""));
    CU_ASSERT_TRUE(is_for(&batch, BOB, (struct batch_range){1, 2}, "Alice: hi\n"));
    batch_free(&batch);
}

static void parts_of_others_are_appended(void)
{
    struct batch batch;
    struct batch other;
    begin(&batch, 1, 1);
    begin(&other, 0, 0);
    say(&other, ALICE, "one");
    add(&other, MESSAGE_ACT, BOB, "waves");
    say(&other, CAROL, "three");
    say(&batch, BOB, "first");
    CU_ASSERT_TRUE(reads(&batch, &lines, "Bob: first\n"));
    CU_ASSERT_TRUE(batch_append(&batch, &other, (struct batch_range){1, 3}));
    CU_ASSERT_TRUE(batch_append(&batch, &other, (struct batch_range){0, 0}));
    CU_ASSERT_TRUE(batch_append(&batch, &other, (struct batch_range){3, 3}));
    CU_ASSERT_TRUE(batch_append(&batch, &other, (struct batch_range){0, 1}));
    batch_free(&other);
    say(&batch, CAROL, "last");
    static const char expected[] =
        "Bob: first\n* Bob waves\nCarol: three\nAlice: one\nCarol: last\n";
    CU_ASSERT_TRUE(reads(&batch, &lines, expected));
    CU_ASSERT_EQUAL(batch.count, 5);
    CU_ASSERT_EQUAL(batch_message(&batch, 3).author, ALICE);
    CU_ASSERT_EQUAL(bytes_of(&batch, 3), 8 + MESSAGE_FRAME_BYTES);
    /* They are the batch's own now, and one's own words as well. */
    CU_ASSERT_TRUE(
        is_for(&batch, BOB, batch_all(&batch), "Carol: three\nAlice: one\nCarol: last\n"));
    batch_free(&batch);
}

static void a_shortage_loses_nothing(void)
{
    struct batch batch;
    begin(&batch, 1, 1);
    say(&batch, ALICE, "one");
    say(&batch, BOB, "two");
    CU_ASSERT_TRUE(reads(&batch, &scarce, "Alice: one\nBob: two\n"));
    say(&batch, CAROL, "three");
    say(&batch, CAROL, "four");
    shortage = 2;
    calls = 0;
    CU_ASSERT_PTR_NULL(batch_render(&batch, &scarce, NULL));
    CU_ASSERT_PTR_NULL(batch_render(&batch, &scarce, NULL));
    CU_ASSERT_EQUAL(calls, 2);
    /* What there was is as it was, other formats do not care, and nothing is there twice. */
    CU_ASSERT_TRUE(reads(&batch, &lines, "Alice: one\nBob: two\nCarol: three\nCarol: four\n"));
    calls = 0;
    CU_ASSERT_TRUE(reads(&batch, &scarce, "Alice: one\nBob: two\nCarol: three\nCarol: four\n"));
    CU_ASSERT_EQUAL(calls, 2);
    batch_free(&batch);
}

static void begins_anew(void)
{
    struct batch batch;
    begin(&batch, 1, 10);
    CU_ASSERT_EQUAL(batch.number, 1);
    CU_ASSERT_EQUAL(batch.first, 10);
    for (int formats = 1; formats <= 2; formats++) {
        say(&batch, ALICE, "old");
        batch.presence = true;
        CU_ASSERT_TRUE(reads(&batch, &lines, "Alice: old\n"));
        if (formats == 2)
            CU_ASSERT_PTR_NOT_NULL(batch_render(&batch, &json, NULL));
        batch_begin(&batch, 7, 20);
        CU_ASSERT_EQUAL(batch.count, 0);
        CU_ASSERT_EQUAL(batch.number, 7);
        CU_ASSERT_EQUAL(batch.first, 20);
        CU_ASSERT_FALSE(batch.presence);
        CU_ASSERT_TRUE(reads(&batch, &lines, ""));
        CU_ASSERT_TRUE(reads(&batch, &json, ""));
        batch_begin(&batch, 8, 20);
    }
    CU_ASSERT_TRUE(part_reads(&batch, &lines, batch_since(&batch, 20), ""));
    CU_ASSERT_TRUE(part_reads(&batch, &lines, batch_since(&batch, 21), ""));
    batch_free(&batch);
    batch_free(&batch);
}

/* How much memory a batch holds besides its own. */
static size_t held(const struct batch *batch)
{
    size_t bytes = batch->memory.capacity + batch->capacity * sizeof(uint64_t);
    const struct rendering *rendering = batch->renderings;
    for (; rendering != NULL; rendering = rendering->next)
        bytes += rendering->bytes.capacity + rendering->capacity * sizeof *rendering->ends;
    return bytes;
}

static void big_batches_give_back_memory(void)
{
    enum { LONG_BYTES = 60 * 1024, MANY = 10000 };
    static char text[LONG_BYTES + 1];
    memset(text, 'x', LONG_BYTES);
    struct batch batch;
    begin(&batch, 1, 1);
    say(&batch, ALICE, text);
    CU_ASSERT_PTR_NOT_NULL(batch_render(&batch, &lines, NULL));
    CU_ASSERT_TRUE(held(&batch) >= (size_t)2 * LONG_BYTES);
    batch_begin(&batch, 2, 2);
    CU_ASSERT_TRUE(held(&batch) <= (size_t)32 * 1024);
    /* Very many short messages as well. */
    for (int i = 0; i < MANY; i++)
        add(&batch, MESSAGE_SUMMARY, 0, "");
    CU_ASSERT_PTR_NOT_NULL(batch_render(&batch, &lines, NULL));
    CU_ASSERT_TRUE(held(&batch) >= (size_t)2 * MANY * sizeof(uint64_t));
    batch_begin(&batch, 3, 2 + MANY);
    CU_ASSERT_TRUE(held(&batch) <= (size_t)32 * 1024);
    batch_free(&batch);
    CU_ASSERT_EQUAL(held(&batch), 0);
}

/* Else each line of a quiet room would have it allocated again. */
static void small_batches_keep_memory(void)
{
    struct batch batch;
    begin(&batch, 1, 1);
    say(&batch, ALICE, "hi");
    CU_ASSERT_PTR_NOT_NULL(batch_render(&batch, &lines, NULL));
    size_t before = held(&batch);
    const struct rendering *rendering = batch.renderings;
    for (uint64_t i = 2; i < 100; i++) {
        batch_begin(&batch, i, i);
        say(&batch, ALICE, "hi");
        CU_ASSERT_PTR_EQUAL(batch_render(&batch, &lines, NULL), rendering);
        CU_ASSERT_EQUAL(held(&batch), before);
    }
    batch_free(&batch);
}

/* Rows for a screen: the text and its columns. */
static bool make_rows(const char *text, size_t length, unsigned columns, struct buffer *out)
{
    return buffer_append(out, text, length) && buffer_format(out, "%u", columns);
}

static const struct encoding screen_rows = {make_rows};

static const struct rendering *render_for(struct batch *batch, unsigned columns)
{
    return batch_render_for_screen(batch, &lines, &screen_rows, columns);
}

static void screens_of_a_width_share_rows(void)
{
    struct batch batch;
    size_t length;
    begin(&batch, 1, 1);
    say(&batch, ALICE, "hi");
    const struct rendering *narrow = render_for(&batch, 40);
    const struct rendering *wide = render_for(&batch, 120);
    CU_ASSERT_PTR_NOT_NULL_FATAL(narrow);
    CU_ASSERT_PTR_NOT_NULL_FATAL(wide);
    CU_ASSERT_PTR_NOT_EQUAL(narrow, wide);
    CU_ASSERT_PTR_EQUAL(render_for(&batch, 40), narrow);
    CU_ASSERT_PTR_EQUAL(render_for(&batch, 120), wide);
    const char *rows = rendering_bytes(wide, batch_all(&batch), &length);
    CU_ASSERT_TRUE(length > 3 && memcmp(rows + length - 3, "120", 3) == 0);
    /* They all have the same time. */
    struct clock_local at = batch_time(&batch);
    CU_ASSERT_TRUE(at.date > 0);
    CU_ASSERT_EQUAL(batch_message(&batch, 0).at.date, at.date);
    CU_ASSERT_EQUAL(batch_message(&batch, 0).at.minute, at.minute);
    batch_begin(&batch, 2, 2);
    say(&batch, ALICE, "hi");
    CU_ASSERT_EQUAL(batch_message(&batch, 0).at.date, 0);
    batch_free(&batch);
}

/* If this failed, a thousand windows of other sizes would each keep a copy of a flood. */
static void kinds_of_screens_have_a_bound(void)
{
    struct batch batch;
    unsigned rendered = 0;
    begin(&batch, 1, 1);
    say(&batch, ALICE, "hi");
    for (unsigned columns = 1; columns <= 1000; columns++)
        rendered += render_for(&batch, columns) != NULL;
    CU_ASSERT_TRUE(rendered >= 16 && rendered <= 100);
    CU_ASSERT_PTR_NULL(render_for(&batch, 1000));
    CU_ASSERT_PTR_NOT_NULL(render_for(&batch, 1));
    CU_ASSERT_PTR_NOT_NULL(batch_render(&batch, &json, NULL));
    /* Those that nobody has any more make place for others. */
    batch_begin(&batch, 2, 2);
    say(&batch, ALICE, "hi");
    CU_ASSERT_PTR_NULL(render_for(&batch, 1000));
    CU_ASSERT_PTR_NOT_NULL(render_for(&batch, 1));
    batch_begin(&batch, 3, 3);
    say(&batch, ALICE, "hi");
    CU_ASSERT_PTR_NOT_NULL(render_for(&batch, 1000));
    batch_free(&batch);
}

/* Messages that some are told of elsewhere stand anywhere among others, and one has none of them.
 */
static void who_is_told_elsewhere_is_spared(void)
{
    static const uint64_t two[] = {CAROL, ALICE}, one[] = {BOB};
    struct batch batch;
    begin(&batch, 1, 1);
    say(&batch, BOB, "0");
    add(&batch, MESSAGE_LEAVE, BOB, "");
    CU_ASSERT_TRUE(batch_spare(&batch, two, 2));
    add(&batch, MESSAGE_RENAME, CAROL, "Carla");
    CU_ASSERT_TRUE(batch_spare(&batch, one, 1));
    say(&batch, CAROL, "3");
    CU_ASSERT_TRUE(is_for(&batch, ALICE, batch_all(&batch),
                          "Bob: 0\n*** Carol is now known as Carla ***\nCarol: 3\n"));
    CU_ASSERT_TRUE(
        is_for(&batch, BOB, batch_all(&batch), "*** Bob has left the chat ***\nCarol: 3\n"));
    CU_ASSERT_TRUE(
        is_for(&batch, CAROL, batch_all(&batch), "Bob: 0\n*** Carol is now known as Carla ***\n"));
    CU_ASSERT_TRUE(is_for(&batch, CAROL + 1, (struct batch_range){1, 3},
                          "*** Bob has left the chat ***\n*** Carol is now known as Carla ***\n"));
    batch_truncate(&batch, 1); /* who was spared is forgotten with the message */
    add(&batch, MESSAGE_JOIN, CAROL, "");
    CU_ASSERT_TRUE(
        is_for(&batch, ALICE, batch_all(&batch), "Bob: 0\n*** Carol has joined the chat ***\n"));
    batch_free(&batch);
}

static const struct test tests[] = {
    {"a batch holds its own copy of each message, in order", messages_come_back},
    {"a format of which only the tests know has a rendering of its own", each_format_has_its_own},
    {"all who have a format share bytes that are made once", renderings_are_made_once},
    {"all whose screens are as wide share rows, with one time", screens_of_a_width_share_rows},
    {"the kinds of screens have a bound, and those in use a place", kinds_of_screens_have_a_bound},
    {"what is added later is rendered, and nothing else again", what_is_added_is_rendered_alone},
    {"messages that are taken back are in no rendering any more", truncation_takes_messages_out},
    {"who joined meanwhile has what followed, to the message", since_is_kept_to_the_message},
    {"any part of a rendering begins and ends between messages", any_part_is_cut_at_messages},
    {"one's own words are left out wherever they stand", own_words_are_left_out_anywhere},
    {"one's joining, renaming and leaving are not left out", only_own_words_are_left_out},
    {"who is told of something elsewhere is spared that and nothing else",
     who_is_told_elsewhere_is_spared},
    {"a part of another batch is copied whole, and behind the rest", parts_of_others_are_appended},
    {"a rendering for which there was no memory goes on where it stopped",
     a_shortage_loses_nothing},
    {"a batch that begins anew has nothing of the one before", begins_anew},
    {"a big batch gives its memory back", big_batches_give_back_memory},
    {"a small batch keeps its memory for the next one", small_batches_keep_memory},
};

void add_batch_suite(void)
{
    SUITE_ADD("batch", tests);
}
