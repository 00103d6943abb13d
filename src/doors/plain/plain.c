#include "base/platform.h"

#include "doors/plain/plain.h"

const struct door plain_door = {
    .name = "lines", .full_line = PLAIN_FULL_LINE, .crowded_line = PLAIN_CROWDED_LINE};

const struct door plain_telnet_door = {.name = "telnet",
                                       .telnet = true,
                                       .full_line = PLAIN_FULL_LINE,
                                       .crowded_line = PLAIN_CROWDED_LINE};
