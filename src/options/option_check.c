#include "base/platform.h"

#include "cluster/node.h"
#include "cluster/wire.h"
#include "options/option_check.h"
#include "options/option_paths.h"

#include <stdio.h>

/* Who is told, and whether it was told of anything. */
struct complaints {
    option_complain *complain;
    void *context;
    bool any;
};

static void complain(struct complaints *complaints, const char *name, const char *cause)
{
    complaints->complain(complaints->context, name, cause);
    complaints->any = true;
}

/* Whether the command line or the file has an option. */
static bool is_there(const struct options *options, const struct option_row *row)
{
    size_t index = option_row_index(row);
    return options->given[index] || options->lines[index] != 0;
}

/* Options that mean nothing without accounts. */
static void check_accounts(const struct options *options, struct complaints *complaints)
{
    static const char cause[] =
        "names are registered only with --data FILE or --cluster, which is missing";
    if (options->data_path != NULL || options->cluster != NULL)
        return;
    if (options->operators.count > 0)
        complain(complaints, "operator", cause);
    if (options->lockdown)
        complain(complaints, "lockdown", cause);
}

static bool wants_tls(const struct options *options)
{
    bool wanted = false;
    for (size_t i = 0; i < options->addresses.count; i++)
        wanted = wanted || options->addresses.items[i].server.entrance.tls;
    return wanted;
}

/* What is missing for TLS, or is there in vain. */
static void check_certificate(const struct options *options, struct complaints *complaints)
{
    bool wanted = wants_tls(options);
    if (wanted && options->tls_certificate == NULL)
        complain(complaints, "listen",
                 "an address with +tls wants a certificate; give it by"
                 " --tls-cert FILE, and its key by --tls-key FILE");
    else if (!wanted && options->tls_certificate != NULL)
        complain(complaints, "tls-cert",
                 "no address speaks TLS; give one as --listen telnet+tls://ADDRESS");
    else if (options->tls_certificate == NULL && options->tls_key != NULL)
        complain(complaints, "tls-key", "--tls-cert FILE is missing");
    else if (options->tls_certificate == NULL && options->tls_client_authorities != NULL)
        complain(complaints, "tls-client-ca", "--tls-cert FILE is missing");
}

/*
 * An option that would have no effect is refused, though the server could do without it: whoever
 * gives it believes that there is what it is for.
 */
static void check_wants(const struct options *options, struct complaints *complaints)
{
    char cause[64];
    const struct option_row *row;
    for (size_t i = 0; (row = option_row_at(i)) != NULL; i++) {
        const struct option_row *wanted = row->wants != NULL ? option_row_find(row->wants) : NULL;
        if (wanted == NULL || !is_there(options, row) || is_there(options, wanted))
            continue;
        snprintf(cause, sizeof cause, "it needs --%s %s", wanted->name, wanted->argument);
        complain(complaints, row->name, cause);
    }
}

/* What does not go with --cluster. */
static void check_cluster(const struct options *options, struct complaints *complaints)
{
    char cause[NODE_NAME_MAX + 256];
    if (options->cluster == NULL)
        return;
    if (options->machine != NULL && !wire_is_node_name(words_of(options->machine))) {
        snprintf(cause, sizeof cause, "'%.*s' is not 1 to %d of A-Z a-z 0-9 . - _",
                 NODE_NAME_MAX + 128, options->machine, NODE_NAME_MAX);
        complain(complaints, "node", cause);
    }
    if (options->max_line > NODE_LINE_BYTES_MAX) {
        snprintf(cause, sizeof cause, "with --cluster it is %d at most", NODE_LINE_BYTES_MAX);
        complain(complaints, "max-line", cause);
    }
}

static void check_files(const struct options *options, struct complaints *complaints)
{
    char cause[OPTION_CAUSE_SIZE];
    const char *name = option_paths_find_clash(options, cause);
    if (name != NULL)
        complain(complaints, name, cause);
}

bool option_check(const struct options *options, option_complain *callback, void *context)
{
    struct complaints complaints = {.complain = callback, .context = context};
    check_accounts(options, &complaints);
    check_certificate(options, &complaints);
    check_wants(options, &complaints);
    check_cluster(options, &complaints);
    check_files(options, &complaints);
    return !complaints.any;
}
