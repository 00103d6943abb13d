#include "base/platform.h"

#include "base/buffer.h"
#include "cluster/importing.h"
#include "import.h"
#include "store/people_export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char program[] = "partyline: --cluster-import";

/* What is being brought, and what became of it so far. */
struct import {
    struct importing *cluster;
    struct buffer added; /* of each account, whether it was added: a byte */
    size_t place;        /* of the next account among them */
    unsigned accounts, operators, ignored, kept, refused;
};

static const char *explain(enum archive_result result)
{
    switch (result) {
    case ARCHIVE_TAKEN:
        return "that name, or one that looks like it, is registered in the cluster already";
    case ARCHIVE_FULL:
        return "there is too much of it";
    case ARCHIVE_UNSURE:
        return "the cluster has not answered, and it may be there or not";
    case ARCHIVE_NONE:
        return "the name is none by the rules of this version";
    default:
        return "the cluster does not answer, or cannot read what is there";
    }
}

static void refuse(struct import *import, const struct archive_person *person, const char *what,
                   enum archive_result result)
{
    import->refused++;
    fprintf(stderr, "%s: %.*s: %s: %s\n", program, (int)person->name.length, person->name.bytes,
            what, explain(result));
}

/* All accounts are brought first: who is registered may have more messages kept. */
static void add(void *context, const struct archive_person *person)
{
    struct import *import = context;
    enum archive_result result = importing_add(import->cluster, person);
    char added = result == ARCHIVE_OK;
    if (!added)
        refuse(import, person, "not brought", result);
    import->accounts += added != 0;
    import->operators += added != 0 && person->is_operator;
    if (!buffer_append(&import->added, &added, 1)) {
        fprintf(stderr, "%s: out of memory\n", program);
        exit(EXIT_FAILURE);
    }
}

static void give(void *context, const struct archive_person *person)
{
    struct import *import = context;
    size_t place = import->place++;
    if (place >= buffer_length(&import->added) || buffer_bytes(&import->added)[place] == 0)
        return;
    enum archive_result result = importing_give(import->cluster, person);
    if (result != ARCHIVE_OK) {
        refuse(import, person, "ignored names and kept messages are not all brought", result);
        return;
    }
    import->ignored += (unsigned)person->ignored_count;
    import->kept += (unsigned)person->kept_count;
}

static void tell(struct import *import, struct people_export *people)
{
    int64_t rooms = people_export_count_rooms(people);
    int64_t sanctions = people_export_count_sanctions(people);
    printf("Brought into the cluster: accounts %u, of operators %u, ignored names %u, private "
           "messages %u.\n",
           import->accounts, import->operators, import->ignored, import->kept);
    if (rooms > 0 || sanctions > 0)
        printf("Left out, to be made anew: kept rooms %" PRId64 ", bans and mutes %" PRId64 ".\n",
               rooms, sanctions);
    printf("What was said stays in the file.\n");
}

static int bring(struct import *import, struct people_export *people)
{
    bool well =
        people_export_visit(people, add, import) && people_export_visit(people, give, import);
    if (!well)
        fprintf(stderr, "%s: the data file cannot be read to its end\n", program);
    tell(import, people);
    return well && import->refused == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Brings the accounts of an open file. */
static int import_from(struct people_export *people, const struct options *options)
{
    char fault[IMPORTING_FAULT_SIZE];
    const struct importing_config config = {.servers = options->cluster,
                                            .cluster = options->cluster_name,
                                            .credentials = options->cluster_credentials};
    struct import import = {.cluster = importing_open(&config, fault)};
    if (import.cluster == NULL) {
        fprintf(stderr, "%s: cannot reach the cluster: %s\n", program, fault);
        return EXIT_FAILURE;
    }
    int status = bring(&import, people);
    buffer_free(&import.added);
    importing_close(import.cluster);
    return status;
}

int import_run(const struct options *options)
{
    char fault[STORE_FAULT_SIZE];
    struct people_export *people = people_export_open(options->import_path, fault);
    if (people == NULL) {
        fprintf(stderr, "%s: %s\n", program, fault);
        return EXIT_FAILURE;
    }
    int status = import_from(people, options);
    people_export_close(people);
    return status;
}
