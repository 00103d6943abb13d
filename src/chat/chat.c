#include "base/platform.h"

#include "chat/chat.h"

static int make_lobby(struct chat *chat, const struct chat_config *config)
{
    const struct room_config room_config = {.drain_timeout = config->drain_timeout,
                                            .sendq = config->sendq,
                                            .presence_limit = config->presence_limit,
                                            .welcome = config->welcome,
                                            .directory = chat->directory,
                                            .timers = chat->timers,
                                            .event_log = chat->event_log};
    return room_create(&chat->lobby, &room_config);
}

int chat_open(struct chat *chat, const struct chat_config *config)
{
    *chat = (struct chat){.event_log = config->event_log, .archive = config->archive};
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
    error = make_lobby(chat, config);
    if (error != 0)
        goto no_lobby;
    return 0;
no_lobby:
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
    room_destroy(chat->lobby);
    flow_destroy(&chat->private_flow);
    sanctions_destroy(chat->sanctions);
    directory_destroy(chat->directory);
    timers_stop(chat->timers);
}
