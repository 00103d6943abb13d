#include "base/platform.h"

#include "chat/ignore_list.h"

#include <stdlib.h>
#include <string.h>

/* The names are apart from what is compared for each message. */
struct ignored {
    uint64_t id;
    struct name_looks looks;
    size_t name; /* its offset among the names */
};

enum { KEYS = 1 + NAME_VIEWS }; /* of a person: its id, and a hash of its name for each view */

/*
 * Behind the people there is room for their keys, which are in ascending order, as each message of
 * others is looked up there; and behind that there are their names, each with a NUL.
 */
struct ignore_list {
    bool quiet; /* comings and goings are left out */
    size_t count;
    size_t key_count;
    size_t names_size; /* bytes */
    struct ignored people[];
};

/* The keys and the names of a list for `most` people. */
static uint64_t *keys_of(struct ignore_list *list, size_t most)
{
    return (uint64_t *)(void *)(list->people + most);
}

static char *names_of(struct ignore_list *list, size_t most)
{
    return (char *)(keys_of(list, most) + KEYS * most);
}

static const uint64_t *keys_in(const struct ignore_list *list)
{
    return (const uint64_t *)(const void *)(list->people + list->count);
}

/* Lists the keys of somebody. Returns how many there are. */
static size_t make_keys(uint64_t id, const struct name_looks *looks, uint64_t keys[KEYS])
{
    size_t count = 0;
    if (id != 0)
        keys[count++] = id;
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++)
        if (looks->hash[view] != 0)
            keys[count++] = looks->hash[view] + view; /* in another view it is another key */
    return count;
}

/* Returns the index of the first key that is not below `key`. */
static size_t place_of(const uint64_t *keys, size_t count, uint64_t key)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (keys[middle] < key)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

/* Copies the keys of a list to one for `most` people, without those of a person; NULL: all. */
static void copy_keys(const struct ignore_list *list, const struct ignored *but,
                      struct ignore_list *made, size_t most)
{
    uint64_t gone[KEYS];
    size_t left = but != NULL ? make_keys(but->id, &but->looks, gone) : 0;
    for (size_t i = 0; list != NULL && i < list->key_count; i++) {
        uint64_t key = keys_in(list)[i];
        size_t place = 0;
        while (place < left && gone[place] != key)
            place++;
        if (place < left)
            gone[place] = gone[--left]; /* once: others may have the same key */
        else
            keys_of(made, most)[made->key_count++] = key;
    }
}

static void add_keys(struct ignore_list *made, size_t most, const struct ignored *person)
{
    uint64_t *keys = keys_of(made, most);
    uint64_t added[KEYS];
    size_t count = make_keys(person->id, &person->looks, added);
    for (size_t i = 0; i < count; i++) {
        size_t place = place_of(keys, made->key_count, added[i]);
        memmove(keys + place + 1, keys + place, (made->key_count++ - place) * sizeof *keys);
        keys[place] = added[i];
    }
}

static void append(struct ignore_list *list, size_t most, const struct ignored *person,
                   const char *name)
{
    struct ignored *copy = &list->people[list->count++];
    *copy = *person;
    copy->name = list->names_size;
    strcpy(names_of(list, most) + copy->name, name);
    list->names_size += strlen(name) + 1;
}

/* Makes a list without people, but with room for `most` and their names. NULL without memory. */
static struct ignore_list *make(size_t most, size_t names_size, bool quiet)
{
    size_t person = sizeof(struct ignored) + KEYS * sizeof(uint64_t);
    struct ignore_list *made = malloc(sizeof *made + most * person + names_size);
    if (made != NULL)
        *made = (struct ignore_list){.quiet = quiet};
    return made;
}

/*
 * Copies a list but for the person at the index `but`, with one more person, unless it is NULL.
 */
static bool copy(const struct ignore_list *list, size_t but, const struct ignored *more,
                 const char *name, bool quiet, struct ignore_list **result)
{
    size_t present = ignore_list_count(list);
    size_t count = present - (but < present) + (more != NULL);
    size_t names_size = list != NULL ? list->names_size : 0;
    *result = NULL;
    if (count == 0 && !quiet)
        return true;
    names_size -= but < present ? strlen(ignore_list_name(list, but)) + 1 : 0;
    names_size += more != NULL ? strlen(name) + 1 : 0;
    struct ignore_list *made = make(count, names_size, quiet);
    if (made == NULL)
        return false;
    copy_keys(list, but < present ? &list->people[but] : NULL, made, count);
    for (size_t i = 0; i < present; i++)
        if (i != but)
            append(made, count, &list->people[i], ignore_list_name(list, i));
    if (more != NULL) {
        append(made, count, more, name);
        add_keys(made, count, more);
    }
    *result = made;
    return true;
}

static bool is_quiet(const struct ignore_list *list)
{
    return list != NULL && list->quiet;
}

bool ignore_list_add(const struct ignore_list *list, uint64_t id, const char *name,
                     struct ignore_list **result)
{
    const struct ignored person = {.id = id,
                                   .looks = name_looks_of((struct words){name, strlen(name)})};
    return copy(list, SIZE_MAX, &person, name, is_quiet(list), result);
}

bool ignore_list_remove(const struct ignore_list *list, size_t index, struct ignore_list **result)
{
    return copy(list, index, NULL, NULL, is_quiet(list), result);
}

bool ignore_list_set_quiet(const struct ignore_list *list, bool quiet, struct ignore_list **result)
{
    return copy(list, SIZE_MAX, NULL, NULL, quiet, result);
}

bool ignore_list_copy(const struct ignore_list *list, struct ignore_list **result)
{
    return copy(list, SIZE_MAX, NULL, NULL, is_quiet(list), result);
}

size_t ignore_list_count(const struct ignore_list *list)
{
    return list != NULL ? list->count : 0;
}

const char *ignore_list_name(const struct ignore_list *list, size_t index)
{
    return (const char *)(keys_in(list) + KEYS * list->count) + list->people[index].name;
}

uint64_t ignore_list_id(const struct ignore_list *list, size_t index)
{
    return list->people[index].id;
}

static bool is_same(const struct ignored *person, uint64_t id, const struct name_looks *looks)
{
    bool same = id != 0 && person->id == id;
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS && !same; view++)
        same = looks->hash[view] != 0 && person->looks.hash[view] == looks->hash[view];
    return same;
}

size_t ignore_list_find(const struct ignore_list *list, uint64_t id, const struct name_looks *looks)
{
    size_t i = 0;
    while (i < ignore_list_count(list) && !is_same(&list->people[i], id, looks))
        i++;
    return i;
}

bool ignore_list_has(const struct ignore_list *list, uint64_t id, const struct name_looks *looks)
{
    uint64_t keys[KEYS];
    size_t count = make_keys(id, looks, keys);
    for (size_t i = 0; i < count && list != NULL; i++) {
        size_t place = place_of(keys_in(list), list->key_count, keys[i]);
        if (place < list->key_count && keys_in(list)[place] == keys[i])
            return true;
    }
    return false;
}

bool ignore_list_minds_author(const struct ignore_list *list, enum message_kind kind)
{
    return ignore_list_count(list) > 0 && message_is_speech(kind);
}

bool ignore_list_omits_kind(const struct ignore_list *list, enum message_kind kind)
{
    return is_quiet(list) && message_is_presence(kind);
}

bool ignore_list_omits(const struct ignore_list *list, const struct message *message)
{
    if (ignore_list_omits_kind(list, message->kind))
        return true;
    if (!ignore_list_minds_author(list, message->kind))
        return false;
    struct name_looks looks = name_looks_of(message->name);
    return ignore_list_has(list, message->author, &looks);
}

bool ignore_list_omits_author(const struct ignore_list *list, struct words name)
{
    if (ignore_list_count(list) == 0)
        return false;
    struct name_looks looks = name_looks_of(name);
    return ignore_list_has(list, 0, &looks);
}
