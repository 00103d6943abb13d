#include "suites.h"
#include "peer.h"

#include "net/lingering.h"

#include <CUnit/CUnit.h>

/* A crowd of refused clients, with their own ends; one more than can be kept. */
struct crowd {
    struct lingering lingering;
    int fds[LINGERING_MAX + 1];
    int count;
};

/* A client comes, has been told why it is refused, and is refused. */
static void refuse_one(struct crowd *crowd)
{
    int ends[2];
    CU_ASSERT_TRUE_FATAL(peer_connect(ends, 0));
    CU_ASSERT_EQUAL(send(ends[0], "full\n", 5, MSG_NOSIGNAL), 5);
    crowd->fds[crowd->count++] = ends[1];
    lingering_add(&crowd->lingering, ends[0]);
}

/* Whether nobody holds the other end any more: what is sent there has nowhere to go. */
static bool is_closed(int fd)
{
    return send(fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno == EPIPE;
}

/* Nobody's time is over while a slow machine is at it. */
static void give_time(struct crowd *crowd)
{
    for (size_t i = 0; i < crowd->lingering.count; i++)
        crowd->lingering.items[i].deadline = clock_now() + PEER_PATIENCE;
}

static void close_crowd(struct crowd *crowd)
{
    lingering_close(&crowd->lingering);
    CU_ASSERT_EQUAL(crowd->lingering.count, 0);
    for (int i = 0; i < crowd->count; i++) {
        EXPECT(is_closed(crowd->fds[i]), "client %d", i);
        close(crowd->fds[i]);
    }
}

/* One turn of the accepting thread, which waits for at most so long. */
static void serve(struct crowd *crowd, int64_t wait)
{
    struct pollfd polled[LINGERING_MAX];
    size_t count = lingering_fill(&crowd->lingering, polled);
    poll(polled, (nfds_t)count, clock_poll_timeout(clock_now() + wait));
    CU_ASSERT_EQUAL(lingering_serve(&crowd->lingering, polled), count);
}

/* Whether the client gets its line, and then the end of the stream in order. */
static bool is_told(int fd)
{
    struct peer peer = {.fd = fd};
    return peer_gets(&peer, "full\n") && peer_is_at_end(&peer);
}

static void nobody(void)
{
    struct lingering lingering = {0};
    struct pollfd polled[1];
    CU_ASSERT_EQUAL(lingering_fill(&lingering, polled), 0);
    CU_ASSERT_EQUAL(lingering_deadline(&lingering), CLOCK_NEVER);
    CU_ASSERT_EQUAL(lingering_serve(&lingering, polled), 0);
    lingering_close(&lingering);
}

static void told_and_kept(void)
{
    struct crowd crowd = {0};
    int64_t before = clock_now();
    refuse_one(&crowd);
    CU_ASSERT_TRUE(is_told(crowd.fds[0]));
    CU_ASSERT_FALSE(is_closed(crowd.fds[0]));
    CU_ASSERT_TRUE(lingering_deadline(&crowd.lingering) > before);
    CU_ASSERT_TRUE(lingering_deadline(&crowd.lingering) < CLOCK_NEVER);
    close_crowd(&crowd);
}

static void read_to_the_end(void)
{
    struct crowd crowd = {0};
    char much[50000] = "";
    refuse_one(&crowd);
    refuse_one(&crowd);
    give_time(&crowd);
    CU_ASSERT_EQUAL(send(crowd.fds[0], much, sizeof much, MSG_NOSIGNAL), (ssize_t)sizeof much);
    CU_ASSERT_EQUAL(shutdown(crowd.fds[0], SHUT_WR), 0);
    int turns = 0;
    while (crowd.lingering.count == 2 && turns++ < 1000)
        serve(&crowd, CLOCK_SECOND / 2);
    CU_ASSERT_EQUAL(crowd.lingering.count, 1);
    CU_ASSERT_TRUE(turns > 1); /* it had much to say, and did not keep the thread */
    CU_ASSERT_TRUE(is_told(crowd.fds[0]));
    CU_ASSERT_FALSE(is_closed(crowd.fds[1]));
    close_crowd(&crowd);
}

/* Over TCP unread input would make of the closing a reset, which takes the line with it. */
static void line_outlives_unread_input(void)
{
    struct crowd crowd = {0};
    int ends[2];
    CU_ASSERT_TRUE_FATAL(peer_connect_tcp(ends));
    CU_ASSERT_EQUAL(send(ends[1], "Alice\nhello\n", 12, MSG_NOSIGNAL), 12);
    CU_ASSERT_EQUAL(send(ends[0], "full\n", 5, MSG_NOSIGNAL), 5);
    lingering_add(&crowd.lingering, ends[0]);
    give_time(&crowd);
    CU_ASSERT_EQUAL(shutdown(ends[1], SHUT_WR), 0);
    while (crowd.lingering.count > 0)
        serve(&crowd, CLOCK_SECOND / 2);
    CU_ASSERT_TRUE(is_told(ends[1]));
    close(ends[1]);
    close_crowd(&crowd);
}

static void reset_is_an_end(void)
{
    struct crowd crowd = {0};
    int ends[2];
    CU_ASSERT_TRUE_FATAL(peer_connect_tcp(ends));
    lingering_add(&crowd.lingering, ends[0]);
    give_time(&crowd);
    struct peer peer = {.fd = ends[1]};
    peer_reset(&peer);
    int64_t deadline = lingering_deadline(&crowd.lingering);
    while (crowd.lingering.count > 0)
        serve(&crowd, PEER_PATIENCE);
    CU_ASSERT_TRUE(clock_now() < deadline);
    close_crowd(&crowd);
}

/* Who goes on talking has a second, and no more. */
static void time_runs_out(void)
{
    struct crowd crowd = {0};
    refuse_one(&crowd);
    int64_t deadline = lingering_deadline(&crowd.lingering);
    while (clock_now() < deadline && crowd.lingering.count > 0) {
        CU_ASSERT_TRUE(send(crowd.fds[0], "me\n", 3, MSG_DONTWAIT | MSG_NOSIGNAL) > 0);
        serve(&crowd, CLOCK_SECOND);
        clock_sleep_until(clock_now() + 10 * CLOCK_MILLISECOND);
    }
    CU_ASSERT_TRUE(clock_now() >= deadline);
    serve(&crowd, 0);
    CU_ASSERT_EQUAL(crowd.lingering.count, 0);
    CU_ASSERT_TRUE(is_closed(crowd.fds[0]));
    close_crowd(&crowd);
}

static void oldest_makes_room(void)
{
    struct crowd crowd = {0};
    for (int i = 0; i < LINGERING_MAX + 1; i++)
        refuse_one(&crowd);
    CU_ASSERT_EQUAL(crowd.lingering.count, LINGERING_MAX);
    for (int i = 0; i < LINGERING_MAX + 1; i++) {
        EXPECT(is_told(crowd.fds[i]), "client %d", i);
        EXPECT(is_closed(crowd.fds[i]) == (i == 0), "client %d", i);
    }
    for (size_t i = 1; i < crowd.lingering.count; i++)
        CU_ASSERT_TRUE(crowd.lingering.items[i].deadline >= crowd.lingering.items[i - 1].deadline);
    close_crowd(&crowd);
}

static const struct test tests[] = {
    {"with nobody refused there is nothing to wait for", nobody},
    {"who is refused gets its line and the end at once, and is kept for a time", told_and_kept},
    {"who has ended is closed, and nobody else is", read_to_the_end},
    {"the line arrives though the client had spoken before", line_outlives_unread_input},
    {"a reset is an end", reset_is_an_end},
    {"who goes on talking is closed when its time is over", time_runs_out},
    {"one too many costs the oldest the rest of its time", oldest_makes_room},
};

void add_lingering_suite(void)
{
    SUITE_ADD("lingering", tests);
}
