/*
 * ipc_body.h - an array as the RecordBatch of Arrow's IPC format, and its body
 */
#ifndef JI_IPC_BODY_H
#define JI_IPC_BODY_H

#include <joist/arrow.h>

#include "arrow/ipc_dictionaries.h"
#include "codec/codec.h"

#define JI_IPC_BUFFER_ALIGNMENT 64

struct ji_ipc_packing {
    struct ji_codec_context *codecs;
    enum ji_codec codec; /* NONE, LZ4_FRAME, ZSTD */
    int level;
};

/* What one batch is made of; its memory is used again. */
struct ji_ipc_parts {
    struct ji_bytes nodes;    /* pairs of uint64_t: rows, nulls */
    struct ji_bytes buffers;  /* pairs of uint64_t: offset, size */
    struct ji_bytes variadic; /* int64_t: buffers of text behind each array of views */
    struct ji_bytes codes;    /* of a dictionary, as they are written */
    struct ji_bytes body;
};

void ji_ipc_parts_init(struct ji_ipc_parts *parts, struct ji_mem *mem);
void ji_ipc_parts_clear(struct ji_ipc_parts *parts);

/* An array on its way into the parts. */
struct ji_ipc_part {
    const struct ArrowSchema *schema;
    const struct ArrowArray *array;
    const struct ji_ipc_dictionary *dictionaries; /* those within the array, each with the map of its codes */
};
/*
 * Columns of a struct array, or an array of a dictionary's values, that we exported ourselves: from their
 * first row on, with counts of nulls.
 */
enum joist_status ji_ipc_parts_of_columns(struct ji_ipc_parts *parts, const struct ji_ipc_part *part,
        const struct ji_ipc_packing *packing, struct joist_error *err);
enum joist_status ji_ipc_parts_of_values(struct ji_ipc_parts *parts, const struct ji_ipc_part *part,
        const struct ji_ipc_packing *packing, struct joist_error *err);

#endif
