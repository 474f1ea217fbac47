/*
 * csv_write.c - rows as CSV
 *
 * What csv_read.c reads back as it was: null is the null text (nothing by default), a string that is
 * empty or looks like the null text is quoted, and so is every field with a delimiter, quote or line end in
 * it. Lines end in a line feed. Lists, maps and structs are their JSON.
 */
#include "arrow/value.h"
#include "text/text_out.h"

static bool needs_quotes(const struct joist_text_options *options, struct ji_view text)
{
    if (text.size == 0 || (options->null_text != NULL && ji_view_equal_text(text, options->null_text)))
        return true;
    for (size_t i = 0; i < text.size; i++) {
        const uint8_t byte = text.data[i];
        if (byte == (uint8_t)options->delimiter || byte == (uint8_t)options->quote || byte == '\n' ||
                byte == '\r')
            return true;
    }
    return false;
}

/* Puts quotes around the bytes from `begin` on, and doubles those within. */
static enum joist_status quote_tail(
        struct ji_bytes *bytes, size_t begin, uint8_t quote, struct joist_error *err)
{
    size_t doubled = 0;
    for (size_t i = begin; i < bytes->size; i++)
        doubled += bytes->data[i] == quote;
    JI_TRY(ji_bytes_reserve(bytes, doubled + 2, err));
    uint8_t *to = bytes->data + bytes->size + doubled + 2;
    const size_t size = bytes->size + doubled + 2;
    *--to = quote;
    for (size_t i = bytes->size; i > begin; i--) {
        *--to = bytes->data[i - 1];
        if (*to == quote)
            *--to = quote;
    }
    *--to = quote;
    bytes->size = size;
    return JOIST_OK;
}

static enum joist_status quote_where_due(struct ji_text_out *out, size_t begin, struct joist_error *err)
{
    struct ji_bytes *bytes = &out->bytes;
    if (!needs_quotes(&out->options, ji_view_of(bytes->data + begin, bytes->size - begin)))
        return JOIST_OK;
    return quote_tail(bytes, begin, (uint8_t)out->options.quote, err);
}

static enum joist_status write_row(
        struct ji_text_out *out, void *arg, const struct ji_batch *batch, size_t row, struct joist_error *err)
{
    (void)arg;
    for (size_t i = 0; i < batch->column_count; i++) {
        const struct ji_column *column = &batch->columns[i];
        if (i > 0)
            JI_TRY(ji_bytes_append_byte(&out->bytes, (uint8_t)out->options.delimiter, err));
        const size_t begin = out->bytes.size;
        if (!ji_column_is_null(column, row)) {
            JI_TRY(ji_column_text(column, row, &out->bytes, err));
            JI_TRY(quote_where_due(out, begin, err));
        } else if (out->options.null_text != NULL) {
            JI_TRY(ji_bytes_append_text(&out->bytes, out->options.null_text, err));
        }
    }
    return ji_bytes_append_byte(&out->bytes, '\n', err);
}

static enum joist_status write_header(struct ji_text_out *out, struct joist_error *err)
{
    const struct ji_schema *schema = ji_stream_schema(&out->rows);
    for (size_t i = 0; i < schema->column_count; i++) {
        if (i > 0)
            JI_TRY(ji_bytes_append_byte(&out->bytes, (uint8_t)out->options.delimiter, err));
        const size_t begin = out->bytes.size;
        JI_TRY(ji_bytes_append_text(&out->bytes, schema->columns[i].name, err));
        JI_TRY(quote_where_due(out, begin, err));
    }
    return ji_bytes_append_byte(&out->bytes, '\n', err);
}

enum joist_status joist_csv_write(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        struct joist_sink sink, const struct joist_text_options *options, struct joist_error *err)
{
    struct ji_text_out out;
    enum joist_status status = ji_text_out_open(&out, ctx, stream, sink, options, err);
    if (status == JOIST_OK && !out.options.no_header)
        status = write_header(&out, err);
    if (status == JOIST_OK)
        status = ji_text_out_run(&out, write_row, NULL, err);
    ji_text_out_close(&out);
    return status;
}
