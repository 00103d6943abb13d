/*
 * room_row: the rooms of the data file, each a row, and the seqs that they give. Functions that
 * change the file are called within a transaction of the caller's, but for the two of a start and
 * an end. Those that return bool return false when the file failed.
 *
 * A gap needs no record: seqs of a room have no gap when they are given, so one in the file is what
 * could not be stored. Only seqs that are nobody's, as they were skipped, are recorded.
 */
#ifndef STORE_ROOM_ROW_H
#define STORE_ROOM_ROW_H

#include "archive/key.h"
#include "chat/archive.h"
#include "store/database.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    /*
     * Seqs of a room that are reserved in the file before they are given. As many may be seen by
     * people, and lost in a crash, before the commit that reserves more: in a minute of the fastest
     * flood, or in days of talk while the disk is full. A number has 53 bits for programs, so a
     * server can be killed 500 million times.
     */
    ROOM_ROW_RESERVED = 1 << 24
};

/*
 * Numbers are in blocks of this size. At each start a spare block is set aside in the file, of
 * which no room there has a number: a room that cannot be opened begins with the first one of it.
 * No later server gives these numbers, although the file knows nothing of that room: its own spare
 * block is a later one, and a room that comes near the end of its block leaves the rest of it. Nor
 * does this one for a second time: when a room in the file has come into the spare block, another
 * one is set aside. There are two million blocks; an orderly end gives one back.
 */
#define ROOM_ROW_BLOCK (UINT64_C(1) << 32)

/* Stores the id of a room in *id; 0 if there is none. */
bool room_row_find(struct database *database, struct words room, int64_t *id);

/* Stores the id of a room in *id, and makes the room if it is new. */
bool room_row_make(struct database *database, struct words room, int64_t *id);

/* Removes a room that has lost its name (room_row_end()) when nothing of it is left. */
bool room_row_forget_gone(struct database *database, int64_t room);

/* The seqs that a room has given. */
struct room_numbers {
    uint64_t last, reserved;
    bool given; /* by others: the room has a life, and no number is reserved */
};

/* Those of a room, by its id: {0, 0, false} without such a room. Writing leaves `given` as it is.
 */
bool room_row_read_numbers(struct database *database, int64_t room, struct room_numbers *numbers);
bool room_row_write_numbers(struct database *database, int64_t room,
                            const struct room_numbers *numbers);

/* A room that is opened. */
struct room_opening {
    struct words room;
    uint64_t given; /* the last seq that was given while it could not be opened; 0: none was */
    bool missing;   /* messages are, since the start, and their seqs must not be given again */
    bool unsure; /* the file may not know that the room is gone, or guarded: it is taken for that */
    uint64_t last;
};

/* As archive_talk's open(). */
enum archive_result room_row_open(struct database *database, struct room_opening *opening);

/*
 * As archive_talk's live(), end(), guard() and reserve(). Where messages may be missing (as in
 * struct room_opening), numbers were perhaps given in a room that has none.
 */
enum archive_result room_row_live(struct database *database, struct words room, uint64_t life,
                                  uint64_t last);
enum archive_result room_row_end(struct database *database, struct words room, bool missing);
enum archive_result room_row_guard(struct database *database, struct words room, bool guarded);
enum archive_result room_row_reserve(struct database *database, struct words room, uint64_t first);

/* Stores the number behind which the spare block begins. */
bool room_rows_find_spare(struct database *database, uint64_t *behind);

/*
 * At a start: skips the seqs that were reserved when the process was killed, and sets a spare block
 * aside.
 */
bool room_rows_recover(struct database *database);

/* At an orderly end without missing messages: reserves nothing, and gives the spare block back. */
bool room_rows_settle(struct database *database);

#endif
