/*
 * parquet_drain.h - all the values of a Parquet file as text, through the engine's own cursor
 */
#ifndef JI_PARQUET_DRAIN_H
#define JI_PARQUET_DRAIN_H

#include "parquet/parquet_reader.h"

struct parquet_drain {
    const struct joist_parquet_open_options *open_options; /* may be NULL */
    size_t batch_rows;                                     /* 0: as many as may be */
    const struct ji_row_range *ranges;                     /* of every group; NULL: all rows */
    size_t range_count;
    uint64_t rows_max; /* stops there; 0: never */
    uint64_t left_out; /* a bit for each column that is not read */
    /* Out: */
    uint64_t rows;
    uint64_t coded_columns; /* columns of batches that came as codes */
    struct ji_bytes *text;  /* a line a row: JSON of its columns; NULL: values are looked at and forgotten */
};

/* Opens, reads, closes. The source is the drain's from the call on. */
enum joist_status parquet_drain(struct joist_ctx *ctx, struct joist_source source,
        struct parquet_drain *drain, struct joist_error *err);
/* Inspects and describes the file, asks for facts, drains its first groups whole and in part; any status will do. */
void parquet_look_at(struct joist_ctx *ctx, struct joist_parquet_file *file);
/* One group of an open file. */
enum joist_status parquet_drain_group(struct joist_ctx *ctx, struct joist_parquet_file *file, size_t group,
        struct parquet_drain *drain, struct joist_error *err);

#endif
