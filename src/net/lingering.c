#include "base/platform.h"

#include "base/clock.h"
#include "net/lingering.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long to read from a client that was turned away. */
#define PATIENCE CLOCK_SECOND

static void forget_oldest(struct lingering *lingering)
{
    close(lingering->items[0].fd);
    lingering->count--;
    memmove(lingering->items, lingering->items + 1, lingering->count * sizeof *lingering->items);
}

void lingering_add(struct lingering *lingering, int fd)
{
    if (lingering->count == LINGERING_MAX)
        forget_oldest(lingering);
    shutdown(fd, SHUT_WR);
    lingering->items[lingering->count].fd = fd;
    lingering->items[lingering->count].deadline = clock_now() + PATIENCE;
    lingering->count++;
}

size_t lingering_fill(const struct lingering *lingering, struct pollfd *polled)
{
    for (size_t i = 0; i < lingering->count; i++)
        polled[i] = (struct pollfd){.fd = lingering->items[i].fd, .events = POLLIN};
    return lingering->count;
}

int64_t lingering_deadline(const struct lingering *lingering)
{
    return lingering->count > 0 ? lingering->items[0].deadline : CLOCK_NEVER;
}

/*
 * Whether the input has ended. Reads a limited amount, so that no client can keep the accepting
 * thread busy.
 */
static bool has_ended(int fd)
{
    char bytes[4096];
    ssize_t received = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    return received == 0 ||
           (received < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

size_t lingering_serve(struct lingering *lingering, const struct pollfd *polled)
{
    int64_t now = clock_now();
    size_t served = lingering->count;
    size_t kept = 0;
    for (size_t i = 0; i < served; i++) {
        bool over = lingering->items[i].deadline <= now ||
                    (polled[i].revents != 0 && has_ended(lingering->items[i].fd));
        if (over)
            close(lingering->items[i].fd);
        else
            lingering->items[kept++] = lingering->items[i];
    }
    lingering->count = kept;
    return served;
}

void lingering_close(struct lingering *lingering)
{
    while (lingering->count > 0)
        forget_oldest(lingering);
}
