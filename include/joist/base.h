/*
 * joist/base.h - status, error, context, cancellation
 *
 * Every object is opened with a `joist_ctx` and remembers it: allocator, memory
 * limit, threads, clock, random source, log. Nothing is global; two contexts in
 * one process share nothing.
 *
 * Rules that hold for every function of the library:
 *   - it returns a `joist_status`; on failure the outputs are untouched and
 *     `err`, which may be NULL, holds one line of text that says what and where;
 *   - option structs start with `struct_size`; a field left zero has its default;
 *   - close and free functions accept NULL.
 */
#ifndef JOIST_BASE_H
#define JOIST_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define JOIST_API __attribute__((visibility("default")))
#else
#define JOIST_API
#endif

#define JOIST_VERSION_MAJOR 0
#define JOIST_VERSION_MINOR 1
#define JOIST_VERSION_PATCH 0

/* What the caller can do about it; the text of the error says what happened. */
enum joist_status {
    JOIST_OK = 0,
    JOIST_ERR_INVALID,     /* the call, the expression or the row is wrong: mend it */
    JOIST_ERR_UNSUPPORTED, /* right, but not to be had here; the text names the feature */
    JOIST_ERR_CORRUPT,     /* the bytes break their own format */
    JOIST_ERR_IO,          /* the world failed: `os_errno` says how */
    JOIST_ERR_NOT_FOUND,
    JOIST_ERR_EXISTS,
    JOIST_ERR_CONFLICT,  /* somebody else was first: look again, then retry */
    JOIST_ERR_NO_MEMORY, /* the allocator said no */
    JOIST_ERR_LIMIT,     /* a limit that the user set, or a named one of ours */
    JOIST_ERR_TIMEOUT,
    JOIST_ERR_CANCELLED,
    JOIST_ERR_DENIED,   /* permission */
    JOIST_ERR_INTERNAL, /* a bug of ours */
};

#define JOIST_ERROR_TEXT_MAX 1024

/* Fixed in size, so that making one never allocates. */
struct joist_error {
    enum joist_status status;
    int os_errno; /* 0, or errno of the call that failed */
    char text[JOIST_ERROR_TEXT_MAX];
};

/* "INVALID", "CORRUPT", ...: static text, never NULL. */
JOIST_API const char *joist_status_name(enum joist_status status);
/* "0.1.0": static text. */
JOIST_API const char *joist_version(void);

/*
 * The caller's memory. `alloc` returns `bytes` bytes aligned to `alignment` (a
 * power of two) or NULL; `free` takes the same size back. Both are called from
 * any thread that works for the context.
 */
struct joist_allocator {
    void *user;
    void *(*alloc)(void *user, size_t bytes, size_t alignment);
    void (*free)(void *user, void *memory, size_t bytes);
};

/* Wall clock in microseconds since 1970 UTC. */
struct joist_clock {
    void *user;
    int64_t (*now_us)(void *user);
};

/* Fills `bytes` bytes with random ones; false where it cannot. */
struct joist_random {
    void *user;
    bool (*fill)(void *user, void *out, size_t bytes);
};

enum joist_log_level { JOIST_LOG_NONE = 0, JOIST_LOG_ERROR, JOIST_LOG_WARN, JOIST_LOG_INFO, JOIST_LOG_DEBUG };

/* Called with one line without its newline, from any thread, never re-entered by us. */
struct joist_logger {
    void *user;
    enum joist_log_level level;
    void (*log)(void *user, enum joist_log_level level, const char *text);
};

/*
 * Somebody's threads. `submit` runs `run(arg)` some time on some thread; it may
 * run it at once. The library's progress never depends on it: the thread that
 * calls does all the work itself if need be. `threads` is how many run at once.
 */
struct joist_executor {
    void *user;
    unsigned threads;
    void (*submit)(void *user, void (*run)(void *arg), void *arg);
};

struct joist_ctx_options {
    size_t struct_size;
    uint64_t memory_bytes_max; /* 0: min(1 GiB, half of what the machine or cgroup has) */
    unsigned threads; /* 0 or 1: no thread is started; n: a bundled pool of n - 1, the caller being one */
    uint64_t keep_warm_bytes;                /* freed slabs kept for reuse; 0: a quarter of the limit */
    const struct joist_executor *executor;   /* instead of the bundled pool; copied */
    const struct joist_allocator *allocator; /* copied; NULL: the system's */
    const struct joist_clock *clock;         /* copied */
    const struct joist_random *random;       /* copied */
    const struct joist_logger *logger;       /* copied */
    /* Where what does not fit in memory goes, in nameless files; NULL: /var/tmp, "": nowhere. Copied. */
    const char *scratch_folder;
    uint64_t scratch_bytes_max; /* of all such files at a time; 0: what the disk holds */
};

struct joist_ctx;

/*
 * The context is shared and thread-safe. It is counted: `joist_ctx_close` drops
 * the caller's reference, and exported batches hold theirs, so it goes with the last.
 */
JOIST_API enum joist_status joist_ctx_open(
        const struct joist_ctx_options *options, struct joist_ctx **ctx, struct joist_error *err);
JOIST_API void joist_ctx_close(struct joist_ctx *ctx);

/* Bytes now reserved, the most there ever were, and the limit. */
struct joist_memory_use {
    uint64_t bytes;
    uint64_t bytes_peak;
    uint64_t bytes_max;
};
JOIST_API struct joist_memory_use joist_ctx_memory(const struct joist_ctx *ctx);

/*
 * A flag that stops a query, writer or transaction at its next page, batch or
 * 1 MiB of any loop with JOIST_ERR_CANCELLED. May be set from a signal handler or
 * another thread. The caller owns it and keeps it alive as long as what it was given to.
 */
struct joist_cancel {
    volatile int requested;
};
static inline void joist_cancel_request(struct joist_cancel *cancel)
{
    __atomic_store_n(&cancel->requested, 1, __ATOMIC_RELAXED);
}
static inline bool joist_cancel_requested(const struct joist_cancel *cancel)
{
    return __atomic_load_n(&cancel->requested, __ATOMIC_RELAXED) != 0;
}

/* How far a long job is; called now and then from the thread that pulls. Total 0: unknown. */
struct joist_progress {
    void *user;
    void (*report)(void *user, uint64_t bytes_done, uint64_t bytes_total, uint64_t rows_done);
};

#ifdef __cplusplus
}
#endif
#endif
