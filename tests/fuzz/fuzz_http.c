/*
 * fuzz_http: whatever somebody sends who asks for figures, reading it ends with a status or wants
 * more, stays within its limits, and a status that is there does not change any more. A line that
 * is well is well in any place.
 */
#include "base/platform.h"

#include "doors/metrics/http_request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static bool is_known(enum http_status status)
{
    return status == HTTP_UNFINISHED || status == HTTP_OK || status == HTTP_BAD_REQUEST ||
           status == HTTP_METHOD_NOT_ALLOWED || status == HTTP_URI_TOO_LONG ||
           status == HTTP_FIELDS_TOO_LARGE || status == HTTP_VERSION_NOT_SUPPORTED;
}

/* Takes a line as the connection gives it: from memory of its own, without its end. */
static enum http_status take(struct http_request *request, const uint8_t *bytes, size_t length)
{
    if (length > HTTP_LINE_MAX)
        return http_request_take_overlong(request);
    char *line = malloc(length + 1); /* so that a read beyond it is found */
    if (line == NULL)
        abort();
    memcpy(line, bytes, length);
    enum http_status status = http_request_take(request, line, length);
    free(line);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_request request = {.status = HTTP_UNFINISHED};
    size_t place = 0;
    while (place < size) {
        const uint8_t *end = memchr(data + place, '\n', size - place);
        size_t length = end != NULL ? (size_t)(end - (data + place)) : size - place;
        enum http_status before = request.status;
        size_t cut = length > 0 && data[place + length - 1] == '\r' ? length - 1 : length;
        enum http_status status = take(&request, data + place, cut);
        expect(status == request.status && is_known(status));
        expect(before == HTTP_UNFINISHED || status == before);
        expect(memchr(request.path, '\0', sizeof request.path) != NULL);
        expect(status != HTTP_OK || (request.begun && request.path[0] == '/'));
        expect(status != HTTP_UNFINISHED || request.bytes <= HTTP_BYTES_MAX);
        place += length + 1;
    }
    (void)http_request_wants_openmetrics(&request);
    expect(request.openmetrics >= 0 && request.openmetrics <= 1000 && request.plain >= 0 &&
           request.plain <= 1000);
    return 0;
}
