/*
 * accounts: names that belong to somebody, who proves that with a password. They are kept by the
 * archive (chat/archive.h); without one, no name is registered. A user whose person has proved it
 * is registered (chat/user.h), until it leaves or takes another name.
 *
 * All functions are for the user's own thread, with no lock held, and may wait for a disk. Results
 * are those of the archive; without one, ARCHIVE_NONE.
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
 * account_lay_down() has the archive note that the person was here until now. Neither waits.
 */
void account_take_up(struct user *user, const struct account *account);
void account_lay_down(struct chat *chat, struct user *user);

/* As account_lay_down(), for a user that was not here. */
void account_renounce(struct user *user);

/*
 * Looks once more whether the user's account is there still, and is an operator's: to be called
 * when it can be found by others, since that may have changed between account_find() and then. Has
 * the archive note that the person is here.
 */
void account_heed(struct chat *chat, struct user *user);

/* Makes an account that of an operator, or that of none, and its user if it is here. */
enum archive_result account_set_operator(struct chat *chat, const char *name, bool is_operator);

/* Logs which names of operators nobody has registered yet. */
void account_report_operators(struct chat *chat);

/* Whether the server's options name an operator. Does not wait. */
bool account_is_named_operator(const struct chat *chat, const char *name);

/*
 * Keeps a private message, a line of text, for the person of an account, who is not here. Returns
 * ARCHIVE_FULL if no more of the author are kept; ARCHIVE_WRONG if nothing is left of the text when
 * it is cleaned.
 */
enum archive_result account_keep_message(struct chat *chat, const struct user *author,
                                         const char *name, const char *text, size_t length);

#endif
