#include "base/platform.h"

#include "chat/chat.h"

/* Reads which rooms the archive keeps, if there is one. In a cluster the machines' memory does. */
static int read_kept_rooms(struct chat *chat)
{
    struct archive *archive = chat->archive;
    if (chat->ordering != NULL || (archive != NULL && archive->rooms == NULL))
        archive = NULL;
    chat->kept = NULL;
    return archive == NULL && chat->ordering == NULL
               ? 0
               : kept_rooms_create(&chat->kept, archive, chat->event_log);
}

static int make_rooms(struct chat *chat, const struct chat_config *config)
{
    const struct room_config room_config = {.limits = config->limits,
                                            .talkers = &chat->talkers,
                                            .pressure =
                                                chat->ordering != NULL ? &chat->pressure : NULL,
                                            .directory = chat->directory,
                                            .ordering = chat->ordering,
                                            .sanctions = chat->sanctions,
                                            .timers = chat->timers,
                                            .event_log = chat->event_log,
                                            .archive = chat->archive,
                                            .kept = chat->kept,
                                            .figures = &chat->figures};
    int error = rooms_create(&chat->rooms, &room_config);
    if (error != 0)
        return error;
    error = rooms_open(chat->rooms, CHAT_LOBBY, &chat->lobby);
    if (error != 0)
        rooms_destroy(chat->rooms);
    return error;
}

static struct archive *choose_accounts(const struct chat_config *config)
{
    if (config->accounts != NULL)
        return config->accounts;
    return config->archive != NULL && config->archive->people != NULL ? config->archive : NULL;
}

int chat_open(struct chat *chat, const struct chat_config *config)
{
    *chat = (struct chat){.event_log = config->event_log,
                          .archive = config->archive,
                          .accounts = choose_accounts(config),
                          .ordering = config->ordering,
                          .lockdown = config->lockdown && config->ordering == NULL,
                          .sendq = config->limits.sendq,
                          .rooms_per_client = config->limits.rooms_per_client};
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
    error = pressure_init(&chat->pressure);
    if (error != 0)
        goto no_pressure;
    error = flow_init(&chat->private_flow, &chat->talkers, config->limits.drain_timeout,
                      config->limits.sendq);
    if (error != 0)
        goto no_flow;
    error = operators_init(&chat->operators, config->operators, config->operator_count);
    if (error != 0)
        goto no_operators;
    error = read_kept_rooms(chat);
    if (error != 0)
        goto no_kept_rooms;
    error = make_rooms(chat, config);
    if (error != 0)
        goto no_rooms;
    chat->record = (struct sanctions_record){chat->sanctions, chat->archive, chat->event_log};
    if (chat->archive != NULL && chat->archive->sanctions != NULL)
        sanctions_record_begin(&chat->record);
    return 0;
no_rooms:
    kept_rooms_destroy(chat->kept);
no_kept_rooms:
    operators_destroy(&chat->operators);
no_operators:
    flow_destroy(&chat->private_flow);
no_flow:
    pressure_destroy(&chat->pressure);
no_pressure:
    talkers_destroy(&chat->talkers);
no_talkers:
    sanctions_destroy(chat->sanctions);
no_sanctions:
    directory_destroy(chat->directory);
no_directory:
    timers_stop(chat->timers);
    return error;
}

void chat_limit(struct chat *chat, const struct chat_limits *limits)
{
    struct chat_limits fitting = *limits;
    if (chat->sendq < fitting.sendq)
        fitting.sendq = chat->sendq;
    chat->sendq = fitting.sendq;
    atomic_store(&chat->rooms_per_client, limits->rooms_per_client);
    flow_limit(&chat->private_flow, fitting.drain_timeout, fitting.sendq);
    rooms_limit(chat->rooms, &fitting);
}

void chat_close(struct chat *chat)
{
    rooms_release(chat->rooms, chat->lobby);
    rooms_destroy(chat->rooms);
    kept_rooms_destroy(chat->kept);
    operators_destroy(&chat->operators);
    flow_destroy(&chat->private_flow);
    pressure_destroy(&chat->pressure);
    talkers_destroy(&chat->talkers);
    sanctions_destroy(chat->sanctions);
    directory_destroy(chat->directory);
    timers_stop(chat->timers);
}
