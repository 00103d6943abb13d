/*
 * visitor: a client in a town: in several rooms at once, with one command at a time that is not
 * answered yet, besides what it says.
 *
 * Times are milliseconds of one monotonic clock. No function waits.
 */
#ifndef STRESS_VISITOR_H
#define STRESS_VISITOR_H

#include "chance.h"
#include "chronicle.h"
#include "script.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

enum { VISITOR_COMMANDS_MAX = 128, VISITOR_REST_MILLIS = 400 };

enum visitor_stage { VISITOR_ABSENT, VISITOR_COMES, VISITOR_IS_HERE, VISITOR_LEAVES };

enum command_kind {
    COMMAND_OTHER, /* its answer tells nothing */
    COMMAND_JOIN,
    COMMAND_LEAVE,
    COMMAND_IGNORE,
    COMMAND_UNIGNORE,
    COMMAND_QUIET_ON,
    COMMAND_QUIET_OFF,
    COMMAND_SYNC,
    COMMAND_REGISTER,
    COMMAND_HISTORY,
    COMMAND_SEARCH,
    COMMAND_RESUME
};

/* A command that is not answered yet. */
struct command {
    enum command_kind kind;
    int room;
    uint32_t number; /* of a client, or of an action */
};

/* Somebody whom it ignores, under the name of then. */
struct dislike {
    uint32_t serial;
    char name[SCRIPT_NAME_BYTES];
};

struct visitor {
    struct wire wire;
    struct wire next; /* takes its place when the server has closed it */
    const struct places *places;
    bool accounts;      /* names can be registered */
    bool account;       /* its name is to be registered: it keeps it */
    bool registered;    /* it is */
    bool replaced;      /* it was told that it has come in from elsewhere */
    bool took_over;     /* its present connection has taken the place of another one */
    bool arriving;      /* it is still told where it is */
    bool wrong;         /* it gives a wrong password first */
    bool has_failed;    /* it has done so once */
    unsigned announced; /* bits of the rooms in which it was told it is */
    int64_t return_until;
    struct chronicle *chronicle;
    uint64_t seed;
    unsigned rooms;
    uint32_t serial;
    enum visitor_stage stage;
    struct chance mind;
    bool program;
    bool farewell;
    bool odd;    /* did not yet answer to a kick by telling the current room */
    int current; /* room */
    struct dislike dislike;
    bool is_quiet;
    bool ignores_a_name; /* that nobody had any more; what was said under it is not shown again */
    unsigned syncs;
    uint64_t past;                        /* number of the last line that /history has shown */
    bool found;                           /* what /search is to find */
    uint64_t resume[CHRONICLE_ROOMS_MAX]; /* what it goes on behind; 0: not at all */
    struct command commands[VISITOR_COMMANDS_MAX];
    unsigned command_count;
    int64_t act_at, rest_until;
};

/*
 * Whether it may come now: after it has left under a name of its own, as the same client, and when
 * all have been told that it has left; or when it has waited too long for that, as a new one.
 */
bool visitor_may_come(struct visitor *visitor, int64_t now);

/* Comes, as a new client or as the same one. Returns false, with a complaint, if it cannot. Must be
 * absent. */
bool visitor_come(struct visitor *visitor, const struct places *places, struct chronicle *chronicle,
                  uint64_t seed, unsigned rooms);

/* Does something, if it is its time. */
void visitor_act(struct visitor *visitor, int64_t now);

/* Whether it has no command that is not answered. */
bool visitor_is_idle(const struct visitor *visitor);

/* Asks for all that was said before; `syncs` counts the answers. Must be idle. */
void visitor_sync(struct visitor *visitor);

/* Leaves by /quit. */
void visitor_leave(struct visitor *visitor);

/* Handles what it has received, as far as the wardens have got it. */
void visitor_digest(struct visitor *visitor);

/* Adds its state to the last violation. */
void visitor_describe(const struct visitor *visitor);

#endif
