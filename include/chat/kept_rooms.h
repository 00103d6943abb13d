/*
 * kept_rooms: rooms that outlive their members and the server: of each its name, the registered
 * name of its owner, and its settings (room_settings.h), as the archive has them or is to have
 * them. They are in memory, too, so a room comes back without waiting for a disk, and as it was
 * even while the disk has failed.
 *
 * A room that has members has its settings itself. It notes each change here under its order lock,
 * so that changes come in one order; what is noted is stored afterwards, by kept_rooms_store(),
 * with no lock held. Two threads that store one room do so one after the other, and the archive
 * has the newest settings in the end.
 *
 * All functions but kept_rooms_create(), kept_rooms_store() and kept_rooms_forget() may be called
 * with the order lock of a room or the rooms lock held, and do not wait. They take the lock of the
 * kept rooms.
 */
#ifndef CHAT_KEPT_ROOMS_H
#define CHAT_KEPT_ROOMS_H

#include "chat/archive.h"
#include "chat/event_log.h"
#include "chat/name.h"
#include "chat/room_settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEPT_ROOMS_MAX = 20 }; /* of one owner */

/* What has become of keeping a room, or of letting it go. */
enum kept {
    KEPT_DONE,           /* it is so, and stored */
    KEPT_NOT_STORED,     /* it is so until the server ends: the archive has failed */
    KEPT_TOO_MANY,       /* the owner keeps KEPT_ROOMS_MAX already */
    KEPT_NO_ROOM,        /* no such room is kept, or may be */
    KEPT_NOT_OWNER,      /* the user does not own the room */
    KEPT_NOT_REGISTERED, /* the user's name is not registered */
    KEPT_NO_MEMORY,      /* memory was out: nothing was changed */
    KEPT_UNLINKED,       /* the other machines cannot be reached: nothing was changed */
    KEPT_NOWHERE         /* there is no archive */
};

struct kept_rooms;

/* What is known of what was said in a room, where no archive numbers it (chat/ordering.h). */
struct kept_talk {
    uint64_t said; /* number of the last line, */
    uint64_t life; /* and the room's life (chat/archive.h); 0: none */
};

/*
 * Creates the set of the rooms that an archive keeps, and reads them; both outlive it, and so does
 * the event log, to which failures are reported. Without an archive (NULL) it is empty, and what is
 * noted is in memory alone. May wait for a disk. Returns 0 and stores the set,
 * or returns an errno: EIO if the archive cannot be read.
 */
int kept_rooms_create(struct kept_rooms **kept, struct archive *archive,
                      struct event_log *event_log);

/* Frees a set. `kept` may be NULL. */
void kept_rooms_destroy(struct kept_rooms *kept);

/*
 * If a room is kept that has a name or looks like it, copies its name, as it is written, and its
 * settings, which are all zero before. Returns 0, ENOENT if there is none, or ENOMEM.
 */
int kept_rooms_recall(struct kept_rooms *kept, const char *name, char spelled[NAME_SIZE],
                      struct room_settings *settings);

/* Whether a room is kept that has a name or looks like it. */
bool kept_rooms_has(struct kept_rooms *kept, const char *name);

/*
 * Notes the settings of a room with an owner's name, to be stored. Returns KEPT_DONE; or, if the
 * room is not kept yet, KEPT_TOO_MANY or KEPT_NO_MEMORY. When memory is out for a room that is
 * kept, its former settings stay, and kept_rooms_store() tells so; without an archive this returns
 * KEPT_NO_MEMORY then, too.
 */
enum kept kept_rooms_note(struct kept_rooms *kept, const char *name,
                          const struct room_settings *settings);

/*
 * Notes what is known of the talk in a kept room, which its last member has left; or copies what
 * was noted, for the first one that comes in, if a room with exactly this name is kept.
 */
void kept_rooms_recall_talk(struct kept_rooms *kept, const char *name, struct kept_talk *talk);
void kept_rooms_note_talk(struct kept_rooms *kept, const char *name, const struct kept_talk *talk);

/* Notes that a room is not to be kept any more, if it is. */
void kept_rooms_drop(struct kept_rooms *kept, const char *name);

/*
 * The same for a user who is its owner or an operator; copies its name as it is written. Returns
 * KEPT_DONE; KEPT_NO_ROOM, as well for a room that the user may not see; KEPT_NOT_OWNER. For the
 * user's own thread.
 */
enum kept kept_rooms_let_go(struct kept_rooms *kept, const struct user *user, const char *name,
                            char spelled[NAME_SIZE]);

/*
 * Withdraws all invitations of a registered name, and drops all rooms of that owner, of which the
 * archive is to have nothing left. Each that was changed is to be stored: kept_rooms_store_all().
 */
void kept_rooms_forget_name(struct kept_rooms *kept, const char *name);

/*
 * Waits until the archive, if there is one, has what was noted of a room with exactly this name; or
 * of all rooms. Returns KEPT_DONE or KEPT_NOT_STORED; what could not be stored is tried again by
 * the next call. Hold no lock.
 */
enum kept kept_rooms_store(struct kept_rooms *kept, const char *name);
enum kept kept_rooms_store_all(struct kept_rooms *kept);

/*
 * Has the archive forget a room that was dropped, if that could not be stored before. Returns false
 * if it cannot be even now: then the archive has its past for whoever may know of that. Hold no
 * lock.
 */
bool kept_rooms_forget(struct kept_rooms *kept, const char *name);

/* A kept room, as a user sees it. */
struct kept_room {
    uint64_t number; /* in the order in which they were kept, which a restart makes that of names */
    char name[NAME_SIZE];
    struct room_description room;
    bool may_enter; /* without a key */
};

/*
 * Copies the name of the first room whose number is above *after (0: of all) that is not hidden and
 * whose name begins with `beginning`, without regard to case, and moves *after there. Returns false
 * if there is none. Adds to *compared how many bytes of names were compared. May be called with an
 * outbox lock held.
 */
bool kept_rooms_complete(struct kept_rooms *kept, const char *beginning, size_t length,
                         uint64_t *after, char name[NAME_SIZE], size_t *compared);

/*
 * Copies the first room whose number is above `after` (0: the first of all) that the user sees: it
 * is not hidden, or it is the user's, or the user is invited. Returns false if there is none. For
 * the user's own thread.
 */
bool kept_rooms_after(struct kept_rooms *kept, uint64_t after, const struct user *user,
                      struct kept_room *room);

/*
 * For a state (chat/state.h): copies the name, the settings, which are all zero before, and the
 * talk of the first room whose number is above *after (0: of all), and moves *after there.
 * Returns 0, ENOENT if there is none, or ENOMEM. The other one removes all, without an archive.
 */
int kept_rooms_copy(struct kept_rooms *kept, uint64_t *after, char name[NAME_SIZE],
                    struct room_settings *settings, struct kept_talk *talk);
void kept_rooms_clear(struct kept_rooms *kept);

#endif
