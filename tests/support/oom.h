/*
 * oom.h - the n-th allocation fails, for every n
 *
 *     static enum joist_status body(struct joist_ctx *ctx, void *arg, struct joist_error *err) ...
 *     oom_sweep(body, arg);
 *
 * The sweep opens a context on an allocator that fails its n-th call, runs the body, closes the
 * context, and goes on with n + 1 until a run meets no failure. It fails the test where a failing run
 * ends in a status other than OK, NO_MEMORY or LIMIT, where the run without failure is not OK, and where a
 * byte was not given back. A second sweep lets every call from the n-th on fail.
 *
 * The body returns the status of its first failing call, after it has freed all that it holds.
 */
#ifndef JI_OOM_H
#define JI_OOM_H

#include "support/test.h"

#include <stdatomic.h>

struct oom_allocator {
    atomic_uint_fast64_t calls;
    atomic_uint_fast64_t bytes; /* handed out and not yet back */
    atomic_uint_fast64_t failures;
    uint64_t fail_at; /* 1-based; 0: never */
    bool from_then_on;
};

/* Hands out the system's memory; `state` lives longer than what is allocated. */
struct joist_allocator oom_allocator(struct oom_allocator *state);

typedef enum joist_status (*oom_body)(struct joist_ctx *ctx, void *arg, struct joist_error *err);

/* One thread, a limit of 64 MiB, no warm slabs. */
void oom_sweep(oom_body body, void *arg);
/* For bodies with many allocations: each n up to 500, then prime steps. */
void oom_sweep_sparse(oom_body body, void *arg);

#endif
