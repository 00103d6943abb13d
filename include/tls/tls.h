/*
 * tls: TLS for clients of addresses that want it: versions 1.2 and 1.3 (RFC 5246, RFC 8446), by
 * OpenSSL. A build without OpenSSL has none: tls_open() fails.
 */
#ifndef TLS_TLS_H
#define TLS_TLS_H

#include "base/metric.h"
#include "net/filter.h"

#include <stdbool.h>

enum { TLS_FAULT_SIZE = 512, TLS_FEATURES_SIZE = 64 };

struct tls_config {
    const char *certificate; /* path of a PEM file: the server's certificate, and its chain */
    const char *key;         /* path of a PEM file: its private key; may be the same file */
    /* Path of a PEM file: who may prove clients' names by certificates; NULL: nobody. */
    const char *client_authorities;
};

struct tls;

/* Whether this build has TLS. */
bool tls_is_available(void);

/* Writes what the build has: "with OpenSSL 3.0.11" or "without OpenSSL". Returns its place. */
const char *tls_features(char features[TLS_FEATURES_SIZE]);

/*
 * Reads certificate and key. Returns NULL with a
 * sentence without its end in `fault` if that fails.
 */
struct tls *tls_open(const struct tls_config *config, char fault[TLS_FAULT_SIZE]);

/*
 * Reads the files again, or others, for connections that begin from now on. Returns false with a
 * sentence in `fault` if that fails; then what was read before stays. May be called while
 * connections begin.
 */
bool tls_reload(struct tls *tls, const struct tls_config *config, char fault[TLS_FAULT_SIZE]);

/* What makes the filters. It lives as long as `tls`. */
struct filter_maker *tls_maker(struct tls *tls);

/* What is told of the handshakes. The owner is a `tls`, until it is closed. */
extern const struct metric_table tls_metrics;

/* Frees it. Its filters may outlive it once their handshakes are over. NULL is none. */
void tls_close(struct tls *tls);

#endif
