/*
 * spelling: which of some known words a mistyped one is meant for. It knows the words' letters and
 * nothing of what they do.
 */
#ifndef DOORS_PLAIN_SPELLING_H
#define DOORS_PLAIN_SPELLING_H

#include <stddef.h>

/*
 * Returns the known word that `length` bytes of UTF-8 are meant for, or NULL if none is near enough
 * to be worth a question: the only one that begins with them, or else the one that takes the fewest
 * mistakes, one to three letters at most. A mistake is a letter too many, one too few, another one,
 * or two that changed places. Case does not matter. known(0), known(1) and so on are the known
 * words, in ASCII and lower case, up to a NULL; among equals the first one is returned.
 */
const char *spelling_nearest(const char *word, size_t length, const char *(*known)(size_t i));

#endif
