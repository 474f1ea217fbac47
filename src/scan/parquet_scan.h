/*
 * parquet_scan.h - Parquet files, however old their schemas, scanned as rows of one wanted schema
 *
 * What files and tables share: both name files, hand over what they want to see, and get a `ji_rows_scan`
 * whose morsels are (file, row group), pruned by statistics and read late (predicate columns first).
 *
 *     wanted schema:   1 id long | 2 price decimal(12,2) | 7 city string
 *     file's schema:   2 price decimal(9,2) | 1 id int
 *
 *     id comes from column 1, widened; price from column 0, widened; city is the file's constant, else null
 *
 * A type is widened where Iceberg allows it: integers to wider ones, float to double, decimals to more
 * digits of the same scale; fixed(16) and uuid are one another. Anything else is INVALID and names file and
 * column. Structs, lists and maps are projected inside by the same rules.
 */
#ifndef JI_PARQUET_SCAN_H
#define JI_PARQUET_SCAN_H

#include "arrow/projection.h"
#include "parquet/parquet_reader.h"
#include "scan/rows_source.h"

/* A column that a file lacks has this value in all of its rows: identity partition values, defaults. */
struct ji_column_constant {
    size_t column; /* of the wanted schema; a scalar */
    struct ji_value value;
};

struct ji_parquet_scan_file {
    const char *location;            /* opened through the ctx's stores when the scan is planned */
    struct joist_parquet_file *file; /* NULL, or open already: retained by the scan */
    const struct ji_column_constant *constants;
    size_t constant_count;
};

struct ji_parquet_scan_options {
    const struct ji_schema *schema; /* the wanted one: the request's columns and predicate speak of it */
    enum ji_match match;            /* files: names; tables: ids */
    bool ids_required; /* a file without field ids is UNSUPPORTED: its names may be those of another schema */
    const struct ji_parquet_scan_file *files;
    size_t file_count;
    const struct joist_parquet_open_options
            *open_options; /* may be NULL; borrowed until the scan is closed */
    uint64_t files_pruned; /* left out already by the caller: for the counters, on top of `file_count` */
    const struct ji_scan_request *request;
};

/*
 * Plans: opens the footers, decides by ji_expr_prune which files and row groups can be left out, and makes
 * morsels of the others, in the order of `files`. `options` is borrowed for the call, what it points to
 * (schema, names, constants, the request's columns and predicate) until the scan is closed. At most 64 files
 * stay open between plan and use.
 */
enum joist_status ji_parquet_scan_open(struct joist_ctx *ctx, const struct ji_parquet_scan_options *options,
        struct ji_rows_scan *scan, struct joist_error *err);

#endif
