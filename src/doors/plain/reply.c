#include "base/platform.h"

#include "doors/plain/reply.h"

static const struct {
    const char *name;
    bool good;
} codes[REPLY_CODES] = {
    [REPLY_DONE] = {"done", true},
    [REPLY_HELP] = {"help", true},
    [REPLY_NOBODY_ELSE] = {"nobody-else", true},
    [REPLY_USAGE] = {"usage", false},
    [REPLY_UNKNOWN_COMMAND] = {"unknown-command", false},
    [REPLY_NO_SUCH_NAME] = {"no-such-name", false},
    [REPLY_NO_MESSAGE] = {"no-message", false},
    [REPLY_HAS_LEFT] = {"has-left", false},
    [REPLY_BAD_NAME] = {"bad-name", false},
    [REPLY_NAME_TAKEN] = {"name-taken", false},
    [REPLY_NAME_LOOKS_LIKE] = {"name-looks-like", false},
    [REPLY_NO_CHANGE] = {"no-change", false},
    [REPLY_NO_TERMINAL] = {"no-terminal", false},
    [REPLY_MACHINE_MODE] = {"machine-mode", false},
    [REPLY_LINE_TOO_LONG] = {"line-too-long", false},
    [REPLY_NOT_SAID] = {"not-said", false},
    [REPLY_CUT_SHORT] = {"cut-short", false},
    [REPLY_OUT_OF_MEMORY] = {"out-of-memory", false},
    [REPLY_MOTD] = {"motd", true},
    [REPLY_NO_MOTD] = {"no-motd", false},
    [REPLY_WRONG_PASSWORD] = {"wrong-password", false},
    [REPLY_BANNED] = {"banned", false},
    [REPLY_NO_SUCH_ROOM] = {"no-such-room", false},
    [REPLY_NOT_IN_ROOM] = {"not-in-room", false},
    [REPLY_BAD_ROOM_NAME] = {"bad-room-name", false},
    [REPLY_TOO_MANY_ROOMS] = {"too-many-rooms", false},
    [REPLY_NEEDS_KEY] = {"needs-key", false},
    [REPLY_WRONG_KEY] = {"wrong-key", false},
    [REPLY_BY_INVITATION] = {"by-invitation", false},
    [REPLY_LAST_ROOM] = {"last-room", false},
    [REPLY_NOT_OWNER] = {"not-owner", false},
    [REPLY_NOT_THERE] = {"not-there", false},
    [REPLY_NOT_ALLOWED] = {"not-allowed", false},
    [REPLY_IS_THERE] = {"is-there", false},
    [REPLY_MUTED] = {"muted", false},
    [REPLY_MODERATED] = {"moderated", false},
    [REPLY_LOCKDOWN] = {"lockdown", false},
    [REPLY_NOT_OPERATOR] = {"not-operator", false},
    [REPLY_BANS] = {"bans", true},
    [REPLY_NODES] = {"nodes", true},
    [REPLY_NO_CLUSTER] = {"no-cluster", false},
    [REPLY_TOO_MANY_BANS] = {"too-many-bans", false},
    [REPLY_TOO_LONG] = {"too-long", false},
    [REPLY_NOTHING] = {"nothing", true},
    [REPLY_BUSY] = {"busy", false},
    [REPLY_NO_ARCHIVE] = {"no-archive", false},
    [REPLY_GONE] = {"gone", false},
    [REPLY_RESUMED] = {"resumed", true},
    [REPLY_NOT_STORED] = {"not-stored", false},
    [REPLY_NOT_REGISTERED] = {"not-registered", false},
    [REPLY_BAD_PASSWORD] = {"bad-password", false},
    [REPLY_KEPT] = {"kept", true},
    [REPLY_TOO_MANY_KEPT] = {"too-many-kept", false},
    [REPLY_UNLINKED] = {"unlinked", false},
    [REPLY_UNSURE] = {"unsure", false},
    [REPLY_MISSED] = {"missed", true},
    [REPLY_AWAY] = {"away", true},
    [REPLY_BACK] = {"back", true},
    [REPLY_IGNORED] = {"ignored", true},
    [REPLY_TOO_MANY_IGNORED] = {"too-many-ignored", false},
};

const char *reply_code_name(enum reply_code code)
{
    return codes[code].name;
}

bool reply_code_is_good(enum reply_code code)
{
    return codes[code].good;
}
