/*
 * visitor_inside: what the parts of a visitor share: visitor.c has what it does, visiting.c what it
 * gets. Private to them.
 */
#ifndef STRESS_VISITOR_INSIDE_H
#define STRESS_VISITOR_INSIDE_H

#include "visitor.h"

/* Whether it has asked to resume a room, and is not answered. visiting.c defines it. */
bool visitor_resumes_now(const struct visitor *visitor);

#endif
