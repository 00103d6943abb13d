#include "suites.h"

#include "base/platform.h"

#include "net/link.h"

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A link, and the other end of its socket. */
struct linked {
    struct link *link;
    int other;
};

static void open_link(struct linked *linked)
{
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    linked->link = link_create(ends[0], "peer");
    CU_ASSERT_PTR_NOT_NULL_FATAL(linked->link);
    CU_ASSERT_EQUAL(link_fd(linked->link), ends[0]);
    linked->other = ends[1];
}

/* Whether the other end sees that this one is closed, without waiting. */
static bool is_closed(const struct linked *linked)
{
    char byte;
    return recv(linked->other, &byte, 1, MSG_DONTWAIT) == 0;
}

static void last_release_closes(void)
{
    struct linked linked;
    open_link(&linked);
    link_acquire(linked.link);
    link_release(linked.link);
    CU_ASSERT_FALSE(is_closed(&linked));
    link_release(linked.link);
    CU_ASSERT_TRUE(is_closed(&linked));
    close(linked.other);
}

static void given_back_stays_open(void)
{
    struct linked linked;
    open_link(&linked);
    int fd = link_give_back(linked.link);
    CU_ASSERT_FALSE(is_closed(&linked));
    CU_ASSERT_EQUAL(send(fd, "x", 1, 0), 1);
    close(fd);
    close(linked.other);
}

static void first_reason_stays(void)
{
    struct linked linked;
    open_link(&linked);
    CU_ASSERT_EQUAL(link_reason(linked.link), LINK_OPEN);
    CU_ASSERT_TRUE(link_end(linked.link, LINK_IDLE));
    CU_ASSERT_FALSE(link_end(linked.link, LINK_RESET));
    CU_ASSERT_FALSE(is_closed(&linked));
    link_kill(linked.link, LINK_TOO_SLOW);
    CU_ASSERT_EQUAL(link_reason(linked.link), LINK_IDLE);
    CU_ASSERT_TRUE(is_closed(&linked));
    link_release(linked.link);
    close(linked.other);
}

static void *receive(void *argument)
{
    const struct linked *linked = argument;
    char byte;
    ssize_t *received = malloc(sizeof *received);
    if (received != NULL)
        *received = recv(link_fd(linked->link), &byte, 1, 0);
    return received;
}

static void kill_wakes_a_reader(void)
{
    struct linked linked;
    pthread_t thread;
    void *received;
    open_link(&linked);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, receive, &linked), 0);
    link_kill(linked.link, LINK_SHUTTING_DOWN);
    pthread_join(thread, &received);
    CU_ASSERT_PTR_NOT_NULL_FATAL(received);
    CU_ASSERT_EQUAL(*(ssize_t *)received, 0);
    free(received);
    link_release(linked.link);
    close(linked.other);
}

static void calls_are_taken_once(void)
{
    struct linked linked;
    open_link(&linked);
    CU_ASSERT_FALSE(link_take_call(linked.link));
    link_call(linked.link);
    link_call(linked.link);
    CU_ASSERT_TRUE(link_take_call(linked.link));
    CU_ASSERT_FALSE(link_take_call(linked.link));
    CU_ASSERT_EQUAL(link_reason(linked.link), LINK_OPEN);
    link_release(linked.link);
    close(linked.other);
}

/* Attends to a link again and again, each time for a moment. */
static void *attend(void *argument)
{
    struct link *link = argument;
    for (int i = 0; i < 1000; i++) {
        link_attend(link);
        link_leave(link);
    }
    return NULL;
}

static void on_nudge(int number)
{
    (void)number;
}

/* A nudge of a thread that has ended would be the end of the run, or of a sanitizer's patience. */
static void only_who_attends_is_nudged(void)
{
    struct linked linked;
    open_link(&linked);
    struct sigaction action = {.sa_handler = on_nudge};
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    link_nudge(linked.link);
    for (int round = 0; round < 20; round++) {
        pthread_t thread;
        CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, attend, linked.link), 0);
        for (int i = 0; i < 1000; i++)
            link_nudge(linked.link);
        pthread_join(thread, NULL);
        link_nudge(linked.link);
    }
    link_release(linked.link);
    close(linked.other);
}

static void long_peer_names(void)
{
    char name[200];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct link *link = link_create(-1, name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(link);
    name[0] = 'x';
    CU_ASSERT_EQUAL(strncmp(link_peer(link), "nnnn", 4), 0);
    CU_ASSERT_EQUAL(strlen(link_peer(link)), LINK_PEER_SIZE - 1);
    link_release(link);
}

static const struct test tests[] = {
    {"only the last reference closes the socket", last_release_closes},
    {"a socket that is given back stays open", given_back_stays_open},
    {"the first reason why it ended stays", first_reason_stays},
    {"killing it wakes who waits for its socket", kill_wakes_a_reader},
    {"calls are taken once", calls_are_taken_once},
    {"only a thread that attends is nudged", only_who_attends_is_nudged},
    {"a peer's name of any length is kept safe", long_peer_names},
};

void add_link_suite(void)
{
    SUITE_ADD("link", tests);
}
