#include "suites.h"

#include "base/checksum.h"
#include "cluster/account_record.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION_AT = 4, NEEDS_AT, KIND_AT, FLAGS_AT, CHECKSUM_BYTES = 4 };

static const struct account_record account = {.kind = ACCOUNT_RECORD_ACCOUNT,
                                              .mark = 0x0102030405060708,
                                              .serial = UINT64_MAX,
                                              .created = 1,
                                              .seen = INT64_MAX,
                                              .is_operator = true,
                                              .name = {"Alice", 5},
                                              .hash = {"$y$hash", 7}};
static const struct account_record claim = {
    .kind = ACCOUNT_RECORD_CLAIM, .mark = 1, .serial = 2, .confirmed = true, .name = {"Алиса", 10}};

static bool same(struct words left, struct words right)
{
    return left.length == right.length && memcmp(left.bytes, right.bytes, left.length) == 0;
}

static enum sealed_result read_bytes(const struct buffer *bytes, struct account_record *record)
{
    return account_record_read(record, buffer_bytes(bytes), buffer_length(bytes));
}

/* Gives bytes that were changed the checksum that they should have. */
static void seal(struct buffer *bytes)
{
    size_t length = buffer_length(bytes) - CHECKSUM_BYTES;
    uint32_t sum = checksum_of(buffer_bytes(bytes), length);
    unsigned char place[CHECKSUM_BYTES] = {(unsigned char)(sum >> 24), (unsigned char)(sum >> 16),
                                           (unsigned char)(sum >> 8), (unsigned char)sum};
    buffer_truncate(bytes, length);
    CU_ASSERT_TRUE_FATAL(buffer_append(bytes, place, sizeof place));
}

static unsigned char *byte_at(struct buffer *bytes, size_t place)
{
    return (unsigned char *)bytes->memory + bytes->start + place;
}

static void what_is_written_is_read(void)
{
    struct buffer bytes = {0};
    struct account_record read;
    CU_ASSERT_EQUAL_FATAL(account_record_write(&bytes, &account), 0);
    CU_ASSERT_EQUAL_FATAL(read_bytes(&bytes, &read), SEALED_OK);
    CU_ASSERT_EQUAL(read.kind, ACCOUNT_RECORD_ACCOUNT);
    CU_ASSERT(read.mark == account.mark && read.serial == account.serial);
    CU_ASSERT(read.created == 1 && read.seen == INT64_MAX && read.is_operator);
    CU_ASSERT(same(read.name, account.name) && same(read.hash, account.hash));
    buffer_truncate(&bytes, 0);
    CU_ASSERT_EQUAL_FATAL(account_record_write(&bytes, &claim), 0);
    CU_ASSERT_EQUAL_FATAL(read_bytes(&bytes, &read), SEALED_OK);
    CU_ASSERT(read.kind == ACCOUNT_RECORD_CLAIM && read.confirmed && same(read.name, claim.name));
    buffer_free(&bytes);
}

static void lists_are_read_one_by_one(void)
{
    struct buffer bytes = {0}, listed = {0};
    struct account_record read;
    struct words name;
    struct account_record_message message = {
        .time = 7, .of_stranger = true, .author = {"Password", 8}, .text = {"a line", 6}};
    CU_ASSERT(account_record_add_name(&listed, (struct words){"Ann", 3}) &&
              account_record_add_name(&listed, (struct words){"Zoë", 4}));
    struct account_record list = {.kind = ACCOUNT_RECORD_IGNORED,
                                  .mark = 1,
                                  .serial = 1,
                                  .count = 2,
                                  .listed = {buffer_bytes(&listed), buffer_length(&listed)}};
    CU_ASSERT_EQUAL_FATAL(account_record_write(&bytes, &list), 0);
    CU_ASSERT_EQUAL_FATAL(read_bytes(&bytes, &read), SEALED_OK);
    CU_ASSERT(account_record_next_name(&read, &name) && same(name, (struct words){"Ann", 3}));
    CU_ASSERT(account_record_next_name(&read, &name) && same(name, (struct words){"Zoë", 4}));
    CU_ASSERT_FALSE(account_record_next_name(&read, &name));
    buffer_truncate(&bytes, 0);
    buffer_truncate(&listed, 0);
    CU_ASSERT(account_record_add_message(&listed, &message));
    list.kind = ACCOUNT_RECORD_KEPT;
    list.count = 1;
    list.listed = (struct words){buffer_bytes(&listed), buffer_length(&listed)};
    CU_ASSERT_EQUAL_FATAL(account_record_write(&bytes, &list), 0);
    CU_ASSERT_EQUAL_FATAL(read_bytes(&bytes, &read), SEALED_OK);
    message.time = 0;
    CU_ASSERT(account_record_next_message(&read, &message));
    CU_ASSERT(message.time == 7 && message.of_stranger);
    CU_ASSERT(same(message.author, (struct words){"Password", 8}) &&
              same(message.text, (struct words){"a line", 6}));
    CU_ASSERT_FALSE(account_record_next_message(&read, &message));
    buffer_free(&bytes);
    buffer_free(&listed);
}

/* The layout is what other machines read, with another processor or an older version. */
static void the_bytes_are_these(void)
{
    static const char wanted[] = "\x8FPLA\1\1\1\0"
                                 "\1\2\3\4\5\6\7\x08"
                                 "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                                 "\0\0\0\0\0\0\0\1"
                                 "\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                                 "\1"
                                 "\5"
                                 "Alice"
                                 "\0\7$y$hash";
    struct buffer bytes = {0};
    CU_ASSERT_EQUAL(account_record_write(&bytes, &account), 0);
    CU_ASSERT_EQUAL_FATAL(buffer_length(&bytes), sizeof wanted - 1 + CHECKSUM_BYTES);
    CU_ASSERT_EQUAL(memcmp(buffer_bytes(&bytes), wanted, sizeof wanted - 1), 0);
    buffer_free(&bytes);
}

/* With the right checksum or without, nothing that is damaged is used, and nothing breaks. */
static void what_is_damaged_is_not_used(void)
{
    struct buffer bytes = {0};
    struct account_record read;
    CU_ASSERT_EQUAL_FATAL(account_record_write(&bytes, &account), 0);
    for (size_t i = 0; i < buffer_length(&bytes); i++) {
        unsigned char before = *byte_at(&bytes, i);
        for (int bit = 0; bit < 8; bit++) {
            *byte_at(&bytes, i) = (unsigned char)(before ^ 1U << bit);
            EXPECT(read_bytes(&bytes, &read) != SEALED_OK, "byte %zu, bit %d", i, bit);
        }
        *byte_at(&bytes, i) = before;
    }
    for (size_t length = 0; length < buffer_length(&bytes); length++)
        EXPECT(account_record_read(&read, buffer_bytes(&bytes), length) != SEALED_OK, "%zu bytes",
               length);
    buffer_truncate(&bytes, buffer_length(&bytes) - 6);
    CU_ASSERT_TRUE(buffer_append(&bytes, "\0\0\0\0", 4));
    seal(&bytes);
    CU_ASSERT_EQUAL(read_bytes(&bytes, &read), SEALED_GARBLED);
    CU_ASSERT_EQUAL(account_record_read(&read, "{}", 2), SEALED_FOREIGN);
    CU_ASSERT_EQUAL(account_record_read(&read, "", 0), SEALED_FOREIGN);
    buffer_free(&bytes);
}

static void newer_versions_are_known(void)
{
    struct buffer bytes = {0};
    struct account_record read;
    CU_ASSERT_EQUAL_FATAL(account_record_write(&bytes, &account), 0);
    *byte_at(&bytes, VERSION_AT) = 2;
    buffer_truncate(&bytes, buffer_length(&bytes) - CHECKSUM_BYTES);
    CU_ASSERT_TRUE(buffer_append(&bytes, "more1234", 8)); /* a field of that version */
    seal(&bytes);
    CU_ASSERT_EQUAL(read_bytes(&bytes, &read), SEALED_OK);
    CU_ASSERT_TRUE(same(read.name, account.name));
    *byte_at(&bytes, NEEDS_AT) = 2;
    seal(&bytes);
    CU_ASSERT_EQUAL(read_bytes(&bytes, &read), SEALED_NEWER);
    *byte_at(&bytes, VERSION_AT) = 1;
    seal(&bytes);
    CU_ASSERT_EQUAL(read_bytes(&bytes, &read), SEALED_GARBLED);
    *byte_at(&bytes, NEEDS_AT) = 1;
    seal(&bytes);
    CU_ASSERT_EQUAL(read_bytes(&bytes, &read), SEALED_GARBLED); /* it has too much */
    buffer_free(&bytes);
}

/* What no reader would take is not written. */
static void rules_hold_for_writers(void)
{
    char hash[ACCOUNT_RECORD_HASH_MAX + 1];
    struct buffer bytes = {0};
    struct account_record wrong = account;
    memset(hash, 'x', sizeof hash);
    wrong.name = (struct words){"two words", 9};
    CU_ASSERT_EQUAL(account_record_write(&bytes, &wrong), EINVAL);
    wrong = account;
    wrong.hash = (struct words){hash, sizeof hash};
    CU_ASSERT_EQUAL(account_record_write(&bytes, &wrong), EINVAL);
    wrong.hash = (struct words){"", 0};
    CU_ASSERT_EQUAL(account_record_write(&bytes, &wrong), EINVAL);
    wrong.hash = (struct words){"a b", 3};
    CU_ASSERT_EQUAL(account_record_write(&bytes, &wrong), EINVAL);
    wrong = account;
    wrong.serial = 0;
    CU_ASSERT_EQUAL(account_record_write(&bytes, &wrong), EINVAL);
    wrong = account;
    wrong.kind = (enum account_record_kind)9;
    CU_ASSERT_EQUAL(account_record_write(&bytes, &wrong), EINVAL);
    wrong = (struct account_record){
        .kind = ACCOUNT_RECORD_KEPT, .mark = 1, .serial = 1, .count = UINT32_MAX};
    CU_ASSERT_EQUAL(account_record_write(&bytes, &wrong), EINVAL);
    CU_ASSERT_EQUAL(buffer_length(&bytes), 0);
    buffer_free(&bytes);
}

static const struct test tests[] = {
    {"what is written is read", what_is_written_is_read},
    {"lists are read one by one", lists_are_read_one_by_one},
    {"the bytes are these, on all machines", the_bytes_are_these},
    {"what is damaged is not used", what_is_damaged_is_not_used},
    {"newer versions are known", newer_versions_are_known},
    {"rules hold for writers as well", rules_hold_for_writers},
};

void add_account_record_suite(void)
{
    SUITE_ADD("account_record", tests);
}
