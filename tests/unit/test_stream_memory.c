#include "suites.h"

#include "cluster/stream_memory.h"

#include <CUnit/CUnit.h>
#include <string.h>

/* Gives a message whose bytes are its sequence and a letter. */
static uint64_t sum_of(uint64_t sequence, char letter)
{
    unsigned char bytes[9];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(sequence >> 8 * i);
    bytes[8] = (unsigned char)letter;
    return stream_memory_sum(bytes, sizeof bytes, 0);
}

static void give(struct stream_memory *memory, uint64_t first, uint64_t last, char letter)
{
    for (uint64_t i = first; i <= last; i++)
        stream_memory_keep(memory, i, sum_of(i, letter));
}

static void a_sum_is_the_same_on_all_machines(void)
{
    const char bytes[] = "What is said here, is said everywhere.";
    CU_ASSERT_EQUAL(stream_memory_sum(bytes, strlen(bytes), 5), UINT64_C(0x4269CE5D26BEBEEE));
    CU_ASSERT_NOT_EQUAL(stream_memory_sum(bytes, 8, 0), stream_memory_sum(bytes, 7, 0));
    CU_ASSERT_NOT_EQUAL(stream_memory_sum("a\0", 2, 0), stream_memory_sum("a", 1, 0));
    CU_ASSERT_NOT_EQUAL(stream_memory_sum("a", 1, 1), stream_memory_sum("a", 1, 2));
    CU_ASSERT_NOT_EQUAL(stream_memory_sum("", 0, 0), 0);
}

static void another_message_with_a_sequence_is_known(void)
{
    static struct stream_memory memory;
    memset(&memory, 0, sizeof memory);
    CU_ASSERT_EQUAL(stream_memory_compare(&memory, 1, sum_of(1, 'a')), STREAM_UNKNOWN);
    CU_ASSERT_EQUAL(stream_memory_compare(&memory, 0, sum_of(1, 'a')), STREAM_UNKNOWN);
    give(&memory, 1, STREAM_MEMORY + 10, 'a');
    CU_ASSERT_EQUAL(stream_memory_compare(&memory, 11, sum_of(11, 'a')), STREAM_SAME);
    CU_ASSERT_EQUAL(stream_memory_compare(&memory, 11, sum_of(11, 'b')), STREAM_OTHER);
    CU_ASSERT_EQUAL(stream_memory_compare(&memory, 10, sum_of(10, 'b')), STREAM_UNKNOWN);
    CU_ASSERT_EQUAL(
        stream_memory_compare(&memory, STREAM_MEMORY + 11, sum_of(STREAM_MEMORY + 11, 'a')),
        STREAM_UNKNOWN);
}

/* Returns how another one, who has read up to `last`, is compared with `memory`. */
static enum stream_likeness compare(const struct stream_memory *memory,
                                    const struct stream_memory *other)
{
    const struct stream_reading reading = stream_memory_reading(other);
    return stream_memory_compare_reading(memory, &reading);
}

static void two_readers_know_whether_they_have_read_the_same(void)
{
    static struct stream_memory memory, other;
    memset(&memory, 0, sizeof memory);
    memset(&other, 0, sizeof other);
    CU_ASSERT_EQUAL(compare(&memory, &other), STREAM_UNKNOWN);
    give(&memory, 1, 3 * STREAM_PAGE, 'a');
    give(&other, 1, 300, 'a');
    CU_ASSERT_EQUAL(compare(&memory, &other), STREAM_SAME);
    CU_ASSERT_EQUAL(compare(&other, &memory), STREAM_UNKNOWN);
    give(&other, 301, 301, 'b');
    CU_ASSERT_EQUAL(compare(&memory, &other), STREAM_OTHER);
    give(&other, 302, 2 * STREAM_PAGE, 'a');
    CU_ASSERT_EQUAL(compare(&memory, &other), STREAM_OTHER);
    give(&other, 2 * STREAM_PAGE + 1, 2 * STREAM_PAGE + 20, 'a');
    const struct stream_reading reading = stream_memory_reading(&other);
    CU_ASSERT_EQUAL(stream_memory_compare_reading(&memory, &reading), STREAM_OTHER);
    CU_ASSERT(stream_memory_first_of(&reading) <= 301);
    give(&other, 2 * STREAM_PAGE + 21, 3 * STREAM_PAGE, 'a');
    give(&memory, 3 * STREAM_PAGE + 1, 4 * STREAM_PAGE, 'a');
    give(&other, 3 * STREAM_PAGE + 1, 3 * STREAM_PAGE + 20, 'a');
    CU_ASSERT_EQUAL(compare(&memory, &other), STREAM_SAME); /* it was long ago */
}

/* That is how a follower begins (cluster/stream_following). */
static void who_reads_its_first_page_from_its_beginning_compares_at_once(void)
{
    static struct stream_memory memory, other;
    uint64_t begin = STREAM_PAGE + 100;
    memset(&memory, 0, sizeof memory);
    memset(&other, 0, sizeof other);
    give(&memory, 1, begin + 1, 'a');
    give(&other, stream_memory_page_of(begin), begin - 1, 'a');
    CU_ASSERT_EQUAL(compare(&memory, &other), STREAM_SAME);
    give(&other, begin, begin, 'b');
    give(&other, begin + 1, begin + 1, 'a');
    CU_ASSERT_EQUAL(compare(&memory, &other), STREAM_OTHER);
    CU_ASSERT_EQUAL(compare(&other, &memory), STREAM_OTHER);
}

static void who_begins_later_compares_whole_pages(void)
{
    static struct stream_memory memory, other;
    memset(&memory, 0, sizeof memory);
    memset(&other, 0, sizeof other);
    give(&memory, 1, 2 * STREAM_PAGE, 'a');
    give(&other, 100, STREAM_PAGE, 'b');
    CU_ASSERT_EQUAL(compare(&memory, &other), STREAM_UNKNOWN);
    CU_ASSERT_EQUAL(compare(&other, &memory), STREAM_UNKNOWN);
    give(&other, STREAM_PAGE + 1, 2 * STREAM_PAGE, 'a');
    CU_ASSERT_EQUAL(compare(&memory, &other), STREAM_SAME);
    const struct stream_reading reading = stream_memory_reading(&other);
    CU_ASSERT_EQUAL(reading.before, 0);
    CU_ASSERT_EQUAL(stream_memory_first_of(&reading), 1);
}

static void what_is_missing_leaves_its_page_unknown(void)
{
    static struct stream_memory memory, other;
    memset(&memory, 0, sizeof memory);
    memset(&other, 0, sizeof other);
    give(&memory, 1, 20, 'a');
    give(&other, 1, 9, 'a');
    give(&other, 11, 20, 'a');
    CU_ASSERT_EQUAL(compare(&memory, &other), STREAM_UNKNOWN);
    CU_ASSERT_EQUAL(stream_memory_compare(&other, 15, sum_of(15, 'b')), STREAM_OTHER);
}

static const struct test tests[] = {
    {"a sum is the same on all machines", a_sum_is_the_same_on_all_machines},
    {"another message with a sequence is known", another_message_with_a_sequence_is_known},
    {"two readers know whether they have read the same",
     two_readers_know_whether_they_have_read_the_same},
    {"who reads its first page from its beginning compares at once",
     who_reads_its_first_page_from_its_beginning_compares_at_once},
    {"who begins later compares whole pages", who_begins_later_compares_whole_pages},
    {"what is missing leaves its page unknown", what_is_missing_leaves_its_page_unknown},
};

void add_stream_memory_suite(void)
{
    SUITE_ADD("stream memory", tests);
}
