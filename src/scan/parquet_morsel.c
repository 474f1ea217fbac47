/*
 * parquet_morsel.c - the rows of one row group, predicate columns first
 *
 *     first    [ window of predicate columns ]--filter--> survivors --+
 *     second      ...skipped... [ rest: first survivor .. last ]      +--> batch with a selection
 *
 *   1. `first` gives window after window; `second` is moved to the row of the group that it is wanted for
 *      before it is asked for rows.
 *   2. A window lives until all its rows were handed out; `second` may give it in several parts.
 *   3. Where nothing of the file is wanted (count(*), columns that it lacks) there is no cursor and rows are
 *      only counted.
 *
 *   4. Where the group was pruned to ranges both cursors give rows of these alone: row n of the one is row n
 *      of the other, and `ranges` tell which row of the group that is.
 *
 * A window in which no row survives costs its predicate columns and no more: this is late materialisation.
 */
#include "scan/parquet_morsel.h"

#include "arrow/column_slice.h"
#include "base/arena.h"

#include <assert.h>

struct part {
    struct ji_parquet_cursor *cursor;
    size_t count;
    size_t *columns; /* of the wanted schema, in the order of the cursor's batches */
};

struct morsel {
    struct ji_parquet_morsel_options options;
    const struct ji_expr *predicate; /* NULL: every row */
    struct ji_mem *mem;
    struct ji_arena arena;        /* as long as the cursor */
    struct ji_arena window_arena; /* as long as a window */
    struct ji_arena batch_arena;  /* as long as a batch */
    struct ji_evaluator *evaluator;
    struct part first;
    struct part second;
    uint64_t window_row; /* of the rows of all ranges, where the window starts */
    size_t range_at;     /* the range that `row_of` stands in */
    uint64_t range_row;  /* how many rows the ranges before it have */
    uint64_t rows_left;  /* where there is no cursor */

    struct ji_column *wide; /* the window, one a column of the schema: what the predicate sees */
    size_t window_rows;
    size_t window_at; /* next row to hand out */
    size_t window_end;
    uint32_t *survivors;
    size_t survivor_count;
    size_t survivor_at;

    struct ji_column *out;
    uint32_t *selection;
    struct ji_batch batch;
};

static enum joist_status open_part(
        struct morsel *morsel, struct part *part, const bool *wanted, struct joist_error *err)
{
    const size_t column_count = morsel->options.schema->column_count;
    size_t *file_columns = NULL;
    JI_TRY(ji_arena_array(&morsel->arena, column_count + 1, sizeof *part->columns, &part->columns, err));
    JI_TRY(ji_arena_array(&morsel->arena, column_count + 1, sizeof *file_columns, &file_columns, err));
    for (size_t column = 0; column < column_count; column++) {
        if (!wanted[column] || morsel->options.projected[column].from == NULL)
            continue;
        part->columns[part->count] = column;
        file_columns[part->count++] = morsel->options.projected[column].index;
    }
    if (part->count == 0)
        return JOIST_OK;
    const struct ji_parquet_cursor_options options = {.group = morsel->options.group,
            .columns = file_columns,
            .column_count = part->count,
            .ranges = morsel->options.ranges,
            .range_count = morsel->options.range_count,
            .cancel = morsel->options.request->cancel};
    return ji_parquet_cursor_open(morsel->options.file, morsel->mem, &options, &part->cursor, err);
}

/* Splits what is wanted into predicate columns and the rest; without a predicate all are first. */
static enum joist_status open_parts(struct morsel *morsel, struct joist_error *err)
{
    const struct ji_scan_request *request = morsel->options.request;
    const size_t column_count = morsel->options.schema->column_count;
    bool *early = NULL;
    bool *late = NULL;
    JI_TRY(ji_arena_array(&morsel->arena, column_count + 1, sizeof *early, &early, err));
    JI_TRY(ji_arena_array(&morsel->arena, column_count + 1, sizeof *late, &late, err));
    if (morsel->predicate != NULL)
        ji_expr_columns(morsel->predicate, early);
    bool any_early = false;
    for (size_t column = 0; column < column_count; column++)
        any_early = any_early || (early[column] && morsel->options.projected[column].from != NULL);
    for (size_t index = 0; index < request->column_count; index++) {
        const size_t column = request->columns[index];
        if (any_early)
            late[column] = !early[column];
        else
            early[column] = true;
    }
    JI_TRY(open_part(morsel, &morsel->first, early, err));
    return open_part(morsel, &morsel->second, late, err);
}

static enum joist_status project_part(struct morsel *morsel, const struct part *part,
        const struct ji_batch *from, struct ji_arena *arena, struct ji_column *to, struct joist_error *err)
{
    for (size_t index = 0; index < part->count; index++) {
        const size_t column = part->columns[index];
        JI_TRY(ji_project_column(arena, &morsel->options.projected[column], &from->columns[index],
                from->row_count, &to[column], err));
    }
    return JOIST_OK;
}

/* Columns that the file lacks are constants as long as the window. */
static enum joist_status project_absent(struct morsel *morsel, struct joist_error *err)
{
    const struct ji_schema *schema = morsel->options.schema;
    for (size_t column = 0; column < schema->column_count; column++) {
        const struct ji_projected *projected = &morsel->options.projected[column];
        if (projected->field == NULL || projected->from != NULL)
            continue;
        JI_TRY(ji_project_column(
                &morsel->window_arena, projected, NULL, morsel->window_rows, &morsel->wide[column], err));
    }
    return JOIST_OK;
}

/* Survivors, and with them the part of the window that the other columns are wanted for. */
static enum joist_status filter_window(struct morsel *morsel, struct joist_error *err)
{
    morsel->window_at = 0;
    morsel->window_end = morsel->window_rows;
    morsel->survivor_at = 0;
    morsel->survivor_count = morsel->window_rows;
    if (morsel->predicate == NULL)
        return JOIST_OK;
    const struct ji_batch all = {.row_count = morsel->window_rows,
            .selection_count = morsel->window_rows,
            .column_count = morsel->options.schema->column_count,
            .columns = morsel->wide};
    ji_evaluator_reset(morsel->evaluator);
    JI_TRY(ji_evaluate_filter(
            morsel->evaluator, morsel->predicate, &all, morsel->survivors, &morsel->survivor_count, err));
    if (morsel->survivor_count == 0) {
        morsel->window_at = morsel->window_rows;
        morsel->window_end = morsel->window_rows;
    } else if (morsel->second.cursor != NULL) {
        /* From a byte of the bitmaps on, so that slices need no copy. */
        morsel->window_at = morsel->survivors[0] & ~(uint32_t)7;
        morsel->window_end = (size_t)morsel->survivors[morsel->survivor_count - 1] + 1;
    }
    return JOIST_OK;
}

/* The next window; `window_rows` is 0 at the end. */
static enum joist_status next_window(struct morsel *morsel, struct joist_error *err)
{
    const struct ji_batch *batch = NULL;
    JI_TRY(ji_cancel_check(morsel->options.request->cancel, err));
    ji_arena_reset(&morsel->window_arena);
    morsel->window_row += morsel->window_rows;
    if (morsel->first.cursor != NULL) {
        JI_TRY(ji_parquet_cursor_next(morsel->first.cursor, JI_SCAN_BATCH_ROWS, &batch, err));
        morsel->window_rows = batch == NULL ? 0 : batch->row_count;
    } else {
        morsel->window_rows = (size_t)ji_min_u64(morsel->rows_left, JI_SCAN_BATCH_ROWS);
        morsel->rows_left -= morsel->window_rows;
    }
    morsel->window_at = 0;
    morsel->window_end = 0;
    if (morsel->window_rows == 0)
        return JOIST_OK;
    atomic_fetch_add_explicit(morsel->options.rows_read, morsel->window_rows, memory_order_relaxed);
    if (batch != NULL)
        JI_TRY(project_part(morsel, &morsel->first, batch, &morsel->window_arena, morsel->wide, err));
    JI_TRY(project_absent(morsel, err));
    JI_TRY(filter_window(morsel, err));
    return JOIST_OK;
}

/* Sets the selection of the batch to the survivors among rows [start, start + rows) of the window. */
static void select_rows(struct morsel *morsel, size_t start, size_t rows)
{
    morsel->batch.row_count = rows;
    morsel->batch.selection = NULL;
    morsel->batch.selection_count = rows;
    if (morsel->survivor_count == morsel->window_rows)
        return;
    size_t count = 0;
    while (morsel->survivor_at < morsel->survivor_count &&
            morsel->survivors[morsel->survivor_at] < start + rows)
        morsel->selection[count++] = (uint32_t)(morsel->survivors[morsel->survivor_at++] - start);
    morsel->batch.selection_count = count;
    if (count < rows)
        morsel->batch.selection = morsel->selection;
}

/* The row of the group that is number `row` of those of the ranges; never a lower one than before. */
static uint64_t row_of(struct morsel *morsel, uint64_t row)
{
    const struct ji_row_range *ranges = morsel->options.ranges;
    if (ranges == NULL)
        return row;
    for (;;) {
        const struct ji_row_range *at = &ranges[morsel->range_at];
        if (row - morsel->range_row < at->end - at->start)
            return at->start + (row - morsel->range_row);
        morsel->range_row += at->end - at->start;
        morsel->range_at++;
        assert(morsel->range_at < morsel->options.range_count);
    }
}

/* Hands out the next part of the window, as many rows of it as the second cursor gives at once. */
static enum joist_status next_part(struct morsel *morsel, struct joist_error *err)
{
    const struct ji_scan_request *request = morsel->options.request;
    const size_t start = morsel->window_at;
    size_t rows = morsel->window_end - start;
    const struct ji_batch *rest = NULL;
    ji_arena_reset(&morsel->batch_arena);
    if (morsel->second.cursor != NULL) {
        ji_parquet_cursor_seek(morsel->second.cursor, row_of(morsel, morsel->window_row + start));
        JI_TRY(ji_parquet_cursor_next(morsel->second.cursor, rows, &rest, err));
        if (rest == NULL || rest->row_count > rows)
            return ji_fail(err, JOIST_ERR_CORRUPT, "row group %zu: columns of different lengths",
                    morsel->options.group);
        rows = rest->row_count;
        JI_TRY(project_part(morsel, &morsel->second, rest, &morsel->batch_arena, morsel->wide, err));
    }
    for (size_t index = 0; index < request->column_count; index++) {
        const struct ji_column *from = &morsel->wide[request->columns[index]];
        if (from->row_count == rows && (start == 0 || rows < morsel->window_rows))
            morsel->out[index] = *from;
        else
            JI_TRY(ji_column_slice(&morsel->batch_arena, from, start, rows, &morsel->out[index], err));
    }
    morsel->window_at += rows;
    select_rows(morsel, start, rows);
    return JOIST_OK;
}

static enum joist_status morsel_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct morsel *morsel = self;
    do {
        while (morsel->window_at == morsel->window_end) {
            JI_TRY(next_window(morsel, err));
            if (morsel->window_rows == 0) {
                *batch = NULL;
                return JOIST_OK;
            }
        }
        JI_TRY(next_part(morsel, err));
    } while (morsel->batch.selection_count == 0);
    *batch = &morsel->batch;
    return JOIST_OK;
}

static void morsel_close(void *self)
{
    struct morsel *morsel = self;
    struct ji_mem *mem = morsel->mem;
    ji_parquet_cursor_close(morsel->first.cursor);
    ji_parquet_cursor_close(morsel->second.cursor);
    ji_evaluator_close(morsel->evaluator);
    ji_arena_clear(&morsel->batch_arena);
    ji_arena_clear(&morsel->window_arena);
    ji_arena_clear(&morsel->arena);
    joist_parquet_close(morsel->options.file);
    ji_free(mem, morsel, sizeof *morsel);
}

static enum joist_status prepare(struct morsel *morsel, struct joist_error *err)
{
    const size_t column_count = morsel->options.schema->column_count;
    struct ji_arena *arena = &morsel->arena;
    JI_TRY(open_parts(morsel, err));
    JI_TRY(ji_arena_array(arena, column_count + 1, sizeof *morsel->wide, &morsel->wide, err));
    JI_TRY(ji_arena_array(
            arena, morsel->options.request->column_count + 1, sizeof *morsel->out, &morsel->out, err));
    morsel->batch.columns = morsel->out;
    morsel->batch.column_count = morsel->options.request->column_count;
    if (morsel->predicate == NULL)
        return JOIST_OK;
    JI_TRY(ji_arena_array(arena, JI_SCAN_BATCH_ROWS, sizeof *morsel->survivors, &morsel->survivors, err));
    JI_TRY(ji_arena_array(arena, JI_SCAN_BATCH_ROWS, sizeof *morsel->selection, &morsel->selection, err));
    return ji_evaluator_open(morsel->options.ctx, morsel->mem, &morsel->evaluator, err);
}

enum joist_status ji_parquet_morsel_open(const struct ji_parquet_morsel_options *options, struct ji_mem *mem,
        struct ji_rows_cursor *cursor, struct joist_error *err)
{
    static const struct ji_rows_cursor_ops ops = {morsel_next, morsel_close};
    struct morsel *morsel = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *morsel, &morsel, err));
    morsel->mem = mem;
    morsel->options = *options;
    morsel->predicate = options->all_match ? NULL : options->request->predicate;
    morsel->rows_left = options->ranges == NULL ? ji_parquet_group_rows(options->file, options->group) : 0;
    for (size_t index = 0; index < options->range_count; index++)
        morsel->rows_left += options->ranges[index].end - options->ranges[index].start;
    ji_arena_init(&morsel->arena, mem);
    ji_arena_init(&morsel->window_arena, mem);
    ji_arena_init(&morsel->batch_arena, mem);
    const enum joist_status status = prepare(morsel, err);
    if (status != JOIST_OK) {
        morsel->options.file = NULL;
        morsel_close(morsel);
        return status;
    }
    cursor->ops = &ops;
    cursor->self = morsel;
    return JOIST_OK;
}
