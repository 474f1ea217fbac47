/*
 * ndjson_read.c - newline-delimited JSON as a stream of batches
 *
 *     round of the feed:  part 0 | part 1 | ...     each: lines -> builders -> columns, on any thread
 *     next:               batches of part 0, then of part 1, ... of at most JI_BATCH_ROWS_MAX rows
 *
 *   1. A part owns its builders and arenas; all are used again in the next round.
 *   2. The first line that is wrong is reported, and in it the first member.
 *
 * A line feed within a JSON string is an escape: every raw one ends a row. Lines of blanks are passed over.
 */
#include "text/ndjson_rows.h"

#include <assert.h>

struct ndjson_part {
    struct ji_ndjson_rows rows;
    struct ji_arena arena; /* of the columns, a round */
    struct ji_column *columns;
};

struct ndjson_stream {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_arena arena;
    struct joist_source source;
    struct ji_text_feed feed;
    struct ji_ndjson_shape shape;
    struct ji_schema schema;
    struct joist_progress progress;
    struct ndjson_part *parts;
    size_t parts_made;

    size_t part;
    size_t row;
    bool ended;
    uint64_t rows_done;
    struct ji_arena batch_arena; /* of slices of nested columns */
    struct ji_batch batch;
};

/* --- one part --- */

static enum joist_status finish_part(
        const struct ndjson_stream *stream, struct ndjson_part *part, struct joist_error *err)
{
    const size_t count = stream->schema.column_count;
    ji_arena_reset(&part->arena);
    JI_TRY(ji_arena_array(&part->arena, count, sizeof *part->columns, &part->columns, err));
    for (size_t i = 0; i < count; i++)
        JI_TRY(ji_column_builder_finish(&part->rows.builders[i], &part->arena, &part->columns[i], err));
    return JOIST_OK;
}

static enum joist_status parse_part(void *arg, size_t index, struct joist_error *err)
{
    struct ndjson_stream *stream = arg;
    struct ndjson_part *part = &stream->parts[index];
    struct ji_text_part *bytes = &stream->feed.parts[index];
    const uint8_t *at = bytes->begin;
    const uint8_t *end = at + bytes->size;
    ji_ndjson_rows_reset(&part->rows);
    while (at < end) {
        const uint8_t *line_end = memchr(at, '\n', (size_t)(end - at));
        const struct ji_view line = ji_view_of(at, (size_t)(line_end - at));
        if (!ji_ndjson_is_blank(line)) {
            const enum joist_status status = ji_ndjson_rows_add(&part->rows, line, err);
            if (status != JOIST_OK) {
                ji_error_prefix(err, "%s: line %" PRIu64, ji_source_name(&stream->source),
                        ji_text_feed_line(&stream->feed, at));
                return status;
            }
        }
        bytes->newlines++;
        at = line_end + 1;
    }
    return finish_part(stream, part, err);
}

/* --- batches --- */

/* Rows [first, first + count) of a flat column; `first` is a multiple of 8. Recursion is over the schema. */
static enum joist_status slice(struct ji_arena *arena, const struct ji_column *column, size_t first,
        size_t count, struct ji_column *out, struct joist_error *err)
{
    const struct ji_field *field = column->field;
    const size_t width = ji_field_width(field);
    struct ji_column made = *column;
    made.row_count = count;
    made.values_buffer = NULL;
    made.validity_buffer = NULL;
    made.heap = NULL;
    if (made.validity != NULL)
        made.validity += first / 8;
    if (made.values != NULL)
        made.values = (const uint8_t *)made.values + (field->kind == JI_BOOL ? first / 8 : first * width);
    if (made.offsets != NULL)
        made.offsets += first;
    if (field->kind == JI_STRUCT) {
        JI_TRY(ji_arena_array(arena, field->child_count, sizeof *made.children, &made.children, err));
        for (size_t i = 0; i < field->child_count; i++)
            JI_TRY(slice(arena, &column->children[i], first, count, &made.children[i], err));
    }
    *out = made;
    return JOIST_OK;
}

static enum joist_status hand_out(struct ndjson_stream *stream, struct joist_error *err)
{
    const struct ndjson_part *part = &stream->parts[stream->part];
    const size_t columns = stream->schema.column_count;
    const size_t count = ji_min_size(part->rows.row_count - stream->row, JI_BATCH_ROWS_MAX);
    stream->batch = (struct ji_batch){
            .row_count = count,
            .selection_count = count,
            .column_count = columns,
            .columns = part->columns,
    };
    if (count < part->rows.row_count) {
        ji_arena_reset(&stream->batch_arena);
        JI_TRY(ji_arena_array(
                &stream->batch_arena, columns, sizeof(struct ji_column), &stream->batch.columns, err));
        for (size_t i = 0; i < columns; i++)
            JI_TRY(slice(&stream->batch_arena, &part->columns[i], stream->row, count,
                    &stream->batch.columns[i], err));
    }
    stream->row += count;
    stream->rows_done += count;
    return JOIST_OK;
}

/* --- the stream --- */

static const struct ji_schema *stream_schema(void *self)
{
    const struct ndjson_stream *stream = self;
    return &stream->schema;
}

static void report(const struct ndjson_stream *stream)
{
    if (stream->progress.report == NULL)
        return;
    const uint64_t total = ji_source_size(&stream->source);
    stream->progress.report(stream->progress.user, ji_text_feed_done(&stream->feed),
            total == JOIST_SIZE_UNKNOWN ? 0 : total, stream->rows_done);
}

static enum joist_status stream_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct ndjson_stream *stream = self;
    JI_TRY(ji_cancel_check(stream->feed.cancel, err));
    while (!stream->ended) {
        while (stream->part < stream->feed.part_count) {
            if (stream->row < stream->parts[stream->part].rows.row_count) {
                JI_TRY(hand_out(stream, err));
                *batch = &stream->batch;
                return JOIST_OK;
            }
            stream->part++;
            stream->row = 0;
        }
        JI_TRY(ji_text_feed_round(&stream->feed, parse_part, stream, err));
        stream->part = 0;
        stream->row = 0;
        stream->ended = stream->feed.part_count == 0;
        report(stream);
    }
    *batch = NULL;
    return JOIST_OK;
}

/* All but the source. */
static void free_stream(struct ndjson_stream *stream)
{
    struct joist_ctx *ctx = stream->ctx;
    struct ji_mem *mem = stream->mem;
    for (size_t i = 0; i < stream->parts_made; i++) {
        ji_ndjson_rows_clear(&stream->parts[i].rows);
        ji_arena_clear(&stream->parts[i].arena);
    }
    ji_free(mem, stream->parts, stream->parts_made * sizeof *stream->parts);
    ji_text_feed_close(&stream->feed);
    ji_arena_clear(&stream->batch_arena);
    ji_arena_clear(&stream->arena);
    ji_free(mem, stream, sizeof *stream);
    ji_mem_close(mem);
    joist_ctx_close(ctx);
}

static void stream_close(void *self)
{
    struct ndjson_stream *stream = self;
    struct joist_source source = stream->source;
    free_stream(stream);
    ji_source_close(&source);
}

static const struct ji_batch_stream_ops stream_ops = {
        .schema = stream_schema,
        .next = stream_next,
        .close = stream_close,
};

/* --- opening --- */

static enum joist_status make_columns(struct ndjson_stream *stream, const struct joist_text_options *options,
        const struct ji_schema *given, struct joist_error *err)
{
    struct ji_field *columns = NULL;
    size_t count = given->column_count;
    if (count > 0) {
        JI_TRY(ji_arena_array(&stream->arena, count, sizeof *columns, &columns, err));
        memcpy(columns, given->columns, count * sizeof *columns);
    } else {
        JI_TRY(ji_ndjson_infer(
                &stream->feed, &stream->arena, options->infer_decimals, &columns, &count, err));
    }
    JI_TRY(ji_text_override_types(&stream->arena, options, columns, count, err));
    JI_TRY(ji_ndjson_shape_make(&stream->arena, columns, count, &stream->shape, err));
    stream->schema = (struct ji_schema){.column_count = count, .columns = columns};
    return JOIST_OK;
}

static enum joist_status open_stream(struct ndjson_stream *stream, const struct joist_text_options *options,
        const struct ji_schema *schema, const struct ji_text_tuning *tuning, struct joist_error *err)
{
    struct ji_schema given;
    stream->feed.ctx = stream->ctx;
    stream->feed.mem = stream->mem;
    stream->feed.cancel = options->cancel;
    stream->feed.quote = JI_TEXT_NO_QUOTE;
    stream->progress = options->progress;
    JI_TRY(ji_text_schema(&stream->arena, options, schema, &given, err));
    JI_TRY(ji_text_feed_open(&stream->feed, stream->source, (size_t)options->sample_bytes, tuning, err));
    JI_TRY(make_columns(stream, options, &given, err));
    const size_t count = stream->feed.parts_max;
    JI_TRY(ji_alloc_zero(stream->mem, count, sizeof *stream->parts, &stream->parts, err));
    stream->parts_made = count;
    for (size_t i = 0; i < count; i++) {
        ji_arena_init(&stream->parts[i].arena, stream->mem);
        JI_TRY(ji_ndjson_rows_init(&stream->parts[i].rows, &stream->shape, stream->mem, err));
        stream->parts[i].rows.skip_extra = options->skip_extra && given.column_count > 0;
    }
    return JOIST_OK;
}

enum joist_status ji_ndjson_stream_open_tuned(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, const struct ji_schema *schema,
        const struct ji_text_tuning *tuning, struct ji_batch_stream *stream, struct joist_error *err)
{
    assert(ctx != NULL && source.ops != NULL && stream != NULL);
    struct joist_text_options taken;
    JI_TRY(ji_text_options_take(options, ji_source_name(&source), &taken, err));
    struct ji_mem *mem = NULL;
    struct ndjson_stream *made = NULL;
    JI_TRY(ji_mem_open_with(ji_ctx_mem(ctx), "ndjson", sizeof *made, &mem, &made, err));
    made->ctx = ji_ctx_retain(ctx);
    made->mem = mem;
    made->source = source;
    ji_arena_init(&made->arena, mem);
    ji_arena_init(&made->batch_arena, mem);
    const enum joist_status status = open_stream(made, &taken, schema, tuning, err);
    if (status != JOIST_OK) {
        free_stream(made);
        return status;
    }
    *stream = (struct ji_batch_stream){.ops = &stream_ops, .self = made};
    return JOIST_OK;
}

enum joist_status ji_ndjson_stream_open(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, const struct ji_schema *schema,
        struct ji_batch_stream *stream, struct joist_error *err)
{
    return ji_ndjson_stream_open_tuned(ctx, source, options, schema, NULL, stream, err);
}

enum joist_status joist_ndjson_open(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, struct ArrowArrayStream *stream, struct joist_error *err)
{
    struct ji_batch_stream rows;
    JI_TRY(ji_ndjson_stream_open(ctx, source, options, NULL, &rows, err));
    const enum joist_status status = ji_stream_export(ctx, &rows, stream, err);
    if (status != JOIST_OK) {
        struct ndjson_stream *made = rows.self;
        free_stream(made); /* the source is the caller's still */
    }
    return status;
}
