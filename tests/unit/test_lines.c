/*
 * Whether any two kinds of line that the server writes can look alike, whatever people are called
 * and whatever they say. A kind is a pattern; two of them are followed at once, character by
 * character, with each character taken for what it looks like.
 *
 * That no kind is missing here, tests/integration/39-kinds-of-line.t sees to.
 */
#include "suites.h"

#include "base/text.h"
#include "base/unicode.h"
#include "chat/name.h"
#include "doors/plain/prompt.h"

#include <CUnit/CUnit.h>
#include <string.h>

#define ROWS(table) (sizeof table / sizeof *table)

/* In a pattern, one of these stands for anything of its sort; all else stands for itself. */
enum {
    NAME = '\1', /* somebody's name */
    TEXT = '\2', /* what somebody says, or any words; something at least */
    WORD = '\3', /* the same without a blank */
    PEER = '\4', /* an address with its port, "unix", or the name of a machine */
    MANY = '\5'  /* digits */
};

/* What a client gets. */
static const char *const sent[] = {
    "\1: \2",
    "* \1 \2",
    "[private] \1: \2",
    "Disconnected: idle timeout.",
    "Enter your name: \2",
    "Password: ",
    "New password: ",
    "\1: ",   /* what somebody says that shows nothing, as U+2800 does not */
    "\1> \2", /* what is typed at a terminal */
    "(search) \2",
    "(search: \2) \2",
    "(not found: \2) \2",
    "(\5 lines pasted) \2",
    "*** Welcome, \1. Type /help for commands. Here now: \2. ***",
    "*** \1 has joined the chat ***",
    "*** \1 has left the chat ***",
    "*** \1 has left. ***",
    "*** \1 has been kicked by \1 ***",
    "*** \1 has been kicked by \1: \2 ***",
    "*** \1 is now known as \1 ***",
    "*** \5 joined, \5 left; \5 here ***",
    "*** \5 here: ***",
    "*** \5 machines: ***",
    "*** \5 machine: ***",
    "*** \4, \5 here, heard \2 behind ***",
    "*** \4, since \5-\5-\5 \5:\5, \5 here, heard \2 behind ***",
    "*** \4, this one, \5 here, heard \2 behind ***",
    "*** \4, this one, since \5-\5-\5 \5:\5, \5 here, heard \2 behind ***",
    "*** This server is the only one: it was started without --cluster. ***",
    "*** \5-\5-\5 ***",
    "*** \1, idle \5 s ***",
    "*** \1, idle \5 min ***",
    "*** \1, idle \5 h ***",
    "*** \1, idle \5 s, away ***",
    "*** \1, idle \5 min, away ***",
    "*** \1, idle \5 h, away ***",
    "*** \1, idle \5 s, away: \2 ***",
    "*** \1, idle \5 min, away: \2 ***",
    "*** \1, idle \5 h, away: \2 ***",
    "*** \1 is away. ***",
    "*** \1 is away: \2. ***",
    "*** You are away. What you say next ends it. ***",
    "*** You are away: \2. What you say next ends it. ***",
    "*** You are not away any more. ***",
    "*** That is too long: the limit is \5 bytes. ***",
    "*** Nobody is ignored. ***",
    "*** You ignore \1. ***",
    "*** You ignore \1, now called \1. ***",
    "*** You ignore \1. /unignore \1 ends it. ***",
    "*** You ignore \1, who is not here now. ***",
    "*** You ignore \1 already. ***",
    "*** You ignore \1 until you leave: that could not be stored. Try again later. ***",
    "*** You do not ignore \1 until you leave: that could not be stored. Try again later. ***",
    "*** You do not ignore \1. ***",
    "*** You do not ignore \1 any more. ***",
    "*** You ignore \5 people, which is the limit. /unignore NAME ends one. ***",
    "*** You cannot ignore yourself. ***",
    "*** Comings and goings are \2 ***",
    "*** The name \1 is taken. ***",
    "*** That name looks like \1, who is here. ***",
    "*** The name \1 is banned. ***",
    "*** That name is the server's own. ***",
    "*** That name is not valid UTF-8. ***",
    "*** That name is too long: the limit is \5 characters. ***",
    "*** A name \2 ***", /* and a name behind it, as in " How about Ann_Smith?" */
    "*** A letter in a name \2 ***",
    "*** An accent \2 ***",
    "*** What joins \2 ***",
    "*** There is no one here called \3. ***",
    "*** Nobody has sent you a private message yet. ***",
    "*** Nobody else is here. ***",
    "*** You are called \1 already. ***",
    "*** You are editing already. /edit off ends it. ***",
    "*** You will be disconnected in 1 minute unless you type something. ***",
    "*** They have left. \2 ***",
    "*** Out of memory. \2 ***",
    "*** Line too long: the limit is \5 bytes. Nothing was sent. ***",
    "*** Editing is on. /edit off ends it. ***",
    "*** Editing is off. ***",
    "*** You seem to be at a terminal. Type /edit for a line that stays whole. ***",
    "*** Your terminal does not answer any more. Goodbye. ***",
    "*** Your side did not agree: it must be telnet at a terminal. ***",
    "*** Colours are \2 ***",
    "*** The time is \2 ***",
    "*** The bell is \2 ***",
    "*** To leave, type /quit. ***",
    "*** \5 lines pasted. Enter sends them, Ctrl-C drops them. ***",
    "*** What was pasted is dropped. ***",
    "*** Paste too long: the limit is \5 bytes. Nothing was sent. ***",
    "*** There is no message of the day. ***",
    "*** Goodbye. ***",
    "*** Yes, I am here. ***",
    "*** Synced ***",
    "*** Synced: \3 ***",
    "*** Usage: \2 ***",
    "*** //TEXT: say /TEXT ***",
    "*** /help talk or msg: more ***",
    "*** /help [GROUP|COMMAND]: \2 ***",
    "*** /motd: \2 ***",
    "*** /quit: \2 ***",
    "*** /history [N] [HH:MM]: \2 ***",
    "*** /search WORDS: \2 ***",
    "*** /more: \2 ***",
    "*** /resume ROOM SEQ: \2 ***",
    "*** /who [ROOM]: \2 ***",
    "*** /nick NAME: \2 ***",
    "*** /away [TEXT]: \2 ***",
    "*** /ignore [NAME]: \2 ***",
    "*** /unignore NAME: \2 ***",
    "*** /quiet [on|off]: \2 ***",
    "*** /sync [TOKEN]: \2 ***",
    "*** /machine on: \2 ***",
    "*** /join ROOM [KEY]: \2 ***",
    "*** /leave [ROOM]: \2 ***",
    "*** /rooms: \2 ***",
    "*** /topic [TEXT]: \2 ***",
    "*** /invite NAME: \2 ***",
    "*** /kick NAME [REASON]: \2 ***",
    "*** /room [hidden|open|key KEY|key none|members|anyone|keep|forget [ROOM]]: \2 ***",
    "*** /edit [on|off]: \2 ***",
    "*** /color [on|off]: \2 ***",
    "*** /time [on|off]: \2 ***",
    "*** /bell [on|off]: \2 ***",
    "*** /msg NAME TEXT: \2 ***",
    "*** /reply TEXT: \2 ***",
    "*** /me TEXT: \2 ***",
    "*** Talk: /\2 ***",
    "*** People: /\2 ***",
    "*** Screen: /\2 ***",
    "*** Places: /\2 ***",
    "*** Past: /\2 ***",
    "*** Order: /\2 ***",
    "*** Other: /\2 ***",
    "*** Unknown command: \3. Did you mean \2? ***",
    "*** Unknown command: \3. To say it, begin with two slashes. ***",
    "*** Unknown command: \3. Type /help. ***",
    "*** The chat is full. Try again later. ***",
    "*** Too many connections from your address. ***",
    "*** Too many names were registered from your address. Try again later. ***",
    "*** Too many wrong passwords from your address. Try again later. ***",
    "*** That is not the password. ***",
    "*** You are banned ***",
    "*** You are banned: \2 ***",
    "*** You are banned until \2 UTC ***",
    "*** You are banned until \2 UTC: \2 ***",
    "*** The server is shutting down. ***",
    "#\1 \1: \2", /* from rooms that are not the current one */
    "#\1 * \1 \2",
    "#\1 *** \1 has joined the chat ***",
    "#\1 *** \1 has joined #\1 ***",
    "#\1 *** \1 has left #\1 ***",
    "#\1 *** \1 has been kicked out of #\1 by \1 ***",
    "#\1 *** \1 has been kicked out of #\1 by \1: \2 ***",
    "#\1 *** \1 has set the topic: \2 ***",
    "#\1 *** \1 has removed the topic ***",
    "#\1 *** \1 has hidden this room ***",
    "#\1 *** \5 joined, \5 left; \5 here ***",
    "#\1 \1> \2", /* what is typed there */
    "#\1 [\5:\5] \1: \2",
    "#\1 [\5:\5] * \1 \2",
    "[\5:\5] \1: \2",
    "[\5:\5] * \1 \2",
    "*** \5 lines are missing here ***",
    "*** \5 line is missing here ***",
    "*** \1 has joined #\1 ***",
    "*** \1 has left #\1 ***",
    "*** \1 has been kicked out of #\1 by \1 ***",
    "*** \1 has been kicked out of #\1 by \1: \2 ***",
    "*** You have been kicked out of #\1 by \1 ***",
    "*** You have been kicked out of #\1 by \1: \2 ***",
    "*** You have been kicked by \1 ***",
    "*** You have been kicked by \1: \2 ***",
    "*** You have not made #\1, and only operators keep order in other rooms. ***",
    "*** That is you. /leave leaves a room, /quit the chat. ***",
    "*** \1 is an operator, who keeps order here. ***",
    "*** \1 is not in #\1. ***",
    "*** \1 is kicked. ***",
    "*** \1 is kicked out of #\1. ***",
    "*** \1 has set the topic: \2 ***",
    "*** \1 has removed the topic ***",
    "*** \1 has hidden this room ***",
    "*** \1 has made this room open to see ***",
    "*** \1 has set a key for this room ***",
    "*** \1 has removed the key of this room ***",
    "*** \1 lets only who is invited into this room ***",
    "*** \1 lets anyone into this room ***",
    "*** \1 keeps this room when nobody is here ***",
    "*** \1 lets this room go when nobody is here ***",
    "*** \1 has made this room moderated: /hand asks for the floor ***",
    "*** \1 lets everyone speak in this room ***",
    "*** \1 gives the floor to \1 ***",
    "*** \1 takes the floor from \1 ***",
    "*** \1 asks for the floor in #\1: /floor \1 ***",
    "*** \1 is muted. ***",
    "*** \1 is muted until \2. ***",
    "*** \1 is muted in #\1. ***",
    "*** \1 is muted in #\1 until \2. ***",
    "*** \1 is not muted. ***",
    "*** \1 is not muted any more. ***",
    "*** \1 has not been given the floor. ***",
    "*** #\1 is moderated: /floor NAME gives the floor. ***",
    "*** #\1 is moderated: /hand asks for the floor. Nothing was sent. ***",
    "*** #\1 is not moderated any more. ***",
    "*** You are muted. Nothing was sent. ***",
    "*** You are muted until \2. Nothing was sent. ***",
    "*** You are muted in #\1. Nothing was sent. ***",
    "*** You are muted in #\1 until \2. Nothing was sent. ***",
    "*** You are muted, and keep your name. ***",
    "*** You are muted until \2, and keep your name. ***",
    "*** You may speak in #\1. ***",
    "*** You have asked for the floor in #\1. ***",
    "*** Nobody is in #\1 who could give you the floor. ***",
    "*** Everybody comes into #\1, so it stays open. ***",
    "*** /mute NAME [DURATION] | #ROOM: \2 ***",
    "*** /unmute NAME | #ROOM: \2 ***",
    "*** /floor NAME [off]: \2 ***",
    "*** /hand: \2 ***",
    "*** \1 invites you to #\1: /join \1 ***",
    "*** \1 is invited to #\1. ***",
    "*** \1 is in #\1 already. ***",
    "*** You are in #\1. Topic: \2. Here now: \2. ***",
    "*** You are in #\1. Here now: \2. ***",
    "*** You are in \5 rooms, and cannot be in more. /leave one first. ***",
    "*** You are not in #\1. ***",
    "*** You have left #\1. You are in #\1. ***",
    "*** You have not made #\1, so you cannot change it. ***",
    "*** The name of a room \2 ***",
    "*** #\1: \2 ***",
    "*** #\1, \5 here ***",
    "*** #\1, \5 here: \2 ***",
    "*** #\1 has no topic. ***",
    "*** #\1 is by invitation only. ***",
    "*** #\1 is the only room that you are in. /quit leaves the chat. ***",
    "*** #\1 is resumed. ***",
    "*** #\1 needs a key: /join \1 KEY ***",
    "*** Room #\1 is \2. ***",
    "*** #\1 is kept no more. ***",
    "*** You keep \5 rooms, and no more. /room forget ROOM lets one go. ***",
    "*** #\1 is not kept, as your name is not registered. ***",
    "*** #\1 is always there. ***",
    "*** No room #\1 is kept. ***",
    "*** That could not be stored: it holds until the server ends. Try again later. ***",
    "*** This server keeps no rooms. ***",
    "*** That is not the key of #\1. ***",
    "*** That key is too long: the limit is \5 bytes. ***",
    "*** That topic is too long: the limit is \5 bytes. ***",
    "*** There are as many rooms as there may be. /rooms lists them. ***",
    "*** There is no room #\1. ***",
    "*** There is no word to search for. ***",
    "*** There is nothing more: /search finds something first. ***",
    "*** Nothing is known of what was said in #\2. ***",
    "*** This server keeps only the last lines: /history shows them. ***",
    "*** Nobody has said that, or it is not kept any more. ***",
    "*** That was all. ***",
    "*** Only people whom you ignore said that so far. /more looks further. ***",
    "*** Too many others are searching. Try again in a moment. ***",
    "*** What was said cannot be read now. Try again later. ***",
    "*** What was said before cannot be read now. Try again later. ***",
    "*** What followed \5 is not kept. The first that is kept is \5. ***",
    "*** Everything was handed over, but the server could not store all of it. ***",
    "*** \5 room: ***",
    "*** \5 rooms: ***",
    "*** \5 messages. ***",
    "*** \5 message. ***",
    "*** Places: /\2 ***",
    "*** Order: /\2 ***",
    "*** /ban NAME|ADDRESS[/PREFIX] [DURATION] [REASON]: \2 ***",
    "*** /unban NAME|ADDRESS[/PREFIX]: \2 ***",
    "*** /bans: \2 ***",
    "*** Only operators may do that. ***",
    "*** \1, to all: \2 ***",
    "*** Only registered names are let in now. ***",
    "*** Lockdown is on: only registered names are let in. ***",
    "*** Lockdown is off: everybody is let in. ***",
    "*** /wall TEXT: \2 ***",
    "*** /lockdown on|off: \2 ***",
    "*** A duration is a number and s, m, h, d or w, as in 30s or 7d; at most 3650d. ***",
    "*** Banned: \2 ***",
    "*** Banned until \2 UTC: \2 ***",
    "*** Muted: \2 ***",
    "*** Muted until \2 UTC: \2 ***",
    "*** Nobody is banned or muted. ***",
    "*** The ban of \3 is lifted. ***",
    "*** The ban of \3 is lifted. One of \3 holds: /unban \3 ***",
    "*** There is no ban of \3. ***",
    "*** There is no ban of \3, but one of \3. ***",
    "*** There are \5 bans and mutes, and cannot be more. /bans lists them. ***",
    "*** That is your own address, or has it in it. ***",
    "*** That is no address. One is as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/48. ***",
    "*** That is your own name, or looks like it. ***",
    "*** Past: /\2 ***",
    "*** The name \1 is yours now. ***",
    "*** The name \1 is yours already. ***",
    "*** The name \1 is nobody's. /register makes it yours. ***",
    "*** The name \1 is nobody's now. ***",
    "*** The name \1 is not registered. ***",
    "*** The name \1 was registered just now. ***",
    "*** That name looks like \1, which is registered. ***",
    "*** That is not the password of \1. ***",
    "*** A password has \5 characters at least. ***",
    "*** A password has \5 bytes at most. ***",
    "*** Your password is changed. ***",
    "*** Names cannot be registered here: the server keeps nothing. ***",
    "*** Registered names cannot be looked up now. Try again later. ***",
    "*** The server is busy with others. Try again in a moment. ***",
    "*** You have come in from elsewhere. ***",
    "*** You are here as \1 already, and that connection does not end yet. Try again. ***",
    "*** Only who has a registered name was here before: /register makes it yours. ***",
    "*** Nothing was said in your rooms since you were here. ***",
    "*** \5 lines since \2, \5 name you. ***",
    "*** \5 line since \2, \5 names you. ***",
    "*** \1 is here. ***",
    "*** \1 was last here on \2 at \2. ***",
    "*** \1 is not here. Your message is kept. ***",
    "*** \1 is not here, and no more messages of yours are kept. Nothing was sent. ***",
    "*** \1 is not here, and nothing can be kept now. Nothing was sent. ***",
    "*** \1 is an operator now. ***",
    "*** \1 is no operator any more. ***",
    "*** \1 is an operator already. ***",
    "*** \1 is no operator. ***",
    "*** \1 is an operator by the server's options. ***",
    "*** \1 has made you an operator ***",
    "*** \1 has decided that you are no operator any more ***",
    "*** The link to the other machines is down. \2 ***",
    "*** The link is back. ***",
    "*** Not sent: the link to the other machines is down. ***",
    "*** /register [PASSWORD]: \2 ***",
    "*** /password [OLD NEW]: \2 ***",
    "*** /unregister [PASSWORD]: \2 ***",
    "*** /seen NAME: \2 ***",
    "*** /missed: \2 ***",
    "*** /op NAME: \2 ***",
    "*** /deop NAME: \2 ***",
};

/* What the log gets. */
static const char *const logged[] = {
    "Chat server running on \2",
    "This server stays root; with --user USER it becomes USER",
    "The setting \2 has changed: \2",
    "The setting \2 takes a restart: \2",
    "The settings stay as they are: \2",
    "Cannot open the file of --log: \2. The log stays where it is.",
    "Cannot change the operators: out of memory. They stay who they are.",
    "Cannot read the files of TLS again: \2. What was read before stays.",
    "The files of TLS were read again",
    "See to the files of TLS: \2",
    "Cannot read the file of \2 again: \2. What was read before stays.",
    "\1 (\4) has joined",
    "\1: \2",
    "* \1 \2",
    "#\1 \1: \2",
    "#\1 * \1 \2",
    "\1 (\4) has joined #\1",
    "\1 (\4) has left #\1",
    "\1 (\4) has left #\1: kicked by \1",
    "\1 (\4) has left #\1: kicked by \1: \2",
    "\1 has kicked \1 (\4)",
    "\1 has banned \2", /* whom, until when and why */
    "\1 has lifted the ban of \3",
    "\1 has turned the lockdown \3",
    "*** \1, to all: \2 ***",
    "\1 has muted \1 (\4)",
    "\1 has muted \1 (\4) until \2",
    "\1 has muted \1 (\4) in #\1",
    "\1 has muted #\1",
    "\1 has unmuted #\1",
    "\1 has unmuted \1",
    "\1 has unmuted \1 (\4) in #\1",
    "\1 has given the floor to \1 (\4) in #\1",
    "\1 has taken the floor from \1 (\4) in #\1",
    "Cannot read the bans and mutes of the data file.",
    "The data file could not be written to the end; \5 more messages are missing in it.",
    "Cannot store the room #\1.",
    "Cannot store the change of a ban or mute of \3.",
    "\1 has kicked \1 (\4): \2",
    "\1 has kicked \1 (\4) out of #\1",
    "\1 has kicked \1 (\4) out of #\1: \2",
    "\1 is now known as \1",
    "\1 (\4) has left: \2",
    "\4 was refused: \2",
    "password failed: (\4)",
    "login failed: \1 (\4)",
    "Nobody has registered \1 of --operator yet: whoever does so first keeps order.",
    "\1 (\4) has registered the name",
    "\1 (\4) has changed the password",
    "\1 (\4) has given up the name",
    "\1 (\4) has come in from elsewhere: \4",
    "The link to the other machines is \2",
    "The stream has lost messages: \2. It is read anew, and all users come in anew",
    "The stream was read anew",
    "The stream cannot be read anew: \2",
    "Waiting for the cluster: \2",
    "*** Machine \2 ***",
    "Snapshot \5 is left out: \2",
    "A snapshot is not kept: \2",
    "Message \5 of the stream is left out: \2",
    "This machine leaves the cluster: \2",
    "\1 has made \1 an operator",
    "\1 has made \1 no operator",
    "*** \5 events are missing here ***",
    "*** 1 event is missing here ***",
};

/* A set of what characters can look like: each of ASCII, and all else together as the last. */
struct looks {
    bool has[0x81];
};

/* One step of a pattern: a character of a set; or as many as there are, none too. */
struct step {
    struct looks looks;
    bool repeats;
};

enum { STEPS_MAX = 160 };

struct pattern {
    struct step steps[STEPS_MAX];
    size_t count;
};

/* Adds what a character looks like in lower case to a set. */
static void add_looks(struct looks *looks, uint32_t character)
{
    uint32_t room[64] = {character};
    struct unicode_text text = {room, 1, ROWS(room)};
    CU_ASSERT_TRUE_FATAL(unicode_skeleton(&text) && unicode_caseless(&text));
    for (size_t i = 0; i < text.count; i++)
        looks->has[room[i] < 0x80 ? room[i] : 0x80] = true;
}

static void add_all_looks(struct looks *looks, const char *characters)
{
    for (; *characters != '\0'; characters++)
        add_looks(looks, (unsigned char)*characters);
}

/* What the characters of names look like; and those that a name may end with. */
static struct looks in_names, ending_names;

static bool covers(const struct looks *all, const struct looks *some)
{
    for (size_t i = 0; i < ROWS(all->has); i++)
        if (some->has[i] && !all->has[i])
            return false;
    return true;
}

static bool is_name(const char *name)
{
    return name_fault(name, strlen(name)) == NULL;
}

static void find_looks_of_names(void)
{
    in_names = ending_names = (struct looks){{false}};
    for (uint32_t character = ' '; character <= 0x10FFFF; character++) {
        struct looks looks = {{false}};
        char name[NAME_SIZE] = "a";
        if (unicode_properties(character) == 0)
            continue;
        add_looks(&looks, character);
        name[1 + text_encode(character, name + 1)] = '\0';
        if (!covers(&ending_names, &looks) && is_name(name))
            add_looks(&ending_names, character);
        strcat(name, "a");
        if (!covers(&in_names, &looks) && is_name(name))
            add_looks(&in_names, character);
    }
}

static void add_step(struct pattern *pattern, const struct looks *looks, bool repeats)
{
    CU_ASSERT_TRUE_FATAL(pattern->count < STEPS_MAX);
    pattern->steps[pattern->count++] = (struct step){*looks, repeats};
}

static void add_literal(struct pattern *pattern, char character)
{
    uint32_t room[8] = {(unsigned char)character};
    struct unicode_text text = {room, 1, ROWS(room)};
    CU_ASSERT_TRUE_FATAL(unicode_skeleton(&text) && unicode_caseless(&text));
    for (size_t i = 0; i < text.count; i++) {
        struct looks looks = {{false}};
        looks.has[room[i]] = true;
        add_step(pattern, &looks, false);
    }
}

/* As many of one set as there are, and behind them one of another. */
static void add_run(struct pattern *pattern, const struct looks *looks, const struct looks *last)
{
    add_step(pattern, looks, true);
    add_step(pattern, last, false);
}

static void add_sort(struct pattern *pattern, char sort)
{
    struct looks any;
    struct looks word;
    struct looks digits = {{false}};
    struct looks peer;
    struct looks peer_end;
    memset(&any, true, sizeof any);
    word = any;
    word.has[' '] = false;
    add_all_looks(&digits, "0123456789");
    peer_end = digits;
    add_all_looks(&peer_end, "abcdefghijklmnopqrstuvwxyz.-_");
    peer = peer_end;
    add_all_looks(&peer, ":[]%");
    if (sort == NAME)
        add_run(pattern, &in_names, &ending_names);
    else if (sort == TEXT)
        add_run(pattern, &any, &any);
    else if (sort == WORD)
        add_run(pattern, &word, &word);
    else if (sort == PEER)
        add_run(pattern, &peer, &peer_end);
    else
        add_run(pattern, &digits, &digits);
}

static struct pattern parse(const char *kind)
{
    struct pattern pattern = {.count = 0};
    for (; *kind != '\0'; kind++) {
        if (*kind <= MANY)
            add_sort(&pattern, *kind);
        else
            add_literal(&pattern, *kind);
    }
    return pattern;
}

static bool meet(const struct looks *left, const struct looks *right)
{
    for (size_t i = 0; i < ROWS(left->has); i++)
        if (left->has[i] && right->has[i])
            return true;
    return false;
}

/* Whether one line can be of both kinds: from both beginnings, can both ends be reached at once? */
static bool can_be_both(const struct pattern *left, const struct pattern *right)
{
    static bool reached[STEPS_MAX + 1][STEPS_MAX + 1];
    memset(reached, false, sizeof reached);
    reached[0][0] = true;
    for (size_t i = 0; i <= left->count; i++) {
        for (size_t j = 0; j <= right->count; j++) {
            const struct step *one = &left->steps[i];
            const struct step *other = &right->steps[j];
            bool more = i < left->count && j < right->count;
            if (!reached[i][j])
                continue;
            if (i < left->count && one->repeats) /* it is over */
                reached[i + 1][j] = true;
            if (j < right->count && other->repeats)
                reached[i][j + 1] = true;
            if (more && meet(&one->looks, &other->looks))
                reached[i + !one->repeats][j + !other->repeats] = true;
        }
    }
    return reached[left->count][right->count];
}

/* Whether nobody has the name that a line seems to begin with, if it is somebody's. */
static bool has_own_name(const char *line)
{
    size_t length = strcspn(line, ":");
    return line[length] == ':' && strchr(line, NAME) == NULL && name_fault(line, length) != NULL;
}

static bool is_talk(const char *kind)
{
    return strcmp(kind, "\1: \2") == 0 || strcmp(kind, "\1: ") == 0;
}

/* Whether a line of both kinds would be talk, but of a name that nobody has. */
static bool is_nobodys(const char *left, const char *right)
{
    return (is_talk(left) && (is_talk(right) || has_own_name(right))) ||
           (is_talk(right) && has_own_name(left));
}

static bool has_name(const char *kind)
{
    return strchr(kind, NAME) != NULL;
}

static void compare_kinds(const char *const *kinds, size_t count)
{
    static struct pattern left;
    static struct pattern right;
    for (size_t i = 0; i < count; i++) {
        left = parse(kinds[i]);
        CU_ASSERT_TRUE(can_be_both(&left, &left));
        for (size_t j = i + 1; j < count; j++) {
            if (!has_name(kinds[i]) && !has_name(kinds[j]))
                continue;
            right = parse(kinds[j]);
            bool both = can_be_both(&left, &right);
            EXPECT(!both || is_nobodys(kinds[i], kinds[j]), "'%s' and '%s'", kinds[i], kinds[j]);
        }
    }
}

static void kinds_stay_apart(void)
{
    find_looks_of_names();
    compare_kinds(sent, ROWS(sent));
    compare_kinds(logged, ROWS(logged));
}

/* A new prompt has to be among the lines here, and in front of its colon must be nobody's name. */
static void no_prompt_is_talk(void)
{
    for (enum question question = 0; question < QUESTIONS; question++) {
        const char *words = prompt_words(question);
        char name[NAME_SIZE] = "";
        bool known = false;
        for (size_t i = 0; i < ROWS(sent) && !known; i++)
            known = strncmp(sent[i], words, strlen(words)) == 0;
        EXPECT(known, "'%s' is not among the lines", words);
        strncat(name, words, strcspn(words, ":"));
        for (char *blank; (blank = strchr(name, ' ')) != NULL;)
            *blank = '_';
        EXPECT(!is_name(name), "'%s' can be a name, and '%s' what it says", name, words);
    }
}

/* The message of the day may say anything, in stars: whoever writes it is trusted with the rest. */
static void motd_is_nobodys_line(void)
{
    struct pattern motd = parse("*** \2 ***");
    static const char *const said[] = {"\1: \2", "* \1 \2", "[private] \1: \2", "\1> \2"};
    find_looks_of_names();
    for (size_t i = 0; i < ROWS(said); i++) {
        struct pattern line = parse(said[i]);
        EXPECT(!can_be_both(&motd, &line), "the motd can be '%s'", said[i]);
    }
}

/* What would be if names had no rules: the test must be able to fail. */
static void kinds_would_meet(void)
{
    struct pattern event = parse("\2 is now known as \2");
    struct pattern talk = parse("\2: \2");
    struct pattern notice = parse("*** Goodbye. ***");
    struct pattern action = parse("* \1 \2");
    struct pattern anybody = parse("\3 \2");
    CU_ASSERT_TRUE(can_be_both(&event, &talk));
    CU_ASSERT_FALSE(can_be_both(&notice, &action));
    CU_ASSERT_TRUE(can_be_both(&notice, &anybody));
}

static void structure_is_in_no_name(void)
{
    find_looks_of_names();
    for (const char *sign = " *[]()@#;\""; *sign != '\0'; sign++)
        EXPECT(!in_names.has[(unsigned char)*sign], "'%c' can be in a name", *sign);
    CU_ASSERT_FALSE(ending_names.has[':'] || ending_names.has[',']);
    CU_ASSERT_TRUE(ending_names.has['a'] && ending_names.has['.'] && in_names.has[0x80]);
}

static const struct test tests[] = {
    {"no line of one kind looks like one of another, whatever people are called and say",
     kinds_stay_apart},
    {"nobody can be called what a prompt begins with", no_prompt_is_talk},
    {"whatever the message of the day says, nobody seems to have said it", motd_is_nobodys_line},
    {"lines would look alike if names had no rules", kinds_would_meet},
    {"no name has what looks like the marks that lines are made of", structure_is_in_no_name},
};

void add_lines_suite(void)
{
    SUITE_ADD("lines", tests);
}
