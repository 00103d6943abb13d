#include "base/platform.h"

#include "net/pipe.h"
#include "net/signals.h"

#include <assert.h>
#include <signal.h>
#include <stdatomic.h>

/* Interrupts the wait for input of a client's thread when the server stops. */
#define NUDGE SIGUSR1

/*
 * A handler may run on any thread, in parallel with main and with itself. So what it shares is
 * atomic and lock-free, as C11 requires of a signal handler.
 */
static_assert(ATOMIC_INT_LOCK_FREE == 2, "a handler needs lock-free atomic integers");

static atomic_int stops;
static atomic_int hangups;

/* Opened before the first handler is installed and never closed: a handler may still use it. */
static int wake_pipe[2] = {-1, -1};

/*
 * The flag is set before the pipe is written, so a reader that clears the pipe and then checks the
 * flag misses no signal.
 */
static void on_signal(int number)
{
    if (number == SIGHUP)
        atomic_store(&hangups, 1);
    else if (atomic_load(&stops) < 2)
        atomic_fetch_add(&stops, 1);
    pipe_wake(wake_pipe);
}

/* Does nothing: its arrival interrupts recv(). */
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

/* Has the calling thread, and those that it starts from now on, put SIGHUP off, or no more. */
static void mask_hangup(int how)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(how, &set, NULL);
}

void signals_defer_hangup(void)
{
    mask_hangup(SIG_BLOCK);
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
    if (hangup) {
        handle(SIGHUP, on_signal, SA_RESTART);
        mask_hangup(SIG_UNBLOCK);
    }
    handle(NUDGE, on_nudge, 0);
    handle(SIGPIPE, SIG_IGN, 0);
    handle(SIGXFSZ, SIG_IGN, 0); /* a log at its size limit is handled like a full disk */
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
