#include "suites.h"
#include "peer.h"

#include "chat/client.h"
#include "chat/round.h"

#include <CUnit/CUnit.h>
#include <string.h>

static const struct conn_config config = {.max_line = 100, .sendq = 1024 * 1024};

/* What a peer reads to know that nothing more came before. */
#define MARK "=== mark ===\n"

enum { CROWD = 3 };

struct crowd {
    struct round round;
    struct peer peers[CROWD];
    struct client *clients[CROWD];
};

/* Three clients who joined before a round that begins at `start`. */
static void gather(struct crowd *crowd, uint64_t number, uint64_t start)
{
    *crowd = (struct crowd){.round = {.number = 0}};
    round_begin(&crowd->round, number, start);
    for (int i = 0; i < CROWD; i++) {
        CU_ASSERT_TRUE_FATAL(peer_open(&crowd->peers[i], &config, 0));
        crowd->clients[i] = client_create(conn_outbox(crowd->peers[i].conn));
        CU_ASSERT_PTR_NOT_NULL_FATAL(crowd->clients[i]);
    }
}

static void disperse(struct crowd *crowd)
{
    round_free(&crowd->round);
    for (int i = 0; i < CROWD; i++) {
        client_release(crowd->clients[i]);
        peer_close(&crowd->peers[i]);
    }
}

/* Adds a line of one of the crowd's (-1: of the room's). */
static void say(struct crowd *crowd, int author, const char *line)
{
    CU_ASSERT_TRUE(
        round_add(&crowd->round, author >= 0 ? crowd->clients[author] : NULL, line, strlen(line)));
}

/* Sends the round to one of them; whether exactly this is what comes. */
static bool is_sent(struct crowd *crowd, int member, const char *expected)
{
    struct peer *peer = &crowd->peers[member];
    round_send(&crowd->round, crowd->clients[member]);
    bool right = peer_gets(peer, expected);
    right = peer_has_nothing(peer) && right;
    outbox_say(conn_outbox(peer->conn), MARK);
    return peer_gets(peer, MARK) && right;
}

static void own_lines_are_left_out(void)
{
    struct crowd crowd;
    gather(&crowd, 1, 0);
    say(&crowd, 0, "A: one\n");
    say(&crowd, 1, "B: two\n");
    say(&crowd, 0, "A: three\n");
    CU_ASSERT_TRUE(is_sent(&crowd, 0, "B: two\n"));
    CU_ASSERT_TRUE(is_sent(&crowd, 1, "A: one\nA: three\n"));
    CU_ASSERT_TRUE(is_sent(&crowd, 2, "A: one\nB: two\nA: three\n"));
    disperse(&crowd);
}

static void own_lines_anywhere(void)
{
    static const struct {
        const int authors[4];
        const char *sent; /* to the first */
    } rows[] = {
        {{0, 0, 0, 0}, ""},       {{0, 1, 1, 1}, "1\n2\n3\n"}, {{1, 1, 1, 0}, "0\n1\n2\n"},
        {{1, 0, 0, 1}, "0\n3\n"}, {{0, 1, 0, 1}, "1\n3\n"},    {{1, 0, 1, 0}, "0\n2\n"},
        {{0, 1, 1, 0}, "1\n2\n"}, {{-1, 0, -1, 0}, "0\n2\n"},  {{0, -1, -1, 0}, "1\n2\n"},
    };
    static const char *const lines[] = {"0\n", "1\n", "2\n", "3\n"};
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct crowd crowd;
        gather(&crowd, 1, 0);
        for (int i = 0; i < 4; i++)
            say(&crowd, rows[row].authors[i], lines[i]);
        EXPECT(is_sent(&crowd, 0, rows[row].sent), "row %zu", row);
        EXPECT(is_sent(&crowd, 2, "0\n1\n2\n3\n"), "row %zu", row);
        disperse(&crowd);
    }
}

static void room_speaks_to_everyone(void)
{
    struct crowd crowd;
    gather(&crowd, 1, 0);
    say(&crowd, -1, "*** notice ***\n");
    say(&crowd, 0, "A: hello\n");
    say(&crowd, -1, "*** another ***\n");
    CU_ASSERT_TRUE(is_sent(&crowd, 0, "*** notice ***\n*** another ***\n"));
    CU_ASSERT_TRUE(is_sent(&crowd, 1, "*** notice ***\nA: hello\n*** another ***\n"));
    disperse(&crowd);
}

static void joiner_gets_what_follows(void)
{
    struct crowd crowd;
    gather(&crowd, 5, 1000);
    say(&crowd, 0, "A: before\n");
    say(&crowd, -1, "*** C has joined ***\n");
    crowd.clients[2]->joined_at = 1000 + 10 + 21;
    say(&crowd, 0, "A: welcome\n");
    say(&crowd, 2, "C: hi\n");
    say(&crowd, 1, "B: hi C\n");
    CU_ASSERT_TRUE(is_sent(&crowd, 2, "A: welcome\nB: hi C\n"));
    CU_ASSERT_TRUE(is_sent(&crowd, 1, "A: before\n*** C has joined ***\nA: welcome\nC: hi\n"));
    CU_ASSERT_TRUE(is_sent(&crowd, 0, "*** C has joined ***\nC: hi\nB: hi C\n"));
    disperse(&crowd);
}

/* The join falls between two lines of one author, which are one passage. */
static void joiner_within_a_passage(void)
{
    struct crowd crowd;
    gather(&crowd, 2, 7);
    say(&crowd, 0, "A: one\n");
    crowd.clients[2]->joined_at = 7 + 7;
    say(&crowd, 0, "A: two\n");
    CU_ASSERT_TRUE(is_sent(&crowd, 2, "A: two\n"));
    CU_ASSERT_TRUE(is_sent(&crowd, 1, "A: one\nA: two\n"));
    disperse(&crowd);
}

static void joiner_at_the_edges(void)
{
    struct crowd crowd;
    gather(&crowd, 2, 100);
    say(&crowd, 0, "A: line\n");
    crowd.clients[1]->joined_at = 100;
    crowd.clients[2]->joined_at = 108;
    CU_ASSERT_TRUE(is_sent(&crowd, 1, "A: line\n"));
    CU_ASSERT_TRUE(is_sent(&crowd, 2, ""));
    /* Who joins later than all of it gets nothing of it either. */
    crowd.clients[2]->joined_at = 5000;
    CU_ASSERT_TRUE(is_sent(&crowd, 2, ""));
    /* And a joiner whose own words are all that follows. */
    crowd.clients[2]->joined_at = 108;
    say(&crowd, 2, "C: me\n");
    CU_ASSERT_TRUE(is_sent(&crowd, 2, ""));
    disperse(&crowd);
}

static void one_author_is_one_passage(void)
{
    struct crowd crowd;
    gather(&crowd, 1, 0);
    for (int i = 0; i < 100; i++)
        say(&crowd, 0, "A: again\n");
    CU_ASSERT_EQUAL(crowd.round.count, 1);
    for (int i = 0; i < 100; i++)
        say(&crowd, i % 2, "x\n");
    CU_ASSERT_EQUAL(crowd.round.count, 100);
    say(&crowd, -1, "y\n");
    say(&crowd, -1, "z\n");
    CU_ASSERT_EQUAL(crowd.round.count, 101);
    CU_ASSERT_EQUAL(crowd.round.passages[100].end, buffer_length(&crowd.round.bytes));
    disperse(&crowd);
}

/* Who spoke in the round before is not taken for one who spoke in this one. */
static void rounds_do_not_mix(void)
{
    struct crowd crowd;
    gather(&crowd, 1, 0);
    say(&crowd, 0, "A: one\n");
    CU_ASSERT_TRUE(is_sent(&crowd, 0, ""));
    struct round next = {.number = 0};
    round_begin(&next, 2, 7);
    CU_ASSERT_TRUE(round_add(&next, crowd.clients[1], "B: two\n", 7));
    CU_ASSERT_TRUE(round_add(&next, crowd.clients[0], "A: three\n", 9));
    /* The first is still on its way while the next one collects. */
    CU_ASSERT_TRUE(is_sent(&crowd, 0, ""));
    CU_ASSERT_TRUE(is_sent(&crowd, 1, "A: one\n"));
    round_send(&next, crowd.clients[0]);
    CU_ASSERT_TRUE(peer_gets(&crowd.peers[0], "B: two\n"));
    CU_ASSERT_TRUE(peer_has_nothing(&crowd.peers[0]));
    round_begin(&crowd.round, 3, 23);
    CU_ASSERT_EQUAL(crowd.round.count, 0);
    CU_ASSERT_EQUAL(buffer_length(&crowd.round.bytes), 0);
    say(&crowd, 2, "C: four\n");
    CU_ASSERT_TRUE(is_sent(&crowd, 0, "C: four\n"));
    CU_ASSERT_TRUE(is_sent(&crowd, 1, "C: four\n"));
    round_free(&next);
    disperse(&crowd);
}

static void empty_round_sends_nothing(void)
{
    struct crowd crowd;
    gather(&crowd, 1, 0);
    CU_ASSERT_TRUE(is_sent(&crowd, 0, ""));
    disperse(&crowd);
}

/* What was queued for a member before (a welcome, say) goes out with the round, before it. */
static void queued_goes_first(void)
{
    struct crowd crowd;
    gather(&crowd, 1, 0);
    say(&crowd, 0, "A: hello\n");
    say(&crowd, 1, "B: hello\n");
    for (int i = 0; i < CROWD; i++)
        outbox_queue(crowd.clients[i]->outbox, "welcome\n", 8);
    CU_ASSERT_TRUE(is_sent(&crowd, 0, "welcome\nB: hello\n"));
    CU_ASSERT_TRUE(is_sent(&crowd, 2, "welcome\nA: hello\nB: hello\n"));
    disperse(&crowd);
}

static void queueing_sends_nothing_yet(void)
{
    struct crowd crowd;
    gather(&crowd, 1, 0);
    say(&crowd, 0, "A: hello\n");
    say(&crowd, 1, "B: hello\n");
    for (int i = 0; i < CROWD; i++) {
        round_queue(&crowd.round, crowd.clients[i]);
        CU_ASSERT_TRUE(peer_has_nothing(&crowd.peers[i]));
        outbox_flush(crowd.clients[i]->outbox);
    }
    CU_ASSERT_TRUE(peer_gets(&crowd.peers[0], "B: hello\n"));
    CU_ASSERT_TRUE(peer_gets(&crowd.peers[1], "A: hello\n"));
    CU_ASSERT_TRUE(peer_gets(&crowd.peers[2], "A: hello\nB: hello\n"));
    disperse(&crowd);
}

/* A round may be larger than a small limit of undelivered output; who reads it is not too slow. */
static void small_limits_are_for_the_slow(void)
{
    static const struct conn_config narrow = {.max_line = 100, .sendq = 1000};
    static const char line[] = "B: some line of some length\n";
    enum { LINES = 100 };
    for (int spoke = 0; spoke < 2; spoke++) {
        struct round round = {.number = 0};
        struct peer peers[2];
        struct client *clients[2];
        round_begin(&round, 1, 0);
        for (int i = 0; i < 2; i++) {
            CU_ASSERT_TRUE_FATAL(peer_open(&peers[i], &narrow, 0));
            clients[i] = client_create(conn_outbox(peers[i].conn));
            CU_ASSERT_PTR_NOT_NULL_FATAL(clients[i]);
        }
        if (spoke)
            CU_ASSERT_TRUE(round_add(&round, clients[0], "A: me\n", 6));
        for (int i = 0; i < LINES; i++)
            CU_ASSERT_TRUE(round_add(&round, clients[1], line, strlen(line)));
        round_send(&round, clients[0]);
        EXPECT(link_reason(conn_link(peers[0].conn)) == LINK_OPEN, "cut off, spoke %d", spoke);
        for (int i = 0; i < LINES && link_reason(conn_link(peers[0].conn)) == LINK_OPEN; i++)
            CU_ASSERT_TRUE(peer_gets(&peers[0], line));
        round_free(&round);
        for (int i = 0; i < 2; i++) {
            client_release(clients[i]);
            peer_close(&peers[i]);
        }
    }
}

static void big_rounds_give_back_memory(void)
{
    struct crowd crowd;
    static char line[60 * 1024];
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\n';
    gather(&crowd, 1, 0);
    CU_ASSERT_TRUE(round_add(&crowd.round, crowd.clients[0], line, sizeof line));
    CU_ASSERT_TRUE(round_add(&crowd.round, crowd.clients[1], "end\n", 4));
    round_send(&crowd.round, crowd.clients[2]);
    CU_ASSERT_TRUE(peer_gets_bytes(&crowd.peers[2], line, sizeof line));
    CU_ASSERT_TRUE(peer_gets(&crowd.peers[2], "end\n"));
    round_begin(&crowd.round, 2, sizeof line + 4);
    CU_ASSERT_TRUE(crowd.round.bytes.capacity <= 8 * 1024);
    disperse(&crowd);
}

static const struct test tests[] = {
    {"everyone is sent what the others said, in order", own_lines_are_left_out},
    {"one's own lines are left out wherever they stand", own_lines_anywhere},
    {"what the room itself says goes to everyone", room_speaks_to_everyone},
    {"who joins is sent what followed the join, and nothing before", joiner_gets_what_follows},
    {"a join between two lines of one author is kept to the line", joiner_within_a_passage},
    {"a join at the very beginning or end is kept to the byte", joiner_at_the_edges},
    {"lines of one author in a row are one passage", one_author_is_one_passage},
    {"two rounds in turn do not mix up who spoke in which", rounds_do_not_mix},
    {"an empty round sends nothing", empty_round_sends_nothing},
    {"what was queued for a member goes out before the round", queued_goes_first},
    {"queueing a round for a member makes no system call", queueing_sends_nothing_yet},
    {"who reads is not cut off by a round beyond a small limit, spoken in or not",
     small_limits_are_for_the_slow},
    {"a big round gives its memory back", big_rounds_give_back_memory},
};

void add_round_suite(void)
{
    SUITE_ADD("round", tests);
}
