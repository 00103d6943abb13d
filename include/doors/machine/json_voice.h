/*
 * json_voice: how programs are addressed: prompts, replies and goodbyes are objects, as messages
 * are (doors/machine/json_format.h).
 */
#ifndef DOORS_MACHINE_JSON_VOICE_H
#define DOORS_MACHINE_JSON_VOICE_H

#include "doors/plain/voice.h"

extern const struct voice json_voice;

#endif
