/*
 * column_rows.h - the rows of a stream column by column, for who can take them so
 *
 *     column 0:  [ rows ][ rows ] ...        each read by whichever thread comes, one at a time a column
 *     column 1:  [ rows ][ rows ][ rows ] ...
 *
 * What is read has the forms of a batch's columns. How many rows a reading gives is a matter of that column:
 * the reader of all columns keeps them in step.
 */
#ifndef JI_COLUMN_ROWS_H
#define JI_COLUMN_ROWS_H

#include "arrow/batch.h"

struct ji_column_rows_ops {
    /*
     * The next rows of a column, at most `wanted` > 0, one at least: `*read` of them. They live until the
     * next call for that column. Side by side for different columns; `worker` as ji_parallel gives it. After
     * a failure nothing is read any more.
     */
    enum joist_status (*read)(void *self, size_t column, unsigned worker, size_t wanted, size_t *read,
            struct ji_column *rows, struct joist_error *err);
    /* All columns have been read so many rows further: for progress. From the thread that owns the stream. */
    enum joist_status (*advance)(void *self, uint64_t rows, struct joist_error *err);
};
struct ji_column_rows {
    const struct ji_column_rows_ops *ops;
    void *self;
    uint64_t rows; /* that every column has */
};

#endif
