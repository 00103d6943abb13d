/* rooms_archive: the operations of chat/archive.h's `archive_rooms`, for an archive of
 * store/threads. */
#ifndef STORE_ROOMS_ARCHIVE_H
#define STORE_ROOMS_ARCHIVE_H

#include "chat/archive.h"

extern const struct archive_rooms rooms_archive;

#endif
