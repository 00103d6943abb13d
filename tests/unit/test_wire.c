#include "suites.h"

#include "cluster/wire.h"
#include "chat/name.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct wire_header header = {0x0102030405060708, UINT64_MAX, 7};

#define WORDS(string)                                                                              \
    {                                                                                              \
        string, sizeof string - 1                                                                  \
    }

static const uint64_t numbers[] = {1, UINT64_MAX, 0};

/* A change of each kind but talk, and of each form that a kind has. */
static const struct change samples[] = {
    {.kind = CHANGE_ENTER, .name = WORDS("Alice"), .time = 1},
    {.kind = CHANGE_ENTER, .name = WORDS("日本"), .time = INT64_MAX},
    {.kind = CHANGE_ENTER, .name = WORDS("Ann"), .time = 1, .rank = CHANGE_OPERATOR},
    {.kind = CHANGE_LOGIN, .user = 3, .time = 1, .rank = CHANGE_OWNER},
    {.kind = CHANGE_LOGIN, .user = 3, .time = 1},
    {.kind = CHANGE_REPLACE, .user = 3, .time = 1},
    {.kind = CHANGE_JOIN, .room = WORDS("Küche"), .user = UINT64_MAX, .time = INT64_MAX},
    {.kind = CHANGE_JOIN, .room = WORDS("x"), .user = 1, .text = WORDS("sesame"), .time = 1},
    {.kind = CHANGE_LEAVE, .user = 2, .text = WORDS("idle"), .time = 2},
    {.kind = CHANGE_LEAVE, .room = WORDS("x"), .user = 2, .time = 2},
    {.kind = CHANGE_RENAME, .user = 3, .name = WORDS("Ann"), .time = 3},
    {.kind = CHANGE_AWAY, .user = 3, .text = WORDS("lunch\tуж"), .given = true, .time = 3},
    {.kind = CHANGE_AWAY, .user = 3, .time = 3},
    {.kind = CHANGE_TOPIC,
     .room = WORDS("x"),
     .author = 9,
     .author_name = WORDS("Olga"),
     .text = WORDS("Tea"),
     .time = 4},
    {.kind = CHANGE_SETTINGS,
     .room = WORDS("x"),
     .author = 9,
     .author_name = WORDS("Olga"),
     .changed = CHANGE_LOCKED | CHANGE_HIDDEN,
     .settings = CHANGE_LOCKED,
     .key = WORDS("se same"),
     .time = 5},
    {.kind = CHANGE_SETTINGS,
     .room = WORDS("x"),
     .author = 9,
     .author_name = WORDS("Olga"),
     .changed = CHANGE_LOCKED | CHANGE_KEPT | CHANGE_CLOSED,
     .settings = CHANGE_KEPT,
     .time = 5},
    {.kind = CHANGE_BAN,
     .target = WORDS("Mallory"),
     .author = 9,
     .author_name = WORDS("Olga"),
     .text = WORDS("spam"),
     .time = 6,
     .end = 7},
    {.kind = CHANGE_BAN, .range = {ADDRESS_IPV4, 24, {203, 0, 113}}, .time = 6},
    {.kind = CHANGE_UNBAN, .range = {ADDRESS_IPV6, 48, {0x20, 1, 0xD, 0xB8}}, .time = 6},
    {.kind = CHANGE_MUTE, .room = WORDS("x"), .target = WORDS("Mallory"), .time = 6},
    {.kind = CHANGE_UNMUTE,
     .target = WORDS("Mallory"),
     .author = 1,
     .author_name = WORDS("Alice"),
     .time = 6},
    {.kind = CHANGE_KICK,
     .user = 3,
     .author = 9,
     .author_name = WORDS("Olga"),
     .text = WORDS("spam"),
     .time = 8},
    {.kind = CHANGE_HOST, .user = 3, .time = 8},
    {.kind = CHANGE_WALL,
     .author = 9,
     .author_name = WORDS("Olga"),
     .text = WORDS("Tea"),
     .time = 8},
    {.kind = CHANGE_FORGET, .author = 9, .author_name = WORDS("Olga"), .time = 8},
    {.kind = CHANGE_LOCKDOWN, .author = 9, .author_name = WORDS("Olga"), .given = true, .time = 8},
    {.kind = CHANGE_OP, .user = 3, .author = 9, .author_name = WORDS("Olga"), .time = 8},
    {.kind = CHANGE_DEOP, .user = 3, .time = 8},
    {.kind = CHANGE_FLOOR,
     .room = WORDS("x"),
     .user = 3,
     .author = 9,
     .author_name = WORDS("Olga"),
     .given = true,
     .time = 9},
    {.kind = CHANGE_FLOOR,
     .room = WORDS("x"),
     .user = 3,
     .author = 9,
     .author_name = WORDS("Olga"),
     .time = 9},
    {.kind = CHANGE_INVITE,
     .room = WORDS("x"),
     .user = 3,
     .author = 9,
     .author_name = WORDS("Olga"),
     .time = 9},
    {.kind = CHANGE_ROOM_MUTE,
     .room = WORDS("x"),
     .user = 3,
     .author = 9,
     .author_name = WORDS("Olga"),
     .given = true,
     .time = 9,
     .end = 10},
    {.kind = CHANGE_TELL,
     .user = 3,
     .author = 9,
     .author_name = WORDS("Olga"),
     .text = WORDS("psst"),
     .given = true,
     .time = 9},
    {.kind = CHANGE_HAND,
     .room = WORDS("x"),
     .user = 3,
     .author = 9,
     .author_name = WORDS("Olga"),
     .time = 9},
    {.kind = CHANGE_PRESSURE, .room = WORDS("x"), .states = 3, .number = 4},
    {.kind = CHANGE_PRESSURE, .states = 255},
    {.kind = CHANGE_NODE_BEGIN,
     .node = 5,
     .text = WORDS("east.example"),
     .time = 10,
     .given = true,
     .limits = {1000, UINT64_MAX}},
    {.kind = CHANGE_NODE_BEAT, .node = 5, .time = 10, .number = 7},
    {.kind = CHANGE_NODE_END, .node = UINT64_MAX, .time = 10},
    {.kind = CHANGE_NODE_SNAPSHOT, .node = 5, .number = UINT64_MAX, .time = 10},
    {.kind = CHANGE_STATE_MACHINE,
     .node = 5,
     .text = WORDS("east.example"),
     .boot = 6,
     .number = 7,
     .time = 1700000000000,
     .end = 8,
     .given = true},
    {.kind = CHANGE_STATE_CLOCK, .number = 9, .limits = {100, 20}},
    {.kind = CHANGE_STATE_USER,
     .user = 3,
     .name = WORDS("Ann"),
     .node = 5,
     .rank = CHANGE_OPERATOR},
    {.kind = CHANGE_STATE_USER,
     .user = 3,
     .name = WORDS("Ann"),
     .node = 5,
     .given = true,
     .text = WORDS("lunch"),
     .rank = CHANGE_OPERATOR},
    {.kind = CHANGE_STATE_ROOM,
     .room = WORDS("x"),
     .text = WORDS("Tea"),
     .changed = CHANGE_LOCKED | CHANGE_HIDDEN,
     .settings = CHANGE_LOCKED,
     .key = WORDS("se same"),
     .number = 12},
    {.kind = CHANGE_STATE_OWNER, .room = WORDS("x"), .number = 3, .text = WORDS("Ann")},
    {.kind = CHANGE_STATE_OWNER, .room = WORDS("x"), .given = true},
    {.kind = CHANGE_STATE_INVITED, .room = WORDS("x"), .number = 3},
    {.kind = CHANGE_STATE_INVITED, .room = WORDS("x"), .text = WORDS("Bob")},
    {.kind = CHANGE_STATE_MEMBERS, .room = WORDS("x"), .numbers = {numbers, NULL, 3}},
    {.kind = CHANGE_STATE_END, .number = 4, .numbers = {numbers, NULL, 1}},
};

enum { SAMPLES = sizeof samples / sizeof *samples };

static const struct message said[] = {
    {.kind = MESSAGE_SAY,
     .author = 1,
     .time = 1700000000000,
     .name = WORDS("Alice"),
     .text = WORDS("Hi all!")},
    {.kind = MESSAGE_ACT,
     .author = 1,
     .time = 1700000000001,
     .name = WORDS("Alice"),
     .text = WORDS("waves 👋")},
    {.kind = MESSAGE_SAY, .author = UINT64_MAX, .time = 0, .name = WORDS("Боб"), .text = WORDS("")},
};

enum { SAID = sizeof said / sizeof *said };

static bool same_words(struct words left, struct words right)
{
    return left.length == right.length &&
           (left.length == 0 || memcmp(left.bytes, right.bytes, left.length) == 0);
}

/* The first ones were read. */
static bool same_numbers(const struct change_numbers *read, const struct change_numbers *written)
{
    uint64_t list[WIRE_NUMBERS_MAX];
    return read->count == written->count &&
           (read->count == 0 || (wire_numbers(read, list) == read->count &&
                                 memcmp(list, written->list, read->count * sizeof *list) == 0));
}

static bool same_change(const struct change *left, const struct change *right)
{
    return left->kind == right->kind && same_words(left->room, right->room) &&
           left->user == right->user && same_words(left->name, right->name) &&
           left->author == right->author && same_words(left->author_name, right->author_name) &&
           same_words(left->text, right->text) && left->time == right->time &&
           left->end == right->end && same_words(left->target, right->target) &&
           address_prefix_compare(&left->range, &right->range) == 0 &&
           left->changed == right->changed && left->settings == right->settings &&
           same_words(left->key, right->key) && left->given == right->given &&
           left->limits.max_rooms == right->limits.max_rooms &&
           left->limits.rooms_per_client == right->limits.rooms_per_client &&
           left->rank == right->rank && left->node == right->node && left->boot == right->boot &&
           left->number == right->number && same_numbers(&left->numbers, &right->numbers) &&
           left->states == right->states;
}

static bool same_message(const struct message *left, const struct message *right)
{
    return left->kind == right->kind && left->author == right->author &&
           left->time == right->time && same_words(left->name, right->name) &&
           same_words(left->text, right->text);
}

static bool write_talk(struct buffer *out, size_t count)
{
    struct wire_talk talk;
    bool well = wire_begin_talk(&talk, out, words_of("tea-room")) == 0;
    for (size_t i = 0; i < count; i++)
        well = well && wire_add_message(&talk, &said[i]) == 0;
    return well && wire_end_talk(&talk) == 0;
}

/* Writes a message with every sample in it. */
static void write_all(struct buffer *out)
{
    CU_ASSERT_EQUAL_FATAL(wire_begin(out, &header), 0);
    for (size_t i = 0; i < SAMPLES; i++) {
        int error = wire_add(out, &samples[i]);
        EXPECT(error == 0, "sample %zu: %s", i, strerror(error));
    }
    CU_ASSERT_TRUE(write_talk(out, SAID));
    CU_ASSERT_EQUAL(wire_seal(out), 0);
}

/* A copy that has exactly this length, so that the sanitizer sees who reads behind it. */
static enum sealed_result open_copy(const char *bytes, size_t length)
{
    char *copy = malloc(length > 0 ? length : 1);
    struct wire_reader reader;
    struct wire_header from;
    struct change change;
    struct message message;
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    memcpy(copy, bytes, length);
    enum sealed_result result = wire_open(&reader, copy, length, &from);
    while (result == SEALED_OK && wire_next(&reader, &change))
        while (wire_next_message(&change.messages, &message))
            ;
    free(copy);
    return result;
}

/* Seals bytes anew after a change, so that the checksum is not what refuses them. */
static enum sealed_result open_resealed(const char *bytes, size_t length)
{
    struct buffer out = {0};
    CU_ASSERT_TRUE_FATAL(buffer_append(&out, bytes, length));
    CU_ASSERT_EQUAL(wire_seal(&out), 0);
    enum sealed_result result = open_copy(buffer_bytes(&out), buffer_length(&out));
    buffer_free(&out);
    return result;
}

static void what_is_written_is_read(void)
{
    struct buffer out = {0};
    struct wire_reader reader;
    struct wire_header from;
    struct change change;
    struct message message;
    write_all(&out);
    CU_ASSERT_EQUAL_FATAL(wire_open(&reader, buffer_bytes(&out), buffer_length(&out), &from),
                          SEALED_OK);
    CU_ASSERT(from.node == header.node && from.boot == header.boot && from.number == header.number);
    CU_ASSERT_EQUAL(reader.skipped, 0);
    for (size_t i = 0; i < SAMPLES; i++)
        EXPECT(wire_next(&reader, &change) && same_change(&change, &samples[i]), "sample %zu", i);
    CU_ASSERT_FATAL(wire_next(&reader, &change) && change.kind == CHANGE_TALK);
    CU_ASSERT_TRUE(same_words(change.room, words_of("tea-room")));
    CU_ASSERT_EQUAL(change.messages.count, SAID);
    for (size_t i = 0; i < SAID; i++)
        EXPECT(wire_next_message(&change.messages, &message) && same_message(&message, &said[i]),
               "message %zu", i);
    CU_ASSERT_FALSE(wire_next_message(&change.messages, &message));
    CU_ASSERT_FALSE(wire_next(&reader, &change));
    buffer_free(&out);
}

/* Machines of every kind read the same bytes. */
static void the_bytes_are_these(void)
{
    static const unsigned char expected[] = {
        0x8F, 'P', 'L', 'C', 1, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 7,
        /* Ann is the new name of 3. */
        4, 0, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 3, 3, 'A', 'n', 'n', 0, 0, 0, 0, 0, 0, 1, 4};
    const struct change change = {
        .kind = CHANGE_RENAME, .user = 3, .name = WORDS("Ann"), .time = 260};
    struct buffer out = {0};
    CU_ASSERT(wire_begin(&out, &header) == 0 && wire_add(&out, &change) == 0);
    CU_ASSERT_EQUAL_FATAL(buffer_length(&out), sizeof expected);
    CU_ASSERT_EQUAL(memcmp(buffer_bytes(&out), expected, sizeof expected), 0);
    buffer_free(&out);
    /* The checksum is that of everybody: "123456789" has CBF43926. */
    CU_ASSERT(buffer_append_string(&out, "123456789") && wire_seal(&out) == 0);
    CU_ASSERT_EQUAL(memcmp(buffer_bytes(&out) + 9, "\xCB\xF4\x39\x26", 4), 0);
    buffer_free(&out);
}

static void no_part_of_a_message_passes_for_one(void)
{
    struct buffer out = {0};
    write_all(&out);
    for (size_t length = 0; length < buffer_length(&out); length++) {
        enum sealed_result result = open_copy(buffer_bytes(&out), length);
        EXPECT(result == (length < 4 ? SEALED_FOREIGN : SEALED_GARBLED), "%zu bytes: %d", length,
               result);
        if (length >= 8) /* Where a change ends is the only place where one may end. */
            open_resealed(buffer_bytes(&out), length);
    }
    CU_ASSERT_EQUAL(open_copy(buffer_bytes(&out), buffer_length(&out)), SEALED_OK);
    buffer_free(&out);
}

static void a_flipped_bit_is_noticed(void)
{
    struct buffer out = {0};
    write_all(&out);
    size_t length = buffer_length(&out);
    for (size_t bit = 0; bit < length * 8; bit++) {
        char *byte = out.memory + out.start + bit / 8;
        *byte = (char)(*byte ^ (1 << bit % 8));
        enum sealed_result result = open_copy(buffer_bytes(&out), length);
        EXPECT(result == (bit < 32 ? SEALED_FOREIGN : SEALED_GARBLED), "bit %zu: %d", bit, result);
        open_resealed(buffer_bytes(&out), length - 4); /* With the right checksum nobody crashes. */
        *byte = (char)(*byte ^ (1 << bit % 8));
    }
    buffer_free(&out);
}

static void what_is_not_ours_is_foreign(void)
{
    CU_ASSERT_EQUAL(open_copy("", 0), SEALED_FOREIGN);
    CU_ASSERT_EQUAL(open_copy("Hello, is anybody here? This is no partyline.", 45), SEALED_FOREIGN);
    CU_ASSERT_EQUAL(open_resealed("\x8FPLC\1\1", 6), SEALED_GARBLED);
}

/* Writes a header, then bytes as they are; returns what the whole is. */
static enum sealed_result open_changes(unsigned char version, unsigned char needs,
                                       const char *bytes, size_t length)
{
    struct buffer out = {0};
    CU_ASSERT_EQUAL(wire_begin(&out, &header), 0);
    out.memory[out.start + 4] = (char)version;
    out.memory[out.start + 5] = (char)needs;
    CU_ASSERT_TRUE(buffer_append(&out, bytes, length));
    enum sealed_result result = open_resealed(buffer_bytes(&out), buffer_length(&out));
    buffer_free(&out);
    return result;
}

static void a_newer_version_is_told_from_a_garbled_one(void)
{
    static const char left[] = "\x12\0\0\0\0\x10\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1";
    static const char longer[] = "\x12\0\0\0\0\x12\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1XY";
    static const char flagged[] = "\x12\2\0\0\0\x10\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1";
    static const char optional[] = "\xF0\1\0\0\0\2XY";
    static const char needed[] = "\xF0\0\0\0\0\2XY";
    CU_ASSERT_EQUAL(open_changes(1, 1, left, sizeof left - 1), SEALED_OK);
    CU_ASSERT_EQUAL(open_changes(2, 1, left, sizeof left - 1), SEALED_OK);
    CU_ASSERT_EQUAL(open_changes(2, 2, left, sizeof left - 1), SEALED_NEWER);
    CU_ASSERT_EQUAL(open_changes(2, 2, "anything", 8), SEALED_NEWER);
    CU_ASSERT_EQUAL(open_changes(1, 2, left, sizeof left - 1), SEALED_GARBLED);
    CU_ASSERT_EQUAL(open_changes(1, 0, left, sizeof left - 1), SEALED_GARBLED);
    CU_ASSERT_EQUAL(open_changes(1, 1, "", 0), SEALED_GARBLED);
    CU_ASSERT_EQUAL(open_changes(1, 1, longer, sizeof longer - 1), SEALED_GARBLED);
    CU_ASSERT_EQUAL(open_changes(2, 1, longer, sizeof longer - 1), SEALED_OK);
    CU_ASSERT_EQUAL(open_changes(1, 1, flagged, sizeof flagged - 1), SEALED_GARBLED);
    CU_ASSERT_EQUAL(open_changes(2, 1, flagged, sizeof flagged - 1), SEALED_OK);
    CU_ASSERT_EQUAL(open_changes(1, 1, optional, sizeof optional - 1), SEALED_GARBLED);
    CU_ASSERT_EQUAL(open_changes(2, 1, optional, sizeof optional - 1), SEALED_OK);
    CU_ASSERT_EQUAL(open_changes(2, 1, needed, sizeof needed - 1), SEALED_NEWER);
    CU_ASSERT_EQUAL(open_changes(2, 1, needed, sizeof needed - 2), SEALED_GARBLED);
}

static void a_kind_that_may_be_skipped_is_counted(void)
{
    static const char changes[] = "\xF0\1\0\0\0\2XY"
                                  "\x12\0\0\0\0\x10\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1"
                                  "\xF1\1\0\0\0\0";
    struct buffer out = {0};
    struct wire_reader reader;
    struct wire_header from;
    struct change change;
    CU_ASSERT_EQUAL(wire_begin(&out, &header), 0);
    out.memory[out.start + 4] = 9;
    CU_ASSERT(buffer_append(&out, changes, sizeof changes - 1) && wire_seal(&out) == 0);
    CU_ASSERT_EQUAL_FATAL(wire_open(&reader, buffer_bytes(&out), buffer_length(&out), &from),
                          SEALED_OK);
    CU_ASSERT_EQUAL(reader.skipped, 2);
    CU_ASSERT(wire_next(&reader, &change) && change.kind == CHANGE_NODE_END && change.node == 1);
    CU_ASSERT_EQUAL(reader.taken, 2);
    CU_ASSERT_FALSE(wire_next(&reader, &change));
    CU_ASSERT_EQUAL(reader.taken, 3);
    buffer_free(&out);
}

/* Names that could forge a line, texts with commands for terminals, and the like. */
static void what_is_against_the_rules_is_not_written(void)
{
    static char long_name[300];
    memset(long_name, 'a', sizeof long_name - 1);
    const struct change bad[] = {
        {.kind = CHANGE_TALK, .room = WORDS("x")},
        {.kind = (enum change_kind)0},
        {.kind = (enum change_kind)99},
        {.kind = CHANGE_JOIN, .room = WORDS("x"), .user = 0},
        {.kind = CHANGE_JOIN, .room = WORDS(""), .user = 1},
        {.kind = CHANGE_JOIN, .room = WORDS("#x"), .user = 1},
        {.kind = CHANGE_ENTER, .name = WORDS("")},
        {.kind = CHANGE_ENTER, .name = WORDS("Bob: I")},
        {.kind = CHANGE_ENTER, .name = {long_name, 255}},
        {.kind = CHANGE_ENTER, .name = {long_name, 256 + 5}},
        {.kind = CHANGE_ENTER, .name = WORDS("Alice"), .time = -1},
        {.kind = CHANGE_TOPIC, .room = WORDS(""), .text = WORDS("Tea")},
        {.kind = CHANGE_TOPIC, .room = WORDS("x"), .text = WORDS("Tea\n*** Bob has left. ***")},
        {.kind = CHANGE_TOPIC, .room = WORDS("x"), .text = WORDS("\033[2J")},
        {.kind = CHANGE_TOPIC, .room = WORDS("x"), .text = WORDS("\xC3")},
        {.kind = CHANGE_TOPIC, .room = WORDS("x"), .author = 1, .text = WORDS("Tea")},
        {.kind = CHANGE_AWAY, .user = 1, .text = {long_name, 201}},
        {.kind = CHANGE_SETTINGS, .room = WORDS("x")},
        {.kind = CHANGE_SETTINGS, .room = WORDS("x"), .changed = 32},
        {.kind = CHANGE_SETTINGS,
         .room = WORDS("x"),
         .changed = CHANGE_KEPT,
         .settings = CHANGE_CLOSED},
        {.kind = CHANGE_SETTINGS,
         .room = WORDS("x"),
         .changed = CHANGE_LOCKED,
         .settings = CHANGE_LOCKED},
        {.kind = CHANGE_SETTINGS, .room = WORDS("x"), .changed = CHANGE_LOCKED, .key = WORDS("k")},
        {.kind = CHANGE_BAN},
        {.kind = CHANGE_BAN, .range = {ADDRESS_IPV4, 33, {1}}},
        {.kind = CHANGE_BAN, .range = {ADDRESS_IPV4, 8, {1, 1}}},
        {.kind = CHANGE_BAN, .range = {7, 8, {1}}},
        {.kind = CHANGE_NODE_BEAT},
        {.kind = CHANGE_NODE_BEGIN, .node = 5, .text = WORDS("east"), .limits = {1000, 0}},
        {.kind = CHANGE_NODE_BEGIN, .node = 5, .text = WORDS("east"), .limits = {0, 20}},
    };
    struct buffer out = {0};
    CU_ASSERT_EQUAL(wire_begin(&out, &header), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        EXPECT(wire_add(&out, &bad[i]) == EINVAL, "change %zu", i);
        EXPECT(buffer_length(&out) == 32, "change %zu leaves something behind", i);
    }
    buffer_free(&out);
    for (int i = 0; i < 3; i++) {
        const struct wire_header nobody = {i != 0, i != 1, i != 2};
        CU_ASSERT_EQUAL(wire_begin(&out, &nobody), EINVAL);
    }
    buffer_free(&out);
}

static void talk_is_checked_line_by_line(void)
{
    const struct message bad[] = {
        {.kind = MESSAGE_TELL, .author = 1, .name = WORDS("Alice"), .text = WORDS("psst")},
        {.kind = MESSAGE_SAY, .author = 0, .name = WORDS("Alice"), .text = WORDS("Hi")},
        {.kind = MESSAGE_SAY, .author = 1, .name = WORDS("A B"), .text = WORDS("Hi")},
        {.kind = MESSAGE_SAY, .author = 1, .name = WORDS("Alice"), .text = WORDS("Hi\nBob: Ho")},
    };
    struct wire_talk talk;
    struct buffer out = {0};
    CU_ASSERT_EQUAL(wire_begin(&out, &header), 0);
    CU_ASSERT_EQUAL(wire_begin_talk(&talk, &out, words_of("no room")), EINVAL);
    CU_ASSERT_EQUAL(wire_begin_talk(&talk, &out, words_of("x")), 0);
    size_t before = buffer_length(&out);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        EXPECT(wire_add_message(&talk, &bad[i]) == EINVAL, "message %zu", i);
        EXPECT(buffer_length(&out) == before, "message %zu leaves something behind", i);
    }
    CU_ASSERT_EQUAL(wire_end_talk(&talk), EINVAL);
    CU_ASSERT_EQUAL(buffer_length(&out), 32);
    buffer_free(&out);
}

static void a_batch_has_a_limit_and_stays_whole(void)
{
    static char text[60000];
    struct wire_talk talk;
    struct buffer out = {0};
    struct wire_reader reader;
    struct wire_header from;
    struct change change;
    memset(text, 'x', sizeof text);
    const struct message message = {
        .kind = MESSAGE_SAY, .author = 1, .name = WORDS("Alice"), .text = {text, sizeof text}};
    int error = wire_begin(&out, &header);
    CU_ASSERT(error == 0 && wire_begin_talk(&talk, &out, words_of("x")) == 0);
    unsigned count = 0;
    while ((error = wire_add_message(&talk, &message)) == 0)
        count++;
    CU_ASSERT_EQUAL(error, EMSGSIZE);
    CU_ASSERT_EQUAL(count, 16);
    CU_ASSERT(wire_end_talk(&talk) == 0 && wire_seal(&out) == 0);
    CU_ASSERT(buffer_length(&out) <= WIRE_BYTES_MAX);
    CU_ASSERT_EQUAL(wire_open(&reader, buffer_bytes(&out), buffer_length(&out), &from), SEALED_OK);
    CU_ASSERT(wire_next(&reader, &change) && change.messages.count == count);
    buffer_free(&out);
}

static void each_result_has_words(void)
{
    for (int result = SEALED_OK; result <= SEALED_NEWER; result++)
        CU_ASSERT(strncmp(sealed_describe((enum sealed_result)result),
                          result == SEALED_NEWER ? "a newer" : "it is", 5) == 0);
}

void add_wire_suite(void)
{
    static const struct test tests[] = {
        {"what is written is read", what_is_written_is_read},
        {"the bytes are the same on every machine", the_bytes_are_these},
        {"no part of a message passes for one", no_part_of_a_message_passes_for_one},
        {"a flipped bit is noticed", a_flipped_bit_is_noticed},
        {"what is not ours is foreign", what_is_not_ours_is_foreign},
        {"a newer version is told from a garbled message",
         a_newer_version_is_told_from_a_garbled_one},
        {"a kind that may be skipped is counted", a_kind_that_may_be_skipped_is_counted},
        {"what is against the rules is not written", what_is_against_the_rules_is_not_written},
        {"talk is checked line by line", talk_is_checked_line_by_line},
        {"a batch has a limit, and stays whole", a_batch_has_a_limit_and_stays_whole},
        {"each result has words", each_result_has_words},
    };
    SUITE_ADD("wire", tests);
}
