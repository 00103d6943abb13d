#include "suites.h"
#include "base/platform.h"
#include "scratch_file.h"

#include "base/file.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <sys/stat.h>

static void reads_up_to_the_limit(void)
{
    struct scratch_file file = scratch_file_make("12345");
    struct file_content content;
    CU_ASSERT_EQUAL_FATAL(file_read(file.path, 5, &content), 0);
    CU_ASSERT_EQUAL_FATAL(buffer_length(&content.bytes), 5);
    CU_ASSERT_EQUAL(memcmp(buffer_bytes(&content.bytes), "12345", 5), 0);
    buffer_free(&content.bytes);
    CU_ASSERT_EQUAL(file_read(file.path, 4, &content), EFBIG);
    CU_ASSERT_EQUAL(buffer_length(&content.bytes), 0);
    scratch_file_put(&file, "");
    CU_ASSERT_EQUAL(file_read(file.path, 5, &content), 0);
    CU_ASSERT_EQUAL(buffer_length(&content.bytes), 0);
    buffer_free(&content.bytes);
    scratch_file_remove(&file);
}

static void tells_who_may_read(void)
{
    struct scratch_file file = scratch_file_make("x");
    struct file_content content;
    static const struct {
        mode_t mode;
        bool exposed;
    } rows[] = {{0600, false}, {0640, false}, {0644, true}, {0604, true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CU_ASSERT_EQUAL(chmod(file.path, rows[i].mode), 0);
        CU_ASSERT_EQUAL(file_read(file.path, 5, &content), 0);
        EXPECT(content.exposed == rows[i].exposed, "mode %o", (unsigned)rows[i].mode);
        buffer_free(&content.bytes);
    }
    scratch_file_remove(&file);
}

static void refuses_what_is_no_file(void)
{
    struct scratch_file file = scratch_file_make("x");
    struct file_content content;
    scratch_file_remove(&file);
    CU_ASSERT_EQUAL(file_read(file.path, 5, &content), ENOENT);
    CU_ASSERT_EQUAL(file_read("/", 5, &content), EISDIR);
    CU_ASSERT_EQUAL(mkfifo(file.path, 0600), 0);
    CU_ASSERT_EQUAL(file_read(file.path, 5, &content), EOPNOTSUPP); /* and does not wait for it */
    CU_ASSERT_PTR_NULL(content.bytes.memory);
    scratch_file_remove(&file);
}

static void explains(void)
{
    char cause[FILE_CAUSE_SIZE];
    CU_ASSERT_STRING_EQUAL(file_explain(EFBIG, 16384, cause), "it has more than 16 KiB");
    CU_ASSERT_STRING_EQUAL(file_explain(EFBIG, 100, cause), "it has more than 100 bytes");
    CU_ASSERT_STRING_EQUAL(file_explain(EOPNOTSUPP, 100, cause), "it is no regular file");
    CU_ASSERT_STRING_EQUAL(file_explain(ENOENT, 100, cause), strerror(ENOENT));
}

static const struct test tests[] = {
    {"why a file was not read is told in words that fit", explains},
    {"a file is read as a whole, or not at all", reads_up_to_the_limit},
    {"it is known whether everybody may read it", tells_who_may_read},
    {"a directory and a FIFO are refused", refuses_what_is_no_file},
};

void add_file_suite(void)
{
    SUITE_ADD("file", tests);
}
