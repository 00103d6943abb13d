#include "suites.h"
#include "guest.h"

#include "chat/user.h"
#include "doors/machine/json_format.h"

#include <CUnit/CUnit.h>

static void begins_with_nothing(void)
{
    struct guest guest;
    guest_come(&guest, &format_lines);
    CU_ASSERT_EQUAL(guest.user->id, 0);
    CU_ASSERT_STRING_EQUAL(guest.user->name, "");
    CU_ASSERT_FALSE(guest.user->listed);
    CU_ASSERT_EQUAL(guest.user->local->correspondent, 0);
    CU_ASSERT_PTR_EQUAL(guest.user->local->view.format, &format_lines);
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

/* Somebody becomes a program between the two steps in which a message is sent. */
static void a_message_has_the_format_of_the_moment(void)
{
    static const struct user_format programs = {&json_encoding, &json_format};
    const struct message message = {
        .kind = MESSAGE_TELL, .name = words_of("Bob"), .text = words_of("psst"), .time = 42};
    struct guest guest;
    struct user_text text = {0};
    guest_come(&guest, &format_lines);
    guest.user->local->view.programs = &programs;
    CU_ASSERT_TRUE(user_render(guest.user, &message, &text));
    CU_ASSERT_TRUE(user_queue(guest.user, &message, &text, false));
    outbox_set_encoding(guest.user->outbox, &json_encoding);
    CU_ASSERT_TRUE(user_queue(guest.user, &message, &text, false));
    outbox_flush(guest.user->outbox);
    CU_ASSERT_TRUE(guest_has_got(&guest, "[private] Bob: psst\n"
                                         "{\"type\":\"tell\",\"time\":\"1970-01-01T00:00:00.042Z\","
                                         "\"from\":\"Bob\",\"text\":\"psst\"}\n"));
    buffer_free(&text.bytes);
    guest_leave(&guest);
}

static const struct test tests[] = {
    {"a private message has the format that its reader has when it is sent",
     a_message_has_the_format_of_the_moment},
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
