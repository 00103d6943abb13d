#include "base/platform.h"

#include "base/clock.h"
#include "ending.h"
#include "net/signals.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What the thread is given; it ends with the process. */
static struct ending {
    int64_t deadline;
    int stops;
} ending;

/* Not by exit(): what waits for a disk would be waited for. */
static void end(void)
{
    static const char told[] = "partyline: ended before everything was stored\n";
    ssize_t written = write(STDERR_FILENO, told, sizeof told - 1);
    (void)written;
    _exit(EXIT_FAILURE);
}

static void *wait_for_the_end(void *argument)
{
    const struct ending *wait = argument;
    struct pollfd woken = {.fd = signals_descriptor(), .events = POLLIN};
    while (signals_stops() <= wait->stops && clock_now() < wait->deadline) {
        poll(&woken, 1, clock_poll_timeout(wait->deadline));
        signals_clear();
    }
    end();
    return NULL;
}

void ending_begin(int64_t deadline, int stops)
{
    pthread_t thread;
    ending = (struct ending){.deadline = deadline, .stops = stops};
    if (pthread_create(&thread, NULL, wait_for_the_end, &ending) == 0)
        pthread_detach(thread);
    else if (deadline != CLOCK_NEVER)
        end();
}
