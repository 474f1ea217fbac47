/*
 * limits.c - what the machine or the container has
 *
 *     /proc/meminfo                  MemTotal
 *     /proc/self/cgroup              "0::/a/b" (v2), "4:memory:/a/b" (v1)
 *     /sys/fs/cgroup/a/b/memory.max, then /a/memory.max, then /memory.max
 *     /sys/fs/cgroup/memory/a/b/memory.limit_in_bytes, and up
 *
 * Inside a container the path often names a folder of the host that is not mounted: the
 * walk upward still ends at the mount's own root, where the limit then is.
 */
#include "base/limits.h"

#include "base/checked.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT_BYTES_MAX 8192
#define PATH_BYTES_MAX 4096
#define DEFAULT_BYTES_MAX ((uint64_t)1 << 30)
#define DEFAULT_BYTES_MIN ((uint64_t)16 << 20)
/* Version 1 says "none" by the largest number of whole pages. What is held is not asked of such a group. */
#define UNLIMITED_BYTES_MIN (UINT64_C(1) << 62)

/* The start of a small file; "" where it cannot be read. */
static void read_text(const char *path, char text[TEXT_BYTES_MAX])
{
    size_t size = 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t got = 0;
        while (size < TEXT_BYTES_MAX - 1 && (got = read(fd, text + size, TEXT_BYTES_MAX - 1 - size)) > 0)
            size += (size_t)got;
        close(fd);
    }
    text[size] = '\0';
}

/* The number at `text`; UINT64_MAX for "max", for none, and for one that does not fit. */
static uint64_t number_at(const char *text)
{
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (!ji_mul_u64(value, 10, &value) || !ji_add_u64(value, (uint64_t)(*at - '0'), &value))
            return UINT64_MAX;
    }
    return at == text ? UINT64_MAX : value;
}

/* The number behind "<name> " or "<name>: " at the start of a line; `missing` where there is none. */
static uint64_t named_number(const char *text, const char *name, uint64_t missing)
{
    const size_t size = strlen(name);
    for (const char *line = text; *line != '\0';) {
        if (strncmp(line, name, size) == 0 && (line[size] == ' ' || line[size] == ':')) {
            const char *at = line + size;
            at += strspn(at, ": \t");
            return number_at(at);
        }
        const char *end = strchr(line, '\n');
        if (end == NULL)
            break;
        line = end + 1;
    }
    return missing;
}

static uint64_t folder_limit(const char *folder, bool v2)
{
    char path[PATH_BYTES_MAX];
    char text[TEXT_BYTES_MAX];
    const char *file = v2 ? "memory.max" : "memory.limit_in_bytes";
    const int size = snprintf(path, sizeof path, "%s/%s", folder, file);
    if (size < 0 || (size_t)size >= sizeof path)
        return UINT64_MAX;
    read_text(path, text);
    const uint64_t limit = number_at(text);
    if (limit >= UNLIMITED_BYTES_MIN)
        return UINT64_MAX;
    const int stat_size = snprintf(path, sizeof path, "%s/memory.stat", folder);
    if (stat_size < 0 || (size_t)stat_size >= sizeof path)
        return limit;
    read_text(path, text);
    const uint64_t held = named_number(text, v2 ? "anon" : "total_rss", 0);
    return held != UINT64_MAX && held < limit ? limit - held : limit;
}

/* The least limit from `below` up to the mount's own root. */
static uint64_t least_on_path(const char *mount, const char *below, bool v2)
{
    char folder[PATH_BYTES_MAX];
    const int size = snprintf(folder, sizeof folder, "%s%s", mount, below);
    if (size < 0 || (size_t)size >= sizeof folder)
        return UINT64_MAX;
    uint64_t least = UINT64_MAX;
    for (const size_t mount_size = strlen(mount);;) {
        least = ji_min_u64(least, folder_limit(folder, v2));
        char *cut = strrchr(folder, '/');
        if (cut == NULL || (size_t)(cut - folder) < mount_size)
            return least;
        *cut = '\0';
    }
}

/* Does the comma-separated list of v1 controllers name memory? */
static bool has_memory(const char *controllers, const char *end)
{
    static const char name[] = "memory";
    const size_t size = sizeof name - 1;
    while (controllers < end) {
        const char *comma = memchr(controllers, ',', (size_t)(end - controllers));
        const char *stop = comma != NULL ? comma : end;
        if ((size_t)(stop - controllers) == size && memcmp(controllers, name, size) == 0)
            return true;
        controllers = stop + 1;
    }
    return false;
}

static uint64_t cgroup_limit(const char *root)
{
    char path[PATH_BYTES_MAX];
    char text[TEXT_BYTES_MAX];
    snprintf(path, sizeof path, "%.1024s/proc/self/cgroup", root);
    read_text(path, text);
    uint64_t least = UINT64_MAX;
    for (char *line = text; *line != '\0';) {
        char *end = strchr(line, '\n');
        if (end == NULL)
            end = line + strlen(line);
        const char *next = *end == '\0' ? end : end + 1;
        *end = '\0';
        const char *controllers = strchr(line, ':');
        const char *below = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
        if (below != NULL) {
            const bool v2 = below == controllers + 1;
            snprintf(path, sizeof path, "%.1024s/sys/fs/cgroup%s", root, v2 ? "" : "/memory");
            if (v2 || has_memory(controllers + 1, below))
                least = ji_min_u64(least, least_on_path(path, below + 1, v2));
        }
        line += next - line;
    }
    return least;
}

uint64_t ji_machine_memory(const char *root)
{
    char path[PATH_BYTES_MAX];
    char text[TEXT_BYTES_MAX];
    snprintf(path, sizeof path, "%.1024s/proc/meminfo", root);
    read_text(path, text);
    uint64_t bytes = named_number(text, "MemTotal", UINT64_MAX);
    if (!ji_mul_u64(bytes, 1024, &bytes))
        bytes = UINT64_MAX;
    return ji_min_u64(bytes, cgroup_limit(root));
}

uint64_t ji_memory_default(const char *root)
{
    const uint64_t half = ji_machine_memory(root) / 2;
    return ji_max_u64(DEFAULT_BYTES_MIN, ji_min_u64(DEFAULT_BYTES_MAX, half));
}
