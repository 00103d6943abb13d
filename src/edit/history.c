#include "base/platform.h"

#include "edit/history.h"

#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

struct history_entry {
    struct history_entry *older;
    struct history_entry *newer;
    size_t length;
    char text[];
};

static struct history_entry *entry_new(const char *text, size_t length)
{
    struct history_entry *entry = malloc(sizeof(*entry) + length);

    if (entry == NULL)
        return NULL;
    entry->older = NULL;
    entry->newer = NULL;
    entry->length = length;
    if (length > 0)
        memcpy(entry->text, text, length);
    return entry;
}

static const char *entry_text(const struct history_entry *entry, size_t *length)
{
    if (entry == NULL)
        return NULL;
    *length = entry->length;
    return entry->text;
}

static void drop_oldest(struct history *history)
{
    struct history_entry *entry = history->oldest;

    history->oldest = entry->newer;
    if (history->oldest != NULL)
        history->oldest->older = NULL;
    else
        history->newest = NULL;
    history->count--;
    free(entry);
}

static bool is_newest(const struct history *history, const char *text, size_t length)
{
    const struct history_entry *newest = history->newest;

    return newest != NULL && newest->length == length && memcmp(newest->text, text, length) == 0;
}

void history_add(struct history *history, const char *text, size_t length)
{
    struct history_entry *entry;

    history_rewind(history);
    if (length == 0 || is_newest(history, text, length))
        return;
    entry = entry_new(text, length);
    if (entry == NULL)
        return;
    entry->older = history->newest;
    if (history->newest != NULL)
        history->newest->newer = entry;
    else
        history->oldest = entry;
    history->newest = entry;
    if (++history->count > HISTORY_LINES_MAX)
        drop_oldest(history);
}

void history_forget(struct history *history, const char *text, size_t length)
{
    struct history_entry *entry = history->newest;

    history_rewind(history);
    if (!is_newest(history, text, length))
        return;
    secret_wipe(entry->text, entry->length);
    history->newest = entry->older;
    if (history->newest != NULL)
        history->newest->newer = NULL;
    else
        history->oldest = NULL;
    history->count--;
    free(entry);
}

bool history_is_shown(const struct history *history)
{
    return history->shown != NULL;
}

const char *history_older(struct history *history, size_t *length)
{
    struct history_entry *entry = history->shown != NULL ? history->shown->older : history->newest;

    if (entry != NULL)
        history->shown = entry;
    return entry_text(entry, length);
}

const char *history_newer(struct history *history, size_t *length)
{
    if (history->shown != NULL)
        history->shown = history->shown->newer;
    return entry_text(history->shown, length);
}

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

/* The length of the part of the text with which the bytes begin. */
static size_t common_length(const char *bytes, const char *text, size_t length)
{
    size_t same = 0;

    while (same < length && lower(bytes[same]) == lower(text[same]))
        same++;
    return same;
}

/* Finds a text in the part of an entry that is searched. */
static bool find_in(const struct history_entry *entry, const char *text, size_t length, size_t *at,
                    size_t *compared)
{
    size_t searched =
        entry->length < HISTORY_SEARCHED_BYTES_MAX ? entry->length : HISTORY_SEARCHED_BYTES_MAX;

    for (*at = 0; *at + length <= searched; (*at)++) {
        size_t same = common_length(entry->text + *at, text, length);

        *compared += same + 1;
        if (same == length)
            return true;
    }
    return false;
}

bool history_find(struct history *history, const char *text, size_t length, bool older,
                  struct history_match *match, size_t *compared)
{
    struct history_entry *entry = history->shown != NULL ? history->shown : history->newest;

    if (older && history->shown != NULL)
        entry = entry->older;
    while (entry != NULL && !find_in(entry, text, length, &match->at, compared))
        entry = entry->older;
    if (entry == NULL)
        return false;
    history->shown = entry;
    match->text = entry_text(entry, &match->length);
    return true;
}

struct history_entry *history_place(const struct history *history)
{
    return history->shown;
}

void history_go(struct history *history, struct history_entry *place)
{
    history->shown = place;
}

void history_rewind(struct history *history)
{
    history->shown = NULL;
}

void history_clear(struct history *history)
{
    history_rewind(history);
    while (history->oldest != NULL)
        drop_oldest(history);
}
