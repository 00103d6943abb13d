#include "suites.h"

#include "chat/format.h"

#include <CUnit/CUnit.h>
#include <string.h>

/* Whether plain lines have a message like this, behind what is there already. */
static bool reads(struct message message, const char *expected)
{
    struct buffer out = {0};
    struct buffer whole = {0};
    bool right = buffer_append_string(&out, "before\n") && format_lines.render(&message, &out) &&
                 buffer_format(&whole, "before\n%s", expected) &&
                 buffer_length(&out) == buffer_length(&whole) &&
                 memcmp(buffer_bytes(&out), buffer_bytes(&whole), buffer_length(&out)) == 0;
    buffer_free(&out);
    buffer_free(&whole);
    return right;
}

static void each_kind_has_its_line(void)
{
    static const struct {
        enum message_kind kind;
        const char *name, *text, *line;
        struct message_counts counts;
    } rows[] = {
        {MESSAGE_SAY, "Alice", "hi", "Alice: hi\n", {0}},
        {MESSAGE_ACT, "Alice", "waves", "* Alice waves\n", {0}},
        {MESSAGE_TELL, "Alice", "psst", "[private] Alice: psst\n", {0}},
        {MESSAGE_JOIN, "Alice", "", "*** Alice has joined the chat ***\n", {0}},
        {MESSAGE_LEAVE, "Alice", "", "*** Alice has left the chat ***\n", {0}},
        {MESSAGE_RENAME, "Alice", "Bob", "*** Alice is now known as Bob ***\n", {0}},
        {MESSAGE_SUMMARY,
         "",
         "",
         "*** 3 joined, 2 left; 8 here ***\n",
         {.joined = 3, .left = 2, .here = 8}},
        {MESSAGE_WELCOME,
         "Alice",
         "",
         "*** Welcome, Alice. Type /help for commands. Here now: nobody else. ***\n",
         {0}},
        {MESSAGE_WELCOME,
         "Alice",
         "Bob, Carol",
         "*** Welcome, Alice. Type /help for commands. Here now: Bob, Carol. ***\n",
         {0}},
        {MESSAGE_WELCOME,
         "Alice",
         "Bob, Carol",
         "*** Welcome, Alice. Type /help for commands. Here now: Bob, Carol and 1 other. ***\n",
         {.unnamed = 1}},
        {MESSAGE_WELCOME,
         "Alice",
         "Bob, Carol",
         "*** Welcome, Alice. Type /help for commands. Here now: Bob, Carol and 7 others. ***\n",
         {.unnamed = 7}},
        {MESSAGE_GAP, "", "", "*** 1 line is missing here ***\n", {.missing = 1}},
        {MESSAGE_GAP, "", "", "*** 12 lines are missing here ***\n", {.missing = 12}},
    };
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct message message = {.kind = rows[row].kind,
                                  .author = 1,
                                  .name = words_of(rows[row].name),
                                  .text = words_of(rows[row].text),
                                  .counts = rows[row].counts};
        EXPECT(reads(message, rows[row].line), "%s", rows[row].line);
    }
}

/* A text is what people typed: nothing in it means anything to a format. */
static void text_is_taken_as_it_is(void)
{
    struct message message = {
        .kind = MESSAGE_SAY, .name = words_of("Zo\xC3\xAB"), .text = words_of("%s \"\\n *** : ")};
    CU_ASSERT_TRUE(reads(message, "Zo\xC3\xAB: %s \"\\n *** : \n"));
}

/* The words are a part of a longer text, as in a batch. */
static void words_need_no_nul(void)
{
    static const char memory[] = "AliceBobhithere";
    struct message message = {
        .kind = MESSAGE_SAY, .name = {memory + 5, 3}, .text = {memory + 8, 2}};
    CU_ASSERT_TRUE(reads(message, "Bob: hi\n"));
    message.text.length = 0;
    CU_ASSERT_TRUE(reads(message, "Bob: \n"));
}

static bool reads_elsewhere(struct message message, const char *expected)
{
    struct buffer out = {0};
    bool right = format_lines_elsewhere.render(&message, &out) &&
                 buffer_length(&out) == strlen(expected) &&
                 memcmp(buffer_bytes(&out), expected, buffer_length(&out)) == 0;
    buffer_free(&out);
    return right;
}

static void lines_from_elsewhere_have_their_room(void)
{
    static const struct {
        enum message_kind kind;
        const char *text, *line;
    } rows[] = {
        {MESSAGE_SAY, "hi", "#ops Alice: hi\n"},
        {MESSAGE_ACT, "waves", "#ops * Alice waves\n"},
        {MESSAGE_JOIN, "", "#ops *** Alice has joined the chat ***\n"},
        {MESSAGE_ENTER, "", "#ops *** Alice has joined #ops ***\n"},
        {MESSAGE_EXIT, "", "#ops *** Alice has left #ops ***\n"},
        {MESSAGE_EXPEL, "Olga: spam",
         "#ops *** Alice has been kicked out of #ops by Olga: spam ***\n"},
        {MESSAGE_TOPIC, "deploys", "#ops *** Alice has set the topic: deploys ***\n"},
        {MESSAGE_TOPIC, "", "#ops *** Alice has removed the topic ***\n"},
        {MESSAGE_KEEP, "", "#ops *** Alice keeps this room when nobody is here ***\n"},
        {MESSAGE_LET_GO, "", "#ops *** Alice lets this room go when nobody is here ***\n"},
        {MESSAGE_SUMMARY, "", "#ops *** 0 joined, 0 left; 0 here ***\n"},
        /* These are told once for all rooms. */
        {MESSAGE_LEAVE, "", "*** Alice has left the chat ***\n"},
        {MESSAGE_KICK, "Olga", "*** Alice has been kicked by Olga ***\n"},
        {MESSAGE_RENAME, "Al", "*** Alice is now known as Al ***\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct message message = {.kind = rows[i].kind,
                                        .room = words_of("ops"),
                                        .name = words_of("Alice"),
                                        .text = words_of(rows[i].text)};
        EXPECT(reads_elsewhere(message, rows[i].line), "kind %d", (int)rows[i].kind);
    }
    const struct message private = {
        .kind = MESSAGE_TELL, .name = words_of("Alice"), .text = words_of("psst")};
    CU_ASSERT_TRUE(reads_elsewhere(private, "[private] Alice: psst\n"));
    const struct message past = {.kind = MESSAGE_SAY,
                                 .room = words_of("ops"),
                                 .name = words_of("Alice"),
                                 .text = words_of("hi"),
                                 .at = {.minute = 14 * 60 + 2},
                                 .past = true};
    CU_ASSERT_TRUE(reads_elsewhere(past, "#ops [14:02] Alice: hi\n"));
}

static const struct test tests[] = {
    {"each kind of message has the plain line that PROTOCOL promises", each_kind_has_its_line},
    {"lines from elsewhere have their room in front, but what concerns all rooms",
     lines_from_elsewhere_have_their_room},
    {"what people say is in their line as they said it", text_is_taken_as_it_is},
    {"names and texts end where they are told to end", words_need_no_nul},
};

void add_format_suite(void)
{
    SUITE_ADD("format", tests);
}
