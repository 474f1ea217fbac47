/*
 * csv_infer.c - the columns of a file of CSV: names, and types from a sample
 *
 *     given schema, header      columns by name; one that the schema lacks is refused
 *     given schema, no header   columns by place; as many as the schema has
 *     no schema                 names from the header or column_1, column_2 ...; types by a sample
 *
 * The sample ends at its first flaw: the parse, which sees it too, refuses it after the good rows.
 */
#include "text/csv_read.h"
#include "text/name_order.h"

#include <stdio.h>

/* Of a column's name. */
#define NAME_BYTES_MAX ((size_t)64 << 10)

struct sample {
    struct ji_csv_index index;
    struct ji_csv_rows rows;
    struct ji_csv_fields fields;
    struct ji_view text;
    struct ji_csv_flaw flaw;
};

static const char *file_name(const struct ji_csv_file *file)
{
    return ji_source_name(&file->feed->source);
}

/* Blank lines before the header. Without one they may be rows of one column. */
static enum joist_status skip_blank_lines(struct ji_text_feed *feed, struct joist_error *err)
{
    for (;;) {
        JI_TRY(ji_text_feed_refill(feed, err));
        const struct ji_view text = ji_text_feed_sample(feed);
        if (text.size >= 1 && text.data[0] == '\n')
            ji_text_feed_skip(feed, 1, 1);
        else if (text.size >= 2 && text.data[0] == '\r' && text.data[1] == '\n')
            ji_text_feed_skip(feed, 2, 1);
        else
            return JOIST_OK;
    }
}

static enum joist_status index_sample(
        const struct ji_csv_file *file, struct sample *sample, struct joist_error *err)
{
    sample->text = ji_text_feed_sample(file->feed);
    sample->text.size = ji_min_size(sample->text.size, UINT32_MAX - 1);
    ji_csv_rows_set(&sample->rows, file);
    return ji_csv_index_build(&sample->index, sample->text, &file->format, file->level, err);
}

/* Fields of the first row. */
static size_t count_fields(const struct sample *sample)
{
    const uint32_t *ends = ji_csv_ends(&sample->index);
    for (size_t i = 0; i < sample->index.count; i++) {
        if (sample->text.data[ends[i]] == '\n')
            return i + 1;
    }
    return 0;
}

static enum joist_status make_columns(
        struct ji_csv_file *file, struct sample *sample, struct joist_error *err)
{
    const size_t count = count_fields(sample);
    if (sample->text.size == 0)
        return ji_fail(err, JOIST_ERR_INVALID, "%s: no header: the file is empty", file_name(file));
    if (count > JI_COLUMNS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "%s: %zu columns", file_name(file), count);
    if (count == 0) {
        /* Quotes that are not closed hide the end of the first row. */
        JI_TRY(ji_csv_rows_make(&sample->rows, &sample->index, sample->text, 1, &sample->flaw, err));
        return ji_csv_fail_flaw(file, &sample->index, sample->text, &sample->flaw, err);
    }
    JI_TRY(ji_csv_rows_make(&sample->rows, &sample->index, sample->text, count, &sample->flaw, err));
    JI_TRY(ji_arena_array(file->arena, count, sizeof *file->columns, &file->columns, err));
    if (sample->rows.count == 0)
        return ji_csv_fail_flaw(file, &sample->index, sample->text, &sample->flaw, err);
    for (size_t i = 0; i < count; i++) {
        struct ji_field *column = &file->columns[i];
        column->field_id = JI_FIELD_ID_NONE;
        column->nullable = true;
        JI_TRY(ji_arena_printf(file->arena, &column->name, err, "column_%zu", i + 1));
    }
    return JOIST_OK;
}

/* --- names --- */

static enum joist_status take_name(const struct ji_csv_file *file, const struct ji_csv_fields *fields,
        const char **name, struct joist_error *err)
{
    const struct ji_view raw = ji_view_of(fields->text + fields->begin[0], fields->size[0]);
    if (fields->size[0] == JI_CSV_NULL || raw.size == 0)
        return JOIST_OK;
    if (raw.size > NAME_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "%s: a column's name of %zu bytes", file_name(file), raw.size);
    if (!fields->quoted[0] && memchr(raw.data, '\r', raw.size) != NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED,
                "%s: lines end in a carriage return alone; a line feed is due", file_name(file));
    uint8_t *out = NULL;
    JI_TRY(ji_arena_alloc(file->arena, raw.size + 1, &out, err));
    size_t size = 0;
    for (size_t i = 0; i < raw.size; i++) {
        if (raw.data[i] == 0)
            return ji_fail(err, JOIST_ERR_INVALID, "%s: a column's name with a zero byte", file_name(file));
        out[size++] = raw.data[i];
        if (fields->quoted[0] && raw.data[i] == fields->quote)
            i++;
    }
    out[size] = 0;
    *name = (const char *)out;
    return JOIST_OK;
}

static enum joist_status check_names(const struct ji_csv_file *file, struct joist_error *err)
{
    const size_t count = file->column_count;
    const uint32_t *places = NULL;
    JI_TRY(ji_name_order(file->arena, file->columns, count, &places, err));
    for (size_t i = 1; i < count; i++) {
        const char *name = file->columns[places[i]].name;
        if (strcmp(file->columns[places[i - 1]].name, name) == 0)
            return ji_fail(
                    err, JOIST_ERR_INVALID, "%s: two columns are named '%.200s'", file_name(file), name);
    }
    return JOIST_OK;
}

/* Names the columns by the first row and passes over it. */
static enum joist_status take_header(struct ji_csv_file *file, struct sample *sample, struct joist_error *err)
{
    sample->rows.has_null_text = false; /* "NA" is a good name */
    for (size_t i = 0; i < file->column_count; i++) {
        if (!ji_csv_rows_gather(&sample->rows, i, 0, 1, &sample->fields))
            return ji_csv_fail(
                    file, sample->text.data, i, "text behind the closing quote", ji_view_of(NULL, 0), err);
        JI_TRY(take_name(file, &sample->fields, &file->columns[i].name, err));
    }
    JI_TRY(check_names(file, err));
    const size_t bytes = (size_t)sample->rows.ends[file->column_count - 1] + 1;
    uint64_t newlines = 0;
    for (size_t i = 0; i < bytes; i++)
        newlines += sample->text.data[i] == '\n';
    ji_text_feed_skip(file->feed, bytes, newlines);
    JI_TRY(index_sample(file, sample, err));
    return ji_csv_rows_make(
            &sample->rows, &sample->index, sample->text, file->column_count, &sample->flaw, err);
}

/* --- types --- */

static enum joist_status types_by_name(struct ji_csv_file *file, const struct joist_text_options *options,
        const struct ji_schema *given, struct joist_error *err)
{
    for (size_t i = 0; i < file->column_count; i++) {
        struct ji_field *column = &file->columns[i];
        const size_t at = ji_schema_find(given, ji_view_of_text(column->name));
        if (at != SIZE_MAX)
            *column = given->columns[at];
        else if (options->skip_extra)
            column->kind = JI_NULL;
        else
            return ji_fail(err, JOIST_ERR_INVALID, "%s: column '%.200s' is not in the schema",
                    file_name(file), column->name);
    }
    return check_names(file, err);
}

static enum joist_status types_by_place(
        struct ji_csv_file *file, const struct ji_schema *given, struct joist_error *err)
{
    if (given->column_count != file->column_count)
        return ji_fail(err, JOIST_ERR_INVALID, "%s: %zu fields a row, and the schema has %zu columns",
                file_name(file), file->column_count, given->column_count);
    memcpy(file->columns, given->columns, file->column_count * sizeof *file->columns);
    return JOIST_OK;
}

/* Doubled quotes need no second look: a text that holds one is a string either way. */
static void guess_column(struct sample *sample, size_t column, struct ji_type_guess *guess)
{
    struct ji_csv_fields *fields = &sample->fields;
    ji_type_guess_init(guess);
    for (size_t first = 0; first < sample->rows.count; first += JI_CSV_CHUNK) {
        const size_t count = ji_min_size(JI_CSV_CHUNK, sample->rows.count - first);
        const bool whole = ji_csv_rows_gather(&sample->rows, column, first, count, fields);
        for (size_t i = 0; i < fields->count; i++) {
            if (fields->size[i] != JI_CSV_NULL)
                ji_type_guess_add(guess, ji_view_of(fields->text + fields->begin[i], fields->size[i]));
        }
        if (!whole)
            break;
    }
}

static enum joist_status guess_types(struct ji_csv_file *file, struct sample *sample, struct joist_error *err)
{
    const size_t count = file->column_count;
    JI_TRY(ji_arena_array(file->arena, count, sizeof *file->guesses, &file->guesses, err));
    JI_TRY(ji_arena_array(file->arena, count, sizeof *file->guessed, &file->guessed, err));
    for (size_t i = 0; i < count; i++) {
        guess_column(sample, i, &file->guesses[i]);
        ji_type_guess_field(&file->guesses[i], file->decimals, &file->columns[i]);
        file->guessed[i] = true;
    }
    return JOIST_OK;
}

static enum joist_status infer_with(struct ji_csv_file *file, struct sample *sample,
        const struct joist_text_options *options, const struct ji_schema *given,
        const struct ji_csv_types *before, struct joist_error *err)
{
    JI_TRY(index_sample(file, sample, err));
    JI_TRY(make_columns(file, sample, err));
    file->column_count = sample->rows.columns;
    if (!options->no_header)
        JI_TRY(take_header(file, sample, err));
    if (given->column_count > 0 && options->no_header) {
        JI_TRY(types_by_place(file, given, err));
    } else if (given->column_count > 0) {
        JI_TRY(types_by_name(file, options, given, err));
    } else {
        JI_TRY(guess_types(file, sample, err));
    }
    if (before != NULL)
        JI_TRY(ji_csv_types_give(file, before, !options->no_header, err));
    JI_TRY(ji_text_override_types(
            file->arena, options, file->columns, file->column_count, file->guessed, err));
    for (size_t i = 0; i < file->column_count; i++) {
        if (!ji_csv_is_skipped(file, i))
            JI_TRY(ji_csv_column_check(&file->columns[i], err));
    }
    return JOIST_OK;
}

enum joist_status ji_csv_infer(struct ji_csv_file *file, const struct joist_text_options *options,
        const struct ji_schema *given, const struct ji_csv_types *before, struct joist_error *err)
{
    struct sample *sample = NULL;
    if (!options->no_header)
        JI_TRY(skip_blank_lines(file->feed, err));
    JI_TRY(ji_alloc_zero(file->feed->mem, 1, sizeof *sample, &sample, err));
    ji_bytes_init(&sample->index.ends, file->feed->mem);
    ji_bytes_init(&sample->rows.padded_ends, file->feed->mem);
    const enum joist_status status = infer_with(file, sample, options, given, before, err);
    ji_bytes_clear(&sample->index.ends);
    ji_bytes_clear(&sample->rows.padded_ends);
    ji_free(file->feed->mem, sample, sizeof *sample);
    return status;
}
