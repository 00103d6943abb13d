/*
 * spelling: finds the known word that a mistyped one is meant for. It compares letters only, and
 * does not know what the words mean.
 */
#ifndef DOORS_PLAIN_SPELLING_H
#define DOORS_PLAIN_SPELLING_H

#include <stddef.h>

/*
 * Returns the known word that `length` bytes of UTF-8 are meant for, or NULL if none is near
 * enough. That is the only known word that begins with them, or else the one with the fewest
 * mistakes, at most one for three letters, and among equals the first. A mistake is one letter too
 * many, too few, or wrong, or two letters that changed places. Case does not matter. known(0),
 * known(1) and so on return the known words, in lower-case ASCII, and NULL behind the last one.
 */
const char *spelling_nearest(const char *word, size_t length, const char *(*known)(size_t i));

#endif
