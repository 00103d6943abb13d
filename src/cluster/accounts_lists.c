#include "base/platform.h"

#include "cluster/accounts_inside.h"

#include <string.h>

/* A request about a list. The first, so that an editor is given it. */
struct request {
    struct accounts *accounts;
    int64_t deadline;
    struct words name;  /* of the account, */
    uint64_t serial;    /* and its serial */
    struct words other; /* who is ignored, or the author */
    struct words text;
    int64_t time;
    bool of_stranger;
    archive_visit_name *visit_name;
    archive_visit_message *visit_message;
    void *context;
    struct buffer taken; /* messages, as they are in a list, */
    uint32_t count;      /* and how many */
};

static enum archive_result ask(struct archive *archive, job_run *run, struct request *request)
{
    struct accounts *accounts = accounts_of(archive);
    request->accounts = accounts;
    request->deadline = accounts_deadline(accounts);
    return worker_ask(accounts->keeper, run, request);
}

/* Finds out which account the request is about. */
static enum archive_result find_owner(struct request *request)
{
    struct accounts_entry entry = {.revision = 0};
    enum archive_result result =
        accounts_find(request->accounts, request->name, request->deadline, &entry);
    if (result == ARCHIVE_OK)
        request->serial = entry.record.serial;
    buffer_wipe(&entry.value);
    return result;
}

static enum archive_result change_list(struct request *request, enum accounts_key kind,
                                       accounts_editor *editor)
{
    char key[ACCOUNTS_KEY_SIZE];
    enum archive_result result = find_owner(request);
    if (result != ARCHIVE_OK || !accounts_write_key(key, kind, request->name))
        return result;
    return accounts_change(request->accounts, key, request->deadline, editor, request);
}

/* Reads a list. One that belongs to an earlier account of that name is none. */
static enum archive_result fetch_list(struct request *request, enum accounts_key kind,
                                      struct accounts_entry *entry)
{
    char key[ACCOUNTS_KEY_SIZE];
    if (!accounts_write_key(key, kind, request->name))
        return ARCHIVE_NONE;
    enum archive_result result = accounts_fetch(request->accounts, key, request->deadline, entry);
    if (result == ARCHIVE_OK && entry->record.serial != request->serial)
        return ARCHIVE_NONE;
    return result;
}

/* Begins a list as the account has it now. */
static struct account_record begin_list(const struct request *request,
                                        const struct account_record *now,
                                        enum account_record_kind kind, struct accounts_edit *edit)
{
    struct account_record list = {.count = 0};
    if (now != NULL && now->serial == request->serial)
        list = *now;
    edit->next.kind = kind;
    edit->next.serial = request->serial;
    return list;
}

/*
 * Ignored names
 */

/* Copies names to the edit's list, but for that of the request. Returns false without memory. */
static bool copy_others(const struct request *request, struct account_record list,
                        struct accounts_edit *edit, bool *found)
{
    struct words name;
    bool whole = true;
    *found = false;
    while (whole && account_record_next_name(&list, &name)) {
        if (accounts_is_name(name, request->other)) {
            *found = true;
            continue;
        }
        whole = account_record_add_name(&edit->listed, name);
        edit->next.count++;
    }
    return whole;
}

static enum archive_result edit_ignored(struct accounts *accounts, void *context,
                                        const struct account_record *now,
                                        struct accounts_edit *edit)
{
    const struct request *request = context;
    (void)accounts;
    struct account_record list = begin_list(request, now, ACCOUNT_RECORD_IGNORED, edit);
    if (!copy_others(request, list, edit, &edit->unchanged))
        return ARCHIVE_FAILED;
    if (list.count >= ARCHIVE_IGNORED_MAX)
        return ARCHIVE_FULL;
    edit->next.count++;
    return account_record_add_name(&edit->listed, request->other) ? ARCHIVE_OK : ARCHIVE_FAILED;
}

static enum archive_result edit_unignored(struct accounts *accounts, void *context,
                                          const struct account_record *now,
                                          struct accounts_edit *edit)
{
    const struct request *request = context;
    bool found;
    (void)accounts;
    struct account_record list = begin_list(request, now, ACCOUNT_RECORD_IGNORED, edit);
    if (!copy_others(request, list, edit, &found))
        return ARCHIVE_FAILED;
    return found ? ARCHIVE_OK : ARCHIVE_NONE;
}

static enum archive_result run_ignore(void *context, struct database *none)
{
    (void)none;
    return change_list(context, ACCOUNTS_IGNORED, edit_ignored);
}

static enum archive_result run_unignore(void *context, struct database *none)
{
    (void)none;
    return change_list(context, ACCOUNTS_IGNORED, edit_unignored);
}

static enum archive_result run_ignored(void *context, struct database *none)
{
    struct request *request = context;
    struct accounts_entry entry = {.revision = 0};
    struct words name;
    (void)none;
    enum archive_result owner = find_owner(request);
    if (owner != ARCHIVE_OK)
        return owner;
    enum archive_result result = fetch_list(request, ACCOUNTS_IGNORED, &entry);
    while (result == ARCHIVE_OK && account_record_next_name(&entry.record, &name))
        request->visit_name(request->context, name);
    buffer_free(&entry.value);
    return result == ARCHIVE_NONE ? ARCHIVE_OK : result;
}

enum archive_result accounts_ignore(struct archive *archive, struct words name,
                                    struct words ignored)
{
    struct request request = {.name = name, .other = ignored};
    return ask(archive, run_ignore, &request);
}

enum archive_result accounts_unignore(struct archive *archive, struct words name,
                                      struct words ignored)
{
    struct request request = {.name = name, .other = ignored};
    return ask(archive, run_unignore, &request);
}

enum archive_result accounts_ignored(struct archive *archive, struct words name,
                                     archive_visit_name *visit, void *context)
{
    struct request request = {.name = name, .visit_name = visit, .context = context};
    return ask(archive, run_ignored, &request);
}

/*
 * Kept messages
 */

static bool are_equal(struct words left, struct words right)
{
    return left.length == right.length && memcmp(left.bytes, right.bytes, left.length) == 0;
}

/* How many messages are kept for an account, and of whom. */
struct kept_count {
    size_t own, strangers, bytes;
    bool has; /* the message of the request is among them: it was stored, and nobody knew */
};

static struct kept_count count_kept(const struct request *request, struct account_record list)
{
    struct kept_count count = {.own = 0};
    struct account_record_message message;
    while (account_record_next_message(&list, &message)) {
        bool own = are_equal(message.author, request->other);
        count.own += own;
        count.strangers += message.of_stranger;
        count.bytes += message.text.length;
        count.has |= own && message.time == request->time && are_equal(message.text, request->text);
    }
    return count;
}

/* Names cost nothing, so all who have not registered theirs share what they may fill. */
static bool is_full(const struct request *request, const struct account_record *list,
                    const struct kept_count *count)
{
    return list->count >= ARCHIVE_KEPT_MAX ||
           count->bytes + request->text.length > ARCHIVE_KEPT_BYTES_MAX ||
           count->own >= ARCHIVE_KEPT_OF_ONE_MAX ||
           (request->of_stranger && count->strangers >= ARCHIVE_KEPT_OF_STRANGERS_MAX);
}

/* Whether the account ignores the author. */
static enum archive_result find_ignored(struct request *request, bool *ignored)
{
    struct accounts_entry entry = {.revision = 0};
    struct words name;
    *ignored = false;
    enum archive_result result = fetch_list(request, ACCOUNTS_IGNORED, &entry);
    while (result == ARCHIVE_OK && !*ignored && account_record_next_name(&entry.record, &name))
        *ignored = accounts_is_name(name, request->other);
    buffer_free(&entry.value);
    return result == ARCHIVE_NONE ? ARCHIVE_OK : result;
}

/* What an ignored author says takes nobody's place, and it is not told so. */
static enum archive_result edit_kept(struct accounts *accounts, void *context,
                                     const struct account_record *now, struct accounts_edit *edit)
{
    struct request *request = context;
    const struct account_record_message message = {
        .time = request->time,
        .of_stranger = request->of_stranger,
        .author = request->other,
        .text = request->text,
    };
    (void)accounts;
    struct account_record list = begin_list(request, now, ACCOUNT_RECORD_KEPT, edit);
    edit->once = true; /* its reader may have taken it already */
    struct kept_count count = count_kept(request, list);
    if (count.has) {
        edit->unchanged = true;
        return ARCHIVE_OK;
    }
    if (is_full(request, &list, &count))
        return ARCHIVE_FULL;
    enum archive_result result = find_ignored(request, &edit->unchanged);
    if (result != ARCHIVE_OK || edit->unchanged)
        return result;
    edit->next.count = list.count + 1;
    bool whole =
        (list.count == 0 || buffer_append(&edit->listed, list.listed.bytes, list.listed.length)) &&
        account_record_add_message(&edit->listed, &message);
    return whole ? ARCHIVE_OK : ARCHIVE_FAILED;
}

/* Whether the author's very name is registered. */
static enum archive_result judge_author(struct request *request)
{
    struct accounts_entry entry = {.revision = 0};
    enum archive_result result =
        accounts_find(request->accounts, request->other, request->deadline, &entry);
    request->of_stranger = result != ARCHIVE_OK || !are_equal(entry.record.name, request->other);
    buffer_wipe(&entry.value);
    return result == ARCHIVE_NONE ? ARCHIVE_OK : result;
}

static enum archive_result run_keep(void *context, struct database *none)
{
    struct request *request = context;
    (void)none;
    enum archive_result result = judge_author(request);
    return result == ARCHIVE_OK ? change_list(request, ACCOUNTS_KEPT, edit_kept) : result;
}

enum archive_result accounts_keep_message(struct archive *archive, struct words name,
                                          struct words author, int64_t time, struct words text)
{
    struct request request = {.name = name, .other = author, .text = text, .time = time};
    return ask(archive, run_keep, &request);
}

/* What is taken is copied: only who has removed it shows it. */
static enum archive_result edit_taken(struct accounts *accounts, void *context,
                                      const struct account_record *now, struct accounts_edit *edit)
{
    struct request *request = context;
    (void)accounts;
    struct account_record list = begin_list(request, now, ACCOUNT_RECORD_KEPT, edit);
    buffer_truncate(&request->taken, 0);
    request->count = list.count;
    edit->unchanged = list.count == 0;
    bool whole =
        list.count == 0 || buffer_append(&request->taken, list.listed.bytes, list.listed.length);
    return whole ? ARCHIVE_OK : ARCHIVE_FAILED;
}

static void visit_taken(const struct request *request)
{
    struct account_record list = {
        .count = request->count,
        .listed = {buffer_bytes(&request->taken), buffer_length(&request->taken)}};
    struct account_record_message message;
    for (uint64_t id = 1; account_record_next_message(&list, &message); id++) {
        const struct archive_message kept = {.kind = ARCHIVE_SAY,
                                             .id = id,
                                             .time = message.time,
                                             .room = {"", 0},
                                             .author = message.author,
                                             .text = message.text};
        request->visit_message(request->context, &kept);
    }
}

static enum archive_result run_take(void *context, struct database *none)
{
    struct request *request = context;
    (void)none;
    enum archive_result result = change_list(request, ACCOUNTS_KEPT, edit_taken);
    if (result == ARCHIVE_OK)
        visit_taken(request);
    buffer_free(&request->taken);
    return result;
}

enum archive_result accounts_take_messages(struct archive *archive, struct words name,
                                           archive_visit_message *visit, void *context)
{
    struct request request = {.name = name, .visit_message = visit, .context = context};
    return ask(archive, run_take, &request);
}
