#include "suites.h"
#include "guest.h"

#include "chat/user.h"

#include <CUnit/CUnit.h>

static void begins_with_nothing(void)
{
    struct guest guest;
    guest_come(&guest, &format_lines);
    CU_ASSERT_EQUAL(guest.user->id, 0);
    CU_ASSERT_STRING_EQUAL(guest.user->name, "");
    CU_ASSERT_FALSE(guest.user->listed);
    CU_ASSERT_EQUAL(guest.user->correspondent, 0);
    CU_ASSERT_PTR_EQUAL(guest.user->view.format, &format_lines);
    guest_leave(&guest);
}

static void the_last_reference_lets_go_of_the_conn(void)
{
    struct guest guest;
    guest_come(&guest, &format_lines);
    user_acquire(guest.user);
    user_acquire(guest.user);
    user_release(guest.user);
    user_release(guest.user);
    CU_ASSERT_TRUE(peer_has_nothing(&guest.peer));
    user_release(guest.user);
    CU_ASSERT_TRUE(peer_is_at_end(&guest.peer));
    peer_hang_up(&guest.peer);
}

static void is_idle_since_its_last_line(void)
{
    struct guest guest;
    guest_come(&guest, &format_lines);
    unsigned began = atomic_load(&guest.user->last_line);
    atomic_store(&guest.user->last_line, began - 7);
    CU_ASSERT_TRUE(user_idle_seconds(guest.user) >= 7);
    user_touch(guest.user);
    CU_ASSERT_TRUE(atomic_load(&guest.user->last_line) >= began);
    /* A line may come while another thread asks. */
    atomic_store(&guest.user->last_line, atomic_load(&guest.user->last_line) + 7000);
    CU_ASSERT_EQUAL(user_idle_seconds(guest.user), 0);
    guest_leave(&guest);
}

static const struct test tests[] = {
    {"a user that has just come has no name, no id and no correspondent, and is not listed",
     begins_with_nothing},
    {"the last reference, and no other, closes the socket", the_last_reference_lets_go_of_the_conn},
    {"a user is idle since its last line, and never for less than nothing",
     is_idle_since_its_last_line},
};

void add_user_suite(void)
{
    SUITE_ADD("user", tests);
}
