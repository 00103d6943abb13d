#include "base/platform.h"

#include "base/clock.h"
#include "cluster/node.h"
#include "options/options.h"

#include <stdlib.h>

void options_init(struct options *options)
{
    *options = (struct options){.idle_timeout = 300 * CLOCK_SECOND,
                                .login_timeout = 60 * CLOCK_SECOND,
                                .max_line = 4096,
                                .sendq = 1024 * 1024,
                                .drain_timeout = 3 * CLOCK_SECOND,
                                .presence_limit = 256,
                                .history = 1000,
                                .max_rooms = 1000,
                                .rooms_per_client = 20,
                                .grace = 5 * CLOCK_SECOND,
                                .retain_days = 90,
                                .cluster_name = "partyline",
                                .link_timeout = 10 * CLOCK_SECOND,
                                .snapshot_every = NODE_SNAPSHOT_EVERY,
                                .stream_size = NODE_STREAM_SIZE,
                                .welcome = true};
}

void options_free(struct options *options)
{
    free(options->addresses.items);
    free(options->metrics.items);
    free(options->operators.items);
    buffer_free(&options->text);
}
