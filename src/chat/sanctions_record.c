#include "base/platform.h"

#include "base/clock.h"
#include "chat/sanctions_record.h"

#include <string.h>

static void impose(void *context, const struct archive_sanction *kept)
{
    struct sanctions_record *record = context;
    struct sanction sanction = {.kind = kept->kind == ARCHIVE_BAN ? SANCTION_BAN : SANCTION_MUTE,
                                .end = kept->until};
    if (kept->target.length > NAME_BYTES_MAX || kept->by.length > NAME_BYTES_MAX)
        return;
    if (!kept->is_address)
        memcpy(sanction.name, kept->target.bytes, kept->target.length);
    else if (!address_prefix_parse(kept->target.bytes, kept->target.length, &sanction.range))
        return;
    memcpy(sanction.author, kept->by.bytes, kept->by.length);
    if (sanction_set_reason(&sanction, kept->reason.bytes, kept->reason.length))
        sanctions_impose(record->sanctions, &sanction, clock_utc());
}

/* The observer: called with the sanctions lock held; the archive does not wait. */
static void record_change(void *context, enum sanction_change change,
                          const struct sanction *sanction)
{
    const struct sanctions_record *record = context;
    const struct archive_sanctions *kept = record->archive->sanctions;
    char range[ADDRESS_PREFIX_SIZE];
    address_prefix_format(&sanction->range, range);
    bool is_address = *sanction->name == '\0';
    const struct archive_sanction copy = {.kind = sanction->kind == SANCTION_BAN ? ARCHIVE_BAN
                                                                                 : ARCHIVE_MUTE,
                                          .is_address = is_address,
                                          .target = words_of(is_address ? range : sanction->name),
                                          .until = sanction->end,
                                          .time = clock_utc(),
                                          .by = words_of(sanction->author),
                                          .reason = words_of(sanction->reason)};
    bool stored = change == SANCTION_IMPOSED
                      ? kept->add(record->archive, &copy)
                      : kept->remove(record->archive, copy.kind, copy.target);
    if (!stored)
        event_log_print(record->event_log, EVENT_LOG_EVENT,
                        "Cannot store the change of a ban or mute of %.*s.",
                        (int)copy.target.length, copy.target.bytes);
}

void sanctions_record_begin(struct sanctions_record *record)
{
    if (record->archive->sanctions->list(record->archive, clock_utc(), impose, record) !=
        ARCHIVE_OK)
        event_log_print(record->event_log, EVENT_LOG_EVENT,
                        "Cannot read the bans and mutes of the data file.");
    sanctions_observe(record->sanctions, record_change, record);
}
