#include "suites.h"
#include "base/platform.h"
#include "scratch_file.h"

#include "chat/password.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <sys/stat.h>

static bool matches(struct password *password, const char *text)
{
    return password_matches(password, text, strlen(text));
}

static void is_the_first_line(void)
{
    static const struct {
        const char *file, *password;
    } rows[] = {
        {"hunter2\n", "hunter2"},
        {"hunter2", "hunter2"},
        {"hunter2\r\n", "hunter2"},
        {"hunter2\nmore\n", "hunter2"},
        {"  hunter2  \n", "hunter2"},
        {"two words\n", "two words"},
        {"\xC3\xA9t\xC3\xA9\n", "\xC3\xA9t\xC3\xA9"},
    };
    struct scratch_file file = scratch_file_make("");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct password *password;
        scratch_file_put(&file, rows[i].file);
        CU_ASSERT_EQUAL_FATAL(password_open(&password, file.path), 0);
        EXPECT(matches(password, rows[i].password), "'%s'", rows[i].password);
        CU_ASSERT_FALSE(matches(password, ""));
        password_close(password);
    }
    scratch_file_remove(&file);
}

static void nothing_else_matches(void)
{
    static const char *const others[] = {"",        "hunter",      "hunter22",
                                         "Hunter2", "hunter 2",    "hunter3",
                                         "xunter2", "hunter2\x01", "hunter2\xFF"};
    struct scratch_file file = scratch_file_make("hunter2\n");
    struct password *password;
    char long_text[2 * PASSWORD_BYTES_MAX];
    CU_ASSERT_EQUAL_FATAL(password_open(&password, file.path), 0);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        EXPECT(!matches(password, others[i]), "'%s' matches", others[i]);
    CU_ASSERT_TRUE(matches(password, " hunter2 "));
    CU_ASSERT_FALSE(password_matches(password, "hunter2\0", 8));
    memset(long_text, 'x', sizeof long_text);
    memcpy(long_text, "hunter2", 7);
    CU_ASSERT_FALSE(password_matches(password, long_text, sizeof long_text));
    password_close(password);
    memset(long_text, 'x', sizeof long_text);
    scratch_file_write(&file, long_text, PASSWORD_BYTES_MAX);
    CU_ASSERT_EQUAL_FATAL(password_open(&password, file.path), 0);
    CU_ASSERT_TRUE(password_matches(password, long_text, PASSWORD_BYTES_MAX));
    CU_ASSERT_FALSE(password_matches(password, long_text, PASSWORD_BYTES_MAX + 1));
    CU_ASSERT_FALSE(password_matches(password, long_text, PASSWORD_BYTES_MAX - 1));
    password_close(password);
    scratch_file_remove(&file);
}

static void unfit_files_are_refused(void)
{
    static const char *const unfit[] = {"", "\n", "  \nhunter2\n", "a\tb\n", "a\x1B[A\n", "\xFF\n"};
    struct scratch_file file = scratch_file_make("");
    struct password *password = NULL;
    char long_text[5000];
    for (size_t i = 0; i < sizeof unfit / sizeof *unfit; i++) {
        scratch_file_put(&file, unfit[i]);
        EXPECT(password_open(&password, file.path) == PASSWORD_UNFIT, "'%s' is fit", unfit[i]);
    }
    scratch_file_write(&file, "a\0b", 3);
    CU_ASSERT_EQUAL(password_open(&password, file.path), PASSWORD_UNFIT);
    memset(long_text, 'x', sizeof long_text);
    scratch_file_write(&file, long_text, PASSWORD_BYTES_MAX + 1);
    CU_ASSERT_EQUAL(password_open(&password, file.path), PASSWORD_UNFIT);
    scratch_file_write(&file, long_text, sizeof long_text);
    CU_ASSERT_EQUAL(password_open(&password, file.path), EFBIG);
    scratch_file_remove(&file);
    CU_ASSERT_EQUAL(password_open(&password, file.path), ENOENT);
}

static void keeps_the_old_one(void)
{
    struct scratch_file file = scratch_file_make("old\n");
    struct password *password;
    CU_ASSERT_EQUAL_FATAL(password_open(&password, file.path), 0);
    scratch_file_put(&file, "longer\n");
    CU_ASSERT_TRUE(matches(password, "old"));
    CU_ASSERT_EQUAL(password_reload(password, file.path), 0);
    CU_ASSERT_TRUE(matches(password, "longer"));
    CU_ASSERT_FALSE(matches(password, "old"));
    scratch_file_put(&file, "\n");
    CU_ASSERT_EQUAL(password_reload(password, file.path), PASSWORD_UNFIT);
    scratch_file_remove(&file);
    CU_ASSERT_EQUAL(password_reload(password, file.path), ENOENT);
    CU_ASSERT_TRUE(matches(password, "longer"));
    password_close(password);
}

static void comes_and_goes(void)
{
    struct scratch_file file = scratch_file_make("hunter2\n");
    struct password *password;
    CU_ASSERT_EQUAL_FATAL(password_open(&password, NULL), 0);
    CU_ASSERT_FALSE(password_is_wanted(password));
    CU_ASSERT_EQUAL(password_reload(password, file.path), 0);
    CU_ASSERT_TRUE(password_is_wanted(password));
    CU_ASSERT_TRUE(matches(password, "hunter2"));
    CU_ASSERT_EQUAL(password_reload(password, NULL), 0);
    CU_ASSERT_FALSE(password_is_wanted(password));
    CU_ASSERT_FALSE(matches(password, "hunter2"));
    password_close(password);
    scratch_file_remove(&file);
}

static void knows_who_may_read(void)
{
    struct scratch_file file = scratch_file_make("hunter2\n");
    struct password *password;
    CU_ASSERT_EQUAL_FATAL(password_open(&password, file.path), 0);
    CU_ASSERT_FALSE(password_is_exposed(password));
    CU_ASSERT_EQUAL(chmod(file.path, 0644), 0);
    CU_ASSERT_EQUAL(password_reload(password, file.path), 0);
    CU_ASSERT_TRUE(password_is_exposed(password));
    password_close(password);
    scratch_file_remove(&file);
}

static const struct test tests[] = {
    {"the password is the first line of the file, without blanks at its ends", is_the_first_line},
    {"nothing else is the password", nothing_else_matches},
    {"a file whose first line is no password is refused", unfit_files_are_refused},
    {"the password is read anew, and stays as it was when that fails", keeps_the_old_one},
    {"there may be no password, and one later", comes_and_goes},
    {"it is known whether everybody may read the file", knows_who_may_read},
};

void add_password_suite(void)
{
    SUITE_ADD("password", tests);
}
