/*
 * variant_shred.h - binary variants into the columns of a shredded VARIANT group (VariantShredding.md)
 *
 *     {"a": 1, "b": "x"}   by struct<a long>     typed_value { a { typed_value 1 } }   value {"b": "x"}
 *     [1, 2]                                     typed_value null                      value [1, 2]
 *
 * The way back is variant_assemble.h. Dictionaries stay as they are. What is of the shredded type goes into
 * typed_value, what is not stands as it was: integers of any width go into a shredded integer that holds
 * them, decimals into one of their scale, all else into its own type alone.
 */
#ifndef JI_VARIANT_SHRED_H
#define JI_VARIANT_SHRED_H

#include "arrow/column_builder.h"
#include "parquet/format/variant_shape.h"
#include "wire/variant_build.h"

struct ji_variant_shredder {
    const struct ji_variant_shape *shape;
    struct ji_column_builder builder; /* of the group as the file has it; borrows bytes */
    struct ji_variant_builder rest;   /* the object that is left of one */
    struct ji_arena arena;            /* of this batch: objects that are left, columns */
    struct ji_variant_names names;    /* of the row at hand */
    bool has_names;
};

/* `storage` is the group as the file has it, `shape` made of it; both are borrowed. */
enum joist_status ji_variant_shredder_init(struct ji_variant_shredder *shredder, struct ji_mem *mem,
        const struct ji_field *storage, const struct ji_variant_shape *shape, struct joist_error *err);
void ji_variant_shredder_clear(struct ji_variant_shredder *shredder); /* accepts all zero */

/*
 * `variants` is a flat struct of metadata and value; `*out` the group's, as long, which lives until the next
 * call and borrows from `variants`. INVALID with the number of the row whose variant breaks the format.
 */
enum joist_status ji_variant_shred(struct ji_variant_shredder *shredder, const struct ji_column *variants,
        struct ji_column *out, struct joist_error *err);

#endif
