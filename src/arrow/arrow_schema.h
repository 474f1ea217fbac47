/*
 * arrow_schema.h - ArrowSchema <-> ji_schema
 *
 * Format strings: https://arrow.apache.org/docs/format/CDataInterface.html. Field ids stand in the
 * metadata key "PARQUET:field_id"; uuid is fixed-size binary 16 with ARROW:extension:name arrow.uuid.
 */
#ifndef JI_ARROW_SCHEMA_H
#define JI_ARROW_SCHEMA_H

#include <joist/arrow.h>

#include "arrow/arrow_type.h"
#include "base/ctx.h"

/*
 * How the arrays of an ArrowSchema are laid out: what a ji_schema leaves open (large, view and dictionary
 * types, fixed-size lists, dates in milliseconds, the width of decimals).
 */
struct ji_array_shape;

/*
 * `from` must be a struct ("+s"). Every text is checked and copied; a type we lack is UNSUPPORTED by name.
 * Durations come as INT64. Metadata of fields and of the whole are kept.
 */
enum joist_status ji_schema_import(struct ji_arena *arena, const struct ArrowSchema *from,
        struct ji_schema *schema, struct joist_error *err);
/* The same, with what ji_shaped_array_import wants to know beside the schema. */
enum joist_status ji_schema_import_shape(struct ji_arena *arena, const struct ArrowSchema *from,
        struct ji_schema *schema, const struct ji_array_shape **shape, struct joist_error *err);
/* `out` owns itself, from `mem`, which must outlive it. */
enum joist_status ji_schema_export(
        struct ji_mem *mem, const struct ji_schema *schema, struct ArrowSchema *out, struct joist_error *err);
/* The same for a caller of the library: `out` holds a reference on the ctx, and may outlive all else. */
enum joist_status ji_schema_hand_out(struct joist_ctx *ctx, const struct ji_schema *schema,
        struct ArrowSchema *out, struct joist_error *err);
/* The same of arrays that are laid out as `shape` says; NULL: plain. */
enum joist_status ji_shaped_schema_hand_out(struct joist_ctx *ctx, const struct ji_schema *schema,
        const struct ji_array_shape *shape, struct ArrowSchema *out, struct joist_error *err);

#endif
