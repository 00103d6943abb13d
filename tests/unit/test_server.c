/*
 * The server as a whole, in a process of its own, since it is stopped by signals.
 */
#include "suites.h"
#include "peer.h"

#include "net/door.h"
#include "net/server.h"

#include <CUnit/CUnit.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

/* What happens in the server is written to this pipe, a line for each event. */
static int events[2];

static void write_event(const char *what, const char *more)
{
    char line[256];
    int length = snprintf(line, sizeof line, "%s: %s\n", what, more);
    if (write(events[1], line, (size_t)length) < 0)
        abort();
}

static void on_listening(void *context, const char *address, const struct entrance *entrance)
{
    (void)context;
    (void)entrance;
    write_event("listening", address);
}

static void on_refused(void *context, const char *peer, const char *why)
{
    (void)context;
    char address[64];
    snprintf(address, sizeof address, "%.*s", (int)(strrchr(peer, ':') - peer), peer);
    write_event(address, why);
}

static void greet(struct conn *conn, void *context)
{
    (void)context;
    outbox_say(conn_outbox(conn), "welcome\n");
}

static const struct door door = {.name = "unit"};

/* The line is in the words of the client's door. */
static const char *gate(void *context, const struct door *to, const struct address_prefix *address,
                        struct buffer *line)
{
    const struct address_prefix *banned = context;
    if (!address_prefix_contains(banned, address))
        return NULL;
    buffer_format(line, "%s\n", to == &door ? "banned" : "of another door");
    return "its address is banned";
}

/* Serves on a free port until it is stopped; does not return. */
static void serve(const char *banned)
{
    static const struct server_address address = {.address = "127.0.0.1:0",
                                                  .entrance = {.door = &door}};
    struct address_prefix range;
    const struct server_config config = {
        .program = "unit",
        .addresses = &address,
        .address_count = 1,
        .max_line = 100,
        .limits = {.sendq = 65536, .grace = PEER_PATIENCE},
        .gate = gate,
        .events = {.listening = on_listening, .refused = on_refused}};
    if (!address_prefix_parse(banned, strlen(banned), &range))
        abort();
    struct listeners listeners;
    if (!server_listen(&config, &listeners))
        abort();
    _exit(server_run(&config, &listeners, greet, &range));
}

/* Reads up to a line end, or to the end of the stream. */
static void read_line(int fd, char *line, size_t size)
{
    size_t length = 0;
    while (length < size - 1 && peer_wait(fd, POLLIN) && read(fd, line + length, 1) == 1 &&
           line[length++] != '\n')
        ;
    line[length] = '\0';
}

static pid_t start(const char *banned, unsigned short *port)
{
    char line[256];
    CU_ASSERT_EQUAL_FATAL(pipe(events), 0);
    pid_t child = fork();
    if (child == 0)
        serve(banned);
    CU_ASSERT_TRUE_FATAL(child > 0);
    read_line(events[0], line, sizeof line);
    const char *colon = strrchr(line, ':');
    CU_ASSERT_PTR_NOT_NULL_FATAL(colon);
    *port = (unsigned short)strtoul(colon + 1, NULL, 10);
    return child;
}

static void stop(pid_t child)
{
    int status = -1;
    kill(child, SIGTERM);
    waitpid(child, &status, 0);
    CU_ASSERT_EQUAL(status, 0);
    close(events[0]);
    close(events[1]);
}

/* Connects, and reads what comes up to the end of the connection. */
static void visit(unsigned short port, char *text, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    char behind[2];
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    read_line(fd, text, size);
    read_line(fd, behind, sizeof behind);
    CU_ASSERT_STRING_EQUAL(behind, "");
    close(fd);
}

static void turns_banned_addresses_away(void)
{
    char text[256];
    unsigned short port;
    pid_t child = start("127.0.0.0/8", &port);
    visit(port, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "banned\n");
    read_line(events[0], text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "127.0.0.1: its address is banned\n");
    stop(child);
}

static void lets_others_in(void)
{
    char text[256];
    unsigned short port;
    pid_t child = start("10.0.0.0/8", &port);
    visit(port, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "welcome\n");
    stop(child);
}

static const struct test tests[] = {
    {"who comes from a banned address gets one line, and the connection is closed",
     turns_banned_addresses_away},
    {"who comes from another one is served", lets_others_in},
};

void add_server_suite(void)
{
    SUITE_ADD("server", tests);
}
