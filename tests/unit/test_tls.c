#include "suites.h"

#include "../tls/tls_client.h"
#include "scratch_file.h"
#include "tls/tls.h"
#include "tls/tls_files.h"
#include "tls/tls_filter.h"
#include "tls/tls_socket.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A server's filter and a client, with a socket of little room between them. */
struct pair {
    SSL_CTX *context;
    struct filter *server;
    struct tls_client *client;
    int sockets[2]; /* the server's, and the client's */
    struct tls_handshakes handshakes;
};

enum { ROOM_BYTES = 8 * 1024, LINE_BYTES = 1000, READ_BYTES = 700 };

static void certify(SSL_CTX *context)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(key);
    CU_ASSERT_PTR_NOT_NULL_FATAL(certificate);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    CU_ASSERT(X509_sign(certificate, key, EVP_sha256()) > 0);
    CU_ASSERT_EQUAL(SSL_CTX_use_certificate(context, certificate), 1);
    CU_ASSERT_EQUAL(SSL_CTX_use_PrivateKey(context, key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void shake(struct pair *pair)
{
    char fault[FILTER_FAULT_SIZE];
    enum tls_client_progress client = TLS_CLIENT_WANTS_INPUT;
    enum filter_progress server = FILTER_WANTS_INPUT;
    for (int turn = 0; turn < 100 && (client != TLS_CLIENT_DONE || server != FILTER_DONE); turn++) {
        if (client != TLS_CLIENT_DONE)
            client = tls_client_shake(pair->client);
        if (server != FILTER_DONE)
            server = pair->server->functions->shake(pair->server, fault);
    }
    CU_ASSERT_EQUAL_FATAL(client, TLS_CLIENT_DONE);
    CU_ASSERT_EQUAL_FATAL(server, FILTER_DONE);
}

static void begin(struct pair *pair)
{
    const int room = ROOM_BYTES;
    pair->context = SSL_CTX_new(TLS_server_method());
    CU_ASSERT_PTR_NOT_NULL_FATAL(pair->context);
    SSL_CTX_set_mode(pair->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS);
    certify(pair->context);
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, pair->sockets), 0);
    for (int i = 0; i < 2; i++)
        setsockopt(pair->sockets[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    CU_ASSERT_EQUAL_FATAL(tls_socket_prepare(), 0);
    pair->server = tls_filter_create(pair->context, pair->sockets[0], &pair->handshakes);
    pair->client = tls_client_create(pair->sockets[1], false);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pair->server);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pair->client);
    shake(pair);
}

static void end(struct pair *pair)
{
    pair->server->functions->free(pair->server);
    tls_client_free(pair->client);
    close(pair->sockets[0]);
    close(pair->sockets[1]);
    SSL_CTX_free(pair->context);
}

static ssize_t serve(struct pair *pair, const void *bytes, size_t length)
{
    return pair->server->functions->send(pair->server, bytes, length);
}

static ssize_t hear_counted(struct pair *pair, void *bytes, size_t size, size_t *overhead)
{
    return pair->server->functions->receive(pair->server, bytes, size, overhead);
}

static ssize_t hear(struct pair *pair, void *bytes, size_t size)
{
    size_t overhead;
    return hear_counted(pair, bytes, size, &overhead);
}

/* Sends as long as the socket takes it. Returns how many bytes of the stream it took. */
static size_t fill(struct pair *pair, const char *stream, size_t size)
{
    size_t sent = 0;
    while (sent < size) {
        ssize_t taken = serve(pair, stream + sent, size - sent);
        if (taken < 0) {
            CU_ASSERT_EQUAL_FATAL(errno, EAGAIN);
            return sent;
        }
        sent += (size_t)taken;
    }
    return sent;
}

static char *make_stream(size_t size)
{
    char *stream = malloc(size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    for (size_t i = 0; i < size; i++)
        stream[i] = (char)(i * 7 + i / 251);
    return stream;
}

/* Reads and sends by turns, until the client has all of the stream. */
static void carry(struct pair *pair, const char *stream, size_t size, size_t sent)
{
    char bytes[READ_BYTES];
    size_t got = 0;
    for (size_t turn = 0; turn < 10 * size && got < size; turn++) {
        ssize_t received = tls_client_receive(pair->client, bytes, sizeof bytes);
        if (received > 0) {
            CU_ASSERT_EQUAL(memcmp(bytes, stream + got, (size_t)received), 0);
            got += (size_t)received;
        } else {
            CU_ASSERT_EQUAL(errno, EAGAIN);
        }
        sent += fill(pair, stream + sent, size - sent);
    }
    CU_ASSERT_EQUAL(got, size);
}

/* Has the client take new keys, which the server has to answer, and say something. */
static void change_keys(struct pair *pair)
{
    char byte = '\0';
    tls_client_change_keys(pair->client);
    CU_ASSERT_EQUAL(tls_client_send(pair->client, "x", 1), 1);
    CU_ASSERT_EQUAL_FATAL(hear(pair, &byte, 1), 1);
    CU_ASSERT_EQUAL(byte, 'x');
}

/* OpenSSL has failed there: it was to answer while a record was half sent. */
static void takes_new_keys_while_output_waits(void)
{
    const size_t size = 200000;
    char *stream = make_stream(size);
    struct pair pair;
    begin(&pair);
    size_t sent = fill(&pair, stream, size);
    CU_ASSERT(sent < size);
    for (int i = 0; i < 5; i++)
        change_keys(&pair);
    carry(&pair, stream, size, sent);
    change_keys(&pair);
    carry(&pair, stream, LINE_BYTES, 0);
    end(&pair);
    free(stream);
}

/* The answers are kept while nobody reads them, but not without a limit. */
static void limits_new_keys_of_who_does_not_read(void)
{
    const size_t size = 200000;
    char *stream = make_stream(size);
    char byte;
    struct pair pair;
    begin(&pair);
    size_t sent = fill(&pair, stream, size);
    int changes = 0;
    errno = EAGAIN;
    while (changes < 20000 && serve(&pair, stream + sent, size - sent) < 0 && errno == EAGAIN) {
        change_keys(&pair);
        changes++;
    }
    CU_ASSERT(changes > 100);
    CU_ASSERT(changes < 20000);
    CU_ASSERT_EQUAL(errno, ECONNRESET);
    CU_ASSERT_EQUAL(tls_client_send(pair.client, "y", 1), 1);
    CU_ASSERT_EQUAL(hear(&pair, &byte, 1), 1); /* what it says is heard all the same */
    end(&pair);
    free(stream);
}

/*
 * Whoever reads slowly learns that nothing more comes, after all that came before. A socket that
 * has just taken the last of it has no room for more.
 */
static void tells_a_slow_reader_the_end(void)
{
    char byte;
    struct pair pair;
    begin(&pair);
    size_t sent = 0;
    size_t got = 0;
    CU_ASSERT(tls_client_receive(pair.client, &byte, 1) < 0); /* but the session's ticket */
    while (serve(&pair, "x", 1) == 1)
        sent++;
    CU_ASSERT_EQUAL(errno, EAGAIN);
    while (serve(&pair, "x", 1) < 0) {
        CU_ASSERT_EQUAL_FATAL(tls_client_receive(pair.client, &byte, 1), 1);
        got++;
    }
    sent++;
    CU_ASSERT_FALSE(pair.server->functions->finish(pair.server));
    while (tls_client_receive(pair.client, &byte, 1) == 1)
        got++;
    CU_ASSERT_EQUAL(errno, EAGAIN);
    CU_ASSERT_EQUAL(got, sent);
    CU_ASSERT(pair.server->functions->finish(pair.server));
    CU_ASSERT_EQUAL(tls_client_receive(pair.client, &byte, 1), 0);
    end(&pair);
}

/*
 * Records without text cost something, which is told, and one call takes few of them: whoever wants
 * to send to this peer waits meanwhile.
 */
static void tells_what_has_no_text(void)
{
    enum { CHANGES = 100, CHANGE_COST = 1024, FEW = 10 };
    char text[LINE_BYTES];
    char byte;
    size_t overhead;
    size_t all = 0;
    size_t calls = 0;
    struct pair pair;
    begin(&pair);
    memset(text, 'x', sizeof text);
    CU_ASSERT_EQUAL(tls_client_send(pair.client, text, sizeof text), (ssize_t)sizeof text);
    CU_ASSERT_EQUAL(hear_counted(&pair, text, sizeof text, &overhead), (ssize_t)sizeof text);
    CU_ASSERT(overhead < 100);
    for (int i = 0; i < CHANGES; i++)
        tls_client_change_keys(pair.client);
    CU_ASSERT(tls_client_flush(pair.client));
    do {
        CU_ASSERT(hear_counted(&pair, &byte, 1, &overhead) < 0);
        CU_ASSERT_EQUAL(errno, EAGAIN);
        CU_ASSERT(overhead <= FEW * CHANGE_COST);
        all += overhead;
        calls++;
    } while (overhead > 0 && calls < CHANGES);
    CU_ASSERT(all >= CHANGES * CHANGE_COST);
    change_keys(&pair);
    end(&pair);
}

/*
 * Files: what is wrong with them is told in words, of the right one.
 */

static EVP_PKEY *make_key(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    CU_ASSERT_PTR_NOT_NULL_FATAL(key);
    return key;
}

/* A certificate that is valid between these seconds from now on. */
static X509 *make_certificate(EVP_PKEY *key, long begin, long end)
{
    X509 *certificate = X509_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(certificate);
    X509_gmtime_adj(X509_getm_notBefore(certificate), begin);
    X509_gmtime_adj(X509_getm_notAfter(certificate), end);
    X509_set_pubkey(certificate, key);
    CU_ASSERT(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

static struct scratch_file write_certificate(EVP_PKEY *key, long begin, long end)
{
    struct scratch_file file = scratch_file_make("");
    X509 *certificate = make_certificate(key, begin, end);
    FILE *stream = fopen(file.path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    CU_ASSERT_EQUAL(PEM_write_X509(stream, certificate), 1);
    fclose(stream);
    X509_free(certificate);
    return file;
}

static void add_name(X509_NAME *name, const char *text)
{
    CU_ASSERT_EQUAL(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                               (const unsigned char *)text, -1, -1, 0),
                    1);
}

/* Adds a certificate of somebody to a file, by somebody; with trust in it, if it is `trusted`. */
static void add_authority(const struct scratch_file *file, const char *subject, const char *issuer,
                          bool trusted)
{
    EVP_PKEY *key = make_key();
    X509 *certificate = make_certificate(key, -10, 3600);
    FILE *stream = fopen(file->path, "a");
    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    add_name(X509_get_subject_name(certificate), subject);
    add_name(X509_get_issuer_name(certificate), issuer);
    CU_ASSERT(X509_sign(certificate, key, EVP_sha256()) > 0);
    if (trusted)
        X509_add1_trust_object(certificate, OBJ_nid2obj(NID_client_auth));
    CU_ASSERT_EQUAL(
        trusted ? PEM_write_X509_AUX(stream, certificate) : PEM_write_X509(stream, certificate), 1);
    fclose(stream);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

/* With a passphrase, unless that is NULL. */
static struct scratch_file write_key(EVP_PKEY *key, char *passphrase)
{
    struct scratch_file file = scratch_file_make("");
    FILE *stream = fopen(file.path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    CU_ASSERT_EQUAL(PEM_write_PrivateKey(stream, key, passphrase != NULL ? EVP_aes_128_cbc() : NULL,
                                         NULL, 0, NULL, passphrase),
                    1);
    fclose(stream);
    return file;
}

/* Files of all sorts. */
struct shelf {
    struct scratch_file good, key, other_key, locked_key, expired, coming, nonsense;
};

static void open_shelf(struct shelf *shelf)
{
    char passphrase[] = "secret";
    EVP_PKEY *key = make_key();
    EVP_PKEY *other = make_key();
    shelf->good = write_certificate(key, -10, 3600);
    shelf->expired = write_certificate(key, -3600, -10);
    shelf->coming = write_certificate(key, 1800, 3600);
    shelf->key = write_key(key, NULL);
    shelf->locked_key = write_key(key, passphrase);
    shelf->other_key = write_key(other, NULL);
    shelf->nonsense = scratch_file_make("nonsense\n");
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
}

static void close_shelf(struct shelf *shelf)
{
    scratch_file_remove(&shelf->good);
    scratch_file_remove(&shelf->expired);
    scratch_file_remove(&shelf->coming);
    scratch_file_remove(&shelf->key);
    scratch_file_remove(&shelf->locked_key);
    scratch_file_remove(&shelf->other_key);
    scratch_file_remove(&shelf->nonsense);
}

/* How many of them say anything. */
static int count_texts(char texts[TLS_FILES][TLS_FAULT_SIZE])
{
    int count = 0;
    for (int file = TLS_NO_FILE; file < TLS_FILES; file++)
        count += *texts[file] != '\0';
    return count;
}

static void blames_the_right_file(void)
{
    struct shelf shelf;
    open_shelf(&shelf);
    const char *good = shelf.good.path, *key = shelf.key.path, *nonsense = shelf.nonsense.path;
    const struct {
        struct tls_config config;
        enum tls_file wrong;
        const char *words;
    } rows[] = {
        {{nonsense, key, NULL}, TLS_CERTIFICATE, "there is no certificate in it"},
        {{key, key, NULL}, TLS_CERTIFICATE, "there is no certificate in it"},
        {{"/nowhere", key, NULL}, TLS_CERTIFICATE, strerror(ENOENT)},
        {{good, nonsense, NULL}, TLS_KEY, "there is no private key in it, or"},
        {{good, good, NULL}, TLS_KEY, "there is no private key in it beside"},
        {{good, "/nowhere", NULL}, TLS_KEY, strerror(ENOENT)},
        {{good, shelf.locked_key.path, NULL}, TLS_KEY, "it has a passphrase"},
        {{good, shelf.other_key.path, NULL}, TLS_KEY, "it is the key of another certificate"},
        {{good, key, nonsense}, TLS_CLIENT_AUTHORITIES, "there is no certificate in it"},
        {{good, key, "/nowhere"}, TLS_CLIENT_AUTHORITIES, strerror(ENOENT)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tls_reading reading;
        const struct tls_config *config = &rows[i].config;
        const char *path = rows[i].wrong == TLS_CERTIFICATE ? config->certificate
                           : rows[i].wrong == TLS_KEY       ? config->key
                                                            : config->client_authorities;
        struct tls *tls = tls_open(config, &reading);
        const char *fault = reading.faults[rows[i].wrong];
        EXPECT(tls == NULL && count_texts(reading.faults) == 1 &&
                   strstr(fault, rows[i].words) != NULL && strstr(fault, path) != NULL,
               "%zu: %d faults, '%s'", i, count_texts(reading.faults), fault);
        tls_close(tls);
    }
    close_shelf(&shelf);
}

/* So that whoever mends one mistake does not meet the next one only then. */
static void tells_all_that_is_wrong(void)
{
    struct shelf shelf;
    open_shelf(&shelf);
    const char *good = shelf.good.path, *nonsense = shelf.nonsense.path;
    const struct {
        struct tls_config config;
        bool certificate, key, authorities; /* whether it is blamed */
    } rows[] = {
        {{"/nowhere", "/nowhere else", "/nor here"}, true, true, true},
        {{nonsense, shelf.locked_key.path, nonsense}, true, true, true},
        {{"/nowhere", shelf.other_key.path, good}, true, false, false}, /* nothing to match it */
        {{"/nowhere", "/nowhere", nonsense}, true, false, true},        /* one file, told once */
        {{good, shelf.other_key.path, nonsense}, false, true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tls_reading reading;
        struct tls *tls = tls_open(&rows[i].config, &reading);
        EXPECT(tls == NULL && (*reading.faults[TLS_CERTIFICATE] != '\0') == rows[i].certificate &&
                   (*reading.faults[TLS_KEY] != '\0') == rows[i].key &&
                   (*reading.faults[TLS_CLIENT_AUTHORITIES] != '\0') == rows[i].authorities,
               "%zu: '%s', '%s', '%s'", i, reading.faults[TLS_CERTIFICATE], reading.faults[TLS_KEY],
               reading.faults[TLS_CLIENT_AUTHORITIES]);
        tls_close(tls);
    }
    close_shelf(&shelf);
}

/* A FIFO is not waited for, and nothing that is longer than any file of TLS is read. */
static void takes_only_small_files(void)
{
    enum { TOO_MANY_BYTES = 1024 * 1024 + 1 };
    struct shelf shelf;
    struct scratch_file fifo = scratch_file_make("");
    struct scratch_file endless = scratch_file_make("");
    open_shelf(&shelf);
    scratch_file_remove(&fifo);
    CU_ASSERT_EQUAL_FATAL(mkfifo(fifo.path, 0600), 0);
    CU_ASSERT_EQUAL_FATAL(truncate(endless.path, TOO_MANY_BYTES), 0);
    const char *good = shelf.good.path, *key = shelf.key.path;
    const struct {
        struct tls_config config;
        enum tls_file wrong;
        const char *words;
    } rows[] = {
        {{fifo.path, key, NULL}, TLS_CERTIFICATE, "it is no regular file"},
        {{good, fifo.path, NULL}, TLS_KEY, "it is no regular file"},
        {{good, key, fifo.path}, TLS_CLIENT_AUTHORITIES, "it is no regular file"},
        {{good, "/", NULL}, TLS_KEY, strerror(EISDIR)},
        {{good, key, endless.path}, TLS_CLIENT_AUTHORITIES, "it has more than 1024 KiB"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tls_reading reading;
        struct tls *tls = tls_open(&rows[i].config, &reading);
        const char *fault = reading.faults[rows[i].wrong];
        EXPECT(tls == NULL && count_texts(reading.faults) == 1 &&
                   strstr(fault, rows[i].words) != NULL,
               "%zu: %d faults, '%s'", i, count_texts(reading.faults), fault);
        tls_close(tls);
    }
    scratch_file_remove(&fifo);
    scratch_file_remove(&endless);
    close_shelf(&shelf);
}

/* All in one file: the server's certificate and its chain, with the key in the midst of them. */
static void takes_all_of_a_file(void)
{
    EVP_PKEY *key = make_key();
    X509 *certificate = make_certificate(key, -10, 3600);
    struct scratch_file file = scratch_file_make("before it\n");
    struct tls_reading reading;
    const struct tls_config config = {file.path, file.path, file.path};
    FILE *stream = fopen(file.path, "a");
    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    CU_ASSERT_EQUAL(PEM_write_X509(stream, certificate), 1);
    CU_ASSERT_EQUAL(PEM_write_PrivateKey(stream, key, NULL, NULL, 0, NULL, NULL), 1);
    CU_ASSERT_EQUAL(PEM_write_X509(stream, certificate), 1);
    fputs("behind it\n", stream);
    fclose(stream);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    STACK_OF(X509) *chain = NULL;
    CU_ASSERT_TRUE(tls_files_load(context, &config, &reading));
    CU_ASSERT_EQUAL(count_texts(reading.faults), 0);
    SSL_CTX_get0_chain_certs(context, &chain);
    CU_ASSERT_EQUAL(sk_X509_num(chain), 1);
    CU_ASSERT_EQUAL(sk_X509_NAME_num(SSL_CTX_get_client_CA_list(context)), 1);
    CU_ASSERT_EQUAL(ERR_peek_error(), 0);
    SSL_CTX_free(context);
    scratch_file_remove(&file);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void doubts(void)
{
    struct shelf shelf;
    open_shelf(&shelf);
    const struct {
        const char *certificate;
        mode_t mode; /* of the key's file */
        enum tls_file file;
        const char *doubt;
    } rows[] = {
        {shelf.good.path, 0640, TLS_NO_FILE, ""},
        {shelf.good.path, 0604, TLS_KEY, "everybody here can read the private key"},
        {shelf.expired.path, 0600, TLS_CERTIFICATE, "has expired, at 2"},
        {shelf.coming.path, 0600, TLS_CERTIFICATE, "is not valid before 2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct tls_config config = {rows[i].certificate, shelf.key.path, NULL};
        struct tls_reading reading;
        CU_ASSERT_EQUAL(chmod(shelf.key.path, rows[i].mode), 0);
        struct tls *tls = tls_open(&config, &reading);
        EXPECT(tls != NULL && count_texts(reading.faults) == 0 &&
                   count_texts(reading.doubts) == (rows[i].file != TLS_NO_FILE) &&
                   strstr(reading.doubts[rows[i].file], rows[i].doubt) != NULL,
               "%zu: %d faults, %d doubts, '%s'", i, count_texts(reading.faults),
               count_texts(reading.doubts), reading.doubts[rows[i].file]);
        tls_close(tls);
    }
    close_shelf(&shelf);
}

/* A certificate that clients refuse takes the place of another such one alone. */
static void keeps_what_is_valid(void)
{
    struct shelf shelf;
    open_shelf(&shelf);
    const char *good = shelf.good.path, *expired = shelf.expired.path, *coming = shelf.coming.path;
    const struct {
        const char *former, *next;
        bool taken;
    } rows[] = {
        {good, good, true},       {good, expired, false},  {good, coming, false},
        {expired, expired, true}, {expired, coming, true}, {expired, good, true},
        {coming, expired, true},  {coming, good, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tls_reading reading;
        struct tls_config config = {rows[i].former, shelf.key.path, NULL};
        struct tls *tls = tls_open(&config, &reading);
        config.certificate = rows[i].next;
        bool taken = tls != NULL && tls_reload(tls, &config, &reading);
        const char *text =
            taken ? reading.doubts[TLS_CERTIFICATE] : reading.faults[TLS_CERTIFICATE];
        EXPECT(taken == rows[i].taken && count_texts(reading.faults) == !taken &&
                   (*text == '\0') == (rows[i].next == good) &&
                   (*text == '\0' || strstr(text, rows[i].next) != NULL),
               "%zu: %d, '%s'", i, taken, text);
        tls_close(tls);
    }
    close_shelf(&shelf);
}

/* Those who vouch for others are vouched for themselves, or OpenSSL believes nobody. */
static void doubts_authorities_without_a_root(void)
{
    struct shelf shelf;
    struct scratch_file file = scratch_file_make("");
    struct tls_reading reading = {.faults = {""}};
    open_shelf(&shelf);
    const struct tls_config config = {shelf.good.path, shelf.key.path, file.path};
    const char *doubt = reading.doubts[TLS_CLIENT_AUTHORITIES];
    add_authority(&file, "Intermediate", "Root", false);
    add_authority(&file, "Alice", "Intermediate", false);
    tls_close(tls_open(&config, &reading));
    CU_ASSERT_EQUAL(count_texts(reading.faults), 0);
    CU_ASSERT_EQUAL(count_texts(reading.doubts), 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(doubt, "vouches for itself"));
    CU_ASSERT_PTR_NOT_NULL(strstr(doubt, file.path));
    add_authority(&file, "Root", "Root", false);
    tls_close(tls_open(&config, &reading));
    CU_ASSERT_STRING_EQUAL(doubt, "");
    scratch_file_put(&file, "");
    add_authority(&file, "Intermediate", "Root", true);
    tls_close(tls_open(&config, &reading));
    CU_ASSERT_STRING_EQUAL(doubt, "");
    scratch_file_remove(&file);
    close_shelf(&shelf);
}

static const struct test tests[] = {
    {"a file of TLS that cannot be used is blamed itself, in words", blames_the_right_file},
    {"all files of TLS that cannot be used are told of", tells_all_that_is_wrong},
    {"a FIFO is no file of TLS, nor is what is too long", takes_only_small_files},
    {"certificates, their chain and the key may stand in one file", takes_all_of_a_file},
    {"a certificate that is not valid now, and a key that everybody can read, are told", doubts},
    {"a certificate that is not valid does not replace one that is", keeps_what_is_valid},
    {"authorities of which none vouches for itself are told", doubts_authorities_without_a_root},
    {"what a client sends beyond text is told, and taken in small parts", tells_what_has_no_text},
    {"a client takes new keys while output waits, and nothing is lost",
     takes_new_keys_while_output_waits},
    {"who takes new keys without end, and does not read, is cut off",
     limits_new_keys_of_who_does_not_read},
    {"a slow reader is told the end", tells_a_slow_reader_the_end},
};

void add_tls_suite(void)
{
    SUITE_ADD("tls", tests);
}
