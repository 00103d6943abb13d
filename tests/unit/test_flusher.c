#include "suites.h"

#include "peer.h"

#include "net/flusher.h"

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <stdatomic.h>

/* Somebody with a full socket and something to send: each time that it can, until it is done. */
struct sender {
    struct flusher_task task; /* the first member */
    int other;
    atomic_int left; /* bytes */
    atomic_bool done;
};

static int64_t send_on(struct flusher_task *task)
{
    static const char bytes[1000];
    struct sender *sender = (struct sender *)task;
    int left = atomic_load(&sender->left);
    size_t length = left < (int)sizeof bytes ? (size_t)left : sizeof bytes;
    ssize_t sent = send(task->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0)
        atomic_store(&sender->left, left - (int)sent);
    bool more = sent < 0 ? errno == EAGAIN || errno == EWOULDBLOCK : left > (int)sent;
    if (!more)
        atomic_store(&sender->done, true);
    return more ? FLUSHER_WHEN_READY : FLUSHER_DONE;
}

/* Makes a sender whose socket is full. */
static void open_sender(struct sender *sender, int left)
{
    int ends[2];
    char bytes[1000] = {0};
    CU_ASSERT_TRUE_FATAL(peer_connect(ends, PEER_SMALL_BYTES));
    while (send(ends[0], bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        ;
    *sender = (struct sender){.task = {.fd = ends[0], .flush = send_on}, .other = ends[1]};
    atomic_init(&sender->left, left);
    atomic_init(&sender->done, false);
}

static void close_sender(struct sender *sender)
{
    close(sender->task.fd);
    close(sender->other);
}

/* For peer_eventually(): reads what there is, until all has been sent. */
static bool reads_until_done(void *context)
{
    struct sender *sender = context;
    char bytes[4096];
    while (recv(sender->other, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        ;
    return atomic_load(&sender->done);
}

static void waits_for_a_full_socket(void)
{
    struct flusher *flusher;
    struct sender full;
    struct sender idle;
    CU_ASSERT_EQUAL_FATAL(flusher_start(&flusher), 0);
    open_sender(&idle, 1);
    open_sender(&full, 100000);
    flusher_add(flusher, &idle.task, FLUSHER_WHEN_READY);
    flusher_add(flusher, &full.task, FLUSHER_WHEN_READY);
    CU_ASSERT_TRUE(peer_eventually(reads_until_done, &full));
    CU_ASSERT_EQUAL(atomic_load(&full.left), 0);
    CU_ASSERT_EQUAL(atomic_load(&idle.left), 1);
    /* Who is done may come again. */
    atomic_store(&full.done, false);
    atomic_store(&full.left, 100000);
    flusher_add(flusher, &full.task, FLUSHER_WHEN_READY);
    CU_ASSERT_TRUE(peer_eventually(reads_until_done, &full));
    shutdown(idle.task.fd, SHUT_RDWR);
    flusher_stop(flusher);
    close_sender(&full);
    close_sender(&idle);
}

/* More than it has room for at first. */
static void serves_many(void)
{
    enum { MANY = 200 };
    static struct sender senders[MANY];
    struct flusher *flusher;
    CU_ASSERT_EQUAL_FATAL(flusher_start(&flusher), 0);
    for (int i = 0; i < MANY; i++) {
        open_sender(&senders[i], 5000);
        flusher_add(flusher, &senders[i].task, FLUSHER_WHEN_READY);
    }
    for (int i = MANY - 1; i >= 0; i--) {
        if (i % 3 == 0)
            shutdown(senders[i].task.fd, SHUT_RDWR);
        EXPECT(peer_eventually(reads_until_done, &senders[i]), "sender %d", i);
    }
    flusher_stop(flusher);
    for (int i = 0; i < MANY; i++)
        close_sender(&senders[i]);
}

static void is_done_with_all_when_stopped(void)
{
    struct flusher *flusher;
    struct sender sender;
    CU_ASSERT_EQUAL_FATAL(flusher_start(&flusher), 0);
    open_sender(&sender, 1);
    flusher_add(flusher, &sender.task, FLUSHER_WHEN_READY);
    shutdown(sender.task.fd, SHUT_RDWR);
    flusher_stop(flusher);
    CU_ASSERT_TRUE(atomic_load(&sender.done));
    close_sender(&sender);
}

/* What waits for a time, and says it again if it is called too early. */
struct delayed {
    struct flusher_task task; /* the first member */
    int64_t until;
    int64_t then; /* what it waits for afterwards */
    int64_t called_at;
    int calls; /* in time; the flusher's until it is done */
    atomic_bool done;
};

static int64_t be_called(struct flusher_task *task)
{
    struct delayed *delayed = (struct delayed *)task;
    int64_t then = delayed->then;
    if (clock_now() < delayed->until)
        return delayed->until;
    delayed->calls++;
    delayed->called_at = clock_now();
    delayed->then = FLUSHER_DONE;
    if (then == FLUSHER_DONE)
        atomic_store(&delayed->done, true);
    return then;
}

static void delay(struct delayed *delayed, int fd, int64_t nanoseconds, int64_t then)
{
    *delayed = (struct delayed){
        .task = {.fd = fd, .flush = be_called}, .until = clock_now() + nanoseconds, .then = then};
    atomic_init(&delayed->done, false);
}

static bool is_done(void *context)
{
    struct delayed *delayed = context;
    return atomic_load(&delayed->done);
}

static void waits_for_times(void)
{
    enum { MANY = 500 };
    static struct delayed delayed[MANY];
    struct flusher *flusher;
    int ends[2];
    CU_ASSERT_TRUE_FATAL(peer_connect(ends, 0));
    CU_ASSERT_EQUAL_FATAL(flusher_start(&flusher), 0);
    /* From the past to beyond the longest wait; some for their sockets afterwards. */
    for (int i = 0; i < MANY; i++) {
        delay(&delayed[i], ends[0], (i * 7919 % 150 - 10) * CLOCK_MILLISECOND,
              i % 3 == 0 ? FLUSHER_WHEN_READY : FLUSHER_DONE);
        flusher_add(flusher, &delayed[i].task, delayed[i].until);
    }
    for (int i = 0; i < MANY; i++) {
        EXPECT(peer_eventually(is_done, &delayed[i]), "task %d", i);
        CU_ASSERT_EQUAL(delayed[i].calls, i % 3 == 0 ? 2 : 1);
    }
    flusher_stop(flusher);
    close(ends[0]);
    close(ends[1]);
}

/* Whether one that waits for an early time is called before a late one, added first, is due. */
static bool an_early_one_is_called_early(void)
{
    struct flusher *flusher;
    struct delayed late;
    struct delayed early;
    int ends[2];
    CU_ASSERT_TRUE_FATAL(peer_connect(ends, 0));
    CU_ASSERT_EQUAL_FATAL(flusher_start(&flusher), 0);
    delay(&late, ends[0], 90 * CLOCK_MILLISECOND, FLUSHER_DONE);
    delay(&early, ends[0], 10 * CLOCK_MILLISECOND, FLUSHER_DONE);
    flusher_add(flusher, &late.task, late.until);
    flusher_add(flusher, &early.task, early.until);
    CU_ASSERT_TRUE(peer_eventually(is_done, &late));
    CU_ASSERT_TRUE(peer_eventually(is_done, &early));
    flusher_stop(flusher);
    close(ends[0]);
    close(ends[1]);
    return early.called_at < late.until;
}

/*
 * One that waits for a late time does not keep back one that is added behind it. On a busy machine
 * both may be due when one of the threads gets to them, but not each time.
 */
static void earlier_times_come_first(void)
{
    CU_ASSERT_TRUE(suite_comes_true(an_early_one_is_called_early));
}

static void lets_go_of_what_waits_when_stopped(void)
{
    struct flusher *flusher;
    struct delayed delayed;
    CU_ASSERT_EQUAL_FATAL(flusher_start(&flusher), 0);
    delay(&delayed, -1, 0, FLUSHER_DONE);
    flusher_add(flusher, &delayed.task, clock_now() + FLUSHER_LONGEST_WAIT);
    flusher_stop(flusher);
    CU_ASSERT_TRUE(atomic_load(&delayed.done));
}

static const struct test tests[] = {
    {"it calls who waits when the socket can take more, until that one is done",
     waits_for_a_full_socket},
    {"it serves many sockets, broken ones among them", serves_many},
    {"when it stops, it is done with every task", is_done_with_all_when_stopped},
    {"it calls who waits for a time, and waits for the socket then if that is to follow",
     waits_for_times},
    {"who waits for an earlier time is called first", earlier_times_come_first},
    {"when it stops, it does not wait for any time", lets_go_of_what_waits_when_stopped},
};

void add_flusher_suite(void)
{
    SUITE_ADD("flusher", tests);
}
