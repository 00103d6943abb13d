/*
 * privileges: what a process that starts as root gives up when it has got what only root can get:
 * it becomes another user for good, and can be confined to one folder.
 */
#ifndef BASE_PRIVILEGES_H
#define BASE_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

enum { PRIVILEGES_FAULT_SIZE = 256 };

/* All zero: nothing is to be given up. */
struct privileges {
    bool changes; /* the user is another one than the process has now */
    uid_t user;
    gid_t group;        /* that of the user in the user database */
    const char *folder; /* path, the caller's; NULL: none */
};

/*
 * Looks a user up. Returns false, with the cause as a clause in `fault`, if there is none of that
 * name, or the process cannot become that one.
 */
bool privileges_find_user(struct privileges *privileges, const char *name,
                          char fault[PRIVILEGES_FAULT_SIZE]);

/* Looks whether `path`, which must stay, is a folder, and the process can be confined to it. As
 * above. */
bool privileges_find_folder(struct privileges *privileges, const char *path,
                            char fault[PRIVILEGES_FAULT_SIZE]);

/*
 * Makes the folder the root and the current folder; then ends the membership in all groups but the
 * user's own, and becomes the user, for all threads; and sees that this cannot be undone. To be
 * called before there are other threads, since that these follow is no promise of POSIX. Returns
 * false, with the cause as a clause, if that fails: then the process is in between, and must end.
 */
bool privileges_drop(const struct privileges *privileges, char fault[PRIVILEGES_FAULT_SIZE]);

/* Whether the process has root's. */
bool privileges_are_roots(void);

#endif
