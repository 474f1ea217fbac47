/*
 * parquet_schema.h - fields, leaves and levels: one picture of a schema for reader and writer
 *
 *     field  struct { a: list<int> }        elements  optional group s
 *                                                       optional group a (LIST)
 *                                                         repeated group list
 *     shape  s: present 1                                   optional int32 element
 *            a: present 2, repeated 3, repetition 1
 *            element: present 4
 *     leaf   s.a.list.element, max def 4, max rep 1
 *
 *   1. A value of a shape is not null where def >= def_present. A field that is not nullable
 *      has the def_present of what it stands in.
 *   2. LIST and MAP: an element is there where def >= def_repeated; an entry with
 *      rep >= rep_level goes on in the same list.
 *   3. `leaf_start .. leaf_start + leaf_count` are the leaves under a shape, in file order;
 *      leaves and shapes are in the same, depth-first, order.
 *   4. A MAP's shape has one child: the STRUCT of key and value, required.
 */
#ifndef JI_PARQUET_SCHEMA_H
#define JI_PARQUET_SCHEMA_H

#include "arrow/arrow_type.h"
#include "parquet/format/footer_model.h"

struct ji_variant_shape; /* variant_shape.h */

struct ji_shape {
    const struct ji_field *field; /* as the file has it */
    uint8_t def_present;
    uint8_t def_repeated; /* LIST, MAP; else 0 */
    uint8_t rep_level;    /* LIST, MAP; else 0 */
    size_t leaf_start;
    size_t leaf_count;
    struct ji_shape *children; /* field->child_count */
    /* A VARIANT group: what callers see of it instead of `field`; else NULL. */
    const struct ji_variant_shape *variant;
};

struct ji_leaf {
    const struct ji_schema_element *element; /* physical type, type_length */
    const struct ji_field *field;            /* the scalar field that its values make */
    const struct ji_shape *shape;
    uint8_t max_def;
    uint8_t max_rep;
    size_t index;  /* among the leaves of its schema */
    size_t chunk;  /* its column chunk's number in each row group of the file */
    size_t column; /* the top-level column that it belongs to */
    const struct ji_view *path;
    size_t path_count;
    const char *name; /* the path joined by dots, for messages */
};

struct ji_parquet_schema {
    struct ji_schema schema; /* what the engine sees */
    struct ji_field *fields; /* its columns, for who finishes what was read; NULL of one that is written */
    struct ji_shape *shapes; /* schema.column_count */
    struct ji_leaf *leaves;
    size_t leaf_count;
    const struct ji_schema_element *elements; /* the root first */
    size_t element_count;
};

/* What else the reading of a schema depends on. */
struct ji_schema_wishes {
    enum ji_unit int96_unit;
    const struct ji_key_value *key_values; /* the file's: a reference system may stand there */
    size_t key_value_count;
};

/*
 * Reading: from the footer's elements (borrowed, a NUL behind each name), whatever wrote them: legacy
 * converted types, two-level lists and repeated fields without annotation included. Names are checked to
 * be UTF-8. CORRUPT and UNSUPPORTED name the column. `wishes` NULL: INT96 in nanoseconds, no key-value data.
 */
enum joist_status ji_parquet_schema_read(struct ji_arena *arena, const struct ji_schema_element *elements,
        size_t element_count, const struct ji_schema_wishes *wishes, struct ji_parquet_schema *out,
        struct joist_error *err);

/*
 * Writing: makes elements, leaves and shapes for `schema`, which is borrowed and which the shapes' fields
 * point into. Lists and maps have three levels; converted types stand beside the logical ones where old
 * readers know them. TIME and TIMESTAMP in seconds become MILLIS in the file: the writer multiplies
 * (ji_leaf_multiplier).
 */
enum joist_status ji_parquet_schema_write(struct ji_arena *arena, const struct ji_schema *schema,
        struct ji_parquet_schema *out, struct joist_error *err);

/* Whether a struct may be called FILE: its fields are some of the format's six, each nullable. */
bool ji_is_file_group(const struct ji_field *field);

/* What the writer multiplies the values of a leaf with: 1000 for seconds, else 1. */
static inline int64_t ji_leaf_multiplier(const struct ji_leaf *leaf)
{
    const bool is_time = leaf->field->kind == JI_TIME || leaf->field->kind == JI_TIMESTAMP;
    return is_time && leaf->field->unit == JI_SECOND ? 1000 : 1;
}

#endif
