/*
 * partyline-echo: sends each line back to the client that sent it. It is the smallest server on
 * the net layer, and the example of how to write another one.
 */
#include "base/platform.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/number.h"
#include "net/listener.h"
#include "net/server.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum { ADDRESSES_MAX = 16, IDLE_SECONDS_MAX = 365 * 24 * 60 * 60, EXIT_USAGE = 2 };

static const char program[] = "partyline-echo";

static const struct door echo_door = {.full_line =
                                          "*** The server is full. Try again later. ***\n"};

/* The whole conversation with one client. */
static void echo(struct conn *conn, void *context)
{
    struct line line;
    struct buffer answer = {0};
    enum conn_event event;
    while ((event = conn_read_line(conn, &line)) != CONN_ENDED) {
        if (event == CONN_LINE_TOO_LONG) {
            outbox_say(conn_outbox(conn), "*** Line too long. ***\n");
            continue;
        }
        if (!buffer_append(&answer, line.bytes, line.length) || !buffer_append(&answer, "\n", 1))
            break;
        outbox_answer(conn_outbox(conn), buffer_bytes(&answer), buffer_length(&answer));
        buffer_free(&answer);
        if (!conn_catch_up(conn))
            break;
    }
    buffer_free(&answer);
    if (link_reason(conn_link(conn)) == LINK_IDLE)
        outbox_say(conn_outbox(conn), "Disconnected: idle timeout.\n");
    (void)context;
}

static void on_listening(void *context, const char *address, const struct entrance *entrance)
{
    (void)context;
    (void)entrance;
    printf("Echo server running on %s\n", address);
    fflush(stdout);
}

static int usage(FILE *out, int status)
{
    fprintf(out, "Usage: %s [--listen ADDRESS]... [--idle-timeout SECONDS]\n", program);
    return status;
}

static int mistaken(const char *option, const char *value, const char *allowed)
{
    fprintf(stderr, "%s: %s: '%s' is not %s\n", program, option, value, allowed);
    return usage(stderr, EXIT_USAGE);
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {{"listen", required_argument, NULL, 'l'},
                                          {"idle-timeout", required_argument, NULL, 't'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    struct server_address addresses[ADDRESSES_MAX] = {
        {.address = "127.0.0.1:8889", .entrance = {.door = &echo_door}}};
    size_t address_count = 0;
    uint64_t seconds = 300;
    int code;
    while ((code = getopt_long(argc, argv, "l:t:h", longs, NULL)) != -1) {
        if (code == 'h')
            return usage(stdout, EXIT_SUCCESS);
        if (code == 'l' && address_count < ADDRESSES_MAX && listener_address_is_valid(optarg))
            addresses[address_count++] =
                (struct server_address){.address = optarg, .entrance = {.door = &echo_door}};
        else if (code == 'l')
            return mistaken("--listen", optarg, LISTENER_FORMS ", at most 16 times");
        else if (code != 't')
            return usage(stderr, EXIT_USAGE);
        else if (!number_parse(optarg, 0, IDLE_SECONDS_MAX, &seconds))
            return mistaken("--idle-timeout", optarg, "a number of seconds from 0 to 31536000");
    }
    if (optind < argc)
        return usage(stderr, EXIT_USAGE);
    struct server_config config = {
        .program = program,
        .addresses = addresses,
        .address_count = address_count > 0 ? address_count : 1,
        .max_line = 4096,
        .limits = {.sendq = 1024 * 1024,
                   .timeout = (int64_t)seconds * CLOCK_SECOND,
                   .grace = 5 * CLOCK_SECOND},
        .stopping_line = "*** The server is shutting down. ***\n",
        .events = {.listening = on_listening},
    };
    struct listeners listeners;
    return server_listen(&config, &listeners) ? server_run(&config, &listeners, echo, NULL)
                                              : EXIT_FAILURE;
}
