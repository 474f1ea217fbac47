/*
 * stream_text.c - the rows of a stream as lines of JSON
 */
#include "support/stream_text.h"

#include "arrow/arrow_schema.h"
#include "arrow/batch_stream.h"
#include "arrow/value.h"

static enum joist_status add_rows(
        const struct ji_batch *batch, struct ji_bytes *text, struct joist_error *err)
{
    for (size_t row = 0; row < batch->row_count; row++) {
        for (size_t column = 0; column < batch->column_count; column++) {
            JI_TRY(ji_bytes_append_byte(text, column == 0 ? '[' : ',', err));
            JI_TRY(ji_column_json(&batch->columns[column], row, text, err));
        }
        JI_TRY(ji_bytes_append_text(text, "]\n", err));
    }
    return JOIST_OK;
}

enum joist_status stream_text_of_arrays(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        struct ji_bytes *text, struct joist_error *err)
{
    struct ji_arena kept;
    struct ji_arena arena;
    struct ArrowSchema from = {.release = NULL};
    struct ji_schema schema;
    const struct ji_array_shape *shape = NULL;
    enum joist_status status = JOIST_OK;
    ji_arena_init(&kept, ji_ctx_mem(ctx));
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    if (stream->get_schema(stream, &from) != 0) {
        status = JOIST_ERR_NO_MEMORY;
        goto out;
    }
    JI_TRY_OUT(ji_schema_import_shape(&kept, &from, &schema, &shape, err));
    for (;;) {
        struct ArrowArray array;
        struct ji_batch batch;
        JI_TRY_OUT(joist_stream_next(stream, &array, err));
        if (array.release == NULL)
            break;
        ji_arena_reset(&arena);
        status = ji_shaped_array_import(&arena, &schema, shape, &array, &batch, err);
        if (status == JOIST_OK)
            status = add_rows(&batch, text, err);
        array.release(&array);
        if (status != JOIST_OK)
            break;
    }
out:
    if (from.release != NULL)
        from.release(&from);
    ji_arena_clear(&arena);
    ji_arena_clear(&kept);
    return status;
}

enum joist_status stream_text_of_batches(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        struct ji_bytes *text, struct joist_error *err)
{
    struct ji_batch_stream batches = {.ops = NULL};
    const struct ji_batch *batch = NULL;
    enum joist_status status = JOIST_OK;
    JI_TRY(ji_stream_import(ctx, stream, &batches, err));
    do {
        JI_TRY_OUT(ji_stream_next(&batches, &batch, err));
        if (batch != NULL)
            JI_TRY_OUT(add_rows(batch, text, err));
    } while (batch != NULL);
out:
    ji_stream_close(&batches);
    return status;
}
