/*
 * ipc_body.h - an array as the RecordBatch of Arrow's IPC format, and its body
 */
#ifndef JI_IPC_BODY_H
#define JI_IPC_BODY_H

#include <joist/arrow.h>

#include "codec/codec.h"

#define JI_IPC_BUFFER_ALIGNMENT 64

struct ji_ipc_packing {
    struct ji_codec_context *codecs;
    enum ji_codec codec; /* NONE, LZ4_FRAME, ZSTD */
    int level;
};

/* What one batch is made of; its memory is used again. */
struct ji_ipc_parts {
    struct ji_bytes nodes;   /* pairs of uint64_t: rows, nulls */
    struct ji_bytes buffers; /* pairs of uint64_t: offset, size */
    struct ji_bytes body;
};

void ji_ipc_parts_init(struct ji_ipc_parts *parts, struct ji_mem *mem);
void ji_ipc_parts_clear(struct ji_ipc_parts *parts);

/* The columns of a struct array that ji_stream_export made, plain, with no shape. */
enum joist_status ji_ipc_parts_make(struct ji_ipc_parts *parts, const struct ArrowSchema *schema,
        const struct ArrowArray *array, const struct ji_ipc_packing *packing, struct joist_error *err);

#endif
