/*
 * ignoring: whom a user ignores, and whether it wants to see who comes and goes. A person is
 * ignored by its id, so also under another name, and by its name, so also when it has left and come
 * back under that. Nobody is told who ignores it. For a registered user the archive keeps the
 * names.
 *
 * All functions are for the user's own thread, with no lock held; those that say so may wait for a
 * disk.
 */
#ifndef CHAT_IGNORING_H
#define CHAT_IGNORING_H

#include "chat/archive.h"
#include "chat/session.h"

#include <stdbool.h>
#include <stddef.h>

enum ignoring_result {
    IGNORING_DONE,
    IGNORING_ABSENT,    /* done, but nobody of that name is here */
    IGNORING_NO_CHANGE, /* it was so already */
    IGNORING_ONESELF,   /* that is the user itself */
    IGNORING_FULL,      /* the user ignores ARCHIVE_IGNORED_MAX people already */
    IGNORING_NO_MEMORY, /* nothing was changed */
    IGNORING_NOT_STORED /* done, but the archive has failed, and does not know it */
};

/*
 * Ignore a person, or nobody of that name any more. Store in `name`, which is an allowed one, how
 * the person spells it, or under which name it is ignored. May wait for a disk.
 */
enum ignoring_result ignoring_begin(struct session *session, char name[NAME_SIZE]);
enum ignoring_result ignoring_end(struct session *session, char name[NAME_SIZE]);

/* Shows comings and goings to the user, or with `quiet` does not. Returns false without memory. */
bool ignoring_set_quiet(struct session *session, bool quiet);

/*
 * Has people be ignored by their names alone, as ids are not theirs any more; where memory is out,
 * some are not.
 */
void ignoring_forget_ids(struct session *session);

/* Returns how many people the user ignores. */
size_t ignoring_count(const struct session *session);

/*
 * Returns the name under which the person at an index is ignored, and stores in `now` the name that
 * it has now; "" if it is not here.
 */
const char *ignoring_name(const struct session *session, size_t index, char now[NAME_SIZE]);

/*
 * Ignores whom the archive has for the user, who has become a registered one of that name, besides
 * whom it ignores already. Returns what the archive does; ARCHIVE_FAILED also when memory is out,
 * and ARCHIVE_NONE without an archive. May wait for a disk.
 */
enum archive_result ignoring_load(struct session *session, const char *name);

#endif
