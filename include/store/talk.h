/*
 * talk: what was said in rooms, in the data file: chat/archive.h's `archive_talk` as functions of a
 * connection. Functions that change the file are called within a transaction of the caller's.
 *
 * A gap needs no record: seqs of a room have no gap when they are given, so one in the file is what
 * could not be stored. Only seqs that were skipped at a start after a crash are recorded.
 */
#ifndef STORE_TALK_H
#define STORE_TALK_H

#include "chat/archive.h"
#include "store/database.h"
#include "archive/key.h"

enum {
    /*
     * Seqs of a room that are reserved in the file before they are given. As many may be seen by
     * people, and lost in a crash, before the commit that reserves more: in a minute of the fastest
     * flood, or in days of talk while the disk is full. A number has 53 bits for programs, so a
     * server can be killed 500 million times.
     */
    TALK_RESERVED = 1 << 24
};

/*
 * Numbers are in blocks of this size. At each start a spare block is set aside in the file, of
 * which no room there has a number: a room that cannot be opened begins with the first one of it.
 * No later server gives these numbers, although the file knows nothing of that room: its own spare
 * block is a later one, and a room that comes near the end of its block leaves the rest of it. Nor
 * does this one for a second time: when a room in the file has come into the spare block, another
 * one is set aside. There are two million blocks; an orderly end gives one back.
 */
#define TALK_BLOCK (UINT64_C(1) << 32)

/* The room of the last message that was added, whose row is changed when that is over. */
struct talk {
    char name[NAME_SIZE];
    size_t name_length;
    int64_t room; /* its id; 0: none */
    uint64_t last, reserved;
    bool given; /* its numbers are given by others, and none is reserved */
};

/* Adds a message. Without effect if the room has that seq already. */
bool talk_add(struct talk *talk, struct database *database, const struct archive_message *message);

/* Writes what is known of the room of the last message. To be called before a commit. */
bool talk_flush(struct talk *talk, struct database *database);

/* Forgets the room, as after a rollback. */
void talk_forget(struct talk *talk);

/* A room that is opened. */
struct talk_opening {
    struct words room;
    uint64_t given; /* the last seq that was given while it could not be opened; 0: none was */
    bool missing;   /* messages are, since the start, and their seqs must not be given again */
    bool unsure; /* the file may not know that the room is gone, or guarded: it is taken for that */
    uint64_t last;
};

/* As archive_talk's open(). */
enum archive_result talk_open(struct database *database, struct talk_opening *opening);

/* Stores the number behind which the spare block begins. */
bool talk_find_spare(struct database *database, uint64_t *behind);

/*
 * As archive_talk's live(), end(), guard() and reserve(). Where messages may be missing (as in
 * struct talk_opening), numbers were perhaps given in a room that has none.
 */
enum archive_result talk_live(struct database *database, struct words room, uint64_t life,
                              uint64_t last);
enum archive_result talk_end(struct database *database, struct words room, bool missing);
enum archive_result talk_guard(struct database *database, struct words room, bool guarded);
enum archive_result talk_reserve(struct database *database, struct words room, uint64_t first);

/*
 * At a start: skips the seqs that were reserved when the process was killed, and sets a spare block
 * aside.
 */
bool talk_recover(struct database *database);

/* At an orderly end without missing messages: reserves nothing, and gives the spare block back. */
bool talk_settle(struct database *database);

/*
 * Removes messages that are older than `time`, from the beginning of a room on and about `limit` at
 * most. Returns how many; -1 if that fails.
 */
int talk_retire(struct database *database, int64_t time, int limit);

/* Adds the messages that are not in the index of words yet, all of them. */
bool talk_index(struct database *database);

/* Stores the id of a room in *id, and makes the room if it is new. */
bool talk_make_room(struct database *database, struct words room, int64_t *id);

/* Stores the id of a room in *id; 0 if there is none. */
bool talk_find_room(struct database *database, struct words room, int64_t *id);

/* Which of before(), after(), since() a request is. */
enum talk_page_kind { TALK_BEFORE, TALK_AFTER, TALK_SINCE };

struct talk_page {
    enum talk_page_kind kind;
    struct words room;
    uint64_t seq;
    int64_t time;
    size_t limit;
    archive_visit_message *visit;
    void *context;
    struct archive_bounds *bounds; /* or NULL */
};

enum archive_result talk_page(struct database *database, const struct talk_page *page);

/* Of the messages that are indexed. */
struct talk_search {
    struct words words;
    const struct words *rooms;
    size_t room_count;
    uint64_t id;
    size_t limit;
    archive_visit_message *visit;
    void *context;
};

enum archive_result talk_search(struct database *database, const struct talk_search *search);

enum archive_result talk_count(struct database *database, struct words room, int64_t from,
                               int64_t to, struct words author, archive_judge *judge, void *context,
                               struct archive_count *count);

#endif
