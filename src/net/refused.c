#include "base/platform.h"

#include "base/clock.h"
#include "net/refused.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long somebody who was refused may go on talking. */
#define PATIENCE CLOCK_SECOND

static void forget_oldest(struct refused *refused)
{
    close(refused->items[0].fd);
    refused->count--;
    memmove(refused->items, refused->items + 1, refused->count * sizeof *refused->items);
}

void refused_add(struct refused *refused, int fd)
{
    if (refused->count == REFUSED_MAX)
        forget_oldest(refused);
    shutdown(fd, SHUT_WR);
    refused->items[refused->count].fd = fd;
    refused->items[refused->count].deadline = clock_now() + PATIENCE;
    refused->count++;
}

size_t refused_fill(const struct refused *refused, struct pollfd *polled)
{
    for (size_t i = 0; i < refused->count; i++)
        polled[i] = (struct pollfd){.fd = refused->items[i].fd, .events = POLLIN};
    return refused->count;
}

int64_t refused_deadline(const struct refused *refused)
{
    return refused->count > 0 ? refused->items[0].deadline : CLOCK_NEVER;
}

/* Reads a little of what is there, so that nobody can keep the accepting thread. */
static bool has_ended(int fd)
{
    char bytes[4096];
    ssize_t received = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    return received == 0 ||
           (received < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

size_t refused_serve(struct refused *refused, const struct pollfd *polled)
{
    int64_t now = clock_now();
    size_t served = refused->count;
    size_t kept = 0;
    for (size_t i = 0; i < served; i++) {
        bool over = refused->items[i].deadline <= now ||
                    (polled[i].revents != 0 && has_ended(refused->items[i].fd));
        if (over)
            close(refused->items[i].fd);
        else
            refused->items[kept++] = refused->items[i];
    }
    refused->count = kept;
    return served;
}

void refused_close(struct refused *refused)
{
    while (refused->count > 0)
        forget_oldest(refused);
}
