#include "base/platform.h"

#include "edit/keyboard.h"

#include "edit/character.h"

#include <string.h>

enum state {
    STATE_GROUND,
    STATE_ESCAPE,        /* after ESC */
    STATE_TAKEN_ESCAPE,  /* after an ESC that was taken for a key of its own */
    STATE_SEQUENCE,      /* after CSI: parameters, then a final byte */
    STATE_SHIFT,         /* after SS3: likewise */
    STATE_STRING,        /* in a control string */
    STATE_STRING_ESCAPE, /* after ESC in a control string: ST or a new sequence */
    STATE_SKIP           /* ignoring a known number of bytes */
};

enum {
    BYTE_BELL = 0x07,
    BYTE_ESCAPE = 0x1B,
    BYTE_DELETE = 0x7F,
    PARAMETER_MAX = 9999,
    MOUSE_REPORT_BYTES = 3 /* button, column and row after CSI M */
};

#define CONTROL(letter) ((letter) - '@')

static bool is_control(unsigned char byte)
{
    return byte < 0x20 || byte == BYTE_DELETE;
}

/* The keys of the control characters; those without an entry are ignored. */
static const unsigned char control_keys[0x20] = {
    [CONTROL('A')] = KEY_HOME,
    [CONTROL('B')] = KEY_LEFT,
    [CONTROL('C')] = KEY_INTERRUPT,
    [CONTROL('D')] = KEY_DELETE_OR_LEAVE,
    [CONTROL('E')] = KEY_END,
    [CONTROL('F')] = KEY_RIGHT,
    [CONTROL('G')] = KEY_CANCEL,
    [CONTROL('H')] = KEY_BACKSPACE,
    [CONTROL('I')] = KEY_TAB,
    [CONTROL('J')] = KEY_ENTER,
    [CONTROL('K')] = KEY_ERASE_TO_END,
    [CONTROL('L')] = KEY_CLEAR_SCREEN,
    [CONTROL('M')] = KEY_ENTER,
    [CONTROL('N')] = KEY_DOWN,
    [CONTROL('P')] = KEY_UP,
    [CONTROL('R')] = KEY_SEARCH,
    [CONTROL('T')] = KEY_TRANSPOSE,
    [CONTROL('U')] = KEY_ERASE_TO_START,
    [CONTROL('W')] = KEY_ERASE_ARGUMENT_LEFT,
    [CONTROL('Y')] = KEY_YANK,
};

static enum key meta_key(unsigned char byte)
{
    switch (byte) {
    case 'b':
    case 'B':
        return KEY_WORD_LEFT;
    case 'f':
    case 'F':
        return KEY_WORD_RIGHT;
    case 'd':
    case 'D':
        return KEY_ERASE_WORD_RIGHT;
    default:
        return KEY_NONE;
    }
}

/* A CSI or SS3 sequence that ends in a letter: a capital, or a small one from rxvt with Shift. */
static enum key cursor_key(unsigned char final)
{
    switch (final) {
    case 'A':
    case 'a':
        return KEY_UP;
    case 'B':
    case 'b':
        return KEY_DOWN;
    case 'C':
    case 'c':
        return KEY_RIGHT;
    case 'D':
    case 'd':
        return KEY_LEFT;
    case 'F':
        return KEY_END;
    case 'H':
        return KEY_HOME;
    default:
        return KEY_NONE;
    }
}

/* A CSI sequence of the VT220's editing keypad: CSI number ~. */
static enum key keypad_key(unsigned number)
{
    switch (number) {
    case 1:
    case 7:
        return KEY_HOME;
    case 3:
        return KEY_DELETE;
    case 4:
    case 8:
        return KEY_END;
    case 200:
        return KEY_PASTE_BEGIN;
    case 201:
        return KEY_PASTE_END;
    default:
        return KEY_NONE;
    }
}

/* The key that Control or Meta makes of a key. */
static enum key word_key(enum key key)
{
    switch (key) {
    case KEY_LEFT:
        return KEY_WORD_LEFT;
    case KEY_RIGHT:
        return KEY_WORD_RIGHT;
    case KEY_BACKSPACE:
        return KEY_ERASE_WORD_LEFT;
    case KEY_DELETE:
        return KEY_ERASE_WORD_RIGHT;
    default:
        return key;
    }
}

void keyboard_init(struct keyboard *keyboard)
{
    memset(keyboard, 0, sizeof(*keyboard));
    keyboard->state = STATE_GROUND;
}

/* Call after the last byte of a sequence or a key. */
static void settle(struct keyboard *keyboard)
{
    keyboard->state = STATE_GROUND;
    keyboard->meta = false;
}

static void begin_sequence(struct keyboard *keyboard, enum state state)
{
    keyboard->state = (unsigned char)state;
    keyboard->unknown = false;
    keyboard->parameter_count = 0;
    keyboard->parameters[0] = 0;
    keyboard->parameters[1] = 0;
}

/* Adds a byte of a sequence's parameters; only the first two are used. */
static void add_parameter_byte(struct keyboard *keyboard, unsigned char byte)
{
    if (byte >= '0' && byte <= '9') {
        unsigned value;

        if (keyboard->parameter_count == 0)
            keyboard->parameter_count = 1;
        if (keyboard->parameter_count > 2)
            return;
        value = keyboard->parameters[keyboard->parameter_count - 1] * 10u + (byte - '0');
        keyboard->parameters[keyboard->parameter_count - 1] =
            (unsigned short)(value > PARAMETER_MAX ? PARAMETER_MAX : value);
    } else if (byte == ';') {
        if (keyboard->parameter_count == 0)
            keyboard->parameter_count = 1;
        if (keyboard->parameter_count <= 2)
            keyboard->parameter_count++;
    } else {
        keyboard->unknown = true; /* private (<=>?), subparameters (:) or intermediate bytes */
    }
}

/* Whether the sequence reports Control, Alt or Meta: the last parameter is 1 + their bits. */
static bool has_modifier(const struct keyboard *keyboard)
{
    enum { SHIFT_BIT = 1 };
    unsigned modifier = 0;

    if (keyboard->parameter_count == 2)
        modifier = keyboard->parameters[1];
    else if (keyboard->parameter_count == 1)
        modifier = keyboard->parameters[0]; /* old xterms: CSI 5 C */
    return modifier > 1 && ((modifier - 1) & ~(unsigned)SHIFT_BIT) != 0;
}

/* The key of a complete CSI sequence. */
static enum key sequence_key(struct keyboard *keyboard, unsigned char final,
                             struct keystroke *stroke)
{
    bool modified = keyboard->meta;
    enum key key;

    if (keyboard->unknown)
        return KEY_NONE;
    switch (final) {
    case '~':
        key = keypad_key(keyboard->parameters[0]);
        modified |= keyboard->parameter_count == 2 && has_modifier(keyboard);
        break;
    case '^': /* rxvt: with Control */
    case '@': /* rxvt: with Control and Shift */
        key = keypad_key(keyboard->parameters[0]);
        modified = true;
        break;
    case '$': /* rxvt: with Shift */
        key = keypad_key(keyboard->parameters[0]);
        break;
    case 'R':
        stroke->row = keyboard->parameters[0];
        stroke->column = keyboard->parameters[1];
        return keyboard->parameter_count == 2 ? KEY_CURSOR_REPORT : KEY_NONE;
    default:
        key = cursor_key(final);
        modified |= has_modifier(keyboard);
        break;
    }
    return modified ? word_key(key) : key;
}

/* The key of a complete SS3 sequence. */
static enum key shift_key(const struct keyboard *keyboard, unsigned char final)
{
    enum key key = final == 'M' ? KEY_ENTER : cursor_key(final);
    /* rxvt sends small letters for arrows with Control. */
    bool modified = keyboard->meta || has_modifier(keyboard) || (final >= 'a' && final <= 'd');

    if (keyboard->unknown)
        return KEY_NONE;
    return modified ? word_key(key) : key;
}

static enum key feed_ground(struct keyboard *keyboard, unsigned char byte,
                            struct keystroke *stroke);

/* A control character is processed wherever it arrives; an unfinished sequence is dropped. */
static enum key feed_control(struct keyboard *keyboard, unsigned char byte)
{
    bool second_half = keyboard->after_return && byte == '\n';
    enum key key = byte == BYTE_DELETE ? KEY_BACKSPACE : (enum key)control_keys[byte];

    keyboard->after_return = byte == '\r';
    keyboard->character_length = 0;
    if (byte == BYTE_ESCAPE) {
        keyboard->meta =
            keyboard->state == STATE_ESCAPE; /* some terminals send ESC ESC [ D for Meta-Left */
        keyboard->state = STATE_ESCAPE;
        return KEY_NONE;
    }
    if (keyboard->state == STATE_ESCAPE && key == KEY_BACKSPACE)
        key = KEY_ERASE_WORD_LEFT;
    if (keyboard->state == STATE_STRING && byte == BYTE_BELL)
        key = KEY_NONE; /* it ends a control string, and is no key */
    settle(keyboard);
    return second_half ? KEY_NONE : key;
}

/* A byte after ESC. */
static enum key feed_escape(struct keyboard *keyboard, unsigned char byte, struct keystroke *stroke)
{
    switch (byte) {
    case '[':
        begin_sequence(keyboard, STATE_SEQUENCE);
        return KEY_NONE;
    case 'O':
        begin_sequence(keyboard, STATE_SHIFT);
        return KEY_NONE;
    case 'P':
    case 'X':
    case ']':
    case '^':
    case '_':
        keyboard->state = STATE_STRING;
        keyboard->begun = true;
        return KEY_NONE;
    case '(':
    case ')':
    case '%': /* selects a character set: one more byte */
        keyboard->state = STATE_SKIP;
        keyboard->skip = 1;
        keyboard->begun = true;
        return KEY_NONE;
    default:
        break;
    }
    keyboard->state = STATE_GROUND;
    if (byte >= 0x80) {
        keyboard->meta = true; /* Meta with a multi-byte character: both are ignored */
        return feed_ground(keyboard, byte, stroke);
    }
    settle(keyboard);
    return meta_key(byte);
}

/* A byte after CSI. */
static enum key feed_sequence(struct keyboard *keyboard, unsigned char byte,
                              struct keystroke *stroke)
{
    enum key key;

    /* rxvt ends a key with Shift by $, which elsewhere comes before a final byte. */
    bool shifted = byte == '$' && keyboard->parameter_count == 1 && !keyboard->unknown;

    if (byte < 0x40 && !shifted) {
        add_parameter_byte(keyboard, byte);
        return KEY_NONE;
    }
    if (keyboard->parameter_count == 0 && !keyboard->unknown && (byte == '[' || byte == 'M')) {
        keyboard->state =
            STATE_SKIP; /* the Linux console's F1 to F5; a mouse report of the old form */
        keyboard->skip = byte == '[' ? 1 : MOUSE_REPORT_BYTES;
        return KEY_NONE;
    }
    key = sequence_key(keyboard, byte, stroke);
    settle(keyboard);
    return key;
}

/* A byte after SS3. */
static enum key feed_shift(struct keyboard *keyboard, unsigned char byte)
{
    enum key key;

    if (byte < 0x40) {
        add_parameter_byte(keyboard, byte);
        return KEY_NONE;
    }
    key = shift_key(keyboard, byte);
    settle(keyboard);
    return key;
}

/* A byte of text. */
static enum key feed_ground(struct keyboard *keyboard, unsigned char byte, struct keystroke *stroke)
{
    uint32_t code_point;
    size_t needed;
    bool meta;

    if (keyboard->character_length > 0 && (byte & 0xC0) != 0x80) {
        keyboard->character_length = 0; /* the previous character was cut off */
        keyboard->meta = false;
    }
    if (keyboard->character_length == 0 && utf8_sequence_length(byte) == 0) {
        keyboard->meta = false; /* a continuation byte without a start */
        return KEY_NONE;
    }
    keyboard->character[keyboard->character_length++] = (char)byte;
    needed = utf8_sequence_length((unsigned char)keyboard->character[0]);
    if (keyboard->character_length < needed)
        return KEY_NONE;

    keyboard->character_length = 0;
    meta = keyboard->meta;
    settle(keyboard);
    if (utf8_decode(keyboard->character, needed, &code_point) == 0 ||
        !character_is_text(code_point) || meta)
        return KEY_NONE;
    memcpy(stroke->text, keyboard->character, needed);
    stroke->length = needed;
    return KEY_CHARACTER;
}

void keyboard_pause(struct keyboard *keyboard)
{
    if (keyboard->begun)
        settle(keyboard);
    keyboard->begun = false;
}

bool keyboard_take_escape(struct keyboard *keyboard)
{
    if (keyboard->state != STATE_ESCAPE)
        return false;
    keyboard->state = STATE_TAKEN_ESCAPE;
    keyboard->meta = false;
    return true;
}

enum key keyboard_feed(struct keyboard *keyboard, unsigned char byte, struct keystroke *stroke)
{
    if (byte == '\0')
        return KEY_NONE; /* fill, wherever it comes; the second half of a Return among others */
    keyboard->begun = false;
    if (keyboard->state == STATE_STRING && byte == BYTE_ESCAPE) {
        keyboard->state = STATE_STRING_ESCAPE;
        return KEY_NONE;
    }
    if (is_control(byte))
        return feed_control(keyboard, byte);
    keyboard->after_return = false;

    if (byte >= 0x80 && (keyboard->state == STATE_SEQUENCE || keyboard->state == STATE_SHIFT))
        settle(keyboard); /* no sequence contains such a byte: it is text */

    switch (keyboard->state) {
    case STATE_ESCAPE:
        return feed_escape(keyboard, byte, stroke);
    case STATE_TAKEN_ESCAPE:
        if (byte == '[')
            return feed_escape(keyboard, byte, stroke);
        settle(keyboard);
        return feed_ground(keyboard, byte, stroke);
    case STATE_SEQUENCE:
        return feed_sequence(keyboard, byte, stroke);
    case STATE_SHIFT:
        return feed_shift(keyboard, byte);
    case STATE_STRING:
        return KEY_NONE;
    case STATE_STRING_ESCAPE:
        if (byte != '\\')
            return feed_escape(keyboard, byte, stroke);
        settle(keyboard);
        return KEY_NONE;
    case STATE_SKIP:
        if (--keyboard->skip == 0)
            settle(keyboard);
        return KEY_NONE;
    default:
        return feed_ground(keyboard, byte, stroke);
    }
}
