/*
 * capture: what is written to one of the standard descriptors meanwhile. No assertion that ends a
 * test may stand between the two calls.
 */
#ifndef TESTS_UNIT_CAPTURE_H
#define TESTS_UNIT_CAPTURE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct capture {
    int fd;    /* that is captured */
    int saved; /* what it was */
    int file;  /* where it goes */
};

/* Without a place to write to there is nothing to test: then it ends the run. */
static inline void capture_begin(struct capture *capture, int fd)
{
    char path[] = "/tmp/partyline-unit-XXXXXX";
    fflush(NULL);
    *capture = (struct capture){.fd = fd, .saved = dup(fd), .file = mkstemp(path)};
    if (capture->saved < 0 || capture->file < 0 || dup2(capture->file, fd) < 0) {
        perror("unit: cannot capture");
        abort();
    }
    unlink(path);
}

/* What has been written so far, as a string that the caller frees. */
static inline char *capture_text(const struct capture *capture)
{
    struct stat status;
    fflush(NULL);
    if (fstat(capture->file, &status) < 0)
        return NULL;
    size_t size = (size_t)status.st_size;
    char *text = malloc(size + 1);
    ssize_t length = text != NULL ? pread(capture->file, text, size, 0) : -1;
    if (length >= 0)
        text[length] = '\0';
    return text;
}

/* Ends it; returns what was written, as a string that the caller frees. */
static inline char *capture_end(const struct capture *capture)
{
    char *text = capture_text(capture);
    dup2(capture->saved, capture->fd);
    close(capture->saved);
    close(capture->file);
    return text;
}

#endif
