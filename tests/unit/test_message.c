#include "suites.h"

#include "chat/message.h"

#include <CUnit/CUnit.h>

static void only_talk_spares_its_author(void)
{
    static const struct {
        enum message_kind kind;
        bool spares;
    } rows[] = {
        {MESSAGE_SAY, true},      {MESSAGE_ACT, true},      {MESSAGE_TELL, false},
        {MESSAGE_JOIN, false},    {MESSAGE_LEAVE, false},   {MESSAGE_RENAME, false},
        {MESSAGE_SUMMARY, false}, {MESSAGE_WELCOME, false},
    };
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct message message = {.kind = rows[row].kind, .author = 7};
        EXPECT(message_spares_author(&message) == rows[row].spares, "kind %d", rows[row].kind);
    }
}

static void words_are_the_strings_own(void)
{
    static const char string[] = "two words";
    struct words words = words_of(string);
    CU_ASSERT_PTR_EQUAL(words.bytes, string);
    CU_ASSERT_EQUAL(words.length, 9);
    CU_ASSERT_EQUAL(words_of("").length, 0);
}

static const struct test tests[] = {
    {"an author is spared what it said and did, and nothing else", only_talk_spares_its_author},
    {"the words of a string are its bytes without the NUL", words_are_the_strings_own},
};

void add_message_suite(void)
{
    SUITE_ADD("message", tests);
}
