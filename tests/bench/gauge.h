/*
 * The cost of a server process so far, read from outside: processor time of all its threads, in
 * nanoseconds (from the kernel's clock for each process; the tick counts of /proc are a hundred
 * thousand times coarser), and resident memory.
 */
#ifndef BENCH_GAUGE_H
#define BENCH_GAUGE_H

#include <stdint.h>
#include <sys/types.h>

/* Processor time of the process, user and system, in nanoseconds. 0 if pid is 0 or gone. */
uint64_t gauge_cpu_ns(pid_t pid);

/* The same of several processes together. */
uint64_t gauge_sum_cpu_ns(const pid_t *pids, uint32_t count);

/* Processor time of this process, in nanoseconds. */
uint64_t gauge_own_cpu_ns(void);

/* Resident memory of the process in KiB. 0 if pid is 0 or gone. */
long gauge_resident_kib(pid_t pid);

/* The same of several processes together. */
long gauge_sum_resident_kib(const pid_t *pids, uint32_t count);

#endif
