#include "base/platform.h"

#include "base/clock.h"
#include "chat/directory.h"
#include "chat/event_log.h"
#include "chat/sanctioning.h"
#include "chat/until.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static_assert((int)SANCTIONING_TARGET_SIZE >= (int)ADDRESS_PREFIX_SIZE,
              "a name is as long as an address");

static bool is_on_range(const struct sanction *sanction)
{
    return *sanction->name == '\0';
}

void sanctioning_write_target(const struct sanction *sanction, char target[SANCTIONING_TARGET_SIZE])
{
    if (is_on_range(sanction))
        address_prefix_format(&sanction->range, target);
    else
        strcpy(target, sanction->name);
}

/*
 * A sanction as a change, and back.
 */

static struct change change_of(enum change_kind kind, uint64_t author,
                               const struct sanction *sanction)
{
    struct change change = {.kind = kind,
                            .author = author,
                            .author_name = words_of(sanction->author),
                            .text = words_of(sanction->reason),
                            .target = words_of(sanction->name),
                            .time = clock_utc(),
                            .end = sanction->end};
    if (is_on_range(sanction))
        change.range = sanction->range;
    return change;
}

static struct sanction sanction_of(const struct change *change)
{
    struct sanction sanction = {.range = change->range, .end = change->end};
    if (change->kind == CHANGE_MUTE || change->kind == CHANGE_UNMUTE)
        sanction.kind = SANCTION_MUTE;
    if (change->range.family == ADDRESS_NONE)
        words_copy(change->target, sanction.name, sizeof sanction.name);
    words_copy(change->author_name, sanction.author, sizeof sanction.author);
    words_copy(change->text, sanction.reason, sizeof sanction.reason);
    return sanction;
}

/*
 * The log.
 */

static void log_ban(struct chat *chat, const struct sanction *ban, const char *target)
{
    char until[UNTIL_SIZE];
    until_write_of_ban(ban->end, until);
    event_log_print(chat->event_log, EVENT_LOG_EVENT, "%s has banned %s%s%s%s", ban->author, target,
                    until, *ban->reason != '\0' ? ": " : "", ban->reason);
}

/* A mute is of somebody who is here, as it was when it was imposed. */
static void log_mute(struct chat *chat, const struct sanction *mute, const char *target)
{
    char until[UNTIL_SIZE];
    struct user *user = directory_find(chat->directory, target);
    until_write_of_mute(mute->end, until);
    event_log_print(chat->event_log, EVENT_LOG_EVENT, "%s has muted %s%s%s%s%s", mute->author,
                    target, user != NULL ? " (" : "", user != NULL ? user_peer(user) : "",
                    user != NULL ? ")" : "", until);
    if (user != NULL)
        user_release(user);
}

static void log_change(struct chat *chat, const struct change *change,
                       const struct sanction *sanction)
{
    char target[SANCTIONING_TARGET_SIZE];
    sanctioning_write_target(sanction, target);
    if (change->kind == CHANGE_BAN)
        log_ban(chat, sanction, target);
    else if (change->kind == CHANGE_MUTE)
        log_mute(chat, sanction, target);
    else
        event_log_print(chat->event_log, EVENT_LOG_EVENT, "%s has %s %s", sanction->author,
                        change->kind == CHANGE_UNBAN ? "lifted the ban of" : "unmuted", target);
}

/*
 * Making it.
 */

static int impose(struct chat *chat, const struct sanction *sanction, int64_t now)
{
    int error;
    while ((error = sanctions_impose(chat->sanctions, sanction, now)) == ENOMEM &&
           chat->ordering != NULL)
        clock_await_memory();
    return error;
}

/* Lifts those on a target, whose name then is as it was kept. Returns how many there were. */
static size_t lift(struct chat *chat, struct sanction *target, int64_t now)
{
    char kept[NAME_SIZE];
    if (is_on_range(target))
        return sanctions_lift_range(chat->sanctions, target->kind, &target->range, now);
    size_t lifted = sanctions_lift_name(chat->sanctions, target->kind, target->name, now, kept);
    if (lifted > 0)
        strcpy(target->name, kept);
    return lifted;
}

int sanctioning_make(struct chat *chat, const struct user *author, const struct change *change,
                     struct sanction *sanction, size_t *lifted)
{
    int error = 0;
    *lifted = 0;
    *sanction = sanction_of(change);
    if (!user_is_operator(author))
        return EPERM;
    if (change->kind == CHANGE_BAN || change->kind == CHANGE_MUTE)
        error = impose(chat, sanction, change->time);
    else
        *lifted = lift(chat, sanction, change->time);
    if (error == 0 && (change->kind == CHANGE_BAN || change->kind == CHANGE_MUTE || *lifted > 0))
        log_change(chat, change, sanction);
    return error;
}

static int make_in_turn(struct chat *chat, const struct user *author, const struct change *change,
                        struct sanction *made, size_t *lifted)
{
    int error = ordering_await(chat->ordering, author, change, ORDERING_PATIENT, NULL);
    if (error != 0)
        return error;
    error = sanctioning_make(chat, author, change, made, lifted);
    ordering_end(chat->ordering);
    return error;
}

int sanctioning_impose(struct chat *chat, const struct user *author,
                       const struct sanction *sanction)
{
    struct sanction made;
    size_t lifted;
    const struct change change =
        change_of(sanction->kind == SANCTION_BAN ? CHANGE_BAN : CHANGE_MUTE, author->id, sanction);
    return make_in_turn(chat, author, &change, &made, &lifted);
}

int sanctioning_lift(struct chat *chat, const struct user *author, struct sanction *target,
                     size_t *lifted)
{
    struct sanction made;
    struct change change =
        change_of(target->kind == SANCTION_BAN ? CHANGE_UNBAN : CHANGE_UNMUTE, author->id, target);
    change.author_name = words_of(author->name);
    *lifted = 0;
    int error = make_in_turn(chat, author, &change, &made, lifted);
    if (*lifted > 0)
        strcpy(target->name, made.name);
    return error;
}

bool sanctioning_store(struct chat *chat)
{
    struct archive *archive = chat->archive;
    return archive == NULL || archive->sanctions == NULL ||
           archive->talk->sync(archive) == ARCHIVE_OK;
}

/*
 * The state.
 */

/* The id of an author is not known, and of no use any more. */
enum { SOMEBODY = 1 };

/* A sanction belongs to the state until a change finds that it is over. */
static bool tell_kind(struct chat *chat, enum sanction_kind kind,
                      bool (*hear)(void *context, const struct change *change), void *context)
{
    struct sanction sanction = {.number = 0};
    bool goes_on = true;
    while (goes_on && sanctions_next(chat->sanctions, kind, sanction.number, 0, &sanction)) {
        struct change change =
            change_of(kind == SANCTION_BAN ? CHANGE_BAN : CHANGE_MUTE, SOMEBODY, &sanction);
        change.time = 0;
        goes_on = hear(context, &change);
    }
    return goes_on;
}

bool sanctioning_tell(struct chat *chat, bool (*hear)(void *context, const struct change *change),
                      void *context)
{
    return tell_kind(chat, SANCTION_BAN, hear, context) &&
           tell_kind(chat, SANCTION_MUTE, hear, context);
}

void sanctioning_restore(struct chat *chat, const struct change *change)
{
    const struct sanction sanction = sanction_of(change);
    impose(chat, &sanction, 0);
}
