#include "base/platform.h"

#include "chat/window.h"

static struct window_piece *piece_at(struct window *window, size_t i)
{
    return &window->pieces[(window->first + i) % WINDOW_PIECES];
}

/* If there are too many pieces, the last two become one. */
void window_add(struct window *window, uint64_t place, size_t bytes)
{
    if (window->count < WINDOW_PIECES)
        *piece_at(window, window->count++) = (struct window_piece){0};
    struct window_piece *last = piece_at(window, window->count - 1);
    if (last->place < place)
        last->place = place;
    last->bytes += bytes;
    window->bytes += bytes;
}

void window_close(struct window *window, uint64_t place)
{
    while (window->count > 0 && window->pieces[window->first].place <= place) {
        window->bytes -= window->pieces[window->first].bytes;
        window->first = (window->first + 1) % WINDOW_PIECES;
        window->count--;
    }
}
