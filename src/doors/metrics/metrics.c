#include "base/platform.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "doors/metrics/exposition.h"
#include "doors/metrics/http_request.h"
#include "doors/metrics/metrics.h"
#include "net/encoding.h"
#include "net/outbox.h"

#include <assert.h>
#include <string.h>

#define TEXT "text/plain; charset=utf-8"

/* What is answered with each status, unless it is HTTP_OK. */
static const struct answer {
    enum http_status status;
    const char *word; /* for figures */
    const char *reason;
    const char *text;
} answers[] = {
    {HTTP_OK, "200", "OK", NULL},
    {HTTP_BAD_REQUEST, "400", "Bad Request", "That is no request of HTTP/1.1 or HTTP/1.0."},
    {HTTP_NOT_FOUND, "404", "Not Found", "Here are /metrics and /healthz."},
    {HTTP_METHOD_NOT_ALLOWED, "405", "Method Not Allowed", "Ask by GET or HEAD."},
    {HTTP_REQUEST_TIMEOUT, "408", "Request Timeout", "The request has not come in time."},
    {HTTP_URI_TOO_LONG, "414", "URI Too Long", "The first line is longer than 4096 bytes."},
    {HTTP_FIELDS_TOO_LARGE, "431", "Request Header Fields Too Large",
     "A field is longer than 4096 bytes, or all are longer than 16384."},
    {HTTP_UNAVAILABLE, "503", "Service Unavailable", NULL},
    {HTTP_VERSION_NOT_SUPPORTED, "505", "HTTP Version Not Supported",
     "Ask by HTTP/1.1 or HTTP/1.0."},
};

enum { ANSWER_COUNT = sizeof answers / sizeof *answers };

static_assert((int)ANSWER_COUNT <= (int)METRICS_ANSWERS, "each answer is counted");

/*
 * The door. Bytes are sent as they are: nobody here speaks telnet.
 */

static bool encode(const char *text, size_t length, unsigned columns, struct buffer *out)
{
    (void)columns;
    return buffer_append(out, text, length);
}

static const struct encoding bytes_encoding = {encode};

const struct door metrics_door = {.name = "metrics",
                                  .encoding = &bytes_encoding,
                                  .full_line = "HTTP/1.1 503 Service Unavailable\r\n"
                                               "Content-Type: " TEXT "\r\n"
                                               "Content-Length: 20\r\n"
                                               "Retry-After: 1\r\n"
                                               "Connection: close\r\n\r\n"
                                               "Others are asking.\r\n"};

/*
 * Figures of its own.
 */

struct metrics_figures {
    struct metric_series answers;
};

static void read_answers(void *owner, void *place)
{
    struct metrics *metrics = owner;
    struct metrics_figures *figures = place;
    for (size_t i = 0; i < ANSWER_COUNT; i++)
        metric_series_add(&figures->answers, answers[i].word, tally_read(&metrics->answers[i]));
}

static const struct metric rows[] = {
    {"partyline_metrics_requests", METRIC_COUNTER, "", "code", METRIC_SERIES,
     offsetof(struct metrics_figures, answers),
     "Requests for figures and for /healthz, by the status that was answered"},
};

static const struct metric_table own_metrics = {rows, sizeof rows / sizeof *rows,
                                                sizeof(struct metrics_figures), read_answers};

void metrics_open(struct metrics *metrics)
{
    process_open(&metrics->process);
    metrics_add(metrics, &process_metrics, &metrics->process);
    metrics_add(metrics, &own_metrics, metrics);
}

void metrics_add(struct metrics *metrics, const struct metric_table *table, void *owner)
{
    assert(metrics->count < METRICS_SOURCES_MAX);
    metrics->sources[metrics->count++] = (struct metrics_source){table, owner};
}

void metrics_close(struct metrics *metrics)
{
    process_close(&metrics->process);
}

/*
 * Reading the request.
 */

/* Reads lines until the request is whole, wrong or late. Returns false if nobody is there. */
static bool read_request(struct conn *conn, struct http_request *request, int64_t deadline)
{
    struct line line;
    while (request->status == HTTP_UNFINISHED) {
        int64_t left = deadline - clock_now();
        conn_set_timeout(conn, left > 0 ? left : 1);
        switch (conn_read_line(conn, &line)) {
        case CONN_LINE:
            http_request_take(request, line.bytes, line.length);
            break;
        case CONN_LINE_TOO_LONG:
            http_request_take_overlong(request);
            break;
        case CONN_UNFINISHED_LINE:
        case CONN_LINE_NO_MEMORY:
        case CONN_IDLE_SOON:
        case CONN_LEFT:
        case CONN_CALLED:
            break;
        case CONN_ENDED:
            return false;
        }
    }
    return true;
}

/* Returns what is to be answered when the connection has ended before the request has. */
static enum http_status end_status(const struct conn *conn, const struct http_request *request)
{
    switch (link_reason(conn_link(conn))) {
    case LINK_SHUTTING_DOWN:
        return HTTP_UNAVAILABLE;
    case LINK_IDLE:
        return HTTP_REQUEST_TIMEOUT;
    case LINK_CLOSED:
        return request->begun ? HTTP_BAD_REQUEST : HTTP_UNFINISHED;
    default:
        return HTTP_UNFINISHED;
    }
}

/*
 * Answering.
 */

/* An answer without its head. */
struct reply {
    enum http_status status;
    const char *type;
    struct buffer body;
};

static bool write_figures(struct metrics *metrics, bool openmetrics, struct buffer *body)
{
    bool whole = true;
    for (size_t i = 0; i < metrics->count && whole; i++)
        whole =
            exposition_add(body, metrics->sources[i].table, metrics->sources[i].owner, openmetrics);
    return whole && exposition_end(body, openmetrics);
}

static void fail(struct reply *reply, enum http_status status, const char *why)
{
    reply->status = status;
    reply->type = TEXT;
    buffer_truncate(&reply->body, 0);
    if (why != NULL && !buffer_format(&reply->body, "%s\n", why))
        buffer_truncate(&reply->body, 0);
}

/* Answers a request that is well. */
static void answer_path(struct metrics *metrics, const struct http_request *request,
                        struct reply *reply)
{
    bool openmetrics = http_request_wants_openmetrics(request);
    bool whole = true;
    if (strcmp(request->path, "/metrics") == 0) {
        reply->type = openmetrics ? EXPOSITION_OPENMETRICS : EXPOSITION_PLAIN;
        whole = write_figures(metrics, openmetrics, &reply->body);
    } else if (strcmp(request->path, "/healthz") == 0) {
        whole = buffer_append_string(&reply->body, "ok\n");
    } else {
        reply->status = HTTP_NOT_FOUND;
    }
    if (!whole)
        fail(reply, HTTP_UNAVAILABLE, "The server is out of memory.");
}

static size_t place_of(enum http_status status)
{
    size_t i = 0;
    while (answers[i].status != status)
        i++;
    return i;
}

static void send_reply(struct conn *conn, const struct http_request *request,
                       const struct answer *answer, struct reply *reply)
{
    struct buffer out = {0};
    bool whole =
        buffer_format(&out,
                      "HTTP/1.1 %d %s\r\n"
                      "Content-Type: %s\r\n"
                      "Content-Length: %zu\r\n"
                      "%s"
                      "Cache-Control: no-store\r\n"
                      "Connection: close\r\n\r\n",
                      (int)answer->status, answer->reason, reply->type, buffer_length(&reply->body),
                      answer->status == HTTP_METHOD_NOT_ALLOWED ? "Allow: GET, HEAD\r\n" : "");
    if (!request->head)
        whole =
            whole && buffer_append(&out, buffer_bytes(&reply->body), buffer_length(&reply->body));
    if (whole)
        outbox_answer(conn_outbox(conn), buffer_bytes(&out), buffer_length(&out));
    buffer_free(&out);
}

/* Answers what has come of a request. */
static void answer_request(struct metrics *metrics, struct conn *conn,
                           const struct http_request *request, enum http_status status)
{
    struct reply reply = {.status = status, .type = TEXT};
    if (status == HTTP_OK)
        answer_path(metrics, request, &reply);
    else if (status == HTTP_UNAVAILABLE)
        fail(&reply, status, "The server is shutting down.");
    const struct answer *answer = &answers[place_of(reply.status)];
    if (answer->text != NULL)
        fail(&reply, reply.status, answer->text);
    tally_add(&metrics->answers[place_of(reply.status)], 1);
    send_reply(conn, request, answer, &reply);
    buffer_free(&reply.body);
}

void metrics_serve(struct metrics *metrics, struct conn *conn)
{
    struct http_request request = {.status = HTTP_UNFINISHED};
    int64_t deadline = clock_now() + conn_timeout(conn);
    bool whole = read_request(conn, &request, deadline);
    enum http_status status = whole ? request.status : end_status(conn, &request);
    if (status != HTTP_UNFINISHED)
        answer_request(metrics, conn, &request, status);
}
