/*
 * snapshots: the snapshots that the machines of a cluster keep (cluster/snapshot.h), in a stream
 * beside the one that they share: NAME_snapshots, on the same nats-servers. A machine that starts
 * begins with one of them, and follows the stream from there.
 *
 * A part is a message with the subject NAME.snapshots.part. When all parts are stored, a closing
 * record with the subject NAME.snapshots.end tells where they are. Without it they are nothing, so
 * one that was not written to its end does no harm, nor do two machines that write at once. The
 * record is a message as those of the stream, with one CHANGE_STATE_END. Its numbers are:
 *
 *     when the stream was made (another one of its name was made at another time),
 *     the sums of the messages of the stream up to that behind which the state is as told: those
 *     of its page, those of the page before (struct stream_reading), and that of itself,
 *     and of each part: its sequence in NAME_snapshots, and its checksum
 *
 * It is built where libnats is. No lock is held while the library is called. Functions that wait do
 * so until `deadline` (clock_now()) or stream_stop(); after a fault they have a sentence without
 * its end in `fault`.
 */
#ifndef CLUSTER_SNAPSHOTS_H
#define CLUSTER_SNAPSHOTS_H

#include "cluster/snapshot.h"
#include "cluster/stream_config.h"
#include "cluster/stream_fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SNAPSHOTS_KEPT = 4,  /* older ones are removed */
    SNAPSHOTS_LIST = 16, /* that are looked at */
    SNAPSHOTS_NAME_SIZE = STREAM_NAME_MAX + sizeof ".snapshots.part"
};

struct stream;

/* Constant once it is open. It holds nothing. */
struct snapshots {
    struct stream *stream; /* beside which they are; over its connection */
    char name[SNAPSHOTS_NAME_SIZE];
    char part[SNAPSHOTS_NAME_SIZE], end[SNAPSHOTS_NAME_SIZE]; /* subjects */
};

/* Finds where snapshots are kept, or makes it. Returns false with a fault. */
bool snapshots_open(struct snapshots *snapshots, struct stream *stream, int64_t deadline,
                    char fault[STREAM_FAULT_SIZE]);

/* Keeps a snapshot. Returns whether it is kept. For one thread at a time, as the next one. */
bool snapshots_keep(const struct snapshots *snapshots, const struct snapshot *snapshot,
                    int64_t deadline, char fault[STREAM_FAULT_SIZE]);

/*
 * Removes snapshots but the newest, and the oldest messages of a stream that has more than so many
 * bytes; but none that are behind a snapshot that is kept. What fails is left for the next time.
 */
void snapshots_tidy(const struct snapshots *snapshots, uint64_t stream_bytes, int64_t deadline);

/* A closing record. */
struct snapshots_record {
    enum sealed_result
        result;        /* SEALED_OK, or why it is of no use; then the rest but `place` is 0 */
    bool is_of_stream; /* and not of another one that had its name */
    uint64_t place;    /* its own sequence in NAME_snapshots */
    struct wire_header header;
    uint64_t sequence;
    struct stream_reading reading;
    uint64_t mark;
    size_t count; /* of parts */
    uint64_t places[SNAPSHOT_PARTS_MAX];
    uint32_t checksums[SNAPSHOT_PARTS_MAX];
};

/*
 * Stores the newest records, the oldest of them first; at most SNAPSHOTS_LIST. Returns false with a
 * fault. The caller frees *records.
 */
bool snapshots_list(const struct snapshots *snapshots, int64_t deadline,
                    struct snapshots_record **records, size_t *count,
                    char fault[STREAM_FAULT_SIZE]);

/*
 * Compares the stream's last messages, up to that which a record speaks of, with those that who
 * told the snapshot had read: servers that have lost messages may have stored others in their
 * places. `first` is the first message that is still there. What is gone before it is not compared,
 * nor is the page that begins before it, but for the last message. Returns STREAM_DONE if they are
 * the same; with a fault, STREAM_NEVER if not, and STREAM_AGAIN if for `patience` nanoseconds
 * nobody answers, or memory is out. Asks for some hundred messages, one after the other.
 */
enum stream_answer snapshots_match(const struct snapshots *snapshots,
                                   const struct snapshots_record *record, uint64_t first,
                                   int64_t patience, char fault[STREAM_FAULT_SIZE]);

/*
 * Reads the snapshot of a record that is in order, each part within `patience` nanoseconds. Returns
 * false with a fault if it is not whole: *result is then SEALED_NEWER if a newer version wrote it,
 * SEALED_GARBLED if it never will be, and otherwise SEALED_OK. The caller frees *snapshot.
 */
bool snapshots_read(const struct snapshots *snapshots, const struct snapshots_record *record,
                    int64_t patience, struct snapshot *snapshot, enum sealed_result *result,
                    char fault[STREAM_FAULT_SIZE]);

#endif
