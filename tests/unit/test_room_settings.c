/*
 * What is decided about a room: who owns it, who comes in, who is invited and who speaks. A user is
 * an id, a name and what it has proved; it has no connection.
 */
#include "suites.h"

#include "base/clock.h"
#include "chat/room_settings.h"
#include "chat/user.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct user person(uint64_t id, const char *name, bool registered)
{
    static char names[10][NAME_SIZE];
    struct user user = {.id = id, .name = strcpy(names[id], name)};
    user.looks.hash[NAME_CASELESS] = name_hash(name, NAME_CASELESS);
    atomic_init(&user.registered, registered);
    return user;
}

static int admit(const struct room_settings *settings, const struct user *user, const char *key)
{
    return room_settings_admit(settings, user, key);
}

static void a_room_is_open_as_it_is_made(void)
{
    struct room_settings settings = {.owner = 0};
    const struct user anybody = person(7, "Anybody", false);
    int64_t end;
    CU_ASSERT_EQUAL(admit(&settings, &anybody, NULL), 0);
    CU_ASSERT_EQUAL(admit(&settings, &anybody, "any key"), 0);
    CU_ASSERT_EQUAL(room_settings_ask(&settings, &anybody, 1, &end), ROOM_SPEAKS);
    CU_ASSERT_FALSE(room_settings_is_led_by(&settings, &anybody));
    room_settings_free(&settings);
}

static void keys_and_doors(void)
{
    struct room_settings settings = {.owner = 1, .key = "sesame"};
    const struct user owner = person(1, "Alice", false);
    const struct user guest = person(2, "Bob", false);
    const struct user other = person(3, "Carol", false);
    CU_ASSERT_TRUE(invitations_add(&settings.invitations, guest.id, NULL));
    CU_ASSERT_EQUAL(admit(&settings, &other, NULL), EPERM);
    CU_ASSERT_EQUAL(admit(&settings, &other, ""), EPERM);
    CU_ASSERT_EQUAL(admit(&settings, &other, "sesam"), EPERM);
    CU_ASSERT_EQUAL(admit(&settings, &other, "sesame "), EPERM);
    CU_ASSERT_EQUAL(admit(&settings, &other, "sesame"), 0);
    CU_ASSERT_EQUAL(admit(&settings, &guest, NULL), 0);
    CU_ASSERT_EQUAL(admit(&settings, &owner, NULL), 0);
    settings.closed = true;
    CU_ASSERT_EQUAL(admit(&settings, &other, "sesame"), EACCES);
    CU_ASSERT_EQUAL(admit(&settings, &guest, NULL), 0);
    CU_ASSERT_EQUAL(admit(&settings, &owner, NULL), 0);
    invitations_withdraw(&settings.invitations, guest.id, NULL);
    CU_ASSERT_EQUAL(admit(&settings, &guest, NULL), EACCES);
    room_settings_free(&settings);
}

static void owners(void)
{
    struct room_settings settings = {.owner = 1};
    const struct user maker = person(1, "Alice", true);
    const struct user same = person(2, "ALICE", true);
    const struct user false_one = person(3, "Alice", false);
    struct user olga = person(4, "Olga", true);
    CU_ASSERT_TRUE(room_settings_have_owner(&settings, &maker, maker.name));
    CU_ASSERT_FALSE(room_settings_have_owner(&settings, &same, same.name));
    strcpy(settings.owner_name, "Alice"); /* kept: from now on the name counts, and no id */
    CU_ASSERT_TRUE(room_settings_have_owner(&settings, &maker, maker.name));
    CU_ASSERT_TRUE(room_settings_have_owner(&settings, &same, same.name));
    CU_ASSERT_FALSE(room_settings_have_owner(&settings, &false_one, false_one.name));
    CU_ASSERT_FALSE(room_settings_have_owner(&settings, &maker, "Al"));
    CU_ASSERT_FALSE(room_settings_is_led_by(&settings, &olga));
    CU_ASSERT_FALSE(room_settings_welcome(&settings, &olga));
    atomic_init(&olga.is_operator, true);
    CU_ASSERT_TRUE(room_settings_is_led_by(&settings, &olga));
    CU_ASSERT_FALSE(room_settings_welcome(&settings, &olga));
    room_settings_free(&settings);
}

static const char *topic_of(const struct room_settings *settings)
{
    static struct room_description description;
    room_settings_describe(settings, 0, &description);
    return description.topic;
}

static void topics(void)
{
    struct room_settings settings = {.owner = 0};
    char longest[ROOM_TOPIC_MAX + 1];
    memset(longest, 'x', ROOM_TOPIC_MAX);
    longest[ROOM_TOPIC_MAX] = '\0';
    CU_ASSERT_TRUE(room_settings_set_topic(&settings, longest, ROOM_TOPIC_MAX));
    CU_ASSERT_STRING_EQUAL(topic_of(&settings), longest);
    CU_ASSERT_TRUE(room_settings_set_topic(&settings, "deploys!", 7));
    CU_ASSERT_STRING_EQUAL(topic_of(&settings), "deploys");
    CU_ASSERT_TRUE(room_settings_set_topic(&settings, "", 0));
    CU_ASSERT_STRING_EQUAL(topic_of(&settings), "");
    room_settings_free(&settings);
}

static void a_copy_has_what_is_kept(void)
{
    struct room_settings settings = {.owner = 9, .key = "sesame", .hidden = true, .closed = true};
    struct room_settings copy = {.owner = 0};
    const struct user bob = person(2, "Bob", true);
    const struct user carol = person(3, "Carol", false);
    strcpy(settings.owner_name, "Alice");
    CU_ASSERT_TRUE(room_settings_set_topic(&settings, "deploys", 7));
    CU_ASSERT_TRUE(invitations_add(&settings.invitations, bob.id, "Bob"));
    CU_ASSERT_TRUE(invitations_add(&settings.invitations, carol.id, NULL));
    CU_ASSERT_TRUE(room_voices_mute(&settings.voices, carol.id, 0));
    CU_ASSERT_TRUE(room_settings_copy(&settings, &copy));
    room_settings_free(&settings);
    struct room_description description;
    room_settings_describe(&copy, 3, &description);
    CU_ASSERT_EQUAL(description.count, 3);
    CU_ASSERT_STRING_EQUAL(description.topic, "deploys");
    CU_ASSERT_STRING_EQUAL(description.owner_name, "Alice");
    CU_ASSERT_TRUE(description.hidden && description.closed && description.needs_key);
    CU_ASSERT_STRING_EQUAL(copy.key, "sesame");
    CU_ASSERT_EQUAL(copy.owner, 0);
    CU_ASSERT_EQUAL(copy.invitations.count, 1);
    CU_ASSERT_TRUE(room_settings_welcome(&copy, &bob));
    CU_ASSERT_FALSE(room_settings_welcome(&copy, &carol));
    CU_ASSERT_TRUE(room_voices_are_free(&copy.voices));
    room_settings_free(&copy);
}

static void invitations_are_of_ids_and_registered_names(void)
{
    struct invitations invitations = {.count = 0};
    const struct user bob = person(2, "Bob", true);
    const struct user back = person(5, "BOB", true);
    const struct user false_bob = person(6, "Bob", false);
    CU_ASSERT_TRUE(invitations_add(&invitations, bob.id, "Bob"));
    CU_ASSERT_TRUE(invitations_add(&invitations, bob.id, NULL)); /* changes nothing */
    CU_ASSERT_EQUAL(invitations.count, 1);
    CU_ASSERT_TRUE(invitations_include(&invitations, &bob));
    CU_ASSERT_TRUE(invitations_include(&invitations, &back));
    CU_ASSERT_FALSE(invitations_include(&invitations, &false_bob));
    CU_ASSERT_FALSE(invitations_withdraw(&invitations, 0, "Rob"));
    CU_ASSERT_FALSE(invitations_withdraw(&invitations, 0, NULL));
    CU_ASSERT_TRUE(invitations_withdraw(&invitations, 0, "bOB"));
    CU_ASSERT_FALSE(invitations_include(&invitations, &bob));
    CU_ASSERT_TRUE(invitations_add(&invitations, 6, NULL));
    CU_ASSERT_TRUE(invitations_include(&invitations, &false_bob));
    CU_ASSERT_FALSE(invitations_withdraw(&invitations, 6, NULL)); /* no name was invited */
    CU_ASSERT_EQUAL(invitations.count, 0);
    invitations_free(&invitations);
}

static void the_oldest_invitation_gives_way(void)
{
    struct invitations invitations = {.count = 0};
    for (uint64_t id = 1; id <= INVITATIONS_MAX + 2; id++)
        CU_ASSERT_TRUE(invitations_add(&invitations, id, NULL));
    CU_ASSERT_EQUAL(invitations.count, INVITATIONS_MAX);
    for (uint64_t id = 1; id <= 4; id++) {
        const struct user user = person(id, "X", false);
        EXPECT(invitations_include(&invitations, &user) == (id > 2), "%d", (int)id);
    }
    invitations_free(&invitations);
}

static enum room_permission ask(const struct room_voices *voices, uint64_t user, int64_t now)
{
    int64_t end = 0;
    return room_voices_ask(voices, user, false, now, &end);
}

static void mutes_end(void)
{
    struct room_voices voices = {.moderated = false};
    int64_t end = 1;
    CU_ASSERT_TRUE(room_voices_mute(&voices, 1, 1000));
    CU_ASSERT_EQUAL(room_voices_ask(&voices, 1, false, 999, &end), ROOM_MUTED);
    CU_ASSERT_EQUAL(end, 1000);
    CU_ASSERT_EQUAL(ask(&voices, 1, 1000), ROOM_SPEAKS);
    CU_ASSERT_EQUAL(ask(&voices, 2, 999), ROOM_SPEAKS);
    CU_ASSERT_EQUAL(room_voices_ask(&voices, 1, true, 999, &end), ROOM_SPEAKS); /* leads */
    CU_ASSERT_FALSE(room_voices_unmute(&voices, 1, 1000)); /* it has ended by itself */
    CU_ASSERT_TRUE(room_voices_are_free(&voices));
    CU_ASSERT_TRUE(room_voices_mute(&voices, 1, 0));
    CU_ASSERT_EQUAL(room_voices_ask(&voices, 1, false, INT64_MAX, &end), ROOM_MUTED);
    CU_ASSERT_EQUAL(end, 0);
    CU_ASSERT_TRUE(room_voices_unmute(&voices, 1, INT64_MAX));
    CU_ASSERT_FALSE(room_voices_unmute(&voices, 1, INT64_MAX));
    room_voices_free(&voices);
}

static void the_floor_is_given_and_taken(void)
{
    struct room_voices voices = {.moderated = true};
    CU_ASSERT_FALSE(room_voices_are_free(&voices));
    CU_ASSERT_EQUAL(ask(&voices, 1, 0), ROOM_MODERATED);
    CU_ASSERT_TRUE(room_voices_give_floor(&voices, 1));
    CU_ASSERT_EQUAL(ask(&voices, 1, 0), ROOM_SPEAKS);
    CU_ASSERT_EQUAL(ask(&voices, 2, 0), ROOM_MODERATED);
    CU_ASSERT_TRUE(room_voices_mute(&voices, 1, 0)); /* counts more than the floor */
    CU_ASSERT_EQUAL(ask(&voices, 1, 0), ROOM_MUTED);
    CU_ASSERT_TRUE(room_voices_unmute(&voices, 1, 0)); /* who has the floor keeps it */
    CU_ASSERT_EQUAL(ask(&voices, 1, 0), ROOM_SPEAKS);
    CU_ASSERT_TRUE(room_voices_take_floor(&voices, 1));
    CU_ASSERT_FALSE(room_voices_take_floor(&voices, 1));
    CU_ASSERT_EQUAL(ask(&voices, 1, 0), ROOM_MODERATED);
    room_voices_free(&voices);
}

static void what_is_noted_of_voices_has_a_bound(void)
{
    struct room_voices voices = {.moderated = false};
    for (uint64_t id = 1; id <= ROOM_VOICES_MAX + 1; id++)
        CU_ASSERT_TRUE(room_voices_mute(&voices, id, 0));
    CU_ASSERT_EQUAL(voices.count, ROOM_VOICES_MAX);
    CU_ASSERT_EQUAL(ask(&voices, 1, 0), ROOM_SPEAKS);
    CU_ASSERT_EQUAL(ask(&voices, 2, 0), ROOM_MUTED);
    room_voices_free(&voices);
}

void add_room_settings_suite(void)
{
    static const struct test tests[] = {
        {"a room is open to all as it is made", a_room_is_open_as_it_is_made},
        {"the key, an invitation or owning a room lets in, to a closed one only the last two",
         keys_and_doors},
        {"an owner is who made the room, or while it is kept who has the name", owners},
        {"a topic is replaced, removed, and as long as may be", topics},
        {"a copy has what is kept, and nothing of ids", a_copy_has_what_is_kept},
        {"invitations are of ids and of registered names",
         invitations_are_of_ids_and_registered_names},
        {"invitations have a bound, and the oldest gives way", the_oldest_invitation_gives_way},
        {"a mute ends when it is to, and leaders have none", mutes_end},
        {"in a moderated room those speak who have the floor", the_floor_is_given_and_taken},
        {"what is noted of voices has a bound", what_is_noted_of_voices_has_a_bound},
    };
    SUITE_ADD("room_settings", tests);
}
