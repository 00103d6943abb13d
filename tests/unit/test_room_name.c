#include "suites.h"

#include "chat/room_name.h"

#include <CUnit/CUnit.h>
#include <string.h>

static void names_of_rooms(void)
{
    static const struct {
        const char *typed, *name; /* NULL: it is refused */
    } rows[] = {
        {"ops", "ops"},
        {"#ops", "ops"},
        {"##ops", NULL},
        {"#", NULL},
        {"", NULL},
        {"dev-2.0_x", "dev-2.0_x"},
        {"Z\xC3\xBCrich", "Z\xC3\xBCrich"},
        {"\xD0\xBE\xD1\x82\xD0\xB4\xD0\xB5\xD0\xBB", "\xD0\xBE\xD1\x82\xD0\xB4\xD0\xB5\xD0\xBB"},
        {"password", "password"},   /* what a person cannot be called, as no prompt has a # */
        {"o'clock", NULL},          /* a name may have it, a room may not */
        {"\xF0\x9F\x98\x80", NULL}, /* the same for an emoji */
        {"two words", NULL},
        {"a,b", NULL},
        {"a#b", NULL},
        {"/ops", NULL},
        {"ops\x80", NULL},
        {"...", NULL},
        {"12345678901234567890123456789012", "12345678901234567890123456789012"},
        {"#12345678901234567890123456789012", "12345678901234567890123456789012"},
        {"123456789012345678901234567890123", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[NAME_SIZE] = "";
        const char *typed = rows[i].typed;
        bool allowed = room_name_read(typed, strlen(typed), name);
        EXPECT(allowed == (rows[i].name != NULL), "%s", typed);
        if (allowed && rows[i].name != NULL)
            EXPECT(strcmp(name, rows[i].name) == 0, "%s is %s", typed, name);
    }
}

static void the_length_is_what_counts(void)
{
    char name[NAME_SIZE];
    CU_ASSERT_TRUE(room_name_read("#ops sesame", 4, name));
    CU_ASSERT_STRING_EQUAL(name, "ops");
    CU_ASSERT_FALSE(room_name_read("ops\0x", 5, name));
}

void add_room_name_suite(void)
{
    static const struct test tests[] = {
        {"a room has letters, digits and - . _, behind a # or not", names_of_rooms},
        {"nothing behind the given length is looked at", the_length_is_what_counts},
    };
    SUITE_ADD("room_name", tests);
}
