/*
 * schema_project.h - some columns of a schema, and of those some parts
 */
#ifndef JI_SCHEMA_PROJECT_H
#define JI_SCHEMA_PROJECT_H

#include "arrow/array_shape.h"
#include "parquet/format/parquet_schema.h"

/* A top-level column, and which of the schema's leaves are wanted of it. */
struct ji_wanted_column {
    size_t column;
    bool *leaves; /* one for each leaf of the schema; NULL: all */
};

struct ji_wanted_columns {
    struct ji_wanted_column *columns;
    size_t count;
};

/*
 * Whether leaves lie below `path`: the names of a leaf's elements or of its Arrow fields joined by dots,
 * whole or the front of them. Marks them in `leaves`; `*column` is the top-level column that they belong to.
 */
enum joist_status ji_schema_mark_path(struct ji_arena *arena, const struct ji_parquet_schema *schema,
        struct ji_view path, bool *leaves, size_t *column, bool *found, struct joist_error *err);
/* The same for the field with that id, wherever it stands. */
bool ji_schema_mark_id(const struct ji_parquet_schema *schema, int32_t id, bool *leaves, size_t *column);

/*
 * A schema of the wanted columns, in that order: structs keep the children that have wanted leaves; lists and
 * maps stay what they are, a map with its key, and with all its value where the key alone is
 * wanted; a variant stays whole. Leaves know their chunk (ji_leaf.chunk). `layout` is that of the schema's
 * columns, `out_layout` that of the new ones, and free to be changed. All in the arena; names, elements and
 * metadata are borrowed.
 */
enum joist_status ji_schema_project(struct ji_arena *arena, const struct ji_parquet_schema *schema,
        const struct ji_wanted_columns *wanted, const struct ji_array_shape *layout,
        struct ji_parquet_schema *out, struct ji_array_shape **out_layout, struct joist_error *err);

#endif
