/*
 * shred_columns.h - columns with variants as callers have them -> as a shredded file has them
 *
 * Different columns may be shredded at the same time.
 */
#ifndef JI_SHRED_COLUMNS_H
#define JI_SHRED_COLUMNS_H

#include "parquet/encode/variant_shred.h"

struct ji_shred_node;

struct ji_column_shred {
    struct ji_shred_node *node;      /* NULL: the column is the file's as it stands */
    struct ji_shred_node *shredding; /* all that own buffers */
    struct ji_arena arena;           /* of the last call */
};

/*
 * `schema` is the callers', `layout` the file's. `*shreds` has one a column and is the arena's but for the
 * buffers, which go with clear; it is NULL where nothing is shredded, and set before anything can fail.
 * UNSUPPORTED where a type is no variant's.
 */
enum joist_status ji_column_shreds_make(struct ji_arena *arena, struct ji_mem *mem,
        const struct ji_schema *schema, const struct ji_parquet_schema *layout,
        struct ji_column_shred **shreds, struct joist_error *err);
void ji_column_shreds_clear(struct ji_column_shred *shreds, size_t count); /* accepts NULL */

/* `to` may be `column`. It lives until the next call, and borrows from the column. */
enum joist_status ji_column_shred(struct ji_column_shred *shred, const struct ji_column *column,
        struct ji_column *to, struct joist_error *err);

#endif
