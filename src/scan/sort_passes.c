/*
 * sort_passes.c - many runs become few enough to be merged at once
 *
 *     runs   0 1 2 3 4 5 6 7 8 9      at most 6 are wanted, 4 can be read at once by each thread
 *     pass  [0 1 2] [3 4 5] 6 7 8 9   groups of neighbours; no more than is needed is read and written again
 *
 * Rows are in order by keys that are all different, so that it does not matter which runs meet first.
 */
#include "scan/sort_passes.h"

#include "base/parallel.h"
#include "scan/sort_merge.h"

#define BUFFER_BYTES_LEAST ((size_t)32 << 10)
#define BUFFER_BYTES_MOST ((size_t)1 << 20)

void ji_sort_runs_clear(struct ji_sort_runs *runs)
{
    if (runs->ctx == NULL)
        return;
    struct ji_mem *mem = ji_ctx_mem(runs->ctx);
    const unsigned threads = ji_ctx_threads(runs->ctx);
    for (unsigned i = 0; runs->scratches != NULL && i < threads; i++)
        ji_scratch_close(runs->scratches[i]);
    ji_free(mem, runs->scratches, runs->scratches == NULL ? 0 : threads * sizeof *runs->scratches);
    ji_free(mem, runs->runs, runs->runs == NULL ? 0 : runs->room * sizeof *runs->runs);
    *runs = (struct ji_sort_runs){.ctx = NULL};
}

enum joist_status ji_sort_runs_gather(struct ji_sort_runs *runs, struct joist_ctx *ctx,
        const struct ji_sorter *sorters, size_t sorter_count, struct joist_error *err)
{
    struct ji_sort_runs made = {.ctx = ctx};
    struct ji_mem *mem = ji_ctx_mem(ctx);
    for (size_t i = 0; i < sorter_count; i++)
        made.room += sorters[i].run_count;
    JI_TRY(ji_alloc_array(mem, made.room, sizeof *made.runs, &made.runs, err));
    const enum joist_status status =
            ji_alloc_zero(mem, ji_ctx_threads(ctx), sizeof *made.scratches, &made.scratches, err);
    if (status != JOIST_OK) {
        ji_sort_runs_clear(&made);
        return status;
    }
    for (size_t i = 0; i < sorter_count; i++) {
        for (size_t run = 0; run < sorters[i].run_count; run++)
            made.runs[made.count++] = sorters[i].runs[run];
    }
    *runs = made;
    return JOIST_OK;
}

/* What a reader's buffer takes: slabs are powers of two. */
static uint64_t slab_of(uint64_t bytes)
{
    uint64_t slab = JI_SLAB_BYTES_MIN;
    while (slab < bytes && slab < JI_SLAB_BYTES_MAX)
        slab *= 2;
    return slab < bytes ? bytes : slab;
}

size_t ji_sort_runs_at_once(const struct ji_sort_runs *runs, uint64_t bytes, size_t *buffer_bytes)
{
    size_t row_bytes_max = 0;
    for (size_t i = 0; i < runs->count; i++)
        row_bytes_max = ji_max_size(row_bytes_max, runs->runs[i].row_bytes_max);
    const uint64_t least = slab_of(ji_max_size(BUFFER_BYTES_LEAST, row_bytes_max));
    const uint64_t count = ji_min_u64(bytes / least, runs->count);
    const size_t at_once = count < 2 ? 2 : (size_t)count;
    size_t buffer = BUFFER_BYTES_LEAST;
    while (buffer < BUFFER_BYTES_MOST && 2 * buffer <= bytes / at_once)
        buffer *= 2;
    *buffer_bytes = buffer;
    return at_once;
}

/* One pass: group g is `sizes[g]` neighbours. */
struct pass {
    const struct ji_sort_options *options;
    const struct ji_key_prefix *prefix;
    const struct ji_sort_runs *runs;
    size_t group_runs; /* all groups but the last have so many */
    size_t grouped;    /* runs in groups: the first ones */
    size_t buffer_bytes;
    struct ji_sort_spill *merged; /* one a group */
};

static size_t group_count(const struct pass *pass)
{
    return (pass->grouped + pass->group_runs - 1) / pass->group_runs;
}

static enum joist_status write_merged(struct ji_sort_merge *merge, const struct ji_sort_options *options,
        struct ji_spill_writer *writer, struct joist_error *err)
{
    uint64_t left = options->limit == 0 ? UINT64_MAX : options->limit;
    for (; left > 0 && ji_sort_merge_peek(merge) != NULL; left--) {
        JI_TRY(ji_spill_writer_add(writer, ji_sort_merge_peek(merge), err));
        JI_TRY(ji_sort_merge_pop(merge, err));
    }
    return JOIST_OK;
}

static enum joist_status merge_group(void *arg, size_t group, unsigned worker, struct joist_error *err)
{
    struct pass *pass = arg;
    struct joist_ctx *ctx = pass->runs->ctx;
    struct ji_scratch **scratch = &pass->runs->scratches[worker];
    const size_t first = group * pass->group_runs;
    const size_t count = ji_min_size(pass->group_runs, pass->grouped - first);
    struct ji_mem *mem = ji_ctx_mem(ctx);
    struct ji_sort_merge merge = {.mem = NULL};
    struct ji_spill_writer writer;
    enum joist_status status = JOIST_OK;
    uint8_t *buffer = NULL;
    size_t room = 0;
    if (*scratch == NULL)
        JI_TRY(ji_scratch_open(ctx, mem, scratch, err));
    JI_TRY_OUT(ji_slab_alloc(mem, pass->buffer_bytes, &buffer, &room, err));
    JI_TRY_OUT(ji_sort_merge_open(&merge, mem, pass->prefix, count, err));
    for (size_t i = 0; i < count; i++)
        JI_TRY_OUT(ji_sort_merge_add_run(&merge, &pass->runs->runs[first + i], pass->buffer_bytes, err));
    ji_sort_merge_begin(&merge);
    ji_spill_writer_begin(&writer, *scratch, buffer, room, pass->options->cancel);
    JI_TRY_OUT(write_merged(&merge, pass->options, &writer, err));
    JI_TRY_OUT(ji_spill_writer_end(&writer, &pass->merged[group], err));

out:
    ji_sort_merge_close(&merge);
    if (buffer != NULL)
        ji_slab_free(mem, buffer, room);
    return status;
}

/* The groups' runs give way to what they became, which comes last. */
static void replace(struct ji_sort_runs *runs, const struct pass *pass)
{
    const size_t groups = group_count(pass);
    memmove(runs->runs, runs->runs + pass->grouped, (runs->count - pass->grouped) * sizeof *runs->runs);
    runs->count -= pass->grouped;
    memcpy(runs->runs + runs->count, pass->merged, groups * sizeof *runs->runs);
    runs->count += groups;
}

enum joist_status ji_sort_runs_merge(struct ji_sort_runs *runs, const struct ji_sort_options *options,
        const struct ji_key_prefix *prefix, size_t most, uint64_t bytes, struct joist_error *err)
{
    struct ji_mem *mem = ji_ctx_mem(runs->ctx);
    const size_t threads = ji_ctx_threads(runs->ctx);
    struct pass pass = {.options = options, .prefix = prefix, .runs = runs};
    while (runs->count > most) {
        const size_t at_once = ji_sort_runs_at_once(runs, bytes / threads, &pass.buffer_bytes);
        /* A group of n makes n - 1 fewer. */
        const size_t excess = runs->count - most;
        const size_t share = (excess + threads - 1) / threads + 1;
        pass.group_runs = ji_min_size(at_once, share);
        const size_t groups = (excess + pass.group_runs - 2) / (pass.group_runs - 1);
        pass.grouped = ji_min_size(runs->count, excess + groups);
        const size_t merged = group_count(&pass);
        JI_TRY(ji_alloc_array(mem, merged, sizeof *pass.merged, &pass.merged, err));
        const enum joist_status status = ji_parallel(runs->ctx, merged, merge_group, &pass, err);
        if (status == JOIST_OK)
            replace(runs, &pass);
        ji_free(mem, pass.merged, merged * sizeof *pass.merged);
        JI_TRY(status);
    }
    return JOIST_OK;
}
