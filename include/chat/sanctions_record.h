/* sanctions_record: keeps the bans and mutes of a server in its archive (chat/archive.h). */
#ifndef CHAT_SANCTIONS_RECORD_H
#define CHAT_SANCTIONS_RECORD_H

#include "chat/archive.h"
#include "chat/event_log.h"
#include "chat/sanctions.h"

#include <stdbool.h>

/* What the record of one set of sanctions is made of; must live as long as the set. */
struct sanctions_record {
    struct sanctions *sanctions;
    struct archive *archive;
    struct event_log *event_log;
};

/*
 * Imposes the sanctions that the archive has, and has it store those that are imposed or lifted
 * from then on. That the archive cannot be read, or does not store one, is told in the log. May
 * wait for a disk.
 */
void sanctions_record_begin(struct sanctions_record *record);

#endif
