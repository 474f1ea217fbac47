/*
 * show.c - joist_show: rows of any stream as a table, CSV or NDJSON
 *
 * The table holds the rows that it shows; CSV and NDJSON hold one piece of OUT_BYTES at most
 * (and one row, where a row is larger).
 */
#include <joist/text.h>

#include "arrow/batch_stream.h"
#include "arrow/show_table.h"
#include "arrow/value.h"
#include "base/io.h"
#include "wire/json_write.h"

#include <assert.h>

#define ROWS_MAX_DEFAULT 40
#define OUT_BYTES ((size_t)64 << 10)

struct show {
    struct ji_mem *mem;
    struct joist_sink sink;
    struct ji_batch_stream stream;
    struct ji_bytes out;
    struct ji_bytes cell;
    struct ji_bytes keys;     /* NDJSON: {"a": and ,"b": ... */
    struct ji_bytes key_ends; /* size_t: where each ends */
    uint64_t row_count;
};

static enum joist_status flush(struct show *show, size_t above, struct joist_error *err)
{
    if (show->out.size <= above)
        return JOIST_OK;
    JI_TRY(ji_sink_append(&show->sink, show->out.data, show->out.size, err));
    show->out.size = 0;
    return JOIST_OK;
}

/* --- CSV: RFC 4180; null is an empty field, the empty text a pair of quotes --- */

static bool wants_quotes(struct ji_view text)
{
    bool wants = text.size == 0;
    for (size_t i = 0; i < text.size; i++) {
        const uint8_t byte = text.data[i];
        wants |= (byte == '"') | (byte == ',') | (byte == '\n') | (byte == '\r');
    }
    return wants;
}

static enum joist_status csv_field(struct ji_view text, struct ji_bytes *out, struct joist_error *err)
{
    if (!wants_quotes(text))
        return ji_bytes_append(out, text.data, text.size, err);
    JI_TRY(ji_bytes_append_byte(out, '"', err));
    const uint8_t *at = text.data;
    size_t left = text.size;
    while (left > 0) {
        const uint8_t *quote = memchr(at, '"', left);
        const size_t size = quote == NULL ? left : (size_t)(quote - at) + 1;
        JI_TRY(ji_bytes_append(out, at, size, err));
        if (quote != NULL)
            JI_TRY(ji_bytes_append_byte(out, '"', err));
        at += size;
        left -= size;
    }
    return ji_bytes_append_byte(out, '"', err);
}

/* Text of these kinds holds nothing that would want quotes. */
static bool is_plain(enum ji_kind kind)
{
    return !ji_kind_is_nested(kind) && !ji_kind_is_view(kind);
}

static enum joist_status csv_cell(
        struct show *show, const struct ji_column *column, size_t row, struct joist_error *err)
{
    const struct ji_field *field = column->field;
    const struct ji_value value = ji_kind_is_nested(field->kind) ? (struct ji_value){.is_null = false}
                                                                 : ji_column_value(column, row);
    if (is_plain(field->kind))
        return ji_value_text(field, &value, &show->out, err);
    if (field->kind == JI_STRING)
        return csv_field(value.as.view, &show->out, err);
    show->cell.size = 0;
    JI_TRY(ji_column_text(column, row, &show->cell, err));
    return csv_field(ji_view_of(show->cell.data, show->cell.size), &show->out, err);
}

static enum joist_status csv_header(
        const struct ji_schema *schema, struct ji_bytes *out, struct joist_error *err)
{
    for (size_t i = 0; i < schema->column_count; i++) {
        if (i > 0)
            JI_TRY(ji_bytes_append_byte(out, ',', err));
        JI_TRY(csv_field(ji_view_of_text(schema->columns[i].name), out, err));
    }
    return ji_bytes_append_byte(out, '\n', err);
}

static enum joist_status csv_row(
        struct show *show, const struct ji_batch *batch, size_t row, struct joist_error *err)
{
    for (size_t i = 0; i < batch->column_count; i++) {
        const struct ji_column *column = &batch->columns[i];
        if (i > 0)
            JI_TRY(ji_bytes_append_byte(&show->out, ',', err));
        if (!ji_column_is_null(column, row))
            JI_TRY(csv_cell(show, column, row, err));
    }
    return ji_bytes_append_byte(&show->out, '\n', err);
}

/* --- NDJSON: what stands before each value is made once --- */

static enum joist_status ndjson_keys(struct show *show, struct joist_error *err)
{
    const struct ji_schema *schema = ji_stream_schema(&show->stream);
    for (size_t i = 0; i < schema->column_count; i++) {
        JI_TRY(ji_bytes_append_byte(&show->keys, i == 0 ? '{' : ',', err));
        JI_TRY(ji_json_append_string(&show->keys, ji_view_of_text(schema->columns[i].name), err));
        JI_TRY(ji_bytes_append_byte(&show->keys, ':', err));
        const size_t end = show->keys.size;
        JI_TRY(ji_bytes_append(&show->key_ends, &end, sizeof end, err));
    }
    return JOIST_OK;
}

static enum joist_status ndjson_row(
        struct show *show, const struct ji_batch *batch, size_t row, struct joist_error *err)
{
    struct ji_bytes *out = &show->out;
    const size_t *ends = (const size_t *)(const void *)show->key_ends.data;
    size_t begin = 0;
    if (batch->column_count == 0)
        return ji_bytes_append_text(out, "{}\n", err);
    for (size_t i = 0; i < batch->column_count; i++) {
        JI_TRY(ji_bytes_append(out, show->keys.data + begin, ends[i] - begin, err));
        JI_TRY(ji_column_json(&batch->columns[i], row, out, err));
        begin = ends[i];
    }
    return ji_bytes_append(out, "}\n", 2, err);
}

static enum joist_status show_lines(struct show *show, bool csv, struct joist_error *err)
{
    JI_TRY(csv ? csv_header(ji_stream_schema(&show->stream), &show->out, err) : ndjson_keys(show, err));
    for (;;) {
        const struct ji_batch *batch;
        JI_TRY(ji_stream_next(&show->stream, &batch, err));
        if (batch == NULL)
            break;
        for (size_t i = 0; i < batch->selection_count; i++) {
            const size_t row = batch->selection == NULL ? i : batch->selection[i];
            JI_TRY(csv ? csv_row(show, batch, row, err) : ndjson_row(show, batch, row, err));
            JI_TRY(flush(show, OUT_BYTES, err));
        }
        show->row_count += batch->selection_count;
    }
    return flush(show, 0, err);
}

static enum joist_status show_table(
        struct show *show, const struct joist_show_options *options, struct joist_error *err)
{
    struct ji_show_table table;
    enum joist_status status = JOIST_OK;
    const uint64_t rows_max = options->rows_max == 0 ? ROWS_MAX_DEFAULT : options->rows_max;
    JI_TRY(ji_show_table_open(
            &table, show->mem, ji_stream_schema(&show->stream), rows_max, options->width_max, err));
    for (;;) {
        const struct ji_batch *batch;
        JI_TRY_OUT(ji_stream_next(&show->stream, &batch, err));
        if (batch == NULL)
            break;
        JI_TRY_OUT(ji_show_table_batch(&table, batch, err));
    }
    JI_TRY_OUT(ji_show_table_print(&table, &show->out, err));
    JI_TRY_OUT(flush(show, 0, err));
    show->row_count = table.row_count;
out:
    ji_show_table_close(&table);
    return status;
}

static enum joist_status run_show(
        struct show *show, const struct joist_show_options *options, struct joist_error *err)
{
    if (options->style == JOIST_SHOW_TABLE)
        return show_table(show, options, err);
    return show_lines(show, options->style == JOIST_SHOW_CSV, err);
}

/* Fields that the caller's older struct lacks stay zero. */
static enum joist_status read_options(
        const struct joist_show_options *from, struct joist_show_options *options, struct joist_error *err)
{
    *options = (struct joist_show_options){.struct_size = sizeof *options};
    if (from == NULL)
        return JOIST_OK;
    if (from->struct_size < sizeof from->struct_size)
        return ji_fail(err, JOIST_ERR_INVALID, "joist_show_options without its size");
    memcpy(options, from, ji_min_size(from->struct_size, sizeof *options));
    if (options->style != JOIST_SHOW_TABLE && options->style != JOIST_SHOW_CSV &&
            options->style != JOIST_SHOW_NDJSON)
        return ji_fail(err, JOIST_ERR_INVALID, "show style %d", (int)options->style);
    return JOIST_OK;
}

enum joist_status joist_show(struct joist_ctx *ctx, struct ArrowArrayStream *stream, struct joist_sink sink,
        const struct joist_show_options *options, uint64_t *row_count, struct joist_error *err)
{
    struct joist_show_options wanted;
    if (ctx == NULL || stream == NULL || sink.ops == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "joist_show wants a context, a stream and a sink");
    JI_TRY(read_options(options, &wanted, err));
    enum joist_status status = JOIST_OK;
    struct show show = {.sink = sink};
    JI_TRY(ji_mem_open(ji_ctx_mem(ctx), "show", &show.mem, err));
    ji_bytes_init(&show.out, show.mem);
    ji_bytes_init(&show.cell, show.mem);
    ji_bytes_init(&show.keys, show.mem);
    ji_bytes_init(&show.key_ends, show.mem);
    JI_TRY_OUT(ji_stream_import(ctx, stream, &show.stream, err));
    JI_TRY_OUT(run_show(&show, &wanted, err));
    if (row_count != NULL)
        *row_count = show.row_count;
out:
    ji_stream_close(&show.stream);
    ji_bytes_clear(&show.key_ends);
    ji_bytes_clear(&show.keys);
    ji_bytes_clear(&show.cell);
    ji_bytes_clear(&show.out);
    ji_mem_close(show.mem);
    return status;
}
