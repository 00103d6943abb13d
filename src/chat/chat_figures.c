#include "base/platform.h"

#include "chat/chat.h"
#include "chat/chat_figures.h"

struct chat_figures {
    struct metric_series users;
    uint64_t rooms;
    uint64_t said, notices, delivered, told;
    uint64_t floods, floods_waiting;
    struct histogram_reading talk, flood;
    uint64_t lockdown;
    struct metric_series log_queue, log_lost;
};

static void read_users(struct chat *chat, struct chat_figures *figures)
{
    size_t remote;
    size_t count = directory_count(chat->directory, &remote);
    metric_series_add(&figures->users, "here", count - remote);
    metric_series_add(&figures->users, "elsewhere", remote);
}

static void read_talk(struct talk_figures *talk, struct chat_figures *figures)
{
    figures->said = tally_read(&talk->said);
    figures->notices = tally_read(&talk->notices);
    figures->delivered = tally_read(&talk->delivered);
    figures->told = tally_read(&talk->told);
    /* In this order, so that what ends in between does not count; what is read may be older, too.
     */
    uint64_t over = tally_read(&talk->floods_over);
    figures->floods = tally_read(&talk->floods);
    figures->floods_waiting = figures->floods > over ? figures->floods - over : 0;
    histogram_read(&talk->talk, &figures->talk);
    histogram_read(&talk->flood, &figures->flood);
}

static void read_log(struct event_log *event_log, struct chat_figures *figures)
{
    struct event_log_status status;
    event_log_read(event_log, &status);
    metric_series_add(&figures->log_queue, "console", status.console.queued);
    metric_series_add(&figures->log_lost, "console", status.console.lost);
    if (!status.has_file)
        return;
    metric_series_add(&figures->log_queue, "file", status.file.queued);
    metric_series_add(&figures->log_lost, "file", status.file.lost);
}

static void read_chat(void *owner, void *place)
{
    struct chat *chat = owner;
    struct chat_figures *figures = place;
    read_users(chat, figures);
    figures->rooms = rooms_inhabited(chat->rooms);
    figures->lockdown = atomic_load(&chat->lockdown);
    read_talk(&chat->figures, figures);
    read_log(chat->event_log, figures);
}

#define AT(member) offsetof(struct chat_figures, member)

static const struct metric rows[] = {
    {"partyline_users", METRIC_GAUGE, "", "machine", METRIC_SERIES, AT(users),
     "People and programs in the chat, connected here or to other machines of a cluster"},
    {"partyline_rooms", METRIC_GAUGE, "", NULL, METRIC_NUMBER, AT(rooms),
     "Rooms with members, and the lobby"},
    {"partyline_lockdown", METRIC_GAUGE, "", NULL, METRIC_NUMBER, AT(lockdown),
     "1 while only registered names are let in"},
    {"partyline_lines_said", METRIC_COUNTER, "", NULL, METRIC_NUMBER, AT(said),
     "Lines of talk that rooms have delivered here"},
    {"partyline_notices", METRIC_COUNTER, "", NULL, METRIC_NUMBER, AT(notices),
     "Other messages that rooms have delivered here, as of who comes and goes"},
    {"partyline_deliveries", METRIC_COUNTER, "", NULL, METRIC_NUMBER, AT(delivered),
     "Messages of rooms that were handed to a reader, each once for each reader"},
    {"partyline_private_messages", METRIC_COUNTER, "", NULL, METRIC_NUMBER, AT(told),
     "Private messages to users who are connected here"},
    {"partyline_talk_seconds", METRIC_HISTOGRAM, "seconds", NULL, METRIC_CLASSES, AT(talk),
     "From the arrival of a line of talk to its hand-over to the last reader here"},
    {"partyline_flood_seconds", METRIC_HISTOGRAM, "seconds", NULL, METRIC_CLASSES, AT(flood),
     "The same for lines of floods, with the time that they were held back"},
    {"partyline_floods_held_back", METRIC_COUNTER, "", NULL, METRIC_NUMBER, AT(floods),
     "Pieces of floods that had to wait for their turn, 60 KiB at most each"},
    {"partyline_floods_waiting", METRIC_GAUGE, "", NULL, METRIC_NUMBER, AT(floods_waiting),
     "Pieces of floods that wait now"},
    {"partyline_log_queue_bytes", METRIC_GAUGE, "bytes", "log", METRIC_SERIES, AT(log_queue),
     "Events that wait to be written to the log"},
    {"partyline_log_lost_events", METRIC_COUNTER, "", "log", METRIC_SERIES, AT(log_lost),
     "Events that are missing in the log, as it could not be written"},
};

const struct metric_table chat_metrics = {rows, sizeof rows / sizeof *rows,
                                          sizeof(struct chat_figures), read_chat};
