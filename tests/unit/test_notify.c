/*
 * notify, with a socket of the test's own in the place of the service manager's.
 */
#include "suites.h"
#include "peer.h"

#include "net/notify.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MESSAGE_SIZE = 128, FILL_MAX = 100000 };

/* A service manager: its socket, and the folder that has it. */
struct manager {
    char folder[32];
    char path[48];
    int fd;
};

static void set_or_unset(const char *name, const char *value)
{
    if (value != NULL)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

static void set_environment(const char *name, const char *span, const char *process)
{
    set_or_unset("NOTIFY_SOCKET", name);
    set_or_unset("WATCHDOG_USEC", span);
    set_or_unset("WATCHDOG_PID", process);
}

static void open_manager(struct manager *manager)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *manager = (struct manager){.folder = "/tmp/partyline-notify-XXXXXX"};
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(manager->folder));
    snprintf(manager->path, sizeof manager->path, "%s/socket", manager->folder);
    memcpy(address.sun_path, manager->path, strlen(manager->path) + 1);
    manager->fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    CU_ASSERT_EQUAL_FATAL(bind(manager->fd, (const struct sockaddr *)&address, sizeof address), 0);
    set_environment(manager->path, NULL, NULL);
}

static void close_manager(struct manager *manager)
{
    set_environment(NULL, NULL, NULL);
    close(manager->fd);
    unlink(manager->path);
    CU_ASSERT_EQUAL(rmdir(manager->folder), 0);
}

/* Takes the next message. False if there is none: a datagram that was sent is there at once. */
static bool take(const struct manager *manager, char message[MESSAGE_SIZE])
{
    ssize_t length = recv(manager->fd, message, MESSAGE_SIZE - 1, MSG_DONTWAIT);
    message[length > 0 ? length : 0] = '\0';
    return length >= 0;
}

static bool gets(const struct manager *manager, const char *expected)
{
    char message[MESSAGE_SIZE];
    return take(manager, message) && strcmp(message, expected) == 0;
}

static bool has_nothing(const struct manager *manager)
{
    char message[MESSAGE_SIZE];
    return !take(manager, message);
}

/* Waits until something is due, which must not take long, and serves it. */
static void serve_when_due(struct notify *notify)
{
    CU_ASSERT_TRUE_FATAL(notify_deadline(notify) < clock_now() + PEER_PATIENCE);
    while (clock_now() < notify_deadline(notify))
        clock_sleep_until(notify_deadline(notify));
    notify_serve(notify);
}

static void nobody_to_tell(void)
{
    static const char *const names[] = {NULL, ""};
    for (size_t i = 0; i < 2; i++) {
        struct notify notify;
        set_environment(names[i], "1000", NULL);
        CU_ASSERT_EQUAL(notify_open(&notify), 0);
        CU_ASSERT_EQUAL(notify.fd, -1);
        CU_ASSERT_EQUAL(notify_ready(&notify), 0);
        notify_reloading(&notify);
        notify_serve(&notify);
        notify_stopping(&notify);
        CU_ASSERT_EQUAL(notify_deadline(&notify), CLOCK_NEVER);
        notify_close(&notify);
    }
    set_environment(NULL, NULL, NULL);
}

static void states_in_order(void)
{
    struct manager manager;
    struct notify notify;
    open_manager(&manager);
    CU_ASSERT_EQUAL(notify_open(&notify), 0);
    CU_ASSERT_TRUE(has_nothing(&manager));
    CU_ASSERT_EQUAL(notify_ready(&notify), 0);
    CU_ASSERT_TRUE(gets(&manager, "READY=1"));
    notify_stopping(&notify);
    CU_ASSERT_TRUE(gets(&manager, "STOPPING=1"));
    notify_serve(&notify);
    CU_ASSERT_TRUE(has_nothing(&manager));
    CU_ASSERT_EQUAL(notify_deadline(&notify), CLOCK_NEVER);
    notify_close(&notify);
    close_manager(&manager);
}

static void reloading_has_the_time(void)
{
    struct manager manager;
    struct notify notify;
    char message[MESSAGE_SIZE];
    int64_t told = 0;
    open_manager(&manager);
    CU_ASSERT_EQUAL(notify_open(&notify), 0);
    int64_t before = clock_now() / 1000;
    notify_reloading(&notify);
    int64_t after = clock_now() / 1000;
    CU_ASSERT_TRUE(take(&manager, message));
    CU_ASSERT_EQUAL(sscanf(message, "RELOADING=1\nMONOTONIC_USEC=%" SCNd64, &told), 1);
    EXPECT(told >= before && told <= after, "'%s'", message);
    notify_close(&notify);
    close_manager(&manager);
}

static void abstract_name(void)
{
    struct notify notify;
    struct manager manager = {.fd = socket(AF_UNIX, SOCK_DGRAM, 0)};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char name[64];
    int length = snprintf(name, sizeof name, "@partyline-unit-%ld", (long)getpid());
    memcpy(address.sun_path, name, (size_t)length);
    address.sun_path[0] = '\0';
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)length);
    if (bind(manager.fd, (const struct sockaddr *)&address, size) == 0) { /* some have none */
        set_environment(name, NULL, NULL);
        CU_ASSERT_EQUAL(notify_open(&notify), 0);
        CU_ASSERT_EQUAL(notify_ready(&notify), 0);
        CU_ASSERT_TRUE(gets(&manager, "READY=1"));
        notify_close(&notify);
        set_environment(NULL, NULL, NULL);
    }
    close(manager.fd);
}

static void names_that_lead_nowhere(void)
{
    char long_name[256] = "/tmp/";
    struct notify notify;
    memset(long_name + 5, 'x', sizeof long_name - 6);
    set_environment("vsock:2:1234", NULL, NULL);
    CU_ASSERT_EQUAL(notify_open(&notify), EAFNOSUPPORT);
    CU_ASSERT_EQUAL(notify_ready(&notify), 0);
    set_environment(long_name, NULL, NULL);
    CU_ASSERT_EQUAL(notify_open(&notify), ENAMETOOLONG);
    CU_ASSERT_EQUAL(notify_deadline(&notify), CLOCK_NEVER);
    notify_close(&notify);
    set_environment("/nonexistent/socket", NULL, NULL);
    CU_ASSERT_EQUAL(notify_open(&notify), 0);
    CU_ASSERT_EQUAL(notify_ready(&notify), ENOENT);
    CU_ASSERT_EQUAL(notify_deadline(&notify), CLOCK_NEVER);
    notify_close(&notify);
    set_environment(NULL, NULL, NULL);
}

static void signs_of_life(void)
{
    struct manager manager;
    struct notify notify;
    char own[32];
    snprintf(own, sizeof own, "%ld", (long)getpid());
    open_manager(&manager);
    set_environment(manager.path, "100000", own);
    CU_ASSERT_EQUAL(notify_open(&notify), 0);
    CU_ASSERT_EQUAL(notify_deadline(&notify), CLOCK_NEVER); /* not before it is ready */
    int64_t before = clock_now();
    CU_ASSERT_EQUAL(notify_ready(&notify), 0);
    CU_ASSERT_TRUE(gets(&manager, "READY=1"));
    int64_t first = notify_deadline(&notify);
    CU_ASSERT_TRUE(first >= before + 50 * CLOCK_MILLISECOND);
    CU_ASSERT_TRUE(first <= clock_now() + 50 * CLOCK_MILLISECOND);
    serve_when_due(&notify);
    CU_ASSERT_TRUE(gets(&manager, "WATCHDOG=1"));
    CU_ASSERT_TRUE(notify_deadline(&notify) >= first + 50 * CLOCK_MILLISECOND);
    CU_ASSERT_EQUAL(notify_ready(&notify), 0); /* once more, as after a reload */
    CU_ASSERT_TRUE(gets(&manager, "READY=1"));
    serve_when_due(&notify);
    CU_ASSERT_TRUE(gets(&manager, "WATCHDOG=1"));
    CU_ASSERT_TRUE(has_nothing(&manager));
    notify_close(&notify);
    close_manager(&manager);
}

static void not_before_it_is_due(void)
{
    struct manager manager;
    struct notify notify;
    open_manager(&manager);
    set_environment(manager.path, "3600000000", NULL);
    CU_ASSERT_EQUAL(notify_open(&notify), 0);
    CU_ASSERT_EQUAL(notify_ready(&notify), 0);
    notify_serve(&notify);
    CU_ASSERT_TRUE(gets(&manager, "READY=1"));
    CU_ASSERT_TRUE(has_nothing(&manager));
    CU_ASSERT_TRUE(notify_deadline(&notify) > clock_now() + 1000 * CLOCK_SECOND);
    notify_close(&notify);
    close_manager(&manager);
}

static void watchdogs_of_others(void)
{
    static const struct {
        const char *span, *process;
    } rows[] = {
        {NULL, NULL},         {"", NULL},
        {"0", NULL},          {"-5", NULL},
        {"1s", NULL},         {"1000", "2147483647"},
        {"1000", ""},         {"1000", "own"},
        {NULL, "2147483647"}, {"9223372036854775807", NULL},
        {"1000", "0"},        {"1000", "-1"},
    };
    struct manager manager;
    open_manager(&manager);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct notify notify;
        set_environment(manager.path, rows[i].span, rows[i].process);
        CU_ASSERT_EQUAL(notify_open(&notify), 0);
        CU_ASSERT_EQUAL(notify_ready(&notify), 0);
        EXPECT(notify_deadline(&notify) == CLOCK_NEVER, "row %zu", i);
        CU_ASSERT_TRUE(gets(&manager, "READY=1"));
        notify_close(&notify);
    }
    close_manager(&manager);
}

/* Fills the manager's queue, and returns a notify that has something in it. */
static void fill_queue(struct manager *manager, struct notify *notify)
{
    open_manager(manager);
    CU_ASSERT_EQUAL(notify_open(notify), 0);
    for (int i = 0; i < FILL_MAX && notify_deadline(notify) == CLOCK_NEVER; i++)
        CU_ASSERT_EQUAL(notify_ready(notify), 0);
    CU_ASSERT_TRUE_FATAL(notify_deadline(notify) != CLOCK_NEVER);
}

static void empty_queue(const struct manager *manager)
{
    char message[MESSAGE_SIZE];
    while (take(manager, message))
        ;
}

static void full_queue_is_tried_again(void)
{
    struct manager manager;
    struct notify notify;
    fill_queue(&manager, &notify);
    serve_when_due(&notify); /* in vain, and it does not wait */
    CU_ASSERT_TRUE(notify_deadline(&notify) != CLOCK_NEVER);
    empty_queue(&manager);
    notify_reloading(&notify);
    empty_queue(&manager);
    serve_when_due(&notify);
    CU_ASSERT_TRUE(gets(&manager, "READY=1"));
    CU_ASSERT_TRUE(has_nothing(&manager));
    CU_ASSERT_EQUAL(notify_deadline(&notify), CLOCK_NEVER);
    notify_close(&notify);
    close_manager(&manager);
}

static void last_state_counts(void)
{
    struct manager manager;
    struct notify notify;
    fill_queue(&manager, &notify);
    notify_stopping(&notify);
    empty_queue(&manager);
    serve_when_due(&notify);
    CU_ASSERT_TRUE(gets(&manager, "STOPPING=1"));
    CU_ASSERT_TRUE(has_nothing(&manager));
    CU_ASSERT_EQUAL(notify_deadline(&notify), CLOCK_NEVER);
    notify_close(&notify);
    close_manager(&manager);
}

static void statuses(void)
{
    struct manager manager;
    struct notify notify;
    char longest[2 * NOTIFY_STATUS_SIZE];
    char message[MESSAGE_SIZE];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    open_manager(&manager);
    CU_ASSERT_EQUAL(notify_open(&notify), 0);
    CU_ASSERT_TRUE(notify_is_open(&notify));
    notify_status(&notify, "2 people");
    CU_ASSERT_TRUE(gets(&manager, "STATUS=2 people"));
    notify_status(&notify, "2 people");
    CU_ASSERT_TRUE(has_nothing(&manager));
    notify_status(&notify, "1 person");
    CU_ASSERT_TRUE(gets(&manager, "STATUS=1 person"));
    notify_status(&notify, longest);
    CU_ASSERT_TRUE(take(&manager, message));
    CU_ASSERT_EQUAL(strlen(message), strlen("STATUS=") + NOTIFY_STATUS_SIZE - 1);
    notify_status(&notify, longest);
    CU_ASSERT_TRUE(has_nothing(&manager));
    CU_ASSERT_EQUAL(notify_deadline(&notify), CLOCK_NEVER);
    notify_close(&notify);
    CU_ASSERT_FALSE(notify_is_open(&notify));
    notify_status(&notify, "3 people");
    close_manager(&manager);
}

static const struct test tests[] = {
    {"what goes on is told when it has changed", statuses},
    {"without $NOTIFY_SOCKET nothing is done, and nothing is due", nobody_to_tell},
    {"a state is one datagram, and states come in order", states_in_order},
    {"a reload comes with the time, in microseconds", reloading_has_the_time},
    {"a name that begins with @ is abstract", abstract_name},
    {"a name that leads nowhere is an error, and no more is tried", names_that_lead_nowhere},
    {"a sign of life is due at half of $WATCHDOG_USEC, from the first READY=1 on", signs_of_life},
    {"and is not sent before", not_before_it_is_due},
    {"a watchdog of another process, or none, asks for nothing", watchdogs_of_others},
    {"what a full queue does not take is sent again later", full_queue_is_tried_again},
    {"of what a full queue did not take only the last state counts", last_state_counts},
};

void add_notify_suite(void)
{
    SUITE_ADD("notify", tests);
}
