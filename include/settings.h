/*
 * settings: what each part of the server is told of the options, when it starts and when they
 * change. An option's way from its value to who runs by it stands here alone.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "chat/limits.h"
#include "doors/plain/plain.h"
#include "net/server.h"
#include "options/options.h"
#include "tls/tls.h"

struct server_limits settings_for_server(const struct options *options);
struct chat_limits settings_for_chat(const struct options *options);
struct tls_config settings_for_tls(const struct options *options);

/* Sets what a door's conversations go by. Clients may be here. */
void settings_of_door(struct plain *door, const struct options *options);

#endif
