/*
 * read_pipe.h - columns of a file read side by side, handed out as arrays of rows in the file's order
 */
#ifndef JI_READ_PIPE_H
#define JI_READ_PIPE_H

#include <joist/arrow.h>

#include "arrow/array_shape.h"
#include "arrow/projection.h"
#include "parquet/read/parquet_file.h"

struct ji_read_pipe;

struct ji_read_pipe_options {
    struct joist_parquet_file *file;        /* borrowed until close */
    const struct ji_parquet_schema *schema; /* the file's, or a projection of it; so too */
    const size_t *columns;                  /* of the schema, borrowed until close */
    size_t column_count;
    const struct ji_projected *projected; /* what each becomes; so too; NULL: they stay */
    uint64_t row_start;                   /* of the file: [row_start, row_end) */
    uint64_t row_end;
    size_t batch_rows;                  /* at most JI_BATCH_ROWS_MAX; 0: the default */
    size_t batch_bytes;                 /* 0: ji_batch_bytes_max; at most JI_BATCH_BYTES_MAX */
    const struct ji_array_shape *shape; /* of the arrays: a struct's; borrowed until close */
    bool no_crc;
    size_t io_bytes;   /* 0: the default */
    size_t read_ahead; /* of all columns; 0: the default */
    const struct joist_cancel *cancel;
};
enum joist_status ji_read_pipe_open(
        const struct ji_read_pipe_options *options, struct ji_read_pipe **pipe, struct joist_error *err);
/* Waits for what is in flight. Accepts NULL. */
void ji_read_pipe_close(struct ji_read_pipe *pipe);
/*
 * The next rows as a struct array, a released one at the end. The thread that calls works too. Of several
 * failures that of the lowest row is told, of these that of the first column; after it only close is left.
 */
enum joist_status ji_read_pipe_next(
        struct ji_read_pipe *pipe, struct ArrowArray *array, struct joist_error *err);

#endif
