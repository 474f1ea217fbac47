/*
 * array_import.h - windows of a checked ArrowArray as batches
 */
#ifndef JI_ARRAY_IMPORT_H
#define JI_ARRAY_IMPORT_H

#include "arrow/arrow_check.h"

struct ji_imported_dictionary {
    struct ji_imported_dictionary *next;
    const struct ArrowArray *array;
    struct ji_column column; /* FLAT; validity dropped */
    const uint8_t *validity; /* its own, or NULL */
};

/* A struct around the column at hand: what is in a row where it is null says nothing. */
struct ji_struct_above {
    const struct ji_column *column;
    const struct ji_struct_above *next;
};

struct ji_array_importer {
    const struct ji_schema *schema;
    const struct ji_array_shape *shape;
    const struct ArrowArray *array;
    struct ji_arena *array_arena;  /* what serves all windows of one array: dictionaries */
    struct ji_arena *window_arena; /* what serves one */
    struct ji_imported_dictionary *dictionaries;
    const struct ji_struct_above *above; /* of the same rows */
    uint64_t row_base;                   /* rows of earlier arrays, for messages */
};

/* Rows [start, start + count) of the array, which ji_array_check has passed. */
enum joist_status ji_array_window(struct ji_array_importer *importer, size_t start, size_t count,
        struct ji_batch *batch, struct joist_error *err);

#endif
