#include "base/platform.h"

#include "base/text.h"
#include "chat/accounts.h"
#include "chat/keeping.h"
#include "chat/past.h"
#include "chat/recall.h"
#include "chat/room_delivery.h"
#include "chat/room_history.h"
#include "chat/room_membership.h"
#include "chat/room_policy.h"
#include "chat/session.h"
#include "chat/succession.h"
#include "net/link.h"
#include "net/outbox.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    FOUND_MAX = 10,      /* results of one search */
    SEARCHED_MAX = 2048, /* rooms of one search; as ARCHIVE_SEARCH_ROOMS_MAX */
    RESUMED_PAGE = 256   /* messages that are read from the archive at once */
};

#define RECALLED_BYTES ((size_t)4 * 1024 * 1024) /* of messages that are shown for one request */

enum { PIECE_BYTES = 60 * 1024 }; /* published at once; about as much as one read returns */

int session_open(struct session *session, struct chat *chat, struct outbox *outbox,
                 const struct user_view *view)
{
    *session = (struct session){.chat = chat, .user = user_create(outbox, view)};
    return session->user != NULL ? 0 : ENOMEM;
}

void session_close(struct session *session)
{
    assert(session->user->members == NULL);
    batch_free(&session->unsaid);
    buffer_free(&session->sought);
    if (session->kicked != NULL)
        verdict_free(session->kicked);
    user_release(session->user);
}

/*
 * Joins a room, to which the caller has a reference; it is the member's from then on, or released.
 * Returns as room_join().
 */
static int join(struct session *session, struct room *room, const char *key)
{
    struct member *member = member_create(session->user, room, room_number(room));
    room_restore(room);
    int error = member != NULL ? room_join(member, session->current, key) : ENOMEM;
    if (error == 0) {
        session->current = member;
        session->kept = keeping_begin(session->chat, session->user, room);
        return 0;
    }
    if (member != NULL)
        member_release(member);
    rooms_release(session->chat->rooms, room);
    return error;
}

static int join_lobby(struct session *session)
{
    struct room *lobby = session->chat->lobby;
    rooms_acquire(session->chat->rooms, lobby);
    return join(session, lobby, NULL);
}

/* Releases a member that has left its room. */
static void drop(struct session *session, struct member *member)
{
    struct room *room = member->room;
    member_release(member);
    rooms_release(session->chat->rooms, room);
}

int session_enter(struct session *session, const char *name, char rival[NAME_SIZE])
{
    struct chat *chat = session->chat;
    struct user *user = session->user;
    int error = directory_add(chat->directory, user, name, rival);
    if (error != 0)
        return error;
    flow_add(&chat->private_flow, &user->reader, user->outbox);
    error = join_lobby(session);
    if (error == 0)
        return 0;
    flow_remove(&user->reader);
    directory_remove(chat->directory, user);
    return error;
}

/* How long a user waits until another one has handed over its place, or has left. */
#define SUCCESSION_PATIENCE (5 * CLOCK_SECOND)

static bool is_connected(const struct session *session)
{
    return link_reason(outbox_link(session->user->outbox)) == LINK_OPEN;
}

/*
 * Returns the user that has a name, with a reference. NULL, after a moment, while that comes in or
 * leaves.
 */
static struct user *find_former(struct session *session, const char *name)
{
    struct user *former = directory_find(session->chat->directory, name);
    if (former == NULL)
        clock_sleep_until(clock_now() + CLOCK_MILLISECOND);
    return former;
}

/* Takes the place of the user that has a name. Returns false if that has not succeeded. */
static bool take_place(struct session *session, const char *name, int64_t deadline)
{
    struct chat *chat = session->chat;
    struct user *user = session->user;
    struct user *former = find_former(session, name);
    if (former == NULL)
        return false;
    flow_add(&chat->private_flow, &user->reader, user->outbox);
    bool done = succession_ask(chat->directory, former, user, deadline);
    user_release(former);
    if (!done) {
        flow_remove(&user->reader);
        return false;
    }
    session->absent_from = 0; /* its person was here */
    session->current = user->members;
    while (atomic_load_explicit(&session->current->elsewhere, memory_order_relaxed))
        session->current = session->current->next;
    return true;
}

int session_enter_again(struct session *session, const char *name, char rival[NAME_SIZE])
{
    int64_t deadline = clock_now() + SUCCESSION_PATIENCE;
    for (;;) {
        int error = session_enter(session, name, rival);
        if (error != EEXIST || !name_equals(name, rival) || take_place(session, name, deadline))
            return session->current != NULL ? 0 : error;
        if (clock_now() >= deadline || !is_connected(session))
            return EBUSY;
    }
}

/*
 * Takes the verdicts on a user; keeps one that has it leave the chat, and returns the others. A
 * verdict that is taken is not called for any more, so whoever takes it ends the link as well as
 * whoever has passed it: the thread waits for no more input.
 */
static struct verdict *take_verdicts(struct session *session)
{
    struct verdict *rest = NULL;
    struct verdict **end = &rest;
    struct verdict *verdict = verdict_take_all(&session->user->verdicts);
    while (verdict != NULL) {
        if (verdict->kind == VERDICT_EXPEL) {
            *end = verdict;
            end = &verdict->next;
            verdict = verdict->next;
        } else if (session->kicked == NULL) {
            session->kicked = verdict;
            link_end(outbox_link(session->user->outbox), LINK_KICKED);
            verdict = verdict->next;
        } else {
            verdict = verdict_free(verdict);
        }
    }
    *end = NULL;
    return rest;
}

/* Sends a message to one user alone. Returns false when memory is out. */
static bool send_alone(struct user *to, const struct message *message)
{
    struct user_text text = {0};
    bool whole = user_render(to, message, &text);
    if (whole) {
        user_queue(to, message, &text, false);
        outbox_flush(to->outbox);
    }
    buffer_free(&text.bytes);
    return whole;
}

static int focus(struct session *session, struct member *member)
{
    int error = room_focus(member, session->current);
    session->current = member;
    return error;
}

/* Tells the user alone that it has been made to leave a room. */
static void tell_expelled(struct session *session, struct room *room, const char *by)
{
    struct user *user = session->user;
    const struct message message = {.kind = MESSAGE_EXPELLED,
                                    .author = user->id,
                                    .room = words_of(room_name(room)),
                                    .name = words_of(user->name),
                                    .text = words_of(by)};
    send_alone(user, &message);
}

/*
 * Leaves a room as a verdict says. Without another room it comes into the lobby first, and stays
 * where it is if there is no memory for that.
 */
static void leave_as_told(struct session *session, const struct verdict *verdict)
{
    struct user *user = session->user;
    struct member *member = user->members;
    while (member != NULL && member->room_number != verdict->room)
        member = member->next;
    if (member == NULL || verdict->room == ROOM_LOBBY)
        return;
    tell_expelled(session, member->room, verdict->words);
    struct member *next = user->members != member ? user->members : member->next;
    if (next == NULL && join_lobby(session) != 0)
        return;
    if (session->current == member)
        focus(session, next);
    outbox_flush(user->outbox);
    room_expel(member, verdict->words);
    keeping_store(session->chat, member->room);
    drop(session, member);
}

/* Frees members that were made for an heir. */
static void drop_all(struct session *session, struct user *heir)
{
    while (heir->members != NULL) {
        struct member *member = heir->members;
        heir->members = member->next;
        drop(session, member);
    }
}

/* Makes members for an heir like those of the user. Returns false when memory is out. */
static bool make_members(struct session *session, struct user *heir)
{
    struct member **end = &heir->members;
    struct member *own = session->user->members;
    for (; own != NULL; own = own->next) {
        struct member *member = member_create(heir, own->room, own->room_number);
        if (member == NULL)
            break;
        rooms_acquire(session->chat->rooms, own->room);
        atomic_init(&member->elsewhere, own != session->current);
        *end = member;
        end = &member->next;
    }
    return own == NULL;
}

/* Has an heir ignore whom the user ignores, under whatever name. Returns false without memory. */
static bool hand_over_ignored(const struct user *user, struct user *heir)
{
    struct ignore_list *list;
    if (!ignore_list_copy(user_ignored(user), &list))
        return false;
    user_set_ignored(heir, list);
    return true;
}

/*
 * Hands the user's place over to its heir, whose thread waits. Returns false when memory is out.
 */
static bool hand_over_place(struct session *session, struct user *heir)
{
    if (make_members(session, heir) && hand_over_ignored(session->user, heir) &&
        room_succeed(session->user, heir))
        return true;
    drop_all(session, heir);
    return false;
}

/* Leaves all rooms, or has an heir take the user's place, unless it is kicked. */
static void leave_rooms(struct session *session, struct user *heir,
                        const struct room_leaving *leaving)
{
    struct user *user = session->user;
    bool succeeded = heir != NULL && session->kicked == NULL && hand_over_place(session, heir);
    if (!succeeded) {
        account_lay_down(session->chat, user);
        room_leave_all(user, leaving);
    }
    if (heir != NULL)
        succession_end(heir, succeeded);
}

void session_leave(struct session *session, const char *why, bool silently)
{
    struct user *user = session->user;
    struct user *heir = succession_begin(user);
    struct room_leaving leaving = {.why = why, .silently = silently};
    for (struct verdict *verdict = take_verdicts(session); verdict != NULL;) {
        if (heir != NULL)
            leave_as_told(session, verdict);
        verdict = verdict_free(verdict);
    }
    if (session->kicked != NULL && link_reason(outbox_link(user->outbox)) == LINK_KICKED)
        leaving.by = session->kicked->words;
    leave_rooms(session, heir, &leaving);
    flow_remove(&user->reader);
    struct member *member;
    while ((member = user->members) != NULL) {
        directory_remove_member(session->chat->directory, member);
        drop(session, member);
    }
    session->current = NULL;
}

bool session_say(struct session *session, enum message_kind kind, const char *text, size_t length)
{
    const struct message message = {.kind = kind,
                                    .author = session->user->id,
                                    .name = words_of(session->user->name),
                                    .text = {text, length}};
    return batch_add_clean(&session->unsaid, &message);
}

bool session_is_full(const struct session *session)
{
    return batch_memory(&session->unsaid) >= PIECE_BYTES;
}

bool session_has_said(const struct session *session)
{
    return session->unsaid.count > 0;
}

static bool is_alone(struct session *session)
{
    return room_count(session->current->room) == 1;
}

/* Finds out why the user may not speak in its current room; it may by now. */
static enum session_heard why_refused(struct session *session)
{
    if (session_is_muted(session, &session->muted_until))
        return SESSION_MUTED;
    enum room_permission permission =
        room_ask(session->current->room, session->user, &session->muted_until);
    return permission == ROOM_MODERATED ? SESSION_MODERATED : SESSION_MUTED_IN_ROOM;
}

/* Publishes what is not published yet. A session that is alone before and after was not heard. */
static enum session_heard publish(struct session *session)
{
    bool refused;
    bool alone = is_alone(session);
    size_t published = room_publish(session->current, &session->unsaid, &refused);
    if (refused)
        return why_refused(session);
    if (published < session->unsaid.count)
        return published == 0 ? SESSION_NO_MEMORY : SESSION_CUT_SHORT;
    return alone && is_alone(session) ? SESSION_UNHEARD : SESSION_HEARD;
}

enum session_heard session_publish(struct session *session)
{
    enum session_heard heard = SESSION_HEARD;
    if (session->unsaid.count > 0)
        heard = publish(session);
    batch_free(&session->unsaid);
    return heard;
}

void session_settle(struct session *session)
{
    for (struct member *member = session->user->members; member != NULL; member = member->next)
        room_sync(member->room);
}

/* What the user itself has published was in every outbox when session_publish() returned. */
bool session_sync(struct session *session)
{
    struct archive *archive = session->chat->archive;
    session_settle(session);
    return archive == NULL || archive->talk->sync(archive) == ARCHIVE_OK;
}

/*
 * Queues a private message of a flood, once its reader is not behind, or it has waited long enough.
 */
static void queue_flood(struct session *session, struct user *to, const struct message *message,
                        struct user_text *text)
{
    int64_t arrival = clock_now();
    const struct link *author = outbox_link(session->user->outbox);
    while (!user_queue(to, message, text, true)) {
        if (flow_wait_for(&session->chat->private_flow, &to->reader, &to->let_in, arrival) ==
                FLOW_SEND ||
            link_reason(author) != LINK_OPEN) {
            user_queue(to, message, text, false);
            return;
        }
    }
}

/*
 * Sends a clean private message, which does not reach who ignores its author. Returns false when
 * memory is out.
 */
static bool hand_over(struct session *session, struct user *to, const struct message *message)
{
    struct user *user = session->user;
    struct user_text text = {0};
    bool floods = flow_is_flood(&user->pace, message_bytes(message), clock_now()) && to != user;
    bool whole = user_render(to, message, &text);
    if (whole && user_wants(to, message)) {
        directory_set_correspondent(session->chat->directory, to, user);
        if (floods)
            queue_flood(session, to, message, &text);
        else
            user_queue(to, message, &text, false);
        outbox_flush(to->outbox);
    }
    buffer_free(&text.bytes);
    return whole;
}

int session_tell(struct session *session, struct user *to, const char *text, size_t length)
{
    struct buffer clean = {0};
    const struct user *user = session->user;
    int error = text_tidy(&clean, text, length) ? 0 : ENOMEM;
    const struct message message = {.kind = MESSAGE_TELL,
                                    .author = user->id,
                                    .name = words_of(user->name),
                                    .text = {buffer_bytes(&clean), buffer_length(&clean)}};
    if (error == 0 && message.text.length == 0)
        error = EINVAL;
    if (error == 0 && !hand_over(session, to, &message))
        error = ENOMEM;
    buffer_free(&clean);
    return error;
}

int session_rename(struct session *session, const char *name, char rival[NAME_SIZE])
{
    struct user *user = session->user;
    bool lays_down = atomic_load(&user->registered) && !name_equals(name, user->name);
    const struct account account = {.is_operator = user_is_operator(user)};
    if (lays_down) /* before: the other name has none of the rights of this one */
        account_lay_down(session->chat, user);
    int error = room_rename(user, name, rival);
    if (error != 0 && lays_down) {
        account_take_up(user, &account);
        account_heed(session->chat, user); /* that it is an operator may have ended meanwhile */
    }
    return error;
}

int session_rename_again(struct session *session, const char *name, char rival[NAME_SIZE])
{
    struct directory *directory = session->chat->directory;
    int64_t deadline = clock_now() + SUCCESSION_PATIENCE;
    for (;;) {
        int error = session_rename(session, name, rival);
        if (error != EEXIST || !name_equals(name, rival))
            return error;
        struct user *former = find_former(session, name);
        if (former != NULL) {
            if (succession_dismiss(directory, former, session->user, deadline))
                session->absent_from = 0; /* its person was here */
            user_release(former);
        }
        if (clock_now() >= deadline || !is_connected(session))
            return EBUSY;
    }
}

/*
 * Rooms.
 */

struct member *session_member(const struct session *session, const struct room *room)
{
    struct member *member = session->user->members;
    while (member != NULL && member->room != room)
        member = member->next;
    return member;
}

static unsigned count_rooms(const struct session *session)
{
    unsigned count = 0;
    for (const struct member *member = session->user->members; member; member = member->next)
        count++;
    return count;
}

int session_join(struct session *session, const char *name, const char *key)
{
    struct rooms *rooms = session->chat->rooms;
    struct room *room = rooms_find(rooms, name);
    struct member *member = room != NULL ? session_member(session, room) : NULL;
    int error = 0;
    session->kept = KEPT_DONE;
    if (member != NULL) {
        rooms_release(rooms, room);
        return focus(session, member);
    }
    if (count_rooms(session) >= session->chat->rooms_per_client)
        error = EMLINK;
    else if (room == NULL)
        error = rooms_open(rooms, name, &room);
    if (error == 0)
        return join(session, room, key);
    if (room != NULL)
        rooms_release(rooms, room);
    return error;
}

bool session_leave_room(struct session *session, struct member *member)
{
    struct member *next = session->user->members;
    if (next == member)
        next = member->next;
    if (next == NULL)
        return false;
    if (session->current == member)
        session->current = next;
    room_leave(member);
    drop(session, member);
    return true;
}

void session_arrive(struct session *session)
{
    member_focus(session->current, NULL);
}

int session_set_topic(struct session *session, const char *text, size_t length)
{
    struct buffer clean = {0};
    int error = text_tidy(&clean, text, length) ? 0 : ENOMEM;
    if (error == 0 && buffer_length(&clean) > ROOM_TOPIC_MAX)
        error = EMSGSIZE;
    if (error == 0)
        error = room_set_topic(session->current,
                               (struct words){buffer_bytes(&clean), buffer_length(&clean)});
    buffer_free(&clean);
    session->kept = keeping_store(session->chat, session->current->room);
    return error;
}

int session_change_room(struct session *session, enum message_kind kind, const char *key)
{
    int error = room_change(session->current, kind, key);
    session->kept = keeping_store(session->chat, session->current->room);
    return error;
}

enum kept session_keep_room(struct session *session)
{
    return session->kept = keeping_resume(session->chat, session->user, session->current->room);
}

enum kept session_let_room_go(struct session *session, const char *name)
{
    return session->kept = keeping_end(session->chat, session->user, name);
}

int session_invite(struct session *session, struct user *invited)
{
    const struct user *user = session->user;
    const struct member *member = session->current;
    struct user_text text = {0};
    const struct message message = {.kind = MESSAGE_INVITE,
                                    .author = user->id,
                                    .room = words_of(room_name(member->room)),
                                    .name = words_of(user->name)};
    int error = user_render(invited, &message, &text) ? room_invite(member, invited) : ENOMEM;
    if (error == 0 && user_wants(invited, &message)) {
        user_queue(invited, &message, &text, false);
        outbox_flush(invited->outbox);
    }
    buffer_free(&text.bytes);
    session->kept = keeping_store(session->chat, member->room);
    return error;
}

/*
 * Keeping order.
 */

/* How long, and how often, the thread of another user is called away from its wait. */
#define CALL_PATIENCE CLOCK_SECOND
#define CALL_INTERVAL CLOCK_MILLISECOND

/*
 * Calls the thread of a user who has a verdict away from its wait. Returns whether it is still to
 * take it.
 */
static bool call(struct user *user)
{
    return !verdict_box_is_empty(&user->verdicts) && link_nudge(outbox_link(user->outbox));
}

/*
 * Pauses between two calls. Returns false when it has taken too long, or this user is called
 * itself: two who kick each other do not wait for each other.
 */
static bool keeps_calling(const struct session *session, int64_t deadline)
{
    if (clock_now() >= deadline || !is_connected(session) ||
        !verdict_box_is_empty(&session->user->verdicts))
        return false;
    clock_sleep_until(clock_now() + CALL_INTERVAL);
    return true;
}

static void log_verdict(struct session *session, struct user *user, const struct verdict *verdict)
{
    char name[NAME_SIZE];
    bool in_room = verdict->kind == VERDICT_EXPEL;
    const char *reason = verdict->sanction.reason;
    directory_copy_name(session->chat->directory, user, name);
    event_log_print(session->chat->event_log, EVENT_LOG_EVENT, "%s has kicked %s (%s)%s%s%s%s",
                    session->user->name, name, link_peer(outbox_link(user->outbox)),
                    in_room ? " out of #" : "", in_room ? room_name(session->current->room) : "",
                    *reason != '\0' ? ": " : "", reason);
}

/* Passes a verdict, without waiting for it to be taken. */
static bool pass(struct session *session, struct user *user, const struct verdict *verdict)
{
    struct link *link = outbox_link(user->outbox);
    struct verdict passed = *verdict;
    strcpy(passed.sanction.author, session->user->name);
    passed.room = room_number(session->current->room);
    if (!verdict_add(&user->verdicts, &passed))
        return false;
    log_verdict(session, user, &passed);
    if (passed.kind != VERDICT_EXPEL)
        link_end(link, LINK_KICKED);
    link_call(link);
    return true;
}

bool session_judge(struct session *session, struct user *user, const struct verdict *verdict)
{
    int64_t deadline = clock_now() + CALL_PATIENCE;
    if (!pass(session, user, verdict))
        return false;
    while (call(user) && keeps_calling(session, deadline))
        ;
    return true;
}

/* Calls all of whom `concerns` says so. Returns whether one of them is still to take a verdict. */
static bool call_all(struct session *session, session_concerns *concerns, const void *context)
{
    struct directory *directory = session->chat->directory;
    struct user *user;
    bool waits = false;
    for (uint64_t id = 0; (user = directory_after(directory, id)) != NULL;) {
        id = user->id;
        if (concerns(context, user))
            waits = call(user) || waits;
        user_release(user);
    }
    return waits;
}

bool session_judge_all(struct session *session, session_concerns *concerns, const void *context,
                       const struct verdict *verdict)
{
    struct directory *directory = session->chat->directory;
    struct user *user;
    bool whole = true;
    for (uint64_t id = 0; (user = directory_after(directory, id)) != NULL;) {
        id = user->id;
        if (user != session->user && concerns(context, user))
            whole = pass(session, user, verdict) && whole;
        user_release(user);
    }
    int64_t deadline = clock_now() + CALL_PATIENCE;
    while (call_all(session, concerns, context) && keeps_calling(session, deadline))
        ;
    return whole;
}

bool session_is_muted(const struct session *session, int64_t *end)
{
    struct sanction mute;
    bool muted = sanctions_find_name(session->chat->sanctions, SANCTION_MUTE, session->user->name,
                                     clock_utc(), &mute);
    if (muted)
        *end = mute.end;
    return muted;
}

/* Sends a message to everybody. Returns false when memory was out for one of them. */
static bool send_to_all(struct session *session, const struct message *message)
{
    struct directory *directory = session->chat->directory;
    struct user *user;
    bool whole = true;
    for (uint64_t id = 0; (user = directory_after(directory, id)) != NULL;) {
        id = user->id;
        whole = send_alone(user, message) && whole;
        user_release(user);
    }
    return whole;
}

/* Logs a message that is in no room. It is missing in the log if there is no memory for it. */
static void log_alone(struct session *session, const struct message *message)
{
    struct buffer line = {0};
    if (format_lines.render(message, &line))
        event_log_write(session->chat->event_log, EVENT_LOG_EVENT, buffer_bytes(&line),
                        buffer_length(&line));
    buffer_free(&line);
}

int session_tell_all(struct session *session, const char *text, size_t length)
{
    struct buffer clean = {0};
    const struct user *user = session->user;
    int error = text_tidy(&clean, text, length) ? 0 : ENOMEM;
    const struct message message = {.kind = MESSAGE_WALL,
                                    .author = user->id,
                                    .name = words_of(user->name),
                                    .text = {buffer_bytes(&clean), buffer_length(&clean)}};
    if (error == 0 && message.text.length == 0)
        error = EINVAL;
    if (error == 0) {
        log_alone(session, &message);
        error = send_to_all(session, &message) ? 0 : ENOMEM;
    }
    buffer_free(&clean);
    return error;
}

bool session_tell_rank(struct session *session, struct user *to, bool is_operator)
{
    const struct user *user = session->user;
    const struct message message = {.kind = is_operator ? MESSAGE_OP : MESSAGE_DEOP,
                                    .author = user->id,
                                    .name = words_of(user->name)};
    return send_alone(to, &message);
}

/* Whom somebody asks for the floor. */
struct request {
    const struct message *message;
    unsigned asked;
};

static void ask_leader(void *context, struct user *leader)
{
    struct request *request = context;
    request->asked += send_alone(leader, request->message);
}

unsigned session_raise_hand(struct session *session)
{
    const struct user *user = session->user;
    struct room *room = session->current->room;
    const struct message message = {.kind = MESSAGE_HAND,
                                    .author = user->id,
                                    .room = words_of(room_name(room)),
                                    .name = words_of(user->name)};
    struct request request = {.message = &message};
    room_visit_leaders(room, ask_leader, &request);
    return request.asked;
}

void session_heed_bans(struct session *session)
{
    struct sanctions *sanctions = session->chat->sanctions;
    struct link *link = outbox_link(session->user->outbox);
    struct verdict verdict = {.kind = VERDICT_BAN};
    int64_t now = clock_utc();
    if (!sanctions_find_address(sanctions, SANCTION_BAN, link_address(link), now,
                                &verdict.sanction) &&
        !sanctions_find_name(sanctions, SANCTION_BAN, session->user->name, now, &verdict.sanction))
        return;
    if (verdict_add(&session->user->verdicts, &verdict))
        link_end(link, LINK_KICKED);
    else
        link_kill(link, LINK_OUT_OF_MEMORY);
}

bool session_obey(struct session *session)
{
    bool any = !verdict_box_is_empty(&session->user->verdicts);
    for (struct verdict *verdict = take_verdicts(session); verdict != NULL;) {
        leave_as_told(session, verdict);
        verdict = verdict_free(verdict);
    }
    return any;
}

uint64_t session_correspondent(struct session *session, char name[NAME_SIZE])
{
    return directory_correspondent(session->chat->directory, session->user, name);
}

/*
 * What was said.
 */

size_t session_show_history(struct session *session, size_t count, int64_t time, past_pause *pause,
                            void *context)
{
    struct room *room = session->current->room;
    struct transcript recalled = {.most_messages = count, .most_bytes = RECALLED_BYTES};
    struct past past = past_history(room_name(room));
    recall_room(session->chat->archive, room, time, &recalled);
    size_t shown = past_show_all(&past, session->user, &recalled, pause, context);
    transcript_free(&recalled);
    return shown;
}

/* The names of rooms that may be searched. */
struct searched {
    struct words names[SEARCHED_MAX];
    char bytes[SEARCHED_MAX][NAME_SIZE];
    size_t count;
};

static void add_searched(struct searched *searched, const char *name)
{
    strcpy(searched->bytes[searched->count], name);
    searched->names[searched->count] = words_of(searched->bytes[searched->count]);
    searched->count++;
}

/* Those in which the user is, or may come in just so; also if nobody is in them, as they are kept.
 */
static void choose_rooms(struct session *session, struct searched *searched)
{
    struct rooms *rooms = session->chat->rooms;
    struct kept_room kept = {.number = 0};
    struct room *room;
    uint64_t after = 0;
    while (searched->count < SEARCHED_MAX && (room = rooms_after(rooms, after)) != NULL) {
        after = room_number(room);
        if (session_member(session, room) != NULL || room_is_open_to(room, session->user))
            add_searched(searched, room_name(room));
        rooms_release(rooms, room);
    }
    while (searched->count < SEARCHED_MAX && keeping_next(session->chat, session->user, &kept))
        if (kept.may_enter)
            add_searched(searched, kept.name);
}

/* The results of a search, and the id of the oldest, below which the next search goes on. */
struct found {
    struct transcript transcript;
    uint64_t oldest;
};

static void find(void *context, const struct archive_message *message)
{
    struct found *found = context;
    if (found->transcript.count == 0)
        found->oldest = message->id;
    transcript_add_archived(&found->transcript, message);
}

enum archive_result session_search(struct session *session, size_t *shown, past_pause *pause,
                                   void *context)
{
    struct archive *archive = session->chat->archive;
    struct words words = {buffer_bytes(&session->sought), buffer_length(&session->sought)};
    struct found found = {{.most_messages = FOUND_MAX, .most_bytes = RECALLED_BYTES}, 0};
    struct past past = past_history(room_name(session->current->room));
    struct searched *searched = malloc(sizeof *searched);
    if (searched == NULL)
        return ARCHIVE_FAILED;
    searched->count = 0;
    choose_rooms(session, searched);
    enum archive_result result =
        archive->talk->search(archive, words, searched->names, searched->count,
                              session->sought_below, FOUND_MAX, find, &found);
    if (result == ARCHIVE_OK)
        *shown = past_show_all(&past, session->user, &found.transcript, pause, context);
    if (*shown > 0)
        session->sought_below = found.oldest;
    transcript_free(&found.transcript);
    free(searched);
    return result;
}

bool session_seek(struct session *session, const char *words, size_t length)
{
    buffer_free(&session->sought);
    session->sought_below = 0;
    return buffer_append(&session->sought, words, length);
}

/* Tells a member that nothing has the numbers behind *seq, up to `last`; moves *seq there. */
static void skip_to(struct session *session, struct member *member, uint64_t *seq, uint64_t last)
{
    struct past past = past_again(room_name(session->current->room));
    const struct message skipped = {.kind = MESSAGE_SKIP,
                                    .room = words_of(room_name(member->room)),
                                    .seq = *seq + 1,
                                    .counts = {.unnamed = (unsigned)(last - *seq)}};
    past_show(&past, session->user, &skipped);
    *seq = last;
}

/* Sends a page of what followed a message, from the archive; moves *seq behind it. */
static enum session_resumed resume_page(struct session *session, struct member *member,
                                        uint64_t *seq, uint64_t *first)
{
    struct archive *archive = session->chat->archive;
    struct transcript page = {.most_messages = RESUMED_PAGE, .most_bytes = RECALLED_BYTES};
    struct archive_bounds bounds;
    struct past past = past_again(room_name(session->current->room));
    struct message message;
    enum archive_result result =
        archive->talk->after(archive, words_of(room_name(member->room)), *seq, RESUMED_PAGE,
                             transcript_add_archived, &page, &bounds);
    bool kept = result == ARCHIVE_OK && bounds.first <= *seq + 1 && *seq <= bounds.last;
    for (size_t place = 0; kept && transcript_next(&page, &place, &message);) {
        past_show(&past, session->user, &message);
        *seq = transcript_last(&message);
    }
    outbox_flush(session->user->outbox);
    transcript_free(&page);
    if (result == ARCHIVE_OK && !kept)
        *first = bounds.first;
    return kept ? SESSION_RESUMED : result == ARCHIVE_OK ? SESSION_GONE : SESSION_NOT_RESUMED;
}

/* Ends that a member is suspended, which has not resumed. */
static void go_on(struct member *member, uint64_t sent)
{
    uint64_t first;
    if (!room_resume(member, sent, &first))
        room_go_on(member);
}

/* Resumes behind a message that is not in memory any more. */
static enum session_resumed resume_from_archive(struct session *session, struct member *member,
                                                uint64_t seq, uint64_t *first, past_pause *pause,
                                                void *context)
{
    enum session_resumed resumed = SESSION_RESUMED;
    bool reads = true;
    uint64_t sent = room_suspend(member);
    while (resumed == SESSION_RESUMED && reads && !room_resume(member, seq, first)) {
        uint64_t before = seq;
        resumed = resume_page(session, member, &seq, first);
        /* The archive has nothing behind it, and memory begins later: a crash has left a gap. */
        if (resumed == SESSION_RESUMED && seq == before)
            skip_to(session, member, &seq, *first - 1);
        reads = pause(context);
    }
    if (resumed != SESSION_RESUMED || !reads)
        go_on(member, sent);
    return resumed;
}

enum session_resumed session_resume(struct session *session, struct member *member, uint64_t seq,
                                    uint64_t *first, past_pause *pause, void *context)
{
    if (room_resume(member, seq, first))
        return SESSION_RESUMED;
    if (session->chat->archive == NULL || !room_is_archived(member->room))
        return SESSION_GONE;
    return resume_from_archive(session, member, seq, first, pause, context);
}
