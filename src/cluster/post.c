#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "base/number.h"
#include "cluster/connection.h"
#include "cluster/envelope.h"
#include "cluster/mailbox.h"
#include "cluster/post.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Milliseconds. */
enum {
    AGAIN_LEAST_MS = 500, /* a letter without an answer is sent again; each time it waits longer */
    AGAIN_MOST_MS = 2000,
    PAUSE_LEAST_MS = 20, /* the same, where nobody listens, or there is no link */
    PAUSE_MOST_MS = 200,
    TICK_MS = 1000, /* how often the receiving thread looks what can be forgotten */
    FLUSH_MS = 2000
};

enum {
    PENDING_BYTES_MAX = 16 * 1024 * 1024, /* messages that wait for us, of each kind */
    PENDING_MAX = 65536,
    SUBJECT_SIZE = POST_NAME_MAX + 80
};

_Static_assert((int)POST_BYTES_MAX == (int)ENVELOPE_CONTENT_MAX, "a letter fits an envelope");
_Static_assert((int)POST_WINDOW == (int)ENVELOPE_WINDOW, "numbers fit an envelope");
_Static_assert((int)POST_FAULT_SIZE == (int)CONNECTION_FAULT_SIZE, "faults are passed on");
_Static_assert(MAILBOX_SECONDS >= 2 * POST_SECONDS_MAX, "what can come again is remembered");

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

struct post {
    char name[POST_NAME_MAX + 1];
    struct post_run self;
    natsConnection *connection;
    natsSubscription *letters, *answers;

    post_receiver *receiver;
    void *context;
    struct mailbox mailbox; /* the receiving thread's */
    pthread_t thread;
    bool receiving; /* there is the thread */

    struct condition changed;
    struct lock lock; /* guards what follows */
    struct target *targets;
    uint64_t numbered; /* no number up to this one is used for a new target */
    uint64_t ids;
    unsigned senders; /* in post_send() */
    bool listening;   /* the library still hands answers over */
    bool closed;      /* the library is done with the connection, and calls back no more */
    bool stopping;
    struct post_counts counts;
};

static int64_t lesser(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/*
 * Subjects. Letters have NAME.post.NODE.BOOT of their receiver, answers have
 * NAME.answer.NODE.BOOT.ID of who sent the letter.
 */

static int write_subject(const struct post *post, char subject[SUBJECT_SIZE], const char *kind,
                         struct post_run run)
{
    return snprintf(subject, SUBJECT_SIZE, "%s.%s.%016" PRIx64 ".%016" PRIx64, post->name, kind,
                    run.node, run.boot);
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

/*
 * Counting
 */

static void count(struct post *post, uint64_t *counter)
{
    lock_take(&post->lock);
    ++*counter;
    lock_release(&post->lock);
}

/* Reads a message of one kind; counts one that is none. */
static bool read_message(struct post *post, natsMsg *message, enum envelope_kind kind,
                         struct envelope *envelope)
{
    enum envelope_result result =
        envelope_read(envelope, natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message));
    if (result == ENVELOPE_FOREIGN)
        count(post, &post->counts.foreign);
    else if (result == ENVELOPE_NEWER)
        count(post, &post->counts.newer);
    else if (result == ENVELOPE_GARBLED || envelope->kind != kind)
        count(post, &post->counts.garbled);
    else
        return true;
    return false;
}

void post_count(struct post *post, struct post_counts *counts)
{
    lock_take(&post->lock);
    *counts = post->counts;
    lock_release(&post->lock);
}

/*
 * Receiving: what runs on the receiving thread
 */

/* Without memory there is no answer; the letter will come again. */
static void send_answer(struct post *post, const char *subject, const struct envelope *letter,
                        const struct buffer *answer)
{
    struct buffer bytes = {0};
    const struct envelope envelope = {.kind = ENVELOPE_ANSWER,
                                      .node = post->self.node,
                                      .boot = post->self.boot,
                                      .number = letter->number,
                                      .floor = letter->number,
                                      .content = buffer_bytes(answer),
                                      .length = buffer_length(answer)};
    if (envelope_write(&bytes, &envelope) == 0)
        natsConnection_Publish(post->connection, subject, buffer_bytes(&bytes),
                               (int)buffer_length(&bytes));
    buffer_free(&bytes);
}

static void receive_new(struct post *post, const struct envelope *letter,
                        struct mailbox_entry *entry)
{
    const struct post_run from = {letter->node, letter->boot};
    count(post, &post->counts.received);
    post->receiver(post->context, from, letter->content, letter->length, &entry->answer);
    assert(buffer_length(&entry->answer) <= POST_ANSWER_MAX);
    mailbox_keep(&post->mailbox, entry);
}

static void receive_letter(struct post *post, natsMsg *message)
{
    struct envelope letter;
    struct mailbox_entry *entry = NULL;
    const char *reply = natsMsg_GetReply(message);
    if (reply == NULL || *reply == '\0') {
        count(post, &post->counts.foreign); /* It could not be answered. */
        return;
    }
    if (!read_message(post, message, ENVELOPE_LETTER, &letter))
        return;
    switch (mailbox_take(&post->mailbox, &letter, clock_now(), &entry)) {
    case MAILBOX_NEW:
        receive_new(post, &letter, entry);
        break;
    case MAILBOX_AGAIN:
        count(post, &post->counts.again);
        break;
    case MAILBOX_OLD:
        count(post, &post->counts.old);
        return;
    case MAILBOX_FULL:
        count(post, &post->counts.full);
        return;
    }
    send_answer(post, reply, &letter, &entry->answer);
}

static bool is_stopping(struct post *post)
{
    lock_take(&post->lock);
    bool stopping = post->stopping;
    lock_release(&post->lock);
    return stopping;
}

/* Whether there is more to come after a message did not. */
static bool goes_on(natsStatus status)
{
    return status == NATS_TIMEOUT || status == NATS_SLOW_CONSUMER || status == NATS_NO_RESPONDERS;
}

static void *receive(void *argument)
{
    struct post *post = argument;
    natsStatus status = NATS_OK;
    while ((status == NATS_OK || goes_on(status)) && !is_stopping(post)) {
        natsMsg *message = NULL;
        status = natsSubscription_NextMsg(&message, post->letters, TICK_MS);
        if (status == NATS_OK)
            receive_letter(post, message);
        natsMsg_Destroy(message);
        mailbox_sweep(&post->mailbox, clock_now());
    }
    nats_ReleaseThreadMemory();
    return NULL;
}

/*
 * Answers: what runs on threads of the library
 */

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

static void take_answer(natsConnection *connection, natsSubscription *subscription,
                        natsMsg *message, void *context)
{
    struct post *post = context;
    struct envelope answer;
    uint64_t id = read_id(natsMsg_GetSubject(message));
    (void)connection;
    (void)subscription;
    if (natsMsg_IsNoResponders(message))
        note_refusal(post, id);
    else if (read_message(post, message, ENVELOPE_ANSWER, &answer) &&
             hand_over(post, id, message, &answer))
        return;
    natsMsg_Destroy(message);
}

/* It is the last that the library does with answers. */
static void note_deaf(void *context)
{
    struct post *post = context;
    lock_take(&post->lock);
    post->listening = false;
    condition_broadcast(&post->changed);
    lock_release(&post->lock);
}

/* What was under way may be lost. */
static void note_reconnect(natsConnection *connection, void *context)
{
    struct post *post = context;
    (void)connection;
    lock_take(&post->lock);
    for (struct target *target = post->targets; target != NULL; target = target->next) {
        for (struct letter *letter = target->first; letter != NULL; letter = letter->next) {
            letter->due = 0;
            condition_signal(&letter->changed);
        }
    }
    lock_release(&post->lock);
}

/* It is the last callback of a connection. */
static void note_close(natsConnection *connection, void *context)
{
    struct post *post = context;
    (void)connection;
    lock_take(&post->lock);
    post->closed = true;
    condition_broadcast(&post->changed);
    lock_release(&post->lock);
}

/*
 * Sending
 */

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
    char reply[SUBJECT_SIZE];
    if (!connection_is_up(post->connection))
        return false;
    int length = write_subject(post, reply, "answer", post->self);
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

/* Sends a letter until it is answered. Returns 0 or an errno. */
static int await_answer(struct post *post, struct letter *letter, const struct buffer *bytes,
                        int64_t deadline)
{
    char subject[SUBJECT_SIZE];
    int64_t wait = AGAIN_LEAST_MS * CLOCK_MILLISECOND;
    int64_t now = clock_now();
    write_subject(post, subject, "post", letter->target->run);
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

/*
 * Opening
 */

static bool name_is_allowed(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t length = strlen(name);
    return length > 0 && length <= POST_NAME_MAX && strspn(name, allowed) == length;
}

static struct post *create(const struct post_config *config, char *fault)
{
    struct post *post = calloc(1, sizeof *post);
    int error = post == NULL ? ENOMEM : lock_init(&post->lock, LOCK_RANK_CLUSTER, "post");
    if (error == 0) {
        error = condition_init(&post->changed);
        if (error != 0)
            lock_destroy(&post->lock);
    }
    if (error != 0) {
        snprintf(fault, POST_FAULT_SIZE, "cannot open the post: %s", strerror(error));
        free(post);
        return NULL;
    }
    snprintf(post->name, sizeof post->name, "%s", config->name);
    post->self = config->self;
    return post;
}

static bool connect_post(struct post *post, const struct post_config *config, int64_t deadline,
                         char *fault)
{
    const struct connection_config connection = {.servers = config->servers,
                                                 .credentials = config->credentials,
                                                 .reconnected = note_reconnect,
                                                 .closed = note_close,
                                                 .context = post};
    post->connection = connection_open(&connection, deadline, fault);
    return post->connection != NULL && connection_check_size(post->connection, fault);
}

static natsStatus subscribe_letters(struct post *post)
{
    char subject[SUBJECT_SIZE];
    write_subject(post, subject, "post", post->self);
    natsStatus status = natsConnection_SubscribeSync(&post->letters, post->connection, subject);
    if (status == NATS_OK)
        status = natsSubscription_SetPendingLimits(post->letters, PENDING_MAX, PENDING_BYTES_MAX);
    return status;
}

static natsStatus subscribe_answers(struct post *post)
{
    char subject[SUBJECT_SIZE];
    int length = write_subject(post, subject, "answer", post->self);
    snprintf(subject + length, sizeof subject - (size_t)length, ".*");
    natsStatus status =
        natsConnection_Subscribe(&post->answers, post->connection, subject, take_answer, post);
    if (status == NATS_OK)
        status = natsSubscription_SetPendingLimits(post->answers, PENDING_MAX, PENDING_BYTES_MAX);
    lock_take(&post->lock);
    post->listening = status == NATS_OK;
    lock_release(&post->lock);
    if (status != NATS_OK)
        return status;
    status = natsSubscription_SetOnCompleteCB(post->answers, note_deaf, post);
    if (status != NATS_OK)
        note_deaf(post);
    return status;
}

/* Has the server know the subscriptions before anybody is told of this machine. */
static bool subscribe(struct post *post, char *fault)
{
    natsStatus status = subscribe_letters(post);
    if (status == NATS_OK)
        status = subscribe_answers(post);
    if (status == NATS_OK)
        status = natsConnection_FlushTimeout(post->connection, FLUSH_MS);
    if (status != NATS_OK)
        connection_tell(fault, "cannot subscribe to letters", status);
    return status == NATS_OK;
}

static bool start_receiving(struct post *post, char *fault)
{
    int error = pthread_create(&post->thread, NULL, receive, post);
    if (error != 0)
        snprintf(fault, POST_FAULT_SIZE, "cannot start the thread that receives letters: %s",
                 strerror(error));
    post->receiving = error == 0;
    return error == 0;
}

struct post *post_open(const struct post_config *config, post_receiver *receiver, void *context,
                       int64_t deadline, char fault[POST_FAULT_SIZE])
{
    lock_assert_none_held();
    if (!name_is_allowed(config->name)) {
        snprintf(fault, POST_FAULT_SIZE,
                 "the name of the cluster is none: it has 1 to %d of A-Z a-z 0-9 - _",
                 POST_NAME_MAX);
        return NULL;
    }
    struct post *post = create(config, fault);
    if (post == NULL)
        return NULL;
    post->receiver = receiver;
    post->context = context;
    bool well = connect_post(post, config, deadline, fault) && subscribe(post, fault) &&
                start_receiving(post, fault);
    if (!well) {
        post_stop(post);
        post_free(post);
    }
    nats_ReleaseThreadMemory();
    return well ? post : NULL;
}

/*
 * Ending
 */

static void stop_senders(struct post *post)
{
    lock_take(&post->lock);
    post->stopping = true;
    for (struct target *target = post->targets; target != NULL; target = target->next) {
        for (struct letter *letter = target->first; letter != NULL; letter = letter->next)
            condition_signal(&letter->changed);
    }
    lock_release(&post->lock);
}

void post_stop(struct post *post)
{
    lock_assert_none_held();
    stop_senders(post);
    if (post->connection != NULL)
        natsConnection_Close(post->connection); /* This ends all waits in the library. */
    if (post->receiving)
        pthread_join(post->thread, NULL);
    post->receiving = false;
    lock_take(&post->lock);
    while (post->senders > 0 || post->listening || (post->connection != NULL && !post->closed))
        condition_wait(&post->changed, &post->lock);
    lock_release(&post->lock);
}

void post_free(struct post *post)
{
    if (post == NULL)
        return;
    natsSubscription_Destroy(post->letters);
    natsSubscription_Destroy(post->answers);
    natsConnection_Destroy(post->connection);
    mailbox_free(&post->mailbox);
    condition_destroy(&post->changed);
    lock_destroy(&post->lock);
    free(post);
}
