#include "base/platform.h"

#include "base/text.h"
#include "doors/plain/command.h"

#include <string.h>

struct arguments arguments_take_word(struct arguments *rest)
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

bool arguments_are(struct arguments word, const char *expected)
{
    size_t i = 0;
    while (i < word.length && expected[i] != '\0' &&
           text_lower((unsigned char)word.bytes[i]) == (unsigned char)expected[i])
        i++;
    return i == word.length && expected[i] == '\0';
}

bool arguments_read_switch(struct arguments word, bool *on)
{
    *on = !arguments_are(word, "off");
    return word.length == 0 || arguments_are(word, "on") || !*on;
}

bool arguments_quote(struct caller *caller, struct arguments word, char shown[NAME_SIZE])
{
    struct buffer clean = {0};
    size_t kept = 0;
    bool whole = text_clean(&clean, word.bytes, word.length);
    const char *bytes = buffer_bytes(&clean);
    while (kept < buffer_length(&clean)) {
        uint32_t character;
        size_t size = text_decode(bytes + kept, buffer_length(&clean) - kept, &character);
        if (kept + size > COMMAND_SHOWN_MAX)
            break;
        kept += size;
    }
    memcpy(shown, bytes, kept);
    shown[kept] = '\0';
    buffer_free(&clean);
    if (!whole)
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. Nothing was done.");
    return whole;
}
