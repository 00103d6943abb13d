#include "base/platform.h"

#include "chat/chat.h"

static int make_rooms(struct chat *chat, const struct chat_config *config)
{
    const struct room_config room_config = {.drain_timeout = config->drain_timeout,
                                            .sendq = config->sendq,
                                            .presence_limit = config->presence_limit,
                                            .welcome = config->welcome,
                                            .directory = chat->directory,
                                            .sanctions = chat->sanctions,
                                            .timers = chat->timers,
                                            .event_log = chat->event_log,
                                            .archive = chat->archive,
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
    error = flow_init(&chat->private_flow, config->drain_timeout, config->sendq);
    if (error != 0)
        goto no_flow;
    error = make_rooms(chat, config);
    if (error != 0)
        goto no_rooms;
    chat->record = (struct sanctions_record){chat->sanctions, chat->archive, chat->event_log};
    if (chat->archive != NULL)
        sanctions_record_begin(&chat->record);
    return 0;
no_rooms:
    flow_destroy(&chat->private_flow);
no_flow:
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
    flow_destroy(&chat->private_flow);
    sanctions_destroy(chat->sanctions);
    directory_destroy(chat->directory);
    timers_stop(chat->timers);
}
