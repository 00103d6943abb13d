/*
 * mailbox: which letters a machine has received from the others, and how it answered them, so that
 * a letter that is sent again (cluster/post) is answered again, but not received twice.
 *
 * A letter tells the lowest number that its sender still sends; what is below it is forgotten, and
 * refused if it comes all the same. So what is remembered of a sender are ENVELOPE_WINDOW letters
 * at most. Of one that has been silent for MAILBOX_SECONDS only the highest number is remembered:
 * its deadlines have passed.
 *
 * For one thread. It takes no lock.
 */
#ifndef CLUSTER_MAILBOX_H
#define CLUSTER_MAILBOX_H

#include "base/buffer.h"
#include "cluster/envelope.h"

#include <stddef.h>
#include <stdint.h>

enum {
    MAILBOX_SECONDS = 120,      /* that a silent sender's letters are remembered */
    MAILBOX_SENDERS_MAX = 1024, /* runs of machines, of which one that is silent gives way */
    MAILBOX_ANSWERS_MAX = 16 * 1024 * 1024 /* bytes; with more no new letter is received */
};

struct mailbox_sender;

/* All zero is empty. */
struct mailbox {
    struct mailbox_sender *first; /* that was heard last; the others behind it */
    size_t senders;
    size_t bytes;  /* of all answers */
    int64_t swept; /* when the silent ones were looked for */
};

/* A letter that was received. */
struct mailbox_entry {
    uint64_t number;
    struct buffer answer;
};

enum mailbox_verdict {
    MAILBOX_NEW,   /* it is to be received, and the entry to be given its answer */
    MAILBOX_AGAIN, /* it was received: it is to be answered again as the entry has it */
    MAILBOX_OLD,   /* nobody knows any more whether it was received */
    MAILBOX_FULL   /* there is no room or memory for it now: it counts as never seen */
};

/*
 * Takes note of a letter at the time `now` (clock_now()). With the first two verdicts stores its
 * entry, which stays until the next call of a function of the mailbox. A new one's answer is empty.
 */
enum mailbox_verdict mailbox_take(struct mailbox *mailbox, const struct envelope *letter,
                                  int64_t now, struct mailbox_entry **entry);

/* Counts the answer that a new letter's entry was given, at once and at most once. */
void mailbox_keep(struct mailbox *mailbox, struct mailbox_entry *entry);

/* Forgets the letters of senders that have been silent. Looks for them once a second at most. */
void mailbox_sweep(struct mailbox *mailbox, int64_t now);

/* Forgets everything. */
void mailbox_free(struct mailbox *mailbox);

#endif
