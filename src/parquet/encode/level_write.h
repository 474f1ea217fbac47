/*
 * level_write.h - definition and repetition levels of a leaf, from the tree of columns above it
 */
#ifndef JI_LEVEL_WRITE_H
#define JI_LEVEL_WRITE_H

#include "arrow/batch.h"
#include "parquet/format/parquet_schema.h"

/* Memory that is reused from call to call. */
struct ji_level_room {
    struct ji_bytes defs[2];
    struct ji_bytes reps[2];
    struct ji_bytes rows[2]; /* uint32_t */
};
void ji_level_room_init(struct ji_level_room *room, struct ji_mem *mem);
void ji_level_room_clear(struct ji_level_room *room);

/* The entries of a leaf for some rows of its top-level column. */
struct ji_levels {
    size_t count;
    const uint8_t *defs;
    const uint8_t *reps;
    const struct ji_column *column; /* the leaf's own */
    const uint32_t *rows;           /* of `column`, one for each entry that has a value */
    size_t row_count;
};

/* Rows [start, start + count) of a top-level column in which everything is FLAT. */
struct ji_level_part {
    const struct ji_column *column;
    size_t start;
    size_t count;
};
/*
 * `shape` is the column's. `out` lives until the room is used again. INVALID for a null where the leaf's path
 * requires a value.
 */
enum joist_status ji_levels_make(struct ji_level_room *room, const struct ji_shape *shape,
        const struct ji_leaf *leaf, const struct ji_level_part *part, struct ji_levels *out,
        struct joist_error *err);

#endif
