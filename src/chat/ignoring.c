#include "base/platform.h"

#include "chat/ignoring.h"

#include <string.h>

/* The person of that name who is here: its id, 0 if there is none, and how it spells the name. */
static uint64_t find_person(const struct session *session, char name[NAME_SIZE])
{
    struct directory *directory = session->chat->directory;
    struct user *user = directory_find(directory, name);
    if (user == NULL)
        return 0;
    uint64_t id = user->id;
    directory_copy_name(directory, user, name);
    user_release(user);
    return id;
}

static size_t find_ignored(const struct session *session, uint64_t id, const char *name)
{
    struct name_looks looks = name_looks_of(words_of(name));
    return ignore_list_find(user_ignored(session->user), id, &looks);
}

static bool add(struct session *session, uint64_t id, const char *name)
{
    struct ignore_list *list;
    if (!ignore_list_add(user_ignored(session->user), id, name, &list))
        return false;
    user_set_ignored(session->user, list);
    return true;
}

static bool remove_at(struct session *session, size_t index)
{
    struct ignore_list *list;
    if (!ignore_list_remove(user_ignored(session->user), index, &list))
        return false;
    user_set_ignored(session->user, list);
    return true;
}

/* Returns the archive, if that is to know whom the user ignores. */
static struct archive *archive_of(const struct session *session)
{
    bool registered = atomic_load_explicit(&session->user->registered, memory_order_relaxed);
    return registered ? session->chat->accounts : NULL;
}

/* Has the archive change what it keeps: with one of its functions. ARCHIVE_OK without an archive.
 */
typedef enum archive_result change_archive(struct archive *archive, struct words name,
                                           struct words ignored);

static enum archive_result store(const struct session *session, bool begins, const char *name)
{
    struct archive *archive = archive_of(session);
    if (archive == NULL)
        return ARCHIVE_OK;
    change_archive *change = begins ? archive->people->ignore : archive->people->unignore;
    return change(archive, words_of(session->user->name), words_of(name));
}

static bool is_here(const struct session *session, uint64_t id)
{
    struct user *user = id != 0 ? directory_find_id(session->chat->directory, id) : NULL;
    if (user != NULL)
        user_release(user);
    return user != NULL;
}

/*
 * Whether a person is ignored already. Somebody who has come back, and is ignored by its name
 * alone, is from now on ignored by its id, too; without memory the name must do. Who is ignored
 * under that name, but is here under another one, is somebody else.
 */
static bool is_ignored(struct session *session, uint64_t id, const char *name)
{
    static const struct name_looks none;
    size_t count = ignoring_count(session);
    if (ignore_list_find(user_ignored(session->user), id, &none) < count)
        return true;
    size_t index = find_ignored(session, 0, name);
    if (index == count || id == 0)
        return index < count;
    if (is_here(session, ignore_list_id(user_ignored(session->user), index)))
        return false;
    if (add(session, id, name))
        remove_at(session, index);
    return true;
}

enum ignoring_result ignoring_begin(struct session *session, char name[NAME_SIZE])
{
    uint64_t id = find_person(session, name);
    if (id == session->user->id)
        return IGNORING_ONESELF;
    if (is_ignored(session, id, name))
        return IGNORING_NO_CHANGE;
    if (ignoring_count(session) >= ARCHIVE_IGNORED_MAX)
        return IGNORING_FULL;
    if (!add(session, id, name))
        return IGNORING_NO_MEMORY;
    if (store(session, true, name) != ARCHIVE_OK)
        return IGNORING_NOT_STORED;
    return id != 0 ? IGNORING_DONE : IGNORING_ABSENT;
}

enum ignoring_result ignoring_end(struct session *session, char name[NAME_SIZE])
{
    uint64_t id = find_person(session, name);
    size_t index;
    enum ignoring_result result = IGNORING_NO_CHANGE;
    /* A name may have been ignored when somebody had it who is ignored under another one. */
    while ((index = find_ignored(session, id, name)) < ignoring_count(session)) {
        char former[NAME_SIZE];
        strcpy(former, ignore_list_name(user_ignored(session->user), index));
        if (!remove_at(session, index))
            return IGNORING_NO_MEMORY;
        if (result == IGNORING_NO_CHANGE)
            result = IGNORING_DONE;
        enum archive_result stored = store(session, false, former);
        if (stored != ARCHIVE_OK && stored != ARCHIVE_NONE)
            result = IGNORING_NOT_STORED;
    }
    return result;
}

bool ignoring_set_quiet(struct session *session, bool quiet)
{
    struct ignore_list *list;
    if (!ignore_list_set_quiet(user_ignored(session->user), quiet, &list))
        return false;
    user_set_ignored(session->user, list);
    return true;
}

/* Each in its turn goes to the end of the list. */
void ignoring_forget_ids(struct session *session)
{
    char name[NAME_SIZE];
    for (size_t left = ignoring_count(session); left > 0; left--) {
        strcpy(name, ignore_list_name(user_ignored(session->user), 0));
        if (!add(session, 0, name) || !remove_at(session, 0))
            return;
    }
}

size_t ignoring_count(const struct session *session)
{
    return ignore_list_count(user_ignored(session->user));
}

const char *ignoring_name(const struct session *session, size_t index, char now[NAME_SIZE])
{
    const struct ignore_list *list = user_ignored(session->user);
    struct directory *directory = session->chat->directory;
    uint64_t id = ignore_list_id(list, index);
    struct user *user = id != 0 ? directory_find_id(directory, id) : NULL;
    strcpy(now, "");
    if (user != NULL) {
        directory_copy_name(directory, user, now);
        user_release(user);
    }
    return ignore_list_name(list, index);
}

/* The names that the archive has, each with a NUL. */
struct loaded {
    struct buffer names;
    bool whole;
};

static void load_name(void *context, struct words name)
{
    struct loaded *loaded = context;
    loaded->whole = loaded->whole && name.length < NAME_SIZE &&
                    buffer_append(&loaded->names, name.bytes, name.length) &&
                    buffer_append(&loaded->names, "", 1);
}

/* Adds a name that the archive has. Returns false when memory is out. */
static bool add_loaded(struct session *session, const char *stored)
{
    char name[NAME_SIZE];
    strcpy(name, stored);
    uint64_t id = find_person(session, name);
    bool ignored = find_ignored(session, id, stored) < ignoring_count(session);
    bool oneself = id != 0 && id == session->user->id;
    return ignored || ignoring_count(session) >= ARCHIVE_IGNORED_MAX || oneself ||
           add(session, id, stored);
}

enum archive_result ignoring_load(struct session *session, const char *name)
{
    struct archive *archive = archive_of(session);
    struct loaded loaded = {.whole = true};
    if (archive == NULL)
        return ARCHIVE_NONE;
    enum archive_result result =
        archive->people->ignored(archive, words_of(name), load_name, &loaded);
    const char *names = buffer_bytes(&loaded.names);
    size_t length = buffer_length(&loaded.names);
    bool whole = loaded.whole;
    for (size_t at = 0; at < length && whole; at += strlen(names + at) + 1)
        whole = add_loaded(session, names + at);
    buffer_free(&loaded.names);
    return result == ARCHIVE_OK && !whole ? ARCHIVE_FAILED : result;
}
