#include "base/platform.h"

#include "base/text.h"
#include "doors/plain/command.h"
#include "doors/plain/commands.h"
#include "doors/plain/spelling.h"

#include <errno.h>
#include <string.h>

enum { HELP_COLUMNS = 25 }; /* columns of a row of /help, without its stars and the time */

static bool quit(struct caller *caller, struct arguments none)
{
    (void)none;
    caller->quitting = true;
    return true;
}

static bool motd(struct caller *caller, struct arguments none)
{
    (void)none;
    if (!caller_show_motd(caller))
        caller_reply(caller, REPLY_NO_MOTD, "There is no message of the day.");
    return true;
}

static bool help(struct caller *caller, struct arguments rest);

static const struct command other_commands[] = {
    {"/help", "[GROUP|COMMAND]", "lists the commands, or tells more of some.", help, ASKS},
    {"/quit", "", "leaves. So do Ctrl-D at a terminal and Ctrl-C in nc.", quit, SAYS},
    {"/motd", "", "shows the message of the day, as on coming in.", motd, ASKS},
    {0},
};

enum { TABLES_MAX = 3 }; /* of one group */

/* The heads under which /help lists the commands. */
static const struct group {
    const char *head;
    const struct command *tables[TABLES_MAX]; /* NULL: none */
} groups[] = {
    {"Talk", {talk_commands}},
    {"Places", {room_commands}},
    {"Past", {past_commands}},
    {"People", {people_commands, account_commands, self_commands}},
    {"Order", {order_commands, operator_commands}},
    {"Screen", {screen_commands}},
    {"Other", {other_commands, program_commands}},
};

enum { GROUPS = sizeof groups / sizeof *groups };

/* For whom commands are listed. */
enum audience { EVERYBODY, OPERATORS };

static bool is_shown(const struct command *command, enum audience audience)
{
    return audience == OPERATORS || command->kind != ORDERS;
}

/* Returns the i-th command of a group, or NULL; takes off *i how many the group has. */
static const struct command *command_of(const struct group *group, enum audience audience,
                                        size_t *i)
{
    for (size_t table = 0; table < TABLES_MAX && group->tables[table] != NULL; table++)
        for (const struct command *command = group->tables[table]; command->name; command++)
            if (is_shown(command, audience) && (*i)-- == 0)
                return command;
    return NULL;
}

static const struct command *command_at(enum audience audience, size_t i)
{
    const struct command *command = NULL;
    for (size_t group = 0; group < GROUPS && command == NULL; group++)
        command = command_of(&groups[group], audience, &i);
    return command;
}

/* Returns the i-th command of a group, or NULL. */
static const struct command *command_in(const struct group *group, enum audience audience, size_t i)
{
    return command_of(group, audience, &i);
}

const char *command_name(size_t i)
{
    const struct command *command = command_at(EVERYBODY, i);
    return command != NULL ? command->name : NULL;
}

static enum audience audience_of(const struct caller *caller)
{
    return user_is_operator(caller->session.user) ? OPERATORS : EVERYBODY;
}

static const struct command *find_command(struct arguments word)
{
    const struct command *command;
    for (size_t i = 0; (command = command_at(OPERATORS, i)) != NULL; i++)
        if (arguments_are(word, command->name))
            break;
    return command;
}

static bool has_passwords(const struct command *command)
{
    return command != NULL && command->kind == PROVES;
}

/* Cleans words; what is left of them is in `clean` if they were not clean. False without memory. */
static bool clean_words(struct arguments *words, struct buffer *clean)
{
    if (text_is_clean(words->bytes, words->length))
        return true;
    bool whole = text_tidy(clean, words->bytes, words->length);
    bool empty = buffer_length(clean) == 0;
    *words = (struct arguments){empty ? "" : buffer_bytes(clean), buffer_length(clean)};
    return whole;
}

size_t command_shown(const char *line, size_t length)
{
    struct buffer clean = {0};
    struct arguments rest = {line, length};
    struct arguments word = arguments_take_word(&rest);
    size_t shown = word.length;
    bool secret = !clean_words(&word, &clean) || has_passwords(find_command(word));
    buffer_free(&clean);
    return secret ? shown : length;
}

/*
 * Runs a command and charges it to the client's throttle. A client whose outbox has failed cannot
 * be made to wait, so nothing that exceeds its throttle is executed for it. What goes to others is
 * not charged, unless it is answered: it was refused, or nobody was there.
 */
static void run_command(struct caller *caller, const struct command *command, struct arguments rest)
{
    struct outbox *outbox = conn_outbox(caller->conn);
    unsigned answered = outbox_answered(outbox);
    unsigned answers = caller_answers(caller);
    bool deaf = outbox_error(outbox) != OUTBOX_OPEN;
    if (deaf && (command->kind == ASKS || command->kind == PROVES))
        return;
    bool paid = command->kind == SAYS || conn_charge(caller->conn);
    if (deaf && !paid)
        return;
    if (command->kind == ORDERS && !user_is_operator(caller->session.user))
        caller_refuse_order(caller, EPERM);
    else if (!command->run(caller, rest))
        caller_reply(caller, REPLY_USAGE, "Usage: %s %s", command->name, command->arguments);
    caller_acknowledge(caller, answers);
    if (command->kind == SAYS && outbox_answered(outbox) != answered)
        conn_charge(caller->conn);
}

/*
 * Words from other programs, without a slash, where the command with the nearest spelling is not
 * the one that is meant, or there are several.
 */
static const struct habit {
    const char *typed, *meant;
} habits[] = {
    {"exit", "quit"},
    {"q", "quit"},
    {"tell", "msg"},
};

static const char *command_word(size_t i)
{
    const char *name = command_name(i);
    return name != NULL ? name + 1 : NULL;
}

/* Returns the command that a word is meant for, both without the slash; NULL if there is none. */
static const char *guess(struct arguments word)
{
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
        if (strlen(habits[i].typed) == word.length &&
            name_begins_with(habits[i].typed, word.length, word.bytes, word.length))
            return habits[i].meant;
    return spelling_nearest(word.bytes, word.length, command_word);
}

/*
 * Replies to an unknown command. A path, or an unknown word that other words follow, is likely
 * meant to be said.
 */
static void refuse_command(struct caller *caller, struct arguments word, bool text_follows)
{
    char shown[NAME_SIZE];
    struct arguments letters = {word.bytes + 1, word.length - 1};
    bool path = memchr(letters.bytes, '/', letters.length) != NULL;
    const char *meant = path ? NULL : guess(letters);
    if (!arguments_quote(caller, word, shown))
        return;
    if (meant != NULL)
        caller_reply(caller, REPLY_UNKNOWN_COMMAND, "Unknown command: %s. Did you mean /%s?", shown,
                     meant);
    else if (path || text_follows)
        caller_reply(caller, REPLY_UNKNOWN_COMMAND,
                     "Unknown command: %s. To say it, begin with two slashes.", shown);
    else
        caller_reply(caller, REPLY_UNKNOWN_COMMAND, "Unknown command: %s. Type /help.", shown);
}

/*
 * Help.
 */

/* Appends the names of a group in rows, each with its head. */
static bool append_group(struct buffer *out, const struct group *group, enum audience audience)
{
    const struct command *command;
    size_t columns = 0;
    bool whole = true;
    for (size_t i = 0; whole && (command = command_in(group, audience, i)) != NULL; i++) {
        size_t needed = strlen(" ") + strlen(command->name);
        if (columns > 0 && columns + needed > HELP_COLUMNS) {
            whole = buffer_append_string(out, "\n");
            columns = 0;
        }
        if (columns == 0) {
            whole = whole && buffer_format(out, "%s:", group->head);
            columns = strlen(group->head) + strlen(":");
        }
        whole = whole && buffer_format(out, " %s", command->name);
        columns += needed;
    }
    return whole && buffer_append_string(out, "\n");
}

/* Appends one row with the names of a group, or with as many as fit. */
static bool append_group_row(struct buffer *out, const struct group *group, enum audience audience)
{
    const struct command *command;
    size_t columns = strlen(group->head) + strlen(":");
    bool whole = buffer_format(out, "%s:", group->head);
    for (size_t i = 0; whole && (command = command_in(group, audience, i)) != NULL; i++) {
        size_t more = command_in(group, audience, i + 1) != NULL ? strlen(" ...") : 0;
        columns += strlen(" ") + strlen(command->name);
        if (columns + more > HELP_COLUMNS) {
            whole = buffer_append_string(out, " ...");
            break;
        }
        whole = buffer_format(out, " %s", command->name);
    }
    return whole && buffer_append_string(out, "\n");
}

static bool append_help(struct buffer *out, enum audience audience)
{
    bool whole = buffer_append_string(out, "/help talk or msg: more\n");
    for (size_t i = 0; i < GROUPS && whole; i++)
        whole = append_group_row(out, &groups[i], audience);
    return whole && buffer_append_string(out, "//TEXT: say /TEXT\n");
}

/* Lists the commands of a group, or with NULL all groups. */
static void list_commands(struct caller *caller, const struct group *group)
{
    struct buffer out = {0};
    enum audience audience = audience_of(caller);
    if (group != NULL ? append_group(&out, group, audience) : append_help(&out, audience))
        caller_reply_lines(caller, REPLY_HELP, &out);
    else
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. There is no list now.");
    buffer_free(&out);
}

static const struct group *find_group(struct arguments word)
{
    for (size_t i = 0; i < GROUPS; i++)
        if (strlen(groups[i].head) == word.length &&
            name_begins_with(groups[i].head, word.length, word.bytes, word.length))
            return &groups[i];
    return NULL;
}

static void explain(struct caller *caller, const struct command *command)
{
    const char *blank = *command->arguments != '\0' ? " " : "";
    caller_reply(caller, REPLY_HELP, "%s%s%s: %s", command->name, blank, command->arguments,
                 command->help);
}

/*
 * The argument is the name of a group, or of a command with or without its slash. A command that is
 * not shown to the caller is none.
 */
static bool help(struct caller *caller, struct arguments rest)
{
    char slashed[COMMAND_SHOWN_MAX + 1] = "/";
    struct arguments word = arguments_take_word(&rest);
    const struct group *group = find_group(word);
    if (word.length == 0 || group != NULL) {
        list_commands(caller, group);
        return true;
    }
    if (word.bytes[0] != '/') {
        size_t length = word.length < COMMAND_SHOWN_MAX ? word.length : COMMAND_SHOWN_MAX;
        memcpy(slashed + 1, word.bytes, length);
        word = (struct arguments){slashed, length + 1};
    }
    const struct command *command = find_command(word);
    if (command != NULL && is_shown(command, audience_of(caller)))
        explain(caller, command);
    else
        refuse_command(caller, word, false);
    return true;
}

/*
 * A line that was typed. All of it is cleaned before a command sees it, so that none takes for text
 * what nobody would see; but passwords are as they were typed.
 */
struct typed {
    const struct command *command; /* NULL: there is none of that name */
    struct arguments word, rest;
    struct buffer clean_word, clean_rest;
};

/* Returns false when memory is out. Either way the buffers are to be freed. */
static bool read_typed(struct typed *typed, const char *line, size_t length)
{
    *typed = (struct typed){.rest = {line, length}};
    typed->word = arguments_take_word(&typed->rest);
    if (!clean_words(&typed->word, &typed->clean_word))
        return false;
    typed->command = find_command(typed->word);
    return has_passwords(typed->command) || clean_words(&typed->rest, &typed->clean_rest);
}

static void obey(struct caller *caller, const struct typed *typed)
{
    if (typed->command != NULL) {
        run_command(caller, typed->command, typed->rest);
        return;
    }
    if (outbox_error(conn_outbox(caller->conn)) != OUTBOX_OPEN)
        return;
    conn_charge(caller->conn);
    refuse_command(caller, typed->word, typed->rest.length > 0);
}

void command_obey(struct caller *caller, const char *line, size_t length)
{
    struct typed typed;
    caller->knows_commands = true;
    if (read_typed(&typed, line, length))
        obey(caller, &typed);
    else
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. Nothing was done.");
    buffer_free(&typed.clean_word);
    buffer_free(&typed.clean_rest);
}
