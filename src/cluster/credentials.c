#include "base/platform.h"

#include "base/file.h"
#include "cluster/credentials.h"

#include <stdio.h>
#include <string.h>

enum { FILE_BYTES_MAX = 65536 };

static const char made_by_nsc[] = "-----BEGIN ";

/* Sets user and password from a line, which is changed. Returns false if it is none. */
static bool set_user(natsOptions *options, char *line)
{
    line[strcspn(line, "\r\n")] = '\0';
    char *password = strchr(line, ':');
    if (password == NULL || password == line || password[1] == '\0')
        return false;
    *password++ = '\0';
    return natsOptions_SetUserInfo(options, line, password) == NATS_OK;
}

/* Sets what is in a file, whose bytes are wiped afterwards. */
static bool set_content(natsOptions *options, const char *path, struct buffer *bytes, char *fault,
                        size_t size)
{
    if (!buffer_append(bytes, "", 1)) {
        snprintf(fault, size, "out of memory");
        return false;
    }
    char *text = bytes->memory + bytes->start;
    if (strncmp(text, made_by_nsc, sizeof made_by_nsc - 1) == 0) {
        natsStatus status = natsOptions_SetUserCredentialsFromFiles(options, path, NULL);
        if (status != NATS_OK)
            snprintf(fault, size, "cannot use the credentials file %s: %s", path,
                     natsStatus_GetText(status));
        return status == NATS_OK;
    }
    if (set_user(options, text))
        return true;
    snprintf(fault, size,
             "the credentials file %s has neither a line USER:PASSWORD nor what nsc makes", path);
    return false;
}

bool credentials_set(natsOptions *options, const char *path, char *fault, size_t size)
{
    struct file_content content;
    char cause[FILE_CAUSE_SIZE];
    if (path == NULL)
        return true;
    int error = file_read(path, FILE_BYTES_MAX, &content);
    if (error != 0) {
        snprintf(fault, size, "cannot read the credentials file %s: %s", path,
                 file_explain(error, FILE_BYTES_MAX, cause));
        return false;
    }
    bool well = set_content(options, path, &content.bytes, fault, size);
    buffer_wipe(&content.bytes);
    return well;
}
