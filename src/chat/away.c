#include "base/platform.h"

#include "base/text.h"
#include "chat/away.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int away_begin(struct session *session, const char *text, size_t length)
{
    struct ordering *ordering = session->chat->ordering;
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
        error = ordering_await_away(ordering, session->user, true, words_of(kept));
    }
    if (error == 0) {
        directory_set_away(session->chat->directory, session->user, kept);
        ordering_end(ordering);
    } else {
        free(kept);
    }
    buffer_free(&clean);
    return error;
}

bool away_end(struct session *session)
{
    struct ordering *ordering = session->chat->ordering;
    bool ends = session->user->away != NULL &&
                ordering_await_away(ordering, session->user, false, words_of("")) == 0;
    if (ends) {
        directory_set_away(session->chat->directory, session->user, NULL);
        ordering_end(ordering);
    }
    return ends;
}
