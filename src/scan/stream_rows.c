/*
 * stream_rows.c - a stream's batches, filtered and with the columns asked for
 */
#include "scan/stream_rows.h"

enum joist_status ji_stream_rows_open(struct ji_stream_rows *rows, struct joist_ctx *ctx, struct ji_mem *mem,
        const struct ji_scan_request *request, struct joist_error *err)
{
    rows->request = request;
    rows->mem = mem;
    JI_TRY(ji_alloc_zero(mem, request->column_count + 1, sizeof *rows->columns, &rows->columns, err));
    return ji_evaluator_open(ctx, mem, &rows->evaluator, err);
}

void ji_stream_rows_close(struct ji_stream_rows *rows)
{
    if (rows->mem == NULL)
        return;
    const size_t columns = rows->request->column_count + 1;
    ji_evaluator_close(rows->evaluator);
    ji_free(rows->mem, rows->rows, rows->row_room * sizeof *rows->rows);
    ji_free(rows->mem, rows->columns, rows->columns == NULL ? 0 : columns * sizeof *rows->columns);
    *rows = (struct ji_stream_rows){.mem = NULL};
}

static enum joist_status filter(
        struct ji_stream_rows *rows, const struct ji_batch *from, struct joist_error *err)
{
    const struct ji_expr *predicate = rows->request->predicate;
    rows->batch.row_count = from->row_count;
    rows->batch.selection = from->selection;
    rows->batch.selection_count = from->selection_count;
    if (predicate == NULL)
        return JOIST_OK;
    if (from->row_count > rows->row_room) {
        JI_TRY(ji_realloc(rows->mem, &rows->rows, rows->row_room * sizeof *rows->rows,
                from->row_count * sizeof *rows->rows, err));
        rows->row_room = from->row_count;
    }
    size_t count = 0;
    ji_evaluator_reset(rows->evaluator);
    JI_TRY(ji_evaluate_filter(rows->evaluator, predicate, from, rows->rows, &count, err));
    rows->batch.selection_count = count;
    rows->batch.selection = count == from->row_count ? NULL : rows->rows;
    return JOIST_OK;
}

enum joist_status ji_stream_rows_next(struct ji_stream_rows *rows, struct ji_batch_stream *stream,
        uint64_t *passed, const struct ji_batch **batch, struct joist_error *err)
{
    const struct ji_scan_request *const request = rows->request;
    const struct ji_batch *from = NULL;
    do {
        JI_TRY(ji_cancel_check(request->cancel, err));
        JI_TRY(ji_stream_next(stream, &from, err));
        if (from == NULL) {
            *batch = NULL;
            return JOIST_OK;
        }
        *passed += from->row_count;
        JI_TRY(filter(rows, from, err));
    } while (rows->batch.selection_count == 0);
    for (size_t index = 0; index < request->column_count; index++)
        rows->columns[index] = from->columns[request->columns[index]];
    rows->batch.columns = rows->columns;
    rows->batch.column_count = request->column_count;
    *batch = &rows->batch;
    return JOIST_OK;
}
