#include "base/platform.h"

#include "edit/burst.h"

#include "base/utf8.h"

enum { BYTE_DELETE = 0x7F };

/* What the bytes consist of. */
struct piece {
    size_t characters;
    size_t line_ends; /* CR LF, CR NUL, CR and LF are one each */
    bool others;      /* also of control characters that are keys */
};

/* Whether a byte is a control character that is neither text nor a part of a line end. */
static bool is_key(unsigned char byte)
{
    return byte == BYTE_DELETE ||
           (byte < ' ' && byte != '\0' && byte != '\t' && byte != '\r' && byte != '\n');
}

static bool begins_character(unsigned char byte)
{
    return byte == '\t' || (byte >= ' ' && utf8_sequence_length(byte) > 0);
}

static struct piece look_at(const char *bytes, size_t length)
{
    struct piece piece = {0, 0, false};
    unsigned char before = '\0'; /* NULs apart, which are nothing */

    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];

        piece.others |= is_key(byte);
        piece.characters += begins_character(byte);
        piece.line_ends += byte == '\r' || (byte == '\n' && before != '\r');
        if (byte != '\0')
            before = byte;
    }
    return piece;
}

static bool types_by_hand(const struct burst *burst)
{
    return burst->characters >= BURST_HAND_CHARACTERS;
}

/* Counts characters that are received one by one, until there were enough. */
static void note_hand(struct burst *burst, const struct piece *piece)
{
    bool by_itself = piece->characters == 1 && piece->line_ends == 0 && !piece->others;

    if (!types_by_hand(burst))
        burst->characters = by_itself ? (unsigned char)(burst->characters + 1) : 0;
}

/* Whether a piece is text, and more than a key. */
static bool is_text(const struct piece *piece)
{
    return piece->characters + piece->line_ends > 1 && !piece->others;
}

bool burst_begins(struct burst *burst, const char *bytes, size_t length)
{
    struct piece piece = look_at(bytes, length);

    note_hand(burst, &piece);
    return types_by_hand(burst) && is_text(&piece) && piece.line_ends > BURST_LINES_MAX &&
           length >= BURST_BYTES_MIN;
}

bool burst_may_begin(const struct burst *burst, const char *bytes, size_t length)
{
    struct piece piece = look_at(bytes, length);

    return types_by_hand(burst) && is_text(&piece) && piece.line_ends > 0;
}

bool burst_goes_on(const char *bytes, size_t length)
{
    struct piece piece = look_at(bytes, length);

    return is_text(&piece);
}
