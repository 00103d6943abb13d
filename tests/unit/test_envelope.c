#include "suites.h"

#include "base/checksum.h"
#include "cluster/envelope.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION_AT = 4, NEEDS_AT = 5, KIND_AT = 6, FLAGS_AT = 7, CHECKSUM_BYTES = 4 };

static const struct envelope sample = {.kind = ENVELOPE_LETTER,
                                       .node = 0x0102030405060708,
                                       .boot = UINT64_MAX,
                                       .number = 300,
                                       .floor = 45,
                                       .content = "tea",
                                       .length = 3};

/* Writes an envelope, and reads it. */
static enum sealed_result pass(const struct envelope *envelope, struct envelope *read,
                               struct buffer *bytes)
{
    buffer_truncate(bytes, 0);
    CU_ASSERT_EQUAL(envelope_write(bytes, envelope), 0);
    CU_ASSERT_EQUAL(buffer_length(bytes), envelope->length + ENVELOPE_BYTES);
    return envelope_read(read, buffer_bytes(bytes), buffer_length(bytes));
}

static void test_round_trip(void)
{
    struct buffer bytes = {0};
    struct envelope read;
    CU_ASSERT_EQUAL(pass(&sample, &read, &bytes), SEALED_OK);
    CU_ASSERT_EQUAL(read.kind, ENVELOPE_LETTER);
    CU_ASSERT_EQUAL(read.node, sample.node);
    CU_ASSERT_EQUAL(read.boot, sample.boot);
    CU_ASSERT_EQUAL(read.number, sample.number);
    CU_ASSERT_EQUAL(read.floor, sample.floor);
    CU_ASSERT_EQUAL_FATAL(read.length, 3);
    CU_ASSERT_EQUAL(memcmp(read.content, "tea", 3), 0);
    struct envelope empty = sample;
    empty.length = 0;
    CU_ASSERT_EQUAL(pass(&empty, &read, &bytes), SEALED_OK);
    CU_ASSERT_EQUAL(read.length, 0);
    buffer_free(&bytes);
}

/* The layout is what other machines read, with another processor or an older version. */
static void test_layout(void)
{
    static const char wanted[] = "\x8FPLP\1\1\1\0"
                                 "\1\2\3\4\5\6\7\x08"
                                 "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                                 "\0\0\0\0\0\0\1\x2C"
                                 "\0\0\0\0\0\0\0\x2D"
                                 "tea";
    struct buffer bytes = {0};
    CU_ASSERT_EQUAL(envelope_write(&bytes, &sample), 0);
    CU_ASSERT_EQUAL_FATAL(buffer_length(&bytes), sizeof wanted - 1 + CHECKSUM_BYTES);
    CU_ASSERT_EQUAL(memcmp(buffer_bytes(&bytes), wanted, sizeof wanted - 1), 0);
    buffer_free(&bytes);
}

static void test_damage(void)
{
    struct buffer bytes = {0};
    struct envelope read;
    CU_ASSERT_EQUAL(envelope_write(&bytes, &sample), 0);
    size_t length = buffer_length(&bytes);
    unsigned char *copy = malloc(length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    for (size_t i = 0; i < 8 * length; i++) {
        memcpy(copy, buffer_bytes(&bytes), length);
        copy[i / 8] ^= (unsigned char)(1 << i % 8);
        CU_ASSERT_NOT_EQUAL(envelope_read(&read, copy, length), SEALED_OK);
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char *part = malloc(i + 1); /* A sanitizer sees what is read behind it. */
        CU_ASSERT_PTR_NOT_NULL_FATAL(part);
        memcpy(part, buffer_bytes(&bytes), i);
        CU_ASSERT_NOT_EQUAL(envelope_read(&read, part, i), SEALED_OK);
        free(part);
    }
    free(copy);
    buffer_free(&bytes);
}

/* Reads it with some bytes changed, and the right checksum. */
static enum sealed_result read_changed(size_t place, size_t count, unsigned char value)
{
    struct buffer bytes = {0};
    struct envelope read;
    CU_ASSERT_EQUAL(envelope_write(&bytes, &sample), 0);
    size_t end = buffer_length(&bytes) - CHECKSUM_BYTES;
    unsigned char *copy = malloc(end + CHECKSUM_BYTES);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    memcpy(copy, buffer_bytes(&bytes), end);
    memset(copy + place, value, count);
    uint32_t sum = checksum_of(copy, end);
    for (int i = 0; i < CHECKSUM_BYTES; i++)
        copy[end + (size_t)i] = (unsigned char)(sum >> (24 - 8 * i));
    enum sealed_result result = envelope_read(&read, copy, end + CHECKSUM_BYTES);
    free(copy);
    buffer_free(&bytes);
    return result;
}

static void test_rules(void)
{
    struct buffer bytes = {0};
    struct envelope read;
    CU_ASSERT_EQUAL(read_changed(0, 1, 0), SEALED_FOREIGN);
    CU_ASSERT_EQUAL(read_changed(VERSION_AT, 2, ENVELOPE_VERSION + 1), SEALED_NEWER);
    CU_ASSERT_EQUAL(read_changed(VERSION_AT, 1, ENVELOPE_VERSION + 1), SEALED_OK);
    CU_ASSERT_EQUAL(read_changed(NEEDS_AT, 1, ENVELOPE_VERSION + 1), SEALED_GARBLED);
    CU_ASSERT_EQUAL(read_changed(VERSION_AT, 2, 0), SEALED_GARBLED);
    CU_ASSERT_EQUAL(read_changed(KIND_AT, 1, 0), SEALED_GARBLED);
    CU_ASSERT_EQUAL(read_changed(KIND_AT, 1, 3), SEALED_GARBLED);
    CU_ASSERT_EQUAL(read_changed(FLAGS_AT, 1, 1), SEALED_OK);
    static const struct envelope wrong[] = {
        {.kind = ENVELOPE_LETTER, .node = 0, .boot = 1, .number = 1, .floor = 1},
        {.kind = ENVELOPE_LETTER, .node = 1, .boot = 0, .number = 1, .floor = 1},
        {.kind = ENVELOPE_LETTER, .node = 1, .boot = 1, .number = 0, .floor = 0},
        {.kind = ENVELOPE_LETTER, .node = 1, .boot = 1, .number = 1, .floor = 0},
        {.kind = ENVELOPE_LETTER, .node = 1, .boot = 1, .number = 1, .floor = 2},
        {.kind = ENVELOPE_LETTER, .node = 1, .boot = 1, .number = 257, .floor = 1},
        {.kind = ENVELOPE_LETTER, .node = 1, .boot = 1, .number = UINT64_MAX, .floor = UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CU_ASSERT_EQUAL(pass(&wrong[i], &read, &bytes), SEALED_GARBLED);
    buffer_free(&bytes);
}

static void test_size(void)
{
    struct buffer bytes = {0};
    struct envelope read;
    struct envelope large = sample;
    char *content = calloc(1, ENVELOPE_CONTENT_MAX);
    CU_ASSERT_PTR_NOT_NULL_FATAL(content);
    large.content = content;
    large.length = ENVELOPE_CONTENT_MAX;
    CU_ASSERT_EQUAL(pass(&large, &read, &bytes), SEALED_OK);
    CU_ASSERT_EQUAL(read.length, ENVELOPE_CONTENT_MAX);
    CU_ASSERT_TRUE(buffer_append(&bytes, "", 1));
    CU_ASSERT_EQUAL(envelope_read(&read, buffer_bytes(&bytes), buffer_length(&bytes)),
                    SEALED_GARBLED);
    free(content);
    buffer_free(&bytes);
}

void add_envelope_suite(void)
{
    static const struct test tests[] = {
        {"what is written is read", test_round_trip},
        {"the bytes are where others look for them", test_layout},
        {"nothing that is damaged or cut is read", test_damage},
        {"nothing against the rules is read, and a newer version is told apart", test_rules},
        {"a letter of the greatest size is read, and no longer one", test_size},
    };
    suite_add("envelope", tests, sizeof tests / sizeof *tests);
}
