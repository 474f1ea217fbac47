/*
 * sort_result.c - the rows of a sort as batches
 *
 *     merge --8192 rows each--> slice 0 slice 1 ... --unpacked side by side--> batch, batch, ...
 *
 *   1. One thread merges; as many slices as there are threads become columns at once.
 *   2. Where a slice ends does not depend on the number of threads.
 *   3. Rows of runs are copied into their slice, for the buffers that they were read into go on. Strings of a
 *      batch point into its slice, or into the sorters.
 */
#include "scan/sort_result.h"

#include "base/parallel.h"
#include "scan/sort_merge.h"

#define SLICE_ROWS ((size_t)8192)
#define SLICE_BYTES_LEAST ((size_t)64 << 10)
#define SLICE_BYTES_MOST ((size_t)2 << 20)
/* A slice is at most this part of the memory. */
#define SLICE_PART 64

struct sort_slice {
    struct ji_bytes block;   /* copies of rows of runs */
    struct ji_row_step step; /* SLICE_ROWS at most */
    struct ji_row_column *columns;
    size_t column_count; /* that were begun */
    struct ji_batch batch;
};

struct sort_cursor {
    const struct ji_sort_rows *rows;
    struct ji_mem *mem;
    struct ji_arena arena; /* as long as the cursor */
    struct ji_sort_merge merge;
    uint64_t left;
    size_t slice_bytes;
    struct sort_slice *slices;
    size_t slice_count;
    size_t filled;
    size_t given;
};

/* Rows up to the slice's end; `bytes` is what a slice may hold, but for one larger row. */
static enum joist_status fill_slice(
        struct sort_cursor *cursor, struct sort_slice *slice, struct joist_error *err)
{
    const bool copies = cursor->rows->run_count > 0;
    size_t bytes = 0;
    slice->step.count = 0;
    slice->block.size = 0;
    while (slice->step.count < SLICE_ROWS && cursor->left > 0) {
        const uint8_t *row = ji_sort_merge_peek(&cursor->merge);
        if (row == NULL)
            break;
        const size_t size = ji_row_size(row);
        if (slice->step.count > 0 && bytes + size > cursor->slice_bytes)
            break;
        if (copies) {
            JI_TRY(ji_bytes_append(&slice->block, row, size, err));
            row = slice->block.data + bytes;
        }
        slice->step.bodies[slice->step.count++] = ji_row_body(row);
        bytes += size;
        cursor->left--;
        JI_TRY(ji_sort_merge_pop(&cursor->merge, err));
    }
    return JOIST_OK;
}

static enum joist_status unpack_slice(void *arg, size_t index, unsigned worker, struct joist_error *err)
{
    struct sort_cursor *cursor = arg;
    struct sort_slice *slice = &cursor->slices[index];
    const struct ji_row_layout *layout = &cursor->rows->layout;
    (void)worker;
    for (size_t i = 0; i < slice->step.count; i++)
        slice->step.tails[i] = slice->step.bodies[i] + layout->fixed_bytes;
    for (size_t column = 0; column < slice->column_count; column++)
        JI_TRY(ji_row_unpack(
                layout, column, &slice->step, &slice->columns[column], &slice->batch.columns[column], err));
    slice->batch.row_count = slice->step.count;
    slice->batch.selection_count = slice->step.count;
    return JOIST_OK;
}

static enum joist_status fill(struct sort_cursor *cursor, struct joist_error *err)
{
    cursor->given = 0;
    cursor->filled = 0;
    while (cursor->filled < cursor->slice_count) {
        struct sort_slice *slice = &cursor->slices[cursor->filled];
        JI_TRY(fill_slice(cursor, slice, err));
        if (slice->step.count == 0)
            break;
        cursor->filled++;
    }
    return ji_parallel(cursor->rows->ctx, cursor->filled, unpack_slice, cursor, err);
}

static enum joist_status cursor_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct sort_cursor *cursor = self;
    JI_TRY(ji_cancel_check(cursor->rows->options->cancel, err));
    if (cursor->given == cursor->filled)
        JI_TRY(fill(cursor, err));
    *batch = cursor->given == cursor->filled ? NULL : &cursor->slices[cursor->given++].batch;
    return JOIST_OK;
}

static void cursor_close(void *self)
{
    struct sort_cursor *cursor = self;
    struct ji_mem *mem = cursor->mem;
    ji_sort_merge_close(&cursor->merge);
    for (size_t i = 0; i < cursor->slice_count; i++) {
        struct sort_slice *slice = &cursor->slices[i];
        for (size_t column = 0; column < slice->column_count; column++)
            ji_row_column_clear(&slice->columns[column]);
        ji_bytes_clear(&slice->block);
    }
    ji_arena_clear(&cursor->arena);
    ji_free(mem, cursor, sizeof *cursor);
}

static enum joist_status open_slice(
        struct sort_cursor *cursor, struct sort_slice *slice, struct joist_error *err)
{
    const struct ji_schema *schema = cursor->rows->options->schema;
    const size_t columns = schema->column_count;
    struct ji_arena *arena = &cursor->arena;
    ji_bytes_init(&slice->block, cursor->mem);
    JI_TRY(ji_arena_array(arena, SLICE_ROWS, sizeof *slice->step.bodies, &slice->step.bodies, err));
    JI_TRY(ji_arena_array(arena, SLICE_ROWS, sizeof *slice->step.tails, &slice->step.tails, err));
    JI_TRY(ji_arena_array(arena, columns + 1, sizeof *slice->columns, &slice->columns, err));
    JI_TRY(ji_arena_array(arena, columns + 1, sizeof *slice->batch.columns, &slice->batch.columns, err));
    slice->batch.column_count = columns;
    if (cursor->rows->run_count > 0)
        JI_TRY(ji_bytes_reserve(&slice->block, cursor->slice_bytes, err));
    for (; slice->column_count < columns; slice->column_count++)
        JI_TRY(ji_row_column_init(&slice->columns[slice->column_count], cursor->mem,
                &schema->columns[slice->column_count], err));
    return JOIST_OK;
}

static enum joist_status open_sources(struct sort_cursor *cursor, struct joist_error *err)
{
    const struct ji_sort_rows *rows = cursor->rows;
    const size_t sources = rows->run_count + rows->sorter_count;
    JI_TRY(ji_sort_merge_open(&cursor->merge, cursor->mem, &rows->prefix, sources, err));
    for (size_t i = 0; i < rows->sorter_count; i++) {
        if (rows->sorters[i].count > 0)
            JI_TRY(ji_sort_merge_add_entries(
                    &cursor->merge, rows->sorters[i].entries, rows->sorters[i].count, err));
    }
    for (size_t i = 0; i < rows->run_count; i++)
        JI_TRY(ji_sort_merge_add_run(&cursor->merge, &rows->runs[i], rows->buffer_bytes, err));
    ji_sort_merge_begin(&cursor->merge);
    return JOIST_OK;
}

static enum joist_status prepare(struct sort_cursor *cursor, struct joist_error *err)
{
    const size_t threads = ji_ctx_threads(cursor->rows->ctx);
    const uint64_t part = ji_mem_limit(cursor->mem) / SLICE_PART;
    cursor->slice_bytes = (size_t)ji_min_u64(part, SLICE_BYTES_MOST);
    if (cursor->slice_bytes < SLICE_BYTES_LEAST)
        cursor->slice_bytes = SLICE_BYTES_LEAST;
    JI_TRY(ji_arena_array(&cursor->arena, threads, sizeof *cursor->slices, &cursor->slices, err));
    while (cursor->slice_count < threads)
        JI_TRY(open_slice(cursor, &cursor->slices[cursor->slice_count++], err));
    return open_sources(cursor, err);
}

enum joist_status ji_sort_result_open(const struct ji_sort_rows *rows, struct ji_mem *mem,
        struct ji_rows_cursor *cursor, struct joist_error *err)
{
    static const struct ji_rows_cursor_ops ops = {cursor_next, cursor_close};
    struct sort_cursor *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->rows = rows;
    made->mem = mem;
    made->left = rows->options->limit == 0 ? UINT64_MAX : rows->options->limit;
    ji_arena_init(&made->arena, mem);
    return ji_rows_cursor_made(prepare(made, err), &ops, made, cursor);
}
