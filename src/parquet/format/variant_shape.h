/*
 * variant_shape.h - how the columns of a VARIANT group make values (VariantShredding.md)
 *
 *     group v (VARIANT)              node  typed FIELDS: a, b
 *       binary metadata                      a: typed SCALAR int64, value
 *       binary value                         b: typed ELEMENTS
 *       group typed_value                         element: typed SCALAR string, value
 *         group a { value, typed_value int64 }
 *         group b { value, typed_value (LIST) { element { value, typed_value string } } }
 *
 * Children are found by name, in any order; `child` numbers are those of the group's field.
 */
#ifndef JI_VARIANT_SHAPE_H
#define JI_VARIANT_SHAPE_H

#include "parquet/format/parquet_schema.h"
#include "wire/variant_read.h"

/* Arrow's name for the storage struct of metadata and value. */
#define JI_VARIANT_EXTENSION "arrow.parquet.variant"

#define JI_VARIANT_ABSENT SIZE_MAX

bool ji_is_variant(const struct ji_field *field);

enum ji_variant_typed {
    JI_VARIANT_UNTYPED = 0, /* no typed_value */
    JI_VARIANT_SCALAR,
    JI_VARIANT_FIELDS,
    JI_VARIANT_ELEMENTS,
};

struct ji_variant_node {
    struct ji_view name; /* of an object's field */
    size_t child;        /* this node's group in its parent's typed_value */
    size_t name_number;  /* of an object's field: its name among shape->names */
    size_t value_child;  /* or ABSENT */
    size_t typed_child;  /* or ABSENT */
    enum ji_variant_typed typed;
    enum ji_variant_type type; /* SCALAR; TRUE stands for both booleans */
    unsigned scale;            /* SCALAR of a decimal */
    size_t count;
    struct ji_variant_node *nodes; /* FIELDS: by name, rising; ELEMENTS: the one */
};

struct ji_variant_shape {
    const struct ji_field *field; /* what callers see: struct<metadata, value>, both binary and required */
    size_t metadata_child;
    bool is_plain; /* nothing is shredded, value is required */
    size_t name_count;
    const struct ji_view *names; /* of all shredded fields, rising, each once */
    struct ji_variant_node top;
};

/*
 * Of a group that was mapped as the struct `storage`, whose leaves stand in `leaves`. Fills `field` (name, id
 * and nullability are there) with what callers see. CORRUPT where the group breaks the rules, UNSUPPORTED
 * where it is shredded into a type that variants do not have; neither names the column.
 */
enum joist_status ji_variant_shape_make(struct ji_arena *arena, const struct ji_shape *storage,
        const struct ji_leaf *leaves, struct ji_field *field, struct ji_variant_shape *out,
        struct joist_error *err);

#endif
