#include "base/platform.h"

#include "cluster/node_inside.h"
#include "cluster/stream_config.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static void report(void *context, const char *sentence)
{
    event_log_print(context, EVENT_LOG_EVENT, "%s", sentence);
}

bool node_open_accounts(struct node *node, const char *servers, const char *cluster,
                        const char *credentials, char why[STREAM_FAULT_SIZE])
{
    char name[KEY_VALUE_NAME_MAX + 1];
    const struct key_value_config people = {
        .servers = servers, .name = name, .credentials = credentials};
    snprintf(name, sizeof name, "%s_people", cluster);
    static_assert((int)KEY_VALUE_FAULT_SIZE <= (int)STREAM_FAULT_SIZE, "a fault fits");
    node->people = key_value_open(&people, clock_now() + STREAM_OPEN_PATIENCE, why);
    if (node->people == NULL)
        return false;
    const struct accounts_config accounts = {.bucket = key_value_bucket(node->people),
                                             .patience = node->turns.patience,
                                             .seed = node->id + node->boot,
                                             .report = report,
                                             .context = node->event_log};
    int error = accounts_open(&node->accounts, &accounts);
    if (error != 0)
        snprintf(why, STREAM_FAULT_SIZE, "cannot start the threads of accounts: %s",
                 strerror(error));
    return error == 0;
}

void node_hurry_accounts(void *context)
{
    const struct node *node = context;
    if (node->accounts != NULL)
        accounts_hurry(node->accounts);
}

void node_stop_accounts(struct node *node)
{
    if (node->accounts != NULL)
        accounts_stop(node->accounts);
    if (node->people != NULL)
        key_value_stop(node->people);
}
