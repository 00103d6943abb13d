/* talk_archive: the operations of chat/archive.h's `archive_talk`, for an archive of store/threads.
 */
#ifndef STORE_TALK_ARCHIVE_H
#define STORE_TALK_ARCHIVE_H

#include "chat/archive.h"

extern const struct archive_talk talk_archive;

#endif
