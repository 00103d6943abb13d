/*
 * room_shelf: an archive that keeps rooms in memory, and nothing of what is said. It may fail, and
 * may be held up.
 */
#ifndef TESTS_UNIT_ROOM_SHELF_H
#define TESTS_UNIT_ROOM_SHELF_H

#include "chat/archive.h"
#include "chat/name.h"

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ROOM_SHELF_MAX = 32, ROOM_SHELF_INVITED = 4, ROOM_SHELF_TEXT = 500 };

struct shelved_room {
    char name[NAME_SIZE], owner[NAME_SIZE], key[NAME_SIZE], topic[ROOM_SHELF_TEXT];
    char invited[ROOM_SHELF_INVITED][NAME_SIZE];
    size_t invited_count;
    bool hidden, members_only;
};

struct room_shelf {
    struct archive archive; /* first: the operations are given a pointer to it */
    pthread_mutex_t mutex;  /* guards the rest */
    pthread_cond_t changed;
    struct shelved_room rooms[ROOM_SHELF_MAX];
    size_t count;
    bool fails;
    bool holds;       /* who keeps or forgets a room waits until it does not */
    unsigned waiting; /* threads that keep or forget a room */
    unsigned stored;  /* rooms that were kept or forgotten */
    char text[ROOM_SHELF_TEXT * 4];
};

static inline struct room_shelf *room_shelf_of(struct archive *archive)
{
    return (struct room_shelf *)(void *)archive;
}

static inline void room_shelf_copy(char *copy, struct words words)
{
    memcpy(copy, words.bytes, words.length);
    copy[words.length] = '\0';
}

/* Waits while the shelf is held up. Leaves the mutex locked. */
static inline void room_shelf_enter(struct room_shelf *shelf)
{
    pthread_mutex_lock(&shelf->mutex);
    shelf->waiting++;
    pthread_cond_broadcast(&shelf->changed);
    while (shelf->holds)
        pthread_cond_wait(&shelf->changed, &shelf->mutex);
    shelf->waiting--;
}

static inline size_t room_shelf_place(const struct room_shelf *shelf, struct words name)
{
    char wanted[NAME_SIZE];
    size_t i = 0;
    room_shelf_copy(wanted, name);
    while (i < shelf->count && !name_equals(shelf->rooms[i].name, wanted))
        i++;
    return i;
}

static inline enum archive_result room_shelf_keep(struct archive *archive,
                                                  const struct archive_room *room)
{
    struct room_shelf *shelf = room_shelf_of(archive);
    room_shelf_enter(shelf);
    bool fails = shelf->fails;
    size_t i = room_shelf_place(shelf, room->name);
    if (!fails && i < ROOM_SHELF_MAX) {
        struct shelved_room *kept = &shelf->rooms[i];
        shelf->count += i == shelf->count;
        shelf->stored++;
        room_shelf_copy(kept->name, room->name);
        room_shelf_copy(kept->owner, room->owner);
        room_shelf_copy(kept->key, room->key);
        room_shelf_copy(kept->topic, room->topic);
        kept->hidden = room->hidden;
        kept->members_only = room->members_only;
        kept->invited_count = room->invited_count;
        for (size_t j = 0; j < room->invited_count && j < ROOM_SHELF_INVITED; j++)
            room_shelf_copy(kept->invited[j], room->invited[j]);
    }
    pthread_mutex_unlock(&shelf->mutex);
    return fails ? ARCHIVE_FAILED : ARCHIVE_OK;
}

static inline enum archive_result room_shelf_forget(struct archive *archive, struct words name)
{
    struct room_shelf *shelf = room_shelf_of(archive);
    room_shelf_enter(shelf);
    bool fails = shelf->fails;
    size_t i = room_shelf_place(shelf, name);
    bool found = i < shelf->count;
    if (!fails && found) {
        shelf->stored++;
        shelf->rooms[i] = shelf->rooms[--shelf->count];
    }
    pthread_mutex_unlock(&shelf->mutex);
    return fails ? ARCHIVE_FAILED : found ? ARCHIVE_OK : ARCHIVE_NONE;
}

static inline enum archive_result room_shelf_list(struct archive *archive,
                                                  archive_visit_room *visit, void *context)
{
    const struct room_shelf *shelf = room_shelf_of(archive);
    struct words invited[ROOM_SHELF_INVITED];
    if (shelf->fails)
        return ARCHIVE_FAILED;
    for (size_t i = 0; i < shelf->count; i++) {
        const struct shelved_room *kept = &shelf->rooms[i];
        for (size_t j = 0; j < kept->invited_count; j++)
            invited[j] = words_of(kept->invited[j]);
        const struct archive_room room = {.name = words_of(kept->name),
                                          .owner = words_of(kept->owner),
                                          .topic = words_of(kept->topic),
                                          .key = words_of(kept->key),
                                          .hidden = kept->hidden,
                                          .members_only = kept->members_only,
                                          .invited = invited,
                                          .invited_count = kept->invited_count};
        visit(context, &room);
    }
    return ARCHIVE_OK;
}

static inline enum archive_result room_shelf_open(struct archive *archive, struct words room,
                                                  uint64_t given, uint64_t *last)
{
    (void)archive;
    (void)room;
    (void)given;
    *last = 0;
    return ARCHIVE_FAILED;
}

static inline bool room_shelf_room_end(struct archive *archive, struct words room)
{
    (void)archive;
    (void)room;
    return true;
}

static inline bool room_shelf_reserve(struct archive *archive, struct words room, uint64_t seq)
{
    (void)archive;
    return room.length > 0 && seq > 0;
}

static inline void room_shelf_miss(struct archive *archive, uint64_t last, uint64_t count)
{
    (void)archive;
    (void)last;
    (void)count;
}

static inline bool room_shelf_is_up(struct archive *archive)
{
    (void)archive;
    return false;
}

static inline enum archive_result room_shelf_sync(struct archive *archive)
{
    (void)archive;
    return ARCHIVE_OK;
}

static inline enum archive_result room_shelf_list_sanctions(struct archive *archive, int64_t now,
                                                            archive_visit_sanction *visit,
                                                            void *context)
{
    (void)archive;
    (void)now;
    (void)visit;
    (void)context;
    return ARCHIVE_OK;
}

static inline bool room_shelf_set_seen(struct archive *archive, struct words name, int64_t time)
{
    (void)archive;
    (void)name;
    (void)time;
    return true;
}

static const struct archive_rooms room_shelf_rooms = {
    .keep = room_shelf_keep, .forget = room_shelf_forget, .list = room_shelf_list};
static const struct archive_talk room_shelf_talk = {.open = room_shelf_open,
                                                    .end = room_shelf_room_end,
                                                    .reserve = room_shelf_reserve,
                                                    .miss = room_shelf_miss,
                                                    .is_up = room_shelf_is_up,
                                                    .sync = room_shelf_sync};
static const struct archive_sanctions room_shelf_sanctions = {.list = room_shelf_list_sanctions};

static const struct archive_people room_shelf_people = {.set_seen = room_shelf_set_seen};

static inline void room_shelf_begin(struct room_shelf *shelf)
{
    memset(shelf, 0, sizeof *shelf);
    shelf->archive = (struct archive){.talk = &room_shelf_talk,
                                      .rooms = &room_shelf_rooms,
                                      .people = &room_shelf_people,
                                      .sanctions = &room_shelf_sanctions};
    pthread_mutex_init(&shelf->mutex, NULL);
    pthread_cond_init(&shelf->changed, NULL);
}

static inline void room_shelf_end(struct room_shelf *shelf)
{
    pthread_cond_destroy(&shelf->changed);
    pthread_mutex_destroy(&shelf->mutex);
}

/* Holds up, or lets go on, whoever stores a room. */
static inline void room_shelf_hold(struct room_shelf *shelf, bool holds)
{
    pthread_mutex_lock(&shelf->mutex);
    shelf->holds = holds;
    pthread_cond_broadcast(&shelf->changed);
    pthread_mutex_unlock(&shelf->mutex);
}

/* Waits until a thread is held up. */
static inline void room_shelf_await(struct room_shelf *shelf)
{
    pthread_mutex_lock(&shelf->mutex);
    while (shelf->waiting == 0)
        pthread_cond_wait(&shelf->changed, &shelf->mutex);
    pthread_mutex_unlock(&shelf->mutex);
}

/* Whether two threads store a room at once, or do so within a while. */
static inline bool room_shelf_is_shared(struct room_shelf *shelf)
{
    struct timespec end;
    int error = 0;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_nsec += 50 * 1000 * 1000;
    end.tv_sec += end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    pthread_mutex_lock(&shelf->mutex);
    while (shelf->waiting < 2 && error == 0)
        error = pthread_cond_timedwait(&shelf->changed, &shelf->mutex, &end);
    bool shared = shelf->waiting > 1;
    pthread_mutex_unlock(&shelf->mutex);
    return shared;
}

/* What is kept: "NAME,OWNER,TOPIC,KEY,hidden,members+INVITED|" for each room. */
static inline const char *room_shelf_text(struct room_shelf *shelf)
{
    char *end = shelf->text + sizeof shelf->text;
    char *place = shelf->text;
    *place = '\0';
    for (size_t i = 0; i < shelf->count; i++) {
        const struct shelved_room *kept = &shelf->rooms[i];
        place += snprintf(place, (size_t)(end - place), "%s,%s,%s,%s%s%s", kept->name, kept->owner,
                          kept->topic, kept->key, kept->hidden ? ",hidden" : "",
                          kept->members_only ? ",members" : "");
        for (size_t j = 0; j < kept->invited_count; j++)
            place += snprintf(place, (size_t)(end - place), "+%s", kept->invited[j]);
        place += snprintf(place, (size_t)(end - place), "|");
    }
    return shelf->text;
}

#endif
