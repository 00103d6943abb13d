/* What a room remembers. */
#include "suites.h"

#include "chat/transcript.h"

#include <CUnit/CUnit.h>
#include <string.h>

static bool add(struct transcript *transcript, uint64_t seq, const char *text)
{
    const struct message message = {.kind = MESSAGE_SAY,
                                    .room = words_of("lobby"),
                                    .seq = seq,
                                    .time = (int64_t)seq * 1000,
                                    .name = words_of("Alice"),
                                    .text = words_of(text)};
    return transcript_add(transcript, &message);
}

/* The numbers of the messages from a place on, as digits. */
static const char *from(const struct transcript *transcript, size_t place)
{
    static char digits[32];
    struct message message;
    size_t count = 0;
    while (transcript_next(transcript, &place, &message) && count + 1 < sizeof digits)
        digits[count++] = (char)('0' + message.seq % 10);
    digits[count] = '\0';
    return digits;
}

static void a_message_is_kept_whole(void)
{
    struct transcript transcript = {.most_messages = 10, .most_bytes = 1000};
    struct message message;
    size_t place = 0;
    CU_ASSERT_EQUAL(transcript_first(&transcript), 0);
    CU_ASSERT_FALSE(transcript_next(&transcript, &place, &message));
    CU_ASSERT_TRUE(add(&transcript, 7, "hi"));
    CU_ASSERT_EQUAL(transcript_first(&transcript), 7);
    CU_ASSERT_TRUE_FATAL(transcript_next(&transcript, &place, &message));
    CU_ASSERT_EQUAL(message.kind, MESSAGE_SAY);
    CU_ASSERT_EQUAL(message.seq, 7);
    CU_ASSERT_EQUAL(message.time, 7000);
    CU_ASSERT_TRUE(message.room.length == 5 && memcmp(message.room.bytes, "lobby", 5) == 0);
    CU_ASSERT_TRUE(message.name.length == 5 && memcmp(message.name.bytes, "Alice", 5) == 0);
    CU_ASSERT_TRUE(message.text.length == 2 && memcmp(message.text.bytes, "hi", 2) == 0);
    CU_ASSERT_FALSE(transcript_next(&transcript, &place, &message));
    transcript_free(&transcript);
}

static void the_oldest_give_way(void)
{
    struct transcript transcript = {.most_messages = 3, .most_bytes = 1000};
    for (uint64_t seq = 1; seq <= 5; seq++)
        CU_ASSERT_TRUE(add(&transcript, seq, "hi"));
    CU_ASSERT_STRING_EQUAL(from(&transcript, 0), "345");
    transcript.most_bytes = 2 * (buffer_length(&transcript.records) / 3);
    CU_ASSERT_TRUE(add(&transcript, 6, "ho"));
    CU_ASSERT_STRING_EQUAL(from(&transcript, 0), "56");
    char much[200];
    memset(much, 'x', sizeof much);
    much[sizeof much - 1] = '\0';
    CU_ASSERT_FALSE(add(&transcript, 7, much));
    CU_ASSERT_STRING_EQUAL(from(&transcript, 0), "");
    CU_ASSERT_TRUE(add(&transcript, 8, "hi"));
    CU_ASSERT_STRING_EQUAL(from(&transcript, 0), "8");
    transcript_free(&transcript);
    struct transcript none = {.most_messages = 0, .most_bytes = 1000};
    CU_ASSERT_FALSE(add(&none, 1, "hi"));
}

static void a_page_keeps_its_oldest(void)
{
    struct transcript page = {.most_messages = 3, .most_bytes = 150};
    const struct archive_message gap = {.kind = ARCHIVE_GAP, .seq = 2, .last = 4};
    const struct archive_message next = {.kind = ARCHIVE_SAY, .seq = 6, .text = words_of("hi")};
    struct message message = {.kind = MESSAGE_SAY, .seq = 1, .text = words_of("hi")};
    CU_ASSERT_TRUE(transcript_append(&page, &message));
    CU_ASSERT_TRUE(transcript_append_archived(&page, &gap));
    message.seq = 5;
    page.most_bytes = buffer_length(&page.records) + 1;
    CU_ASSERT_FALSE(transcript_append(&page, &message));
    page.most_bytes = 1000;
    CU_ASSERT_TRUE(transcript_append(&page, &message));
    CU_ASSERT_FALSE(transcript_append_archived(&page, &next));
    CU_ASSERT_STRING_EQUAL(from(&page, 0), "125");
    transcript_free(&page);
    page = (struct transcript){.most_messages = 3, .most_bytes = 1};
    CU_ASSERT_TRUE(transcript_append(&page, &message));
    CU_ASSERT_FALSE(transcript_append_archived(&page, &next));
    CU_ASSERT_STRING_EQUAL(from(&page, 0), "5");
    transcript_free(&page);
}

static void it_may_have_fewer(void)
{
    struct transcript transcript = {.most_messages = 9, .most_bytes = 1000};
    for (uint64_t seq = 1; seq <= 5; seq++)
        CU_ASSERT_TRUE(add(&transcript, seq, "hi"));
    transcript_limit(&transcript, 2);
    CU_ASSERT_STRING_EQUAL(from(&transcript, 0), "45");
    CU_ASSERT_TRUE(add(&transcript, 6, "hi"));
    CU_ASSERT_STRING_EQUAL(from(&transcript, 0), "56");
    transcript_limit(&transcript, 3);
    CU_ASSERT_TRUE(add(&transcript, 7, "hi"));
    CU_ASSERT_STRING_EQUAL(from(&transcript, 0), "567");
    transcript_limit(&transcript, 0);
    CU_ASSERT_STRING_EQUAL(from(&transcript, 0), "");
    CU_ASSERT_FALSE(add(&transcript, 8, "hi"));
    transcript_free(&transcript);
}

static void places_are_found(void)
{
    struct transcript transcript = {.most_messages = 10, .most_bytes = 1000};
    for (uint64_t seq = 3; seq <= 7; seq++)
        CU_ASSERT_TRUE(add(&transcript, seq, "hi"));
    CU_ASSERT_STRING_EQUAL(from(&transcript, transcript_above(&transcript, 5)), "67");
    CU_ASSERT_STRING_EQUAL(from(&transcript, transcript_above(&transcript, 1)), "34567");
    CU_ASSERT_STRING_EQUAL(from(&transcript, transcript_above(&transcript, 7)), "");
    CU_ASSERT_STRING_EQUAL(from(&transcript, transcript_newest(&transcript, 2)), "67");
    CU_ASSERT_STRING_EQUAL(from(&transcript, transcript_newest(&transcript, 20)), "34567");
    CU_ASSERT_STRING_EQUAL(from(&transcript, transcript_newest(&transcript, 0)), "");
    transcript_free(&transcript);
}

#define WIDE (UINT64_C(3) << 32) /* more numbers than 32 bits have */

static void what_an_archive_has_is_added(void)
{
    struct transcript transcript = {.most_messages = 10, .most_bytes = 1000};
    struct message message;
    size_t place = 0;
    const struct archive_message act = {.kind = ARCHIVE_ACT, .seq = 1, .text = words_of("waves")};
    const struct archive_message gap = {.kind = ARCHIVE_GAP, .seq = 2, .last = 4};
    const struct archive_message restart = {.kind = ARCHIVE_RESTART, .seq = 5, .last = WIDE};
    transcript_add_archived(&transcript, &act);
    transcript_add_archived(&transcript, &gap);
    transcript_add_archived(&transcript, &restart);
    CU_ASSERT_TRUE(transcript_next(&transcript, &place, &message));
    CU_ASSERT_EQUAL(message.kind, MESSAGE_ACT);
    CU_ASSERT_TRUE(transcript_next(&transcript, &place, &message));
    CU_ASSERT_EQUAL(message.kind, MESSAGE_GAP);
    CU_ASSERT_EQUAL(message.seq, 2);
    CU_ASSERT_EQUAL(message.counts.missing, 3);
    CU_ASSERT_TRUE(transcript_next(&transcript, &place, &message));
    CU_ASSERT_EQUAL(message.kind, MESSAGE_SKIP);
    CU_ASSERT_EQUAL(message.counts.missing, WIDE - 4);
    /* A gap is found by any of its numbers but the last. */
    place = transcript_above(&transcript, 3);
    CU_ASSERT_TRUE(transcript_next(&transcript, &place, &message));
    CU_ASSERT_EQUAL(message.kind, MESSAGE_GAP);
    CU_ASSERT_EQUAL(transcript_last(&message), 4);
    place = transcript_above(&transcript, 4);
    CU_ASSERT_TRUE(transcript_next(&transcript, &place, &message));
    CU_ASSERT_EQUAL(message.kind, MESSAGE_SKIP);
    CU_ASSERT_EQUAL(transcript_last(&message), WIDE);
    transcript_free(&transcript);
}

void add_transcript_suite(void)
{
    static const struct test tests[] = {
        {"a message is kept whole", a_message_is_kept_whole},
        {"the oldest messages give way, by number and by bytes, and all to what is too long",
         the_oldest_give_way},
        {"a page keeps its oldest messages, and has one at least", a_page_keeps_its_oldest},
        {"another limit holds at once", it_may_have_fewer},
        {"places are found by number and by count", places_are_found},
        {"what an archive has is added, gaps too", what_an_archive_has_is_added},
    };
    SUITE_ADD("transcript", tests);
}
