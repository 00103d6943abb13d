#include "base/platform.h"

#include "chat/chat.h"

/* Reads which rooms the archive keeps, if there is one. */
static int read_kept_rooms(struct chat *chat)
{
    chat->kept = NULL;
    return chat->archive == NULL ? 0
                                 : kept_rooms_create(&chat->kept, chat->archive, chat->event_log);
}

static int make_rooms(struct chat *chat, const struct chat_config *config)
{
    const struct room_config room_config = {.drain_timeout = config->drain_timeout,
                                            .sendq = config->sendq,
                                            .presence_limit = config->presence_limit,
                                            .welcome = config->welcome,
                                            .talkers = &chat->talkers,
                                            .directory = chat->directory,
                                            .ordering = chat->ordering,
                                            .sanctions = chat->sanctions,
                                            .timers = chat->timers,
                                            .event_log = chat->event_log,
                                            .archive = chat->archive,
                                            .kept = chat->kept,
                                            .history = config->history};
    int error = rooms_create(&chat->rooms, config->max_rooms, &room_config);
    if (error != 0)
        return error;
    error = rooms_open(chat->rooms, CHAT_LOBBY, &chat->lobby);
    if (error != 0)
        rooms_destroy(chat->rooms);
    return error;
}

int chat_open(struct chat *chat, const struct chat_config *config)
{
    *chat = (struct chat){.event_log = config->event_log,
                          .archive = config->archive,
                          .ordering = config->ordering,
                          .operators = config->operators,
                          .operator_count = config->operator_count,
                          .lockdown = config->lockdown,
                          .rooms_per_client = config->rooms_per_client};
    int error = timers_start(&chat->timers);
    if (error != 0)
        return error;
    error = directory_create(&chat->directory);
    if (error != 0)
        goto no_directory;
    error = sanctions_create(&chat->sanctions);
    if (error != 0)
        goto no_sanctions;
    error = talkers_init(&chat->talkers);
    if (error != 0)
        goto no_talkers;
    error = flow_init(&chat->private_flow, &chat->talkers, config->drain_timeout, config->sendq);
    if (error != 0)
        goto no_flow;
    error = read_kept_rooms(chat);
    if (error != 0)
        goto no_kept_rooms;
    error = make_rooms(chat, config);
    if (error != 0)
        goto no_rooms;
    chat->record = (struct sanctions_record){chat->sanctions, chat->archive, chat->event_log};
    if (chat->archive != NULL)
        sanctions_record_begin(&chat->record);
    return 0;
no_rooms:
    kept_rooms_destroy(chat->kept);
no_kept_rooms:
    flow_destroy(&chat->private_flow);
no_flow:
    talkers_destroy(&chat->talkers);
no_talkers:
    sanctions_destroy(chat->sanctions);
no_sanctions:
    directory_destroy(chat->directory);
no_directory:
    timers_stop(chat->timers);
    return error;
}

void chat_close(struct chat *chat)
{
    rooms_release(chat->rooms, chat->lobby);
    rooms_destroy(chat->rooms);
    kept_rooms_destroy(chat->kept);
    flow_destroy(&chat->private_flow);
    talkers_destroy(&chat->talkers);
    sanctions_destroy(chat->sanctions);
    directory_destroy(chat->directory);
    timers_stop(chat->timers);
}
