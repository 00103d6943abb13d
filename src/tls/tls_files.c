#include "base/platform.h"

#include "tls/tls_files.h"
#include "tls/tls_filter.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/*
 * Writes "cannot use the WHAT PATH: CAUSE". The cause is in these words, unless the system has one
 * or there are none. Returns false.
 */
static bool tell(struct tls_reading *reading, enum tls_file wrong, const char *path,
                 const char *words)
{
    static const char *const names[] = {[TLS_NO_FILE] = "file",
                                        [TLS_CERTIFICATE] = "certificate",
                                        [TLS_KEY] = "private key",
                                        [TLS_CLIENT_AUTHORITIES] = "certificates of"};
    char what[TLS_FAULT_SIZE / 2];
    snprintf(what, sizeof what, "cannot use the %s %s", names[wrong], path);
    reading->wrong = wrong;
    if (words == NULL || ERR_SYSTEM_ERROR(ERR_peek_error()))
        tls_filter_tell(reading->fault, sizeof reading->fault, what);
    else
        snprintf(reading->fault, sizeof reading->fault, "%s: %s", what, words);
    ERR_clear_error();
    return false;
}

/* Tells why there is no certificate, or none that OpenSSL takes. */
static bool tell_of_certificate(struct tls_reading *reading, enum tls_file wrong, const char *path)
{
    unsigned long code = ERR_peek_error();
    bool none = code == 0 ||
                (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE);
    return tell(reading, wrong, path,
                none ? "there is no certificate in it; PEM has one behind a line "
                       "-----BEGIN CERTIFICATE-----"
                     : NULL);
}

/*
 * The certificate.
 */

static void write_time(const ASN1_TIME *time, char text[32])
{
    struct tm parts;
    if (ASN1_TIME_to_tm(time, &parts) != 1 ||
        strftime(text, 32, "%Y-%m-%d %H:%M:%S UTC", &parts) == 0)
        snprintf(text, 32, "a time that is none");
}

static void judge_certificate(SSL_CTX *context, const char *path, struct tls_reading *reading)
{
    char text[32];
    const X509 *certificate = SSL_CTX_get0_certificate(context);
    const ASN1_TIME *begin = X509_get0_notBefore(certificate);
    const ASN1_TIME *end = X509_get0_notAfter(certificate);
    if (X509_cmp_current_time(end) < 0) {
        write_time(end, text);
        snprintf(reading->certificate_doubt, TLS_FAULT_SIZE,
                 "the certificate %s has expired, at %s, and clients refuse it; renew it", path,
                 text);
    } else if (X509_cmp_current_time(begin) > 0) {
        write_time(begin, text);
        snprintf(reading->certificate_doubt, TLS_FAULT_SIZE,
                 "the certificate %s is not valid before %s, and clients refuse it until then; see "
                 "to the clock",
                 path, text);
    }
}

static bool load_certificate(SSL_CTX *context, const char *path, struct tls_reading *reading)
{
    if (SSL_CTX_use_certificate_chain_file(context, path) != 1)
        return tell_of_certificate(reading, TLS_CERTIFICATE, path);
    judge_certificate(context, path, reading);
    return true;
}

/*
 * The key.
 */

/* A key that wants a passphrase is refused: OpenSSL would ask at the terminal, and wait. */
static int note_passphrase(char *bytes, int size, int writing, void *context)
{
    bool *wanted = context;
    if (size > 0)
        *bytes = '\0';
    (void)writing;
    *wanted = true;
    return -1;
}

static void judge_key(BIO *file, const char *path, struct tls_reading *reading)
{
    FILE *stream = NULL;
    struct stat status;
    if (BIO_get_fp(file, &stream) == 1 && fstat(fileno(stream), &status) == 0 &&
        (status.st_mode & S_IROTH) != 0)
        snprintf(reading->key_doubt, TLS_FAULT_SIZE,
                 "everybody here can read the private key in %s (chmod o-r would end that)", path);
}

/* Returns the key, which the caller frees, or NULL with the fault told: `none` if there is none. */
static EVP_PKEY *read_key(const char *path, const char *none, struct tls_reading *reading)
{
    bool wanted = false; /* a passphrase */
    BIO *file = BIO_new_file(path, "r");
    EVP_PKEY *key =
        file != NULL ? PEM_read_bio_PrivateKey(file, NULL, note_passphrase, &wanted) : NULL;
    if (key != NULL)
        judge_key(file, path, reading);
    else
        tell(reading, TLS_KEY, path,
             wanted ? "it has a passphrase, which nobody could enter; remove that with openssl pkey"
                    : none);
    BIO_free(file);
    return key;
}

static bool load_key(SSL_CTX *context, const struct tls_config *config, struct tls_reading *reading)
{
    static const char none[] = "there is no private key in it, or a damaged one; PEM has one "
                               "behind a line -----BEGIN PRIVATE KEY-----";
    static const char none_beside[] = "there is no private key in it beside the certificate, or a "
                                      "damaged one; give a file that has it (--tls-key)";
    char words[TLS_FAULT_SIZE / 2];
    bool beside = strcmp(config->key, config->certificate) == 0;
    EVP_PKEY *key = read_key(config->key, beside ? none_beside : none, reading);
    if (key == NULL)
        return false;
    bool well = X509_check_private_key(SSL_CTX_get0_certificate(context), key) == 1;
    if (!well) {
        snprintf(words, sizeof words, "it is the key of another certificate than that in %s",
                 config->certificate);
        tell(reading, TLS_KEY, config->key, words);
    } else if (SSL_CTX_use_PrivateKey(context, key) != 1) {
        well = tell(reading, TLS_KEY, config->key, NULL);
    }
    EVP_PKEY_free(key);
    return well;
}

/*
 * The authorities.
 */

/* A client may come without a certificate; one that is not vouched for ends the handshake. */
static bool load_authorities(SSL_CTX *context, const char *path, struct tls_reading *reading)
{
    if (path == NULL)
        return true;
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(path);
    if (names == NULL || SSL_CTX_load_verify_locations(context, path, NULL) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return tell_of_certificate(reading, TLS_CLIENT_AUTHORITIES, path);
    }
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    return true;
}

bool tls_files_load(SSL_CTX *context, const struct tls_config *config, struct tls_reading *reading)
{
    *reading = (struct tls_reading){.wrong = TLS_NO_FILE};
    return load_certificate(context, config->certificate, reading) &&
           load_key(context, config, reading) &&
           load_authorities(context, config->client_authorities, reading);
}
