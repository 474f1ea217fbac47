/*
 * ctx.c - what every object is opened with
 *
 *   1. A context is counted; the last joist_ctx_close frees it, on whatever thread.
 *   2. Order of the end: threads joined, stores closed, pools closed, root closed.
 *   3. Nothing in it changes after open but the counters and the store table.
 */
#include "base/ctx.h"

#include "base/executor.h"
#include "base/limits.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define LOG_BYTES_MAX 1024
#define SCHEME_BYTES_MAX 16
#define THREADS_MAX 256
#define SCRATCH_FOLDER_DEFAULT "/var/tmp"
#define RANDOM_BYTES_MAX ((size_t)256) /* what getrandom gives whole, whatever signals come */

struct scheme_entry {
    char scheme[SCHEME_BYTES_MAX];
    struct joist_store store;
};

struct joist_ctx {
    struct ji_mem *root;
    struct ji_mem *exported;
    atomic_size_t references;
    unsigned threads;
    struct ji_executor *bundled; /* NULL: none */
    struct joist_executor foreign;
    struct joist_clock clock;
    struct joist_random random;
    struct joist_logger logger;
    char *scratch_folder; /* NULL: none */
    uint64_t scratch_bytes_max;
    atomic_uint_fast64_t scratch_bytes;
    pthread_mutex_t stores_lock; /* recursive: the defaults are added while it is held */
    bool stores_begun;
    size_t store_count;
    struct scheme_entry stores[JI_STORE_SCHEMES_MAX];
};

const char *joist_version(void)
{
#define TEXT_OF(x) #x
#define VERSION_TEXT(a, b, c) TEXT_OF(a) "." TEXT_OF(b) "." TEXT_OF(c)
    return VERSION_TEXT(JOIST_VERSION_MAJOR, JOIST_VERSION_MINOR, JOIST_VERSION_PATCH);
}

static int64_t system_now_us(void *user)
{
    (void)user;
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool system_random(void *user, void *out, size_t bytes)
{
    (void)user;
    uint8_t *to = out;
    while (bytes > 0) {
        const ssize_t got = getrandom(to, bytes < RANDOM_BYTES_MAX ? bytes : RANDOM_BYTES_MAX, 0);
        if (got < 0 && errno != EINTR)
            return false;
        if (got > 0) {
            to += got;
            bytes -= (size_t)got;
        }
    }
    return true;
}

/* A caller built against an older header gives a shorter struct: the rest is zero, its default. */
static enum joist_status copy_options(
        const struct joist_ctx_options *from, struct joist_ctx_options *options, struct joist_error *err)
{
    *options = (struct joist_ctx_options){.struct_size = sizeof *options};
    if (from == NULL)
        return JOIST_OK;
    if (from->struct_size < sizeof from->struct_size)
        return ji_fail(err, JOIST_ERR_INVALID, "joist_ctx_options.struct_size is not set");
    if (from->struct_size > sizeof *options)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "joist_ctx_options of %zu bytes is from a newer header",
                from->struct_size);
    memcpy(options, from, from->struct_size);
    if (options->threads > THREADS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "%u threads, at most %d", options->threads, THREADS_MAX);
    if (options->allocator != NULL && (options->allocator->alloc == NULL || options->allocator->free == NULL))
        return ji_fail(err, JOIST_ERR_INVALID, "an allocator needs both alloc and free");
    if (options->executor != NULL && options->executor->submit == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "an executor needs submit");
    return JOIST_OK;
}

static void fill_parts(struct joist_ctx *ctx, const struct joist_ctx_options *options)
{
    ctx->clock.now_us = system_now_us;
    if (options->clock != NULL)
        ctx->clock = *options->clock;
    ctx->random.fill = system_random;
    if (options->random != NULL)
        ctx->random = *options->random;
    if (options->logger != NULL)
        ctx->logger = *options->logger;
    ctx->threads = options->threads > 1 ? options->threads : 1;
    if (options->executor != NULL) {
        ctx->foreign = *options->executor;
        /* The thread that calls is one of those that work. */
        ctx->threads =
                options->executor->threads < THREADS_MAX ? options->executor->threads + 1 : THREADS_MAX;
    }
}

static enum joist_status copy_scratch(
        struct joist_ctx *ctx, const struct joist_ctx_options *options, struct joist_error *err)
{
    const char *folder = options->scratch_folder != NULL ? options->scratch_folder : SCRATCH_FOLDER_DEFAULT;
    const size_t size = strlen(folder) + 1;
    ctx->scratch_bytes_max = options->scratch_bytes_max != 0 ? options->scratch_bytes_max : UINT64_MAX;
    atomic_init(&ctx->scratch_bytes, 0);
    if (size == 1)
        return JOIST_OK;
    JI_TRY(ji_alloc(ctx->root, size, &ctx->scratch_folder, err));
    memcpy(ctx->scratch_folder, folder, size);
    return JOIST_OK;
}

static void drop_scratch(struct joist_ctx *ctx)
{
    if (ctx->scratch_folder != NULL)
        ji_free(ctx->root, ctx->scratch_folder, strlen(ctx->scratch_folder) + 1);
}

static enum joist_status open_root(
        const struct joist_ctx_options *options, struct ji_mem **root, struct joist_error *err)
{
    struct ji_mem_root_options root_options = {
            .allocator = options->allocator != NULL ? *options->allocator : ji_system_allocator(),
            .bytes_max = options->memory_bytes_max,
            .keep_warm_bytes = options->keep_warm_bytes,
    };
    if (root_options.bytes_max == 0)
        root_options.bytes_max = ji_memory_default("");
    if (root_options.keep_warm_bytes == 0)
        root_options.keep_warm_bytes = root_options.bytes_max / 4;
    return ji_mem_root_open(&root_options, root, err);
}

enum joist_status joist_ctx_open(
        const struct joist_ctx_options *options, struct joist_ctx **ctx, struct joist_error *err)
{
    assert(ctx != NULL);
    struct joist_ctx_options whole;
    JI_TRY(copy_options(options, &whole, err));
    struct ji_mem *root = NULL;
    JI_TRY(open_root(&whole, &root, err));

    enum joist_status status = JOIST_OK;
    struct ji_mem *exported = NULL;
    struct joist_ctx *made = NULL;
    JI_TRY_OUT(ji_mem_open(root, "exported", &exported, err));
    JI_TRY_OUT(ji_alloc_zero(root, 1, sizeof *made, &made, err));
    made->exported = exported;
    made->root = root;
    JI_TRY_OUT(copy_scratch(made, &whole, err));
    atomic_init(&made->references, 1);
    fill_parts(made, &whole);
    if (whole.executor == NULL && made->threads > 1)
        JI_TRY_OUT(ji_executor_open(root, made->threads - 1, &made->bundled, err));
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&made->stores_lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
    *ctx = made;
    return JOIST_OK;

out:
    if (made != NULL)
        drop_scratch(made);
    ji_free(root, made, sizeof *made);
    ji_mem_close(exported);
    ji_mem_root_close(root);
    return status;
}

static void free_ctx(void *arg)
{
    struct joist_ctx *ctx = arg;
    for (size_t i = 0; i < ctx->store_count; i++) {
        if (ctx->stores[i].store.ops->close != NULL)
            ctx->stores[i].store.ops->close(ctx->stores[i].store.self);
    }
    pthread_mutex_destroy(&ctx->stores_lock);
    struct ji_mem *root = ctx->root;
    ji_mem_close(ctx->exported);
    drop_scratch(ctx);
    ji_free(root, ctx, sizeof *ctx);
    ji_mem_root_close(root);
}

void joist_ctx_close(struct joist_ctx *ctx)
{
    if (ctx == NULL || atomic_fetch_sub_explicit(&ctx->references, 1, memory_order_acq_rel) > 1)
        return;
    if (ctx->bundled != NULL)
        ji_executor_close(ctx->bundled, free_ctx, ctx);
    else
        free_ctx(ctx);
}

struct joist_ctx *ji_ctx_retain(struct joist_ctx *ctx)
{
    atomic_fetch_add_explicit(&ctx->references, 1, memory_order_relaxed);
    return ctx;
}

struct joist_memory_use joist_ctx_memory(const struct joist_ctx *ctx)
{
    return (struct joist_memory_use){
            .bytes = ji_mem_root_reserved(ctx->root),
            .bytes_peak = ji_mem_root_peak(ctx->root),
            .bytes_max = ji_mem_limit(ctx->root),
    };
}

struct ji_mem *ji_ctx_mem(struct joist_ctx *ctx)
{
    return ctx->root;
}

struct ji_mem *ji_ctx_exported(struct joist_ctx *ctx)
{
    return ctx->exported;
}

int64_t ji_ctx_now_us(struct joist_ctx *ctx)
{
    return ctx->clock.now_us(ctx->clock.user);
}

enum joist_status ji_ctx_random(struct joist_ctx *ctx, void *out, size_t bytes, struct joist_error *err)
{
    if (!ctx->random.fill(ctx->random.user, out, bytes))
        return ji_fail(err, JOIST_ERR_IO, "the random source gave no bytes");
    return JOIST_OK;
}

unsigned ji_ctx_threads(const struct joist_ctx *ctx)
{
    return ctx->threads;
}

void ji_ctx_submit(struct joist_ctx *ctx, void (*run)(void *arg), void *arg)
{
    if (ctx->bundled != NULL)
        ji_executor_submit(ctx->bundled, run, arg);
    else if (ctx->foreign.submit != NULL)
        ctx->foreign.submit(ctx->foreign.user, run, arg);
    else
        run(arg);
}

size_t ji_ctx_withdraw(struct joist_ctx *ctx, const void *arg, bool *all_begun)
{
    *all_begun = ctx->foreign.submit == NULL;
    return ctx->bundled != NULL ? ji_executor_withdraw(ctx->bundled, arg) : 0;
}

void ji_log(struct joist_ctx *ctx, enum joist_log_level level, const char *format, ...)
{
    if (ctx->logger.log == NULL || level > ctx->logger.level || level == JOIST_LOG_NONE)
        return;
    char text[LOG_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    const int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size < 0)
        return;
    for (char *at = text; *at != '\0'; at++) {
        if (*at == '\n' || *at == '\r')
            *at = ' ';
    }
    ctx->logger.log(ctx->logger.user, level, text);
}

const char *ji_ctx_scratch_folder(const struct joist_ctx *ctx)
{
    return ctx->scratch_folder;
}

enum joist_status ji_ctx_scratch_take(struct joist_ctx *ctx, uint64_t bytes, struct joist_error *err)
{
    const uint64_t before = atomic_fetch_add_explicit(&ctx->scratch_bytes, bytes, memory_order_relaxed);
    if (bytes <= ctx->scratch_bytes_max && before <= ctx->scratch_bytes_max - bytes)
        return JOIST_OK;
    ji_ctx_scratch_give(ctx, bytes);
    return ji_fail(err, JOIST_ERR_LIMIT, "scratch files of more than %" PRIu64 " bytes in %s",
            ctx->scratch_bytes_max, ctx->scratch_folder != NULL ? ctx->scratch_folder : "no folder");
}

void ji_ctx_scratch_give(struct joist_ctx *ctx, uint64_t bytes)
{
    atomic_fetch_sub_explicit(&ctx->scratch_bytes, bytes, memory_order_relaxed);
}

static struct scheme_entry *find_entry(struct joist_ctx *ctx, const char *scheme)
{
    for (size_t i = 0; i < ctx->store_count; i++) {
        if (strcmp(ctx->stores[i].scheme, scheme) == 0)
            return &ctx->stores[i];
    }
    return NULL;
}

enum joist_status ji_ctx_store_add(
        struct joist_ctx *ctx, const char *scheme, struct joist_store store, struct joist_error *err)
{
    assert(store.ops != NULL);
    const size_t size = strlen(scheme);
    if (size == 0 || size >= SCHEME_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_INVALID, "scheme '%.40s' has not 1 to %d characters", scheme,
                SCHEME_BYTES_MAX - 1);
    enum joist_status status = JOIST_OK;
    pthread_mutex_lock(&ctx->stores_lock);
    if (find_entry(ctx, scheme) != NULL) {
        status = ji_fail(err, JOIST_ERR_EXISTS, "there is a store for scheme '%s' already", scheme);
    } else if (ctx->store_count == JI_STORE_SCHEMES_MAX) {
        status = ji_fail(err, JOIST_ERR_LIMIT, "more than %d stores", JI_STORE_SCHEMES_MAX);
    } else {
        struct scheme_entry *entry = &ctx->stores[ctx->store_count++];
        memcpy(entry->scheme, scheme, size + 1);
        entry->store = store;
    }
    pthread_mutex_unlock(&ctx->stores_lock);
    return status;
}

struct joist_store ji_ctx_store_find(struct joist_ctx *ctx, const char *scheme)
{
    pthread_mutex_lock(&ctx->stores_lock);
    const struct scheme_entry *entry = find_entry(ctx, scheme);
    const struct joist_store store =
            entry != NULL ? entry->store : (struct joist_store){.ops = NULL, .self = NULL};
    pthread_mutex_unlock(&ctx->stores_lock);
    return store;
}

enum joist_status ji_ctx_stores_once(struct joist_ctx *ctx,
        enum joist_status (*add)(struct joist_ctx *ctx, struct joist_error *err), struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    pthread_mutex_lock(&ctx->stores_lock);
    if (!ctx->stores_begun) {
        status = add(ctx, err);
        ctx->stores_begun = status == JOIST_OK;
    }
    pthread_mutex_unlock(&ctx->stores_lock);
    return status;
}

enum joist_status ji_cancel_check(const struct joist_cancel *cancel, struct joist_error *err)
{
    if (cancel == NULL || !joist_cancel_requested(cancel))
        return JOIST_OK;
    return ji_fail(err, JOIST_ERR_CANCELLED, "cancelled");
}
