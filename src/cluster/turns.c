#include "base/platform.h"

#include "base/clock.h"
#include "chat/batch.h"
#include "cluster/turns.h"
#include "cluster/wire.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

/* How often a waiting user looks whether the server stops. */
#define TICK (100 * CLOCK_MILLISECOND)

enum turn_state {
    WAITS,    /* for a message that takes it */
    SENT,     /* it is in a message */
    GIVEN,    /* its user has the turn, */
    TAKEN,    /* and knows of it */
    VOID,     /* its user goes on without it */
    ABANDONED /* it is in a message, but its user does not wait any more, as the server stops */
};

struct turn {
    struct turn *next;
    enum turn_state state;
    int error;       /* why it is void */
    uint64_t number; /* of the message that it is in */
    uint64_t place;
    uint64_t user;    /* id of its user; 0: who comes in */
    pthread_t holder; /* the thread that has taken it */
    struct condition given;
    struct buffer change; /* as it is in a message */
};

/*
 * Making a turn.
 */

static int write_talk(struct buffer *out, const struct change *change)
{
    struct wire_talk talk;
    int error = wire_begin_talk(&talk, out, change->room);
    for (size_t i = 0; i < change->said->count && error == 0; i++) {
        const struct message message = batch_message(change->said, i);
        error = wire_add_message(&talk, &message);
    }
    return error == 0 ? wire_end_talk(&talk) : error;
}

static void turn_free(struct turn *turn)
{
    condition_destroy(&turn->given);
    buffer_free(&turn->change);
    free(turn);
}

/* Returns NULL, with an errno in *error, if it cannot be made. */
static struct turn *turn_create(const struct change *change, int *error)
{
    struct turn *turn = calloc(1, sizeof *turn);
    *error = turn != NULL ? condition_init(&turn->given) : ENOMEM;
    if (*error != 0) {
        free(turn);
        return NULL;
    }
    *error = change->kind == CHANGE_TALK ? write_talk(&turn->change, change)
                                         : wire_add(&turn->change, change);
    if (*error != 0) {
        turn_free(turn);
        return NULL;
    }
    return turn;
}

/*
 * The functions of the ordering.
 */

static struct turns *turns_of(struct ordering *ordering)
{
    return (struct turns *)(void *)ordering;
}

static void append(struct turn **first, struct turn **last, struct turn *turn)
{
    turn->next = NULL;
    if (*last != NULL)
        (*last)->next = turn;
    else
        *first = turn;
    *last = turn;
}

/* Takes a turn that waits out of the queue. */
static void withdraw(struct turns *turns, struct turn *turn)
{
    struct turn **place = &turns->first;
    struct turn *before = NULL;
    while (*place != turn) {
        before = *place;
        place = &before->next;
    }
    *place = turn->next;
    if (turns->last == turn)
        turns->last = before;
}

/* Whether users go on without their turns, as the server stops. */
static bool gives_up(const struct turns *turns)
{
    return turns->stopping || (turns->hurrying && (!turns->linked || turns->refused));
}

static bool is_stale(const struct turns *turns, const struct turn *turn)
{
    return turn->user != 0 && turn->user < turns->stale;
}

/* What is to be done when this change waits; all NULL if nothing is. */
static struct user_delay delay_of(const struct user *user, const struct change *change)
{
    const struct user_delay none = {NULL, NULL};
    bool leaves = change->kind == CHANGE_LEAVE && change->room.length == 0;
    return leaves && user != NULL ? user->local->delay : none;
}

/* Does that, if it is so. Wants the lock held, and releases it meanwhile. */
static void heed_delay(struct turns *turns, struct user_delay *delay, int64_t since)
{
    struct user_delay now = *delay;
    if (now.begins == NULL || (turns->linked && clock_now() < since + turns->patience))
        return;
    delay->begins = NULL;
    lock_release(&turns->lock);
    now.begins(now.context);
    lock_take(&turns->lock);
}

/* Waits until a turn is given. Returns 0, or why it was given up. Wants the lock held. */
static int wait_for(struct turns *turns, struct turn *turn, int64_t deadline,
                    struct user_delay delay)
{
    int64_t since = clock_now();
    int64_t now = since;
    int error = 0;
    while (turn->state != GIVEN && error == 0) {
        int64_t tick = now + TICK;
        condition_wait_until(&turn->given, &turns->lock, deadline < tick ? deadline : tick);
        heed_delay(turns, &delay, since);
        now = clock_now();
        if (turn->state == GIVEN)
            break;
        if (turn->state == VOID)
            error = turn->error;
        else if (gives_up(turns))
            error = ECANCELED;
        else if (turn->state == WAITS && now >= deadline)
            error = ETIMEDOUT;
        else if (turn->state == SENT)
            deadline = CLOCK_NEVER;
    }
    return error;
}

/* Gives a turn up. Wants the lock held. */
static void give_up(struct turns *turns, struct turn *turn)
{
    if (turn->state == SENT) {
        turn->state = ABANDONED;
        return;
    }
    if (turn->state == WAITS)
        withdraw(turns, turn);
    turn_free(turn);
}

static int await(struct ordering *ordering, const struct user *user, const struct change *change,
                 enum ordering_patience patience, uint64_t *place)
{
    struct turns *turns = turns_of(ordering);
    int error;
    lock_assert_none_held();
    struct turn *turn = turn_create(change, &error);
    if (turn == NULL)
        return error;
    turn->user = user != NULL ? user->id : 0;
    int64_t deadline = patience == ORDERING_ENDLESS ? CLOCK_NEVER : clock_now() + turns->patience;
    lock_take(&turns->lock);
    append(&turns->first, &turns->last, turn);
    if (turns->first == turn)
        condition_signal(&turns->work);
    if (is_stale(turns, turn))
        error = ESTALE;
    else
        error =
            gives_up(turns) ? ECANCELED : wait_for(turns, turn, deadline, delay_of(user, change));
    if (error != 0) {
        give_up(turns, turn);
    } else {
        turn->holder = pthread_self();
        turn->state = TAKEN;
        if (place != NULL)
            *place = turn->place;
    }
    lock_release(&turns->lock);
    return error;
}

static void end(struct ordering *ordering)
{
    struct turns *turns = turns_of(ordering);
    lock_take(&turns->lock);
    const struct turn *held = turns->held;
    if (held != NULL && held->state == TAKEN && pthread_equal(held->holder, pthread_self())) {
        turns->held = NULL;
        condition_signal(&turns->over);
    }
    lock_release(&turns->lock);
}

static void hurry(struct ordering *ordering)
{
    struct turns *turns = turns_of(ordering);
    lock_take(&turns->lock);
    turns->hurrying = true;
    lock_release(&turns->lock);
    if (turns->hurried != NULL)
        turns->hurried(turns->context);
}

static int send_to(struct ordering *ordering, const struct user *to, const struct change *change)
{
    struct turns *turns = turns_of(ordering);
    return turns->send(turns->context, to, change, NULL);
}

static int ask(struct ordering *ordering, const struct user *user, const struct change *change,
               struct address_prefix *host)
{
    struct turns *turns = turns_of(ordering);
    return turns->send(turns->context, user, change, host);
}

static bool list(struct ordering *ordering, size_t index, struct ordering_machine *machine)
{
    struct turns *turns = turns_of(ordering);
    return turns->list(turns->context, index, machine);
}

static const struct ordering_functions functions = {await, end, hurry, send_to, ask, list};

/*
 * The queue.
 */

int turns_init(struct turns *turns, int64_t patience)
{
    *turns = (struct turns){.ordering = {.functions = &functions}, .patience = patience};
    int error = lock_init(&turns->lock, LOCK_RANK_CLUSTER, "turns");
    if (error != 0)
        return error;
    error = condition_init(&turns->work);
    if (error != 0)
        goto no_work;
    error = condition_init(&turns->over);
    if (error == 0)
        return 0;
    condition_destroy(&turns->work);
no_work:
    lock_destroy(&turns->lock);
    return error;
}

static void free_all(struct turn *turn)
{
    while (turn != NULL) {
        struct turn *next = turn->next;
        turn_free(turn);
        turn = next;
    }
}

void turns_destroy(struct turns *turns)
{
    free_all(turns->first);
    free_all(turns->first_sent);
    condition_destroy(&turns->over);
    condition_destroy(&turns->work);
    lock_destroy(&turns->lock);
}

size_t turns_take(struct turns *turns, struct buffer *message, uint64_t number, int64_t deadline)
{
    size_t count = 0;
    lock_take(&turns->lock);
    while (!turns->stopping && !turns->paused && (turns->first == NULL || !turns->linked) &&
           condition_wait_until(&turns->work, &turns->lock, deadline))
        ;
    while (turns->linked && !turns->paused && !turns->stopping && turns->first != NULL &&
           count < TURNS_MOST && wire_append(message, &turns->first->change) == 0) {
        struct turn *turn = turns->first;
        turns->first = turn->next;
        if (turns->first == NULL)
            turns->last = NULL;
        turn->state = SENT;
        turn->number = number;
        append(&turns->first_sent, &turns->last_sent, turn);
        count++;
    }
    lock_release(&turns->lock);
    return count;
}

/* Takes the first turn out of those that are in messages. */
static struct turn *take_sent(struct turns *turns)
{
    struct turn *turn = turns->first_sent;
    turns->first_sent = turn->next;
    if (turns->first_sent == NULL)
        turns->last_sent = NULL;
    return turn;
}

void turns_take_back(struct turns *turns, uint64_t number)
{
    struct turn *first = NULL, *last = NULL;
    lock_take(&turns->lock);
    while (turns->first_sent != NULL && turns->first_sent->number < number) {
        struct turn *turn = take_sent(turns);
        if (turn->state == ABANDONED) {
            turn_free(turn);
            continue;
        }
        turn->state = WAITS;
        append(&first, &last, turn);
    }
    if (last != NULL) {
        last->next = turns->first;
        turns->first = first;
        if (turns->last == NULL)
            turns->last = last;
        condition_signal(&turns->work);
    }
    lock_release(&turns->lock);
}

void turns_give(struct turns *turns, uint64_t place)
{
    lock_take(&turns->lock);
    if (turns->first_sent == NULL) {
        lock_release(&turns->lock);
        return;
    }
    struct turn *turn = take_sent(turns);
    if (turn->state != ABANDONED) {
        turn->state = GIVEN;
        turn->place = place;
        turns->ordering.place = place;
        turns->held = turn;
        condition_signal(&turn->given);
        while (turns->held == turn)
            condition_wait(&turns->over, &turns->lock);
    }
    lock_release(&turns->lock);
    turn_free(turn);
}

/* Has the user of a turn, which is in no queue any more, go on without it. */
static void make_void(struct turn *turn, int error)
{
    if (turn->state == ABANDONED) {
        turn_free(turn);
        return;
    }
    turn->state = VOID;
    turn->error = error;
    condition_signal(&turn->given);
}

unsigned turns_void(struct turns *turns, uint64_t below, int sent)
{
    lock_take(&turns->lock);
    turns->stale = below;
    turns->paused = true;
    unsigned voids = ++turns->voids;
    while (turns->first_sent != NULL)
        make_void(take_sent(turns), sent);
    for (struct turn *turn = turns->first, *next; turn != NULL; turn = next) {
        next = turn->next;
        if (!is_stale(turns, turn))
            continue;
        withdraw(turns, turn);
        make_void(turn, ESTALE);
    }
    condition_signal(&turns->work);
    lock_release(&turns->lock);
    return voids;
}

bool turns_are_paused(struct turns *turns)
{
    lock_take(&turns->lock);
    bool paused = turns->paused;
    lock_release(&turns->lock);
    return paused;
}

void turns_resume(struct turns *turns, unsigned voids)
{
    lock_take(&turns->lock);
    if (turns->voids == voids)
        turns->paused = false;
    condition_signal(&turns->work);
    lock_release(&turns->lock);
}

void turns_set_linked(struct turns *turns, bool linked)
{
    lock_take(&turns->lock);
    turns->linked = linked;
    condition_signal(&turns->work);
    lock_release(&turns->lock);
}

void turns_set_refused(struct turns *turns, bool refused)
{
    lock_take(&turns->lock);
    turns->refused = refused;
    lock_release(&turns->lock);
}

bool turns_are_hurried(struct turns *turns)
{
    lock_take(&turns->lock);
    bool hurried = turns->hurrying || turns->stopping;
    lock_release(&turns->lock);
    return hurried;
}

void turns_stop(struct turns *turns)
{
    lock_take(&turns->lock);
    turns->stopping = true;
    condition_signal(&turns->work);
    lock_release(&turns->lock);
}
