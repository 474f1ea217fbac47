/*
 * file_sink.c - files that appear whole or not at all
 *
 *     CREATE    O_TMPFILE -> write -> fsync -> linkat(path)                      -> fsync(folder)
 *     REPLACE   O_TMPFILE -> write -> fsync -> linkat(.tmp-uuid) -> rename(path) -> fsync(folder)
 *     without O_TMPFILE: .tmp-uuid under flock -> write -> fsync -> link or rename -> fsync(folder)
 *
 *   1. Until the commit nothing has the name `path`; a crash leaves at most a `.tmp-*` file, and
 *      only where one had to be made.
 *   2. A `.tmp-*` file is locked (flock) as long as its writer lives. Who gets the lock of one may remove it.
 *   3. A failed fsync is final: the file is given up, never synced again.
 *   4. A folder that is made is durable in its parent before anything is put into it; folders stay
 *      when the sink is aborted, since another writer may already be in them.
 *
 * Small appends gather in a buffer; large ones pass it by. Every 8 MiB the kernel is asked to begin
 * writing what it has, so that fsync does not have to wait for all of it.
 */
#include "store/file_sink.h"

#include "base/checked.h"
#include "base/io.h"
#include "base/uuid.h"
#include "store/fd.h"
#include "store/stream_store.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES_MAX ((size_t)256 << 10)
#define BUFFER_BYTES_MIN ((size_t)16 << 10)
#define BUFFER_SHARE 4096 /* of the memory limit, at most 1 in so many for each sink's buffer */
#define WRITEBACK_BYTES ((uint64_t)8 << 20)
#define PATH_BYTES_MAX 4096
#define COPY_BYTES ((uint64_t)64 << 20)
#define NAME_TRIES 16
#define FD_PATH_BYTES 32

struct file_sink {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    int fd;
    unsigned mode;
    uint8_t *buffer; /* NULL until the first small append */
    size_t buffer_bytes;
    size_t filled;
    uint64_t written;
    uint64_t written_back;
    size_t path_bytes; /* of `path` with its NUL */
    char *path;
    char temp[PATH_BYTES_MAX]; /* "" where the file has no name */
};

/* The folder of a path: "/a/b" -> "/a", "/a" -> "/", "a" -> ".". */
static enum joist_status folder_of(const char *path, char folder[PATH_BYTES_MAX], struct joist_error *err)
{
    const char *cut = strrchr(path, '/');
    size_t size = cut == NULL ? 0 : (size_t)(cut - path);
    if (size >= PATH_BYTES_MAX - 1)
        return ji_fail(err, JOIST_ERR_LIMIT, "a path of %zu bytes", strlen(path));
    if (cut != NULL && size == 0)
        size = 1;
    memcpy(folder, size > 0 ? path : ".", size > 0 ? size : 1);
    folder[size > 0 ? size : 1] = '\0';
    return JOIST_OK;
}

enum joist_status ji_folder_sync(const char *folder, struct joist_error *err)
{
    const char *name = folder[0] != '\0' ? folder : ".";
    const int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return ji_fail_errno(err, errno, "%s", name);
    const int error = ji_fd_sync(fd);
    close(fd);
    /* Some file systems have nothing to sync for a folder and say so. */
    if (error != 0 && error != EINVAL)
        return ji_fail_errno(err, error, "folder %s could not be made durable", name);
    return JOIST_OK;
}

/* Makes one folder, durable in its parent. */
static enum joist_status make_folder(const char *folder, struct joist_error *err)
{
    char parent[PATH_BYTES_MAX];
    JI_TRY(folder_of(folder, parent, err));
    /* EEXIST: somebody else was first, and may not have come to syncing it yet. */
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return ji_fail_errno(err, errno, "folder %s", folder);
    return ji_folder_sync(parent, err);
}

/* Makes what is missing of a folder's path. */
static enum joist_status make_folders(const char *folder, struct joist_error *err)
{
    char made[PATH_BYTES_MAX];
    const size_t size = strlen(folder);
    assert(size < sizeof made);
    memcpy(made, folder, size + 1);
    for (size_t end = 1; end <= size; end++) {
        if (made[end] != '/' && made[end] != '\0')
            continue;
        const char kept = made[end];
        made[end] = '\0';
        struct stat info;
        if (stat(made, &info) != 0) {
            if (errno != ENOENT)
                return ji_fail_errno(err, errno, "folder %s", made);
            JI_TRY(make_folder(made, err));
        }
        made[end] = kept;
    }
    return JOIST_OK;
}

static enum joist_status temp_name(struct file_sink *sink, const char *folder, struct joist_error *err)
{
    char uuid[JI_UUID_TEXT_BYTES];
    JI_TRY(ji_uuid_new(sink->ctx, uuid, err));
    const int size = snprintf(sink->temp, sizeof sink->temp, "%s/" JI_TEMP_PREFIX "%s", folder, uuid);
    if (size < 0 || (size_t)size >= sizeof sink->temp) {
        sink->temp[0] = '\0';
        return ji_fail(err, JOIST_ERR_LIMIT, "a path of %zu bytes", strlen(folder));
    }
    return JOIST_OK;
}

static bool is_gone(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && info.st_nlink == 0;
}

/* A named file under its lock; a sweeper may take it away before we have the lock. */
static enum joist_status open_named(struct file_sink *sink, const char *folder, struct joist_error *err)
{
    for (int i = 0; i < NAME_TRIES; i++) {
        JI_TRY(temp_name(sink, folder, err));
        const int fd = open(sink->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0) {
            const int error = errno;
            sink->temp[0] = '\0';
            return ji_fail_errno(err, error, "%s", sink->path);
        }
        if (flock(fd, LOCK_EX | LOCK_NB) == 0 && !is_gone(fd)) {
            sink->fd = fd;
            return JOIST_OK;
        }
        close(fd);
    }
    sink->temp[0] = '\0';
    return ji_fail(err, JOIST_ERR_CONFLICT, "%s: its temporary files are taken away", sink->path);
}

/* A file without a name can get one through /proc alone, without privileges. */
static bool has_fd_links(void)
{
    return access("/proc/self/fd", X_OK) == 0;
}

static enum joist_status open_file(struct file_sink *sink, bool named_only, struct joist_error *err)
{
    char folder[PATH_BYTES_MAX];
    JI_TRY(folder_of(sink->path, folder, err));
    JI_TRY(make_folders(folder, err));
    if (!named_only && has_fd_links()) {
        sink->fd = open(folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0666);
        if (sink->fd >= 0)
            return JOIST_OK;
        /* EISDIR and ENOENT: kernels and file systems that do not know the flag. */
        if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL)
            return ji_fail_errno(err, errno, "%s", sink->path);
    }
    ji_temp_files_sweep(folder);
    return open_named(sink, folder, err);
}

static void free_sink(struct file_sink *sink)
{
    if (sink->fd >= 0)
        close(sink->fd);
    ji_slab_free(sink->mem, sink->buffer, sink->buffer_bytes);
    ji_free(sink->mem, sink->path, sink->path_bytes);
    ji_free(sink->mem, sink, sizeof *sink);
}

static void sink_abort(void *self)
{
    struct file_sink *sink = self;
    if (sink->temp[0] != '\0')
        unlink(sink->temp);
    free_sink(sink);
}

static void note_written(struct file_sink *sink, uint64_t bytes)
{
    sink->written += bytes;
    if (sink->written - sink->written_back >= WRITEBACK_BYTES) {
        /* Only a hint: fsync tells the truth. */
        (void)sync_file_range(sink->fd, (off_t)sink->written_back,
                (off_t)(sink->written - sink->written_back), SYNC_FILE_RANGE_WRITE);
        sink->written_back = sink->written;
    }
}

static enum joist_status write_out(
        struct file_sink *sink, const void *data, size_t bytes, struct joist_error *err)
{
    const int error = ji_fd_write(sink->fd, data, bytes);
    if (error != 0)
        return ji_fail_errno(err, error, "%s", sink->path);
    note_written(sink, bytes);
    return JOIST_OK;
}

static enum joist_status flush(struct file_sink *sink, struct joist_error *err)
{
    const size_t filled = sink->filled;
    sink->filled = 0;
    return filled > 0 ? write_out(sink, sink->buffer, filled, err) : JOIST_OK;
}

static enum joist_status open_buffer(struct file_sink *sink, struct joist_error *err)
{
    const uint64_t share = ji_mem_limit(sink->mem) / BUFFER_SHARE;
    const size_t bytes = (size_t)ji_max_u64(BUFFER_BYTES_MIN, ji_min_u64(BUFFER_BYTES_MAX, share));
    return ji_slab_alloc(sink->mem, bytes, &sink->buffer, &sink->buffer_bytes, err);
}

static enum joist_status sink_append(void *self, const void *data, size_t bytes, struct joist_error *err)
{
    struct file_sink *sink = self;
    if (bytes >= BUFFER_BYTES_MAX || (sink->buffer != NULL && bytes >= sink->buffer_bytes)) {
        JI_TRY(flush(sink, err));
        return write_out(sink, data, bytes, err);
    }
    if (sink->buffer == NULL)
        JI_TRY(open_buffer(sink, err));
    const uint8_t *from = data;
    while (bytes > 0) {
        const size_t part = ji_min_size(bytes, sink->buffer_bytes - sink->filled);
        memcpy(sink->buffer + sink->filled, from, part);
        sink->filled += part;
        from += part;
        bytes -= part;
        if (sink->filled == sink->buffer_bytes)
            JI_TRY(flush(sink, err));
    }
    return JOIST_OK;
}

/* The kernel shares blocks where the file system can, and copies in the page cache else. */
static enum joist_status sink_copy(void *self, const struct joist_source *source, uint64_t offset,
        uint64_t bytes, uint64_t *copied, struct joist_error *err)
{
    struct file_sink *sink = self;
    const int from = ji_source_descriptor(source);
    *copied = 0;
    if (from < 0)
        return JOIST_OK;
    JI_TRY(flush(sink, err));
    while (*copied < bytes) {
        off64_t at = (off64_t)(offset + *copied);
        const size_t wanted = (size_t)ji_min_u64(bytes - *copied, COPY_BYTES);
        const ssize_t got = copy_file_range(from, &at, sink->fd, NULL, wanted, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == ENOSPC || errno == EIO || errno == EDQUOT || errno == EFBIG))
            return ji_fail_errno(err, errno, "%s", sink->path);
        /* Other file systems, and those that cannot: the rest is read and written. */
        if (got <= 0)
            return JOIST_OK;
        *copied += (uint64_t)got;
        note_written(sink, (uint64_t)got);
    }
    return JOIST_OK;
}

/* Gives the file without a name the name `path`. */
static int link_fd(int fd, const char *path)
{
    char name[FD_PATH_BYTES];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, name, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

static enum joist_status name_new(struct file_sink *sink, struct joist_error *err)
{
    int error = 0;
    if (sink->temp[0] == '\0') {
        error = link_fd(sink->fd, sink->path);
    } else if (link(sink->temp, sink->path) == 0) {
        unlink(sink->temp);
        sink->temp[0] = '\0';
    } else {
        error = errno;
    }
    return error == 0 ? JOIST_OK : ji_fail_errno(err, error, "%s", sink->path);
}

static enum joist_status name_over(struct file_sink *sink, const char *folder, struct joist_error *err)
{
    struct stat old;
    if (stat(sink->path, &old) == 0 && fchmod(sink->fd, old.st_mode & 0777) != 0)
        return ji_fail_errno(err, errno, "%s", sink->path);
    if (sink->temp[0] == '\0') {
        if (flock(sink->fd, LOCK_EX | LOCK_NB) != 0)
            return ji_fail_errno(err, errno, "%s", sink->path);
        ji_temp_files_sweep(folder);
        JI_TRY(temp_name(sink, folder, err));
        const int error = link_fd(sink->fd, sink->temp);
        if (error != 0) {
            sink->temp[0] = '\0';
            return ji_fail_errno(err, error, "%s", sink->path);
        }
    }
    if (rename(sink->temp, sink->path) != 0)
        return ji_fail_errno(err, errno, "%s", sink->path);
    sink->temp[0] = '\0';
    return JOIST_OK;
}

static enum joist_status commit_steps(struct file_sink *sink, struct joist_error *err)
{
    char folder[PATH_BYTES_MAX];
    JI_TRY(folder_of(sink->path, folder, err));
    JI_TRY(flush(sink, err));
    const int error = ji_fd_sync(sink->fd);
    if (error != 0)
        return ji_fail_errno(err, error, "%s could not be made durable", sink->path);
    const bool replaces = (sink->mode & JOIST_SINK_REPLACE) != 0;
    JI_TRY(replaces ? name_over(sink, folder, err) : name_new(sink, err));
    if ((sink->mode & JOIST_SINK_FOLDER_LATER) != 0)
        return JOIST_OK;
    const enum joist_status status = ji_folder_sync(folder, err);
    if (status != JOIST_OK && !replaces)
        unlink(sink->path);
    return status;
}

static enum joist_status sink_commit(void *self, struct joist_error *err)
{
    struct file_sink *sink = self;
    const enum joist_status status = commit_steps(sink, err);
    if (status != JOIST_OK) {
        sink_abort(sink);
        return status;
    }
    free_sink(sink);
    return JOIST_OK;
}

static const struct joist_sink_ops sink_ops = {
        .struct_size = sizeof sink_ops,
        .append = sink_append,
        .commit = sink_commit,
        .abort = sink_abort,
        .copy = sink_copy,
};

/* What stands under the name now; a device or pipe is written straight. */
static enum joist_status look_at_target(
        const char *path, unsigned mode, bool *straight, struct joist_error *err)
{
    struct stat info;
    *straight = false;
    if (stat(path, &info) != 0)
        return errno == ENOENT ? JOIST_OK : ji_fail_errno(err, errno, "%s", path);
    if (S_ISDIR(info.st_mode))
        return ji_fail_errno(err, EISDIR, "%s", path);
    if (S_ISREG(info.st_mode)) {
        if ((mode & JOIST_SINK_REPLACE) == 0)
            return ji_fail_errno(err, EEXIST, "%s", path);
        return JOIST_OK;
    }
    *straight = true;
    return JOIST_OK;
}

enum joist_status ji_file_sink_open(struct joist_ctx *ctx, struct ji_mem *mem, const char *path,
        unsigned mode, const struct ji_file_sink_options *options, struct joist_sink *sink,
        struct joist_error *err)
{
    bool straight = false;
    JI_TRY(look_at_target(path, mode, &straight, err));
    if (straight) {
        const int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
            return ji_fail_errno(err, errno, "%s", path);
        return ji_stream_sink_open(mem, fd, path, sink, err);
    }
    struct file_sink *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->ctx = ctx;
    made->mem = mem;
    made->fd = -1;
    made->mode = mode;
    made->path_bytes = strlen(path) + 1;
    enum joist_status status = ji_alloc(mem, made->path_bytes, &made->path, err);
    if (status == JOIST_OK) {
        memcpy(made->path, path, made->path_bytes);
        status = open_file(made, options->named_only, err);
    }
    if (status != JOIST_OK) {
        free_sink(made);
        return status;
    }
    *sink = (struct joist_sink){.ops = &sink_ops, .self = made};
    return JOIST_OK;
}

static bool sweep_one(int folder_fd, const char *name)
{
    const int fd = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    const bool swept = flock(fd, LOCK_EX | LOCK_NB) == 0 && unlinkat(folder_fd, name, 0) == 0;
    close(fd);
    return swept;
}

size_t ji_temp_files_sweep(const char *folder)
{
    DIR *entries = opendir(folder);
    if (entries == NULL)
        return 0;
    size_t swept = 0;
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (strncmp(entry->d_name, JI_TEMP_PREFIX, strlen(JI_TEMP_PREFIX)) == 0)
            swept += sweep_one(dirfd(entries), entry->d_name);
    }
    closedir(entries);
    return swept;
}
