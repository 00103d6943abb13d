#include "base/platform.h"

#include "base/lock.h"
#include "tls/tls.h"
#include "tls/tls_files.h"
#include "tls/tls_filter.h"
#include "tls/tls_socket.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tls {
    struct filter_maker maker; /* first: make() is given a pointer to it */
    struct tls_handshakes handshakes;
    struct lock lock; /* guards the rest */
    SSL_CTX *context; /* for connections that begin now */
};

bool tls_is_available(void)
{
    return true;
}

const char *tls_features(char features[TLS_FEATURES_SIZE])
{
    snprintf(features, TLS_FEATURES_SIZE, "with OpenSSL %s",
             OpenSSL_version(OPENSSL_VERSION_STRING));
    return features;
}

/*
 * Reading.
 */

static void set_up(SSL_CTX *context)
{
    static const unsigned char session_id[] = "partyline";
    if (SSL_CTX_get_min_proto_version(context) < TLS1_2_VERSION) /* the system may want more */
        SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_CLEANSE_PLAINTEXT);
    /* Output is sent record by record, and an idle client shall hold no buffer. */
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS);
    /* Tickets hold the state of sessions, so none is remembered here. */
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_session_id_context(context, session_id, sizeof session_id - 1);
}

/* Returns NULL with the faults in `reading`. */
static SSL_CTX *load(const struct tls_config *config, struct tls_reading *reading)
{
    /* What OpenSSL has stays to the end: clients' threads may be ending when main() returns. */
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL) {
        *reading = (struct tls_reading){.faults = {""}};
        tls_filter_tell(reading->faults[TLS_NO_FILE], TLS_FAULT_SIZE, "cannot set up TLS");
        return NULL;
    }
    set_up(context);
    if (tls_files_load(context, config, reading))
        return context;
    SSL_CTX_free(context);
    return NULL;
}

/*
 * Making filters.
 */

static struct filter *make(struct filter_maker *maker, int fd)
{
    struct tls *tls = (struct tls *)(void *)maker;
    lock_take(&tls->lock);
    SSL_CTX *context = tls->context;
    SSL_CTX_up_ref(context);
    lock_release(&tls->lock);
    struct filter *filter = tls_filter_create(context, fd, &tls->handshakes);
    SSL_CTX_free(context);
    return filter;
}

struct filter_maker *tls_maker(struct tls *tls)
{
    return &tls->maker;
}

struct tls *tls_open(const struct tls_config *config, struct tls_reading *reading)
{
    SSL_CTX *context = load(config, reading);
    struct tls *tls = context != NULL ? malloc(sizeof *tls) : NULL;
    int error = tls == NULL ? ENOMEM : tls_socket_prepare();
    if (error == 0)
        error = lock_init(&tls->lock, LOCK_RANK_RELOADED, "tls");
    if (error != 0) {
        if (context != NULL)
            snprintf(reading->faults[TLS_NO_FILE], TLS_FAULT_SIZE, "cannot set up TLS: %s",
                     strerror(error));
        SSL_CTX_free(context);
        free(tls);
        return NULL;
    }
    tls->maker = (struct filter_maker){make};
    memset(&tls->handshakes, 0, sizeof tls->handshakes);
    tls->context = context;
    return tls;
}

/*
 * Figures.
 */

struct tls_figures {
    struct metric_series done;
    uint64_t resumed, failed;
};

static void read_tls(void *owner, void *place)
{
    struct tls_handshakes *handshakes = &((struct tls *)owner)->handshakes;
    struct tls_figures *figures = place;
    metric_series_add(&figures->done, "1.2", tally_read(&handshakes->v1_2));
    metric_series_add(&figures->done, "1.3", tally_read(&handshakes->v1_3));
    figures->resumed = tally_read(&handshakes->resumed);
    figures->failed = tally_read(&handshakes->failed);
}

#define AT(member) offsetof(struct tls_figures, member)

static const struct metric rows[] = {
    {"partyline_tls_handshakes", METRIC_COUNTER, "", "version", METRIC_SERIES, AT(done),
     "TLS handshakes that were done, by the version"},
    {"partyline_tls_handshakes_resumed", METRIC_COUNTER, "", NULL, METRIC_NUMBER, AT(resumed),
     "TLS handshakes of clients that came back with a ticket"},
    {"partyline_tls_handshakes_failed", METRIC_COUNTER, "", NULL, METRIC_NUMBER, AT(failed),
     "TLS handshakes that failed; those that do not end in time are refused connections"},
};

const struct metric_table tls_metrics = {rows, sizeof rows / sizeof *rows,
                                         sizeof(struct tls_figures), read_tls};

/* Makes the doubt of a certificate, if there is one, the reason that it is not taken. */
static bool refuse_doubtful(struct tls_reading *reading)
{
    char *doubt = reading->doubts[TLS_CERTIFICATE];
    if (*doubt == '\0')
        return false;
    memcpy(reading->faults[TLS_CERTIFICATE], doubt, TLS_FAULT_SIZE);
    *doubt = '\0';
    return true;
}

/* What clients refuse does not take the place of what they do not refuse. */
bool tls_reload(struct tls *tls, const struct tls_config *config, struct tls_reading *reading)
{
    SSL_CTX *context = load(config, reading);
    if (context == NULL)
        return false;
    lock_take(&tls->lock);
    bool refused = tls_files_are_valid(tls->context) && refuse_doubtful(reading);
    SSL_CTX *unused = refused ? context : tls->context;
    if (!refused)
        tls->context = context;
    lock_release(&tls->lock);
    SSL_CTX_free(unused);
    return !refused;
}

void tls_close(struct tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->context);
    lock_destroy(&tls->lock);
    free(tls);
}
