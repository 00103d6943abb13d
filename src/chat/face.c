#include "base/platform.h"

#include "base/text.h"
#include "chat/commands.h"
#include "chat/face.h"

#include <string.h>

static bool prompt(void *context, struct buffer *out)
{
    const struct face *face = context;
    if (*face->paint.name == '\0')
        return buffer_append_string(out, face->login_prompt);
    return paint_prompt(&face->paint, out);
}

static bool dress(void *context, const char *line, size_t length, struct buffer *out)
{
    const struct face *face = context;
    return paint_line(&face->paint, line, length, out);
}

/* What the person did: said something, or else what they typed behind the prompt. */
static bool leave_standing(void *context, const char *line, size_t length, struct buffer *out)
{
    const struct face *face = context;
    struct buffer clean = {0};
    bool named = *face->paint.name != '\0';
    text_strip(&line, &length);
    if (length == 0 && named)
        return true;
    bool escaped = named && length > 1 && line[0] == '/' && line[1] == '/';
    bool command = named && length > 0 && line[0] == '/' && !escaped;
    bool whole = text_clean(&clean, line + escaped, length - escaped);
    const char *text = buffer_bytes(&clean);
    size_t kept = buffer_length(&clean);
    if (whole && named && !command)
        whole = paint_own(&face->paint, text, kept, out);
    else if (whole)
        whole =
            prompt(context, out) && buffer_append(out, text, kept) && buffer_append(out, "\n", 1);
    buffer_free(&clean);
    return whole;
}

/* Calls `found` for each command, or each name, that a word could become. */
static void each_candidate(const struct face *face, const char *word, size_t length,
                           bool begins_line, void (*found)(void *context, const char *, size_t),
                           void *context)
{
    if (begins_line && length > 0 && word[0] == '/') {
        const char *name;
        for (size_t i = 0; (name = command_name(i)) != NULL; i++)
            if (name_begins_with(name, strlen(name), word, length))
                found(context, name, strlen(name));
        return;
    }
    const char *names = buffer_bytes(&face->names);
    const char *end = names + buffer_length(&face->names);
    while (names < end) {
        size_t name = (size_t)((const char *)memchr(names, '\n', (size_t)(end - names)) - names);
        if (name_begins_with(names, name, word, length))
            found(context, names, name);
        names += name + 1;
    }
}

/* A candidate stands for the whole word, with what is typed behind it. */
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
    const struct face *face = context;
    bool command = length > 0 && word[0] == '/';
    struct completion completion = {candidates, begins_line && !command ? ": " : " "};
    each_candidate(face, word, length, begins_line, add_candidate, &completion);
}

enum { LISTED_MAX = 50 }; /* names or commands; nobody reads more */

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

/* No colours for a terminal that calls itself dumb; who wants them all the same may say so. */
static void know_type(void *context, const void *type)
{
    struct face *face = context;
    if (face->knows_type || *(const char *)type == '\0')
        return;
    face->knows_type = true;
    if (strcmp(type, "DUMB") == 0)
        face->paint.color = false;
}

/* Copies who is here, since their names may not be looked up under the outbox lock. */
static size_t look_around(void *context)
{
    struct face *face = context;
    char name[NAME_SIZE];
    uint64_t id = 0;
    unsigned idle;
    while (registry_next(face->members, &id, name, &idle) &&
           buffer_format(&face->names, "%s\n", name))
        continue;
    return buffer_length(&face->names);
}

static void forget(void *context)
{
    struct face *face = context;
    buffer_free(&face->names);
}

void face_init(struct face *face, const char *login_prompt, struct registry *members)
{
    *face = (struct face){.paint = {.color = true, .time = true, .bell = true},
                          .login_prompt = login_prompt,
                          .members = members};
    face->terminal = (struct terminal_face){.context = face,
                                            .prompt = prompt,
                                            .dress = dress,
                                            .leave_standing = leave_standing,
                                            .complete = complete,
                                            .list = list,
                                            .know_type = know_type,
                                            .look_around = look_around,
                                            .forget = forget};
}
