/*
 * window: what floods of this machine have said in a room, and other machines have not told yet
 * that they have made (chat/ordering.h). It is guarded by its owner. All zero: nothing.
 */
#ifndef CHAT_WINDOW_H
#define CHAT_WINDOW_H

#include <stddef.h>
#include <stdint.h>

enum { WINDOW_PIECES = 32 };

struct window {
    size_t bytes; /* of all pieces */
    size_t first, count;
    struct window_piece {
        uint64_t place; /* in the order */
        size_t bytes;
    } pieces[WINDOW_PIECES]; /* a ring; their places ascend */
};

/* Adds a piece that has a place in the order, above those before. */
void window_add(struct window *window, uint64_t place, size_t bytes);

/* Removes the pieces up to a place. */
void window_close(struct window *window, uint64_t place);

#endif
