/*
 * talk_reading: what was said in rooms, read again from the data file: chat/archive.h's questions
 * as functions of a connection, which need no transaction. The order of messages is that of their
 * seqs, and what is missing among them is shown.
 */
#ifndef STORE_TALK_READING_H
#define STORE_TALK_READING_H

#include "chat/archive.h"
#include "store/database.h"

#include <stddef.h>
#include <stdint.h>

/* Which of before(), after(), since() a request is. */
enum talk_page_kind { TALK_BEFORE, TALK_AFTER, TALK_SINCE };

struct talk_page {
    enum talk_page_kind kind;
    struct words room;
    uint64_t seq;
    int64_t time;
    size_t limit;
    archive_visit_message *visit;
    void *context;
    struct archive_bounds *bounds; /* or NULL */
};

enum archive_result talk_page(struct database *database, const struct talk_page *page);

/* Of the messages that are indexed. */
struct talk_search {
    struct words words;
    const struct words *rooms;
    size_t room_count;
    uint64_t id;
    size_t limit;
    archive_visit_message *visit;
    void *context;
};

enum archive_result talk_search(struct database *database, const struct talk_search *search);

/* As archive_talk's count(). */
enum archive_result talk_count(struct database *database, struct words room, int64_t from,
                               int64_t to, struct words author, archive_judge *judge, void *context,
                               struct archive_count *count);

#endif
