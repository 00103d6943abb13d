/*
 * accounts: names that belong to somebody, who proves that with a password. They are kept by the
 * archive (chat/archive.h); without one, no name is registered. A user whose person has proved it
 * is registered (chat/user.h), until it leaves or takes another name.
 *
 * All functions are for the user's own thread, with no lock held, and may wait for a disk or for
 * other machines. Results are those of the archive; without one, ARCHIVE_NONE.
 */
#ifndef CHAT_ACCOUNTS_H
#define CHAT_ACCOUNTS_H

#include "chat/archive.h"
#include "chat/chat.h"
#include "chat/name.h"
#include "chat/user.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ACCOUNT_PASSWORD_MIN = 8,  /* characters */
    ACCOUNT_PASSWORD_MAX = 256 /* bytes */
};

struct account {
    char name[NAME_SIZE]; /* as it was registered */
    bool same;            /* it is the name that was looked up, and not one that looks like it */
    bool is_operator;     /* by /op, or by the server's options */
    int64_t seen;         /* when its person was last here (clock_utc()) */
};

/* Looks up the account that has a name, or one that looks like it. */
enum archive_result account_find(struct chat *chat, const char *name, struct account *account);

/* Whether a password is that of the account: ARCHIVE_OK or ARCHIVE_WRONG. Takes its time. */
enum archive_result account_prove(struct chat *chat, const char *name, struct words password);

/* Returns what a new password lacks, as a sentence; NULL: nothing. */
const char *account_password_fault(struct words password);

/*
 * Registers the user's name with a password that has no fault; the user is registered then.
 * ARCHIVE_TAKEN: somebody has registered a name that looks like it.
 */
enum archive_result account_register(struct chat *chat, struct user *user, struct words password);

/* Gives the user's account, which it is logged in to, another password without a fault. */
enum archive_result account_change_password(struct chat *chat, const struct user *user,
                                            struct words old_password, struct words new_password);

/*
 * Removes the user's account, with the messages that are kept for it and the list of whom it
 * ignores. The user has the name as any other then.
 */
enum archive_result account_unregister(struct chat *chat, struct user *user, struct words password);

/*
 * Makes a user, who has proved to be the person of an account, a registered one, or ends that.
 * Where it is in the chat already, this awaits its turn (chat/ordering.h).
 */
void account_take_up(struct chat *chat, struct user *user, const struct account *account);
void account_renounce(struct chat *chat, struct user *user);

/* Tells other machines what a user is that has taken another one's place (chat/succession.h). */
void account_confirm(struct chat *chat, struct user *user);

/*
 * Ends that a user is registered, as it leaves or takes another name, of which other machines are
 * told: to be called in its turn (chat/ordering.h). Has the archive note that the person was here
 * until now. Does not wait.
 */
void account_lay_down(struct chat *chat, struct user *user);

/*
 * A name was registered, here or on another machine: whoever has looked it up before, and comes in
 * with it now, looks again. Does not wait.
 */
void account_note_registration(struct chat *chat);

/*
 * Looks once more whether the user's account is there still, and is an operator's: to be called
 * when it can be found by others, since that may have changed between account_find() and then. Has
 * the archive note that the person is here.
 */
void account_heed(struct chat *chat, struct user *user);

/*
 * Looks up what a user is that is not in the chat just now, and was before, under its name: what it
 * is no more is taken from it. ARCHIVE_TAKEN: the name, or one that looks like it, was registered
 * by somebody else.
 */
enum archive_result account_look_again(struct chat *chat, struct user *user, const char *name);

/*
 * Makes an account that of an operator, or that of none, and its user if it is here.
 * ARCHIVE_UNSURE: nobody knows whether the user was made that, or will be.
 */
enum archive_result account_set_operator(struct chat *chat, struct user *author, const char *name,
                                         bool is_operator);

/*
 * Makes a user that is registered an operator, or not any more: in a cluster in its turn. For any
 * thread. Does not wait.
 */
void account_make_operator(struct user *user, bool is_operator);

/* Logs that nobody has registered this name of an operator yet, if that is so. */
void account_report_operator(struct chat *chat, const char *name);

/*
 * The options began or ceased to give this name an operator: who is here with it is what its
 * account is now. Not for a cluster: the account can be far away there.
 */
void account_follow_operator(struct chat *chat, const char *name);

/* Whether the server's options name an operator. Does not wait. */
bool account_is_named_operator(struct chat *chat, const char *name);

/*
 * Keeps a private message, a line of text, for the person of an account, who is not here. Returns
 * ARCHIVE_FULL if no more of the author are kept; ARCHIVE_WRONG if nothing is left of the text when
 * it is cleaned.
 */
enum archive_result account_keep_message(struct chat *chat, const struct user *author,
                                         const char *name, const char *text, size_t length);

#endif
