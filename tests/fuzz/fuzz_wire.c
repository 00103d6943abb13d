/*
 * fuzz_wire: whatever stands in the stream, what is accepted is within the rules, and is the same
 * when it is written anew.
 *
 * The input is a message without its checksum, which is added: the fuzzer would not find it.
 */
#include "base/platform.h"

#include "base/text.h"
#include "chat/name.h"
#include "cluster/wire.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_BYTES_MAX = 4096 };

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void check_name(struct words name)
{
    expect(name_is_well_made(name.bytes, name.length));
}

static void check_change(const struct change *change)
{
    if (change->name.length > 0)
        check_name(change->name);
    if (change->author_name.length > 0)
        check_name(change->author_name);
    if (change->target.length > 0)
        check_name(change->target);
    expect((change->author == 0) == (change->author_name.length == 0));
    expect(text_is_clean(change->text.bytes, change->text.length) && change->time >= 0 &&
           change->end >= 0);
}

static void copy_talk(struct buffer *copy, const struct change *change)
{
    struct change_messages messages = change->messages;
    struct message message;
    struct wire_talk talk;
    uint32_t count = 0;
    expect(wire_begin_talk(&talk, copy, change->room) == 0);
    while (wire_next_message(&messages, &message)) {
        check_name(message.name);
        expect(wire_add_message(&talk, &message) == 0);
        count++;
    }
    expect(count > 0 && count == change->messages.count && wire_end_talk(&talk) == 0);
}

static void check_numbers(const struct change_numbers *numbers)
{
    uint64_t list[WIRE_NUMBERS_MAX];
    if (numbers->count > 0)
        expect(numbers->count <= WIRE_NUMBERS_MAX && wire_numbers(numbers, list) == numbers->count);
}

/* Writes what was read. Of this version it has the same bytes. */
static void check_message(struct wire_reader reader, const struct wire_header *header,
                          const struct buffer *sealed)
{
    struct buffer copy = {0};
    struct change change;
    expect(wire_begin(&copy, header) == 0);
    while (wire_next(&reader, &change)) {
        check_change(&change);
        check_numbers(&change.numbers);
        if (change.kind == CHANGE_TALK)
            copy_talk(&copy, &change);
        else
            expect(wire_add(&copy, &change) == 0);
    }
    expect(wire_seal(&copy) == 0);
    if (buffer_bytes(sealed)[4] == WIRE_VERSION)
        expect(buffer_length(&copy) == buffer_length(sealed) &&
               memcmp(buffer_bytes(&copy), buffer_bytes(sealed), buffer_length(sealed)) == 0);
    buffer_free(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer sealed = {0};
    struct wire_reader reader;
    struct wire_header header;
    if (size > INPUT_BYTES_MAX)
        return 0;
    wire_open(&reader, data, size, &header);
    expect(buffer_append(&sealed, data, size) && wire_seal(&sealed) == 0);
    if (wire_open(&reader, buffer_bytes(&sealed), buffer_length(&sealed), &header) == SEALED_OK)
        check_message(reader, &header, &sealed);
    buffer_free(&sealed);
    return 0;
}
