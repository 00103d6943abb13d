#include "base/platform.h"

#include "base/text.h"
#include "chat/away.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int away_begin(struct session *session, const char *text, size_t length)
{
    struct buffer clean = {0};
    int error = text_tidy(&clean, text, length) ? 0 : ENOMEM;
    if (error == 0 && buffer_length(&clean) > USER_AWAY_MAX)
        error = EMSGSIZE;
    /* A block of its own: that of the buffer is larger. */
    char *kept = error == 0 ? calloc(1, buffer_length(&clean) + 1) : NULL;
    if (error == 0 && kept == NULL)
        error = ENOMEM;
    if (error == 0) {
        if (buffer_length(&clean) > 0)
            memcpy(kept, buffer_bytes(&clean), buffer_length(&clean));
        directory_set_away(session->chat->directory, session->user, kept);
    }
    buffer_free(&clean);
    return error;
}

bool away_end(struct session *session)
{
    bool was_away = session->user->away != NULL;
    if (was_away)
        directory_set_away(session->chat->directory, session->user, NULL);
    return was_away;
}
