/*
 * row_plan.h - which rows of a file are read, and in batches of how many
 *
 *     row_start                      row_end
 *     |                              |
 *     [ group 0 ][ group 1 ][ group 2 ]        a batch never crosses two groups
 *
 * Shared by all columns of a read: what it says does not depend on who asks first.
 */
#ifndef JI_ROW_PLAN_H
#define JI_ROW_PLAN_H

#include "parquet/read/parquet_file.h"

struct ji_row_plan {
    struct joist_parquet_file *file;
    const struct ji_parquet_schema *schema; /* the file's, or a projection of it */
    const size_t *columns;                  /* of the schema, borrowed */
    size_t column_count;
    uint64_t row_start;
    uint64_t row_end;
    size_t batch_rows_max;
    size_t batch_bytes_max;
    _Atomic uint32_t *batch_rows; /* by group; 0: not yet asked for */
};

/* The other fields are set; small things come from the arena. */
enum joist_status ji_row_plan_init(struct ji_row_plan *plan, struct ji_arena *arena, struct joist_error *err);

/* Where a column is: a group with wanted rows, or group == the file's group count at the end. */
struct ji_row_place {
    size_t group;
    uint64_t group_start; /* row of the file where it begins */
    uint64_t end;         /* of the wanted rows in it, as a row of the file */
};
/* Moves on to the group that holds `row` >= plan->row_start. */
void ji_row_plan_seek(const struct ji_row_plan *plan, uint64_t row, struct ji_row_place *place);
/* Rows of a batch in that group, at least 1. */
size_t ji_row_plan_batch_rows(const struct ji_row_plan *plan, size_t group);
/* About how many bytes one column takes in one batch of that group; at most batch_bytes_max. */
size_t ji_row_plan_column_bytes(const struct ji_row_plan *plan, size_t group, size_t column);
/* Tells how far a reading of `rows` rows is: bytes of the file by their share. Without `report` nothing. */
void ji_read_progress(const struct joist_parquet_file *file, const struct joist_progress *progress,
        uint64_t rows, uint64_t rows_done);

#endif
