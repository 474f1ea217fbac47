/*
 * column_rows_read.h - the rows of a file column by column, on the threads of whoever takes them
 */
#ifndef JI_COLUMN_ROWS_READ_H
#define JI_COLUMN_ROWS_READ_H

#include "arrow/column_rows.h"
#include "arrow/projection.h"
#include "parquet/read/row_plan.h"

struct ji_rows_read_options {
    struct joist_parquet_file *file;
    const struct ji_parquet_schema *schema; /* all of its columns; outlives the reading */
    const size_t *columns;                  /* 0, 1, ...: as many as it has; outlives it too */
    /* Wanted columns, which are given instead, `index` those of the schema; so too; NULL: none. */
    const struct ji_projected *projected;
    size_t projected_count;
    uint64_t row_start; /* of the file */
    uint64_t row_end;
    size_t batch_rows; /* at most at once; 0: a default by the number of columns */
    bool no_crc;
    size_t io_bytes;
    const struct joist_cancel *cancel;
    struct joist_progress progress;
};

struct ji_rows_read;
/* Nothing is read before the first reading of a column. The file is kept open. */
enum joist_status ji_rows_read_open(
        const struct ji_rows_read_options *options, struct ji_rows_read **read, struct joist_error *err);
void ji_rows_read_close(struct ji_rows_read *read); /* accepts NULL */
struct ji_column_rows ji_rows_read_columns(struct ji_rows_read *read);

#endif
