#include "base/platform.h"

#include "base/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool privileges_are_roots(void)
{
    return geteuid() == 0;
}

bool privileges_find_user(struct privileges *privileges, const char *name,
                          char fault[PRIVILEGES_FAULT_SIZE])
{
    errno = 0;
    const struct passwd *entry = getpwnam(name);
    if (entry == NULL) {
        snprintf(fault, PRIVILEGES_FAULT_SIZE, "there is no user '%.100s'%s%s", name,
                 errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
        return false;
    }
    privileges->changes = entry->pw_uid != getuid() || entry->pw_uid != geteuid();
    privileges->user = entry->pw_uid;
    privileges->group = entry->pw_gid;
    if (!privileges->changes || privileges_are_roots())
        return true;
    snprintf(fault, PRIVILEGES_FAULT_SIZE, "only root can become '%.100s'", name);
    return false;
}

bool privileges_find_folder(struct privileges *privileges, const char *path,
                            char fault[PRIVILEGES_FAULT_SIZE])
{
    struct stat status;
    const char *cause = NULL;
    if (stat(path, &status) < 0)
        cause = strerror(errno);
    else if (!S_ISDIR(status.st_mode))
        cause = strerror(ENOTDIR);
    else if (!privileges_are_roots())
        cause = "only root can do that";
    if (cause != NULL)
        snprintf(fault, PRIVILEGES_FAULT_SIZE, "cannot make %.100s the root: %s", path, cause);
    privileges->folder = path;
    return cause == NULL;
}

/* Writes which call has failed, and why. Returns false. */
static bool fail(char fault[PRIVILEGES_FAULT_SIZE], const char *call)
{
    snprintf(fault, PRIVILEGES_FAULT_SIZE, "%s: %s", call, strerror(errno));
    return false;
}

static bool enter_folder(const char *path, char fault[PRIVILEGES_FAULT_SIZE])
{
    if (path == NULL)
        return true;
    if (chroot(path) < 0)
        return fail(fault, "chroot");
    return chdir("/") == 0 || fail(fault, "chdir"); /* else what is above could still be reached */
}

/* Whether no group is left but that one, which some systems list, and some do not. */
static bool is_alone(gid_t group)
{
    gid_t left[2];
    int count = getgroups(2, left);
    return count == 0 || (count == 1 && left[0] == group);
}

/* Whether the process is that user, and cannot become root again. */
static bool has_become(const struct privileges *privileges)
{
    return getuid() == privileges->user && geteuid() == privileges->user &&
           getgid() == privileges->group && getegid() == privileges->group &&
           is_alone(privileges->group) &&
           (privileges->user == 0 || (setuid(0) < 0 && seteuid(0) < 0));
}

static bool become(const struct privileges *privileges, char fault[PRIVILEGES_FAULT_SIZE])
{
    if (!privileges->changes)
        return true;
    if (setgroups(0, NULL) < 0)
        return fail(fault, "setgroups");
    if (setgid(privileges->group) < 0)
        return fail(fault, "setgid");
    if (setuid(privileges->user) < 0)
        return fail(fault, "setuid");
    if (!has_become(privileges))
        snprintf(fault, PRIVILEGES_FAULT_SIZE, "root's rights are still there afterwards");
    return has_become(privileges);
}

bool privileges_drop(const struct privileges *privileges, char fault[PRIVILEGES_FAULT_SIZE])
{
    return enter_folder(privileges->folder, fault) && become(privileges, fault);
}
