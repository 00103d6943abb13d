#include "base/platform.h"

#include "base/file.h"
#include "base/lock.h"
#include "base/secret.h"
#include "base/text.h"
#include "chat/password.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 4096 };

/* Padded with NULs, so that all of it can be compared. */
struct secret {
    unsigned char bytes[PASSWORD_BYTES_MAX];
    size_t length;
    bool exposed;
};

struct password {
    struct lock lock;
    struct secret secret; /* guarded by the lock */
};

/* Whether a text is UTF-8 without control characters. */
static bool is_text(const char *bytes, size_t length)
{
    while (length > 0) {
        uint32_t character;
        size_t size = text_decode(bytes, length, &character);
        if (character == TEXT_INVALID || text_is_control(character))
            return false;
        bytes += size;
        length -= size;
    }
    return true;
}

/* Fills in the secret from the first line of a file. Returns false if that is no password. */
static bool take_first_line(const char *bytes, size_t length, struct secret *secret)
{
    const char *end = memchr(bytes, '\n', length);
    if (end != NULL)
        length = (size_t)(end - bytes);
    text_strip(&bytes, &length);
    if (length == 0 || length > PASSWORD_BYTES_MAX || !is_text(bytes, length))
        return false;
    memcpy(secret->bytes, bytes, length);
    secret->length = length;
    return true;
}

static int read_secret(const char *path, struct secret *secret)
{
    struct file_content content;
    *secret = (struct secret){.length = 0};
    if (path == NULL)
        return 0;
    int error = file_read(path, FILE_BYTES_MAX, &content);
    if (error != 0)
        return error;
    secret->exposed = content.exposed;
    if (!take_first_line(buffer_bytes(&content.bytes), buffer_length(&content.bytes), secret))
        error = PASSWORD_UNFIT;
    buffer_wipe(&content.bytes);
    return error;
}

int password_open(struct password **result, const char *path)
{
    struct password *password = malloc(sizeof *password);
    if (password == NULL)
        return ENOMEM;
    int error = read_secret(path, &password->secret);
    if (error == 0)
        error = lock_init(&password->lock, LOCK_RANK_RELOADED, "password");
    if (error == 0)
        *result = password;
    else
        free(password);
    return error;
}

const char *password_explain(int error, char cause[FILE_CAUSE_SIZE])
{
    return error == PASSWORD_UNFIT ? PASSWORD_RULES : file_explain(error, FILE_BYTES_MAX, cause);
}

void password_close(struct password *password)
{
    lock_destroy(&password->lock);
    secret_wipe(&password->secret, sizeof password->secret);
    free(password);
}

bool password_is_wanted(struct password *password)
{
    lock_take(&password->lock);
    bool wanted = password->secret.length > 0;
    lock_release(&password->lock);
    return wanted;
}

bool password_is_exposed(struct password *password)
{
    lock_take(&password->lock);
    bool exposed = password->secret.exposed;
    lock_release(&password->lock);
    return exposed;
}

int password_reload(struct password *password, const char *path)
{
    struct secret secret;
    lock_assert_none_held();
    int error = read_secret(path, &secret);
    if (error != 0)
        return error;
    lock_take(&password->lock);
    password->secret = secret;
    lock_release(&password->lock);
    secret_wipe(&secret, sizeof secret);
    return 0;
}

bool password_matches(struct password *password, const char *text, size_t length)
{
    unsigned char given[PASSWORD_BYTES_MAX] = {0};
    text_strip(&text, &length);
    memcpy(given, text, length < sizeof given ? length : sizeof given);
    lock_take(&password->lock);
    unsigned differences = length != password->secret.length;
    for (size_t i = 0; i < sizeof given; i++)
        differences |= (unsigned)(given[i] ^ password->secret.bytes[i]);
    lock_release(&password->lock);
    secret_wipe(given, sizeof given);
    return differences == 0;
}
