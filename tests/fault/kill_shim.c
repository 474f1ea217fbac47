/*
 * kill_shim.c - an LD_PRELOAD library that ends or fails a process at its n-th change of the file system
 *
 *   SHIM_KILL_AT=n     SIGKILL before the n-th counted call (from 1)
 *   SHIM_FAIL_AT=n     the n-th call fails with SHIM_ERRNO
 *   SHIM_FAIL_CALL=x   only calls named x are counted (fsync, write, ...); without SHIM_FAIL_AT all of them fail
 *   SHIM_LOSE=1        at the kill, and at a normal end, whatever was not yet made durable is taken back
 *   SHIM_COUNT=path    the number of counted calls is written there at the end
 *
 * What is durable: bytes of a file once fsync or fdatasync of it returned; names made in or removed from a folder
 * once fsync of that folder returned. All else is kept as undo records, newest first:
 *
 *     BYTES path offset old-bytes old-size | MADE path | REMOVED path kept-copy
 *
 *   1. An undo record is made before its call runs.
 *   2. fsync of a file drops its BYTES records, fsync of a folder the MADE and REMOVED records of its entries.
 *   3. Undoing all records newest first gives a state that a power cut could have left: the one with nothing extra.
 *
 * One thread writes files in the commands under test, so that a single lock is enough.
 * Everything goes to the kernel by syscall().
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum record_kind { BYTES, MADE, REMOVED };

struct record {
    struct record *next;
    enum record_kind kind;
    dev_t device;
    ino_t inode; /* of the file (BYTES) or of the folder (MADE, REMOVED) */
    int file;    /* BYTES: a descriptor of our own; REMOVED: of the file that went */
    char path[PATH_MAX];
    off_t offset;
    off_t old_size;
    size_t old_bytes;
    uint8_t *old;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct record *records;
static long calls;
static bool ready;
static bool lose;
static long kill_at;
static long fail_at;
static int fail_errno;
static const char *fail_call;
static const char *count_path;

static long number_of(const char *name)
{
    const char *text = getenv(name);
    return text != NULL ? strtol(text, NULL, 10) : 0;
}

static void undo_all(void)
{
    for (struct record *record = records; record != NULL; record = record->next) {
        if (record->kind == MADE) {
            if (syscall(SYS_unlinkat, AT_FDCWD, record->path, 0) != 0)
                syscall(SYS_unlinkat, AT_FDCWD, record->path, AT_REMOVEDIR);
        } else if (record->kind == REMOVED) {
            char from[64];
            snprintf(from, sizeof from, "/proc/self/fd/%d", record->file);
            const int to =
                    (int)syscall(SYS_openat, AT_FDCWD, record->path, O_CREAT | O_WRONLY | O_EXCL, 0644);
            const int source = (int)syscall(SYS_openat, AT_FDCWD, from, O_RDONLY);
            char bytes[65536];
            for (long got = 1; to >= 0 && source >= 0 && got > 0;) {
                got = syscall(SYS_read, source, bytes, sizeof bytes);
                if (got > 0)
                    syscall(SYS_write, to, bytes, got);
            }
        } else {
            if (record->old_bytes > 0)
                syscall(SYS_pwrite64, record->file, record->old, record->old_bytes, record->offset);
            syscall(SYS_ftruncate, record->file, record->old_size);
        }
    }
}

__attribute__((constructor)) static void start(void)
{
    kill_at = number_of("SHIM_KILL_AT");
    fail_at = number_of("SHIM_FAIL_AT");
    fail_errno = (int)number_of("SHIM_ERRNO");
    fail_call = getenv("SHIM_FAIL_CALL");
    lose = number_of("SHIM_LOSE") != 0;
    count_path = getenv("SHIM_COUNT");
    ready = true;
}

__attribute__((destructor)) static void end(void)
{
    ready = false;
    if (count_path != NULL) {
        char text[32];
        const int size = snprintf(text, sizeof text, "%ld\n", calls);
        const int file = (int)syscall(SYS_openat, AT_FDCWD, count_path, O_CREAT | O_WRONLY | O_TRUNC, 0644);
        if (file >= 0) {
            syscall(SYS_write, file, text, (size_t)size);
            syscall(SYS_close, file);
        }
    }
    if (lose)
        undo_all();
}

/* Counts a call; true where it must fail, with errno set. The lock is held from here to `leave`. */
static bool enter(const char *name)
{
    pthread_mutex_lock(&lock);
    if (!ready || (fail_call != NULL && strcmp(fail_call, name) != 0))
        return false;
    calls++;
    if (kill_at != 0 && calls == kill_at) {
        if (lose)
            undo_all();
        kill(getpid(), SIGKILL);
    }
    if (fail_errno != 0 && (fail_at == 0 || calls == fail_at)) {
        errno = fail_errno;
        return true;
    }
    return false;
}

static long leave(long result)
{
    const int kept = errno;
    pthread_mutex_unlock(&lock);
    errno = kept;
    return result;
}

static struct record *new_record(enum record_kind kind)
{
    struct record *record = calloc(1, sizeof *record);
    if (record == NULL)
        _exit(99);
    record->kind = kind;
    record->file = -1;
    record->next = records;
    return record;
}

/* The absolute path of `path` seen from `folder`. */
static void resolve(int folder, const char *path, char out[PATH_MAX])
{
    char from[64];
    char base[PATH_MAX];
    if (path[0] == '/') {
        snprintf(out, PATH_MAX, "%s", path);
        return;
    }
    if (folder == AT_FDCWD)
        snprintf(from, sizeof from, "/proc/self/cwd");
    else
        snprintf(from, sizeof from, "/proc/self/fd/%d", folder);
    const ssize_t size = readlink(from, base, sizeof base - 1);
    base[size > 0 ? size : 0] = '\0';
    if (snprintf(out, PATH_MAX, "%s/%s", base, path) >= PATH_MAX)
        _exit(99);
}

static void set_folder(struct record *record)
{
    char folder[PATH_MAX];
    struct stat info;
    snprintf(folder, sizeof folder, "%s", record->path);
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder ? 1 : 0] = '\0';
    if (stat(folder, &info) == 0) {
        record->device = info.st_dev;
        record->inode = info.st_ino;
    }
}

static void note_made(int folder, const char *path)
{
    if (!lose || !ready)
        return;
    struct record *record = new_record(MADE);
    resolve(folder, path, record->path);
    set_folder(record);
    records = record;
}

static void note_removed(int folder, const char *path)
{
    if (!lose || !ready)
        return;
    struct record *record = new_record(REMOVED);
    resolve(folder, path, record->path);
    set_folder(record);
    record->file = (int)syscall(SYS_openat, AT_FDCWD, record->path, O_RDONLY);
    if (record->file < 0) {
        free(record);
        return;
    }
    records = record;
}

/* The bytes of [offset, offset + size) and the size of the file, before they change. */
static void note_bytes(int file, off_t offset, size_t size)
{
    struct stat info;
    if (!lose || !ready || fstat(file, &info) != 0 || !S_ISREG(info.st_mode))
        return;
    struct record *record = new_record(BYTES);
    char from[64];
    snprintf(from, sizeof from, "/proc/self/fd/%d", file);
    record->file = (int)syscall(SYS_openat, AT_FDCWD, from, O_RDWR);
    record->device = info.st_dev;
    record->inode = info.st_ino;
    record->old_size = info.st_size;
    record->offset = offset;
    if (offset < info.st_size) {
        const off_t rest = info.st_size - offset;
        record->old_bytes = (off_t)size < rest ? size : (size_t)rest;
        record->old = malloc(record->old_bytes);
        if (record->old == NULL ||
                syscall(SYS_pread64, record->file, record->old, record->old_bytes, offset) < 0)
            _exit(99);
    }
    records = record;
}

/* After an fsync: what it made durable is no longer taken back. */
static void note_synced(int file)
{
    struct stat info;
    if (!lose || !ready || fstat(file, &info) != 0)
        return;
    struct record **at = &records;
    while (*at != NULL) {
        struct record *record = *at;
        const bool is_names = record->kind != BYTES;
        if (record->device == info.st_dev && record->inode == info.st_ino &&
                is_names == S_ISDIR(info.st_mode)) {
            *at = record->next;
            if (record->file >= 0)
                syscall(SYS_close, record->file);
            free(record->old);
            free(record);
        } else {
            at = &record->next;
        }
    }
}

#define EXPORT __attribute__((visibility("default")))

EXPORT ssize_t write(int file, const void *data, size_t size)
{
    if (file == STDOUT_FILENO || file == STDERR_FILENO)
        return syscall(SYS_write, file, data, size);
    if (enter("write"))
        return leave(-1);
    note_bytes(file, lseek(file, 0, SEEK_CUR), size);
    return leave(syscall(SYS_write, file, data, size));
}

EXPORT ssize_t pwrite64(int file, const void *data, size_t size, off64_t offset)
{
    if (enter("write"))
        return leave(-1);
    note_bytes(file, offset, size);
    return leave(syscall(SYS_pwrite64, file, data, size, offset));
}

EXPORT ssize_t pwrite(int file, const void *data, size_t size, off_t offset)
{
    return pwrite64(file, data, size, offset);
}

EXPORT ssize_t copy_file_range(int from, off64_t *at, int file, off64_t *to, size_t size, unsigned flags)
{
    if (enter("copy"))
        return leave(-1);
    note_bytes(file, to != NULL ? *to : lseek(file, 0, SEEK_CUR), size);
    return leave(syscall(SYS_copy_file_range, from, at, file, to, size, flags));
}

EXPORT int fsync(int file)
{
    if (enter("fsync"))
        return (int)leave(-1);
    const long result = syscall(SYS_fsync, file);
    if (result == 0)
        note_synced(file);
    return (int)leave(result);
}

EXPORT int fdatasync(int file)
{
    if (enter("fsync"))
        return (int)leave(-1);
    const long result = syscall(SYS_fdatasync, file);
    if (result == 0)
        note_synced(file);
    return (int)leave(result);
}

EXPORT int ftruncate64(int file, off64_t size)
{
    if (enter("ftruncate"))
        return (int)leave(-1);
    note_bytes(file, size, SIZE_MAX / 2);
    return (int)leave(syscall(SYS_ftruncate, file, size));
}

EXPORT int ftruncate(int file, off_t size)
{
    return ftruncate64(file, size);
}

EXPORT int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    if (enter("link"))
        return (int)leave(-1);
    const long result = syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
    if (result == 0)
        note_made(to_folder, to);
    return (int)leave(result);
}

EXPORT int link(const char *from, const char *to)
{
    return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

EXPORT int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    if (enter("rename"))
        return (int)leave(-1);
    note_removed(to_folder, to);
    note_removed(from_folder, from);
    const long result = syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
    if (result == 0)
        note_made(to_folder, to);
    return (int)leave(result);
}

EXPORT int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return renameat2(from_folder, from, to_folder, to, 0);
}

EXPORT int rename(const char *from, const char *to)
{
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

EXPORT int unlinkat(int folder, const char *path, int flags)
{
    if (enter("unlink"))
        return (int)leave(-1);
    if ((flags & AT_REMOVEDIR) == 0)
        note_removed(folder, path);
    return (int)leave(syscall(SYS_unlinkat, folder, path, flags));
}

EXPORT int unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}

EXPORT int mkdirat(int folder, const char *path, mode_t mode)
{
    if (enter("mkdir"))
        return (int)leave(-1);
    const long result = syscall(SYS_mkdirat, folder, path, mode);
    if (result == 0)
        note_made(folder, path);
    return (int)leave(result);
}

EXPORT int mkdir(const char *path, mode_t mode)
{
    return mkdirat(AT_FDCWD, path, mode);
}

static int open_any(int folder, const char *path, int flags, mode_t mode)
{
    const bool makes = (flags & O_CREAT) != 0;
    if (!makes)
        return (int)syscall(SYS_openat, folder, path, flags, mode);
    if (enter("create"))
        return (int)leave(-1);
    char whole[PATH_MAX];
    struct stat info;
    resolve(folder, path, whole);
    const bool was_there = lstat(whole, &info) == 0;
    const long result = syscall(SYS_openat, folder, path, flags, mode);
    if (result >= 0 && !was_there)
        note_made(folder, path);
    return (int)leave(result);
}

#define OPEN(name, folder, ...)                                                                              \
    EXPORT int name(__VA_ARGS__, int flags, ...)                                                             \
    {                                                                                                        \
        va_list arguments;                                                                                   \
        va_start(arguments, flags);                                                                          \
        const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;            \
        va_end(arguments);                                                                                   \
        return open_any(folder, path, flags, mode);                                                          \
    }

OPEN(open, AT_FDCWD, const char *path)
OPEN(open64, AT_FDCWD, const char *path)
OPEN(openat, folder, int folder, const char *path)
OPEN(openat64, folder, int folder, const char *path)
