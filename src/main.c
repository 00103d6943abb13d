/*
 * partyline: options, start, serve, stop.
 */
#include "base/platform.h"

#include "base/clock.h"
#include "backing.h"
#include "base/privileges.h"
#include "chat/chat.h"
#include "cluster/node.h"
#include "chat/chat_figures.h"
#include "doors/machine/json_voice.h"
#include "doors/machine/machine.h"
#include "doors/metrics/http_request.h"
#include "doors/metrics/metrics.h"
#include "doors/plain/ban_notice.h"
#include "doors/plain/conversation.h"
#include "ending.h"
#include "import.h"
#include "net/server.h"
#include "net/signals.h"
#include "options/option_files.h"
#include "options/option_privileges.h"
#include "options/option_start.h"
#include "options/options.h"
#include "reload.h"
#include "settings.h"
#include "store/store.h"
#include "tls/tls.h"
#include "version.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How long a server that is to end at once waits for what it owes. */
#define ENDING_PATIENCE CLOCK_SECOND

static const char program[] = "partyline";

/* What the server's callbacks are given. */
struct service {
    struct plain door; /* the handler's */
    struct reload reload;
    struct metrics metrics; /* if somebody may ask for them */
    struct server_address *addresses;
};

static void hold(struct conn *conn, void *context)
{
    struct service *service = context;
    conversation_hold(conn, &service->door);
}

/* The same for who asks for figures. */
static void serve_metrics(struct conn *conn, void *context)
{
    struct service *service = context;
    metrics_serve(&service->metrics, conn);
}

static const struct entrance_apart metrics_apart = {.handler = serve_metrics,
                                                    .max = METRICS_CONNECTIONS_MAX,
                                                    .max_line = HTTP_LINE_MAX,
                                                    .timeout = METRICS_TIMEOUT};

static void on_starting(void *context, struct server *server)
{
    struct service *service = context;
    if (service->metrics.count > 0)
        metrics_add(&service->metrics, &server_metrics, server);
    if (privileges_are_roots())
        event_log_print(service->door.chat->event_log, EVENT_LOG_EVENT,
                        "This server stays root; with --user USER it becomes USER");
}

static void on_listening(void *context, const char *address, const struct entrance *entrance)
{
    const struct plain *door = &((const struct service *)context)->door;
    char name[ENTRANCE_NAME_SIZE];
    bool usual = entrance->door == &plain_door && !entrance->tls && !entrance->proxy;
    entrance_name(entrance, name);
    event_log_print(door->chat->event_log, EVENT_LOG_EVENT, "Chat server running on %s%s%s%s",
                    address, usual ? "" : " (", usual ? "" : name, usual ? "" : ")");
}

static void on_refused(void *context, const char *peer, const char *why)
{
    const struct plain *door = &((const struct service *)context)->door;
    event_log_print(door->chat->event_log, EVENT_LOG_EVENT, "%s was refused: %s", peer, why);
}

/* Bans on addresses are looked up at the door, before a client has a thread. */
static const char *gate(void *context, const struct door *to, const struct address_prefix *address,
                        struct buffer *line)
{
    const struct plain *door = &((const struct service *)context)->door;
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

static void on_hangup(void *context, struct server_limits *limits)
{
    reload_run(&((struct service *)context)->reload, limits);
}

/* "3 people, 2 rooms"; in a cluster "5 people, 3 of them here, 2 rooms". */
static void on_status(void *context, char status[NOTIFY_STATUS_SIZE])
{
    struct chat *chat = ((const struct service *)context)->door.chat;
    char here[48] = "";
    size_t remote;
    size_t people = directory_count(chat->directory, &remote);
    size_t rooms = rooms_inhabited(chat->rooms);
    if (remote > 0)
        snprintf(here, sizeof here, ", %zu of them here", people - remote);
    snprintf(status, NOTIFY_STATUS_SIZE, "%zu %s%s, %zu room%s", people,
             people == 1 ? "person" : "people", here, rooms, rooms == 1 ? "" : "s");
}

static void on_stopping(void *context)
{
    const struct plain *door = &((const struct service *)context)->door;
    ordering_hurry(door->chat->ordering);
}

static struct server_config configure_server(const struct options *options,
                                             const struct service *service, struct tls *tls)
{
    return (struct server_config){
        .program = program,
        .addresses = service->addresses,
        .address_count = options->addresses.count + options->metrics.count,
        .max_line = (size_t)options->max_line,
        .limits = settings_for_server(options),
        .stopping_line = PLAIN_STOPPING_LINE,
        .tls = tls != NULL ? tls_maker(tls) : NULL,
        .gate = gate,
        .events = {.starting = on_starting,
                   .listening = on_listening,
                   .refused = on_refused,
                   .hangup = on_hangup,
                   .status = on_status,
                   .stopping = on_stopping},
    };
}

/* Prints that the file of an option cannot be read. Returns whether there was no error. */
static bool was_read(const char *option, const char *path, int error, const char *cause)
{
    if (error != 0)
        fprintf(stderr, "%s: %s: cannot read %s: %s\n", program, option, path, cause);
    return error == 0;
}

static bool read_password(struct plain *door, const char *path)
{
    char cause[FILE_CAUSE_SIZE];
    int error = password_open(&door->password, path);
    if (!was_read("--password-file", path, error, password_explain(error, cause)))
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
    char cause[FILE_CAUSE_SIZE];
    const char *motd = options->motd_path;
    int error = motd_open(&door->motd, motd);
    return was_read("--motd", motd, error, file_explain(error, MOTD_BYTES_MAX, cause)) &&
           read_password(door, options->password_path);
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

/*
 * Reads the certificate, if one is wanted; *tls is NULL otherwise. Prints doubts of it. Returns
 * false, with the cause printed, if that fails.
 */
static bool open_tls(struct tls **tls, const struct options *options)
{
    struct tls_reading reading;
    const struct tls_config config = settings_for_tls(options);
    *tls = NULL;
    if (config.certificate == NULL)
        return true;
    *tls = tls_open(&config, &reading);
    option_files_tell_of_tls(options, &reading, option_start_print, NULL);
    return *tls != NULL;
}

/*
 * Has libc read what is outside of the folder of --chroot: what looking names up takes, when the
 * first one is looked up; and the time zone, again whenever it is asked for a time, unless TZ says
 * which one.
 */
static void read_for_libc(void)
{
    struct addrinfo *found;
    if (getaddrinfo("localhost", NULL, NULL, &found) == 0)
        freeaddrinfo(found);
    setenv("TZ", ":/etc/localtime", 0);
    tzset();
}

/* Before there are threads. Returns false, with the cause printed, if that fails. */
static bool give_up_rights(const struct privileges *privileges)
{
    char fault[PRIVILEGES_FAULT_SIZE];
    if (privileges->folder != NULL)
        read_for_libc();
    bool done = privileges_drop(privileges, fault);
    if (!done)
        fprintf(stderr, "%s: cannot give up root's rights: %s\n", program, fault);
    return done;
}

/*
 * Opens the addresses, and gives up what only that took. Returns false, with the cause printed, if
 * that fails.
 */
static bool start_listening(struct listeners *listeners, const struct server_config *config,
                            const struct privileges *privileges)
{
    return server_listen(config, listeners) && give_up_rights(privileges);
}

/*
 * Makes the list of all addresses, those where figures are served last. Returns false, with the
 * cause printed, if that fails.
 */
static bool list_addresses(struct service *service, const struct options *options)
{
    size_t count = options->addresses.count;
    service->addresses = calloc(count + options->metrics.count, sizeof *service->addresses);
    if (service->addresses == NULL) {
        fprintf(stderr, "%s: cannot list the addresses: out of memory\n", program);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        service->addresses[i] = options->addresses.items[i].server;
    for (size_t i = 0; i < options->metrics.count; i++) {
        service->addresses[count + i] = options->metrics.items[i].server;
        service->addresses[count + i].entrance.apart = &metrics_apart;
    }
    return true;
}

static void describe_build(struct metric_facts *build)
{
    static char store[STORE_FEATURES_SIZE];
    static char cluster[NODE_FEATURES_SIZE];
    static char tls[TLS_FEATURES_SIZE];
    *build = (struct metric_facts){.count = 4,
                                   .facts = {{"version", VERSION_STRING},
                                             {"store", store_features(store)},
                                             {"cluster", node_features(cluster)},
                                             {"tls", tls_features(tls)}}};
}

/* Gathers what figures there are, if somebody may ask for them. */
static void gather_metrics(struct service *service, const struct backing *backing, struct tls *tls)
{
    struct metrics *metrics = &service->metrics;
    if (metrics->count == 0)
        return;
    describe_build(&metrics->process.build);
    metrics_add(metrics, &chat_metrics, service->door.chat);
    if (backing->store != NULL)
        metrics_add(metrics, &store_metrics, backing->store);
    if (backing->node != NULL)
        metrics_add(metrics, &node_metrics, backing->node);
    if (tls != NULL)
        metrics_add(metrics, &tls_metrics, tls);
}

static void close_service(struct service *service, struct tls *tls)
{
    close_files(&service->door);
    if (service->metrics.count > 0)
        metrics_close(&service->metrics);
    free(service->addresses);
    tls_close(tls);
}

static int run(const struct options *options, const struct command_line *line)
{
    /* Static, as threads use them until the process exits when the grace runs out. */
    static struct chat chat;
    static struct service service;
    struct plain *door = &service.door;
    struct backing backing;
    struct tls *tls = NULL;
    struct listeners listeners = {0};
    struct privileges privileges;
    signals_defer_hangup(); /* the start may wait for long, and who rotates logs cannot know */
    if (!option_privileges_find(&privileges, options, option_start_print, NULL))
        return EXIT_USAGE;
    *door = (struct plain){.chat = &chat, .max_line = (size_t)options->max_line};
    settings_of_door(door, options);
    bool prepared = list_addresses(&service, options) && make_attempts(door) &&
                    read_files(door, options) && open_tls(&tls, options);
    struct server_config config = configure_server(options, &service, tls);
    if (options->metrics.count > 0)
        metrics_open(&service.metrics);
    if (!prepared || !start_listening(&listeners, &config, &privileges) ||
        !backing_open(&backing, &chat, options)) {
        listeners_close(&listeners);
        close_service(&service, tls);
        return EXIT_FAILURE;
    }
    service.reload = (struct reload){
        .line = line, .started = options, .door = door, .store = backing.store, .tls = tls};
    gather_metrics(&service, &backing, tls);
    int ran = server_run(&config, &listeners, hold, &service);
    if (backing.store != NULL || backing.node != NULL) /* they may wait for a disk, or others */
        ending_begin(ran == EXIT_SUCCESS ? CLOCK_NEVER : clock_now() + ENDING_PATIENCE,
                     ran == EXIT_SUCCESS ? 1 : 2);
    int status = backing_status(&backing, ran);
    if (!backing_stop(&backing) || ran != EXIT_SUCCESS)
        _exit(status); /* threads may still use the chat and the log: nothing is freed */
    chat_close(&chat);
    close_service(&service, tls);
    reload_free(&service.reload);
    backing_free(&backing);
    return status;
}

/* --check-config: tells on stdout that nothing is wrong with the options, or on stderr what is. */
static int check(const struct options *options)
{
    if (!option_files_check(options, option_start_print, NULL))
        return EXIT_USAGE;
    printf("%s: ok\n", options->config_path != NULL ? options->config_path : "command line");
    return EXIT_SUCCESS;
}

/*
 * --cluster-import. Its file may get others beside it, which are to be the user's as well; who is
 * not root brings it as who he is. It has no clients to be kept from other folders.
 */
static int import(const struct options *options)
{
    struct options own = *options;
    struct privileges privileges;
    own.folder = NULL;
    if (!privileges_are_roots())
        own.user = NULL;
    if (!option_privileges_find(&privileges, &own, option_start_print, NULL))
        return EXIT_USAGE;
    return give_up_rights(&privileges) ? import_run(options) : EXIT_FAILURE;
}

static int obey(const struct options *options, const struct command_line *line)
{
    return options->check_config          ? check(options)
           : options->import_path != NULL ? import(options)
                                          : run(options, line);
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
    struct command_line line;
    int status = EXIT_SUCCESS;
    open_standard_files();
    tzset(); /* localtime_r(), which writes the times on terminals, need not do it */
    switch (option_start_read(&options, &line, argc, argv, VERSION_STRING)) {
    case OPTION_START_RUN:
        status = obey(&options, &line);
        break;
    case OPTION_START_DONE:
        break;
    case OPTION_START_MISTAKEN:
        status = EXIT_USAGE;
        break;
    }
    options_free(&options);
    command_line_free(&line);
    return status;
}
