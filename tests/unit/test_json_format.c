#include "suites.h"

#include "doors/machine/json_format.h"

#include <CUnit/CUnit.h>
#include <string.h>

#define TIME  INT64_C(1795528931042)
#define STAMP "\"time\":\"2026-11-24T14:02:11.042Z\""

/* Whether a message is this line, behind what is there already. */
static bool reads(const struct message *message, const char *expected)
{
    struct buffer out = {0};
    struct buffer whole = {0};
    bool right = buffer_append_string(&out, "before\n") && json_format.render(message, &out) &&
                 buffer_format(&whole, "before\n%s\n", expected) &&
                 buffer_length(&out) == buffer_length(&whole) &&
                 memcmp(buffer_bytes(&out), buffer_bytes(&whole), buffer_length(&out)) == 0;
    EXPECT(right, "%.*s instead of %s", (int)buffer_length(&out), buffer_bytes(&out), expected);
    buffer_free(&out);
    buffer_free(&whole);
    return right;
}

static void each_kind_has_its_object(void)
{
    static const struct {
        enum message_kind kind;
        uint64_t seq;
        const char *text, *line;
        struct message_counts counts;
    } rows[] = {
        {MESSAGE_SAY,
         812,
         "hi",
         "{\"type\":\"say\",\"room\":\"lobby\",\"seq\":812," STAMP
         ",\"from\":\"Bob\",\"text\":\"hi\"}",
         {0}},
        {MESSAGE_ACT,
         813,
         "waves",
         "{\"type\":\"act\",\"room\":\"lobby\",\"seq\":813," STAMP
         ",\"from\":\"Bob\",\"text\":\"waves\"}",
         {0}},
        {MESSAGE_JOIN,
         0,
         "",
         "{\"type\":\"join\",\"room\":\"lobby\"," STAMP ",\"name\":\"Bob\"}",
         {0}},
        {MESSAGE_LEAVE, 0, "", "{\"type\":\"leave\"," STAMP ",\"name\":\"Bob\"}", {0}},
        {MESSAGE_RENAME,
         0,
         "Rob",
         "{\"type\":\"nick\"," STAMP ",\"from\":\"Bob\",\"name\":\"Rob\"}",
         {0}},
        {MESSAGE_SUMMARY,
         0,
         "",
         "{\"type\":\"members\",\"room\":\"lobby\"," STAMP ",\"here\":8,\"joined\":3,\"left\":2}",
         {.joined = 3, .left = 2, .here = 8}},
        {MESSAGE_WELCOME,
         0,
         "",
         "{\"type\":\"welcome\",\"room\":\"lobby\"," STAMP
         ",\"name\":\"Bob\",\"topic\":\"deploys\",\"here\":1,\"members\":[]}",
         {0}},
        {MESSAGE_WELCOME,
         0,
         "Al, Zo\xC3\xAB",
         "{\"type\":\"welcome\",\"room\":\"lobby\"," STAMP
         ",\"name\":\"Bob\",\"topic\":\"deploys\",\"here\":10,\"members\":[\"Al\",\"Zo\xC3\xAB\"]}",
         {.unnamed = 7}},
        {MESSAGE_SKIP,
         4,
         "",
         "{\"type\":\"gap\",\"room\":\"lobby\",\"seq\":4," STAMP ",\"last\":4294967300}",
         {.missing = UINT64_C(4294967297)}},
    };
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        const struct message message = {.kind = rows[row].kind,
                                        .author = 1,
                                        .room = words_of("lobby"),
                                        .seq = rows[row].seq,
                                        .time = TIME,
                                        .name = words_of("Bob"),
                                        .text = words_of(rows[row].text),
                                        .topic = words_of("deploys"),
                                        .counts = rows[row].counts};
        reads(&message, rows[row].line);
    }
}

static void what_is_in_no_room_has_none(void)
{
    const struct message message = {
        .kind = MESSAGE_TELL, .time = TIME, .name = words_of("Bob"), .text = words_of("psst")};
    reads(&message, "{\"type\":\"tell\"," STAMP ",\"from\":\"Bob\",\"text\":\"psst\"}");
}

/* The words are a part of a longer text, as in a batch; and what they say is a string. */
static void text_is_a_string(void)
{
    static const char memory[] = "Bob\"},\\\tBob";
    const struct message message = {
        .kind = MESSAGE_TELL, .time = TIME, .name = {memory, 3}, .text = {memory + 3, 5}};
    reads(&message, "{\"type\":\"tell\"," STAMP ",\"from\":\"Bob\",\"text\":\"\\\"},\\\\\\t\"}");
}

static void prose_is_not_for_programs(void)
{
    static const char *const prose[] = {"*** Yes, I am here. ***\n", "\n", "", "Bob: {\n"};
    static const char object[] = "{\"type\":\"say\"}\n{\"type\":\"act\"}\n";
    struct buffer out = {0};
    for (size_t i = 0; i < sizeof prose / sizeof *prose; i++)
        CU_ASSERT_TRUE(json_encoding.encode(prose[i], strlen(prose[i]), 0, &out));
    CU_ASSERT_EQUAL(buffer_length(&out), 0);
    CU_ASSERT_TRUE(json_encoding.encode(object, strlen(object), 0, &out));
    CU_ASSERT_EQUAL_FATAL(buffer_length(&out), strlen(object));
    CU_ASSERT_EQUAL(memcmp(buffer_bytes(&out), object, strlen(object)), 0);
    buffer_free(&out);
}

void add_json_format_suite(void)
{
    static const struct test tests[] = {
        {"each kind of message has the object that PROTOCOL promises", each_kind_has_its_object},
        {"a private message is in no room", what_is_in_no_room_has_none},
        {"what people say is a string, whatever it is", text_is_a_string},
        {"programs are sent objects and no prose", prose_is_not_for_programs},
    };
    SUITE_ADD("json_format", tests);
}
