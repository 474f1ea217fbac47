/*
 * ipc_fuzz.c - any bytes as Arrow's IPC format, file or stream, whole or through a pipe
 *
 * The first byte says whether the size is known, and how what is read is written: with the layouts that it
 * has or plain, as a file or stream. It is read again: the same rows.
 */
#include <joist/joist.h>

#include "arrow/ipc_stream.h"
#include "arrow/value.h"
#include "base/ctx.h"
#include "support/text_case.h"
#include "support/text_sink.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum joist_status read_rows(struct joist_ctx *ctx, struct ji_view bytes, bool sequential,
        struct ji_bytes *out, struct joist_error *err)
{
    struct text_source source = {
            .name = "f", .data = bytes.data, .size = bytes.size, .sequential = sequential};
    struct ji_batch_stream stream;
    enum joist_status status = JOIST_OK;
    JI_TRY(ji_ipc_stream_open(ctx, text_source_of(&source), NULL, &stream, err));
    for (uint64_t rows = 0; rows < 200000;) {
        const struct ji_batch *batch = NULL;
        JI_TRY_OUT(ji_stream_next(&stream, &batch, err));
        if (batch == NULL)
            break;
        for (size_t row = 0; row < batch->row_count && row < 1000; row++) {
            for (size_t i = 0; i < batch->column_count; i++)
                JI_TRY_OUT(ji_column_json(&batch->columns[i], row, out, err));
            JI_TRY_OUT(ji_bytes_append_byte(out, '\n', err));
        }
        rows += batch->row_count;
    }

out:
    ji_stream_close(&stream);
    return status;
}

static enum joist_status write_rows(struct joist_ctx *ctx, struct ji_view bytes, unsigned how,
        struct text_sink *sink, struct joist_error *err)
{
    const unsigned codec = how % 64;
    const struct joist_ipc_options keep = {.struct_size = sizeof keep, .keep_layout = how < 64};
    struct text_source source = {.name = "f", .data = bytes.data, .size = bytes.size};
    struct ArrowArrayStream stream;
    const struct joist_ipc_options options = {
            .struct_size = sizeof options, .as_stream = codec % 2 == 0, .codec = codec % 3};
    JI_TRY(joist_ipc_open(ctx, text_source_of(&source), &keep, &stream, err));
    const enum joist_status status = joist_ipc_write(ctx, &stream, text_sink_of(sink), &options, err);
    stream.release(&stream);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = 32 << 20, .threads = 1};
    struct joist_ctx *ctx = NULL;
    struct ji_bytes first;
    struct ji_bytes second;
    struct text_sink sink = {.appends = 0};
    struct joist_error err;
    if (size < 1 || joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    const struct ji_view bytes = ji_view_of(data + 1, size - 1);
    ji_bytes_init(&first, ji_ctx_mem(ctx));
    ji_bytes_init(&second, ji_ctx_mem(ctx));
    ji_bytes_init(&sink.bytes, ji_ctx_mem(ctx));
    const bool sequential = (data[0] & 1) != 0;
    if (read_rows(ctx, bytes, sequential, &first, &err) == JOIST_OK && !sequential &&
            first.size < (1 << 20) && write_rows(ctx, bytes, data[0] >> 1, &sink, &err) == JOIST_OK) {
        const struct ji_view again = ji_view_of(sink.bytes.data, sink.bytes.size);
        const enum joist_status status = read_rows(ctx, again, false, &second, &err);
        if (status != JOIST_OK && status != JOIST_ERR_LIMIT)
            abort();
        if (status == JOIST_OK &&
                (first.size != second.size ||
                        (first.size > 0 && memcmp(first.data, second.data, first.size) != 0)))
            abort();
    }
    ji_bytes_clear(&sink.bytes);
    ji_bytes_clear(&second);
    ji_bytes_clear(&first);
    joist_ctx_close(ctx);
    return 0;
}
