/*
 * sort_run.c - rows in order
 *
 *     morsels --> sorter of worker 0 --sorted--+
 *                 sorter of worker 1 --sorted--+--merged while they are handed out--> one morsel
 *
 *   1. Keys end with the row's position (morsel, row), so the order is total and the same whatever worker
 *      had which row.
 *   2. After the run the sorters are immutable; a cursor has its own place in each.
 */
#include "scan/sort_run.h"

#include "base/parallel.h"
#include "scan/sorter.h"

#define POSITION_ROW_BITS 40
#define RESULT_ROWS 8192

struct sort {
    struct joist_ctx *ctx;
    struct ji_rows_scan *input; /* while it runs */
    const struct ji_sort_options *options;
    struct ji_sorter *sorters;
    unsigned sorter_count;
};

struct sort_cursor {
    const struct sort *sort;
    struct ji_mem *mem;
    struct ji_arena arena;       /* as long as the cursor */
    struct ji_arena batch_arena; /* as long as a batch */
    size_t *at;                  /* one a sorter */
    uint64_t left;
    struct ji_column_builder *builders;
    size_t builder_count;
    struct ji_batch batch;
};

static enum joist_status run_morsel(void *arg, size_t morsel, unsigned worker, struct joist_error *err)
{
    struct sort *sort = arg;
    struct ji_sorter *sorter = &sort->sorters[worker];
    struct ji_rows_cursor cursor = {0};
    const struct ji_batch *batch = NULL;
    uint64_t position = (uint64_t)morsel << POSITION_ROW_BITS;
    if (sorter->mem == NULL)
        JI_TRY(ji_sorter_open(sort->ctx, sort->options, sorter, err));
    JI_TRY(sort->input->ops->open(sort->input->self, morsel, sorter->mem, &cursor, err));
    enum joist_status status = JOIST_OK;
    for (;;) {
        JI_TRY_OUT(ji_cancel_check(sort->options->cancel, err));
        JI_TRY_OUT(cursor.ops->next(cursor.self, &batch, err));
        if (batch == NULL)
            break;
        JI_TRY_OUT(ji_sorter_add(sorter, batch, position, err));
        position += batch->row_count;
    }

out:
    cursor.ops->close(cursor.self);
    return status;
}

static enum joist_status finish_sorter(void *arg, size_t index, unsigned worker, struct joist_error *err)
{
    struct sort *sort = arg;
    (void)worker;
    return ji_sorter_finish(&sort->sorters[index], err);
}

/* The sorter with the smallest entry that was not handed out; NULL at the end. */
static struct ji_sorter *smallest(const struct sort_cursor *cursor, size_t *index)
{
    struct ji_sorter *best = NULL;
    for (size_t other = 0; other < cursor->sort->sorter_count; other++) {
        struct ji_sorter *sorter = &cursor->sort->sorters[other];
        if (cursor->at[other] == sorter->count)
            continue;
        if (best != NULL &&
                ji_sort_entry_compare(&sorter->entries[sorter->order[cursor->at[other]]],
                        &best->entries[best->order[cursor->at[*index]]]) > 0)
            continue;
        best = sorter;
        *index = other;
    }
    return best;
}

static enum joist_status cursor_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct sort_cursor *cursor = self;
    size_t count = 0;
    ji_arena_reset(&cursor->batch_arena);
    for (size_t column = 0; column < cursor->builder_count; column++)
        ji_column_builder_reset(&cursor->builders[column]);
    JI_TRY(ji_cancel_check(cursor->sort->options->cancel, err));
    while (count < RESULT_ROWS && cursor->left > 0) {
        size_t index = 0;
        const struct ji_sorter *sorter = smallest(cursor, &index);
        if (sorter == NULL)
            break;
        const struct ji_sort_entry *entry = &sorter->entries[sorter->order[cursor->at[index]++]];
        JI_TRY(ji_row_store_take(&sorter->store, entry->chunk, entry->row, cursor->builders, err));
        cursor->left--;
        count++;
    }
    if (count == 0) {
        *batch = NULL;
        return JOIST_OK;
    }
    for (size_t column = 0; column < cursor->builder_count; column++)
        JI_TRY(ji_column_builder_finish(
                &cursor->builders[column], &cursor->batch_arena, &cursor->batch.columns[column], err));
    cursor->batch.row_count = count;
    cursor->batch.selection_count = count;
    *batch = &cursor->batch;
    return JOIST_OK;
}

static void cursor_close(void *self)
{
    struct sort_cursor *cursor = self;
    struct ji_mem *mem = cursor->mem;
    for (size_t column = 0; column < cursor->builder_count; column++)
        ji_column_builder_clear(&cursor->builders[column]);
    ji_arena_clear(&cursor->batch_arena);
    ji_arena_clear(&cursor->arena);
    ji_free(mem, cursor, sizeof *cursor);
}

static enum joist_status prepare(struct sort_cursor *cursor, struct joist_error *err)
{
    const struct ji_schema *schema = cursor->sort->options->schema;
    const size_t columns = schema->column_count;
    struct ji_arena *arena = &cursor->arena;
    JI_TRY(ji_arena_array(arena, cursor->sort->sorter_count, sizeof *cursor->at, &cursor->at, err));
    JI_TRY(ji_arena_array(arena, columns + 1, sizeof *cursor->builders, &cursor->builders, err));
    JI_TRY(ji_arena_array(arena, columns + 1, sizeof *cursor->batch.columns, &cursor->batch.columns, err));
    cursor->batch.column_count = columns;
    for (; cursor->builder_count < columns; cursor->builder_count++)
        JI_TRY(ji_column_builder_init(&cursor->builders[cursor->builder_count], cursor->mem,
                &schema->columns[cursor->builder_count], err));
    return JOIST_OK;
}

static enum joist_status sort_open(
        void *self, size_t morsel, struct ji_mem *mem, struct ji_rows_cursor *cursor, struct joist_error *err)
{
    static const struct ji_rows_cursor_ops ops = {cursor_next, cursor_close};
    struct sort_cursor *made = NULL;
    (void)morsel;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->sort = self;
    made->mem = mem;
    made->left = made->sort->options->limit == 0 ? UINT64_MAX : made->sort->options->limit;
    ji_arena_init(&made->arena, mem);
    ji_arena_init(&made->batch_arena, mem);
    const enum joist_status status = prepare(made, err);
    if (status != JOIST_OK) {
        cursor_close(made);
        return status;
    }
    cursor->ops = &ops;
    cursor->self = made;
    return JOIST_OK;
}

static void sort_close(void *self)
{
    struct sort *sort = self;
    struct ji_mem *mem = ji_ctx_mem(sort->ctx);
    for (unsigned index = 0; sort->sorters != NULL && index < sort->sorter_count; index++)
        ji_sorter_close(&sort->sorters[index]);
    ji_free(mem, sort->sorters, sort->sorters == NULL ? 0 : sort->sorter_count * sizeof *sort->sorters);
    ji_free(mem, sort, sizeof *sort);
}

static enum joist_status run_all(struct sort *sort, struct joist_error *err)
{
    const size_t morsels = sort->input->ops->morsel_count(sort->input->self);
    for (size_t key = 0; key < sort->options->key_count; key++)
        JI_TRY(ji_sort_key_check(&sort->options->keys[key]->type, err));
    JI_TRY(ji_alloc_zero(
            ji_ctx_mem(sort->ctx), sort->sorter_count, sizeof *sort->sorters, &sort->sorters, err));
    JI_TRY(ji_parallel(sort->ctx, morsels, run_morsel, sort, err));
    return ji_parallel(sort->ctx, sort->sorter_count, finish_sorter, sort, err);
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
    const enum joist_status status = run_all(made, err);
    made->input = NULL;
    if (status != JOIST_OK) {
        if (status == JOIST_ERR_LIMIT)
            ji_error_prefix(err, "sort (rows are held in memory)");
        sort_close(made);
        return status;
    }
    result->ops = &ops;
    result->self = made;
    return JOIST_OK;
}
