#include "suites.h"

#include "net/peer_name.h"
#include "net/proxy_header.h"

#include <CUnit/CUnit.h>
#include <string.h>

enum { ROWS_BYTES_MAX = 4096 };

#define ROWS(rows) (sizeof(rows) / sizeof *(rows))

static const char behind[] = "hello\n";

#define V2         "\r\n\r\n\0\r\nQUIT\n"
#define IPV4_PAIR  "\313\0\161\11\300\0\2\1\305\120\42\270"
#define IPV6_ONE   "\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1"
#define LINE(text) text, sizeof(text) - 1

struct row {
    const char *bytes;
    size_t length;
    const char *name; /* of the peer; "": it is not told; NULL: it is malformed */
};

static const struct row rows[] = {
    {LINE("PROXY TCP4 203.0.113.9 192.0.2.1 50512 8888\r\n"), "203.0.113.9:50512"},
    {LINE("PROXY TCP6 2001:db8::1 ::1 0 65535\r\n"), "[2001:db8::1]:0"},
    {LINE("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"), "255.255.255.255:65535"},
    {LINE("PROXY UNKNOWN\r\n"), ""},
    {LINE("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n"), ""},
    {LINE(V2 "\41\21\0\14" IPV4_PAIR), "203.0.113.9:50512"},
    {LINE(V2 "\41\41\0\44" IPV6_ONE IPV6_ONE "\305\120\42\270"), "[2001:db8::1]:50512"},
    {LINE(V2 "\41\21\0\21" IPV4_PAIR "\4\0\2xx"), "203.0.113.9:50512"}, /* with a TLV */
    {LINE(V2 "\40\0\0\0"), ""},                                         /* LOCAL */
    {LINE(V2 "\40\21\0\14" IPV4_PAIR), ""},
    {LINE(V2 "\41\0\0\3xyz"), ""},          /* UNSPEC */
    {LINE(V2 "\41\22\0\14" IPV4_PAIR), ""}, /* UDP */
    {LINE(V2 "\41\61\0\4path"), ""},        /* a unix socket */
    {LINE(V2 "\41\62\0\4path"), ""},        /* its datagrams */
    {LINE(V2 "\40\377\0\0"), ""},           /* LOCAL ignores the family */
    {LINE("PROXY TCP4 203.0.113.9 192.0.2.1 0 0\r\n"), "203.0.113.9:0"},
    {LINE("hello\n"), NULL},
    {LINE("PROXY\r\n"), NULL},
    {LINE("PROXY \r\n"), NULL},
    {LINE("PROXY TCP4 203.0.113.9 192.0.2.1 50512 8888\n"), NULL},
    {LINE("PROXY TCP4 203.0.113.9 192.0.2.1 50512\r\n"), NULL},
    {LINE("PROXY TCP4 203.0.113.9 192.0.2.1 50512 8888 9\r\n"), NULL},
    {LINE("PROXY TCP4  203.0.113.9 192.0.2.1 50512 8888\r\n"), NULL},
    {LINE("PROXY TCP4 203.0.113.9 192.0.2.1 50512 65536\r\n"), NULL},
    {LINE("PROXY TCP4 203.0.113.9 192.0.2.1 01234 8888\r\n"), NULL},
    {LINE("PROXY TCP4 203.0.113.9 192.0.2.1 50512 00\r\n"), NULL},
    {LINE("PROXY TCP4 203.0.113.09 192.0.2.1 50512 8888\r\n"), NULL},
    {LINE("PROXY TCP6 2001:db8::1 ::1 00 8888\r\n"), NULL},
    {LINE("PROXY TCP4 203.0.113.9 192.0.2.1 -1 8888\r\n"), NULL},
    {LINE("PROXY TCP4 203.0.113 192.0.2.1 50512 8888\r\n"), NULL},
    {LINE("PROXY TCP4 2001:db8::1 ::1 50512 8888\r\n"), NULL},
    {LINE("PROXY TCP6 203.0.113.9 192.0.2.1 50512 8888\r\n"), NULL},
    {LINE("PROXY TCP4 203.0.113.9\0 192.0.2.1 50512 8888\r\n"), NULL},
    {LINE("PROXY TCP5 203.0.113.9 192.0.2.1 50512 8888\r\n"), NULL},
    {LINE("PROXY UNKNOWNS\r\n"), NULL},
    {LINE("proxy TCP4 203.0.113.9 192.0.2.1 50512 8888\r\n"), NULL},
    {LINE(V2 "\61\21\0\14" IPV4_PAIR), NULL}, /* version 3 */
    {LINE(V2 "\42\21\0\14" IPV4_PAIR), NULL}, /* another command */
    {LINE(V2 "\41\21\0\13" IPV4_PAIR), NULL}, /* too short for its addresses */
    {LINE(V2 "\41\41\0\14" IPV4_PAIR), NULL},
    {LINE(V2 "\41\101\0\14" IPV4_PAIR), NULL}, /* a family that there is not */
    {LINE(V2 "\41\361\0\14" IPV4_PAIR), NULL},
    {LINE(V2 "\41\23\0\14" IPV4_PAIR), NULL}, /* a transport that there is not */
    {LINE(V2 "\41\3\0\0"), NULL},
    {LINE(V2 "\41\63\0\0"), NULL},
    {LINE("\r\n\r\n\0\r\nQUIX\n\41\21\0\14" IPV4_PAIR), NULL},
    {LINE("\26\3\1\0\241\1"), NULL}, /* the beginning of a TLS handshake */
};

static enum proxy_header_state take(struct proxy_header *header, const char *bytes, size_t length,
                                    size_t piece, size_t *taken)
{
    enum proxy_header_state state = PROXY_HEADER_UNFINISHED;
    *taken = 0;
    while (state == PROXY_HEADER_UNFINISHED && *taken < length) {
        size_t used, some = length - *taken < piece ? length - *taken : piece;
        state = proxy_header_take(header, bytes + *taken, some, &used);
        *taken += used;
    }
    return state;
}

/* Reads a header that comes in pieces, and something behind it. */
static void check(const struct row *row, size_t piece)
{
    char bytes[ROWS_BYTES_MAX], name[PEER_NAME_SIZE] = "";
    struct proxy_header header = {.taken = 0};
    size_t taken;
    memcpy(bytes, row->bytes, row->length);
    memcpy(bytes + row->length, behind, sizeof behind);
    enum proxy_header_state state =
        take(&header, bytes, row->length + sizeof behind, piece, &taken);
    if (header.told)
        peer_name_write(&header.source, name);
    if (row->name == NULL)
        EXPECT(state == PROXY_HEADER_MALFORMED, "'%s' is taken", row->bytes);
    else
        EXPECT(state == PROXY_HEADER_WHOLE && taken == row->length && strcmp(name, row->name) == 0,
               "'%s' in pieces of %zu: %d, %zu bytes, '%s'", row->bytes, piece, (int)state, taken,
               name);
}

static void reads_headers(void)
{
    for (size_t i = 0; i < ROWS(rows); i++)
        for (size_t piece = 1; piece < 64; piece += 13)
            check(&rows[i], piece);
}

/* A whole header is whole with its last byte, and not before. */
static void waits_for_the_end(void)
{
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct proxy_header header = {.taken = 0};
        size_t taken;
        if (rows[i].name != NULL)
            EXPECT(take(&header, rows[i].bytes, rows[i].length - 1, 7, &taken) ==
                       PROXY_HEADER_UNFINISHED,
                   "'%s' without its end", rows[i].bytes);
    }
}

static void limits_a_line(void)
{
    char line[ROWS_BYTES_MAX];
    struct proxy_header header = {.taken = 0};
    size_t taken;
    memset(line, 'x', sizeof line);
    memcpy(line, "PROXY UNKNOWN ", 14);
    CU_ASSERT_EQUAL(take(&header, line, sizeof line, sizeof line, &taken), PROXY_HEADER_MALFORMED);
    CU_ASSERT_EQUAL(taken, PROXY_HEADER_LINE_MAX);
}

/* All that 16 bits can tell is skipped. */
static void skips_the_longest_rest(void)
{
    static const char start[] = V2 "\41\21\377\377" IPV4_PAIR;
    static char bytes[16 + 65535 + 1];
    struct proxy_header header = {.taken = 0};
    size_t taken;
    memcpy(bytes, start, sizeof start - 1);
    CU_ASSERT_EQUAL(take(&header, bytes, sizeof bytes, 1000, &taken), PROXY_HEADER_WHOLE);
    CU_ASSERT_EQUAL(taken, sizeof bytes - 1);
    CU_ASSERT(header.told);
}

static const struct test tests[] = {
    {"headers of both versions are read in any pieces, and nothing behind them", reads_headers},
    {"a header is not whole before its last byte", waits_for_the_end},
    {"a line has an end, or is none", limits_a_line},
    {"a header of version 2 may have as many bytes as it can tell", skips_the_longest_rest},
};

void add_proxy_header_suite(void)
{
    SUITE_ADD("proxy_header", tests);
}
