/*
 * read_layout.h - what a reading of a file gives: which columns and parts of them, laid out how
 */
#ifndef JI_READ_LAYOUT_H
#define JI_READ_LAYOUT_H

#include "arrow/projection.h"
#include "parquet/read/parquet_file.h"

struct ji_read_layout {
    const struct ji_parquet_schema *source;  /* what is read: 0 .. schema.column_count, in the order wanted */
    struct ji_parquet_schema own;            /* which `source` points to */
    const struct ji_projected *read;         /* what its columns become; NULL: they are given as they are */
    const struct ji_array_shape *read_shape; /* of the arrays made of them */

    struct ji_schema schema;        /* what is given */
    struct ji_array_shape *shape;   /* of the arrays */
    struct ji_projected *projected; /* its columns, `index` those of the source; NULL as `read` */
    size_t lacking_count;           /* of its columns, those that the source has not */
    size_t lacking_bytes;           /* about, in a row, of all that the source has not */
};

/*
 * By the options `columns`, `field_ids` or `schema`, `text` and `keep_dictionary`; all in the arena, which
 * lives as long as the layout, which must not move and is all zero before. NOT_FOUND names a column that is
 * not there.
 */
enum joist_status ji_read_layout_make(const struct joist_parquet_file *file,
        const struct joist_parquet_read_options *options, struct ji_arena *arena,
        struct ji_read_layout *layout, struct joist_error *err);

#endif
