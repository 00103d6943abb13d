#include "suites.h"

#include "cluster/servers.h"
#include "cluster/stream_name.h"

#include <CUnit/CUnit.h>
#include <string.h>

#define ROWS(table) (sizeof table / sizeof *table)

static void lists(void)
{
    static const char *const rows[] = {
        "nats://10.0.0.1:4222",
        "nats://10.0.0.1:4222,tls://10.0.0.2:1, nats://10.0.0.3:65535",
        "localhost",
        "localhost:4222",
        "nats://[::1]:4222",
        "[2001:db8::1]",
        "nats://user:password@127.0.0.1:4222",
        "nats://token@[::1]:4222",
        "nats://user:a:b@c/d@host",
        "nats://host:4222/",
        "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p",
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char fault[SERVERS_FAULT_SIZE] = "";
        EXPECT(servers_check(rows[i], fault), "'%s': %s", rows[i], fault);
    }
}

static void no_lists(void)
{
    static const struct {
        const char *list, *fault;
    } rows[] = {
        {"http://127.0.0.1:1",
         "server 1 of the list, 'http://127.0.0.1': its scheme is neither nats:// nor tls://"},
        {"NATS://a", "server 1 of the list, 'NATS://a': its scheme is neither nats:// nor tls://"},
        {"nats://127.0.0.1:22x",
         "server 1 of the list, 'nats://127.0.0.1': its port is no number from 1 to 65535"},
        {"a:1,b:0", "server 2 of the list, 'b': its port is no number from 1 to 65535"},
        {"a:65536", "server 1 of the list, 'a': its port is no number from 1 to 65535"},
        {"a:123456789", "server 1 of the list, 'a': its port is no number from 1 to 65535"},
        {"a:", "server 1 of the list, 'a': its port is no number from 1 to 65535"},
        {"", "server 1 of the list, '': its host is missing"},
        {"a,,b", "server 2 of the list, '': its host is missing"},
        {"nats://:4222", "server 1 of the list, 'nats://': its host is missing"},
        {"nats://a b", "server 1 of the list, 'nats://a b': its host has a blank or a '/'"},
        {"::1:4222", "server 1 of the list, '': its host is none; an IPv6 address wants brackets: "
                     "[::1]:4222"},
        {"[::1]4222", "server 1 of the list, '[::1]4222': its host is none; an IPv6 address wants "
                      "brackets: [::1]:4222"},
        {"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", "the list has more than 16 servers"},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char fault[SERVERS_FAULT_SIZE] = "";
        EXPECT(!servers_check(rows[i].list, fault) && strcmp(fault, rows[i].fault) == 0,
               "'%s': '%s'", rows[i].list, fault);
    }
}

static void passwords(void)
{
    static const char *const rows[] = {
        "http://me:secret@host",    "nats://me:secret",       "nats://me:x:secret",
        "nats://me:secret@host:0",  "nats://me:x,secret@a:0", "nats://me:x@secret,y@a:0",
        "nats://me:secret,x:y@a:0", "me:secret:x:y",
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char fault[SERVERS_FAULT_SIZE] = "";
        EXPECT(!servers_check(rows[i], fault) && strstr(fault, "secret") == NULL, "'%s': '%s'",
               rows[i], fault);
    }
}

/* What is behind the end of what is shown must not be read: a list can be very long. */
static void long_lists(void)
{
    char list[4096];
    char fault[SERVERS_FAULT_SIZE];
    memset(list, 'x', sizeof list);
    memcpy(list + sizeof list - sizeof ":0", ":0", sizeof ":0");
    CU_ASSERT_FALSE(servers_check(list, fault));
    CU_ASSERT_PTR_NOT_NULL(strstr(fault, "xxx': its port is no number"));
}

static void names(void)
{
    CU_ASSERT_TRUE(stream_name_is_allowed("partyline"));
    CU_ASSERT_TRUE(stream_name_is_allowed("aZ0-_678901234567890123456789012"));
    CU_ASSERT_FALSE(stream_name_is_allowed("aZ0-_6789012345678901234567890123"));
    CU_ASSERT_FALSE(stream_name_is_allowed(""));
    CU_ASSERT_FALSE(stream_name_is_allowed("x.y z"));
}

static const struct test tests[] = {
    {"a list of nats-servers has all forms that the documents and libnats know", lists},
    {"what is no list is refused, with the server and the reason", no_lists},
    {"nothing of a password is told", passwords},
    {"a fault of a long list is told", long_lists},
    {"a cluster has a name that a stream can have", names},
};

void add_servers_suite(void)
{
    SUITE_ADD("servers", tests);
}
