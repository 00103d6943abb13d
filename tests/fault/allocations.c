#include "allocations.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#undef malloc
#undef calloc
#undef realloc
#undef tsearch

/* A sanitizer can tell where an allocation failed. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif
#ifdef SANITIZED
#include <sanitizer/common_interface_defs.h>
#endif

/* Guards the rest. No other lock is taken under it. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool opened;
static int orders = -1;
static struct fault_record record;

static void open_orders(void)
{
    const char *path = getenv("FAULT_ORDERS");
    opened = true;
    if (path != NULL)
        orders = open(path, O_RDWR | O_CLOEXEC);
}

/* Counts an allocation. Returns whether it must fail. */
static bool count(void)
{
    struct fault_order order;
    if (pread(orders, &order, sizeof order, 0) != (ssize_t)sizeof order)
        return false;
    if (record.number != order.number)
        record = (struct fault_record){.number = order.number};
    record.counted++;
    bool failing = record.counted >= order.first && record.counted <= order.last;
    record.failed += failing;
    return pwrite(orders, &record, sizeof record, sizeof order) == (ssize_t)sizeof record &&
           failing;
}

static void tell_where(void)
{
#ifdef SANITIZED
    if (getenv("FAULT_TRACE") != NULL)
        __sanitizer_print_stack_trace();
#endif
}

static bool fails(void)
{
    int error = errno;
    pthread_mutex_lock(&mutex);
    if (!opened)
        open_orders();
    bool failing = orders >= 0 && count();
    pthread_mutex_unlock(&mutex);
    if (failing)
        tell_where();
    errno = failing ? ENOMEM : error;
    return failing;
}

void *fault_malloc(size_t size)
{
    return fails() ? NULL : malloc(size);
}

void *fault_calloc(size_t count, size_t size)
{
    return fails() ? NULL : calloc(count, size);
}

void *fault_realloc(void *memory, size_t size)
{
    return fails() ? NULL : realloc(memory, size);
}

void *fault_tsearch(const void *key, void **root, int (*compare)(const void *, const void *))
{
    return fails() ? NULL : tsearch(key, root, compare);
}
