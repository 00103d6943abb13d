/* forged: violations that the chronicle must find. */
#include "forged.h"

#include "chronicle.h"
#include "complaint.h"
#include "script.h"

#include <stdio.h>

enum { SEED = 7, AUTHOR = 1, READER = 2, LINES = 4, VIOLATIONS = 15 };

/* Two clients in the lobby, of which one has said some lines; talk alone. */
static struct chronicle *chronicle_forge(uint32_t talk[LINES])
{
    struct chronicle *chronicle = chronicle_open(SEED, 2);
    uint32_t serial;

    for (serial = 0; chronicle != NULL && serial < READER;) {
        struct event join = {.kind = EVENT_JOIN};

        if (!chronicle_admit(chronicle, &serial)) {
            chronicle_close(chronicle);
            return NULL;
        }
        join.serial = serial;
        chronicle_enter(chronicle, 0, &join, 0);
        chronicle_arrive(chronicle, serial, 0);
    }
    for (unsigned i = 0; chronicle != NULL && i < LINES;) {
        uint32_t number = chronicle_said(chronicle, AUTHOR);

        if (script_kind(SEED, AUTHOR, number) != SCRIPT_RENAME) {
            talk[i++] = number;
        }
    }
    return chronicle;
}

static struct event talk_of(uint32_t number)
{
    return (struct event){
        .kind = EVENT_TALK, .room = EVENT_NO_ROOM, .serial = AUTHOR, .number = number};
}

static void enter(struct chronicle *chronicle, uint32_t number, uint64_t seq)
{
    struct event event = talk_of(number);

    chronicle_enter(chronicle, 0, &event, seq);
}

static void hear(struct chronicle *chronicle, uint32_t reader, uint32_t number)
{
    struct event event = talk_of(number);

    chronicle_hear(chronicle, reader, &event, 0);
}

static void go(struct chronicle *chronicle, enum event_kind kind, uint32_t number)
{
    const struct event event = {.kind = kind, .serial = AUTHOR, .number = number};

    chronicle_enter(chronicle, 0, &event, 0);
}

/* Somebody leaves, comes again and leaves, of which a reader is told once too often. */
static void forge_return(struct chronicle *chronicle)
{
    struct event leave = {.kind = EVENT_LEAVE, .room = EVENT_NO_ROOM, .serial = AUTHOR};

    chronicle_goes(chronicle, AUTHOR);
    go(chronicle, EVENT_LEAVE, 0);
    chronicle_hear(chronicle, READER, &leave, 0);
    chronicle_cut(chronicle, AUTHOR);
    chronicle_return(chronicle, AUTHOR);
    go(chronicle, EVENT_JOIN, 0);
    chronicle_goes(chronicle, AUTHOR);
    go(chronicle, EVENT_LEAVE, 0);
    leave.room = 0;
    leave.kind = EVENT_JOIN;
    chronicle_hear(chronicle, READER, &leave, 0);
    leave.kind = EVENT_LEAVE;
    chronicle_hear(chronicle, READER, &leave, 0);
    chronicle_hear(chronicle, READER, &leave, 0);
}

/* A reader that shared two rooms leaves one of them, and is told in none that somebody has left. */
static void forge_untold(struct chronicle *chronicle)
{
    const struct event join = {.kind = EVENT_JOIN, .room = 1, .serial = READER};
    const struct event exit = {.kind = EVENT_EXIT, .serial = READER};

    chronicle_enter(chronicle, 1, &join, 0);
    chronicle_arrive(chronicle, READER, 1);
    chronicle_goes(chronicle, AUTHOR);
    go(chronicle, EVENT_LEAVE, 0);
    chronicle_enter(chronicle, 0, &exit, 0);
    chronicle_depart(chronicle, READER, 0);
    chronicle_syncing(chronicle, READER);
    chronicle_acknowledged(chronicle, READER, 0);
}

/* Forges what concerns logging in, and the operator. Returns false if nothing has come of it. */
static bool forge_going(struct chronicle *chronicle, unsigned which)
{
    chronicle_register(chronicle, AUTHOR);
    if (which == 9) { /* others see a leave when somebody comes from elsewhere */
        chronicle_taken_over(chronicle, AUTHOR);
        go(chronicle, EVENT_LEAVE, 0);
    } else if (which == 10) { /* they see it join */
        chronicle_taken_over(chronicle, AUTHOR);
        go(chronicle, EVENT_JOIN, 0);
    } else if (which == 11) { /* it is kicked, though the operator has kicked nobody */
        go(chronicle, EVENT_LEAVE, EVENT_KICKED);
    } else if (which == 12) { /* it is kicked, and is seen to leave */
        chronicle_expel(chronicle, AUTHOR);
        chronicle_goes(chronicle, AUTHOR);
        chronicle_outlawed(chronicle, AUTHOR);
        go(chronicle, EVENT_LEAVE, 0);
    } else if (which == 13) { /* the same, seen before it is told */
        chronicle_expel(chronicle, AUTHOR);
        chronicle_goes(chronicle, AUTHOR);
        go(chronicle, EVENT_LEAVE, 0);
        chronicle_outlawed(chronicle, AUTHOR);
    } else if (which == 14) { /* it is told in no room that somebody has left */
        forge_untold(chronicle);
    } else if (which == 8) { /* somebody who has come again is told to have left twice */
        forge_return(chronicle);
    } else {
        return false;
    }
    return true;
}

static void forge(struct chronicle *chronicle, const uint32_t talk[LINES], unsigned which)
{
    if (which == 1) { /* a line's number is missing */
        enter(chronicle, talk[0], 1);
        enter(chronicle, talk[1], 3);
        return;
    }
    if (which == 2) { /* a muted client is heard */
        chronicle_mute(chronicle, 0, AUTHOR, RULE_HOLDS);
        enter(chronicle, talk[0], 1);
        return;
    }
    if (which == 3) { /* somebody speaks without the floor */
        chronicle_moderate(chronicle, 0, RULE_HOLDS);
        enter(chronicle, talk[0], 1);
        return;
    }
    if (which >= 8 && which < VIOLATIONS && forge_going(chronicle, which)) {
        return;
    }
    for (unsigned i = 0; i < LINES; i++) {
        enter(chronicle, talk[i], i + 1);
    }
    if (which == 4) { /* one line is lost */
        hear(chronicle, READER, talk[0]);
        hear(chronicle, READER, talk[2]);
    } else if (which == 5) { /* one comes twice */
        hear(chronicle, READER, talk[0]);
        hear(chronicle, READER, talk[0]);
    } else if (which == 6) { /* one comes back to its author */
        hear(chronicle, AUTHOR, talk[0]);
    } else if (which == 7) { /* an ignored client is heard */
        chronicle_ignore(chronicle, READER, AUTHOR, RULE_HOLDS);
        hear(chronicle, READER, talk[0]);
    } else if (which == VIOLATIONS) { /* what was acknowledged is in no room */
        uint32_t last = chronicle_said(chronicle, AUTHOR);

        chronicle_acknowledged(chronicle, AUTHOR, last);
        chronicle_verify(chronicle);
    } else {
        for (unsigned i = 0; i < LINES; i++) {
            hear(chronicle, READER, talk[i]);
        }
    }
}

int forged_check(void)
{
    uint32_t talk[LINES];
    int missed = 0;

    /* The last first: chronicle_verify() says nothing any more when there was enough to be said. */
    for (unsigned which = VIOLATIONS + 1; which-- > 0;) {
        struct chronicle *chronicle = chronicle_forge(talk);
        unsigned before = complaint_count();
        bool found;

        if (chronicle == NULL) {
            return -1;
        }
        forge(chronicle, talk, which);
        found = complaint_count() > before;
        if (found != (which > 0)) {
            printf("stress: forged violation %u: %s\n", which, found ? "found" : "not found");
            missed++;
        }
        chronicle_close(chronicle);
    }
    return missed;
}
