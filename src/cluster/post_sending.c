#include "base/platform.h"

#include "base/clock.h"
#include "base/number.h"
#include "cluster/connection.h"
#include "cluster/post.h"
#include "cluster/post_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAVE_INTERVAL (10 * CLOCK_SECOND) /* between two times that it leaves a server */

/* Milliseconds. */
enum {
    AGAIN_LEAST_MS = 500, /* a letter without an answer is sent again; each time it waits longer */
    AGAIN_MOST_MS = 2000,
    PAUSE_LEAST_MS = 20, /* the same, where nobody listens, or there is no link */
    PAUSE_MOST_MS = 200
};

/* A letter under way, on the stack of the thread that sends it. The post's lock guards it. */
struct letter {
    uint64_t id;     /* in the subject of its answers */
    uint64_t number; /* among those to its target */
    struct target *target;
    struct condition changed;
    unsigned sent, refused; /* copies, and those of them for which nobody listened */
    int64_t refused_since;
    int64_t due;    /* when it is sent again */
    int64_t pause;  /* until then, when nobody listens */
    natsMsg *reply; /* the message with the answer; NULL: not answered */
    struct envelope answer;
    struct letter *next;
};

/* A run to which letters are under way. */
struct target {
    struct post_run run;
    uint64_t numbered;           /* the last number */
    struct letter *first, *last; /* by their numbers */
    struct target *next;
};

static int64_t lesser(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/* Reads the letter's id at the end of a subject. Returns 0 if there is none. */
static uint64_t read_id(const char *subject)
{
    uint64_t id = 0;
    const char *dot = strrchr(subject, '.');
    if (dot != NULL)
        number_parse(dot + 1, 1, UINT64_MAX, &id);
    return id;
}

static struct letter *find_letter(const struct post *post, uint64_t id)
{
    lock_assert_held(&post->lock);
    for (const struct target *target = post->targets; target != NULL; target = target->next) {
        for (struct letter *letter = target->first; letter != NULL; letter = letter->next) {
            if (letter->id == id)
                return letter;
        }
    }
    return NULL;
}

/* A server tells that nobody listens. The letter is tried again soon, as somebody may be back. */
static void note_refusal(struct post *post, uint64_t id)
{
    int64_t now = clock_now();
    lock_take(&post->lock);
    struct letter *letter = find_letter(post, id);
    if (letter != NULL) {
        letter->refused_since = letter->refused == 0 ? now : letter->refused_since;
        letter->refused++;
        letter->due = now + letter->pause;
        letter->pause = lesser(letter->pause * 2, PAUSE_MOST_MS * CLOCK_MILLISECOND);
        condition_signal(&letter->changed);
    }
    lock_release(&post->lock);
}

/* Returns whether the message is the letter's from now on. */
static bool hand_over(struct post *post, uint64_t id, natsMsg *message,
                      const struct envelope *answer)
{
    lock_take(&post->lock);
    struct letter *letter = find_letter(post, id);
    bool wanted = letter != NULL && letter->reply == NULL && letter->number == answer->number &&
                  letter->target->run.node == answer->node &&
                  letter->target->run.boot == answer->boot;
    if (wanted) {
        letter->reply = message;
        letter->answer = *answer;
        condition_signal(&letter->changed);
    }
    lock_release(&post->lock);
    return wanted;
}

void post_take_answer(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                      void *context)
{
    struct post *post = context;
    struct envelope answer;
    uint64_t id = read_id(natsMsg_GetSubject(message));
    (void)connection;
    (void)subscription;
    if (natsMsg_IsNoResponders(message))
        note_refusal(post, id);
    else if (post_read(post, message, ENVELOPE_ANSWER, &answer) &&
             hand_over(post, id, message, &answer))
        return;
    natsMsg_Destroy(message);
}

static bool has_turn(const struct letter *letter)
{
    return letter->number - letter->target->first->number < POST_WINDOW;
}

/* Returns the target for a run, or NULL. A new one's numbers are above all that it had before. */
static struct target *find_target(struct post *post, struct post_run run)
{
    lock_assert_held(&post->lock);
    struct target *target = post->targets;
    while (target != NULL && (target->run.node != run.node || target->run.boot != run.boot))
        target = target->next;
    if (target != NULL)
        return target;
    target = calloc(1, sizeof *target);
    if (target == NULL)
        return NULL;
    *target = (struct target){.run = run, .numbered = post->numbered, .next = post->targets};
    post->targets = target;
    return target;
}

static void drop_target(struct post *post, struct target *target)
{
    struct target **place = &post->targets;
    while (*place != target)
        place = &(*place)->next;
    *place = target->next;
    if (target->numbered > post->numbered)
        post->numbered = target->numbered;
    free(target);
}

/* Puts a letter behind the others to its target. Returns 0 or an errno. */
static int begin_letter(struct post *post, struct letter *letter, struct post_run to)
{
    int error = 0;
    lock_take(&post->lock);
    struct target *target = post->stopping ? NULL : find_target(post, to);
    if (target == NULL) {
        error = post->stopping ? ECANCELED : ENOMEM;
    } else {
        letter->target = target;
        letter->id = ++post->ids;
        letter->number = ++target->numbered;
        if (target->first == NULL)
            target->first = letter;
        else
            target->last->next = letter;
        target->last = letter;
        post->senders++;
    }
    lock_release(&post->lock);
    return error;
}

/* Those whose turn it is now go on. */
static void end_letter(struct post *post, struct letter *letter)
{
    lock_take(&post->lock);
    struct target *target = letter->target;
    struct letter *before = NULL;
    for (struct letter *each = target->first; each != letter; each = each->next)
        before = each;
    *(before != NULL ? &before->next : &target->first) = letter->next;
    if (target->last == letter)
        target->last = before;
    if (before == NULL) {
        for (struct letter *each = letter->next; each != NULL && has_turn(each);
             each = each->next) {
            if (each->number - letter->number >= POST_WINDOW)
                condition_signal(&each->changed);
        }
    }
    if (target->first == NULL)
        drop_target(post, target);
    post->senders--;
    if (post->stopping)
        condition_broadcast(&post->changed);
    lock_release(&post->lock);
}

/*
 * Waits until it is a letter's turn, and stores the lowest number that is still sent. Returns 0 or
 * an errno.
 */
static int await_turn(struct post *post, struct letter *letter, int64_t deadline, uint64_t *floor)
{
    bool patient = true;
    lock_take(&post->lock);
    while (patient && !post->stopping && !has_turn(letter))
        patient = condition_wait_until(&letter->changed, &post->lock, deadline);
    int error = post->stopping ? ECANCELED : has_turn(letter) ? 0 : EHOSTUNREACH;
    *floor = letter->target->first->number;
    lock_release(&post->lock);
    return error;
}

/* Returns whether a copy may be under way. */
static bool send_copy(struct post *post, const struct letter *letter, const char *subject,
                      const struct buffer *bytes)
{
    char reply[POST_SUBJECT_SIZE];
    if (!connection_is_up(post->connection))
        return false;
    int length = post_write_subject(post, reply, "answer", post->self);
    snprintf(reply + length, sizeof reply - (size_t)length, ".%" PRIu64, letter->id);
    natsStatus status = natsConnection_PublishRequest(
        post->connection, subject, reply, buffer_bytes(bytes), (int)buffer_length(bytes));
    if (status != NATS_OK)
        nats_ReleaseThreadMemory();
    return true;
}

/* Whether nobody has listened for long. A copy whose fate is not known may have been received. */
static bool is_absent(const struct letter *letter, int64_t now)
{
    return letter->refused > 0 && letter->refused == letter->sent &&
           now - letter->refused_since >= POST_ABSENT_SECONDS * CLOCK_SECOND;
}

/*
 * A letter was not answered: who should have done so may be alive, and this server cut off from
 * its one. Takes the post's lock.
 */
static void doubt_server(struct post *post)
{
    lock_take(&post->lock);
    int64_t left = post->left;
    lock_release(&post->lock);
    connection_leave_silent(post->connection, &left, LEAVE_INTERVAL);
    lock_take(&post->lock);
    post->left = left;
    lock_release(&post->lock);
}

/* Sends a letter until it is answered. Returns 0 or an errno. */
static int await_answer(struct post *post, struct letter *letter, const struct buffer *bytes,
                        int64_t deadline)
{
    char subject[POST_SUBJECT_SIZE];
    int64_t wait = AGAIN_LEAST_MS * CLOCK_MILLISECOND;
    int64_t now = clock_now();
    post_write_subject(post, subject, "post", letter->target->run);
    lock_take(&post->lock);
    while (letter->reply == NULL && !post->stopping && now < deadline && !is_absent(letter, now)) {
        if (now >= letter->due) {
            letter->due = now + wait;
            letter->sent++;
            lock_release(&post->lock);
            bool tried = send_copy(post, letter, subject, bytes);
            lock_take(&post->lock);
            if (tried) {
                wait = lesser(wait + wait / 2, AGAIN_MOST_MS * CLOCK_MILLISECOND);
            } else {
                letter->sent--;
                letter->due = lesser(letter->due, now + PAUSE_MOST_MS * CLOCK_MILLISECOND);
            }
        }
        if (letter->reply == NULL && !post->stopping)
            condition_wait_until(&letter->changed, &post->lock, lesser(letter->due, deadline));
        now = clock_now();
    }
    int error = letter->reply != NULL             ? 0
                : post->stopping                  ? ECANCELED
                : letter->refused == letter->sent ? EHOSTUNREACH
                                                  : ETIMEDOUT;
    lock_release(&post->lock);
    if (error == ETIMEDOUT || error == EHOSTUNREACH)
        doubt_server(post);
    return error;
}

/* Numbers, writes and sends a letter. Returns 0 or an errno. */
static int carry(struct post *post, struct letter *letter, struct post_run to, const void *bytes,
                 size_t length, int64_t deadline)
{
    struct buffer message = {0};
    struct envelope envelope = {.kind = ENVELOPE_LETTER,
                                .node = post->self.node,
                                .boot = post->self.boot,
                                .content = bytes,
                                .length = length};
    int error = begin_letter(post, letter, to);
    if (error != 0)
        return error;
    envelope.number = letter->number;
    error = await_turn(post, letter, deadline, &envelope.floor);
    if (error == 0)
        error = envelope_write(&message, &envelope);
    if (error == 0)
        error = await_answer(post, letter, &message, deadline);
    end_letter(post, letter);
    buffer_free(&message);
    return error;
}

int post_send(struct post *post, struct post_run to, const void *bytes, size_t length,
              int64_t deadline, struct buffer *answer)
{
    struct letter letter = {.pause = PAUSE_LEAST_MS * CLOCK_MILLISECOND};
    lock_assert_none_held();
    if (length > POST_BYTES_MAX)
        return EMSGSIZE;
    if (deadline > clock_now() + POST_SECONDS_MAX * CLOCK_SECOND)
        return EINVAL;
    int error = condition_init(&letter.changed);
    if (error != 0)
        return error;
    error = carry(post, &letter, to, bytes, length, deadline);
    if (error == 0 && !buffer_append(answer, letter.answer.content, letter.answer.length))
        error = ENOMEM;
    natsMsg_Destroy(letter.reply);
    condition_destroy(&letter.changed);
    return error;
}

void post_hurry(struct post *post)
{
    lock_take(&post->lock);
    for (struct target *target = post->targets; target != NULL; target = target->next) {
        for (struct letter *letter = target->first; letter != NULL; letter = letter->next)
            letter->due = 0;
    }
    post_wake_senders(post);
    lock_release(&post->lock);
}

void post_wake_senders(struct post *post)
{
    lock_assert_held(&post->lock);
    for (struct target *target = post->targets; target != NULL; target = target->next) {
        for (struct letter *letter = target->first; letter != NULL; letter = letter->next)
            condition_signal(&letter->changed);
    }
}
