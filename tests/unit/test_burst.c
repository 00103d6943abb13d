/*
 * burst: what was typed and what was pasted, by how it comes.
 */
#include "suites.h"

#include "edit/burst.h"

#include <CUnit/CUnit.h>
#include <string.h>

/* Whether text that has come at once was pasted, by somebody of whom this has come before. */
static bool pasted_after(const char *const *before, const char *text, size_t length)
{
    struct burst burst = {0};
    for (; *before != NULL; before++)
        CU_ASSERT_FALSE(burst_begins(&burst, *before, strlen(*before)));
    return burst_begins(&burst, text, length);
}

static const char *const hand[] = {"H", "i", "!", NULL};

static bool pasted(const char *text)
{
    return pasted_after(hand, text, strlen(text));
}

#define LINE "a line of twenty, ok" /* bytes */

static void more_than_three_lines_are_a_paste(void)
{
    CU_ASSERT_TRUE(pasted(LINE "\n" LINE "\n" LINE "\n" LINE "\n"));
    CU_ASSERT_TRUE(pasted(LINE "\r" LINE "\r" LINE "\r\r" LINE));
    CU_ASSERT_TRUE(pasted("\t" LINE "\r\n" LINE "\r\n" LINE "\xC3\xA9\r\n" LINE "\r\n"));
    CU_ASSERT_FALSE(pasted(LINE LINE "\r\n" LINE "\r\n" LINE "\r\n" LINE));
    CU_ASSERT_FALSE(pasted_after(hand, LINE "\r\0" LINE "\r\0" LINE "\r\0\n" LINE, 87));
    CU_ASSERT_TRUE(pasted_after(hand, LINE "\r\0" LINE "\r\0" LINE "\r\0\n\r" LINE, 88));
}

/* A slow link may deliver several lines at once that somebody has typed. */
static void short_lines_are_typed(void)
{
    CU_ASSERT_FALSE(
        pasted("ok\r\nyes\r\nI see\r\nso it is, then\r\nwell, what about tomorrow\r\n"));
    CU_ASSERT_FALSE(pasted("\r\r\r\r\r\r"));
}

/* Keys that no paste has: of a macro, or of a program. */
static void other_keys_are_typed(void)
{
    CU_ASSERT_FALSE(pasted(LINE "\n" LINE "\n" LINE "\n" LINE "\n\025"));
    CU_ASSERT_FALSE(pasted("\033[A" LINE "\n" LINE "\n" LINE "\n" LINE "\n"));
    CU_ASSERT_FALSE(pasted(LINE "\n" LINE "\n" LINE "\n" LINE "\n\177"));
    CU_ASSERT_FALSE(pasted(LINE "\n" LINE "\n" LINE "\n" LINE "\n\003"));
}

/* A script sends lines, or a line and then Return; or now and then a single key. */
static void who_types_no_single_characters_is_a_script(void)
{
    static const char *const lines[] = {"Script\r", "hello\r", "/who\r\n", NULL};
    static const char *const pieces[] = {"Script", "\r", "hello", "\r", "x", "\r",
                                         "y",      "\r", "z",     "\r", NULL};
    static const char *const keys[] = {"\001", "\005", "\025", "\033[A", "\177", NULL};
    static const char *const slow[] = {"He", "l", "lo", "y", "o", "u ", "\xC3\xA9", NULL};
    static const char *const people[] = {"x", "\xC3\xA9", "\xE6\x97\xA5", "lo", "\r", NULL};
    const char *text = LINE "\n" LINE "\n" LINE "\n" LINE "\n";
    CU_ASSERT_FALSE(pasted_after(lines, text, strlen(text)));
    CU_ASSERT_FALSE(pasted_after(pieces, text, strlen(text)));
    CU_ASSERT_FALSE(pasted_after(keys, text, strlen(text)));
    CU_ASSERT_FALSE(pasted_after(slow, text, strlen(text)));
    CU_ASSERT_TRUE(pasted_after(people, text, strlen(text)));
}

static bool may_begin(const char *const *before, const char *text)
{
    struct burst burst = {0};
    for (; *before != NULL; before++)
        burst_begins(&burst, *before, strlen(*before));
    return burst_may_begin(&burst, text, strlen(text));
}

/* Nobody waits for more of a key, of what a script sends, or of a line that has no end. */
static void what_may_be_a_paste_has_a_line_end(void)
{
    static const char *const script[] = {"Script\r", NULL};
    CU_ASSERT_TRUE(may_begin(hand, "the first line\r"));
    CU_ASSERT_TRUE(may_begin(hand, "\rx"));
    CU_ASSERT_FALSE(may_begin(hand, "\r"));
    CU_ASSERT_FALSE(may_begin(hand, "x"));
    CU_ASSERT_FALSE(may_begin(hand, "\033[A"));
    CU_ASSERT_FALSE(may_begin(hand, "half a line"));
    CU_ASSERT_FALSE(may_begin(hand, "\025the first line\r"));
    CU_ASSERT_FALSE(may_begin(script, "the first line\r"));
}

static bool goes_on(const char *text)
{
    return burst_goes_on(text, strlen(text));
}

/* Behind a piece of a paste all text is a piece of it, but for what is a key by itself. */
static void a_paste_goes_on_with_text(void)
{
    CU_ASSERT_TRUE(goes_on("the rest of a line"));
    CU_ASSERT_TRUE(goes_on("x\r"));
    CU_ASSERT_TRUE(goes_on("\n\n"));
    CU_ASSERT_FALSE(goes_on("\r"));
    CU_ASSERT_FALSE(goes_on("\r\n"));
    CU_ASSERT_FALSE(burst_goes_on("\r\0", 2));
    CU_ASSERT_FALSE(goes_on("x"));
    CU_ASSERT_FALSE(goes_on("\xC3\xA9"));
    CU_ASSERT_FALSE(goes_on("\003"));
    CU_ASSERT_FALSE(goes_on("\033[A"));
    CU_ASSERT_FALSE(goes_on(""));
}

void add_burst_suite(void)
{
    static const struct test tests[] = {
        {"more than three lines at once are a paste", more_than_three_lines_are_a_paste},
        {"lines so short that somebody has typed them are none", short_lines_are_typed},
        {"what has other keys in it is none", other_keys_are_typed},
        {"whoever never types a character by itself is a script",
         who_types_no_single_characters_is_a_script},
        {"what may be the beginning of a paste has a line end", what_may_be_a_paste_has_a_line_end},
        {"a paste goes on with all that is more than a key", a_paste_goes_on_with_text},
    };
    SUITE_ADD("burst", tests);
}
