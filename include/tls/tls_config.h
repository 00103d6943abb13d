/*
 * tls_config: the files of TLS, and what reading them tells.
 */
#ifndef TLS_TLS_CONFIG_H
#define TLS_TLS_CONFIG_H

enum { TLS_FAULT_SIZE = 512 };

struct tls_config {
    const char *certificate; /* path of a PEM file: the server's certificate, and its chain */
    const char *key;         /* path of a PEM file: its private key; may be the same file */
    /* Path of a PEM file: who may prove clients' names by certificates; NULL: nobody. */
    const char *client_authorities;
};

enum tls_file { TLS_NO_FILE, TLS_CERTIFICATE, TLS_KEY, TLS_CLIENT_AUTHORITIES };

/* What has become of it. All texts are sentences without their end, and name the path. */
struct tls_reading {
    enum tls_file
        wrong; /* what could not be used; TLS_NO_FILE: all could, or it is another fault */
    char fault[TLS_FAULT_SIZE]; /* why; empty if all was read */
    /* Of what was read: why it will not do all the same; empty: it will. */
    char certificate_doubt[TLS_FAULT_SIZE]; /* it is not valid now */
    char key_doubt[TLS_FAULT_SIZE];         /* everybody on this machine may read it */
};

#endif
