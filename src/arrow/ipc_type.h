/*
 * ipc_type.h - the union Type of Arrow's IPC format <-> format strings of the C data interface
 *
 * Format: apache/arrow, format/Schema.fbs.
 */
#ifndef JI_IPC_TYPE_H
#define JI_IPC_TYPE_H

#include "base/arena.h"
#include "wire/flatbuffer.h"
#include "wire/flatbuffer_write.h"

/* The format string of a Field's type, in the arena. UNSUPPORTED for types that have none that we know. */
enum joist_status ji_ipc_type_read(struct ji_arena *arena, const struct ji_flat_table *field,
        const char **format, struct joist_error *err);
/* The number of the type in the union; 0 where we have none for it. */
unsigned ji_ipc_type_number(const char *format);
/* Its table. */
enum joist_status ji_ipc_type_put(
        struct ji_bytes *out, const char *format, size_t *at, struct joist_error *err);
/* The table Int that tells how wide the codes of a dictionary are. */
bool ji_ipc_int_format(const struct ji_flat_table *type, const char **format);

#endif
