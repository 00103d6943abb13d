#include "suites.h"

#include "base/clock.h"
#include "cluster/turns.h"
#include "cluster/wire.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#define LONG     (60 * CLOCK_SECOND)
#define PATIENCE (30 * CLOCK_SECOND)

static const struct wire_header header = {1, 2, 3};

/* A user, as a thread, that wants one change. */
struct person {
    struct turns *turns;
    enum ordering_patience patience;
    const struct user *user; /* NULL: it comes in */
    pthread_t thread;
    uint64_t place;
    int result;
    atomic_bool has_turn, goes_on, done;
};

static void pause_briefly(void)
{
    clock_sleep_until(clock_now() + CLOCK_MILLISECOND);
}

static bool becomes(const atomic_bool *flag)
{
    int64_t deadline = clock_now() + PATIENCE;
    while (!atomic_load(flag) && clock_now() < deadline)
        pause_briefly();
    return atomic_load(flag);
}

static void *act(void *argument)
{
    struct person *person = argument;
    struct ordering *ordering = &person->turns->ordering;
    const struct change change = {.kind = CHANGE_ENTER, .name = words_of("Alice")};
    person->result = ordering->functions->await(ordering, person->user, &change, person->patience,
                                                &person->place);
    if (person->result == 0) {
        atomic_store(&person->has_turn, true);
        while (!atomic_load(&person->goes_on))
            pause_briefly();
        ordering_end(ordering);
        ordering_end(ordering); /* as whoever has published does before its caller */
    }
    atomic_store(&person->done, true);
    return NULL;
}

static void begin(struct person *person, struct turns *turns)
{
    person->turns = turns;
    CU_ASSERT_EQUAL_FATAL(pthread_create(&person->thread, NULL, act, person), 0);
}

static size_t waiting(struct turns *turns)
{
    size_t count = 0;
    lock_take(&turns->lock);
    bool any = turns->first != NULL;
    lock_release(&turns->lock);
    count += any;
    return count;
}

static void await_waiting(struct turns *turns)
{
    int64_t deadline = clock_now() + PATIENCE;
    while (waiting(turns) == 0 && clock_now() < deadline)
        pause_briefly();
    CU_ASSERT_EQUAL(waiting(turns), 1);
}

/* Gives turns, as the follower does. */
struct giver {
    struct turns *turns;
    uint64_t place;
    atomic_bool done;
};

static void *give(void *argument)
{
    struct giver *giver = argument;
    turns_give(giver->turns, giver->place);
    atomic_store(&giver->done, true);
    return NULL;
}

static void who_waits_gets_its_turn_and_the_order_waits_for_its_end(void)
{
    struct turns turns;
    struct buffer message = {0};
    struct wire_reader reader;
    struct wire_header from;
    struct change change;
    struct person person = {.patience = ORDERING_PATIENT};
    struct giver giver = {&turns, 77, false};
    pthread_t thread;
    CU_ASSERT_EQUAL_FATAL(turns_init(&turns, LONG), 0);
    turns_set_linked(&turns, true);
    begin(&person, &turns);
    CU_ASSERT_EQUAL(wire_begin(&message, &header), 0);
    CU_ASSERT_EQUAL(turns_take(&turns, &message, 1, CLOCK_NEVER), 1);
    CU_ASSERT_EQUAL(wire_seal(&message), 0);
    CU_ASSERT_EQUAL(wire_open(&reader, buffer_bytes(&message), buffer_length(&message), &from),
                    SEALED_OK);
    CU_ASSERT(wire_next(&reader, &change) && change.kind == CHANGE_ENTER);
    CU_ASSERT_FALSE(atomic_load(&person.has_turn));
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, give, &giver), 0);
    CU_ASSERT_TRUE(becomes(&person.has_turn));
    CU_ASSERT_EQUAL(person.place, 77);
    CU_ASSERT_FALSE(atomic_load(&giver.done));
    atomic_store(&person.goes_on, true);
    CU_ASSERT_TRUE(becomes(&giver.done));
    pthread_join(thread, NULL);
    pthread_join(person.thread, NULL);
    buffer_free(&message);
    turns_destroy(&turns);
}

static void who_waits_for_what_is_refused_goes_on_when_the_server_stops(void)
{
    struct turns turns;
    struct buffer message = {0};
    struct person person = {.patience = ORDERING_ENDLESS};
    CU_ASSERT_EQUAL_FATAL(turns_init(&turns, LONG), 0);
    turns_set_linked(&turns, true);
    begin(&person, &turns);
    CU_ASSERT_EQUAL(wire_begin(&message, &header), 0);
    CU_ASSERT_EQUAL(turns_take(&turns, &message, 1, CLOCK_NEVER), 1);
    turns_set_refused(&turns, true);
    ordering_hurry(&turns.ordering);
    CU_ASSERT_TRUE(becomes(&person.done));
    CU_ASSERT_EQUAL(person.result, ECANCELED);
    atomic_store(&person.goes_on, true);
    pthread_join(person.thread, NULL);
    buffer_free(&message);
    turns_destroy(&turns);
}

static void what_is_not_in_a_message_yet_can_be_given_up(void)
{
    struct turns turns;
    struct person person = {.patience = ORDERING_PATIENT};
    CU_ASSERT_EQUAL_FATAL(turns_init(&turns, CLOCK_MILLISECOND), 0);
    begin(&person, &turns);
    CU_ASSERT_TRUE(becomes(&person.done));
    pthread_join(person.thread, NULL);
    CU_ASSERT_EQUAL(person.result, ETIMEDOUT);
    CU_ASSERT_EQUAL(waiting(&turns), 0);
    turns_destroy(&turns);
}

/*
 * Whether what is in a message has come into the stream, nobody knows but who follows it. Returns
 * whether it has come into one, before its user gave it up.
 */
static bool what_is_in_a_message_is_waited_for(void)
{
    enum { SPAN = 50 }; /* milliseconds */
    struct turns turns;
    size_t taken = 0;
    struct buffer message = {0};
    struct person person = {.patience = ORDERING_PATIENT};
    struct giver giver = {&turns, 1, false};
    CU_ASSERT_EQUAL_FATAL(turns_init(&turns, SPAN * CLOCK_MILLISECOND), 0);
    turns_set_linked(&turns, true);
    begin(&person, &turns);
    CU_ASSERT_EQUAL(wire_begin(&message, &header), 0);
    while (taken == 0 && !atomic_load(&person.done))
        taken = turns_take(&turns, &message, 1, clock_now() + CLOCK_MILLISECOND);
    if (taken > 0) {
        clock_sleep_until(clock_now() + 6 * SPAN * CLOCK_MILLISECOND);
        CU_ASSERT_FALSE(atomic_load(&person.done));
        atomic_store(&person.goes_on, true);
        give(&giver);
    }
    CU_ASSERT_TRUE(becomes(&person.done));
    pthread_join(person.thread, NULL);
    CU_ASSERT_EQUAL(person.result, taken > 0 ? 0 : ETIMEDOUT);
    buffer_free(&message);
    turns_destroy(&turns);
    return taken > 0;
}

/* A busy machine may take so long that it is given up before, but not each time. */
static void what_is_in_a_message_cannot(void)
{
    CU_ASSERT_TRUE(suite_comes_true(what_is_in_a_message_is_waited_for));
}

static void what_cannot_be_left_undone_waits(void)
{
    struct turns turns;
    struct person person = {.patience = ORDERING_ENDLESS};
    CU_ASSERT_EQUAL_FATAL(turns_init(&turns, CLOCK_MILLISECOND), 0);
    begin(&person, &turns);
    await_waiting(&turns);
    clock_sleep_until(clock_now() + 300 * CLOCK_MILLISECOND);
    CU_ASSERT_FALSE(atomic_load(&person.done));
    turns_stop(&turns);
    CU_ASSERT_TRUE(becomes(&person.done));
    pthread_join(person.thread, NULL);
    CU_ASSERT_EQUAL(person.result, ECANCELED);
    turns_destroy(&turns);
}

/* Its turn, should it come, is nobody's. */
static void who_gives_up_as_the_server_stops_is_passed_over(void)
{
    struct turns turns;
    struct buffer message = {0};
    struct person person = {.patience = ORDERING_PATIENT};
    CU_ASSERT_EQUAL_FATAL(turns_init(&turns, LONG), 0);
    turns_set_linked(&turns, true);
    begin(&person, &turns);
    CU_ASSERT_EQUAL(wire_begin(&message, &header), 0);
    CU_ASSERT_EQUAL(turns_take(&turns, &message, 1, CLOCK_NEVER), 1);
    turns_stop(&turns);
    CU_ASSERT_TRUE(becomes(&person.done));
    pthread_join(person.thread, NULL);
    CU_ASSERT_EQUAL(person.result, ECANCELED);
    turns_give(&turns, 1);
    CU_ASSERT_EQUAL(turns_take(&turns, &message, 1, CLOCK_NEVER), 0);
    buffer_free(&message);
    turns_destroy(&turns);
}

/* This machine was not heard: what is in messages comes too late, and people who were in have left.
 */
static void what_is_void_is_told_so(void)
{
    static const struct user old = {.id = 5};
    static const struct user later = {.id = 50};
    struct turns turns;
    struct buffer message = {0};
    struct person sent = {.patience = ORDERING_ENDLESS};
    struct person waits = {.patience = ORDERING_ENDLESS, .user = &old};
    struct person comes = {.patience = ORDERING_ENDLESS};
    struct person tries = {.patience = ORDERING_ENDLESS, .user = &old};
    struct person stays = {.patience = ORDERING_ENDLESS, .user = &later};
    CU_ASSERT_EQUAL_FATAL(turns_init(&turns, LONG), 0);
    turns_set_linked(&turns, true);
    begin(&sent, &turns);
    CU_ASSERT_EQUAL(wire_begin(&message, &header), 0);
    CU_ASSERT_EQUAL(turns_take(&turns, &message, 1, CLOCK_NEVER), 1);
    begin(&waits, &turns);
    await_waiting(&turns);
    begin(&comes, &turns);
    begin(&stays, &turns);
    unsigned voids = turns_void(&turns, 10, ESTALE);
    begin(&tries, &turns);
    CU_ASSERT(becomes(&sent.done) && becomes(&waits.done) && becomes(&tries.done));
    CU_ASSERT(sent.result == ESTALE && waits.result == ESTALE && tries.result == ESTALE);
    CU_ASSERT_TRUE(turns_are_paused(&turns));
    CU_ASSERT_EQUAL(turns_take(&turns, &message, 1, CLOCK_NEVER), 0);
    turns_resume(&turns, voids - 1); /* an older beginning has come around */
    CU_ASSERT_TRUE(turns_are_paused(&turns));
    turns_resume(&turns, voids);
    buffer_truncate(&message, 0);
    CU_ASSERT_EQUAL(wire_begin(&message, &header), 0);
    for (size_t taken = 0; taken < 2;)
        taken += turns_take(&turns, &message, 1, CLOCK_NEVER);
    atomic_store(&comes.goes_on, true);
    atomic_store(&stays.goes_on, true);
    turns_give(&turns, 11);
    turns_give(&turns, 12);
    CU_ASSERT(becomes(&comes.done) && becomes(&stays.done));
    CU_ASSERT(comes.result == 0 && stays.result == 0);
    struct person *const all[] = {&sent, &waits, &comes, &tries, &stays};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        pthread_join(all[i]->thread, NULL);
    buffer_free(&message);
    turns_destroy(&turns);
}

static void what_may_come_about_is_told_so(void)
{
    static const struct user any = {.id = UINT64_MAX - 1};
    struct turns turns;
    struct buffer message = {0};
    struct person sent = {.patience = ORDERING_ENDLESS, .user = &any};
    struct person waits = {.patience = ORDERING_ENDLESS, .user = &any};
    CU_ASSERT_EQUAL_FATAL(turns_init(&turns, LONG), 0);
    turns_set_linked(&turns, true);
    begin(&sent, &turns);
    CU_ASSERT_EQUAL(wire_begin(&message, &header), 0);
    CU_ASSERT_EQUAL(turns_take(&turns, &message, 1, CLOCK_NEVER), 1);
    begin(&waits, &turns);
    await_waiting(&turns);
    turns_void(&turns, UINT64_MAX, EINPROGRESS);
    CU_ASSERT(becomes(&sent.done) && becomes(&waits.done));
    CU_ASSERT_EQUAL(sent.result, EINPROGRESS);
    CU_ASSERT_EQUAL(waits.result, ESTALE);
    pthread_join(sent.thread, NULL);
    pthread_join(waits.thread, NULL);
    buffer_free(&message);
    turns_destroy(&turns);
}

/* Takes one change into a message with a number. */
static void take_one(struct turns *turns, struct buffer *message, uint64_t number)
{
    await_waiting(turns);
    buffer_truncate(message, 0);
    CU_ASSERT_EQUAL(wire_begin(message, &header), 0);
    CU_ASSERT_EQUAL(turns_take(turns, message, number, CLOCK_NEVER), 1);
}

static void what_was_in_a_lost_message_is_sent_again(void)
{
    struct turns turns;
    struct buffer message = {0};
    struct person lost = {.patience = ORDERING_ENDLESS};
    struct person next = {.patience = ORDERING_ENDLESS};
    CU_ASSERT_EQUAL_FATAL(turns_init(&turns, LONG), 0);
    turns_set_linked(&turns, true);
    begin(&lost, &turns);
    take_one(&turns, &message, 1);
    begin(&next, &turns);
    take_one(&turns, &message, 2);
    turns_take_back(&turns, 1);
    CU_ASSERT_EQUAL(waiting(&turns), 0);
    turns_take_back(&turns, 2);
    atomic_store(&next.goes_on, true);
    turns_give(&turns, 12);
    CU_ASSERT_TRUE(becomes(&next.done));
    CU_ASSERT_EQUAL(next.place, 12);
    CU_ASSERT_FALSE(atomic_load(&lost.has_turn));
    take_one(&turns, &message, 3);
    atomic_store(&lost.goes_on, true);
    turns_give(&turns, 13);
    CU_ASSERT_TRUE(becomes(&lost.done));
    CU_ASSERT_EQUAL(lost.place, 13);
    pthread_join(lost.thread, NULL);
    pthread_join(next.thread, NULL);
    buffer_free(&message);
    turns_destroy(&turns);
}

static void a_turn_that_nobody_awaits_is_passed_over(void)
{
    struct turns turns;
    CU_ASSERT_EQUAL_FATAL(turns_init(&turns, LONG), 0);
    turns_give(&turns, 1);
    turns_destroy(&turns);
}

enum { PEOPLE = 8, CHANGES = 200 };

/* One after the other; who has a turn sees nobody else in one. */
struct crowd {
    struct turns turns;
    atomic_int inside;
    atomic_uint wrong, made;
    uint64_t last; /* place of the last turn; written in turns alone */
};

static void *act_often(void *argument)
{
    struct crowd *crowd = argument;
    struct ordering *ordering = &crowd->turns.ordering;
    for (int i = 0; i < CHANGES; i++) {
        const struct change change = {.kind = CHANGE_ENTER, .name = words_of("Alice")};
        uint64_t place;
        int error = ordering->functions->await(ordering, NULL, &change, ORDERING_PATIENT, &place);
        atomic_fetch_add(&crowd->wrong, error != 0 || place <= crowd->last ||
                                            atomic_fetch_add(&crowd->inside, 1) != 0);
        crowd->last = place;
        atomic_fetch_sub(&crowd->inside, 1);
        ordering_end(ordering);
        ordering_end(ordering);
        atomic_fetch_add(&crowd->made, 1);
    }
    return NULL;
}

static void turns_are_given_one_after_the_other(void)
{
    struct crowd crowd = {.last = 0};
    struct buffer message = {0};
    pthread_t threads[PEOPLE];
    uint64_t place = 0;
    CU_ASSERT_EQUAL_FATAL(turns_init(&crowd.turns, LONG), 0);
    turns_set_linked(&crowd.turns, true);
    for (int i = 0; i < PEOPLE; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, act_often, &crowd), 0);
    while (place < (uint64_t)PEOPLE * CHANGES) {
        buffer_truncate(&message, 0);
        CU_ASSERT_EQUAL(wire_begin(&message, &header), 0);
        for (size_t taken = turns_take(&crowd.turns, &message, 1, CLOCK_NEVER); taken > 0; taken--)
            turns_give(&crowd.turns, ++place);
    }
    for (int i = 0; i < PEOPLE; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(atomic_load(&crowd.wrong), 0);
    CU_ASSERT_EQUAL(atomic_load(&crowd.made), PEOPLE * CHANGES);
    buffer_free(&message);
    turns_destroy(&crowd.turns);
}

static const struct test tests[] = {
    {"who waits gets its turn, and the order waits for its end",
     who_waits_gets_its_turn_and_the_order_waits_for_its_end},
    {"what is not in a message yet can be given up", what_is_not_in_a_message_yet_can_be_given_up},
    {"what is in a message cannot", what_is_in_a_message_cannot},
    {"what cannot be left undone waits", what_cannot_be_left_undone_waits},
    {"who gives up as the server stops is passed over",
     who_gives_up_as_the_server_stops_is_passed_over},
    {"who waits for what is refused goes on when the server stops",
     who_waits_for_what_is_refused_goes_on_when_the_server_stops},
    {"what is void is told so", what_is_void_is_told_so},
    {"what may come about is told so", what_may_come_about_is_told_so},
    {"what was in a lost message is sent again", what_was_in_a_lost_message_is_sent_again},
    {"a turn that nobody awaits is passed over", a_turn_that_nobody_awaits_is_passed_over},
    {"turns are given one after the other", turns_are_given_one_after_the_other},
};

void add_turns_suite(void)
{
    SUITE_ADD("turns", tests);
}
