#include "base/platform.h"

#include "base/text.h"
#include "doors/plain/input.h"
#include "doors/plain/view.h"

#include <string.h>

static bool prompt(void *context, struct buffer *out)
{
    const struct view *view = context;
    return paint_prompt(&view->paint, view->login_prompt, out);
}

static bool dress(void *context, const char *line, size_t length, struct buffer *out)
{
    struct view *view = context;
    return paint_notice(&view->paint, line, length, out);
}

/*
 * Appends what is left of a line that was entered: the message as it was said, or else the line
 * behind the prompt.
 */
static bool leave_standing(void *context, const char *line, size_t length, struct buffer *out)
{
    struct view *view = context;
    struct input input = input_read(line, length);
    struct buffer clean = {0};
    bool named = *view->paint.name != '\0';
    bool whole =
        named ? text_tidy(&clean, input.text, input.length) : text_tidy(&clean, line, length);
    const char *text = buffer_bytes(&clean);
    size_t kept = buffer_length(&clean);
    if (whole && named && !input.is_command)
        whole = kept == 0 || paint_own(&view->paint, text, kept, out);
    else if (whole)
        whole = paint_typed(&view->paint, view->login_prompt, text, kept, out);
    buffer_free(&clean);
    return whole;
}

/* Calls `found` for each command or name that completes a word. */
static void each_candidate(struct view *view, const char *word, size_t length, bool begins_line,
                           void (*found)(void *context, const char *, size_t), void *context)
{
    if (!begins_line || length == 0 || word[0] != '/') {
        view->looked_at += directory_each(view->directory, word, length, found, context);
        return;
    }
    const char *name;
    for (size_t i = 0; (name = view->command(i)) != NULL; i++)
        if (name_begins_with(name, strlen(name), word, length))
            found(context, name, strlen(name));
}

/* A candidate replaces the whole word, and is followed by `behind`. */
struct completion {
    struct editor_candidates *candidates;
    const char *behind;
};

static void add_candidate(void *context, const char *text, size_t length)
{
    const struct completion *completion = context;
    char candidate[NAME_SIZE + 2];
    size_t behind = strlen(completion->behind);
    if (length + behind > sizeof candidate)
        return;
    memcpy(candidate, text, length);
    memcpy(candidate + length, completion->behind, behind);
    editor_candidates_add(completion->candidates, candidate, length + behind);
}

static void complete(void *context, const char *word, size_t length, bool begins_line,
                     struct editor_candidates *candidates)
{
    struct view *view = context;
    bool command = length > 0 && word[0] == '/';
    struct completion completion = {candidates, begins_line && !command ? ": " : " "};
    each_candidate(view, word, length, begins_line, add_candidate, &completion);
}

enum { LISTED_MAX = 50 }; /* names or commands; a longer list is hard to read */

struct list {
    struct buffer *out;
    bool whole;
    unsigned found;
};

static void list_candidate(void *context, const char *text, size_t length)
{
    struct list *list = context;
    if (list->found++ < LISTED_MAX)
        list->whole = list->whole && buffer_append(list->out, text, length) &&
                      buffer_append(list->out, " ", 1);
}

static bool list(void *context, const char *word, size_t length, bool begins_line,
                 struct buffer *out)
{
    struct list list = {out, true, 0};
    each_candidate(context, word, length, begins_line, list_candidate, &list);
    if (list.found > LISTED_MAX)
        list.whole = list.whole && buffer_format(out, "and %u more", list.found - LISTED_MAX);
    return list.whole && (list.found == 0 || buffer_append(out, "\n", 1));
}

/* Turns colours off for a terminal of the type "dumb"; /color turns them on again. */
static void know_type(void *context, const void *type)
{
    struct view *view = context;
    if (view->knows_type || *(const char *)type == '\0')
        return;
    view->knows_type = true;
    if (strcmp(type, "DUMB") == 0)
        view->paint.color = false;
}

static size_t take_cost(void *context)
{
    struct view *view = context;
    size_t looked_at = view->looked_at;
    view->looked_at = 0;
    return looked_at;
}

static const struct format *look_format(void *context)
{
    const struct view *view = context;
    return paint_format(&view->paint);
}

static bool look_is_named(void *context, const struct message *message)
{
    const struct view *view = context;
    return paint_names(&view->paint, message);
}

static bool look_dress(void *context, const struct message *message, struct buffer *out)
{
    struct view *view = context;
    return paint_message(&view->paint, message, out);
}

static bool look_begin(void *context, int date, struct buffer *out)
{
    struct view *view = context;
    return paint_date(&view->paint, date, out);
}

const struct user_look view_look = {look_format, look_is_named, look_dress, look_begin};

void view_init(struct view *view, const char *login_prompt, struct directory *directory,
               const char *(*command)(size_t i))
{
    *view = (struct view){.paint = {.color = true, .time = true, .bell = true},
                          .login_prompt = login_prompt,
                          .directory = directory,
                          .command = command};
    view->terminal = (struct terminal_face){.context = view,
                                            .prompt = prompt,
                                            .dress = dress,
                                            .leave_standing = leave_standing,
                                            .complete = complete,
                                            .list = list,
                                            .know_type = know_type,
                                            .take_cost = take_cost};
}
