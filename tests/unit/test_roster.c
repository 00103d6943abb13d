#include "suites.h"
#include "guest.h"

#include "chat/roster.h"

#include <CUnit/CUnit.h>

enum { CROWD = 20 }; /* more than a roster has memory for at first */

/* A roster and some members, none of them in it. */
struct crowd {
    struct roster roster;
    struct guest guests[CROWD];
    struct member *members[CROWD];
};

static void gather(struct crowd *crowd)
{
    crowd->roster = (struct roster){0};
    for (int i = 0; i < CROWD; i++) {
        guest_come(&crowd->guests[i], &format_lines);
        crowd->members[i] = member_create(crowd->guests[i].user, NULL, 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(crowd->members[i]);
    }
}

/* Lets go of everything; nobody may be in the roster any more. */
static void disperse(struct crowd *crowd)
{
    roster_free(&crowd->roster);
    for (int i = 0; i < CROWD; i++) {
        member_release(crowd->members[i]);
        guest_leave(&crowd->guests[i]);
    }
}

static void enter(struct crowd *crowd, int who)
{
    CU_ASSERT_EQUAL_FATAL(roster_reserve(&crowd->roster), 0);
    roster_add(&crowd->roster, crowd->members[who]);
}

static void leave(struct crowd *crowd, int who)
{
    roster_remove(&crowd->roster, crowd->members[who]);
}

static unsigned references(const struct member *member)
{
    return atomic_load(&member->references);
}

/* Whether a snapshot taken now has those `count`, in this order. */
static bool has(struct crowd *crowd, const int *who, size_t count)
{
    struct snapshot *snapshot = roster_snapshot(&crowd->roster);
    CU_ASSERT_PTR_NOT_NULL_FATAL(snapshot);
    bool right = snapshot->count == count;
    for (size_t i = 0; i < count && right; i++)
        right = snapshot->members[i] == crowd->members[who[i]];
    snapshot_release(snapshot);
    return right;
}

static void members_stand_in_the_order_of_coming(void)
{
    static const int all[] = {3, 1, 2, 0};
    static const int without_one[] = {3, 2, 0};
    static const int back[] = {3, 2, 0, 1};
    struct crowd crowd;
    gather(&crowd);
    CU_ASSERT_TRUE(has(&crowd, NULL, 0));
    for (int i = 0; i < 4; i++)
        enter(&crowd, all[i]);
    CU_ASSERT_TRUE(has(&crowd, all, 4));
    leave(&crowd, 1);
    CU_ASSERT_TRUE(has(&crowd, without_one, 3));
    enter(&crowd, 1);
    CU_ASSERT_TRUE(has(&crowd, back, 4));
    for (int i = 0; i < 4; i++)
        leave(&crowd, all[i]);
    CU_ASSERT_TRUE(has(&crowd, NULL, 0));
    disperse(&crowd);
}

/* How a room goes through its members in pieces, and gives up its lock in between. */
static void goes_on_where_it_stopped(void)
{
    struct crowd crowd;
    gather(&crowd);
    CU_ASSERT_PTR_NULL(roster_after(&crowd.roster, 0));
    for (int i = 0; i < CROWD; i++)
        enter(&crowd, i);
    uint64_t number = 0;
    for (int i = 0; i < CROWD; i++) {
        const struct member *next = roster_after(&crowd.roster, number);
        EXPECT(next == crowd.members[i], "member %d", i);
        number = crowd.members[i]->number;
    }
    CU_ASSERT_PTR_NULL(roster_after(&crowd.roster, number));
    /* Who left is passed over, be it the one where this stopped or the one that comes next. */
    number = crowd.members[5]->number;
    leave(&crowd, 5);
    leave(&crowd, 6);
    CU_ASSERT_PTR_EQUAL(roster_after(&crowd.roster, number), crowd.members[7]);
    /* Who comes again is a newcomer. */
    enter(&crowd, 5);
    CU_ASSERT_PTR_EQUAL(roster_after(&crowd.roster, crowd.members[19]->number), crowd.members[5]);
    enter(&crowd, 6);
    for (int i = 0; i < CROWD; i++)
        leave(&crowd, i);
    disperse(&crowd);
}

static void snapshots_do_not_change(void)
{
    struct crowd crowd;
    gather(&crowd);
    enter(&crowd, 0);
    enter(&crowd, 1);
    struct snapshot *before = roster_snapshot(&crowd.roster);
    CU_ASSERT_PTR_NOT_NULL_FATAL(before);
    enter(&crowd, 2);
    leave(&crowd, 0);
    CU_ASSERT_EQUAL(before->count, 2);
    CU_ASSERT_PTR_EQUAL(before->members[0], crowd.members[0]);
    CU_ASSERT_PTR_EQUAL(before->members[1], crowd.members[1]);
    CU_ASSERT_TRUE(has(&crowd, (const int[]){1, 2}, 2));
    snapshot_release(before);
    leave(&crowd, 1);
    leave(&crowd, 2);
    disperse(&crowd);
}

static void snapshots_hold_references(void)
{
    struct crowd crowd;
    gather(&crowd);
    struct member *member = crowd.members[0];
    enter(&crowd, 0);
    CU_ASSERT_EQUAL(references(member), 2);
    struct snapshot *snapshot = roster_snapshot(&crowd.roster);
    struct snapshot *again = roster_snapshot(&crowd.roster);
    /* While nobody comes or goes, it is the same one. */
    CU_ASSERT_PTR_EQUAL(snapshot, again);
    CU_ASSERT_EQUAL(references(member), 3);
    leave(&crowd, 0);
    CU_ASSERT_EQUAL(references(member), 2);
    snapshot_release(again);
    CU_ASSERT_EQUAL(references(member), 2);
    snapshot_release(snapshot);
    CU_ASSERT_EQUAL(references(member), 1);
    disperse(&crowd);
}

/* A batch may be on its way to somebody who has gone, and whom nobody else knows any more. */
static void the_last_snapshot_closes(void)
{
    struct roster roster = {0};
    struct guest guest;
    guest_come(&guest, &format_lines);
    struct member *member = member_create(guest.user, NULL, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(member);
    CU_ASSERT_EQUAL_FATAL(roster_reserve(&roster), 0);
    roster_add(&roster, member);
    struct snapshot *snapshot = roster_snapshot(&roster);
    CU_ASSERT_PTR_NOT_NULL_FATAL(snapshot);
    roster_remove(&roster, member);
    roster_free(&roster);
    member_release(member);
    user_release(guest.user);
    CU_ASSERT_TRUE(peer_has_nothing(&guest.peer));
    snapshot_release(snapshot);
    CU_ASSERT_TRUE(peer_is_at_end(&guest.peer));
    peer_hang_up(&guest.peer);
}

static const struct test tests[] = {
    {"members stand in the order in which they came", members_stand_in_the_order_of_coming},
    {"who goes through the members finds each once, though others come and go",
     goes_on_where_it_stopped},
    {"a snapshot stays as it was while others come and go", snapshots_do_not_change},
    {"a snapshot keeps its members alive, and is taken once", snapshots_hold_references},
    {"the last snapshot with a member that left closes its socket", the_last_snapshot_closes},
};

void add_roster_suite(void)
{
    SUITE_ADD("roster", tests);
}
