/*
 * assemble.h - nested columns from the levels of their leaves
 *
 * One node a shape, made once and used for every batch: its buffers are kept.
 */
#ifndef JI_ASSEMBLE_H
#define JI_ASSEMBLE_H

#include "arrow/batch.h"
#include "parquet/decode/variant_assemble.h"
#include "parquet/format/parquet_schema.h"

/* What a leaf has for one batch: its levels, an entry for each, and the column of its slots. */
struct ji_leaf_part {
    const uint8_t *defs;
    const uint8_t *reps; /* NULL: all 0 */
    size_t entry_count;
    struct ji_column column;
};

struct ji_assembly {
    const struct ji_shape *shape;
    /* A slot of this shape stands at every entry with def >= slot_def and rep <= slot_rep. */
    uint8_t slot_def;
    uint8_t slot_rep;
    struct ji_buffer *validity;
    struct ji_buffer *offsets;
    struct ji_column column;
    struct ji_assembly *children;
    struct ji_column *child_columns;
    struct ji_variant_assembly *variant; /* of a VARIANT group; else NULL */
};

/* Nodes in the arena, from whose pool buffers come later; they go with ji_assembly_clear. */
enum joist_status ji_assembly_init(struct ji_assembly *node, struct ji_arena *arena,
        const struct ji_shape *shape, struct joist_error *err);
void ji_assembly_clear(struct ji_assembly *node);

/*
 * Fills node->column, of `rows` rows, from parts[0 .. shape->leaf_count). It lives until the next call.
 * CORRUPT where the leaves disagree.
 */
enum joist_status ji_assemble(struct ji_assembly *node, struct ji_mem *mem, const struct ji_leaf_part *parts,
        size_t rows, struct joist_error *err);

#endif
