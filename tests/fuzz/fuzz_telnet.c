/*
 * fuzz_telnet: whatever a peer sends and whatever cuts it is read in, text, events and replies
 * are the same, replies are bounded by what came, and no command gets into the text.
 *
 * The first four bytes of an input are the plan: where telnet_offer() is called, where
 * telnet_withdraw() is, where the offer is repeated, and the cuts' seed. 255 is never.
 */
#include "base/platform.h"

#include "net/telnet.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PLAN_BYTES = 4, STREAM_BYTES_MAX = 4096, NEVER = 255 };

/* A reply of 3 bytes answers 3, and so on; only the question for the type is longer, once. */
enum { UNASKED_BYTES_MAX = 6, OFFERS_BYTES_MAX = 18 + 9 + 18 };

struct outcome {
    uint16_t trace[2 * STREAM_BYTES_MAX]; /* text, and 256 and more for an event */
    unsigned char replies[2 * STREAM_BYTES_MAX];
    size_t trace_length, text_length, reply_length;
    struct telnet telnet;
};

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void keep_reply(void *context, const unsigned char *commands, size_t length)
{
    struct outcome *outcome = context;
    expect(length >= 3 && commands[0] == TELNET_IAC);
    expect(length <= sizeof outcome->replies - outcome->reply_length);
    memcpy(outcome->replies + outcome->reply_length, commands, length);
    outcome->reply_length += length;
}

static void act(struct outcome *outcome, const uint8_t *plan, size_t place)
{
    if (place == plan[0] && place != NEVER)
        telnet_offer(&outcome->telnet, keep_reply, outcome);
    if (place == plan[1] && place != NEVER)
        telnet_withdraw(&outcome->telnet, keep_reply, outcome);
    if (place == plan[2] && place != NEVER)
        telnet_offer(&outcome->telnet, keep_reply, outcome);
}

/* One read, in place and in a block of its own. */
static void receive(struct outcome *outcome, const uint8_t *bytes, size_t length)
{
    char *block = malloc(length > 0 ? length : 1);
    expect(block != NULL);
    memcpy(block, bytes, length);
    size_t begin = 0;
    size_t text = 0;
    struct telnet_received received;
    do {
        received = telnet_receive(&outcome->telnet, block + text, block + begin, length - begin,
                                  keep_reply, outcome);
        begin += received.consumed;
        expect(begin <= length && text + received.text <= begin);
        for (size_t i = 0; i < received.text; i++)
            outcome->trace[outcome->trace_length++] = (unsigned char)block[text + i];
        text += received.text;
        if (received.event != TELNET_TEXT)
            outcome->trace[outcome->trace_length++] = (uint16_t)(256 + received.event);
    } while (received.event != TELNET_TEXT);
    expect(begin == length);
    outcome->text_length += text;
    free(block);
}

/* Reads the stream, cut where the plan acts, and elsewhere by chance, if there is a seed. */
static void read_stream(struct outcome *outcome, const uint8_t *plan, const uint8_t *bytes,
                        size_t length, uint32_t seed)
{
    size_t start = 0;
    for (size_t i = 0; i <= length; i++) {
        bool acts = i < NEVER && (i == plan[0] || i == plan[1] || i == plan[2]);
        seed = seed * 1664525 + (seed != 0 ? 1013904223 : 0);
        if (!acts && i < length && seed >> 30 != 1)
            continue;
        receive(outcome, bytes + start, i - start);
        start = i;
        if (acts)
            act(outcome, plan, i);
    }
}

static void read_bytes(struct outcome *outcome, const uint8_t *plan, const uint8_t *bytes,
                       size_t length)
{
    for (size_t i = 0; i <= length; i++) {
        act(outcome, plan, i);
        if (i < length)
            receive(outcome, bytes + i, 1);
    }
}

static void expect_same(const struct outcome *left, const struct outcome *right)
{
    expect(left->trace_length == right->trace_length && left->reply_length == right->reply_length);
    expect(memcmp(left->trace, right->trace, left->trace_length * sizeof *left->trace) == 0);
    expect(memcmp(left->replies, right->replies, left->reply_length) == 0);
    expect(memcmp(left->telnet.terminal, right->telnet.terminal, sizeof left->telnet.terminal) ==
           0);
    expect(left->telnet.columns == right->telnet.columns);
    expect(left->telnet.rows == right->telnet.rows);
}

/* The text of a peer that is never in character mode, found in the plainest way. */
static size_t strip(const uint8_t *bytes, size_t length, unsigned char *text)
{
    size_t kept = 0;
    bool inside = false;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != TELNET_IAC) {
            if (!inside)
                text[kept++] = bytes[i];
            continue;
        }
        if (++i == length)
            break;
        if (bytes[i] == TELNET_IAC) {
            if (!inside)
                text[kept++] = TELNET_IAC;
            continue;
        }
        inside = bytes[i] == TELNET_SB;
        if (bytes[i] >= TELNET_WILL)
            i++;
    }
    return kept;
}

static void expect_stripped(const struct outcome *outcome, const uint8_t *bytes, size_t length)
{
    unsigned char text[STREAM_BYTES_MAX] = {0};
    size_t kept = strip(bytes, length, text);
    expect(kept == outcome->text_length);
    for (size_t i = 0, j = 0; i < outcome->trace_length; i++)
        if (outcome->trace[i] < 256)
            expect(outcome->trace[i] == text[j++]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct outcome whole;
    static struct outcome cut;
    static struct outcome single;
    if (size < PLAN_BYTES || size > PLAN_BYTES + STREAM_BYTES_MAX)
        return 0;
    const uint8_t *bytes = data + PLAN_BYTES;
    size_t length = size - PLAN_BYTES;
    memset(&whole, 0, sizeof whole);
    memset(&cut, 0, sizeof cut);
    memset(&single, 0, sizeof single);
    read_stream(&whole, data, bytes, length, 0);
    read_stream(&cut, data, bytes, length, data[3] + 1U);
    read_bytes(&single, data, bytes, length);
    expect_same(&whole, &cut);
    expect_same(&whole, &single);
    expect(whole.text_length <= length);
    expect(whole.reply_length <= length + UNASKED_BYTES_MAX + OFFERS_BYTES_MAX);
    expect(strlen(telnet_terminal(&whole.telnet)) <= TELNET_TERMINAL_BYTES);
    if (!whole.telnet.offered) {
        expect(!telnet_echoes(&whole.telnet) && telnet_columns(&whole.telnet) == 0);
        expect_stripped(&whole, bytes, length);
    }
    return 0;
}
