#include "suites.h"
#include "guest.h"

#include "chat/directory.h"

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <stdio.h>

enum { CROWD = 16 }; /* a directory's memory is used up, and one more needs more of it */

/* A directory and some users, none of them in it. */
struct crowd {
    struct directory *directory;
    struct guest guests[CROWD];
    struct user *users[CROWD];
};

static void gather(struct crowd *crowd)
{
    CU_ASSERT_EQUAL_FATAL(directory_create(&crowd->directory), 0);
    for (int i = 0; i < CROWD; i++) {
        guest_come(&crowd->guests[i], &format_lines);
        crowd->users[i] = crowd->guests[i].user;
    }
}

/* Lets go of everything; nobody may be in the directory any more. */
static void disperse(struct crowd *crowd)
{
    directory_destroy(crowd->directory);
    for (int i = 0; i < CROWD; i++)
        guest_leave(&crowd->guests[i]);
}

/* Adds a user, and lists it. */
static int enter(struct crowd *crowd, int who, const char *name)
{
    char rival[NAME_SIZE];
    int error = directory_add(crowd->directory, crowd->users[who], 0, name, rival);
    if (error == 0)
        directory_list(crowd->directory, crowd->users[who]);
    return error;
}

static void leave(struct crowd *crowd, int who)
{
    directory_remove(crowd->directory, crowd->users[who]);
}

static int rename_to(struct crowd *crowd, int who, const char *name)
{
    char rival[NAME_SIZE];
    return directory_rename(crowd->directory, crowd->users[who], name, NULL, rival);
}

static unsigned references(const struct crowd *crowd, int who)
{
    return guest_references(&crowd->guests[who]);
}

/* Whether `name` finds that user (NULL: nobody). */
static bool finds(struct directory *directory, const char *name, const struct user *user)
{
    struct user *found = directory_find(directory, name);
    if (found != NULL)
        user_release(found);
    return found == user;
}

static bool finds_id(struct directory *directory, uint64_t id, const struct user *user)
{
    struct user *found = directory_find_id(directory, id);
    if (found != NULL)
        user_release(found);
    return found == user;
}

static bool is_called(const struct crowd *crowd, int who, const char *name)
{
    char copy[NAME_SIZE];
    directory_copy_name(crowd->directory, crowd->users[who], copy);
    return strcmp(copy, name) == 0;
}

/* Whether a user cannot come under a name, because of who has `rival`. */
static bool is_kept_out(struct crowd *crowd, int who, const char *name, const char *rival)
{
    char found[NAME_SIZE] = "";
    unsigned before = references(crowd, who);
    return directory_add(crowd->directory, crowd->users[who], 0, name, found) == EEXIST &&
           strcmp(found, rival) == 0 && references(crowd, who) == before &&
           directory_has(crowd->directory, name);
}

static void names_are_unique(void)
{
    struct crowd crowd;
    gather(&crowd);
    CU_ASSERT_EQUAL(enter(&crowd, 0, "Alice"), 0);
    CU_ASSERT_TRUE(is_kept_out(&crowd, 1, "Alice", "Alice"));
    CU_ASSERT_TRUE(is_kept_out(&crowd, 1, "aLICE", "Alice"));
    CU_ASSERT_EQUAL(references(&crowd, 1), 1);
    CU_ASSERT_EQUAL(enter(&crowd, 1, "\xC3\x89lo\xC3\xAFse"), 0);
    CU_ASSERT_TRUE(is_kept_out(&crowd, 2, "\xC3\xA9LO\xC3\x8FSE", "\xC3\x89lo\xC3\xAFse"));
    CU_ASSERT_FALSE(directory_has(crowd.directory, "Alic"));
    CU_ASSERT_EQUAL(enter(&crowd, 2, "Alic"), 0);
    for (int i = 0; i < 3; i++)
        leave(&crowd, i);
    /* Who has gone holds no name. */
    CU_ASSERT_FALSE(directory_has(crowd.directory, "Alice"));
    CU_ASSERT_EQUAL(enter(&crowd, 3, "ALICE"), 0);
    leave(&crowd, 3);
    disperse(&crowd);
}

static void look_alikes_are_kept_out(void)
{
    struct crowd crowd;
    char rival[NAME_SIZE];
    gather(&crowd);
    enter(&crowd, 0, "Alice");
    enter(&crowd, 1, "Jos\xC3\xA9");
    CU_ASSERT_TRUE(is_kept_out(&crowd, 2, "AIice", "Alice"));
    CU_ASSERT_TRUE(is_kept_out(&crowd, 2, "A1ice", "Alice"));
    CU_ASSERT_TRUE(is_kept_out(&crowd, 2, "\xD0\x90lice", "Alice"));
    CU_ASSERT_TRUE(is_kept_out(&crowd, 2, "Jose\xCC\x81", "Jos\xC3\xA9"));
    CU_ASSERT_FALSE(directory_has(crowd.directory, "Jose"));
    /* Another name may look like one's own, and like nobody else's. */
    CU_ASSERT_EQUAL(directory_rename(crowd.directory, crowd.users[0], "AIice", NULL, rival), 0);
    CU_ASSERT_TRUE(is_called(&crowd, 0, "AIice"));
    CU_ASSERT_EQUAL(directory_rename(crowd.directory, crowd.users[1], "alice", NULL, rival),
                    EEXIST);
    CU_ASSERT_STRING_EQUAL(rival, "AIice");
    leave(&crowd, 0);
    leave(&crowd, 1);
    disperse(&crowd);
}

/* Returns a parting from a name, in a room, up to a message. */
static struct parting *parting_from(const char *name, uint64_t room, uint64_t last)
{
    struct parting *parting = parting_create(name, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(parting);
    parting->places[parting->count++] = (struct parting_place){room, last};
    return parting;
}

static void a_name_that_was_parted_from_waits_until_all_are_told(void)
{
    struct crowd crowd;
    char rival[NAME_SIZE];
    struct parting_place place;
    gather(&crowd);
    struct directory *directory = crowd.directory;
    enter(&crowd, 0, "Alice");
    enter(&crowd, 1, "Bob");
    CU_ASSERT_FALSE(directory_find_parting(directory, NULL, &place));
    CU_ASSERT_EQUAL(
        directory_rename(directory, crowd.users[0], "Carol", parting_from("Alice", 2, 70), rival),
        0);
    directory_part(directory, parting_from("Dave", 1, 9));
    directory_part(directory, parting_from("Alice", 3, 80));
    CU_ASSERT_EQUAL(directory_rename(directory, crowd.users[1], "AIice", NULL, rival), EAGAIN);
    CU_ASSERT_TRUE(is_called(&crowd, 1, "Bob"));
    CU_ASSERT_EQUAL(directory_rename(directory, crowd.users[1], "carol", NULL, rival), EEXIST);
    CU_ASSERT_TRUE(directory_find_parting(directory, "ALICE", &place));
    CU_ASSERT(place.room == 2 && place.last == 70);
    directory_tell_partings(directory, &(struct parting_place){2, 69});
    CU_ASSERT_TRUE(directory_find_parting(directory, NULL, &place));
    CU_ASSERT_EQUAL(place.room, 2);
    directory_tell_partings(directory, &place);
    CU_ASSERT_TRUE(directory_find_parting(directory, NULL, &place));
    CU_ASSERT_EQUAL(place.room, 1);
    CU_ASSERT_EQUAL(directory_rename(directory, crowd.users[1], "Alice", NULL, rival), EAGAIN);
    directory_tell_partings(directory, &(struct parting_place){3, UINT64_MAX});
    CU_ASSERT_EQUAL(directory_rename(directory, crowd.users[1], "Alice", NULL, rival), 0);
    directory_part(directory, parting_from("Alice", 4, 1)); /* one's own name is no other one */
    CU_ASSERT_EQUAL(directory_rename(directory, crowd.users[1], "alice", NULL, rival), 0);
    leave(&crowd, 0);
    leave(&crowd, 1);
    disperse(&crowd);
}

static void finds_by_name(void)
{
    struct crowd crowd;
    gather(&crowd);
    CU_ASSERT_TRUE(finds(crowd.directory, "Alice", NULL));
    enter(&crowd, 0, "Alice");
    enter(&crowd, 1, "Jos\xC3\xA9");
    CU_ASSERT_TRUE(finds(crowd.directory, "ALICE", crowd.users[0]));
    CU_ASSERT_TRUE(finds(crowd.directory, "JOSE\xCC\x81", crowd.users[1]));
    CU_ASSERT_TRUE(finds(crowd.directory, "Alic", NULL));
    CU_ASSERT_TRUE(finds(crowd.directory, "", NULL));
    /* A message for one who is not here goes to nobody who looks like it. */
    CU_ASSERT_TRUE(finds(crowd.directory, "AIice", NULL));
    CU_ASSERT_TRUE(finds(crowd.directory, "A1ice", NULL));
    CU_ASSERT_TRUE(finds(crowd.directory, "\xD0\x90lice", NULL));
    struct user *found = directory_find(crowd.directory, "alice");
    CU_ASSERT_EQUAL(references(&crowd, 0), 3);
    user_release(found);
    leave(&crowd, 0);
    leave(&crowd, 1);
    CU_ASSERT_TRUE(finds(crowd.directory, "Alice", NULL));
    disperse(&crowd);
}

static void finds_by_id(void)
{
    struct crowd crowd;
    uint64_t ids[CROWD];
    gather(&crowd);
    CU_ASSERT_TRUE(finds_id(crowd.directory, 0, NULL));
    for (int i = 0; i < CROWD; i++) {
        char name[8];
        snprintf(name, sizeof name, "user-%c", 'z' - i);
        CU_ASSERT_EQUAL(enter(&crowd, i, name), 0);
        ids[i] = crowd.users[i]->id;
        EXPECT(ids[i] != 0 && (i == 0 || ids[i] != ids[i - 1]), "user %d", i);
    }
    for (int i = 0; i < CROWD; i++)
        EXPECT(finds_id(crowd.directory, ids[i], crowd.users[i]), "user %d", i);
    CU_ASSERT_TRUE(finds_id(crowd.directory, 0, NULL));
    CU_ASSERT_TRUE(finds_id(crowd.directory, UINT64_MAX, NULL));
    struct user *found = directory_find_id(crowd.directory, ids[5]);
    CU_ASSERT_EQUAL(references(&crowd, 5), 3);
    user_release(found);
    /* A name or an id outlives its user, but is not another's for it. */
    leave(&crowd, 5);
    CU_ASSERT_TRUE(finds_id(crowd.directory, ids[5], NULL));
    CU_ASSERT_TRUE(finds_id(crowd.directory, ids[6], crowd.users[6]));
    CU_ASSERT_EQUAL(enter(&crowd, 5, "user-again"), 0);
    CU_ASSERT_TRUE(finds_id(crowd.directory, ids[5], NULL));
    for (int i = 0; i < CROWD; i++)
        CU_ASSERT_TRUE(i == 5 || crowd.users[5]->id != ids[i]);
    for (int i = 0; i < CROWD; i++)
        leave(&crowd, i);
    disperse(&crowd);
}

/* For directory_each(). */
static void note(void *context, const char *name, size_t length)
{
    char *names = context;
    snprintf(names + strlen(names), NAME_SIZE, "%.*s ", (int)length, name);
}

/* Whether that is who is called like this beginning. */
static bool are(struct directory *directory, const char *beginning, const char *expected)
{
    char names[CROWD * NAME_SIZE] = "";
    directory_each(directory, beginning, strlen(beginning), note, names);
    return strcmp(names, expected) == 0;
}

/* Somebody who has a name, but is in no room yet, is not known; but the name is taken. */
static void unlisted_users_are_not_found(void)
{
    struct crowd crowd;
    char rival[NAME_SIZE];
    gather(&crowd);
    struct user *user = crowd.users[0];
    CU_ASSERT_EQUAL(directory_add(crowd.directory, user, 0, "Alice", rival), 0);
    CU_ASSERT_TRUE(finds(crowd.directory, "Alice", NULL));
    CU_ASSERT_TRUE(finds_id(crowd.directory, user->id, NULL));
    CU_ASSERT_TRUE(are(crowd.directory, "", ""));
    CU_ASSERT_TRUE(directory_has(crowd.directory, "Alice"));
    CU_ASSERT_TRUE(is_kept_out(&crowd, 1, "A1ice", "Alice"));
    enter(&crowd, 1, "Bob");
    CU_ASSERT_EQUAL(rename_to(&crowd, 1, "ALICE"), EEXIST);
    CU_ASSERT_EQUAL(references(&crowd, 0), 2);
    directory_list(crowd.directory, user);
    CU_ASSERT_TRUE(finds(crowd.directory, "Alice", user));
    CU_ASSERT_TRUE(finds_id(crowd.directory, user->id, user));
    CU_ASSERT_TRUE(are(crowd.directory, "", "Alice Bob "));
    /* Who comes again is to be listed again. */
    leave(&crowd, 0);
    CU_ASSERT_EQUAL(directory_add(crowd.directory, user, 0, "Alice", rival), 0);
    CU_ASSERT_TRUE(finds(crowd.directory, "Alice", NULL));
    leave(&crowd, 0);
    leave(&crowd, 1);
    disperse(&crowd);
}

static void renames(void)
{
    struct crowd crowd;
    char rival[NAME_SIZE];
    gather(&crowd);
    enter(&crowd, 0, "Alice");
    enter(&crowd, 1, "Bob");
    uint64_t id = crowd.users[0]->id;
    CU_ASSERT_EQUAL(directory_rename(crowd.directory, crowd.users[0], "BOB", NULL, rival), EEXIST);
    CU_ASSERT_STRING_EQUAL(rival, "Bob");
    CU_ASSERT_TRUE(is_called(&crowd, 0, "Alice"));
    CU_ASSERT_TRUE(finds(crowd.directory, "Alice", crowd.users[0]));
    CU_ASSERT_EQUAL(rename_to(&crowd, 0, "Carol"), 0);
    CU_ASSERT_TRUE(is_called(&crowd, 0, "Carol"));
    CU_ASSERT_TRUE(finds(crowd.directory, "carol", crowd.users[0]));
    CU_ASSERT_TRUE(finds(crowd.directory, "Alice", NULL));
    CU_ASSERT_TRUE(finds_id(crowd.directory, id, crowd.users[0]));
    /* Only the case changes: the name is taken, but by the user itself. */
    CU_ASSERT_EQUAL(rename_to(&crowd, 0, "CAROL"), 0);
    CU_ASSERT_TRUE(is_called(&crowd, 0, "CAROL"));
    /* The old name is free. */
    CU_ASSERT_EQUAL(enter(&crowd, 2, "alice"), 0);
    for (int i = 0; i < 3; i++)
        leave(&crowd, i);
    CU_ASSERT_TRUE(finds(crowd.directory, "Carol", NULL));
    disperse(&crowd);
}

/* With all of a directory's memory used up, a place for another name is one too many. */
static void renaming_needs_no_memory(void)
{
    struct crowd crowd;
    char name[NAME_SIZE];
    gather(&crowd);
    for (int i = 0; i < CROWD; i++) {
        snprintf(name, sizeof name, "first-%d", i);
        CU_ASSERT_EQUAL(enter(&crowd, i, name), 0);
    }
    for (int i = 0; i < CROWD; i++) {
        snprintf(name, sizeof name, "second-%d", (i * 7) % CROWD);
        EXPECT(rename_to(&crowd, i, name) == 0, "%s", name);
        EXPECT(finds(crowd.directory, name, crowd.users[i]), "%s", name);
    }
    for (int i = 0; i < CROWD; i++)
        leave(&crowd, i);
    disperse(&crowd);
}

/* The next of a series of numbers that look like chance, and are the same each time. */
static unsigned next_number(unsigned *state)
{
    *state = *state * 1103515245U + 12345U;
    return *state >> 16;
}

static void many_names_stay_apart(void)
{
    enum { FEW = 5 };
    struct crowd crowd;
    char names[FEW][16];
    unsigned state = 8;
    gather(&crowd);
    for (int i = 0; i < FEW; i++) {
        snprintf(names[i], sizeof names[i], "%d", i);
        enter(&crowd, i, names[i]);
    }
    for (int turn = 0; turn < 1000; turn++) {
        int who = (int)(next_number(&state) % FEW);
        char name[16];
        snprintf(name, sizeof name, "%c", 'a' + (int)(next_number(&state) % 10));
        int holder = who;
        for (int i = 0; i < FEW; i++)
            if (strcmp(names[i], name) == 0)
                holder = i;
        int error = rename_to(&crowd, who, name);
        EXPECT(error == (holder == who ? 0 : EEXIST), "turn %d: %d", turn, error);
        if (error == 0)
            strcpy(names[who], name);
        for (int i = 0; i < FEW; i++)
            EXPECT(finds(crowd.directory, names[i], crowd.users[i]), "turn %d: %s", turn, names[i]);
    }
    for (int i = 0; i < FEW; i++)
        leave(&crowd, i);
    disperse(&crowd);
}

static void lists_by_beginning(void)
{
    static const char *const names[] = {"Zoe", "bob", "Jos\xC3\xA9", "Bo", "Josef", "BOBBY"};
    enum { NAMES = sizeof names / sizeof *names };
    struct crowd crowd;
    gather(&crowd);
    CU_ASSERT_TRUE(are(crowd.directory, "", ""));
    for (int i = 0; i < NAMES; i++)
        enter(&crowd, i, names[i]);
    CU_ASSERT_TRUE(are(crowd.directory, "", "Zoe bob Jos\xC3\xA9 Bo Josef BOBBY "));
    CU_ASSERT_TRUE(are(crowd.directory, "Bo", "bob Bo BOBBY "));
    CU_ASSERT_TRUE(are(crowd.directory, "BOB", "bob BOBBY "));
    CU_ASSERT_TRUE(are(crowd.directory, "jose", "Jos\xC3\xA9 Josef "));
    CU_ASSERT_TRUE(are(crowd.directory, "bobbyy", ""));
    CU_ASSERT_TRUE(are(crowd.directory, "oe", ""));
    /* Only so many bytes of the beginning count, and all names are looked at. */
    char found[CROWD * NAME_SIZE] = "";
    size_t looked_at = directory_each(crowd.directory, "Zebra", 1, note, found);
    CU_ASSERT_STRING_EQUAL(found, "Zoe ");
    CU_ASSERT_EQUAL(looked_at, 3 + 3 + 5 + 2 + 5 + 5);
    /* A new name does not change anybody's place. */
    rename_to(&crowd, 1, "Aaron");
    leave(&crowd, 0);
    CU_ASSERT_TRUE(are(crowd.directory, "", "Aaron Jos\xC3\xA9 Bo Josef BOBBY "));
    for (int i = 1; i < NAMES; i++)
        leave(&crowd, i);
    disperse(&crowd);
}

static void remembers_correspondents(void)
{
    struct crowd crowd;
    char name[NAME_SIZE];
    gather(&crowd);
    enter(&crowd, 0, "Alice");
    enter(&crowd, 1, "Bob");
    enter(&crowd, 2, "Carol");
    CU_ASSERT_EQUAL(directory_correspondent(crowd.directory, crowd.users[0], name), 0);
    directory_set_correspondent(crowd.directory, crowd.users[0], crowd.users[1]);
    uint64_t bob = crowd.users[1]->id;
    rename_to(&crowd, 1, "Robert");
    CU_ASSERT_EQUAL(directory_correspondent(crowd.directory, crowd.users[0], name), bob);
    CU_ASSERT_STRING_EQUAL(name, "Bob");
    CU_ASSERT_EQUAL(directory_correspondent(crowd.directory, crowd.users[1], name), 0);
    /* Who has gone is still told, and whoever takes the name is not meant. */
    leave(&crowd, 1);
    enter(&crowd, 3, "Bob");
    CU_ASSERT_EQUAL(directory_correspondent(crowd.directory, crowd.users[0], name), bob);
    CU_ASSERT_STRING_EQUAL(name, "Bob");
    CU_ASSERT_TRUE(finds_id(crowd.directory, bob, NULL));
    directory_set_correspondent(crowd.directory, crowd.users[0], crowd.users[2]);
    CU_ASSERT_EQUAL(directory_correspondent(crowd.directory, crowd.users[0], name),
                    crowd.users[2]->id);
    CU_ASSERT_STRING_EQUAL(name, "Carol");
    /* By name it is who has that now, or nobody. */
    directory_name_correspondent(crowd.directory, crowd.users[0], "Bob");
    CU_ASSERT_EQUAL(directory_correspondent(crowd.directory, crowd.users[0], name),
                    crowd.users[3]->id);
    directory_name_correspondent(crowd.directory, crowd.users[0], "Dave");
    CU_ASSERT_TRUE(finds_id(crowd.directory,
                            directory_correspondent(crowd.directory, crowd.users[0], name), NULL));
    CU_ASSERT_STRING_EQUAL(name, "Dave");
    leave(&crowd, 0);
    leave(&crowd, 2);
    leave(&crowd, 3);
    disperse(&crowd);
}

enum { BUSY_THREADS = 4, BUSY_TURNS = 300 };

struct busy {
    struct directory *directory;
    struct user *user;
    int number;
    int wrong; /* what went wrong, counted */
};

/* Comes, looks around, takes another name, and goes, over and over. */
static void *come_and_go(void *argument)
{
    struct busy *busy = argument;
    char name[NAME_SIZE];
    char other[NAME_SIZE];
    char rival[NAME_SIZE];
    snprintf(name, sizeof name, "first-%d", busy->number);
    snprintf(other, sizeof other, "second-%d", busy->number);
    for (int i = 0; i < BUSY_TURNS; i++) {
        busy->wrong += directory_add(busy->directory, busy->user, 0, name, rival) != 0;
        busy->wrong += !finds(busy->directory, name, NULL);
        directory_list(busy->directory, busy->user);
        busy->wrong += !are(busy->directory, name, strcat(strcpy(rival, name), " "));
        busy->wrong += directory_rename(busy->directory, busy->user, other, NULL, rival) != 0;
        busy->wrong += !finds(busy->directory, other, busy->user);
        busy->wrong += !finds(busy->directory, name, NULL);
        busy->wrong += !finds_id(busy->directory, busy->user->id, busy->user);
        directory_remove(busy->directory, busy->user);
    }
    return NULL;
}

static void many_at_once(void)
{
    struct crowd crowd;
    struct busy busy[BUSY_THREADS];
    pthread_t threads[BUSY_THREADS];
    gather(&crowd);
    for (int i = 0; i < BUSY_THREADS; i++) {
        busy[i] = (struct busy){.directory = crowd.directory, .user = crowd.users[i], .number = i};
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, come_and_go, &busy[i]), 0);
    }
    for (int i = 0; i < BUSY_THREADS; i++) {
        pthread_join(threads[i], NULL);
        CU_ASSERT_EQUAL(busy[i].wrong, 0);
    }
    CU_ASSERT_TRUE(are(crowd.directory, "", ""));
    for (int i = 0; i < BUSY_THREADS; i++)
        CU_ASSERT_EQUAL(references(&crowd, i), 1);
    disperse(&crowd);
}

/* A user that has gone lives as long as somebody holds it. */
static void the_directory_lets_go(void)
{
    struct directory *directory;
    struct guest guest;
    char rival[NAME_SIZE];
    CU_ASSERT_EQUAL_FATAL(directory_create(&directory), 0);
    guest_come(&guest, &format_lines);
    CU_ASSERT_EQUAL(directory_add(directory, guest.user, 0, "Alice", rival), 0);
    directory_list(directory, guest.user);
    user_release(guest.user);
    CU_ASSERT_TRUE(peer_has_nothing(&guest.peer));
    struct user *found = directory_find(directory, "Alice");
    directory_remove(directory, guest.user);
    directory_destroy(directory);
    CU_ASSERT_TRUE(peer_has_nothing(&guest.peer));
    user_release(found);
    CU_ASSERT_TRUE(peer_is_at_end(&guest.peer));
    peer_hang_up(&guest.peer);
}

static const struct test tests[] = {
    {"a name that was parted from waits until all are told",
     a_name_that_was_parted_from_waits_until_all_are_told},
    {"no two people have one name, whatever its case", names_are_unique},
    {"whoever looks like somebody is kept out, and told who that is", look_alikes_are_kept_out},
    {"people are found by their name in any case, and by nothing that only looks like it",
     finds_by_name},
    {"people are found by an id that is never anybody else's", finds_by_id},
    {"who is not listed is not found, but holds the name", unlisted_users_are_not_found},
    {"a new name replaces the old one, which is free then", renames},
    {"a name changes without more memory", renaming_needs_no_memory},
    {"however often names change, each finds the one who has it", many_names_stay_apart},
    {"those whose names begin with a text are told in the order of coming", lists_by_beginning},
    {"who wrote last is remembered by id, with the name of that time", remembers_correspondents},
    {"threads that come and go at once do not disturb each other", many_at_once},
    {"the directory holds its users until they go, and no longer", the_directory_lets_go},
};

void add_directory_suite(void)
{
    SUITE_ADD("directory", tests);
}
