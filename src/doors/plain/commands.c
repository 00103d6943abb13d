#include "base/platform.h"

#include "base/text.h"
#include "chat/name.h"
#include "doors/plain/commands.h"
#include "doors/plain/spelling.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

enum {
    WHO_SLICE_BYTES = 8 * 1024, /* bytes between two waits for the reader of a list */
    WHO_ENTRIES = 16,           /* entries that are copied at once */
    NAME_SHOWN_MAX = 64,        /* bytes of a mistyped name or command that are shown again */
    HELP_COLUMNS = 25           /* columns of a row of /help, without its stars and the time */
};

/*
 * The rest of a line behind the command's name, as the client sent it, without blanks at its ends.
 */
struct arguments {
    const char *bytes;
    size_t length;
};

enum command_kind {
    ASKS, /* asks for an answer: charged; pointless for a client whose outbox has failed */
    SAYS, /* sends to others or leaves; the flow limits it (chat/flow.h) */
    NAMES /* renames: charged, and executed even if the outbox has failed */
};

/* The head under which /help lists a command. */
enum command_group { TALK, PEOPLE, SCREEN, OTHER, GROUPS };

static const char *const group_names[GROUPS] = {
    [TALK] = "Talk", [PEOPLE] = "People", [SCREEN] = "Screen", [OTHER] = "Other"};

struct command {
    const char *name;
    const char *arguments; /* as the usage names them; "": none */
    enum command_group group;
    const char *help; /* a paragraph that follows name and arguments */
    /* Returns false if the arguments are not as the usage says. */
    bool (*run)(struct caller *caller, struct arguments arguments);
    enum command_kind kind;
};

/* Removes the first word from the arguments, and returns it. */
static struct arguments take_word(struct arguments *rest)
{
    struct arguments word = {rest->bytes, 0};
    while (word.length < rest->length) {
        uint32_t character;
        size_t size =
            text_decode(rest->bytes + word.length, rest->length - word.length, &character);
        if (text_is_blank(character))
            break;
        word.length += size;
    }
    rest->bytes += word.length;
    rest->length -= word.length;
    text_strip(&rest->bytes, &rest->length);
    return word;
}

/*
 * Cleans what a client typed, cut off after NAME_SHOWN_MAX bytes, so that a reply can quote it.
 * Returns false, after a reply, when memory is out.
 */
static bool show(struct caller *caller, struct arguments word, char shown[NAME_SIZE])
{
    struct buffer clean = {0};
    size_t kept = 0;
    bool whole = text_clean(&clean, word.bytes, word.length);
    const char *bytes = buffer_bytes(&clean);
    while (kept < buffer_length(&clean)) {
        uint32_t character;
        size_t size = text_decode(bytes + kept, buffer_length(&clean) - kept, &character);
        if (kept + size > NAME_SHOWN_MAX)
            break;
        kept += size;
    }
    memcpy(shown, bytes, kept);
    shown[kept] = '\0';
    buffer_free(&clean);
    if (!whole)
        caller_reply(caller, "Out of memory. Nothing was done.");
    return whole;
}

/*
 * Sends a private message to `to`, and releases it. Returns false if the text is empty once it is
 * cleaned.
 */
static bool tell(struct caller *caller, struct user *to, struct arguments text)
{
    int error = session_tell(&caller->session, to, text.bytes, text.length);
    user_release(to);
    if (error == ENOMEM)
        caller_reply(caller, "Out of memory. Nothing was sent.");
    return error != EINVAL;
}

static bool msg(struct caller *caller, struct arguments rest)
{
    char shown[NAME_SIZE];
    char name[NAME_SIZE];
    struct arguments word = take_word(&rest);
    if (word.length == 0 || rest.length == 0)
        return false;
    struct user *to = NULL;
    if (name_fault(word.bytes, word.length) == NULL) {
        memcpy(name, word.bytes, word.length);
        name[word.length] = '\0';
        to = directory_find(caller->session.chat->directory, name);
    }
    if (to == NULL) {
        if (show(caller, word, shown))
            caller_reply(caller, "There is no one here called %s.", shown);
        return true;
    }
    return tell(caller, to, rest);
}

static bool reply(struct caller *caller, struct arguments text)
{
    char name[NAME_SIZE];
    if (text.length == 0)
        return false;
    uint64_t id = session_correspondent(&caller->session, name);
    if (id == 0) {
        caller_reply(caller, "Nobody has sent you a private message yet.");
        return true;
    }
    struct user *to = directory_find_id(caller->session.chat->directory, id);
    if (to == NULL) {
        caller_reply(caller, "%s has left.", name);
        return true;
    }
    return tell(caller, to, text);
}

static bool me(struct caller *caller, struct arguments text)
{
    if (text.length == 0)
        return false;
    caller_say(caller, MESSAGE_ACT, text.bytes, text.length);
    return true;
}

static bool nick(struct caller *caller, struct arguments rest)
{
    char name[NAME_SIZE];
    char rival[NAME_SIZE];
    if (rest.length == 0)
        return false;
    if (!caller_read_name(caller, rest.bytes, rest.length, name))
        return true;
    if (strcmp(name, caller->session.user->name) == 0) {
        caller_reply(caller, "You are called %s already.", name);
        return true;
    }
    caller_show_name(caller, name);
    int error = session_rename(&caller->session, name, rival);
    if (error != 0)
        caller_show_name(caller, caller->session.user->name);
    if (error == EEXIST)
        caller_refuse_taken(caller, name, rival);
    else if (error != 0)
        caller_reply(caller, "Out of memory. You are still called %s.", caller->session.user->name);
    return true;
}

/* Appends "7 s", "12 min" or "3 h": one unit says enough about who is idle. */
static bool append_idle(struct buffer *out, unsigned seconds)
{
    if (seconds < 60)
        return buffer_format(out, "%u s", seconds);
    if (seconds < 60 * 60)
        return buffer_format(out, "%u min", seconds / 60);
    return buffer_format(out, "%u h", seconds / (60 * 60));
}

/*
 * Sends a slice of at least `least` bytes of a long list, and waits until its reader has taken it.
 * Returns false if the reader is gone.
 */
static bool send_slice(struct caller *caller, struct buffer *out, size_t least)
{
    if (buffer_length(out) < least)
        return true;
    outbox_answer(conn_outbox(caller->conn), buffer_bytes(out), buffer_length(out));
    buffer_truncate(out, 0);
    return conn_catch_up(caller->conn);
}

static bool append_entries(struct buffer *out, const struct room_entry *entries, size_t count)
{
    bool whole = true;
    for (size_t i = 0; i < count && whole; i++)
        whole = buffer_format(out, "*** %s, idle ", entries[i].name) &&
                append_idle(out, entries[i].idle_seconds) && buffer_append_string(out, " ***\n");
    return whole;
}

static bool who(struct caller *caller, struct arguments none)
{
    struct room *room = caller->session.room;
    struct room_entry entries[WHO_ENTRIES];
    struct buffer out = {0};
    uint64_t after = 0;
    size_t count;
    bool reads = true;
    bool whole = buffer_format(&out, "*** %zu here: ***\n", room_count(room));
    while (whole && reads && (count = room_list(room, after, entries, WHO_ENTRIES)) > 0) {
        after = entries[count - 1].number;
        whole = append_entries(&out, entries, count);
        reads = whole && send_slice(caller, &out, WHO_SLICE_BYTES);
    }
    if (whole)
        send_slice(caller, &out, 1);
    else
        caller_reply(caller, "Out of memory. Not everybody was listed.");
    buffer_free(&out);
    (void)none;
    return true;
}

/* Whether a word is the expected one, without regard to case. */
static bool is_word(struct arguments word, const char *expected)
{
    size_t i = 0;
    while (i < word.length && expected[i] != '\0' &&
           text_lower((unsigned char)word.bytes[i]) == (unsigned char)expected[i])
        i++;
    return i == word.length && expected[i] == '\0';
}

/* Reads "", "on" or "off". Returns false for anything else. */
static bool read_switch(struct arguments word, bool *on)
{
    *on = !is_word(word, "off");
    return word.length == 0 || is_word(word, "on") || !*on;
}

static bool edit(struct caller *caller, struct arguments rest)
{
    bool on;
    if (!read_switch(rest, &on))
        return false;
    caller_edit(caller, on);
    return true;
}

/* A switch of the paint, and its new state. */
struct setting {
    size_t offset;
    bool on;
};

static void change_setting(void *context, const void *what)
{
    struct view *view = context;
    const struct setting *setting = what;
    *(bool *)((char *)&view->paint + setting->offset) = setting->on;
}

static bool set(struct caller *caller, struct arguments rest, size_t offset, const char *name)
{
    struct setting setting = {.offset = offset};
    if (!read_switch(rest, &setting.on))
        return false;
    conn_change_face(caller->conn, change_setting, &caller->view, &setting);
    caller_reply(caller, "%s %s%s", name, setting.on ? "on." : "off.",
                 conn_shows_face(caller->conn) ? "" : " It shows while you /edit.");
    return true;
}

static bool color(struct caller *caller, struct arguments rest)
{
    return set(caller, rest, offsetof(struct paint, color), "Colours are");
}

static bool show_time(struct caller *caller, struct arguments rest)
{
    return set(caller, rest, offsetof(struct paint, time), "The time is");
}

static bool bell(struct caller *caller, struct arguments rest)
{
    return set(caller, rest, offsetof(struct paint, bell), "The bell is");
}

static bool quit(struct caller *caller, struct arguments none)
{
    (void)none;
    outbox_say_last(conn_outbox(caller->conn), PLAIN_GOODBYE_LINE);
    caller->quitting = true;
    return true;
}

static bool help(struct caller *caller, struct arguments rest);

/* Each paragraph fits a screen of 40 by 10. */
static const struct command commands[] = {
    {"/help", "[COMMAND]", OTHER, "lists the commands, or tells more of one.", help, ASKS},
    {"/who", "", PEOPLE, "tells who is here, and how long each has said nothing.", who, ASKS},
    {"/msg", "NAME TEXT", TALK,
     "says TEXT to NAME alone, whose name may be typed in either case. Nobody else sees it, and it "
     "is in no log.",
     msg, SAYS},
    {"/reply", "TEXT", TALK,
     "answers whoever last sent you a private message, even if they have another name by now.",
     reply, SAYS},
    {"/me", "TEXT", TALK, "says what you do: the others see * and your name before TEXT.", me,
     SAYS},
    {"/nick", "NAME", PEOPLE,
     "gives you another name, of letters, digits, emoji, - . _ and ', without blanks.", nick,
     NAMES},
    {"/edit", "[on|off]", SCREEN,
     "has your lines edited here, if your side speaks telnet: what you type stays whole at the "
     "bottom, with arrow keys, a history and TAB. /edit off ends it.",
     edit, ASKS},
    {"/color", "[on|off]", SCREEN, "shows names and notices in colours, or not, while you /edit.",
     color, ASKS},
    {"/time", "[on|off]", SCREEN, "shows the time before each line, or not, while you /edit.",
     show_time, ASKS},
    {"/bell", "[on|off]", SCREEN,
     "rings a bell when somebody names you or writes to you alone, or does not, while you /edit.",
     bell, ASKS},
    {"/quit", "", OTHER, "leaves. So do Ctrl-D at a terminal and Ctrl-C in nc.", quit, SAYS},
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

const char *command_name(size_t i)
{
    return i < COMMAND_COUNT ? commands[i].name : NULL;
}

static const struct command *find_command(struct arguments word)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (is_word(word, commands[i].name))
            return &commands[i];
    return NULL;
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
    bool deaf = outbox_error(outbox) != OUTBOX_OPEN;
    if (deaf && command->kind == ASKS)
        return;
    bool paid = command->kind == SAYS || conn_charge(caller->conn);
    if (deaf && !paid)
        return;
    if (!command->run(caller, rest))
        caller_reply(caller, "Usage: %s %s", command->name, command->arguments);
    if (command->kind == SAYS && outbox_answered(outbox) != answered)
        conn_charge(caller->conn);
}

/*
 * Words from other programs, without a slash, where the command with the nearest spelling is not
 * the one that is meant.
 */
static const struct habit {
    const char *typed, *meant;
} habits[] = {
    {"exit", "quit"},
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
    if (!show(caller, word, shown))
        return;
    if (meant != NULL)
        caller_reply(caller, "Unknown command: %s. Did you mean /%s?", shown, meant);
    else if (path || text_follows)
        caller_reply(caller, "Unknown command: %s. To say it, begin with two slashes.", shown);
    else
        caller_reply(caller, "Unknown command: %s. Type /help.", shown);
}

/*
 * Help.
 */

/* Appends the names of one group, with its head on each row. */
static bool append_group(struct buffer *out, enum command_group group)
{
    const char *head = group_names[group];
    size_t columns = 0;
    bool whole = true;
    for (size_t i = 0; i < COMMAND_COUNT && whole; i++) {
        size_t needed = strlen(" ") + strlen(commands[i].name);
        if (commands[i].group != group)
            continue;
        if (columns > 0 && columns + needed > HELP_COLUMNS) {
            whole = buffer_append_string(out, " ***\n");
            columns = 0;
        }
        if (columns == 0) {
            whole = whole && buffer_format(out, "*** %s:", head);
            columns = strlen(head) + strlen(":");
        }
        whole = whole && buffer_format(out, " %s", commands[i].name);
        columns += needed;
    }
    return whole && buffer_append_string(out, " ***\n");
}

static bool append_help(struct buffer *out)
{
    bool whole = buffer_append_string(out, "*** /help: /help msg for more ***\n");
    for (enum command_group group = TALK; group < GROUPS && whole; group++)
        whole = append_group(out, group);
    return whole && buffer_append_string(out, "*** //TEXT: say /TEXT ***\n");
}

static void list_commands(struct caller *caller)
{
    struct buffer out = {0};
    if (append_help(&out))
        outbox_answer(conn_outbox(caller->conn), buffer_bytes(&out), buffer_length(&out));
    else
        caller_reply(caller, "Out of memory. There is no list now.");
    buffer_free(&out);
}

static void explain(struct caller *caller, const struct command *command)
{
    const char *blank = *command->arguments != '\0' ? " " : "";
    caller_reply(caller, "%s%s%s: %s", command->name, blank, command->arguments, command->help);
}

/* The argument is the name of a command, with or without its slash. */
static bool help(struct caller *caller, struct arguments rest)
{
    char slashed[NAME_SHOWN_MAX + 1] = "/";
    struct arguments word = take_word(&rest);
    if (word.length == 0) {
        list_commands(caller);
        return true;
    }
    if (word.bytes[0] != '/') {
        size_t length = word.length < NAME_SHOWN_MAX ? word.length : NAME_SHOWN_MAX;
        memcpy(slashed + 1, word.bytes, length);
        word = (struct arguments){slashed, length + 1};
    }
    const struct command *command = find_command(word);
    if (command != NULL)
        explain(caller, command);
    else
        refuse_command(caller, word, false);
    return true;
}

void command_obey(struct caller *caller, const char *line, size_t length)
{
    struct arguments rest = {line, length};
    struct arguments word = take_word(&rest);
    const struct command *command = find_command(word);
    caller->knows_commands = true;
    if (command != NULL) {
        run_command(caller, command, rest);
        return;
    }
    if (outbox_error(conn_outbox(caller->conn)) != OUTBOX_OPEN)
        return;
    conn_charge(caller->conn);
    refuse_command(caller, word, rest.length > 0);
}
