#include "suites.h"

#include "cluster/snapshot.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct wire_header header = {5, 6, 1};

enum { PEOPLE = 30000 };

static int add_person(struct snapshot *snapshot, uint64_t number)
{
    char name[32];
    snprintf(name, sizeof name, "person%d", (int)number);
    const struct change change = {
        .kind = CHANGE_STATE_USER, .user = number, .name = words_of(name), .node = 5};
    return snapshot_add(snapshot, &change);
}

static void write_people(struct snapshot *snapshot)
{
    const uint64_t ids[] = {1, 2, UINT64_MAX};
    const struct change members = {
        .kind = CHANGE_STATE_MEMBERS, .room = words_of("ops"), .numbers = {ids, NULL, 3}};
    int error = snapshot_begin(snapshot, &header, 9);
    for (uint64_t i = 1; i <= PEOPLE && error == 0; i++)
        error = add_person(snapshot, i);
    CU_ASSERT_EQUAL(error, 0);
    CU_ASSERT_EQUAL(snapshot_add(snapshot, &members), 0);
    CU_ASSERT_EQUAL(snapshot_end(snapshot), 0);
}

/* What was visited. */
struct visited {
    uint64_t people, wrong, members;
};

static void visit(void *context, const struct change *change)
{
    struct visited *visited = context;
    if (change->kind == CHANGE_STATE_USER)
        visited->wrong += change->user != ++visited->people;
    else if (change->kind == CHANGE_STATE_MEMBERS && change->numbers.at == NULL &&
             change->numbers.list[2] == UINT64_MAX)
        visited->members = change->numbers.count;
}

static enum sealed_result take(struct snapshot *read, const struct snapshot *written, size_t part)
{
    int error;
    const struct buffer *bytes = &written->parts[part];
    enum sealed_result result =
        snapshot_take(read, buffer_bytes(bytes), buffer_length(bytes), &error);
    CU_ASSERT_EQUAL(error, 0);
    return result;
}

static void a_snapshot_is_read_as_it_was_written(void)
{
    struct snapshot written;
    struct snapshot read = {.sequence = 9, .header = header};
    struct visited visited = {0};
    write_people(&written);
    CU_ASSERT_TRUE(written.count > 2);
    for (size_t i = 0; i < written.count; i++) {
        CU_ASSERT_TRUE(buffer_length(&written.parts[i]) < WIRE_BYTES_MAX / 2);
        CU_ASSERT_EQUAL(take(&read, &written, i), SEALED_OK);
    }
    snapshot_visit(&read, visit, &visited);
    CU_ASSERT_EQUAL(visited.people, PEOPLE);
    CU_ASSERT_EQUAL(visited.wrong, 0);
    CU_ASSERT_EQUAL(visited.members, 3);
    snapshot_free(&read);
    snapshot_free(&written);
}

static void parts_of_others_and_in_other_places_are_none(void)
{
    struct snapshot written;
    struct snapshot other = {.sequence = 9, .header = {5, 7, 1}};
    struct snapshot read = {.sequence = 9, .header = header};
    int error;
    write_people(&written);
    CU_ASSERT_EQUAL(take(&other, &written, 0), SEALED_GARBLED);
    CU_ASSERT_EQUAL(take(&read, &written, 1), SEALED_GARBLED);
    CU_ASSERT_EQUAL(take(&read, &written, 0), SEALED_OK);
    CU_ASSERT_EQUAL(take(&read, &written, 0), SEALED_GARBLED);
    CU_ASSERT_EQUAL(snapshot_take(&read, "Hello", 5, &error), SEALED_FOREIGN);
    written.parts[1].memory[written.parts[1].start + 4] = 2; /* of a newer version, and garbled */
    CU_ASSERT_EQUAL(take(&read, &written, 1), SEALED_GARBLED);
    snapshot_free(&other);
    snapshot_free(&read);
    snapshot_free(&written);
}

static void what_no_reader_takes_is_not_written(void)
{
    struct snapshot snapshot;
    const struct change nobody = {.kind = CHANGE_STATE_USER, .name = words_of("Ann"), .node = 5};
    CU_ASSERT_EQUAL(snapshot_begin(&snapshot, &header, 9), 0);
    CU_ASSERT_EQUAL(snapshot_add(&snapshot, &nobody), EINVAL);
    snapshot_free(&snapshot);
}

static const struct test tests[] = {
    {"a snapshot is read as it was written", a_snapshot_is_read_as_it_was_written},
    {"parts of others, and in other places, are none",
     parts_of_others_and_in_other_places_are_none},
    {"what no reader takes is not written", what_no_reader_takes_is_not_written},
};

void add_snapshot_suite(void)
{
    SUITE_ADD("snapshot", tests);
}
