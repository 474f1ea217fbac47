/*
 * ipc_arrays.h - a record batch of Arrow's IPC format as arrays
 *
 *     RecordBatch { rows, nodes (rows, nulls), buffers (offset, size) }     body: [buffer] [buffer] ...
 *
 * Every size of every buffer is held against what its array's rows need, and offsets against the bytes that
 * they lead into, so that what comes out may be imported like the arrays of a program in the same process.
 */
#ifndef JI_IPC_ARRAYS_H
#define JI_IPC_ARRAYS_H

#include "arrow/array_shape.h"
#include "arrow/ipc_fields.h"
#include "codec/codec.h"

#define JI_IPC_ROWS_MAX INT32_MAX

/* Where arrays of codes find the array of values: a list that ends with NULL. */
struct ji_ipc_dictionary_place {
    struct ji_ipc_dictionary_place *next;
    int64_t id;
    struct ArrowArray *array;
};

struct ji_ipc_body {
    struct ji_view bytes;
    struct ji_codec_context *codecs;
    struct ji_arena *arena; /* of arrays and of what was compressed */
    const struct ji_ipc_dictionary_place *dictionaries;
};

/*
 * `batch` is the table RecordBatch, `root` a struct whose children are the columns, `fields` and `shape`
 * theirs. The array borrows from body and arena; its release frees nothing. CORRUPT, UNSUPPORTED, LIMIT.
 */
enum joist_status ji_ipc_arrays_read(const struct ji_flat_table *batch, const struct ji_ipc_body *body,
        const struct ji_ipc_node *root, const struct ji_field *fields, const struct ji_array_shape *shape,
        struct ArrowArray *array, struct joist_error *err);

#endif
