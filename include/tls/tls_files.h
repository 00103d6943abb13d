/*
 * tls_files: reads the files of TLS into an OpenSSL context, and tells in words what is wrong with
 * them: OpenSSL's own words name what its decoders have tried.
 */
#ifndef TLS_TLS_FILES_H
#define TLS_TLS_FILES_H

#include "tls/tls_config.h"

#include <openssl/ssl.h>
#include <stdbool.h>

/*
 * Reads certificate, key and authorities, each of them whatever is wrong with the others. Asks
 * nobody for a passphrase. Returns false, with all faults in `reading`, if there is one. May wait
 * for the disk.
 */
bool tls_files_load(SSL_CTX *context, const struct tls_config *config, struct tls_reading *reading);

/* Whether the certificate of a context is valid now. */
bool tls_files_are_valid(const SSL_CTX *context);

#endif
