#include "base/platform.h"

#include "chat/accounts.h"
#include "chat/chat.h"
#include "chat/lockdown.h"
#include "options/option_files.h"
#include "options/option_reading.h"
#include "options/option_row.h"
#include "options/option_value.h"
#include "reload.h"
#include "settings.h"

#include <stdlib.h>
#include <string.h>

static struct event_log *log_of(const struct reload *reload)
{
    return reload->door->chat->event_log;
}

/* Those that hold, as far as they can change: what was read last. */
static const struct options *former_of(const struct reload *reload)
{
    return reload->now.addresses.count > 0 ? &reload->now : reload->started;
}

/*
 * What holds.
 */

/*
 * Keeps whether an option was taken as it was just read. If not, the value that holds is kept as
 * well, however often that fails.
 */
static void settle(struct reload *reload, const char *name, bool taken)
{
    const struct option_row *row = option_row_find(name);
    size_t index = option_row_index(row);
    struct buffer *held = &reload->held[index];
    reload->stays[index] = !taken;
    if (!taken && buffer_length(held) == 0 && !option_value_write(former_of(reload), row, held))
        buffer_free(held);
}

/* Appends the value that holds. Returns false when memory is out. */
static bool write_held(const struct reload *reload, const struct option_row *row,
                       struct buffer *out)
{
    const struct buffer *held = &reload->held[option_row_index(row)];
    return buffer_length(held) > 0 ? buffer_append(out, buffer_bytes(held), buffer_length(held))
                                   : option_value_write(former_of(reload), row, out);
}

/*
 * What is read again.
 */

static void refuse(void *context, const struct option_fault *fault)
{
    const struct reload *reload = context;
    struct event_log *event_log = log_of(reload);
    char text[OPTION_FAULT_SIZE];
    event_log_print(event_log, EVENT_LOG_EVENT, "The settings stay as they are: %s",
                    option_fault_write(fault, text));
}

/* What is read again has the path of the option that it came from. */
static void say_unread(const struct reload *reload, const char *option, const char *cause)
{
    struct event_log *event_log = log_of(reload);
    event_log_print(event_log, EVENT_LOG_EVENT,
                    "Cannot read the file of %s again: %s. What was read before stays.", option,
                    cause);
}

/* An option_report, of what was read all the same. */
static void doubt(void *context, const struct option_fault *fault)
{
    char text[OPTION_FAULT_SIZE];
    event_log_print(context, EVENT_LOG_EVENT, "See to the files of TLS: %s",
                    option_fault_write(fault, text));
}

/* Logs all that is wrong with the files of TLS. */
static void say_unread_tls(struct event_log *event_log, const struct tls_reading *reading)
{
    for (int file = TLS_NO_FILE; file < TLS_FILES; file++)
        if (*reading->faults[file] != '\0')
            event_log_print(event_log, EVENT_LOG_EVENT,
                            "Cannot read the files of TLS again: %s. What was read before stays.",
                            reading->faults[file]);
}

/* Returns whether the files of TLS were read again. */
static bool read_tls(const struct reload *reload, const struct options *options)
{
    struct tls_reading reading;
    struct event_log *event_log = log_of(reload);
    const struct tls_config config = settings_for_tls(options);
    if (reload->tls == NULL || config.certificate == NULL)
        return false;
    bool read = tls_reload(reload->tls, &config, &reading);
    if (read)
        event_log_print(event_log, EVENT_LOG_EVENT, "The files of TLS were read again");
    else
        say_unread_tls(event_log, &reading);
    memset(reading.faults, 0, sizeof reading.faults); /* which were told, or there are none */
    option_files_tell_of_tls(options, &reading, doubt, event_log);
    return read;
}

static void reload_tls(struct reload *reload, const struct options *options)
{
    bool taken = read_tls(reload, options);
    settle(reload, "tls-cert", taken);
    settle(reload, "tls-key", taken);
    settle(reload, "tls-client-ca", taken);
}

static void reload_files(struct reload *reload, const struct options *options)
{
    const struct plain *door = reload->door;
    char cause[FILE_CAUSE_SIZE];
    int error = motd_reload(door->motd, options->motd_path);
    if (error != 0)
        say_unread(reload, "--motd", file_explain(error, MOTD_BYTES_MAX, cause));
    settle(reload, "motd", error == 0);
    error = password_reload(door->password, options->password_path);
    if (error != 0)
        say_unread(reload, "--password-file", password_explain(error, cause));
    settle(reload, "password-file", error == 0);
    reload_tls(reload, options);
}

/*
 * What has changed.
 */

/* Whether the server started with what an option needs: that itself does not change. */
static bool has_ground(const struct reload *reload, const struct option_row *row)
{
    return (row->needs != OPTION_NEEDS_ACCOUNTS || reload->door->chat->accounts != NULL) &&
           (row->needs != OPTION_NEEDS_TLS || reload->tls != NULL);
}

/* Whether an option can change now. */
static bool is_live(const struct reload *reload, const struct option_row *row)
{
    return has_ground(reload, row) &&
           (row->life == OPTION_LIVE ||
            (row->life == OPTION_LIVE_ALONE && reload->started->cluster == NULL));
}

/* Whether two values, if they were written, are the same. Frees them. */
static bool are_same(bool written, struct buffer *one, struct buffer *other)
{
    bool same = written && buffer_length(one) == buffer_length(other) &&
                memcmp(buffer_bytes(one), buffer_bytes(other), buffer_length(one)) == 0;
    buffer_free(one);
    buffer_free(other);
    return same;
}

/* Whether a value is the same in both options. */
static bool is_same(const struct option_row *row, const struct options *one,
                    const struct options *other)
{
    struct buffer left = {0};
    struct buffer right = {0};
    bool written = option_value_write(one, row, &left) && option_value_write(other, row, &right);
    return are_same(written, &left, &right);
}

/* Whether a value in the options is the one that holds. */
static bool is_held(const struct reload *reload, const struct option_row *row,
                    const struct options *options)
{
    struct buffer left = {0};
    struct buffer right = {0};
    bool written = write_held(reload, row, &left) && option_value_write(options, row, &right);
    return are_same(written, &left, &right);
}

/* Logs that another value holds, or would after a restart. */
static void say_change(const struct reload *reload, const struct option_row *row,
                       const struct options *options)
{
    struct event_log *event_log = log_of(reload);
    struct buffer values = {0};
    bool live = is_live(reload, row);
    bool whole = (live ? write_held(reload, row, &values)
                       : option_value_write(reload->started, row, &values)) &&
                 buffer_append_string(&values, " -> ") &&
                 option_value_write(options, row, &values) && buffer_append(&values, "", 1);
    const char *text = row->secret ? "(not shown)"
                       : whole     ? buffer_bytes(&values)
                                   : "out of memory";
    if (live)
        event_log_print(event_log, EVENT_LOG_EVENT, "The setting %s has changed: %s", row->name,
                        text);
    else
        event_log_print(event_log, EVENT_LOG_EVENT, "The setting %s takes a restart: %s", row->name,
                        text);
    buffer_free(&values);
}

/* Tells of an option if another value holds than before; one that was not taken does not. */
static void say_taken(struct reload *reload, const struct option_row *row,
                      const struct options *options)
{
    size_t index = option_row_index(row);
    if (reload->stays[index])
        return;
    if (!is_held(reload, row, options))
        say_change(reload, row, options);
    buffer_free(&reload->held[index]);
}

/* Whether a change of this option is told of: all addresses are by the first of their options. */
static bool is_told(const struct option_row *row)
{
    return option_row_is_for_files(row) && row->kind != OPTION_TELNET_ADDRESS &&
           row->kind != OPTION_MACHINE_ADDRESS;
}

/*
 * Logs what is different from before, but for the log (change_log()). What takes a restart is told
 * once: not again while it stays what it was at the last reading, nor when it is what the server
 * started with again.
 */
static void say_changes(struct reload *reload, const struct options *options)
{
    const struct option_row *log = option_row_find("log");
    const struct option_row *row;
    for (size_t i = 0; (row = option_row_at(i)) != NULL; i++) {
        if (!is_told(row) || row == log)
            continue;
        if (is_live(reload, row))
            say_taken(reload, row, options);
        else if (!is_same(row, former_of(reload), options) &&
                 !is_same(row, reload->started, options))
            say_change(reload, row, options);
    }
}

/*
 * What holds from now on.
 */

static bool has_changed(const struct reload *reload, const char *name,
                        const struct options *options)
{
    const struct option_row *row = option_row_find(name);
    return is_live(reload, row) && !is_held(reload, row, options);
}

/* Makes who is here with a name that was or is an operator's what its account is now. */
static void follow_operators(struct chat *chat, const char *former,
                             const struct option_names *names)
{
    for (; *former != '\0'; former += strlen(former) + 1)
        account_follow_operator(chat, former);
    for (size_t i = 0; i < names->count; i++) {
        account_follow_operator(chat, names->items[i]);
        account_report_operator(chat, names->items[i]);
    }
}

/* In a cluster it holds from the next login on, as accounts can be far away. */
static void change_operators(struct reload *reload, const struct options *options)
{
    struct chat *chat = reload->door->chat;
    const struct option_names *names = &options->operators;
    char *former;
    bool taken = operators_set(&chat->operators, names->items, names->count, &former);
    settle(reload, "operator", taken);
    if (!taken) {
        event_log_print(log_of(reload), EVENT_LOG_EVENT,
                        "Cannot change the operators: out of memory. They stay who they are.");
        return;
    }
    if (chat->ordering == NULL)
        follow_operators(chat, former, names);
    free(former);
}

/* A file that stays is opened anew. All that is told of this reading stands in a new one. */
static void change_log(struct reload *reload, const struct options *options)
{
    struct event_log *event_log = log_of(reload);
    bool moves = has_changed(reload, "log", options);
    int error = moves ? event_log_move(event_log, options->log_path) : 0;
    if (error != 0 || !moves)
        event_log_reopen(event_log);
    settle(reload, "log", error == 0);
    if (error != 0)
        event_log_print(event_log, EVENT_LOG_EVENT,
                        "Cannot open the file of --log: %s. The log stays where it is.",
                        event_log_explain(error));
    say_taken(reload, option_row_find("log"), options);
}

/* In a cluster, the rooms' numbers are what the machines have agreed on. */
static void change_chat(const struct reload *reload, const struct options *options)
{
    struct chat_limits limits = settings_for_chat(options);
    if (reload->started->cluster != NULL) {
        limits.max_rooms = (size_t)reload->started->max_rooms;
        limits.rooms_per_client = (unsigned)reload->started->rooms_per_client;
    }
    chat_limit(reload->door->chat, &limits);
}

static void apply(struct reload *reload, const struct options *options,
                  struct server_limits *limits)
{
    *limits = settings_for_server(options);
    settings_of_door(reload->door, options);
    change_chat(reload, options);
    event_log_hide_talk(log_of(reload), options->quiet);
    if (reload->store != NULL && has_changed(reload, "retain", options))
        store_retain(reload->store, (unsigned)options->retain_days);
    if (has_changed(reload, "operator", options))
        change_operators(reload, options);
    if (has_changed(reload, "lockdown", options))
        lockdown_restore(reload->door->chat, options->lockdown);
    reload_files(reload, options);
}

void reload_run(struct reload *reload, struct server_limits *limits)
{
    struct options options;
    if (option_reading_run(&options, reload->line, refuse, reload)) {
        change_log(reload, &options);
        apply(reload, &options, limits);
        say_changes(reload, &options);
        options_free(&reload->now);
        reload->now = options;
        return;
    }
    options_free(&options);
    event_log_reopen(log_of(reload));
    reload_files(reload, former_of(reload));
    say_changes(reload, former_of(reload)); /* of a file that could not be read before */
}

void reload_free(struct reload *reload)
{
    options_free(&reload->now);
    for (size_t i = 0; i < OPTIONS_MAX; i++)
        buffer_free(&reload->held[i]);
}
