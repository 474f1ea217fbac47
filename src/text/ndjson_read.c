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
#include "text/ndjson_fast.h"
#include "text/text_rows.h"

struct ndjson_part {
    struct ji_ndjson_rows rows;
    struct ji_arena arena; /* of the columns, a round */
    struct ji_column *columns;
};

struct ndjson_stream {
    struct ji_text_rows base;
    bool exact; /* no short ways */
    struct ji_ndjson_shape shape;
    struct ndjson_part *parts; /* 2 x feed.parts_max */
    size_t parts_made;
    struct ji_arena batch_arena; /* of slices of nested columns */
    struct ji_ndjson_inference inference;
    struct joist_text_options options;    /* what it needs of them: the types that were given */
    struct joist_text_widening *widening; /* NULL: none is wanted, or the schema was given */
};

/* --- one part --- */

static enum joist_status finish_part(
        const struct ndjson_stream *stream, struct ndjson_part *part, struct joist_error *err)
{
    const size_t count = stream->base.schema.column_count;
    ji_arena_reset(&part->arena);
    JI_TRY(ji_arena_array(&part->arena, count, sizeof *part->columns, &part->columns, err));
    for (size_t i = 0; i < count; i++)
        JI_TRY(ji_column_builder_finish(&part->rows.builders[i], &part->arena, &part->columns[i], err));
    return JOIST_OK;
}

static enum joist_status parse_part(void *arg, size_t index, struct joist_error *err)
{
    struct ndjson_stream *stream = arg;
    struct ndjson_part *part = &stream->parts[stream->base.parsing + index];
    struct ji_text_part *bytes = &stream->base.feed.parts[index];
    const uint8_t *at = bytes->begin;
    const uint8_t *end = at + bytes->size;
    ji_ndjson_rows_reset(&part->rows);
    while (at < end) {
        const uint8_t *next = NULL;
        if (!stream->exact)
            JI_TRY(ji_ndjson_fast_add(&part->rows, at, end, &next, err));
        if (next != NULL) {
            bytes->newlines++;
            at = next;
            continue;
        }
        const uint8_t *line_end = memchr(at, '\n', (size_t)(end - at));
        const struct ji_view line = ji_view_of(at, (size_t)(line_end - at));
        if (!ji_ndjson_is_blank(line)) {
            const enum joist_status status = ji_ndjson_rows_add(&part->rows, line, err);
            if (status != JOIST_OK) {
                ji_error_prefix(err, "%s: line %" PRIu64, ji_source_name(&stream->base.source),
                        ji_text_feed_line(&stream->base.feed, at));
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

static size_t row_count(const struct ji_text_rows *rows, size_t part)
{
    const struct ndjson_stream *stream = (const struct ndjson_stream *)rows;
    return stream->parts[part].rows.row_count;
}

static struct ji_column column_of(const struct ji_text_rows *rows, size_t part, size_t column)
{
    const struct ndjson_stream *stream = (const struct ndjson_stream *)rows;
    return stream->parts[part].columns[column];
}

static enum joist_status fill(struct ji_text_rows *rows, size_t count, struct joist_error *err)
{
    struct ndjson_stream *stream = (struct ndjson_stream *)rows;
    const struct ndjson_part *part = &stream->parts[rows->giving + rows->part];
    const size_t columns = rows->schema.column_count;
    rows->batch = (struct ji_batch){
            .row_count = count,
            .selection_count = count,
            .column_count = columns,
            .columns = part->columns,
    };
    if (count == part->rows.row_count)
        return JOIST_OK;
    ji_arena_reset(&stream->batch_arena);
    JI_TRY(ji_arena_array(
            &stream->batch_arena, columns, sizeof(struct ji_column), &rows->batch.columns, err));
    for (size_t i = 0; i < columns; i++)
        JI_TRY(slice(
                &stream->batch_arena, &part->columns[i], rows->row, count, &rows->batch.columns[i], err));
    return JOIST_OK;
}

static void clear(struct ji_text_rows *rows)
{
    struct ndjson_stream *stream = (struct ndjson_stream *)rows;
    for (size_t i = 0; i < stream->parts_made; i++) {
        ji_ndjson_rows_clear(&stream->parts[i].rows);
        ji_arena_clear(&stream->parts[i].arena);
    }
    ji_free(rows->mem, stream->parts, stream->parts_made * sizeof *stream->parts);
    ji_arena_clear(&stream->batch_arena);
    ji_ndjson_inference_clear(&stream->inference);
}

/* --- types that hold all rows --- */

static bool is_same(const struct ji_schema *schema, const struct ji_field *columns, size_t count)
{
    if (schema->column_count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!ji_type_equal(&schema->columns[i], &columns[i]))
            return false;
    }
    return true;
}

/* What all rows from the round that failed on want; `*due` where that is more than there is. */
static enum joist_status find_wider(struct ndjson_stream *stream, bool *due, struct joist_error *err)
{
    struct ji_text_rows *rows = &stream->base;
    struct ji_field *columns = NULL;
    size_t count = 0;
    JI_TRY(ji_ndjson_survey(&stream->inference, &rows->feed, err));
    JI_TRY(ji_ndjson_columns(&stream->inference, &columns, &count, err));
    JI_TRY(ji_text_override_types(&rows->arena, &stream->options, columns, count, NULL, err));
    *due = !is_same(&rows->schema, columns, count);
    if (!*due)
        return JOIST_OK;
    const struct ji_schema wider = {.column_count = count, .columns = columns};
    return ji_schema_hand_out(rows->ctx, &wider, &stream->widening->schema, err);
}

/* A line that is wrong whatever the types is a graver reason than one that does not fit them. */
static enum joist_status fail(struct ji_text_rows *rows, enum joist_status status, struct joist_error *err)
{
    struct ndjson_stream *stream = (struct ndjson_stream *)rows;
    struct joist_error worse;
    bool due = false;
    if (status != JOIST_ERR_INVALID || stream->widening == NULL)
        return status;
    const enum joist_status found = find_wider(stream, &due, &worse);
    stream->widening->due = found == JOIST_OK && due;
    if (found == JOIST_OK || (found == JOIST_ERR_INVALID && stream->inference.contradiction))
        return status;
    if (err != NULL)
        *err = worse;
    return found;
}

/* The types that were given, for the survey: the caller's are gone by then. */
static enum joist_status keep_types(
        struct ndjson_stream *stream, const struct joist_text_options *options, struct joist_error *err)
{
    struct ji_arena *arena = &stream->base.arena;
    const char **types = NULL;
    JI_TRY(ji_arena_array(arena, options->type_count, sizeof *types, &types, err));
    for (size_t i = 0; i < options->type_count; i++)
        JI_TRY(ji_arena_text(arena, ji_view_of_text(options->types[i]), &types[i], err));
    stream->options = (struct joist_text_options){
            .struct_size = sizeof stream->options, .types = types, .type_count = options->type_count};
    return JOIST_OK;
}

/* --- opening --- */

static enum joist_status infer_columns(struct ndjson_stream *stream, const struct joist_text_options *options,
        struct ji_field **columns, size_t *count, struct joist_error *err)
{
    struct ji_text_rows *rows = &stream->base;
    ji_ndjson_inference_init(&stream->inference, &rows->arena, rows->mem, options->infer_decimals);
    JI_TRY(ji_ndjson_infer(&stream->inference, &rows->feed, err));
    const enum joist_status status = ji_ndjson_columns(&stream->inference, columns, count, err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "%s", ji_source_name(&rows->source));
        return status;
    }
    stream->widening = options->widening;
    return stream->widening == NULL ? JOIST_OK : keep_types(stream, options, err);
}

static enum joist_status make_columns(struct ndjson_stream *stream, const struct joist_text_options *options,
        const struct ji_schema *given, struct joist_error *err)
{
    struct ji_field *columns = NULL;
    size_t count = given->column_count;
    if (count > 0) {
        JI_TRY(ji_arena_array(&stream->base.arena, count, sizeof *columns, &columns, err));
        memcpy(columns, given->columns, count * sizeof *columns);
    } else {
        JI_TRY(infer_columns(stream, options, &columns, &count, err));
    }
    JI_TRY(ji_text_override_types(&stream->base.arena, options, columns, count, NULL, err));
    JI_TRY(ji_ndjson_shape_make(&stream->base.arena, columns, count, &stream->shape, err));
    stream->base.schema = (struct ji_schema){.column_count = count, .columns = columns};
    return JOIST_OK;
}

static enum joist_status open_stream(struct ji_text_rows *rows, const struct joist_text_options *options,
        const struct ji_text_input *input, struct joist_error *err)
{
    struct ndjson_stream *stream = (struct ndjson_stream *)rows;
    struct ji_schema given;
    stream->base.feed.quote = JI_TEXT_NO_QUOTE;
    if (options->widening != NULL)
        options->widening->due = false;
    stream->exact = input->tuning != NULL && input->tuning->exact;
    ji_arena_init(&stream->batch_arena, rows->mem);
    JI_TRY(ji_text_schema(&stream->base.arena, options, input->schema, &given, err));
    JI_TRY(ji_text_feed_open(
            &stream->base.feed, stream->base.source, (size_t)options->sample_bytes, input->tuning, err));
    JI_TRY(make_columns(stream, options, &given, err));
    const size_t count = 2 * stream->base.feed.parts_max;
    JI_TRY(ji_alloc_zero(stream->base.mem, count, sizeof *stream->parts, &stream->parts, err));
    stream->parts_made = count;
    for (size_t i = 0; i < count; i++) {
        ji_arena_init(&stream->parts[i].arena, stream->base.mem);
        JI_TRY(ji_ndjson_rows_init(&stream->parts[i].rows, &stream->shape, stream->base.mem, err));
        stream->parts[i].rows.skip_extra = options->skip_extra && given.column_count > 0;
    }
    return JOIST_OK;
}

static const struct ji_text_form ndjson_form = {
        .name = "ndjson",
        .bytes = sizeof(struct ndjson_stream),
        .open = open_stream,
        .parse = parse_part,
        .fail = fail,
        .row_count = row_count,
        .column = column_of,
        .fill = fill,
        .clear = clear,
};

enum joist_status ji_ndjson_stream_open_tuned(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, const struct ji_schema *schema,
        const struct ji_text_tuning *tuning, struct ji_batch_stream *stream, struct joist_error *err)
{
    const struct ji_text_input input = {.source = source, .schema = schema, .tuning = tuning};
    return ji_text_rows_open(ctx, &ndjson_form, options, &input, stream, err);
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
    return ji_text_rows_export(ctx, &ndjson_form, source, options, stream, err);
}
