#include "suites.h"

#include "doors/plain/ban_notice.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

/* 2026-11-25 14:02 UTC */
#define MOMENT INT64_C(1795615320000)

static void says_until_when_and_why(void)
{
    static const struct {
        int64_t end;
        const char *reason, *text;
    } rows[] = {
        {MOMENT, "spam", "You are banned until 2026-11-25 14:02 UTC: spam"},
        {MOMENT, "", "You are banned until 2026-11-25 14:02 UTC"},
        {INT64_C(4107587696789), "", "You are banned until 2100-03-01 12:35 UTC"},
        {0, "spam", "You are banned: spam"},
        {0, "", "You are banned"},
        {MOMENT - 1, "", "You are banned until 2026-11-25 14:02 UTC"},
        {MOMENT + 1, "", "You are banned until 2026-11-25 14:03 UTC"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sanction ban = {.kind = SANCTION_BAN, .end = rows[i].end};
        char text[BAN_NOTICE_SIZE];
        strcpy(ban.reason, rows[i].reason);
        ban_notice_write(&ban, text);
        EXPECT(strcmp(text, rows[i].text) == 0, "it is '%s'", text);
    }
}

static void fits_the_longest_reason(void)
{
    struct sanction ban = {.kind = SANCTION_BAN, .end = MOMENT};
    char text[BAN_NOTICE_SIZE];
    memset(ban.reason, 'x', SANCTION_REASON_BYTES_MAX);
    ban_notice_write(&ban, text);
    CU_ASSERT_STRING_EQUAL(text + strlen(text) - 2, "xx");
}

static const struct test tests[] = {
    {"who is banned is told until when and why", says_until_when_and_why},
    {"the longest reason fits", fits_the_longest_reason},
};

void add_ban_notice_suite(void)
{
    SUITE_ADD("ban_notice", tests);
}
