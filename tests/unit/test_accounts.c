#include "suites.h"
#include "bucket_shelf.h"

#include "base/clock.h"
#include "chat/name.h"
#include "cluster/account_record.h"
#include "cluster/accounts.h"
#include "cluster/accounts_inside.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

enum { MACHINES = 2, NOTES_SIZE = 4096, CALLS_MAX = 16 };

/* Machines whose accounts are in one bucket. */
struct guild {
    struct bucket_shelf shelf;
    struct bucket_end ends[MACHINES];
    struct accounts *accounts[MACHINES];
    char report[512];
};

static char notes[NOTES_SIZE];

static void on_report(void *context, const char *sentence)
{
    struct guild *guild = context;
    snprintf(guild->report, sizeof guild->report, "%s", sentence);
}

static void guild_open(struct guild *guild, int64_t patience)
{
    memset(guild, 0, sizeof *guild);
    bucket_shelf_open(&guild->shelf);
    for (unsigned i = 0; i < MACHINES; i++) {
        guild->ends[i] =
            (struct bucket_end){.bucket = {&bucket_shelf_functions}, .shelf = &guild->shelf};
        const struct accounts_config config = {.bucket = &guild->ends[i].bucket,
                                               .patience = patience,
                                               .seed = (uint64_t)i << 32,
                                               .report = on_report,
                                               .context = guild};
        CU_ASSERT_EQUAL_FATAL(accounts_open(&guild->accounts[i], &config), 0);
    }
}

static void guild_close(struct guild *guild)
{
    for (int i = 0; i < MACHINES; i++) {
        accounts_stop(guild->accounts[i]);
        accounts_free(guild->accounts[i]);
    }
    bucket_shelf_close(&guild->shelf);
}

static void note(const char *before, struct words words, const char *behind)
{
    size_t length = strlen(notes);
    snprintf(notes + length, sizeof notes - length, "%s%.*s%s", before, (int)words.length,
             words.bytes, behind);
}

static void note_account(void *context, const struct archive_account *account)
{
    (void)context;
    note(account->same ? "" : "like ", account->name, account->is_operator ? ", operator|" : "|");
}

static void note_name(void *context, struct words name)
{
    (void)context;
    note("", name, "|");
}

static bool note_message(void *context, const struct archive_message *message)
{
    (void)context;
    note("", message->author, ": ");
    note("", message->text, "|");
    return true;
}

static bool noted(const char *wanted)
{
    bool same = strcmp(notes, wanted) == 0;
    if (!same)
        printf("[%s instead of %s] ", notes, wanted);
    *notes = '\0';
    return same;
}

/* The archive of a machine. */
static struct archive *at(struct guild *guild, int machine)
{
    return accounts_archive(guild->accounts[machine]);
}

static enum archive_result add_within(struct guild *guild, int machine, const char *name,
                                      int64_t patience)
{
    const struct accounts_person person = {.name = words_of(name), .hash = words_of("$y$hash")};
    return accounts_add(guild->accounts[machine], &person, clock_now() + patience);
}

static enum archive_result add(struct guild *guild, int machine, const char *name)
{
    return add_within(guild, machine, name, 10 * CLOCK_SECOND);
}

static enum archive_result find(struct guild *guild, int machine, const char *name)
{
    struct archive *archive = at(guild, machine);
    return archive->people->find(archive, words_of(name), note_account, NULL);
}

static void accounts_are_those_of_all_machines(void)
{
    struct guild guild;
    guild_open(&guild, 10 * CLOCK_SECOND);
    const struct archive_people *people = at(&guild, 0)->people;
    struct words open = words_of("open sesame"), other = words_of("another one");
    CU_ASSERT_EQUAL(find(&guild, 0, "Alice"), ARCHIVE_NONE);
    CU_ASSERT_EQUAL(people->enroll(at(&guild, 0), words_of("Alice"), open, 5), ARCHIVE_OK);
    CU_ASSERT_EQUAL(people->enroll(at(&guild, 1), words_of("alice"), other, 6), ARCHIVE_TAKEN);
    CU_ASSERT_EQUAL(people->check(at(&guild, 1), words_of("ALICE"), open), ARCHIVE_OK);
    CU_ASSERT_EQUAL(people->check(at(&guild, 1), words_of("Alice"), other), ARCHIVE_WRONG);
    CU_ASSERT_EQUAL(people->check(at(&guild, 1), words_of("AIice"), open), ARCHIVE_NONE);
    find(&guild, 1, "aLICE");
    CU_ASSERT_TRUE(noted("Alice|"));
    find(&guild, 1, "AIice"); /* as it is typed */
    CU_ASSERT_TRUE(noted("like Alice|"));
    find(&guild, 1, "\xD0\xB0lice"); /* in whatever case: it begins with a Cyrillic letter */
    CU_ASSERT_TRUE(noted("like Alice|"));
    CU_ASSERT_EQUAL(people->change_password(at(&guild, 1), words_of("Alice"), other, other),
                    ARCHIVE_WRONG);
    CU_ASSERT_EQUAL(people->change_password(at(&guild, 1), words_of("Alice"), open, other),
                    ARCHIVE_OK);
    CU_ASSERT_EQUAL(people->set_operator(at(&guild, 1), words_of("Alice"), true), ARCHIVE_OK);
    CU_ASSERT_EQUAL(people->set_operator(at(&guild, 1), words_of("Bob"), true), ARCHIVE_NONE);
    find(&guild, 0, "Alice");
    CU_ASSERT_TRUE(noted("Alice, operator|"));
    CU_ASSERT_EQUAL(people->unregister(at(&guild, 0), words_of("Alice"), open), ARCHIVE_WRONG);
    CU_ASSERT_EQUAL(people->unregister(at(&guild, 0), words_of("Alice"), other), ARCHIVE_OK);
    CU_ASSERT_EQUAL(find(&guild, 1, "Alice"), ARCHIVE_NONE);
    CU_ASSERT_EQUAL(add(&guild, 1, "AIice"), ARCHIVE_OK);
    guild_close(&guild);
}

/*
 * Names at the same moment.
 */

struct rivalry {
    struct guild *guild;
    const char *name;
    enum archive_result result;
};

static void rival(void *context)
{
    struct rivalry *rivalry = context;
    rivalry->result = add(rivalry->guild, 1, rivalry->name);
}

static const char *const pairs[][2] = {
    {"Kim", "kIM"}, {"Alice", "AIice"}, {"alice", "\xD0\xB0lice"}};

enum { PAIRS = sizeof pairs / sizeof *pairs };

/* Whatever the first one has done so far when the second one comes, one of them has the name. */
static void one_of_two_wins(void)
{
    for (size_t i = 0; i < PAIRS; i++) {
        for (unsigned call = 1; call < CALLS_MAX; call++) {
            struct guild guild;
            guild_open(&guild, 10 * CLOCK_SECOND);
            struct rivalry rivalry = {&guild, pairs[i][1], ARCHIVE_OK};
            guild.ends[0].visits_at = call;
            guild.ends[0].visit = rival;
            guild.ends[0].context = &rivalry;
            enum archive_result first = add(&guild, 0, pairs[i][0]);
            if (guild.ends[0].calls < call)
                rival(&rivalry);
            EXPECT(first != rivalry.result && (first == ARCHIVE_OK || first == ARCHIVE_TAKEN) &&
                       (rivalry.result == ARCHIVE_OK || rivalry.result == ARCHIVE_TAKEN),
                   "%s and %s, before call %u: %d and %d", pairs[i][0], pairs[i][1], call, first,
                   rivalry.result);
            bool won = first == ARCHIVE_OK;
            find(&guild, 0, pairs[i][won ? 1 : 0]);
            EXPECT(strstr(notes, pairs[i][won ? 0 : 1]) != NULL, "%s, before call %u: %s",
                   pairs[i][0], call, notes);
            *notes = '\0';
            guild_close(&guild);
        }
    }
}

/* What a machine that died while it registered has left behind keeps no name from anybody. */
static void who_dies_keeps_no_name(void)
{
    for (size_t i = 0; i < PAIRS; i++) {
        for (unsigned call = 1; call < CALLS_MAX; call++) {
            struct guild guild;
            guild_open(&guild, 10 * CLOCK_SECOND);
            guild.ends[0].dies_at = call;
            enum archive_result first = add_within(&guild, 0, pairs[i][0], 20 * CLOCK_MILLISECOND);
            bool there = find(&guild, 1, pairs[i][0]) == ARCHIVE_OK;
            *notes = '\0';
            EXPECT(first == ARCHIVE_OK       ? there
                   : first == ARCHIVE_UNSURE ? true
                                             : first == ARCHIVE_FAILED && !there,
                   "%s, dead at call %u: %d", pairs[i][0], call, first);
            EXPECT(add(&guild, 1, pairs[i][1]) == (there ? ARCHIVE_TAKEN : ARCHIVE_OK),
                   "%s, dead at call %u", pairs[i][1], call);
            guild_close(&guild);
        }
    }
}

/* A write whose acknowledgement is lost is not made twice; one that is lost itself is made. */
static void writes_are_made_once(void)
{
    for (unsigned lost = 1; lost < 5; lost++) {
        for (int also_put = 0; also_put < 2; also_put++) {
            struct guild guild;
            guild_open(&guild, 10 * CLOCK_SECOND);
            const struct archive_people *people = at(&guild, 0)->people;
            guild.ends[0].loses_ack = lost;
            guild.ends[0].loses_put = also_put != 0;
            EXPECT(add(&guild, 0, "Alice") == ARCHIVE_OK, "write %u", lost);
            guild.ends[0].puts = 0;
            EXPECT(people->keep_message(at(&guild, 0), words_of("Alice"), words_of("Bob"), 7,
                                        words_of("psst")) == ARCHIVE_OK,
                   "write %u", lost);
            guild.ends[0].puts = 0;
            EXPECT(people->ignore(at(&guild, 0), words_of("Alice"), words_of("Mallory")) ==
                       ARCHIVE_OK,
                   "write %u", lost);
            guild.ends[0].puts = 0;
            people->ignored(at(&guild, 0), words_of("Alice"), note_name, NULL);
            people->take_messages(at(&guild, 0), words_of("Alice"), note_message, NULL);
            people->take_messages(at(&guild, 1), words_of("Alice"), note_message, NULL);
            EXPECT(noted("Mallory|Bob: psst|"), "write %u", lost);
            guild_close(&guild);
        }
    }
}

static void what_is_not_answered_has_an_end(void)
{
    struct guild guild;
    guild_open(&guild, CLOCK_SECOND / 2);
    const struct archive_people *people = at(&guild, 0)->people;
    CU_ASSERT_EQUAL(add(&guild, 0, "Alice"), ARCHIVE_OK);
    guild.ends[0].dies_at = guild.ends[0].calls + 1;
    CU_ASSERT_EQUAL(find(&guild, 0, "Alice"), ARCHIVE_FAILED);
    CU_ASSERT_EQUAL(people->check(at(&guild, 0), words_of("Alice"), words_of("x")), ARCHIVE_FAILED);
    /* The write is not answered. A busy machine may not come to it in time, but not always. */
    enum archive_result result = ARCHIVE_FAILED;
    for (int tries = 0; tries < 20 && result == ARCHIVE_FAILED; tries++) {
        guild.ends[0].dies_at = guild.ends[0].calls + 2;
        result = people->set_operator(at(&guild, 0), words_of("Alice"), true);
    }
    CU_ASSERT_EQUAL(result, ARCHIVE_UNSURE);
    guild.ends[0].dies_at = 0;
    guild.accounts[0]->config.patience = 10 * CLOCK_SECOND;
    find(&guild, 0, "Alice");
    CU_ASSERT_TRUE(noted("Alice|"));
    guild_close(&guild);
}

/*
 * What belongs to an account.
 */

static enum archive_result keep(struct guild *guild, const char *author, const char *text)
{
    static int64_t time;
    struct archive *archive = at(guild, 0);
    return archive->people->keep_message(archive, words_of("Alice"), words_of(author), ++time,
                                         words_of(text));
}

static void messages_are_kept_for_whoever_comes(void)
{
    struct guild guild;
    char author[24];
    guild_open(&guild, 10 * CLOCK_SECOND);
    const struct archive_people *people = at(&guild, 0)->people;
    CU_ASSERT_EQUAL(keep(&guild, "Bob", "nobody"), ARCHIVE_NONE);
    CU_ASSERT_EQUAL(add(&guild, 0, "Alice"), ARCHIVE_OK);
    CU_ASSERT_EQUAL(people->ignore(at(&guild, 1), words_of("Alice"), words_of("Mallory")),
                    ARCHIVE_OK);
    CU_ASSERT_EQUAL(people->ignore(at(&guild, 1), words_of("Alice"), words_of("MALLORY")),
                    ARCHIVE_OK);
    CU_ASSERT_EQUAL(keep(&guild, "mallory", "not this"), ARCHIVE_OK);
    CU_ASSERT_EQUAL(keep(&guild, "Bob", "one"), ARCHIVE_OK);
    CU_ASSERT_EQUAL(keep(&guild, "Ann", "two"), ARCHIVE_OK);
    people->ignored(at(&guild, 0), words_of("Alice"), note_name, NULL);
    people->take_messages(at(&guild, 1), words_of("alice"), note_message, NULL);
    CU_ASSERT_TRUE(noted("Mallory|Bob: one|Ann: two|"));
    people->take_messages(at(&guild, 0), words_of("Alice"), note_message, NULL);
    CU_ASSERT_TRUE(noted(""));
    CU_ASSERT_EQUAL(people->unignore(at(&guild, 0), words_of("Alice"), words_of("mallory")),
                    ARCHIVE_OK);
    CU_ASSERT_EQUAL(people->unignore(at(&guild, 0), words_of("Alice"), words_of("mallory")),
                    ARCHIVE_NONE);
    for (int i = 0; i < ARCHIVE_KEPT_OF_ONE_MAX; i++)
        CU_ASSERT_EQUAL(keep(&guild, "Bob", "again"), ARCHIVE_OK);
    CU_ASSERT_EQUAL(keep(&guild, "Bob", "again"), ARCHIVE_FULL);
    for (int i = ARCHIVE_KEPT_OF_ONE_MAX; i < ARCHIVE_KEPT_OF_STRANGERS_MAX; i++) {
        snprintf(author, sizeof author, "stranger%d", i);
        CU_ASSERT_EQUAL(keep(&guild, author, "hello"), ARCHIVE_OK);
    }
    CU_ASSERT_EQUAL(keep(&guild, "Zoe", "hello"), ARCHIVE_FULL);
    CU_ASSERT_EQUAL(add(&guild, 0, "Zoe"), ARCHIVE_OK);
    CU_ASSERT_EQUAL(keep(&guild, "Zoe", "hello"), ARCHIVE_OK);
    guild_close(&guild);
}

/* Who has a name after somebody else gets nothing that was kept for that one. */
static void lists_go_with_their_account(void)
{
    struct guild guild;
    char key[ACCOUNTS_KEY_SIZE];
    guild_open(&guild, 10 * CLOCK_SECOND);
    const struct archive_people *people = at(&guild, 0)->people;
    CU_ASSERT_EQUAL(add(&guild, 0, "Alice"), ARCHIVE_OK);
    CU_ASSERT_EQUAL(keep(&guild, "Bob", "for the first one"), ARCHIVE_OK);
    people->ignore(at(&guild, 0), words_of("Alice"), words_of("Mallory"));
    /* The account goes without its lists, as on a machine that dies in between. */
    CU_ASSERT_TRUE(accounts_write_key(key, ACCOUNTS_ACCOUNT, words_of("Alice")));
    bucket_shelf_find(&guild.shelf, key)->present = false;
    CU_ASSERT_EQUAL(add(&guild, 1, "Alice"), ARCHIVE_OK);
    people->take_messages(at(&guild, 0), words_of("Alice"), note_message, NULL);
    people->ignored(at(&guild, 0), words_of("Alice"), note_name, NULL);
    CU_ASSERT_TRUE(noted(""));
    CU_ASSERT_EQUAL(keep(&guild, "Mallory", "hello"), ARCHIVE_OK);
    people->take_messages(at(&guild, 1), words_of("Alice"), note_message, NULL);
    CU_ASSERT_TRUE(noted("Mallory: hello|"));
    guild_close(&guild);
}

static int64_t seen;

static void note_seen(void *context, const struct archive_account *account)
{
    (void)context;
    seen = account->seen;
}

/* When somebody was here is stored also when the server stops. */
static void who_was_here_is_stored_at_the_end(void)
{
    struct guild guild;
    guild_open(&guild, 10 * CLOCK_SECOND);
    CU_ASSERT_EQUAL(add(&guild, 0, "Alice"), ARCHIVE_OK);
    CU_ASSERT_TRUE(at(&guild, 0)->people->set_seen(at(&guild, 0), words_of("Alice"), 77));
    CU_ASSERT_TRUE(at(&guild, 0)->people->set_seen(at(&guild, 0), words_of("Alice"), 55));
    accounts_stop(guild.accounts[0]);
    CU_ASSERT_FALSE(at(&guild, 0)->people->set_seen(at(&guild, 0), words_of("Alice"), 99));
    CU_ASSERT_EQUAL(find(&guild, 0, "Alice"), ARCHIVE_FAILED);
    accounts_free(guild.accounts[0]);
    at(&guild, 1)->people->find(at(&guild, 1), words_of("Alice"), note_seen, NULL);
    CU_ASSERT_EQUAL(seen, 77);
    guild.accounts[0] = guild.accounts[1];
    accounts_stop(guild.accounts[1]);
    accounts_free(guild.accounts[1]);
    bucket_shelf_close(&guild.shelf);
}

/* An account that cannot be read is nobody's to take, and the log tells why. */
static void what_cannot_be_read_is_not_free(void)
{
    struct guild guild;
    char key[ACCOUNTS_KEY_SIZE];
    guild_open(&guild, 10 * CLOCK_SECOND);
    CU_ASSERT_EQUAL(add(&guild, 0, "Alice"), ARCHIVE_OK);
    CU_ASSERT_TRUE(accounts_write_key(key, ACCOUNTS_ACCOUNT, words_of("Alice")));
    struct shelved_value *value = bucket_shelf_find(&guild.shelf, key);
    struct buffer sound = value->value;
    value->value = (struct buffer){0};
    CU_ASSERT_TRUE(buffer_append(&value->value, buffer_bytes(&sound), buffer_length(&sound) - 1));
    CU_ASSERT_EQUAL(find(&guild, 0, "Alice"), ARCHIVE_FAILED);
    CU_ASSERT_PTR_NOT_NULL(strstr(guild.report, "is garbled"));
    CU_ASSERT_EQUAL(add(&guild, 0, "alice"), ARCHIVE_FAILED);
    CU_ASSERT_EQUAL(add(&guild, 0, "AIice"), ARCHIVE_FAILED);
    CU_ASSERT_TRUE(noted(""));
    /* A sound record of another account is not one of this name. */
    CU_ASSERT_TRUE(accounts_write_key(key, ACCOUNTS_ACCOUNT, words_of("Mallory")));
    struct shelved_value *stolen = bucket_shelf_find(&guild.shelf, key);
    stolen->value = sound;
    stolen->present = true;
    CU_ASSERT_EQUAL(find(&guild, 1, "Mallory"), ARCHIVE_FAILED);
    guild_close(&guild);
}

static void keys_have_letters_and_digits(void)
{
    char key[ACCOUNTS_KEY_SIZE];
    char name[NAME_SIZE];
    CU_ASSERT_TRUE(accounts_write_key(key, ACCOUNTS_ACCOUNT, words_of("x.y_*>")) ||
                   strpbrk(key, "*> ") == NULL);
    for (int i = 0; i < NAME_CHARACTERS_MAX; i++)
        memcpy(name + 4 * i, "\xF0\x9F\x91\x8B", 4);
    name[NAME_BYTES_MAX] = '\0';
    CU_ASSERT_TRUE(accounts_write_key(key, ACCOUNTS_CLAIM, words_of(name)));
    CU_ASSERT_EQUAL(strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789=."),
                    strlen(key));
    CU_ASSERT_FALSE(accounts_write_key(key, ACCOUNTS_CLAIM, words_of("")));
}

static const struct test tests[] = {
    {"accounts are those of all machines", accounts_are_those_of_all_machines},
    {"one of two that register at once wins", one_of_two_wins},
    {"a machine that dies keeps no name from others", who_dies_keeps_no_name},
    {"writes are made once, though acknowledgements are lost", writes_are_made_once},
    {"what is not answered has an end", what_is_not_answered_has_an_end},
    {"messages are kept for whoever comes, wherever", messages_are_kept_for_whoever_comes},
    {"lists go with their account", lists_go_with_their_account},
    {"who was here is stored at the end", who_was_here_is_stored_at_the_end},
    {"what cannot be read is not free", what_cannot_be_read_is_not_free},
    {"keys have letters and digits", keys_have_letters_and_digits},
};

void add_accounts_suite(void)
{
    SUITE_ADD("accounts", tests);
}
