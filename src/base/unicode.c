#include "base/platform.h"

#include "base/unicode.h"
#include "unicode_table.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Hangul syllables are composed of letters by rule (The Unicode Standard, section 3.12). */
enum {
    SYLLABLE_FIRST = 0xAC00,
    LEAD_FIRST = 0x1100,
    VOWEL_FIRST = 0x1161,
    TRAIL_BEFORE = 0x11A7, /* one below the first */
    LEADS = 19,
    VOWELS = 21,
    TRAILS = 28, /* including none */
    SYLLABLES = LEADS * VOWELS * TRAILS
};

/*
 * Returns the index of the last entry at or below `character` in a sorted table, whose entries are
 * code points shifted left by 8; `count` if there is none.
 */
static size_t last_before(const uint32_t *table, size_t count, uint32_t character)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table[middle] >> 8 <= character)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? low - 1 : count;
}

/* Returns the value of the range that a character is in; 0 in front of the first range. */
static unsigned range_value(const uint32_t *ranges, size_t count, uint32_t character)
{
    size_t range = last_before(ranges, count, character);
    return range < count ? ranges[range] & 0xFF : 0;
}

unsigned unicode_properties(uint32_t character)
{
    if (character > 0x10FFFF)
        return 0;
    return range_value(property_ranges, COUNT(property_ranges), character);
}

unsigned unicode_combining_class(uint32_t character)
{
    if (character < combining_ranges[0] >> 8)
        return 0;
    return range_value(combining_ranges, COUNT(combining_ranges), character);
}

/*
 * Decodes `length` UTF-16 units of the pool into `to`, unless that is NULL. Returns the number of
 * characters.
 */
static size_t read_pool(size_t place, size_t length, uint32_t *to)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++, count++) {
        uint32_t character = pool[place + i];
        if (character >= 0xD800 && character <= 0xDBFF) {
            i++;
            character = 0x10000 + ((character & 0x3FF) << 10 | (pool[place + i] & 0x3FFU));
        }
        if (to != NULL)
            to[count] = character;
    }
    return count;
}

/*
 * Writes the mapping of a character to `to`, unless that is NULL, and returns its length. A
 * character that is not in the table maps to itself.
 */
static size_t map(const uint32_t *keys, const uint16_t *places, size_t count, uint32_t character,
                  uint32_t *to)
{
    size_t i = character < keys[0] >> 8 ? count : last_before(keys, count, character);
    if (i < count && keys[i] >> 8 == character)
        return read_pool(places[i], keys[i] & 0xFF, to);
    if (to != NULL)
        *to = character;
    return 1;
}

#define MAP(table, character, to)                                                                  \
    map(table##_keys, table##_places, COUNT(table##_keys), character, to)

/* The mappings that expand() takes. */

static size_t canonical(uint32_t character, uint32_t *to)
{
    if (character - SYLLABLE_FIRST >= SYLLABLES)
        return MAP(canonical, character, to);
    uint32_t syllable = character - SYLLABLE_FIRST;
    uint32_t trail = syllable % TRAILS;
    if (to != NULL) {
        to[0] = LEAD_FIRST + syllable / TRAILS / VOWELS;
        to[1] = VOWEL_FIRST + syllable / TRAILS % VOWELS;
        if (trail > 0)
            to[2] = TRAIL_BEFORE + trail;
    }
    return trail > 0 ? 3 : 2;
}

static size_t casefold(uint32_t character, uint32_t *to)
{
    return MAP(casefold, character, to);
}

static size_t prototype(uint32_t character, uint32_t *to)
{
    return MAP(prototype, character, to);
}

/*
 * Replaces each character by its mapping, from the last to the first. No mapping is empty, so
 * writing does not overtake reading.
 */
static bool expand(struct unicode_text *text, size_t (*mapping)(uint32_t, uint32_t *))
{
    size_t to = 0;
    for (size_t i = 0; i < text->count; i++)
        to += mapping(text->characters[i], NULL);
    if (to > text->capacity)
        return false;
    size_t from = text->count;
    text->count = to;
    while (from > 0) {
        uint32_t character = text->characters[--from];
        to -= mapping(character, NULL);
        mapping(character, text->characters + to);
    }
    return true;
}

/*
 * Puts marks into canonical order: by ascending class, those of one class in the order that they
 * had.
 */
static void order_marks(struct unicode_text *text)
{
    uint32_t *characters = text->characters;
    for (size_t i = 1; i < text->count; i++) {
        uint32_t mark = characters[i];
        unsigned class = unicode_combining_class(mark);
        size_t place = i;
        while (class > 0 && place > 0 && unicode_combining_class(characters[place - 1]) > class) {
            characters[place] = characters[place - 1];
            place--;
        }
        characters[place] = mark;
    }
}

bool unicode_decompose(struct unicode_text *text)
{
    if (!expand(text, canonical))
        return false;
    order_marks(text);
    return true;
}

/* Returns the character that two compose; 0 if there is none. */
static uint32_t composite(uint32_t first, uint32_t second)
{
    if (first - LEAD_FIRST < LEADS && second - VOWEL_FIRST < VOWELS)
        return SYLLABLE_FIRST + ((first - LEAD_FIRST) * VOWELS + second - VOWEL_FIRST) * TRAILS;
    if (first - SYLLABLE_FIRST < SYLLABLES && (first - SYLLABLE_FIRST) % TRAILS == 0 &&
        second - TRAIL_BEFORE - 1 < TRAILS - 1)
        return first + second - TRAIL_BEFORE;
    size_t low = 0;
    size_t high = COUNT(composites);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const uint32_t *entry = composites[middle];
        if (entry[0] == first && entry[1] == second)
            return entry[2];
        if (entry[0] < first || (entry[0] == first && entry[1] < second))
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

bool unicode_compose(struct unicode_text *text)
{
    if (!unicode_decompose(text))
        return false;
    uint32_t *characters = text->characters;
    size_t kept = 0;
    size_t starter = text->count; /* index of the last one; count: none yet */
    unsigned between = 0;         /* class of the last character that was kept behind it */
    for (size_t i = 0; i < text->count; i++) {
        uint32_t character = characters[i];
        unsigned class = unicode_combining_class(character);
        bool adjacent = starter < text->count && starter + 1 == kept;
        bool reaches = starter < text->count && (adjacent || between < class);
        uint32_t composed = reaches ? composite(characters[starter], character) : 0;
        if (composed != 0) {
            characters[starter] = composed;
            continue;
        }
        if (class == 0)
            starter = kept;
        between = class;
        characters[kept++] = character;
    }
    text->count = kept;
    return true;
}

static bool is_ignored(uint32_t character)
{
    return character >= 0x80 && (unicode_properties(character) & UNICODE_IGNORED) != 0;
}

static void remove_ignored(struct unicode_text *text)
{
    size_t kept = 0;
    for (size_t i = 0; i < text->count; i++)
        if (!is_ignored(text->characters[i]))
            text->characters[kept++] = text->characters[i];
    text->count = kept;
}

bool unicode_caseless(struct unicode_text *text)
{
    if (!unicode_decompose(text))
        return false;
    remove_ignored(text);
    return expand(text, casefold) && unicode_decompose(text);
}

bool unicode_skeleton(struct unicode_text *text)
{
    return unicode_decompose(text) && expand(text, prototype) && unicode_decompose(text);
}
