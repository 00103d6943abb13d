#include "base/platform.h"

#include "base/file.h"
#include "tls/tls_files.h"
#include "tls/tls_filter.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Some times what all authorities of a system take. */
enum { FILE_BYTES_MAX = 1024 * 1024 };

/*
 * Writes "cannot use the WHAT PATH: CAUSE". The cause is in these words, or, if there are none,
 * OpenSSL's. Returns false.
 */
static bool tell(struct tls_reading *reading, enum tls_file wrong, const char *path,
                 const char *words)
{
    static const char *const names[] = {[TLS_CERTIFICATE] = "certificate",
                                        [TLS_KEY] = "private key",
                                        [TLS_CLIENT_AUTHORITIES] = "certificates of"};
    char what[TLS_FAULT_SIZE / 2 - sizeof ": "];
    char *fault = reading->faults[wrong];
    snprintf(what, sizeof what, "cannot use the %s %s", names[wrong], path);
    if (words == NULL)
        tls_filter_tell(fault, TLS_FAULT_SIZE, what);
    else
        snprintf(fault, TLS_FAULT_SIZE, "%s: %s", what, words);
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
 * A file, which OpenSSL is given as bytes in memory: it would wait for a FIFO.
 */

struct pem_file {
    struct file_content content; /* may be a key */
    BIO *bytes;
};

/* Returns false with the fault told. */
static bool open_file(struct pem_file *file, enum tls_file which, const char *path,
                      struct tls_reading *reading)
{
    char cause[FILE_CAUSE_SIZE];
    int error = file_read(path, FILE_BYTES_MAX, &file->content);
    if (error != 0)
        return tell(reading, which, path, file_explain(error, FILE_BYTES_MAX, cause));
    const struct buffer *bytes = &file->content.bytes;
    file->bytes = BIO_new_mem_buf(buffer_bytes(bytes), (int)buffer_length(bytes));
    if (file->bytes != NULL)
        return true;
    buffer_wipe(&file->content.bytes);
    return tell(reading, which, path, NULL);
}

/* Forgets what OpenSSL said at its end, too. */
static void close_file(struct pem_file *file)
{
    ERR_clear_error();
    BIO_free(file->bytes);
    buffer_wipe(&file->content.bytes);
}

/* Whether the last error was that there is nothing more in a file. */
static bool is_at_end(void)
{
    unsigned long code = ERR_peek_last_error();
    return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

/* What wants a passphrase is refused: OpenSSL would ask at the terminal, and wait. */
static int note_passphrase(char *bytes, int size, int writing, void *context)
{
    bool *wanted = context;
    if (size > 0)
        *bytes = '\0';
    (void)writing;
    *wanted = true;
    return -1;
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

static bool has_expired(const X509 *certificate)
{
    return X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0;
}

static bool is_to_come(const X509 *certificate)
{
    return X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0;
}

bool tls_files_are_valid(const SSL_CTX *context)
{
    const X509 *certificate = SSL_CTX_get0_certificate(context);
    return !has_expired(certificate) && !is_to_come(certificate);
}

static void judge_certificate(SSL_CTX *context, const char *path, struct tls_reading *reading)
{
    char text[32];
    char *doubt = reading->doubts[TLS_CERTIFICATE];
    const X509 *certificate = SSL_CTX_get0_certificate(context);
    if (has_expired(certificate)) {
        write_time(X509_get0_notAfter(certificate), text);
        snprintf(doubt, TLS_FAULT_SIZE,
                 "the certificate %s has expired, at %s, and clients refuse it; renew it", path,
                 text);
    } else if (is_to_come(certificate)) {
        write_time(X509_get0_notBefore(certificate), text);
        snprintf(doubt, TLS_FAULT_SIZE,
                 "the certificate %s is not valid before %s, and clients refuse it until then; see "
                 "to the clock",
                 path, text);
    }
}

/* Adds the certificates that follow the server's own, up to the authority's. */
static bool use_chain(SSL_CTX *context, BIO *bytes)
{
    bool wanted = false; /* a passphrase */
    X509 *next;
    while ((next = PEM_read_bio_X509(bytes, NULL, note_passphrase, &wanted)) != NULL) {
        if (SSL_CTX_add0_chain_cert(context, next) != 1) {
            X509_free(next);
            return false;
        }
    }
    return is_at_end();
}

/* Uses the first certificate, and those behind it as its chain. */
static bool use_certificates(SSL_CTX *context, BIO *bytes)
{
    bool wanted = false;
    X509 *own = PEM_read_bio_X509_AUX(bytes, NULL, note_passphrase, &wanted);
    bool used =
        own != NULL && SSL_CTX_use_certificate(context, own) == 1 && use_chain(context, bytes);
    X509_free(own);
    return used;
}

static bool load_certificate(SSL_CTX *context, const char *path, struct tls_reading *reading)
{
    struct pem_file file;
    if (!open_file(&file, TLS_CERTIFICATE, path, reading))
        return false;
    bool used = use_certificates(context, file.bytes);
    if (used)
        judge_certificate(context, path, reading);
    else
        tell_of_certificate(reading, TLS_CERTIFICATE, path);
    close_file(&file);
    return used;
}

/*
 * The key.
 */

static void judge_key(const struct file_content *content, const char *path,
                      struct tls_reading *reading)
{
    if (content->exposed)
        snprintf(reading->doubts[TLS_KEY], TLS_FAULT_SIZE,
                 "everybody here can read the private key in %s (chmod o-r would end that)", path);
}

/* Returns the key, which the caller frees, or NULL with the fault told: `none` if there is none. */
static EVP_PKEY *read_key(const char *path, const char *none, struct tls_reading *reading)
{
    bool wanted = false; /* a passphrase */
    struct pem_file file;
    if (!open_file(&file, TLS_KEY, path, reading))
        return NULL;
    EVP_PKEY *key = PEM_read_bio_PrivateKey(file.bytes, NULL, note_passphrase, &wanted);
    if (key != NULL)
        judge_key(&file.content, path, reading);
    else
        tell(reading, TLS_KEY, path,
             wanted ? "it has a passphrase, which nobody could enter; remove that with openssl pkey"
                    : none);
    close_file(&file);
    return key;
}

/* Whether the key is in the file of the certificate. */
static bool is_beside(const struct tls_config *config)
{
    return strcmp(config->key, config->certificate) == 0;
}

/* Uses a key, if it is that of the certificate, which may not be there. */
static bool use_key(SSL_CTX *context, EVP_PKEY *key, const struct tls_config *config,
                    struct tls_reading *reading)
{
    char words[TLS_FAULT_SIZE / 2];
    const X509 *certificate = SSL_CTX_get0_certificate(context);
    if (certificate != NULL && X509_check_private_key(certificate, key) != 1) {
        snprintf(words, sizeof words, "it is the key of another certificate than that in %s",
                 config->certificate);
        return tell(reading, TLS_KEY, config->key, words);
    }
    return SSL_CTX_use_PrivateKey(context, key) == 1 || tell(reading, TLS_KEY, config->key, NULL);
}

static bool load_key(SSL_CTX *context, const struct tls_config *config, struct tls_reading *reading)
{
    static const char none[] = "there is no private key in it, or a damaged one; PEM has one "
                               "behind a line -----BEGIN PRIVATE KEY-----";
    static const char none_beside[] = "there is no private key in it beside the certificate, or a "
                                      "damaged one; give a file that has it (--tls-key)";
    EVP_PKEY *key = read_key(config->key, is_beside(config) ? none_beside : none, reading);
    bool used = key != NULL && use_key(context, key, config, reading);
    EVP_PKEY_free(key);
    return used;
}

/*
 * The authorities.
 */

/* Whether clients are told this authority's name already. */
static bool is_named(const SSL_CTX *context, const X509 *authority)
{
    const STACK_OF(X509_NAME) *names = SSL_CTX_get_client_CA_list(context);
    for (int i = 0; i < sk_X509_NAME_num(names); i++)
        if (X509_NAME_cmp(sk_X509_NAME_value(names, i), X509_get_subject_name(authority)) == 0)
            return true;
    return false;
}

/* Trusts an authority, and tells clients its name, for which they choose a certificate. */
static bool use_authority(SSL_CTX *context, X509 *authority)
{
    return X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority) == 1 &&
           (is_named(context, authority) || SSL_CTX_add_client_CA(context, authority) == 1);
}

/*
 * Whether OpenSSL ends a chain at this certificate: it vouches for itself, or is trusted for some
 * purpose by its file ("TRUSTED CERTIFICATE", as openssl x509 -addtrust makes them).
 */
static bool is_root(X509 *authority)
{
    return X509_NAME_cmp(X509_get_subject_name(authority), X509_get_issuer_name(authority)) == 0 ||
           sk_ASN1_OBJECT_num(X509_get0_trust_objects(authority)) > 0;
}

/*
 * Returns whether all certificates of a file were taken, and there were some. Stores whether one of
 * them is a root.
 */
static bool use_authorities(SSL_CTX *context, BIO *bytes, bool *rooted)
{
    bool wanted = false; /* a passphrase */
    bool used = false;
    X509 *next;
    while ((next = PEM_read_bio_X509_AUX(bytes, NULL, note_passphrase, &wanted)) != NULL) {
        used = use_authority(context, next);
        *rooted = *rooted || is_root(next);
        X509_free(next);
        if (!used)
            return false;
    }
    return used && is_at_end();
}

static void judge_authorities(const char *path, bool rooted, struct tls_reading *reading)
{
    if (!rooted)
        snprintf(reading->doubts[TLS_CLIENT_AUTHORITIES], TLS_FAULT_SIZE,
                 "no certificate in %s is an authority's that vouches for itself, so all "
                 "certificates of clients are refused; add the root's",
                 path);
}

/* A client may come without a certificate; one that is not vouched for ends the handshake. */
static bool load_authorities(SSL_CTX *context, const char *path, struct tls_reading *reading)
{
    struct pem_file file;
    bool rooted = false;
    if (path == NULL)
        return true;
    if (!open_file(&file, TLS_CLIENT_AUTHORITIES, path, reading))
        return false;
    bool used = use_authorities(context, file.bytes, &rooted);
    if (used) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
        judge_authorities(path, rooted, reading);
    } else {
        tell_of_certificate(reading, TLS_CLIENT_AUTHORITIES, path);
    }
    close_file(&file);
    return used;
}

bool tls_files_load(SSL_CTX *context, const struct tls_config *config, struct tls_reading *reading)
{
    *reading = (struct tls_reading){.faults = {""}};
    bool certificate = load_certificate(context, config->certificate, reading);
    /* What is wrong with a file for both is told once. */
    bool key = (certificate || !is_beside(config)) && load_key(context, config, reading);
    bool authorities = load_authorities(context, config->client_authorities, reading);
    return certificate && key && authorities;
}
