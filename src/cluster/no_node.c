/*
 * The cluster of a build without libnats: there is none.
 */
#include "base/platform.h"

#include "cluster/importing.h"
#include "cluster/node.h"

#include <assert.h>
#include <stdio.h>

const struct metric_table node_metrics = {.count = 0};

bool node_is_available(void)
{
    return false;
}

const char *node_features(char features[NODE_FEATURES_SIZE])
{
    snprintf(features, NODE_FEATURES_SIZE, "without NATS");
    return features;
}

struct node *node_open(const struct node_config *config, char fault[NODE_FAULT_SIZE])
{
    snprintf(fault, NODE_FAULT_SIZE, "cannot join the cluster at %s: this build lacks NATS",
             config->servers);
    return NULL;
}

const char *node_gave_up(struct node *node, bool *for_good)
{
    (void)node;
    *for_good = false;
    return NULL;
}

struct ordering *node_ordering(struct node *node)
{
    (void)node;
    assert(false); /* no node was opened */
    return NULL;
}

struct archive *node_accounts(struct node *node)
{
    (void)node;
    assert(false); /* no node was opened */
    return NULL;
}

struct importing *importing_open(const struct importing_config *config,
                                 char fault[IMPORTING_FAULT_SIZE])
{
    (void)config;
    snprintf(fault, IMPORTING_FAULT_SIZE, "this build lacks NATS");
    return NULL;
}

enum archive_result importing_add(struct importing *importing, const struct archive_person *person)
{
    (void)importing;
    (void)person;
    return ARCHIVE_FAILED;
}

enum archive_result importing_give(struct importing *importing, const struct archive_person *person)
{
    (void)importing;
    (void)person;
    return ARCHIVE_FAILED;
}

void importing_close(struct importing *importing)
{
    (void)importing;
}

bool node_start(struct node *node, struct chat *chat, char fault[NODE_FAULT_SIZE])
{
    (void)node;
    (void)chat;
    snprintf(fault, NODE_FAULT_SIZE, "this build lacks NATS");
    return false;
}

void node_stop(struct node *node)
{
    (void)node;
}

void node_free(struct node *node)
{
    (void)node;
}
