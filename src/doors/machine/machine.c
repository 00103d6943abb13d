#include "base/platform.h"

#include "doors/machine/json_format.h"
#include "doors/machine/machine.h"

/* An object of the type "bye". The words need no escape. */
#define BYE(code, text) "{\"type\":\"bye\",\"code\":\"" code "\",\"text\":\"" text "\"}\n"

const struct door machine_door = {
    .name = "machine",
    .encoding = &json_encoding,
    .full_line = BYE("full", "The chat is full. Try again later."),
    .crowded_line = BYE("crowded", "Too many connections from your address."),
};
