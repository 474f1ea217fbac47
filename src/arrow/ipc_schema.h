/*
 * ipc_schema.h - the Schema message of Arrow's IPC format, as Parquet files carry it
 *
 * Format: apache/arrow, format/Message.fbs and Schema.fbs.
 */
#ifndef JI_IPC_SCHEMA_H
#define JI_IPC_SCHEMA_H

#include "arrow/array_shape.h"

/*
 * What the message says, as fields and their layout: a struct's shape, whose children are the columns. A
 * type that we lack is of kind NULL. Texts of names, zones and extensions are the arena's, metadata
 * points into `message`. CORRUPT.
 */
enum joist_status ji_ipc_schema_read(struct ji_arena *arena, struct ji_view message, struct ji_schema *schema,
        struct ji_array_shape **shape, struct joist_error *err);

#endif
