/*
 * A keyboard: converts the bytes that a terminal sends to keys.
 *
 * It processes one byte at a time and remembers what is unfinished, so input may be cut anywhere.
 * It understands what xterm, the VT220, rxvt, PuTTY, screen, tmux and the Linux console send for
 * the editing keys. All other escape sequences are ignored as a whole, and so are bytes that are
 * not UTF-8 and characters that are not text. A NUL is ignored, even in the middle of a sequence:
 * some clients send one between keys.
 *
 * It uses no clock: ESC waits for the next byte however long it takes, so Escape followed by a
 * letter is that letter with Meta, as in Emacs. A control string (OSC, DCS, APC, PM, SOS) lasts
 * until ST or BEL; Return, Ctrl-C or any other control character ends it too, so that a person who
 * typed its introducer by accident is not locked out.
 */
#ifndef EDIT_KEYBOARD_H
#define EDIT_KEYBOARD_H

#include "base/utf8.h"

#include <stdbool.h>

enum key {
    KEY_NONE,      /* no key yet, or an unknown one */
    KEY_CHARACTER, /* a character of text */
    KEY_ENTER,     /* CR LF, CR NUL, CR NUL LF, CR or LF */
    KEY_TAB,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_UP,
    KEY_DOWN,
    KEY_HOME,
    KEY_END,
    KEY_WORD_LEFT,
    KEY_WORD_RIGHT,
    KEY_BACKSPACE,
    KEY_DELETE,
    KEY_DELETE_OR_LEAVE,     /* Ctrl-D */
    KEY_ERASE_WORD_LEFT,     /* Meta-Backspace */
    KEY_ERASE_WORD_RIGHT,    /* Meta-D */
    KEY_ERASE_ARGUMENT_LEFT, /* Ctrl-W: a word between blanks */
    KEY_ERASE_TO_START,      /* Ctrl-U */
    KEY_ERASE_TO_END,        /* Ctrl-K */
    KEY_YANK,                /* Ctrl-Y */
    KEY_TRANSPOSE,           /* Ctrl-T */
    KEY_SEARCH,              /* Ctrl-R */
    KEY_CANCEL,              /* Ctrl-G */
    KEY_CLEAR_SCREEN,        /* Ctrl-L */
    KEY_INTERRUPT,           /* Ctrl-C */
    KEY_PASTE_BEGIN,         /* pasted text follows */
    KEY_PASTE_END,
    KEY_CURSOR_REPORT /* the terminal's answer to a request for the cursor's position */
};

/*
 * A keyboard's state. The fields are private; the struct is here so that an editor can hold one by
 * value.
 */
struct keyboard {
    unsigned char state;
    unsigned char skip;             /* bytes left to ignore */
    unsigned char character_length; /* bytes held of an unfinished character */
    char character[UTF8_BYTES_MAX];
    bool meta;         /* ESC came before the character or sequence */
    bool after_return; /* the last byte was CR, NULs apart */
    bool begun;        /* the last byte began a control string or a similar sequence */
    bool unknown;      /* the form of the sequence is not that of a key */
    unsigned char parameter_count;
    unsigned short parameters[2];
};

/* The data of a key. */
struct keystroke {
    char text[UTF8_BYTES_MAX]; /* KEY_CHARACTER: its UTF-8 */
    size_t length;             /* in bytes */
    unsigned row, column;      /* KEY_CURSOR_REPORT: counted from 1 */
};

/* Makes a keyboard without unfinished input. */
void keyboard_init(struct keyboard *keyboard);

/*
 * Processes one byte. Returns the key that it completes, with the key's data in *stroke, or
 * KEY_NONE.
 */
enum key keyboard_feed(struct keyboard *keyboard, unsigned char byte, struct keystroke *stroke);

/*
 * Tells that no more bytes are available for now. A terminal sends a control string in one piece,
 * so an introducer that arrives alone was typed as Meta-], and is ignored.
 */
void keyboard_pause(struct keyboard *keyboard);

/*
 * Returns whether the last byte was ESC, which may have been the Escape key. If so, it counts as
 * that from now on, and the next byte is not modified by it, unless it is the rest of a CSI.
 */
bool keyboard_take_escape(struct keyboard *keyboard);

#endif
