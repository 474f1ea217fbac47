/*
 * fault_store.c - a store around any store that fails on request
 *
 *   1. A call that fails does not reach the inner store, but for the first half of a torn append.
 *   2. A failed commit aborts the inner sink: a sink has one end.
 *   3. `unsynced` holds the paths that were committed with JOIST_SINK_FOLDER_LATER and whose folder no
 *      sync_folder has named since.
 */
#include "support/fault_store.h"

#include "base/error.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PATHS_MAX 1024

struct fault_store {
    struct joist_store inner;
    struct fault_plan *plan;
    pthread_mutex_t lock;
    char *unsynced[PATHS_MAX];
    size_t unsynced_count;
};

struct fault_source {
    struct fault_store *store;
    struct joist_source inner;
};

struct fault_sink {
    struct fault_store *store;
    struct joist_sink inner;
    bool folder_later;
    char path[1024];
};

static bool fires(struct fault_plan *plan)
{
    const uint64_t call = atomic_fetch_add(&plan->calls, 1) + 1;
    if (plan->fail_at == 0 || (plan->from_then_on ? call < plan->fail_at : call != plan->fail_at))
        return false;
    atomic_fetch_add(&plan->failures, 1);
    return true;
}

static enum joist_status inject(const struct fault_plan *plan, const char *what, struct joist_error *err)
{
    return ji_fail_errno(err, plan->os_errno != 0 ? plan->os_errno : EIO, "injected into %s", what);
}

static uint64_t source_size(void *self)
{
    const struct fault_source *source = self;
    return source->inner.ops->size(source->inner.self);
}

static const char *source_name(void *self)
{
    const struct fault_source *source = self;
    return source->inner.ops->name(source->inner.self);
}

static enum joist_status source_read_at(
        void *self, uint64_t offset, size_t bytes, void *out, size_t *bytes_read, struct joist_error *err)
{
    struct fault_source *source = self;
    struct fault_plan *plan = source->store->plan;
    if (fires(plan))
        return inject(plan, "read", err);
    const size_t asked = plan->short_reads && bytes > 1 ? (bytes + 1) / 2 : bytes;
    return source->inner.ops->read_at(source->inner.self, offset, asked, out, bytes_read, err);
}

static void source_close(void *self)
{
    struct fault_source *source = self;
    source->inner.ops->close(source->inner.self);
    free(source);
}

static const struct joist_source_ops source_ops = {
        .struct_size = sizeof source_ops,
        .size = source_size,
        .name = source_name,
        .read_at = source_read_at,
        .close = source_close,
};

static enum joist_status sink_append(void *self, const void *data, size_t bytes, struct joist_error *err)
{
    struct fault_sink *sink = self;
    struct fault_plan *plan = sink->store->plan;
    if (fires(plan)) {
        if (plan->torn_write && bytes > 1)
            ji_ignore(sink->inner.ops->append(sink->inner.self, data, bytes / 2, NULL), "it fails anyway");
        return inject(plan, "append", err);
    }
    return sink->inner.ops->append(sink->inner.self, data, bytes, err);
}

static void note_unsynced(struct fault_store *store, const char *path)
{
    pthread_mutex_lock(&store->lock);
    if (store->unsynced_count == PATHS_MAX)
        fail_msg("more than %d paths are not synced", PATHS_MAX);
    char *copy = malloc(strlen(path) + 1);
    assert_non_null(copy);
    memcpy(copy, path, strlen(path) + 1);
    store->unsynced[store->unsynced_count++] = copy;
    pthread_mutex_unlock(&store->lock);
}

static enum joist_status sink_commit(void *self, struct joist_error *err)
{
    struct fault_sink *sink = self;
    struct fault_plan *plan = sink->store->plan;
    enum joist_status status = JOIST_OK;
    if (fires(plan)) {
        sink->inner.ops->abort(sink->inner.self);
        status = inject(plan, "commit", err);
    } else {
        status = sink->inner.ops->commit(sink->inner.self, err);
    }
    if (status == JOIST_OK && sink->folder_later)
        note_unsynced(sink->store, sink->path);
    free(sink);
    return status;
}

static void sink_abort(void *self)
{
    struct fault_sink *sink = self;
    sink->inner.ops->abort(sink->inner.self);
    free(sink);
}

static const struct joist_sink_ops sink_ops = {
        .struct_size = sizeof sink_ops, .append = sink_append, .commit = sink_commit, .abort = sink_abort};

static enum joist_status store_open_source(
        void *self, const char *path, struct joist_source *source, struct joist_error *err)
{
    struct fault_store *store = self;
    if (fires(store->plan))
        return inject(store->plan, "open_source", err);
    struct joist_source inner = {.ops = NULL};
    JI_TRY(store->inner.ops->open_source(store->inner.self, path, &inner, err));
    struct fault_source *made = malloc(sizeof *made);
    assert_non_null(made);
    *made = (struct fault_source){.store = store, .inner = inner};
    *source = (struct joist_source){.ops = &source_ops, .self = made};
    return JOIST_OK;
}

static enum joist_status store_open_sink(
        void *self, const char *path, unsigned mode, struct joist_sink *sink, struct joist_error *err)
{
    struct fault_store *store = self;
    if (fires(store->plan))
        return inject(store->plan, "open_sink", err);
    struct joist_sink inner = {.ops = NULL};
    JI_TRY(store->inner.ops->open_sink(store->inner.self, path, mode, &inner, err));
    struct fault_sink *made = calloc(1, sizeof *made);
    assert_non_null(made);
    assert_true(strlen(path) < sizeof made->path);
    made->store = store;
    made->inner = inner;
    made->folder_later = (mode & JOIST_SINK_FOLDER_LATER) != 0;
    memcpy(made->path, path, strlen(path) + 1);
    *sink = (struct joist_sink){.ops = &sink_ops, .self = made};
    return JOIST_OK;
}

static bool is_in_folder(const char *path, const char *folder)
{
    const size_t size = strlen(folder);
    const char *cut = strrchr(path, '/');
    return cut != NULL && (size_t)(cut - path) == size && memcmp(path, folder, size) == 0;
}

static enum joist_status store_sync_folder(void *self, const char *folder, struct joist_error *err)
{
    struct fault_store *store = self;
    if (fires(store->plan))
        return inject(store->plan, "sync_folder", err);
    JI_TRY(store->inner.ops->sync_folder(store->inner.self, folder, err));
    pthread_mutex_lock(&store->lock);
    size_t kept = 0;
    for (size_t i = 0; i < store->unsynced_count; i++) {
        if (is_in_folder(store->unsynced[i], folder))
            free(store->unsynced[i]);
        else
            store->unsynced[kept++] = store->unsynced[i];
    }
    store->unsynced_count = kept;
    pthread_mutex_unlock(&store->lock);
    return JOIST_OK;
}

static enum joist_status store_list(void *self, const char *prefix,
        enum joist_status (*each)(void *user, const struct joist_file_info *info, struct joist_error *err),
        void *user, struct joist_error *err)
{
    struct fault_store *store = self;
    if (fires(store->plan))
        return inject(store->plan, "list", err);
    return store->inner.ops->list(store->inner.self, prefix, each, user, err);
}

static enum joist_status store_stat(
        void *self, const char *path, uint64_t *bytes, int64_t *modified_us, struct joist_error *err)
{
    struct fault_store *store = self;
    if (fires(store->plan))
        return inject(store->plan, "stat", err);
    return store->inner.ops->stat(store->inner.self, path, bytes, modified_us, err);
}

static enum joist_status store_remove(void *self, const char *path, struct joist_error *err)
{
    struct fault_store *store = self;
    if (fires(store->plan))
        return inject(store->plan, "remove", err);
    return store->inner.ops->remove(store->inner.self, path, err);
}

static void store_close(void *self)
{
    struct fault_store *store = self;
    for (size_t i = 0; i < store->unsynced_count; i++)
        free(store->unsynced[i]);
    store->inner.ops->close(store->inner.self);
    pthread_mutex_destroy(&store->lock);
    free(store);
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

enum joist_status fault_store_open(
        struct joist_store inner, struct fault_plan *plan, struct joist_store *store)
{
    struct fault_store *made = calloc(1, sizeof *made);
    assert_non_null(made);
    made->inner = inner;
    made->plan = plan;
    pthread_mutex_init(&made->lock, NULL);
    *store = (struct joist_store){.ops = &store_ops, .self = made};
    return JOIST_OK;
}

enum joist_status fault_store_crash(struct joist_store wrapper, struct joist_error *err)
{
    assert_ptr_equal(wrapper.ops, &store_ops);
    struct fault_store *store = wrapper.self;
    enum joist_status status = JOIST_OK;
    for (size_t i = 0; i < store->unsynced_count; i++) {
        if (status == JOIST_OK && store->plan->lose_unsynced)
            status = store->inner.ops->remove(store->inner.self, store->unsynced[i], err);
        free(store->unsynced[i]);
    }
    store->unsynced_count = 0;
    return status;
}

void io_sweep(enum joist_status (*body)(void *arg, struct fault_plan *plan, struct joist_error *err),
        void *arg, int os_errno)
{
    for (uint64_t n = 1;; n++) {
        struct fault_plan plan = {.fail_at = n, .os_errno = os_errno, .torn_write = n % 2 == 0};
        struct joist_error err = {.status = JOIST_OK};
        const enum joist_status status = body(arg, &plan, &err);
        if (plan.failures == 0) {
            if (status != JOIST_OK)
                fail_msg("without a failure: %s: %s", joist_status_name(status), err.text);
            return;
        }
        if (status != JOIST_OK && status != ji_status_of_errno(os_errno != 0 ? os_errno : EIO))
            fail_msg("call %llu failed: %s: %s", (unsigned long long)n, joist_status_name(status), err.text);
    }
}
