#include "base/platform.h"

#include "base/clock.h"
#include "cluster/accounts.h"
#include "cluster/importing.h"
#include "cluster/key_value.h"
#include "cluster/stream_config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE (30 * CLOCK_SECOND) /* of one operation: a leader may be chosen meanwhile */

struct importing {
    struct key_value *people;
    struct accounts *accounts;
};

static void report(void *context, const char *sentence)
{
    (void)context;
    fprintf(stderr, "%s\n", sentence);
}

static bool start(struct importing *importing, const struct importing_config *config,
                  char fault[IMPORTING_FAULT_SIZE])
{
    char name[KEY_VALUE_NAME_MAX + 1];
    const struct key_value_config people = {
        .servers = config->servers, .name = name, .credentials = config->credentials};
    snprintf(name, sizeof name, "%s_people", config->cluster);
    static_assert((int)KEY_VALUE_FAULT_SIZE <= (int)IMPORTING_FAULT_SIZE, "a fault fits");
    importing->people = key_value_open(&people, clock_now() + STREAM_OPEN_PATIENCE, fault);
    if (importing->people == NULL)
        return false;
    const struct accounts_config accounts = {.bucket = key_value_bucket(importing->people),
                                             .patience = PATIENCE,
                                             .seed =
                                                 (uint64_t)clock_utc() << 20 ^ (uint64_t)getpid(),
                                             .report = report};
    int error = accounts_open(&importing->accounts, &accounts);
    if (error != 0)
        snprintf(fault, IMPORTING_FAULT_SIZE, "cannot start the threads of accounts: %s",
                 strerror(error));
    return error == 0;
}

struct importing *importing_open(const struct importing_config *config,
                                 char fault[IMPORTING_FAULT_SIZE])
{
    struct importing *importing = calloc(1, sizeof *importing);
    if (importing == NULL) {
        snprintf(fault, IMPORTING_FAULT_SIZE, "out of memory");
        return NULL;
    }
    if (start(importing, config, fault))
        return importing;
    importing_close(importing);
    return NULL;
}

enum archive_result importing_add(struct importing *importing, const struct archive_person *person)
{
    return accounts_import(importing->accounts, person);
}

enum archive_result importing_give(struct importing *importing, const struct archive_person *person)
{
    struct archive *archive = accounts_archive(importing->accounts);
    const struct archive_people *people = archive->people;
    enum archive_result result = ARCHIVE_OK;
    for (size_t i = 0; i < person->ignored_count && result == ARCHIVE_OK; i++)
        result = people->ignore(archive, person->name, person->ignored[i]);
    for (size_t i = 0; i < person->kept_count && result == ARCHIVE_OK; i++) {
        const struct archive_message *kept = &person->kept[i];
        result = people->keep_message(archive, person->name, kept->author, kept->time, kept->text);
    }
    return result;
}

void importing_close(struct importing *importing)
{
    if (importing->accounts != NULL)
        accounts_stop(importing->accounts);
    if (importing->people != NULL)
        key_value_stop(importing->people);
    accounts_free(importing->accounts);
    key_value_free(importing->people);
    free(importing);
}
