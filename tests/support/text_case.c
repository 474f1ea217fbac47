/*
 * text_case.c - a text in memory as a source, and what a reader makes of it as one text
 */
#include "support/text_case.h"

#include "base/ctx.h"

#include <errno.h>
#include <stdlib.h>

static uint64_t source_size(void *self)
{
    const struct text_source *source = self;
    return source->sequential ? JOIST_SIZE_UNKNOWN : source->size;
}

static const char *source_name(void *self)
{
    const struct text_source *source = self;
    return source->name;
}

static enum joist_status source_read(
        void *self, uint64_t offset, size_t bytes, void *out, size_t *bytes_read, struct joist_error *err)
{
    struct text_source *source = self;
    source->reads++;
    if (source->reads == source->fail_at)
        return ji_fail_errno(err, EIO, "%s", source->name);
    if (source->sequential && offset != source->next)
        return ji_fail(err, JOIST_ERR_INTERNAL, "a pipe read at %" PRIu64, offset);
    const size_t at = (size_t)ji_min_u64(offset, source->size);
    const size_t got = ji_min_size(bytes, source->size - at);
    if (got > 0)
        memcpy(out, source->data + at, got);
    source->next = offset + got;
    *bytes_read = got;
    return JOIST_OK;
}

static void source_close(void *self)
{
    struct text_source *source = self;
    source->closed++;
}

static const struct joist_source_ops source_ops = {
        .struct_size = sizeof source_ops,
        .size = source_size,
        .name = source_name,
        .read_at = source_read,
        .close = source_close,
};

struct joist_source text_source_of(struct text_source *source)
{
    return (struct joist_source){.ops = &source_ops, .self = source};
}

static enum joist_status put_schema(
        const struct ji_schema *schema, struct ji_arena *arena, struct ji_bytes *out, struct joist_error *err)
{
    for (size_t i = 0; i < schema->column_count; i++) {
        const char *type = NULL;
        JI_TRY(ji_type_text(arena, &schema->columns[i], &type, err));
        JI_TRY(ji_bytes_printf(out, err, "%s%s %s%s", i == 0 ? "" : ", ", schema->columns[i].name, type,
                schema->columns[i].nullable ? "" : " required"));
    }
    return ji_bytes_append_byte(out, '\n', err);
}

static enum joist_status put_rows(
        struct ji_batch_stream *stream, struct ji_bytes *out, struct joist_error *err)
{
    for (;;) {
        const struct ji_batch *batch = NULL;
        JI_TRY(ji_stream_next(stream, &batch, err));
        if (batch == NULL)
            return JOIST_OK;
        assert_true(batch->row_count > 0 && batch->row_count <= JI_BATCH_ROWS_MAX);
        for (size_t row = 0; row < batch->row_count; row++) {
            for (size_t i = 0; i < batch->column_count; i++) {
                if (i > 0)
                    JI_TRY(ji_bytes_append_byte(out, '|', err));
                JI_TRY(ji_column_json(&batch->columns[i], row, out, err));
            }
            JI_TRY(ji_bytes_append_byte(out, '\n', err));
        }
    }
}

#define COLUMNS_MAX 64

/* Lines of JSON, one a row: `rows` rows of a column, a few at a time. */
static enum joist_status put_column(const struct ji_column_rows *columns, size_t column, uint64_t rows,
        struct ji_bytes *lines, struct joist_error *err)
{
    while (rows > 0) {
        struct ji_column_run run = {.count = 0};
        const size_t wanted = (size_t)ji_min_u64(rows, 3 + column);
        JI_TRY(columns->ops->read(columns->self, column, 0, wanted, &run, err));
        assert_true(run.count > 0 && run.count <= wanted);
        for (size_t row = run.start; row < run.start + run.count; row++) {
            JI_TRY(ji_column_json(&run.column, row, lines, err));
            JI_TRY(ji_bytes_append_byte(lines, '\n', err));
        }
        rows -= run.count;
    }
    return JOIST_OK;
}

static enum joist_status put_round(const struct ji_column_rows *columns, size_t count, uint64_t rows,
        struct ji_bytes *lines, struct ji_bytes *out, struct joist_error *err)
{
    size_t at[COLUMNS_MAX] = {0};
    for (size_t i = 0; i < count; i++) {
        lines[i].size = 0;
        JI_TRY(put_column(columns, i, rows, &lines[i], err));
    }
    for (uint64_t row = 0; row < rows; row++) {
        for (size_t i = 0; i < count; i++) {
            const uint8_t *line = lines[i].data + at[i];
            const uint8_t *end = memchr(line, '\n', lines[i].size - at[i]);
            if (i > 0)
                JI_TRY(ji_bytes_append_byte(out, '|', err));
            JI_TRY(ji_bytes_append(out, line, (size_t)(end - line), err));
            at[i] += (size_t)(end - line) + 1;
        }
        JI_TRY(ji_bytes_append_byte(out, '\n', err));
    }
    return columns->ops->advance(columns->self, rows, err);
}

static enum joist_status put_columns(
        struct joist_ctx *ctx, struct ji_batch_stream *stream, struct ji_bytes *out, struct joist_error *err)
{
    const size_t count = ji_stream_schema(stream)->column_count;
    struct ji_column_rows columns = {.ops = NULL};
    struct ji_bytes lines[COLUMNS_MAX];
    enum joist_status status = JOIST_OK;
    assert_true(count <= COLUMNS_MAX);
    for (size_t i = 0; i < count; i++)
        ji_bytes_init(&lines[i], ji_ctx_mem(ctx));
    JI_TRY_OUT(stream->ops->open_columns(stream->self, &columns, err));
    assert_int_equal(columns.rows, 0);
    for (;;) {
        uint64_t rows = 0;
        JI_TRY_OUT(columns.ops->more(columns.self, &rows, err));
        if (rows == 0)
            break;
        const size_t pieces = columns.ops->ahead(columns.self);
        for (size_t i = pieces; i > 0; i--)
            columns.ops->run_ahead(columns.self, i - 1);
        JI_TRY_OUT(put_round(&columns, count, rows, lines, out, err));
    }
out:
    for (size_t i = 0; i < count; i++)
        ji_bytes_clear(&lines[i]);
    return status;
}

enum joist_status text_read_all(struct joist_ctx *ctx, const struct text_reading *reading,
        struct text_source *source, struct ji_bytes *out, struct joist_error *err)
{
    struct ji_batch_stream stream = {.ops = NULL};
    struct ji_arena arena;
    source->sequential = reading->sequential;
    source->next = 0;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    enum joist_status status = JOIST_OK;
    const struct joist_source opened = text_source_of(source);
    if (reading->form == TEXT_CSV)
        JI_TRY_OUT(ji_csv_stream_open_tuned(
                ctx, opened, &reading->options, reading->schema, &reading->tuning, &stream, err));
    else
        JI_TRY_OUT(ji_ndjson_stream_open_tuned(
                ctx, opened, &reading->options, reading->schema, &reading->tuning, &stream, err));
    JI_TRY_OUT(put_schema(ji_stream_schema(&stream), &arena, out, err));
    if (reading->by_columns)
        JI_TRY_OUT(put_columns(ctx, &stream, out, err));
    else
        JI_TRY_OUT(put_rows(&stream, out, err));
    JI_TRY_OUT(ji_bytes_append_byte(out, 0, err));

out:
    ji_stream_close(&stream);
    ji_arena_clear(&arena);
    return status;
}

enum joist_status text_read_widened(struct joist_ctx *ctx, const struct text_reading *reading,
        struct text_source *source, struct ji_bytes *out, struct joist_error *err)
{
    struct joist_text_widening widening = {.due = false};
    struct text_reading first = *reading;
    first.options.widening = &widening;
    const enum joist_status status = text_read_all(ctx, &first, source, out, err);
    if (!widening.due)
        return status;
    assert_int_equal(JOIST_ERR_INVALID, status);
    out->size = 0;
    first.options.schema = &widening.schema;
    first.options.widening = NULL;
    const enum joist_status again = text_read_all(ctx, &first, source, out, err);
    widening.schema.release(&widening.schema);
    return again;
}

static void read_and_compare(struct joist_ctx *ctx, const struct text_reading *reading, struct ji_view text,
        const char *wanted, struct ji_schema *schema, struct ji_arena *arena)
{
    struct text_source source = {.name = "t", .data = text.data, .size = text.size};
    struct ji_bytes out;
    struct joist_error err = {.text = ""};
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    const enum joist_status status = text_read_all(ctx, reading, &source, &out, &err);
    if (status != JOIST_OK) {
        out.size = 0;
        assert_ok(ji_bytes_printf(&out, NULL, "%s: %s", joist_status_name(status), err.text));
        assert_ok(ji_bytes_append_byte(&out, 0, NULL));
    }
    if (strcmp((const char *)out.data, wanted) != 0)
        fail_msg("parts of %zu, %zu a round, %u threads, sample %" PRIu64 ", of\n%.*s\nwanted:\n%s\ngot:\n%s",
                reading->tuning.part_bytes, reading->tuning.parts, reading->threads,
                reading->options.sample_bytes, (int)text.size, (const char *)text.data, wanted,
                (const char *)out.data);
    if (status == JOIST_OK && schema != NULL) {
        struct ji_batch_stream stream;
        source.next = 0;
        if (reading->form == TEXT_CSV)
            assert_ok(
                    ji_csv_stream_open(ctx, text_source_of(&source), &reading->options, NULL, &stream, NULL));
        else
            assert_ok(ji_ndjson_stream_open(
                    ctx, text_source_of(&source), &reading->options, NULL, &stream, NULL));
        assert_ok(ji_schema_copy(arena, ji_stream_schema(&stream), schema, NULL));
        ji_stream_close(&stream);
    }
    ji_bytes_clear(&out);
}

static struct joist_ctx *open_ctx(unsigned threads)
{
    struct joist_ctx *ctx = NULL;
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .threads = threads, .memory_bytes_max = 64 << 20};
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

static size_t next_size(size_t size)
{
    return size < 40 ? size + 1 : size + size / 3;
}

void text_check(enum text_form form, const struct joist_text_options *options, struct ji_view text,
        const char *wanted)
{
    /* A copy of just its size, so that the sanitizer sees a byte read too far. */
    uint8_t *copy = malloc(text.size == 0 ? 1 : text.size);
    if (text.size > 0)
        memcpy(copy, text.data, text.size);
    const struct ji_view exact = ji_view_of(copy, text.size);
    struct text_reading reading = {.form = form, .threads = 1};
    if (options != NULL)
        reading.options = *options;
    reading.options.struct_size = sizeof reading.options;
    struct joist_ctx *one = open_ctx(1);
    struct joist_ctx *three = open_ctx(3);
    struct ji_arena arena;
    struct ji_schema schema = {0};
    ji_arena_init(&arena, ji_ctx_mem(one));
    read_and_compare(one, &reading, exact, wanted, reading.schema == NULL ? &schema : NULL, &arena);
    for (size_t size = 1; size <= text.size + 1; size = next_size(size)) {
        reading.tuning = (struct ji_text_tuning){.part_bytes = size, .parts = 1 + size % 4};
        reading.threads = size % 2 == 0 ? 3 : 1;
        reading.sequential = size % 3 == 0;
        reading.by_columns = false;
        struct joist_ctx *ctx = reading.threads == 1 ? one : three;
        read_and_compare(ctx, &reading, exact, wanted, NULL, NULL);
        reading.by_columns = true;
        read_and_compare(ctx, &reading, exact, wanted, NULL, NULL);
        reading.by_columns = size % 2 == 0;
        /* Known types and a sample of next to nothing: rows cross the blocks. */
        if (schema.column_count == 0)
            continue;
        struct text_reading blocks = reading;
        blocks.options.sample_bytes = 1;
        blocks.options.type_count = 0;
        blocks.schema = &schema;
        read_and_compare(ctx, &blocks, exact, wanted, NULL, NULL);
    }
    ji_arena_clear(&arena);
    joist_ctx_close(one);
    joist_ctx_close(three);
    free(copy);
}

void text_check_pairs(enum text_form form, const struct joist_text_options *options,
        const struct text_pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_check(form, options, ji_view_of_text(pairs[i].text), pairs[i].wanted);
}
