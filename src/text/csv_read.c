/*
 * csv_read.c - CSV as a stream of batches
 *
 *     round of the feed:  part 0 | part 1 | ...     each: index -> rows -> columns, on any thread
 *     next:               batches of part 0, then of part 1, ... of at most JI_BATCH_ROWS_MAX rows
 *
 *   1. A part owns its index, its columns' buffers and its arena; all are used again in the next round.
 *   2. Strings are views into the feed's block, which stays until the next round.
 *   3. Of all that is wrong in a file, the first row that is wrong is reported, and in it the first column.
 *
 * RFC 4180, and beyond it: any delimiter and quote, line feeds alone, blank lines passed over (rows of an
 * empty field where there is one column), a byte order mark, a last line without its end. A quote within a
 * bare field is refused, as the RFC has it: where one is lost, the rows behind it would run together.
 */
#include "text/csv_read.h"

#include <assert.h>

/* The columns of all parts take this share of the limit at most, where a single part can do with it. */
#define PART_SHARE 8
/* Of a chunk: 16 KiB of ends. */
#define CHUNK_ENDS 4096

/* --- one part --- */

void ji_csv_note_value(const struct ji_csv_fields *fields, size_t first, size_t bad, size_t column,
        struct ji_csv_trouble *trouble)
{
    trouble->row = first + bad;
    trouble->column = column;
    trouble->at = fields->text + fields->begin[bad];
    trouble->value = ji_view_of(NULL, 0); /* the reason names it */
}

void ji_csv_note_quote(const struct ji_csv_part *part, const struct ji_csv_fields *fields, size_t first,
        size_t column, struct ji_csv_trouble *trouble)
{
    const struct ji_csv_rows *rows = &part->rows;
    const size_t row = first + fields->count;
    const size_t at = row * rows->columns + column;
    trouble->row = row;
    trouble->column = column;
    trouble->at = rows->text + (at == 0 ? 0 : rows->ends[at - 1] + 1);
    trouble->value = ji_view_of(trouble->at, rows->ends[at] - (size_t)(trouble->at - rows->text));
    ji_ignore(ji_fail(&trouble->reason, JOIST_ERR_INVALID, "text behind the closing quote"),
            "kept until the rows before it have been looked at");
}

/* Fields of one column, any. INVALID is noted and costs the rows from there on; the rest is returned. */
static enum joist_status convert_fields(
        struct ji_csv_part *part, size_t column, size_t first, size_t *count, struct ji_csv_trouble *trouble)
{
    struct ji_csv_fields fields;
    size_t bad = 0;
    if (!ji_csv_rows_gather(&part->rows, column, first, *count, &fields)) {
        ji_csv_note_quote(part, &fields, first, column, trouble);
        *count = fields.count;
    }
    const enum joist_status status = ji_csv_column_convert(
            &part->columns[column], &fields, first, &part->arena, &bad, &trouble->reason);
    if (status == JOIST_ERR_INVALID) {
        ji_csv_note_value(&fields, first, bad, column, trouble);
        part->misfit = part->misfit || part->columns[column].guess != NULL;
        *count = bad;
        return JOIST_OK;
    }
    return status;
}

/* One column of a chunk: runs of common fields, and between them those that are not. */
static enum joist_status convert_column(
        struct ji_csv_part *part, size_t i, size_t first, size_t *count, struct ji_csv_trouble *trouble)
{
    struct ji_csv_column *column = &part->columns[i];
    struct ji_csv_lane lane;
    if (!ji_csv_rows_lane(&part->rows, i, first, *count, &lane) || !ji_csv_column_can_run(column, &lane))
        return convert_fields(part, i, first, count, trouble);
    const size_t begun = *count;
    for (size_t done = 0; done < begun; done++) {
        done = ji_csv_column_run(column, part->rows.kernels, &lane, done, first);
        if (done == begun)
            break;
        if (column->field->nullable && ji_csv_lane_is_empty(&lane, done)) {
            JI_TRY(ji_csv_column_null(column, first + done, &trouble->reason));
            continue;
        }
        size_t one = 1;
        JI_TRY(convert_fields(part, i, first + done, &one, trouble));
        if (one == 0) {
            *count = done;
            break;
        }
    }
    return JOIST_OK;
}

/* Rows whose ends stay in the first cache beside their text; whole bytes of a bitmap. */
static size_t chunk_rows(const struct ji_csv_file *file)
{
    const size_t rows = CHUNK_ENDS / file->column_count / 8 * 8;
    return ji_max_size(8, ji_min_size(rows, JI_CSV_CHUNK));
}

static enum joist_status convert_rows(
        const struct ji_csv_stream *stream, struct ji_csv_part *part, struct joist_error *err)
{
    struct ji_csv_trouble trouble = {.row = SIZE_MAX};
    const size_t rows = chunk_rows(&stream->file);
    for (size_t i = 0; i < stream->file.column_count; i++) {
        if (!ji_csv_is_skipped(&stream->file, i))
            JI_TRY(ji_csv_column_begin(&part->columns[i], part->rows.count, err));
    }
    for (size_t first = 0; first < part->rows.count && trouble.row == SIZE_MAX; first += rows) {
        size_t count = ji_min_size(rows, part->rows.count - first);
        for (size_t i = 0; i < stream->file.column_count && count > 0; i++) {
            if (ji_csv_is_skipped(&stream->file, i))
                continue;
            const enum joist_status status = convert_column(part, i, first, &count, &trouble);
            if (status != JOIST_OK) {
                if (err != NULL)
                    *err = trouble.reason;
                return status;
            }
        }
    }
    if (trouble.row == SIZE_MAX)
        return JOIST_OK;
    return ji_csv_fail(&stream->file, trouble.at, trouble.column, trouble.reason.text, trouble.value, err);
}

enum joist_status ji_csv_part_rows(const struct ji_csv_stream *stream, struct ji_csv_part *part,
        struct ji_text_part *bytes, struct ji_csv_flaw *flaw, struct joist_error *err)
{
    const struct ji_csv_file *file = &stream->file;
    const struct ji_view text = ji_view_of(bytes->begin, bytes->size);
    ji_arena_reset(&part->arena);
    JI_TRY(ji_csv_index_build(&part->index, text, &file->format, file->level, err));
    bytes->newlines = part->index.newlines;
    ji_csv_rows_set(&part->rows, file);
    return ji_csv_rows_make(&part->rows, &part->index, text, file->column_count, flaw, err);
}

static enum joist_status parse_part(void *arg, size_t index, struct joist_error *err)
{
    struct ji_csv_stream *stream = arg;
    struct ji_csv_part *part = &stream->parts[stream->base.parsing + index];
    struct ji_text_part *bytes = &stream->base.feed.parts[index];
    const struct ji_csv_file *file = &stream->file;
    struct ji_csv_flaw flaw;
    part->misfit = false;
    JI_TRY(ji_csv_part_rows(stream, part, bytes, &flaw, err));
    JI_TRY(convert_rows(stream, part, err));
    if (flaw.at != SIZE_MAX)
        return ji_csv_fail_flaw(file, &part->index, ji_view_of(bytes->begin, bytes->size), &flaw, err);
    return JOIST_OK;
}

/* Of rows that fill the block and have no end: a stray quote is told at once, not 64 MiB later. */
static enum joist_status check_begun(void *arg, const uint8_t *begin, size_t size, struct joist_error *err)
{
    struct ji_csv_stream *stream = arg;
    struct ji_csv_index index = {0};
    struct ji_csv_flaw flaw = {.at = SIZE_MAX};
    const struct ji_view text = ji_view_of(begin, size);
    enum joist_status status = JOIST_OK;
    ji_bytes_init(&index.ends, stream->base.mem);
    JI_TRY_OUT(ji_csv_index_build(&index, text, &stream->file.format, stream->file.level, err));
    if (index.bad == JI_CSV_NOT_BAD)
        goto out;
    flaw.at = index.bad;
    flaw.what = text.data[index.bad] == stream->file.format.quote
            ? "a quote within a field that is not quoted"
            : "text behind the closing quote";
    status = ji_csv_fail_flaw(&stream->file, &index, text, &flaw, err);

out:
    ji_bytes_clear(&index.ends);
    return status;
}

/* --- the stream --- */

static size_t row_count(const struct ji_text_rows *rows, size_t part)
{
    const struct ji_csv_stream *stream = (const struct ji_csv_stream *)rows;
    return stream->parts[part].rows.count;
}

static struct ji_column column_of(const struct ji_text_rows *rows, size_t part, size_t column)
{
    const struct ji_csv_stream *stream = (const struct ji_csv_stream *)rows;
    const struct ji_csv_part *from = &stream->parts[part];
    return ji_csv_column_slice(&from->columns[stream->kept[column]], 0, from->rows.count);
}

/* Columns that had no text so far: what one part has seen of them holds for all. */
static void merge_guesses(struct ji_text_rows *rows)
{
    struct ji_csv_stream *stream = (struct ji_csv_stream *)rows;
    struct ji_csv_file *file = &stream->file;
    for (size_t i = 0; stream->widening != NULL && file->guesses != NULL && i < file->column_count; i++) {
        struct ji_type_guess *guess = &file->guesses[i];
        if (!stream->parts[0].columns[i].provisional || ji_type_guess_is_settled(guess))
            continue;
        for (size_t part = 0; part < rows->feed.part_count; part++)
            ji_type_guess_merge(guess, &stream->parts[rows->parsing + part].guesses[i]);
        for (size_t part = 0; part < stream->parts_made; part++)
            stream->parts[part].guesses[i] = *guess;
    }
}

/* A value that led away from a guessed type: which types would hold the whole file? */
static enum joist_status fail(struct ji_text_rows *rows, enum joist_status status, struct joist_error *err)
{
    struct ji_csv_stream *stream = (struct ji_csv_stream *)rows;
    bool misfit = false;
    for (size_t part = 0; part < rows->feed.part_count; part++)
        misfit = misfit || stream->parts[rows->parsing + part].misfit;
    if (status != JOIST_ERR_INVALID || !misfit || stream->widening == NULL)
        return status;
    return ji_csv_survey(stream, status, err);
}

static enum joist_status fill(struct ji_text_rows *rows, size_t count, struct joist_error *err)
{
    struct ji_csv_stream *stream = (struct ji_csv_stream *)rows;
    const struct ji_csv_part *part = &stream->parts[rows->giving + rows->part];
    const size_t columns = rows->schema.column_count;
    (void)err;
    for (size_t i = 0; i < columns; i++)
        stream->batch_columns[i] = ji_csv_column_slice(&part->columns[stream->kept[i]], rows->row, count);
    rows->batch = (struct ji_batch){
            .row_count = count,
            .selection_count = count,
            .column_count = columns,
            .columns = stream->batch_columns,
    };
    return JOIST_OK;
}

static void free_part(struct ji_csv_stream *stream, struct ji_csv_part *part)
{
    for (size_t i = 0; part->columns != NULL && i < stream->file.column_count; i++)
        ji_csv_column_clear(&part->columns[i]);
    ji_bytes_clear(&part->index.ends);
    ji_bytes_clear(&part->rows.padded_ends);
    ji_arena_clear(&part->arena);
}

static void clear(struct ji_text_rows *rows)
{
    struct ji_csv_stream *stream = (struct ji_csv_stream *)rows;
    for (size_t i = 0; i < stream->parts_made; i++)
        free_part(stream, &stream->parts[i]);
    ji_free(rows->mem, stream->parts, stream->parts_made * sizeof *stream->parts);
}

/* --- opening --- */

/* Every column of a part, in both sets, has two slabs, however short: many columns leave room for few. */
static void limit_parts(struct ji_csv_stream *stream)
{
    const uint64_t part_bytes = (uint64_t)stream->file.column_count * 2 * 2 * JI_SLAB_BYTES_MIN;
    const uint64_t room = ji_mem_limit(stream->base.mem) / PART_SHARE;
    ji_text_feed_limit_parts(&stream->base.feed, (size_t)ji_min_u64(room / part_bytes, SIZE_MAX));
}

/* The columns that the stream has: those of the file that are not skipped. */
static enum joist_status make_schema(struct ji_csv_stream *stream, struct joist_error *err)
{
    const struct ji_csv_file *file = &stream->file;
    struct ji_field *columns = NULL;
    size_t count = 0;
    JI_TRY(ji_arena_array(&stream->base.arena, file->column_count, sizeof *columns, &columns, err));
    JI_TRY(ji_arena_array(&stream->base.arena, file->column_count, sizeof *stream->batch_columns,
            &stream->batch_columns, err));
    JI_TRY(ji_arena_array(&stream->base.arena, file->column_count, sizeof *stream->kept, &stream->kept, err));
    for (size_t i = 0; i < file->column_count; i++) {
        if (ji_csv_is_skipped(file, i))
            continue;
        stream->kept[count] = i;
        columns[count++] = file->columns[i];
    }
    stream->base.schema = (struct ji_schema){.column_count = count, .columns = columns};
    return JOIST_OK;
}

static enum joist_status make_part_columns(
        struct ji_csv_stream *stream, struct ji_csv_part *part, struct joist_error *err)
{
    const struct ji_csv_file *file = &stream->file;
    const size_t count = file->column_count;
    JI_TRY(ji_arena_array(&stream->base.arena, count, sizeof *part->columns, &part->columns, err));
    if (file->guesses != NULL)
        JI_TRY(ji_arena_array(&stream->base.arena, count, sizeof *part->guesses, &part->guesses, err));
    for (size_t i = 0; i < count; i++) {
        struct ji_csv_column *column = &part->columns[i];
        *column = (struct ji_csv_column){.field = &file->columns[i], .mem = ji_ctx_mem(stream->base.ctx)};
        if (file->guesses == NULL || !file->guessed[i])
            continue;
        part->guesses[i] = file->guesses[i];
        column->guess = &part->guesses[i];
        column->decimals = file->decimals;
        column->provisional = stream->widening != NULL && column->field->kind == JI_STRING;
    }
    return JOIST_OK;
}

static enum joist_status make_parts(struct ji_csv_stream *stream, struct joist_error *err)
{
    limit_parts(stream);
    const size_t count = 2 * stream->base.feed.parts_max;
    JI_TRY(ji_alloc_zero(stream->base.mem, count, sizeof *stream->parts, &stream->parts, err));
    stream->parts_made = count;
    for (size_t i = 0; i < count; i++) {
        struct ji_csv_part *part = &stream->parts[i];
        ji_bytes_init(&part->index.ends, stream->base.mem);
        ji_bytes_init(&part->rows.padded_ends, stream->base.mem);
        ji_arena_init(&part->arena, stream->base.mem);
    }
    for (size_t i = 0; i < count; i++)
        JI_TRY(make_part_columns(stream, &stream->parts[i], err));
    return make_schema(stream, err);
}

static enum joist_status open_stream(struct ji_text_rows *rows, const struct joist_text_options *options,
        const struct ji_text_input *input, struct joist_error *err)
{
    struct ji_csv_stream *stream = (struct ji_csv_stream *)rows;
    struct ji_schema given;
    stream->base.feed.quote = (uint8_t)options->quote;
    stream->base.feed.check = check_begun;
    stream->base.feed.check_arg = stream;
    stream->file = (struct ji_csv_file){
            .format = {.delimiter = (uint8_t)options->delimiter, .quote = (uint8_t)options->quote},
            .has_null_text = options->null_text != NULL,
            .pad_short = options->pad_short,
            .gathers = input->tuning != NULL && input->tuning->exact,
            .decimals = options->infer_decimals,
            .arena = &stream->base.arena,
            .feed = &stream->base.feed,
    };
    stream->widening = options->widening;
    if (stream->widening != NULL)
        stream->widening->due = false;
    if (options->null_text != NULL)
        JI_TRY(ji_arena_view(
                &stream->base.arena, ji_view_of_text(options->null_text), &stream->file.null_text, err));
    const struct ji_csv_types *before = input->before;
    assert(before == NULL || !options->skip_extra);
    if (before != NULL)
        given = (struct ji_schema){.column_count = before->count, .columns = before->columns};
    else
        JI_TRY(ji_text_schema(&stream->base.arena, options, input->schema, &given, err));
    JI_TRY(ji_text_feed_open(
            &stream->base.feed, stream->base.source, (size_t)options->sample_bytes, input->tuning, err));
    JI_TRY(ji_csv_infer(&stream->file, options, &given, before, err));
    return make_parts(stream, err);
}

static const struct ji_text_form csv_form = {
        .name = "csv",
        .bytes = sizeof(struct ji_csv_stream),
        .open = open_stream,
        .parse = parse_part,
        .turned = merge_guesses,
        .fail = fail,
        .row_count = row_count,
        .column = column_of,
        .fill = fill,
        .clear = clear,
};

enum joist_status ji_csv_stream_open_tuned(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, const struct ji_schema *schema,
        const struct ji_text_tuning *tuning, struct ji_batch_stream *stream, struct joist_error *err)
{
    const struct ji_text_input input = {.source = source, .schema = schema, .tuning = tuning};
    return ji_text_rows_open(ctx, &csv_form, options, &input, stream, err);
}

enum joist_status ji_csv_stream_open(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, const struct ji_schema *schema,
        struct ji_batch_stream *stream, struct joist_error *err)
{
    return ji_csv_stream_open_tuned(ctx, source, options, schema, NULL, stream, err);
}

enum joist_status ji_csv_stream_open_behind(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, const struct ji_csv_types *before,
        struct ji_batch_stream *stream, struct joist_error *err)
{
    const struct ji_text_input input = {.source = source, .before = before};
    return ji_text_rows_open(ctx, &csv_form, options, &input, stream, err);
}

enum joist_status joist_csv_open(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_text_options *options, struct ArrowArrayStream *stream, struct joist_error *err)
{
    return ji_text_rows_export(ctx, &csv_form, source, options, stream, err);
}
