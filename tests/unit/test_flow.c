#include "suites.h"
#include "peer.h"

#include "chat/flow.h"
#include "net/flusher.h"

#include <CUnit/CUnit.h>
#include <pthread.h>

/* Longer than any test waits. */
#define LONG (60 * CLOCK_SECOND)

/*
 * Who talks, and who floods.
 */

static void a_person_talks(void)
{
    struct flow_pace pace = {0};
    int64_t now = LONG;
    for (int i = 0; i < 1000; i++, now += CLOCK_SECOND / 4)
        CU_ASSERT_FALSE(flow_is_flood(&pace, 1000, now));
    /* The longest line, after a second of silence. */
    CU_ASSERT_FALSE(flow_is_flood(&pace, FLOW_TALK_BYTES, now + CLOCK_SECOND));
}

static void much_at_once_is_a_flood(void)
{
    struct flow_pace pace = {0};
    CU_ASSERT_TRUE(flow_is_flood(&pace, FLOW_TALK_BYTES + 1, LONG));
}

/* Many small lines are a flood as well, for as long as they go on. */
static void many_lines_are_a_flood(void)
{
    struct flow_pace pace = {0};
    int64_t now = LONG;
    int floods = 0;
    for (int i = 0; i < 1000; i++, now += 10 * CLOCK_MILLISECOND)
        floods += flow_is_flood(&pace, 100, now);
    CU_ASSERT_TRUE(floods > 900);
    CU_ASSERT_TRUE(flow_is_flood(&pace, 100, now));
    CU_ASSERT_FALSE(flow_is_flood(&pace, 1000, now + 2 * CLOCK_SECOND));
}

/* However much it was. */
static void a_flood_is_forgiven_soon(void)
{
    struct flow_pace pace = {0};
    flow_is_flood(&pace, (size_t)100 * 1024 * 1024, LONG);
    CU_ASSERT_TRUE(flow_is_flood(&pace, 100, LONG + CLOCK_SECOND / 2));
    CU_ASSERT_FALSE(flow_is_flood(&pace, 100, LONG + 2 * CLOCK_SECOND));
}

/*
 * Readers.
 */

enum { READERS = 3, SENDQ = 1024 * 1024 };

struct room_of_readers {
    struct talkers talkers;
    struct flow flow;
    struct flusher *flusher;
    struct peer peers[READERS];
    struct flow_reader readers[READERS];
};

static void open_readers(struct room_of_readers *room, int64_t drain_timeout)
{
    CU_ASSERT_EQUAL_FATAL(flusher_start(&room->flusher), 0);
    CU_ASSERT_EQUAL_FATAL(talkers_init(&room->talkers), 0);
    CU_ASSERT_EQUAL_FATAL(flow_init(&room->flow, &room->talkers, drain_timeout, SENDQ), 0);
    struct conn_config config = {.max_line = 100, .sendq = SENDQ, .flusher = room->flusher};
    for (int i = 0; i < READERS; i++) {
        CU_ASSERT_TRUE_FATAL(peer_open(&room->peers[i], &config, PEER_SMALL_BYTES));
        flow_add(&room->flow, &room->readers[i], conn_outbox(room->peers[i].conn));
    }
}

static void close_readers(struct room_of_readers *room)
{
    for (int i = 0; i < READERS; i++) {
        flow_remove(&room->readers[i]);
        link_kill(conn_link(room->peers[i].conn), LINK_CLOSED);
    }
    flusher_stop(room->flusher);
    for (int i = 0; i < READERS; i++)
        peer_close(&room->peers[i]);
    flow_destroy(&room->flow);
    talkers_destroy(&room->talkers);
}

static const char zeros[512 * 1024];

/* Sends so much that the reader is behind. */
static void fall_behind(struct room_of_readers *room, int i)
{
    text_send(conn_outbox(room->peers[i].conn), zeros, 200 * 1024);
}

/* Reads everything that was sent so. */
static void catch_up(struct room_of_readers *room, int i, size_t length)
{
    char *bytes = malloc(length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    CU_ASSERT_TRUE(peer_receive(&room->peers[i], bytes, length));
    free(bytes);
}

static bool gate_is_open(void *context)
{
    struct room_of_readers *room = context;
    return flow_is_open(&room->flow, LONG + clock_now());
}

/* Whether the gate is open for a piece that has waited that long. */
static bool is_open_after(struct room_of_readers *room, int64_t wait)
{
    return flow_is_open(&room->flow, clock_now() - wait);
}

/* A reader that would be cut off at the usual pace of floods has four times as long. */
static void floods_wait_longer_for_a_reader_near_its_limit(void)
{
    struct room_of_readers room;
    open_readers(&room, LONG);
    fall_behind(&room, 0);
    CU_ASSERT_TRUE(is_open_after(&room, FLOW_PATIENCE));
    text_send(conn_outbox(room.peers[0].conn), zeros, sizeof zeros);
    CU_ASSERT_FALSE(is_open_after(&room, FLOW_PATIENCE));
    CU_ASSERT_TRUE(is_open_after(&room, FLOW_LONG_PATIENCE));
    /* Beside talk so little is let in at once that nobody need wait so long. */
    talkers_add(&room.talkers, 1, clock_now());
    CU_ASSERT_TRUE(flow_open(&room.flow, 0, true).rests);
    room.flow.opened_at = 0;
    CU_ASSERT_TRUE(is_open_after(&room, FLOW_PATIENCE));
    close_readers(&room);
}

/* What opens the gate for a piece that has just come: nobody is behind. */
static void the_gate_is_closed_while_somebody_is_behind(void)
{
    struct room_of_readers room;
    open_readers(&room, LONG);
    CU_ASSERT_TRUE(gate_is_open(&room));
    text_send(conn_outbox(room.peers[0].conn), zeros, 20 * 1024);
    CU_ASSERT_TRUE(gate_is_open(&room));
    fall_behind(&room, 1);
    fall_behind(&room, 2);
    CU_ASSERT_FALSE(gate_is_open(&room));
    catch_up(&room, 2, 200 * 1024);
    CU_ASSERT_FALSE(gate_is_open(&room));
    catch_up(&room, 1, 200 * 1024);
    CU_ASSERT_TRUE(peer_eventually(gate_is_open, &room));
    close_readers(&room);
}

static void a_reader_that_goes_keeps_no_gate_closed(void)
{
    struct room_of_readers room;
    open_readers(&room, LONG);
    fall_behind(&room, 0);
    fall_behind(&room, 1);
    flow_remove(&room.readers[0]);
    CU_ASSERT_FALSE(gate_is_open(&room));
    link_kill(conn_link(room.peers[1].conn), LINK_CLOSED);
    CU_ASSERT_TRUE(peer_eventually(gate_is_open, &room));
    flow_add(&room.flow, &room.readers[0], conn_outbox(room.peers[0].conn));
    CU_ASSERT_FALSE(gate_is_open(&room));
    close_readers(&room);
}

/* Floods wait for slow readers, but not for ever, and all together no more often than that. */
static void the_gate_opens_once_in_a_while(void)
{
    struct room_of_readers room;
    open_readers(&room, LONG);
    fall_behind(&room, 0);
    int64_t now = clock_now();
    CU_ASSERT_EQUAL(flow_open(&room.flow, now + LONG, false).bytes, 0);
    int64_t long_ago = now - FLOW_PATIENCE;
    CU_ASSERT_EQUAL(flow_open(&room.flow, long_ago, false).bytes, FLOW_PATIENT_BYTES);
    CU_ASSERT_EQUAL(flow_open(&room.flow, long_ago, false).bytes, 0);
    CU_ASSERT_EQUAL(flow_open(&room.flow, long_ago, true).bytes, FLOW_PATIENT_BYTES);
    CU_ASSERT_EQUAL(flow_openings(&room.flow), 2);
    close_readers(&room);
}

/*
 * What a socket does not take of a batch would be copied, for each member. It takes one while the
 * one before is still under way.
 */
static void a_socket_takes_two_batches(void)
{
    int ends[2];
    int send_buffer = LINK_SEND_BUFFER_BYTES;
    CU_ASSERT_TRUE_FATAL(peer_connect_tcp(ends));
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    for (int batches = 0; batches < 2; batches++)
        CU_ASSERT_EQUAL(send(ends[0], zeros, FLOW_BATCH_BYTES, MSG_DONTWAIT), FLOW_BATCH_BYTES);
    close(ends[0]);
    close(ends[1]);
}

/* Opens the gate, and forgets when that was. */
static void open_long_ago(struct room_of_readers *room)
{
    CU_ASSERT_TRUE(flow_open(&room->flow, clock_now(), true).bytes > 0);
    room->flow.opened_at = 0;
}

/*
 * Not all readers that stop have full sockets when the first one is behind. One more batch fills
 * the others soon, so that they are not found one after the other.
 */
static void the_gate_opens_once_soon(void)
{
    struct room_of_readers room;
    open_readers(&room, LONG);
    for (int times = 0; times < 2; times++) {
        open_long_ago(&room);
        fall_behind(&room, 0);
        fall_behind(&room, 1);
        CU_ASSERT_FALSE(gate_is_open(&room));
        CU_ASSERT_TRUE(is_open_after(&room, FLOW_FIRST_PATIENCE));
        open_long_ago(&room);
        catch_up(&room, 1, 200 * 1024);
        CU_ASSERT_FALSE(is_open_after(&room, FLOW_FIRST_PATIENCE));
        CU_ASSERT_TRUE(is_open_after(&room, FLOW_PATIENCE));
        catch_up(&room, 0, 200 * 1024);
        CU_ASSERT_TRUE(peer_eventually(gate_is_open, &room));
    }
    /* A reader near its limit is not sent one batch more. */
    fall_behind(&room, 0);
    text_send(conn_outbox(room.peers[0].conn), zeros, sizeof zeros);
    CU_ASSERT_FALSE(is_open_after(&room, FLOW_PATIENCE));
    close_readers(&room);
}

/* A terminal that is behind gets no more than a plain reader, however short the lines are. */
static void what_terminals_show_counts(void)
{
    struct room_of_readers room;
    open_readers(&room, LONG);
    CU_ASSERT_EQUAL(flow_open(&room.flow, clock_now(), false).shown, 2 * FLOW_BATCH_BYTES);
    fall_behind(&room, 0);
    CU_ASSERT_EQUAL(flow_open(&room.flow, clock_now(), true).shown, FLOW_PATIENT_BYTES);
    close_readers(&room);
}

/* Nobody is overrun at once, however little may be pending for a reader. */
static void a_small_sendq_has_small_portions(void)
{
    struct talkers talkers;
    struct flow flow;
    CU_ASSERT_EQUAL_FATAL(talkers_init(&talkers), 0);
    CU_ASSERT_EQUAL_FATAL(flow_init(&flow, &talkers, LONG, 16384), 0);
    CU_ASSERT_EQUAL(flow_open(&flow, clock_now(), false).bytes, 4096);
    flow_destroy(&flow);
    talkers_destroy(&talkers);
}

/* Nor when less may be pending from now on. */
static void another_sendq_has_other_portions(void)
{
    struct talkers talkers;
    struct flow flow;
    CU_ASSERT_EQUAL_FATAL(talkers_init(&talkers), 0);
    CU_ASSERT_EQUAL_FATAL(flow_init(&flow, &talkers, LONG, SENDQ), 0);
    flow_limit(&flow, LONG, 16384);
    CU_ASSERT_EQUAL(flow_open(&flow, clock_now(), false).bytes, 4096);
    flow_limit(&flow, LONG, 32768);
    CU_ASSERT_EQUAL(flow_open(&flow, clock_now(), false).bytes, 8192);
    flow_destroy(&flow);
    talkers_destroy(&talkers);
}

/* After a line that is longer than a portion, readers have the more time. */
static void a_long_line_is_waited_for_longer(void)
{
    struct room_of_readers room;
    open_readers(&room, LONG);
    fall_behind(&room, 0);
    flow_open(&room.flow, clock_now(), true);
    int64_t opened_at = room.flow.opened_at;
    flow_overdraw(&room.flow, FLOW_PATIENT_BYTES);
    CU_ASSERT_EQUAL(room.flow.opened_at, opened_at);
    flow_overdraw(&room.flow, 4 * FLOW_PATIENT_BYTES);
    CU_ASSERT_TRUE(room.flow.opened_at >= opened_at + FLOW_PATIENCE * 29 / 10);
    close_readers(&room);
}

struct waiting {
    struct room_of_readers *room;
    int64_t arrival;
    pthread_t thread;
};

/* Waits as the first in the line does. */
static void *wait_for_gate(void *argument)
{
    struct waiting *waiting = argument;
    struct flow *flow = &waiting->room->flow;
    while (!flow_is_open(flow, waiting->arrival))
        flow_wait(flow, flow_openings(flow), waiting->arrival);
    return NULL;
}

/* Reads as long as the other end is open. */
static void *read_slowly(void *argument)
{
    struct peer *peer = argument;
    char bytes[4096];
    struct timespec pause = {.tv_nsec = 10 * (long)CLOCK_MILLISECOND};
    while (recv(peer->fd, bytes, sizeof bytes, 0) > 0)
        nanosleep(&pause, NULL);
    return NULL;
}

/*
 * The guilty beside the innocent: one takes nothing, one a little, one everything. Returns whether
 * the innocent stay; the one who takes a little does not if its thread is held up for so long.
 */
static bool who_takes_a_little_stays(void)
{
    struct room_of_readers room;
    pthread_t slow;
    open_readers(&room, CLOCK_SECOND / 2);
    fall_behind(&room, 0);
    text_send(conn_outbox(room.peers[1].conn), zeros, sizeof zeros);
    struct waiting waiting = {&room, clock_now() + LONG, 0};
    CU_ASSERT_EQUAL_FATAL(pthread_create(&slow, NULL, read_slowly, &room.peers[1]), 0);
    wait_for_gate(&waiting); /* ends when the slow one has caught up and the other is gone */
    CU_ASSERT_EQUAL(link_reason(conn_link(room.peers[0].conn)), LINK_TOO_SLOW);
    bool stays = link_reason(conn_link(room.peers[1].conn)) == LINK_OPEN;
    CU_ASSERT_EQUAL(link_reason(conn_link(room.peers[2].conn)), LINK_OPEN);
    link_kill(conn_link(room.peers[1].conn), LINK_CLOSED);
    pthread_join(slow, NULL);
    close_readers(&room);
    return stays;
}

static void who_takes_nothing_is_cut_off(void)
{
    CU_ASSERT_TRUE(suite_comes_true(who_takes_a_little_stays));
}

/* Returns whether a reader was judged sooner than a tick after somebody began to wait for it. */
static bool is_judged_within_a_tick(void)
{
    struct room_of_readers room;
    open_readers(&room, 4 * FLOW_TICK);
    fall_behind(&room, 0);
    flow_wait(&room.flow, flow_openings(&room.flow), clock_now() + LONG);
    room.readers[0].waited = 4 * FLOW_TICK - FLOW_TICK / 10;
    int64_t now = clock_now();
    flow_wait(&room.flow, flow_openings(&room.flow), now + LONG);
    bool soon = clock_now() < now + FLOW_TICK;
    CU_ASSERT_EQUAL(link_reason(conn_link(room.peers[0].conn)), LINK_TOO_SLOW);
    close_readers(&room);
    return soon;
}

/* A busy machine may delay one judgement, but not each of many. */
static void a_judgement_waits_for_no_tick(void)
{
    CU_ASSERT_TRUE(suite_comes_true(is_judged_within_a_tick));
}

/* Time in which nobody waits is no time of theirs. */
static void nobody_is_cut_off_while_nobody_waits(void)
{
    struct room_of_readers room;
    open_readers(&room, 4 * FLOW_TICK);
    fall_behind(&room, 0);
    clock_sleep_until(clock_now() + 8 * FLOW_TICK);
    flow_wait(&room.flow, flow_openings(&room.flow), clock_now());
    CU_ASSERT_EQUAL(link_reason(conn_link(room.peers[0].conn)), LINK_OPEN);
    close_readers(&room);
}

/* Who could take more when it is judged is not cut off, though nobody had seen that yet. */
static void one_more_try_before_the_judgement(void)
{
    struct room_of_readers room;
    open_readers(&room, LONG);
    fall_behind(&room, 0);
    catch_up(&room, 0, 4096);
    outbox_judge(conn_outbox(room.peers[0].conn));
    CU_ASSERT_EQUAL(link_reason(conn_link(room.peers[0].conn)), LINK_OPEN);
    /* The flusher may have been first to see that: then it is a judgement on a full socket. */
    outbox_judge(conn_outbox(room.peers[1].conn));
    CU_ASSERT_EQUAL(link_reason(conn_link(room.peers[1].conn)), LINK_OPEN);
    close_readers(&room);
}

/* Two that stop are found together, though TCP still finds a place for something of the one's. */
static void what_fills_the_last_buffers_is_no_reading(void)
{
    struct room_of_readers room;
    open_readers(&room, 6 * FLOW_TICK);
    fall_behind(&room, 0);
    fall_behind(&room, 1);
    catch_up(&room, 0, 4096);
    int64_t arrival = clock_now() + LONG;
    while (link_reason(conn_link(room.peers[1].conn)) == LINK_OPEN && clock_now() < arrival)
        flow_wait(&room.flow, flow_openings(&room.flow), arrival);
    for (int i = 0; i < 2; i++) /* its clock may be a tick behind */
        flow_wait(&room.flow, flow_openings(&room.flow), arrival);
    CU_ASSERT_EQUAL(link_reason(conn_link(room.peers[0].conn)), LINK_TOO_SLOW);
    close_readers(&room);
}

/* What a reader takes sets its clock back, but for what it takes soon after it fell behind. */
static void a_clock_is_set_back_once_tcp_has_settled(void)
{
    struct room_of_readers room;
    struct flow_reader *reader = &room.readers[0];
    open_readers(&room, LONG);
    fall_behind(&room, 0);
    flow_wait(&room.flow, flow_openings(&room.flow), clock_now() + LONG);
    reader->watch.changed(&reader->watch, OUTBOX_BEHIND, true);
    CU_ASSERT_TRUE(reader->waited > 0);
    reader->phase = FLOW_SETTLED;
    reader->watch.changed(&reader->watch, OUTBOX_BEHIND, true);
    CU_ASSERT_EQUAL(reader->waited, 0);
    CU_ASSERT_EQUAL(reader->phase, FLOW_SETTLING);
    close_readers(&room);
}

/* A private flood waits for its reader, whoever else is behind; and not for ever. */
static void a_private_flood_waits_for_its_reader(void)
{
    struct room_of_readers room;
    int64_t let_in = 0;
    open_readers(&room, LONG);
    fall_behind(&room, 0);
    fall_behind(&room, 1);
    int64_t now = clock_now();
    CU_ASSERT_EQUAL(flow_wait_for(&room.flow, &room.readers[2], &let_in, now), FLOW_TRY);
    CU_ASSERT_EQUAL(flow_wait_for(&room.flow, &room.readers[1], &let_in, now), FLOW_WAIT);
    int64_t long_ago = now - FLOW_PATIENCE;
    CU_ASSERT_EQUAL(flow_wait_for(&room.flow, &room.readers[1], &let_in, long_ago), FLOW_SEND);
    CU_ASSERT_EQUAL(flow_wait_for(&room.flow, &room.readers[1], &let_in, long_ago), FLOW_WAIT);
    close_readers(&room);
}

/* Somebody on another machine asks, and does not wait here. */
static void a_private_flood_from_elsewhere_asks_for_its_reader(void)
{
    struct room_of_readers room;
    int64_t let_in = 0;
    open_readers(&room, 3 * FLOW_TICK);
    fall_behind(&room, 0);
    fall_behind(&room, 1);
    CU_ASSERT_EQUAL(flow_ask_for(&room.flow, &room.readers[2], &let_in), FLOW_TRY);
    CU_ASSERT_EQUAL(flow_ask_for(&room.flow, &room.readers[1], &let_in), FLOW_SEND);
    CU_ASSERT_EQUAL(flow_ask_for(&room.flow, &room.readers[1], &let_in), FLOW_WAIT);
    let_in -= FLOW_PATIENCE;
    CU_ASSERT_EQUAL(flow_ask_for(&room.flow, &room.readers[1], &let_in), FLOW_SEND);
    int64_t deadline = clock_now() + LONG;
    while (link_reason(conn_link(room.peers[1].conn)) == LINK_OPEN && clock_now() < deadline) {
        flow_ask_for(&room.flow, &room.readers[1], &let_in);
        clock_sleep_until(clock_now() + FLOW_TICK / 2);
    }
    CU_ASSERT_EQUAL(link_reason(conn_link(room.peers[1].conn)), LINK_TOO_SLOW);
    CU_ASSERT_EQUAL(link_reason(conn_link(room.peers[0].conn)), LINK_OPEN);
    close_readers(&room);
}

/* Who has left the room is sent what it is owed, and is waited for by nobody. */
static void a_private_flood_does_not_wait_for_who_left(void)
{
    struct room_of_readers room;
    int64_t let_in = 0;
    open_readers(&room, LONG);
    fall_behind(&room, 1);
    flow_remove(&room.readers[1]);
    CU_ASSERT_EQUAL(flow_wait_for(&room.flow, &room.readers[1], &let_in, clock_now()), FLOW_SEND);
    close_readers(&room);
}

static void a_private_flood_ends_who_takes_nothing(void)
{
    struct room_of_readers room;
    int64_t let_in = 0;
    open_readers(&room, 3 * FLOW_TICK);
    fall_behind(&room, 0);
    fall_behind(&room, 1);
    int64_t deadline = clock_now() + LONG;
    while (link_reason(conn_link(room.peers[1].conn)) == LINK_OPEN && clock_now() < deadline)
        flow_wait_for(&room.flow, &room.readers[1], &let_in, clock_now());
    CU_ASSERT_EQUAL(link_reason(conn_link(room.peers[1].conn)), LINK_TOO_SLOW);
    CU_ASSERT_EQUAL(link_reason(conn_link(room.peers[0].conn)), LINK_OPEN);
    close_readers(&room);
}

/*
 * Floods beside talk.
 */

static bool beside_talk(struct flow *flow)
{
    struct flow_portion portion = flow_open(flow, clock_now(), true);
    CU_ASSERT_EQUAL(portion.bytes, portion.rests ? FLOW_BESIDE_TALK_BYTES : FLOW_BATCH_BYTES);
    return portion.rests;
}

static void beside_talk_a_flood_comes_in_small_pieces(void)
{
    struct talkers talkers;
    struct flow flow;
    CU_ASSERT_EQUAL_FATAL(talkers_init(&talkers), 0);
    CU_ASSERT_EQUAL_FATAL(flow_init(&flow, &talkers, LONG, SENDQ), 0);
    CU_ASSERT_FALSE(beside_talk(&flow));
    talkers_add(&talkers, 1, clock_now());
    CU_ASSERT_TRUE(beside_talk(&flow));
    talkers_add(&talkers, 1, clock_now() - TALKERS_LAST);
    CU_ASSERT_FALSE(beside_talk(&flow));
    flow_destroy(&flow);
    talkers_destroy(&talkers);
}

/* A flood in a room where nobody talks takes the processors from those who talk in others. */
static void talk_in_another_room_counts(void)
{
    struct talkers talkers;
    struct flow here, there;
    CU_ASSERT_EQUAL_FATAL(talkers_init(&talkers), 0);
    CU_ASSERT_EQUAL_FATAL(flow_init(&here, &talkers, LONG, SENDQ), 0);
    CU_ASSERT_EQUAL_FATAL(flow_init(&there, &talkers, LONG, SENDQ), 0);
    for (uint64_t id = 1; id <= 3 * TALKERS_PLACES; id++)
        talkers_add(&talkers, id, clock_now());
    CU_ASSERT_TRUE(beside_talk(&here));
    CU_ASSERT_TRUE(beside_talk(&there));
    flow_destroy(&here);
    flow_destroy(&there);
    talkers_destroy(&talkers);
}

/* A program that writes without end may begin with a little; that ends nobody else's talk. */
static void a_flood_begins_with_little(void)
{
    struct talkers talkers;
    struct flow flow;
    CU_ASSERT_EQUAL_FATAL(talkers_init(&talkers), 0);
    CU_ASSERT_EQUAL_FATAL(flow_init(&flow, &talkers, LONG, SENDQ), 0);
    talkers_add(&talkers, 1, clock_now());
    talkers_add(&talkers, 2, clock_now());
    talkers_remove(&talkers, 1);
    CU_ASSERT_TRUE(beside_talk(&flow));
    talkers_remove(&talkers, 3);
    CU_ASSERT_TRUE(beside_talk(&flow));
    talkers_remove(&talkers, 2);
    CU_ASSERT_FALSE(beside_talk(&flow));
    flow_destroy(&flow);
    talkers_destroy(&talkers);
}

/* The gate stays closed for twice as long as delivering took, and not for much longer than that. */
static void a_flood_rests(void)
{
    struct talkers talkers;
    struct flow flow;
    CU_ASSERT_EQUAL_FATAL(talkers_init(&talkers), 0);
    CU_ASSERT_EQUAL_FATAL(flow_init(&flow, &talkers, LONG, SENDQ), 0);
    int64_t now = clock_now();
    CU_ASSERT_TRUE(flow_is_open(&flow, now));
    flow_rest(&flow, now - FLOW_REST_MAX / 4);
    CU_ASSERT_TRUE(flow.rests_until >= now + FLOW_REST_MAX / 2);
    flow_rest(&flow, now - LONG);
    CU_ASSERT_TRUE(flow.rests_until <= clock_now() + FLOW_REST_MAX);
    while (!flow_is_open(&flow, now))
        flow_wait(&flow, flow_openings(&flow), now);
    CU_ASSERT_TRUE(clock_now() >= now + FLOW_REST_MAX);
    flow_destroy(&flow);
    talkers_destroy(&talkers);
}

/* Who waits goes on when somebody else has opened the gate: its piece may have been let in. */
static void who_waits_sees_that_the_gate_was_opened(void)
{
    struct room_of_readers room;
    open_readers(&room, LONG);
    fall_behind(&room, 0);
    uint64_t before = flow_openings(&room.flow);
    flow_open(&room.flow, clock_now(), true);
    int64_t now = clock_now();
    flow_wait(&room.flow, before, now + LONG);
    CU_ASSERT_NOT_EQUAL(flow_openings(&room.flow), before);
    close_readers(&room);
}

/*
 * Readers on other machines.
 */

/* What another machine tells of its readers, until then. */
static void tell(struct room_of_readers *room, int64_t behind_until, int64_t near_limit_until,
                 int64_t flood_until)
{
    const struct flow_elsewhere elsewhere = {.behind_until = behind_until,
                                             .near_limit_until = near_limit_until,
                                             .flood_until = flood_until,
                                             .floods = flood_until > 0};
    flow_press(&room->flow, &elsewhere);
}

/* They are waited for as those here are, and for as long. */
static void floods_wait_for_readers_elsewhere(void)
{
    struct room_of_readers room;
    open_readers(&room, LONG);
    int64_t soon = clock_now() + LONG;
    open_long_ago(&room);
    tell(&room, soon, 0, 0);
    CU_ASSERT_FALSE(gate_is_open(&room));
    CU_ASSERT_TRUE(is_open_after(&room, FLOW_FIRST_PATIENCE));
    CU_ASSERT_EQUAL(flow_open(&room.flow, 0, true).bytes, FLOW_PATIENT_BYTES);
    open_long_ago(&room);
    CU_ASSERT_FALSE(is_open_after(&room, FLOW_FIRST_PATIENCE));
    CU_ASSERT_TRUE(is_open_after(&room, FLOW_PATIENCE));
    tell(&room, soon, soon, 0);
    CU_ASSERT_FALSE(is_open_after(&room, FLOW_PATIENCE));
    CU_ASSERT_TRUE(is_open_after(&room, FLOW_LONG_PATIENCE));
    tell(&room, 0, 0, 0);
    CU_ASSERT_TRUE(gate_is_open(&room));
    close_readers(&room);
}

/* A reader here that keeps up does not open the gate every 25 ms, as one that has just fallen
 * behind. */
static void a_reader_here_ends_no_wait_for_one_elsewhere(void)
{
    struct room_of_readers room;
    open_readers(&room, LONG);
    tell(&room, clock_now() + LONG, 0, 0);
    open_long_ago(&room);
    fall_behind(&room, 0);
    catch_up(&room, 0, 200 * 1024);
    CU_ASSERT_FALSE(is_open_after(&room, FLOW_FIRST_PATIENCE));
    close_readers(&room);
}

/* The machine may be gone, or its word may be lost. */
static void what_was_told_holds_for_a_while(void)
{
    struct room_of_readers room;
    open_readers(&room, LONG);
    int64_t end = clock_now() + FLOW_TICK / 2;
    struct waiting waiting = {&room, clock_now() + LONG, 0};
    tell(&room, end, 0, 0);
    wait_for_gate(&waiting);
    CU_ASSERT_TRUE(clock_now() >= end);
    close_readers(&room);
}

/* That none is behind any more has who waits go on at once. */
static void who_waits_hears_that_readers_elsewhere_have_caught_up(void)
{
    struct room_of_readers room;
    open_readers(&room, LONG);
    struct waiting waiting = {&room, clock_now() + LONG, 0};
    tell(&room, clock_now() + LONG, 0, 0);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&waiting.thread, NULL, wait_for_gate, &waiting), 0);
    tell(&room, 0, 0, 0);
    pthread_join(waiting.thread, NULL);
    close_readers(&room);
}

/* Otherwise two floods would be twice as fast for the same reader. */
static void floods_on_several_machines_share(void)
{
    struct room_of_readers room;
    int64_t soon = clock_now() + LONG;
    open_readers(&room, LONG);
    tell(&room, 0, 0, soon);
    CU_ASSERT_EQUAL(flow_open(&room.flow, clock_now(), false).bytes, FLOW_BATCH_BYTES);
    tell(&room, soon, 0, soon);
    CU_ASSERT_EQUAL(flow_open(&room.flow, 0, true).bytes, FLOW_PATIENT_BYTES / 2);
    close_readers(&room);
}

/* A machine that cannot keep up is waited for by floods in all rooms. */
static void a_machine_behind_the_stream_is_waited_for(void)
{
    struct room_of_readers room;
    struct pressure pressure;
    open_readers(&room, LONG);
    CU_ASSERT_EQUAL_FATAL(pressure_init(&pressure), 0);
    flow_tell(&room.flow, &pressure, "tea");
    CU_ASSERT_TRUE(gate_is_open(&room));
    pressure_spread(&pressure, clock_now() + LONG);
    CU_ASSERT_FALSE(gate_is_open(&room));
    pressure_spread(&pressure, 0);
    CU_ASSERT_TRUE(gate_is_open(&room));
    close_readers(&room);
    pressure_destroy(&pressure);
}

static void land(struct flow *flow, size_t bytes, int64_t launched, int64_t began, uint64_t place)
{
    const struct flow_flight flight = {bytes, launched, began, place};
    flow_land(flow, &flight);
}

/* Many authors whose pieces are on the way to the stream would overrun all readers at once. */
static void what_is_under_way_counts(void)
{
    struct room_of_readers room;
    open_readers(&room, LONG);
    flow_launch(&room.flow, FLOW_BATCH_BYTES - 1000);
    CU_ASSERT_EQUAL(flow_open(&room.flow, clock_now(), false).bytes, 1000);
    flow_launch(&room.flow, 1000);
    CU_ASSERT_FALSE(gate_is_open(&room));
    CU_ASSERT_FALSE(is_open_after(&room, FLOW_LONG_PATIENCE));
    struct waiting waiting = {&room, clock_now(), 0};
    CU_ASSERT_EQUAL_FATAL(pthread_create(&waiting.thread, NULL, wait_for_gate, &waiting), 0);
    land(&room.flow, FLOW_BATCH_BYTES, clock_now(), clock_now(), 0);
    pthread_join(waiting.thread, NULL);
    CU_ASSERT_EQUAL(flow_open(&room.flow, clock_now(), false).bytes, FLOW_BATCH_BYTES);
    close_readers(&room);
}

/* Otherwise a reader elsewhere would be overrun before its machine can have told of it. */
static void floods_keep_a_pace(void)
{
    struct room_of_readers room;
    open_readers(&room, LONG);
    int64_t began = clock_now();
    size_t bytes = 0;
    for (; bytes < 10 * FLOW_PATIENT_BYTES; bytes += FLOW_BATCH_BYTES) {
        struct waiting waiting = {&room, clock_now(), 0};
        wait_for_gate(&waiting);
        flow_launch(&room.flow, FLOW_BATCH_BYTES);
        land(&room.flow, FLOW_BATCH_BYTES, clock_now(), clock_now(), 0);
    }
    CU_ASSERT_TRUE(clock_now() - began >= 9 * FLOW_PACE);
    close_readers(&room);
}

/* On the way to the stream and back it sends nothing to the readers. */
static void time_on_the_way_is_a_rest(void)
{
    struct room_of_readers room;
    open_readers(&room, LONG);
    talkers_add(&room.talkers, 1, clock_now());
    CU_ASSERT_TRUE(flow_open(&room.flow, clock_now(), true).rests);
    int64_t now = clock_now();
    int64_t delivery = FLOW_REST_MAX / 4;
    flow_launch(&room.flow, 1000);
    land(&room.flow, 1000, now - delivery, now - delivery, 0);
    CU_ASSERT_TRUE(room.flow.rests_until >= now + FLOW_RESTS * delivery);
    flow_launch(&room.flow, 1000);
    land(&room.flow, 1000, now - 10 * delivery, now - delivery, 0);
    CU_ASSERT_TRUE(flow_is_open(&room.flow, now));
    close_readers(&room);
}

/* What was said up to a place has been made everywhere. */
static void hear(struct room_of_readers *room, uint64_t made)
{
    const struct flow_elsewhere elsewhere = {.made_until = clock_now() + LONG, .made = made};
    flow_press(&room->flow, &elsewhere);
}

/* A word that comes late, as a machine is busy, overruns no reader there. */
static void floods_wait_for_word_of_what_was_made(void)
{
    struct room_of_readers room;
    size_t half = FLOW_PATIENT_BYTES / 2;
    open_readers(&room, LONG);
    hear(&room, 1);
    for (uint64_t place = 2; place < 4; place++) {
        CU_ASSERT_TRUE(gate_is_open(&room));
        flow_launch(&room.flow, half / 2);
        land(&room.flow, half / 2, 0, 0, place);
        room.flow.launched = (struct meter){0};
    }
    CU_ASSERT_FALSE(gate_is_open(&room));
    open_long_ago(&room);
    CU_ASSERT_FALSE(is_open_after(&room, FLOW_FIRST_PATIENCE));
    CU_ASSERT_TRUE(is_open_after(&room, FLOW_PATIENCE));
    hear(&room, 2);
    CU_ASSERT_TRUE(gate_is_open(&room));
    CU_ASSERT_EQUAL(room.flow.window.bytes, half / 2);
    tell(&room, 0, 0, 0); /* nobody tells of it any more */
    CU_ASSERT_EQUAL(room.flow.window.bytes, 0);
    land(&room.flow, 0, 0, 0, 5);
    CU_ASSERT_EQUAL(room.flow.window.count, 0);
    close_readers(&room);
}

static void a_window_has_room_for_all(void)
{
    struct window window = {0};
    for (uint64_t place = 1; place <= 2 * WINDOW_PIECES; place++)
        window_add(&window, place, 10);
    CU_ASSERT_EQUAL(window.bytes, 20 * WINDOW_PIECES);
    window_close(&window, WINDOW_PIECES - 1);
    CU_ASSERT_EQUAL(window.bytes, 10 * (WINDOW_PIECES + 1));
    window_add(&window, 2 * WINDOW_PIECES + 1, 10);
    window_close(&window, 2 * WINDOW_PIECES);
    CU_ASSERT_EQUAL(window.bytes, 10);
    window_close(&window, UINT64_MAX);
    CU_ASSERT_EQUAL(window.bytes, 0);
}

/*
 * What other machines are told.
 */

enum { NOTHING_LISTED = 1 << 8 };

static void note_states(void *context, const char *room, unsigned states)
{
    unsigned *result = context;
    CU_ASSERT_STRING_EQUAL(room, "tea");
    *result = states;
}

static unsigned read_states(struct room_of_readers *room)
{
    unsigned states = NOTHING_LISTED;
    pressure_read(room->flow.gauge.pressure, note_states, &states);
    return states;
}

static bool nothing_is_listed(void *context)
{
    return read_states(context) == NOTHING_LISTED;
}

static void others_are_told_of_slow_readers(void)
{
    struct room_of_readers room;
    struct pressure pressure;
    open_readers(&room, LONG);
    CU_ASSERT_EQUAL_FATAL(pressure_init(&pressure), 0);
    flow_tell(&room.flow, &pressure, "tea");
    CU_ASSERT_EQUAL(read_states(&room), NOTHING_LISTED);
    fall_behind(&room, 0);
    CU_ASSERT_EQUAL(read_states(&room), 0); /* it may be for a moment */
    CU_ASSERT_EQUAL(read_states(&room), PRESSURE_BEHIND);
    catch_up(&room, 0, 200 * 1024);
    CU_ASSERT_TRUE(peer_eventually(nothing_is_listed, &room));
    fall_behind(&room, 1);
    CU_ASSERT_EQUAL(read_states(&room), 0);
    text_send(conn_outbox(room.peers[1].conn), zeros, sizeof zeros);
    CU_ASSERT_EQUAL(read_states(&room), PRESSURE_BEHIND | PRESSURE_NEAR_LIMIT);
    close_readers(&room);
    pressure_destroy(&pressure);
}

static void others_are_told_of_floods_that_wait(void)
{
    struct room_of_readers room;
    struct pressure pressure;
    open_readers(&room, LONG);
    CU_ASSERT_EQUAL_FATAL(pressure_init(&pressure), 0);
    flow_tell(&room.flow, &pressure, "tea");
    flow_wait(&room.flow, flow_openings(&room.flow), clock_now());
    CU_ASSERT_EQUAL(read_states(&room), NOTHING_LISTED);
    tell(&room, clock_now() + LONG, 0, 0);
    /* For two ticks, of which the wait is one: a busy machine may come too late, not each time. */
    bool told = false;
    for (int tries = 0; tries < 100 && !told; tries++) {
        flow_wait(&room.flow, flow_openings(&room.flow), clock_now() + LONG);
        told = read_states(&room) == PRESSURE_FLOOD;
    }
    CU_ASSERT_TRUE(told);
    CU_ASSERT_TRUE(peer_eventually(nothing_is_listed, &room));
    close_readers(&room);
    pressure_destroy(&pressure);
}

/* That is what the machine of the flood waits for. */
static void others_are_told_that_their_flood_comes_in(void)
{
    struct room_of_readers room;
    struct pressure pressure;
    open_readers(&room, LONG);
    CU_ASSERT_EQUAL_FATAL(pressure_init(&pressure), 0);
    flow_tell(&room.flow, &pressure, "tea");
    flow_note_flooded(&room.flow);
    CU_ASSERT_EQUAL(read_states(&room), PRESSURE_FLOODED);
    CU_ASSERT_TRUE(peer_eventually(nothing_is_listed, &room));
    close_readers(&room);
    pressure_destroy(&pressure);
}

/* The clocks of readers run for a flood that waits on another machine, and only then. */
static void who_takes_nothing_is_cut_off_for_a_flood_elsewhere(void)
{
    struct room_of_readers room;
    open_readers(&room, 3 * FLOW_TICK);
    fall_behind(&room, 0);
    for (int i = 0; i < 10; i++) {
        clock_sleep_until(clock_now() + FLOW_TICK / 2);
        flow_tick(&room.flow);
    }
    CU_ASSERT_EQUAL(link_reason(conn_link(room.peers[0].conn)), LINK_OPEN);
    int64_t deadline = clock_now() + LONG;
    tell(&room, 0, 0, deadline);
    while (link_reason(conn_link(room.peers[0].conn)) == LINK_OPEN && clock_now() < deadline) {
        clock_sleep_until(clock_now() + FLOW_TICK / 2);
        flow_tick(&room.flow);
    }
    CU_ASSERT_EQUAL(link_reason(conn_link(room.peers[0].conn)), LINK_TOO_SLOW);
    CU_ASSERT_EQUAL(link_reason(conn_link(room.peers[1].conn)), LINK_OPEN);
    close_readers(&room);
}

void add_flow_suite(void)
{
    static const struct test tests[] = {
        {"a person talks", a_person_talks},
        {"much at once is a flood", much_at_once_is_a_flood},
        {"many lines are a flood", many_lines_are_a_flood},
        {"a flood is forgiven soon", a_flood_is_forgiven_soon},
        {"another sendq has other portions", another_sendq_has_other_portions},
        {"floods wait longer for a reader near its limit",
         floods_wait_longer_for_a_reader_near_its_limit},
        {"the gate is closed while somebody is behind",
         the_gate_is_closed_while_somebody_is_behind},
        {"a reader that goes keeps no gate closed", a_reader_that_goes_keeps_no_gate_closed},
        {"the gate opens once in a while", the_gate_opens_once_in_a_while},
        {"the gate opens once soon, and fills the sockets of all who stopped",
         the_gate_opens_once_soon},
        {"a socket takes two batches", a_socket_takes_two_batches},
        {"what terminals show counts", what_terminals_show_counts},
        {"a small sendq has small portions", a_small_sendq_has_small_portions},
        {"a long line is waited for longer", a_long_line_is_waited_for_longer},
        {"what fills the last buffers is no reading", what_fills_the_last_buffers_is_no_reading},
        {"a clock is set back once TCP has settled", a_clock_is_set_back_once_tcp_has_settled},
        {"who takes nothing is cut off, and nobody else", who_takes_nothing_is_cut_off},
        {"a judgement waits for no tick", a_judgement_waits_for_no_tick},
        {"nobody is cut off while nobody waits", nobody_is_cut_off_while_nobody_waits},
        {"one more try before the judgement", one_more_try_before_the_judgement},
        {"a private flood waits for its reader", a_private_flood_waits_for_its_reader},
        {"a private flood from elsewhere asks for its reader",
         a_private_flood_from_elsewhere_asks_for_its_reader},
        {"a private flood does not wait for who left", a_private_flood_does_not_wait_for_who_left},
        {"a private flood ends who takes nothing", a_private_flood_ends_who_takes_nothing},
        {"beside talk a flood comes in small pieces", beside_talk_a_flood_comes_in_small_pieces},
        {"it does so beside talk in another room", talk_in_another_room_counts},
        {"a flood begins with little", a_flood_begins_with_little},
        {"a flood rests", a_flood_rests},
        {"who waits sees that the gate was opened", who_waits_sees_that_the_gate_was_opened},
        {"floods wait for readers elsewhere", floods_wait_for_readers_elsewhere},
        {"a reader here ends no wait for one elsewhere",
         a_reader_here_ends_no_wait_for_one_elsewhere},
        {"what was told holds for a while", what_was_told_holds_for_a_while},
        {"who waits hears that readers elsewhere have caught up",
         who_waits_hears_that_readers_elsewhere_have_caught_up},
        {"floods on several machines share", floods_on_several_machines_share},
        {"a machine behind the stream is waited for", a_machine_behind_the_stream_is_waited_for},
        {"what is under way counts", what_is_under_way_counts},
        {"floods keep a pace", floods_keep_a_pace},
        {"time on the way is a rest", time_on_the_way_is_a_rest},
        {"others are told of slow readers", others_are_told_of_slow_readers},
        {"others are told of floods that wait", others_are_told_of_floods_that_wait},
        {"floods wait for word of what was made", floods_wait_for_word_of_what_was_made},
        {"a window has room for all", a_window_has_room_for_all},
        {"others are told that their flood comes in", others_are_told_that_their_flood_comes_in},
        {"who takes nothing is cut off for a flood elsewhere",
         who_takes_nothing_is_cut_off_for_a_flood_elsewhere},
    };
    SUITE_ADD("flow", tests);
}
