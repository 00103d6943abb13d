/*
 * tls: TLS for clients of addresses that want it: versions 1.2 and 1.3 (RFC 5246, RFC 8446), by
 * OpenSSL. A build without OpenSSL has none: tls_open() fails.
 */
#ifndef TLS_TLS_H
#define TLS_TLS_H

#include "base/metric.h"
#include "net/filter.h"
#include "tls/tls_config.h"

#include <stdbool.h>

enum { TLS_FEATURES_SIZE = 64 };

struct tls;

/* Whether this build has TLS. */
bool tls_is_available(void);

/* Writes what the build has: "with OpenSSL 3.0.11" or "without OpenSSL". Returns its place. */
const char *tls_features(char features[TLS_FEATURES_SIZE]);

/* Reads the files. Returns NULL with the faults in `reading` if that fails. */
struct tls *tls_open(const struct tls_config *config, struct tls_reading *reading);

/*
 * Reads the files again, or others, for connections that begin from now on. Returns false with the
 * faults in `reading` if that fails; then what was read before stays. It does so, too, if the
 * certificate that was read is not valid now, and the former one is. May be called while
 * connections begin.
 */
bool tls_reload(struct tls *tls, const struct tls_config *config, struct tls_reading *reading);

/* What makes the filters. It lives as long as `tls`. */
struct filter_maker *tls_maker(struct tls *tls);

/* What is told of the handshakes. The owner is a `tls`, until it is closed. */
extern const struct metric_table tls_metrics;

/* Frees it. Its filters may outlive it once their handshakes are over. NULL is none. */
void tls_close(struct tls *tls);

#endif
