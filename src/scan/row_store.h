/*
 * row_store.h - rows that are kept: copied out of batches, taken out again in any order
 */
#ifndef JI_ROW_STORE_H
#define JI_ROW_STORE_H

#include "arrow/column_builder.h"

struct ji_row_store {
    struct ji_mem *mem;
    struct ji_arena arena; /* all kept rows */
    struct ji_column **chunks;
    size_t chunk_count;
    size_t chunk_room;
    const struct ji_schema *schema; /* borrowed */
};

/* For rows of that schema, which outlives the store. */
void ji_row_store_init(struct ji_row_store *store, struct ji_mem *mem, const struct ji_schema *schema);
void ji_row_store_clear(struct ji_row_store *store);

/* Copies `count` rows of the batch's columns, strings and all, as the store's next chunk. */
enum joist_status ji_row_store_add(struct ji_row_store *store, const struct ji_batch *batch,
        const uint32_t *rows, size_t count, struct joist_error *err);
/* Appends one kept row to the builders, one a column. */
enum joist_status ji_row_store_take(const struct ji_row_store *store, size_t chunk, size_t row,
        struct ji_column_builder *builders, struct joist_error *err);

/* Appends row `row` of a column of any kind and form. */
enum joist_status ji_column_builder_row(struct ji_column_builder *builder, const struct ji_column *column,
        size_t row, struct joist_error *err);

#endif
