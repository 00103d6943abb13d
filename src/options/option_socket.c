#include "base/platform.h"

#include "options/option_socket.h"
#include "options/scheme.h"

#include <stdio.h>
#include <string.h>

/* What stands for the address of a socket that has been opened. */
static const char address[] = "a socket of the service manager";

/* Whether nobody has given the socket a name: systemd calls it like its unit then. */
static bool is_unnamed(const char *name)
{
    static const char suffix[] = ".socket";
    size_t length = strlen(name);
    return length == 0 || strcmp(name, "unknown") == 0 ||
           (length >= strlen(suffix) && strcmp(name + length - strlen(suffix), suffix) == 0);
}

/*
 * A wrong name is not taken for lines: at a socket that was meant to speak TLS that would be
 * noticed by nobody.
 */
static bool add(struct options *options, const struct inherited_socket *socket,
                char cause[OPTION_CAUSE_SIZE])
{
    struct entrance entrance;
    if (!scheme_read(is_unnamed(socket->name) ? "lines" : socket->name, &entrance)) {
        snprintf(cause, OPTION_CAUSE_SIZE,
                 "descriptor %d of $LISTEN_FDS: its name '%.255s' (FileDescriptorName= of the"
                 " socket unit) is no scheme: want " SCHEME_FORMS,
                 socket->fd, socket->name);
        return false;
    }
    return option_value_add_address(
        &options->addresses,
        &(struct option_address){
            .server = {.address = address, .entrance = entrance, .fd = socket->fd}},
        cause);
}

bool option_socket_add(struct options *options, const struct inherited *inherited,
                       char cause[OPTION_CAUSE_SIZE])
{
    for (size_t i = 0; i < inherited->count; i++)
        if (!add(options, &inherited->sockets[i], cause))
            return false;
    return true;
}
