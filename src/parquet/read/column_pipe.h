/*
 * column_pipe.h - one column of a file as arrays, piece after piece
 *
 * A piece is a batch's rows of the column, or fewer where they take too many bytes. Which rows a piece has
 * depends on the file and the plan alone.
 */
#ifndef JI_COLUMN_PIPE_H
#define JI_COLUMN_PIPE_H

#include <joist/arrow.h>

#include "arrow/array_shape.h"
#include "arrow/projection.h"
#include "parquet/read/column_reader.h"
#include "parquet/read/row_plan.h"

struct ji_column_pipe {
    const struct ji_row_plan *plan;
    size_t column; /* of the plan's schema */
    const struct ji_array_shape *shape;
    const struct ji_projected *projected; /* NULL: rows leave as they are read */
    struct ji_arena arena;                /* of rows that are projected */
    struct ji_column_reader reader;
    struct ji_row_place place;
    uint64_t row;          /* of the file: the next piece's first */
    struct ji_column rows; /* read and not yet all given away */
    size_t rows_count;
    size_t rows_taken;
    size_t front_bytes; /* of each chunk, which the source is told of */
};

struct ji_column_pipe_options {
    struct ji_mem *mem;
    const struct ji_array_shape *shape;   /* of the column's arrays; lives as long as the pipe */
    const struct ji_projected *projected; /* what the column becomes; so too; NULL: it stays */
    bool no_crc;
    size_t io_bytes;
    size_t hint_bytes;
    struct ji_page_service *service; /* reads pages ahead; NULL: nobody does */
};
/* `plan` outlives the pipe. Small things come from the arena. */
enum joist_status ji_column_pipe_init(struct ji_column_pipe *pipe, const struct ji_row_plan *plan,
        size_t column, const struct ji_column_pipe_options *options, struct ji_arena *arena,
        struct joist_error *err);
void ji_column_pipe_clear(struct ji_column_pipe *pipe); /* accepts all zero */

static inline bool ji_column_pipe_at_end(const struct ji_column_pipe *pipe)
{
    return pipe->row >= pipe->plan->row_end;
}
/* The next piece; not at the end. `codecs` and `scratch` are the calling thread's. */
enum joist_status ji_column_pipe_next(struct ji_column_pipe *pipe, struct ji_codec_context *codecs,
        struct ji_arena *scratch, struct ArrowArray *piece, struct joist_error *err);

#endif
