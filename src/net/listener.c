#include "base/platform.h"

#include "net/listener.h"
#include "net/socket_path.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define UNIX_PREFIX "unix:"

enum {
    PORT_TRIES = 16,         /* to find a port that is free for IPv4 and IPv6 */
    PORT_OF_EVERYBODY = 1024 /* and above: those below may take root */
};

/* The host and port of an address. */
struct place {
    char host[256]; /* "": all addresses */
    char port[32];
    bool every;
};

/* Writes errno's text to `error`; returns -1. */
static int fail(char error[LISTENER_ERROR_BYTES])
{
    snprintf(error, LISTENER_ERROR_BYTES, "%s", strerror(errno));
    return -1;
}

static int fail_with(char error[LISTENER_ERROR_BYTES], const char *cause)
{
    snprintf(error, LISTENER_ERROR_BYTES, "%s", cause);
    return -1;
}

static int add(struct listeners *listeners, int fd, int family, const char *name)
{
    struct listener *items =
        realloc(listeners->items, (listeners->count + 1) * sizeof *listeners->items);
    if (items == NULL)
        return -1;
    listeners->items = items;
    struct listener *item = &items[listeners->count++];
    *item = (struct listener){.fd = fd, .family = family};
    snprintf(item->name, sizeof item->name, "%s", name);
    return 0;
}

/* Closes the sockets behind the first `count`. */
static void close_behind(struct listeners *listeners, size_t count)
{
    while (listeners->count > count) {
        struct listener *item = &listeners->items[--listeners->count];
        if (item->path != NULL)
            socket_path_release(item->path);
        close(item->fd);
    }
}

void listeners_close(struct listeners *listeners)
{
    close_behind(listeners, 0);
    free(listeners->items);
    *listeners = (struct listeners){0};
}

static int open_socket(int family)
{
    int fd = socket(family, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static int start_listening(int fd, const struct sockaddr *address, socklen_t length)
{
    if (bind(fd, address, length) < 0)
        return -1;
    return listen(fd, SOMAXCONN);
}

/*
 * unix:PATH
 */

static int open_unix(struct listeners *listeners, const char *name,
                     char error[LISTENER_ERROR_BYTES])
{
    int fd = open_socket(AF_UNIX);
    if (fd < 0)
        return fail(error);
    struct socket_path *path =
        socket_path_bind(name + strlen(UNIX_PREFIX), fd, error, LISTENER_ERROR_BYTES);
    if (path != NULL) {
        if (listen(fd, SOMAXCONN) == 0 && add(listeners, fd, AF_UNIX, name) == 0) {
            listeners->items[listeners->count - 1].path = path;
            return 0;
        }
        fail(error);
        socket_path_release(path);
    }
    close(fd);
    return -1;
}

/*
 * HOST:PORT
 */

static int parse(const char *address, struct place *place)
{
    const char *host = address;
    const char *colon = strrchr(address, ':');
    size_t host_length = colon != NULL ? (size_t)(colon - address) : 0;
    const char *port = colon != NULL ? colon + 1 : address;
    bool bracketed = host_length >= 2 && host[0] == '[' && host[host_length - 1] == ']';
    if (bracketed) {
        host++;
        host_length -= 2;
    } else if (memchr(host, ':', host_length) != NULL) {
        return -1; /* an IPv6 address needs brackets, to separate its port from its last part */
    }
    if (colon == NULL) {
        host = "127.0.0.1";
        host_length = strlen(host);
    }
    if (host_length == 0 || host_length >= sizeof place->host || *port == '\0' ||
        strlen(port) >= sizeof place->port)
        return -1;
    memcpy(place->host, host, host_length);
    place->host[host_length] = '\0';
    snprintf(place->port, sizeof place->port, "%s", port);
    place->every = !bracketed && strcmp(place->host, "*") == 0;
    char *rest;
    errno = 0;
    unsigned long number = strtoul(port, &rest, 10);
    return *port >= '0' && *port <= '9' && *rest == '\0' && errno == 0 && number <= 65535 ? 0 : -1;
}

static void name_socket(int fd, char name[LISTENER_NAME_BYTES])
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;
    char host[96] = "?";
    char port[16] = "?";
    getsockname(fd, (struct sockaddr *)&address, &length);
    getnameinfo((struct sockaddr *)&address, length, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    bool v6 = address.ss_family == AF_INET6;
    snprintf(name, LISTENER_NAME_BYTES, v6 ? "[%s]:%s" : "%s:%s", host, port);
}

static int open_one(struct listeners *listeners, const struct addrinfo *info)
{
    int fd = open_socket(info->ai_family);
    if (fd < 0)
        return -1;
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    /* Each family gets its own socket, since not every system lets one socket serve both. */
    if (info->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    char name[LISTENER_NAME_BYTES];
    if (start_listening(fd, info->ai_addr, info->ai_addrlen) == 0) {
        name_socket(fd, name);
        if (add(listeners, fd, info->ai_family, name) == 0)
            return 0;
    }
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

/* Whether an error says that this machine lacks the family or the address. */
static bool is_absent(int error)
{
    return error == EAFNOSUPPORT || error == EADDRNOTAVAIL || error == EPROTONOSUPPORT;
}

/* Writes the text of the error with which a port could not be had, and what to do. Returns -1. */
static int fail_for_port(int failure, const char *port, char error[LISTENER_ERROR_BYTES])
{
    const char *advice = "";
    if (failure == EADDRINUSE)
        advice = "; another program listens there: end it, or choose another port";
    else if (failure == EACCES && strtoul(port, NULL, 10) < PORT_OF_EVERYBODY)
        advice = "; a port below 1024 takes root, or CAP_NET_BIND_SERVICE: choose another one";
    snprintf(error, LISTENER_ERROR_BYTES, "%s%s", strerror(failure), advice);
    return -1;
}

static int open_all(struct listeners *listeners, const struct place *place,
                    char error[LISTENER_ERROR_BYTES])
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *first;
    int code = getaddrinfo(place->every ? NULL : place->host, place->port, &hints, &first);
    if (code != 0)
        return fail_with(error, code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
    size_t before = listeners->count;
    int failure = 0;
    for (const struct addrinfo *info = first; info != NULL && failure == 0; info = info->ai_next) {
        if (open_one(listeners, info) < 0 && (!is_absent(errno) || info->ai_next == NULL))
            failure = errno;
    }
    freeaddrinfo(first);
    if (failure == 0 || (is_absent(failure) && listeners->count > before))
        return 0;
    close_behind(listeners, before);
    return fail_for_port(failure, place->port, error);
}

/*
 * For "*:0": the sockets of both families need one port. Finds a port that is free for IPv4 and
 * tries it for both.
 */
static int open_every_free(struct listeners *listeners, const struct place *place,
                           char error[LISTENER_ERROR_BYTES])
{
    size_t before = listeners->count;
    for (int i = 0; i < PORT_TRIES; i++) {
        struct place probe = *place;
        struct place chosen = *place;
        probe.every = false;
        snprintf(probe.host, sizeof probe.host, "0.0.0.0");
        if (open_all(listeners, &probe, error) < 0)
            return -1;
        const char *port = strrchr(listeners->items[before].name, ':') + 1;
        snprintf(chosen.port, sizeof chosen.port, "%s", port);
        close_behind(listeners, before);
        if (open_all(listeners, &chosen, error) == 0)
            return 0;
    }
    return -1;
}

static bool is_unix(const char *address)
{
    return strncmp(address, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0;
}

bool listener_address_is_valid(const char *address)
{
    struct place place;
    return is_unix(address) ? strlen(address) > strlen(UNIX_PREFIX) : parse(address, &place) == 0;
}

bool listener_address_is_same(const char *address, const char *other)
{
    struct place place, other_place;
    if (is_unix(address) || is_unix(other))
        return strcmp(address, other) == 0;
    if (parse(address, &place) < 0 || parse(other, &other_place) < 0)
        return false;
    unsigned long port = strtoul(place.port, NULL, 10);
    return port != 0 && port == strtoul(other_place.port, NULL, 10) &&
           place.every == other_place.every && strcasecmp(place.host, other_place.host) == 0;
}

const char *listener_address_path(const char *address)
{
    return is_unix(address) ? address + strlen(UNIX_PREFIX) : NULL;
}

/* Does what listeners_open() does, but leaves the entrance unset. */
static int open_address(struct listeners *listeners, const char *address,
                        char error[LISTENER_ERROR_BYTES])
{
    struct place place;
    if (is_unix(address))
        return open_unix(listeners, address, error);
    if (parse(address, &place) < 0)
        return fail_with(error, "not an address: want " LISTENER_FORMS);
    if (place.every && strtoul(place.port, NULL, 10) == 0)
        return open_every_free(listeners, &place, error);
    return open_all(listeners, &place, error);
}

int listeners_open(struct listeners *listeners, const char *address,
                   const struct entrance *entrance, char error[LISTENER_ERROR_BYTES])
{
    size_t before = listeners->count;
    int result = open_address(listeners, address, error);
    for (size_t i = before; i < listeners->count; i++)
        listeners->items[i].entrance = *entrance;
    return result;
}

/*
 * Sockets of others
 */

static void name_unix(const struct sockaddr_un *address, socklen_t length,
                      char name[LISTENER_NAME_BYTES])
{
    size_t head = offsetof(struct sockaddr_un, sun_path);
    size_t size = length > head ? length - head : 0;
    bool abstract = size > 0 && address->sun_path[0] == '\0';
    snprintf(name, LISTENER_NAME_BYTES, UNIX_PREFIX "%s%.*s", abstract ? "@" : "",
             (int)(size - abstract), address->sun_path + abstract);
}

int listeners_adopt(struct listeners *listeners, int fd, const struct entrance *entrance,
                    char error[LISTENER_ERROR_BYTES])
{
    union {
        struct sockaddr_storage any;
        struct sockaddr_un path;
    } address = {.any = {0}};
    socklen_t length = sizeof address;
    char name[LISTENER_NAME_BYTES];
    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        return fail(error);
    if (address.any.ss_family == AF_UNIX)
        name_unix(&address.path, length, name);
    else
        name_socket(fd, name);
    if (add(listeners, fd, address.any.ss_family, name) < 0)
        return fail(error);
    listeners->items[listeners->count - 1].entrance = *entrance;
    return 0;
}
