#include "base/platform.h"

#include "net/pipe.h"
#include "net/signals.h"

#include <signal.h>

/* What wakes a client's thread that waits for input when the server stops. */
#define NUDGE SIGUSR1

static int wake_pipe[2] = {-1, -1};
static volatile sig_atomic_t stops;
static volatile sig_atomic_t hangups;

static void on_signal(int number)
{
    if (number == SIGHUP)
        hangups = 1;
    else if (stops < 2)
        stops++;
    pipe_wake(wake_pipe);
}

/* Ends a client thread's wait for input: that is all there is to do. */
static void on_nudge(int number)
{
    (void)number;
}

int signals_catch(bool hangup)
{
    int error = pipe_open(wake_pipe);
    if (error != 0)
        return error;
    stops = hangups = 0;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    if (hangup)
        sigaction(SIGHUP, &action, NULL);
    action.sa_handler = on_nudge;
    action.sa_flags = 0;
    sigaction(NUDGE, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL); /* a log that may not grow is a full disk */
    return 0;
}

void signals_release(void)
{
    pipe_close(wake_pipe);
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
    return stops;
}

bool signals_take_hangup(void)
{
    bool came = hangups != 0;
    hangups = 0;
    return came;
}

void signals_nudge(pthread_t thread)
{
    pthread_kill(thread, NUDGE);
}
