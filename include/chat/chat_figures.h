/*
 * chat_figures: what a chat tells of itself in figures (base/metric.h), with its event log.
 */
#ifndef CHAT_CHAT_FIGURES_H
#define CHAT_CHAT_FIGURES_H

#include "base/metric.h"

/* The owner is a struct chat (chat/chat.h). */
extern const struct metric_table chat_metrics;

#endif
