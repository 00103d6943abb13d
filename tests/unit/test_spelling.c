#include "suites.h"

#include "doors/plain/spelling.h"

#include <CUnit/CUnit.h>
#include <string.h>

static const char *known_word(size_t i)
{
    static const char *const words[] = {"help", "who",   "msg",  "me",       "nick",
                                        "bell", "color", "time", "register", NULL};
    return words[i];
}

static const char *nearest(const char *word)
{
    return spelling_nearest(word, strlen(word), known_word);
}

/* Whether a word is meant for a known one; NULL: for none. */
static bool is_meant_for(const char *word, const char *meant)
{
    const char *found = nearest(word);
    bool right = found == meant || (found != NULL && meant != NULL && strcmp(found, meant) == 0);
    return EXPECT(right, "'%s' is meant for '%s'", word, found != NULL ? found : "nothing");
}

static void one_mistake_is_seen_through(void)
{
    is_meant_for("hlep", "help");
    is_meant_for("halp", "help");
    is_meant_for("hep", "help");
    is_meant_for("helpp", "help");
    is_meant_for("xhelp", "help");
    is_meant_for("wo", "who");
    is_meant_for("colour", "color");
    is_meant_for("mgs", "msg");
}

static void long_words_may_have_more_mistakes(void)
{
    is_meant_for("regsiterr", "register");
    is_meant_for("ergsitre", NULL);
    is_meant_for("collour", "color");
}

static void few_letters_may_not(void)
{
    is_meant_for("foo", NULL);
    is_meant_for("we", NULL);
    is_meant_for("home", NULL);
    is_meant_for("tmp", NULL);
    is_meant_for("x", NULL);
    is_meant_for("", NULL);
}

static void the_beginning_of_one_word_is_enough(void)
{
    is_meant_for("h", "help");
    is_meant_for("reg", "register");
    is_meant_for("m", NULL);
    is_meant_for("whoever", NULL);
}

static void case_does_not_count(void)
{
    is_meant_for("HLEP", "help");
    is_meant_for("Reg", "register");
}

static void the_fewest_mistakes_win_and_then_the_first_word(void)
{
    is_meant_for("tell", "bell");
    is_meant_for("hell", "help");
    is_meant_for("mem", "me");
}

static void any_bytes_will_do(void)
{
    char many[200];
    memset(many, 'h', sizeof many);
    CU_ASSERT_PTR_NULL(spelling_nearest(many, sizeof many, known_word));
    CU_ASSERT_PTR_NULL(spelling_nearest(many, 24, known_word));
    CU_ASSERT_PTR_NULL(spelling_nearest(many, 25, known_word));
    CU_ASSERT_PTR_NULL(spelling_nearest("\xFF\xFE\0\x80", 4, known_word));
    is_meant_for("h\xC3\xA9lp", "help");
    is_meant_for("hel\xE2\x82", "help");
}

void add_spelling_suite(void)
{
    static const struct test tests[] = {
        {"one mistake is seen through", one_mistake_is_seen_through},
        {"long words may have more mistakes", long_words_may_have_more_mistakes},
        {"few letters may not", few_letters_may_not},
        {"the beginning of one word is enough", the_beginning_of_one_word_is_enough},
        {"case does not count", case_does_not_count},
        {"the fewest mistakes win, and then the first word",
         the_fewest_mistakes_win_and_then_the_first_word},
        {"any bytes will do", any_bytes_will_do},
    };
    SUITE_ADD("spelling", tests);
}
