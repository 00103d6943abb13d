#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "cluster/stream_inside.h"
#include "cluster/stream_patience.h"

enum { ANSWER_LEAST_MS = 500, ANSWER_MOST_MS = 2000, PAUSE_LEAST_MS = 20, PAUSE_MOST_MS = 200 };

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void stream_patience_begin(struct stream_patience *patience)
{
    patience->answer = ANSWER_LEAST_MS;
    patience->pause = PAUSE_LEAST_MS * CLOCK_MILLISECOND;
}

void stream_patience_grow(struct stream_patience *patience)
{
    patience->answer = (int)lesser(patience->answer + patience->answer / 4, ANSWER_MOST_MS);
}

bool stream_patience_wait(struct stream_patience *patience, struct stream *stream, int64_t deadline)
{
    int64_t now = clock_now();
    int64_t end = lesser(now + patience->pause, deadline);
    if (now >= deadline)
        return false;
    patience->pause = lesser(patience->pause * 2, PAUSE_MOST_MS * CLOCK_MILLISECOND);
    stream_patience_grow(patience);
    lock_take(&stream->lock);
    while (!atomic_load(&stream->stopping) &&
           condition_wait_until(&stream->changed, &stream->lock, end))
        ;
    lock_release(&stream->lock);
    return !atomic_load(&stream->stopping);
}
