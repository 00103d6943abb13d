#include "base/platform.h"

#include "base/number.h"
#include "cluster/servers.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_MAX = 150 }; /* bytes of what is wrong */

/* A part of the list. */
struct part {
    const char *begin, *end;
};

struct server {
    struct part scheme; /* with its "://"; empty: none */
    struct part host;   /* with its brackets */
    struct part port;   /* with its ':'; empty: none */
};

static size_t length_of(struct part part)
{
    return (size_t)(part.end - part.begin);
}

static bool is(struct part part, const char *text)
{
    return length_of(part) == strlen(text) && memcmp(part.begin, text, strlen(text)) == 0;
}

/* Whether a part has one of these bytes. */
static bool has_any(struct part part, const char *bytes)
{
    return strcspn(part.begin, bytes) < length_of(part);
}

/* Returns the last such byte of a part, or NULL. */
static const char *find_last(struct part part, char byte)
{
    while (part.end > part.begin)
        if (*--part.end == byte)
            return part.end;
    return NULL;
}

static struct part strip(struct part part)
{
    while (part.begin < part.end && (*part.begin == ' ' || *part.begin == '\t'))
        part.begin++;
    while (part.begin < part.end && (part.end[-1] == ' ' || part.end[-1] == '\t'))
        part.end--;
    return part;
}

/* Takes the scheme, and whoever stands before the host, from the beginning of `rest`. */
static void take_scheme(struct server *server, struct part *rest)
{
    static const char mark[] = "://";
    const char *end = strstr(rest->begin, mark);
    bool given = end != NULL && end < rest->end;
    server->scheme = (struct part){rest->begin, given ? end + strlen(mark) : rest->begin};
    rest->begin = server->scheme.end;
    const char *at = find_last(*rest, '@');
    if (at != NULL)
        rest->begin = at + 1;
}

static struct server split(struct part rest)
{
    struct server server;
    take_scheme(&server, &rest);
    const char *bracket = rest.begin < rest.end && *rest.begin == '[' ? find_last(rest, ']') : NULL;
    struct part behind = {bracket != NULL ? bracket + 1 : rest.begin, rest.end};
    const char *colon = find_last(behind, ':');
    server.host = (struct part){rest.begin, colon != NULL ? colon : rest.end};
    server.port = (struct part){server.host.end, rest.end};
    return server;
}

/* Whether a port, with its ':', is one. What is behind a '/' the library ignores. */
static bool is_port(struct part port)
{
    char digits[8];
    uint64_t number;
    size_t length = strcspn(port.begin + 1, "/");
    if (length > length_of(port) - 1)
        length = length_of(port) - 1;
    if (length >= sizeof digits)
        return false;
    memcpy(digits, port.begin + 1, length);
    digits[length] = '\0';
    return number_parse(digits, 1, 65535, &number);
}

/* Returns what is wrong with a server, as a clause, or NULL. */
static const char *find_fault(const struct server *server)
{
    struct part host = server->host;
    bool bracketed = length_of(host) > 2 && *host.begin == '[' && host.end[-1] == ']';
    if (length_of(server->scheme) > 0 && !is(server->scheme, "nats://") &&
        !is(server->scheme, "tls://"))
        return "its scheme is neither nats:// nor tls://";
    if (length_of(host) == 0)
        return "its host is missing";
    if (!bracketed && has_any(host, ":[]"))
        return "its host is none; an IPv6 address wants brackets: [::1]:4222";
    if (has_any(host, " \t/"))
        return "its host has a blank or a '/'";
    if (length_of(server->port) > 0 && !is_port(server->port))
        return "its port is no number from 1 to 65535";
    return NULL;
}

/* Of a host nothing is shown from a ':' on, where a password could be, but for an IPv6 address. */
static struct part shown_of(struct part host)
{
    if (length_of(host) > 0 && *host.begin != '[' && has_any(host, ":"))
        host.end = host.begin + strcspn(host.begin, ":");
    return host;
}

static int at_most(size_t length, size_t most)
{
    return (int)(length < most ? length : most);
}

/* Writes where the fault is: a host could be the end of a password that has a comma. */
static void tell(const char *list, unsigned place, const struct server *server, const char *cause,
                 char fault[SERVERS_FAULT_SIZE])
{
    struct part host = shown_of(server->host);
    if (strchr(list, '@') != NULL)
        snprintf(fault, SERVERS_FAULT_SIZE, "server %u of the list: %s", place, cause);
    else
        snprintf(fault, SERVERS_FAULT_SIZE, "server %u of the list, '%.*s%.*s': %s", place,
                 at_most(length_of(server->scheme), SHOWN_MAX), server->scheme.begin,
                 at_most(length_of(host), SHOWN_MAX), host.begin, cause);
}

bool servers_check(const char *list, char fault[SERVERS_FAULT_SIZE])
{
    const char *begin = list;
    for (unsigned place = 1; place <= SERVERS_MAX; place++) {
        const char *end = begin + strcspn(begin, ",");
        struct server server = split(strip((struct part){begin, end}));
        const char *cause = find_fault(&server);
        if (cause != NULL)
            tell(list, place, &server, cause, fault);
        if (cause != NULL || *end == '\0')
            return cause == NULL;
        begin = end + 1;
    }
    snprintf(fault, SERVERS_FAULT_SIZE, "the list has more than %d servers", SERVERS_MAX);
    return false;
}
