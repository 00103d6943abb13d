#include "base/platform.h"

#include "base/text.h"
#include "chat/name.h"
#include "cluster/fields.h"

enum { NUMBER_BYTES_MAX = 8 };

struct fields fields_of(const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    return (struct fields){.at = at, .end = at + length};
}

size_t fields_left(const struct fields *fields)
{
    return (size_t)(fields->end - fields->at);
}

uint64_t fields_number(struct fields *fields, size_t bytes)
{
    uint64_t number = 0;
    if (fields_left(fields) < bytes) {
        fields->failed = true;
        fields->at = fields->end;
        return 0;
    }
    for (size_t i = 0; i < bytes; i++)
        number = number << 8 | *fields->at++;
    return number;
}

uint64_t fields_id(struct fields *fields)
{
    uint64_t id = fields_number(fields, NUMBER_BYTES_MAX);
    fields->failed |= id == 0;
    return id;
}

int64_t fields_time(struct fields *fields)
{
    uint64_t time = fields_number(fields, NUMBER_BYTES_MAX);
    fields->failed |= time > INT64_MAX;
    return fields->failed ? 0 : (int64_t)time;
}

bool fields_flag(struct fields *fields)
{
    uint64_t flag = fields_number(fields, 1);
    fields->failed |= flag > 1;
    return flag == 1;
}

struct words fields_words(struct fields *fields, size_t length_bytes)
{
    uint64_t length = fields_number(fields, length_bytes);
    if (length > fields_left(fields)) {
        fields->failed = true;
        length = 0;
    }
    struct words words = {(const char *)fields->at, (size_t)length};
    fields->at += length;
    return words;
}

struct words fields_name(struct fields *fields)
{
    struct words name = fields_words(fields, 1);
    fields->failed |= !name_is_well_made(name.bytes, name.length);
    return name;
}

struct words fields_text(struct fields *fields, size_t length_bytes, size_t most)
{
    struct words text = fields_words(fields, length_bytes);
    fields->failed |= text.length > most || !text_is_clean(text.bytes, text.length);
    return text;
}

void fields_store_number(unsigned char *place, uint64_t number, size_t bytes)
{
    for (size_t i = bytes; i > 0; i--, number >>= 8)
        place[i - 1] = (unsigned char)(number & 0xFF);
}

bool fields_put_number(struct buffer *out, uint64_t number, size_t bytes)
{
    unsigned char place[NUMBER_BYTES_MAX];
    fields_store_number(place, number, bytes);
    return buffer_append(out, place, bytes);
}

bool fields_put_words(struct buffer *out, struct words words, size_t length_bytes)
{
    uint64_t highest = (UINT64_C(1) << 8 * length_bytes) - 1;
    return fields_put_number(out, words.length < highest ? words.length : highest, length_bytes) &&
           buffer_append(out, words.length > 0 ? words.bytes : "", words.length);
}
