/*
 * arrow_origin.h - what the key-value pair "ARROW:schema" adds to the schema of a file
 */
#ifndef JI_ARROW_ORIGIN_H
#define JI_ARROW_ORIGIN_H

#include <joist/arrow.h>

#include "arrow/array_shape.h"
#include "parquet/format/parquet_schema.h"

#define JI_ARROW_SCHEMA_KEY "ARROW:schema"

/*
 * Makes the layout of the file's arrays, and gives the schema the file's key-value pairs as its metadata.
 * With `*restores`, fields and layout get what the Arrow schema in the file says beyond Parquet, where it
 * has as many columns and the types agree; one that is broken is passed over as a whole. Where that shows
 * too late `*restores` becomes false: schema and layout are half restored, and both are to be made again.
 */
enum joist_status ji_arrow_origin_apply(struct ji_arena *arena, const struct ji_footer *footer,
        bool *restores, struct ji_parquet_schema *schema, const struct ji_array_shape **layout,
        struct joist_error *err);

/* The pair for a schema of what is to be written. */
enum joist_status ji_arrow_origin_make(struct ji_arena *arena, const struct ArrowSchema *schema,
        struct ji_key_value *pair, struct joist_error *err);

#endif
