/*
 * read_layout.h - what a reading of a file gives: which columns and parts of them, laid out how
 */
#ifndef JI_READ_LAYOUT_H
#define JI_READ_LAYOUT_H

#include "parquet/read/parquet_file.h"

struct ji_read_layout {
    const struct ji_parquet_schema *source; /* the columns, 0 .. schema.column_count, in the order wanted */
    struct ji_parquet_schema own;           /* which `source` points to */
    struct ji_array_shape *shape;           /* of the arrays */
};

/*
 * By the options `columns` or `field_ids`, `text` and `keep_dictionary`; all in the arena, which lives as
 * long as the layout, which must not move. NOT_FOUND names a column that is not there.
 */
enum joist_status ji_read_layout_make(const struct joist_parquet_file *file,
        const struct joist_parquet_read_options *options, struct ji_arena *arena,
        struct ji_read_layout *layout, struct joist_error *err);

#endif
