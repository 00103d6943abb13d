/*
 * visitor_inside: what the parts of a visitor share: visitor.c has what it does, visiting.c what it
 * gets. Private to them.
 */
#ifndef STRESS_VISITOR_INSIDE_H
#define STRESS_VISITOR_INSIDE_H

#include "visitor.h"

/* Whether it has asked to resume a room, and is not answered. visiting.c defines it. */
bool visitor_resumes_now(const struct visitor *visitor);

/* Asks for its name to become its own. visitor.c defines it. */
void visitor_register(struct visitor *visitor);

/*
 * The server has closed its former connection, since it has come in by another one, which is the
 * present one from now on. visitor.c defines it.
 */
void visitor_switch(struct visitor *visitor);

#endif
