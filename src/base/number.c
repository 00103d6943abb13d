#include "base/platform.h"

#include "base/clock.h"
#include "base/number.h"

#include <stddef.h>

/* Reads the leading digits; *fits tells whether their value is at most high. Returns the rest. */
static const char *digits(const char *text, uint64_t high, uint64_t *value, bool *fits)
{
    *value = 0;
    *fits = true;
    for (; *text >= '0' && *text <= '9'; text++) {
        uint64_t digit = (uint64_t)(*text - '0');
        if (digit > high || *value > (high - digit) / 10)
            *fits = false;
        else
            *value = *value * 10 + digit;
    }
    return text;
}

bool number_parse(const char *text, uint64_t low, uint64_t high, uint64_t *value)
{
    uint64_t number;
    bool fits;
    const char *rest = digits(text, high, &number, &fits);
    if (rest == text || *rest != '\0' || !fits || number < low)
        return false;
    *value = number;
    return true;
}

bool number_parse_seconds(const char *text, uint64_t high, int64_t *nanoseconds)
{
    uint64_t seconds;
    bool fits;
    const char *rest = digits(text, high, &seconds, &fits);
    if (!fits)
        return false;
    bool whole_part = rest != text;
    int64_t fraction = 0;
    if (*rest == '.') {
        int64_t unit = CLOCK_SECOND / 10;
        const char *digit = rest + 1;
        for (; *digit >= '0' && *digit <= '9' && unit > 0; digit++, unit /= 10)
            fraction += (*digit - '0') * unit;
        if (digit == rest + 1)
            return false;
        rest = digit;
    } else if (!whole_part) {
        return false;
    }
    if (*rest != '\0' || (seconds == high && fraction > 0))
        return false;
    *nanoseconds = (int64_t)seconds * CLOCK_SECOND + fraction;
    return true;
}
