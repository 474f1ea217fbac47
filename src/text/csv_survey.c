/*
 * csv_survey.c - the types that hold all of a file, where those of its sample do not
 *
 *     sample ... rounds that fitted | the round that failed ... end of the source
 *     guess      no need to look      every part: texts that do not fit are added to the guess
 *
 *   1. Types only climb (type_guess.h): what fitted before fits still, so only the rest is read, once.
 *   2. Parts of a round begin with the same guess and are merged behind it: neither threads nor cuts change
 *      what comes out.
 *   3. What no type would save is what the stream fails with, its first row first.
 *
 * The parts convert as they do for batches, which is far quicker than to guess from each text, and throw the
 * values away.
 */
#include "text/csv_read.h"

#include "arrow/arrow_schema.h"

struct survey {
    struct ji_csv_stream *stream;
    struct ji_field *columns; /* of the file: as wide as the rounds so far want them */
    struct ji_type_guess *guesses;
    bool *strict; /* a column that began without a text: decimals are held to the digits of the first */
};

/* Whether the text makes another type of the column's. */
static bool widen(const struct survey *survey, struct ji_field *field, struct ji_type_guess *guess,
        const struct ji_csv_fields *fields, size_t bad)
{
    const struct ji_field before = *field;
    if (fields->size[bad] == JI_CSV_NULL)
        return false;
    ji_type_guess_add(guess, ji_view_of(fields->text + fields->begin[bad], fields->size[bad]));
    ji_type_guess_field(guess, survey->stream->file.decimals, field);
    return field->kind != before.kind || field->utc != before.utc || field->scale != before.scale;
}

static bool is_provisional(const struct ji_field *field, const struct ji_type_guess *guess)
{
    return field->kind == JI_STRING && !ji_type_guess_is_settled(guess);
}

/* Most chunks are runs of common fields from end to end. */
static bool is_one_run(struct ji_csv_part *part, size_t i, size_t first, size_t count)
{
    struct ji_csv_column *column = &part->columns[i];
    struct ji_csv_lane lane;
    return ji_csv_rows_lane(&part->rows, i, first, count, &lane) && ji_csv_column_can_run(column, &lane) &&
            ji_csv_column_run(column, part->rows.kernels, &lane, 0, first) == count;
}

/* Up to JI_CSV_CHUNK rows; `trouble` where no type helps. */
static enum joist_status survey_chunk(const struct survey *survey, struct ji_csv_part *part, size_t i,
        size_t first, struct ji_csv_trouble *trouble)
{
    struct ji_csv_fields fields;
    struct ji_csv_column *column = &part->columns[i];
    const size_t end = ji_min_size(part->rows.count, trouble->row);
    const size_t count = ji_min_size(JI_CSV_CHUNK, end - first);
    if (is_one_run(part, i, first, count))
        return JOIST_OK;
    if (!ji_csv_rows_gather(&part->rows, i, first, count, &fields))
        ji_csv_note_quote(part, &fields, first, i, trouble);
    for (;;) {
        size_t bad = 0;
        struct joist_error reason = {.status = JOIST_OK};
        const enum joist_status status =
                ji_csv_column_convert(column, &fields, first, &part->arena, &bad, &reason);
        if (status == JOIST_OK)
            return JOIST_OK;
        if (status == JOIST_ERR_INVALID && column->guess != NULL &&
                widen(survey, &part->fields[i], column->guess, &fields, bad)) {
            column->provisional = is_provisional(column->field, column->guess);
            JI_TRY(ji_csv_column_begin(column, part->rows.count, &trouble->reason));
            continue;
        }
        trouble->reason = reason;
        if (status != JOIST_ERR_INVALID)
            return status;
        ji_csv_note_value(&fields, first, bad, i, trouble);
        return JOIST_OK;
    }
}

static enum joist_status survey_column(
        const struct survey *survey, struct ji_csv_part *part, size_t i, struct ji_csv_trouble *trouble)
{
    struct ji_csv_column *column = &part->columns[i];
    part->fields[i] = survey->columns[i];
    part->guesses[i] = survey->guesses[i];
    column->field = &part->fields[i];
    column->strict = survey->strict[i];
    column->provisional = is_provisional(column->field, &part->guesses[i]);
    JI_TRY(ji_csv_column_begin(column, part->rows.count, &trouble->reason));
    for (size_t first = 0; first < ji_min_size(part->rows.count, trouble->row); first += JI_CSV_CHUNK)
        JI_TRY(survey_chunk(survey, part, i, first, trouble));
    return JOIST_OK;
}

static enum joist_status survey_part(void *arg, size_t index, struct joist_error *err)
{
    const struct survey *survey = arg;
    struct ji_csv_stream *stream = survey->stream;
    struct ji_csv_part *part = &stream->parts[stream->base.parsing + index];
    struct ji_text_part *bytes = &stream->base.feed.parts[index];
    const struct ji_csv_file *file = &stream->file;
    struct ji_csv_trouble trouble = {.row = SIZE_MAX};
    struct ji_csv_flaw flaw;
    JI_TRY(ji_csv_part_rows(stream, part, bytes, &flaw, err));
    for (size_t i = 0; i < file->column_count; i++) {
        if (ji_csv_is_skipped(file, i))
            continue;
        const enum joist_status status = survey_column(survey, part, i, &trouble);
        if (status != JOIST_OK) {
            if (err != NULL)
                *err = trouble.reason;
            return status;
        }
    }
    if (trouble.row != SIZE_MAX)
        return ji_csv_fail(file, trouble.at, trouble.column, trouble.reason.text, trouble.value, err);
    if (flaw.at != SIZE_MAX)
        return ji_csv_fail_flaw(file, &part->index, ji_view_of(bytes->begin, bytes->size), &flaw, err);
    return JOIST_OK;
}

static void merge_round(struct survey *survey)
{
    const struct ji_csv_stream *stream = survey->stream;
    for (size_t i = 0; i < stream->file.column_count; i++) {
        if (!stream->file.guessed[i])
            continue;
        for (size_t part = 0; part < stream->base.feed.part_count; part++)
            ji_type_guess_merge(&survey->guesses[i], &stream->parts[stream->base.parsing + part].guesses[i]);
        ji_type_guess_field(&survey->guesses[i], stream->file.decimals, &survey->columns[i]);
    }
}

static enum joist_status begin_survey(struct survey *survey, struct joist_error *err)
{
    const struct ji_csv_file *file = &survey->stream->file;
    struct ji_arena *arena = file->arena;
    const size_t count = file->column_count;
    JI_TRY(ji_arena_array(arena, count, sizeof *survey->columns, &survey->columns, err));
    JI_TRY(ji_arena_array(arena, count, sizeof *survey->guesses, &survey->guesses, err));
    JI_TRY(ji_arena_array(arena, count, sizeof *survey->strict, &survey->strict, err));
    memcpy(survey->columns, file->columns, count * sizeof *survey->columns);
    memcpy(survey->guesses, file->guesses, count * sizeof *survey->guesses);
    for (size_t i = 0; i < count; i++)
        survey->strict[i] = file->guessed[i] && is_provisional(&file->columns[i], &file->guesses[i]);
    for (size_t part = 0; part < survey->stream->parts_made; part++)
        JI_TRY(ji_arena_array(
                arena, count, sizeof(struct ji_field), &survey->stream->parts[part].fields, err));
    ji_text_feed_again(&survey->stream->base.feed);
    return JOIST_OK;
}

static enum joist_status survey_rest(struct survey *survey, struct joist_error *err)
{
    struct ji_text_feed *feed = &survey->stream->base.feed;
    do {
        JI_TRY(ji_text_feed_round(feed, survey_part, survey, err));
        merge_round(survey);
    } while (feed->part_count > 0);
    return JOIST_OK;
}

enum joist_status ji_csv_survey(
        struct ji_csv_stream *stream, enum joist_status status, struct joist_error *err)
{
    struct survey survey = {.stream = stream};
    struct joist_error worse;
    enum joist_status surveyed = begin_survey(&survey, &worse);
    if (surveyed == JOIST_OK)
        surveyed = survey_rest(&survey, &worse);
    const struct ji_schema wider = {.column_count = stream->file.column_count, .columns = survey.columns};
    if (surveyed == JOIST_OK)
        surveyed = ji_schema_hand_out(stream->base.ctx, &wider, &stream->widening->schema, &worse);
    if (surveyed == JOIST_OK) {
        stream->widening->due = true;
        stream->surveyed = (struct ji_csv_types){
                wider.column_count, survey.columns, survey.guesses, stream->file.guessed};
        return status;
    }
    if (err != NULL)
        *err = worse;
    return surveyed;
}
