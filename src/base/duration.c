#include "base/platform.h"

#include "base/duration.h"

#include <stdbool.h>

static const struct unit {
    char letter;
    int64_t seconds;
} units[] = {
    {'w', 7 * 24 * 60 * 60}, {'d', 24 * 60 * 60}, {'h', 60 * 60}, {'m', 60}, {'s', 1},
};

enum { UNITS = sizeof units / sizeof *units };

static const struct unit *find_unit(char letter)
{
    for (size_t i = 0; i < UNITS; i++)
        if (letter == units[i].letter || letter == units[i].letter - 'a' + 'A')
            return &units[i];
    return NULL;
}

/* Reads the leading digits; a number above the longest duration stays just above it. */
static size_t read_digits(const char *text, size_t length, int64_t *number)
{
    size_t read = 0;
    *number = 0;
    for (; read < length && text[read] >= '0' && text[read] <= '9'; read++)
        if (*number <= DURATION_SECONDS_MAX)
            *number = *number * 10 + (text[read] - '0');
    return read;
}

/* Whether what is behind a number may be meant for a unit, as in "10min", "1h30m" or "1.5h". */
static bool seems_a_unit(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char lower = (char)(text[i] | 0x20);
        bool is_letter = lower >= 'a' && lower <= 'z';
        if (!is_letter && !(text[i] >= '0' && text[i] <= '9') && text[i] != '.')
            return false;
    }
    return true;
}

enum duration_result duration_parse(const char *text, size_t length, int64_t *seconds)
{
    int64_t number;
    size_t digits = read_digits(text, length, &number);
    if (digits == 0 || !seems_a_unit(text + digits, length - digits))
        return DURATION_OTHER;
    const struct unit *unit = length - digits == 1 ? find_unit(text[digits]) : NULL;
    if (unit == NULL)
        return DURATION_NO_UNIT;
    if (number == 0 || number > DURATION_SECONDS_MAX / unit->seconds)
        return DURATION_OUT_OF_RANGE;
    *seconds = number * unit->seconds;
    return DURATION_READ;
}
