/* visiting: what a visitor does with what it gets. */
#include "visitor.h"

#include "complaint.h"
#include "object.h"
#include "visitor_inside.h"

#include <stdlib.h>
#include <string.h>

#define PROMPT      "Enter your name: "
#define PASSWORD    "Password: "
#define YOU_ARE_IN  "*** You are in #"
#define YOU_LEFT    "*** You have left #"
#define YOU_ARE_OUT "*** You have been kicked out of #"

/* A line as it came, and what it is. */
struct heard {
    const char *bytes; /* as people read it, without a room in front */
    size_t length;
    int room;      /* that a program is told, or that stood in front; or EVENT_NO_ROOM */
    bool prefixed; /* a room stood in front */
    uint64_t seq;
    const struct object *object; /* NULL: the client is no program */
};

static bool starts(const char *bytes, size_t length, const char *text)
{
    return length >= strlen(text) && memcmp(bytes, text, strlen(text)) == 0;
}

static bool contains(const char *bytes, size_t length, const char *text)
{
    size_t text_length = strlen(text);

    for (size_t i = 0; i + text_length <= length; i++) {
        if (memcmp(bytes + i, text, text_length) == 0) {
            return true;
        }
    }
    return false;
}

static void visit_wrong(const struct visitor *visitor, const char *what, const struct heard *heard)
{
    char quote[COMPLAINT_QUOTE_BYTES];

    complaint_raise("client %u: %s", (unsigned)visitor->serial, what);
    complaint_add("got      \"%s\"", complaint_quote(heard->bytes, heard->length, quote));
    visitor_describe(visitor);
}

bool visitor_resumes_now(const struct visitor *visitor)
{
    for (unsigned i = 0; i < visitor->command_count; i++) {
        if (visitor->commands[i].kind == COMMAND_RESUME) {
            return true;
        }
    }
    return false;
}

/* Whether a command may have changed the current room that is not answered yet. */
static bool is_shifting(const struct visitor *visitor)
{
    for (unsigned i = 0; i < visitor->command_count; i++) {
        if (visitor->commands[i].kind == COMMAND_JOIN ||
            visitor->commands[i].kind == COMMAND_LEAVE) {
            return true;
        }
    }
    return visitor->odd || visitor->arriving;
}

static struct command command_pop(struct visitor *visitor)
{
    struct command command = visitor->commands[0];

    visitor->command_count--;
    memmove(visitor->commands, visitor->commands + 1,
            visitor->command_count * sizeof *visitor->commands);
    return command;
}

/* Returns the room whose name follows `start`; EVENT_NO_ROOM if there is none. */
static int room_behind(const struct heard *heard, const char *start)
{
    size_t first = strlen(start);
    size_t end = first;

    while (end < heard->length && heard->bytes[end] != ' ' && heard->bytes[end] != '.') {
        end++;
    }
    return event_room(heard->bytes + first, end - first);
}

/*
 * What an answer to /ignore or /unignore says of the rule: it holds from now on, or is off, or may
 * hold, which cannot be counted upon (it ends). Who comes again has whom it ignored on its former
 * stays kept with its name: "already".
 */
static void answer_ignore(struct visitor *visitor, const struct command *command, bool done,
                          bool already)
{
    struct chronicle *chronicle = visitor->chronicle;
    bool begins = command->kind == COMMAND_IGNORE;
    bool holds = begins == done;

    /* Whoever comes again under a name that was ignored when nobody had it is ignored, too. */
    bool later = begins && !holds && chronicle_is_registered(chronicle, command->number);

    chronicle_ignore(chronicle, visitor->serial, command->number,
                     later || already ? RULE_ENDS
                     : holds          ? RULE_HOLDS
                                      : RULE_OFF);
    visitor->dislike.serial = holds ? command->number : 0;
    visitor->ignores_a_name = visitor->ignores_a_name || (begins && !holds);
}

/* Who has taken the place of its former connection was told of all rooms in which it is. */
static void arrival_ends(struct visitor *visitor, const struct heard *heard)
{
    for (int room = 0; room < (int)visitor->rooms && visitor->arriving; room++) {
        if (chronicle_is_in(visitor->chronicle, visitor->serial, room) &&
            (visitor->announced & 1U << room) == 0) {
            visit_wrong(visitor, "it came from elsewhere, and was not told of one of its rooms",
                        heard);
        }
    }
    visitor->arriving = false;
}

/* Handles the answer to the first command that is not answered. */
static void take_answer(struct visitor *visitor, const struct heard *heard)
{
    const struct object *object = heard->object;
    struct command command;

    if (visitor->command_count == 0) {
        visit_wrong(visitor, "a reply to nothing", heard);
        return;
    }
    command = command_pop(visitor);
    switch (command.kind) {
    case COMMAND_IGNORE:
        answer_ignore(visitor, &command,
                      starts(heard->bytes, heard->length, "*** You ignore ") &&
                          contains(heard->bytes, heard->length, " ends it. ***"),
                      contains(heard->bytes, heard->length, " already. ***"));
        break;
    case COMMAND_UNIGNORE:
        answer_ignore(visitor, &command, contains(heard->bytes, heard->length, " any more. ***"),
                      false);
        break;
    case COMMAND_QUIET_ON:
    case COMMAND_QUIET_OFF:
        visitor->is_quiet = command.kind == COMMAND_QUIET_ON;
        chronicle_quiet(visitor->chronicle, visitor->serial,
                        visitor->is_quiet ? RULE_HOLDS : RULE_OFF);
        break;
    case COMMAND_SYNC:
        if (!contains(heard->bytes, heard->length, "Synced: all")) {
            visit_wrong(visitor, "no answer to /sync", heard);
        }
        visitor->syncs++;
        arrival_ends(visitor, heard);
        chronicle_acknowledged(visitor->chronicle, visitor->serial, command.number);
        break;
    case COMMAND_REGISTER:
        visitor->registered = contains(heard->bytes, heard->length, " is yours now. ***");
        if (!visitor->registered) {
            visit_wrong(visitor, "its name does not become its own", heard);
        }
        break;
    case COMMAND_SEARCH:
        if (!visitor->found) {
            visit_wrong(visitor, "/search does not find what it has said", heard);
        }
        break;
    case COMMAND_RESUME:
        chronicle_resumed(visitor->chronicle, visitor->serial, command.room,
                          object == NULL || strcmp(object->code, "resumed") != 0);
        break;
    case COMMAND_OTHER:
    case COMMAND_JOIN:
    case COMMAND_LEAVE:
    case COMMAND_HISTORY:
        break;
    }
}

/* It is told that it is in a room, which is the current one from now on. */
static enum chronicle_answer take_arrival(struct visitor *visitor, int room)
{
    bool asked = visitor->command_count > 0 && visitor->commands[0].kind == COMMAND_JOIN;

    if (chronicle_arrive(visitor->chronicle, visitor->serial, room) == CHRONICLE_LATER) {
        return CHRONICLE_LATER;
    }
    visitor->current = room;
    visitor->announced |= 1U << room;
    if (visitor->stage == VISITOR_COMES) {
        visitor->stage = VISITOR_IS_HERE;
        visitor->arriving = true;
        visitor_sync(visitor);
    } else if (visitor->odd) {
        visitor->odd = false;
    } else if (asked) {
        command_pop(visitor);
    }
    return CHRONICLE_TAKEN;
}

static enum chronicle_answer take_departure(struct visitor *visitor, const struct heard *heard)
{
    static const char joint[] = ". You are in #";
    int room = room_behind(heard, YOU_LEFT);

    if (chronicle_depart(visitor->chronicle, visitor->serial, room) == CHRONICLE_LATER) {
        return CHRONICLE_LATER;
    }
    for (size_t i = strlen(YOU_LEFT); i + sizeof joint < heard->length; i++) {
        if (memcmp(heard->bytes + i, joint, sizeof joint - 1) == 0) {
            struct heard rest = {.bytes = heard->bytes + i, .length = heard->length - i};

            visitor->current = room_behind(&rest, joint);
            break;
        }
    }
    take_answer(visitor, heard);
    return CHRONICLE_TAKEN;
}

static void take_expulsion(struct visitor *visitor, int room)
{
    chronicle_expelled(visitor->chronicle, visitor->serial, room);
    visitor->odd = room == visitor->current;
}

static bool is_refusal(const struct heard *heard)
{
    if (heard->object != NULL) {
        return strcmp(heard->object->code, "muted") == 0 ||
               strcmp(heard->object->code, "moderated") == 0;
    }
    return contains(heard->bytes, heard->length, "Nothing was sent. ***");
}

/* What the server says without being asked, and what tells nothing. */
static bool is_remark(const struct visitor *visitor, const struct heard *heard)
{
    return starts(heard->bytes, heard->length, "*** You are not away any more. ***") ||
           starts(heard->bytes, heard->length, "*** Nobody else is here. ***") ||
           (visitor->registered && contains(heard->bytes, heard->length, " name you. ***")) ||
           /* A program is answered so to what it says by a command, and behind a welcome. */
           (heard->object != NULL && starts(heard->bytes, heard->length, "*** Done. ***"));
}

/* Its connection closes for another reason than that it has left. */
static bool take_last(struct visitor *visitor, const struct heard *heard)
{
    if (starts(heard->bytes, heard->length, "*** You have come in from elsewhere. ***")) {
        if (!wire_is_open(&visitor->next) || visitor->replaced) {
            visit_wrong(visitor, "it has not come in from elsewhere", heard);
        }
        visitor->replaced = true;
        return true;
    }
    if (starts(heard->bytes, heard->length, "*** You have been kicked by ")) {
        if (visitor->stage == VISITOR_IS_HERE) {
            chronicle_outlawed(visitor->chronicle, visitor->serial);
        }
        visitor->stage = VISITOR_LEAVES;
        visitor->farewell = true;
        return true;
    }
    return false;
}

static enum chronicle_answer take_reply(struct visitor *visitor, const struct heard *heard)
{
    if (take_last(visitor, heard)) {
        return CHRONICLE_TAKEN;
    }
    if (visitor->wrong && visitor->stage == VISITOR_COMES &&
        starts(heard->bytes, heard->length, "*** That is not the password of ")) {
        visitor->wrong = false;
        return CHRONICLE_TAKEN;
    }
    if (starts(heard->bytes, heard->length, YOU_LEFT)) {
        return take_departure(visitor, heard);
    }
    if (heard->object == NULL && starts(heard->bytes, heard->length, YOU_ARE_IN)) {
        return take_arrival(visitor, room_behind(heard, YOU_ARE_IN));
    }
    if (starts(heard->bytes, heard->length, YOU_ARE_OUT)) {
        take_expulsion(visitor, room_behind(heard, YOU_ARE_OUT));
    } else if (is_refusal(heard)) {
        chronicle_refused(visitor->chronicle, visitor->serial);
    } else if (starts(heard->bytes, heard->length, "*** Goodbye. ***")) {
        visitor->farewell = true;
    } else if (!is_remark(visitor, heard)) {
        take_answer(visitor, heard);
    }
    return CHRONICLE_TAKEN;
}

/* Whether the server must know whose line it was: the store has names, and no persons. */
static bool is_known_again(const struct visitor *visitor, const struct event *event)
{
    char name[SCRIPT_NAME_BYTES];

    script_name(event->serial, event->name, name);
    return !visitor->accounts || strcmp(name, visitor->dislike.name) == 0;
}

/* What /history shows of the current room is in order, without gaps but for who is ignored. */
static bool is_in_order(const struct visitor *visitor, uint64_t seq)
{
    bool whole = visitor->dislike.serial == 0 && !visitor->ignores_a_name;

    return seq > visitor->past && (visitor->past == 0 || !whole || seq == visitor->past + 1);
}

/* What is shown again is checked by its number, and has no place in what the reader gets. */
static enum chronicle_answer take_past(struct visitor *visitor, const struct heard *heard,
                                       const struct event *event)
{
    struct event wanted;
    uint64_t seq = heard->seq;

    if (seq > chronicle_last(visitor->chronicle, heard->room)) {
        return CHRONICLE_LATER;
    }
    if (chronicle_find(visitor->chronicle, heard->room, seq, &wanted) &&
        !event_equals(&wanted, event)) {
        visit_wrong(visitor, "what is shown again is not what was said", heard);
    }
    if (visitor->command_count > 0 && visitor->commands[0].kind == COMMAND_SEARCH) {
        visitor->found = visitor->found || (event->serial == visitor->serial &&
                                            event->number == visitor->commands[0].number);
    } else if (!is_in_order(visitor, seq)) {
        visit_wrong(visitor, "what is shown again is out of order, or has gaps", heard);
    }
    if (chronicle_ignores(visitor->chronicle, visitor->serial, event->serial) == RULE_HOLDS &&
        is_known_again(visitor, event)) {
        visit_wrong(visitor, "what somebody has said whom it ignores is shown again", heard);
    }
    visitor->past = seq;
    return CHRONICLE_TAKEN;
}

static enum chronicle_answer take_event(struct visitor *visitor, const struct heard *heard,
                                        struct event *event)
{
    bool shifting = is_shifting(visitor);

    if (heard->object != NULL && heard->object->past) {
        return take_past(visitor, heard, event);
    }
    if (event->kind == EVENT_KICK && event->serial == visitor->serial) {
        take_expulsion(visitor, event->room);
        return CHRONICLE_TAKEN;
    }
    if (event->room == EVENT_NO_ROOM) {
        event->room = heard->room;
    }
    if (chronicle_hear(visitor->chronicle, visitor->serial, event, heard->seq) == CHRONICLE_LATER) {
        return CHRONICLE_LATER;
    }
    if (heard->object == NULL && !event_is_everywhere(event) && !shifting &&
        heard->prefixed != (event->room != visitor->current)) {
        visit_wrong(visitor, "the line seems to be of another room than its own", heard);
    }
    return CHRONICLE_TAKEN;
}

static enum chronicle_answer take_heard(struct visitor *visitor, const struct heard *heard)
{
    struct event event;

    if (event_read(visitor->seed, heard->bytes, heard->length, &event)) {
        return take_event(visitor, heard, &event);
    }
    if (heard->prefixed || !starts(heard->bytes, heard->length, "*** ")) {
        visit_wrong(visitor, "a line of no known form", heard);
        return CHRONICLE_TAKEN;
    }
    return take_reply(visitor, heard);
}

static enum chronicle_answer take_welcome(struct visitor *visitor, int room)
{
    if (visitor->stage != VISITOR_COMES || visitor->took_over) {
        return take_arrival(visitor, room);
    }
    if (chronicle_arrive(visitor->chronicle, visitor->serial, 0) == CHRONICLE_LATER) {
        return CHRONICLE_LATER;
    }
    visitor->stage = VISITOR_IS_HERE;
    if (visitor->account && !visitor->registered) {
        visitor_register(visitor);
    }
    return CHRONICLE_TAKEN;
}

static void take_prompt(struct heard *heard, const char *prompt)
{
    if (starts(heard->bytes, heard->length, prompt)) {
        heard->bytes += strlen(prompt);
        heard->length -= strlen(prompt);
    }
}

/* A line of a plain client, perhaps with the prompt or a room in front. */
static enum chronicle_answer take_plain(struct visitor *visitor, const char *bytes, size_t length)
{
    struct heard heard = {bytes, length, EVENT_NO_ROOM, false, 0, NULL};
    const char *blank;

    if (visitor->replaced) {
        visit_wrong(visitor, "a line behind the last one", &heard);
        return CHRONICLE_TAKEN;
    }
    take_prompt(&heard, PROMPT);
    take_prompt(&heard, PASSWORD);
    if (starts(heard.bytes, heard.length, "*** Welcome, ")) {
        return take_welcome(visitor, 0);
    }
    blank = memchr(heard.bytes, ' ', heard.length);
    if (heard.length > 0 && heard.bytes[0] == '#' && blank != NULL) {
        size_t name = (size_t)(blank - heard.bytes) - 1;

        heard.room = event_room(heard.bytes + 1, name);
        heard.prefixed = true;
        heard.bytes += name + 2;
        heard.length -= name + 2;
    }
    return take_heard(visitor, &heard);
}

static enum chronicle_answer take_object(struct visitor *visitor, const char *bytes, size_t length)
{
    static struct object object;
    struct heard heard = {bytes, length, EVENT_NO_ROOM, false, 0, &object};

    if (!object_read(bytes, length, &object)) {
        if (visitor->stage != VISITOR_COMES) {
            visit_wrong(visitor, "no object", &heard);
        }
        return CHRONICLE_TAKEN;
    }
    if (object.type == OBJECT_WELCOME) {
        return take_welcome(visitor, object.room);
    }
    if (visitor->replaced) {
        visit_wrong(visitor, "an object behind the last one", &heard);
        return CHRONICLE_TAKEN;
    }
    if (visitor->stage == VISITOR_COMES && object.type != OBJECT_EVENT) {
        return CHRONICLE_TAKEN; /* the prompt, and the answer to /machine */
    }
    if (object.type == OBJECT_EVENT || object.type == OBJECT_REPLY) {
        heard = (struct heard){
            object.line.bytes, object.line.length, object.room, false, object.seq, &object};
        return take_heard(visitor, &heard);
    }
    if (object.type == OBJECT_BYE) {
        heard.bytes =
            strcmp(object.code, "replaced") == 0 ? "*** You have come in from elsewhere. ***"
            : strcmp(object.code, "kicked") == 0 ? "*** You have been kicked by somebody ***"
                                                 : "";
        heard.length = strlen(heard.bytes);
        visitor->farewell = !take_last(visitor, &heard) || visitor->stage == VISITOR_LEAVES;
    } else {
        /* The answers to /who and /sync. */
        if (object.type == OBJECT_SYNC) {
            heard.bytes = "*** Synced: all ***";
            heard.length = strlen(heard.bytes);
        }
        if (object.type == OBJECT_SYNC || !contains(bytes, length, "\"more\":true")) {
            take_answer(visitor, &heard);
        }
    }
    return CHRONICLE_TAKEN;
}

/* The server has closed the connection, and everything is handled. */
static void reached_end(struct visitor *visitor)
{
    const struct heard nothing = {"", 0, EVENT_NO_ROOM, false, 0, NULL};

    if (visitor->replaced && wire_is_open(&visitor->next)) {
        visitor_switch(visitor);
        return;
    }
    if (visitor->stage != VISITOR_LEAVES) {
        visit_wrong(visitor, "the connection has ended", &nothing);
    } else if (chronicle_end(visitor->chronicle, visitor->serial) == CHRONICLE_LATER) {
        return;
    } else if (!visitor->farewell) {
        visit_wrong(visitor, "it has left, and got no goodbye", &nothing);
    }
    wire_close(&visitor->wire, false);
    visitor->stage = VISITOR_ABSENT;
}

void visitor_digest(struct visitor *visitor)
{
    const char *bytes;
    size_t length;

    while (visitor->stage != VISITOR_ABSENT && !complaint_enough()) {
        if (!wire_line(&visitor->wire, &bytes, &length)) {
            if (!visitor->wire.ended) {
                return;
            }
            reached_end(visitor);
            if (visitor->stage != VISITOR_COMES) {
                return;
            }
            continue;
        }
        if ((visitor->program ? take_object : take_plain)(visitor, bytes, length) ==
            CHRONICLE_LATER) {
            return;
        }
        wire_next(&visitor->wire);
    }
}
