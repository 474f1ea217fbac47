/*
 * ndjson_write.c - rows as newline-delimited JSON
 *
 *     {"id":1,"name":"oak"}\n      every column in every row, null where it is null
 */
#include "arrow/value.h"
#include "text/text_out.h"
#include "wire/json_write.h"

/* What stands before each column's value: the separator, the name in quotes, the colon. */
static enum joist_status make_keys(struct ji_text_out *out, struct ji_view **keys, struct joist_error *err)
{
    const struct ji_schema *schema = ji_stream_schema(&out->rows);
    struct ji_view *made = NULL;
    struct ji_bytes *text = &out->bytes;
    JI_TRY(ji_arena_array(&out->arena, schema->column_count, sizeof *made, &made, err));
    for (size_t i = 0; i < schema->column_count; i++) {
        text->size = 0;
        JI_TRY(ji_bytes_append_byte(text, i == 0 ? '{' : ',', err));
        JI_TRY(ji_json_append_string(text, ji_view_of_text(schema->columns[i].name), err));
        JI_TRY(ji_bytes_append_byte(text, ':', err));
        JI_TRY(ji_arena_view(&out->arena, ji_view_of(text->data, text->size), &made[i], err));
    }
    text->size = 0;
    *keys = made;
    return JOIST_OK;
}

static enum joist_status write_row(
        struct ji_text_out *out, void *arg, const struct ji_batch *batch, size_t row, struct joist_error *err)
{
    const struct ji_view *keys = arg;
    for (size_t i = 0; i < batch->column_count; i++) {
        JI_TRY(ji_bytes_append(&out->bytes, keys[i].data, keys[i].size, err));
        JI_TRY(ji_column_json(&batch->columns[i], row, &out->bytes, err));
    }
    return ji_bytes_append_text(&out->bytes, batch->column_count == 0 ? "{}\n" : "}\n", err);
}

enum joist_status joist_ndjson_write(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        struct joist_sink sink, const struct joist_text_options *options, struct joist_error *err)
{
    struct ji_text_out out;
    struct ji_view *keys = NULL;
    enum joist_status status = ji_text_out_open(&out, ctx, stream, sink, options, err);
    if (status == JOIST_OK)
        status = make_keys(&out, &keys, err);
    if (status == JOIST_OK)
        status = ji_text_out_run(&out, write_row, keys, err);
    ji_text_out_close(&out);
    return status;
}
