/*
 * ipc_schema.h - the Schema message of Arrow's IPC format, as Parquet files carry it
 *
 * Format: apache/arrow, format/Message.fbs and Schema.fbs.
 */
#ifndef JI_IPC_SCHEMA_H
#define JI_IPC_SCHEMA_H

#include "arrow/array_shape.h"
#include "wire/flatbuffer.h"

struct ji_ipc_schema {
    struct ji_flat_buffer buffer;  /* borrows the message */
    struct ji_flat_vector columns; /* `columns.count` of them */
};

/* CORRUPT. The schema must not be moved from then on. */
enum joist_status ji_ipc_schema_open(
        struct ji_ipc_schema *schema, struct ji_view message, struct joist_error *err);
/*
 * What the message says of column `index`, as a field and its layout; its name, and those below it, are "". A
 * type that we lack is of kind NULL. Children and the texts of zones and extensions are the arena's, metadata
 * points into the message. CORRUPT, of whatever was asked for first: a broken message stays broken.
 */
enum joist_status ji_ipc_schema_column(struct ji_ipc_schema *schema, size_t index, struct ji_arena *arena,
        struct ji_field *field, struct ji_array_shape *shape, struct joist_error *err);

#endif
