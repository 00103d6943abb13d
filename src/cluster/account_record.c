#include "base/platform.h"

#include "chat/archive.h"
#include "cluster/account_record.h"
#include "cluster/fields.h"

#include <errno.h>

static const struct sealed_form form = {
    {0x8F, 'P', 'L', 'A'}, ACCOUNT_RECORD_VERSION, ACCOUNT_RECORD_BYTES_MAX};

/*
 * Reading
 */

/* Hashes of passwords are printed characters. */
static struct words take_hash(struct fields *fields)
{
    struct words hash = fields_words(fields, 2);
    fields->failed |= hash.length == 0 || hash.length > ACCOUNT_RECORD_HASH_MAX;
    for (size_t i = 0; i < hash.length && !fields->failed; i++)
        fields->failed = hash.bytes[i] <= ' ' || hash.bytes[i] > '~';
    return hash;
}

static void take_message(struct fields *fields, struct account_record_message *message)
{
    message->time = fields_time(fields);
    message->of_stranger = fields_flag(fields);
    message->author = fields_name(fields);
    message->text = fields_text(fields, 4, ACCOUNT_RECORD_BYTES_MAX);
}

/* Walks over a list, so that all that is in it is checked. */
static void take_list(struct fields *fields, struct account_record *record)
{
    bool names = record->kind == ACCOUNT_RECORD_IGNORED;
    struct account_record_message message;
    record->count = (uint32_t)fields_number(fields, 4);
    fields->failed |=
        record->count > (uint32_t)(names ? (int)ARCHIVE_IGNORED_MAX : (int)ARCHIVE_KEPT_MAX);
    record->listed.bytes = (const char *)fields->at;
    for (uint32_t i = 0; i < record->count && !fields->failed; i++) {
        if (names)
            fields_name(fields);
        else
            take_message(fields, &message);
    }
    record->listed.length = (size_t)((const char *)fields->at - record->listed.bytes);
}

static void take_fields(struct fields *fields, struct account_record *record)
{
    switch (record->kind) {
    case ACCOUNT_RECORD_ACCOUNT:
        record->created = fields_time(fields);
        record->seen = fields_time(fields);
        record->is_operator = fields_flag(fields);
        record->name = fields_name(fields);
        record->hash = take_hash(fields);
        break;
    case ACCOUNT_RECORD_CLAIM:
        record->confirmed = fields_flag(fields);
        record->name = fields_name(fields);
        break;
    case ACCOUNT_RECORD_IGNORED:
    case ACCOUNT_RECORD_KEPT:
        take_list(fields, record);
        break;
    default:
        fields->failed = true;
        break;
    }
}

enum sealed_result account_record_read(struct account_record *record, const void *bytes,
                                       size_t length)
{
    struct fields fields;
    bool newer;
    enum sealed_result result = sealed_open(&form, bytes, length, &fields, &newer);
    if (result != SEALED_OK)
        return result;
    *record = (struct account_record){.kind = (enum account_record_kind)fields_number(&fields, 1)};
    uint64_t flags = fields_number(&fields, 1);
    record->mark = fields_id(&fields);
    record->serial = fields_id(&fields);
    take_fields(&fields, record);
    bool strange = !newer && (flags != 0 || fields_left(&fields) > 0);
    return fields.failed || strange ? SEALED_GARBLED : SEALED_OK;
}

/* Begins to read what is left of a list; what was read moves on. */
static struct fields begin_next(const struct account_record *record)
{
    return fields_of(record->listed.bytes, record->listed.length);
}

static void end_next(struct account_record *record, const struct fields *fields)
{
    record->count--;
    record->listed = (struct words){(const char *)fields->at, fields_left(fields)};
}

bool account_record_next_name(struct account_record *record, struct words *name)
{
    if (record->count == 0)
        return false;
    struct fields fields = begin_next(record);
    *name = fields_name(&fields);
    end_next(record, &fields);
    return true;
}

bool account_record_next_message(struct account_record *record,
                                 struct account_record_message *message)
{
    if (record->count == 0)
        return false;
    struct fields fields = begin_next(record);
    take_message(&fields, message);
    end_next(record, &fields);
    return true;
}

/*
 * Writing
 */

bool account_record_add_name(struct buffer *listed, struct words name)
{
    return fields_put_words(listed, name, 1);
}

bool account_record_add_message(struct buffer *listed, const struct account_record_message *message)
{
    return fields_put_number(listed, (uint64_t)message->time, 8) &&
           fields_put_number(listed, message->of_stranger, 1) &&
           fields_put_words(listed, message->author, 1) &&
           fields_put_words(listed, message->text, 4);
}

static bool put_fields(struct buffer *out, const struct account_record *record)
{
    switch (record->kind) {
    case ACCOUNT_RECORD_ACCOUNT:
        return fields_put_number(out, (uint64_t)record->created, 8) &&
               fields_put_number(out, (uint64_t)record->seen, 8) &&
               fields_put_number(out, record->is_operator, 1) &&
               fields_put_words(out, record->name, 1) && fields_put_words(out, record->hash, 2);
    case ACCOUNT_RECORD_CLAIM:
        return fields_put_number(out, record->confirmed, 1) &&
               fields_put_words(out, record->name, 1);
    case ACCOUNT_RECORD_IGNORED:
    case ACCOUNT_RECORD_KEPT:
        break;
    }
    return fields_put_number(out, record->count, 4) &&
           buffer_append(out, record->listed.length > 0 ? record->listed.bytes : "",
                         record->listed.length);
}

static bool put(struct buffer *out, const struct account_record *record)
{
    return sealed_begin(out, &form) && fields_put_number(out, record->kind, 1) &&
           fields_put_number(out, 0, 1) && fields_put_number(out, record->mark, 8) &&
           fields_put_number(out, record->serial, 8) && put_fields(out, record) && sealed_end(out);
}

/* The reader's rules are the only ones: what was written is read. */
int account_record_write(struct buffer *out, const struct account_record *record)
{
    struct account_record written;
    int error = put(out, record) ? 0 : ENOMEM;
    if (error == 0 && buffer_length(out) > ACCOUNT_RECORD_BYTES_MAX)
        error = EMSGSIZE;
    else if (error == 0 &&
             account_record_read(&written, buffer_bytes(out), buffer_length(out)) != SEALED_OK)
        error = EINVAL;
    if (error != 0)
        buffer_truncate(out, 0);
    return error;
}
