#include "base/platform.h"

#include "backing.h"
#include "base/clock.h"
#include "chat/accounts.h"
#include "cluster/wire.h"
#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long the program waits for the log at its end, in nanoseconds. */
#define EVENT_LOG_PATIENCE CLOCK_SECOND

static const char program[] = "partyline";

/* Starts the event log. Returns false, with the cause printed, if that fails. */
static bool start_event_log(struct event_log **event_log, const struct options *options)
{
    const struct event_log_config config = {
        .program = program, .path = options->log_path, .quiet = options->quiet};
    int error = event_log_start(event_log, &config);
    if (error != 0)
        fprintf(stderr, "%s: cannot open the log %s: %s\n", program,
                options->log_path != NULL ? options->log_path : "on the console",
                event_log_explain(error));
    return error == 0;
}

static void on_store_report(void *context, const char *sentence)
{
    event_log_print(context, EVENT_LOG_EVENT, "%s", sentence);
}

/*
 * Opens the store, if one is wanted; *store is NULL otherwise. Returns false, with the cause
 * printed, if that fails.
 */
static bool open_store(struct store **store, struct event_log *event_log,
                       const struct options *options)
{
    char fault[STORE_FAULT_SIZE];
    const struct store_config config = {.path = options->data_path,
                                        .retain_days = (unsigned)options->retain_days,
                                        .only_talk = options->cluster != NULL,
                                        .report = on_store_report,
                                        .context = event_log};
    *store = NULL;
    if (options->data_path == NULL)
        return true;
    *store = store_open(&config, fault);
    if (*store == NULL)
        fprintf(stderr, "%s: %s\n", program, fault);
    return *store != NULL;
}

/*
 * Connects to the cluster, if one is wanted; *node is NULL otherwise. Returns false, with the cause
 * printed, if that fails.
 */
static bool open_node(struct node **node, struct event_log *event_log,
                      const struct options *options)
{
    static char host[NODE_NAME_MAX + 1];
    char fault[NODE_FAULT_SIZE];
    struct node_config config = {
        .servers = options->cluster,
        .cluster = options->cluster_name,
        .credentials = options->cluster_credentials,
        .machine = options->machine,
        .limits = {.max_rooms = options->max_rooms, .rooms_per_client = options->rooms_per_client},
        .lockdown = options->lockdown,
        .link_timeout = options->link_timeout,
        .snapshot_every = options->snapshot_every,
        .stream_bytes = options->stream_size * 1024 * 1024,
        .event_log = event_log};
    *node = NULL;
    if (options->cluster == NULL)
        return true;
    if (config.machine == NULL) {
        gethostname(host, sizeof host - 1);
        config.machine = host;
    }
    if (!wire_is_node_name(words_of(config.machine))) {
        fprintf(stderr,
                "%s: the host's name '%s' cannot be that of a machine: give one by --node\n",
                program, config.machine);
        return false;
    }
    *node = node_open(&config, fault);
    if (*node == NULL)
        fprintf(stderr, "%s: %s\n", program, fault);
    return *node != NULL;
}

/* Has the chat take part in the cluster. Returns false, with the cause printed, if that fails. */
static bool start_node(struct node *node, struct chat *chat)
{
    char fault[NODE_FAULT_SIZE];
    if (node == NULL || node_start(node, chat, fault))
        return true;
    fprintf(stderr, "%s: %s\n", program, fault);
    node_stop(node);
    chat_close(chat);
    return false;
}

/* Opens the chat. Returns false, with the cause printed, if that fails. */
static bool make_chat(struct chat *chat, const struct chat_config *config, struct node *node)
{
    int error = chat_open(chat, config);
    if (error != 0) {
        fprintf(stderr, "%s: cannot %s: %s\n", program,
                error == EIO ? "read the rooms of the data file" : "make a room", strerror(error));
        return false;
    }
    if (!start_node(node, chat))
        return false;
    for (size_t i = 0; i < config->operator_count; i++)
        account_report_operator(chat, config->operators[i]);
    return true;
}

/* Ends what nothing uses yet, or, as the cluster, any more. */
static void drop(struct backing *backing)
{
    node_free(backing->node);
    if (backing->store != NULL) {
        store_stop(backing->store);
        store_free(backing->store);
    }
    if (event_log_stop(backing->event_log, EVENT_LOG_PATIENCE))
        event_log_free(backing->event_log);
}

bool backing_open(struct backing *backing, struct chat *chat, const struct options *options)
{
    struct chat_config config = {.limits = settings_for_chat(options),
                                 .operators = options->operators.items,
                                 .operator_count = options->operators.count,
                                 .lockdown = options->lockdown};
    *backing = (struct backing){0};
    if (!start_event_log(&backing->event_log, options))
        return false;
    bool opened = open_store(&backing->store, backing->event_log, options) &&
                  open_node(&backing->node, backing->event_log, options);
    config.event_log = backing->event_log;
    config.archive = backing->store != NULL ? store_archive(backing->store) : NULL;
    config.accounts = backing->node != NULL ? node_accounts(backing->node) : config.archive;
    config.ordering = backing->node != NULL ? node_ordering(backing->node) : NULL;
    opened = opened && make_chat(chat, &config, backing->node);
    if (!opened)
        drop(backing);
    return opened;
}

int backing_status(const struct backing *backing, int status)
{
    bool for_good = false;
    const char *why = backing->node != NULL ? node_gave_up(backing->node, &for_good) : NULL;
    if (why == NULL)
        return status;
    fprintf(stderr, "%s: this machine has left the cluster: %s\n", program, why);
    return for_good ? EXIT_USAGE : EXIT_FAILURE;
}

/* The log is last, as the others may report to it. */
bool backing_stop(struct backing *backing)
{
    if (backing->node != NULL)
        node_stop(backing->node);
    if (backing->store != NULL)
        store_stop(backing->store);
    return event_log_stop(backing->event_log, EVENT_LOG_PATIENCE);
}

void backing_free(struct backing *backing)
{
    node_free(backing->node);
    if (backing->store != NULL)
        store_free(backing->store);
    event_log_free(backing->event_log);
}
