#include "base/platform.h"

#include "chat/motd.h"
#include "chat/password.h"
#include "net/listener.h"
#include "options/option_files.h"
#include "options/option_paths.h"
#include "options/option_privileges.h"
#include "tls/tls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct checking {
    const struct options *options;
    option_report *report;
    void *context;
    bool failed;
};

static void blame(struct checking *checking, const char *name, const char *cause)
{
    struct option_fault fault = option_reading_blame(checking->options, name, cause);
    checking->report(checking->context, &fault);
    checking->failed = true;
}

/* Blames the option: what cannot be done with its file, and why. */
static void judge(struct checking *checking, const char *name, const char *what, const char *path,
                  const char *why)
{
    char cause[OPTION_CAUSE_SIZE];
    snprintf(cause, sizeof cause, "cannot %s %s: %s", what, path, why);
    blame(checking, name, cause);
}

static void check_motd(struct checking *checking)
{
    const char *path = checking->options->motd_path;
    char why[FILE_CAUSE_SIZE];
    struct motd *motd;
    if (path == NULL)
        return;
    int error = motd_open(&motd, path);
    if (error != 0)
        judge(checking, "motd", "read", path, file_explain(error, MOTD_BYTES_MAX, why));
    else
        motd_close(motd);
}

/* It is used all the same. */
static void doubt_password(struct checking *checking, const char *path)
{
    char cause[OPTION_CAUSE_SIZE];
    snprintf(cause, sizeof cause, "everybody here can read %s (chmod o-r would end that)", path);
    struct option_fault fault = option_reading_blame(checking->options, "password-file", cause);
    checking->report(checking->context, &fault);
}

static void check_password(struct checking *checking)
{
    const char *path = checking->options->password_path;
    char why[FILE_CAUSE_SIZE];
    struct password *password;
    if (path == NULL)
        return;
    int error = password_open(&password, path);
    if (error != 0)
        judge(checking, "password-file", "read", path, password_explain(error, why));
    if (error == 0 && password_is_exposed(password))
        doubt_password(checking, path);
    if (error == 0)
        password_close(password);
}

/* Whose file it is: the key may be in that of the certificate. */
static const char *option_of(const struct options *options, enum tls_file file)
{
    return file == TLS_CLIENT_AUTHORITIES                                    ? "tls-client-ca"
           : file == TLS_KEY && options->tls_key != options->tls_certificate ? "tls-key"
                                                                             : "tls-cert";
}

static void tell_of_tls(const struct options *options, enum tls_file file, const char *cause,
                        option_report *report, void *context)
{
    struct option_fault fault = option_reading_blame(options, option_of(options, file), cause);
    if (*cause != '\0')
        report(context, &fault);
}

void option_files_tell_of_tls(const struct options *options, const struct tls_reading *reading,
                              option_report *report, void *context)
{
    for (int file = TLS_NO_FILE; file < TLS_FILES; file++) {
        tell_of_tls(options, (enum tls_file)file, reading->faults[file], report, context);
        tell_of_tls(options, (enum tls_file)file, reading->doubts[file], report, context);
    }
}

/* A certificate of which there are doubts is taken, as it is at the start. */
static void check_tls(struct checking *checking)
{
    const struct options *options = checking->options;
    const struct tls_config config = {options->tls_certificate, options->tls_key,
                                      options->tls_client_authorities};
    struct tls_reading reading;
    if (config.certificate == NULL)
        return;
    struct tls *tls = tls_open(&config, &reading);
    option_files_tell_of_tls(options, &reading, checking->report, checking->context);
    checking->failed = checking->failed || tls == NULL;
    tls_close(tls);
}

/* Whether a file may be used so, which a directory never may. Returns 0 or an errno. */
static int try_access(const char *path, int rights)
{
    struct stat status;
    if (access(path, rights) != 0)
        return errno;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode) ? EISDIR : 0;
}

static void check_readable(struct checking *checking, const char *name, const char *path)
{
    int error = path != NULL ? try_access(path, R_OK) : 0;
    if (error != 0)
        judge(checking, name, "read", path, strerror(error));
}

/* Whether a file can be made in its folder. Returns 0 or an errno. */
static int try_making(const char *path)
{
    char folder[OPTION_CAUSE_SIZE];
    const char *slash = strrchr(path, '/');
    int length = slash != NULL ? (int)(slash - path) + 1 : 0;
    snprintf(folder, sizeof folder, "%.*s.", length, path);
    return access(folder, W_OK | X_OK) == 0 ? 0 : errno;
}

/* Whether a file can be written or, if it is not there, made. Returns 0 or an errno. */
static int try_writing(const char *path)
{
    int error = try_access(path, W_OK);
    return error == ENOENT ? try_making(path) : error;
}

/* What is opened after --chroot is below its folder. */
static void check_writable(struct checking *checking, const char *name, const char *path)
{
    char below[OPTION_CAUSE_SIZE];
    if (path == NULL)
        return;
    path = option_paths_below(checking->options, path, below);
    int error = try_writing(path);
    if (error != 0)
        judge(checking, name, "write", path, strerror(error));
}

/* A unix socket is made anew, with its lock beside it. */
static void check_socket(struct checking *checking, const struct option_address *address)
{
    const char *path = listener_address_path(address->server.address);
    int error = path != NULL ? try_making(path) : 0;
    char cause[OPTION_CAUSE_SIZE];
    if (error == 0)
        return;
    snprintf(cause, sizeof cause, "cannot listen on %s: %s", address->server.address,
             strerror(error));
    const char *file = address->line != 0 ? checking->options->config_path : NULL;
    checking->report(checking->context,
                     &(struct option_fault){file, address->line, address->name, cause});
    checking->failed = true;
}

static void check_sockets(struct checking *checking, const struct option_addresses *addresses)
{
    for (size_t i = 0; i < addresses->count; i++)
        check_socket(checking, &addresses->items[i]);
}

bool option_files_check(const struct options *options, option_report *report, void *context)
{
    struct checking checking = {.options = options, .report = report, .context = context};
    struct privileges privileges;
    check_sockets(&checking, &options->addresses);
    check_sockets(&checking, &options->metrics);
    check_motd(&checking);
    check_password(&checking);
    check_tls(&checking);
    check_writable(&checking, "log", options->log_path);
    check_writable(&checking, "data", options->data_path);
    check_readable(&checking, "cluster-creds", options->cluster_credentials);
    check_readable(&checking, "cluster-import", options->import_path);
    return option_privileges_find(&privileges, options, report, context) && !checking.failed;
}
