/*
 * file_schema.h - the columns as a file is to have them
 */
#ifndef JI_FILE_SCHEMA_H
#define JI_FILE_SCHEMA_H

#include "parquet/write/write_options.h"

/*
 * The schema as it stands, or, where options call for it, a copy in the arena: fields annotated, variants
 * with a typed_value. INVALID names a column that is not there, or cannot be as it is wanted.
 */
enum joist_status ji_file_schema_make(struct ji_arena *arena, const struct ji_schema *schema,
        const struct joist_parquet_write_options *options, struct ji_schema *file, struct joist_error *err);

#endif
