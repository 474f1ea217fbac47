/*
 * ipc_fields.h - the fields of an IPC schema as an ArrowSchema, and what the format says beside it
 */
#ifndef JI_IPC_FIELDS_H
#define JI_IPC_FIELDS_H

#include <joist/arrow.h>

#include "arrow/ipc_type.h"

#define JI_IPC_FIELDS_MAX 100000

/* A field. All is the arena's: `schema.release` frees nothing. */
struct ji_ipc_node {
    struct ArrowSchema schema; /* of codes, where has_dictionary; `dictionary` is then that of `values` */
    bool has_dictionary;
    int64_t dictionary_id;
    struct ji_ipc_node *values;
    struct ji_ipc_node *children; /* schema.n_children */
};

/*
 * The header of a schema message: a struct of the columns. CORRUPT, or UNSUPPORTED for another byte
 * order than the machine's.
 */
enum joist_status ji_ipc_fields_read(struct ji_arena *arena, const struct ji_flat_table *header,
        struct ji_ipc_node *root, struct joist_error *err);
/* The node below that has the dictionary of that number; NULL where none does. */
struct ji_ipc_node *ji_ipc_find_dictionary(struct ji_ipc_node *node, int64_t id);

/* Puts a table Schema. Dictionaries are numbered from 0 in the order of the fields, parents first. */
enum joist_status ji_ipc_fields_put(
        struct ji_bytes *out, const struct ArrowSchema *schema, size_t *at, struct joist_error *err);

#endif
