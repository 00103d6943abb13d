/*
 * http_request: reads a request of HTTP/1.0 or 1.1 (RFC 9112), line by line, as far as it matters
 * to who answers one and closes: its method, its path, and which form of the figures is wanted. It
 * allocates nothing.
 */
#ifndef DOORS_METRICS_HTTP_REQUEST_H
#define DOORS_METRICS_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

enum {
    HTTP_LINE_MAX = 4096,   /* bytes of a line, without its end */
    HTTP_BYTES_MAX = 16384, /* of all lines */
    HTTP_PATH_SIZE = 64     /* of what is kept of a path, with the NUL */
};

enum http_status {
    HTTP_UNFINISHED = 0, /* more lines are to come */
    HTTP_OK = 200,       /* the request is well; whether there is such a path is open */
    HTTP_BAD_REQUEST = 400,
    HTTP_NOT_FOUND = 404,
    HTTP_METHOD_NOT_ALLOWED = 405, /* it is neither GET nor HEAD */
    HTTP_REQUEST_TIMEOUT = 408,
    HTTP_URI_TOO_LONG = 414,
    HTTP_FIELDS_TOO_LARGE = 431,
    HTTP_UNAVAILABLE = 503,
    HTTP_VERSION_NOT_SUPPORTED = 505
};

/* All zero is one of which nothing has come. */
struct http_request {
    enum http_status status;
    bool begun; /* the request line has come */
    bool head;  /* only the head of the answer is wanted */
    bool is_1_1, has_host;
    size_t bytes;              /* so far */
    int openmetrics, plain;    /* how much the two forms are wanted, in thousandths; 0: not */
    char path[HTTP_PATH_SIZE]; /* cut if it is longer, which is none of ours */
};

/*
 * Takes the next line, without its end, of at most HTTP_LINE_MAX bytes. Returns the status: no more
 * are wanted when it is not HTTP_UNFINISHED any more.
 */
enum http_status http_request_take(struct http_request *request, const char *line, size_t length);

/* The next line is longer than HTTP_LINE_MAX. Returns the status. */
enum http_status http_request_take_overlong(struct http_request *request);

/* Whether OpenMetrics is wanted, and not the older text of Prometheus. */
bool http_request_wants_openmetrics(const struct http_request *request);

#endif
