/*
 * value_block.h - values of a leaf on their way from memory to a page
 *
 * A leaf's values come in one of four shapes, whatever their kind:
 *
 *     BITS    one byte each, 0 or 1      BOOLEAN
 *     FOUR    uint32_t                   INT32, FLOAT
 *     EIGHT   uint64_t                   INT64, DOUBLE
 *     VIEWS   struct ji_view             BYTE_ARRAY, FIXED
 *
 * A block holds at most JI_BLOCK_VALUES values, none of them null.
 */
#ifndef JI_VALUE_BLOCK_H
#define JI_VALUE_BLOCK_H

#include "arrow/batch.h"
#include "parquet/format/parquet_schema.h"

#define JI_BLOCK_VALUES ((size_t)1024)

enum ji_block_shape { JI_BLOCK_BITS = 0, JI_BLOCK_FOUR, JI_BLOCK_EIGHT, JI_BLOCK_VIEWS };

struct ji_value_block {
    size_t count;
    const void *values; /* of the leaf's shape */
};

/* Where a block's values stand when they are not simply the column's own. */
struct ji_block_room {
    struct ji_view views[JI_BLOCK_VALUES];
    uint8_t bytes[JI_BLOCK_VALUES * 32];
};

/* Rows of a column: `rows` where not NULL, else those from `start` on. */
struct ji_row_pick {
    const uint32_t *rows;
    size_t start;
    size_t count;
};

enum ji_block_shape ji_leaf_block_shape(const struct ji_leaf *leaf);

/*
 * The picked values of `column` (FLAT, of the leaf's field); at most JI_BLOCK_VALUES. The block lives as
 * long as the room and the column. INVALID for a value that the leaf's type in the file cannot hold.
 */
enum joist_status ji_value_block_make(const struct ji_leaf *leaf, const struct ji_column *column,
        struct ji_row_pick pick, struct ji_block_room *room, struct ji_value_block *block,
        struct joist_error *err);

#endif
