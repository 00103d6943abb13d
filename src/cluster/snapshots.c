#include "base/platform.h"

#include "base/checksum.h"
#include "base/clock.h"
#include "base/lock.h"
#include "cluster/snapshots.h"
#include "cluster/stream_connection.h"
#include "cluster/stream_fault.h"
#include "cluster/stream_inside.h"
#include "cluster/stream_leader.h"
#include "cluster/stream_patience.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIXED_NUMBERS = 4 }; /* in a record, before those of the parts */

#define OTHER_MESSAGES "the stream has other messages than it had then"

/* One attempt to do something. `wait` is in milliseconds. */
typedef enum stream_answer snapshots_attempt(const struct snapshots *snapshots, int wait,
                                             void *context, char *fault);

/* Tries until it is answered. Returns false with a fault if it is not. */
static bool try_until(const struct snapshots *snapshots, snapshots_attempt *attempt, void *context,
                      int64_t deadline, char *fault)
{
    struct stream *stream = snapshots->stream;
    struct stream_patience patience;
    enum stream_answer answer;
    lock_assert_none_held();
    stream_patience_begin(&patience);
    do {
        answer = stream_connection_stands(stream, fault)
                     ? attempt(snapshots, patience.answer, context, fault)
                     : STREAM_AGAIN;
    } while (answer == STREAM_AGAIN && stream_patience_wait(&patience, stream, deadline));
    nats_ReleaseThreadMemory();
    return answer == STREAM_DONE;
}

static jsOptions options_for(int wait)
{
    jsOptions options;
    jsOptions_Init(&options);
    options.Wait = wait;
    return options;
}

/*
 * Opening.
 */

static bool check_settings(const struct snapshots *snapshots, const jsStreamConfig *found,
                           char *fault)
{
    char subjects[SNAPSHOTS_NAME_SIZE];
    const char *wrong = NULL;
    snprintf(subjects, sizeof subjects, "%s.snapshots.*", snapshots->stream->name);
    if (found->SubjectsLen != 1 || strcmp(found->Subjects[0], subjects) != 0)
        wrong = "it has other subjects";
    else if (found->Storage != js_FileStorage)
        wrong = "its storage is not the disk";
    else if (found->Retention != js_LimitsPolicy || found->MaxMsgsPerSubject > 0 || found->Sealed ||
             found->NoAck || found->DenyPurge || found->Mirror != NULL || found->SourcesLen > 0)
        wrong = "it is no plain log that may be purged";
    else if (!found->AllowDirect)
        wrong = "only its leader may be asked for messages (allow_direct)";
    else if (found->Replicas < snapshots->stream->replicas)
        wrong = "fewer servers hold it than the stream itself";
    if (wrong != NULL)
        stream_fault_tell(fault,
                          "the stream '%s' has wrong settings: %s; remove it, and it is made anew",
                          snapshots->name, wrong);
    return wrong == NULL;
}

static enum stream_answer make_bucket(const struct snapshots *snapshots, int wait, char *fault)
{
    char subject[SNAPSHOTS_NAME_SIZE];
    const char *subjects[] = {subject};
    jsOptions options = options_for(wait);
    jsErrCode code = 0;
    jsStreamConfig wanted;
    snprintf(subject, sizeof subject, "%s.snapshots.*", snapshots->stream->name);
    jsStreamConfig_Init(&wanted);
    wanted.Name = snapshots->name;
    wanted.Subjects = subjects;
    wanted.SubjectsLen = 1;
    wanted.Retention = js_LimitsPolicy;
    wanted.Discard = js_DiscardOld;
    wanted.Storage = js_FileStorage;
    wanted.Replicas = snapshots->stream->replicas;
    wanted.MaxMsgSize = STREAM_SERVER_BYTES;
    wanted.AllowDirect = true;
    natsStatus status = js_AddStream(NULL, snapshots->stream->jetstream, &wanted, &options, &code);
    enum stream_answer answer = stream_fault_judge(status, code, fault);
    return answer == STREAM_DONE ? STREAM_AGAIN : answer; /* to see it */
}

static enum stream_answer find_bucket(const struct snapshots *snapshots, int wait, void *context,
                                      char *fault)
{
    jsOptions options = options_for(wait);
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    (void)context;
    natsStatus status =
        js_GetStreamInfo(&info, snapshots->stream->jetstream, snapshots->name, &options, &code);
    if (status == NATS_NOT_FOUND || code == JSStreamNotFoundErr)
        return make_bucket(snapshots, wait, fault);
    enum stream_answer answer = stream_fault_judge(status, code, fault);
    if (answer == STREAM_DONE && !check_settings(snapshots, info->Config, fault))
        answer = STREAM_NEVER;
    jsStreamInfo_Destroy(info);
    return answer;
}

bool snapshots_open(struct snapshots *snapshots, struct stream *stream, int64_t deadline,
                    char fault[STREAM_FAULT_SIZE])
{
    *snapshots = (struct snapshots){.stream = stream};
    snprintf(snapshots->name, sizeof snapshots->name, "%s_snapshots", stream->name);
    snprintf(snapshots->part, sizeof snapshots->part, "%s.snapshots.part", stream->name);
    snprintf(snapshots->end, sizeof snapshots->end, "%s.snapshots.end", stream->name);
    return try_until(snapshots, find_bucket, NULL, deadline, fault);
}

/*
 * Keeping.
 */

/* A message to be stored. */
struct storing {
    const char *subject;
    const struct buffer *bytes;
    uint64_t place; /* where it is stored */
};

static enum stream_answer store(const struct snapshots *snapshots, int wait, void *context,
                                char *fault)
{
    struct storing *storing = context;
    jsPubOptions options;
    jsPubAck *acknowledgement = NULL;
    jsErrCode code = 0;
    jsPubOptions_Init(&options);
    options.ExpectStream = snapshots->name;
    options.MaxWait = 2 * wait;
    natsStatus status = js_Publish(&acknowledgement, snapshots->stream->jetstream, storing->subject,
                                   buffer_bytes(storing->bytes), (int)buffer_length(storing->bytes),
                                   &options, &code);
    if (status != NATS_OK) {
        stream_fault_tell_status(fault, "the nats-server does not take a snapshot", status);
        return STREAM_AGAIN;
    }
    storing->place = acknowledgement->Sequence;
    jsPubAck_Destroy(acknowledgement);
    return storing->place != 0 ? STREAM_DONE : STREAM_AGAIN;
}

/* Stores the parts, and notes in the numbers of the record where they are. */
static bool store_parts(const struct snapshots *snapshots, const struct snapshot *snapshot,
                        int64_t deadline, uint64_t *numbers, char *fault)
{
    bool stored = true;
    for (size_t i = 0; i < snapshot->count && stored; i++) {
        const struct buffer *part = &snapshot->parts[i];
        struct storing storing = {snapshots->part, part, 0};
        stored = try_until(snapshots, store, &storing, deadline, fault);
        numbers[2 * i] = storing.place;
        numbers[2 * i + 1] = checksum_of(buffer_bytes(part), buffer_length(part));
    }
    return stored;
}

static int write_record(struct buffer *out, const struct snapshot *snapshot,
                        const uint64_t *numbers)
{
    const struct change end = {
        .kind = CHANGE_STATE_END,
        .number = snapshot->sequence,
        .numbers = {numbers, NULL, (uint32_t)(FIXED_NUMBERS + 2 * snapshot->count)}};
    int error = wire_begin(out, &snapshot->header);
    if (error == 0)
        error = wire_add(out, &end);
    return error == 0 ? wire_seal(out) : error;
}

static bool store_record(const struct snapshots *snapshots, const struct snapshot *snapshot,
                         int64_t deadline, const uint64_t *numbers, char *fault)
{
    struct buffer record = {0};
    struct storing storing = {snapshots->end, &record, 0};
    int error = write_record(&record, snapshot, numbers);
    if (error != 0)
        stream_fault_tell(fault, "%s", strerror(error));
    bool stored = error == 0 && try_until(snapshots, store, &storing, deadline, fault);
    buffer_free(&record);
    return stored;
}

bool snapshots_keep(const struct snapshots *snapshots, const struct snapshot *snapshot,
                    int64_t deadline, char fault[STREAM_FAULT_SIZE])
{
    uint64_t *numbers = calloc(FIXED_NUMBERS + 2 * snapshot->count, sizeof *numbers);
    if (numbers == NULL) {
        stream_fault_tell(fault, "%s", strerror(ENOMEM));
        return false;
    }
    numbers[0] = (uint64_t)snapshot->created;
    numbers[1] = snapshot->reading.page;
    numbers[2] = snapshot->reading.before;
    numbers[3] = snapshot->mark;
    bool kept = store_parts(snapshots, snapshot, deadline, numbers + FIXED_NUMBERS, fault) &&
                store_record(snapshots, snapshot, deadline, numbers, fault);
    free(numbers);
    return kept;
}

/*
 * Reading.
 */

/* Reads a closing record. Returns what it is. */
static enum sealed_result read_record(const struct snapshots *snapshots, const void *bytes,
                                      size_t length, struct snapshots_record *record)
{
    struct wire_reader reader;
    struct change change;
    uint64_t numbers[WIRE_NUMBERS_MAX];
    enum sealed_result result = wire_open(&reader, bytes, length, &record->header);
    if (result != SEALED_OK)
        return result;
    if (!wire_next(&reader, &change) || change.kind != CHANGE_STATE_END || change.number == 0)
        return SEALED_GARBLED;
    uint32_t count = wire_numbers(&change.numbers, numbers);
    if (count < FIXED_NUMBERS + 2 || count % 2 != 0 ||
        count > FIXED_NUMBERS + 2 * SNAPSHOT_PARTS_MAX)
        return SEALED_GARBLED;
    record->sequence = change.number;
    record->is_of_stream = numbers[0] == (uint64_t)snapshots->stream->created;
    record->reading = (struct stream_reading){change.number, numbers[1], numbers[2]};
    record->mark = numbers[3];
    record->count = (count - FIXED_NUMBERS) / 2;
    for (size_t i = 0; i < record->count; i++) {
        record->places[i] = numbers[FIXED_NUMBERS + 2 * i];
        record->checksums[i] = (uint32_t)numbers[FIXED_NUMBERS + 2 * i + 1];
    }
    return SEALED_OK;
}

/* The records that are being listed. */
struct listing {
    struct snapshots_record *records;
    size_t count;
    uint64_t last; /* place of the newest record; 0: there is none */
};

static enum stream_answer find_last(const struct snapshots *snapshots, int wait, void *context,
                                    char *fault)
{
    struct listing *listing = context;
    jsOptions options = options_for(wait);
    natsMsg *message = NULL;
    jsErrCode code = 0;
    natsStatus status = js_GetLastMsg(&message, snapshots->stream->jetstream, snapshots->name,
                                      snapshots->end, &options, &code);
    if (status == NATS_NOT_FOUND || code == JSNoMessageFoundErr) {
        listing->last = 0;
        return STREAM_DONE;
    }
    if (status == NATS_OK)
        listing->last = natsMsg_GetSequence(message);
    else
        stream_fault_tell_status(fault, "cannot read the snapshots", status);
    natsMsg_Destroy(message);
    return status == NATS_OK ? STREAM_DONE : STREAM_AGAIN;
}

/* Adds a record, in the place of the oldest if there are too many. */
static void add_record(const struct snapshots *snapshots, struct listing *listing, uint64_t place,
                       natsMsg *message)
{
    if (listing->count == SNAPSHOTS_LIST)
        memmove(listing->records, listing->records + 1,
                --listing->count * sizeof *listing->records);
    struct snapshots_record *record = &listing->records[listing->count++];
    *record = (struct snapshots_record){.place = place};
    record->result = read_record(snapshots, natsMsg_GetData(message),
                                 (size_t)natsMsg_GetDataLength(message), record);
}

/* Any server tells a record that it has. One that lags behind may not have the newest. */
static enum stream_answer find_next(const struct snapshots *snapshots, int wait, void *context,
                                    char *fault)
{
    struct listing *listing = context;
    jsOptions options = options_for(wait);
    jsDirectGetMsgOptions which;
    natsMsg *message = NULL;
    uint64_t seen = listing->count > 0 ? listing->records[listing->count - 1].place : 0;
    jsDirectGetMsgOptions_Init(&which);
    which.Sequence = seen + 1;
    which.NextBySubject = snapshots->end;
    natsStatus status =
        js_DirectGetMsg(&message, snapshots->stream->jetstream, snapshots->name, &options, &which);
    if (status != NATS_OK) {
        stream_fault_tell_status(fault, "cannot read the snapshots", status);
        return STREAM_AGAIN;
    }
    uint64_t place = natsMsg_GetSequence(message);
    if (place > seen)
        add_record(snapshots, listing, place, message);
    natsMsg_Destroy(message);
    if (place > seen)
        return STREAM_DONE;
    stream_fault_tell(fault, "the nats-server gives another message than it was asked for");
    return STREAM_AGAIN;
}

bool snapshots_list(const struct snapshots *snapshots, int64_t deadline,
                    struct snapshots_record **records, size_t *count, char fault[STREAM_FAULT_SIZE])
{
    struct listing listing = {.records = calloc(SNAPSHOTS_LIST, sizeof *listing.records)};
    if (listing.records == NULL) {
        stream_fault_tell(fault, "%s", strerror(ENOMEM));
        return false;
    }
    bool listed = try_until(snapshots, find_last, &listing, deadline, fault);
    while (listed && (listing.count == 0 ? listing.last > 0
                                         : listing.records[listing.count - 1].place < listing.last))
        listed = try_until(snapshots, find_next, &listing, deadline, fault);
    if (!listed) {
        free(listing.records);
        return false;
    }
    *records = listing.records;
    *count = listing.count;
    return true;
}

/*
 * Removing.
 */

/* Messages of a stream that are to be removed: those below a sequence. */
struct removal {
    const char *stream;
    uint64_t below;
};

static enum stream_answer purge(const struct snapshots *snapshots, int wait, void *context,
                                char *fault)
{
    const struct removal *removal = context;
    jsOptions options = options_for(2 * wait);
    options.Stream.Purge.Sequence = removal->below;
    natsStatus status =
        js_PurgeStream(snapshots->stream->jetstream, removal->stream, &options, NULL);
    if (status != NATS_OK)
        stream_fault_tell_status(fault, "cannot remove what is old", status);
    return status == NATS_OK ? STREAM_DONE : STREAM_AGAIN;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* What the newest snapshots need: their parts and the messages of the stream from these on. */
struct needs {
    size_t count; /* of the snapshots */
    uint64_t part, message;
};

static void add_needs(struct needs *needs, const struct snapshots_record *record)
{
    for (size_t i = 0; i < record->count; i++)
        needs->part = lesser(needs->part, record->places[i]);
    needs->message = lesser(needs->message, record->sequence);
    needs->count++;
}

static bool find_needs(const struct snapshots *snapshots, int64_t deadline, struct needs *needs)
{
    struct snapshots_record *records = NULL;
    size_t count = 0;
    *needs = (struct needs){.part = UINT64_MAX, .message = UINT64_MAX};
    if (!snapshots_list(snapshots, deadline, &records, &count, NULL))
        return false;
    for (size_t i = count; i-- > 0 && needs->count < SNAPSHOTS_KEPT;)
        if (records[i].result == SEALED_OK && records[i].is_of_stream)
            add_needs(needs, &records[i]);
    free(records);
    return needs->count > 0;
}

/* A stream, and how much of it is to be kept. */
struct excess {
    uint64_t bytes; /* that it may have */
    uint64_t below; /* so it may lose the messages below this sequence; 0: none */
};

/* Messages are taken to be alike. Of a stream that is full a tenth is removed, not one at a time.
 */
static enum stream_answer find_excess(const struct snapshots *snapshots, int wait, void *context,
                                      char *fault)
{
    struct excess *excess = context;
    jsOptions options = options_for(wait);
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    natsStatus status = js_GetStreamInfo(&info, snapshots->stream->jetstream,
                                         snapshots->stream->name, &options, &code);
    enum stream_answer answer = stream_fault_judge(status, code, fault);
    if (answer == STREAM_DONE && info->State.Bytes > excess->bytes) {
        double part = 1 - 0.9 * (double)excess->bytes / (double)info->State.Bytes;
        excess->below = info->State.FirstSeq + (uint64_t)(part * (double)info->State.Msgs);
    }
    jsStreamInfo_Destroy(info);
    return answer;
}

static void shorten_stream(const struct snapshots *snapshots, const struct needs *needs,
                           uint64_t bytes, int64_t deadline)
{
    struct excess excess = {bytes, 0};
    if (!try_until(snapshots, find_excess, &excess, deadline, NULL) || excess.below == 0)
        return;
    struct removal removal = {snapshots->stream->name, lesser(excess.below, needs->message)};
    try_until(snapshots, purge, &removal, deadline, NULL);
}

void snapshots_tidy(const struct snapshots *snapshots, uint64_t stream_bytes, int64_t deadline)
{
    struct needs needs;
    if (!find_needs(snapshots, deadline, &needs))
        return;
    struct removal removal = {snapshots->name, needs.part};
    if (needs.count == SNAPSHOTS_KEPT)
        try_until(snapshots, purge, &removal, deadline, NULL);
    shorten_stream(snapshots, &needs, stream_bytes, deadline);
}

/*
 * Comparing what the stream has now.
 */

/* A message of the stream, of which the leader is asked for the sum. */
struct rereading {
    uint64_t sequence;
    uint64_t sum; /* 0: it is gone */
};

static enum stream_answer reread(const struct snapshots *snapshots, int wait, void *context,
                                 char *fault)
{
    struct rereading *rereading = context;
    return stream_leader_sum(snapshots->stream, rereading->sequence, wait, &rereading->sum, fault);
}

/* Asks for the sum of a message. Returns as snapshots_match(); STREAM_NEVER if it is gone. */
static enum stream_answer find_sum(const struct snapshots *snapshots, uint64_t sequence,
                                   int64_t patience, uint64_t *sum, char *fault)
{
    struct rereading rereading = {sequence, 0};
    if (!try_until(snapshots, reread, &rereading, clock_now() + patience, fault))
        return STREAM_AGAIN;
    *sum = rereading.sum;
    if (*sum == 0)
        stream_fault_tell(fault, "message %" PRIu64 " of the stream is gone", sequence);
    return *sum != 0 ? STREAM_DONE : STREAM_NEVER;
}

/* Reads messages up to a record's, and compares them with those that its machine had read. */
static enum stream_answer match_pages(const struct snapshots *snapshots,
                                      const struct snapshots_record *record, uint64_t next,
                                      int64_t patience, struct stream_memory *memory, char *fault)
{
    enum stream_answer answer = STREAM_DONE;
    for (; answer == STREAM_DONE && next <= record->sequence; next++) {
        uint64_t sum;
        answer = find_sum(snapshots, next, patience, &sum, fault);
        if (answer == STREAM_DONE)
            stream_memory_keep(memory, next, sum);
        if (atomic_load(&snapshots->stream->stopping))
            answer = STREAM_AGAIN;
    }
    if (answer != STREAM_DONE)
        return answer;
    stream_fault_tell(fault, OTHER_MESSAGES);
    return stream_memory_compare_reading(memory, &record->reading) != STREAM_OTHER ? STREAM_DONE
                                                                                   : STREAM_NEVER;
}

enum stream_answer snapshots_match(const struct snapshots *snapshots,
                                   const struct snapshots_record *record, uint64_t first,
                                   int64_t patience, char fault[STREAM_FAULT_SIZE])
{
    uint64_t start = stream_memory_first_of(&record->reading);
    uint64_t sum;
    if (record->sequence < first)
        return STREAM_DONE;
    enum stream_answer answer = find_sum(snapshots, record->sequence, patience, &sum, fault);
    if (answer != STREAM_DONE)
        return answer;
    stream_fault_tell(fault, OTHER_MESSAGES);
    if (sum != record->mark)
        return STREAM_NEVER;
    struct stream_memory *memory = calloc(1, sizeof *memory);
    if (memory == NULL) {
        stream_fault_tell(fault, "%s", strerror(ENOMEM));
        return STREAM_AGAIN;
    }
    answer = match_pages(snapshots, record, start > first ? start : first, patience, memory, fault);
    free(memory);
    return answer;
}

/*
 * Reading a snapshot.
 */

/* A part that is asked for. */
struct asking {
    uint64_t place;
    natsMsg *message; /* NULL: it is gone */
};

static enum stream_answer ask(const struct snapshots *snapshots, int wait, void *context,
                              char *fault)
{
    struct asking *asking = context;
    jsOptions options = options_for(2 * wait);
    jsErrCode code = 0;
    natsStatus status = js_GetMsg(&asking->message, snapshots->stream->jetstream, snapshots->name,
                                  asking->place, &options, &code);
    if (status == NATS_NOT_FOUND || code == JSNoMessageFoundErr) {
        asking->message = NULL;
        return STREAM_DONE;
    }
    if (status != NATS_OK)
        stream_fault_tell_status(fault, "cannot read a snapshot", status);
    return status == NATS_OK ? STREAM_DONE : STREAM_AGAIN;
}

static bool has_checksum(natsMsg *message, uint32_t checksum)
{
    return checksum_of(natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message)) ==
           checksum;
}

static bool read_part(const struct snapshots *snapshots, const struct snapshots_record *record,
                      int64_t patience, struct snapshot *snapshot, enum sealed_result *result,
                      char *fault)
{
    int error = 0;
    struct asking asking = {record->places[snapshot->count], NULL};
    uint32_t checksum = record->checksums[snapshot->count];
    if (!try_until(snapshots, ask, &asking, clock_now() + patience, fault))
        return false;
    bool whole = asking.message != NULL && has_checksum(asking.message, checksum);
    if (whole)
        *result = snapshot_take(snapshot, natsMsg_GetData(asking.message),
                                (size_t)natsMsg_GetDataLength(asking.message), &error);
    else
        *result = SEALED_GARBLED;
    natsMsg_Destroy(asking.message);
    if (error == 0 && *result == SEALED_OK)
        return true;
    stream_fault_tell(fault, "%s",
                      error != 0 ? strerror(error)
                      : !whole   ? "it is not whole"
                                 : sealed_describe(*result));
    return false;
}

bool snapshots_read(const struct snapshots *snapshots, const struct snapshots_record *record,
                    int64_t patience, struct snapshot *snapshot, enum sealed_result *result,
                    char fault[STREAM_FAULT_SIZE])
{
    bool whole = true;
    *snapshot = (struct snapshot){.sequence = record->sequence,
                                  .reading = record->reading,
                                  .mark = record->mark,
                                  .header = record->header};
    *result = SEALED_OK;
    while (snapshot->count < record->count && whole)
        whole = read_part(snapshots, record, patience, snapshot, result, fault);
    return whole;
}
