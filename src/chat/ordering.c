#include "base/platform.h"

#include "base/clock.h"
#include "chat/ordering.h"

#include <errno.h>

int ordering_await(struct ordering *ordering, const struct user *user, const struct change *change,
                   enum ordering_patience patience, uint64_t *place)
{
    if (place != NULL)
        *place = 0;
    if (ordering == NULL || user_is_remote(user))
        return 0;
    int error;
    while ((error = ordering->functions->await(ordering, user, change, patience, place)) ==
               ENOMEM &&
           patience == ORDERING_ENDLESS)
        clock_await_memory();
    return error;
}

bool ordering_await_memory(const struct ordering *ordering)
{
    if (ordering == NULL)
        return false;
    clock_await_memory();
    return true;
}

int ordering_await_entering(struct ordering *ordering, const struct user *user, const char *name,
                            enum ordering_patience patience, uint64_t *place)
{
    const struct change change = {
        .kind = CHANGE_ENTER, .name = words_of(name), .time = clock_utc(), .rank = user_rank(user)};
    return ordering_await(ordering, user, &change, patience, place);
}

int ordering_await_joining(struct ordering *ordering, const struct user *user, const char *room,
                           const char *key)
{
    const struct change change = {.kind = CHANGE_JOIN,
                                  .room = words_of(room),
                                  .user = user->id,
                                  .text = words_of(key != NULL ? key : ""),
                                  .time = clock_utc()};
    return ordering_await(ordering, user, &change, ORDERING_PATIENT, NULL);
}

int ordering_await_leaving(struct ordering *ordering, const struct user *user, const char *room,
                           const char *by, enum ordering_patience patience)
{
    const struct change change = {.kind = CHANGE_LEAVE,
                                  .room = words_of(room != NULL ? room : ""),
                                  .user = user->id,
                                  .text = words_of(by != NULL ? by : ""),
                                  .time = clock_utc()};
    return ordering_await(ordering, user, &change, patience, NULL);
}

int ordering_await_login(struct ordering *ordering, const struct user *user, enum change_rank rank)
{
    const struct change change = {
        .kind = CHANGE_LOGIN, .user = user->id, .time = clock_utc(), .rank = rank};
    return user->id == 0 ? 0 : ordering_await(ordering, user, &change, ORDERING_ENDLESS, NULL);
}

int ordering_await_renaming(struct ordering *ordering, const struct user *user, const char *name)
{
    const struct change change = {
        .kind = CHANGE_RENAME, .user = user->id, .name = words_of(name), .time = clock_utc()};
    return ordering_await(ordering, user, &change, ORDERING_PATIENT, NULL);
}

int ordering_await_away(struct ordering *ordering, const struct user *user, bool is_away,
                        struct words text)
{
    const struct change change = {
        .kind = CHANGE_AWAY, .user = user->id, .text = text, .given = is_away, .time = clock_utc()};
    return ordering_await(ordering, user, &change, ORDERING_PATIENT, NULL);
}

int ordering_await_keeping(struct ordering *ordering, const struct user *user, const char *room,
                           bool keeps)
{
    const struct change change = {.kind = CHANGE_SETTINGS,
                                  .room = words_of(room),
                                  .author = user->id,
                                  .author_name = words_of(user->name),
                                  .changed = CHANGE_KEPT,
                                  .settings = keeps ? CHANGE_KEPT : 0,
                                  .time = clock_utc()};
    return ordering_await(ordering, user, &change, ORDERING_PATIENT, NULL);
}

int ordering_await_talk(struct ordering *ordering, const struct user *user, const char *room,
                        const struct batch *said, uint64_t *place)
{
    const struct change change = {
        .kind = CHANGE_TALK, .room = words_of(room), .time = clock_utc(), .said = said};
    return ordering_await(ordering, user, &change, ORDERING_PATIENT, place);
}

int ordering_ask_host(struct ordering *ordering, const struct user *user,
                      struct address_prefix *host)
{
    const struct change change = {.kind = CHANGE_HOST, .user = user->id, .time = clock_utc()};
    *host = user_host(user);
    if (!user_is_remote(user))
        return 0;
    int error = ordering->functions->ask(ordering, user, &change, host);
    return error == ESRCH ? 0 : error;
}
