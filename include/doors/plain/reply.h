/*
 * reply: the answer to what a client has sent: text for people, and a code for programs. The codes
 * are a contract (docs/PROTOCOL.md); the text may change.
 */
#ifndef DOORS_PLAIN_REPLY_H
#define DOORS_PLAIN_REPLY_H

#include "chat/message.h"

#include <stdbool.h>

enum reply_code {
    REPLY_DONE,             /* the command has been obeyed */
    REPLY_HELP,             /* what was asked about commands or names */
    REPLY_NOBODY_ELSE,      /* what was said was said to nobody */
    REPLY_USAGE,            /* the arguments are not as they should be */
    REPLY_UNKNOWN_COMMAND,  /* there is no such command */
    REPLY_NO_SUCH_NAME,     /* nobody of that name is here */
    REPLY_NO_MESSAGE,       /* there is no private message to answer */
    REPLY_HAS_LEFT,         /* the person is not here any more */
    REPLY_BAD_NAME,         /* the name is not allowed */
    REPLY_NAME_TAKEN,       /* somebody has the name */
    REPLY_NAME_LOOKS_LIKE,  /* the name looks like that of somebody */
    REPLY_NO_CHANGE,        /* it is so already */
    REPLY_NO_TERMINAL,      /* the client does not agree to be a terminal, or cannot be one */
    REPLY_MACHINE_MODE,     /* the client is a program: there is nothing to edit */
    REPLY_LINE_TOO_LONG,    /* the line was dropped */
    REPLY_NOT_SAID,         /* memory was out: the text was dropped */
    REPLY_CUT_SHORT,        /* memory was out: only the first ones of several lines were said */
    REPLY_OUT_OF_MEMORY,    /* memory was out: the command was not obeyed */
    REPLY_MOTD,             /* the message of the day */
    REPLY_NO_MOTD,          /* there is none */
    REPLY_WRONG_PASSWORD,   /* the password is another one */
    REPLY_BANNED,           /* the name is banned */
    REPLY_NO_SUCH_ROOM,     /* there is no such room, or it is hidden */
    REPLY_NOT_IN_ROOM,      /* the client is not in the room */
    REPLY_BAD_ROOM_NAME,    /* the name of the room is not allowed */
    REPLY_TOO_MANY_ROOMS,   /* there are as many rooms as may be, or the client is in as many */
    REPLY_NEEDS_KEY,        /* the room needs a key */
    REPLY_WRONG_KEY,        /* the key is not that of the room */
    REPLY_BY_INVITATION,    /* only who is invited comes into the room */
    REPLY_LAST_ROOM,        /* the client is in no other room */
    REPLY_NOT_OWNER,        /* only the owner of the room may do that */
    REPLY_IS_THERE,         /* the person is in the room already */
    REPLY_NOT_THERE,        /* the person is not in the room */
    REPLY_NOT_ALLOWED,      /* the client may not do that to the person */
    REPLY_MUTED,            /* the client is muted: nothing was sent */
    REPLY_MODERATED,        /* the room is moderated: the same */
    REPLY_LOCKDOWN,         /* only registered names are let in now */
    REPLY_NOT_OPERATOR,     /* only operators may do that */
    REPLY_NODES,            /* the list of machines */
    REPLY_NO_CLUSTER,       /* the server is not one of several */
    REPLY_BANS,             /* a page of the list of bans and mutes */
    REPLY_TOO_MANY_BANS,    /* there are as many bans and mutes as may be */
    REPLY_TOO_LONG,         /* the text is too long */
    REPLY_NOTHING,          /* there is nothing of what was asked for */
    REPLY_BUSY,             /* too many others have asked; to be tried again */
    REPLY_NO_ARCHIVE,       /* the server does not keep it, or cannot read it now */
    REPLY_GONE,             /* it is not kept any more */
    REPLY_RESUMED,          /* what followed was sent */
    REPLY_NOT_STORED,       /* the server could not store it */
    REPLY_AWAY,             /* the person is away; the message has reached them */
    REPLY_BACK,             /* the client is not away any more, as it has said something */
    REPLY_IGNORED,          /* whom the client ignores */
    REPLY_TOO_MANY_IGNORED, /* the client ignores as many as may be */
    REPLY_NOT_REGISTERED,   /* the client's name is not registered */
    REPLY_BAD_PASSWORD,     /* the new password is not allowed */
    REPLY_KEPT,             /* the person is not here; the message is kept */
    REPLY_TOO_MANY_KEPT,    /* the same, but as many are kept as may be */
    REPLY_UNLINKED,         /* the other machines cannot be reached: nothing was sent or done */
    REPLY_UNSURE,           /* another machine does not answer: it may have been, or may be yet */
    REPLY_MISSED,           /* how much was said while the client was not here */
    REPLY_CODES
};

struct reply {
    enum reply_code code;
    struct words text; /* one or more lines, with an LF between two of them */
    uint64_t first;    /* with REPLY_GONE: the oldest number that is kept; otherwise 0 */
};

/* The code as programs are sent it, as "no-such-name". */
const char *reply_code_name(enum reply_code code);

/* Whether the code says that the client got what it wanted. */
bool reply_code_is_good(enum reply_code code);

#endif
