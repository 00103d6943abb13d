/* machine: the door of addresses for programs, which are sent JSON from the start. */
#ifndef DOORS_MACHINE_MACHINE_H
#define DOORS_MACHINE_MACHINE_H

#include "net/door.h"

extern const struct door machine_door;

#endif
