#include "base/platform.h"

#include "doors/metrics/http_request.h"

#include <string.h>
#include <strings.h>

/* A part of a line. */
struct part {
    const char *bytes;
    size_t length;
};

static bool is(struct part part, const char *word)
{
    return part.length == strlen(word) && memcmp(part.bytes, word, part.length) == 0;
}

/* The same without regard to case. */
static bool is_caseless(struct part part, const char *word)
{
    return part.length == strlen(word) && strncasecmp(part.bytes, word, part.length) == 0;
}

/* Takes from `rest` what is before `separator`, or all, and drops that. */
static struct part take(struct part *rest, char separator)
{
    const char *end = rest->length > 0 ? memchr(rest->bytes, separator, rest->length) : NULL;
    size_t length = end != NULL ? (size_t)(end - rest->bytes) : rest->length;
    size_t used = end != NULL ? length + 1 : length;
    struct part part = {rest->bytes, length};
    rest->bytes += used;
    rest->length -= used;
    return part;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static struct part strip(struct part part)
{
    while (part.length > 0 && is_blank(part.bytes[0])) {
        part.bytes++;
        part.length--;
    }
    while (part.length > 0 && is_blank(part.bytes[part.length - 1]))
        part.length--;
    return part;
}

/* Whether a part is a token (RFC 9110, section 5.6.2): the name of a method or a field. */
static bool is_token(struct part part)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < part.length; i++) {
        char byte = part.bytes[i];
        bool alphanumeric = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                            (byte >= '0' && byte <= '9');
        if (!alphanumeric && (byte == '\0' || strchr(marks, byte) == NULL))
            return false;
    }
    return part.length > 0;
}

/* Whether a part has no control characters but, if they may be there, tabs. */
static bool is_printable(struct part part, bool tabs)
{
    for (size_t i = 0; i < part.length; i++) {
        unsigned char byte = (unsigned char)part.bytes[i];
        if ((byte < ' ' && !(tabs && byte == '\t')) || byte == 0x7F)
            return false;
    }
    return true;
}

/*
 * The request line.
 */

/*
 * Keeps the path of a target: "/metrics?x" and "http://HOST/metrics" have the same. Returns false
 * if it has none.
 */
static bool take_target(struct http_request *request, struct part target)
{
    static const char scheme[] = "http://";
    struct part rest = target;
    target = take(&rest, '?');
    if (target.length >= strlen(scheme) && strncasecmp(target.bytes, scheme, strlen(scheme)) == 0) {
        target.bytes += strlen(scheme);
        target.length -= strlen(scheme);
        while (target.length > 0 && target.bytes[0] != '/') {
            target.bytes++;
            target.length--;
        }
    }
    size_t length = target.length < HTTP_PATH_SIZE ? target.length : HTTP_PATH_SIZE - 1;
    memcpy(request->path, target.bytes, length);
    request->path[length] = '\0';
    return target.length > 0 && target.bytes[0] == '/';
}

static enum http_status check_version(struct http_request *request, struct part version)
{
    bool has_form = version.length == strlen("HTTP/1.1") &&
                    memcmp(version.bytes, "HTTP/", strlen("HTTP/")) == 0 && version.bytes[6] == '.';
    if (!has_form)
        return HTTP_BAD_REQUEST;
    if (version.bytes[5] != '1')
        return HTTP_VERSION_NOT_SUPPORTED;
    request->is_1_1 = version.bytes[7] != '0';
    return HTTP_UNFINISHED;
}

static enum http_status take_request_line(struct http_request *request, struct part line)
{
    struct part rest = line;
    struct part method = take(&rest, ' ');
    struct part target = take(&rest, ' ');
    request->begun = true;
    if (!is_token(method) || target.length == 0 || !is_printable(line, false))
        return HTTP_BAD_REQUEST;
    enum http_status status = check_version(request, rest);
    if (status != HTTP_UNFINISHED)
        return status;
    request->head = is(method, "HEAD");
    if (!request->head && !is(method, "GET"))
        return HTTP_METHOD_NOT_ALLOWED;
    return take_target(request, target) ? HTTP_UNFINISHED : HTTP_BAD_REQUEST;
}

/*
 * Fields.
 */

/* Returns a weight (RFC 9110, section 12.4.2) in thousandths; what is none counts as 1. */
static int weight_of(struct part text)
{
    int weight = 0;
    int place = 1000;
    if (text.length == 0 || (text.bytes[0] != '0' && text.bytes[0] != '1'))
        return 1000;
    for (size_t i = 0; i < text.length && place > 0; i++) {
        char byte = text.bytes[i];
        if (i == 1 && byte == '.')
            continue;
        if (byte < '0' || byte > '9')
            return 1000;
        weight += (byte - '0') * place;
        place /= 10;
    }
    return weight < 1000 ? weight : 1000;
}

/* One of the forms that the client takes, with its parameters. */
static void take_form(struct http_request *request, struct part form)
{
    struct part type = strip(take(&form, ';'));
    int weight = 1000;
    bool known = true;
    while (form.length > 0) {
        struct part value = strip(take(&form, ';'));
        struct part name = strip(take(&value, '='));
        value = strip(value);
        if (is_caseless(name, "q"))
            weight = weight_of(value);
        else if (is_caseless(name, "version"))
            known = is(value, "1.0.0") || is(value, "0.0.4");
    }
    bool openmetrics = is_caseless(type, "application/openmetrics-text");
    bool plain =
        is_caseless(type, "text/plain") || is_caseless(type, "text/*") || is_caseless(type, "*/*");
    if (openmetrics && known && weight > request->openmetrics)
        request->openmetrics = weight;
    if (plain && weight > request->plain)
        request->plain = weight;
}

static enum http_status take_field(struct http_request *request, struct part line)
{
    struct part value = line;
    struct part name = take(&value, ':');
    if (name.length == line.length || !is_token(name) || !is_printable(line, true))
        return HTTP_BAD_REQUEST;
    if (is_caseless(name, "Host")) {
        if (request->has_host)
            return HTTP_BAD_REQUEST;
        request->has_host = true;
    }
    if (is_caseless(name, "Accept"))
        while (value.length > 0)
            take_form(request, take(&value, ','));
    return HTTP_UNFINISHED;
}

static enum http_status take_line(struct http_request *request, struct part line)
{
    if (!request->begun) /* a line feed behind an earlier request may be left over */
        return line.length == 0 ? HTTP_UNFINISHED : take_request_line(request, line);
    if (line.length == 0)
        return request->is_1_1 && !request->has_host ? HTTP_BAD_REQUEST : HTTP_OK;
    return take_field(request, line);
}

enum http_status http_request_take(struct http_request *request, const char *line, size_t length)
{
    request->bytes += length + 2;
    if (request->status == HTTP_UNFINISHED)
        request->status = request->bytes > HTTP_BYTES_MAX
                              ? HTTP_FIELDS_TOO_LARGE
                              : take_line(request, (struct part){line, length});
    return request->status;
}

enum http_status http_request_take_overlong(struct http_request *request)
{
    if (request->status == HTTP_UNFINISHED)
        request->status = request->begun ? HTTP_FIELDS_TOO_LARGE : HTTP_URI_TOO_LONG;
    return request->status;
}

bool http_request_wants_openmetrics(const struct http_request *request)
{
    return request->openmetrics > 0 && request->openmetrics >= request->plain;
}
