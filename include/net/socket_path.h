/*
 * socket_path: the file of a unix socket. A process reserves a path by a lock (fcntl(2)) on the
 * file PATH.lock beside it. So of several processes that find a stale socket at once only one
 * replaces it, and none removes another's socket. The lock ends with the process, however that
 * ends; the lock file that a crash leaves behind is used again.
 *
 * Such locks belong to the process, and closing any descriptor of the file releases them. So this
 * module keeps a list of the locks it holds, and never opens a lock file that it holds already. It
 * is for one thread.
 */
#ifndef NET_SOCKET_PATH_H
#define NET_SOCKET_PATH_H

#include <stddef.h>
#include <sys/un.h>

/* Bytes of the longest path that a unix socket can have. */
enum { SOCKET_PATH_MAX = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1 };

struct socket_path;

/*
 * Binds `fd`, an AF_UNIX socket that stays the caller's, to `path`, and replaces a socket there
 * that no process listens on. The caller must call listen() before it releases the path. On failure
 * returns NULL with the cause in `error` (of `size` bytes), as text for the user:
 * strerror(EADDRINUSE) when the path is in use, by this process or another.
 *
 * What is at the path and is no socket is left alone, and the error says so. A lock file is a
 * regular, empty file, not a symbolic link. Anything else in its place is left alone, and the error
 * names it.
 */
struct socket_path *socket_path_bind(const char *path, int fd, char *error, size_t size);

/*
 * Removes the socket's file if it is still the one that was bound, then the lock file likewise, and
 * frees `path`. The socket must still be open: only then can no other file have got its inode
 * number.
 */
void socket_path_release(struct socket_path *path);

#endif
