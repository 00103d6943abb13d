/* editor_event: what input means to the caller of an editor. */
#ifndef EDIT_EDITOR_EVENT_H
#define EDIT_EDITOR_EVENT_H

enum editor_event {
    EDITOR_NONE,      /* all bytes are used */
    EDITOR_LINE,      /* Return: a line was entered, see editor_line; it may be empty */
    EDITOR_OVERLONG,  /* Return, but the line was too long: nothing was entered */
    EDITOR_NO_MEMORY, /* Return, but memory was out for a part of the line: nothing was entered */
    EDITOR_INTERRUPT, /* Ctrl-C: the line has been cleared */
    EDITOR_INTERRUPT_EMPTY, /* Ctrl-C on an empty line: the person wants something else */
    EDITOR_LEAVE,           /* Ctrl-D on an empty line */
    EDITOR_HELD,            /* a paste is held: see editor_held; or a key was ignored during that */
    EDITOR_DROPPED,        /* Ctrl-C: the paste has been dropped; the line is as before the paste */
    EDITOR_PASTE_TOO_LONG, /* a paste exceeded editor_paste_limit, and has been dropped */
    EDITOR_PASTE_NO_MEMORY, /* memory was out for a paste, and it has been dropped */
    EDITOR_SEARCHED,        /* the history was searched: see editor_take_cost */
    EDITOR_CANDIDATES /* TAB again: show the candidates for editor_word, by editor_print_above */
};

#endif
