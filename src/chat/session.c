#include "base/platform.h"

#include "chat/session.h"
#include "net/link.h"
#include "net/outbox.h"

#include <assert.h>
#include <errno.h>

int session_open(struct session *session, struct chat *chat, struct outbox *outbox,
                 const struct user_view *view)
{
    *session = (struct session){.chat = chat, .user = user_create(outbox, view)};
    return session->user != NULL ? 0 : ENOMEM;
}

void session_close(struct session *session)
{
    assert(session->user->members == NULL);
    batch_free(&session->unsaid);
    buffer_free(&session->sought);
    if (session->kicked != NULL)
        verdict_free(session->kicked);
    user_release(session->user);
}

bool session_is_connected(const struct session *session)
{
    return link_reason(outbox_link(session->user->outbox)) == LINK_OPEN;
}
