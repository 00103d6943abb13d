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

/* Behind the people there are their names, each with a NUL. */
struct ignore_list {
    bool quiet; /* comings and goings are left out */
    size_t count;
    size_t names_size; /* bytes */
    struct ignored people[];
};

static char *names_of(struct ignore_list *list, size_t count)
{
    return (char *)(list->people + count);
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
    struct ignore_list *made = malloc(sizeof *made + count * sizeof *made->people + names_size);
    if (made == NULL)
        return false;
    made->quiet = quiet;
    made->count = made->names_size = 0;
    for (size_t i = 0; i < present; i++)
        if (i != but)
            append(made, count, &list->people[i], ignore_list_name(list, i));
    if (more != NULL)
        append(made, count, more, name);
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

size_t ignore_list_count(const struct ignore_list *list)
{
    return list != NULL ? list->count : 0;
}

const char *ignore_list_name(const struct ignore_list *list, size_t index)
{
    return (const char *)(list->people + list->count) + list->people[index].name;
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
    return ignore_list_find(list, message->author, &looks) < ignore_list_count(list);
}
