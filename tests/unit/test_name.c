#include "suites.h"

#include "base/unicode.h"
#include "chat/name.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#define ROWS(table) (sizeof table / sizeof *table)

static const char *fault(const char *name)
{
    return name_fault(name, strlen(name));
}

/* Writes a character so many times. */
static void repeat(char *text, const char *character, size_t times)
{
    *text = '\0';
    while (times-- > 0)
        strcat(text, character);
}

static void good_names(void)
{
    static const char *const names[] = {
        "A",
        "Bob",
        "a1",
        "42",
        "007",
        "2fast",
        "Ann_Smith",
        "_x_",
        "-rf",
        ".bob",
        "J.R.",
        "Al-ice",
        "o'Neil",
        "Disconnected_",
        "Passwords",
        "New",
        "Enter",
        "private",
        "Server",
        "\xC3\x89lo\xC3\xAFse",
        "\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD",
        "\xE5\xBC\xA0\xE4\xBC\x9F",
        "\xD7\x93\xD7\x95\xD7\x93",
        "\xF0\x9F\x98\x80",                                             /* a face */
        "Bob\xF0\x9F\x98\x80",                                          /* and behind letters */
        "e\xCC\x81",                                                    /* decomposed */
        "\xEF\xBC\xA1",                                                 /* fullwidth */
        "\xE1\xBB\x86\xE1\xBB\x86",                                     /* two marks each */
        "\xE0\xB8\x99\xE0\xB9\x89\xE0\xB8\xB3",                         /* Thai */
        "\xE0\xA4\xA6\xE0\xA5\x81\xE0\xA4\x83\xE0\xA4\x96",             /* visarga inside */
        "\xE1\x9E\x81\xE1\x9F\x92\xE1\x9E\x98\xE1\x9F\x82\xE1\x9E\x9A", /* Khmer, stacked */
        "\xEF\xBE\x8A\xEF\xBE\x9E",                                     /* halfwidth kana */
    };
    for (size_t i = 0; i < ROWS(names); i++)
        EXPECT(fault(names[i]) == NULL, "'%s': %s", names[i], fault(names[i]));
}

static void bad_names(void)
{
    /* With a word that the message must have, so that it says what is wrong. */
    static const struct {
        const char *name, *word;
    } rows[] = {
        {"", "at least one"},
        {"/bob", "begin"},
        {"#bob", "begin"},
        {"@bob", "begin"},
        {"*", "begin"},
        {"two words", "blank"},
        {" bob", "blank"},
        {"bob ", "blank"},
        {"tab\tbed", "blank"},
        {"no\xC2\xA0"
         "break",
         "blank"},
        {"wide\xE3\x80\x80"
         "blank",
         "blank"},
        {"line\xE2\x80\xA8", "blank"},
        {"bell\a", "control"},
        {"\x1B[1m", "control"},
        {"del\x7F", "control"},
        {"c1\xC2\x9B", "control"},
        {"soft\xC2\xADhyphen", "invisible"},
        {"zero\xE2\x80\x8Bwidth", "invisible"},
        {"zero\xE2\x80\x8Djoiner", "invisible"},
        {"mark\xE2\x80\x8E", "invisible"},
        {"\xE2\x80\xAE"
         "evil",
         "invisible"},
        {"\xE2\x81\xA6"
         "evil",
         "invisible"},
        {"\xEF\xBB\xBF"
         "bom",
         "invisible"},
        {"vs\xEF\xB8\x8F", "invisible"},
        {"filler\xE3\x85\xA4", "invisible"},
        {"tag\xF3\xA0\x81\x81", "invisible"},
        {"\xE2\xA0\x80", "invisible"},
        {"-", "letter, digit or emoji"},
        {".", "letter, digit or emoji"},
        {"...", "letter, digit or emoji"},
        {"_", "letter, digit or emoji"},
        {"a/b", "anything but"},
        {"a#b", "anything but"},
        {"a@b", "anything but"},
        {"a*b", "anything but"},
        {"!", "anything but"},
        {"\"", "anything but"},
        {"Alice:", "cannot end with"},
        {"Alice,", "cannot end with"},
        {"Alice\xEF\xBC\x9A", "cannot end with"}, /* U+FF1A, a wide colon */
        {"Alice::", "anything but"},
        {"Ali:ce", "anything but"},
        {"Alice Smith:", "blanks"},
        {"/Alice:", "cannot begin with"},
        {"Bob(1.2.3.4:5)", "anything but"},
        {"Alice>", "anything but"},
        {"o\xE2\x80\x99Neil", "anything but"},                /* U+2019, a quotation mark */
        {"\xE2\x88\x97\xE2\x88\x97", "anything but"},         /* U+2217, twice */
        {"Alice\xF0\x9D\x85\x99", "anything but"},            /* U+1D159, a blank note */
        {"Alice\xF0\x96\xBF\xA4", "anything but"},            /* U+16FE4, a blank filler */
        {"Alice\xF0\x93\x91\x81", "anything but"},            /* U+13441, a blank */
        {"\xEF\xBF\xBD", "not valid UTF-8"},                  /* U+FFFD, which stands for others */
        {"\xE1\x9A\xA0", "anything but"},                     /* a rune */
        {"\xE2\x9D\xA4", "anything but"},                     /* a heart that is text by itself */
        {"\xE2\x9D\xA4\xEF\xB8\x8F", "anything but"},         /* and with a selector */
        {"\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD", "anything but"}, /* a thumb with a skin tone */
        {"\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA", "anything but"}, /* a flag */
        {"\xE2\x9E\x95", "anything but"},                     /* an emoji like a plus sign */
        {"\xD9\x85\xD9\x80", "anything but"},                 /* an Arabic stroke that lengthens */
        {"\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9", "invisible"}, /* joined emoji */
        {"Alice\xCD\xB8", "does not define"},                          /* U+0378, unassigned */
        {"Alice\xEE\x80\x80", "does not define"},                      /* U+E000, private use */
        {"\xF4\x8F\xBF\xBF", "does not define"},                       /* U+10FFFF, no character */
        {"\xCC\x81", "needs a letter"},                                /* an acute accent alone */
        {"\xCC\x81\xCC\x82\xCC\x83", "needs a letter"},
        {"\xCC\x81x", "needs a letter"},
        {"a-\xCC\x81", "needs a letter"},
        {"\xF0\x9F\x98\x80\xCC\x81", "needs a letter"},
        {"e\xCC\x81\xCC\x81", "same mark"},
        {"\xC3\xA9\xCC\x81", "same mark"},
        {"a\xCC\x80\xCC\x81\xCC\x82\xCC\x83\xCC\x84", "more than 4"},
        {"\xE1\x9E\x81\xE1\x9F\x92", "joins"}, /* a Khmer letter, and the stacker */
        {"\xE1\x9E\x81\xE1\x9F\x92-a", "joins"},
        {"Alice\xCB\x90", "looks like :"},                        /* U+02D0, a mark of length */
        {"Alice\xEA\x93\xBD", "looks like :"},                    /* U+A4FD, a Lisu tone */
        {"\xE0\xA4\xA8\xE0\xA4\xAE\xE0\xA4\x83", "looks like :"}, /* visarga at the end */
        {"Alice\xEA\x93\xB9", "looks like :"},                    /* U+A4F9, as a comma */
        {"Disconnected", "server's own"},
        {"DISCONNECTED", "server's own"},
        {"Disc\xD0\xBEnnected", "server's own"}, /* with a Cyrillic o */
        {"password", "server's own"},
        {"Passw0rd", "server's own"},
        {"P\xD0\xB0ssword", "server's own"}, /* with a Cyrillic a */
        {"New-Password", "server's own"},
        {"Enter.your_name", "server's own"},
        {"[private]", "server's own"},
        {"[Private]", "server's own"},
        {"***", "server's own"},
        {"203.0.113.9", "an address"},
        {"cut\xE2\x82", "UTF-8"},
        {"\xFF\xFE", "UTF-8"},
        {"over\xC0\xAFlong", "UTF-8"},
        {"half\xED\xA0\x80", "UTF-8"},
        {"\xF4\x90\x80\x80", "UTF-8"},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *told = fault(rows[i].name);
        EXPECT(told != NULL && strstr(told, rows[i].word) != NULL, "'%s': %s", rows[i].name,
               told != NULL ? told : "no fault");
    }
    CU_ASSERT_PTR_NOT_NULL(name_fault("a\0b", 3));
    CU_ASSERT_PTR_NOT_NULL(name_fault("\0", 1));
}

static void stored_names_stay_good(void)
{
    CU_ASSERT_TRUE(name_is_well_made("Password", strlen("Password")));
    CU_ASSERT_FALSE(name_is_well_made("***", strlen("***")));
    CU_ASSERT_FALSE(name_is_well_made("", 0));
}

static void counts_characters(void)
{
    static const char *const characters[] = {"x", "\xC3\xA9", "\xE6\xBC\xA2", "\xF0\x9F\x98\x80"};
    for (size_t i = 0; i < ROWS(characters); i++) {
        char name[34 * 4 + 1];
        repeat(name, characters[i], 32);
        EXPECT(fault(name) == NULL && strlen(name) <= NAME_BYTES_MAX, "32 times '%s'",
               characters[i]);
        repeat(name, characters[i], 33);
        const char *told = fault(name);
        EXPECT(told != NULL && strstr(told, "32") != NULL, "33 times '%s'", characters[i]);
    }
}

static void faults_are_sentences(void)
{
    static const char *const names[] = {"",   "/",    "a b",
                                        "\a", "\xFF", "123456789012345678901234567890123"};
    for (size_t i = 0; i < ROWS(names); i++) {
        const char *told = fault(names[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(told);
        EXPECT(strlen(told) > 10 && told[strlen(told) - 1] == '.' && strchr(told, '\n') == NULL,
               "%s", told);
    }
}

static bool same(const char *left, const char *right)
{
    char folded[2][NAME_FOLDED_SIZE];
    name_fold(left, folded[0]);
    name_fold(right, folded[1]);
    bool equal = name_equals(left, right);
    EXPECT(equal == (strcmp(folded[0], folded[1]) == 0), "'%s' and '%s'", left, right);
    EXPECT(!equal || name_looks_like(left, right), "'%s' and '%s'", left, right);
    return equal;
}

static void a_name_means_one_of_those_that_look_like_it(void)
{
    CU_ASSERT_TRUE(name_looks_like("aI", "ai") && name_looks_like("aI", "al"));
    CU_ASSERT_FALSE(name_looks_like("ai", "al"));
    CU_ASSERT_TRUE(name_means("aI", "ai", "al"));
    CU_ASSERT_FALSE(name_means("aI", "al", "ai"));
    CU_ASSERT_TRUE(name_means("a1", "aI", "al"));
    CU_ASSERT_FALSE(name_means("a1", "al", "aI"));
}

static void case_does_not_count(void)
{
    CU_ASSERT_TRUE(same("Alice", "aLICE"));
    CU_ASSERT_TRUE(same("\xC3\x89LO\xC3\x8FSE", "\xC3\xA9lo\xC3\xAFse"));
    CU_ASSERT_TRUE(same("\xD0\x98\xD0\x92\xD0\x90\xD0\x9D", "\xD0\xB8\xD0\xB2\xD0\xB0\xD0\xBD"));
    CU_ASSERT_TRUE(same("\xCE\xA3\xCE\x9F\xCE\xA6\xCE\x9F\xCE\xA3",
                        "\xCF\x83\xCE\xBF\xCF\x86\xCE\xBF\xCF\x82"));
    CU_ASSERT_TRUE(same("Stra\xC3\x9F"
                        "e",
                        "STRASSE"));
    CU_ASSERT_TRUE(same("\xE5\xBC\xA0", "\xE5\xBC\xA0"));
    CU_ASSERT_FALSE(same("Alice", "Alic"));
    CU_ASSERT_FALSE(same("Alice", "Al\xC3\xAF"
                                  "ce"));
    CU_ASSERT_FALSE(same("a1", "a2"));
    CU_ASSERT_FALSE(same("AIice", "Alice"));
}

static void ways_of_writing_do_not_count(void)
{
    CU_ASSERT_TRUE(same("Jos\xC3\xA9", "Jose\xCC\x81"));
    CU_ASSERT_TRUE(same("JOSE\xCC\x81", "jos\xC3\xA9"));
    CU_ASSERT_TRUE(same("\xED\x95\x9C", "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB")); /* Hangul */
    CU_ASSERT_TRUE(same("\xEF\xBC\xA1lice", "alice"));              /* a fullwidth A */
    CU_ASSERT_TRUE(same("a\xCC\x81\xCC\xA3", "a\xCC\xA3\xCC\x81")); /* marks in either order */
    CU_ASSERT_FALSE(same("Jose", "Jos\xC3\xA9"));
}

static bool have_one_look(const char *left, const char *right, enum name_view view)
{
    char looks[2][NAME_LOOK_SIZE];
    name_look(left, view, looks[0]);
    name_look(right, view, looks[1]);
    return strcmp(looks[0], looks[1]) == 0;
}

/* Whether two names look alike, in one view at least, and have the same hash in it. */
static bool alike(const char *left, const char *right)
{
    bool seen =
        have_one_look(left, right, NAME_CASELESS) || have_one_look(left, right, NAME_AS_TYPED);
    bool hashed = name_hash(left, NAME_CASELESS) == name_hash(right, NAME_CASELESS) ||
                  name_hash(left, NAME_AS_TYPED) == name_hash(right, NAME_AS_TYPED);
    bool found = name_looks_like(left, right);
    EXPECT(found == name_looks_like(right, left) && found == hashed && found == seen,
           "'%s' and '%s'", left, right);
    return found;
}

static void what_looks_alike_is_known(void)
{
    static const char *const pairs[][2] = {
        {"Alice", "\xD0\x90lice"}, /* a Cyrillic A */
        {"Alice", "al\xD1\x96"
                  "ce"},    /* a Cyrillic i */
        {"Alice", "AIice"}, /* a capital I for the l */
        {"Alice", "A1ice"}, /* a digit */
        {"alice", "aIice"},
        {"Bob", "B0b"},
        {"Tom", "Torn"},
        {"HANS", "\xD0\x9D\xD0\x90NS"}, /* Cyrillic capitals only look like these */
        {"o", "\xCE\xBF"},              /* a Greek one */
        {"Ann_Smith", "Ann\xEF\xBC\xBFSmith"},
    };
    for (size_t i = 0; i < ROWS(pairs); i++)
        EXPECT(alike(pairs[i][0], pairs[i][1]), "'%s' and '%s'", pairs[i][0], pairs[i][1]);
    CU_ASSERT_FALSE(alike("Alice", "Alicia"));
    CU_ASSERT_FALSE(alike("Al", "Ai"));
    CU_ASSERT_FALSE(alike("Ali", "All"));
    CU_ASSERT_FALSE(alike("Jose", "Jos\xC3\xA9"));
    CU_ASSERT_FALSE(alike("\xF0\x9F\x98\x80", "\xF0\x9F\x98\x81"));
}

/* Whether a character stays one when it is compared. Most do. */
static bool stays_one(uint32_t character)
{
    uint32_t room[UNICODE_CASELESS_MAX] = {character};
    struct unicode_text text = {room, 1, UNICODE_CASELESS_MAX};
    if (!unicode_caseless(&text) || text.count != 1)
        return false;
    room[0] = character;
    return unicode_skeleton(&text) && text.count == 1 && unicode_caseless(&text) && text.count == 1;
}

/*
 * Calls `check` for each character that a name may have and that becomes several when it is
 * compared, with a name that has it as often as can be.
 */
static void each_character(void (*check)(uint32_t character, const char *name))
{
    size_t count = 0;
    for (uint32_t character = ' '; character <= 0x10FFFF; character++) {
        char bytes[TEXT_CHARACTER_BYTES_MAX + 1] = "";
        char name[NAME_SIZE] = "a";
        unsigned properties = unicode_properties(character);
        if ((properties & (UNICODE_WORD | UNICODE_EMOJI)) == 0 || stays_one(character))
            continue;
        bytes[text_encode(character, bytes)] = '\0';
        /* Marks want letters; and a letter behind them. */
        for (int i = 0; i < NAME_CHARACTERS_MAX / 2 - 1; i++)
            strcat(strcat(name, bytes), "a");
        if (fault(name) != NULL)
            continue;
        if ((properties & (UNICODE_MARK | UNICODE_LETTER)) == UNICODE_LETTER)
            repeat(name, bytes, NAME_CHARACTERS_MAX);
        check(character, name);
        count++;
    }
    CU_ASSERT_TRUE(count > 12000);
}

static void check_room(uint32_t character, const char *name)
{
    char folded[NAME_FOLDED_SIZE];
    char again[NAME_FOLDED_SIZE];
    if (!name_looks_like(name, name) || !name_equals(name, name))
        EXPECT(false, "U+%04X has no room", character);
    name_fold(name, folded);
    name_fold(folded, again);
    if (*folded == '\0' || strlen(folded) == NAME_FOLDED_BYTES_MAX + 1 ||
        strcmp(folded, again) != 0)
        EXPECT(false, "U+%04X is folded into '%s', then '%s'", character, folded, again);
}

/* Every form of a name has a bound, and no name reaches it. */
static void forms_have_room(void)
{
    each_character(check_room);
}

static bool begins(const char *name, const char *text)
{
    return name_begins_with(name, strlen(name), text, strlen(text));
}

static void beginnings_are_found(void)
{
    CU_ASSERT_TRUE(begins("Alice", ""));
    CU_ASSERT_TRUE(begins("Alice", "aL"));
    CU_ASSERT_TRUE(begins("Alice", "ALICE"));
    CU_ASSERT_FALSE(begins("Alice", "alices"));
    CU_ASSERT_FALSE(begins("Alice", "ali\xFF"));
    CU_ASSERT_FALSE(begins("Alice", "\xD0\x90l"));
    CU_ASSERT_TRUE(begins("\xC3\x89lo", "e\xCC\x81L"));
    CU_ASSERT_TRUE(begins("\xC3\x89lo", "e"));
    CU_ASSERT_FALSE(begins("Elo", "\xC3\x89"));
    CU_ASSERT_TRUE(begins("STRASSE", "stra\xC3\x9F"));
}

static size_t match(const char *name, const char *text)
{
    return name_match(name, text, strlen(text));
}

static void names_are_found_in_texts(void)
{
    CU_ASSERT_EQUAL(match("Alice", "ALICE, hi"), 5);
    CU_ASSERT_EQUAL(match("Alice", "Alic"), 0);
    CU_ASSERT_EQUAL(match("Alice", ""), 0);
    CU_ASSERT_EQUAL(match("Alice", "Bob"), 0);
    CU_ASSERT_EQUAL(match("Jos\xC3\xA9", "jose\xCC\x81!"), 6);
    CU_ASSERT_EQUAL(match("Jose\xCC\x81", "JOS\xC3\x89!"), 5);
    CU_ASSERT_EQUAL(match("as", "a\xC3\x9F"), 0); /* half of a letter is not a name */
    CU_ASSERT_EQUAL(match("a", "\xFF"), 0);
}

static void blanks_can_be_bridged(void)
{
    static const struct {
        const char *name, *suggestion; /* NULL: there is none */
    } rows[] = {
        {"Ann Smith", "Ann_Smith"},
        {"Ann  \t Smith", "Ann_Smith"},
        {"a b c", "a_b_c"},
        {"Ann_ Smith", "Ann__Smith"},
        {"Alice\xC2\xA0"
         "B",
         "Alice_B"},
        {"\xC3\x89lo\xC3\xAFse \xE5\xBC\xA0", "\xC3\x89lo\xC3\xAFse_\xE5\xBC\xA0"},
        {"abcdefghijklmnop qrstuvwxyz01234", "abcdefghijklmnop_qrstuvwxyz01234"},
        {"abcdefghijklmnop qrstuvwxyz012345", NULL},
        {"Ann", NULL},
        {"", NULL},
        {"/msg Bob hi", NULL},
        {"*** Bob", NULL},
        {"Ann \033[2J", NULL},
        {"Ann \xFF", NULL},
        {"Ann \xE2\x80\x8B", NULL},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char got[NAME_SIZE];
        bool any = name_suggest(rows[i].name, strlen(rows[i].name), got);
        EXPECT(any == (rows[i].suggestion != NULL) &&
                   (!any || strcmp(got, rows[i].suggestion) == 0),
               "'%s': %s", rows[i].name, any ? got : "none");
    }
}

static void suggestions_have_room(void)
{
    char name[4 * NAME_BYTES_MAX];
    char got[NAME_SIZE];
    repeat(name, "\xF0\x9F\x98\x80", NAME_CHARACTERS_MAX - 2);
    strcat(name, "    x");
    CU_ASSERT_TRUE(name_suggest(name, strlen(name), got));
    for (size_t blanks = 0; blanks < 8; blanks++) {
        repeat(name, "\xF0\x9F\x98\x80", NAME_CHARACTERS_MAX);
        memset(name + strlen(name), '\0', 16);
        memset(name + strlen(name), ' ', blanks);
        CU_ASSERT_FALSE(name_suggest(name, strlen(name), got));
        strcat(name, "x");
        CU_ASSERT_FALSE(name_suggest(name, strlen(name), got));
    }
}

static void the_rules_are_true(void)
{
    char rule[64];
    snprintf(rule, sizeof rule, " 1 to %d characters: ", NAME_CHARACTERS_MAX);
    CU_ASSERT_PTR_NOT_NULL(strstr(NAME_RULES, rule));
    CU_ASSERT_PTR_NOT_NULL(strstr(NAME_RULES, " emoji, and - . _ ', but no blanks."));
    CU_ASSERT_PTR_NOT_NULL(strstr(fault("a!"), " emoji, and - . _ '."));
    CU_ASSERT_PTR_NULL(fault("a-._'"));
    CU_ASSERT_PTR_NOT_NULL(strstr(fault("*"), " begin with / # @ or *."));
}

static const struct test tests[] = {
    {"a name means one of those that look like it, whichever is met first",
     a_name_means_one_of_those_that_look_like_it},
    {"a name that breaks no rule is good", good_names},
    {"each rule is kept, and its breach told in its own words", bad_names},
    {"a stored name stays good when the server takes it for its own", stored_names_stay_good},
    {"32 characters are allowed, whatever their bytes, and not 33", counts_characters},
    {"a fault is told in one whole sentence", faults_are_sentences},
    {"two names that differ by case alone are the same", case_does_not_count},
    {"two ways of writing the same letters are the same", ways_of_writing_do_not_count},
    {"names that look alike are known, and names that do not are not", what_looks_alike_is_known},
    {"what a name begins with is found without regard to case", beginnings_are_found},
    {"a name is found in what people say", names_are_found_in_texts},
    {"a name with blanks can be had without", blanks_can_be_bridged},
    {"the longest name that is suggested has room", suggestions_have_room},
    {"the rules that people are told are those that are kept", the_rules_are_true},
    {"the longest name of any character has room in every form", forms_have_room},
};

void add_name_suite(void)
{
    SUITE_ADD("name", tests);
}
