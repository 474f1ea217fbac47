/*
 * sort_run.c - rows in order
 *
 *     morsels --> sorter of worker 0 --rows in order--+
 *                 sorter of worker 1 --rows in order--+--merged while they are handed out--> one morsel
 *
 *     beyond a third of the memory:
 *                 sorter of worker 0 --run, run, run--+--merged to few, where an eighth of the memory cannot
 *                 sorter of worker 1 --run, run, run--+  read all at once--> merged while they are handed out
 *
 *   1. Keys end with the row's position (morsel, row), so the order is total and the same whatever worker
 *      had which row, and whatever went to which run.
 *   2. Either no sorter has a run or all rows are in runs: what reads the result (a writer) finds the memory
 *      free but for the buffers of the runs.
 *   3. After the run all is immutable; a cursor has its own place in each source.
 */
#include "scan/sort_run.h"

#include "base/parallel.h"
#include "scan/sort_passes.h"
#include "scan/sort_result.h"
#include "scan/sorter.h"

#define POSITION_ROW_BITS 40
/* Rows that are held take at most this part of the memory; and buffers, while runs become few. */
#define SHARE_PART 3
/* Buffers of the last merge, beside which somebody works on its rows. */
#define MERGE_PART 8
/* What reads the input takes at most this part, as far as the first morsel tells. */
#define INPUT_PART 2
/* A batch of an input of one morsel is cut for the threads where it has so many rows. */
#define CUT_ROWS_MIN 2048

struct sort {
    struct joist_ctx *ctx;
    struct ji_rows_scan *input; /* while it runs */
    const struct ji_sort_options *options;
    struct ji_arena arena;
    struct ji_sorter *sorters;
    size_t sorter_count;
    struct ji_mem *input_mem;
    struct ji_rows_cursor first; /* of morsel 0, begun before the others */
    const struct ji_batch *first_batch;
    uint64_t memory_bytes;
    bool is_cut;    /* one morsel at a time, its batches cut for all sorters */
    uint64_t share; /* of each */
    struct ji_sort_runs runs;
    struct ji_sort_rows rows;
};

static enum joist_status open_sorter(struct sort *sort, size_t index, struct joist_error *err)
{
    struct ji_sorter *sorter = &sort->sorters[index];
    return sorter->mem != NULL ? JOIST_OK
                               : ji_sorter_open(sort->ctx, sort->options, sort->share, sorter, err);
}

/* A batch cut into one part a sorter. */
struct cut {
    struct sort *sort;
    const struct ji_batch *batch;
    uint64_t position;
};

static enum joist_status add_part(void *arg, size_t index, unsigned worker, struct joist_error *err)
{
    const struct cut *cut = arg;
    const size_t rows = cut->batch->selection_count;
    const size_t parts = cut->sort->sorter_count;
    (void)worker;
    JI_TRY(open_sorter(cut->sort, index, err));
    return ji_sorter_add(&cut->sort->sorters[index], cut->batch, rows * index / parts,
            rows * (index + 1) / parts, cut->position, err);
}

static enum joist_status add_batch(struct sort *sort, struct ji_sorter *sorter, const struct ji_batch *batch,
        uint64_t position, struct joist_error *err)
{
    struct cut cut = {.sort = sort, .batch = batch, .position = position};
    if (!sort->is_cut || batch->selection_count < CUT_ROWS_MIN)
        return ji_sorter_add(sorter, batch, 0, batch->selection_count, position, err);
    return ji_parallel(sort->ctx, sort->sorter_count, add_part, &cut, err);
}

static enum joist_status open_morsel(struct sort *sort, size_t morsel, struct ji_rows_cursor *cursor,
        const struct ji_batch **batch, struct joist_error *err)
{
    struct ji_rows_cursor made = {.ops = NULL};
    JI_TRY(sort->input->ops->open(sort->input->self, morsel, sort->input_mem, &made, err));
    const enum joist_status status = made.ops->next(made.self, batch, err);
    if (status == JOIST_OK)
        *cursor = made;
    else
        made.ops->close(made.self);
    return status;
}

static enum joist_status run_morsel(void *arg, size_t morsel, unsigned worker, struct joist_error *err)
{
    struct sort *sort = arg;
    struct ji_rows_cursor cursor = {.ops = NULL};
    const struct ji_batch *batch = NULL;
    uint64_t position = (uint64_t)morsel << POSITION_ROW_BITS;
    enum joist_status status = JOIST_OK;
    if (morsel > 0) {
        JI_TRY(open_morsel(sort, morsel, &cursor, &batch, err));
    } else {
        cursor = sort->first;
        batch = sort->first_batch;
        sort->first.ops = NULL;
    }
    JI_TRY_OUT(open_sorter(sort, worker, err));
    while (batch != NULL) {
        JI_TRY_OUT(ji_cancel_check(sort->options->cancel, err));
        JI_TRY_OUT(add_batch(sort, &sort->sorters[worker], batch, position, err));
        position += batch->row_count;
        JI_TRY_OUT(cursor.ops->next(cursor.self, &batch, err));
    }

out:
    cursor.ops->close(cursor.self);
    return status;
}

/*
 * What one morsel's first batch takes tells whether each thread can have a morsel of its own. Where memory
 * is too short for that, all threads share the batches of one.
 */
static enum joist_status run_morsels(struct sort *sort, size_t morsels, struct joist_error *err)
{
    const uint64_t room = sort->memory_bytes / INPUT_PART;
    if (morsels == 0)
        return JOIST_OK;
    JI_TRY(open_morsel(sort, 0, &sort->first, &sort->first_batch, err));
    sort->is_cut = morsels == 1 || ji_mem_bytes(sort->input_mem) > room / sort->sorter_count;
    if (!sort->is_cut)
        return ji_parallel(sort->ctx, morsels, run_morsel, sort, err);
    for (size_t morsel = 0; morsel < morsels; morsel++)
        JI_TRY(run_morsel(sort, morsel, 0, err));
    return JOIST_OK;
}

static enum joist_status finish_sorter(void *arg, size_t index, unsigned worker, struct joist_error *err)
{
    struct sort *sort = arg;
    struct ji_sorter *sorter = &sort->sorters[index];
    (void)worker;
    if (sorter->mem == NULL)
        return JOIST_OK;
    if (sort->rows.run_count > 0)
        return ji_sorter_spill_rest(sorter, err);
    struct ji_key_spread spread = {.bytes = 0};
    for (size_t other = 0; other < sort->sorter_count; other++)
        ji_key_spread_join(&spread, &sort->sorters[other].spread);
    ji_sorter_finish(sorter, &spread);
    return JOIST_OK;
}

static enum joist_status few_runs(struct sort *sort, struct joist_error *err)
{
    const uint64_t last = sort->memory_bytes / MERGE_PART;
    size_t *room = &sort->rows.buffer_bytes;
    JI_TRY(ji_sort_runs_gather(&sort->runs, sort->ctx, sort->sorters, sort->sorter_count, err));
    JI_TRY(ji_sort_runs_merge(&sort->runs, sort->options, &sort->rows.prefix,
            ji_sort_runs_at_once(&sort->runs, last, room), sort->memory_bytes / SHARE_PART, err));
    (void)ji_sort_runs_at_once(&sort->runs, last, room); /* fewer have more room each */
    sort->rows.runs = sort->runs.runs;
    sort->rows.run_count = sort->runs.count;
    return JOIST_OK;
}

static enum joist_status run_all(struct sort *sort, struct joist_error *err)
{
    const size_t morsels = sort->input->ops->morsel_count(sort->input->self);
    const uint64_t limit = sort->memory_bytes;
    struct ji_key_spread spread = {.bytes = 0};
    for (size_t key = 0; key < sort->options->key_count; key++)
        JI_TRY(ji_sort_key_check(&sort->options->keys[key]->type, err));
    sort->share = limit == UINT64_MAX ? UINT64_MAX : limit / SHARE_PART / sort->sorter_count;
    JI_TRY(ji_row_layout_make(&sort->arena, sort->options->schema, &sort->rows.layout, err));
    JI_TRY(ji_alloc_zero(
            ji_ctx_mem(sort->ctx), sort->sorter_count, sizeof *sort->sorters, &sort->sorters, err));
    JI_TRY(ji_mem_open(ji_ctx_mem(sort->ctx), "sort input", &sort->input_mem, err));
    JI_TRY(run_morsels(sort, morsels, err));
    for (size_t index = 0; index < sort->sorter_count; index++) {
        ji_key_spread_join(&spread, &sort->sorters[index].spread);
        sort->rows.run_count += sort->sorters[index].run_count;
    }
    sort->rows.prefix = ji_key_prefix_of(&spread);
    JI_TRY(ji_parallel(sort->ctx, sort->sorter_count, finish_sorter, sort, err));
    sort->rows.sorters = sort->sorters;
    sort->rows.sorter_count = sort->sorter_count;
    return sort->rows.run_count > 0 ? few_runs(sort, err) : JOIST_OK;
}

static enum joist_status sort_open(
        void *self, size_t morsel, struct ji_mem *mem, struct ji_rows_cursor *cursor, struct joist_error *err)
{
    struct sort *sort = self;
    (void)morsel;
    return ji_sort_result_open(&sort->rows, mem, cursor, err);
}

/* Of the input nothing is needed any more. */
static void close_input(struct sort *sort)
{
    if (sort->first.ops != NULL)
        sort->first.ops->close(sort->first.self);
    ji_mem_close(sort->input_mem);
    sort->first.ops = NULL;
    sort->input_mem = NULL;
    sort->input = NULL;
}

static void sort_close(void *self)
{
    struct sort *sort = self;
    struct ji_mem *mem = ji_ctx_mem(sort->ctx);
    ji_sort_runs_clear(&sort->runs);
    for (size_t index = 0; sort->sorters != NULL && index < sort->sorter_count; index++)
        ji_sorter_close(&sort->sorters[index]);
    ji_free(mem, sort->sorters, sort->sorters == NULL ? 0 : sort->sorter_count * sizeof *sort->sorters);
    ji_arena_clear(&sort->arena);
    ji_free(mem, sort, sizeof *sort);
}

enum joist_status ji_sort_run(struct joist_ctx *ctx, struct ji_rows_scan *input,
        const struct ji_sort_options *options, struct ji_rows_scan *result, struct joist_error *err)
{
    static const struct ji_rows_scan_ops ops = {ji_one_morsel, sort_open, ji_no_counters, sort_close};
    struct sort *made = NULL;
    JI_TRY(ji_alloc_zero(ji_ctx_mem(ctx), 1, sizeof *made, &made, err));
    made->ctx = ctx;
    made->input = input;
    made->options = options;
    made->sorter_count = ji_ctx_threads(ctx);
    made->memory_bytes = options->memory_bytes != 0 ? options->memory_bytes : ji_mem_limit(ji_ctx_mem(ctx));
    made->rows.ctx = ctx;
    made->rows.options = options;
    ji_arena_init(&made->arena, ji_ctx_mem(ctx));
    const enum joist_status status = run_all(made, err);
    close_input(made);
    if (status != JOIST_OK) {
        if (status == JOIST_ERR_LIMIT || status == JOIST_ERR_IO)
            ji_error_prefix(err, "sort");
        sort_close(made);
        return status;
    }
    result->ops = &ops;
    result->self = made;
    return JOIST_OK;
}
