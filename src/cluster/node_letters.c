#include "base/platform.h"

#include "chat/errand.h"
#include "chat/user.h"
#include "cluster/node_inside.h"
#include "cluster/wire.h"

#include <errno.h>
#include <string.h>

#define PATIENCE_MAX (POST_SECONDS_MAX * CLOCK_SECOND)

enum letter_answer {
    LETTER_DONE,
    LETTER_NOBODY,
    LETTER_REFUSED,
    LETTER_NO_MEMORY,
    LETTER_LATER,
    LETTER_UNREACHED /* it is reading anew, and its users have still to come in again */
};

static enum letter_answer answer_of(int error)
{
    if (error == ESRCH)
        return LETTER_NOBODY;
    if (error == ENOMEM)
        return LETTER_NO_MEMORY;
    if (error == EAGAIN)
        return LETTER_LATER;
    if (error == EHOSTUNREACH)
        return LETTER_UNREACHED;
    return error == 0 ? LETTER_DONE : LETTER_REFUSED;
}

static int error_of(const struct buffer *answer)
{
    int code = buffer_length(answer) > 0 ? *buffer_bytes(answer) : LETTER_REFUSED;
    if (code == LETTER_DONE)
        return 0;
    if (code == LETTER_LATER)
        return EAGAIN;
    if (code == LETTER_UNREACHED)
        return EHOSTUNREACH;
    return code == LETTER_NO_MEMORY ? ENOMEM : ESRCH;
}

/* Whether all that was before this machine has been made here. */
static bool has_begun(struct node *node)
{
    lock_take(&node->lock);
    bool begun = node->begun;
    lock_release(&node->lock);
    return begun;
}

/* Behind the code stands what was asked for: an address, as people write it, or nothing. */
static void append_host(struct buffer *answer, const struct address_prefix *host)
{
    char text[ADDRESS_PREFIX_SIZE];
    if (host->family == ADDRESS_NONE)
        return;
    address_prefix_format(host, text);
    buffer_append(answer, text, strlen(text));
}

static void read_host(const struct buffer *answer, struct address_prefix *host)
{
    *host = (struct address_prefix){.family = ADDRESS_NONE};
    if (buffer_length(answer) > 1)
        address_prefix_parse(buffer_bytes(answer) + 1, buffer_length(answer) - 1, host);
}

void node_receive_letter(void *context, struct post_run from, const void *bytes, size_t length,
                         struct buffer *answer)
{
    struct node *node = context;
    struct wire_reader reader;
    struct wire_header header;
    struct change change;
    struct address_prefix host = {.family = ADDRESS_NONE};
    int error = EINVAL;
    bool sound = wire_open(&reader, bytes, length, &header) == SEALED_OK &&
                 header.node == from.node && wire_next(&reader, &change);
    if (sound)
        error = has_begun(node) ? errand_run(node->chat, &change, &host) : EHOSTUNREACH;
    char code = (char)answer_of(error);
    if (buffer_append(answer, &code, 1))
        append_host(answer, &host);
}

/*
 * Finds the run of a machine that a remote user is connected to, and begins a letter of this one.
 */
static bool find_run(struct node *node, const struct user *user, struct post_run *run,
                     struct wire_header *header)
{
    lock_take(&node->lock);
    *header = (struct wire_header){node->id, node->boot, 1};
    const struct machine *machine = machines_of(&node->machines, user->machine);
    if (machine != NULL)
        *run = (struct post_run){machine->id, machine->boot & ~MACHINES_ANEW};
    lock_release(&node->lock);
    return machine != NULL;
}

/* Writes a change as a letter. Returns as wire_add(). */
static int write_letter(const struct wire_header *header, const struct change *change,
                        struct buffer *out)
{
    int error = wire_begin(out, header);
    if (error == 0)
        error = wire_add(out, change);
    return error == 0 ? wire_seal(out) : error;
}

int node_send_letter(void *context, const struct user *to, const struct change *change,
                     struct address_prefix *host)
{
    struct node *node = context;
    struct post_run run;
    struct wire_header header;
    struct buffer out = {0};
    struct buffer answer = {0};
    int64_t patience = node->turns.patience;
    if (patience > PATIENCE_MAX)
        patience = PATIENCE_MAX;
    int error = find_run(node, to, &run, &header) ? write_letter(&header, change, &out) : ESRCH;
    if (error == 0)
        error = post_send(node->post, run, buffer_bytes(&out), buffer_length(&out),
                          clock_now() + patience, &answer);
    if (error == 0)
        error = error_of(&answer);
    if (error == 0 && host != NULL)
        read_host(&answer, host);
    buffer_free(&out);
    buffer_free(&answer);
    return error;
}
