/*
 * memory_store.c - named objects in counted memory
 *
 *     store   objects, sorted by path      each: path -> struct object, counted
 *     object  chunks: [4 KiB][8 KiB] ... [1 MiB][1 MiB] ...      immutable once committed
 *
 *   1. `objects` changes under the lock; an object never does once it is in there.
 *   2. A source holds its object: removing or replacing it takes only the name away.
 *   3. A listing holds the lock only while it copies the next path: `each` may call the store.
 */
#include <joist/store.h>

#include "base/buffer.h"
#include "base/ctx.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#define CHUNK_BYTES_MIN ((size_t)4 << 10)
#define CHUNK_BYTES_MAX ((size_t)1 << 20)

struct chunk {
    uint64_t start; /* offset of its first byte in the object */
    struct ji_buffer *buffer;
};

struct object {
    struct ji_mem *mem;
    atomic_size_t references;
    uint64_t size;
    int64_t modified_us;
    struct ji_bytes chunks; /* struct chunk each */
    size_t path_bytes;      /* with the NUL */
    char path[];
};

struct memory_store {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    pthread_mutex_t lock;
    struct object **objects;
    size_t count;
    size_t capacity;
};

struct memory_sink {
    struct memory_store *store;
    struct object *object;
    size_t left; /* room in the last chunk */
    unsigned mode;
};

struct memory_source {
    struct ji_mem *mem;
    struct object *object;
};

static const struct chunk *chunks_of(const struct object *object)
{
    return (const struct chunk *)(const void *)object->chunks.data;
}

static size_t chunk_count(const struct object *object)
{
    return object->chunks.size / sizeof(struct chunk);
}

static void release_object(struct object *object)
{
    if (atomic_fetch_sub_explicit(&object->references, 1, memory_order_acq_rel) > 1)
        return;
    for (size_t i = 0; i < chunk_count(object); i++)
        ji_buffer_release(chunks_of(object)[i].buffer);
    ji_bytes_clear(&object->chunks);
    ji_free(object->mem, object, sizeof *object + object->path_bytes);
}

/* The first object whose path is not below `path`; under the lock. */
static size_t lower_bound(const struct memory_store *store, const char *path)
{
    size_t low = 0;
    size_t high = store->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(store->objects[middle]->path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct object *find(const struct memory_store *store, const char *path)
{
    const size_t at = lower_bound(store, path);
    return at < store->count && strcmp(store->objects[at]->path, path) == 0 ? store->objects[at] : NULL;
}

static uint64_t source_size(void *self)
{
    const struct memory_source *source = self;
    return source->object->size;
}

static const char *source_name(void *self)
{
    const struct memory_source *source = self;
    return source->object->path;
}

/* The chunk that holds `offset`, which is below the size. */
static size_t chunk_at(const struct object *object, uint64_t offset)
{
    size_t low = 0;
    size_t high = chunk_count(object);
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (chunks_of(object)[middle].start <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static enum joist_status source_read_at(
        void *self, uint64_t offset, size_t bytes, void *out, size_t *bytes_read, struct joist_error *err)
{
    (void)err;
    const struct memory_source *source = self;
    const struct object *object = source->object;
    size_t done = 0;
    if (offset < object->size) {
        const size_t wanted = (size_t)ji_min_u64(bytes, object->size - offset);
        for (size_t at = chunk_at(object, offset); done < wanted; at++) {
            const struct chunk *chunk = &chunks_of(object)[at];
            const size_t from = (size_t)(offset + done - chunk->start);
            const size_t part = ji_min_size(wanted - done, chunk->buffer->capacity - from);
            memcpy((uint8_t *)out + done, chunk->buffer->data + from, part);
            done += part;
        }
    }
    *bytes_read = done;
    return JOIST_OK;
}

static void source_close(void *self)
{
    struct memory_source *source = self;
    release_object(source->object);
    ji_free(source->mem, source, sizeof *source);
}

static const struct joist_source_ops source_ops = {
        .struct_size = sizeof source_ops,
        .size = source_size,
        .name = source_name,
        .read_at = source_read_at,
        .close = source_close,
};

static enum joist_status store_open_source(
        void *self, const char *path, struct joist_source *source, struct joist_error *err)
{
    struct memory_store *store = self;
    struct memory_source *made = NULL;
    JI_TRY(ji_alloc(store->mem, sizeof *made, &made, err));
    pthread_mutex_lock(&store->lock);
    struct object *object = find(store, path);
    if (object != NULL)
        atomic_fetch_add_explicit(&object->references, 1, memory_order_relaxed);
    pthread_mutex_unlock(&store->lock);
    if (object == NULL) {
        ji_free(store->mem, made, sizeof *made);
        return ji_fail(err, JOIST_ERR_NOT_FOUND, "memory:%s: no such object", path);
    }
    made->mem = store->mem;
    made->object = object;
    *source = (struct joist_source){.ops = &source_ops, .self = made};
    return JOIST_OK;
}

static void free_sink(struct memory_sink *sink)
{
    if (sink->object != NULL)
        release_object(sink->object);
    ji_free(sink->store->mem, sink, sizeof *sink);
}

static void sink_abort(void *self)
{
    free_sink(self);
}

/* One more chunk, as large as all before it within the bounds: no object is more than half empty. */
static enum joist_status add_chunk(struct memory_sink *sink, struct joist_error *err)
{
    struct object *object = sink->object;
    const uint64_t wanted = ji_min_u64(ji_max_u64(object->size, CHUNK_BYTES_MIN), CHUNK_BYTES_MAX);
    struct chunk chunk = {.start = object->size, .buffer = NULL};
    JI_TRY(ji_bytes_reserve(&object->chunks, sizeof chunk, err));
    JI_TRY(ji_buffer_new(object->mem, (size_t)wanted, &chunk.buffer, err));
    sink->left = chunk.buffer->capacity;
    return ji_bytes_append(&object->chunks, &chunk, sizeof chunk, err);
}

static enum joist_status sink_append(void *self, const void *data, size_t bytes, struct joist_error *err)
{
    struct memory_sink *sink = self;
    struct object *object = sink->object;
    const uint8_t *from = data;
    while (bytes > 0) {
        if (sink->left == 0)
            JI_TRY(add_chunk(sink, err));
        const struct ji_buffer *buffer = chunks_of(object)[chunk_count(object) - 1].buffer;
        const size_t part = ji_min_size(bytes, sink->left);
        memcpy(buffer->data + (buffer->capacity - sink->left), from, part);
        sink->left -= part;
        object->size += part;
        from += part;
        bytes -= part;
    }
    return JOIST_OK;
}

static enum joist_status reserve_one(struct memory_store *store, struct joist_error *err)
{
    if (store->count < store->capacity)
        return JOIST_OK;
    const size_t capacity = store->capacity == 0 ? 16 : store->capacity * 2;
    JI_TRY(ji_realloc(store->mem, &store->objects, store->capacity * sizeof store->objects[0],
            capacity * sizeof store->objects[0], err));
    store->capacity = capacity;
    return JOIST_OK;
}

/* Puts the object under its name; `*old` is what it replaced. Under the lock. */
static enum joist_status put(struct memory_store *store, struct object *object, bool replaces,
        struct object **old, struct joist_error *err)
{
    const size_t at = lower_bound(store, object->path);
    if (at < store->count && strcmp(store->objects[at]->path, object->path) == 0) {
        if (!replaces)
            return ji_fail(err, JOIST_ERR_EXISTS, "memory:%s: exists already", object->path);
        *old = store->objects[at];
        store->objects[at] = object;
        return JOIST_OK;
    }
    JI_TRY(reserve_one(store, err));
    memmove(&store->objects[at + 1], &store->objects[at], (store->count - at) * sizeof store->objects[0]);
    store->objects[at] = object;
    store->count++;
    return JOIST_OK;
}

static enum joist_status sink_commit(void *self, struct joist_error *err)
{
    struct memory_sink *sink = self;
    struct memory_store *store = sink->store;
    struct object *old = NULL;
    sink->object->modified_us = ji_ctx_now_us(store->ctx);
    pthread_mutex_lock(&store->lock);
    const enum joist_status status =
            put(store, sink->object, (sink->mode & JOIST_SINK_REPLACE) != 0, &old, err);
    pthread_mutex_unlock(&store->lock);
    if (status == JOIST_OK)
        sink->object = NULL;
    free_sink(sink);
    if (old != NULL)
        release_object(old);
    return status;
}

static const struct joist_sink_ops sink_ops = {
        .struct_size = sizeof sink_ops,
        .append = sink_append,
        .commit = sink_commit,
        .abort = sink_abort,
};

static enum joist_status check_free(
        struct memory_store *store, const char *path, unsigned mode, struct joist_error *err)
{
    if ((mode & JOIST_SINK_REPLACE) != 0)
        return JOIST_OK;
    pthread_mutex_lock(&store->lock);
    const bool taken = find(store, path) != NULL;
    pthread_mutex_unlock(&store->lock);
    return taken ? ji_fail(err, JOIST_ERR_EXISTS, "memory:%s: exists already", path) : JOIST_OK;
}

static enum joist_status store_open_sink(
        void *self, const char *path, unsigned mode, struct joist_sink *sink, struct joist_error *err)
{
    struct memory_store *store = self;
    JI_TRY(check_free(store, path, mode, err));
    struct memory_sink *made = NULL;
    JI_TRY(ji_alloc_zero(store->mem, 1, sizeof *made, &made, err));
    made->store = store;
    made->mode = mode;
    const size_t path_bytes = strlen(path) + 1;
    const enum joist_status status =
            ji_alloc_zero(store->mem, 1, sizeof *made->object + path_bytes, &made->object, err);
    if (status != JOIST_OK) {
        ji_free(store->mem, made, sizeof *made);
        return status;
    }
    made->object->mem = store->mem;
    atomic_init(&made->object->references, 1);
    made->object->path_bytes = path_bytes;
    ji_bytes_init(&made->object->chunks, store->mem);
    memcpy(made->object->path, path, path_bytes);
    *sink = (struct joist_sink){.ops = &sink_ops, .self = made};
    return JOIST_OK;
}

/* Nothing here outlives the process: every name is as durable as it gets. */
static enum joist_status store_sync_folder(void *self, const char *folder, struct joist_error *err)
{
    (void)self;
    (void)folder;
    (void)err;
    return JOIST_OK;
}

/* Copies the first path at or behind `*path` (behind it where `found` already) that starts with `prefix`. */
static enum joist_status next_match(struct memory_store *store, const char *prefix, struct ji_bytes *path,
        struct joist_file_info *info, bool *found, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    pthread_mutex_lock(&store->lock);
    size_t at = lower_bound(store, *found ? (const char *)path->data : prefix);
    if (*found && at < store->count && strcmp(store->objects[at]->path, (const char *)path->data) == 0)
        at++;
    const struct object *object = at < store->count ? store->objects[at] : NULL;
    *found = object != NULL && strncmp(object->path, prefix, strlen(prefix)) == 0;
    if (*found) {
        path->size = 0;
        status = ji_bytes_append(path, object->path, object->path_bytes, err);
        *info = (struct joist_file_info){
                .path = (const char *)path->data, .bytes = object->size, .modified_us = object->modified_us};
    }
    pthread_mutex_unlock(&store->lock);
    return status;
}

static enum joist_status store_list(void *self, const char *prefix,
        enum joist_status (*each)(void *user, const struct joist_file_info *info, struct joist_error *err),
        void *user, struct joist_error *err)
{
    struct memory_store *store = self;
    enum joist_status status = JOIST_OK;
    struct joist_file_info info;
    bool found = false;
    struct ji_bytes path;
    ji_bytes_init(&path, store->mem);
    for (;;) {
        JI_TRY_OUT(next_match(store, prefix, &path, &info, &found, err));
        if (!found)
            break;
        JI_TRY_OUT(each(user, &info, err));
    }
out:
    ji_bytes_clear(&path);
    return status;
}

static enum joist_status store_stat(
        void *self, const char *path, uint64_t *bytes, int64_t *modified_us, struct joist_error *err)
{
    struct memory_store *store = self;
    pthread_mutex_lock(&store->lock);
    const struct object *object = find(store, path);
    if (object != NULL) {
        *bytes = object->size;
        *modified_us = object->modified_us;
    }
    pthread_mutex_unlock(&store->lock);
    if (object == NULL)
        return ji_fail(err, JOIST_ERR_NOT_FOUND, "memory:%s: no such object", path);
    return JOIST_OK;
}

static enum joist_status store_remove(void *self, const char *path, struct joist_error *err)
{
    struct memory_store *store = self;
    pthread_mutex_lock(&store->lock);
    struct object *object = find(store, path);
    if (object != NULL) {
        const size_t at = lower_bound(store, path);
        store->count--;
        memmove(&store->objects[at], &store->objects[at + 1], (store->count - at) * sizeof store->objects[0]);
    }
    pthread_mutex_unlock(&store->lock);
    if (object == NULL)
        return ji_fail(err, JOIST_ERR_NOT_FOUND, "memory:%s: no such object", path);
    release_object(object);
    return JOIST_OK;
}

static void store_close(void *self)
{
    struct memory_store *store = self;
    for (size_t i = 0; i < store->count; i++)
        release_object(store->objects[i]);
    ji_free(store->mem, store->objects, store->capacity * sizeof store->objects[0]);
    pthread_mutex_destroy(&store->lock);
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

enum joist_status joist_memory_store_open(
        struct joist_ctx *ctx, struct joist_store *store, struct joist_error *err)
{
    assert(ctx != NULL && store != NULL);
    struct ji_mem *mem = NULL;
    struct memory_store *made = NULL;
    JI_TRY(ji_mem_open_with(ji_ctx_mem(ctx), "memory store", sizeof *made, &mem, &made, err));
    made->ctx = ctx;
    made->mem = mem;
    pthread_mutex_init(&made->lock, NULL);
    *store = (struct joist_store){.ops = &store_ops, .self = made};
    return JOIST_OK;
}
