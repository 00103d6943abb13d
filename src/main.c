/*
 * partyline: options, start, serve, stop.
 */
#include "base/platform.h"

#include "base/clock.h"
#include "chat/accounts.h"
#include "chat/chat.h"
#include "cluster/node.h"
#include "cluster/wire.h"
#include "doors/machine/json_voice.h"
#include "doors/machine/machine.h"
#include "doors/plain/ban_notice.h"
#include "doors/plain/conversation.h"
#include "net/server.h"
#include "options.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_USAGE = 2 };

/* How long the program waits for the log at its end, in nanoseconds. */
#define EVENT_LOG_PATIENCE CLOCK_SECOND

static const char program[] = "partyline";

static void on_listening(void *context, const char *address, const struct door *to)
{
    const struct plain *door = context;
    event_log_print(door->chat->event_log, EVENT_LOG_EVENT, "Chat server running on %s%s%s%s",
                    address, to->name != NULL ? " (" : "", to->name != NULL ? to->name : "",
                    to->name != NULL ? ")" : "");
}

static void on_refused(void *context, const char *peer, const char *why)
{
    const struct plain *door = context;
    event_log_print(door->chat->event_log, EVENT_LOG_EVENT, "%s was refused: %s", peer, why);
}

/* Bans on addresses are looked up at the door, before a client has a thread. */
static const char *gate(void *context, const struct door *to, const struct address_prefix *address,
                        struct buffer *line)
{
    const struct plain *door = context;
    const struct voice *voice = to == &machine_door ? &json_voice : &plain_voice;
    struct sanction ban;
    char text[BAN_NOTICE_SIZE];
    if (!sanctions_find_address(door->chat->sanctions, SANCTION_BAN, address, clock_utc(), &ban))
        return NULL;
    ban_notice_write(&ban, text);
    if (!voice->turn_away(GOODBYE_BANNED, text, line))
        buffer_truncate(line, 0);
    return "its address is banned";
}

static const char *explain(int error)
{
    return error == PASSWORD_UNFIT ? PASSWORD_RULES : strerror(error);
}

/* What is read again has the path of the option that it came from. */
static void say_unread(const struct plain *door, const char *option, int error)
{
    if (error != 0)
        event_log_print(door->chat->event_log, EVENT_LOG_EVENT,
                        "Cannot read the file of %s again: %s. What was read before stays.", option,
                        explain(error));
}

static void on_hangup(void *context)
{
    const struct plain *door = context;
    event_log_reopen(door->chat->event_log);
    if (door->motd != NULL)
        say_unread(door, "--motd", motd_reload(door->motd));
    if (door->password != NULL)
        say_unread(door, "--password-file", password_reload(door->password));
}

static void on_stopping(void *context)
{
    const struct plain *door = context;
    ordering_hurry(door->chat->ordering);
}

static struct server_config configure_server(const struct options *options)
{
    return (struct server_config){
        .program = program,
        .addresses = options->addresses,
        .address_count = options->address_count,
        .max_clients = (unsigned)options->max_clients,
        .max_per_host = (unsigned)options->max_per_host,
        .max_line = (size_t)options->max_line,
        .sendq = (size_t)options->sendq,
        .timeout = options->login_timeout,
        .finish = options->drain_timeout,
        .grace = options->grace,
        .stopping_line = PLAIN_STOPPING_LINE,
        .gate = gate,
        .events = {.listening = on_listening,
                   .refused = on_refused,
                   .hangup = on_hangup,
                   .stopping = on_stopping},
    };
}

/* Starts the event log. Returns false, with the cause printed, if that fails. */
static bool start_event_log(struct event_log **event_log, const struct options *options)
{
    const struct event_log_config config = {
        .program = program, .path = options->log_path, .quiet = options->quiet};
    int error = event_log_start(event_log, &config);
    if (error != 0)
        fprintf(stderr, "%s: cannot open the log %s: %s\n", program,
                options->log_path != NULL ? options->log_path : "on the console", strerror(error));
    return error == 0;
}

/* Prints that the file of an option cannot be read. Returns whether there was no error. */
static bool was_read(const char *option, const char *path, int error)
{
    if (error != 0)
        fprintf(stderr, "%s: %s: cannot read %s: %s\n", program, option, path, explain(error));
    return error == 0;
}

static bool read_password(struct plain *door, const char *path)
{
    int error = password_open(&door->password, path);
    if (!was_read("--password-file", path, error))
        return false;
    if (password_is_exposed(door->password))
        fprintf(stderr,
                "%s: --password-file: everybody here can read %s (chmod o-r would end that)\n",
                program, path);
    return true;
}

/* Attempts at passwords are counted whether there is one yet or not. */
static bool make_attempts(struct plain *door)
{
    int error = attempts_create(&door->attempts, 0);
    if (error == 0)
        error = attempts_create(&door->registrations, PLAIN_REGISTRATIONS_FREE);
    if (error != 0)
        fprintf(stderr, "%s: cannot count attempts at passwords: %s\n", program, strerror(error));
    return error == 0;
}

/* Reads the files that options name. Returns false, with the cause printed, if that fails. */
static bool read_files(struct plain *door, const struct options *options)
{
    const char *motd = options->motd_path;
    const char *password = options->password_path;
    return (motd == NULL || was_read("--motd", motd, motd_open(&door->motd, motd))) &&
           (password == NULL || read_password(door, password));
}

static void close_files(struct plain *door)
{
    if (door->motd != NULL)
        motd_close(door->motd);
    if (door->password != NULL)
        password_close(door->password);
    if (door->attempts != NULL)
        attempts_destroy(door->attempts);
    if (door->registrations != NULL)
        attempts_destroy(door->registrations);
}

/* Ends the event log that nothing uses yet. */
static void drop_event_log(struct event_log *event_log)
{
    if (event_log_stop(event_log, EVENT_LOG_PATIENCE))
        event_log_free(event_log);
}

static void on_store_report(void *context, const char *sentence)
{
    event_log_print(context, EVENT_LOG_EVENT, "%s", sentence);
}

/*
 * Opens the store, if one is wanted; *store is NULL otherwise. Returns false, with the cause
 * printed, if that fails.
 */
static bool open_store(struct store **store, struct event_log *event_log,
                       const struct options *options)
{
    char fault[STORE_FAULT_SIZE];
    const struct store_config config = {.path = options->data_path,
                                        .retain_days = (unsigned)options->retain_days,
                                        .report = on_store_report,
                                        .context = event_log};
    *store = NULL;
    if (options->data_path == NULL)
        return true;
    *store = store_open(&config, fault);
    if (*store == NULL)
        fprintf(stderr, "%s: %s\n", program, fault);
    return *store != NULL;
}

static void close_store(struct store *store)
{
    if (store == NULL)
        return;
    store_stop(store);
    store_free(store);
}

/*
 * Connects to the cluster, if one is wanted; *node is NULL otherwise. Returns false, with the cause
 * printed, if that fails.
 */
static bool open_node(struct node **node, struct event_log *event_log,
                      const struct options *options)
{
    static char host[NODE_NAME_MAX + 1];
    char fault[NODE_FAULT_SIZE];
    struct node_config config = {.servers = options->cluster,
                                 .cluster = options->cluster_name,
                                 .credentials = options->cluster_credentials,
                                 .machine = options->machine,
                                 .link_timeout = options->link_timeout,
                                 .event_log = event_log};
    *node = NULL;
    if (options->cluster == NULL)
        return true;
    if (config.machine == NULL) {
        gethostname(host, sizeof host - 1);
        config.machine = host;
    }
    if (!wire_is_node_name(words_of(config.machine))) {
        fprintf(stderr,
                "%s: the host's name '%s' cannot be that of a machine: give one by --node\n",
                program, config.machine);
        return false;
    }
    *node = node_open(&config, fault);
    if (*node == NULL)
        fprintf(stderr, "%s: %s\n", program, fault);
    return *node != NULL;
}

/* Has the chat take part in the cluster. Returns false, with the cause printed, if that fails. */
static bool start_node(struct node *node, struct chat *chat)
{
    char fault[NODE_FAULT_SIZE];
    if (node == NULL || node_start(node, chat, fault))
        return true;
    fprintf(stderr, "%s: %s\n", program, fault);
    node_stop(node);
    chat_close(chat);
    return false;
}

/* What stands behind a chat. */
struct backing {
    struct store *store; /* or NULL, as the next */
    struct node *node;
};

/* Ends what nothing uses yet, or any more. */
static void close_backing(struct backing *backing)
{
    node_free(backing->node);
    close_store(backing->store);
}

/* Opens the chat. Returns false, with the cause printed, if that fails. */
static bool make_chat(struct chat *chat, const struct chat_config *config, struct node *node)
{
    int error = chat_open(chat, config);
    if (error != 0) {
        fprintf(stderr, "%s: cannot %s: %s\n", program,
                error == EIO ? "read the rooms of the data file" : "make a room", strerror(error));
        return false;
    }
    if (!start_node(node, chat))
        return false;
    account_report_operators(chat);
    return true;
}

/*
 * Opens the event log, the store, the cluster and the chat. Returns false, with the cause printed,
 * if that fails.
 */
static bool open_chat(struct chat *chat, struct backing *backing, const struct options *options)
{
    struct chat_config config = {.drain_timeout = options->drain_timeout,
                                 .sendq = (size_t)options->sendq,
                                 .presence_limit = (unsigned)options->presence_limit,
                                 .history = (size_t)options->history,
                                 .max_rooms = (size_t)options->max_rooms,
                                 .rooms_per_client = (unsigned)options->rooms_per_client,
                                 .operators = options->operators,
                                 .operator_count = options->operator_count,
                                 .lockdown = options->lockdown,
                                 .welcome = options->welcome};
    if (!start_event_log(&config.event_log, options))
        return false;
    bool opened = open_store(&backing->store, config.event_log, options) &&
                  open_node(&backing->node, config.event_log, options);
    config.archive = backing->store != NULL ? store_archive(backing->store) : NULL;
    config.ordering = backing->node != NULL ? node_ordering(backing->node) : NULL;
    opened = opened && make_chat(chat, &config, backing->node);
    if (!opened) {
        close_backing(backing);
        drop_event_log(config.event_log);
    }
    return opened;
}

static int run(const struct options *options)
{
    /* Static, as threads use them until the process exits when the grace runs out. */
    static struct chat chat;
    static struct plain door;
    struct backing backing = {0};
    door = (struct plain){.chat = &chat,
                          .idle_timeout = options->idle_timeout,
                          .idle_warning = conversation_idle_warning(options->idle_timeout),
                          .key_timeout = options->telnet_idle,
                          .key_warning = conversation_idle_warning(options->telnet_idle),
                          .max_line = (size_t)options->max_line,
                          .rate = (unsigned)options->rate};
    if (!make_attempts(&door) || !read_files(&door, options) ||
        !open_chat(&chat, &backing, options)) {
        close_files(&door);
        return EXIT_FAILURE;
    }
    struct server_config config = configure_server(options);
    int status = server_run(&config, conversation_hold, &door);
    if (backing.node != NULL)
        node_stop(backing.node); /* before the log, to which it may report, as the next */
    if (backing.store != NULL)
        store_stop(backing.store);
    bool logged = event_log_stop(chat.event_log, EVENT_LOG_PATIENCE);
    if (status != EXIT_SUCCESS || !logged)
        _exit(status); /* threads may still use the chat and the log: nothing is freed */
    struct event_log *event_log = chat.event_log;
    chat_close(&chat);
    close_files(&door);
    node_free(backing.node);
    if (backing.store != NULL)
        store_free(backing.store);
    event_log_free(event_log);
    return status;
}

/* Opens closed standard descriptors, whose numbers a client or the log would get otherwise. */
static void open_standard_files(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    struct options options;
    int status = EXIT_SUCCESS;
    open_standard_files();
    tzset(); /* localtime_r(), which writes the times on terminals, need not do it */
    switch (options_parse(&options, argc, argv)) {
    case OPTIONS_RUN:
        status = run(&options);
        break;
    case OPTIONS_DONE:
        break;
    case OPTIONS_MISTAKEN:
        status = EXIT_USAGE;
        break;
    }
    options_free(&options);
    return status;
}
