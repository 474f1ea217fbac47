/*
 * text_out.c - rows of text on their way into a sink
 */
#include "text/text_out.h"

#define FLUSH_BYTES ((size_t)256 << 10)

enum joist_status ji_text_out_open(struct ji_text_out *out, struct joist_ctx *ctx,
        struct ArrowArrayStream *stream, struct joist_sink sink, const struct joist_text_options *options,
        struct joist_error *err)
{
    *out = (struct ji_text_out){.ctx = ctx, .sink = sink};
    JI_TRY(ji_text_options_take(options, "", &out->options, err));
    JI_TRY(ji_mem_open(ji_ctx_mem(ctx), "text out", &out->mem, err));
    ji_arena_init(&out->arena, out->mem);
    ji_bytes_init(&out->bytes, out->mem);
    return ji_stream_import(ctx, stream, &out->rows, err);
}

static enum joist_status flush(struct ji_text_out *out, struct joist_error *err)
{
    JI_TRY(ji_sink_append(&out->sink, out->bytes.data, out->bytes.size, err));
    out->bytes_done += out->bytes.size;
    out->bytes.size = 0;
    const struct joist_progress *progress = &out->options.progress;
    if (progress->report != NULL)
        progress->report(progress->user, out->bytes_done, 0, out->rows_done);
    return ji_cancel_check(out->options.cancel, err);
}

enum joist_status ji_text_out_run(
        struct ji_text_out *out, ji_text_row_fn row, void *arg, struct joist_error *err)
{
    for (;;) {
        const struct ji_batch *batch = NULL;
        JI_TRY(ji_cancel_check(out->options.cancel, err));
        JI_TRY(ji_stream_next(&out->rows, &batch, err));
        if (batch == NULL)
            return flush(out, err);
        for (size_t i = 0; i < batch->selection_count; i++) {
            JI_TRY(row(out, arg, batch, batch->selection == NULL ? i : batch->selection[i], err));
            out->rows_done++;
            if (out->bytes.size >= FLUSH_BYTES)
                JI_TRY(flush(out, err));
        }
    }
}

void ji_text_out_close(struct ji_text_out *out)
{
    ji_stream_close(&out->rows);
    ji_bytes_clear(&out->bytes);
    ji_arena_clear(&out->arena);
    if (out->mem != NULL)
        ji_mem_close(out->mem);
}
