#include "capture.h"
#include "suites.h"

#include "base/clock.h"
#include "chat/sanctions_record.h"

#include <CUnit/CUnit.h>
#include <string.h>

enum { KEPT_MAX = 8, WORDS_SIZE = 256 };

/* An archive that has nothing but sanctions, and may fail. */
struct shelf {
    struct archive archive; /* first: the operations are given a pointer to it */
    struct kept {
        struct archive_sanction sanction;
        char target[WORDS_SIZE], by[WORDS_SIZE], reason[WORDS_SIZE];
    } kept[KEPT_MAX];
    size_t count;
    bool fails;
};

static struct words keep_words(char copy[WORDS_SIZE], struct words words)
{
    memcpy(copy, words.bytes, words.length);
    return (struct words){copy, words.length};
}

static bool has_target(const struct archive_sanction *sanction, enum archive_sanction_kind kind,
                       struct words target)
{
    return sanction->kind == kind && sanction->target.length == target.length &&
           memcmp(sanction->target.bytes, target.bytes, target.length) == 0;
}

static bool shelf_remove(struct archive *archive, enum archive_sanction_kind kind,
                         struct words target)
{
    struct shelf *shelf = (struct shelf *)(void *)archive;
    size_t i = 0;
    while (i < shelf->count && !has_target(&shelf->kept[i].sanction, kind, target))
        i++;
    if (i < shelf->count)
        shelf->count = i; /* tests remove the last one */
    return !shelf->fails;
}

static bool shelf_add(struct archive *archive, const struct archive_sanction *sanction)
{
    struct shelf *shelf = (struct shelf *)(void *)archive;
    if (shelf->fails || shelf->count == KEPT_MAX)
        return false;
    struct kept *kept = &shelf->kept[shelf->count++];
    kept->sanction = *sanction;
    kept->sanction.target = keep_words(kept->target, sanction->target);
    kept->sanction.by = keep_words(kept->by, sanction->by);
    kept->sanction.reason = keep_words(kept->reason, sanction->reason);
    return true;
}

static enum archive_result shelf_list(struct archive *archive, int64_t now,
                                      archive_visit_sanction *visit, void *context)
{
    struct shelf *shelf = (struct shelf *)(void *)archive;
    for (size_t i = 0; i < shelf->count; i++)
        visit(context, &shelf->kept[i].sanction);
    (void)now;
    return shelf->fails ? ARCHIVE_FAILED : ARCHIVE_OK;
}

static const struct archive_sanctions shelf_sanctions = {
    .add = shelf_add, .remove = shelf_remove, .list = shelf_list};

/* Makes sanctions of what is on the shelf. */
static struct sanctions_record begin(struct shelf *shelf, struct event_log *event_log)
{
    struct sanctions_record record = {.archive = &shelf->archive, .event_log = event_log};
    CU_ASSERT_EQUAL_FATAL(sanctions_create(&record.sanctions), 0);
    return record;
}

static void what_is_imposed_holds_after_a_restart(void)
{
    struct shelf shelf = {.archive = {.sanctions = &shelf_sanctions}};
    struct sanctions_record record = begin(&shelf, NULL);
    int64_t now = clock_utc();
    struct sanction ban = {.kind = SANCTION_BAN,
                           .name = "Bob",
                           .author = "Olga",
                           .reason = "spam",
                           .end = now + 3600000};
    struct sanction range = {.kind = SANCTION_BAN, .author = "Olga"};
    struct sanction mute = {.kind = SANCTION_MUTE, .name = "Carol", .author = "Olga"};
    struct sanction found;
    CU_ASSERT_TRUE(address_prefix_parse("192.0.2.0/24", 12, &range.range));
    sanctions_record_begin(&record);
    CU_ASSERT_EQUAL(sanctions_impose(record.sanctions, &range, now), 0);
    CU_ASSERT_EQUAL(sanctions_impose(record.sanctions, &ban, now), 0);
    CU_ASSERT_EQUAL(sanctions_impose(record.sanctions, &mute, now), 0);
    CU_ASSERT_EQUAL(shelf.count, 3);
    CU_ASSERT_TRUE(shelf.kept[0].sanction.is_address);
    CU_ASSERT_FALSE(shelf.kept[1].sanction.is_address);
    CU_ASSERT_EQUAL(shelf.kept[1].sanction.until, ban.end);
    CU_ASSERT_EQUAL(sanctions_lift_name(record.sanctions, SANCTION_MUTE, "carol", now, NULL), 1);
    CU_ASSERT_EQUAL(shelf.count, 2);
    sanctions_destroy(record.sanctions);

    record = begin(&shelf, NULL);
    sanctions_record_begin(&record);
    CU_ASSERT_EQUAL(shelf.count, 2); /* what was read is not stored again */
    CU_ASSERT_TRUE(sanctions_find_name(record.sanctions, SANCTION_BAN, "B0b", now, &found));
    CU_ASSERT_STRING_EQUAL(found.name, "Bob");
    CU_ASSERT_STRING_EQUAL(found.author, "Olga");
    CU_ASSERT_STRING_EQUAL(found.reason, "spam");
    CU_ASSERT_EQUAL(found.end, ban.end);
    CU_ASSERT_TRUE(
        sanctions_find_address(record.sanctions, SANCTION_BAN, &range.range, now, &found));
    CU_ASSERT_EQUAL(found.end, 0);
    CU_ASSERT_FALSE(sanctions_find_name(record.sanctions, SANCTION_MUTE, "Carol", now, NULL));
    sanctions_destroy(record.sanctions);
}

static void failures_are_in_the_log(void)
{
    static const struct event_log_config config = {.program = "unit"};
    struct shelf shelf = {.archive = {.sanctions = &shelf_sanctions}, .fails = true};
    struct sanction ban = {.kind = SANCTION_BAN, .name = "Bob", .author = "Olga"};
    struct capture console;
    struct event_log *event_log;
    CU_ASSERT_EQUAL_FATAL(event_log_start(&event_log, &config), 0);
    struct sanctions_record record = begin(&shelf, event_log);
    capture_begin(&console, STDOUT_FILENO);
    sanctions_record_begin(&record);
    CU_ASSERT_EQUAL(sanctions_impose(record.sanctions, &ban, clock_utc()), 0);
    CU_ASSERT_TRUE(event_log_stop(event_log, 30 * CLOCK_SECOND));
    char *log = capture_end(&console);
    CU_ASSERT_STRING_EQUAL(log, "Cannot read the bans and mutes of the data file.\n"
                                "Cannot store the change of a ban or mute of Bob.\n");
    CU_ASSERT_TRUE(sanctions_find_name(record.sanctions, SANCTION_BAN, "Bob", clock_utc(), NULL));
    free(log);
    sanctions_destroy(record.sanctions);
    event_log_free(event_log);
}

void add_sanctions_record_suite(void)
{
    static const struct test tests[] = {
        {"what is imposed holds after a restart, what is lifted does not",
         what_is_imposed_holds_after_a_restart},
        {"what cannot be read or stored is in the log, and bans hold", failures_are_in_the_log},
    };
    SUITE_ADD("sanctions_record", tests);
}
