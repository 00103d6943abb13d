/* scratch_file: a file for a test to read, with a given content. */
#ifndef TESTS_UNIT_SCRATCH_FILE_H
#define TESTS_UNIT_SCRATCH_FILE_H

#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct scratch_file {
    char path[40];
};

/* Writes the file anew. */
static inline void scratch_file_write(const struct scratch_file *file, const void *bytes,
                                      size_t length)
{
    FILE *stream = fopen(file->path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, length, stream), length);
    CU_ASSERT_EQUAL(fclose(stream), 0);
}

static inline void scratch_file_put(const struct scratch_file *file, const char *text)
{
    scratch_file_write(file, text, strlen(text));
}

/* A file that only its owner may read. */
static inline struct scratch_file scratch_file_make(const char *text)
{
    struct scratch_file file = {"/tmp/partyline-unit-XXXXXX"};
    int fd = mkstemp(file.path);
    CU_ASSERT_TRUE_FATAL(fd >= 0);
    close(fd);
    scratch_file_put(&file, text);
    return file;
}

static inline void scratch_file_remove(const struct scratch_file *file)
{
    unlink(file->path);
}

#endif
