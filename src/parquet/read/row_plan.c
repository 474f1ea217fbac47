/*
 * row_plan.c - batches of about half of what a batch may take
 *
 * Rows a batch follow from what the chunks of a group say of their sizes, so that columns that are read side
 * by side end their batches at the same rows. Where a column's rows are far from the average, it gives fewer;
 * the other half is the room for that.
 */
#include "parquet/read/row_plan.h"

#include "parquet/read/column_reader.h"

#include <assert.h>

enum joist_status ji_row_plan_init(struct ji_row_plan *plan, struct ji_arena *arena, struct joist_error *err)
{
    assert(plan->batch_rows_max > 0 && plan->batch_rows_max <= JI_BATCH_ROWS_MAX);
    return ji_arena_array(arena, joist_parquet_row_group_count(plan->file), sizeof plan->batch_rows[0],
            &plan->batch_rows, err);
}

void ji_row_plan_seek(const struct ji_row_plan *plan, uint64_t row, struct ji_row_place *place)
{
    const size_t group_count = joist_parquet_row_group_count(plan->file);
    while (place->group < group_count) {
        const uint64_t rows = ji_parquet_group_rows(plan->file, place->group);
        if (row < place->group_start + rows) {
            place->end = ji_min_u64(place->group_start + rows, plan->row_end);
            return;
        }
        place->group_start += rows;
        place->group++;
    }
}

/* What a chunk's facts say; one that cannot be had is told when its column is read. */
static uint64_t group_bytes(const struct ji_row_plan *plan, size_t group, size_t column)
{
    uint64_t bytes = 0;
    ji_ignore(ji_column_group_bytes(plan->file, plan->schema, group, column, &bytes, NULL),
            "told when the column is read");
    return bytes;
}

size_t ji_row_plan_batch_rows(const struct ji_row_plan *plan, size_t group)
{
    const uint32_t known = atomic_load_explicit(&plan->batch_rows[group], memory_order_relaxed);
    if (known > 0)
        return known;
    uint64_t bytes = 0;
    for (size_t index = 0; index < plan->column_count && bytes < UINT64_MAX / 2; index++)
        bytes += group_bytes(plan, group, plan->columns[index]);
    const uint64_t group_rows = ji_max_u64(ji_parquet_group_rows(plan->file, group), 1);
    const uint64_t row_bytes = bytes / group_rows + 1;
    const uint64_t fitting = ji_max_u64(plan->batch_bytes_max / 2 / row_bytes, 1);
    const uint32_t rows = (uint32_t)ji_min_u64(fitting, plan->batch_rows_max);
    atomic_store_explicit(&plan->batch_rows[group], rows, memory_order_relaxed);
    return rows;
}

size_t ji_row_plan_column_bytes(const struct ji_row_plan *plan, size_t group, size_t column)
{
    const uint64_t group_rows = ji_max_u64(ji_parquet_group_rows(plan->file, group), 1);
    const uint64_t row_bytes = group_bytes(plan, group, column) / group_rows + 1;
    const uint64_t rows = ji_row_plan_batch_rows(plan, group);
    return (size_t)(row_bytes < plan->batch_bytes_max / rows ? row_bytes * rows : plan->batch_bytes_max);
}

void ji_read_progress(const struct joist_parquet_file *file, const struct joist_progress *progress,
        uint64_t rows, uint64_t rows_done)
{
    const uint64_t bytes = ji_source_size(&file->source);
    if (progress->report == NULL || rows == 0)
        return;
    const double share = (double)rows_done / (double)rows;
    progress->report(progress->user, (uint64_t)((double)bytes * share), bytes, rows_done);
}
