/*
 * one_row.c - a scan of one row of known values
 *
 * What a select without from reads, and what an aggregate gives whose answer stands in metadata.
 */
#include "scan/one_row.h"

#include "arrow/column_slice.h"

struct one_row {
    struct joist_ctx *ctx;
    const struct ji_schema *schema;
    const struct ji_value *values;
};

struct one_row_cursor {
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_batch batch;
    bool done;
};

static enum joist_status cursor_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct one_row_cursor *cursor = self;
    (void)err;
    *batch = cursor->done ? NULL : &cursor->batch;
    cursor->done = true;
    return JOIST_OK;
}

static void cursor_close(void *self)
{
    struct one_row_cursor *cursor = self;
    ji_arena_clear(&cursor->arena);
    ji_free(cursor->mem, cursor, sizeof *cursor);
}

static enum joist_status fill(
        const struct one_row *row, struct one_row_cursor *cursor, struct joist_error *err)
{
    const size_t count = row->schema->column_count;
    struct ji_batch *batch = &cursor->batch;
    JI_TRY(ji_arena_array(&cursor->arena, count + 1, sizeof *batch->columns, &batch->columns, err));
    batch->row_count = 1;
    batch->selection_count = 1;
    batch->column_count = count;
    for (size_t column = 0; column < count; column++)
        JI_TRY(ji_column_constant_new(&cursor->arena, &row->schema->columns[column], &row->values[column], 1,
                &batch->columns[column], err));
    return JOIST_OK;
}

static enum joist_status row_open(
        void *self, size_t morsel, struct ji_mem *mem, struct ji_rows_cursor *cursor, struct joist_error *err)
{
    static const struct ji_rows_cursor_ops ops = {cursor_next, cursor_close};
    struct one_row_cursor *made = NULL;
    (void)morsel;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->mem = mem;
    ji_arena_init(&made->arena, mem);
    return ji_rows_cursor_made(fill(self, made, err), &ops, made, cursor);
}

static void row_close(void *self)
{
    struct one_row *row = self;
    ji_free(ji_ctx_mem(row->ctx), row, sizeof *row);
}

enum joist_status ji_one_row_open(struct joist_ctx *ctx, const struct ji_schema *schema,
        const struct ji_value *values, struct ji_rows_scan *result, struct joist_error *err)
{
    static const struct ji_rows_scan_ops ops = {ji_one_morsel, row_open, ji_no_counters, row_close};
    struct one_row *made = NULL;
    JI_TRY(ji_alloc_zero(ji_ctx_mem(ctx), 1, sizeof *made, &made, err));
    *made = (struct one_row){ctx, schema, values};
    result->ops = &ops;
    result->self = made;
    return JOIST_OK;
}
