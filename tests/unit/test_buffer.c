#include "suites.h"

#include "base/buffer.h"

#include <CUnit/CUnit.h>
#include <limits.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool holds(const struct buffer *buffer, const char *text)
{
    size_t length = strlen(text);
    return buffer_length(buffer) == length && memcmp(buffer_bytes(buffer), text, length) == 0;
}

static void empty_owns_nothing(void)
{
    struct buffer buffer = {0};
    CU_ASSERT_EQUAL(buffer_length(&buffer), 0);
    CU_ASSERT_PTR_NOT_NULL(buffer_bytes(&buffer));
    CU_ASSERT_TRUE(buffer_append(&buffer, NULL, 0));
    CU_ASSERT_TRUE(buffer_append_string(&buffer, ""));
    CU_ASSERT_PTR_NULL(buffer.memory);
    CU_ASSERT_TRUE(buffer_append_string(&buffer, "some"));
    buffer_consume(&buffer, 4);
    buffer_shrink(&buffer);
    CU_ASSERT_PTR_NULL(buffer.memory);
    CU_ASSERT_EQUAL(buffer.capacity, 0);
    CU_ASSERT_TRUE(buffer_append_string(&buffer, "again"));
    CU_ASSERT_TRUE(holds(&buffer, "again"));
    buffer_free(&buffer);
    CU_ASSERT_PTR_NULL(buffer.memory);
    CU_ASSERT_TRUE(holds(&buffer, ""));
    buffer_free(&buffer);
}

static void first_in_first_out(void)
{
    struct buffer buffer = {0};
    CU_ASSERT_TRUE(buffer_append_string(&buffer, "one "));
    CU_ASSERT_TRUE(buffer_append(&buffer, "two ", 4));
    CU_ASSERT_TRUE(holds(&buffer, "one two "));
    buffer_consume(&buffer, 4);
    CU_ASSERT_TRUE(holds(&buffer, "two "));
    CU_ASSERT_TRUE(buffer_append_string(&buffer, "three"));
    CU_ASSERT_TRUE(holds(&buffer, "two three"));
    buffer_truncate(&buffer, 3);
    CU_ASSERT_TRUE(holds(&buffer, "two"));
    buffer_consume(&buffer, 0);
    CU_ASSERT_TRUE(holds(&buffer, "two"));
    buffer_free(&buffer);
}

/* A queue of changing length whose content can be told from positions alone. */
static void any_order_of_changes(void)
{
    struct buffer buffer = {0};
    unsigned chance = 1;
    size_t in = 0;
    size_t out = 0;
    bool right = true;
    for (int step = 0; step < 20000 && right; step++) {
        chance = chance * 1103515245U + 12345U;
        size_t amount = (chance >> 16) % 700;
        if ((chance >> 28) % 2 == 0) {
            char bytes[700];
            for (size_t i = 0; i < amount; i++)
                bytes[i] = (char)((in + i) % 251);
            right = buffer_append(&buffer, bytes, amount);
            in += amount;
        } else {
            size_t take = amount < buffer_length(&buffer) ? amount : buffer_length(&buffer);
            for (size_t i = 0; i < take && right; i++)
                right = (unsigned char)buffer_bytes(&buffer)[i] == (out + i) % 251;
            buffer_consume(&buffer, take);
            out += take;
        }
        if (step % 97 == 0)
            buffer_shrink(&buffer);
        right = right && buffer_length(&buffer) == in - out && buffer.end <= buffer.capacity;
        EXPECT(right, "step %d, %zu bytes in, %zu out", step, in, out);
    }
    buffer_free(&buffer);
}

static void room_is_as_asked(void)
{
    struct buffer buffer = {0};
    for (size_t room = 1; room < 5000; room += 333) {
        char *place = buffer_reserve(&buffer, room);
        if (!EXPECT(place != NULL, "no room of %zu bytes", room))
            break;
        memset(place, 'r', room);
        buffer_commit(&buffer, room / 2);
        EXPECT(place == buffer_bytes(&buffer) + buffer_length(&buffer) - room / 2,
               "room of %zu bytes is not behind the end", room);
        buffer_consume(&buffer, buffer_length(&buffer) / 3);
    }
    for (size_t i = 0; i < buffer_length(&buffer); i++)
        CU_ASSERT_EQUAL(buffer_bytes(&buffer)[i], 'r');
    buffer_free(&buffer);
}

static void impossible_room(void)
{
    struct buffer buffer = {0};
    CU_ASSERT_PTR_NULL(buffer_reserve(&buffer, SIZE_MAX));
    CU_ASSERT_TRUE(buffer_append_string(&buffer, "kept"));
    CU_ASSERT_PTR_NULL(buffer_reserve(&buffer, SIZE_MAX));
    CU_ASSERT_PTR_NULL(buffer_reserve(&buffer, SIZE_MAX - 2));
    CU_ASSERT_FALSE(buffer_append(&buffer, "", SIZE_MAX));
    CU_ASSERT_TRUE(holds(&buffer, "kept"));
    buffer_free(&buffer);
}

static void formats(void)
{
    struct buffer buffer = {0};
    char longer[1001];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    CU_ASSERT_TRUE(buffer_format(&buffer, "%s", ""));
    CU_ASSERT_TRUE(holds(&buffer, ""));
    CU_ASSERT_TRUE(buffer_format(&buffer, "%d %s", 7, "seas"));
    CU_ASSERT_TRUE(buffer_format(&buffer, "%s", longer));
    CU_ASSERT_EQUAL(buffer_length(&buffer), 6 + 1000);
    CU_ASSERT_NSTRING_EQUAL(buffer_bytes(&buffer), "7 seasxxx", 9);
    buffer_free(&buffer);
}

static void numbers(void)
{
    struct buffer buffer = {0};
    char expected[64];
    CU_ASSERT_TRUE(buffer_append_number(&buffer, 0));
    CU_ASSERT_TRUE(buffer_append_string(&buffer, " "));
    CU_ASSERT_TRUE(buffer_append_number(&buffer, 1024));
    CU_ASSERT_TRUE(buffer_append_string(&buffer, " "));
    CU_ASSERT_TRUE(buffer_append_number(&buffer, UINT_MAX));
    snprintf(expected, sizeof expected, "0 1024 %u", UINT_MAX);
    CU_ASSERT_TRUE(holds(&buffer, expected));
    buffer_free(&buffer);
}

static void shrinks_to_need(void)
{
    struct buffer buffer = {0};
    char *room = buffer_reserve(&buffer, 1024 * 1024);
    CU_ASSERT_PTR_NOT_NULL_FATAL(room);
    memcpy(room, "0123456789", 10);
    buffer_commit(&buffer, 10);
    buffer_shrink(&buffer);
    CU_ASSERT_TRUE(holds(&buffer, "0123456789"));
    CU_ASSERT_TRUE(buffer.capacity <= 1024);
    buffer_free(&buffer);
}

/* Appending and consuming for ever must not need more memory than what is ever held at once. */
static void long_queue_stays_small(void)
{
    struct buffer buffer = {0};
    size_t most = 0;
    for (int i = 0; i < 100000; i++) {
        CU_ASSERT_TRUE(buffer_append_string(&buffer, "a line of some thirty characters"));
        if (i > 10)
            buffer_consume(&buffer, 32);
        if (buffer.capacity > most)
            most = buffer.capacity;
    }
    EXPECT(most <= 4096, "%zu bytes for some 400 that are held", most);
    buffer_free(&buffer);
}

/* Whether some text is anywhere in the memory of a buffer. */
static bool remembers(const struct buffer *buffer, const char *text)
{
    size_t length = strlen(text);
    for (size_t at = 0; at + length <= buffer->capacity; at++)
        if (memcmp(buffer->memory + at, text, length) == 0)
            return true;
    return false;
}

static void forgets(void)
{
    struct buffer buffer = {0};
    char filler[200] = {0};
    CU_ASSERT_TRUE_FATAL(buffer_append(&buffer, filler, sizeof filler));
    CU_ASSERT_TRUE_FATAL(buffer_append_string(&buffer, "secret"));
    buffer_consume(&buffer, sizeof filler);
    /* The bytes move to the front, which leaves no second copy; then they are taken. */
    CU_ASSERT_PTR_NOT_NULL_FATAL(buffer_reserve(&buffer, 100));
    CU_ASSERT_EQUAL(buffer.start, 0);
    CU_ASSERT_FALSE(memchr(buffer.memory + buffer.end, 's', buffer.capacity - buffer.end));
    CU_ASSERT_TRUE(buffer_append_string(&buffer, "open"));
    buffer_consume(&buffer, strlen("secret"));
    CU_ASSERT_TRUE(remembers(&buffer, "secret"));
    buffer_scrub(&buffer);
    CU_ASSERT_FALSE(remembers(&buffer, "secret"));
    CU_ASSERT_TRUE(holds(&buffer, "open"));
    buffer_truncate(&buffer, 0);
    buffer_scrub(&buffer);
    CU_ASSERT_FALSE(remembers(&buffer, "open"));
    buffer_wipe(&buffer);
    CU_ASSERT_PTR_NULL(buffer.memory);
    buffer_scrub(&buffer);
}

static const struct test tests[] = {
    {"an empty buffer owns no memory and can be used again", empty_owns_nothing},
    {"bytes come out in the order in which they went in", first_in_first_out},
    {"no order of appending, consuming and shrinking mixes bytes up", any_order_of_changes},
    {"room is as large as asked, and behind what is held", room_is_as_asked},
    {"impossible room is refused, and the buffer stays as it was", impossible_room},
    {"formatted text is appended whole, whatever its length", formats},
    {"numbers are appended in decimal digits", numbers},
    {"shrinking gives back what is not needed and keeps the bytes", shrinks_to_need},
    {"a queue that is consumed as it is filled stays small", long_queue_stays_small},
    {"what moves leaves nothing behind, and the rest can be forgotten", forgets},
};

void add_buffer_suite(void)
{
    SUITE_ADD("buffer", tests);
}
