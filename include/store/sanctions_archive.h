/* sanctions_archive: the operations of chat/archive.h's `archive_sanctions`, for an archive of
 * store/threads. */
#ifndef STORE_SANCTIONS_ARCHIVE_H
#define STORE_SANCTIONS_ARCHIVE_H

#include "chat/archive.h"

extern const struct archive_sanctions sanctions_archive;

#endif
