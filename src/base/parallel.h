/*
 * parallel.h - the same work for many indexes, on the caller's thread and the executor's
 *
 * `run(arg, index, worker, err)` is called once for every index in [0, count), indexes are
 * claimed in rising order, `worker` < ji_ctx_threads(ctx) is the lane that runs it and never
 * runs two at once, so per-worker state needs no lock. Returns when all have ended. After the first
 * failure no new index is claimed and the failure with the lowest index is returned.
 * The caller's thread works too, so that all gets done where the executor never comes.
 * With one thread, or count 1, it is a plain loop.
 */
#ifndef JI_PARALLEL_H
#define JI_PARALLEL_H

#include "base/ctx.h"

typedef enum joist_status (*ji_parallel_fn)(
        void *arg, size_t index, unsigned worker, struct joist_error *err);

enum joist_status ji_parallel(
        struct joist_ctx *ctx, size_t count, ji_parallel_fn run, void *arg, struct joist_error *err);

#endif
