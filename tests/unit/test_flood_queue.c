/*
 * The queue as a room uses it, with a flow of its own and no room: what it lets in is noted.
 */
#include "suites.h"
#include "company.h"

#include "chat/flood_queue.h"

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <stdatomic.h>

/* Longer than any test waits. */
#define LONG (60 * CLOCK_SECOND)

enum { AUTHORS = COMPANY - 1, READER = COMPANY - 1, PUBLISHED_MAX = 32 };

struct published {
    const struct member *author;
    struct batch_range range;
};

/* Authors with a piece each, and one reader whom they wait for. */
struct queue {
    struct company company;
    struct talkers talkers;
    struct flow flow;
    struct lock order;
    struct flood_queue floods;
    struct flow_reader reader;
    struct user *users[AUTHORS];
    struct member *authors[AUTHORS];
    struct batch said[AUTHORS];
    struct flood_piece pieces[AUTHORS];
    struct published published[PUBLISHED_MAX];
    size_t count;
    const struct member *unlucky; /* there is no memory for what it says */
};

static void queue_open(struct queue *queue, size_t sendq)
{
    *queue = (struct queue){.count = 0};
    company_open(&queue->company, PEER_SMALL_BYTES);
    company_need(talkers_init(&queue->talkers) == 0, "talkers");
    company_need(flow_init(&queue->flow, &queue->talkers, LONG, sendq) == 0, "a flow");
    company_need(lock_init(&queue->order, LOCK_RANK_ORDER, "test order") == 0, "a lock");
    company_need(flood_queue_init(&queue->floods, &queue->flow) == 0, "a queue");
    flow_add(&queue->flow, &queue->reader, company_outbox(&queue->company, READER));
    for (int i = 0; i < AUTHORS; i++) {
        queue->users[i] = user_create(company_outbox(&queue->company, i), &company_view);
        company_need(queue->users[i] != NULL, "a user");
        queue->authors[i] = member_create(queue->users[i], NULL, 0);
        company_need(queue->authors[i] != NULL, "a member");
    }
}

static void queue_close(struct queue *queue)
{
    flow_remove(&queue->reader);
    flood_queue_destroy(&queue->floods);
    lock_destroy(&queue->order);
    flow_destroy(&queue->flow);
    talkers_destroy(&queue->talkers);
    for (int i = 0; i < AUTHORS; i++) {
        batch_free(&queue->said[i]);
        member_release(queue->authors[i]);
        user_release(queue->users[i]);
    }
    free(company_close(&queue->company));
}

/* An author joins the queue with so many messages, each of so many bytes. */
static void say(struct queue *queue, int who, size_t messages, size_t bytes)
{
    static const char zeros[128 * 1024];
    const struct message message = {.name = words_of("A"), .text = {zeros, bytes - 1}};
    for (size_t i = 0; i < messages; i++)
        CU_ASSERT_TRUE(batch_add(&queue->said[who], &message));
    queue->pieces[who] = (struct flood_piece){
        .author = queue->authors[who], .said = &queue->said[who], .arrival = clock_now()};
    flood_queue_add(&queue->floods, &queue->pieces[who]);
}

static bool publish(void *context, struct member *author, const struct batch *said,
                    struct batch_range range)
{
    struct queue *queue = context;
    if (author == queue->unlucky)
        return false;
    company_need(queue->count < PUBLISHED_MAX, "a place for what is published");
    CU_ASSERT_TRUE(range.begin < range.end && range.end <= said->count);
    queue->published[queue->count++] = (struct published){author, range};
    return true;
}

/* One delivery, as a room does it. Returns how many ranges were let in. */
static size_t deliver(struct queue *queue)
{
    queue->count = 0;
    flood_queue_let_in(&queue->floods, publish, queue);
    flood_queue_serve(&queue->floods);
    return queue->count;
}

/* Whether the i-th that was let in is from that author: messages from `begin` to before `end`. */
static bool was_let_in(const struct queue *queue, size_t i, int who, size_t begin, size_t end)
{
    const struct published *published = &queue->published[i];
    return i < queue->count && published->author == queue->authors[who] &&
           published->range.begin == begin && published->range.end == end;
}

static void first_come_is_first_served(void)
{
    struct queue queue;
    queue_open(&queue, COMPANY_SENDQ);
    say(&queue, 2, 3, 100);
    say(&queue, 0, 1, 100);
    say(&queue, 1, 2, 100);
    CU_ASSERT_EQUAL(deliver(&queue), 3);
    CU_ASSERT_TRUE(was_let_in(&queue, 0, 2, 0, 3));
    CU_ASSERT_TRUE(was_let_in(&queue, 1, 0, 0, 1));
    CU_ASSERT_TRUE(was_let_in(&queue, 2, 1, 0, 2));
    for (int i = 0; i < 3; i++)
        CU_ASSERT_TRUE(queue.pieces[i].done && !queue.pieces[i].failed);
    CU_ASSERT_EQUAL(deliver(&queue), 0);
    queue_close(&queue);
}

/* 4096 bytes at once: 4 of 1000, with what frames them; then the one that is left, and others. */
static void no_more_than_a_batch_is_let_in_at_once(void)
{
    struct queue queue;
    queue_open(&queue, (size_t)4 * 4096);
    say(&queue, 0, 9, 1000);
    say(&queue, 1, 9, 1000);
    CU_ASSERT_EQUAL(deliver(&queue), 1);
    CU_ASSERT_TRUE(was_let_in(&queue, 0, 0, 0, 4));
    CU_ASSERT_FALSE(queue.pieces[0].done);
    CU_ASSERT_EQUAL(deliver(&queue), 1);
    CU_ASSERT_TRUE(was_let_in(&queue, 0, 0, 4, 8));
    CU_ASSERT_EQUAL(deliver(&queue), 2);
    CU_ASSERT_TRUE(was_let_in(&queue, 0, 0, 8, 9));
    CU_ASSERT_TRUE(was_let_in(&queue, 1, 1, 0, 3));
    CU_ASSERT_TRUE(queue.pieces[0].done);
    CU_ASSERT_FALSE(queue.pieces[1].done);
    queue_close(&queue);
}

static void a_message_beyond_a_batch_is_let_in_alone(void)
{
    struct queue queue;
    queue_open(&queue, (size_t)4 * 4096);
    say(&queue, 0, 2, 10000);
    say(&queue, 1, 1, 100);
    int64_t began = clock_now();
    CU_ASSERT_EQUAL(deliver(&queue), 1);
    CU_ASSERT_TRUE(was_let_in(&queue, 0, 0, 0, 1));
    /* Readers have the more time for it: it counts as if the gate had opened later. */
    CU_ASSERT_TRUE(queue.flow.opened_at >= began + FLOW_PATIENCE);
    queue_close(&queue);
}

/* A terminal is sent much more for a short line than the line has bytes. */
static void short_messages_count_for_what_terminals_show(void)
{
    struct queue queue;
    queue_open(&queue, (size_t)4 * 4096);
    say(&queue, 0, 1000, 2);
    CU_ASSERT_EQUAL(deliver(&queue), 1);
    size_t let_in = queue.published[0].range.end;
    CU_ASSERT_TRUE(let_in > 0 && let_in * FLOW_LINE_BYTES <= (size_t)2 * 4096);
    queue_close(&queue);
}

static void nothing_is_let_in_while_the_gate_is_closed(void)
{
    struct queue queue;
    queue_open(&queue, COMPANY_SENDQ);
    company_fall_behind(&queue.company, READER);
    say(&queue, 0, 1, 100);
    queue.pieces[0].arrival += LONG;
    CU_ASSERT_FALSE(flood_queue_is_ready(&queue.floods, &queue.pieces[0]));
    CU_ASSERT_EQUAL(deliver(&queue), 0);
    CU_ASSERT_FALSE(queue.pieces[0].done);
    /* Its patience is over. */
    queue.pieces[0].arrival -= LONG + FLOW_PATIENCE;
    CU_ASSERT_TRUE(flood_queue_is_ready(&queue.floods, &queue.pieces[0]));
    CU_ASSERT_EQUAL(deliver(&queue), 1);
    CU_ASSERT_TRUE(queue.pieces[0].done);
    queue_close(&queue);
}

static void only_the_first_piece_is_ready(void)
{
    struct queue queue;
    queue_open(&queue, COMPANY_SENDQ);
    say(&queue, 0, 1, 100);
    say(&queue, 1, 1, 100);
    CU_ASSERT_TRUE(flood_queue_is_ready(&queue.floods, &queue.pieces[0]));
    CU_ASSERT_FALSE(flood_queue_is_ready(&queue.floods, &queue.pieces[1]));
    deliver(&queue);
    queue_close(&queue);
}

static void who_is_sent_off_waits_for_no_reader(void)
{
    struct queue queue;
    queue_open(&queue, COMPANY_SENDQ);
    company_fall_behind(&queue.company, READER);
    say(&queue, 0, 1, 100);
    queue.pieces[0].arrival += LONG;
    link_kill(outbox_link(company_outbox(&queue.company, 0)), LINK_SHUTTING_DOWN);
    CU_ASSERT_TRUE(flood_queue_is_ready(&queue.floods, &queue.pieces[0]));
    CU_ASSERT_EQUAL(deliver(&queue), 1);
    CU_ASSERT_TRUE(queue.pieces[0].done);
    queue_close(&queue);
}

static void want_of_memory_ends_one_piece_alone(void)
{
    struct queue queue;
    queue_open(&queue, COMPANY_SENDQ);
    say(&queue, 0, 1, 100);
    say(&queue, 1, 1, 100);
    queue.unlucky = queue.authors[0];
    CU_ASSERT_EQUAL(deliver(&queue), 1);
    CU_ASSERT_TRUE(was_let_in(&queue, 0, 1, 0, 1));
    CU_ASSERT_TRUE(queue.pieces[0].done && queue.pieces[0].failed);
    CU_ASSERT_TRUE(queue.pieces[1].done && !queue.pieces[1].failed);
    queue_close(&queue);
}

/* Its author is told that only a part of it was sent. */
static void what_was_let_in_before_memory_ran_out_is_known(void)
{
    struct queue queue;
    queue_open(&queue, COMPANY_SENDQ);
    say(&queue, 0, 100, 4000);
    CU_ASSERT_EQUAL(deliver(&queue), 1);
    size_t let_in = queue.published[0].range.end;
    CU_ASSERT_TRUE(let_in > 0 && let_in < 100 && !queue.pieces[0].done);
    queue.unlucky = queue.authors[0];
    deliver(&queue);
    CU_ASSERT_TRUE(queue.pieces[0].done && queue.pieces[0].failed);
    CU_ASSERT_EQUAL(queue.pieces[0].published, let_in);
    queue_close(&queue);
}

static void beside_talk_floods_come_in_small_pieces_and_rest(void)
{
    struct queue queue;
    queue_open(&queue, COMPANY_SENDQ);
    talkers_add(&queue.talkers, 1, clock_now());
    say(&queue, 0, 40, 1000);
    CU_ASSERT_TRUE(flood_queue_let_in(&queue.floods, publish, &queue));
    CU_ASSERT_TRUE(was_let_in(&queue, 0, 0, 0, FLOW_BESIDE_TALK_BYTES / 1003));
    talkers_remove(&queue.talkers, 1);
    CU_ASSERT_FALSE(flood_queue_let_in(&queue.floods, publish, &queue));
    CU_ASSERT_TRUE(was_let_in(&queue, 1, 0, FLOW_BESIDE_TALK_BYTES / 1003, 40));
    flood_queue_serve(&queue.floods);
    CU_ASSERT_FALSE(flood_queue_let_in(&queue.floods, publish, &queue));
    queue_close(&queue);
}

/*
 * Waiting.
 */

struct waiter {
    struct queue *queue;
    int who;
    atomic_bool waits, goes_on;
    pthread_t thread;
};

/* As an author waits while somebody else delivers. */
static void *wait_until_done(void *argument)
{
    struct waiter *waiter = argument;
    struct queue *queue = waiter->queue;
    struct flood_piece *piece = &queue->pieces[waiter->who];
    lock_take(&queue->order);
    atomic_store(&waiter->waits, true);
    while (!piece->done)
        flood_queue_wait(&queue->floods, piece, &queue->order, true);
    lock_release(&queue->order);
    atomic_store(&waiter->goes_on, true);
    return NULL;
}

static bool holds(void *flag)
{
    return atomic_load((atomic_bool *)flag);
}

/* More than there are slots would share one; two that do not must both be woken. */
static void who_was_served_goes_on(void)
{
    struct queue queue;
    struct waiter waiters[2];
    queue_open(&queue, COMPANY_SENDQ);
    for (int i = 0; i < 2; i++) {
        waiters[i] = (struct waiter){.queue = &queue, .who = i};
        say(&queue, i, 1, 100);
        company_need(pthread_create(&waiters[i].thread, NULL, wait_until_done, &waiters[i]) == 0,
                     "a thread");
        CU_ASSERT_TRUE(peer_eventually(holds, &waiters[i].waits));
    }
    lock_take(&queue.order);
    CU_ASSERT_EQUAL(deliver(&queue), 2);
    lock_release(&queue.order);
    for (int i = 0; i < 2; i++) {
        company_need(peer_eventually(holds, &waiters[i].goes_on), "an author go on");
        pthread_join(waiters[i].thread, NULL);
    }
    queue_close(&queue);
}

/* The order lock is given up meanwhile: another thread takes it, and the reader catches up. */
static void *wait_at_the_gate(void *argument)
{
    struct waiter *waiter = argument;
    struct queue *queue = waiter->queue;
    struct flood_piece *piece = &queue->pieces[waiter->who];
    lock_take(&queue->order);
    atomic_store(&waiter->waits, true);
    while (!flood_queue_is_ready(&queue->floods, piece))
        flood_queue_wait(&queue->floods, piece, &queue->order, false);
    lock_release(&queue->order);
    atomic_store(&waiter->goes_on, true);
    return NULL;
}

static void the_first_waits_for_the_gate_without_the_order_lock(void)
{
    struct queue queue;
    struct waiter waiter = {.queue = &queue};
    queue_open(&queue, COMPANY_SENDQ);
    company_fall_behind(&queue.company, READER);
    say(&queue, 0, 1, 100);
    queue.pieces[0].arrival += LONG;
    company_need(pthread_create(&waiter.thread, NULL, wait_at_the_gate, &waiter) == 0, "a thread");
    CU_ASSERT_TRUE(peer_eventually(holds, &waiter.waits));
    lock_take(&queue.order);
    CU_ASSERT_TRUE(queue.floods.waits_for_flow);
    lock_release(&queue.order);
    CU_ASSERT_FALSE(atomic_load(&waiter.goes_on));
    CU_ASSERT_TRUE(company_catch_up(&queue.company, READER));
    company_need(peer_eventually(holds, &waiter.goes_on), "the first go on");
    pthread_join(waiter.thread, NULL);
    CU_ASSERT_EQUAL(deliver(&queue), 1);
    queue_close(&queue);
}

static void land(struct flow *flow, size_t bytes, int64_t launched, int64_t began, uint64_t place)
{
    const struct flow_flight flight = {bytes, launched, began, place};
    flow_land(flow, &flight);
}

/* What is let in goes to the stream first: it is not published here, and counts as under way. */
static void what_launches_comes_again_with_the_rest(void)
{
    struct queue queue;
    queue_open(&queue, COMPANY_SENDQ);
    struct flood_piece *piece = &queue.pieces[0];
    say(&queue, 0, 3, queue.flow.batch / 2 + 1000);
    piece->launches = true;
    CU_ASSERT_EQUAL(deliver(&queue), 0);
    CU_ASSERT_TRUE(piece->done);
    CU_ASSERT_EQUAL(piece->published, 1);
    CU_ASSERT_EQUAL(piece->bytes, queue.flow.under_way);
    land(&queue.flow, piece->bytes, clock_now(), clock_now(), 0);
    CU_ASSERT_EQUAL(queue.flow.under_way, 0);
    say(&queue, 1, 1, 100); /* who came meanwhile is first */
    piece->done = false;
    piece->next = NULL;
    flood_queue_add(&queue.floods, piece);
    CU_ASSERT_EQUAL(deliver(&queue), 1);
    CU_ASSERT_TRUE(was_let_in(&queue, 0, 1, 0, 1));
    CU_ASSERT_EQUAL(piece->published, 2);
    land(&queue.flow, piece->bytes, clock_now(), clock_now(), 0);
    queue_close(&queue);
}

void add_flood_queue_suite(void)
{
    static const struct test tests[] = {
        {"first come is first served", first_come_is_first_served},
        {"no more than a batch is let in at once, and nothing is left out",
         no_more_than_a_batch_is_let_in_at_once},
        {"a message beyond a batch is let in alone, and waited for longer",
         a_message_beyond_a_batch_is_let_in_alone},
        {"short messages count for what terminals show",
         short_messages_count_for_what_terminals_show},
        {"nothing is let in while the gate is closed, but not for ever",
         nothing_is_let_in_while_the_gate_is_closed},
        {"only the first piece is ready", only_the_first_piece_is_ready},
        {"who is sent off as the server stops waits for no reader",
         who_is_sent_off_waits_for_no_reader},
        {"want of memory ends one piece, and no other", want_of_memory_ends_one_piece_alone},
        {"what was let in before memory ran out is known",
         what_was_let_in_before_memory_ran_out_is_known},
        {"beside talk floods come in small pieces, and rest",
         beside_talk_floods_come_in_small_pieces_and_rest},
        {"who was served goes on", who_was_served_goes_on},
        {"the first waits for the gate without the order lock",
         the_first_waits_for_the_gate_without_the_order_lock},
        {"what launches comes again with the rest", what_launches_comes_again_with_the_rest},
    };
    SUITE_ADD("flood_queue", tests);
}
