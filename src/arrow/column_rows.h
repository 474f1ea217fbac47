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

/* Rows [start, start + count) of a column. */
struct ji_column_run {
    struct ji_column column;
    size_t start;
    size_t count;
};

struct ji_column_rows_ops {
    /*
     * The next rows of a column, at most `wanted` > 0, one at least. They live until the next call for that
     * column. Side by side for different columns; `worker` as ji_parallel gives it. After a failure nothing
     * is read any more.
     */
    enum joist_status (*read)(void *self, size_t column, unsigned worker, size_t wanted,
            struct ji_column_run *run, struct joist_error *err);
    /* All columns have been read so many rows further: for progress. From the thread that owns the stream. */
    enum joist_status (*advance)(void *self, uint64_t rows, struct joist_error *err);
    /*
     * NULL where all rows are there from the start. Once every column has been read to the end of `rows`:
     * how many there are behind them; 0 at the end of the stream. From the thread that owns it.
     */
    enum joist_status (*more)(void *self, uint64_t *rows, struct joist_error *err);
    /*
     * NULL, or what may be done beside the reading so that `more` has less to do. After `more` was called the
     * owner asks for the number of pieces, and has each run once, on any thread, before `more` is called
     * again; what goes wrong in one `more` tells.
     */
    size_t (*ahead)(void *self);
    void (*run_ahead)(void *self, size_t piece);
};
struct ji_column_rows {
    const struct ji_column_rows_ops *ops;
    void *self;
    uint64_t rows; /* that every column has, or has first */
};

#endif
