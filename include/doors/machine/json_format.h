/*
 * json_format: messages as JSON, one object a line, for programs (docs/PROTOCOL.md, "Programs").
 */
#ifndef DOORS_MACHINE_JSON_FORMAT_H
#define DOORS_MACHINE_JSON_FORMAT_H

#include "chat/format.h"
#include "net/encoding.h"

extern const struct format json_format;

/*
 * The encoding of text for programs: lines of JSON go as they are. Any other text is for people,
 * such as net's own notices; it is dropped.
 */
extern const struct encoding json_encoding;

/* Begins an object of a type, and a line: what follows are its other members. */
bool json_begin_typed(struct buffer *out, const char *type);

#endif
