/*
 * complaint: reports the violations that the run found. Only their number is kept; the text is
 * written at once, so that it survives when the run is killed.
 */
#include "complaint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    COMPLAINTS_ENOUGH = 5,
    QUOTE_HEAD_BYTES = 80, /* what is shown of a long line: its beginning ... */
    QUOTE_TAIL_BYTES = 24  /* ... and its end, where a truncated or joined line shows */
};

static unsigned complaints;

void complaint_raise(const char *format, ...)
{
    va_list arguments;

    complaints++;
    fputs("stress: violation: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void complaint_add(const char *format, ...)
{
    va_list arguments;

    fputs("stress:     ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

unsigned complaint_count(void)
{
    return complaints;
}

bool complaint_enough(void)
{
    return complaints >= COMPLAINTS_ENOUGH;
}

/* Appends length bytes to the quote at *used; each byte becomes at most four characters. */
static void quote_bytes(const char *bytes, size_t length, char *quote, size_t *used)
{
    size_t room = COMPLAINT_QUOTE_BYTES - *used;

    for (size_t i = 0; i < length && room > 5; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        int written;

        if (byte < 0x20 || byte >= 0x7f || byte == '\\') {
            written = snprintf(quote + *used, room, "\\x%02x", byte);
        } else {
            written = snprintf(quote + *used, room, "%c", byte);
        }
        *used += (size_t)written;
        room -= (size_t)written;
    }
    quote[*used] = '\0';
}

const char *complaint_quote(const char *bytes, size_t length, char quote[COMPLAINT_QUOTE_BYTES])
{
    size_t used = 0;

    if (length <= QUOTE_HEAD_BYTES + QUOTE_TAIL_BYTES) {
        quote_bytes(bytes, length, quote, &used);
        return quote;
    }
    quote_bytes(bytes, QUOTE_HEAD_BYTES, quote, &used);
    used += (size_t)snprintf(quote + used, COMPLAINT_QUOTE_BYTES - used, " [... %zu bytes ...] ",
                             length - QUOTE_HEAD_BYTES - QUOTE_TAIL_BYTES);
    quote_bytes(bytes + length - QUOTE_TAIL_BYTES, QUOTE_TAIL_BYTES, quote, &used);
    return quote;
}
