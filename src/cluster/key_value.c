#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "cluster/key_value.h"
#include "cluster/stream_fault.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ANSWER_MS = 1000, /* how long one attempt waits */
    REPLICAS = 3,
    SUBJECT_SIZE = KEY_VALUE_NAME_MAX + KEY_VALUE_KEY_MAX + 16
};

#define SILENCE_MOST (2 * CLOCK_SECOND)       /* without answers to gets, until a server is left */
#define PAUSE        (50 * CLOCK_MILLISECOND) /* between two attempts */

/* As JetStream's key-value stores mark a key that was deleted. */
static const char operation_header[] = "KV-Operation";

struct key_value {
    struct bucket bucket; /* first: its functions are given a pointer to it */
    char stream[KEY_VALUE_NAME_MAX + sizeof "KV_"];
    char subjects[KEY_VALUE_NAME_MAX + sizeof "$KV..>"];
    natsConnection *connection;
    jsCtx *jetstream;
    atomic_bool stopping;
    _Atomic int64_t
        silent; /* since when gets are not answered (clock_now()); 0: the last one was */
    struct condition changed;
    struct lock lock; /* guards what follows */
    bool closed;      /* the library calls back no more */
};

static struct key_value *key_value_of(struct bucket *bucket)
{
    return (struct key_value *)(void *)bucket;
}

/* Waits before another attempt. Returns false if there is no time for one. */
static bool pause_until(struct key_value *key_value, int64_t deadline)
{
    int64_t end = clock_now() + PAUSE;
    if (end >= deadline)
        return false;
    lock_take(&key_value->lock);
    while (!atomic_load(&key_value->stopping) &&
           condition_wait_until(&key_value->changed, &key_value->lock, end))
        ;
    lock_release(&key_value->lock);
    return !atomic_load(&key_value->stopping);
}

/* Milliseconds for one attempt. */
static int answer_time(int64_t deadline)
{
    int left = clock_poll_timeout(deadline);
    return left < ANSWER_MS ? left : ANSWER_MS;
}

static void write_subject(const struct key_value *key_value, const char *key,
                          char subject[SUBJECT_SIZE])
{
    /* Behind the dot that the '>' of the subjects stands behind. */
    snprintf(subject, SUBJECT_SIZE, "%.*s%s", (int)strlen(key_value->subjects) - 1,
             key_value->subjects, key);
}

/*
 * The functions of the bucket.
 */

static bool is_deleted(natsMsg *message)
{
    const char *operation = NULL;
    return natsMsgHeader_Get(message, operation_header, &operation) == NATS_OK && operation != NULL;
}

static int read_value(natsMsg *message, struct buffer *value, uint64_t *revision)
{
    *revision = natsMsg_GetSequence(message);
    if (is_deleted(message))
        return ENOENT;
    size_t length = (size_t)natsMsg_GetDataLength(message);
    return buffer_append(value, natsMsg_GetData(message), length) ? 0 : ENOMEM;
}

/* Asks the leader, who alone has surely what was written last. EAGAIN: it has not answered. */
static int get_once(struct key_value *key_value, const char *subject, int64_t deadline,
                    struct buffer *value, uint64_t *revision)
{
    natsMsg *message = NULL;
    jsErrCode code = 0;
    jsOptions options;
    int error = EAGAIN;
    jsOptions_Init(&options);
    options.Wait = answer_time(deadline);
    if (!connection_is_up(key_value->connection))
        return EAGAIN;
    natsStatus status =
        js_GetLastMsg(&message, key_value->jetstream, key_value->stream, subject, &options, &code);
    if (status == NATS_OK)
        error = read_value(message, value, revision);
    else if (code == JSNoMessageFoundErr)
        error = ENOENT;
    natsMsg_Destroy(message);
    nats_ReleaseThreadMemory();
    return error;
}

/* Where the leader does not answer for a while, the server may be cut off from it. */
static void note_answer(struct key_value *key_value, bool answered)
{
    int64_t silent = atomic_load(&key_value->silent);
    if (answered || silent == 0)
        silent = answered ? 0 : clock_now();
    else
        connection_leave_silent(key_value->connection, &silent, SILENCE_MOST);
    atomic_store(&key_value->silent, silent);
}

static int get(struct bucket *bucket, const char *key, int64_t deadline, struct buffer *value,
               uint64_t *revision)
{
    struct key_value *key_value = key_value_of(bucket);
    char subject[SUBJECT_SIZE];
    int error;
    lock_assert_none_held();
    write_subject(key_value, key, subject);
    do {
        buffer_truncate(value, 0);
        *revision = 0;
        error = atomic_load(&key_value->stopping)
                    ? ECANCELED
                    : get_once(key_value, subject, deadline, value, revision);
    } while (error == EAGAIN && pause_until(key_value, deadline));
    if (error == EAGAIN)
        error = atomic_load(&key_value->stopping) ? ECANCELED : ETIMEDOUT;
    note_answer(key_value, error != ETIMEDOUT);
    return error;
}

static natsStatus make_message(natsMsg **message, const char *subject, const struct buffer *value)
{
    if (value != NULL)
        return natsMsg_Create(message, subject, NULL, buffer_bytes(value),
                              (int)buffer_length(value));
    natsStatus status = natsMsg_Create(message, subject, NULL, NULL, 0);
    return status == NATS_OK ? natsMsgHeader_Set(*message, operation_header, "DEL") : status;
}

static int publish(struct key_value *key_value, natsMsg *message, uint64_t revision,
                   int64_t deadline)
{
    jsPubOptions options;
    jsErrCode code = 0;
    jsPubOptions_Init(&options);
    options.ExpectStream = key_value->stream;
    options.ExpectLastSubjectSeq = revision;
    options.ExpectNoMessage = revision == 0;
    options.MaxWait = answer_time(deadline);
    natsStatus status = js_PublishMsg(NULL, key_value->jetstream, message, &options, &code);
    if (status == NATS_OK)
        return 0;
    if (code == JSStreamWrongLastSequenceErr)
        return EAGAIN;
    return status == NATS_NO_MEMORY ? ENOMEM : ETIMEDOUT;
}

static int put(struct bucket *bucket, const char *key, const struct buffer *value,
               uint64_t revision, int64_t deadline)
{
    struct key_value *key_value = key_value_of(bucket);
    char subject[SUBJECT_SIZE];
    natsMsg *message = NULL;
    lock_assert_none_held();
    if (atomic_load(&key_value->stopping))
        return ECANCELED;
    if (clock_now() >= deadline)
        return ETIMEDOUT;
    write_subject(key_value, key, subject);
    int error = make_message(&message, subject, value) == NATS_OK
                    ? publish(key_value, message, revision, deadline)
                    : ENOMEM;
    natsMsg_Destroy(message);
    nats_ReleaseThreadMemory();
    if (error == ETIMEDOUT)
        pause_until(key_value, deadline);
    return error;
}

static const struct bucket_functions functions = {get, put};

/*
 * Opening
 */

static void note_reconnect(natsConnection *connection, void *context)
{
    (void)connection;
    (void)context;
}

/* It is the last callback of a connection. */
static void note_close(natsConnection *connection, void *context)
{
    struct key_value *key_value = context;
    (void)connection;
    lock_take(&key_value->lock);
    key_value->closed = true;
    condition_broadcast(&key_value->changed);
    lock_release(&key_value->lock);
}

static struct key_value *create(const char *name, char *fault)
{
    struct key_value *key_value = calloc(1, sizeof *key_value);
    int error =
        key_value == NULL ? ENOMEM : lock_init(&key_value->lock, LOCK_RANK_CLUSTER, "key_value");
    if (error == 0) {
        error = condition_init(&key_value->changed);
        if (error != 0)
            lock_destroy(&key_value->lock);
    }
    if (error != 0) {
        snprintf(fault, KEY_VALUE_FAULT_SIZE, "cannot open the bucket: %s", strerror(error));
        free(key_value);
        return NULL;
    }
    key_value->bucket.functions = &functions;
    atomic_init(&key_value->stopping, false);
    atomic_init(&key_value->silent, 0);
    snprintf(key_value->stream, sizeof key_value->stream, "KV_%.*s", (int)KEY_VALUE_NAME_MAX, name);
    snprintf(key_value->subjects, sizeof key_value->subjects, "$KV.%.*s.>", (int)KEY_VALUE_NAME_MAX,
             name);
    return key_value;
}

/* Whether a stream of these settings keeps the last value of each key, and loses none. */
static bool check_settings(const struct key_value *key_value, const jsStreamConfig *found,
                           char *fault)
{
    const char *wrong = NULL;
    if (found->SubjectsLen != 1 || strcmp(found->Subjects[0], key_value->subjects) != 0)
        wrong = "it has other subjects";
    else if (found->Storage != js_FileStorage)
        wrong = "its storage is not the disk";
    else if (found->MaxAge > 0 || found->MaxMsgs > 0 || found->MaxBytes > 0)
        wrong = "it forgets what is old or too much";
    else if (found->Sealed || found->NoAck || found->Mirror != NULL || found->SourcesLen > 0)
        wrong = "it is sealed, does not acknowledge or copies other streams";
    if (wrong != NULL)
        snprintf(fault, KEY_VALUE_FAULT_SIZE,
                 "the stream '%s' has wrong settings: %s; remove it, and have it made",
                 key_value->stream, wrong);
    return wrong == NULL;
}

/* Without a cluster of nats-servers there is one copy. */
static enum stream_answer make(struct key_value *key_value, jsOptions *options, char *fault)
{
    jsStreamConfig wanted;
    jsErrCode code = 0;
    const char *subjects[] = {key_value->subjects};
    jsStreamConfig_Init(&wanted);
    wanted.Name = key_value->stream;
    wanted.Subjects = subjects;
    wanted.SubjectsLen = 1;
    wanted.Retention = js_LimitsPolicy;
    wanted.Discard = js_DiscardNew;
    wanted.Storage = js_FileStorage;
    wanted.MaxMsgsPerSubject = 1;
    wanted.Replicas = REPLICAS;
    wanted.DenyDelete = true;
    wanted.AllowRollup = true;
    natsStatus status = js_AddStream(NULL, key_value->jetstream, &wanted, options, &code);
    if (code == JSStreamReplicasNotSupportedErr) {
        wanted.Replicas = 1;
        code = 0;
        status = js_AddStream(NULL, key_value->jetstream, &wanted, options, &code);
    }
    return stream_fault_judge(status, code, fault);
}

/* One attempt to find the bucket's stream as it must be, or to make it. */
static enum stream_answer find(struct key_value *key_value, char *fault)
{
    jsOptions options;
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    jsOptions_Init(&options);
    options.Wait = 2 * ANSWER_MS;
    natsStatus status =
        js_GetStreamInfo(&info, key_value->jetstream, key_value->stream, &options, &code);
    if (status == NATS_NOT_FOUND || code == JSStreamNotFoundErr) {
        enum stream_answer made = make(key_value, &options, fault);
        return made == STREAM_DONE ? STREAM_AGAIN : made; /* to see it */
    }
    enum stream_answer answer = stream_fault_judge(status, code, fault);
    if (answer == STREAM_DONE && !check_settings(key_value, info->Config, fault))
        answer = STREAM_NEVER;
    jsStreamInfo_Destroy(info);
    return answer;
}

static bool prepare(struct key_value *key_value, int64_t deadline, char *fault)
{
    natsStatus status =
        natsConnection_JetStream(&key_value->jetstream, key_value->connection, NULL);
    if (status != NATS_OK) {
        connection_tell(fault, "cannot use JetStream", status);
        return false;
    }
    enum stream_answer answer;
    int64_t silent = clock_now();
    do {
        answer = find(key_value, fault);
        if (answer == STREAM_AGAIN)
            connection_leave_silent(key_value->connection, &silent, CONNECTION_SILENCE_AT_START);
    } while (answer == STREAM_AGAIN && pause_until(key_value, deadline));
    return answer == STREAM_DONE;
}

struct key_value *key_value_open(const struct key_value_config *config, int64_t deadline,
                                 char fault[KEY_VALUE_FAULT_SIZE])
{
    lock_assert_none_held();
    struct key_value *key_value = create(config->name, fault);
    if (key_value == NULL)
        return NULL;
    const struct connection_config connection = {.servers = config->servers,
                                                 .credentials = config->credentials,
                                                 .reconnected = note_reconnect,
                                                 .closed = note_close,
                                                 .context = key_value};
    key_value->connection = connection_open(&connection, deadline, fault);
    bool well = key_value->connection != NULL &&
                connection_check_size(key_value->connection, fault) &&
                prepare(key_value, deadline, fault);
    if (!well) {
        key_value_stop(key_value);
        key_value_free(key_value);
    }
    nats_ReleaseThreadMemory();
    return well ? key_value : NULL;
}

struct bucket *key_value_bucket(struct key_value *key_value)
{
    return &key_value->bucket;
}

bool key_value_is_over(const struct key_value *key_value)
{
    return natsConnection_IsClosed(key_value->connection);
}

void key_value_stop(struct key_value *key_value)
{
    lock_assert_none_held();
    lock_take(&key_value->lock);
    atomic_store(&key_value->stopping, true);
    condition_broadcast(&key_value->changed);
    lock_release(&key_value->lock);
    if (key_value->connection != NULL)
        natsConnection_Close(key_value->connection); /* This ends all waits in the library. */
    lock_take(&key_value->lock);
    while (key_value->connection != NULL && !key_value->closed)
        condition_wait(&key_value->changed, &key_value->lock);
    lock_release(&key_value->lock);
}

void key_value_free(struct key_value *key_value)
{
    if (key_value == NULL)
        return;
    jsCtx_Destroy(key_value->jetstream);
    natsConnection_Destroy(key_value->connection);
    condition_destroy(&key_value->changed);
    lock_destroy(&key_value->lock);
    free(key_value);
}
