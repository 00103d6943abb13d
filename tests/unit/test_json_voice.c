#include "suites.h"

#include "doors/machine/json_voice.h"
#include "doors/machine/machine.h"

#include <CUnit/CUnit.h>
#include <ctype.h>
#include <string.h>

/* Whether a buffer holds exactly this line. Empties it. */
static bool holds(struct buffer *out, const char *expected)
{
    bool same = buffer_length(out) == strlen(expected) + 1 &&
                memcmp(buffer_bytes(out), expected, strlen(expected)) == 0 &&
                buffer_bytes(out)[strlen(expected)] == '\n';
    EXPECT(same, "it is %.*s", (int)buffer_length(out), buffer_bytes(out));
    buffer_free(out);
    return same;
}

static void all_it_says_is_objects(void)
{
    struct buffer out = {0};
    const struct reply help = {.code = REPLY_HELP, .text = words_of("one\ntwo \"3\"")};
    const struct reply usage = {.code = REPLY_USAGE, .text = words_of("Usage: /msg NAME TEXT")};
    CU_ASSERT_TRUE(json_voice.prompt("Enter your name: ", &out));
    holds(&out, "{\"type\":\"prompt\",\"text\":\"Enter your name: \"}");
    CU_ASSERT_TRUE(json_voice.reply(&help, &out));
    holds(&out, "{\"type\":\"reply\",\"ok\":true,\"code\":\"help\",\"text\":"
                "\"one\\ntwo \\\"3\\\"\"}");
    CU_ASSERT_TRUE(json_voice.reply(&usage, &out));
    holds(&out, "{\"type\":\"reply\",\"ok\":false,\"code\":\"usage\",\"text\":"
                "\"Usage: /msg NAME TEXT\"}");
    CU_ASSERT_TRUE(json_voice.confirm(words_of("a\"b"), &out));
    holds(&out, "{\"type\":\"sync\",\"token\":\"a\\\"b\"}");
    CU_ASSERT_TRUE(json_voice.say_goodbye(GOODBYE_IDLE, &out));
    holds(&out, "{\"type\":\"bye\",\"code\":\"idle\",\"text\":\"Idle timeout.\"}");
    CU_ASSERT_FALSE(json_voice.advises);
}

static void members_are_a_list(void)
{
    static const struct room_entry entries[] = {{1, 7, "Bob", false, ""},
                                                {2, 4000, "Al", true, "\"out\""}};
    struct member_page page = {
        .room = words_of("lobby"), .here = 66, .entries = entries, .count = 2, .first = true};
    struct buffer out = {0};
    CU_ASSERT_TRUE(json_voice.list_members(&page, &out));
    holds(&out, "{\"type\":\"members\",\"room\":\"lobby\",\"here\":66,\"members\":[{\"name\":"
                "\"Bob\",\"idle\":7},{\"name\":\"Al\",\"idle\":4000,\"away\":\"\\\"out\\\"\"}],"
                "\"more\":true}");
    page.count = 0;
    page.last = true;
    CU_ASSERT_TRUE(json_voice.list_members(&page, &out));
    holds(&out, "{\"type\":\"members\",\"room\":\"lobby\",\"here\":66,\"members\":[],"
                "\"more\":false}");
}

/* The same for people is a notice for each. */
static void rooms_are_a_list(void)
{
    static const struct room_line lines[] = {{"lobby", {.count = 12}},
                                             {"ops", {.count = 1, .topic = "say \"hi\""}}};
    const struct room_page page = {
        .rooms = 2, .lines = lines, .count = 2, .first = true, .last = true};
    struct buffer out = {0};
    CU_ASSERT_TRUE(json_voice.list_rooms(&page, &out));
    holds(&out, "{\"type\":\"rooms\",\"count\":2,\"rooms\":[{\"room\":\"lobby\",\"here\":12,"
                "\"topic\":\"\"},{\"room\":\"ops\",\"here\":1,\"topic\":\"say \\\"hi\\\"\"}],"
                "\"more\":false}");
    CU_ASSERT_TRUE(plain_voice.list_rooms(&page, &out));
    holds(&out, "*** 2 rooms: ***\n*** #lobby, 12 here ***\n*** #ops, 1 here: say \"hi\" ***");
}

/* A code is lower-case letters with hyphens between them. */
static bool is_kebab(const char *code)
{
    size_t length = strlen(code);
    return length > 0 && islower((unsigned char)code[0]) &&
           islower((unsigned char)code[length - 1]) &&
           strspn(code, "abcdefghijklmnopqrstuvwxyz-") == length && strstr(code, "--") == NULL;
}

static void each_code_has_a_name_of_its_own(void)
{
    for (int code = 0; code < REPLY_CODES; code++) {
        const char *name = reply_code_name((enum reply_code)code);
        if (name == NULL || !is_kebab(name)) {
            EXPECT(false, "code %d", code);
            continue;
        }
        for (int other = 0; other < code; other++)
            EXPECT(strcmp(name, reply_code_name((enum reply_code)other)) != 0, "%s", name);
    }
}

/* A refused connection is told in the same words as one that is served and has to end. */
static void a_refusal_is_a_goodbye(void)
{
    struct buffer out = {0};
    CU_ASSERT_TRUE(json_voice.say_goodbye(GOODBYE_FULL, &out) && buffer_append(&out, "", 1));
    CU_ASSERT_STRING_EQUAL(buffer_bytes(&out), machine_door.full_line);
    buffer_free(&out);
}

void add_json_voice_suite(void)
{
    static const struct test tests[] = {
        {"all that a program is told is objects", all_it_says_is_objects},
        {"a page of members is one object, and tells whether another follows", members_are_a_list},
        {"a page of rooms is one object", rooms_are_a_list},
        {"each code of a reply has a name of its own", each_code_has_a_name_of_its_own},
        {"a refusal is a goodbye", a_refusal_is_a_goodbye},
    };
    SUITE_ADD("json_voice", tests);
}
