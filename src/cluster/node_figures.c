#include "base/platform.h"

#include "cluster/node.h"
#include "cluster/node_inside.h"

struct node_figures {
    uint64_t up, downs;
    uint64_t machines;
    uint64_t made, behind, waiting;
};

/* Wants the lock held. */
static uint64_t count_machines(const struct node *node)
{
    uint64_t count = 0;
    for (const struct machine *machine = node->machines.first; machine != NULL;
         machine = machine->next)
        count += !machine->gone;
    return count;
}

static void read_node(void *owner, void *place)
{
    struct node *node = owner;
    struct node_figures *figures = place;
    uint64_t known = stream_known(node->stream);
    lock_take(&node->lock);
    figures->up = node->up;
    figures->downs = node->downs;
    figures->made = node->made;
    figures->behind = known > node->made ? known - node->made : 0;
    figures->machines = count_machines(node);
    lock_release(&node->lock);
    figures->waiting = stream_backlog(node->stream);
}

#define AT(member) offsetof(struct node_figures, member)

static const struct metric rows[] = {
    {"partyline_cluster_up", METRIC_GAUGE, "", NULL, METRIC_NUMBER, AT(up),
     "1 while the link to the other machines is up"},
    {"partyline_cluster_downs", METRIC_COUNTER, "", NULL, METRIC_NUMBER, AT(downs),
     "How often that link was lost"},
    {"partyline_cluster_machines", METRIC_GAUGE, "", NULL, METRIC_NUMBER, AT(machines),
     "Machines of the cluster that are there, with this one"},
    {"partyline_cluster_sequence", METRIC_GAUGE, "", NULL, METRIC_NUMBER, AT(made),
     "Place in the stream up to which this machine has made all messages"},
    {"partyline_cluster_messages_behind", METRIC_GAUGE, "", NULL, METRIC_NUMBER, AT(behind),
     "Messages of the stream that are known to be stored, and are not made here yet"},
    {"partyline_cluster_backlog_bytes", METRIC_GAUGE, "bytes", NULL, METRIC_NUMBER, AT(waiting),
     "Messages of the stream that have arrived and wait to be made"},
};

const struct metric_table node_metrics = {rows, sizeof rows / sizeof *rows,
                                          sizeof(struct node_figures), read_node};
