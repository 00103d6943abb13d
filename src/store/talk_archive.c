#include "base/platform.h"

#include "store/room_row.h"
#include "store/talk.h"
#include "store/talk_archive.h"
#include "store/talk_reading.h"
#include "store/threads.h"

#include <string.h>

static enum archive_result open_room(struct archive *archive, struct words room, uint64_t given,
                                     uint64_t *last)
{
    return writer_open_room(threads_of(archive)->writer, room, given, last);
}

/* What is posted about a room. */
struct change {
    size_t length;
    char name[NAME_SIZE];
    bool guarded, missing;
    uint64_t life, last, first;
};

static struct words room_of(const struct change *change)
{
    return (struct words){change->name, change->length};
}

static enum archive_result run_end(void *context, struct database *database)
{
    const struct change *change = context;
    return room_row_end(database, room_of(change), change->missing);
}

static enum archive_result run_guard(void *context, struct database *database)
{
    const struct change *change = context;
    return room_row_guard(database, room_of(change), change->guarded);
}

static enum archive_result run_reserve(void *context, struct database *database)
{
    const struct change *change = context;
    return room_row_reserve(database, room_of(change), change->first);
}

static enum archive_result run_live(void *context, struct database *database)
{
    const struct change *change = context;
    return room_row_live(database, room_of(change), change->life, change->last);
}

static bool post(struct archive *archive, job_run *run, struct words room, struct change change)
{
    struct writer *writer = threads_of(archive)->writer;
    change.length = room.length;
    if (room.length >= sizeof change.name)
        return false;
    memcpy(change.name, room.bytes, room.length);
    bool posted = writer_post(writer, run, &change, sizeof change);
    if (!posted)
        writer_doubt(writer);
    return posted;
}

static bool end(struct archive *archive, struct words room)
{
    struct writer_status status;
    writer_read(threads_of(archive)->writer, &status);
    return post(archive, run_end, room, (struct change){.missing = status.missing > 0});
}

static bool guard(struct archive *archive, struct words room, bool guarded)
{
    return post(archive, run_guard, room, (struct change){.guarded = guarded});
}

static bool live(struct archive *archive, struct words room, uint64_t life, uint64_t last)
{
    return post(archive, run_live, room, (struct change){.life = life, .last = last});
}

static bool reserve(struct archive *archive, struct words room, uint64_t first)
{
    return post(archive, run_reserve, room, (struct change){.first = first});
}

static void miss(struct archive *archive, uint64_t last, uint64_t count)
{
    writer_miss(threads_of(archive)->writer, last, count);
}

static bool append(struct archive *archive, const struct archive_message *message)
{
    return writer_append(threads_of(archive)->writer, message);
}

static bool is_up(struct archive *archive)
{
    struct writer_status status;
    writer_read(threads_of(archive)->writer, &status);
    return status.up != 0;
}

static enum archive_result sync_all(struct archive *archive)
{
    return writer_sync(threads_of(archive)->writer);
}

/*
 * Has the file read, with what was appended before. If that cannot be written, what there is will
 * do.
 */
static enum archive_result read_file(struct archive *archive, job_run *run, void *context)
{
    struct threads *threads = threads_of(archive);
    writer_sync(threads->writer);
    return worker_ask(threads->reader, run, context);
}

static enum archive_result read_page(void *context, struct database *database)
{
    return talk_page(database, context);
}

static enum archive_result before(struct archive *archive, struct words room, uint64_t seq,
                                  size_t limit, archive_visit_message *visit, void *context,
                                  struct archive_bounds *bounds)
{
    struct talk_page page = {.kind = TALK_BEFORE,
                             .room = room,
                             .seq = seq,
                             .limit = limit,
                             .visit = visit,
                             .context = context,
                             .bounds = bounds};
    return read_file(archive, read_page, &page);
}

static enum archive_result after(struct archive *archive, struct words room, uint64_t seq,
                                 size_t limit, archive_visit_message *visit, void *context,
                                 struct archive_bounds *bounds)
{
    struct talk_page page = {.kind = TALK_AFTER,
                             .room = room,
                             .seq = seq,
                             .limit = limit,
                             .visit = visit,
                             .context = context,
                             .bounds = bounds};
    return read_file(archive, read_page, &page);
}

static enum archive_result since(struct archive *archive, struct words room, int64_t time,
                                 size_t limit, archive_visit_message *visit, void *context,
                                 struct archive_bounds *bounds)
{
    struct talk_page page = {.kind = TALK_SINCE,
                             .room = room,
                             .time = time,
                             .limit = limit,
                             .visit = visit,
                             .context = context,
                             .bounds = bounds};
    return read_file(archive, read_page, &page);
}

/* A job comes after what was appended before it. */
static enum archive_result index_words(void *context, struct database *database)
{
    (void)context;
    return talk_index(database) ? ARCHIVE_OK : ARCHIVE_FAILED;
}

static enum archive_result find_words(void *context, struct database *database)
{
    return talk_search(database, context);
}

/* Who wants to see what is found, and whether that was something. */
struct finding {
    archive_visit_message *visit;
    void *context;
    bool found;
};

static bool visit_found(void *context, const struct archive_message *message)
{
    struct finding *finding = context;
    finding->found = true;
    return finding->visit(finding->context, message);
}

/*
 * What came last is indexed before: what is older than a message that was found is already. If that
 * fails, nobody knows whether what is not found was said.
 */
static enum archive_result search(struct archive *archive, struct words words,
                                  const struct words *rooms, size_t room_count, uint64_t id,
                                  size_t limit, archive_visit_message *visit, void *context)
{
    struct finding finding = {.visit = visit, .context = context};
    struct talk_search request = {.words = words,
                                  .rooms = rooms,
                                  .room_count = room_count,
                                  .id = id,
                                  .limit = limit,
                                  .visit = visit_found,
                                  .context = &finding};
    struct threads *threads = threads_of(archive);
    enum archive_result indexed =
        id == 0 ? writer_ask(threads->writer, index_words, NULL) : ARCHIVE_OK;
    enum archive_result result = worker_ask(threads->reader, find_words, &request);
    return result == ARCHIVE_OK && !finding.found ? indexed : result;
}

struct counting {
    struct words room, author;
    int64_t from, to;
    archive_judge *judge;
    void *context;
    struct archive_count *count;
};

static enum archive_result count_messages(void *context, struct database *database)
{
    const struct counting *request = context;
    return talk_count(database, request->room, request->from, request->to, request->author,
                      request->judge, request->context, request->count);
}

static enum archive_result count(struct archive *archive, struct words room, int64_t from,
                                 int64_t to, struct words author, archive_judge *judge,
                                 void *context, struct archive_count *result)
{
    struct counting request = {.room = room,
                               .author = author,
                               .from = from,
                               .to = to,
                               .judge = judge,
                               .context = context,
                               .count = result};
    return read_file(archive, count_messages, &request);
}

const struct archive_talk talk_archive = {.open = open_room,
                                          .live = live,
                                          .end = end,
                                          .guard = guard,
                                          .reserve = reserve,
                                          .miss = miss,
                                          .append = append,
                                          .is_up = is_up,
                                          .sync = sync_all,
                                          .before = before,
                                          .after = after,
                                          .since = since,
                                          .search = search,
                                          .count = count};
