/*
 * company: some people who have come, none of them in a room, and what the log says meanwhile. With
 * a descriptor captured, no assertion may end a test from company_open() to company_close(): what
 * cannot be made ends the run.
 */
#ifndef TESTS_UNIT_COMPANY_H
#define TESTS_UNIT_COMPANY_H

#include "capture.h"
#include "peer.h"

#include "chat/event_log.h"
#include "chat/user.h"
#include "net/flusher.h"

#include <CUnit/CUnit.h>
#include <stdio.h>

enum { COMPANY = 6, COMPANY_SENDQ = 1024 * 1024 };

struct company {
    struct capture log;
    struct event_log *event_log;
    struct flusher *flusher;
    struct peer peers[COMPANY];
};

/* What they are sent is plain lines. */
static const struct user_view company_view = {.format = &format_lines,
                                              .elsewhere = &format_lines_elsewhere};

/* Ends the run unless something was made. */
static inline void company_need(bool made, const char *what)
{
    if (made)
        return;
    fprintf(stderr, "unit: cannot make %s\n", what);
    abort();
}

/* send_bytes is what is under way to each of them, as for peer_connect(). */
static inline void company_open(struct company *company, int send_bytes)
{
    const struct event_log_config event_log_config = {.program = "unit"};
    capture_begin(&company->log, STDOUT_FILENO);
    company_need(event_log_start(&company->event_log, &event_log_config) == 0, "an event log");
    company_need(flusher_start(&company->flusher) == 0, "a flusher");
    const struct conn_config config = {
        .max_line = 1000, .sendq = COMPANY_SENDQ, .flusher = company->flusher};
    for (int i = 0; i < COMPANY; i++)
        company_need(peer_open(&company->peers[i], &config, send_bytes), "a peer");
}

/*
 * Lets go of everyone; nobody else may use them any more. Returns what was logged, which the caller
 * frees.
 */
static inline char *company_close(struct company *company)
{
    for (int i = 0; i < COMPANY; i++)
        link_kill(conn_link(company->peers[i].conn), LINK_CLOSED);
    flusher_stop(company->flusher);
    for (int i = 0; i < COMPANY; i++)
        peer_close(&company->peers[i]);
    CU_ASSERT_TRUE(event_log_stop(company->event_log, PEER_PATIENCE));
    event_log_free(company->event_log);
    return capture_end(&company->log);
}

/* What the chat knows one of them by. */
static inline struct outbox *company_outbox(const struct company *company, int who)
{
    return conn_outbox(company->peers[who].conn);
}

/* Whether somebody is sent this next. */
static inline bool company_gets(const struct company *company, int who, const char *lines)
{
    return peer_gets(&company->peers[who], lines);
}

/* Whether nothing more has come. */
static inline bool company_has_nothing(const struct company *company, int who)
{
    return peer_has_nothing(&company->peers[who]);
}

/* Sends somebody so much that it is behind, until that is read. */
enum { COMPANY_BEHIND_BYTES = 200 * 1024 };

static inline void company_fall_behind(const struct company *company, int who)
{
    static const char bytes[COMPANY_BEHIND_BYTES];
    text_send(company_outbox(company, who), bytes, sizeof bytes);
}

/* Reads what somebody was sent so. */
static inline bool company_catch_up(const struct company *company, int who)
{
    static char bytes[COMPANY_BEHIND_BYTES];
    return peer_receive(&company->peers[who], bytes, sizeof bytes);
}

static inline enum link_reason company_reason(const struct company *company, int who)
{
    return link_reason(outbox_link(company_outbox(company, who)));
}

#endif
