#include "base/platform.h"

#include "cluster/stream_memory.h"

/* Adds 64 bits to a sum: FNV-1a in steps of 64 bits, with the high ones brought down. */
static uint64_t mix(uint64_t sum, uint64_t value)
{
    sum = (sum ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return sum ^ sum >> 29;
}

static uint64_t not_zero(uint64_t sum)
{
    return sum != 0 ? sum : 1;
}

/* Up to eight bytes as a number, the first one the lowest, whatever the machine. */
static uint64_t read_word(const unsigned char *bytes, size_t length)
{
    uint64_t word = 0;
    for (size_t i = 0; i < length; i++)
        word |= (uint64_t)bytes[i] << 8 * i;
    return word;
}

uint64_t stream_memory_sum(const void *bytes, size_t length, int64_t time)
{
    const unsigned char *at = bytes;
    uint64_t sum = mix(mix(UINT64_C(0xCBF29CE484222325), length), (uint64_t)time);
    for (; length >= 8; at += 8, length -= 8)
        sum = mix(sum, read_word(at, 8));
    return not_zero(mix(sum, read_word(at, length)));
}

static const struct stream_memory_entry *find(const struct stream_memory *memory, uint64_t sequence)
{
    const struct stream_memory_entry *entry = &memory->entries[sequence % STREAM_MEMORY];
    return sequence != 0 && entry->sequence == sequence ? entry : NULL;
}

uint64_t stream_memory_page_of(uint64_t sequence)
{
    return sequence - (sequence - 1) % STREAM_PAGE;
}

/* Returns the sum of a message's page up to it; 0 if that is not known. */
static uint64_t page_sum(const struct stream_memory *memory, uint64_t sequence)
{
    const struct stream_memory_entry *entry = find(memory, sequence);
    return entry != NULL ? entry->page : 0;
}

void stream_memory_keep(struct stream_memory *memory, uint64_t sequence, uint64_t sum)
{
    struct stream_memory_entry *entry = &memory->entries[sequence % STREAM_MEMORY];
    uint64_t before =
        sequence == stream_memory_page_of(sequence) ? sequence : page_sum(memory, sequence - 1);
    *entry = (struct stream_memory_entry){.sequence = sequence, .sum = sum};
    if (before != 0)
        entry->page = not_zero(mix(before, sum));
    memory->last = sequence;
}

uint64_t stream_memory_sum_of(const struct stream_memory *memory, uint64_t sequence)
{
    const struct stream_memory_entry *entry = find(memory, sequence);
    return entry != NULL ? entry->sum : 0;
}

static enum stream_likeness compare(uint64_t own, uint64_t other)
{
    if (own == 0 || other == 0)
        return STREAM_UNKNOWN;
    return own == other ? STREAM_SAME : STREAM_OTHER;
}

enum stream_likeness stream_memory_compare(const struct stream_memory *memory, uint64_t sequence,
                                           uint64_t sum)
{
    return compare(stream_memory_sum_of(memory, sequence), sum);
}

struct stream_reading stream_memory_reading(const struct stream_memory *memory)
{
    struct stream_reading reading = {.sequence = memory->last};
    if (memory->last == 0)
        return reading;
    reading.page = page_sum(memory, memory->last);
    reading.before = page_sum(memory, stream_memory_page_of(memory->last) - 1);
    return reading;
}

enum stream_likeness stream_memory_compare_reading(const struct stream_memory *memory,
                                                   const struct stream_reading *reading)
{
    if (reading->sequence == 0)
        return STREAM_UNKNOWN;
    enum stream_likeness page = compare(page_sum(memory, reading->sequence), reading->page);
    enum stream_likeness before =
        compare(page_sum(memory, stream_memory_page_of(reading->sequence) - 1), reading->before);
    if (page == STREAM_OTHER || before == STREAM_OTHER)
        return STREAM_OTHER;
    return page == STREAM_UNKNOWN ? before : page;
}

uint64_t stream_memory_first_of(const struct stream_reading *reading)
{
    uint64_t page = stream_memory_page_of(reading->sequence);
    return page > STREAM_PAGE ? page - STREAM_PAGE : 1;
}
