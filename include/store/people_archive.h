/* people_archive: the operations of chat/archive.h's `archive_people`, for an archive of
 * store/threads. */
#ifndef STORE_PEOPLE_ARCHIVE_H
#define STORE_PEOPLE_ARCHIVE_H

#include "chat/archive.h"

extern const struct archive_people people_archive;

#endif
