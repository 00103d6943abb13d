#include "suites.h"
#include "base/platform.h"
#include "scratch_file.h"

#include "chat/motd.h"

#include <CUnit/CUnit.h>
#include <errno.h>

/* Whether the message is shown as these lines, each between < and >. */
static bool shows(struct motd *motd, const char *expected)
{
    struct buffer out = {0};
    CU_ASSERT_TRUE(motd_append(motd, "<", ">", &out));
    size_t length = buffer_length(&out);
    bool same = length == strlen(expected) && memcmp(buffer_bytes(&out), expected, length) == 0;
    EXPECT(same, "it shows '%.*s'", (int)length, buffer_bytes(&out));
    buffer_free(&out);
    return same;
}

static void shows_clean_lines(void)
{
    static const struct {
        const char *text, *lines;
    } rows[] = {
        {"Be nice.\n", "<Be nice.>"},
        {"Be nice.", "<Be nice.>"},
        {"one\r\ntwo\r\n", "<one><two>"},
        {"\n\none\n \n\t\ntwo\n\n", "<one><two>"},
        {"  an indent  \n", "<  an indent>"},
        {"\x1B[31mred\x1B[0m\a\n", "<red>"},
        {"\xFF\n", "<\xEF\xBF\xBD>"},
        {"", ""},
        {"\n \n", ""},
    };
    struct scratch_file file = scratch_file_make("");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct motd *motd;
        scratch_file_put(&file, rows[i].text);
        CU_ASSERT_EQUAL_FATAL(motd_open(&motd, file.path), 0);
        shows(motd, rows[i].lines);
        motd_close(motd);
    }
    scratch_file_remove(&file);
}

static void keeps_the_old_one(void)
{
    struct scratch_file file = scratch_file_make("old\n");
    struct motd *motd;
    CU_ASSERT_EQUAL_FATAL(motd_open(&motd, file.path), 0);
    scratch_file_put(&file, "new\n");
    shows(motd, "<old>");
    CU_ASSERT_EQUAL(motd_reload(motd, file.path), 0);
    shows(motd, "<new>");
    scratch_file_remove(&file);
    CU_ASSERT_EQUAL(motd_reload(motd, file.path), ENOENT);
    shows(motd, "<new>");
    motd_close(motd);
    CU_ASSERT_EQUAL(motd_open(&motd, file.path), ENOENT);
}

static void comes_from_another_file(void)
{
    struct scratch_file file = scratch_file_make("news\n");
    struct motd *motd;
    CU_ASSERT_EQUAL_FATAL(motd_open(&motd, NULL), 0);
    shows(motd, "");
    CU_ASSERT_EQUAL(motd_reload(motd, file.path), 0);
    shows(motd, "<news>");
    CU_ASSERT_EQUAL(motd_reload(motd, NULL), 0);
    shows(motd, "");
    motd_close(motd);
    scratch_file_remove(&file);
}

static void is_bounded(void)
{
    static char long_text[MOTD_BYTES_MAX + 1];
    struct scratch_file file = scratch_file_make("");
    struct motd *motd;
    memset(long_text, 'x', sizeof long_text);
    scratch_file_write(&file, long_text, sizeof long_text);
    CU_ASSERT_EQUAL(motd_open(&motd, file.path), EFBIG);
    scratch_file_write(&file, long_text, sizeof long_text - 1);
    CU_ASSERT_EQUAL_FATAL(motd_open(&motd, file.path), 0);
    motd_close(motd);
    scratch_file_remove(&file);
}

static const struct test tests[] = {
    {"the message has the lines of the file, clean and none of them empty", shows_clean_lines},
    {"the message is read anew, and stays as it was when that fails", keeps_the_old_one},
    {"the message may come from another file, or from none", comes_from_another_file},
    {"a file that is too long is refused", is_bounded},
};

void add_motd_suite(void)
{
    SUITE_ADD("motd", tests);
}
