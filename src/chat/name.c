#include "base/platform.h"

#include "chat/name.h"

#include <string.h>

/* What a line of the server's, a command, or a mention of a room could be taken for. */
static const char reserved_beginnings[] = "/#@*";

const char *name_fault(const char *bytes, size_t length)
{
    if (length == 0)
        return "A name needs at least one character.";
    if (memchr(reserved_beginnings, bytes[0], strlen(reserved_beginnings)) != NULL)
        return "A name cannot begin with / # @ or *.";
    size_t characters = 0;
    while (length > 0) {
        uint32_t character;
        size_t size = text_decode(bytes, length, &character);
        if (character == TEXT_INVALID)
            return "That name is not valid UTF-8.";
        if (text_is_blank(character))
            return "A name cannot contain blanks.";
        if (text_is_control(character) || text_is_invisible(character))
            return "A name cannot contain control or invisible characters.";
        characters++;
        bytes += size;
        length -= size;
    }
    return characters > NAME_CHARACTERS_MAX ? "That name is too long: the limit is 32 characters."
                                            : NULL;
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

void name_fold(const char *name, char folded[NAME_SIZE])
{
    size_t length = strlen(name);
    while (length > 0) {
        uint32_t character;
        size_t size = text_decode(name, length, &character);
        folded += text_encode(text_fold(character), folded);
        name += size;
        length -= size;
    }
    *folded = '\0';
}

bool name_begins_with(const char *name, size_t name_length, const char *text, size_t length)
{
    while (length > 0) {
        uint32_t wanted;
        uint32_t found;
        if (name_length == 0)
            return false;
        size_t text_size = text_decode(text, length, &wanted);
        size_t name_size = text_decode(name, name_length, &found);
        if (text_fold(wanted) != text_fold(found))
            return false;
        text += text_size;
        length -= text_size;
        name += name_size;
        name_length -= name_size;
    }
    return true;
}
