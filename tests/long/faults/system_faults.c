/* Faults of the system for the process that this library is preloaded into, while the test says so by files:
 *
 * HANGING_FOLDER: calls that open, write or remove a file below it do not return while HANGING_FOLDER.hangs exists.
 * CLOCK_FILE: the wall clock is off by as many seconds as the file says. The monotonic clock is never touched.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void hang(const char *path) {
    const char *folder = getenv("HANGING_FOLDER");
    char flag[PATH_MAX];
    if (!folder || !path || strncmp(path, folder, strlen(folder)) || path[strlen(folder)] != '/') return;
    snprintf(flag, sizeof flag, "%s.hangs", folder);
    while (access(flag, F_OK) == 0) usleep(10000);
}

static int opened(const char *name, const char *path, int flags, mode_t mode) {
    hang(path);
    int (*next)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
    return next(path, flags, mode);
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, int); va_end(rest); \
        return opened(#name, path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

ssize_t write(int descriptor, const void *data, size_t count) {
    static ssize_t (*next)(int, const void *, size_t);
    char link[64], path[PATH_MAX];
    if (!next) next = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = getenv("HANGING_FOLDER") ? readlink(link, path, sizeof path - 1) : -1;
    if (length > 0) { path[length] = 0; hang(path); }
    return next(descriptor, data, count);
}

int unlink(const char *path) {
    hang(path);
    return ((int (*)(const char *))dlsym(RTLD_NEXT, "unlink"))(path);
}

static time_t offset_s(void) {
    const char *name = getenv("CLOCK_FILE");
    FILE *file = name ? fopen(name, "r") : NULL;
    long seconds = 0;
    if (file) { if (fscanf(file, "%ld", &seconds) != 1) seconds = 0; fclose(file); }
    return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    static int (*next)(clockid_t, struct timespec *);
    if (!next) next = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = next(clock, at);
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) at->tv_sec += offset_s();
    return result;
}

int gettimeofday(struct timeval *at, void *zone) {
    static int (*next)(struct timeval *, void *);
    if (!next) next = (int (*)(struct timeval *, void *))dlsym(RTLD_NEXT, "gettimeofday");
    int result = next(at, zone);
    at->tv_sec += offset_s();
    return result;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
