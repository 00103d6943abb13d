#include "suites.h"
#include "peer.h"

#include "net/door.h"
#include "net/listener.h"

#include <CUnit/CUnit.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { PATH_SIZE = 64, ADDRESS_SIZE = PATH_SIZE + 16 };

/* A folder of its own, with the names of what a unix socket has in it. */
struct place {
    char folder[PATH_SIZE - 16];
    char path[PATH_SIZE], lock[PATH_SIZE];
    char address[ADDRESS_SIZE];
};

static const struct entrance nobodys = {.door = NULL};

static void open_place(struct place *place)
{
    *place = (struct place){.folder = "/tmp/partyline-unit-XXXXXX"};
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/door", place->folder);
    snprintf(place->lock, sizeof place->lock, "%s/door.lock", place->folder);
    snprintf(place->address, sizeof place->address, "unix:%s", place->path);
}

/* The folder must be empty: what is left over in it is a failure. */
static void close_place(const struct place *place)
{
    CU_ASSERT_EQUAL(rmdir(place->folder), 0);
}

static bool is_there(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CU_ASSERT_EQUAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static bool holds(const char *path, const char *text)
{
    char bytes[64] = "";
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    ssize_t length = read(fd, bytes, sizeof bytes - 1);
    close(fd);
    return length >= 0 && strcmp(bytes, text) == 0;
}

static struct sockaddr_un unix_address(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    return address;
}

/* A socket that is bound to the path, and listens if that is wanted. */
static int bind_foreign(const char *path, bool listens)
{
    struct sockaddr_un address = unix_address(path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    if (listens)
        CU_ASSERT_EQUAL(listen(fd, 1), 0);
    return fd;
}

/* Whether who connects to the path comes to this listener. */
static bool reaches(const char *path, const struct listener *listener)
{
    struct sockaddr_un address = unix_address(path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    bool connected = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    int accepted = connected ? accept(listener->fd, NULL, NULL) : -1;
    if (accepted >= 0)
        close(accepted);
    close(fd);
    return accepted >= 0;
}

static bool opens(struct listeners *listeners, const char *address)
{
    char error[LISTENER_ERROR_BYTES];
    return listeners_open(listeners, address, &nobodys, error) == 0;
}

/* Opening must fail, for a reason that has these words, and leave the listeners as they are. */
static void check_refused(struct listeners *listeners, const char *address, const char *words)
{
    char error[LISTENER_ERROR_BYTES] = "";
    size_t before = listeners->count;
    int result = listeners_open(listeners, address, &nobodys, error);
    EXPECT(result < 0 && strstr(error, words) != NULL && listeners->count == before,
           "%s: %d, '%s', %zu", address, result, error, listeners->count);
}

/* What another process is told that wants to have the path: true if it could. */
static bool another_process_opens(const char *address)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct listeners listeners = {0};
        bool opened = opens(&listeners, address);
        listeners_close(&listeners);
        _exit(opened ? 0 : 1);
    }
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void tcp_addresses(void)
{
    static const struct door door = {.telnet = true};
    static const struct entrance usual = {.door = &door};
    static const struct entrance entrance = {.door = &door, .tls = true};
    struct listeners listeners = {0};
    char error[LISTENER_ERROR_BYTES];
    CU_ASSERT_EQUAL_FATAL(listeners_open(&listeners, "0", &usual, error), 0);
    CU_ASSERT_EQUAL_FATAL(listeners_open(&listeners, "127.0.0.1:0", &entrance, error), 0);
    CU_ASSERT_EQUAL_FATAL(listeners.count, 2);
    for (size_t i = 0; i < 2; i++) {
        struct sockaddr_in address = {0};
        socklen_t length = sizeof address;
        char name[LISTENER_NAME_BYTES];
        const struct listener *item = &listeners.items[i];
        CU_ASSERT_EQUAL(item->family, AF_INET);
        CU_ASSERT_PTR_EQUAL(item->entrance.door, &door);
        CU_ASSERT_EQUAL(item->entrance.tls, i == 1);
        CU_ASSERT_EQUAL(getsockname(item->fd, (struct sockaddr *)&address, &length), 0);
        snprintf(name, sizeof name, "127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
        CU_ASSERT_STRING_EQUAL(item->name, name);
    }
    check_refused(&listeners, listeners.items[0].name, strerror(EADDRINUSE));
    check_refused(&listeners, listeners.items[0].name, "another program listens there");
    check_refused(&listeners, "127.0.0.1:http", "not an address");
    listeners_close(&listeners);
    CU_ASSERT_PTR_NULL(listeners.items);
}

/* In a process without root's rights, unless there anybody may have any port. */
static void ports_of_root(void)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct listeners listeners = {0};
        char error[LISTENER_ERROR_BYTES] = "";
        if (geteuid() == 0 && setuid(65534) < 0)
            _exit(0);
        int result = listeners_open(&listeners, "127.0.0.1:1", &nobodys, error);
        _exit(result == 0 || strstr(error, "a port below 1024 takes root") != NULL ? 0 : 1);
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL(status, 0);
}

static void unix_files_come_and_go(void)
{
    struct place place;
    struct listeners listeners = {0};
    open_place(&place);
    CU_ASSERT_TRUE_FATAL(opens(&listeners, place.address));
    CU_ASSERT_STRING_EQUAL(listeners.items[0].name, place.address);
    CU_ASSERT_TRUE(reaches(place.path, &listeners.items[0]));
    CU_ASSERT_TRUE(is_there(place.lock));
    listeners_close(&listeners);
    close_place(&place);
}

static void twice_in_one_process(void)
{
    struct place place;
    struct listeners listeners = {0};
    struct listeners others = {0};
    char other_spelling[ADDRESS_SIZE];
    open_place(&place);
    CU_ASSERT_TRUE_FATAL(opens(&listeners, place.address));
    snprintf(other_spelling, sizeof other_spelling, "unix:%s/./door", place.folder);
    check_refused(&listeners, place.address, strerror(EADDRINUSE));
    check_refused(&others, place.address, strerror(EADDRINUSE));
    check_refused(&others, other_spelling, strerror(EADDRINUSE));
    /* The refused must not have given up the lock of the one that has it. */
    CU_ASSERT_EQUAL(unlink(place.path), 0);
    CU_ASSERT_FALSE(another_process_opens(place.address));
    listeners_close(&others);
    listeners_close(&listeners);
    close_place(&place);
}

static void in_use_elsewhere(void)
{
    struct place place;
    struct listeners listeners = {0};
    open_place(&place);
    CU_ASSERT_TRUE_FATAL(opens(&listeners, place.address));
    CU_ASSERT_FALSE(another_process_opens(place.address));
    CU_ASSERT_TRUE(reaches(place.path, &listeners.items[0]));
    listeners_close(&listeners);
    CU_ASSERT_TRUE(another_process_opens(place.address));
    int fd = bind_foreign(place.path, true); /* of somebody who knows nothing of locks */
    check_refused(&listeners, place.address, strerror(EADDRINUSE));
    CU_ASSERT_FALSE(is_there(place.lock));
    close(fd);
    CU_ASSERT_EQUAL(unlink(place.path), 0);
    listeners_close(&listeners);
    close_place(&place);
}

static void stale_is_replaced(void)
{
    struct place place;
    struct listeners listeners = {0};
    open_place(&place);
    for (int locked = 0; locked < 2; locked++) {
        close(bind_foreign(place.path, true));
        if (locked)
            write_file(place.lock, "");
        CU_ASSERT_TRUE_FATAL(opens(&listeners, place.address));
        CU_ASSERT_TRUE(reaches(place.path, &listeners.items[0]));
        listeners_close(&listeners);
    }
    close_place(&place);
}

static void others_files_stay(void)
{
    struct place place;
    struct listeners listeners = {0};
    open_place(&place);
    write_file(place.path, "precious");
    check_refused(&listeners, place.address, "something is there that is no socket");
    CU_ASSERT_TRUE(holds(place.path, "precious"));
    CU_ASSERT_EQUAL(unlink(place.path), 0);
    write_file(place.lock, "dear");
    check_refused(&listeners, place.address, place.lock);
    CU_ASSERT_TRUE(holds(place.lock, "dear"));
    CU_ASSERT_EQUAL(unlink(place.lock), 0);
    CU_ASSERT_EQUAL(symlink(place.path, place.lock), 0);
    check_refused(&listeners, place.address, place.lock);
    CU_ASSERT_FALSE(is_there(place.path));
    CU_ASSERT_EQUAL(unlink(place.lock), 0);
    CU_ASSERT_EQUAL(mkfifo(place.lock, 0600), 0);
    check_refused(&listeners, place.address, place.lock);
    CU_ASSERT_EQUAL(unlink(place.lock), 0);
    listeners_close(&listeners);
    close_place(&place);
}

static void what_cannot_be_had(void)
{
    struct place place;
    struct listeners listeners = {0};
    char address[256];
    open_place(&place);
    snprintf(address, sizeof address, "unix:%s/no/door", place.folder);
    check_refused(&listeners, address, strerror(ENOENT));
    snprintf(address, sizeof address, "unix:%s/%0200d", place.folder, 0);
    check_refused(&listeners, address, strerror(ENAMETOOLONG));
    listeners_close(&listeners);
    close_place(&place);
}

static void lost_path_stays(void)
{
    struct place place;
    struct listeners listeners = {0};
    open_place(&place);
    CU_ASSERT_TRUE_FATAL(opens(&listeners, place.address));
    CU_ASSERT_EQUAL(unlink(place.path), 0);
    int fd = bind_foreign(place.path, true);
    CU_ASSERT_EQUAL(unlink(place.lock), 0);
    write_file(place.lock, "");
    listeners_close(&listeners);
    CU_ASSERT_TRUE(is_there(place.path));
    CU_ASSERT_TRUE(is_there(place.lock));
    close(fd);
    CU_ASSERT_EQUAL(unlink(place.path), 0);
    CU_ASSERT_EQUAL(unlink(place.lock), 0);
    close_place(&place);
}

static void failure_leaves_nothing(void)
{
    struct place place;
    struct listeners listeners = {0};
    open_place(&place);
    CU_ASSERT_TRUE_FATAL(opens(&listeners, "127.0.0.1:0"));
    CU_ASSERT_TRUE_FATAL(opens(&listeners, place.address));
    check_refused(&listeners, listeners.items[0].name, strerror(EADDRINUSE));
    CU_ASSERT_TRUE(reaches(place.path, &listeners.items[1]));
    listeners_close(&listeners);
    close_place(&place);
}

enum { RIVALS = 4, TURNS = 1000 };

/*
 * Takes the path again and again, and lets go of it. Whoever has it marks it as taken, which nobody
 * else may have done, and must be who is reached there.
 */
static bool take_turns(const struct place *place)
{
    char mark[PATH_SIZE];
    bool well = true;
    int64_t deadline = clock_now() + PEER_PATIENCE;
    snprintf(mark, sizeof mark, "%s/mark", place->folder);
    for (int turns = 0; turns < TURNS && well;) {
        struct listeners listeners = {0};
        if (clock_now() > deadline)
            return false;
        if (!opens(&listeners, place->address))
            continue;
        int fd = open(mark, O_WRONLY | O_CREAT | O_EXCL, 0600);
        well = fd >= 0 && reaches(place->path, &listeners.items[0]);
        close(fd);
        unlink(mark);
        listeners_close(&listeners);
        turns++;
        deadline = clock_now() + PEER_PATIENCE;
    }
    return well;
}

static void one_at_a_time(void)
{
    struct place place;
    pid_t children[RIVALS];
    open_place(&place);
    close(bind_foreign(place.path, true));
    for (int i = 0; i < RIVALS; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(take_turns(&place) ? 0 : 1);
    }
    for (int i = 0; i < RIVALS; i++) {
        int status = -1;
        CU_ASSERT_EQUAL(waitpid(children[i], &status, 0), children[i]);
        CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    close_place(&place);
}

static const struct test tests[] = {
    {"who may not have a port is told who may", ports_of_root},
    {"an address with port 0 gets a port, a name and its kind of clients", tcp_addresses},
    {"a unix socket and its lock file are there while it is open", unix_files_come_and_go},
    {"a path is refused the second time, and stays whose it is", twice_in_one_process},
    {"a path that another listens on is refused", in_use_elsewhere},
    {"a socket that a crash left behind is replaced", stale_is_replaced},
    {"what is no socket or no lock file is left alone, and named", others_files_stay},
    {"what cannot be had is an error with its cause", what_cannot_be_had},
    {"files that have taken the place of ours are not removed", lost_path_stays},
    {"an address that fails takes no other with it", failure_leaves_nothing},
    {"of many that want a path one has it at a time, and is reached there", one_at_a_time},
};

void add_listener_suite(void)
{
    SUITE_ADD("listener", tests);
}
