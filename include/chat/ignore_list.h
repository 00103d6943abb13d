/*
 * ignore_list: what a user does not want to be sent: what certain people say, and comings and
 * goings. A list never changes; a change makes another one. NULL is the list that leaves out
 * nothing. It has no lock: its owner guards it.
 */
#ifndef CHAT_IGNORE_LIST_H
#define CHAT_IGNORE_LIST_H

#include "chat/looks.h"
#include "chat/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ignore_list;

/*
 * Make a list that is like `list` with a person added at its end, with the person at an index
 * removed, or with comings and goings shown or not; or that is just like it. An id of 0 is
 * nobody's. Store the list in *result, to be freed with free(), or NULL if it leaves out nothing;
 * `list` stays as it is. Return false when memory is out.
 */
bool ignore_list_add(const struct ignore_list *list, uint64_t id, const char *name,
                     struct ignore_list **result);
bool ignore_list_remove(const struct ignore_list *list, size_t index, struct ignore_list **result);
bool ignore_list_set_quiet(const struct ignore_list *list, bool quiet, struct ignore_list **result);
bool ignore_list_copy(const struct ignore_list *list, struct ignore_list **result);

/* Returns the number of people, and the name and id of the one at an index. */
size_t ignore_list_count(const struct ignore_list *list);
const char *ignore_list_name(const struct ignore_list *list, size_t index);
uint64_t ignore_list_id(const struct ignore_list *list, size_t index);

/*
 * Returns the index of the first person with that id, unless it is 0, or with a name that looks
 * like that; ignore_list_count() if there is none.
 */
size_t ignore_list_find(const struct ignore_list *list, uint64_t id,
                        const struct name_looks *looks);

/* Whether ignore_list_find() finds somebody; however many there are, that takes little time. */
bool ignore_list_has(const struct ignore_list *list, uint64_t id, const struct name_looks *looks);

/*
 * Whether the list may leave out messages of this kind because of who their author is:
 * ignore_list_has() decides.
 */
bool ignore_list_minds_author(const struct ignore_list *list, enum message_kind kind);

/* Whether the list leaves out messages of this kind, whoever their author is. */
bool ignore_list_omits_kind(const struct ignore_list *list, enum message_kind kind);

/* Whether the list leaves out a message. */
bool ignore_list_omits(const struct ignore_list *list, const struct message *message);

/* Whether it leaves out what somebody has said of whom the name alone is known. */
bool ignore_list_omits_author(const struct ignore_list *list, struct words name);

#endif
