/*
 * fuzz_account: whatever stands in the bucket of accounts, what is accepted is within the rules,
 * and is the same when it is written anew.
 *
 * The input is a record without its checksum, which is added: the fuzzer would not find it.
 */
#include "base/platform.h"

#include "base/checksum.h"
#include "base/text.h"
#include "chat/name.h"
#include "cluster/account_record.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_BYTES_MAX = 4096, VERSION_AT = 4 };

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static bool is_name(struct words name)
{
    return name_is_well_made(name.bytes, name.length);
}

static void check_list(struct account_record record)
{
    struct account_record_message message;
    struct words name;
    uint32_t count = record.count;
    if (record.kind == ACCOUNT_RECORD_IGNORED)
        for (; account_record_next_name(&record, &name); count--)
            expect(is_name(name));
    else
        for (; account_record_next_message(&record, &message); count--)
            expect(is_name(message.author) && message.time >= 0 &&
                   text_is_clean(message.text.bytes, message.text.length));
    expect(count == 0 && record.listed.length == 0);
}

/* Of this version it has the same bytes. */
static void check_record(const struct account_record *record, const struct buffer *sealed)
{
    struct buffer copy = {0};
    expect(record->mark != 0 && record->serial != 0 && record->created >= 0 && record->seen >= 0);
    expect(record->name.length == 0 || is_name(record->name));
    check_list(*record);
    expect(account_record_write(&copy, record) == 0);
    if (buffer_bytes(sealed)[VERSION_AT] == ACCOUNT_RECORD_VERSION)
        expect(buffer_length(&copy) == buffer_length(sealed) &&
               memcmp(buffer_bytes(&copy), buffer_bytes(sealed), buffer_length(sealed)) == 0);
    buffer_free(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer sealed = {0};
    struct account_record record;
    if (size > INPUT_BYTES_MAX)
        return 0;
    account_record_read(&record, data, size);
    uint32_t sum = checksum_of(data, size);
    unsigned char place[] = {(unsigned char)(sum >> 24), (unsigned char)(sum >> 16),
                             (unsigned char)(sum >> 8), (unsigned char)sum};
    if (buffer_append(&sealed, data, size) && buffer_append(&sealed, place, sizeof place) &&
        account_record_read(&record, buffer_bytes(&sealed), buffer_length(&sealed)) == SEALED_OK)
        check_record(&record, &sealed);
    buffer_free(&sealed);
    return 0;
}
