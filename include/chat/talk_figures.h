/*
 * talk_figures: counts of what is said and handed to readers, in all rooms together. Any thread may
 * add to them, each once for many messages. All zero at the start.
 */
#ifndef CHAT_TALK_FIGURES_H
#define CHAT_TALK_FIGURES_H

#include "base/histogram.h"
#include "base/tally.h"

struct talk_figures {
    struct tally said,
        notices;              /* messages that were delivered in rooms: lines of talk, and others */
    struct tally delivered;   /* messages that were handed to a reader, each once per reader */
    struct tally told;        /* private messages to users of this machine */
    struct tally floods;      /* pieces of floods that were held back, */
    struct tally floods_over; /* and do not wait any more */
    struct histogram talk;    /* from the arrival of a line of talk to its last reader, */
    struct histogram flood;   /* and of a flood's, with the time that it was held back */
};

#endif
