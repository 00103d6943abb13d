#include "base/platform.h"

#include "base/clock.h"
#include "doors/metrics/process_figures.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct process_figures {
    struct metric_facts build;
    uint64_t cpu, start; /* nanoseconds */
    uint64_t resident, virtual;
    uint64_t descriptors, descriptors_max;
    uint64_t threads;
};

/* Number of a field in stat, behind the name in brackets, which is the second one (proc(5)). */
enum { STAT_FIRST = 3, STAT_THREADS = 20, STAT_VIRTUAL = 23, STAT_RESIDENT = 24 };

void process_open(struct process *process)
{
    process->began = clock_utc();
    process->folder = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void process_close(struct process *process)
{
    if (process->folder >= 0)
        close(process->folder);
}

/* Reads a short file of the folder as a string. Returns false if there is none. */
static bool read_file(int folder, const char *name, char *text, size_t size)
{
    int fd = folder >= 0 ? openat(folder, name, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return false;
    ssize_t length = read(fd, text, size - 1);
    close(fd);
    if (length <= 0)
        return false;
    text[length] = '\0';
    return true;
}

/* Stores one field, if it is wanted. */
static void take_field(struct process_figures *figures, int number, const char *field)
{
    uint64_t *place = number == STAT_THREADS    ? &figures->threads
                      : number == STAT_VIRTUAL  ? &figures->virtual
                      : number == STAT_RESIDENT ? &figures->resident
                                                : NULL;
    char *end;
    unsigned long long value = strtoull(field, &end, 10);
    if (place != NULL && end != field)
        *place = value;
}

static void read_stat(int folder, struct process_figures *figures)
{
    char text[1024];
    long page = sysconf(_SC_PAGESIZE);
    if (!read_file(folder, "stat", text, sizeof text))
        return;
    const char *blank = strrchr(text, ')');
    if (blank != NULL)
        blank = strchr(blank, ' ');
    for (int number = STAT_FIRST; blank != NULL; number++) {
        take_field(figures, number, blank + 1);
        blank = strchr(blank + 1, ' ');
    }
    if (figures->resident != METRIC_UNKNOWN)
        figures->resident *= (uint64_t)page;
}

/* Counts the descriptors, without the one by which they are counted. */
static uint64_t count_descriptors(int folder)
{
    int fd = folder >= 0 ? openat(folder, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    uint64_t count = 0;
    const struct dirent *entry;
    if (directory == NULL) {
        if (fd >= 0)
            close(fd);
        return METRIC_UNKNOWN;
    }
    while ((entry = readdir(directory)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count - 1;
}

static uint64_t nanoseconds_of(struct timeval time)
{
    return (uint64_t)time.tv_sec * (uint64_t)CLOCK_SECOND + (uint64_t)time.tv_usec * 1000;
}

static void read_process(void *owner, void *place)
{
    const struct process *process = owner;
    struct process_figures *figures = place;
    struct rusage used;
    struct rlimit limit;
    *figures = (struct process_figures){.build = process->build,
                                        .start = (uint64_t)process->began * CLOCK_MILLISECOND,
                                        .cpu = METRIC_UNKNOWN,
                                        .resident = METRIC_UNKNOWN,
                                        .virtual = METRIC_UNKNOWN,
                                        .descriptors_max = METRIC_UNKNOWN,
                                        .threads = METRIC_UNKNOWN};
    if (getrusage(RUSAGE_SELF, &used) == 0)
        figures->cpu = nanoseconds_of(used.ru_utime) + nanoseconds_of(used.ru_stime);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        figures->descriptors_max = limit.rlim_cur;
    figures->descriptors = count_descriptors(process->folder);
    read_stat(process->folder, figures);
}

#define AT(member) offsetof(struct process_figures, member)

static const struct metric rows[] = {
    {"partyline_build_info", METRIC_GAUGE, "", NULL, METRIC_FACTS, AT(build),
     "What the program is, and what it is built with"},
    {"process_cpu_seconds", METRIC_COUNTER, "seconds", NULL, METRIC_SECONDS, AT(cpu),
     "Processor time that was used"},
    {"process_start_time_seconds", METRIC_GAUGE, "seconds", NULL, METRIC_SECONDS, AT(start),
     "When the process began, in seconds since the beginning of 1970"},
    {"process_resident_memory_bytes", METRIC_GAUGE, "bytes", NULL, METRIC_NUMBER, AT(resident),
     "Memory that is used"},
    {"process_virtual_memory_bytes", METRIC_GAUGE, "bytes", NULL, METRIC_NUMBER, AT(virtual),
     "Memory that is reserved"},
    {"process_open_fds", METRIC_GAUGE, "", NULL, METRIC_NUMBER, AT(descriptors),
     "Descriptors that are open"},
    {"process_max_fds", METRIC_GAUGE, "", NULL, METRIC_NUMBER, AT(descriptors_max),
     "Descriptors that may be open"},
    {"process_threads", METRIC_GAUGE, "", NULL, METRIC_NUMBER, AT(threads), "Threads"},
};

const struct metric_table process_metrics = {rows, sizeof rows / sizeof *rows,
                                             sizeof(struct process_figures), read_process};
