#include "base/platform.h"

#include "base/secret.h"
#include "archive/hashing.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * <crypt.h> has crypt_r(), on Linux. Elsewhere crypt() of <unistd.h> does: only one thread hashes.
 */
#if defined(__linux__)
#include <crypt.h>
#define HAS_CRYPT_R 1
#endif

enum { SETTING_SIZE = 256 };

/* What hashing needs, on the heap: crypt_data has 32 KiB. */
struct hashing {
    char password[HASHING_PASSWORD_MAX + 1];
    char setting[SETTING_SIZE];
#ifdef HAS_CRYPT_R
    struct crypt_data data;
#endif
};

static struct hashing *hashing_begin(struct words password)
{
    if (password.length == 0 || password.length > HASHING_PASSWORD_MAX ||
        memchr(password.bytes, '\0', password.length) != NULL)
        return NULL;
    struct hashing *hashing = calloc(1, sizeof *hashing);
    if (hashing != NULL)
        memcpy(hashing->password, password.bytes, password.length);
    return hashing;
}

static void hashing_end(struct hashing *hashing)
{
    secret_wipe(hashing, sizeof *hashing);
    free(hashing);
}

/* Returns the hash by a setting, valid until hashing_end(); NULL if that fails. */
static const char *hash_by(struct hashing *hashing, const char *setting)
{
#ifdef HAS_CRYPT_R
    const char *hash = crypt_r(hashing->password, setting, &hashing->data);
#else
    const char *hash = crypt(hashing->password, setting);
#endif
    return hash != NULL && hash[0] != '*' ? hash : NULL;
}

/*
 * Settings: a scheme, its cost and a salt, as one string.
 */

struct scheme {
    const char *prefix, *name;
};

static const struct scheme schemes[] = {{"$y$", "yescrypt"}, {"$gy$", "gost-yescrypt"},
                                        {"$7$", "scrypt"},   {"$2b$", "bcrypt"},
                                        {"$6$", "SHA-512"},  {"$5$", "SHA-256"}};

enum { SCHEME_COUNT = sizeof schemes / sizeof *schemes };

static const struct scheme *scheme_of(const char *hash)
{
    for (size_t i = 0; i < SCHEME_COUNT; i++)
        if (strncmp(hash, schemes[i].prefix, strlen(schemes[i].prefix)) == 0)
            return &schemes[i];
    return NULL;
}

#ifdef CRYPT_GENSALT_OUTPUT_SIZE

/* libxcrypt knows the best scheme of the system and its cost, and makes the salt. */
static bool make_setting(char setting[SETTING_SIZE])
{
    return crypt_gensalt_rn(NULL, 0, NULL, 0, setting, SETTING_SIZE) != NULL &&
           scheme_of(setting) != NULL;
}

#else

static bool read_random(unsigned char *bytes, size_t length)
{
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, bytes, length);
    close(fd);
    return got == (ssize_t)length;
}

/* Makes the setting of a scheme: what leads to it, and 22 characters of salt, or 16. */
static bool make_setting_of(const char *beginning, size_t salt, char setting[SETTING_SIZE])
{
    static const char digits[] = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    unsigned char random[22];
    size_t length = strlen(beginning);
    if (!read_random(random, sizeof random))
        return false;
    memcpy(setting, beginning, length);
    for (size_t i = 0; i < salt; i++)
        setting[length++] = digits[random[i] % 64];
    if (salt == 22)
        setting[length - 1] = 'u'; /* of bcrypt's last digit only two bits are salt */
    setting[length] = '\0';
    return true;
}

/* Tries what a system may have, the strongest first. */
static bool make_setting(char setting[SETTING_SIZE])
{
    static const struct {
        const char *beginning;
        size_t salt;
    } candidates[] = {{"$2b$11$", 22}, {"$6$rounds=300000$", 16}, {"$5$rounds=500000$", 16}};
    struct hashing *probe = hashing_begin((struct words){"probe", 5});
    bool found = false;
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates && probe != NULL && !found; i++) {
        const char *hash = NULL;
        if (make_setting_of(candidates[i].beginning, candidates[i].salt, setting))
            hash = hash_by(probe, setting);
        found = hash != NULL && strncmp(hash, candidates[i].beginning, 3) == 0;
    }
    if (probe != NULL)
        hashing_end(probe);
    return found;
}

#endif

const char *hashing_scheme(void)
{
    char setting[SETTING_SIZE];
    return make_setting(setting) ? scheme_of(setting)->name : NULL;
}

bool hashing_make(struct words password, char hash[HASHING_SIZE])
{
    struct hashing *hashing = hashing_begin(password);
    if (hashing == NULL)
        return false;
    const char *made = make_setting(hashing->setting) ? hash_by(hashing, hashing->setting) : NULL;
    bool well = made != NULL && scheme_of(made) != NULL && strlen(made) < HASHING_SIZE;
    if (well)
        memcpy(hash, made, strlen(made) + 1);
    hashing_end(hashing);
    return well;
}

static bool are_equal(const char *left, const char *right)
{
    size_t length = strlen(left);
    unsigned char difference = 0;
    if (strlen(right) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        difference = (unsigned char)(difference | (left[i] ^ right[i]));
    return difference == 0;
}

bool hashing_matches(struct words password, const char *hash)
{
    struct hashing *hashing = hashing_begin(password);
    if (hashing == NULL)
        return false;
    const char *made = scheme_of(hash) != NULL ? hash_by(hashing, hash) : NULL;
    bool equal = made != NULL && are_equal(made, hash);
    hashing_end(hashing);
    return equal;
}
