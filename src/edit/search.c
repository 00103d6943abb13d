#include "base/platform.h"

#include "edit/search.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Shows the line as it was before the search. */
static void show_before(struct search *search)
{
    edit_line_show(search->line, edit_line_text(&search->before), search->before.length);
    search->line->cursor = search->cursor;
    search->found = false;
}

struct search *search_begin(struct edit_line *line, struct history *history)
{
    struct search *search = malloc(sizeof(*search));

    if (search == NULL)
        return NULL;
    search->line = line;
    search->history = history;
    search->cursor = line->cursor;
    search->place = history_place(history);
    search->compared = 0;
    search->failed = false;
    search->length = 0;
    edit_line_init(&search->before, line->limit);
    edit_line_take(&search->before, line);
    show_before(search);
    return search;
}

/* Shows the next line with the text, or with `older` one behind the present one. */
static bool find(struct search *search, bool older)
{
    struct history_match match;

    search->failed = !history_find(search->history, search->text, search->length, older, &match,
                                   &search->compared);
    if (search->failed)
        return false;
    edit_line_show(search->line, match.text, match.length);
    edit_line_go(search->line, match.at);
    search->found = true;
    return true;
}

bool search_extend(struct search *search, const char *character, size_t length)
{
    if (length > sizeof(search->text) - search->length)
        return false;
    memcpy(search->text + search->length, character, length);
    search->length += length;
    return find(search, false);
}

bool search_shorten(struct search *search)
{
    bool shorter = search->length > 0;

    if (shorter)
        search->length = utf8_previous(search->text, search->length);
    search->failed = false;
    history_go(search->history, search->place);
    show_before(search);
    return search->length > 0 ? find(search, false) : shorter;
}

bool search_older(struct search *search)
{
    return search->length > 0 && find(search, search->found);
}

void search_accept(struct search *search, struct edit_line *draft)
{
    if (!search->found) {
        search_give_up(search);
        return;
    }
    if (search->place == NULL)
        edit_line_take(draft, &search->before);
    search_free(search);
}

void search_give_up(struct search *search)
{
    history_go(search->history, search->place);
    edit_line_take(search->line, &search->before);
    search->line->cursor = search->cursor;
    search_free(search);
}

void search_free(struct search *search)
{
    if (search == NULL)
        return;
    edit_line_clear(&search->before);
    free(search);
}
