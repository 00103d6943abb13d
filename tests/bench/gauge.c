/* A server's processor time and memory; see gauge.h. */
#include "gauge.h"

#include "clock.h"

#include <stdio.h>
#include <time.h>

static uint64_t read_ns(clockid_t clock)
{
    struct timespec spent;

    if (clock_gettime(clock, &spent) != 0)
        return 0;
    return (uint64_t)spent.tv_sec * NS_PER_S + (uint64_t)spent.tv_nsec;
}

uint64_t gauge_cpu_ns(pid_t pid)
{
    clockid_t clock;

    if (pid <= 0 || clock_getcpuclockid(pid, &clock) != 0)
        return 0;
    return read_ns(clock);
}

uint64_t gauge_sum_cpu_ns(const pid_t *pids, uint32_t count)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < count; i++)
        sum += gauge_cpu_ns(pids[i]);
    return sum;
}

uint64_t gauge_own_cpu_ns(void)
{
    return read_ns(CLOCK_PROCESS_CPUTIME_ID);
}

long gauge_resident_kib(pid_t pid)
{
    char line[256];
    long kib = 0;
    FILE *status;

    if (pid <= 0)
        return 0;
    snprintf(line, sizeof line, "/proc/%ld/status", (long)pid);
    status = fopen(line, "r");
    if (status == NULL)
        return 0;
    while (fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "VmRSS: %ld kB", &kib) == 1)
            break;
    fclose(status);
    return kib;
}

long gauge_sum_resident_kib(const pid_t *pids, uint32_t count)
{
    long sum = 0;

    for (uint32_t i = 0; i < count; i++)
        sum += gauge_resident_kib(pids[i]);
    return sum;
}
