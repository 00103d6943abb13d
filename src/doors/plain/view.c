#include "base/platform.h"

#include "base/text.h"
#include "chat/keeping.h"
#include "chat/room_policy.h"
#include "doors/plain/input.h"
#include "doors/plain/view.h"
#include "net/telnet.h"

#include <string.h>

/* Makes what was appended behind `from` fit for the terminal. Returns `whole`. */
static bool fit(const struct view *view, struct buffer *out, size_t from, bool whole)
{
    if (view->ascii && whole)
        text_make_ascii(out, from);
    return whole;
}

static bool prompt(void *context, struct buffer *out)
{
    const struct view *view = context;
    size_t from = buffer_length(out);
    bool whole = view->secret_prompt != NULL ? buffer_append_string(out, view->secret_prompt)
                                             : paint_prompt(&view->paint, view->login_prompt, out);
    return fit(view, out, from, whole);
}

static bool hides(void *context)
{
    const struct view *view = context;
    return view->secret_prompt != NULL;
}

static bool remembers(void *context)
{
    const struct view *view = context;
    return *view->paint.name != '\0' && view->secret_prompt == NULL;
}

static bool has_secret(void *context, const char *line, size_t length)
{
    const struct view *view = context;
    struct input input = input_read(line, length);
    return *view->paint.name != '\0' && input.is_command &&
           view->command_shown(input.text, input.length) < input.length;
}

static bool is_ascii(void *context)
{
    const struct view *view = context;
    return view->ascii;
}

static bool dress(void *context, const char *line, size_t length, struct buffer *out)
{
    struct view *view = context;
    size_t from = buffer_length(out);
    return fit(view, out, from, paint_notice(&view->paint, line, length, out));
}

/*
 * Appends what is left of a line that was entered: the message as it was said, or else the line
 * behind the prompt. Of a secret it is the prompt alone, of a command that has one its name.
 */
static bool leave_standing(void *context, const char *line, size_t length, struct buffer *out)
{
    struct view *view = context;
    struct input input = input_read(line, length);
    struct buffer clean = {0};
    size_t from = buffer_length(out);
    if (view->secret_prompt != NULL)
        return prompt(context, out) && buffer_append(out, "\n", 1);
    bool named = *view->paint.name != '\0';
    bool whole =
        named ? text_tidy(&clean, input.text, input.length) : text_tidy(&clean, line, length);
    const char *text = buffer_bytes(&clean);
    size_t kept = buffer_length(&clean);
    if (whole && named && input.is_command)
        kept = view->command_shown(text, kept);
    if (whole && named && !input.is_command)
        whole = kept == 0 || paint_own(&view->paint, text, kept, out);
    else if (whole)
        whole = paint_typed(&view->paint, view->login_prompt, text, kept, out);
    buffer_free(&clean);
    return fit(view, out, from, whole);
}

static bool is_command(const char *word, size_t length, bool begins_line)
{
    return begins_line && length > 0 && word[0] == '/';
}

/* Whether a word is a name with an @ before it, which is no part of the name. */
static bool is_mention(const char *word, size_t length)
{
    return length > 0 && word[0] == '@';
}

static bool is_room(const char *word, size_t length)
{
    return length > 0 && word[0] == '#';
}

/* Where the rooms that complete a word go: with a '#', which is part of the word. */
struct room_candidates {
    void (*found)(void *context, const char *, size_t);
    void *context;
};

static void find_room_name(void *context, const char *name)
{
    const struct room_candidates *candidates = context;
    char candidate[1 + NAME_SIZE] = "#";
    strcpy(candidate + 1, name);
    candidates->found(candidates->context, candidate, strlen(candidate));
}

static void find_room(void *context, const struct room *room)
{
    if (!room_is_hidden(room))
        find_room_name(context, room_name(room));
}

/* Calls `found` for each command, room or name that completes a word. */
static void each_candidate(struct view *view, const char *word, size_t length, bool begins_line,
                           void (*found)(void *context, const char *, size_t), void *context)
{
    if (is_room(word, length)) {
        struct room_candidates candidates = {found, context};
        view->looked_at +=
            rooms_each(view->chat->rooms, word + 1, length - 1, find_room, &candidates) +
            keeping_each(view->chat, word + 1, length - 1, find_room_name, &candidates);
        return;
    }
    if (!is_command(word, length, begins_line)) {
        size_t before = is_mention(word, length);
        view->looked_at +=
            directory_each(view->chat->directory, word + before, length - before, found, context);
        return;
    }
    const char *name;
    for (size_t i = 0; (name = view->command(i)) != NULL; i++)
        if (name_begins_with(name, strlen(name), word, length))
            found(context, name, strlen(name));
}

/* A candidate replaces the whole word, and is put between `before` and `behind`. */
struct surroundings {
    struct completion *completion;
    const char *before, *behind;
};

static void add_candidate(void *context, const char *text, size_t length)
{
    const struct surroundings *places = context;
    char candidate[1 + NAME_SIZE + 2];
    size_t before = strlen(places->before), behind = strlen(places->behind);
    if (before + length + behind > sizeof candidate)
        return;
    memcpy(candidate, places->before, before);
    memcpy(candidate + before, text, length);
    memcpy(candidate + before + length, places->behind, behind);
    completion_add(places->completion, candidate, before + length + behind);
}

static void complete(void *context, const char *word, size_t length, bool begins_line,
                     struct completion *completion)
{
    struct view *view = context;
    bool mention = is_mention(word, length);
    bool addressed =
        begins_line && !mention && !is_room(word, length) && !is_command(word, length, begins_line);
    struct surroundings places = {completion, mention ? "@" : "", addressed ? ": " : " "};
    each_candidate(view, word, length, begins_line, add_candidate, &places);
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
    size_t from = buffer_length(out);
    each_candidate(context, word, length, begins_line, list_candidate, &list);
    if (list.found > LISTED_MAX)
        list.whole = list.whole && buffer_format(out, "and %u more", list.found - LISTED_MAX);
    list.whole = list.whole && (list.found == 0 || buffer_append(out, "\n", 1));
    return fit(context, out, from, list.whole);
}

/* Appends the words of a hint. */
static bool put_hint(enum terminal_hint hint, size_t number, struct buffer *out)
{
    switch (hint) {
    case TERMINAL_HOW_TO_LEAVE:
        return buffer_append_string(out, "*** To leave, type /quit. ***\n");
    case TERMINAL_PASTE_HELD:
        return buffer_format(
            out, "*** %zu lines pasted. Enter sends them, Ctrl-C drops them. ***\n", number);
    case TERMINAL_PASTE_DROPPED:
        return buffer_append_string(out, "*** What was pasted is dropped. ***\n");
    case TERMINAL_PASTE_TOO_LONG:
        return buffer_format(
            out, "*** Paste too long: the limit is %zu bytes. Nothing was sent. ***\n", number);
    case TERMINAL_PASTE_NO_MEMORY:
        break;
    }
    return buffer_append_string(out, "*** Out of memory. Nothing was pasted. ***\n");
}

/* How to leave is told once: another Ctrl-C may not mean that. */
static bool tell(void *context, enum terminal_hint hint, size_t number, struct buffer *out)
{
    struct view *view = context;
    struct buffer line = {0};
    if (hint == TERMINAL_HOW_TO_LEAVE && view->knows_way_out)
        return true;
    view->knows_way_out |= hint == TERMINAL_HOW_TO_LEAVE;
    size_t from = buffer_length(out);
    bool whole = put_hint(hint, number, &line) &&
                 paint_notice(&view->paint, buffer_bytes(&line), buffer_length(&line), out);
    buffer_free(&line);
    return fit(view, out, from, whole);
}

/*
 * Turns colours off for a terminal of the type "dumb", and for a client that tells that it has
 * none; /color turns them on again.
 */
static void know_kind(void *context, const void *what)
{
    const struct terminal_kind *kind = what;
    struct view *view = context;
    if (!view->knows_type && strcmp(kind->type, "DUMB") == 0)
        view->paint.color = false;
    view->knows_type = view->knows_type || *kind->type != '\0';
    if (view->knows_mtts || kind->mtts == 0)
        return;
    view->knows_mtts = true;
    view->paint.color = (kind->mtts & TELNET_MTTS_ANSI) != 0;
    view->ascii = (kind->mtts & TELNET_MTTS_UTF8) == 0;
}

static size_t take_cost(void *context)
{
    struct view *view = context;
    size_t looked_at = view->looked_at;
    view->looked_at = 0;
    return looked_at;
}

static const struct format *look_format(void *context, bool elsewhere)
{
    const struct view *view = context;
    return paint_format(&view->paint, elsewhere);
}

/* A terminal that is sent nothing but ASCII shares no rows with others. */
static bool look_is_named(void *context, const struct message *message)
{
    const struct view *view = context;
    return view->ascii || paint_names(&view->paint, message);
}

static bool look_dress(void *context, const struct message *message, bool elsewhere,
                       struct buffer *out)
{
    struct view *view = context;
    size_t from = buffer_length(out);
    return fit(view, out, from, paint_message(&view->paint, message, elsewhere, out));
}

static bool look_begin(void *context, int date, struct buffer *out)
{
    struct view *view = context;
    return paint_date(&view->paint, date, out);
}

const struct user_look view_look = {look_format, look_is_named, look_dress, look_begin};

void view_init(struct view *view, const char *login_prompt, struct chat *chat,
               const char *(*command)(size_t i),
               size_t (*command_shown)(const char *line, size_t length))
{
    *view = (struct view){.paint = {.color = true, .time = true, .bell = true},
                          .login_prompt = login_prompt,
                          .chat = chat,
                          .command = command,
                          .command_shown = command_shown};
    view->terminal = (struct terminal_face){.context = view,
                                            .prompt = prompt,
                                            .hides = hides,
                                            .remembers = remembers,
                                            .has_secret = has_secret,
                                            .is_ascii = is_ascii,
                                            .dress = dress,
                                            .leave_standing = leave_standing,
                                            .complete = complete,
                                            .list = list,
                                            .tell = tell,
                                            .know_kind = know_kind,
                                            .take_cost = take_cost};
}
