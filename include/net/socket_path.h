/*
 * socket_path: the file of a unix socket. A process has a path to itself while it holds a lock
 * (fcntl(2)) on the file PATH.lock beside it, so that of several that find a stale socket at once
 * one takes its place, and none removes what another has made. The lock ends with the process,
 * however that ends; the lock file of a crashed one is taken again.
 *
 * Such locks belong to the process, and closing any descriptor of the file gives them up. So this
 * module never opens a lock file that it holds, and knows all that it holds. It is for one thread.
 */
#ifndef NET_SOCKET_PATH_H
#define NET_SOCKET_PATH_H

#include <stddef.h>

struct socket_path;

/*
 * Binds `fd`, an AF_UNIX socket that is the caller's, to `path`, and replaces a socket there that
 * nobody listens on. Whoever calls listen() does so before it lets go of the path. Returns NULL
 * with a cause fit for people in `error` (of `size` bytes) if that fails: strerror(EADDRINUSE) when
 * the path is in use, by this process or another.
 *
 * A lock file is a regular, empty file that is no symbolic link. Anything else in its place is
 * left alone, and is an error that names it.
 */
struct socket_path *socket_path_bind(const char *path, int fd, char *error, size_t size);

/*
 * Removes the socket's file if it is still the one that was bound, then the lock file likewise, and
 * gives up the path. The socket must be open still: as long as it is, no other file has its number.
 */
void socket_path_release(struct socket_path *path);

#endif
