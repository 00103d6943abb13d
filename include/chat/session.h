/*
 * session: what a user does, whatever door it uses: enter, say, tell, rename, join, leave. A
 * session does not know how a request is typed, nor how an answer reads. It belongs to the thread
 * of its connection. All its functions want no lock held.
 */
#ifndef CHAT_SESSION_H
#define CHAT_SESSION_H

#include "chat/batch.h"
#include "chat/chat.h"
#include "chat/member.h"
#include "chat/message.h"
#include "chat/past.h"
#include "chat/user.h"

#include <stdbool.h>
#include <stddef.h>

struct outbox;

struct session {
    struct chat *chat;
    struct user *user;
    struct member *current; /* its membership of the room to which its messages go; NULL: of none */
    struct batch unsaid;    /* messages that are not published yet */
    struct buffer sought;   /* words of the last search */
    uint64_t sought_below;  /* id of the oldest message that it has found; 0: none yet */
    int64_t muted_until;    /* if it is muted, clock_utc(); 0: without an end */
    int64_t absent_from,
        absent_to;          /* when a registered user was not here, before; chat/absence.h */
    enum kept kept;         /* what has become of storing what it last decided about a room */
    struct verdict *kicked; /* why it must leave the chat; NULL: it need not */
};

/*
 * Initializes the session of a user without a name, to whom messages are sent by `outbox` as `view`
 * says. Takes a reference to the outbox. Returns 0 or ENOMEM.
 */
int session_open(struct session *session, struct chat *chat, struct outbox *outbox,
                 const struct user_view *view);

/* Frees what a session holds. It must have left, or never entered. */
void session_close(struct session *session);

/*
 * Enters the lobby under an allowed name (name_fault()). Returns 0; EEXIST if another user has this
 * name or one that looks like it, with that user's name in `rival`; ENOMEM.
 */
int session_enter(struct session *session, const char *name, char rival[NAME_SIZE]);

/*
 * The same for a person who has proved that the name is its own (chat/accounts.h): if another user
 * has it, this one takes its place in all its rooms and in the directory, with its id. Nobody else
 * is told, and the other user's link ends with LINK_REPLACED. Waits for that for a few seconds at
 * most, and returns EBUSY if it takes longer.
 */
int session_enter_again(struct session *session, const char *name, char rival[NAME_SIZE]);

/*
 * Leaves all rooms and the directory. `why` is the reason for the log. The others get a notice
 * unless `silently`. If its link has ended with LINK_KICKED, `kicked` is set from then on, and the
 * others are told by whom.
 */
void session_leave(struct session *session, const char *why, bool silently);

/*
 * Adds a line of text to the unpublished messages, as MESSAGE_SAY or MESSAGE_ACT. The text is
 * cleaned; if nothing is left of it, nothing is added. The caller calls session_publish() soon, and
 * at once if session_is_full(). Returns false, with nothing added, when memory is out.
 */
bool session_say(struct session *session, enum message_kind kind, const char *text, size_t length);

/* Whether the unpublished messages are to be published before more are added. */
bool session_is_full(const struct session *session);

/* Whether there are unpublished messages. */
bool session_has_said(const struct session *session);

enum session_heard {
    SESSION_HEARD,     /* delivered to every other member; or there was nothing to publish */
    SESSION_UNHEARD,   /* no other member is in the room */
    SESSION_NO_MEMORY, /* memory was out: none of the messages was published */
    SESSION_CUT_SHORT, /* memory was out: only the first ones were published */
    SESSION_MUTED, /* the user is muted in the chat: none was published, or only the first ones */
    SESSION_MUTED_IN_ROOM, /* the same in the room */
    SESSION_MODERATED      /* the same, as the user does not have the floor */
};

/*
 * Publishes the unpublished messages, as room_publish() does, and drops what could not be
 * published.
 */
enum session_heard session_publish(struct session *session);

/*
 * Waits until what was published in the rooms of the user before, by others too, has been handed to
 * every reader.
 */
void session_settle(struct session *session);

/*
 * Waits until all that the user has published has been handed to every reader, and all that was
 * published in its rooms before this call has been handed to the user: it is in their outboxes.
 * With an archive, also waits until all of it is on the disk; returns false if that has failed.
 */
bool session_sync(struct session *session);

/*
 * Sends a private message, a line of text, to one user. The log does not have it. With an author
 * that floods, each message waits up to a second for a reader that is behind. Returns 0; EINVAL if
 * nothing is left of the text when it is cleaned; ENOMEM.
 */
int session_tell(struct session *session, struct user *to, const char *text, size_t length);

/*
 * Renames the user, and sends a notice to its rooms. Returns as session_enter(). With another name
 * than that of its account it is not registered any more.
 */
int session_rename(struct session *session, const char *name, char rival[NAME_SIZE]);

/*
 * The same for a person who has proved that the name is its own: another user that has it leaves.
 * EBUSY as session_enter_again().
 */
int session_rename_again(struct session *session, const char *name, char rival[NAME_SIZE]);

/*
 * Rooms. The session must have entered, and have no unpublished messages.
 */

/* Returns the session's membership of a room; NULL if there is none. */
struct member *session_member(const struct session *session, const struct room *room);

/*
 * These wait for the archive if they concern a room that is kept, and leave what has become of that
 * in `kept` (KEPT_DONE: nothing to be said about it).
 */

/*
 * Makes a room the current one, and joins or even creates it first if need be, with a key (NULL:
 * none). The user is sent who is there. What a registered user creates is kept. Returns 0; ENOMEM;
 * EACCES or EPERM as room_settings_admit(); EMLINK if the session is in as many rooms as may be;
 * ENOSPC as rooms_open().
 */
int session_join(struct session *session, const char *name, const char *key);

/*
 * Leaves a room; if it was the current one, another one is current. Returns false, and does
 * nothing, if it is the last one. What is said in the new current room has its name in front until
 * session_arrive(), so that the user can be told of it before.
 */
bool session_leave_room(struct session *session, struct member *member);
void session_arrive(struct session *session);

/*
 * Sets the topic of the current room; "": none. The text is cleaned. Returns 0; EMSGSIZE if it has
 * more than ROOM_TOPIC_MAX bytes; ENOMEM.
 */
int session_set_topic(struct session *session, const char *text, size_t length);

/* Invites a user into the current room, and tells it. Returns 0 or ENOMEM. */
int session_invite(struct session *session, struct user *invited);

/* As room_change() for the current room. */
int session_change_room(struct session *session, enum message_kind kind, const char *key);

/* As keeping_resume() and keeping_end(). */
enum kept session_keep_room(struct session *session);
enum kept session_let_room_go(struct session *session, const char *name);

/*
 * Keeping order.
 */

/*
 * Passes a verdict on another user, which executes it itself: for its author this user, who must be
 * entitled to that, in its current room. Ends the user's link with LINK_KICKED unless it is to
 * leave a room only. Waits until the user's thread has the verdict, but for at most a second, as it
 * may be busy. Returns false, and does nothing, when memory is out.
 */
bool session_judge(struct session *session, struct user *user, const struct verdict *verdict);

/*
 * The same for all other users of whom `concerns` says so; waits for all of them together. Returns
 * false when memory was out for one of them.
 */
typedef bool session_concerns(const void *context, const struct user *user);
bool session_judge_all(struct session *session, session_concerns *concerns, const void *context,
                       const struct verdict *verdict);

/*
 * Whether the user is muted in the whole chat. If so, stores until when in *end (clock_utc(); 0:
 * without an end).
 */
bool session_is_muted(const struct session *session, int64_t *end);

/*
 * Sends a line of text to every user in the chat, this one too, and logs it. It is in no room, and
 * has no place in their orders. Returns 0; EINVAL if nothing is left of the text when it is
 * cleaned; ENOMEM, and then some may have been sent it.
 */
int session_tell_all(struct session *session, const char *text, size_t length);

/*
 * Tells a user that this one has made it an operator, or no operator any more. Returns false when
 * memory is out.
 */
bool session_tell_rank(struct session *session, struct user *to, bool is_operator);

/*
 * Asks the owner of the current room, and the operators in it, for the floor. Returns how many were
 * asked.
 */
unsigned session_raise_hand(struct session *session);

/*
 * Passes a verdict on this user itself if a ban holds for its name or its address. To be called
 * when it has entered: bans that are imposed from then on are executed by who imposes them.
 */
void session_heed_bans(struct session *session);

/*
 * Executes the verdicts on this user, if there are any: leaves rooms, or sets `kicked`, and then
 * session_leave() must follow. What was said must have been published. May be called after
 * session_leave(), for a verdict that was passed meanwhile. Returns whether there were any.
 */
bool session_obey(struct session *session);

/*
 * What was said. The messages are shown to the user, with pauses between pages (chat/past.h).
 * These may wait for a disk.
 */

/*
 * Shows the newest `count` messages of the current room, or if `time` is not 0 the first `count`
 * ones from that time (clock_utc()) on. Returns how many there are.
 */
size_t session_show_history(struct session *session, size_t count, int64_t time, past_pause *pause,
                            void *context);

/* Sets the words of the next search. Returns false when memory is out. */
bool session_seek(struct session *session, const char *words, size_t length);

/*
 * Shows the newest ten messages that have the words, older than those of the last search for them,
 * of the rooms that the user is in or may enter. Stores their number. There must be an archive.
 */
enum archive_result session_search(struct session *session, size_t *shown, past_pause *pause,
                                   void *context);

enum session_resumed {
    SESSION_RESUMED,    /* what followed was sent, and the member goes on with what follows */
    SESSION_GONE,       /* it is not kept any more; *first is the oldest number that is */
    SESSION_NOT_RESUMED /* the archive has failed */
};

/*
 * Sends a member exactly what followed the message with the number `seq` in its room, and goes on
 * with the messages that follow, without a gap and nothing twice.
 */
enum session_resumed session_resume(struct session *session, struct member *member, uint64_t seq,
                                    uint64_t *first, past_pause *pause, void *context);

/*
 * Returns the id of the user that last sent this user a private message, 0 if none has, and copies
 * the name that it had then.
 */
uint64_t session_correspondent(struct session *session, char name[NAME_SIZE]);

#endif
