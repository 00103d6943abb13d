#include "base/platform.h"

#include "base/lock.h"
#include "chat/kept_rooms.h"
#include "chat/user.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * A room that is kept; or, `dropped`, one that the archive is to forget. An entry is freed by the
 * thread that is `storing` it.
 */
struct kept_entry {
    uint64_t number;
    char name[NAME_SIZE];
    uint64_t looks[NAME_VIEWS]; /* name_hash() of the name in each view */
    uint64_t owner;             /* the same of the owner's name, caseless */
    struct room_settings settings;
    struct kept_talk talk;
    uint64_t noted, stored; /* number of the last change that was noted, and that was stored */
    bool dropped;
    bool behind;  /* memory was out for the newest settings */
    bool storing; /* a thread stores it */
};

struct kept_rooms {
    struct archive *archive;
    struct event_log *event_log;
    struct lock lock;            /* guards the rest */
    struct condition stored;     /* an entry is not being stored any more */
    struct kept_entry **entries; /* in ascending order of their numbers */
    size_t count, capacity;
    uint64_t last_number;
};

/*
 * Finding. The functions down to kept_rooms_create() want the lock held, or no other thread.
 */

/* Returns the entry, perhaps a dropped one, of the room with exactly this name; NULL: none. */
static struct kept_entry *find(const struct kept_rooms *kept, const char *name)
{
    uint64_t look = name_hash(name, NAME_CASELESS);
    for (size_t i = 0; i < kept->count; i++) {
        struct kept_entry *entry = kept->entries[i];
        if (entry->looks[NAME_CASELESS] == look && name_equals(entry->name, name))
            return entry;
    }
    return NULL;
}

/*
 * Returns the entry of a kept room whose name looks like this one; NULL: none. Of several, which
 * need not look like each other, it is the same on all machines.
 */
static struct kept_entry *find_like(const struct kept_rooms *kept, const char *name)
{
    struct kept_entry *nearest = NULL;
    uint64_t caseless = name_hash(name, NAME_CASELESS);
    uint64_t typed = name_hash(name, NAME_AS_TYPED);
    for (size_t i = 0; i < kept->count; i++) {
        struct kept_entry *entry = kept->entries[i];
        bool alike =
            entry->looks[NAME_CASELESS] == caseless || entry->looks[NAME_AS_TYPED] == typed;
        if (alike && !entry->dropped && name_looks_like(entry->name, name) &&
            (nearest == NULL || name_means(name, entry->name, nearest->name)))
            nearest = entry;
    }
    return nearest;
}

/* Returns the index of the first entry whose number is above `number`. */
static size_t first_above(const struct kept_rooms *kept, uint64_t number)
{
    size_t low = 0;
    size_t high = kept->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (kept->entries[middle]->number <= number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_of(const struct kept_entry *entry, const char *owner, uint64_t hash)
{
    return entry->owner == hash && name_equals(entry->settings.owner_name, owner);
}

static bool keeps_most(const struct kept_rooms *kept, const char *owner)
{
    uint64_t hash = name_hash(owner, NAME_CASELESS);
    size_t count = 0;
    for (size_t i = 0; i < kept->count; i++)
        count += !kept->entries[i]->dropped && is_of(kept->entries[i], owner, hash);
    return count >= KEPT_ROOMS_MAX;
}

/*
 * Noting.
 */

static bool reserve(struct kept_rooms *kept)
{
    if (kept->count < kept->capacity)
        return true;
    size_t capacity = kept->capacity == 0 ? 4 : 2 * kept->capacity;
    struct kept_entry **entries = realloc(kept->entries, capacity * sizeof(struct kept_entry *));
    if (entries == NULL)
        return false;
    kept->entries = entries;
    kept->capacity = capacity;
    return true;
}

/* Adds an entry without settings. Returns NULL when memory is out. */
static struct kept_entry *add(struct kept_rooms *kept, const char *name)
{
    struct kept_entry *entry = reserve(kept) ? calloc(1, sizeof *entry) : NULL;
    if (entry == NULL)
        return NULL;
    entry->number = ++kept->last_number;
    strcpy(entry->name, name);
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++)
        entry->looks[view] = name_hash(name, view);
    kept->entries[kept->count++] = entry;
    return entry;
}

static void take_out(struct kept_rooms *kept, struct kept_entry *entry)
{
    size_t i = first_above(kept, entry->number - 1);
    kept->count--;
    memmove(kept->entries + i, kept->entries + i + 1,
            (kept->count - i) * sizeof(struct kept_entry *));
    room_settings_free(&entry->settings);
    free(entry);
}

/* Gives an entry new settings, which it takes over. */
static void set(struct kept_entry *entry, struct room_settings *settings)
{
    room_settings_free(&entry->settings);
    entry->settings = *settings;
    entry->owner = name_hash(settings->owner_name, NAME_CASELESS);
    entry->noted++;
    entry->dropped = entry->behind = false;
}

/* Without an archive there is nothing to be told of it. */
static void drop(struct kept_rooms *kept, struct kept_entry *entry)
{
    if (kept->archive == NULL) {
        take_out(kept, entry);
        return;
    }
    entry->noted++;
    entry->dropped = true;
}

/* As kept_rooms_note(), with a copy of the settings, which is used up. */
static enum kept note(struct kept_rooms *kept, const char *name, struct room_settings *copy)
{
    struct kept_entry *entry = find(kept, name);
    bool is_new = entry == NULL || entry->dropped;
    enum kept result = KEPT_DONE;
    if (is_new && keeps_most(kept, copy->owner_name))
        result = KEPT_TOO_MANY;
    else if (entry == NULL && (entry = add(kept, name)) == NULL)
        result = KEPT_NO_MEMORY;
    if (result == KEPT_DONE)
        set(entry, copy);
    else
        room_settings_free(copy);
    return result;
}

/* Notes that there was no memory for the settings of a room. */
static enum kept note_nothing(struct kept_rooms *kept, const char *name)
{
    struct kept_entry *entry = find(kept, name);
    if (entry == NULL || entry->dropped || kept->archive == NULL)
        return KEPT_NO_MEMORY;
    entry->behind = true;
    return KEPT_DONE;
}

/*
 * Reading the archive.
 */

struct reading {
    struct kept_rooms *kept;
    bool whole;
};

static bool copy_words(struct words words, char *copy, size_t most)
{
    if (words.length > most)
        return false;
    memcpy(copy, words.bytes, words.length);
    copy[words.length] = '\0';
    return true;
}

static bool read_settings(const struct archive_room *room, struct room_settings *settings)
{
    char name[NAME_SIZE];
    settings->hidden = room->hidden;
    settings->closed = room->members_only;
    bool whole = copy_words(room->owner, settings->owner_name, NAME_BYTES_MAX) &&
                 copy_words(room->key, settings->key, ROOM_KEY_MAX) &&
                 room->topic.length <= ROOM_TOPIC_MAX &&
                 room_settings_set_topic(settings, room->topic.bytes, room->topic.length);
    for (size_t i = 0; i < room->invited_count && whole; i++)
        whole = copy_words(room->invited[i], name, NAME_BYTES_MAX) &&
                invitations_add(&settings->invitations, 0, name);
    return whole;
}

/* The visitor: on a thread of the archive, while kept_rooms_create() waits. */
static void read_room(void *context, const struct archive_room *room)
{
    struct reading *reading = context;
    struct room_settings settings = {.let_go = false};
    char name[NAME_SIZE];
    struct kept_entry *entry = NULL;
    bool whole = copy_words(room->name, name, NAME_BYTES_MAX) && read_settings(room, &settings);
    if (whole)
        entry = add(reading->kept, name);
    if (entry != NULL) {
        set(entry, &settings);
        entry->stored = entry->noted;
    } else {
        room_settings_free(&settings);
        reading->whole = false;
    }
}

static int init(struct kept_rooms *kept)
{
    int error = lock_init(&kept->lock, LOCK_RANK_KEPT_ROOMS, "kept rooms");
    if (error != 0)
        return error;
    error = condition_init(&kept->stored);
    if (error != 0)
        lock_destroy(&kept->lock);
    return error;
}

int kept_rooms_create(struct kept_rooms **result, struct archive *archive,
                      struct event_log *event_log)
{
    struct kept_rooms *kept = calloc(1, sizeof *kept);
    if (kept == NULL)
        return ENOMEM;
    kept->archive = archive;
    kept->event_log = event_log;
    int error = init(kept);
    if (error != 0) {
        free(kept);
        return error;
    }
    struct reading reading = {kept, true};
    if (archive != NULL &&
        (archive->rooms->list(archive, read_room, &reading) != ARCHIVE_OK || !reading.whole)) {
        kept_rooms_destroy(kept);
        return EIO;
    }
    *result = kept;
    return 0;
}

void kept_rooms_destroy(struct kept_rooms *kept)
{
    if (kept == NULL)
        return;
    kept_rooms_clear(kept);
    free(kept->entries);
    condition_destroy(&kept->stored);
    lock_destroy(&kept->lock);
    free(kept);
}

/*
 * What a room's threads do.
 */

int kept_rooms_recall(struct kept_rooms *kept, const char *name, char spelled[NAME_SIZE],
                      struct room_settings *settings)
{
    int error = ENOENT;
    lock_take(&kept->lock);
    const struct kept_entry *entry = find_like(kept, name);
    if (entry != NULL) {
        strcpy(spelled, entry->name);
        error = room_settings_copy(&entry->settings, settings) ? 0 : ENOMEM;
    }
    lock_release(&kept->lock);
    return error;
}

bool kept_rooms_has(struct kept_rooms *kept, const char *name)
{
    lock_take(&kept->lock);
    bool has = find_like(kept, name) != NULL;
    lock_release(&kept->lock);
    return has;
}

enum kept kept_rooms_note(struct kept_rooms *kept, const char *name,
                          const struct room_settings *settings)
{
    struct room_settings copy = {.let_go = false};
    bool whole = room_settings_copy(settings, &copy);
    lock_take(&kept->lock);
    enum kept result = whole ? note(kept, name, &copy) : note_nothing(kept, name);
    lock_release(&kept->lock);
    return result;
}

void kept_rooms_recall_talk(struct kept_rooms *kept, const char *name, struct kept_talk *talk)
{
    lock_take(&kept->lock);
    const struct kept_entry *entry = find(kept, name);
    if (entry != NULL)
        *talk = entry->talk;
    lock_release(&kept->lock);
}

void kept_rooms_note_talk(struct kept_rooms *kept, const char *name, const struct kept_talk *talk)
{
    lock_take(&kept->lock);
    struct kept_entry *entry = find(kept, name);
    if (entry != NULL)
        entry->talk = *talk;
    lock_release(&kept->lock);
}

void kept_rooms_drop(struct kept_rooms *kept, const char *name)
{
    lock_take(&kept->lock);
    struct kept_entry *entry = find(kept, name);
    if (entry != NULL && !entry->dropped)
        drop(kept, entry);
    lock_release(&kept->lock);
}

/* What was dropped, and could not be stored, may be let go once more. */
enum kept kept_rooms_let_go(struct kept_rooms *kept, const struct user *user, const char *name,
                            char spelled[NAME_SIZE])
{
    enum kept result = KEPT_DONE;
    lock_take(&kept->lock);
    struct kept_entry *entry = find_like(kept, name);
    if (entry == NULL)
        entry = find(kept, name);
    if (entry == NULL)
        result = KEPT_NO_ROOM;
    else if (!room_settings_is_led_by(&entry->settings, user))
        result = !entry->settings.hidden || room_settings_welcome(&entry->settings, user)
                     ? KEPT_NOT_OWNER
                     : KEPT_NO_ROOM;
    if (result == KEPT_DONE) {
        strcpy(spelled, entry->name);
        if (!entry->dropped)
            drop(kept, entry);
    }
    lock_release(&kept->lock);
    return result;
}

void kept_rooms_forget_name(struct kept_rooms *kept, const char *name)
{
    uint64_t hash = name_hash(name, NAME_CASELESS);
    lock_take(&kept->lock);
    for (size_t i = kept->count; i-- > 0;) { /* drop() may take it out */
        struct kept_entry *entry = kept->entries[i];
        if (entry->dropped)
            continue;
        if (is_of(entry, name, hash))
            drop(kept, entry);
        else if (invitations_withdraw(&entry->settings.invitations, 0, name))
            entry->noted++;
    }
    lock_release(&kept->lock);
}

/*
 * Storing.
 */

/* Points at the invited names in an array to be freed. Returns NULL when memory is out. */
static struct words *point_at(const struct invitations *invitations)
{
    struct words *names = malloc((invitations->count + 1) * sizeof *names);
    for (size_t i = 0; i < invitations->count && names != NULL; i++)
        names[i] = words_of(invitations->list[i].name);
    return names;
}

static enum archive_result keep(struct archive *archive, const char *name,
                                const struct room_settings *settings)
{
    struct words *invited = point_at(&settings->invitations);
    const struct buffer *topic = &settings->topic;
    const struct archive_room room = {.name = words_of(name),
                                      .owner = words_of(settings->owner_name),
                                      .topic = {buffer_bytes(topic), buffer_length(topic)},
                                      .key = words_of(settings->key),
                                      .hidden = settings->hidden,
                                      .members_only = settings->closed,
                                      .invited = invited,
                                      .invited_count = settings->invitations.count};
    enum archive_result result =
        invited != NULL ? archive->rooms->keep(archive, &room) : ARCHIVE_FAILED;
    free(invited);
    return result;
}

/* Has the archive keep a room with a copy of its settings, or forget it. Hold no lock. */
static bool tell_archive(struct kept_rooms *kept, const char *name, bool dropped,
                         const struct room_settings *settings)
{
    enum archive_result result = dropped
                                     ? kept->archive->rooms->forget(kept->archive, words_of(name))
                                     : keep(kept->archive, name, settings);
    bool stored = result == ARCHIVE_OK || (dropped && result == ARCHIVE_NONE);
    if (!stored)
        event_log_print(kept->event_log, EVENT_LOG_EVENT, "Cannot store the room #%s.", name);
    return stored;
}

/*
 * Stores what was noted of an entry that no other thread stores. Wants the lock held, and releases
 * it meanwhile. Returns false if that fails. The entry is gone afterwards if it was dropped.
 */
static bool store(struct kept_rooms *kept, struct kept_entry *entry)
{
    struct room_settings settings = {.let_go = false};
    uint64_t noted = entry->noted;
    bool dropped = entry->dropped;
    bool stored = dropped || room_settings_copy(&entry->settings, &settings);
    entry->storing = true;
    lock_release(&kept->lock);
    stored = stored && tell_archive(kept, entry->name, dropped, &settings);
    room_settings_free(&settings);
    lock_take(&kept->lock);
    entry->storing = false;
    if (stored)
        entry->stored = noted;
    if (entry->dropped && entry->stored == entry->noted)
        take_out(kept, entry);
    condition_broadcast(&kept->stored);
    return stored;
}

/*
 * Stores what was noted before of the entry with a number. Wants the lock held. Without an archive
 * there is nothing to be done, and an entry may be freed at any time.
 */
static enum kept see_stored(struct kept_rooms *kept, uint64_t number, uint64_t noted)
{
    bool well = true;
    if (kept->archive == NULL)
        return KEPT_DONE;
    while (well) {
        size_t i = first_above(kept, number - 1);
        struct kept_entry *entry = i < kept->count ? kept->entries[i] : NULL;
        if (entry == NULL || entry->number != number || entry->stored >= noted)
            return entry != NULL && entry->number == number && entry->behind ? KEPT_NOT_STORED
                                                                             : KEPT_DONE;
        if (entry->storing)
            condition_wait(&kept->stored, &kept->lock);
        else
            well = store(kept, entry);
    }
    return KEPT_NOT_STORED;
}

enum kept kept_rooms_store(struct kept_rooms *kept, const char *name)
{
    enum kept result = KEPT_DONE;
    lock_take(&kept->lock);
    const struct kept_entry *entry = find(kept, name);
    if (entry != NULL)
        result = see_stored(kept, entry->number, entry->noted);
    lock_release(&kept->lock);
    return result;
}

bool kept_rooms_forget(struct kept_rooms *kept, const char *name)
{
    bool forgotten = true;
    lock_take(&kept->lock);
    const struct kept_entry *entry = find(kept, name);
    if (entry != NULL && entry->dropped)
        forgotten = see_stored(kept, entry->number, entry->noted) == KEPT_DONE;
    lock_release(&kept->lock);
    return forgotten;
}

enum kept kept_rooms_store_all(struct kept_rooms *kept)
{
    enum kept result = KEPT_DONE;
    uint64_t number = 0;
    size_t i;
    lock_take(&kept->lock);
    while ((i = first_above(kept, number)) < kept->count) {
        number = kept->entries[i]->number;
        if (see_stored(kept, number, kept->entries[i]->noted) != KEPT_DONE)
            result = KEPT_NOT_STORED;
    }
    lock_release(&kept->lock);
    return result;
}

bool kept_rooms_complete(struct kept_rooms *kept, const char *beginning, size_t length,
                         uint64_t *after, char name[NAME_SIZE], size_t *compared)
{
    bool found = false;
    lock_take(&kept->lock);
    for (size_t i = first_above(kept, *after); i < kept->count && !found; i++) {
        const struct kept_entry *entry = kept->entries[i];
        size_t whole = strlen(entry->name);
        *compared += whole;
        found = !entry->dropped && !entry->settings.hidden &&
                name_begins_with(entry->name, whole, beginning, length);
        if (found) {
            *after = entry->number;
            strcpy(name, entry->name);
        }
    }
    lock_release(&kept->lock);
    return found;
}

bool kept_rooms_after(struct kept_rooms *kept, uint64_t after, const struct user *user,
                      struct kept_room *room)
{
    const struct kept_entry *found = NULL;
    lock_take(&kept->lock);
    for (size_t i = first_above(kept, after); i < kept->count && found == NULL; i++) {
        const struct kept_entry *entry = kept->entries[i];
        bool sees = !entry->settings.hidden || room_settings_welcome(&entry->settings, user);
        if (sees && !entry->dropped)
            found = entry;
    }
    if (found != NULL) {
        room->number = found->number;
        strcpy(room->name, found->name);
        room_settings_describe(&found->settings, 0, &room->room);
        room->may_enter = room_settings_admit(&found->settings, user, NULL) == 0;
    }
    lock_release(&kept->lock);
    return found != NULL;
}

int kept_rooms_copy(struct kept_rooms *kept, uint64_t *after, char name[NAME_SIZE],
                    struct room_settings *settings, struct kept_talk *talk)
{
    int error = ENOENT;
    lock_take(&kept->lock);
    size_t i = first_above(kept, *after);
    while (i < kept->count && kept->entries[i]->dropped)
        i++;
    if (i < kept->count) {
        const struct kept_entry *entry = kept->entries[i];
        strcpy(name, entry->name);
        *talk = entry->talk;
        error = room_settings_copy(&entry->settings, settings) ? 0 : ENOMEM;
        if (error == 0)
            *after = entry->number;
    }
    lock_release(&kept->lock);
    return error;
}

void kept_rooms_clear(struct kept_rooms *kept)
{
    lock_take(&kept->lock);
    while (kept->count > 0)
        take_out(kept, kept->entries[kept->count - 1]);
    lock_release(&kept->lock);
}
