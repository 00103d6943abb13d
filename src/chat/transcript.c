#include "base/platform.h"

#include "chat/transcript.h"

#include <string.h>

/* What stands before the room, the name and the text of a message. */
struct head {
    uint64_t seq;
    uint64_t author;  /* its id, by which it may be ignored; 0: it is not known any more */
    uint64_t missing; /* of a gap */
    int64_t time;
    uint32_t text_length;
    uint16_t room_length, name_length;
    uint8_t kind;
};

static size_t size_of(const struct head *head)
{
    return sizeof *head + head->room_length + head->name_length + head->text_length;
}

/* Returns the head of a record, of which there must be one. Records are not aligned. */
static struct head head_at(const struct transcript *transcript, size_t place)
{
    const struct buffer *records = &transcript->records;
    struct head head;
    memcpy(&head, records->memory + records->start + place, sizeof head);
    return head;
}

static void remove_oldest(struct transcript *transcript)
{
    struct head head = head_at(transcript, 0);
    buffer_consume(&transcript->records, size_of(&head));
    transcript->count--;
}

static struct head head_of(const struct message *message)
{
    return (struct head){.seq = message->seq,
                         .author = message->author,
                         .missing = message->counts.missing,
                         .time = message->time,
                         .text_length = (uint32_t)message->text.length,
                         .room_length = (uint16_t)message->room.length,
                         .name_length = (uint16_t)message->name.length,
                         .kind = (uint8_t)message->kind};
}

/* Puts a message behind the newest. Returns false when memory is out. */
static bool put(struct transcript *transcript, const struct head *head,
                const struct message *message)
{
    struct buffer *records = &transcript->records;
    if (buffer_reserve(records, size_of(head)) == NULL)
        return false;
    buffer_append(records, head, sizeof *head);
    buffer_append(records, message->room.bytes, message->room.length);
    buffer_append(records, message->name.bytes, message->name.length);
    buffer_append(records, message->text.bytes, message->text.length);
    transcript->count++;
    return true;
}

static bool is_full(const struct transcript *transcript, size_t size)
{
    return transcript->count >= transcript->most_messages ||
           buffer_length(&transcript->records) + size > transcript->most_bytes;
}

bool transcript_add(struct transcript *transcript, const struct message *message)
{
    struct head head = head_of(message);
    size_t size = size_of(&head);
    while (transcript->count > 0 && is_full(transcript, size))
        remove_oldest(transcript);
    if (!is_full(transcript, size) && put(transcript, &head, message))
        return true;
    transcript_free(transcript);
    return false;
}

bool transcript_append(struct transcript *transcript, const struct message *message)
{
    struct head head = head_of(message);
    bool fits = transcript->count == 0 || !is_full(transcript, size_of(&head));
    return fits && put(transcript, &head, message);
}

void transcript_limit(struct transcript *transcript, size_t most_messages)
{
    transcript->most_messages = most_messages;
    while (transcript->count > most_messages)
        remove_oldest(transcript);
    buffer_shrink(&transcript->records);
}

static struct message message_of(const struct archive_message *archived)
{
    static const enum message_kind kinds[] = {[ARCHIVE_SAY] = MESSAGE_SAY,
                                              [ARCHIVE_ACT] = MESSAGE_ACT,
                                              [ARCHIVE_GAP] = MESSAGE_GAP,
                                              [ARCHIVE_RESTART] = MESSAGE_SKIP};
    struct message message = {.kind = kinds[archived->kind],
                              .room = archived->room,
                              .seq = archived->seq,
                              .time = archived->time,
                              .name = archived->author,
                              .text = archived->text};
    if (message.kind == MESSAGE_GAP || message.kind == MESSAGE_SKIP)
        message.counts.missing = archived->last - archived->seq + 1;
    return message;
}

bool transcript_add_archived(void *context, const struct archive_message *message)
{
    const struct message copy = message_of(message);
    transcript_add(context, &copy);
    return true;
}

bool transcript_append_archived(void *context, const struct archive_message *message)
{
    const struct message copy = message_of(message);
    return transcript_append(context, &copy);
}

uint64_t transcript_first(const struct transcript *transcript)
{
    return transcript->count > 0 ? head_at(transcript, 0).seq : 0;
}

bool transcript_next(const struct transcript *transcript, size_t *place, struct message *message)
{
    if (*place >= buffer_length(&transcript->records))
        return false;
    struct head head = head_at(transcript, *place);
    const char *room = buffer_bytes(&transcript->records) + *place + sizeof head;
    const char *name = room + head.room_length;
    *message = (struct message){.kind = head.kind,
                                .author = head.author,
                                .room = {room, head.room_length},
                                .seq = head.seq,
                                .time = head.time,
                                .name = {name, head.name_length},
                                .text = {name + head.name_length, head.text_length},
                                .counts = {.missing = head.missing}};
    *place += size_of(&head);
    return true;
}

uint64_t transcript_last(const struct message *message)
{
    return message->seq + (message_is_counted(message->kind) ? 0 : message->counts.missing - 1);
}

uint64_t transcript_end(const struct transcript *transcript)
{
    struct message newest;
    size_t place = transcript_newest(transcript, 1);
    return transcript_next(transcript, &place, &newest) ? transcript_last(&newest) : 0;
}

size_t transcript_above(const struct transcript *transcript, uint64_t seq)
{
    struct message message;
    size_t place = 0;
    size_t next = 0;
    while (transcript_next(transcript, &next, &message) && transcript_last(&message) <= seq)
        place = next;
    return place;
}

size_t transcript_newest(const struct transcript *transcript, size_t count)
{
    struct message message;
    size_t place = 0;
    for (size_t i = count; i < transcript->count; i++)
        transcript_next(transcript, &place, &message);
    return place;
}

void transcript_free(struct transcript *transcript)
{
    buffer_free(&transcript->records);
    transcript->count = 0;
}
