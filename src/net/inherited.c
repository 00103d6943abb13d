#include "base/platform.h"

#include "base/number.h"
#include "net/inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_DESCRIPTOR = 3 };

/* Whether the variables are for this process, and not for one that it descends from. */
static bool is_meant(void)
{
    const char *process = getenv("LISTEN_PID");
    uint64_t id;
    return process != NULL && number_parse(process, 1, INT_MAX, &id) &&
           (intmax_t)id == (intmax_t)getpid();
}

static bool count_sockets(struct inherited *inherited, char fault[INHERITED_FAULT_SIZE])
{
    const char *text = getenv("LISTEN_FDS");
    uint64_t count = 0;
    if (text != NULL && !number_parse(text, 0, INHERITED_MAX, &count)) {
        snprintf(fault, INHERITED_FAULT_SIZE, "$LISTEN_FDS is '%.100s', and no number from 0 to %d",
                 text, INHERITED_MAX);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        inherited->sockets[i] =
            (struct inherited_socket){.fd = FIRST_DESCRIPTOR + (int)i, .name = ""};
    inherited->count = (size_t)count;
    return true;
}

/* Gives the sockets their names, if there are some: one for each, with ':' between them. */
static bool name_sockets(struct inherited *inherited, char fault[INHERITED_FAULT_SIZE])
{
    const char *text = getenv("LISTEN_FDNAMES");
    if (text == NULL || inherited->count == 0)
        return true;
    inherited->names = strdup(text);
    if (inherited->names == NULL) {
        snprintf(fault, INHERITED_FAULT_SIZE, "the names in $LISTEN_FDNAMES: out of memory");
        return false;
    }
    size_t named = 0;
    for (char *name = inherited->names; name != NULL; named++) {
        char *end = strchr(name, ':');
        if (end != NULL)
            *end++ = '\0';
        if (named < inherited->count)
            inherited->sockets[named].name = name;
        name = end;
    }
    if (named != inherited->count)
        snprintf(fault, INHERITED_FAULT_SIZE,
                 "$LISTEN_FDNAMES has %zu names, and $LISTEN_FDS says that there are %zu sockets",
                 named, inherited->count);
    return named == inherited->count;
}

static bool is_of_known_family(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        return false;
    return address.ss_family == AF_INET || address.ss_family == AF_INET6 ||
           address.ss_family == AF_UNIX;
}

/* Some systems cannot tell; there accept() will. */
static bool is_listening(int fd)
{
    int listening = 1;
    socklen_t length = sizeof listening;
    (void)getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length);
    return listening != 0;
}

/* Returns why a descriptor is not a socket to accept clients on; NULL: it is. */
static const char *find_fault(int fd)
{
    int type = 0;
    socklen_t length = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0)
        return errno == EBADF ? "it is not open" : "it is no socket";
    if (type != SOCK_STREAM)
        return "it is no stream socket; a socket unit gives one by ListenStream=";
    if (!is_of_known_family(fd))
        return "it is neither a socket of IPv4 or IPv6 nor a unix socket";
    return is_listening(fd) ? NULL
                            : "it does not listen; if it is a connection, the socket unit"
                              " wants Accept=no";
}

static bool prepare(const struct inherited_socket *socket, char fault[INHERITED_FAULT_SIZE])
{
    const char *cause = find_fault(socket->fd);
    if (cause == NULL) {
        int flags = fcntl(socket->fd, F_GETFL);
        fcntl(socket->fd, F_SETFD, FD_CLOEXEC);
        if (flags < 0 || fcntl(socket->fd, F_SETFL, flags | O_NONBLOCK) < 0)
            cause = strerror(errno);
    }
    if (cause != NULL)
        snprintf(fault, INHERITED_FAULT_SIZE, "descriptor %d%s%.100s of $LISTEN_FDS: %s",
                 socket->fd, *socket->name != '\0' ? ", " : "", socket->name, cause);
    return cause == NULL;
}

bool inherited_take(struct inherited *inherited, char fault[INHERITED_FAULT_SIZE])
{
    *inherited = (struct inherited){.count = 0};
    bool taken = !is_meant() || (count_sockets(inherited, fault) && name_sockets(inherited, fault));
    for (size_t i = 0; i < inherited->count && taken; i++)
        taken = prepare(&inherited->sockets[i], fault);
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return taken;
}

void inherited_free(struct inherited *inherited)
{
    free(inherited->names);
    *inherited = (struct inherited){.count = 0};
}
