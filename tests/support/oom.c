/*
 * oom.c - the n-th allocation fails, for every n
 */
#include "support/oom.h"

#include "base/mem.h"

#include <inttypes.h>

#define LIMIT_BYTES ((uint64_t)64 << 20)
#define EVERY_N_UNTIL 500
#define ROUNDS_MAX 200000

static bool fires(struct oom_allocator *state)
{
    const uint64_t call = atomic_fetch_add(&state->calls, 1) + 1;
    if (state->fail_at == 0 || (state->from_then_on ? call < state->fail_at : call != state->fail_at))
        return false;
    atomic_fetch_add(&state->failures, 1);
    return true;
}

static void *counted_alloc(void *user, size_t bytes, size_t alignment)
{
    struct oom_allocator *state = user;
    if (fires(state))
        return NULL;
    const struct joist_allocator system = ji_system_allocator();
    void *block = system.alloc(system.user, bytes, alignment);
    if (block != NULL)
        atomic_fetch_add(&state->bytes, bytes);
    return block;
}

static void counted_free(void *user, void *memory, size_t bytes)
{
    struct oom_allocator *state = user;
    const struct joist_allocator system = ji_system_allocator();
    atomic_fetch_sub(&state->bytes, bytes);
    system.free(system.user, memory, bytes);
}

struct joist_allocator oom_allocator(struct oom_allocator *state)
{
    return (struct joist_allocator){.user = state, .alloc = counted_alloc, .free = counted_free};
}

/* One run; true where an allocation failed in it. */
static bool run_once(oom_body body, void *arg, uint64_t n, bool from_then_on)
{
    struct oom_allocator state = {.fail_at = n, .from_then_on = from_then_on};
    const struct joist_allocator allocator = oom_allocator(&state);
    /* The least warm limit that there is: 0 would be the default. */
    struct joist_ctx_options options = {.struct_size = sizeof options,
            .memory_bytes_max = LIMIT_BYTES,
            .keep_warm_bytes = 1,
            .allocator = &allocator};
    struct joist_ctx *ctx = NULL;
    struct joist_error err = {.status = JOIST_OK};
    enum joist_status status = joist_ctx_open(&options, &ctx, &err);
    if (status == JOIST_OK) {
        status = body(ctx, arg, &err);
        joist_ctx_close(ctx);
    }
    const bool fired = state.failures > 0;
    if (state.bytes != 0)
        fail_msg("allocation %" PRIu64 " failed: %" PRIu64 " bytes were not given back", n,
                (uint64_t)state.bytes);
    if (!fired && status != JOIST_OK)
        fail_msg("without a failure: %s: %s", joist_status_name(status), err.text);
    if (fired && status != JOIST_OK && status != JOIST_ERR_NO_MEMORY && status != JOIST_ERR_LIMIT)
        fail_msg("allocation %" PRIu64 " failed: %s: %s", n, joist_status_name(status), err.text);
    return fired;
}

static void sweep(oom_body body, void *arg, bool sparse, bool from_then_on)
{
    uint64_t step = 1;
    uint64_t rounds = 0;
    for (uint64_t n = 1; run_once(body, arg, n, from_then_on); n += step) {
        if (++rounds > ROUNDS_MAX)
            fail_msg("the sweep does not end");
        if (sparse && n >= EVERY_N_UNTIL)
            step = n < 10 * EVERY_N_UNTIL ? 37 : 997;
    }
}

void oom_sweep(oom_body body, void *arg)
{
    sweep(body, arg, false, false);
    sweep(body, arg, false, true);
}

void oom_sweep_sparse(oom_body body, void *arg)
{
    sweep(body, arg, true, false);
    sweep(body, arg, true, true);
}
