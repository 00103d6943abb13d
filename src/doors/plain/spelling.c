#include "base/platform.h"

#include "base/text.h"
#include "doors/plain/spelling.h"

#include <string.h>

enum {
    LETTERS_MAX = 24,       /* longer words are not compared */
    LETTERS_PER_MISTAKE = 3 /* with fewer letters, any short word would be near another */
};

struct letters {
    size_t count;
    uint32_t letter[LETTERS_MAX];
};

/* Returns false if the word has too many letters. */
static bool read_letters(struct letters *letters, const char *word, size_t length)
{
    letters->count = 0;
    while (length > 0) {
        uint32_t letter;
        size_t size = text_decode(word, length, &letter);
        if (letters->count == LETTERS_MAX)
            return false;
        letters->letter[letters->count++] = text_lower(letter);
        word += size;
        length -= size;
    }
    return true;
}

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

/*
 * Returns how many mistakes make one word of the other: the Damerau-Levenshtein distance in which
 * no letter is changed twice ("optimal string alignment"). Row i of the table has the distances
 * from the first i letters of `from` to the beginnings of `to`; each row depends on two rows before
 * it, so three are kept.
 */
static size_t count_mistakes(const struct letters *from, const struct letters *to)
{
    size_t rows[3][LETTERS_MAX + 1];
    for (size_t j = 0; j <= to->count; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= from->count; i++) {
        const size_t *above = rows[(i - 1) % 3];
        size_t *row = rows[i % 3];
        row[0] = i;
        for (size_t j = 1; j <= to->count; j++) {
            bool same = from->letter[i - 1] == to->letter[j - 1];
            row[j] = least(above[j - 1] + !same, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && from->letter[i - 1] == to->letter[j - 2] &&
                from->letter[i - 2] == to->letter[j - 1])
                row[j] = least(row[j], rows[(i - 2) % 3][j - 2] + 1);
        }
    }
    return rows[from->count % 3][to->count];
}

static bool is_near(size_t mistakes, const struct letters *typed, const struct letters *known)
{
    size_t longer = typed->count > known->count ? typed->count : known->count;
    return mistakes * LETTERS_PER_MISTAKE <= longer;
}

static bool begins_with(const struct letters *known, const struct letters *typed)
{
    return typed->count <= known->count &&
           memcmp(known->letter, typed->letter, typed->count * sizeof *typed->letter) == 0;
}

const char *spelling_nearest(const char *word, size_t length, const char *(*known)(size_t i))
{
    struct letters typed;
    struct letters letters;
    const char *begun = NULL;
    const char *nearest = NULL;
    size_t beginnings = 0;
    size_t fewest = LETTERS_MAX;
    const char *candidate;
    if (!read_letters(&typed, word, length))
        return NULL;
    for (size_t i = 0; (candidate = known(i)) != NULL; i++) {
        if (!read_letters(&letters, candidate, strlen(candidate)))
            continue;
        if (begins_with(&letters, &typed)) {
            begun = candidate;
            beginnings++;
        }
        size_t mistakes = count_mistakes(&typed, &letters);
        if (mistakes < fewest && is_near(mistakes, &typed, &letters)) {
            nearest = candidate;
            fewest = mistakes;
        }
    }
    return beginnings == 1 ? begun : nearest;
}
