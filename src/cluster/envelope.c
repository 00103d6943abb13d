#include "base/platform.h"

#include "cluster/envelope.h"
#include "cluster/fields.h"

#include <assert.h>
#include <errno.h>

static const struct sealed_form form = {
    {0x8F, 'P', 'L', 'P'}, ENVELOPE_VERSION, ENVELOPE_BYTES + ENVELOPE_CONTENT_MAX};

static bool put(struct buffer *out, const struct envelope *envelope)
{
    return sealed_begin(out, &form) && fields_put_number(out, envelope->kind, 1) &&
           fields_put_number(out, 0, 1) && fields_put_number(out, envelope->node, 8) &&
           fields_put_number(out, envelope->boot, 8) &&
           fields_put_number(out, envelope->number, 8) &&
           fields_put_number(out, envelope->floor, 8) &&
           buffer_append(out, envelope->length > 0 ? envelope->content : "", envelope->length) &&
           sealed_end(out);
}

int envelope_write(struct buffer *out, const struct envelope *envelope)
{
    assert(envelope->length <= ENVELOPE_CONTENT_MAX);
    if (put(out, envelope))
        return 0;
    buffer_truncate(out, 0);
    return ENOMEM;
}

/* Whether the fields obey the rules. */
static bool is_valid(const struct envelope *envelope)
{
    return (envelope->kind == ENVELOPE_LETTER || envelope->kind == ENVELOPE_ANSWER) &&
           envelope->number <= INT64_MAX && envelope->floor <= envelope->number &&
           envelope->number - envelope->floor < ENVELOPE_WINDOW;
}

enum sealed_result envelope_read(struct envelope *envelope, const void *bytes, size_t length)
{
    struct fields fields;
    bool newer;
    enum sealed_result result = sealed_open(&form, bytes, length, &fields, &newer);
    if (result != SEALED_OK)
        return result;
    envelope->kind = (enum envelope_kind)fields_number(&fields, 1);
    fields_number(&fields, 1); /* flags */
    envelope->node = fields_id(&fields);
    envelope->boot = fields_id(&fields);
    envelope->number = fields_number(&fields, 8);
    envelope->floor = fields_id(&fields);
    envelope->content = fields.at;
    envelope->length = fields_left(&fields);
    return !fields.failed && is_valid(envelope) ? SEALED_OK : SEALED_GARBLED;
}
