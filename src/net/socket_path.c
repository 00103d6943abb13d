#include "base/platform.h"

#include "net/socket_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LOCK_SUFFIX ".lock"

enum {
    PATH_BYTES = SOCKET_PATH_MAX + 1,
    LOCK_PATH_BYTES = PATH_BYTES + sizeof LOCK_SUFFIX,
    LOCK_MODE = 0600, /* a user who could lock it could keep the server from starting */
    LOCK_TRIES = 100  /* each failure means that another process has just released the path */
};

/* Identifies a file, whatever its name. */
struct file_id {
    dev_t device;
    ino_t inode;
};

struct socket_path {
    struct socket_path *next; /* in the list `held` */
    int lock;
    struct file_id lock_id, socket_id;
    char path[PATH_BYTES];
    char lock_path[LOCK_PATH_BYTES];
};

/* All paths whose lock this process holds. */
static struct socket_path *held;

static struct file_id identify(const struct stat *status)
{
    return (struct file_id){status->st_dev, status->st_ino};
}

static bool is_same(const struct file_id *left, const struct file_id *right)
{
    return left->device == right->device && left->inode == right->inode;
}

/* Whether a path is that file itself, and not a link to it. */
static bool leads_to(const char *path, const struct file_id *id)
{
    struct stat status;
    if (lstat(path, &status) < 0)
        return false;
    struct file_id found = identify(&status);
    return is_same(&found, id);
}

/* Writes errno's text; returns -1. */
static int fail(char *error, size_t size)
{
    snprintf(error, size, "%s", strerror(errno));
    return -1;
}

static int fail_in_use(char *error, size_t size)
{
    errno = EADDRINUSE;
    return fail(error, size);
}

/*
 * The lock
 */

/* Whether this process has locked the file that `lock_path` leads to, under any name. */
static bool is_held_here(const char *lock_path)
{
    for (const struct socket_path *path = held; path != NULL; path = path->next)
        if (leads_to(lock_path, &path->lock_id))
            return true;
    return false;
}

/* Opens a lock file, and creates it if necessary. Returns its descriptor, or -1. */
static int open_lock(const char *lock_path, char *error, size_t size)
{
    int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    int fd = open(lock_path, flags, LOCK_MODE);
    if (fd >= 0)
        return fd;
    if (errno == ENOENT || errno == ENOTDIR)
        return fail(
            error, size); /* the directory does not exist, so the socket cannot be created either */
    snprintf(error, size, "cannot open %s: %s", lock_path, strerror(errno));
    return -1;
}

/* Whether the file may be removed as a lock file: a file with content is not ours. */
static bool is_lock_file(const struct stat *status)
{
    return S_ISREG(status->st_mode) && status->st_size == 0;
}

enum locked { LOCKED, LOCK_FAILED, LOCK_LOST /* another file, or none, is at the path now */ };

/* Locks an open lock file, and checks that it is still the file at the path. */
static enum locked lock_file(struct socket_path *path, char *error, size_t size)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct stat status;
    if (fstat(path->lock, &status) < 0 || !is_lock_file(&status)) {
        snprintf(error, size, "%s is there and is no lock file", path->lock_path);
        return LOCK_FAILED;
    }
    if (fcntl(path->lock, F_SETLK, &whole) < 0) {
        if (errno == EACCES || errno == EAGAIN)
            fail_in_use(error, size);
        else
            snprintf(error, size, "cannot lock %s: %s", path->lock_path, strerror(errno));
        return LOCK_FAILED;
    }
    path->lock_id = identify(&status);
    return leads_to(path->lock_path, &path->lock_id) ? LOCKED : LOCK_LOST;
}

/* Takes the lock and adds the path to `held`. Returns 0 or -1. */
static int take_lock(struct socket_path *path, char *error, size_t size)
{
    enum locked locked = LOCK_LOST;
    for (int i = 0; i < LOCK_TRIES && locked == LOCK_LOST; i++) {
        if (is_held_here(path->lock_path))
            return fail_in_use(error, size);
        path->lock = open_lock(path->lock_path, error, size);
        if (path->lock < 0)
            return -1;
        locked = lock_file(path, error, size);
        if (locked != LOCKED)
            close(path->lock);
    }
    if (locked == LOCK_LOST)
        return fail_in_use(error, size);
    if (locked == LOCK_FAILED)
        return -1;
    path->next = held;
    held = path;
    return 0;
}

/*
 * The file is removed before the lock is released: a process that locks it afterwards finds that it
 * is gone, and creates a new one.
 */
static void release_lock(struct socket_path *path)
{
    struct socket_path **place = &held;
    while (*place != path)
        place = &(*place)->next;
    *place = path->next;
    if (leads_to(path->lock_path, &path->lock_id))
        unlink(path->lock_path);
    close(path->lock);
}

/*
 * The socket
 */

/* Whether there is a socket that no process listens on, as a crash leaves behind. */
static bool is_stale(const struct sockaddr_un *address)
{
    struct stat status;
    if (lstat(address->sun_path, &status) < 0 || !S_ISSOCK(status.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0)
        return false;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    bool refused =
        connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 && errno == ECONNREFUSED;
    close(fd);
    return refused;
}

/* Binds the socket, and records the identity of the new file. Returns 0, or -1 with errno. */
static int bind_locked(struct socket_path *path, int fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat status;
    const struct sockaddr *generic = (const struct sockaddr *)&address;
    memcpy(address.sun_path, path->path, sizeof address.sun_path);
    int result = bind(fd, generic, sizeof address);
    if (result < 0 && errno == EADDRINUSE) {
        if (is_stale(&address) && unlink(path->path) == 0)
            result = bind(fd, generic, sizeof address);
        else
            errno = EADDRINUSE;
    }
    if (result < 0 || lstat(path->path, &status) < 0)
        return -1;
    path->socket_id = identify(&status);
    return 0;
}

/* Tells why the socket was not bound: errno, or that there is something else at the path. */
static void tell_unbound(const char *path, char *error, size_t size)
{
    int cause = errno;
    struct stat status;
    if (cause == EADDRINUSE && lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
        snprintf(error, size,
                 "something is there that is no socket; remove it, or choose another path");
    else
        snprintf(error, size, "%s", strerror(cause));
}

struct socket_path *socket_path_bind(const char *name, int fd, char *error, size_t size)
{
    if (strlen(name) >= PATH_BYTES) {
        errno = ENAMETOOLONG;
        fail(error, size);
        return NULL;
    }
    struct socket_path *path = malloc(sizeof *path);
    if (path == NULL) {
        fail(error, size);
        return NULL;
    }
    *path = (struct socket_path){.lock = -1};
    memcpy(path->path, name, strlen(name));
    snprintf(path->lock_path, sizeof path->lock_path, "%s" LOCK_SUFFIX, path->path);
    if (take_lock(path, error, size) == 0) {
        if (bind_locked(path, fd) == 0)
            return path;
        tell_unbound(path->path, error, size);
        release_lock(path);
    }
    free(path);
    return NULL;
}

void socket_path_release(struct socket_path *path)
{
    if (leads_to(path->path, &path->socket_id))
        unlink(path->path);
    release_lock(path);
    free(path);
}
