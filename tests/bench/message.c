/* The fixed-width line that the load generator sends and reads; see message.h. */
#include "message.h"

#include <string.h>

enum {
    AUTHOR_AT = 1,
    NUMBER_AT = AUTHOR_AT + 8,
    TIME_AT = NUMBER_AT + 8,
    PADDING_AT = TIME_AT + 16
};

static const char *padding(void)
{
    static char text[MESSAGE_MAX_BYTES];

    if (text[0] == '\0')
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = (char)('a' + i % 26);
    return text;
}

static void hex_write(char *text, uint32_t value)
{
    static const char digits[] = "0123456789abcdef";

    for (int i = 7; i >= 0; i--) {
        text[i] = digits[value & 15];
        value >>= 4;
    }
}

/*
 * Eight hexadecimal digits at once: first each byte becomes its digit's value, then neighbours are
 * joined to pairs, fours and eights. A flood reads millions of these a second.
 */
static uint32_t hex_read(const char *text)
{
    uint64_t bytes;

    memcpy(&bytes, text, sizeof bytes);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bytes = __builtin_bswap64(bytes);
#endif
    bytes =
        (bytes & UINT64_C(0x0f0f0f0f0f0f0f0f)) + 9 * ((bytes >> 6) & UINT64_C(0x0101010101010101));
    bytes = ((bytes << 4) | (bytes >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    bytes = ((bytes << 8) | (bytes >> 16)) & UINT64_C(0x0000ffff0000ffff);
    return (uint32_t)((bytes << 16) | (bytes >> 32));
}

void message_write(char *text, size_t bytes, const struct message *message)
{
    text[0] = '#';
    hex_write(text + AUTHOR_AT, message->author);
    hex_write(text + NUMBER_AT, message->number);
    hex_write(text + TIME_AT, (uint32_t)(message->sent_ns >> 32));
    hex_write(text + TIME_AT + 8, (uint32_t)message->sent_ns);
    memcpy(text + PADDING_AT, padding(), bytes - PADDING_AT);
}

bool message_read(const char *text, size_t bytes, struct message *message)
{
    if (text[0] != '#' || memcmp(text + PADDING_AT, padding(), bytes - PADDING_AT) != 0)
        return false;
    message->author = hex_read(text + AUTHOR_AT);
    message->number = hex_read(text + NUMBER_AT);
    message->sent_ns = (uint64_t)hex_read(text + TIME_AT) << 32 | hex_read(text + TIME_AT + 8);
    return true;
}
