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

enum tls_file { TLS_NO_FILE, TLS_CERTIFICATE, TLS_KEY, TLS_CLIENT_AUTHORITIES, TLS_FILES };

/*
 * What has become of each file. All texts are sentences without their end, and name the path; they
 * are empty where there is nothing to say.
 */
struct tls_reading {
    /* Why it cannot be used; of TLS_NO_FILE, what is wrong with no file. */
    char faults[TLS_FILES][TLS_FAULT_SIZE];
    /*
     * Of what was read, why it will not do all the same: the certificate is not valid now,
     * everybody on this machine may read the key, or the authorities vouch for nobody.
     */
    char doubts[TLS_FILES][TLS_FAULT_SIZE];
};

#endif
