#include "base/platform.h"

#include "base/duration.h"

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

enum duration_result duration_parse(const char *text, size_t length, int64_t *seconds)
{
    int64_t number;
    size_t digits = read_digits(text, length, &number);
    if (digits == 0 || length - digits > 1)
        return DURATION_OTHER;
    if (digits == length)
        return DURATION_NO_UNIT;
    const struct unit *unit = find_unit(text[digits]);
    if (unit == NULL)
        return DURATION_OTHER;
    if (number == 0 || number > DURATION_SECONDS_MAX / unit->seconds)
        return DURATION_OUT_OF_RANGE;
    *seconds = number * unit->seconds;
    return DURATION_READ;
}
