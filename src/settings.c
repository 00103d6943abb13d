#include "base/platform.h"

#include "doors/plain/conversation.h"
#include "settings.h"

struct server_limits settings_for_server(const struct options *options)
{
    return (struct server_limits){.max_clients = (unsigned)options->max_clients,
                                  .max_per_host = (unsigned)options->max_per_host,
                                  .sendq = (size_t)options->sendq,
                                  .timeout = options->login_timeout,
                                  .finish = options->drain_timeout,
                                  .grace = options->grace};
}

struct chat_limits settings_for_chat(const struct options *options)
{
    return (struct chat_limits){.drain_timeout = options->drain_timeout,
                                .sendq = (size_t)options->sendq,
                                .presence_limit = (unsigned)options->presence_limit,
                                .welcome = options->welcome,
                                .history = (size_t)options->history,
                                .max_rooms = (size_t)options->max_rooms,
                                .rooms_per_client = (unsigned)options->rooms_per_client};
}

struct tls_config settings_for_tls(const struct options *options)
{
    return (struct tls_config){.certificate = options->tls_certificate,
                               .key = options->tls_key,
                               .client_authorities = options->tls_client_authorities};
}

void settings_of_door(struct plain *door, const struct options *options)
{
    atomic_store(&door->idle_timeout, options->idle_timeout);
    atomic_store(&door->idle_warning, conversation_idle_warning(options->idle_timeout));
    atomic_store(&door->key_timeout, options->telnet_idle);
    atomic_store(&door->key_warning, conversation_idle_warning(options->telnet_idle));
    atomic_store(&door->rate, (unsigned)options->rate);
}
