/*
 * Requests of HTTP, line by line: which are well, what is wrong with others, and which form is
 * wanted.
 */
#include "suites.h"

#include "doors/metrics/http_request.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

/* Takes the lines of a text, each with LF, up to the status. */
static struct http_request take(const char *text)
{
    struct http_request request = {.status = HTTP_UNFINISHED};
    while (*text != '\0' && request.status == HTTP_UNFINISHED) {
        size_t length = strcspn(text, "\n");
        http_request_take(&request, text, length);
        text += length + 1;
    }
    return request;
}

struct row {
    const char *text;
    enum http_status status;
    const char *path; /* NULL: whatever it is */
};

static const struct row rows[] = {
    {"GET /metrics HTTP/1.1\nHost: x\n\n", HTTP_OK, "/metrics"},
    {"GET /metrics HTTP/1.0\n\n", HTTP_OK, "/metrics"},
    {"HEAD /healthz HTTP/1.1\nHost:\n\n", HTTP_OK, "/healthz"},
    {"GET /metrics?a=b?c HTTP/1.0\n\n", HTTP_OK, "/metrics"},
    {"GET http://chat.example.org:9464/metrics?x HTTP/1.1\nHost: y\n\n", HTTP_OK, "/metrics"},
    {"GET HTTP://h/ HTTP/1.0\n\n", HTTP_OK, "/"},
    {"\n\nGET / HTTP/1.0\n\n", HTTP_OK, "/"},
    {"GET /metrics HTTP/1.9\nhOST: x\nX-Y: \t z\n\n", HTTP_OK, "/metrics"},
    {"GET /metrics HTTP/1.1\nHost: x\n", HTTP_UNFINISHED, NULL},
    {"GET /metrics HTTP/1.1\n\n", HTTP_BAD_REQUEST, NULL},
    {"GET /metrics HTTP/1.1\nHost: x\nHost: x\n\n", HTTP_BAD_REQUEST, NULL},
    {"GET /metrics\n\n", HTTP_BAD_REQUEST, NULL},
    {"GET  /metrics HTTP/1.0\n\n", HTTP_BAD_REQUEST, NULL},
    {"GET /metrics  HTTP/1.0\n\n", HTTP_BAD_REQUEST, NULL},
    {"GET /metrics HTTP/1.0 \n\n", HTTP_BAD_REQUEST, NULL},
    {"GET /metrics HTTP/1.\n\n", HTTP_BAD_REQUEST, NULL},
    {"GET /metrics http/1.0\n\n", HTTP_BAD_REQUEST, NULL},
    {"GET metrics HTTP/1.0\n\n", HTTP_BAD_REQUEST, NULL},
    {"GET http://host HTTP/1.0\n\n", HTTP_BAD_REQUEST, NULL},
    {"GET http://host?x=/metrics HTTP/1.0\n\n", HTTP_BAD_REQUEST, NULL},
    {"GET http:// HTTP/1.0\n\n", HTTP_BAD_REQUEST, NULL},
    {"GET ?/metrics HTTP/1.0\n\n", HTTP_BAD_REQUEST, NULL},
    {"GET /met\033rics HTTP/1.0\n\n", HTTP_BAD_REQUEST, NULL},
    {"G<T /metrics HTTP/1.0\n\n", HTTP_BAD_REQUEST, NULL},
    {" /metrics HTTP/1.0\n\n", HTTP_BAD_REQUEST, NULL},
    {"Alice\n", HTTP_BAD_REQUEST, NULL},
    {"\026\003\001\n", HTTP_BAD_REQUEST, NULL},
    {"GET / HTTP/1.0\nno colon\n\n", HTTP_BAD_REQUEST, NULL},
    {"GET / HTTP/1.0\nX : y\n\n", HTTP_BAD_REQUEST, NULL},
    {"GET / HTTP/1.0\n: y\n\n", HTTP_BAD_REQUEST, NULL},
    {"GET / HTTP/1.0\nX: y\n folded\n\n", HTTP_BAD_REQUEST, NULL},
    {"GET / HTTP/1.0\nX: a\rb\n\n", HTTP_BAD_REQUEST, NULL},
    {"POST /metrics HTTP/1.1\n", HTTP_METHOD_NOT_ALLOWED, NULL},
    {"get /metrics HTTP/1.1\n", HTTP_METHOD_NOT_ALLOWED, NULL},
    {"OPTIONS * HTTP/1.1\n", HTTP_METHOD_NOT_ALLOWED, NULL},
    {"PRI * HTTP/2.0\n", HTTP_VERSION_NOT_SUPPORTED, NULL},
    {"GET / HTTP/0.9\n", HTTP_VERSION_NOT_SUPPORTED, NULL},
};

static void tells_well_from_wrong(void)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct http_request request = take(rows[i].text);
        EXPECT(request.status == rows[i].status, "%s is %d, and not %d", rows[i].text,
               (int)request.status, (int)rows[i].status);
        EXPECT(rows[i].path == NULL || strcmp(request.path, rows[i].path) == 0, "%s asks for %s",
               rows[i].text, request.path);
    }
    CU_ASSERT_TRUE(take("HEAD / HTTP/1.0\n\n").head);
    CU_ASSERT_FALSE(take("GET / HTTP/1.0\n\n").head);
}

static const struct form {
    const char *accept;
    bool openmetrics;
} forms[] = {
    {"", false},
    {"Accept: */*\n", false},
    {"Accept: text/plain\n", false},
    {"Accept: application/openmetrics-text\n", true},
    {"accept: application/OpenMetrics-text; VERSION=1.0.0; charset=utf-8\n", true},
    {"Accept: application/openmetrics-text; version=0.0.1\n", false},
    {"Accept: application/openmetrics-text; version=2.0.0\n", false},
    /* What Prometheus sends. */
    {"Accept: application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
     "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1\n",
     true},
    {"Accept: text/plain;q=0.5\nAccept: application/openmetrics-text;q=0.7\n", true},
    {"Accept: text/plain;q=0.75, application/openmetrics-text;q=0.7\n", false},
    {"Accept: application/openmetrics-text;q=0\n", false},
    {"Accept: application/openmetrics-text;q=0.001, */*;q=0\n", true},
    {"Accept: ,,;;=,application/openmetrics-text ; q = 1.000\n", true},
};

static void knows_which_form_is_wanted(void)
{
    char text[512];
    for (size_t i = 0; i < COUNT(forms); i++) {
        strcpy(text, "GET /metrics HTTP/1.0\n");
        strcat(text, forms[i].accept);
        strcat(text, "\n");
        struct http_request request = take(text);
        CU_ASSERT_EQUAL(request.status, HTTP_OK);
        EXPECT(http_request_wants_openmetrics(&request) == forms[i].openmetrics, "%s",
               forms[i].accept);
    }
}

static void has_limits(void)
{
    struct http_request request = {.status = HTTP_UNFINISHED};
    char field[1024];
    CU_ASSERT_EQUAL(http_request_take_overlong(&request), HTTP_URI_TOO_LONG);
    request = take("GET / HTTP/1.0\n");
    CU_ASSERT_EQUAL(http_request_take_overlong(&request), HTTP_FIELDS_TOO_LARGE);
    request = take("GET / HTTP/1.0\n");
    memset(field, 'x', sizeof field);
    field[1] = ':';
    size_t count = 0;
    while (http_request_take(&request, field, sizeof field) == HTTP_UNFINISHED)
        count++;
    CU_ASSERT_EQUAL(request.status, HTTP_FIELDS_TOO_LARGE);
    CU_ASSERT_EQUAL(count, HTTP_BYTES_MAX / (sizeof field + 2));
    request = (struct http_request){.status = HTTP_UNFINISHED};
    while (http_request_take(&request, "", 0) == HTTP_UNFINISHED)
        ;
    CU_ASSERT_EQUAL(request.status, HTTP_FIELDS_TOO_LARGE);
    CU_ASSERT_EQUAL(http_request_take(&request, "GET / HTTP/1.0", 14), HTTP_FIELDS_TOO_LARGE);
}

static void cuts_a_path_that_is_too_long_to_be_known(void)
{
    char text[256] = "GET /metrics";
    memset(text + strlen(text), 's', 200);
    strcat(text, " HTTP/1.0\n\n");
    struct http_request request = take(text);
    CU_ASSERT_EQUAL(request.status, HTTP_OK);
    CU_ASSERT_EQUAL(strlen(request.path), HTTP_PATH_SIZE - 1);
}

void add_http_request_suite(void)
{
    static const struct test tests[] = {
        {"what is well is told from what is wrong, and how", tells_well_from_wrong},
        {"the form that the client prefers is known", knows_which_form_is_wanted},
        {"lines, their sum and blank lines before the request are limited", has_limits},
        {"a path that is too long is none of the server's",
         cuts_a_path_that_is_too_long_to_be_known}};
    SUITE_ADD("http_request", tests);
}
