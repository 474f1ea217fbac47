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

/* `from` must be a struct ("+s"). Every text is checked and copied; a type we lack is UNSUPPORTED by name. */
enum joist_status ji_schema_import(struct ji_arena *arena, const struct ArrowSchema *from,
        struct ji_schema *schema, struct joist_error *err);
/* `out` owns itself, from `mem`, which must outlive it. */
enum joist_status ji_schema_export(
        struct ji_mem *mem, const struct ji_schema *schema, struct ArrowSchema *out, struct joist_error *err);

#endif
