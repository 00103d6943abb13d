#include "base/platform.h"

#include "edit/sink.h"

#include <string.h>

void sink_write(const struct sink *sink, const char *bytes, size_t length)
{
    if (length > 0)
        sink->write(sink->context, bytes, length);
}

void sink_text(const struct sink *sink, const char *text)
{
    sink_write(sink, text, strlen(text));
}
