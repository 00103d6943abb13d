#include "base/platform.h"

#include "net/pipe.h"
#include "net/signals.h"

#include <assert.h>
#include <signal.h>
#include <stdatomic.h>

/* What wakes a client's thread that waits for input when the server stops. */
#define NUDGE SIGUSR1

/*
 * A handler may run on any thread, beside main and beside itself: what it shares is atomic, and
 * without a lock, as C11 wants it of a handler.
 */
static_assert(ATOMIC_INT_LOCK_FREE == 2, "a handler needs lock-free atomic integers");

static atomic_int stops;
static atomic_int hangups;

/* Opened before the first handler is in place, and open from then on: one may still be in use. */
static int wake_pipe[2] = {-1, -1};

/* First the flag, then the pipe: who clears the pipe and looks at the flag then misses nothing. */
static void on_signal(int number)
{
    if (number == SIGHUP)
        atomic_store(&hangups, 1);
    else if (atomic_load(&stops) < 2)
        atomic_fetch_add(&stops, 1);
    pipe_wake(wake_pipe);
}

/* Ends a client thread's wait for input: that is all there is to do. */
static void on_nudge(int number)
{
    (void)number;
}

static void handle(int number, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

int signals_catch(bool hangup)
{
    int error = wake_pipe[0] < 0 ? pipe_open(wake_pipe) : 0;
    if (error != 0)
        return error;
    pipe_clear(wake_pipe);
    atomic_store(&stops, 0);
    atomic_store(&hangups, 0);
    handle(SIGTERM, on_signal, SA_RESTART);
    handle(SIGINT, on_signal, SA_RESTART);
    if (hangup)
        handle(SIGHUP, on_signal, SA_RESTART);
    handle(NUDGE, on_nudge, 0);
    handle(SIGPIPE, SIG_IGN, 0);
    handle(SIGXFSZ, SIG_IGN, 0); /* a log that may not grow is a full disk */
    return 0;
}

int signals_descriptor(void)
{
    return wake_pipe[0];
}

void signals_clear(void)
{
    pipe_clear(wake_pipe);
}

void signals_wake(void)
{
    pipe_wake(wake_pipe);
}

int signals_stops(void)
{
    int count = atomic_load(&stops);
    return count < 2 ? count : 2;
}

bool signals_take_hangup(void)
{
    return atomic_exchange(&hangups, 0) != 0;
}

void signals_nudge(pthread_t thread)
{
    pthread_kill(thread, NUDGE);
}
