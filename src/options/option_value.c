#include "base/platform.h"

#include "base/clock.h"
#include "base/number.h"
#include "chat/name.h"
#include "cluster/node.h"
#include "cluster/servers.h"
#include "cluster/stream_name.h"
#include "doors/machine/machine.h"
#include "doors/metrics/metrics.h"
#include "doors/plain/plain.h"
#include "net/listener.h"
#include "net/socket_path.h"
#include "options/option_value.h"
#include "options/scheme.h"
#include "store/store.h"
#include "tls/tls.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writes the cause. Returns false. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static bool
refuse(char cause[OPTION_CAUSE_SIZE], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(cause, OPTION_CAUSE_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

/*
 * Lists.
 */

/* Returns a list with room for one item more, and frees the old one; NULL when memory is out. */
static void *lengthen(void *items, size_t count, size_t size, char cause[OPTION_CAUSE_SIZE])
{
    void *longer = realloc(items, (count + 1) * size);
    if (longer == NULL)
        refuse(cause, "out of memory");
    return longer;
}

static bool check_tls(char cause[OPTION_CAUSE_SIZE])
{
    return tls_is_available() ||
           refuse(cause, "this build lacks OpenSSL; install it (Debian: libssl-dev; Fedora:"
                         " openssl-devel; Alpine: openssl-dev) with pkg-config, and build again");
}

bool option_value_add_address(struct option_addresses *addresses,
                              const struct option_address *address, char cause[OPTION_CAUSE_SIZE])
{
    if (address->server.entrance.tls && !check_tls(cause))
        return false;
    struct option_address *items =
        lengthen(addresses->items, addresses->count, sizeof *items, cause);
    if (items == NULL)
        return false;
    items[addresses->count++] = *address;
    addresses->items = items;
    return true;
}

/* Returns the address that is the same, as it was given; NULL if there is none. */
static const char *find_same(const struct option_addresses *addresses, const char *address)
{
    for (size_t i = 0; i < addresses->count; i++)
        if (listener_address_is_same(addresses->items[i].server.address, address))
            return addresses->items[i].server.address;
    return NULL;
}

/*
 * Two of one address are told of here, since the second one could not be opened: that would look as
 * if another program had it.
 */
static bool check_address(const struct options *options, const char *address,
                          char cause[OPTION_CAUSE_SIZE])
{
    if (!listener_address_is_valid(address))
        return refuse(cause, "'%s' is not " LISTENER_FORMS, address);
    const char *path = listener_address_path(address);
    if (path != NULL && strlen(path) > SOCKET_PATH_MAX)
        return refuse(cause, "'%s' is too long: the path of a unix socket has %d bytes at most",
                      address, (int)SOCKET_PATH_MAX);
    const char *same = find_same(&options->addresses, address);
    if (same == NULL)
        same = find_same(&options->metrics, address);
    return same == NULL ||
           refuse(cause, "'%s' is given already, as '%s'; each needs a port or a path of its own",
                  address, same);
}

static bool add_address(struct options *options, const struct option_row *row, const char *address,
                        const struct entrance *entrance, char cause[OPTION_CAUSE_SIZE])
{
    const struct option_address given = {.server = {.address = address, .entrance = *entrance},
                                         .name = row->name};
    struct option_addresses *addresses = (void *)((char *)options + row->place);
    return check_address(options, address, cause) &&
           option_value_add_address(addresses, &given, cause);
}

static bool add_address_with_scheme(struct options *options, const struct option_row *row,
                                    const char *text, char cause[OPTION_CAUSE_SIZE])
{
    struct entrance entrance;
    const char *address;
    if (!scheme_split(text, &entrance, &address))
        return refuse(cause, "'%s' begins with another scheme than " SCHEME_FORMS, text);
    return add_address(options, row, address, &entrance, cause);
}

static bool add_name(struct option_names *names, const char *name, char cause[OPTION_CAUSE_SIZE])
{
    const char *fault = name_fault(name, strlen(name));
    if (fault != NULL)
        return refuse(cause, "'%s' is no name: %s", name, fault);
    const char **items = lengthen(names->items, names->count, sizeof *items, cause);
    if (items == NULL)
        return false;
    items[names->count++] = name;
    names->items = items;
    return true;
}

/*
 * Numbers and texts.
 */

static bool refuse_number(const struct option_row *row, const char *value,
                          char cause[OPTION_CAUSE_SIZE])
{
    const char *unit = row->kind == OPTION_SECONDS ? "a whole number of seconds"
                       : row->kind == OPTION_SPAN  ? "a number of seconds"
                                                   : row->unit;
    return refuse(cause, "'%s' is not %s from %" PRIu64 " to %" PRIu64, value, unit, row->low,
                  row->high);
}

static bool read_seconds(int64_t *nanoseconds, const struct option_row *row, const char *value)
{
    uint64_t seconds;
    if (!number_parse(value, row->low, row->high, &seconds))
        return false;
    *nanoseconds = (int64_t)seconds * CLOCK_SECOND;
    return true;
}

static bool read_text(const char **place, const char *value, const char *noun,
                      char cause[OPTION_CAUSE_SIZE])
{
    if (*value == '\0')
        return refuse(cause, "the %s is empty", noun);
    *place = value;
    return true;
}

static bool check_nats(char cause[OPTION_CAUSE_SIZE])
{
    return node_is_available() ||
           refuse(cause, "this build lacks NATS; install libnats (Debian: libnats-dev; Homebrew:"
                         " cnats) with pkg-config, and build again");
}

/* A mistake in the list is told by every build. */
static bool read_servers(const char **place, const char *value, char cause[OPTION_CAUSE_SIZE])
{
    char fault[SERVERS_FAULT_SIZE];
    if (!servers_check(value, fault))
        return refuse(cause, "%s", fault);
    if (!check_nats(cause))
        return false;
    *place = value;
    return true;
}

static bool read_stream(const char **place, const char *value, char cause[OPTION_CAUSE_SIZE])
{
    if (!stream_name_is_allowed(value))
        return refuse(cause, "'%s' is not " STREAM_NAME_FORM, value);
    *place = value;
    return true;
}

static bool check_store(char cause[OPTION_CAUSE_SIZE])
{
    return store_is_available() ||
           refuse(cause,
                  "this build lacks SQLite; install it (Debian: libsqlite3-dev libcrypt-dev;"
                  " Fedora: sqlite-devel libxcrypt-devel; Alpine: sqlite-dev) with pkg-config, and"
                  " build again");
}

bool option_value_read(struct options *options, const struct option_row *row, const char *value,
                       char cause[OPTION_CAUSE_SIZE])
{
    void *place = (char *)options + row->place;
    switch (row->kind) {
    case OPTION_ADDRESS:
        return add_address_with_scheme(options, row, value, cause);
    case OPTION_TELNET_ADDRESS:
        return add_address(options, row, value, &(struct entrance){.door = &plain_telnet_door},
                           cause);
    case OPTION_MACHINE_ADDRESS:
        return add_address(options, row, value, &(struct entrance){.door = &machine_door}, cause);
    case OPTION_METRICS_ADDRESS:
        return add_address(options, row, value, &(struct entrance){.door = &metrics_door}, cause);
    case OPTION_WHOLE:
        return number_parse(value, row->low, row->high, place) || refuse_number(row, value, cause);
    case OPTION_SECONDS:
        return read_seconds(place, row, value) || refuse_number(row, value, cause);
    case OPTION_SPAN:
        return number_parse_seconds(value, row->high, place) || refuse_number(row, value, cause);
    case OPTION_PATH:
        return read_text(place, value, "path", cause);
    case OPTION_WORD:
        return read_text(place, value, "value", cause);
    case OPTION_SERVERS:
        return read_servers(place, value, cause);
    case OPTION_STREAM:
        return read_stream(place, value, cause);
    case OPTION_DATA:
        return check_store(cause) && read_text(place, value, "path", cause);
    case OPTION_TLS:
        return check_tls(cause) && read_text(place, value, "path", cause);
    case OPTION_NAME:
        return add_name(place, value, cause);
    case OPTION_SET:
    case OPTION_CLEAR:
        *(bool *)place = row->kind == OPTION_SET;
        return true;
    }
    return false;
}

/*
 * Writing.
 */

/* NULL is none; what is called so is quoted. */
static bool write_text(const char *text, struct buffer *out)
{
    if (text != NULL && strcmp(text, "none") == 0)
        text = "'none'";
    return buffer_append_string(out, text != NULL ? text : "none");
}

/* "telnet+tls://[::1]:992"; without the scheme where the option says what is spoken there. */
static bool write_address(const struct server_address *address, bool scheme, struct buffer *out)
{
    char name[ENTRANCE_NAME_SIZE];
    return (!scheme || (buffer_append_string(out, entrance_name(&address->entrance, name)) &&
                        buffer_append_string(out, "://"))) &&
           buffer_append_string(out, address->address);
}

static bool write_addresses(const struct option_addresses *addresses, bool schemes,
                            struct buffer *out)
{
    bool whole = addresses->count > 0 || write_text(NULL, out);
    for (size_t i = 0; i < addresses->count && whole; i++)
        whole = buffer_append_string(out, i > 0 ? ", " : "") &&
                write_address(&addresses->items[i].server, schemes, out);
    return whole;
}

/* A number that nobody can give is none. */
static bool write_number(const struct option_row *row, uint64_t number, struct buffer *out)
{
    return number < row->low ? write_text(NULL, out) : buffer_format(out, "%" PRIu64, number);
}

static bool write_names(const struct option_names *names, struct buffer *out)
{
    bool whole = names->count > 0 || write_text(NULL, out);
    for (size_t i = 0; i < names->count && whole; i++)
        whole = buffer_append_string(out, i > 0 ? ", " : "") && write_text(names->items[i], out);
    return whole;
}

/* Seconds, without the zeros at the end of a fraction. */
static bool write_span(int64_t nanoseconds, struct buffer *out)
{
    char text[48];
    int length = snprintf(text, sizeof text, "%" PRId64 ".%09" PRId64, nanoseconds / CLOCK_SECOND,
                          nanoseconds % CLOCK_SECOND);
    while (text[length - 1] == '0')
        length--;
    length -= text[length - 1] == '.';
    return buffer_append(out, text, (size_t)length);
}

bool option_value_write(const struct options *options, const struct option_row *row,
                        struct buffer *out)
{
    const void *place = (const char *)options + row->place;
    switch (row->kind) {
    case OPTION_ADDRESS:
    case OPTION_TELNET_ADDRESS:
    case OPTION_MACHINE_ADDRESS:
        return write_addresses(place, true, out);
    case OPTION_METRICS_ADDRESS:
        return write_addresses(place, false, out);
    case OPTION_WHOLE:
        return write_number(row, *(const uint64_t *)place, out);
    case OPTION_SECONDS:
    case OPTION_SPAN:
        return write_span(*(const int64_t *)place, out);
    case OPTION_PATH:
    case OPTION_WORD:
    case OPTION_SERVERS:
    case OPTION_STREAM:
    case OPTION_DATA:
    case OPTION_TLS:
        return write_text(*(const char *const *)place, out);
    case OPTION_NAME:
        return write_names(place, out);
    case OPTION_SET:
    case OPTION_CLEAR:
        return buffer_append_string(out, *(const bool *)place == (row->kind == OPTION_SET) ? "on"
                                                                                           : "off");
    }
    return false;
}
