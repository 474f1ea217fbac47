/*
 * import_values.h - values of scalar layouts as flat columns
 */
#ifndef JI_IMPORT_VALUES_H
#define JI_IMPORT_VALUES_H

#include <joist/arrow.h>

#include "arrow/array_shape.h"
#include "arrow/batch.h"

/* Rows [at, at + count) of the buffers, an array's own offset included. */
struct ji_window {
    size_t at;
    size_t count;
};

static inline int64_t ji_load_offset(const void *offsets, bool wide, size_t index)
{
    int32_t narrow;
    int64_t offset;
    if (wide) {
        memcpy(&offset, (const uint8_t *)offsets + index * sizeof offset, sizeof offset);
        return offset;
    }
    memcpy(&narrow, (const uint8_t *)offsets + index * sizeof narrow, sizeof narrow);
    return narrow;
}

/* A dictionary's code; a negative one is huge. */
uint64_t ji_load_code(const void *codes, enum ji_kind kind, size_t index);

/* Fills `values` of a column whose field, row count and validity stand; not for lists, structs and NULL. */
enum joist_status ji_import_flat(struct ji_arena *arena, const struct ji_array_shape *shape,
        const struct ArrowArray *array, struct ji_window window, struct ji_column *column,
        struct joist_error *err);

#endif
