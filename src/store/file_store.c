/*
 * file_store.c - files of the host
 *
 * Paths are the host's, byte for byte. A source is read with pread and may be shared between threads;
 * a pipe or a device is read front to back. Listing gathers all paths, sorts them as bytes and shows them;
 * files on their way (`.tmp-*`) are not shown, and symbolic links to folders are not followed.
 */
#include <joist/store.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/ctx.h"
#include "base/heap_sort.h"
#include "store/fd.h"
#include "store/file_sink.h"
#include "store/stream_store.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_DEPTH_MAX 64
#define SWEPT_WORDS 32
#define PATH_BYTES_MAX 4096

struct file_store {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    /* A bit by the hash of a folder's name: what a crash left there was looked for. */
    atomic_uint_least64_t swept[SWEPT_WORDS];
};

struct file_source {
    struct ji_mem *mem;
    int fd;
    uint64_t size;
    size_t name_bytes;
    char name[];
};

static uint64_t source_size(void *self)
{
    const struct file_source *source = self;
    return source->size;
}

static const char *source_name(void *self)
{
    const struct file_source *source = self;
    return source->name;
}

static enum joist_status source_read_at(
        void *self, uint64_t offset, size_t bytes, void *out, size_t *bytes_read, struct joist_error *err)
{
    const struct file_source *source = self;
    size_t got = 0;
    if (offset < source->size) {
        const size_t wanted = (size_t)ji_min_u64(bytes, source->size - offset);
        const int error = ji_fd_read(source->fd, (int64_t)offset, out, wanted, &got);
        if (error != 0)
            return ji_fail_errno(err, error, "%s: at %" PRIu64, source->name, offset);
    }
    *bytes_read = got;
    return JOIST_OK;
}

static void source_close(void *self)
{
    struct file_source *source = self;
    close(source->fd);
    ji_free(source->mem, source, sizeof *source + source->name_bytes);
}

/* What the kernel makes of it is its affair. */
static void source_will_need(void *self, uint64_t offset, uint64_t bytes)
{
    const struct file_source *const source = self;
    (void)posix_fadvise(source->fd, (off_t)offset, (off_t)bytes, POSIX_FADV_WILLNEED);
}

static int source_descriptor(void *self)
{
    const struct file_source *const source = self;
    return source->fd;
}

static const struct joist_source_ops source_ops = {
        .struct_size = sizeof source_ops,
        .size = source_size,
        .name = source_name,
        .read_at = source_read_at,
        .will_need = source_will_need,
        .close = source_close,
        .descriptor = source_descriptor,
};

static enum joist_status store_open_source(
        void *self, const char *path, struct joist_source *source, struct joist_error *err)
{
    const struct file_store *store = self;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ji_fail_errno(err, errno, "%s", path);
    struct stat info;
    const int error = fstat(fd, &info) != 0 ? errno : S_ISDIR(info.st_mode) ? EISDIR : 0;
    if (error != 0) {
        close(fd);
        return ji_fail_errno(err, error, "%s", path);
    }
    if (!S_ISREG(info.st_mode))
        return ji_stream_source_open(store->mem, fd, path, source, err);

    struct file_source *made = NULL;
    const size_t name_bytes = strlen(path) + 1;
    const enum joist_status status = ji_alloc(store->mem, sizeof *made + name_bytes, &made, err);
    if (status != JOIST_OK) {
        close(fd);
        return status;
    }
    made->mem = store->mem;
    made->fd = fd;
    made->size = (uint64_t)info.st_size;
    made->name_bytes = name_bytes;
    memcpy(made->name, path, name_bytes);
    *source = (struct joist_source){.ops = &source_ops, .self = made};
    return JOIST_OK;
}

/* Once a folder: a run that was killed may have left files on their way there. */
static void sweep_first(struct file_store *store, const char *path)
{
    char folder[PATH_BYTES_MAX] = ".";
    const char *const cut = strrchr(path, '/');
    const size_t size = cut == NULL ? 1 : cut == path ? 1 : (size_t)(cut - path);
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    if (size >= sizeof folder)
        return;
    if (cut != NULL)
        memcpy(folder, path, size);
    folder[size] = '\0';
    for (size_t at = 0; at < size; at++)
        hash = (hash ^ (uint8_t)folder[at]) * 1099511628211u;
    const uint64_t bit = (uint64_t)1 << (hash >> 58);
    if ((atomic_fetch_or(&store->swept[(hash >> 32) % SWEPT_WORDS], bit) & bit) == 0)
        (void)ji_temp_files_sweep(folder);
}

static enum joist_status store_open_sink(
        void *self, const char *path, unsigned mode, struct joist_sink *sink, struct joist_error *err)
{
    struct file_store *store = self;
    sweep_first(store, path);
    const struct ji_file_sink_options options = {.named_only = false};
    return ji_file_sink_open(store->ctx, store->mem, path, mode, &options, sink, err);
}

static enum joist_status store_sync_folder(void *self, const char *folder, struct joist_error *err)
{
    (void)self;
    return ji_folder_sync(folder, err);
}

static int64_t modified_us(const struct stat *info)
{
    return (int64_t)info->st_mtim.tv_sec * 1000000 + info->st_mtim.tv_nsec / 1000;
}

/* What a listing found; `folders` are still to be looked into. */
struct listing {
    struct ji_arena arena;
    struct ji_bytes files;   /* struct joist_file_info each */
    struct ji_bytes folders; /* struct folder each: a stack */
};

struct folder {
    const char *path; /* with '/' behind, or "" for the working folder */
    unsigned depth;
};

static enum joist_status push_folder(
        struct listing *listing, const char *path, unsigned depth, struct joist_error *err)
{
    if (depth > LIST_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "%s: more than %d folders deep", path, LIST_DEPTH_MAX);
    const struct folder folder = {.path = path, .depth = depth};
    return ji_bytes_append(&listing->folders, &folder, sizeof folder, err);
}

/* One name of a folder: a file is noted, a folder is put on the stack where the prefix can still match. */
static enum joist_status note_entry(struct listing *listing, const struct folder *folder, const char *name,
        const char *prefix, struct joist_error *err)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
            strncmp(name, JI_TEMP_PREFIX, strlen(JI_TEMP_PREFIX)) == 0)
        return JOIST_OK;
    const char *path = NULL;
    JI_TRY(ji_arena_printf(&listing->arena, &path, err, "%s%s", folder->path, name));
    struct stat info;
    if (lstat(path, &info) != 0)
        return errno == ENOENT ? JOIST_OK : ji_fail_errno(err, errno, "%s", path);
    const size_t compared = ji_min_size(strlen(path), strlen(prefix));
    if (strncmp(path, prefix, compared) != 0)
        return JOIST_OK;
    if (S_ISDIR(info.st_mode)) {
        JI_TRY(ji_arena_printf(&listing->arena, &path, err, "%s/", path));
        return push_folder(listing, path, folder->depth + 1, err);
    }
    if (S_ISLNK(info.st_mode) && (stat(path, &info) != 0 || !S_ISREG(info.st_mode)))
        return JOIST_OK;
    if (!S_ISREG(info.st_mode) || strlen(path) < strlen(prefix))
        return JOIST_OK;
    const struct joist_file_info file = {
            .path = path, .bytes = (uint64_t)info.st_size, .modified_us = modified_us(&info)};
    return ji_bytes_append(&listing->files, &file, sizeof file, err);
}

static enum joist_status list_folder(
        struct listing *listing, const struct folder *folder, const char *prefix, struct joist_error *err)
{
    const char *name = folder->path[0] != '\0' ? folder->path : ".";
    DIR *entries = opendir(name);
    if (entries == NULL)
        return errno == ENOENT || errno == ENOTDIR ? JOIST_OK : ji_fail_errno(err, errno, "%s", name);
    enum joist_status status = JOIST_OK;
    while (status == JOIST_OK) {
        errno = 0;
        const struct dirent *entry = readdir(entries);
        if (entry == NULL) {
            if (errno != 0)
                status = ji_fail_errno(err, errno, "%s", name);
            break;
        }
        status = note_entry(listing, folder, entry->d_name, prefix, err);
    }
    closedir(entries);
    return status;
}

static int order_by_path(const void *a, const void *b)
{
    const struct joist_file_info *left = a;
    const struct joist_file_info *right = b;
    return strcmp(left->path, right->path);
}

static enum joist_status gather(struct listing *listing, const char *prefix, struct joist_error *err)
{
    const char *cut = strrchr(prefix, '/');
    const char *top = NULL;
    JI_TRY(ji_arena_text(
            &listing->arena, ji_view_of(prefix, cut == NULL ? 0 : (size_t)(cut - prefix) + 1), &top, err));
    JI_TRY(push_folder(listing, top, 0, err));
    while (listing->folders.size > 0) {
        struct folder folder;
        listing->folders.size -= sizeof folder;
        memcpy(&folder, listing->folders.data + listing->folders.size, sizeof folder);
        JI_TRY(list_folder(listing, &folder, prefix, err));
    }
    return JOIST_OK;
}

static enum joist_status store_list(void *self, const char *prefix,
        enum joist_status (*each)(void *user, const struct joist_file_info *info, struct joist_error *err),
        void *user, struct joist_error *err)
{
    const struct file_store *store = self;
    enum joist_status status = JOIST_OK;
    struct listing listing;
    ji_arena_init(&listing.arena, store->mem);
    ji_bytes_init(&listing.files, store->mem);
    ji_bytes_init(&listing.folders, store->mem);
    JI_TRY_OUT(gather(&listing, prefix, err));
    const size_t count = listing.files.size / sizeof(struct joist_file_info);
    ji_sort(listing.files.data, count, sizeof(struct joist_file_info), order_by_path);
    for (size_t i = 0; i < count; i++) {
        struct joist_file_info file;
        memcpy(&file, listing.files.data + i * sizeof file, sizeof file);
        JI_TRY_OUT(each(user, &file, err));
    }
out:
    ji_bytes_clear(&listing.folders);
    ji_bytes_clear(&listing.files);
    ji_arena_clear(&listing.arena);
    return status;
}

static enum joist_status store_stat(
        void *self, const char *path, uint64_t *bytes, int64_t *modified, struct joist_error *err)
{
    (void)self;
    struct stat info;
    if (stat(path, &info) != 0)
        return ji_fail_errno(err, errno, "%s", path);
    if (S_ISDIR(info.st_mode))
        return ji_fail_errno(err, EISDIR, "%s", path);
    *bytes = S_ISREG(info.st_mode) ? (uint64_t)info.st_size : JOIST_SIZE_UNKNOWN;
    *modified = modified_us(&info);
    return JOIST_OK;
}

static enum joist_status store_remove(void *self, const char *path, struct joist_error *err)
{
    (void)self;
    if (unlink(path) != 0)
        return ji_fail_errno(err, errno, "%s", path);
    return JOIST_OK;
}

static void store_close(void *self)
{
    struct file_store *store = self;
    struct ji_mem *mem = store->mem;
    ji_free(mem, store, sizeof *store);
    ji_mem_close(mem);
}

static const struct joist_store_ops store_ops = {
        .struct_size = sizeof store_ops,
        .open_source = store_open_source,
        .open_sink = store_open_sink,
        .sync_folder = store_sync_folder,
        .list = store_list,
        .stat = store_stat,
        .remove = store_remove,
        .close = store_close,
};

enum joist_status joist_file_store_open(
        struct joist_ctx *ctx, struct joist_store *store, struct joist_error *err)
{
    assert(ctx != NULL && store != NULL);
    struct ji_mem *mem = NULL;
    struct file_store *made = NULL;
    JI_TRY(ji_mem_open_with(ji_ctx_mem(ctx), "files", sizeof *made, &mem, &made, err));
    made->ctx = ctx;
    made->mem = mem;
    *store = (struct joist_store){.ops = &store_ops, .self = made};
    return JOIST_OK;
}
