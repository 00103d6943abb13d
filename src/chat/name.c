#include "base/platform.h"

#include "base/unicode.h"
#include "chat/name.h"
#include "net/address_prefix.h"

#include <string.h>

enum {
    /*
     * A name that is decomposed and mapped to its skeleton: no allowed character becomes more than
     * seven.
     */
    FORM_CHARACTERS_MAX = NAME_CHARACTERS_MAX * 7,

    MARKS_MAX = 4 /* marks on one letter; more would reach into other lines (UTS #39, 5.4) */
};

/* First characters of the server's lines, of commands, and of mentions of a room. */
static const char reserved_beginnings[] = "/#@*";

/* The characters that a name may have besides letters, digits and emoji. */
static const char signs[] = "-._'";

/*
 * What stands in front of the colon in the server's lines and prompts, as in "Disconnected: idle
 * timeout.", and what else begins its lines and could be typed as a name. A prompt is told from
 * talk by nothing else: a text need not show anything. All other lines of the server are told apart
 * by characters that no name has.
 */
static const char *const reserved[] = {"Disconnected",    "Password",  "New_password",
                                       "Enter_your_name", "[private]", "***"};

#define THINGS_IN_NAMES "letters and digits of today's scripts, emoji, and - . _ '."

/*
 * Forms of names.
 */

struct form {
    uint32_t characters[FORM_CHARACTERS_MAX];
    struct unicode_text text;
};

/* Decodes bytes. Returns false if they are not valid UTF-8, or too many characters. */
static bool form_read(struct form *form, const char *bytes, size_t length)
{
    form->text = (struct unicode_text){form->characters, 0, FORM_CHARACTERS_MAX};
    while (length > 0) {
        uint32_t character;
        size_t size = text_decode(bytes, length, &character);
        if (character == TEXT_INVALID || form->text.count == FORM_CHARACTERS_MAX)
            return false;
        form->characters[form->text.count++] = character;
        bytes += size;
        length -= size;
    }
    return true;
}

/* Makes the form of a name in a view. Returns false as form_read(), or if the form is too long. */
static bool form_look(struct form *form, const char *bytes, size_t length, enum name_view view)
{
    if (!form_read(form, bytes, length))
        return false;
    if (view == NAME_CASELESS)
        return unicode_caseless(&form->text) && unicode_skeleton(&form->text);
    return unicode_skeleton(&form->text) && unicode_caseless(&form->text);
}

static bool form_equals(const struct form *left, const struct form *right)
{
    return left->text.count == right->text.count &&
           memcmp(left->characters, right->characters,
                  left->text.count * sizeof *left->characters) == 0;
}

static bool look_alike(const char *left, const char *right, enum name_view view)
{
    struct form forms[2];
    return form_look(&forms[0], left, strlen(left), view) &&
           form_look(&forms[1], right, strlen(right), view) && form_equals(&forms[0], &forms[1]);
}

bool name_looks_like(const char *left, const char *right)
{
    return look_alike(left, right, NAME_CASELESS) || look_alike(left, right, NAME_AS_TYPED);
}

bool name_means(const char *name, const char *one, const char *other)
{
    if (name_equals(one, name))
        return true;
    return !name_equals(other, name) && strcmp(one, other) < 0;
}

bool name_equals(const char *left, const char *right)
{
    struct form forms[2];
    return form_read(&forms[0], left, strlen(left)) && unicode_caseless(&forms[0].text) &&
           form_read(&forms[1], right, strlen(right)) && unicode_caseless(&forms[1].text) &&
           form_equals(&forms[0], &forms[1]);
}

/*
 * FNV-1a over the bytes of the code points, lowest first, so that it is the same on every machine.
 */
uint64_t name_hash(const char *name, enum name_view view)
{
    struct form form;
    uint64_t hash = 14695981039346656037U;
    if (!form_look(&form, name, strlen(name), view))
        form.text.count = 0;
    for (size_t i = 0; i < form.text.count; i++)
        for (unsigned shift = 0; shift < 24; shift += 8)
            hash = (hash ^ (form.characters[i] >> shift & 0xFF)) * 1099511628211U;
    return hash;
}

void name_look(const char *name, enum name_view view, char look[NAME_LOOK_SIZE])
{
    struct form form;
    size_t written = 0;
    if (!form_look(&form, name, strlen(name), view))
        form.text.count = 0;
    for (size_t i = 0; i < form.text.count; i++)
        written += text_encode(form.characters[i], look + written);
    look[written] = '\0';
}

void name_fold(const char *name, char folded[NAME_FOLDED_SIZE])
{
    struct form form;
    size_t written = 0;
    if (!form_read(&form, name, strlen(name)) || !unicode_caseless(&form.text) ||
        !unicode_compose(&form.text))
        form.text.count = 0;
    for (size_t i = 0; i < form.text.count; i++) {
        char bytes[TEXT_CHARACTER_BYTES_MAX];
        size_t size = text_encode(form.characters[i], bytes);
        if (written + size > NAME_FOLDED_BYTES_MAX)
            break;
        memcpy(folded + written, bytes, size);
        written += size;
    }
    folded[written] = '\0';
}

/*
 * Faults of names.
 */

static bool is_sign(uint32_t character)
{
    return character < 0x80 && character != 0 && strchr(signs, (int)character) != NULL;
}

static const char *character_fault(uint32_t character)
{
    if (character == TEXT_INVALID ||
        character == TEXT_REPLACEMENT) /* which stands for such bytes */
        return "That name is not valid UTF-8.";
    if (text_is_blank(character))
        return "A name cannot contain blanks.";
    if (text_is_control(character) || text_is_invisible(character))
        return "A name cannot contain control or invisible characters.";
    unsigned properties = unicode_properties(character);
    if ((properties & UNICODE_DEFINED) == 0)
        return "A name cannot contain characters that Unicode " UNICODE_VERSION " does not define.";
    if ((properties & (UNICODE_WORD | UNICODE_EMOJI)) == 0 && !is_sign(character))
        return "A name cannot contain anything but " THINGS_IN_NAMES;
    return NULL;
}

static const char *characters_fault(const char *bytes, size_t length)
{
    size_t characters = 0;
    while (length > 0) {
        uint32_t character;
        size_t size = text_decode(bytes, length, &character);
        const char *fault = character_fault(character);
        if (fault != NULL)
            return fault;
        characters++;
        bytes += size;
        length -= size;
    }
    return characters > NAME_CHARACTERS_MAX ? "That name is too long: the limit is 32 characters."
                                            : NULL;
}

/* Returns what is wrong with the sequence of the characters of a decomposed text, or NULL. */
static const char *order_fault(const struct unicode_text *text)
{
    bool stands = false; /* the last character can carry a mark */
    bool joins = false;  /* the last character needs a letter behind it */
    bool any = false;    /* there is a letter, digit or emoji */
    unsigned marks = 0;
    for (size_t i = 0; i < text->count; i++) {
        unsigned properties = unicode_properties(text->characters[i]);
        bool letter = (properties & UNICODE_LETTER) != 0;
        bool mark = (properties & UNICODE_MARK) != 0;
        marks = (properties & UNICODE_NONSPACING) != 0 ? marks + 1 : 0;
        if (mark && !stands)
            return "An accent or another mark in a name needs a letter before it.";
        if (joins && !letter)
            break;
        if (marks > MARKS_MAX || (marks > 1 && text->characters[i] == text->characters[i - 1]))
            return "A letter in a name cannot have the same mark twice, or more than 4.";
        stands = letter || mark;
        joins = (properties & UNICODE_STACKER) != 0;
        any = any || letter || (properties & UNICODE_EMOJI) != 0;
    }
    if (joins)
        return "What joins two letters in a name needs one on either side.";
    return any ? NULL : "A name needs at least one letter, digit or emoji.";
}

/*
 * Makes the form of a name in a view, in which all signs are the same: any of them could stand for
 * a blank of a prompt. Returns false as form_look().
 */
static bool form_bridge(struct form *form, const char *bytes, size_t length, enum name_view view)
{
    if (!form_look(form, bytes, length, view))
        return false;
    for (size_t i = 0; i < form->text.count; i++)
        if (is_sign(form->characters[i]))
            form->characters[i] = '_';
    return true;
}

static bool is_reserved(const char *bytes, size_t length)
{
    struct form name;
    struct form word;
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++) {
        bool made = form_bridge(&name, bytes, length, view);
        for (size_t i = 0; made && i < sizeof reserved / sizeof *reserved; i++)
            if (form_bridge(&word, reserved[i], strlen(reserved[i]), view) &&
                form_equals(&name, &word))
                return true;
    }
    return false;
}

/*
 * Whether a name seems to end with ':' or ',', which would hide where it ends in "NAME: TEXT" and
 * in a list of names.
 */
static bool ends_like_punctuation(const char *bytes, size_t length)
{
    struct form form;
    if ((unsigned char)bytes[length - 1] < 0x80) /* no other character of ASCII looks like them */
        return bytes[length - 1] == ':' || bytes[length - 1] == ',';
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++) {
        if (!form_look(&form, bytes, length, view) || form.text.count == 0)
            continue;
        uint32_t last = form.characters[form.text.count - 1];
        if (last == ':' || last == ',')
            return true;
    }
    return false;
}

/* Returns the length of a text without its last character. */
static size_t length_before_last(const char *bytes, size_t length)
{
    size_t before = 0;
    uint32_t character;
    for (size_t at = 0; at < length; at += text_decode(bytes + at, length - at, &character))
        before = at;
    return before;
}

/* Whether only the end of a name is wrong, as of one that is typed as it stands in front of talk.
 */
static bool only_its_end_is_wrong(const char *bytes, size_t length)
{
    return ends_like_punctuation(bytes, length) &&
           characters_fault(bytes, length_before_last(bytes, length)) == NULL;
}

static const char *form_fault(const char *bytes, size_t length)
{
    struct form form;
    if (!form_read(&form, bytes, length) || !unicode_decompose(&form.text))
        return "That name is too long: the limit is 32 characters.";
    return order_fault(&form.text);
}

/* Whether a name is an address, which is meant where either is read. */
static bool is_address(const char *bytes, size_t length)
{
    struct address_prefix address;
    return address_prefix_parse(bytes, length, &address);
}

/* Returns what is wrong with what a name is made of, or NULL. */
static const char *make_fault(const char *bytes, size_t length)
{
    if (length == 0)
        return "A name needs at least one character.";
    if (memchr(reserved_beginnings, bytes[0], strlen(reserved_beginnings)) != NULL)
        return "A name cannot begin with / # @ or *.";
    if (only_its_end_is_wrong(bytes, length))
        return "A name cannot end with what looks like : or ,.";
    const char *fault = characters_fault(bytes, length);
    if (fault == NULL)
        fault = form_fault(bytes, length);
    if (fault == NULL && is_address(bytes, length))
        fault = "A name cannot be an address.";
    return fault;
}

bool name_is_well_made(const char *bytes, size_t length)
{
    return make_fault(bytes, length) == NULL;
}

const char *name_fault(const char *bytes, size_t length)
{
    return is_reserved(bytes, length) ? "That name is the server's own."
                                      : make_fault(bytes, length);
}

bool name_suggest(const char *bytes, size_t length, char suggestion[NAME_SIZE])
{
    size_t written = 0;
    bool blanks = false;
    bool blank = false;
    while (length > 0) {
        uint32_t character;
        size_t size = text_decode(bytes, length, &character);
        bool in_run = blank;
        blank = text_is_blank(character);
        blanks = blanks || blank;
        size_t needed = !blank ? size : in_run ? 0 : 1;
        if (written + needed > NAME_BYTES_MAX)
            return false;
        memcpy(suggestion + written, blank ? "_" : bytes, needed);
        written += needed;
        bytes += size;
        length -= size;
    }
    suggestion[written] = '\0';
    return blanks && name_fault(suggestion, written) == NULL;
}

/*
 * Names within a text.
 */

/* Reads the characters of a text in caseless, decomposed form. */
struct reader {
    const char *bytes;
    size_t length;
    uint32_t pending[UNICODE_CASELESS_MAX]; /* the form of the character that was read last */
    size_t next, count;
};

/* Returns false at the end of the text. Stores TEXT_INVALID for invalid bytes. */
static bool read_caseless(struct reader *reader, uint32_t *character)
{
    while (reader->next == reader->count) {
        if (reader->length == 0)
            return false;
        size_t size = text_decode(reader->bytes, reader->length, &reader->pending[0]);
        struct unicode_text text = {reader->pending, 1, UNICODE_CASELESS_MAX};
        reader->bytes += size;
        reader->length -= size;
        if (reader->pending[0] < 0x80)
            reader->pending[0] = text_lower(reader->pending[0]);
        else if (reader->pending[0] != TEXT_INVALID)
            unicode_caseless(&text);
        reader->next = 0;
        reader->count = text.count;
    }
    *character = reader->pending[reader->next++];
    return true;
}

bool name_begins_with(const char *name, size_t name_length, const char *text, size_t length)
{
    struct reader wanted = {.bytes = text, .length = length};
    struct reader found = {.bytes = name, .length = name_length};
    uint32_t characters[2];
    while (read_caseless(&wanted, &characters[0])) {
        if (!read_caseless(&found, &characters[1]) || characters[0] != characters[1] ||
            characters[0] == TEXT_INVALID)
            return false;
    }
    return true;
}

size_t name_match(const char *name, const char *text, size_t length)
{
    struct reader wanted = {.bytes = name, .length = strlen(name)};
    struct reader found = {.bytes = text, .length = length};
    uint32_t characters[2];
    while (read_caseless(&wanted, &characters[0])) {
        if (!read_caseless(&found, &characters[1]) || characters[0] != characters[1])
            return 0;
    }
    return found.next == found.count ? length - found.length : 0;
}
