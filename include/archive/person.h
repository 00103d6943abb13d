/* person: all that an archive has of somebody's account, as it goes from one archive to another. */
#ifndef ARCHIVE_PERSON_H
#define ARCHIVE_PERSON_H

#include "chat/archive.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive_person {
    struct words name;     /* as it was registered */
    struct words password; /* its hash (archive/hashing.h) */
    int64_t created, seen;
    bool is_operator;
    const struct words *ignored; /* names, and how many */
    size_t ignored_count;
    const struct archive_message *kept; /* private messages, the oldest first, and how many */
    size_t kept_count;
};

typedef void archive_visit_person(void *context, const struct archive_person *person);

#endif
