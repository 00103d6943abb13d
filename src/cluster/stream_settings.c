#include "base/platform.h"

#include "base/clock.h"
#include "cluster/connection.h"
#include "cluster/stream_fault.h"
#include "cluster/stream_inside.h"
#include "cluster/stream_patience.h"
#include "cluster/stream_settings.h"

#include <string.h>

enum { SETTLE_MS = 1000 }; /* how long an empty stream must be the same one */

/* A nats-server before 2.10 does not let a stream that exists begin with it. */
static bool is_republished(const struct stream *stream, const jsRePublish *republish)
{
    return republish != NULL && republish->Source != NULL && republish->Destination != NULL &&
           strcmp(republish->Source, stream->subject) == 0 &&
           strcmp(republish->Destination, stream->stored_subject) == 0 && !republish->HeadersOnly;
}

/* Only the bytes tell how long what is needed is there. */
static bool keeps_enough(const struct stream_config *config, const jsStreamConfig *found)
{
    return config->least_bytes == 0 ||
           (found->MaxMsgs <= 0 && found->MaxAge <= 0 &&
            (found->MaxBytes <= 0 || found->MaxBytes >= config->least_bytes));
}

/* Whether a stream of these settings is an ordered log from which nothing but the oldest is lost.
 */
static bool check_settings(const struct stream *stream, const struct stream_config *config,
                           const jsStreamConfig *found, char *fault)
{
    const char *wrong = NULL;
    if (found->SubjectsLen != 1 || strcmp(found->Subjects[0], stream->subject) != 0)
        wrong = "it has other subjects";
    else if (found->Storage != js_FileStorage)
        wrong = "its storage is not the disk";
    else if (found->Retention != js_LimitsPolicy || found->Discard != js_DiscardOld)
        wrong = "its retention is not by limits, with the old discarded";
    else if (found->MaxMsgsPerSubject > 0 || found->Sealed || found->NoAck || found->AllowRollup)
        wrong = "it is sealed, does not acknowledge, allows rollups or limits messages per subject";
    else if (found->DenyPurge)
        wrong = "it may not be purged";
    else if (!keeps_enough(config, found))
        wrong = "it loses messages that are needed, by their number or age, or has too few bytes";
    else if (found->Mirror != NULL || found->SourcesLen > 0)
        wrong = "it copies other streams";
    else if (found->MaxMsgSize >= 0 && found->MaxMsgSize < STREAM_SERVER_BYTES)
        wrong = "its messages are too small";
    else if (!is_republished(stream, found->RePublish))
        wrong = "it does not republish what it stores";
    else if (!found->AllowDirect)
        wrong = "only its leader may be asked for messages (allow_direct)";
    else if (found->Duplicates < STREAM_ID_SECONDS * CLOCK_SECOND)
        wrong = "its window for duplicates is too short";
    if (wrong != NULL)
        stream_fault_tell(
            fault,
            "the stream '%s' has wrong settings: %s; remove it, or choose another name and have "
            "it made",
            stream->name, wrong);
    return wrong == NULL;
}

/* A stream on one server of a cluster would not survive it. */
static bool check_replicas(const struct stream *stream, const jsStreamInfo *info, int replicas,
                           char *fault)
{
    bool clustered =
        info->Cluster != NULL && info->Cluster->Name != NULL && *info->Cluster->Name != '\0';
    int wanted = replicas != 0 ? replicas : clustered ? STREAM_REPLICAS : 1;
    if (info->Config->Replicas >= wanted)
        return true;
    stream_fault_tell(
        fault,
        "the stream '%s' has wrong settings: %d of its servers hold it where %d are wanted; raise "
        "its replicas",
        stream->name, (int)info->Config->Replicas, wanted);
    return false;
}

/* Without a number of replicas there are fewer where servers are no cluster. */
static enum stream_answer make_stream(struct stream *stream, const struct stream_config *config,
                                      jsOptions *options, char *fault)
{
    jsStreamConfig wanted;
    jsErrCode code = 0;
    const char *subjects[] = {stream->subject};
    jsRePublish republish;
    jsRePublish_Init(&republish);
    republish.Source = stream->subject;
    republish.Destination = stream->stored_subject;
    jsStreamConfig_Init(&wanted);
    wanted.Name = stream->name;
    wanted.Subjects = subjects;
    wanted.SubjectsLen = 1;
    wanted.Retention = js_LimitsPolicy;
    wanted.Discard = js_DiscardOld;
    wanted.Storage = js_FileStorage;
    wanted.Replicas = config->replicas != 0 ? config->replicas : STREAM_REPLICAS;
    wanted.Duplicates = STREAM_ID_SECONDS * CLOCK_SECOND;
    wanted.MaxMsgSize = STREAM_SERVER_BYTES;
    wanted.MaxBytes = config->max_bytes > 0 ? config->max_bytes : -1;
    wanted.MaxAge = config->max_age * CLOCK_SECOND;
    wanted.DenyDelete = true;
    wanted.RePublish = &republish;
    wanted.AllowDirect = true;
    natsStatus status = js_AddStream(NULL, stream->jetstream, &wanted, options, &code);
    if (code == JSStreamReplicasNotSupportedErr && config->replicas == 0) {
        wanted.Replicas = 1;
        code = 0;
        status = js_AddStream(NULL, stream->jetstream, &wanted, options, &code);
    }
    return stream_fault_judge(status, code, fault);
}

/*
 * Whether a stream is the one that stays. When several machines make it at once, JetStream can tell
 * one of them of a stream that another one's replaces in the next moment. Nobody publishes before.
 */
static bool is_settled(struct stream *stream, const jsStreamInfo *info, int64_t *since)
{
    int64_t now = clock_now();
    if (stream->created != info->Created)
        *since = now;
    stream->created = info->Created;
    stream->replicas = info->Config->Replicas;
    return info->State.LastSeq > 0 || now - *since >= SETTLE_MS * CLOCK_MILLISECOND;
}

/*
 * One attempt to find the stream as it must be, or to make it. `since` is when it was found to be
 * another one than before.
 */
static enum stream_answer find_stream(struct stream *stream, const struct stream_config *config,
                                      int wait, int64_t *since, char *fault)
{
    jsOptions options;
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    jsOptions_Init(&options);
    options.Wait = wait;
    natsStatus status = js_GetStreamInfo(&info, stream->jetstream, stream->name, &options, &code);
    if (status == NATS_NOT_FOUND || code == JSStreamNotFoundErr) {
        enum stream_answer made = make_stream(stream, config, &options, fault);
        return made == STREAM_DONE ? STREAM_AGAIN : made; /* to see it */
    }
    enum stream_answer answer = stream_fault_judge(status, code, fault);
    if (answer == STREAM_DONE) {
        if (!check_settings(stream, config, info->Config, fault) ||
            !check_replicas(stream, info, config->replicas, fault)) {
            answer = STREAM_NEVER;
        } else if (!is_settled(stream, info, since)) {
            stream_fault_tell(fault, "the stream '%s' is being made", stream->name);
            answer = STREAM_AGAIN;
        }
    }
    jsStreamInfo_Destroy(info);
    return answer;
}

bool stream_settings_prepare(struct stream *stream, const struct stream_config *config,
                             int64_t deadline, char *fault)
{
    struct stream_patience patience;
    int64_t since = clock_now();
    natsStatus status = natsConnection_JetStream(&stream->jetstream, stream->connection, NULL);
    if (status != NATS_OK) {
        stream_fault_tell_status(fault, "cannot use JetStream", status);
        return false;
    }
    enum stream_answer answer;
    int64_t silent = clock_now();
    stream_patience_begin(&patience);
    do {
        answer = find_stream(stream, config, patience.answer, &since, fault);
        if (answer == STREAM_AGAIN)
            connection_leave_silent(stream->connection, &silent, CONNECTION_SILENCE_AT_START);
    } while (answer == STREAM_AGAIN && stream_patience_wait(&patience, stream, deadline));
    return answer == STREAM_DONE;
}
