/*
 * archive: what a chat needs of a store that outlives the process: what was said, rooms that are
 * kept, accounts, bans. The chat does not know who offers it; a server without a store has none.
 *
 * Whoever offers an archive embeds `struct archive` and fills in the tables. All functions may be
 * called from any thread. But for append() and those that say so, they may wait for a disk: the
 * caller holds no lock.
 *
 * Results are visited: the archive calls a function for each, on a thread of its own, while the
 * caller waits. The function copies what it wants to keep, is quick, takes no lock that its caller
 * may hold, and calls no function of the archive. What it is given is valid during the call only.
 *
 * Times are milliseconds since 1970 (UTC). Names of rooms have no '#', and are the same when
 * name_equals() says so; so are names of people.
 */
#ifndef CHAT_ARCHIVE_H
#define CHAT_ARCHIVE_H

#include "chat/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive;

enum archive_result {
    ARCHIVE_OK,
    ARCHIVE_NONE,   /* there is no such thing */
    ARCHIVE_TAKEN,  /* there is one, or a name that looks like it */
    ARCHIVE_WRONG,  /* the password is not that of the account */
    ARCHIVE_FULL,   /* a limit is reached */
    ARCHIVE_BUSY,   /* too many requests wait already; to be tried again */
    ARCHIVE_FAILED, /* the disk, other machines or memory failed; nothing was changed */
    ARCHIVE_UNSURE  /* other machines do not answer: nobody knows whether it was done, or will be */
};

enum {
    ARCHIVE_SEARCH_ROOMS_MAX = 2048,     /* of one search */
    ARCHIVE_KEPT_MAX = 100,              /* private messages for one account, */
    ARCHIVE_KEPT_OF_ONE_MAX = 20,        /* of one author, */
    ARCHIVE_KEPT_OF_STRANGERS_MAX = 50,  /* and of all whose names are not registered */
    ARCHIVE_KEPT_BYTES_MAX = 900 * 1024, /* of the texts for one account */
    ARCHIVE_IGNORED_MAX = 1000,          /* names of one account */
    ARCHIVE_REASON_BYTES_MAX = 256       /* of a sanction */
};

/* What was said, or a gap in it. */
enum archive_kind {
    ARCHIVE_SAY,
    ARCHIVE_ACT,
    ARCHIVE_GAP,    /* messages `seq` to `last` were said, and could not be stored */
    ARCHIVE_RESTART /* numbers `seq` to `last` were given to nobody, or to messages lost in a crash
                     */
};

struct archive_message {
    enum archive_kind kind;
    uint64_t id;   /* of the archive: ascending in the order of storage; for search() */
    uint64_t seq;  /* in its room, from 1 */
    uint64_t last; /* of a gap; otherwise seq */
    int64_t time;
    struct words room;   /* as it was first written */
    struct words author; /* these two are empty in a gap */
    struct words text;
};

/* Returns whether it wants to see more. */
typedef bool archive_visit_message(void *context, const struct archive_message *message);

/* The messages that are kept of a room. */
struct archive_bounds {
    uint64_t first; /* seq of the oldest, or of the oldest gap after a crash; last + 1: none */
    uint64_t last;  /* seq of the newest that was given to a message, whether or not it is kept */
};

struct archive_count {
    uint64_t messages;
    uint64_t naming; /* those of them that name somebody */
};

/* What a message counts as, by its author and its text. */
enum archive_worth { ARCHIVE_UNCOUNTED, ARCHIVE_COUNTED, ARCHIVE_NAMING };

typedef enum archive_worth archive_judge(void *context, struct words author, struct words text);

struct archive_talk {
    /*
     * Makes sure that the archive has the room, and stores the seq of its last message in *last:
     * the next is *last + 1. After a crash that is a number which surely nobody has seen: numbers
     * may be skipped, and none is used twice. `given` is the last one that was given when it could
     * not be opened before, and the room goes on behind that; 0: none was. To be called before the
     * first append() for a room. If it cannot be opened now, *last is such a number all the
     * same: also no later server gives what follows it, whatever becomes of this one.
     *
     * What was said in a room of that name before is this one's, unless that room was guarded when
     * the server ended.
     */
    enum archive_result (*open)(struct archive *archive, struct words room, uint64_t given,
                                uint64_t *last);

    /*
     * The same for a room whose numbers are not given here, but by several machines together: what
     * is said from now on belongs to this life of it (a number from 1 to INT64_MAX, which no other
     * room has, or has had). What there is of that life is found again, and appended once; what
     * there is of another one under this name is not found any more. What is there of it above the
     * number `last` is removed: it is said again, or was never said, as the machines have it now.
     * Queued as by end().
     */
    bool (*live)(struct archive *archive, struct words room, uint64_t life, uint64_t last);

    /*
     * A room is gone: what was said there is not found under its name any more, as if it had been
     * retired, unless the archive keeps the room. Numbers go on. Queued behind what was appended
     * before, also when messages find no place any more.
     */
    bool (*end)(struct archive *archive, struct words room);

    /*
     * Sets whether what is said in a room is for those alone whom the room lets in: should the
     * server end now, nobody would ask for the key afterwards. Queued as by end().
     */
    bool (*guard)(struct archive *archive, struct words room, bool guarded);

    /*
     * Seqs of a room that could not be opened are given, from this one on. None of them is given
     * again, also after a restart. Queued as by end().
     */
    bool (*reserve)(struct archive *archive, struct words room, uint64_t first);

    /* So many messages of such a room are missing, up to this seq. Never waits, as append(). */
    void (*miss)(struct archive *archive, uint64_t last, uint64_t count);

    /*
     * Queues a copy of a message, ARCHIVE_SAY or ARCHIVE_ACT, for storage; `id` and `last` are not
     * used. Seqs of a room ascend. Never waits and allocates nothing: it may be called with locks
     * held, but not with the event log's. Returns false if the message is missing in the archive:
     * history then has a gap there.
     */
    bool (*append)(struct archive *archive, const struct archive_message *message);

    /* Whether the last attempt to store something succeeded. Never waits, as append(). */
    bool (*is_up)(struct archive *archive);

    /*
     * Waits until each message for which append() has returned true is on the disk, so that it
     * survives a crash of the machine. Returns ARCHIVE_FAILED if the disk has failed meanwhile; the
     * archive goes on trying.
     */
    enum archive_result (*sync)(struct archive *archive);

    /*
     * These see all that was appended before the call. They visit messages in the order of their
     * seqs, with gaps in their places, `limit` messages at most and no more than `visit` wants; and
     * store the room's bounds, which may be NULL. ARCHIVE_NONE: the archive has no such room.
     *
     * before(): the last ones with a seq below `seq`; 0: the last ones of all.
     * after(): the first ones with a seq above `seq`. What is missing between `seq` and the first
     * is visited as a gap, unless it was kept once and is no more: compare bounds->first. It is
     * ARCHIVE_NONE, with the bounds, too, if `seq` was given in a room of that name of which the
     * archive never knew: then nobody can tell what followed. since(): the first ones from the
     * first message on that is not older than `time`.
     */
    enum archive_result (*before)(struct archive *archive, struct words room, uint64_t seq,
                                  size_t limit, archive_visit_message *visit, void *context,
                                  struct archive_bounds *bounds);
    enum archive_result (*after)(struct archive *archive, struct words room, uint64_t seq,
                                 size_t limit, archive_visit_message *visit, void *context,
                                 struct archive_bounds *bounds);
    enum archive_result (*since)(struct archive *archive, struct words room, int64_t time,
                                 size_t limit, archive_visit_message *visit, void *context,
                                 struct archive_bounds *bounds);

    /*
     * Visits the newest messages, `limit` at most and in the order of their ids, of these rooms
     * that have all the words and an id below `id` (0: no limit). Words are separated by blanks,
     * and are the same without regard to case and accents. ARCHIVE_NONE: there is no word in
     * `words`. While nothing can be stored, what came last may not be found; if nothing is found
     * then, the result is not ARCHIVE_OK.
     */
    enum archive_result (*search)(struct archive *archive, struct words words,
                                  const struct words *rooms, size_t room_count, uint64_t id,
                                  size_t limit, archive_visit_message *visit, void *context);

    /*
     * Counts the messages of a room that are not older than `from`, but older than `to`, and that
     * `author`, in this spelling, did not say; as `judge` decides, which is called as functions
     * that visit are.
     */
    enum archive_result (*count)(struct archive *archive, struct words room, int64_t from,
                                 int64_t to, struct words author, archive_judge *judge,
                                 void *context, struct archive_count *count);
};

/* A room that is kept while nobody is there. */
struct archive_room {
    struct words name;
    struct words owner; /* a registered name; empty: the room is not kept */
    struct words topic; /* these two may be empty */
    struct words key;
    bool hidden, members_only;
    const struct words *invited; /* registered names that may come in, and how many */
    size_t invited_count;
};

typedef void archive_visit_room(void *context, const struct archive_room *room);
typedef void archive_visit_name(void *context, struct words name);

struct archive_rooms {
    /* Stores a room with all its settings, instead of those that it had. */
    enum archive_result (*keep)(struct archive *archive, const struct archive_room *room);

    /* Forgets the settings of a room. What was said there stays. */
    enum archive_result (*forget)(struct archive *archive, struct words room);

    /* Visits all rooms that are kept, by their names. */
    enum archive_result (*list)(struct archive *archive, archive_visit_room *visit, void *context);
};

struct archive_account {
    struct words name; /* as it was registered */
    bool same; /* the account has the name that was asked for, and not one that looks like it */
    bool is_operator;
    int64_t created;
    int64_t seen; /* 0: never */
};

typedef void archive_visit_account(void *context, const struct archive_account *account);

/* Functions that take the name of an account want that name; what looks like it is ARCHIVE_NONE. */
struct archive_people {
    /*
     * Passwords are hashed one at a time. The archive wipes its copies; the caller wipes its own.
     * enroll(): ARCHIVE_TAKEN if the name, or one that looks like it, is registered.
     * check(), change_password() and unregister(): ARCHIVE_WRONG if it is not the password.
     * unregister() removes the account, its kept messages and its ignored names.
     */
    enum archive_result (*enroll)(struct archive *archive, struct words name, struct words password,
                                  int64_t time);
    enum archive_result (*check)(struct archive *archive, struct words name, struct words password);
    enum archive_result (*change_password)(struct archive *archive, struct words name,
                                           struct words old_password, struct words new_password);
    enum archive_result (*unregister)(struct archive *archive, struct words name,
                                      struct words password);

    /* Visits the account that has the name or looks like it, if there is one. */
    enum archive_result (*find)(struct archive *archive, struct words name,
                                archive_visit_account *visit, void *context);
    enum archive_result (*set_operator)(struct archive *archive, struct words name,
                                        bool is_operator);
    enum archive_result (*operators)(struct archive *archive, archive_visit_account *visit,
                                     void *context);

    /*
     * Queues the storing of when the person of an account was here. As append(), it never waits;
     * returns false if it will not be stored.
     */
    bool (*set_seen)(struct archive *archive, struct words name, int64_t time);

    /* The names that an account ignores. To ignore a name again changes nothing. */
    enum archive_result (*ignore)(struct archive *archive, struct words name, struct words ignored);
    enum archive_result (*unignore)(struct archive *archive, struct words name,
                                    struct words ignored);
    enum archive_result (*ignored)(struct archive *archive, struct words name,
                                   archive_visit_name *visit, void *context);

    /*
     * Private messages for an account whose person is not here. keep_message(): ARCHIVE_FULL if
     * there are as many as may be; a message of an author whose very name the account ignores is
     * not kept, and the result is ARCHIVE_OK. take_messages() visits all of them, the oldest first,
     * and removes them: if it fails, some may have been visited and none is removed.
     */
    enum archive_result (*keep_message)(struct archive *archive, struct words name,
                                        struct words author, int64_t time, struct words text);
    enum archive_result (*take_messages)(struct archive *archive, struct words name,
                                         archive_visit_message *visit, void *context);
};

enum archive_sanction_kind { ARCHIVE_BAN, ARCHIVE_MUTE };

struct archive_sanction {
    enum archive_sanction_kind kind;
    bool is_address;     /* target is an address with or without /PREFIX, in its one form */
    struct words target; /* otherwise a name */
    int64_t until;       /* 0: for ever */
    int64_t time;        /* when it was made */
    struct words by, reason;
};

typedef void archive_visit_sanction(void *context, const struct archive_sanction *sanction);

struct archive_sanctions {
    /*
     * Queue the storing of a sanction, instead of one of that kind for that target, and the removal
     * of one. As append(), they never wait, and return false if it will not be stored: sync() waits
     * until it is.
     */
    bool (*add)(struct archive *archive, const struct archive_sanction *sanction);
    bool (*remove)(struct archive *archive, enum archive_sanction_kind kind, struct words target);

    /* Visits those that have not ended at `now`, the oldest first. Removes the others. */
    enum archive_result (*list)(struct archive *archive, int64_t now, archive_visit_sanction *visit,
                                void *context);
};

struct archive {
    const struct archive_talk *talk;
    const struct archive_rooms *rooms;
    const struct archive_people *people;
    const struct archive_sanctions *sanctions;
};

#endif
