/*
 * inherited, and what is made of it: in a process of its own each, as the sockets are the
 * descriptors from 3 on.
 */
#include "suites.h"
#include "peer.h"

#include "doors/machine/machine.h"
#include "doors/plain/plain.h"
#include "net/inherited.h"
#include "net/listener.h"
#include "net/peer_name.h"
#include "options/option_socket.h"
#include "tls/tls.h"

#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST = 3 };

/* Sets or removes the variables; `process` 0: this one. */
static void set_variables(long process, const char *count, const char *names)
{
    char text[32];
    snprintf(text, sizeof text, "%ld", process != 0 ? process : (long)getpid());
    setenv("LISTEN_PID", text, 1);
    setenv("LISTEN_FDS", count, 1);
    if (names != NULL)
        setenv("LISTEN_FDNAMES", names, 1);
    else
        unsetenv("LISTEN_FDNAMES");
}

/* Makes a socket the descriptor `place`. */
static void put(int place, int family, int type, bool listens)
{
    int fd = socket(family, type, 0);
    if (fd < 0 || (listens && listen(fd, 1) < 0))
        _exit(100);
    if (fd != place && (dup2(fd, place) != place || close(fd) < 0))
        _exit(101);
}

/* Runs it in a child. Returns its status: the number of the expectation that failed, or 0. */
static int run(int (*act)(void))
{
    int status = -1;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        for (int fd = FIRST; fd < 20; fd++)
            close(fd);
        _exit(act());
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define WANT(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return __LINE__ % 100 + 1;                                                             \
    } while (false)

static int take_two(void)
{
    struct inherited sockets;
    char fault[INHERITED_FAULT_SIZE] = "";
    put(3, AF_INET, SOCK_STREAM, true);
    put(4, AF_INET, SOCK_STREAM, true);
    set_variables(0, "2", "telnet+tls:");
    WANT(inherited_take(&sockets, fault));
    WANT(sockets.count == 2 && sockets.sockets[0].fd == 3 && sockets.sockets[1].fd == 4);
    WANT(strcmp(sockets.sockets[0].name, "telnet+tls") == 0);
    WANT(strcmp(sockets.sockets[1].name, "") == 0);
    WANT((fcntl(4, F_GETFL) & O_NONBLOCK) != 0 && (fcntl(4, F_GETFD) & FD_CLOEXEC) != 0);
    WANT(getenv("LISTEN_PID") == NULL && getenv("LISTEN_FDS") == NULL &&
         getenv("LISTEN_FDNAMES") == NULL);
    inherited_free(&sockets);
    return 0;
}

static int take_unnamed(void)
{
    struct inherited sockets;
    char fault[INHERITED_FAULT_SIZE] = "";
    put(3, AF_INET6, SOCK_STREAM, true);
    set_variables(0, "1", NULL);
    WANT(inherited_take(&sockets, fault) && sockets.count == 1);
    WANT(strcmp(sockets.sockets[0].name, "") == 0);
    return 0;
}

static void sockets_are_taken(void)
{
    CU_ASSERT_EQUAL(run(take_two), 0);
    CU_ASSERT_EQUAL(run(take_unnamed), 0);
}

static int take_nothing(void)
{
    struct inherited sockets;
    char fault[INHERITED_FAULT_SIZE] = "";
    set_variables((long)getppid(), "5", NULL); /* they were the parent's */
    WANT(inherited_take(&sockets, fault) && sockets.count == 0);
    WANT(getenv("LISTEN_FDS") == NULL);
    set_variables(0, "0", "");
    WANT(inherited_take(&sockets, fault) && sockets.count == 0);
    WANT(inherited_take(&sockets, fault) && sockets.count == 0);
    return 0;
}

static void others_sockets_are_not(void)
{
    CU_ASSERT_EQUAL(run(take_nothing), 0);
}

/* Whether the sockets are refused, with that in the cause. */
static bool is_refused(const char *count, const char *names, const char *cause)
{
    struct inherited sockets;
    char fault[INHERITED_FAULT_SIZE] = "";
    set_variables(0, count, names);
    bool taken = inherited_take(&sockets, fault);
    inherited_free(&sockets);
    return !taken && strstr(fault, cause) != NULL;
}

static int refuse(void)
{
    put(3, AF_INET, SOCK_STREAM, true);
    WANT(is_refused("x", NULL, "'x', and no number from 0 to 64"));
    WANT(is_refused("65", NULL, "no number"));
    WANT(is_refused("-1", NULL, "no number"));
    WANT(is_refused("1", "a:b", "has 2 names, and $LISTEN_FDS says that there are 1"));
    WANT(is_refused("2", NULL, "descriptor 4 of $LISTEN_FDS: it is not open"));
    WANT(is_refused("2", "lines:mine", "descriptor 4, mine of $LISTEN_FDS: it is not open"));
    put(4, AF_INET, SOCK_DGRAM, false);
    WANT(is_refused("2", NULL, "no stream socket"));
    put(4, AF_UNIX, SOCK_STREAM, false);
    WANT(is_refused("2", NULL, "it does not listen"));
    dup2(open("/dev/null", O_RDONLY), 4);
    WANT(is_refused("2", NULL, "it is no socket"));
    return 0;
}

static void anything_else_is_refused(void)
{
    CU_ASSERT_EQUAL(run(refuse), 0);
}

/* Adds one socket of this name. Returns whether it was added. */
static bool add(struct options *options, const char *name)
{
    char cause[OPTION_CAUSE_SIZE];
    struct inherited inherited = {.sockets = {{.fd = 7, .name = name}}, .count = 1};
    options_init(options);
    return option_socket_add(options, &inherited, cause);
}

static bool means(const char *name, const struct door *door, bool tls, bool proxy)
{
    struct options options;
    bool added = add(&options, name);
    const struct server_address *address = &options.addresses.items[0].server;
    bool right = added && address->fd == 7 && address->entrance.door == door &&
                 address->entrance.tls == tls && address->entrance.proxy == proxy;
    options_free(&options);
    return right;
}

static void names_are_schemes(void)
{
    CU_ASSERT_TRUE(means("lines", &plain_door, false, false));
    CU_ASSERT_TRUE(means("machine+proxy", &machine_door, false, true));
    CU_ASSERT_EQUAL(means("telnet+tls", &plain_telnet_door, true, false), tls_is_available());
    CU_ASSERT_TRUE(means("", &plain_door, false, false));
    CU_ASSERT_TRUE(means("unknown", &plain_door, false, false));
    CU_ASSERT_TRUE(means("chat.socket", &plain_door, false, false));
    for (const char *const *name = (const char *const[]){"telnet+tsl", "tls", "lines://", "lines+",
                                                         "connection", "stored", NULL};
         *name != NULL; name++) {
        struct options options;
        CU_ASSERT_FALSE(add(&options, *name));
        options_free(&options);
    }
}

static int adopt(void)
{
    static const char path[] = "/tmp/partyline-unit-inherited";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct listeners listeners = {0};
    char error[LISTENER_ERROR_BYTES];
    const struct entrance entrance = {.door = &plain_door};
    snprintf(address.sun_path, sizeof address.sun_path, "%s.%ld", path, (long)getpid());
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    WANT(bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0);
    WANT(listeners_adopt(&listeners, fd, &entrance, error) == 0);
    WANT(listeners.items[0].family == AF_UNIX && listeners.items[0].entrance.door == &plain_door);
    WANT(strncmp(listeners.items[0].name, "unix:/tmp/partyline-unit-inherited.", 35) == 0);
    listeners_close(&listeners);
    WANT(unlink(address.sun_path) == 0);
    put(3, AF_INET, SOCK_STREAM, true);
    WANT(listeners_adopt(&listeners, 3, &entrance, error) == 0);
    WANT(strncmp(listeners.items[0].name, "0.0.0.0:", 8) == 0);
    listeners_close(&listeners);
    return 0;
}

static void unix_sockets_keep_their_files(void)
{
    CU_ASSERT_EQUAL(run(adopt), 0);
}

static void mapped_addresses_are_named_as_ipv4(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(42)};
    struct sockaddr_storage storage = {0};
    char name[PEER_NAME_SIZE];
    static const unsigned char mapped[16] = {
        [10] = 0xFF, [11] = 0xFF, [12] = 192, [14] = 2, [15] = 7};
    memcpy(address.sin6_addr.s6_addr, mapped, sizeof mapped);
    memcpy(&storage, &address, sizeof address);
    peer_name_write(&storage, name);
    CU_ASSERT_STRING_EQUAL(name, "192.0.2.7:42");
    address.sin6_addr.s6_addr[0] = 0x20;
    memcpy(&storage, &address, sizeof address);
    peer_name_write(&storage, name);
    CU_ASSERT_STRING_EQUAL(name, "[2000::ffff:c000:207]:42");
}

void add_inherited_suite(void)
{
    static const struct test tests[] = {
        {"the sockets of a service manager are taken, with their names", sockets_are_taken},
        {"those of another process, or none, are not", others_sockets_are_not},
        {"anything else that is handed over is refused, with the cause", anything_else_is_refused},
        {"a name is the scheme; none, or the unit's, means lines", names_are_schemes},
        {"the file of a unix socket that was handed over stays", unix_sockets_keep_their_files},
        {"IPv4 addresses that are mapped into IPv6 are named as IPv4's",
         mapped_addresses_are_named_as_ipv4},
    };
    suite_add("inherited", tests, sizeof tests / sizeof *tests);
}
